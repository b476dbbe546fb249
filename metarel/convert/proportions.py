"""The edges between a proportion and the scales on which proportions are pooled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special
from metarel._vocabulary import OPEN_PROPORTION, POSITIVE, PROPORTION, Domain
from metarel.convert._edge import DEFINITION, Edge
from metarel.convert._factories import BY_NEWTON, logistic_mode, plain, there_and_back
from metarel.convert.normal_model import density, normal_averages, quantile
from metarel.convert.odds import log_ratio

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Given

HANDBOOK = "fleiss2009"

#: The arcsines that a proportion can have; what lies beyond goes to 0 or 1.
ARCSINES = Domain(0, np.pi / 2)


def logit(p: Array) -> Array:
    """Return the log odds of proportions.

    Parameters
    ----------
    p : ndarray
        Proportions.

    Returns
    -------
    ndarray
        ln(p/(1 − p)) [fleiss2009].
    """
    return np.log(p) - np.log1p(-p)


def arcsine(p: Array) -> Array:
    """Return the arcsine of the square root of proportions.

    Parameters
    ----------
    p : ndarray
        Proportions.

    Returns
    -------
    ndarray
        arcsin √p [rucker2009].
    """
    return np.arcsin(np.sqrt(p))


def from_arcsine(y: Array) -> Array:
    """Return the proportion of an arcsine; beyond the range, its end.

    Parameters
    ----------
    y : ndarray
        Arcsines.

    Returns
    -------
    ndarray
        sin²(y) within [0, π/2], 0 below, 1 above.
    """
    return np.sin(np.clip(y, 0, np.pi / 2)) ** 2


def _within(y: Array, low: Array | float, high: Array | float, slope: Array) -> Array:
    """Return a slope that is 0 where what lies beyond a range goes to its end."""
    return np.where((y < low) | (y > high), 0.0, slope)


def double_arcsine(p: Array, n: Array) -> Array:
    """Return the double arcsine of proportions, the mean of two arcsines.

    Parameters
    ----------
    p : ndarray
        Proportions.
    n : ndarray
        Sizes.

    Returns
    -------
    ndarray
        ½ (arcsin √(n p/(n + 1)) + arcsin √((n p + 1)/(n + 1))) [freeman1950].
    """
    return (arcsine(n * p / (n + 1)) + arcsine((n * p + 1) / (n + 1))) / 2


def from_double_arcsine(y: Array, n: Array) -> Array:
    """Return the proportion of a double arcsine; beyond the attainable range, 0 or 1.

    Parameters
    ----------
    y : ndarray
        Double arcsines.
    n : ndarray
        Sizes.

    Returns
    -------
    ndarray
        ½ (1 − sgn(cos 2y) √(1 − s²)), s = sin 2y + (sin 2y − 1/sin 2y)/n [miller1978].
    """
    low, high = double_arcsine(np.zeros_like(n), n), double_arcsine(np.ones_like(n), n)
    angle = 2 * np.clip(y, low, high)
    sine = np.sin(angle)
    s = np.clip(sine + (sine - 1 / sine) / n, 0, 1)
    near = s**2 / (2 * (1 + np.sqrt((1 - s) * (1 + s))))
    return np.where(np.cos(angle) >= 0, near, 1 - near)


def _double_slope(p: Array, given: Given) -> Array:
    n = given["n"]
    low, high = n * p / (n + 1), (n * p + 1) / (n + 1)
    parts = 1 / np.sqrt(low * (1 - low)) + 1 / np.sqrt(high * (1 - high))
    return n / (n + 1) * parts / 4


def _double_back_slope(y: Array, given: Given) -> Array:
    n = given["n"]
    p = from_double_arcsine(y, n)
    low, high = double_arcsine(np.zeros_like(n), n), double_arcsine(np.ones_like(n), n)
    return _within(y, low, high, 1 / _double_slope(p, given))


_LOGIT = there_and_back(
    Edge(
        "proportion",
        "logit",
        "definition",
        plain(logit),
        plain(lambda y: special.expit(y)),
        plain(lambda p: 1 / (p * (1 - p))),
        "ln({x}/(1 − {x}))",
        DEFINITION,
        "identity",
        HANDBOOK,
        used_by="metafor (logit, ilogit), meta",
        default=True,
        domain=OPEN_PROPORTION,
    ),
    "1/(1 + exp(−{x}))",
    plain(lambda y: special.expit(y) * special.expit(-y)),
)
_PROBIT, _OF_PROBIT = there_and_back(
    Edge(
        "proportion",
        "probit",
        "definition",
        plain(quantile),
        plain(lambda y: special.ndtr(y)),
        plain(lambda p: 1 / density(quantile(p))),
        "Φ⁻¹({x})",
        DEFINITION,
        "identity",
        "sanchezmeca2003",
        used_by="metafor (probit, iprobit)",
        default=True,
        domain=OPEN_PROPORTION,
    ),
    "Φ({x})",
    plain(density),
)
_ARCSINE, _OF_ARCSINE = there_and_back(
    Edge(
        "proportion",
        "arcsine",
        "definition",
        plain(arcsine),
        plain(from_arcsine),
        plain(lambda p: 1 / (2 * np.sqrt(p * (1 - p)))),
        "arcsin(√{x})",
        DEFINITION,
        "identity",
        "rucker2009",
        used_by="metafor (arcsin, iarcsin), meta",
        default=True,
    ),
    "sin²({x})",
    plain(lambda y: _within(y, 0, np.pi / 2, np.sin(2 * y))),
)
_DOUBLE, _OF_DOUBLE = there_and_back(
    Edge(
        "proportion",
        "double_arcsine",
        "definition",
        lambda p, given: double_arcsine(p, given["n"]),
        lambda y, given: from_double_arcsine(y, given["n"]),
        _double_slope,
        "½·(arcsin(√(m·{x}/(m + 1))) + arcsin(√((m·{x} + 1)/(m + 1)))), m = {n}",
        "The proportion is of n people.",
        "identity",
        "freeman1950",
        needs=("n",),
        used_by="metafor (pft, ipft), meta; Stata's is twice this",
        default=True,
        need_domains={"n": POSITIVE},
    ),
    "½·(1 − sgn(cos(2·{x}))·√(1 − s²)), s = sin(2·{x}) + (sin(2·{x}) − 1/sin(2·{x}))/{n}",
    _double_back_slope,
)


def _h(p: Array, given: Given) -> Array:
    return 2 * arcsine(p) - 2 * arcsine(given["other"])


def _of_h(h: Array, given: Given) -> Array:
    half = h / 2 + arcsine(given["other"])
    return np.where((half < 0) | (half > np.pi / 2), np.nan, from_arcsine(half))


_COHEN_H = there_and_back(
    Edge(
        "proportion",
        "cohen_h",
        "definition",
        _h,
        _of_h,
        plain(lambda p: 1 / np.sqrt(p * (1 - p))),
        "2·arcsin(√{x}) − 2·arcsin(√{other})",
        DEFINITION,
        "identity",
        "cohen1988",
        needs=("other",),
        used_by="Cohen (1988), effectsize; twice metafor's measure AS",
        default=True,
        need_domains={"other": PROPORTION},
    ),
    "sin²({x}/2 + arcsin(√{other}))",
)

_LOGIT_MODE = logistic_mode(0.5)
EDGES: tuple[Edge, ...] = (
    *log_ratio("proportion", "log_proportion", HANDBOOK, Domain(0, 1, open_low=True)),
    _LOGIT[0],
    replace(
        _LOGIT[1],
        averages={"mode": lambda x, tau2, given: special.expit(_LOGIT_MODE(x, tau2, given))},
        averages_by=BY_NEWTON,
    ),
    _PROBIT,
    replace(_OF_PROBIT, averages=normal_averages(1.0)),
    _ARCSINE,
    replace(_OF_ARCSINE, support=ARCSINES),
    _DOUBLE,
    replace(
        _OF_DOUBLE,
        reference="miller1978",
        support=ARCSINES,
        assumption=f"{_DOUBLE.assumption} A value beyond those "
        "that a proportion can have goes to 0 or 1.",
    ),
    *(replace(edge, alone=True) for edge in _COHEN_H),
)
