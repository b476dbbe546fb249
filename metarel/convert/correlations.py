"""The edges of typed correlations: point-biserial, biserial, rank; and of slopes and Cohen's q."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import Domain
from metarel.convert import differences
from metarel.convert._edge import DEFINITION, OPEN_CORRELATION, Edge
from metarel.convert._factories import by_factor, plain, there_and_back, unfilled
from metarel.convert.differences import cut_at_base_rate, cut_at_sizes

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Given

JACOBS = "jacobs2017"
HALVES = {"base_rate": 0.5}
SAMPLE_CUT = "A normal variable was cut into groups of the sizes given."
SHARE_CUT = (
    "A normal variable was cut so that `base_rate` of the people (half, unless given) form a group."
)

#: Each rule of an untyped r and d, as a rule of a typed one: its name, its assumption, its users.
_POINT_BISERIAL = {
    "equal-groups": (
        "equal-groups",
        "The two groups are of the same size, and the sample is large.",
        "metafor (rpbtod, dtorpb without sizes)",
    ),
    "exact": (
        "exact",
        "Both are of the same sample, and d divides by the pooled standard deviation.",
        "metafor (rpbtod, dtorpb with sizes)",
    ),
    "base-rate": (
        "base-rate",
        "`base_rate` is the share of people in one group, and the sample is large.",
        "psychmeta, esc",
    ),
    "base-rate-n": (
        "base-rate-n",
        "The groups are as large as given, and the two degrees of freedom spent on means do not "
        "matter.",
        "Borenstein (2009)",
    ),
}
_BISERIAL = {
    "dichotomised": (
        "base-rate",
        f"{SHARE_CUT[:-1]}; the sample is large.",
        "metafor (dtorbis without sizes)",
    ),
    "dichotomised-n": ("exact", SAMPLE_CUT, "metafor (dtorbis with sizes)"),
}


def _retyped(code: str, rules: dict[str, tuple[str, str, str]]) -> tuple[Edge, ...]:
    """Return the edges between r and d as edges between a typed correlation and d."""

    def typed(metric: str) -> str:
        return code if metric == "r" else metric

    return tuple(
        replace(
            edge,
            source=typed(edge.source),
            target=typed(edge.target),
            rule=rules[edge.rule][0],
            assumption=rules[edge.rule][1],
            used_by=rules[edge.rule][2],
            default=edge.rule == next(iter(rules)),
            # A biserial correlation of a sample may exceed 1; what is left of it once cut may not.
            domain=edge.domain if code == "r_pb" else None,
        )
        for edge in differences.EDGES
        if edge.rule in rules
    )


def _cut(
    source: str,
    target: str,
    rule: str,
    factor: Callable[[Given], Array | float],
    formulas: tuple[str, str],
    used_by: str,
) -> tuple[Edge, Edge]:
    """Return both ways of a correlation that is cut: what is left is the factor of it."""
    sizes = rule == "exact"
    edge = unfilled(
        source,
        target,
        rule,
        formulas[0],
        SAMPLE_CUT if sizes else SHARE_CUT,
        JACOBS,
        used_by=used_by,
        needs=("n1", "n2") if sizes else (),
        optional={} if sizes else HALVES,
        default=not sizes,
    )
    return by_factor(edge, formulas[1], factor)


def _cut_edges(source: str, used_by: str) -> tuple[Edge, ...]:
    """Return the edges between a correlation before the cut and the point-biserial one."""
    left = "{x}·φ(Φ⁻¹(p))/√(p·(1 − p)), p = "
    whole = "{x}·√(p·(1 − p))/φ(Φ⁻¹(p)), p = "
    rates = (left + "{base_rate}", whole + "{base_rate}")
    sizes = (left + "{n1}/({n1} + {n2})", whole + "{n1}/({n1} + {n2})")
    return (
        *_cut(source, "r_pb", "base-rate", cut_at_base_rate, rates, used_by),
        *_cut(source, "r_pb", "exact", cut_at_sizes, sizes, used_by),
    )


#: Between the untyped r and a typed one there is a single step: a route would lose which r it is.
_DICHOTOMISED = tuple(
    replace(edge, alone=True) for edge in _cut_edges("r", "metafor (transf.rtorpb)")
)


def _rank(
    source: str, formulas: tuple[str, str], functions: tuple[float, float], sources: tuple[str, str]
) -> tuple[Edge, Edge]:
    """Return both ways between a rank correlation and r: r = a·sin(b·x)."""
    a, b = functions
    reference, used_by = sources
    there, back = there_and_back(
        Edge(
            source,
            "r",
            "normal",
            plain(lambda x: a * np.sin(b * x)),
            plain(lambda r: np.arcsin(r / a) / b),
            plain(lambda x: a * b * np.cos(b * x)),
            formulas[0],
            "Both variables are normal, and no values are tied.",
            "exact",
            reference,
            used_by=used_by,
            default=True,
        ),
        formulas[1],
    )
    return there, replace(back, alone=True)


_RANKS = (
    *_rank(
        "spearman",
        ("2·sin(π·{x}/6)", "6/π·arcsin({x}/2)"),
        (2.0, np.pi / 6),
        ("rupinski1996", "Rupinski and Dunlap (1996)"),
    ),
    *_rank(
        "kendall",
        ("sin(π·{x}/2)", "2/π·arcsin({x})"),
        (1.0, np.pi / 2),
        ("walker2003", "Walker (2003)"),
    ),
)


def _slope_edge(rule: str, factor: float, formula: str, used_by: str) -> Edge:
    """Return a reading of a standardised slope as a correlation: factor·β, and 0.05 from 0 up."""
    return Edge(
        "beta",
        "r",
        rule,
        plain(lambda b: factor * b + np.where(b >= 0, 0.05, 0.0)),
        plain(
            lambda r: np.where(r >= 0.05, (r - 0.05) / factor, np.where(r < 0, r / factor, np.nan))
        ),
        plain(lambda b: np.full_like(b, factor)),
        formula,
        "The slope stands for a correlation that was not reported, as it did on average in the "
        "published pairs of both to which the rule was fitted; other predictors are left aside.",
        "approximation",
        "peterson2005",
        used_by=used_by,
        default=factor == 1,
        domain=Domain(-0.5, 0.5),
    )


_SLOPES = (
    _slope_edge(
        "peterson-brown",
        1.0,
        "{x} + 0.05 where {x} is 0 or more, {x} where it is less",
        "metaConvert",
    ),
    _slope_edge(
        "peterson-brown-fitted",
        0.98,
        "0.98·{x} + 0.05 where {x} is 0 or more, 0.98·{x} where it is less",
        "reviews that quote the fitted equation",
    ),
)


def _z(r: Array) -> Array:
    return np.arctanh(r)


_Q = tuple(
    replace(edge, alone=True)
    for edge in there_and_back(
        Edge(
            "r",
            "cohen_q",
            "definition",
            lambda r, given: _z(r) - _z(given["other"]),
            lambda q, given: np.tanh(q + _z(given["other"])),
            plain(lambda r: 1 / ((1 - r) * (1 + r))),
            "arctanh({x}) − arctanh({other})",
            DEFINITION,
            "identity",
            "cohen1988",
            needs=("other",),
            used_by="Cohen (1988)",
            default=True,
            domain=OPEN_CORRELATION,
            need_domains={"other": OPEN_CORRELATION},
        ),
        "tanh({x} + arctanh({other}))",
    )
)

EDGES: tuple[Edge, ...] = (
    *_retyped("r_pb", _POINT_BISERIAL),
    *_retyped("r_bis", _BISERIAL),
    *_cut_edges("r_bis", "metafor (transf.rpbtorbis)"),
    *_DICHOTOMISED,
    *_RANKS,
    *_SLOPES,
    *_Q,
)
