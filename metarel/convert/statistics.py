"""The edges from printed test statistics: t, F, p and chi-square to d or r."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._distributions import two_sided_p
from metarel._lazy import special
from metarel.convert._edge import SIGN, SIGN_LOST, Edge

if TYPE_CHECKING:
    from collections.abc import Callable

    from metarel._checks import Array
    from metarel.convert._edge import Given


def _t_to_d(
    rule: str,
    factor: Callable[[Given], Array],
    formula: str,
    needs: tuple[str, ...],
    assumption: str,
    *,
    exact: bool,
    reference: str,
    used_by: str,
) -> Edge:
    """Return a rule that multiplies t by a factor of the sizes."""
    return Edge(
        "t",
        "d",
        rule,
        lambda t, given: t * factor(given),
        lambda d, given: d / factor(given),
        lambda _t, given: factor(given),
        formula,
        assumption,
        "exact" if exact else "approximation",
        reference,
        needs=needs,
        used_by=used_by,
        default=exact,
    )


def _r_from_t(t: Array, given: Given) -> Array:
    return t / np.hypot(t, np.sqrt(given["df"]))


def _t_from_r(r: Array, given: Given) -> Array:
    return r * np.sqrt(given["df"]) / np.sqrt((1 - r) * (1 + r))


def _r_slope(t: Array, given: Given) -> Array:
    return given["df"] / np.hypot(t, np.sqrt(given["df"])) ** 3


def _t_from_p(p: Array, given: Given) -> Array:
    quantile = -special.stdtrit(given["df"], np.abs(p) / 2)
    return given["sign"] * np.copysign(quantile, p)


def _p_from_t(t: Array, given: Given) -> Array:
    return np.copysign(two_sided_p(t, given["df"]), given["sign"] * t)


def _t_slope(p: Array, given: Given) -> Array:
    df = given["df"]
    t = _t_from_p(p, given)
    log_density = (
        special.gammaln((df + 1) / 2)
        - special.gammaln(df / 2)
        - np.log(df * np.pi) / 2
        - (df + 1) / 2 * np.log1p(t**2 / df)
    )
    return -given["sign"] / (2 * np.exp(log_density))


EDGES: tuple[Edge, ...] = (
    _t_to_d(
        "exact",
        lambda given: np.sqrt(1 / given["n1"] + 1 / given["n2"]),
        "{x}·√(1/{n1} + 1/{n2})",
        ("n1", "n2"),
        "t compares two independent groups with one pooled variance.",
        exact=True,
        reference="borenstein2009",
        used_by="metafor, esc, compute.es",
    ),
    _t_to_d(
        "2t/sqrt(df)",
        lambda given: 2 / np.sqrt(given["df"]),
        "2·{x}/√{df}",
        ("df",),
        "t compares two independent groups of the same size.",
        exact=False,
        reference="rosenthal1994",
        used_by="effectsize",
    ),
    _t_to_d(
        "2t/sqrt(N)",
        lambda given: 2 / np.sqrt(given["n"]),
        "2·{x}/√{n}",
        ("n",),
        "t compares two independent groups of the same size, and n is both together.",
        exact=False,
        reference="rosenthal1994",
        used_by="",
    ),
    Edge(
        "t",
        "r",
        "definition",
        _r_from_t,
        _t_from_r,
        _r_slope,
        "{x}/√({x}² + {df})",
        "t tests a correlation, or compares two groups with one pooled variance (r is then "
        "point-biserial).",
        "exact",
        "rosenthal1994",
        needs=("df",),
        used_by="metafor, effectsize, esc",
        default=True,
    ),
    Edge(
        "F",
        "t",
        "definition",
        lambda f, given: given["sign"] * np.sqrt(f),
        lambda t, _given: t**2,
        lambda f, given: given["sign"] / (2 * np.sqrt(f)),
        "{sign}·√{x}",
        f"F has one numerator degree of freedom. {SIGN_LOST}",
        "identity",
        "rosenthal1994",
        optional=SIGN,
        default=True,
    ),
    Edge(
        "p",
        "t",
        "quantile",
        _t_from_p,
        _p_from_t,
        _t_slope,
        "{sign}·(the t with {df} degrees of freedom and two-sided p = {x})",
        "p is two-sided, was not rounded, and belongs to a t test; a negative p means a negative "
        "effect.",
        "exact",
        "rosenthal1994",
        needs=("df",),
        optional=SIGN,
        used_by="metafor, esc",
        default=True,
    ),
    Edge(
        "chi2",
        "r",
        "phi",
        lambda x, given: given["sign"] * np.sqrt(x / given["n"]),
        lambda r, given: r**2 * given["n"],
        lambda x, given: given["sign"] / (2 * np.sqrt(x * given["n"])),
        "{sign}·√({x}/{n})",
        "The chi-square is of a 2 × 2 table of n people, without continuity correction. "
        f"{SIGN_LOST}",
        "exact",
        "rosenthal1994",
        needs=("n",),
        optional=SIGN,
        used_by="effectsize, esc",
        default=True,
    ),
)
