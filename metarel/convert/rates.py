"""The edges between an incidence rate and the scales on which rates are pooled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import NOT_NEGATIVE
from metarel.convert._edge import DEFINITION, Edge
from metarel.convert._factories import plain, there_and_back
from metarel.convert.odds import log_ratio

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Given

BAGOS = "bagos2009"
CUT = "A value below those that a rate can have goes to 0."


def freeman_tukey(rate: Array, time: Array) -> Array:
    """Return the Freeman–Tukey transform of rates.

    Parameters
    ----------
    rate : ndarray
        Events per unit of person-time.
    time : ndarray
        Person-time.

    Returns
    -------
    ndarray
        ½ (√rate + √(rate + 1/time)) [freeman1950].
    """
    return (np.sqrt(rate) + np.sqrt(rate + 1 / time)) / 2


def _root(y: Array, given: Given) -> Array:
    """Return √rate: the two roots differ by 1/(2 y time). Below the range it is 0."""
    least = freeman_tukey(np.zeros_like(given["time"]), given["time"])
    y = np.maximum(y, least)
    return np.maximum(y - 1 / (4 * given["time"] * y), 0)


def _root_slope(y: Array, given: Given) -> Array:
    return 2 * _root(y, given) * (1 + 1 / (4 * given["time"] * y**2))


def _freeman_slope(rate: Array, given: Given) -> Array:
    return (1 / np.sqrt(rate) + 1 / np.sqrt(rate + 1 / given["time"])) / 4


_SQRT, _OF_SQRT = there_and_back(
    Edge(
        "rate",
        "sqrt_rate",
        "definition",
        plain(np.sqrt),
        plain(lambda y: np.maximum(y, 0) ** 2),
        plain(lambda x: 1 / (2 * np.sqrt(x))),
        "√{x}",
        DEFINITION,
        "identity",
        BAGOS,
        used_by="metafor (isqrt), meta",
        default=True,
    ),
    "{x}²",
    plain(lambda y: 2 * np.maximum(y, 0)),
)
_FREEMAN, _OF_FREEMAN = there_and_back(
    Edge(
        "rate",
        "ft_rate",
        "definition",
        lambda rate, given: freeman_tukey(rate, given["time"]),
        lambda y, given: _root(y, given) ** 2,
        _freeman_slope,
        "½·(√{x} + √({x} + 1/{time}))",
        "The rate is of so much person-time.",
        "identity",
        "freeman1950",
        needs=("time",),
        used_by="metafor (irft, iirft), meta",
        default=True,
    ),
    "({x} − 1/(4·{time}·{x}))²",
    _root_slope,
)

EDGES: tuple[Edge, ...] = (
    *log_ratio("rate", "log_rate", BAGOS),
    _SQRT,
    replace(_OF_SQRT, support=NOT_NEGATIVE, assumption=CUT),
    _FREEMAN,
    replace(_OF_FREEMAN, support=NOT_NEGATIVE, assumption=f"{_FREEMAN.assumption} {CUT}"),
)
