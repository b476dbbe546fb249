"""Typed and rank correlations: the bivariate normal itself, raw samples, printed rules."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metarel.convert.path import convert
from metarel.errors import InputError


def orthant(r: float) -> float:
    """Return the chance that two standard normals of correlation r are both negative."""
    return stats.multivariate_normal([0, 0], [[1, r], [r, 1]]).cdf([0, 0])


@pytest.mark.parametrize("r", [-0.8, -0.2, 0.35, 0.9])
def test_rank_correlations_of_the_bivariate_normal(r):
    """tau = 4 P − 1 over pairs; rho = 12 P − 3 over triples, whose differences correlate r/2."""
    assert convert(4 * orthant(r) - 1, "kendall", "r") == pytest.approx(r, abs=1e-7)
    assert convert(12 * orthant(r / 2) - 3, "spearman", "r") == pytest.approx(r, abs=1e-7)


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_cut_variable_from_the_truncated_normal(share):
    """The mean of y among those above the cut of x is r·φ/p: no formula of ours."""
    r = 0.4
    above = r * stats.truncnorm(stats.norm.isf(share), np.inf).mean()
    below = -above * share / (1 - share)
    r_pb = (above - below) * np.sqrt(share * (1 - share))
    assert convert(r, "r", "r_pb", base_rate=share) == pytest.approx(r_pb, rel=1e-12)
    assert convert(r_pb, "r_pb", "r_bis", base_rate=share) == pytest.approx(r, rel=1e-12)
    assert convert(r_pb, "r_pb", "r", base_rate=share) == pytest.approx(r, rel=1e-12)


def test_sizes_are_a_share():
    by_sizes = convert(0.3, "r_pb", "r_bis", rule="exact", n1=15, n2=45)
    assert by_sizes == convert(0.3, "r_pb", "r_bis", base_rate=0.25)
    assert convert(0.3, "r_pb", "r_bis") == convert(0.3, "r_pb", "r_bis", base_rate=0.5)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("equal-groups", {}),
        ("exact", {"n1": 9, "n2": 31}),
        ("base-rate", {"base_rate": 0.1}),
        ("base-rate-n", {"n1": 9, "n2": 31}),
    ],
)
def test_point_biserial_is_r_under_the_same_rule(rule, words):
    r = np.array([-0.6, 0.0, 0.3])
    d = convert(r, "r_pb", "d", rule=rule, **words)
    np.testing.assert_array_equal(d, convert(r, "r", "d", rule=rule, **words))
    np.testing.assert_array_equal(
        convert(d, "d", "r_pb", rule=rule, **words), convert(d, "d", "r", rule=rule, **words)
    )


def test_biserial_is_what_the_dichotomised_rule_says():
    sizes = {"n1": 20, "n2": 80}
    assert convert(0.5, "d", "r_bis") == convert(0.5, "d", "r", rule="dichotomised")
    assert convert(0.5, "d", "r_bis", rule="exact", **sizes) == convert(
        0.5, "d", "r", rule="dichotomised-n", **sizes
    )


def test_a_biserial_correlation_may_exceed_one_but_not_what_is_left_of_it():
    assert convert(1.1, "r_bis", "r_pb") == pytest.approx(1.1 * np.sqrt(2 / np.pi))
    assert convert(convert(1.1, "r_bis", "d"), "d", "r_bis") == pytest.approx(1.1)
    with pytest.raises(InputError, match="must be a number"):
        convert(1.3, "r_bis", "d")
    with pytest.raises(InputError, match="This is r_pb by rule 'base-rate'"):
        convert(1.3, "r_bis", "r_pb")


def test_point_biserial_of_raw_groups():
    rng = np.random.default_rng(5)
    group = np.r_[np.ones(12), np.zeros(30)]
    y = rng.normal(size=42) + 0.7 * group
    t = stats.ttest_ind(y[:12], y[12:]).statistic
    d = convert(t, "t", "d", n1=12, n2=30)
    assert convert(d, "d", "r_pb", rule="exact", n1=12, n2=30) == pytest.approx(
        stats.pointbiserialr(group, y).statistic, rel=1e-12
    )


def test_slope_of_peterson_and_brown():
    found = convert([-0.5, -0.1, 0.0, 0.1, 0.5], "beta", "r")
    np.testing.assert_allclose(found, [-0.5, -0.1, 0.05, 0.15, 0.55], rtol=1e-15)
    fitted = convert([-0.3, 0.3], "beta", "r", rule="peterson-brown-fitted")
    np.testing.assert_allclose(fitted, [-0.294, 0.344], rtol=1e-15)
    with pytest.raises(InputError, match=r"`value` must be a number in \[-0.5, 0.5\]"):
        convert(0.6, "beta", "r")


def test_q_is_a_difference_of_two_z():
    found = convert(0.5, "r", "cohen_q", other=0.25)
    assert found == pytest.approx(np.arctanh(0.5) - np.arctanh(0.25))
    assert convert(0.25, "r", "cohen_q", other=0.5) == pytest.approx(-found)
    with pytest.raises(InputError, match=r"`other` must be a number in \(-1, 1\)"):
        convert(0.5, "r", "cohen_q", other=1.0)
