"""More limits of tau2: generalised Q, test-based, and from the standard error."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special
from metarel._optimize import CLOSED_FORM, Trace
from metarel.errors import InputError
from metarel.tau2._base import Tau2Estimate
from metarel.tau2._sums import Sums
from metarel.tau2.given_weights import Form, solve_cdf
from metarel.tau2.interval import EMPTY, Tau2Interval, joint

if TYPE_CHECKING:
    from metarel._checks import Array


def generalised_q_interval(
    y: Array, v: Array, X: Array, level: float, weights: Array
) -> Tau2Interval:
    """Find the tau2 at which the observed Q with given weights is at the tails of its distribution.

    Q is a positive combination of chi-squares whose weights rise with tau2, and its exact
    distribution function at the observed value falls: the values of tau2 that it does not
    reject are an interval of exact level, for normal effects.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank, with k > p.
    level : float
        Confidence level, a fraction.
    weights : ndarray, shape (k,)
        Positive weights that do not depend on the effects: 1/v is Cochran's Q, 1/sqrt(v) a
        choice that is narrower where heterogeneity is moderate.

    Returns
    -------
    Tau2Interval
        The limits; a lower limit of 0 where 0 is not rejected; NaN twice, and a trace that says
        so, where every tau2 is rejected because Q is too small even for 0. metafor's
        ``confint(type="GENQ")`` gives the same limits.

    References
    ----------
    [jackson2013], [jackson2014], [biggerstaff2008]
    """
    form, tail = Form(y, v, X, weights), (1 - level) / 2
    if form.cdf(0.0) < tail:
        return Tau2Interval(np.nan, np.nan, "GENQ", level, Trace(True, 0, EMPTY))
    low, of_low = solve_cdf(form, 1 - tail)
    high, of_high = solve_cdf(form, tail)
    return Tau2Interval(low, high, "GENQ", level, joint(of_low, of_high))


def higgins_thompson(y: Array, v: Array, X: Array, level: float) -> Tau2Interval:
    """Find limits from a standard error of log H, H^2 = Q/(k - p).

    The standard error of log H is (log Q - log(k - p)) / (2 (sqrt(2Q) - sqrt(2(k - p) - 1)))
    for Q above k - p + 1, and otherwise the root of (1 - 1/(3(k - p - 1)^2)) / (2(k - p - 1)).
    H^2 and its lower limit are held at 1 or above; its limits become those of tau2 by
    tau2 = s2 (H^2 - 1), s2 being the typical sampling variance (k - p)/tr(P).

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank, with k > p + 1.
    level : float
        Confidence level, a fraction.

    Returns
    -------
    Tau2Interval
        The limits, around the estimate of "DL" whatever the fit; the same numbers as metafor's
        ``confint(type="HT")`` of a fit by "DL". They are approximate.

    Raises
    ------
    InputError
        With one degree of freedom only.

    References
    ----------
    [higgins2002]
    """
    sums, df = Sums(y, v, X)(0.0), len(y) - X.shape[1]
    if df < 2:
        raise InputError(
            '`method` "HT" needs at least 2 degrees of freedom; here is 1. Use method="QP".'
        )
    Q = sums.rss
    if df + 1 < Q:
        se = 0.5 * math.log(Q / df) / (math.sqrt(2 * Q) - math.sqrt(2 * df - 1))
    else:
        se = math.sqrt((1 - 1 / (3 * (df - 1) ** 2)) / (2 * (df - 1)))
    reach = math.exp(2 * float(special.ndtri((1 + level) / 2)) * se)
    centre = max(Q / df, 1.0)
    H2 = np.array([max(centre / reach, 1.0), centre * reach])
    low, high = ((H2 - 1) * df / sums.trace).tolist()
    return Tau2Interval(low, high, "HT", level, CLOSED_FORM)


def from_standard_error(estimate: Tau2Estimate, level: float) -> Tau2Interval:
    """Return tau2 plus and minus a normal quantile times its standard error, cut at 0.

    Parameters
    ----------
    estimate : Tau2Estimate
        The estimate.
    level : float
        Confidence level, a fraction.

    Returns
    -------
    Tau2Interval
        The limits; the same numbers as metafor's ``confint(type="Wald")``. The distribution of
        an estimate is skewed unless there are many studies: the limits are crude.

    References
    ----------
    [viechtbauer2007]
    """
    reach = float(special.ndtri((1 + level) / 2)) * estimate.se
    low, high = max(estimate.value - reach, 0.0), estimate.value + reach
    return Tau2Interval(low, high, "Wald", level, CLOSED_FORM)
