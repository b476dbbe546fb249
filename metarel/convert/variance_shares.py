"""The edges between eta2, r2, f, f2 and r, from f to d, and to Fisher's z of a multiple R."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import NOT_NEGATIVE, Domain
from metarel.convert import differences
from metarel.convert._edge import BELOW_ONE, DEFINITION, OPEN_CORRELATION, SIGN, SIGN_LOST, Edge
from metarel.convert._factories import defined, plain, there_and_back
from metarel.convert.differences import CURVES

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Formula, Given
    from metarel.convert.differences import Part


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


#: A share of variance has a sign only where two groups are compared.
_ONE = {"df1": Domain(1, 1)}
_NO_SIGN = {
    "df1": "A share of variance with more numerator degrees of freedom compares several groups: it "
    "is no square of an r, and stands for no d and no signed r. Convert it between 'eta2', 'f' and "
    "'f2'."
}


def _of_two_groups(source: str, formula: str, functions: tuple[Formula, Formula, Formula]) -> Edge:
    """Return the edge from a share of variance to r, which there is for two groups alone."""
    return replace(
        defined(source, "r", formula, functions, signed=True),
        assumption="Two groups are compared (one numerator degree of freedom), and nothing else is "
        f"in the design: a partial share of variance is a partial r. {SIGN_LOST}",
        conditions=_ONE,
        need_hints=_NO_SIGN,
    )


_TWO_GROUPS = "There are two groups of the same size, and the sample is large."
_DEFINED = (
    defined("r", "eta2", "{x}²", (_square, _signed_root, _twice)),
    _of_two_groups("eta2", "{sign}·√{x}", (_signed_root, _square, _signed_root_slope)),
    defined(
        "r",
        "f",
        "|{x}|/√(1 − {x}²)",
        (_f_of_r, _r_of_f, lambda r, _given: np.sign(r) / ((1 - r) * (1 + r)) ** 1.5),
        domain=OPEN_CORRELATION,
    ),
    _of_two_groups(
        "f",
        "{sign}·{x}/√(1 + {x}²)",
        (_r_of_f, _f_of_r, lambda f, given: given["sign"] / np.hypot(1, f) ** 3),
    ),
    defined("r", "r2", "{x}²", (_square, _signed_root, _twice)),
    replace(
        defined("r2", "r", "{sign}·√{x}", (_signed_root, _square, _signed_root_slope), signed=True),
        assumption="R² is of one predictor; that of several is the square of a multiple "
        f"correlation, which is no r. {SIGN_LOST}",
    ),
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


def multiple_z(r2: Array) -> Array:
    """Return Fisher's z of multiple correlations.

    Parameters
    ----------
    r2 : ndarray
        Coefficients of determination.

    Returns
    -------
    ndarray
        arctanh √R² [olkin1995].
    """
    return np.arctanh(np.sqrt(r2))


def _from_multiple_z(z: Array) -> Array:
    """Return tanh²(z); below z = 0, where R² is least, 0."""
    return np.tanh(np.maximum(z, 0)) ** 2


def _multiple_slope(z: Array) -> Array:
    z = np.maximum(z, 0)
    return 2 * np.tanh(z) * np.cosh(z) ** -2.0


_MULTIPLE, _OF_MULTIPLE = there_and_back(
    Edge(
        "r2",
        "z_r2",
        "definition",
        plain(multiple_z),
        plain(_from_multiple_z),
        plain(lambda r2: 1 / (2 * np.sqrt(r2) * (1 - r2))),
        "arctanh(√{x})",
        DEFINITION,
        "identity",
        "olkin1995",
        used_by="metafor (r2toz, ztor2)",
        default=True,
        domain=BELOW_ONE,
    ),
    "tanh²({x})",
    plain(_multiple_slope),
)


def _f_and_d(rule: str, h: Part, sizes: str, source: Edge | None) -> tuple[Edge, Edge]:
    """Return both ways between f and d; h says how people are spread over the two groups."""
    root = "2" if source is None else "√h"
    where = "" if source is None else f", {sizes}"
    assumption = _TWO_GROUPS if source is None else "There are two groups, as large as given."
    there = Edge(
        "f",
        "d",
        rule,
        lambda f, given: given["sign"] * f * np.sqrt(h(given)),
        lambda d, given: np.abs(d) / np.sqrt(h(given)),
        lambda f, given: np.broadcast_to(given["sign"] * np.sqrt(h(given)), f.shape),
        f"{{sign}}·{root}·{{x}}{where}",
        f"{assumption} {SIGN_LOST}",
        "exact" if rule == "exact" else "approximation",
        "cohen1988",
        needs=source.needs if source else (),
        optional=SIGN,
        conditions=_ONE,
        need_hints=_NO_SIGN,
        used_by={"equal-groups": "esc, effectsize", "exact": ""}.get(rule, "Cohen (1988)"),
        default=source is None,
    )
    return there, replace(
        there,
        source="d",
        target="f",
        forward=there.inverse,
        inverse=there.forward,
        slope=lambda d, given: np.sign(d) / np.sqrt(h(given)),
        formula=f"|{{x}}|/{root}{where}",
        assumption=assumption,
        optional={},
        conditions={},
        need_hints={},
    )


def _without_r(rule: str) -> Edge:
    return next(edge for edge in differences.EDGES if edge.rule == rule and edge.source == "d")


_COHEN = (
    *_f_and_d("equal-groups", CURVES["equal-groups"], "", None),
    *(
        edge
        for rule, sizes in (
            ("exact", "h = m/{n1} + m/{n2}, m = {n1} + {n2} − 2"),
            ("base-rate", "h = 1/({base_rate}·(1 − {base_rate}))"),
            ("base-rate-n", "h = ({n1} + {n2})²/({n1}·{n2})"),
        )
        for edge in _f_and_d(rule, CURVES[rule], sizes, _without_r(rule))
    ),
)

EDGES: tuple[Edge, ...] = (
    *_DEFINED,
    _MULTIPLE,
    replace(_OF_MULTIPLE, support=NOT_NEGATIVE),
    *_COHEN,
)
