"""r and d under each rule: printed values, limits and reductions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from metarel.convert.path import convert


@pytest.mark.parametrize(
    ("rule", "words", "expect", "digits"),
    [
        (None, {}, 0.58333, 5),
        ("exact", {"n1": 23, "n2": 23}, 0.5705, 4),
        ("exact", {"n1": 20, "n2": 80}, 0.7218, 4),
        ("dichotomised", {}, 0.45840, 5),
        ("per-delta", {"delta": 2, "sd_x": 1}, 0.58333, 5),
        ("base-rate", {"base_rate": 0.5}, 0.58333, 5),
        ("base-rate-n", {"n1": 23, "n2": 23}, 0.58333, 5),
    ],
)
def test_one_correlation_under_every_rule(rule, words, expect, digits):
    assert round(convert(0.28, "r", "d", rule=rule, **words), digits) == expect


def test_two_readings_of_one_difference():
    assert round(convert(0.5, "d", "r", rule="exact", n1=10, n2=10), 4) == 0.2548
    assert round(convert(0.5, "d", "r"), 4) == 0.2425


def test_exact_is_what_two_groups_give():
    rng = np.random.default_rng(3)
    a, b = rng.normal(0.6, 1.0, 9), rng.normal(0.0, 1.0, 14)
    pooled = math.sqrt((8 * a.var(ddof=1) + 13 * b.var(ddof=1)) / 21)
    d = (a.mean() - b.mean()) / pooled
    r = np.corrcoef(np.r_[a, b], np.r_[np.ones(9), np.zeros(14)])[0, 1]
    assert convert(r, "r", "d", rule="exact", n1=9, n2=14) == pytest.approx(d, rel=1e-12)
    assert convert(d, "d", "r", rule="exact", n1=9, n2=14) == pytest.approx(r, rel=1e-12)


def test_large_samples_make_the_rules_one():
    large = convert(0.28, "r", "d", rule="exact", n1=2e9, n2=8e9)
    assert large == pytest.approx(convert(0.28, "r", "d", rule="base-rate", base_rate=0.2))
    assert large == pytest.approx(convert(0.28, "r", "d", rule="base-rate-n", n1=20, n2=80))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("exact", {"n1": 9, "n2": 31}),
        ("base-rate", {"base_rate": 0.1}),
        ("dichotomised", {"base_rate": 0.1}),
        ("per-delta", {"delta": 3, "sd_x": 2}),
    ],
)
def test_direction_only_flips_the_sign(rule, words):
    r = np.array([0.1, 0.5, 0.9])
    forth = convert(r, "r", "d", rule=rule, **words)
    np.testing.assert_array_equal(convert(-r, "r", "d", rule=rule, **words), -forth)


def test_dichotomised_is_the_difference_of_the_cut_groups():
    """With a bivariate normal of correlation rho cut at 0, from the density: no formula of ours."""
    rho = 0.28
    mean = rho * math.sqrt(2 / math.pi)
    spread = math.sqrt(1 - mean**2)
    assert convert(rho, "r", "d", rule="dichotomised") == pytest.approx(2 * mean / spread)
