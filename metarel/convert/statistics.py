"""The edges from printed test statistics: t, F, p, z and chi-square to d or r."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._distributions import two_sided_p
from metarel._lazy import special
from metarel._vocabulary import OPEN_PROPORTION, Domain
from metarel.convert._edge import SIGN, SIGN_LOST, Edge, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from metarel._checks import Array
    from metarel.convert._edge import Given


def _to_d(
    source: str,
    rule: str,
    factor: Callable[[Given], Array],
    formula: str,
    needs: tuple[str, ...],
    assumption: str,
    reference: str,
    used_by: str,
) -> Edge:
    """Return a rule that multiplies a statistic by a factor of the sizes."""
    exact = rule == "exact"
    return Edge(
        source,
        "d",
        rule,
        lambda t, given: t * factor(given),
        lambda d, given: d / factor(given),
        lambda t, given: np.broadcast_to(factor(given), t.shape),
        formula,
        assumption,
        "exact" if exact and source == "t" else "approximation",
        reference,
        needs=needs,
        used_by=used_by,
        default=exact,
    )


def _by_sizes(given: Given) -> Array:
    return np.sqrt(1 / given["n1"] + 1 / given["n2"])


def _by_n(given: Given) -> Array:
    return 2 / np.sqrt(given["n"])


def _by_df(given: Given) -> Array:
    return 2 / np.sqrt(given["df"])


def _r_from_t(t: Array, given: Given) -> Array:
    return t / np.hypot(t, np.sqrt(given["df"]))


def _t_from_r(r: Array, given: Given) -> Array:
    return r * np.sqrt(given["df"]) / np.sqrt((1 - r) * (1 + r))


def _r_slope(t: Array, given: Given) -> Array:
    return given["df"] / np.hypot(t, np.sqrt(given["df"])) ** 3


def _slope_of_tail(t: Array, df: Array) -> Array:
    """Return the slope of t in its upper tail: minus one over the density."""
    log_density = (
        special.gammaln((df + 1) / 2)
        - special.gammaln(df / 2)
        - np.log(df * np.pi) / 2
        - (df + 1) / 2 * np.log1p(t**2 / df)
    )
    return -np.exp(-log_density)


def _t_from_p(p: Array, given: Given) -> Array:
    quantile = -special.stdtrit(given["df"], np.abs(p) / 2)
    return given["sign"] * np.copysign(quantile, p)


def _p_from_t(t: Array, given: Given) -> Array:
    return np.copysign(two_sided_p(t, given["df"]), given["sign"] * t)


def _t_slope(p: Array, given: Given) -> Array:
    return given["sign"] * _slope_of_tail(_t_from_p(p, given), given["df"]) / 2


def _t_from_tail(p: Array, given: Given) -> Array:
    return -given["sign"] * special.stdtrit(given["df"], p)


def _tail_from_t(t: Array, given: Given) -> Array:
    return special.stdtr(given["df"], -given["sign"] * t)


def _tail_slope(p: Array, given: Given) -> Array:
    return given["sign"] * _slope_of_tail(_t_from_tail(p, given), given["df"])


def _r_from_z(z: Array, given: Given) -> Array:
    return z / np.hypot(z, np.sqrt(given["n"]))


def _z_from_r(r: Array, given: Given) -> Array:
    return r * np.sqrt(given["n"]) / np.sqrt((1 - r) * (1 + r))


def _z_slope(z: Array, given: Given) -> Array:
    return given["n"] / np.hypot(z, np.sqrt(given["n"])) ** 3


#: A signed p says the direction already; a sign beside it would say it twice, or turn it.
_SIGNED_TWICE = Refusal(
    lambda p, given: (p < 0) & ("sign" in given),
    "`value` must be positive where `sign` is given: a negative p has its sign already",
    "; leave `sign` out, or pass p without its sign",
)
_ZERO = Refusal(
    lambda p, _given: p == 0,
    "`value` must not be 0 as a p-value",
    "; give the digits or a bound",
)

_T_RULES = (
    _to_d(
        "t",
        "exact",
        _by_sizes,
        "{x}·√(1/{n1} + 1/{n2})",
        ("n1", "n2"),
        "t compares two independent groups with one pooled variance.",
        "borenstein2009",
        "metafor, esc, compute.es",
    ),
    _to_d(
        "t",
        "2t/sqrt(df)",
        _by_df,
        "2·{x}/√{df}",
        ("df",),
        "t compares two independent groups of the same size.",
        "rosenthal1994",
        "effectsize",
    ),
    _to_d(
        "t",
        "2t/sqrt(N)",
        _by_n,
        "2·{x}/√{n}",
        ("n",),
        "t compares two independent groups of the same size, and n is both together.",
        "rosenthal1994",
        "esc",
    ),
)
_Z_RULES = (
    Edge(
        "z_stat",
        "r",
        "z/sqrt(N)",
        lambda z, given: z / np.sqrt(given["n"]),
        lambda r, given: r * np.sqrt(given["n"]),
        lambda z, given: np.broadcast_to(1 / np.sqrt(given["n"]), z.shape),
        "{x}/√{n}",
        "The deviate tests a correlation, a phi or two groups, in a sample of n.",
        "approximation",
        "rosenthal1994",
        needs=("n",),
        used_by="Rosenthal (1994)",
        default=True,
    ),
    Edge(
        "z_stat",
        "r",
        "z/sqrt(z2+N)",
        _r_from_z,
        _z_from_r,
        _z_slope,
        "{x}/√({x}² + {n})",
        "The deviate stands for a t with as many degrees of freedom as there are people.",
        "approximation",
        "rosenthal1994",
        needs=("n",),
        used_by="effectsize",
    ),
    _to_d(
        "z_stat",
        "exact",
        _by_sizes,
        "{x}·√(1/{n1} + 1/{n2})",
        ("n1", "n2"),
        "The deviate compares two independent groups, and stands for a t in a large sample.",
        "rosenthal1994",
        "",
    ),
    _to_d(
        "z_stat",
        "2z/sqrt(N)",
        _by_n,
        "2·{x}/√{n}",
        ("n",),
        "The deviate compares two independent groups of the same size; n is both together.",
        "rosenthal1994",
        "effectsize",
    ),
)

EDGES: tuple[Edge, ...] = (
    *_T_RULES,
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
        lambda f, given: given["sign"] * np.sqrt(f * given["df1"]),
        lambda t, _given: t**2,
        lambda f, given: given["sign"] / (2 * np.sqrt(f)),
        "{sign}·√({df1}·{x})",
        f"F has one numerator degree of freedom, so that it is the square of a t. {SIGN_LOST}",
        "identity",
        "rosenthal1994",
        optional={**SIGN, "df1": 1.0},
        used_by="metafor, effectsize, esc",
        default=True,
        need_domains={"df1": Domain(1, 1)},
        need_hints={
            "df1": "An F of more numerator degrees of freedom compares several groups: it is not "
            "the square of a t, and stands for no d and no signed r. Convert it to 'eta2', "
            "'omega2' or 'f'."
        },
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
        refusals=(_ZERO, _SIGNED_TWICE),
    ),
    Edge(
        "p_one",
        "t",
        "quantile",
        _t_from_tail,
        _tail_from_t,
        _tail_slope,
        "{sign}·(the t with {df} degrees of freedom and {x} above it)",
        "p is one-sided, was not rounded, and belongs to a t test of whether group 1 is higher; "
        "with `sign` of -1, of whether it is lower.",
        "exact",
        "rosenthal1994",
        needs=("df",),
        optional=SIGN,
        used_by="MAd, compute.es",
        default=True,
        domain=OPEN_PROPORTION,
    ),
    *_Z_RULES,
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
