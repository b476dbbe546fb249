"""Slips of the pen as arithmetic on whole numbers: digits lost, added, changed, turned round.

All take whole numbers of shape (k,) and return every outcome, shape (w, k), NaN where there is no
such slip. A printed decimal is a whole number of units of its last digit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from metarel._checks import Array

#: Whole numbers beyond this have no slips: they were computed, not written.
MOST = 1e12


def _size(number: Array) -> Array:
    """Return absolute values, NaN in place of what was not written."""
    known = np.isfinite(number) & (np.abs(number) < MOST)
    return np.where(known, np.abs(number), np.nan)


def _places(number: Array, more: int = 0) -> tuple[Array, Any]:
    """Return the powers of ten of every digit, and which of them each number has."""
    known = np.isfinite(number) & (np.abs(number) < MOST)
    digits = np.where(known, np.floor(np.log10(np.maximum(np.abs(number), 1))) + 1, 0)
    most = int(digits.max(initial=0)) + more
    place = np.asarray(10.0 ** np.arange(most)[:, None], dtype=float)
    return place, np.where(known, np.arange(most)[:, None] < digits + more, False)


def _signed(outcomes: Array, number: Array, there: Array) -> Array:
    """Return outcomes with the sign of the number, NaN where there is no such slip."""
    sign = np.where(number < 0, -1.0, 1.0)
    return np.where(there, outcomes * sign, np.nan).reshape(-1, len(number))


def digit_put_in(number: Array) -> Array:
    """Put one digit in at any place: what stood before one was lost.

    Parameters
    ----------
    number : ndarray, shape (k,)
        Whole numbers.

    Returns
    -------
    ndarray, shape (w, k)
        The outcomes, each once; a 0 in front changes nothing and is not among them.
    """
    size = _size(number)
    place, there = _places(number, more=1)
    digit = np.arange(10.0)[:, None, None]
    above, below = np.floor(size / place), np.fmod(size, place)
    outcomes = above * place * 10 + digit * place + below
    # Equal digits next to each other: the same number whichever of them is the new one.
    repeated = np.fmod(np.floor(size / np.maximum(place / 10, 1)), 10) == digit
    repeated &= place > 1
    return _signed(outcomes, number, there & ~repeated & (outcomes != size))


def digit_left_out(number: Array) -> Array:
    """Leave one digit out: what stood before one was added.

    Parameters
    ----------
    number : ndarray, shape (k,)
        Whole numbers.

    Returns
    -------
    ndarray, shape (w, k)
        The outcomes, each once.
    """
    size = _size(number)
    place, there = _places(number)
    outcomes = np.floor(size / (place * 10)) * place + np.fmod(size, place)
    here, next_one = np.fmod(np.floor(size / place), 10), np.fmod(np.floor(size / (place * 10)), 10)
    last = size < place * 10
    return _signed(outcomes, number, there & ((here != next_one) | last) & (size >= 10))


def digit_changed(number: Array) -> Array:
    """Write another digit in one place.

    Parameters
    ----------
    number : ndarray, shape (k,)
        Whole numbers.

    Returns
    -------
    ndarray, shape (w, k)
        The outcomes.
    """
    size = _size(number)
    place, there = _places(number)
    digit = np.arange(10.0)[:, None, None]
    old = np.fmod(np.floor(size / place), 10)
    return _signed(size + (digit - old) * place, number, there & (digit != old))


def digits_turned(number: Array) -> Array:
    """Turn two neighbouring digits round.

    Parameters
    ----------
    number : ndarray, shape (k,)
        Whole numbers.

    Returns
    -------
    ndarray, shape (w, k)
        The outcomes.
    """
    size = _size(number)
    place, there = _places(number)
    low, high = np.fmod(np.floor(size / place), 10), np.fmod(np.floor(size / (place * 10)), 10)
    outcomes = size + (high - low) * place + (low - high) * place * 10
    return _signed(outcomes, number, there & (low != high) & (size >= place * 10))


def on_decimals(slip: Callable[[Array], Array], values: Array, decimals: Array) -> Array:
    """Apply a slip to printed decimals.

    Parameters
    ----------
    slip : callable
        One of the functions above.
    values : ndarray, shape (k,)
        Printed numbers.
    decimals : ndarray, shape (k,)
        Their decimals; NaN where a number was computed and has no last digit.

    Returns
    -------
    ndarray, shape (w, k)
        The outcomes, as the nearest doubles to the decimals.
    """
    unit = 10.0**decimals
    whole = np.round(values * unit)
    return np.asarray(slip(whole) / unit)
