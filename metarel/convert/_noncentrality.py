"""The noncentrality of a t, F or chi-square distribution under which a statistic is as large."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._format import listing
from metarel._lazy import elementwise, special
from metarel._vocabulary import ANY, NOT_NEGATIVE, Domain
from metarel.errors import ConvergenceError, InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array

#: Doublings of a bracket; beyond, no noncentrality of floating point would fit.
DOUBLINGS = 1100


@dataclass(frozen=True, slots=True)
class Distribution:
    """A noncentral distribution, decreasing in its noncentrality.

    Parameters
    ----------
    name : str
        What its statistic is called.
    domain : Domain
        Where the statistic lies.
    cdf : callable
        ``cdf(statistic, df1, df2, ncp)``; chi-square ignores df2, t ignores df1.
    guess : callable
        ``guess(statistic, df1, df2)`` gives a noncentrality near the middle of the limits, and
        about a standard deviation of its estimate.
    signed : bool
        Whether the noncentrality may be negative.
    """

    name: str
    domain: Domain
    cdf: Callable[[Array, Array, Array, Array], Array]
    guess: Callable[[Array, Array, Array], tuple[Array, Array]]
    signed: bool = False


def _near_t(t: Array, _df1: Array, df2: Array) -> tuple[Array, Array]:
    return t, np.sqrt(1 + t**2 / (2 * df2))


def _near_f(f: Array, df1: Array, df2: Array) -> tuple[Array, Array]:
    center = np.maximum(df1 * (f - 1), 0)
    return center, np.sqrt(2 * (df1 + 2 * center) + 2 * (df1 + center) ** 2 / df2)


def _near_chi2(chi2: Array, df1: Array, _df2: Array) -> tuple[Array, Array]:
    center = np.maximum(chi2 - df1, 0)
    return center, np.sqrt(2 * (df1 + 2 * center))


T = Distribution("t", ANY, lambda t, _df1, df2, ncp: special.nctdtr(df2, ncp, t), _near_t, True)
F = Distribution(
    "F", NOT_NEGATIVE, lambda f, df1, df2, ncp: special.ncfdtr(df1, df2, ncp, f), _near_f
)
CHI2 = Distribution(
    "chi-square",
    NOT_NEGATIVE,
    lambda x, df1, _df2, ncp: special.chndtr(x, df1, ncp),
    _near_chi2,
)


def ncp_limits(
    distribution: Distribution, statistic: Array, df: tuple[Array, Array], level: float
) -> tuple[Array, Array]:
    """Return the limits of the noncentrality, cut at 0 where it cannot be negative.

    Parameters
    ----------
    distribution : Distribution
        The family.
    statistic : ndarray of shape (k,)
        The observed statistics; NaN gives NaN.
    df : tuple of ndarray
        Degrees of freedom, df1 and df2.
    level : float
        The confidence level.

    Returns
    -------
    low, high : ndarray of shape (k,)
        The limits.

    Raises
    ------
    InputError
        Where the distribution cannot be computed.
    """
    # The lower half of a signed distribution mirrors the upper, which is computed more reliably.
    size = np.abs(statistic)
    low = _noncentrality(distribution, size, df, (1 + level) / 2)
    high = _noncentrality(distribution, size, df, (1 - level) / 2)
    mirrored = statistic < 0
    return np.where(mirrored, -high, low), np.where(mirrored, -low, high)


def _noncentrality(
    distribution: Distribution, statistic: Array, df: tuple[Array, Array], probability: float
) -> Array:
    """Return the noncentrality at which the distribution function is the probability, or 0."""
    x, df1, df2 = np.broadcast_arrays(statistic, *df)
    known = np.isfinite(x) & np.isfinite(df1) & np.isfinite(df2)

    def miss(ncp: Array, x: Array, df1: Array, df2: Array) -> Array:
        return distribution.cdf(x, df1, df2, ncp) - probability

    args = (x[known], df1[known], df2[known])
    found = np.zeros(known.sum())
    open_ = np.ones_like(found, bool) if distribution.signed else miss(found, *args) > 0
    rest = tuple(a[open_] for a in args)
    if open_.any():
        bracket = _bracket(miss, rest, distribution)
        solved = elementwise.find_root(miss, bracket, args=rest)
        _refuse_uncomputed(np.isnan(solved.f_x), rest[0])
        if not solved.success.all():
            raise ConvergenceError("The limits of a noncentrality were not reached.")
        found[open_] = solved.x
    result = np.full(x.shape, np.nan)
    result[known] = found
    return result


def _bracket(
    miss: Callable[..., Array], args: tuple[Array, ...], distribution: Distribution
) -> tuple[Array, Array]:
    """Double a step away from the guess until the miss, which decreases, has changed its sign.

    Far from the guess a distribution function is 0 or 1, where library functions are least safe.
    """
    inner, step = distribution.guess(*args)
    floor = -np.inf if distribution.signed else 0.0
    direction = np.where(miss(inner, *args) > 0, 1.0, -1.0)
    outer = inner
    for _ in range(DOUBLINGS):
        outer = np.maximum(inner + direction * step, floor)
        beyond = miss(outer, *args)
        _refuse_uncomputed(np.isnan(beyond), args[0])
        short = (beyond * direction > 0) & (outer > floor)
        if not short.any():
            break
        inner, step = np.where(short, outer, inner), np.where(short, 2 * step, step)
    return np.minimum(inner, outer), np.maximum(inner, outer)


def _refuse_uncomputed(bad: NDArray[np.bool_], statistic: Array) -> None:
    """Refuse statistics whose distribution function floating point does not reach."""
    if bad.any():
        shown = listing([f"{x:g}" for x in statistic[bad]])
        raise InputError(f"`value` is too large for its distribution to be computed: {shown}.")
