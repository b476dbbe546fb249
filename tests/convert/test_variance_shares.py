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
