"""Log ratios of means and of spreads: identities between them, moments, limits."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.effects.compute import effect_sizes

GROUPS = {"m1": 12.1, "sd1": 3.1, "n1": 20, "m2": 10.2, "sd2": 2.8, "n2": 27}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_by_hand_with_and_without_correction() -> None:
    plain, v = effect("ROM", **GROUPS, correct=False)
    assert plain == pytest.approx(np.log(12.1 / 10.2), rel=1e-14)
    first, second = 3.1**2 / (20 * 12.1**2), 2.8**2 / (27 * 10.2**2)
    assert v == pytest.approx(first + second, rel=1e-14)
    assert effect("ROM", **GROUPS)[0] == pytest.approx(plain + (first - second) / 2, rel=1e-14)


def test_correction_removes_the_bias_of_small_samples() -> None:
    """The mean of the corrected log ratio over many samples is the log ratio of the means."""
    rng = np.random.default_rng(11)
    k, n1, n2 = 200_000, 5, 12
    samples = {
        "m1": rng.normal(10, 3 / np.sqrt(n1), k),
        "sd1": 3 * np.sqrt(rng.chisquare(n1 - 1, k) / (n1 - 1)),
        "n1": n1,
        "m2": rng.normal(8, 1 / np.sqrt(n2), k),
        "sd2": np.sqrt(rng.chisquare(n2 - 1, k) / (n2 - 1)),
        "n2": n2,
    }
    error = {
        correct: effect_sizes(None, "ROM", **samples, correct=correct)["yi"].mean() - np.log(1.25)
        for correct in (True, False)
    }
    assert error[False] < -0.008
    assert abs(error[True]) < 0.0015


def test_means_of_opposite_sign_have_no_ratio() -> None:
    assert np.isnan(effect("ROM", **{**GROUPS, "m2": -10.2})).any()
    both = {**GROUPS, "m1": -12.1, "m2": -10.2}
    assert effect("ROM", **both) == effect("ROM", **GROUPS)


def test_equal_coefficients_of_variation_unite_the_rules() -> None:
    same = {"m1": 10.0, "sd1": 2.0, "n1": 20, "m2": 8.0, "sd2": 1.6, "n2": 30}
    v = effect("ROM", **same)[1]
    assert effect("ROM", **same, variance="AV")[1] == pytest.approx(v, rel=1e-14)
    assert effect("ROM", **same, variance="AVHO")[1] == pytest.approx(v, rel=1e-14)
    assert effect("ROM", **same, variance="LS2")[1] == pytest.approx(v, rel=2e-3)
    assert effect("ROM", **{**same, "sd1": 1.6}, variance="HO")[1] == pytest.approx(
        effect("ROM", **{**same, "sd1": 1.6})[1], rel=1e-13
    )
