"""All sign patterns and orderings where they are few, and random ones where they are many."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from metarel._checks import Array


def count_signs(k: int) -> int:
    """Return how many ways there are to turn signs of k effects."""
    return int(2**k)


def all_signs(k: int) -> Array:
    """Return all patterns of signs, shape (2^k, k); the first is the data's."""
    patterns = (np.arange(2**k)[:, None] >> np.arange(k)) & 1
    return np.asarray(1.0 - 2.0 * patterns, dtype=float)


def random_signs(k: int, count: int, rng: np.random.Generator) -> Array:
    """Return random patterns of signs, shape (count, k)."""
    return rng.choice([-1.0, 1.0], size=(count, k))


def row_kinds(X: Array) -> Any:
    """Return the number of each row's kind: rows of a design that are equal share one."""
    return np.unique(X, axis=0, return_inverse=True)[1].ravel()


def count_orders(kinds: Any, most: int) -> int:
    """Return how many ways there are to give the rows of a design to the studies, or most + 1."""
    ways, left = 1, len(kinds)
    for times in np.bincount(kinds).tolist():
        ways *= math.comb(left, times)
        left -= times
        if ways > most:
            return most + 1
    return ways


def all_orders(kinds: Any) -> Any:
    """Return orders of the studies, one for each distinct way to give them the design's rows.

    Row j of the design goes to study order[j]. The design's rows are dealt out kind by kind: a
    kind takes each subset of the studies that are left, which come in order of their number.

    Parameters
    ----------
    kinds : ndarray of int, shape (k,)
        Kind of each row of the design.

    Returns
    -------
    ndarray of int, shape (ways, k)
        The orders.
    """
    k = len(kinds)
    free = np.ones((1, k), dtype=bool)
    orders = np.zeros((1, k), dtype=np.int64)
    for kind in range(int(kinds.max()) + 1):
        places = np.flatnonzero(kinds == kind)
        for number, place in enumerate(places):
            after = orders[:, places[number - 1]] if number else np.full(len(orders), -1)
            row, study = np.nonzero(free & (np.arange(k) > after[:, None]))
            free, orders = free[row], orders[row]
            free[np.arange(len(row)), study] = False
            orders[:, place] = study
        # where a kind took the last studies too early, a later place finds none: the way vanishes
    return orders


def random_orders(k: int, count: int, rng: np.random.Generator) -> Any:
    """Return random orders of k studies, shape (count, k)."""
    return rng.permuted(np.tile(np.arange(k), (count, 1)), axis=1)
