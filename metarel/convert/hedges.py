"""Hedges' factor, which makes a standardised mean difference unbiased: d times J is g."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special

if TYPE_CHECKING:
    from metarel._checks import Array

#: log Γ(z + 1/2) − log Γ(z) − log(z)/2 as a series: the coefficients of 1/z, 1/z³, 1/z⁵, …
LOG_GAMMA_STEP = (-1 / 8, 1 / 192, -1 / 640, 17 / 14336, -31 / 18432)


def exact_factor(df: Array) -> Array:
    """Return Γ(df/2) / (√(df/2) Γ((df − 1)/2)), the factor from d to g.

    Parameters
    ----------
    df : ndarray
        Degrees of freedom of the standard deviation.

    Returns
    -------
    ndarray
        The factor [hedges1981]; NaN where it does not exist (``df`` of 1 or less).
    """
    # The gamma functions grow without bound; the expansion of their ratio does not.
    z = np.where(np.asarray(df, dtype=float) > 1, (np.asarray(df, dtype=float) - 1) / 2, np.nan)
    near = np.minimum(z, 15.0)
    small = special.gamma(near + 0.5) / (special.gamma(near) * np.sqrt(near))
    large = np.exp(np.polynomial.polynomial.polyval(z**-2, LOG_GAMMA_STEP) / z)
    return np.sqrt(z / (z + 0.5)) * np.where(z < 15, small, large)


def approximate_factor(df: Array) -> Array:
    """Return 1 − 3/(4 df − 1), Hedges' approximation of the factor from d to g.

    Parameters
    ----------
    df : ndarray
        Degrees of freedom of the standard deviation.

    Returns
    -------
    ndarray
        The factor [hedges1981]; NaN where ``df`` is 1 or less.
    """
    df = np.asarray(df, dtype=float)
    return 1 - 3 / (4 * np.where(df > 1, df, np.nan) - 1)
