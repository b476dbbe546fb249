"""Closed forms: quadratic forms set equal to their expectations.

For a form y'Ay with AX = 0 the expectation is tr(AV) + tau2 tr(A), and its variance, for normal
effects, 2 tr(A S A S) with S = V + tau2; the standard errors are its root over tr(A).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from metarel._linalg import weighted_least_squares
from metarel._optimize import CLOSED_FORM
from metarel.tau2._base import Moments, Tau2Estimate, moments

if TYPE_CHECKING:
    from metarel._checks import Array


def common_effect(y: Array, v: Array, X: Array) -> Tau2Estimate:  # noqa: ARG001
    """Take the between-study variance to be 0: the common-effect model.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances; not used.
    X : ndarray, shape (k, p)
        Design matrix; not used.

    Returns
    -------
    Tau2Estimate
        Value 0 with standard error 0.
    """
    return Tau2Estimate(0.0, 0.0, CLOSED_FORM)


def dersimonian_laird(y: Array, v: Array, X: Array) -> Tau2Estimate:
    """Estimate tau2 from Cochran's Q: (Q - (k - p)) / tr(P), cut at 0.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.

    Returns
    -------
    Tau2Estimate
        The estimate; the same number as metafor's "DL".

    References
    ----------
    [dersimonian1986]
    """
    df = len(y) - X.shape[1]
    sums = moments(y, v, X, 0.0)
    value = max((sums.rss - df) / sums.trace, 0.0)
    return Tau2Estimate(value, _q_spread(df, value, sums) / sums.trace, CLOSED_FORM)


def hunter_schmidt(y: Array, v: Array, X: Array) -> Tau2Estimate:
    """Estimate tau2 as (Q - k) / sum(w), cut at 0; biased low, by design.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.

    Returns
    -------
    Tau2Estimate
        The estimate; the same number as metafor's "HS".

    References
    ----------
    [hunter2004], [viechtbauer2005]
    """
    df = len(y) - X.shape[1]
    sums = moments(y, v, X, 0.0)
    total = float((1 / v).sum())
    value = max((sums.rss - len(y)) / total, 0.0)
    return Tau2Estimate(value, _q_spread(df, value, sums) / total, CLOSED_FORM)


def hunter_schmidt_small_sample(y: Array, v: Array, X: Array) -> Tau2Estimate:
    """Estimate tau2 as (Q k/(k - p) - k) / sum(w), cut at 0: Hunter-Schmidt for few studies.

    The observed variance of the effects gets the divisor k - p in place of k.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.

    Returns
    -------
    Tau2Estimate
        The estimate; the same number as metafor's "HSk".

    References
    ----------
    [brannick2019]
    """
    k = len(y)
    df = k - X.shape[1]
    sums = moments(y, v, X, 0.0)
    factor = k / df / float((1 / v).sum())
    value = max(factor * (sums.rss - df), 0.0)
    return Tau2Estimate(value, factor * _q_spread(df, value, sums), CLOSED_FORM)


def hartung_makambi(y: Array, v: Array, X: Array) -> Tau2Estimate:
    """Estimate tau2 as Q^2 / ((2(k - p) + Q) tr(P)); always positive unless effects are equal.

    A smooth function of Q takes the place of DerSimonian and Laird's cut at 0. The source has
    no moderators; k - 1 and sum(w) - sum(w^2)/sum(w) become k - p and tr(P). It is not
    consistent: it stays away from tau2 as studies are added.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.

    Returns
    -------
    Tau2Estimate
        The estimate; metafor does not have it. The standard error is by the delta method from
        the variance of Q.

    References
    ----------
    [hartung2003]
    """
    df = len(y) - X.shape[1]
    sums = moments(y, v, X, 0.0)
    Q = sums.rss
    value = Q**2 / ((2 * df + Q) * sums.trace)
    slope = Q * (Q + 4 * df) / ((2 * df + Q) ** 2 * sums.trace)
    return Tau2Estimate(value, slope * _q_spread(df, value, sums), CLOSED_FORM)


def two_step_dersimonian_laird(y: Array, v: Array, X: Array) -> Tau2Estimate:
    """Estimate tau2 by the method of moments with the weights of a DerSimonian-Laird fit.

    With P at weights 1/(v + t), t the first estimate, the expectation of y'Py is
    k - p + (tau2 - t) tr(P), so the second is t + (y'Py - (k - p)) / tr(P), cut at 0.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.

    Returns
    -------
    Tau2Estimate
        The estimate; the same number as metafor's "GENQ" with weights 1/(v + t). The standard
        error takes these weights as given.

    References
    ----------
    [dersimonian2007]
    """
    df = len(y) - X.shape[1]
    first = dersimonian_laird(y, v, X).value
    sums = moments(y, v, X, first)
    value = max(first + (sums.rss - df) / sums.trace, 0.0)
    spread = _q_spread(df, value - first, sums)
    return Tau2Estimate(value, spread / sums.trace, CLOSED_FORM)


def hedges(y: Array, v: Array, X: Array) -> Tau2Estimate:
    """Estimate tau2 from the unweighted residual variance less the mean sampling variance.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.

    Returns
    -------
    Tau2Estimate
        The estimate, cut at 0; the same number as metafor's "HE" (also called CO or VC).

    References
    ----------
    [hedges1983], [hedges1985]
    """
    plain = _Unweighted(y, v, X)
    value = max((plain.rss - plain.trace_v) / plain.df, 0.0)
    return Tau2Estimate(value, plain.spread(value) / plain.df, CLOSED_FORM)


def sidik_jonkman(y: Array, v: Array, X: Array, start: float | None = None) -> Tau2Estimate:
    """Estimate tau2 by one step from a crude start; always positive unless effects are equal.

    With tau0 the start, the estimate is tau0 times the residual sum of squares in units of
    v + tau0, over k - p.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.
    start : float, optional
        The crude estimate; by default the total variance of the effects with divisor k, which
        looks past the moderators.

    Returns
    -------
    Tau2Estimate
        The estimate; the same number as metafor's "SJ".

    References
    ----------
    [sidik2005]
    """
    crude = float(np.mean((y - y.mean()) ** 2)) if start is None else start
    df = len(y) - X.shape[1]
    if crude <= 0:
        return Tau2Estimate(0.0, 0.0, CLOSED_FORM)
    sums = moments(y, v, X, crude)
    value = crude * sums.rss / df
    # var of y'Py: S = (v + crude) + (value - crude), so PS = (projection) + (value - crude) P
    return Tau2Estimate(value, crude * _q_spread(df, value - crude, sums) / df, CLOSED_FORM)


def _q_spread(df: int, excess: float, sums: Moments) -> float:
    """Return the root of var(y'Py) when effects vary by ``excess`` beyond what P's weights say."""
    spread = 2 * df + 4 * excess * sums.trace + 2 * excess**2 * sums.trace_squared
    return math.sqrt(max(spread, 0.0))


class _Unweighted:
    """The ordinary least-squares projection M = I - X(X'X)^-1X', as sums."""

    def __init__(self, y: Array, v: Array, X: Array) -> None:
        ones = np.ones(len(y))
        fit = weighted_least_squares(y, X, ones)
        self.df = len(y) - X.shape[1]
        self.rss = fit.rss
        leverage = np.einsum("ij,jk,ik->i", X, fit.bread, X)
        self.trace_v = float(v @ (1 - leverage))
        cross = fit.bread @ (X.T @ (X * v[:, None]))
        squared = X.T @ (X * (v**2)[:, None])
        self._trace_mvmv = float(
            (v**2).sum() - 2 * np.sum(fit.bread * squared) + np.sum(cross * cross.T)
        )

    def spread(self, tau2: float) -> float:
        """Return the root of 2 tr(M S M S) at S = V + tau2."""
        return math.sqrt(2 * (self._trace_mvmv + 2 * tau2 * self.trace_v + tau2**2 * self.df))
