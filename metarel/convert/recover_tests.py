"""Test statistics from p-values, exact or printed as a bound; estimates with Wald limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._distributions import critical_value
from metarel._lazy import special
from metarel._register import one_of
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._checks import Array

#: Scales on which limits may be symmetric, and how a printed number is taken there.
TRANSFORMS: dict[str, Callable[[Array], Array]] = {
    "none": lambda x: x,
    "log": np.log,
    "z": np.arctanh,
}

#: The p-values, as (low, high), that a printed relation to a number leaves open.
RELATIONS: dict[str, Callable[[Array], tuple[Array, Array]]] = {
    "=": lambda p: (p, p),
    "<": lambda p: (np.zeros_like(p), p),
    ">": lambda p: (p, np.ones_like(p)),
}


def statistic_from_p(p: Array | float, df: Array | float = np.inf) -> Array:
    """Return the absolute t (or z) statistic of a two-sided p-value.

    Parameters
    ----------
    p : ndarray
        Two-sided p-values; a sign is ignored.
    df : ndarray
        Degrees of freedom; inf is the normal.

    Returns
    -------
    ndarray
        The upper quantile at p/2, from the tail: 0 for p = 1, inf for p = 0.
    """
    tail = np.abs(np.asarray(p, dtype=float)) / 2
    df = np.asarray(df, dtype=float)
    normal = np.isinf(df)
    t = np.where(normal, special.ndtri(tail), special.stdtrit(np.where(normal, 1.0, df), tail))
    return np.where(tail == 0, np.where(np.isnan(df), np.nan, np.inf), 0.0 - t)


def p_bounds(p: Array, relation: str) -> tuple[Array, Array]:
    """Return the p-values that a printed relation leaves open.

    Parameters
    ----------
    p : ndarray
        The number printed: .05 of "p < .05"; the level of significance for "n.s.".
    relation : {"=", "<", ">"}
        How p relates to it; "n.s." is ``">"``.

    Returns
    -------
    tuple of ndarray
        The smallest and the largest p.

    Raises
    ------
    InputError
        If the relation is none of these.
    """
    if relation not in RELATIONS:
        raise InputError(one_of("relation", RELATIONS, relation))
    return RELATIONS[relation](np.asarray(p, dtype=float))


def statistic_bounds(
    p_low: Array, p_high: Array, df: Array | float = np.inf
) -> tuple[Array, Array]:
    """Return the bounds of |t| (or |z|) for a p-value that is known to lie in an interval.

    Parameters
    ----------
    p_low, p_high : ndarray
        Ends of the interval of two-sided p; (0, .05) for "p < .05", (.05, 1) for "n.s.".
    df : ndarray
        Degrees of freedom; inf is the normal.

    Returns
    -------
    tuple of ndarray
        The smallest and the largest absolute statistic; inf where p may be 0. The common practice
        of taking p = .05 for "p < .05" is the first of the two.
    """
    return statistic_from_p(p_high, df), statistic_from_p(p_low, df)


@dataclass(frozen=True, slots=True)
class Wald:
    """An estimate, its variance, and how the limits lie about it.

    Parameters
    ----------
    yi, vi : ndarray
        Estimate and sampling variance, on the scale of the transform.
    asymmetry : ndarray
        (estimate − middle of the limits)/(half their width): 0 where the limits are centred, ±1
        where the estimate is at a limit; NaN without an estimate or a limit.
    """

    yi: Array
    vi: Array
    asymmetry: Array


@np.errstate(invalid="ignore", divide="ignore")
def wald(
    estimate: Array,
    low: Array | float = np.nan,
    high: Array | float = np.nan,
    *,
    z: Array | float = np.nan,
    p: Array | float = np.nan,
    level: Array | float = 0.95,
    transform: str = "none",
) -> Wald:
    """Return estimate and variance from Wald limits, a z statistic, or a p-value.

    Parameters
    ----------
    estimate : ndarray
        Estimate as printed.
    low, high : ndarray
        Its limits as printed.
    z, p : ndarray
        Statistic, or exact two-sided p-value, of the test that the transformed estimate is 0;
        used, in this order, in rows without limits.
    level : ndarray
        Confidence level of the limits as a fraction.
    transform : {"none", "log", "z"}
        The scale on which the limits are symmetric: as printed, log (ratios), or Fisher's z.

    Returns
    -------
    Wald
        yi, vi = ((high − low)/(2 z))², or (yi/z)² [higgins2019], sections 6.3.1 and 6.3.2, and the
        asymmetry of the limits. metafor's ``conv.wald`` gives the same numbers.

    Raises
    ------
    InputError
        If the transform is none of these.
    """
    if transform not in TRANSFORMS:
        raise InputError(one_of("transform", TRANSFORMS, transform))
    yi, low, high = (
        TRANSFORMS[transform](np.asarray(x, dtype=float)) for x in (estimate, low, high)
    )
    z = np.where(np.isnan(z), statistic_from_p(p), z)
    half = (high - low) / 2
    from_limits = (half / critical_value(level, np.inf)) ** 2
    from_test = np.where((z == 0) | (yi == 0), np.nan, (yi / z) ** 2)
    vi = np.where(np.isnan(from_limits), from_test, from_limits)
    yi, vi, asymmetry = np.broadcast_arrays(yi, vi, (yi - (low + half)) / half)
    return Wald(yi, vi, asymmetry)
