"""SEs and SDs from limits, p and t: round trips, raw data by scipy, the Handbook's examples."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metarel.convert import recover_spread as spread
from metarel.printed import Printed

RNG = np.random.default_rng(20)
ONE = RNG.normal(3.0, 2.0, 13)
TWO = RNG.normal(1.0, 2.5, 22)


@pytest.mark.parametrize("normal", [False, True])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_sd_to_limits_and_back(level: float, normal: bool) -> None:
    sd, n = np.array([0.3, 5.0, 120.0]), np.array([4.0, 25.0, 400.0])
    reference = stats.norm if normal else stats.t(n - 1)
    half = reference.ppf((1 + level) / 2) * sd / np.sqrt(n)
    found = spread.sd_from_ci(1 - half, 1 + half, n, level, normal=normal)
    np.testing.assert_allclose(found, sd, rtol=1e-13)


def test_one_group_of_raw_data() -> None:
    """Limits, t, p and SE of scipy lead back to numpy's SD."""
    n, sd, test = len(ONE), ONE.std(ddof=1), stats.ttest_1samp(ONE, 0.0)
    limits = test.confidence_interval(0.9)
    assert spread.sd_from_ci(limits.low, limits.high, n, 0.9) == pytest.approx(sd, rel=1e-13)
    assert spread.sd_from_t(ONE.mean(), -test.statistic, n) == pytest.approx(sd, rel=1e-13)
    assert spread.sd_from_p(ONE.mean(), test.pvalue, n) == pytest.approx(sd, rel=1e-11)
    assert spread.sd_from_se(stats.sem(ONE), n) == pytest.approx(sd, rel=1e-13)


def test_two_groups_of_raw_data() -> None:
    sizes = len(ONE), len(TWO)
    pooled = np.sqrt(((sizes[0] - 1) * ONE.var(ddof=1) + (sizes[1] - 1) * TWO.var(ddof=1)) / 33)
    difference, test = ONE.mean() - TWO.mean(), stats.ttest_ind(ONE, TWO)
    limits = test.confidence_interval(0.95)
    se = difference / test.statistic
    for found in (
        spread.pooled_sd_from_ci(limits.low, limits.high, *sizes),
        spread.pooled_sd_from_t(difference, test.statistic, *sizes),
        spread.pooled_sd_from_p(difference, test.pvalue, *sizes),
        spread.pooled_sd_from_se(se, *sizes),
    ):
        assert found == pytest.approx(pooled, rel=1e-11)
    wide = stats.norm.ppf(0.975) * se
    normal = spread.pooled_sd_from_ci(-wide, wide, *sizes, normal=True)
    assert normal == pytest.approx(pooled, rel=1e-13)


def test_handbook_mean_difference() -> None:
    """MD 3.8 with p = 0.008 and 45 degrees of freedom: t 2.78, SE 1.37."""
    se = spread.se_from_p(3.8, 0.008, 45.0)
    assert Printed("2.78").contains(float(3.8 / se))
    assert Printed("1.37").contains(float(se))


def test_handbook_divisors() -> None:
    """3.92, 3.29 and 5.15 for large samples; 4.128 for a group of 25."""
    for level, printed in ((0.95, "3.92"), (0.90, "3.29"), (0.99, "5.15")):
        assert Printed(printed).contains(float(1 / spread.se_from_ci(0.0, 1.0, level)))
    assert Printed("4.128").contains(float(5 / spread.sd_from_ci(0.0, 1.0, 25.0)))


def test_far_tails_keep_their_digits() -> None:
    p = 1e-250
    t = spread.se_from_p(1.0, p) ** -1
    assert 2 * stats.norm.sf(t) == pytest.approx(p, rel=1e-10)


@pytest.mark.parametrize(
    "found",
    [
        spread.se_from_t(np.array([2.0, 0.0, np.nan]), np.array([0.0, 1.0, 1.0])),
        spread.se_from_p(np.array([2.0, 0.0]), np.array([1.0, 0.5]), 10.0),
        spread.sd_from_ci(np.array([np.nan]), np.array([1.0]), np.array([9.0])),
    ],
)
def test_what_says_nothing_is_missing(found: np.ndarray) -> None:
    assert np.isnan(found).all()
