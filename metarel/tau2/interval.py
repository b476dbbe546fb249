"""Limits of tau2: the Q-profile and the profile likelihood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special
from metarel._optimize import Trace, grow_until, root_in
from metarel.tau2._base import unit
from metarel.tau2._sums import Sums
from metarel.tau2.iterated import root_of_q
from metarel.tau2.likelihood import (
    log_likelihood,
    maximum_likelihood,
    restricted_maximum_likelihood,
    upper_bound,
)

if TYPE_CHECKING:
    from metarel._checks import Array

#: Points at which a profile is looked at before its limits are solved for.
GRID = 40
#: What the trace of an empty Q-profile says.
EMPTY = "no tau2 is compatible with so little variation: the set is empty"
#: What the trace of a profile with several maxima above the threshold says.
PIECES = "the likelihood has several maxima: the set is in pieces and the limits span them"


@dataclass(frozen=True, slots=True)
class Tau2Interval:
    """Confidence limits of the between-study variance.

    Parameters
    ----------
    low, high : float
        The limits; NaN where the set is empty.
    method : str
        "QP", "PL", "GENQ", "HT" or "Wald".
    level : float
        Confidence level, a fraction.
    trace : Trace
        How they were reached, and what a reader should know of them.
    """

    low: float
    high: float
    method: str
    level: float
    trace: Trace


def q_profile(y: Array, v: Array, X: Array, level: float) -> Tau2Interval:
    """Find the tau2 at which the generalised Q equals the two quantiles of its distribution.

    Q(tau2) is chi-square with k - p degrees of freedom at the true tau2 and falls in tau2, so
    the set of values that Q does not reject is an interval of exact level, for normal effects.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank, with k > p.
    level : float
        Confidence level, a fraction.

    Returns
    -------
    Tau2Interval
        The limits; a lower limit of 0 where Q(0) is below the upper quantile. Where Q(0) is
        below even the lower quantile every tau2 is rejected: the set is empty, the limits are
        NaN and the trace says so. metafor's ``confint`` gives the same limits, and 0 for both
        when the set is empty.

    References
    ----------
    [viechtbauer2007]
    """
    half, tail = (len(y) - X.shape[1]) / 2, (1 - level) / 2
    least, most = 2 * special.gammaincinv(half, tail), 2 * special.gammainccinv(half, tail)
    sums = Sums(y, v, X)
    if sums.q(0.0)[0] < least:
        return Tau2Interval(np.nan, np.nan, "QP", level, Trace(True, 0, EMPTY))
    low, of_low = root_of_q(sums, float(most))
    high, of_high = root_of_q(sums, float(least), low)
    return Tau2Interval(low, high, "QP", level, joint(of_low, of_high))


def profile_likelihood(
    y: Array, v: Array, X: Array, level: float, *, restricted: bool
) -> Tau2Interval:
    """Find where the log-likelihood lies half a chi-square quantile (1 df) below its maximum.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank, with k > p.
    level : float
        Confidence level, a fraction.
    restricted : bool
        Whether to profile the restricted likelihood.

    Returns
    -------
    Tau2Interval
        The outermost limits, the lower one 0 where the likelihood at 0 is high enough; the same
        numbers as metafor's ``confint(type="PL")`` where the likelihood has one maximum. Where
        it has several, the set may be in pieces: the trace then says that the limits span them.

    References
    ----------
    [hardy1996], [viechtbauer2007]
    """
    estimate = restricted_maximum_likelihood if restricted else maximum_likelihood
    peak = estimate(y, v, X).value
    # chi-square with 1 df is a squared normal
    drop = 0.5 * float(special.ndtri((1 - level) / 2)) ** 2
    target = log_likelihood(y, v, X, peak, restricted=restricted) - drop

    def height(tau2: float) -> float:
        return log_likelihood(y, v, X, tau2, restricted=restricted) - target

    beyond = max(peak, upper_bound(y, v, X, restricted=restricted))
    end = grow_until(lambda tau2: height(tau2) < 0, beyond, what="the upper limit of tau2")
    floor = min(unit(v), float(v.min()))
    grid = floor * np.expm1(np.linspace(0.0, np.log1p(end / floor), GRID))
    grid[-1] = end
    return _outermost(height, np.unique(np.append(grid, peak)), level)


def _outermost(height: Callable[[float], float], grid: Array, level: float) -> Tau2Interval:
    """Solve for the first and the last change of sign; the last point of the grid is below 0."""
    above = np.array([height(float(tau2)) >= 0 for tau2 in grid])
    first, last = int(np.flatnonzero(above)[0]), int(np.flatnonzero(above)[-1])
    low, of_low = 0.0, Trace(True, 0, "the lower limit is at the boundary, 0")
    if first > 0:
        low, of_low = root_in(height, float(grid[first - 1]), float(grid[first]), what="limit")
    high, of_high = root_in(height, float(grid[last]), float(grid[last + 1]), what="limit")
    trace = joint(of_low, of_high)
    if not above[first : last + 1].all():
        trace = Trace(trace.converged, trace.iterations, PIECES)
    return Tau2Interval(low, high, "PL", level, trace)


def joint(low: Trace, high: Trace) -> Trace:
    """Return one trace of both limits; a root at the boundary is a lower limit of 0.

    Parameters
    ----------
    low, high : Trace
        How each limit was reached.

    Returns
    -------
    Trace
        How both were.
    """
    note = "the lower limit is at the boundary, 0" if low.message else ""
    return Trace(
        low.converged and high.converged,
        low.iterations + high.iterations,
        note,
    )
