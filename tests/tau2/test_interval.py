"""Limits of tau2: hand-made cases, defining equations, scale, coverage, empty and broken sets."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from metarel._optimize import CLOSED_FORM
from metarel.tau2._base import Tau2Estimate
from metarel.tau2.given_weights import Form
from metarel.tau2.interval import EMPTY, PIECES, profile_likelihood, q_profile
from metarel.tau2.interval_moment import (
    from_standard_error,
    generalised_q_interval,
    higgins_thompson,
)
from metarel.tau2.iterated import generalised_q
from metarel.tau2.likelihood import log_likelihood
from metarel.tau2.register import TAU2


def draw(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    k, p = int(rng.integers(4, 40)), int(rng.integers(1, 3))
    v = rng.gamma(1.5, 0.1, k) + 1e-3
    y = rng.normal(0, np.sqrt(v + rng.choice([0, 0.05, 1.0])))
    return y, v, np.column_stack([np.ones(k), rng.normal(size=k)])[:, :p]


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_equal_variances_by_hand(level: float) -> None:
    """With one sampling variance the limits are those of a normal variance, less v."""
    y, v = np.array([0.1, 1.5, 0.4, -0.9, 2.3]), 0.02
    found = q_profile(y, np.full(5, v), np.ones((5, 1)), level)
    quantiles = stats.chi2.ppf([(1 + level) / 2, (1 - level) / 2], 4)
    expected = 5 * y.var() / quantiles - v
    assert (found.low, found.high) == pytest.approx(tuple(expected), rel=1e-10)
    assert (found.method, found.level, found.trace.converged) == ("QP", level, True)


def test_q_profile_limits_solve_their_equations() -> None:
    inner = 0
    for seed in range(40):
        y, v, X = draw(seed)
        df = len(y) - X.shape[1]
        found = q_profile(y, v, X, 0.9)
        if math.isnan(found.low):
            assert generalised_q(y, v, X, 0.0) < stats.chi2.ppf(0.05, df)
            continue
        assert generalised_q(y, v, X, found.high) == pytest.approx(stats.chi2.ppf(0.05, df))
        if found.low > 0:
            inner += 1
            assert generalised_q(y, v, X, found.low) == pytest.approx(stats.chi2.ppf(0.95, df))
        else:
            assert "boundary" in found.trace.message
    assert inner > 10


def test_an_empty_set_is_said() -> None:
    y, v = np.array([0.3, 0.31, 0.29, 0.3]), np.full(4, 0.1)
    found = q_profile(y, v, np.ones((4, 1)), 0.95)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert found.trace.message == EMPTY


@pytest.mark.parametrize("restricted", [False, True])
def test_profile_limits_lie_the_drop_below_the_maximum(restricted: bool) -> None:
    inner = 0
    for seed in range(30):
        y, v, X = draw(seed)
        peak = TAU2["REML" if restricted else "ML"].estimate(y, v, X).value
        found = profile_likelihood(y, v, X, 0.95, restricted=restricted)
        top = log_likelihood(y, v, X, peak, restricted=restricted)
        target = top - stats.chi2.ppf(0.95, 1) / 2
        assert 0 <= found.low <= peak < found.high
        high = log_likelihood(y, v, X, found.high, restricted=restricted)
        low = log_likelihood(y, v, X, found.low, restricted=restricted)
        assert high == pytest.approx(target, abs=1e-9)
        if found.low > 0:
            inner += 1
            assert low == pytest.approx(target, abs=1e-9)
        else:
            assert low >= target
    assert inner > 5


def test_profile_of_equal_variances_by_hand() -> None:
    """The likelihood of s = v + tau2 is -(k - 1)(log s + S/s)/2: both limits solve one equation."""
    y, v = np.array([0.1, 1.5, 0.4, -0.9, 2.3, 1.1]), 0.02
    mean_square = y.var(ddof=1)
    found = profile_likelihood(y, np.full(6, v), np.ones((6, 1)), 0.95, restricted=True)
    for tau2 in (found.low, found.high):
        ratio = mean_square / (v + tau2)
        assert 5 * (ratio - 1 - math.log(ratio)) == pytest.approx(stats.chi2.ppf(0.95, 1))


def test_a_set_in_pieces_is_spanned_and_said() -> None:
    """Two nearly exact studies agree and the others do not: likely at 0 and away from it."""
    y = np.array([2.11, -0.36, -0.1437, 0.08, -0.1412, 0.05])
    v = np.array([1.6, 0.55, 2e-6, 0.0068, 1.56e-6, 0.0022])
    one = np.ones((6, 1))
    found = profile_likelihood(y, v, one, 0.95, restricted=False)
    assert found.trace.message == PIECES
    grid = [0.0, *np.geomspace(1e-9, 10, 2000)]
    heights = np.array([log_likelihood(y, v, one, float(t), restricted=False) for t in grid])
    above = heights > heights.max() - stats.chi2.ppf(0.95, 1) / 2
    assert np.abs(np.diff(above.astype(int))).sum() == 3  # inside, out, inside, out
    assert found.low == 0.0
    assert found.high == pytest.approx(grid[np.flatnonzero(above)[-1]], rel=0.02)


@pytest.mark.parametrize("method", ["QP", "PL"])
def test_limits_move_with_the_scale(method: str) -> None:
    for seed in range(15):
        y, v, X = draw(seed)
        pairs = []
        for scale in (1.0, 1e-5):
            args = (y * scale, v * scale**2, X, 0.95)
            found = (
                q_profile(*args) if method == "QP" else profile_likelihood(*args, restricted=True)
            )
            pairs.append(np.array([found.low, found.high]) / scale**2)
        np.testing.assert_allclose(pairs[0], pairs[1], rtol=1e-7)


def test_the_q_profile_covers_as_often_as_it_says() -> None:
    """400 draws at a known tau2: coverage 0.9 within four standard errors."""
    rng = np.random.default_rng(20)
    v, tau2, one, hits = rng.uniform(0.02, 0.4, 8), 0.1, np.ones((8, 1)), 0
    for _ in range(400):
        found = q_profile(rng.normal(0.2, np.sqrt(v + tau2)), v, one, 0.9)
        hits += found.low <= tau2 <= found.high
    assert hits / 400 == pytest.approx(0.9, abs=4 * math.sqrt(0.09 / 400))


def test_two_studies_have_limits() -> None:
    found = profile_likelihood(
        np.array([0.1, 3.0]), np.array([0.1, 0.2]), np.ones((2, 1)), 0.95, restricted=True
    )
    assert 0 < found.low < found.high < math.inf


@pytest.mark.parametrize("power", [-1.0, -0.5, 0.0])
def test_generalised_q_limits_put_the_form_at_its_tails(power: float) -> None:
    inner = 0
    for seed in range(15):
        y, v, X = draw(seed)
        found, form = generalised_q_interval(y, v, X, 0.9, v**power), Form(y, v, X, v**power)
        if math.isnan(found.low):
            assert form.cdf(0.0) < 0.05
            assert found.trace.message == EMPTY
            continue
        assert form.cdf(found.high) == pytest.approx(0.05, rel=1e-9)
        if found.low > 0:
            inner += 1
            assert form.cdf(found.low) == pytest.approx(0.95, rel=1e-9)
        else:
            assert form.cdf(0.0) <= 0.95
    assert inner > 3


def test_equal_variances_make_generalised_q_the_profile() -> None:
    y, v, one = np.array([0.1, 1.5, 0.4, -0.9, 2.3]), np.full(5, 0.02), np.ones((5, 1))
    profile = q_profile(y, v, one, 0.95)
    form = generalised_q_interval(y, v, one, 0.95, np.ones(5))
    assert (form.low, form.high) == pytest.approx((profile.low, profile.high), rel=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("power", [-1.0, -0.5])
def test_generalised_q_covers_as_often_as_it_says(power: float) -> None:
    rng = np.random.default_rng(6)
    v, tau2, one, draws = rng.uniform(0.02, 0.4, 8), 0.1, np.ones((8, 1)), 1500
    hits = 0
    for _ in range(draws):
        form = Form(rng.normal(0.2, np.sqrt(v + tau2)), v, one, v**power)
        hits += 0.05 <= form.cdf(tau2) <= 0.95  # the limits hold tau2 just then
    assert hits / draws == pytest.approx(0.9, abs=4 * math.sqrt(0.09 / draws))


def test_test_based_limits_by_hand() -> None:
    """The rule for Q above its degrees of freedom plus one, and that for smaller Q."""
    y, v, one = np.array([0.0, 1.0, 2.5, 0.2]), np.array([0.1, 0.2, 0.1, 0.4]), np.ones((4, 1))
    w = 1 / v
    Q = float(w @ (y - w @ y / w.sum()) ** 2)
    typical = 3 / float(w.sum() - w @ w / w.sum())
    se = (math.log(Q) - math.log(3)) / (2 * (math.sqrt(2 * Q) - math.sqrt(5)))
    H = [math.exp(0.5 * math.log(Q / 3) + sign * stats.norm.ppf(0.95) * se) for sign in (-1, 1)]
    found = higgins_thompson(y, v, one, 0.9)
    assert found.low == pytest.approx(typical * (H[0] ** 2 - 1), rel=1e-10)
    assert found.high == pytest.approx(typical * (H[1] ** 2 - 1), rel=1e-10)
    se = math.sqrt((1 - 1 / (3 * 2**2)) / (2 * 2))
    found = higgins_thompson(y * 0.1, v, one, 0.9)
    assert found.low == 0
    assert found.high == pytest.approx(typical * math.expm1(2 * stats.norm.ppf(0.95) * se))


def test_wald_limits_by_hand() -> None:
    estimate = Tau2Estimate(0.3, 0.1, CLOSED_FORM)
    found = from_standard_error(estimate, 0.95)
    assert (found.low, found.high) == pytest.approx((0.3 - 0.1959963985, 0.3 + 0.1959963985))
    assert from_standard_error(Tau2Estimate(0.1, 0.1, CLOSED_FORM), 0.95).low == 0
