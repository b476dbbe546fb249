"""Dominance: Mann and Whitney's U, normal groups, bounds."""

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


def test_null_variance_is_that_of_u() -> None:
    """scipy's asymptotic Mann–Whitney z is (U/(n1 n2) − 1/2)/√vi."""
    rng = np.random.default_rng(7)
    x, y = rng.normal(0.3, 1, 14), rng.normal(0, 1, 22)
    u, p = stats.mannwhitneyu(x, y, method="asymptotic", use_continuity=False)
    auc, v = effect("CLES", auc=u / (14 * 22), n1=14, n2=22, variance="H0")
    assert 2 * stats.norm.sf(abs(auc - 0.5) / v**0.5) == pytest.approx(p, rel=1e-10)


def test_hanley_mcneil_variance_is_exact_for_exponential_groups() -> None:
    """With (n1 − 1)(n2 − 1) taken back to n1 n2, by the moments of exponential distributions."""
    n1, n2, theta = 12, 17, 0.7
    v = effect("CLES", auc=theta, n1=n1, n2=n2, variance="LS2")[1] * (n1 - 1) * (n2 - 1)
    both_above, both_below = theta / (2 - theta), 2 * theta**2 / (1 + theta)
    expected = (
        theta * (1 - theta)
        + (n1 - 1) * (both_above - theta**2)
        + (n2 - 1) * (both_below - theta**2)
    )
    assert v == pytest.approx(expected, rel=1e-14)


def test_newcombe_is_hanley_for_equal_groups() -> None:
    same = {"auc": 0.7, "n1": 15, "n2": 15}
    assert effect("CLES", **same)[1] == pytest.approx(
        effect("CLES", **same, variance="LS2")[1], rel=1e-14
    )


def test_ties_reduce_only_the_rule_that_knows_them() -> None:
    tied = {"auc": 0.7, "n1": 15, "n2": 20, "ties": 0.1}
    free = {"auc": 0.7, "n1": 15, "n2": 20}
    assert effect("CLES", **tied) == effect("CLES", **free)
    gap = effect("CLES", **free, variance="LS2")[1] - effect("CLES", **tied, variance="LS2")[1]
    assert gap == pytest.approx(0.1 / 4 / (14 * 19), rel=1e-10)


def test_nothing_exceeds_the_bound() -> None:
    for auc in (0.5, 0.7, 0.95):
        rows = {"auc": auc, "n1": 150, "n2": 200}
        bound = effect("CLES", **rows, variance="MAX")[1]
        assert effect("CLES", **rows)[1] < bound
        assert effect("CLES", **rows, variance="LS2")[1] < bound


def test_normal_dominance_by_the_difference_of_two_people() -> None:
    expected = stats.norm.cdf(1.9 / np.hypot(3.1, 2.8))
    assert effect("CLESN", **GROUPS)[0] == pytest.approx(expected, rel=1e-14)
    d = effect("SMD", **GROUPS, correct=False)[0]
    assert effect("CLESN", **GROUPS, variance="HO")[0] == pytest.approx(
        stats.norm.cdf(d / 2**0.5), rel=1e-14
    )


def test_normal_variances_are_the_delta_method_on_d() -> None:
    """Rules LS, LS2 and LS3 come from those of SMDH, HO from that of SMD, all uncorrected."""
    for ours, measure, rule in (
        ("LS", "SMDH", "LS"),
        ("LS2", "SMDH", "LS2"),
        ("LS3", "SMDH", "LS3"),
        ("HO", "SMD", "LS"),
    ):
        d, v = effect(measure, **GROUPS, variance=rule, correct=False)
        slope = stats.norm.pdf(d / 2**0.5) / 2**0.5
        found = effect("CLESN", **GROUPS, variance=ours)[1]
        assert found == pytest.approx(v * slope**2, rel=1e-12)
    pairs = {"m1": 12.1, "sd1": 3.1, "m2": 10.2, "sd2": 2.8, "r": 0.6, "n": 27}
    d, v = effect("SMCRPH", **pairs, correct=False)
    assert effect("CLESCN", **pairs) == pytest.approx(
        (stats.norm.cdf(d / 2**0.5), v * (stats.norm.pdf(d / 2**0.5) / 2**0.5) ** 2), rel=1e-12
    )


def test_other_inputs_assume_equal_spreads() -> None:
    d, v = effect("SMD", **GROUPS, correct=False)
    sizes = {"n1": 20, "n2": 27}
    equal = effect("CLESN", **GROUPS, variance="HO")
    assert effect("CLESN", d=d, **sizes) == pytest.approx(equal, rel=1e-12)
    assert effect("CLESN", auc=equal[0], **sizes) == pytest.approx(equal, rel=1e-12)
    assert v > 0
    # With the spreads beside it, a given area has the variance of unequal spreads.
    auc, v_free = effect("CLESN", **GROUPS)
    known = effect("CLESN", auc=auc, sd1=3.1, sd2=2.8, **sizes)
    assert known == pytest.approx((auc, v_free), rel=1e-12)


def test_aliases() -> None:
    for alias, code in (("AUC", "CLES"), ("AUCN", "CLESN")):
        inputs = {"auc": 0.7, "n1": 15, "n2": 20}
        assert effect_sizes(None, alias, **inputs).attrs["measure"] == code
