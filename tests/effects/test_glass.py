"""Glass's difference: what sets the unit, and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metarel.effects.compute import effect_sizes

GROUPS = {"m1": 12.1, "sd1": 3.1, "n1": 20, "m2": 10.2, "sd2": 2.8, "n2": 27}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_by_hand() -> None:
    d, _ = effect("SMD1", **GROUPS, correct=False)
    assert d == pytest.approx(1.9 / 2.8, rel=1e-14)
    g, v = effect("SMD1", **GROUPS, correct="approximate")
    assert g == pytest.approx(d * (1 - 3 / (4 * 26 - 1)), rel=1e-14)
    assert v == pytest.approx(1 / 20 + 1 / 27 + g**2 / 54, rel=1e-14)


def test_the_spread_of_group_1_is_not_needed() -> None:
    without = {word: value for word, value in GROUPS.items() if word != "sd1"}
    assert effect("SMD1", **without) == effect("SMD1", **GROUPS)


def test_mirroring_the_scale_turns_the_sign() -> None:
    mirrored = {**GROUPS, "m1": -12.1, "m2": -10.2}
    for code in ("SMD1", "SMD1H"):
        yi, vi = effect(code, **GROUPS)
        assert effect(code, **mirrored) == pytest.approx((-yi, vi), rel=1e-14)


def test_equal_spreads_unite_the_two_variances_in_large_samples() -> None:
    large = {**GROUPS, "sd1": 2.8, "n1": 2e7, "n2": 3e7}
    assert effect("SMD1H", **large) == pytest.approx(effect("SMD1", **large), rel=1e-6)


def test_null_and_unbiased_rules_follow_student() -> None:
    m = 26
    factor = effect("SMD1", **GROUPS)[0] / effect("SMD1", **GROUPS, correct=False)[0]
    null = effect("SMD1", **GROUPS, variance="H0")[1]
    assert null == pytest.approx(factor**2 * (1 / 20 + 1 / 27) * stats.t(m).var(), rel=1e-12)
    equal = {**GROUPS, "m1": 10.2}
    assert effect("SMD1", **equal, variance="UB")[1] == pytest.approx(1 / 20 + 1 / 27, rel=1e-13)
    ratio = effect("SMD1", **GROUPS, variance="UB", correct=False)[1]
    assert ratio * factor**2 == pytest.approx(effect("SMD1", **GROUPS, variance="UB")[1])
    assert np.isfinite(ratio)
