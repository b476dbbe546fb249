"""Profile likelihood of a coefficient: limits and tests, with Bartlett's correction for a mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_choice, check_level
from metarel._distributions import chi_square_p
from metarel._lazy import optimize, special
from metarel._linalg import weighted_least_squares
from metarel._optimize import grow_until, root_in
from metarel._register import one_of
from metarel.errors import InputError
from metarel.models._mean_interval import MeanInterval, check_fit
from metarel.models.results import MetaFit
from metarel.tau2._base import unit
from metarel.tau2.interval import profile_likelihood
from metarel.tau2.likelihood import LOG_2PI, log_likelihood, maximum_likelihood

if TYPE_CHECKING:
    from metarel._checks import Array

#: Points of tau2 that are looked at before a maximum is refined.
GRID = 300


@says_what_it_takes
def likelihood_interval(
    fit: MetaFit,
    *,
    term: str | None = None,
    correction: str = "none",
    level: float | None = None,
) -> MeanInterval:
    """Give the profile likelihood interval of the mean, or of another coefficient.

    All values b are kept for which 2 (l(max) - l(b)) is below the quantile of chi-square with
    1 df, l(b) being the highest likelihood, over tau2 and the other coefficients, where the
    coefficient is b. Unlike a Wald interval it allows for the estimation of tau2, and it need not
    be symmetric.

    Parameters
    ----------
    fit : MetaFit
        A fit; its tau2 and test play no part: everything is by maximum likelihood.
    term : str, optional
        The coefficient; may be left out where there is one.
    correction : {"none", "bartlett"}
        Whether the statistic is divided by Bartlett's factor 1 + 2 C, so that its mean is nearer
        to that of chi-square with few studies; for a mean, C = S3/(S1 S2) - S2/(4 S1^2), S_j
        being the sum of (v + tau2)^-j at the tau2 that is best for b.
    level : float, optional
        Confidence level, a fraction; by default the fit's.

    Returns
    -------
    MeanInterval
        Estimate by maximum likelihood, limits, p-value of the likelihood-ratio test (of the
        hypothesis 0), and tau2; the standard error is that of the information at the maximum.

    Raises
    ------
    InputError
        On own weights, an unknown term, and Bartlett's correction with moderators.

    Notes
    -----
    The intervals of pimeta's ``cima`` ("PL" and "BC") by definition. With several maxima of the
    likelihood, the limits span all values that are kept.

    References
    ----------
    [hardy1996], [noma2011]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015], tau2="ML")
    >>> plain = mr.likelihood_interval(fit)
    >>> round(plain.ci_low, 3), round(plain.ci_high, 3)
    (0.056, 0.689)
    >>> corrected = mr.likelihood_interval(fit, correction="bartlett")
    >>> round(corrected.ci_low, 3), round(corrected.ci_high, 3)
    (-0.04, 0.795)
    """
    check_choice("correction", correction, ("none", "bartlett"))
    corrected = correction == "bartlett"
    fit = check_fit(fit, mean_only="Bartlett's correction" if corrected else "")
    level = fit.spec.level if level is None else check_level(level)
    column = _column(fit, term)
    y, v, X = fit.study.yi, fit.study.vi, fit.study.X
    tau2 = maximum_likelihood(y, v, X).value
    found = weighted_least_squares(y, X, 1 / (v + tau2))
    if corrected:
        low, high, p = _bartlett(y, v, tau2, level)
    else:
        low, high = _limits(y, v, X, column, level)
        p = chi_square_p(_statistic_at_zero(y, v, X, column, tau2), 1)
    return MeanInterval(
        method="Profile likelihood" + (", Bartlett-corrected" if corrected else ""),
        term=fit.study.terms[column],
        estimate=float(found.beta[column]),
        se=float(np.sqrt(found.bread[column, column])),
        ci_low=low,
        ci_high=high,
        p_value=p,
        tau2=tau2,
        level=level,
    )


def _column(fit: MetaFit, term: str | None) -> int:
    terms = list(fit.study.terms)
    if term is None and len(terms) == 1:
        return 0
    if term not in terms:
        raise InputError(one_of("term", terms, term))
    return terms.index(str(term))


def _limits(y: Array, v: Array, X: Array, column: int, level: float) -> tuple[float, float]:
    """Return the outermost values that are kept.

    At given tau2 the likelihood is a parabola in the coefficient, so that the values kept are an
    interval around its estimate; the limits are the outermost ends over all tau2 whose profile
    reaches the threshold.
    """
    kept = profile_likelihood(y, v, X, level, restricted=False)
    drop = 0.5 * float(special.ndtri((1 - level) / 2)) ** 2
    peak = maximum_likelihood(y, v, X).value
    target = log_likelihood(y, v, X, peak, restricted=False) - drop

    def end(tau2: float, side: float) -> float:
        found = weighted_least_squares(y, X, 1 / (v + tau2))
        height = log_likelihood(y, v, X, tau2, restricted=False) - target
        if height < 0:
            return -np.inf
        spread = np.sqrt(2 * height * found.bread[column, column])
        return float(side * found.beta[column] + spread)

    grid = _grid(kept.low, kept.high, unit(v))
    low = -_highest(lambda tau2: end(tau2, -1.0), grid)
    return low, _highest(lambda tau2: end(tau2, 1.0), grid)


def _statistic_at_zero(y: Array, v: Array, X: Array, column: int, tau2: float) -> float:
    """Return the likelihood-ratio statistic of the hypothesis that a coefficient is 0."""
    most = log_likelihood(y, v, X, tau2, restricted=False)
    rest = np.delete(X, column, axis=1)
    if not rest.shape[1]:
        return max(2 * (most - log_likelihood_of_residuals(y, v, best_tau2(y, v))), 0.0)
    other = maximum_likelihood(y, v, rest).value
    return max(2 * (most - log_likelihood(y, v, rest, other, restricted=False)), 0.0)


def log_likelihood_of_residuals(r: Array, v: Array, tau2: float) -> float:
    """Return the log-likelihood of residuals about a known mean.

    Parameters
    ----------
    r, v : ndarray, shape (k,)
        Residuals and sampling variances.
    tau2 : float
        Between-study variance.

    Returns
    -------
    float
        The log-likelihood, with all constants.
    """
    u = v + tau2
    return float(-0.5 * (len(r) * LOG_2PI + np.log(u).sum() + (r**2 / u).sum()))


def best_tau2(r: Array, v: Array) -> float:
    """Return the tau2 of highest likelihood about a known mean; beyond max(r^2) it only falls.

    Parameters
    ----------
    r, v : ndarray, shape (k,)
        Residuals and sampling variances.

    Returns
    -------
    float
        The global maximum over a grid, refined.
    """
    end = float((r**2).max())
    if end <= v.min():
        return 0.0
    grid = _grid(0.0, end, float(v.min()))
    u = v + grid[:, None]
    heights = -0.5 * (np.log(u) + r**2 / u).sum(axis=1)
    best = int(np.argmax(heights))
    left, right = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]

    def score(tau2: float) -> float:
        u = v + tau2
        return float(((r**2 - u) / u**2).sum())

    if score(left) <= 0:
        return float(left)
    return float(right) if score(right) >= 0 else root_in(score, left, right, what="tau2")[0]


def bartlett_factor(v: Array, tau2: float) -> float:
    """Return 1 + 2 C, the mean of the likelihood-ratio statistic of a mean to order 1/k.

    Parameters
    ----------
    v : ndarray, shape (k,)
        Sampling variances.
    tau2 : float
        Between-study variance.

    Returns
    -------
    float
        1 + 2 S3/(S1 S2) - S2/(2 S1^2) [noma2011]; 1 + 3/(2k) where all variances are equal.
    """
    w = 1 / (v + tau2)
    s1, s2, s3 = float(w.sum()), float(w @ w), float(w**2 @ w)
    return 1 + 2 * s3 / (s1 * s2) - s2 / (2 * s1**2)


def _bartlett(y: Array, v: Array, tau2: float, level: float) -> tuple[float, float, float]:
    """Return limits and p-value of the corrected statistic."""
    w = 1 / (v + tau2)
    mean, se = float(w @ y / w.sum()), float(1 / np.sqrt(w.sum()))
    most = log_likelihood_of_residuals(y - mean, v, tau2)
    quantile = float(special.ndtri((1 - level) / 2)) ** 2

    def statistic(mu: float) -> float:
        best = best_tau2(y - mu, v)
        ratio = 2 * (most - log_likelihood_of_residuals(y - mu, v, best))
        return max(ratio, 0.0) / bartlett_factor(v, best)

    def limit(side: float) -> float:
        def excess(step: float) -> float:
            return statistic(mean + side * step) - quantile

        beyond = grow_until(lambda step: excess(step) > 0, se, what="the limit")
        return mean + side * root_in(excess, 0.0, beyond, what="limit")[0]

    return limit(-1.0), limit(1.0), chi_square_p(statistic(0.0), 1)


def _grid(low: float, high: float, scale: float) -> Array:
    """Return points of tau2, dense where the likelihood bends."""
    grid = scale * np.expm1(np.linspace(np.log1p(low / scale), np.log1p(high / scale), GRID))
    grid[0], grid[-1] = low, high
    return np.asarray(grid)


def _highest(function: Callable[[float], float], grid: Array) -> float:
    """Return the maximum over a grid, refined within the two cells around it."""
    values = [function(float(tau2)) for tau2 in grid]
    best = int(np.argmax(values))
    left, right = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)])
    if not left < right:
        return values[best]
    found = optimize.minimize_scalar(
        lambda tau2: -function(float(tau2)),
        bounds=(left, right),
        method="bounded",
        options={"xatol": 1e-9 * right, "maxiter": 200},
    )
    return max(values[best], -float(found.fun))
