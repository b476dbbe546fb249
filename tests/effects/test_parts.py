"""What the families share: Hedges' factor, averages, empty cells."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.special import roots_jacobi

from metarel.effects._parts import (
    adjust_cells,
    first_known,
    gauss_series,
    hedges_factor,
    pooled_sd,
    t_from_p,
    weighted_mean,
)


@pytest.mark.parametrize("df", [2, 4, 10, 28, 30, 32, 34, 100, 2000, 20_000])
def test_hedges_factor_of_even_df_is_a_known_fraction(df: int) -> None:
    """With df = 2j the gamma functions are factorials: exact rational arithmetic."""
    j = df // 2
    ratio = Fraction(4 ** (j - 1), math.comb(2 * j - 2, j - 1))
    exact = math.sqrt(ratio * ratio / j / Fraction(math.pi))
    assert hedges_factor(np.array([float(df)]))[0] == pytest.approx(exact, rel=2e-15)


def test_hedges_factor_near_its_expansion() -> None:
    """No step where the expansion takes over, and the recurrence over two df holds."""
    df = np.linspace(25, 40, 301)
    factor = hedges_factor(df)
    # J(m) J(m + 1) has a closed form: Γ(m/2)Γ((m+1)/2) / (Γ((m−1)/2)Γ(m/2)) = (m − 1)/2.
    product = (df - 1) / np.sqrt(df * (df + 1))
    np.testing.assert_allclose(factor * hedges_factor(df + 1), product, rtol=5e-15)


def test_hedges_factor_forms() -> None:
    df = np.array([1.0, 10.0])
    assert hedges_factor(df, "none").tolist() == [1, 1]
    np.testing.assert_allclose(hedges_factor(df, "approximate"), [np.nan, 1 - 3 / 39])
    assert np.isnan(hedges_factor(df)[0])


@pytest.mark.parametrize("a", [0.5, 1.0])
@pytest.mark.parametrize("c", [2.0, 10.0, 49.9, 50.0, 120.0, 600.0])
def test_gauss_series_is_a_mean_over_beta(a: float, c: float) -> None:
    """Euler: 2F1(a, a; c; z) is the mean of (1 − z B)^−a, B a beta variable (a, c − a)."""
    nodes, weights = roots_jacobi(120, c - a - 1, a - 1)
    for z in (0.0, 0.3, 0.91, 0.99):
        mean = weights @ (1 - z * (1 + nodes) / 2) ** -a / weights.sum()
        found = gauss_series(a, np.array([c]), np.array([z]))[0]
        assert found == pytest.approx(mean, rel=1e-12)


def test_gauss_series_does_not_step_where_the_series_takes_over() -> None:
    c = np.nextafter(50.0, [0, 100])
    for z in np.linspace(0, 0.89, 30):
        low, high = gauss_series(0.5, c, np.array([z, z]))
        assert low == pytest.approx(high, rel=1e-14)


def test_pooled_sd_lies_between_and_reduces_to_the_common_one() -> None:
    assert pooled_sd(2.0, 10, 4.0, 30) == pytest.approx(math.sqrt((9 * 4 + 29 * 16) / 38))
    assert pooled_sd(3.0, 5, 3.0, 50) == pytest.approx(3)


def test_weighted_mean_skips_what_is_unknown() -> None:
    values, weights = np.array([1.0, np.nan, 4.0, np.inf]), np.array([1.0, 5.0, 2.0, 9.0])
    assert weighted_mean(values, weights) == 3
    assert np.isnan(weighted_mean(values[1:2], weights[1:2]))


def test_t_from_p_is_the_two_sided_quantile() -> None:
    t = t_from_p(np.array([0.05, -0.05, 1.0]), np.array([10.0, 10.0, 10.0]))
    np.testing.assert_allclose(t, [2.228138851986, -2.228138851986, 0], atol=1e-11)


def test_first_known_goes_row_by_row() -> None:
    found = first_known(np.array([1.0, np.nan, np.nan]), np.array([9.0, 2.0, np.nan]))
    np.testing.assert_array_equal(found, [1, 2, np.nan])


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("only0", [0.5, 3]),
        ("all", [0.5, 3.5]),
        ("if0all", [0.5, 3.5]),
        ("none", [0, 3]),
    ],
)
def test_zero_cell_policies(to: str, expected: list[float]) -> None:
    cells = [np.array([0.0, 3.0]), np.array([8.0, 5.0])]
    adjusted = adjust_cells(cells, {"add": 0.5, "to": to})
    assert adjusted[0].tolist() == expected


def test_if0all_needs_a_zero() -> None:
    cells = [np.array([1.0, 3.0]), np.array([8.0, 5.0])]
    assert adjust_cells(cells, {"add": 0.5, "to": "if0all"})[0].tolist() == [1, 3]
