"""Between correlations and standardised mean differences: one curve, seven readings of it.

Every rule here is d = c r √h / √(1 − c² r²). They differ in h, which says how people are spread
over the two groups, and in c, which turns a correlation of continuous variables into one with a
dichotomy.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from metarel.convert._edge import OPEN_CORRELATION, Edge, Exactness

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Given

    Part: TypeAlias = Callable[[Given], Array | float]


#: The normal quantile, row by row; scipy's would make one conversion wait for scipy.
_quantile = np.frompyfunc(NormalDist().inv_cdf, 1, 1)


def _one(_given: Given) -> float:
    return 1.0


def _equal(_given: Given) -> float:
    return 4.0


def _exact(given: Given) -> Array:
    m = given["n1"] + given["n2"] - 2
    m = np.where(m > 0, m, np.nan)
    return m / given["n1"] + m / given["n2"]


def _shares(given: Given) -> Array:
    return (given["n1"] + given["n2"]) ** 2 / (given["n1"] * given["n2"])


def _base_rate(given: Given) -> Array:
    return 1 / (given["base_rate"] * (1 - given["base_rate"]))


def _contrast(given: Given) -> Array:
    return (given["delta"] / given["sd_x"]) ** 2


def _cut(p: Array) -> Array:
    """Return what is left of a correlation when one variable is cut with share p above."""
    quantile = np.asarray(_quantile(p), dtype=float)
    ordinate = np.exp(-(quantile**2) / 2) / np.sqrt(2 * np.pi)
    return ordinate / np.sqrt(p * (1 - p))


def cut_at_base_rate(given: Given) -> Array:
    """Return what is left of a correlation cut at a base rate.

    Parameters
    ----------
    given : mapping
        With ``base_rate``, the share in one group.

    Returns
    -------
    ndarray
        The factor.
    """
    return _cut(given["base_rate"])


def cut_at_sizes(given: Given) -> Array:
    """Return what is left of a correlation cut into groups of given sizes.

    Parameters
    ----------
    given : mapping
        With ``n1`` and ``n2``.

    Returns
    -------
    ndarray
        The factor.
    """
    return _cut(given["n1"] / (given["n1"] + given["n2"]))


#: h under each rule in which r is a point-biserial correlation.
CURVES: dict[str, Part] = {
    "equal-groups": _equal,
    "exact": _exact,
    "base-rate": _base_rate,
    "base-rate-n": _shares,
}


def _edges(
    rule: str,
    h: Part,
    c: Part = _one,
    *,
    formulas: tuple[str, str],
    assumption: str,
    exactness: Exactness,
    reference: str,
    needs: tuple[str, ...] = (),
    optional: dict[str, float] | None = None,
    used_by: tuple[str, str] = ("", ""),
) -> tuple[Edge, Edge]:
    """Return the edges r → d and d → r of one rule."""

    def to_d(r: Array, given: Given) -> Array:
        part = c(given) * r
        return part * np.sqrt(h(given)) / np.sqrt((1 - part) * (1 + part))

    def to_r(d: Array, given: Given) -> Array:
        return d / (c(given) * np.hypot(d, np.sqrt(h(given))))

    def slope_d(r: Array, given: Given) -> Array:
        part = c(given) * r
        return c(given) * np.sqrt(h(given)) / ((1 - part) * (1 + part)) ** 1.5

    def slope_r(d: Array, given: Given) -> Array:
        return h(given) / (c(given) * np.hypot(d, np.sqrt(h(given))) ** 3)

    def edge(forth: bool) -> Edge:
        return Edge(
            "r" if forth else "d",
            "d" if forth else "r",
            rule,
            to_d if forth else to_r,
            to_r if forth else to_d,
            slope_d if forth else slope_r,
            formulas[0] if forth else formulas[1],
            assumption,
            exactness,
            reference,
            needs=needs,
            optional=optional or {},
            used_by=used_by[0] if forth else used_by[1],
            default=rule == "equal-groups",
            domain=OPEN_CORRELATION if forth else None,
        )

    return edge(True), edge(False)


EDGES: tuple[Edge, ...] = (
    *_edges(
        "equal-groups",
        _equal,
        formulas=("2·{x}/√(1 − {x}²)", "{x}/√({x}² + 4)"),
        assumption="r is a point-biserial correlation with two groups of the same size, "
        "and the sample is large.",
        exactness="approximation",
        reference="borenstein2009",
        used_by=(
            "Borenstein (2009), effectsize (default), pingouin, RoBMA",
            "metafor (transf.dtorpb without sizes), Borenstein (2009)",
        ),
    ),
    *_edges(
        "exact",
        _exact,
        formulas=(
            "{x}·√h/√(1 − {x}²), h = m/{n1} + m/{n2}, m = {n1} + {n2} − 2",
            "{x}/√({x}² + h), h = m/{n1} + m/{n2}, m = {n1} + {n2} − 2",
        ),
        assumption="r is the point-biserial correlation of the same sample, and d divides by the "
        "pooled standard deviation.",
        exactness="exact",
        reference="jacobs2017",
        needs=("n1", "n2"),
        used_by=(
            "metafor (transf.rpbtod with sizes), effectsize with sizes",
            "metafor (transf.dtorpb with sizes), pingouin",
        ),
    ),
    *_edges(
        "base-rate",
        _base_rate,
        formulas=(
            "{x}/√({base_rate}·(1 − {base_rate})·(1 − {x}²))",
            "{x}/√({x}² + 1/({base_rate}·(1 − {base_rate})))",
        ),
        assumption="r is a point-biserial correlation, `base_rate` is the share of people in one "
        "group, and the sample is large.",
        exactness="approximation",
        reference="mcgrath2006",
        needs=("base_rate",),
        used_by=("psychmeta, esc, MAd", ""),
    ),
    *_edges(
        "base-rate-n",
        _shares,
        formulas=(
            "{x}·√a/√(1 − {x}²), a = ({n1} + {n2})²/({n1}·{n2})",
            "{x}/√({x}² + a), a = ({n1} + {n2})²/({n1}·{n2})",
        ),
        assumption="r is a point-biserial correlation, the groups are as large as given, and the "
        "two degrees of freedom spent on means do not matter.",
        exactness="approximation",
        reference="borenstein2009",
        needs=("n1", "n2"),
        used_by=("", "Borenstein (2009), esc"),
    ),
    *_edges(
        "dichotomised",
        _base_rate,
        cut_at_base_rate,
        formulas=(
            "b/√(p·(1 − p)·(1 − b²)), b = {x}·φ(Φ⁻¹(p))/√(p·(1 − p)), p = {base_rate}",
            "b·√(p·(1 − p))/φ(Φ⁻¹(p)), b = {x}/√({x}² + 1/(p·(1 − p))), p = {base_rate}",
        ),
        assumption="r is a Pearson correlation of two normal variables, of which one is cut so "
        "that `base_rate` of the people (half, unless given) form a group; the sample is large.",
        exactness="approximation",
        reference="jacobs2017",
        optional={"base_rate": 0.5},
        used_by=("metafor (transf.rtod without sizes)", "metafor (transf.dtorbis without sizes)"),
    ),
    *_edges(
        "dichotomised-n",
        _exact,
        cut_at_sizes,
        formulas=(
            "b·√h/√(1 − b²), b = {x}·φ(Φ⁻¹(p))/√(p·(1 − p)), p = {n1}/({n1} + {n2}), "
            "h = m/{n1} + m/{n2}, m = {n1} + {n2} − 2",
            "b·√(p·(1 − p))/φ(Φ⁻¹(p)), b = {x}/√({x}² + h), p = {n1}/({n1} + {n2}), "
            "h = m/{n1} + m/{n2}, m = {n1} + {n2} − 2",
        ),
        assumption="r is a Pearson correlation of two normal variables, of which one is cut into "
        "groups of the sizes given.",
        exactness="approximation",
        reference="jacobs2017",
        needs=("n1", "n2"),
        used_by=("metafor (transf.rtod with sizes)", "metafor (transf.dtorbis with sizes)"),
    ),
    *_edges(
        "per-delta",
        _contrast,
        formulas=(
            "{x}·{delta}/({sd_x}·√(1 − {x}²))",
            "{x}/√({x}² + ({delta}/{sd_x})²)",
        ),
        assumption="r is a Pearson correlation, x acts linearly, and d compares people `delta` "
        "units of x apart.",
        exactness="exact",
        reference="mathur2020",
        needs=("delta", "sd_x"),
        used_by=("metaConvert", ""),
    ),
)
