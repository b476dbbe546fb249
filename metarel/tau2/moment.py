"""Closed forms: quadratic forms set equal to their expectations.

For a form y'Ay with AX = 0 the expectation is tr(AV) + tau2 tr(A), and its variance, for normal
effects, 2 tr(A S A S) with S = V + tau2; the standard errors are its root over tr(A).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from metarel._linalg import is_mean
from metarel._optimize import CLOSED_FORM
from metarel.errors import InputError
from metarel.tau2._base import Moments, Tau2Estimate
from metarel.tau2._sums import Sums

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
        Value 0; a number that is assumed has no standard error (NaN).
    """
    return Tau2Estimate(0.0, math.nan, CLOSED_FORM)


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
    sums = Sums(y, v, X)(0.0)
    value = max((sums.rss - df) / sums.trace, 0.0)
    return Tau2Estimate(value, q_spread(df, value, sums) / sums.trace, CLOSED_FORM, sums)


def dersimonian_laird_from_tables(
    y: Array, v: Array, X: Array, centre: float | None = None, tables: int | None = None
) -> Tau2Estimate:
    """Estimate tau2 as DerSimonian and Laird, with Q about the Mantel-Haenszel estimate.

    Q is the sum of (y - centre)^2 / v; tr(P) is as before. As the weighted mean has the smallest
    Q of all centres, the estimate is never below "DL".

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, 1)
        An intercept: moderators have no Mantel-Haenszel estimate.
    centre : float
        The Mantel-Haenszel estimate, on the scale of y.
    tables : int, optional
        The number of tables it was made from, which must be that of the studies.

    Returns
    -------
    Tau2Estimate
        The estimate, cut at 0; RevMan 5's for the Mantel-Haenszel random-effects method. The
        standard error is that of "DL".

    Raises
    ------
    InputError
        When there is no centre, there are moderators, or the studies are not the tables.

    References
    ----------
    [deeks2010]
    """
    if centre is None:
        raise InputError(
            '`tau2` "DLMH" needs the 2 x 2 tables behind the effects: '
            "pass tau2=tau2_from_tables(data, measure, ...)."
        )
    if not is_mean(X):
        raise InputError(
            '`tau2` "DLMH" is defined for a pooled mean only: there is no Mantel-Haenszel '
            'estimate with moderators. Use tau2="DL".'
        )
    if tables is not None and tables != len(y):
        raise InputError(
            f"`tau2` was made from {tables} tables with information, but {len(y)} studies are "
            "pooled; both must be the same rows. Make it anew for a subset, and leave tables "
            "without events out of OR and RR: effect_sizes(..., drop00=True)."
        )
    df = len(y) - 1
    sums = Sums(y, v, X)(0.0)
    value = max((float(((y - centre) ** 2 / v).sum()) - df) / sums.trace, 0.0)
    return Tau2Estimate(value, q_spread(df, value, sums) / sums.trace, CLOSED_FORM)


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
    sums = Sums(y, v, X)(0.0)
    total = float((1 / v).sum())
    value = max((sums.rss - len(y)) / total, 0.0)
    return Tau2Estimate(value, q_spread(df, value, sums) / total, CLOSED_FORM)


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
    sums = Sums(y, v, X)(0.0)
    factor = k / df / float((1 / v).sum())
    value = max(factor * (sums.rss - df), 0.0)
    return Tau2Estimate(value, factor * q_spread(df, value, sums), CLOSED_FORM)


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
    sums = Sums(y, v, X)(0.0)
    Q = sums.rss
    value = Q**2 / ((2 * df + Q) * sums.trace)
    slope = Q * (Q + 4 * df) / ((2 * df + Q) ** 2 * sums.trace)
    return Tau2Estimate(value, slope * q_spread(df, value, sums), CLOSED_FORM)


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
    sums = Sums(y, v, X)(crude)
    value = crude * sums.rss / df
    # var of y'Py: S = (v + crude) + (value - crude), so PS = (projection) + (value - crude) P
    return Tau2Estimate(value, crude * q_spread(df, value - crude, sums) / df, CLOSED_FORM)


def q_spread(df: int, excess: float, sums: Moments) -> float:
    """Return the root of var(y'Py) when effects vary by ``excess`` beyond what P's weights say.

    Parameters
    ----------
    df : int
        k - p.
    excess : float
        Variance of the effects beyond the inverse of the weights.
    sums : Moments
        Traces of P.

    Returns
    -------
    float
        The root of 2 (k - p) + 4 excess tr(P) + 2 excess^2 tr(PP).
    """
    spread = 2 * df + 4 * excess * sums.trace + 2 * excess**2 * sums.trace_squared
    return math.sqrt(max(spread, 0.0))
