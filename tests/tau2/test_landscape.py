"""The search for all maxima of a likelihood, against dense grids on hard data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg

from metarel.tau2._base import moments
from metarel.tau2._landscape import Landscape
from metarel.tau2._sums import Sums
from metarel.tau2.likelihood import log_likelihood


def draw(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sets of which one in fifteen has a likelihood with several maxima."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 61)) if seed % 3 else int(rng.integers(2, 8))
    p = int(rng.integers(1, 1 + min(3, k - 1)))
    v = rng.gamma(1.5, 0.1, k) + 1e-3
    if seed % 6 == 1:
        v = 10.0 ** rng.uniform(-6, 1, k)
    if seed % 6 == 2:
        v[0] *= 10.0 ** rng.choice([-8, -4, 4, 8])
    if seed % 6 == 3:
        v = 10.0 ** rng.uniform(-3, 1, k)
    y = rng.normal(0, np.sqrt(v + rng.choice([0, 0.05, 1.0, 10.0])))
    if seed % 6 == 4:
        y = rng.standard_t(1.5, k) * np.sqrt(v)
    return y, v, np.column_stack([np.ones(k), rng.normal(size=(k, p - 1))])


def highest_on_grid(
    y: np.ndarray, v: np.ndarray, X: np.ndarray, *, restricted: bool, points: int
) -> float:
    """All likelihoods of a grid at once, written without what is tested."""
    k, p = X.shape
    top = 100 * max(float(y.var()), float(v.max()))
    grid = np.append(0.0, np.geomspace(1e-3 * float(v.min()), top, points))
    w = 1 / (v + grid[:, None])
    information = np.einsum("gk,ki,kj->gij", w, X, X)
    beta = np.linalg.solve(information, np.einsum("gk,ki,k->gi", w, X, y)[..., None])[..., 0]
    rss = (w * (y - beta @ X.T) ** 2).sum(axis=1)
    heights = -0.5 * (k * np.log(2 * np.pi) - np.log(w).sum(axis=1) + rss)
    if restricted:
        plain = np.linalg.slogdet(X.T @ X)[1] + p * np.log(2 * np.pi)
        heights += 0.5 * (plain - np.linalg.slogdet(information)[1])
    return float(heights.max())


def check_against_grid(seeds: range, points: int) -> tuple[int, int]:
    """Return how many sets had several maxima, and the most evaluations of any."""
    several = most = 0
    for seed in seeds:
        y, v, X = draw(seed)
        for restricted in (False, True):
            landscape = Landscape(Sums(y, v, X), restricted=restricted)
            maxima = landscape.explore()
            assert landscape.complete, seed
            several += len(maxima) > 1
            most = max(most, landscape.evaluations)
            heights = [
                log_likelihood(y, v, X, point.tau2, restricted=restricted) for point in maxima
            ]
            found = max(heights)
            best = highest_on_grid(y, v, X, restricted=restricted, points=points)
            assert best <= found + 1e-7 * max(1.0, abs(found)), (seed, restricted)
    return several, most


def test_no_point_of_a_grid_is_higher() -> None:
    several, most = check_against_grid(range(150), 200)
    assert several > 5
    assert most < 100


@pytest.mark.slow
def test_no_point_of_a_fine_grid_is_higher_in_ten_thousand_sets() -> None:
    several, most = check_against_grid(range(10_000), 400)
    assert several > 500
    assert most < 200


def test_roots_are_roots() -> None:
    inner = 0
    for seed in range(100):
        y, v, X = draw(seed)
        for point in Landscape(Sums(y, v, X), restricted=True).explore():
            if point.tau2 > 1e-6 * float(v.min()):
                inner += 1
                here = moments(y, v, X, point.tau2)
                slope = 2 * here.quad3 - here.trace_squared
                step = (here.quad2 - here.trace) / slope
                assert abs(step) < 1e-8 * point.tau2, seed
    assert inner > 50


def test_sums_are_those_of_error_contrasts() -> None:
    """P = K (K'SK)^-1 K' with K an orthonormal basis of what X leaves.

    Beside a variance of 1e8 times the others the contrasts themselves keep eight digits.
    """
    for seed in range(120):
        y, v, X = draw(seed)
        sums, contrasts = Sums(y, v, X), linalg.null_space(X.T)
        z = contrasts.T @ y
        for tau2 in (0.0, 0.3):
            P = np.linalg.inv(contrasts.T @ (contrasts * (v + tau2)[:, None]))
            expected = {
                "rss": z @ P @ z,
                "quad2": z @ P @ P @ z,
                "quad3": z @ P @ P @ P @ z,
                "trace": np.trace(P),
                "trace_squared": np.trace(P @ P),
            }
            found = sums(tau2)
            for name, value in expected.items():
                assert getattr(found, name) == pytest.approx(value, rel=1e-6), (seed, name)
            assert sums.q(tau2) == pytest.approx((found.rss, found.quad2), rel=1e-9)


def test_a_search_that_is_cut_short_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metarel.tau2._landscape.MOST", 1)
    landscape = Landscape(Sums(*draw(0)), restricted=True)
    landscape.explore()
    assert not landscape.complete
