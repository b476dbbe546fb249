"""The edges between eta2, r2, f, f2 and r, and from f to d."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metarel.convert._edge import (
    BELOW_ONE,
    OPEN_CORRELATION,
    SIGN,
    SIGN_LOST,
    Edge,
    defined,
    plain,
)

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Given


def _signed_root(x: Array, given: Given) -> Array:
    return given["sign"] * np.sqrt(x)


def _signed_root_slope(x: Array, given: Given) -> Array:
    return given["sign"] / (2 * np.sqrt(x))


def _f_of_r(r: Array, _given: Given) -> Array:
    return np.abs(r) / np.sqrt((1 - r) * (1 + r))


def _r_of_f(f: Array, given: Given) -> Array:
    return given["sign"] * f / np.hypot(1, f)


_square = plain(np.square)
_twice = plain(lambda x: 2 * x)
_odds = plain(lambda x: x / (1 - x))
_share = plain(lambda x: x / (1 + x))


_TWO_GROUPS = "There are two groups of the same size, and the sample is large."
_DEFINED = (
    defined("r", "eta2", "{x}²", (_square, _signed_root, _twice)),
    defined("eta2", "r", "{sign}·√{x}", (_signed_root, _square, _signed_root_slope), signed=True),
    defined(
        "r",
        "f",
        "|{x}|/√(1 − {x}²)",
        (_f_of_r, _r_of_f, lambda r, _given: np.sign(r) / ((1 - r) * (1 + r)) ** 1.5),
        domain=OPEN_CORRELATION,
    ),
    defined(
        "f",
        "r",
        "{sign}·{x}/√(1 + {x}²)",
        (_r_of_f, _f_of_r, lambda f, given: given["sign"] / np.hypot(1, f) ** 3),
        signed=True,
    ),
    defined("r", "r2", "{x}²", (_square, _signed_root, _twice)),
    defined("r2", "r", "{sign}·√{x}", (_signed_root, _square, _signed_root_slope), signed=True),
    defined(
        "r2",
        "f2",
        "{x}/(1 − {x})",
        (_odds, _share, plain(lambda x: (1 - x) ** -2.0)),
        domain=BELOW_ONE,
    ),
    defined("f2", "r2", "{x}/(1 + {x})", (_share, _odds, plain(lambda x: (1 + x) ** -2.0))),
    defined("f", "f2", "{x}²", (_square, plain(np.sqrt), _twice)),
    defined("f2", "f", "√{x}", (plain(np.sqrt), _square, plain(lambda x: 1 / (2 * np.sqrt(x))))),
    defined(
        "eta2",
        "f",
        "√({x}/(1 − {x}))",
        (
            plain(lambda x: np.sqrt(x / (1 - x))),
            plain(lambda f: f**2 / (1 + f**2)),
            plain(lambda x: 1 / (2 * np.sqrt(x) * (1 - x) ** 1.5)),
        ),
        domain=BELOW_ONE,
    ),
    defined(
        "f",
        "eta2",
        "{x}²/(1 + {x}²)",
        (
            plain(lambda f: f**2 / (1 + f**2)),
            plain(lambda x: np.sqrt(x / (1 - x))),
            plain(lambda f: 2 * f / (1 + f**2) ** 2),
        ),
    ),
)

_COHEN = Edge(
    "f",
    "d",
    "equal-groups",
    lambda f, given: 2 * given["sign"] * f,
    plain(lambda d: np.abs(d) / 2),
    lambda _f, given: 2 * given["sign"],
    "2·{sign}·{x}",
    f"{_TWO_GROUPS} {SIGN_LOST}",
    "approximation",
    "cohen1988",
    optional=SIGN,
    used_by="esc",
    default=True,
)
EDGES: tuple[Edge, ...] = (
    *_DEFINED,
    _COHEN,
    replace(
        _COHEN,
        source="d",
        target="f",
        forward=_COHEN.inverse,
        inverse=_COHEN.forward,
        slope=plain(lambda d: np.sign(d) / 2),
        formula="|{x}|/2",
        assumption=_TWO_GROUPS,
        optional={},
    ),
)
