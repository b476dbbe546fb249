"""Point-biserial and biserial correlations against raw data and the t test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from metarel.effects.compute import effect_sizes


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def two_groups() -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    """Return a 0/1 variable, an outcome, and the summary of the groups."""
    rng = np.random.default_rng(8)
    group = np.repeat([1.0, 0.0], [18, 31])
    y = rng.normal(size=49) + 0.7 * group
    first, second = y[group == 1], y[group == 0]
    return (
        group,
        y,
        {
            "m1": first.mean(),
            "sd1": first.std(ddof=1),
            "n1": 18,
            "m2": second.mean(),
            "sd2": second.std(ddof=1),
            "n2": 31,
        },
    )


def test_point_biserial_is_pearsons_r_with_a_dichotomy() -> None:
    group, y, summary = two_groups()
    assert effect("RPB", **summary)[0] == pytest.approx(np.corrcoef(group, y)[0, 1], rel=1e-13)


def test_a_given_point_biserial_comes_back() -> None:
    assert effect("RPB", r=0.37, n1=18, n2=31)[0] == pytest.approx(0.37, rel=1e-14)
    assert effect("ZPB", r=0.37, n1=18, n2=31)[0] == pytest.approx(np.arctanh(0.37), rel=1e-14)


def test_biserial_is_the_ratio_of_soper() -> None:
    """r_b = r_pb √(pq)/f: by hand at p = 1/4."""
    z = special.ndtri(0.75)
    expected = 0.3 * np.sqrt(3 / 16) / stats.norm.pdf(z)
    assert effect("RBIS", r=0.3, n1=25, n2=75)[0] == pytest.approx(expected, rel=1e-13)


def test_biserial_variance_does_not_know_which_side_was_cut() -> None:
    right = effect("RBIS", r=0.3, n1=25, n2=75)
    left = effect("RBIS", r=-0.3, n1=75, n2=25)
    assert left[0] == -right[0]
    assert left[1] == pytest.approx(right[1], rel=1e-13)


def test_biserial_above_one_has_no_z() -> None:
    assert effect("RBIS", r=0.95, n1=30, n2=30)[0] > 1
    assert np.isnan(effect("ZBIS", r=0.95, n1=30, n2=30)).all()


def test_without_effect_the_variances_are_those_of_the_null() -> None:
    v = effect("RPB", r=0.0, n1=30, n2=50)[1]
    h = 78 * (1 / 30 + 1 / 50)
    assert v == pytest.approx((1 / 30 + 1 / 50) / h, rel=1e-14)
    assert effect("RPB", r=0.0, n1=30, n2=50, variance="CS")[1] == pytest.approx(1 / 80)
