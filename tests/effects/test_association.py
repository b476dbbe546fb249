"""Association of dichotomies: Pearson's r of 0/1 data, chi-square, the information matrix."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import special, stats

from metarel.effects._tables import Table
from metarel.effects._tetrachoric import excess_probability, normal_density, tetrachoric
from metarel.effects.compute import effect_sizes

GOLDEN = Path(__file__).parents[1] / "golden" / "high_precision.json"
CELLS = {"events1": 135, "non_events1": 15, "events2": 40, "non_events2": 10}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def table(*cells: float) -> Table:
    """Return one table."""
    return Table(*(np.array([float(cell)]) for cell in cells))


def test_phi_is_pearsons_r_of_zeros_and_ones() -> None:
    group = np.repeat([1, 1, 0, 0], list(CELLS.values()))
    event = np.repeat([1, 0, 1, 0], list(CELLS.values()))
    assert effect("PHI", **CELLS)[0] == pytest.approx(np.corrcoef(group, event)[0, 1], rel=1e-13)


def test_phi_squared_is_chi_square_over_n() -> None:
    chi2 = stats.chi2_contingency([[135, 15], [40, 10]], correction=False).statistic
    assert effect("PHI", **CELLS)[0] ** 2 * 200 == pytest.approx(chi2, rel=1e-13)


def test_phi_variances_by_numerical_delta_method() -> None:
    """Slopes of phi in its cells, over a multinomial and over two binomials."""
    counts = np.array(list(CELLS.values()), dtype=float)

    def phi(cells: np.ndarray) -> float:
        return effect_sizes(None, "PHI", **dict(zip(CELLS, cells, strict=True)))["yi"][0]

    slope = np.array([(phi(counts + e) - phi(counts - e)) / 2e-3 for e in np.eye(4) * 1e-3])
    p, n = counts / 200, 200
    multinomial = n * (np.diag(p) - np.outer(p, p))
    assert effect("PHI", **CELLS)[1] == pytest.approx(slope @ multinomial @ slope, rel=1e-6)
    lean = np.array([slope[0] - slope[1], slope[2] - slope[3]])
    binomial = np.array([150 * 0.9 * 0.1, 50 * 0.8 * 0.2])
    assert effect("PHI", **CELLS, variance="ST")[1] == pytest.approx(lean**2 @ binomial, rel=1e-6)


def test_yules_coefficients_are_functions_of_the_odds_ratio() -> None:
    log_odds, v = effect("OR", **CELLS)
    assert effect("YUQ", **CELLS)[0] == pytest.approx(np.tanh(log_odds / 2), rel=1e-12)
    y, vy = effect("YUY", **CELLS)
    assert y == pytest.approx(np.tanh(log_odds / 4), rel=1e-12)
    assert vy == pytest.approx((1 - y**2) ** 2 / 16 * v, rel=1e-12)


@pytest.mark.parametrize("rho", [-0.95, -0.3, 0.0, 0.5, 0.999])
def test_tetrachoric_of_medians_has_a_closed_form(rho: float) -> None:
    """Cut at the medians, the first cell is 1/4 + asin(rho)/2π (Sheppard)."""
    first = 0.25 + np.arcsin(rho) / (2 * np.pi)
    cells = table(first, 0.5 - first, 0.5 - first, first)
    assert tetrachoric(cells)[0] == pytest.approx(rho, abs=1e-12)


def test_quadrant_probability_is_scipys() -> None:
    h, k, rho = np.array([0.3, -2.0, 1.1]), np.array([-0.2, 0.5, 1.1]), np.array([0.4, -0.8, 0.97])
    expected = [
        stats.multivariate_normal.cdf([a, b], cov=[[1, r], [r, 1]], abseps=1e-13, releps=1e-13)
        for a, b, r in zip(h, k, rho, strict=True)
    ]
    found = excess_probability(h, k, rho) + special.ndtr(h) * special.ndtr(k)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    slope = (excess_probability(h, k, rho + 1e-6) - excess_probability(h, k, rho - 1e-6)) / 2e-6
    np.testing.assert_allclose(normal_density(h, k, rho), slope, rtol=1e-6)


def test_tetrachoric_variance_is_the_inverse_information() -> None:
    """Thresholds and correlation estimated together, by numerical slopes of the cells."""
    counts = np.array(list(CELLS.values()), dtype=float)
    r, v = effect("RTET", **CELLS)
    at = np.array([special.ndtri(150 / 200), special.ndtri(175 / 200), r])

    def cells(parameters: np.ndarray) -> np.ndarray:
        h, k, rho = (np.array([value]) for value in parameters)
        row, column = special.ndtr(h), special.ndtr(k)
        first = excess_probability(h, k, rho) + row * column
        return np.array([first, row - first, column - first, 1 - row - column + first])[:, 0]

    np.testing.assert_allclose(cells(at) * 200, counts, rtol=1e-12)
    slopes = np.array([(cells(at + e) - cells(at - e)) / 2e-5 for e in np.eye(3) * 1e-5])
    information = 200 * (slopes / (counts / 200)) @ slopes.T
    assert v == pytest.approx(np.linalg.inv(information)[2, 2], rel=1e-8)


def test_tetrachoric_in_forty_digits() -> None:
    """mpmath's root and inverse information; metafor 5.1's stop 3e-4 and 9e-5 short of them."""
    known = json.loads(GOLDEN.read_text())["tetrachoric"]
    words = dict(zip(CELLS, np.array(known["tables"]).T, strict=True))
    plain, z = (effect_sizes(None, code, **words) for code in ("RTET", "ZTET"))
    r, variance = np.array(known["r"]), np.array(known["variance"])
    np.testing.assert_allclose(plain["yi"], r, rtol=1e-12)
    np.testing.assert_allclose(plain["vi"], variance, rtol=1e-12)
    np.testing.assert_allclose(z["yi"], np.arctanh(r), rtol=1e-12)
    np.testing.assert_allclose(z["vi"], variance / (1 - r**2) ** 2, rtol=1e-12)


def test_tetrachoric_at_the_boundary() -> None:
    for cells, expected in (((5, 0, 4, 9), 1), ((0, 5, 4, 9), -1)):
        words = dict(zip(CELLS, cells, strict=True))
        yi, vi = effect("RTET", **words)
        assert yi == expected
        assert not vi > 0
        assert np.isnan(effect("ZTET", **words)).all()
    assert np.isnan(effect("RTET", events1=0, non_events1=9, events2=0, non_events2=7)).all()


def test_tetrachoric_recovers_any_correlation() -> None:
    rho = np.linspace(-0.999, 0.999, 41)
    h, k = np.full(41, -1.7), np.full(41, 0.4)
    row, column = special.ndtr(h), special.ndtr(k)
    first = excess_probability(h, k, rho) + row * column
    found = tetrachoric(Table(first, row - first, column - first, 1 - row - column + first))
    known = np.minimum(first, row - first) > 1e-10
    np.testing.assert_allclose(found[known], rho[known], atol=1e-9)
