"""Tail probabilities and quantiles, taken from the tails (never one minus a cdf)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special

if TYPE_CHECKING:
    from metarel._checks import Array


def two_sided_p(statistic: Array, df: Array | float) -> Array:
    """Return two-sided p-values of z or t statistics; ``df`` of inf means the normal."""
    magnitude = -np.abs(np.asarray(statistic, dtype=float))
    df = np.broadcast_to(np.asarray(df, dtype=float), magnitude.shape)
    normal = np.isinf(df)
    return np.where(
        normal,
        2 * special.ndtr(magnitude),
        2 * special.stdtr(np.where(normal, 1.0, df), magnitude),
    )


def critical_value(level: Array | float, df: Array | float) -> Array:
    """Return the two-sided critical value at a confidence level; ``df`` of inf is the normal."""
    df = np.asarray(df, dtype=float)
    upper = (1 + level) / 2
    normal = np.isinf(df)
    return np.where(normal, special.ndtri(upper), special.stdtrit(np.where(normal, 1.0, df), upper))


def chi_square_p(statistic: float, df: float) -> float:
    """Return the upper tail of chi-square; 1 where there are no degrees of freedom."""
    return float(special.chdtrc(df, max(statistic, 0.0))) if df > 0 else 1.0


def f_p(statistic: float, df1: float, df2: float) -> float:
    """Return the upper tail of F; an infinite ``df2`` is chi-square over its df."""
    if np.isinf(df2):
        return chi_square_p(statistic * df1, df1)
    return float(special.fdtrc(df1, df2, max(statistic, 0.0)))
