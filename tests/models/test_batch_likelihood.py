"""Global maxima of many likelihoods: against a fine grid, and the proofs that make it fast."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.models.batch_likelihood import log_likelihood, maximise
from metarel.models.batch_score import (
    Score,
    falls_between,
    falls_ever_after,
    rises_between,
    turns_once,
)
from metarel.models.batch_sums import Rows, arrange
from metarel.tau2._base import moments
from metarel.tau2.likelihood import log_likelihood as single_log_likelihood

POINTS = 400


def wild(seed: int, count: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return sets whose precisions differ so widely that likelihoods have several maxima."""
    rng = np.random.default_rng(seed)
    order = rng.uniform(-5, 1, (count, k))
    # precise studies agree with each other, and vague ones deviate by more than their error
    excess = 10.0 ** (rng.uniform(0, 0.5, (count, 1)) * (order + 3))
    return rng.normal(size=(count, k)) * 10.0 ** (order / 2) * excess, 10.0**order


def on_grid(rows: Rows, *, restricted: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return a fine grid from 0 to beyond all maxima of each row, and the likelihood there."""
    top = 100 * (rows.unweighted().rss + 1 / (1 / rows.top_v))
    low = 1e-4 * rows.top_v
    grid = low[:, None] * np.geomspace(np.ones(len(rows)), top / low, POINTS, axis=1)
    grid = np.column_stack([np.zeros(len(rows)), grid])
    many = rows.take(np.repeat(np.arange(len(rows)), POINTS + 1))
    height = log_likelihood(many, grid.ravel(), restricted=restricted)
    return grid, height.reshape(grid.shape)


@pytest.mark.parametrize("restricted", [False, True])
@pytest.mark.parametrize("k", [2, 3, 5, 12, 40])
def test_no_point_is_higher_than_the_estimate(k: int, restricted: bool) -> None:
    rows = arrange(*wild(k, 300, k), None)
    zero = rows.moments(np.zeros(len(rows)))
    value, at, converged = maximise(rows, zero, restricted=restricted)
    assert converged.all()
    _, height = on_grid(rows, restricted=restricted)
    here = log_likelihood(rows, value, restricted=restricted)
    assert (here >= height.max(axis=1) - 1e-9 * np.maximum(1, np.abs(here))).all()
    score = Score.of(at, restricted=restricted)
    inner = value > 0
    np.testing.assert_allclose(score.F[inner], score.G[inner], rtol=1e-8)
    assert (score.value[~inner] <= 0).all()
    turns = np.diff(np.sign(np.diff(height, axis=1)), axis=1)
    peaks = (turns < 0).sum(axis=1) + (height[:, 1] < height[:, 0])
    if k > 2:
        assert (peaks >= 2).sum() >= 50  # what the test is for


def test_the_sums_are_those_of_the_single_fit() -> None:
    y, v = wild(3, 200, 9)
    tau2 = 10.0 ** np.random.default_rng(1).uniform(-6, 2, 200)
    rows = arrange(y, v, None)
    many = rows.moments(tau2)
    height = log_likelihood(rows, tau2, restricted=True)
    one = np.ones((9, 1))
    for row in range(200):
        # the single fit counts effects from their mean; here from the most precise study
        single = moments(y[row] - rows.shift[row], v[row], one, float(tau2[row]))
        for name in ("rss", "trace", "trace_squared", "quad2", "quad3"):
            assert getattr(many, name)[row] == pytest.approx(getattr(single, name), rel=1e-8), name
        assert height[row] == pytest.approx(
            single_log_likelihood(y[row], v[row], one, float(tau2[row]), restricted=True), rel=1e-10
        )


def test_sums_under_one_huge_weight_by_hand() -> None:
    """With weights W >> w of two studies every sum has a closed form without a difference."""
    for spread in (1.0, 1e8, 1e15):
        y, v = np.array([[1e3, 1e3 + 0.5]]), np.array([[0.1 / spread, 0.1]])
        got = arrange(y, v, None).moments(np.zeros(1))
        inverse = 1 / (v[0, 0] + v[0, 1])  # P = inverse * [[1, -1], [-1, 1]]
        d2 = 0.25
        assert got.rss[0] == pytest.approx(d2 * inverse, rel=1e-14)
        assert got.trace[0] == pytest.approx(2 * inverse, rel=1e-14)
        assert got.trace_squared[0] == pytest.approx(4 * inverse**2, rel=1e-14)
        assert got.quad2[0] == pytest.approx(2 * d2 * inverse**2, rel=1e-14)
        assert got.quad3[0] == pytest.approx(4 * d2 * inverse**3, rel=1e-13)


@pytest.mark.parametrize("restricted", [False, True])
def test_what_is_proved_of_an_interval_is_true_in_it(restricted: bool) -> None:
    rows = arrange(*wild(11, 3000, 6), None)
    rng = np.random.default_rng(2)
    low = np.where(rng.uniform(size=3000) < 0.2, 0.0, 10.0 ** rng.uniform(-6, 2, 3000))
    width = 10.0 ** rng.uniform(-6, 3, 3000)

    def score(tau2: np.ndarray) -> Score:
        return Score.of(rows.moments(tau2), restricted=restricted)

    left, right = score(low), score(low + width)
    rises, falls = rises_between(left, right, width), falls_between(left, right, width)
    once, after = turns_once(left, right), falls_ever_after(left, rows.unweighted().rss)
    after &= left.value <= 0
    for proved in (rises, falls, once, after):
        assert 100 < proved.sum() < 2900
    slopes = []
    for part in np.linspace(0, 1, 60)[1:-1]:
        inside = score(low + part * width)
        slack = 1e-9 * inside.G
        assert (inside.value[rises] > -slack[rises]).all()
        assert (inside.value[falls] < slack[falls]).all()
        slopes.append(np.sign(inside.G_fall - inside.F_fall)[once])
        beyond = score(low * (1 + 1e3 * part) + part * rows.unweighted().rss * 10)
        assert (beyond.value[after] < slack[after]).all()
    assert (np.ptp(slopes, axis=0) == 0).all()
