"""The distribution of quadratic forms against chi-square, closed forms and an integral."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from metarel._distributions_quadratic import log_factor, weighted_chi_square_cdf


@pytest.mark.parametrize("n", [1, 2, 3, 7, 50, 1000])
@pytest.mark.parametrize("weight", [1e-9, 1.0, 1e7])
def test_equal_weights_are_chi_square(n: int, weight: float) -> None:
    for p in (1e-12, 1e-6, 0.01, 0.3, 0.5, 0.9, 0.999, 1 - 1e-9):
        q = stats.chi2.ppf(p, n)
        found = weighted_chi_square_cdf(q * weight, np.full(n, weight))
        assert found == pytest.approx(stats.chi2.cdf(q, n), rel=1e-11)


def hypoexponential(q: float, weights: np.ndarray) -> float:
    """Weights that come in pairs are a sum of exponentials, with partial fractions."""
    rates = 1 / (2 * weights)
    return sum(np.prod([b / (b - a) for b in rates if b != a]) * -np.expm1(-a * q) for a in rates)


@pytest.mark.parametrize("q", [0.5, 5.0, 100.0, 1000.0])
def test_pairs_of_weights_are_a_sum_of_exponentials(q: float) -> None:
    weights = np.array([1e-6, 1e-3, 0.5, 3.0, 100.0])
    found = weighted_chi_square_cdf(q, np.repeat(weights, 2))
    assert found == pytest.approx(hypoexponential(q, weights), rel=1e-12)


@pytest.mark.parametrize("q", [8.0, 10.0, 11.0, 15.0, 25.0])
def test_one_large_weight_among_a_thousand_small_ones(q: float) -> None:
    """No parabola suits both: the path must become steep."""

    def given(z: float) -> float:
        return 2 * stats.norm.pdf(z) * stats.chi2.cdf((q - z * z) / 0.01, 1000)

    edges = np.linspace(0, min(np.sqrt(q), 12), 200)
    pieces = [
        integrate.quad(given, a, b, epsabs=0, epsrel=1e-12)[0] for a, b in itertools.pairwise(edges)
    ]
    found = weighted_chi_square_cdf(q, np.append(np.full(1000, 0.01), 1.0))
    assert found == pytest.approx(sum(pieces), rel=1e-10)


def test_two_weights_by_an_integral() -> None:
    """P(a z1^2 + b z2^2 <= q) over the angle of (z1, z2)."""
    a, b, q = 0.7, 12.0, 3.0

    def outside(angle: float) -> float:
        return np.exp(-q / (2 * (a * np.cos(angle) ** 2 + b * np.sin(angle) ** 2)))

    above = integrate.quad(outside, 0, np.pi / 2, epsabs=1e-14)[0] / (np.pi / 2)
    assert weighted_chi_square_cdf(q, np.array([a, b])) == pytest.approx(1 - above, rel=1e-11)


def test_nothing_below_zero_and_all_far_out() -> None:
    weights = np.array([0.3, 2.0])
    assert weighted_chi_square_cdf(0.0, weights) == 0.0
    assert weighted_chi_square_cdf(-1.0, weights) == 0.0
    assert weighted_chi_square_cdf(1e5, weights) == pytest.approx(1.0, abs=1e-13)


def test_real_parts_are_those_of_the_complex_logarithm() -> None:
    rng = np.random.default_rng(3)
    size = 10.0 ** rng.uniform(-9, 9, 500)
    turn = rng.uniform(0, np.pi, 500)
    s = size * np.exp(1j * turn)
    weights = 10.0 ** rng.uniform(-6, 6, 40)
    real, imaginary = log_factor(s[:, None], weights)
    exact = np.log(1 - 2 * s[:, None] * weights)
    np.testing.assert_allclose(real, exact.real, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(imaginary, exact.imag, rtol=1e-9, atol=1e-12)
