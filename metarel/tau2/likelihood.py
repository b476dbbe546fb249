"""Maximum and restricted maximum likelihood, at the global optimum."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from metarel._linalg import is_mean, weighted_least_squares
from metarel._optimize import Trace
from metarel._products import qr
from metarel.tau2._base import AT_BOUNDARY, Tau2Estimate, unit
from metarel.tau2._landscape import Landscape
from metarel.tau2._sums import Sums
from metarel.tau2.iterated import solve_generalised_q

if TYPE_CHECKING:
    from metarel._checks import Array

LOG_2PI = math.log(2 * math.pi)


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
    total = v + tau2
    fit = weighted_least_squares(y, X, 1 / total)
    rss = fit.rss if residuals is None else float((residuals**2 / total).sum())
    return likelihood_of(X, total, rss, fit.log_det if restricted else None)


def likelihood_of(X: Array, total: Array, rss: float, log_det: float | None) -> float:
    """Return the log-likelihood from the sums of a fit; the restricted one where log_det is given.

    Parameters
    ----------
    X : ndarray, shape (k, p)
        Design matrix of full rank.
    total : ndarray, shape (k,)
        Variances of the effects, v + tau2.
    rss : float
        Sum of squared residuals, each over its variance.
    log_det : float or None
        log|X'WX| with the inverse variances as weights; None for the full likelihood.

    Returns
    -------
    float
        The log-likelihood with all constants.
    """
    k, p = X.shape
    value = -0.5 * (k * LOG_2PI + float(np.log(total).sum()) + rss)
    if log_det is not None:
        value += 0.5 * (p * LOG_2PI + _log_det_plain(X) - log_det)
    return value


def _log_det_plain(X: Array) -> float:
    """Return log|X'X|."""
    if is_mean(X):
        return math.log(len(X))
    return 2 * float(np.log(np.abs(np.diag(qr(X)[1]))).sum())


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
    return _maximise(y, v, X, restricted=False)


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
    return _maximise(y, v, X, restricted=True)


def _maximise(y: Array, v: Array, X: Array, *, restricted: bool) -> Tau2Estimate:
    """Find every local maximum and keep the highest.

    The likelihood of tau2 can have several maxima when precisions differ widely, and a search
    from one start may end in a lower one.
    """
    sums = Sums(y, v, X)
    landscape = Landscape(sums, restricted=restricted)
    maxima = landscape.explore()
    best = maxima[0]
    if len(maxima) > 1:
        best = max(
            maxima, key=lambda point: log_likelihood(y, v, X, point.tau2, restricted=restricted)
        )
    told = "" if best.tau2 > 0 else AT_BOUNDARY
    # g_slope is tr(PP)/tr(P)^2, or the same of the weights
    information = best.g_slope * best.G**2
    trace = Trace(landscape.complete, landscape.evaluations, told)
    return Tau2Estimate(best.tau2, math.sqrt(2 / information), trace, landscape.at_zero)


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
