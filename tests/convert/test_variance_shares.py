"""Shares of variance: worked values, and ways around that agree."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.convert.path import convert


def test_shares_of_variance():
    assert convert(0.25, "d", "f") == 0.125
    assert convert(-0.25, "d", "f") == 0.125
    assert convert(0.25, "f", "d", sign=-1) == -0.5
    assert convert(0.2, "r2", "f2") == pytest.approx(0.25)
    assert convert(0.09, "eta2", "r", sign=-1) == pytest.approx(-0.3)


@pytest.mark.parametrize("target", ["f", "f2", "eta2", "r2"])
def test_ways_around_agree(target):
    r = np.array([0.1, 0.45, 0.8])
    direct = convert(r, "r", target)
    for between in ("eta2", "r2", "f", "f2"):
        around = convert(convert(r, "r", between), between, target)
        np.testing.assert_allclose(around, direct, rtol=1e-14)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("exact", {"n1": 9, "n2": 31}),
        ("base-rate", {"base_rate": 0.3}),
        ("base-rate-n", {"n1": 9, "n2": 31}),
    ],
)
def test_f_of_unequal_groups_is_that_of_r_under_the_same_rule(rule, words):
    d = np.array([-1.3, 0.2, 0.8])
    f = convert(d, "d", "f", rule=rule, **words)
    r = convert(d, "d", "r", rule=rule, **words)
    np.testing.assert_allclose(f, convert(r, "r", "f"), rtol=1e-13)
    back = convert(f, "f", "d", rule=rule, sign=np.sign(d), **words)
    np.testing.assert_allclose(back, d, rtol=1e-13)


def test_z_of_a_multiple_correlation():
    assert convert(0.36, "r2", "z_r2") == pytest.approx(np.arctanh(0.6), rel=1e-15)
    assert convert(-0.6, "r", "z_r2") == pytest.approx(convert(0.6, "r", "z"), rel=1e-15)
