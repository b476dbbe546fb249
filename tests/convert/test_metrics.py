"""Hedges' factor, odds ratios, Fisher's z: printed values and identities."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from metarel.convert.metrics import approximate_factor, exact_factor
from metarel.convert.path import convert


def test_factor_exact_and_approximate():
    assert round(convert(1.0, "d", "g", df=48), 6) == 0.984279
    assert round(convert(1.0, "d", "g", df=48, rule="approximate"), 6) == 0.984293
    assert round(convert(1.0, "d", "g", df=10), 5) == 0.92275
    assert round(convert(1.0, "d", "g", df=10, rule="approximate"), 5) == 0.92308


def test_factor_of_even_df_from_whole_numbers():
    """Γ at whole and half numbers is a fraction times √π."""
    for df in (2, 4, 10, 48, 78, 80, 82, 84, 120, 200):
        whole = Fraction(math.factorial(df // 2 - 1))
        k = df // 2 - 1
        half = Fraction(math.factorial(2 * k), 4**k * math.factorial(k))
        expect = float(whole / half) / math.sqrt(math.pi) / math.sqrt(df / 2)
        assert exact_factor(df) == pytest.approx(expect, rel=2e-14)


def test_factor_of_large_df():
    df = np.array([1e3, 1e5, 1e7, 1e9])
    np.testing.assert_allclose(exact_factor(df), approximate_factor(df), rtol=1e-6)
    assert (np.diff(exact_factor(df)) > 0).all()
    assert exact_factor(1e9) == pytest.approx(1 - 0.75e-9, rel=1e-15)


def test_factor_needs_more_than_one_degree_of_freedom():
    assert np.isnan(exact_factor(np.array([1.0, 0.5]))).all()


def test_sizes_stand_for_df():
    assert convert(0.5, "d", "g", n1=20, n2=30) == convert(0.5, "d", "g", df=48)
    assert convert(0.5, "d", "g", n=50) == convert(0.5, "d", "g", df=48)


def test_odds_ratio():
    assert convert(1.0, "log_or", "d") == pytest.approx(math.sqrt(3) / math.pi)
    assert convert(1.65, "log_or", "d", rule="cox") == pytest.approx(1.0)
    assert convert(math.e, "or", "d", rule="cox") == pytest.approx(1 / 1.65)


def test_odds_ratio_variance_uses_the_same_factor():
    assert convert(0.7, "log_or", "d", variance=1.0).variance == pytest.approx(3 / math.pi**2)
    assert convert(0.7, "log_or", "d", rule="cox", variance=1.0).variance == pytest.approx(
        1 / 1.65**2
    )


def test_fisher():
    assert round(convert(0.5, "r", "z"), 6) == 0.549306
    found = convert(0.4, "r", "z", variance=(1 - 0.16) ** 2 / 49)
    assert found.variance == pytest.approx(1 / 49)


def test_bias_adjusted_z():
    z = convert(0.5, "r", "z", rule="bias-adjusted", n=11)
    assert z == pytest.approx(math.atanh(0.5) - 0.025)
    r = np.array([-0.999, 0.0, 0.6, 0.99])
    n = [2, 3, 10, 1e6]
    there = convert(r, "r", "z", rule="bias-adjusted", n=n)
    np.testing.assert_allclose(convert(there, "z", "r", rule="bias-adjusted", n=n), r, rtol=1e-12)
