"""Points of one row side by side, so that none hides another: no chance, the same every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from metarel._checks import Array

NEAR = 0.03  # how near two values count as neighbours, as a share of the range


def offsets(values: Array, width: float, *, span: float | None = None) -> Array:
    """Return how far each point is moved aside, between -width and width.

    Points in dense places spread most; one alone stays where it is.

    Parameters
    ----------
    values : ndarray, shape (k,)
        Places along the row, on a scale of equal steps.
    width : float
        The most that a point is moved.
    span : float, optional
        Range of the axis; by default that of the values.

    Returns
    -------
    ndarray, shape (k,)
        In the order of the values.
    """
    if len(values) < 2:
        return np.zeros(len(values))
    reach = NEAR * (span or float(np.ptp(values)) or 1.0)
    order = np.argsort(values, kind="stable")
    places = np.array([_halves(i + 1) for i in range(len(values))])
    crowd = np.exp(-0.5 * ((values[:, None] - values) / reach) ** 2).sum(axis=1) - 1
    share = np.minimum(1.0, crowd / 4)
    found = np.zeros(len(values))
    found[order] = (2 * places - 1) * width
    return np.asarray(found * share)


def beside(values: Array, width: float, trunk: float, *, span: float) -> Array:
    """Return how far each point is moved aside, by at least what a bar in the middle takes.

    Parameters
    ----------
    values, width, span
        As for ``offsets``.
    trunk : float
        The least that a point is moved.

    Returns
    -------
    ndarray, shape (k,)
        In the order of the values.
    """
    aside = offsets(values, width, span=span)
    return np.where(aside > 0, 1.0, -1.0) * (trunk + (width - trunk) / width * abs(aside))


def _halves(i: int) -> float:
    """Return the i-th number of the sequence 1/2, 1/4, 3/4, 1/8, 5/8 and so on."""
    found, part = 0.0, 0.5
    while i:
        i, digit = divmod(i, 2)
        found += digit * part
        part /= 2
    return found
