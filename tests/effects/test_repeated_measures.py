"""d_rm and d_av: the fork of paired effects, reductions, other inputs."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.effects.compute import effect_sizes

PAIRS = {"m1": 5.0, "sd1": 10.0, "m2": 0.0, "sd2": 12.0, "r": 0.8, "n": 30}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_four_units_of_one_change() -> None:
    """A change of 5 with SDs 10 and 12 and r = 0.8: by hand."""
    for code, by_hand in (("SMCC", 0.693), ("DAV", 0.455), ("DRM", 0.439), ("SMCR", 0.500)):
        assert effect(code, **PAIRS, correct=False)[0] == pytest.approx(by_hand, abs=5e-4)


def test_half_a_correlation_makes_d_rm_the_change_over_its_sd() -> None:
    half = {**PAIRS, "r": 0.5}
    assert effect("DRM", **half)[0] == pytest.approx(effect("SMCC", **half)[0], rel=1e-13)
    assert effect("DRM", **half, variance="BORENSTEIN")[1] == pytest.approx(
        effect("SMCC", **half, variance="LS2")[1], rel=1e-13
    )


def test_equal_spreads_unite_the_measures() -> None:
    same = {**PAIRS, "sd2": 10.0}
    raw = {"correct": False}
    average = effect("SMCRP", **same, **raw)
    assert effect("DRM", **same, **raw) == pytest.approx(average, rel=1e-13)
    assert effect("DRM", **same, **raw, variance="HO") == pytest.approx(average, rel=1e-13)
    assert effect("DAV", **same, **raw) == pytest.approx(average, rel=1e-13)


def test_d_rm_variance_by_numerical_delta_method() -> None:
    """Slopes of d_rm in the difference and the three moments, whose covariance is Wishart's."""
    sd1, sd2, r, n = 10.0, 15.0, 0.8, 10**6
    moments = np.array([sd1**2, sd2**2, r * sd1 * sd2])

    def d_rm(at: np.ndarray) -> float:
        difference, first, second, shared = at
        rho = shared / np.sqrt(first * second)
        return difference * np.sqrt(2 * (1 - rho) / (first + second - 2 * shared))

    at = np.array([5.0, *moments])
    steps = np.eye(4) * 1e-4 * at
    slopes = np.array([(d_rm(at + e) - d_rm(at - e)) / (2 * e.sum()) for e in steps])
    cov = np.array([[moments[0], moments[2]], [moments[2], moments[1]]])
    pairs = [(0, 0), (1, 1), (0, 1)]
    spread = np.zeros((4, 4))
    spread[0, 0] = moments[0] + moments[1] - 2 * moments[2]
    for a, (i, j) in enumerate(pairs):
        for b, (k, m) in enumerate(pairs):
            spread[a + 1, b + 1] = cov[i, k] * cov[j, m] + cov[i, m] * cov[j, k]
    words = {"m1": 5.0, "sd1": sd1, "m2": 0.0, "sd2": sd2, "r": r, "n": n}
    found = effect("DRM", **words, correct=False)[1]
    assert found == pytest.approx(slopes @ spread @ slopes / n, rel=1e-6)
    assert effect("DRM", **words, variance="HO")[1] < 0.9 * found


def test_d_av_variance_is_that_of_unequal_spreads_in_the_limit_of_equal_ones() -> None:
    near = {**PAIRS, "sd2": 10.0001, "n": 10**7}
    assert effect("DAV", **near)[1] == pytest.approx(effect("SMCRPH", **near)[1], rel=1e-6)


def test_t_and_p_and_d_say_the_same_as_means() -> None:
    whole = effect("DRM", **PAIRS)
    same = effect("DRM", **PAIRS, variance="HO")
    z = effect("SMCC", **PAIRS, correct=False)[0]
    assert whole[0] == same[0]
    for words in ({"d": z}, {"t": z * 30**0.5}):
        # Without SDs they are taken to be equal.
        for rule in ("LS", "HO"):
            found = effect("DRM", **words, r=0.8, n=30, variance=rule)
            assert found == pytest.approx(same, rel=1e-12)
    with pytest.raises(ValueError, match="DRM needs"):
        effect("DRM", t=2.0, n=30)


def test_both_follow_the_larger_first_measurement() -> None:
    mirrored = {**PAIRS, "m1": -5.0}
    for code in ("DRM", "DAV"):
        yi, vi = effect(code, **PAIRS)
        assert effect(code, **mirrored) == pytest.approx((-yi, vi), rel=1e-14)
        assert np.sign(yi) == 1
