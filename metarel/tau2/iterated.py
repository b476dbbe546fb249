"""Roots of the generalised Q statistic: the tau2 at which Q equals its expectation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from metarel._lazy import special
from metarel._linalg import weighted_least_squares
from metarel._optimize import Trace
from metarel.tau2._base import AT_BOUNDARY, Tau2Estimate
from metarel.tau2._sums import Sums

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
    return root_of_q(Sums(y, v, X), target)


def root_of_q(sums: Sums, target: float, start: float = 0.0) -> tuple[float, Trace]:
    """Solve Q(tau2) = target by Newton's rule on 1/Q, from a start that is not above the root.

    1/Q is a harmonic mean of terms that are linear in tau2, hence concave: from the left each
    step stays on the left, and with equal variances, where it is a line, one step is enough.

    Parameters
    ----------
    sums : Sums
        The data.
    target : float
        The value that Q shall take, above 0.
    start : float
        A tau2 at or below the root; where Q is below the target at 0, 0 is returned.

    Returns
    -------
    tuple of float and Trace
        The root and how it was reached.
    """
    Q, fall = sums.q(start)
    if target >= Q:
        return start, Trace(True, 0, "" if start else AT_BOUNDARY)
    tau2 = start
    for iteration in range(1, 500):
        step = (Q / target - 1) * Q / fall
        tau2 += step
        if step <= max(1e-8 * tau2, 1e-16 * sums.unit):  # the next would be below rounding
            return tau2, Trace(True, iteration)
        Q, fall = sums.q(tau2)
    return tau2, Trace(False, iteration)


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
    return _at_target(y, v, X, float(k - p))


def median_unbiased_paule_mandel(y: Array, v: Array, X: Array) -> Tau2Estimate:
    """Estimate tau2 as the value at which the generalised Q equals the median of chi-square.

    The estimator is too high as often as it is too low, where "PM" is right on average.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.

    Returns
    -------
    Tau2Estimate
        The estimate, 0 where Q is at most the median; the same number as metafor's "PMM" at
        tight thresholds. The standard error is that of "PM", at the estimate.

    References
    ----------
    [viechtbauer2021]
    """
    k, p = X.shape
    return _at_target(y, v, X, 2 * float(special.gammaincinv((k - p) / 2, 0.5)))


def _at_target(y: Array, v: Array, X: Array, target: float) -> Tau2Estimate:
    """Solve Q = target, with the standard error of the empirical Bayes estimator."""
    k, p = X.shape
    value, trace = solve_generalised_q(y, v, X, target)
    total = float((1 / (v + value)).sum())
    return Tau2Estimate(value, math.sqrt(2 * k**2 / (k - p)) / total, trace)
