"""Single groups: parts that add up, exact moments, limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from metarel.effects.compute import effect_sizes

GROUP = {"mean": 10.2, "sd": 2.8, "n": 27}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_by_hand() -> None:
    assert effect("MN", **GROUP) == pytest.approx((10.2, 2.8**2 / 27), rel=1e-14)
    assert effect("MNLN", **GROUP) == pytest.approx((np.log(10.2), 2.8**2 / (27 * 10.2**2)))
    d, v = effect("SMN", **GROUP, correct=False)
    assert d == pytest.approx(10.2 / 2.8, rel=1e-14)
    assert v == pytest.approx(1 / 27 + d**2 / 54, rel=1e-14)


def test_log_cv_is_log_sd_minus_log_mean() -> None:
    cv, sd, mean = (effect(c, **GROUP) for c in ("CVLN", "SDLN", "MNLN"))
    assert cv[0] == pytest.approx(sd[0] - mean[0], rel=1e-13)
    assert cv[1] == pytest.approx(sd[1] + mean[1], rel=1e-13)


def test_corrected_log_sd_is_nearly_unbiased() -> None:
    """E log sd = log sigma + (ψ((n − 1)/2) − log((n − 1)/2))/2 in normal samples."""
    n = 12
    bias = (special.digamma((n - 1) / 2) - np.log((n - 1) / 2)) / 2
    corrected = effect("SDLN", sd=1.0, n=n)[0]
    assert abs(bias + corrected) < abs(bias) / 20


def test_mean_over_its_sd_is_the_change_over_the_sd_of_changes() -> None:
    change = effect("SMCC", m1=10.2, sd1=2.8, m2=0.0, sd2=0.0, r=0.0, n=27)
    assert effect("SMN", **GROUP) == pytest.approx(change, rel=1e-13)


def test_pooled_rule_reduces_to_the_single_one() -> None:
    same = effect_sizes(None, "MN", mean=[1, 2], sd=2.8, n=[27, 9], variance="HO")
    np.testing.assert_allclose(same["vi"], [2.8**2 / 27, 2.8**2 / 9], rtol=1e-14)


def test_zero_spread_has_no_standardised_mean() -> None:
    with pytest.raises(ValueError, match=r"`sd` must be positive; row 0 is 0"):
        effect("SMN", mean=3, sd=0, n=9)
