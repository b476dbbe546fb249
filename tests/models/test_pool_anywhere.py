"""Pooling never fails, warns or stops short of the global optimum, whatever the data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import metarel as mr
from metarel.models._inference import TESTS

POINTS = 1000


def highest_on_grid(y: np.ndarray, v: np.ndarray, tau2: float, *, restricted: bool) -> float:
    """The highest of many heights of the likelihood, written without what is tested."""
    low, high = 1e-4 * v.min(), 1e3 * max(float(y.var()), float(v.max()))
    grid = np.concatenate([[0.0], np.geomspace(low, high, POINTS)])
    if tau2 > 0:
        grid = np.append(grid, tau2 * np.linspace(0.9, 1.1, POINTS))
    u = v + grid[:, None]
    w = 1 / u
    total = w.sum(axis=1)
    mean = (w @ (y - y[0])) / total
    rss = (w * (y - y[0] - mean[:, None]) ** 2).sum(axis=1)
    k = len(y)
    heights = -0.5 * (k * math.log(2 * math.pi) + np.log(u).sum(axis=1) + rss)
    if restricted:
        heights += 0.5 * (math.log(2 * math.pi) + math.log(k) - np.log(total))
    return float(heights.max())


def check(sets: Any, seeds: range) -> None:
    """Warnings are errors in this suite, so that whatever is not documented fails."""
    for seed in seeds:
        y, v = sets.draw(seed)
        for code, restricted in (("REML", True), ("ML", False)):
            test = [t for t in TESTS if restricted or TESTS[t].rule][seed % 6]
            fit = mr.pool(yi=y, vi=v, tau2=code, test=test)
            told = f"seed {seed}, {code}, {test}"
            assert fit.trace.converged, told
            numbers = [fit.estimate, fit.se[0], fit.ci_low[0], fit.ci_high[0], fit.tau2, fit.I2]
            numbers += [fit.tau2_se, fit.Q, fit.H2, *fit.predict().iloc[0]]
            assert np.isfinite(numbers).all(), told
            assert y.min() <= fit.estimate <= y.max() or np.ptp(y) == 0, told
            assert 0 <= fit.I2 <= 1, told
            found = fit.statistics.log_likelihood
            best = highest_on_grid(y, v, fit.tau2, restricted=restricted)
            assert best <= found + 1e-8 * max(1.0, abs(found)), told


def test_three_hundred_sets(sets: Any) -> None:
    check(sets, range(300))


@pytest.mark.slow
def test_ten_thousand_sets(sets: Any) -> None:
    check(sets, range(10_000))
