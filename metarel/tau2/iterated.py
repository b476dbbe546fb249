"""Roots of the generalised Q statistic: the tau2 at which Q equals its expectation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from metarel._linalg import weighted_least_squares
from metarel._optimize import Trace, grow_until, root_in
from metarel.tau2._base import Tau2Estimate, unit

if TYPE_CHECKING:
    from metarel._checks import Array


def generalised_q(y: Array, v: Array, X: Array, tau2: float) -> float:
    """Return Q(tau2): the residual sum of squares with weights 1/(v + tau2).

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.
    tau2 : float
        The between-study variance at which to evaluate; Q falls as it grows.

    Returns
    -------
    float
        The statistic.

    References
    ----------
    [dersimonian2007], [viechtbauer2007]
    """
    return weighted_least_squares(y, X, 1 / (v + tau2)).rss


def solve_generalised_q(y: Array, v: Array, X: Array, target: float) -> tuple[float, Trace]:
    """Find the tau2 at which Q(tau2) equals a target; 0 where Q(0) is already below it.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.
    target : float
        The value that Q shall take, above 0.

    Returns
    -------
    tuple of float and Trace
        The root and how it was reached.
    """
    if generalised_q(y, v, X, 0.0) <= target:
        return 0.0, Trace(True, 0, "tau2 is at its boundary, 0")

    def excess(tau2: float) -> float:
        return generalised_q(y, v, X, tau2) - target

    upper = grow_until(lambda tau2: excess(tau2) < 0, unit(v), what="tau2")
    return root_in(excess, 0.0, upper, what="tau2")


def paule_mandel(y: Array, v: Array, X: Array) -> Tau2Estimate:
    """Estimate tau2 as the value at which the generalised Q equals k - p.

    The empirical Bayes estimator solves the same equation, so "EB" and "PM" are one number. So
    do the one-step forms taken to their fixed point: t + (Q(t) - (k - p)) / tr(P) of the method
    of moments ("DLIT") and t Q(t) / (k - p) of Sidik and Jonkman ("SJIT") both stay at t where
    Q(t) = k - p.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.

    Returns
    -------
    Tau2Estimate
        The estimate, 0 where Q is at most k - p; the same number as metafor's "PM", "EB", "DLIT"
        and "SJIT" at tight thresholds. The standard error is that of the empirical Bayes estimator,
        sqrt(2 k^2 / (k - p)) / sum(w).

    References
    ----------
    [paule1982], [morris1983], [viechtbauer2005]
    """
    k, p = X.shape
    value, trace = solve_generalised_q(y, v, X, float(k - p))
    total = float((1 / (v + value)).sum())
    return Tau2Estimate(value, math.sqrt(2 * k**2 / (k - p)) / total, trace)
