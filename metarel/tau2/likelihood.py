"""Maximum and restricted maximum likelihood, at the global optimum."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from metarel._linalg import weighted_least_squares
from metarel._optimize import Trace, root_in
from metarel.tau2._base import Moments, Tau2Estimate, moments, unit
from metarel.tau2.iterated import solve_generalised_q

if TYPE_CHECKING:
    from metarel._checks import Array

LOG_2PI = math.log(2 * math.pi)
#: Studies in one block of the grid search, so that its arrays stay in the cache.
BLOCK = 4096
#: Points of the grid that brackets every local maximum, spaced evenly in log(tau2 + unit).
GRID = 40


def log_likelihood(
    y: Array,
    v: Array,
    X: Array,
    tau2: float,
    *,
    restricted: bool,
    residuals: Array | None = None,
) -> float:
    """Return the profile log-likelihood of tau2, with all constants.

    The restricted form carries + log|X'X|/2 and the constant of k - p contrasts, as metafor and
    SAS do; some programs leave these out, which shifts AIC and BIC but no comparison.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.
    tau2 : float
        Between-study variance.
    restricted : bool
        Whether to return the restricted likelihood.
    residuals : ndarray, shape (k,), optional
        Residuals of other coefficients, such as those of user-given weights.

    Returns
    -------
    float
        The log-likelihood at the coefficients that maximise it, or at those given.

    References
    ----------
    [harville1977], [hardy1996]
    """
    k, p = X.shape
    fit = weighted_least_squares(y, X, 1 / (v + tau2))
    rss = fit.rss if residuals is None else float((residuals**2 / (v + tau2)).sum())
    value = -0.5 * (k * LOG_2PI + float(np.log(v + tau2).sum()) + rss)
    if restricted:
        design = weighted_least_squares(y, X, np.ones(k)).log_det
        value += 0.5 * (p * LOG_2PI + design - fit.log_det)
    return value


def maximum_likelihood(y: Array, v: Array, X: Array) -> Tau2Estimate:
    """Estimate tau2 by maximum likelihood, jointly with the coefficients.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.

    Returns
    -------
    Tau2Estimate
        The global maximum on [0, inf); the same number as metafor's "ML" wherever metafor's
        search reaches it. The standard error is sqrt(2 / sum(w^2)).

    References
    ----------
    [hardy1996], [viechtbauer2005]
    """
    value, trace = _maximise(y, v, X, restricted=False)
    return Tau2Estimate(value, math.sqrt(2 / float(((v + value) ** -2).sum())), trace)


def restricted_maximum_likelihood(y: Array, v: Array, X: Array) -> Tau2Estimate:
    """Estimate tau2 by restricted maximum likelihood, which allows for the coefficients' df.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.

    Returns
    -------
    Tau2Estimate
        The global maximum on [0, inf); the same number as metafor's "REML" wherever metafor's
        search reaches it. The standard error is sqrt(2 / tr(PP)).

    References
    ----------
    [harville1977], [viechtbauer2005]
    """
    value, trace = _maximise(y, v, X, restricted=True)
    return Tau2Estimate(value, math.sqrt(2 / moments(y, v, X, value).trace_squared), trace)


def _score(sums: Moments, w_sum: float, *, restricted: bool) -> float:
    """Return twice the derivative of the log-likelihood by tau2."""
    return sums.quad2 - (sums.trace if restricted else w_sum)


def _maximise(y: Array, v: Array, X: Array, *, restricted: bool) -> tuple[float, Trace]:
    """Bracket every local maximum on a log grid, solve each, and keep the highest.

    The likelihood of tau2 can have several maxima when precisions differ widely, and a search
    from one start may end in a lower one. Beyond the root of Q(tau2) = a small target the score
    is negative for good, which bounds the grid.
    """
    upper = upper_bound(y, v, X, restricted=restricted)
    floor = min(unit(v), float(v.min()))
    steps = np.linspace(0.0, math.log1p(upper / floor), GRID)
    grid = floor * np.expm1(steps)
    grid[-1] = upper

    def score(tau2: float) -> float:
        sums = moments(y, v, X, tau2)
        return _score(sums, float((1 / (v + tau2)).sum()), restricted=restricted)

    slopes = scores_on_grid(y, v, X, grid, restricted=restricted)
    best, trace = 0.0, Trace(True, 0, "tau2 is at its boundary, 0")
    found = [
        _root_between(score, float(grid[j]), float(grid[j + 1]))
        for j in range(GRID - 1)
        if slopes[j] > 0 >= slopes[j + 1]
    ]
    candidates = ([] if slopes[0] > 0 else [(best, trace)]) + found
    if not candidates:  # equal variances: the bound is the maximum, and its slope mere rounding
        return upper, Trace(True, 0)
    if len(candidates) == 1:
        return candidates[0]
    height = [log_likelihood(y, v, X, t, restricted=restricted) for t, _ in candidates]
    return candidates[int(np.argmax(height))]


def _root_between(score: Callable[[float], float], low: float, high: float) -> tuple[float, Trace]:
    """Solve inside a bracket; an end whose sign was rounding only is itself the maximum."""
    if score(low) <= 0:
        return low, Trace(True, 0)
    if score(high) > 0:
        return high, Trace(True, 0)
    return root_in(score, low, high, what="tau2")


def scores_on_grid(y: Array, v: Array, X: Array, grid: Array, *, restricted: bool) -> Array:
    """Return twice the score at many values of tau2, in one pass over blocks of studies.

    All sums come from products of the weights' powers with the cross-products of [X, y], so the
    work is a few small matrix products; the precision is enough to tell signs apart.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.
    grid : ndarray, shape (g,)
        Values of tau2.
    restricted : bool
        Whether to return the score of the restricted likelihood.

    Returns
    -------
    ndarray, shape (g,)
        The scores.
    """
    k, p = X.shape
    q = p + 1
    plain = weighted_least_squares(y, X, np.ones(k)).residuals  # P annihilates X: digits kept
    columns = np.column_stack([X / np.linalg.norm(X, axis=0), plain])
    first, second = np.zeros((len(grid), q * q)), np.zeros((len(grid), q * q))
    w_sum = np.zeros(len(grid))
    for start in range(0, k, BLOCK):
        part = slice(start, start + BLOCK)
        w = 1 / (v[part] + grid[:, None])
        products = (columns[part, :, None] * columns[part, None, :]).reshape(-1, q * q)
        first += w @ products
        second += (w**2) @ products
        w_sum += w.sum(axis=1)
    first, second = first.reshape(-1, q, q), second.reshape(-1, q, q)
    bread = np.linalg.inv(first[:, :p, :p])
    beta = (bread @ first[:, :p, p:])[:, :, 0]
    contrast = np.concatenate([-beta, np.ones((len(grid), 1))], axis=1)
    quad2 = np.einsum("gi,gij,gj->g", contrast, second, contrast)
    if not restricted:
        return quad2 - w_sum
    return quad2 - w_sum + np.einsum("gij,gji->g", bread, second[:, :p, :p])


def upper_bound(y: Array, v: Array, X: Array, *, restricted: bool) -> float:
    """Return a tau2 beyond which the likelihood only falls.

    At w = 1/(v + t) the score is y'PPy - tr(P) (or - sum w). As y'PPy <= max(w) Q(t) and both
    tr(P) >= (k - p) min(w) and sum(w) >= k min(w), the score is negative once
    Q(t) < (k - p) min(w)/max(w), and the ratio of weights is at least that at t = 0.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.
    restricted : bool
        Whether the likelihood is the restricted one.

    Returns
    -------
    float
        The bound, above 0.
    """
    k, p = X.shape
    spread = float(v.max() / v.min())
    start, _ = solve_generalised_q(y, v, X, float(k - p))
    bound = max(start, unit(v))
    for _ in range(1100):
        ratio = (float(v.min()) + bound) / (float(v.max()) + bound)
        q = weighted_least_squares(y, X, 1 / (v + bound)).rss
        if q < (k - p if restricted else k) * ratio:
            return bound
        bound *= 2
    return bound * spread
