"""The edges from tests of several groups and larger tables: F, chi-square, U and H."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metarel.convert._edge import Edge
from metarel.convert._factories import by_factor, defined, plain, there_and_back, unfilled

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Formula, Given

_DEGREES = ("df1", "df")
_TABLE = ("rows", "columns")
ANOVA = "F compares independent groups, or tests a whole regression; `df` are the error's."
ADJUSTED = (
    "F compares independent groups of the same size; `df` are the error's. A result below 0 is "
    "left as it is, so that averages are not biased."
)
COUNTS = "The chi-square is of a table of n people, without continuity correction."
NO_TIES = "No values are tied, or H is corrected for ties."


def _share(f: Array, given: Given) -> Array:
    return f * given["df1"] / (f * given["df1"] + given["df"])


def _of_share(share: Array, given: Given) -> Array:
    return share * given["df"] / (given["df1"] * (1 - share))


def _share_slope(f: Array, given: Given) -> Array:
    return given["df1"] * given["df"] / (f * given["df1"] + given["df"]) ** 2


def _adjusted(extra: float) -> tuple[Formula, Formula, Formula]:
    """Return df1 (F − 1)/(df1 F + df + extra), its inverse and its slope."""

    def forward(f: Array, given: Given) -> Array:
        return given["df1"] * (f - 1) / (given["df1"] * f + given["df"] + extra)

    def inverse(y: Array, given: Given) -> Array:
        return (given["df1"] + y * (given["df"] + extra)) / (given["df1"] * (1 - y))

    def slope(f: Array, given: Given) -> Array:
        whole = given["df1"] * f + given["df"] + extra
        return given["df1"] * (given["df1"] + given["df"] + extra) / whole**2

    return forward, inverse, slope


def _of_f(
    target: str,
    functions: tuple[Formula, Formula, Formula],
    formula: str,
    assumption: str,
    reference: str,
    used_by: str,
) -> Edge:
    return Edge(
        "F",
        target,
        "degrees",
        *functions,
        formula,
        assumption,
        "exact",
        reference,
        needs=_DEGREES,
        used_by=used_by,
        default=True,
    )


_SHARE = (_share, _of_share, _share_slope)
_WHOLE = "{df1}·{x}/({df1}·{x} + {df})"
_ANOVA = (
    _of_f("eta2", _SHARE, _WHOLE, ANOVA, "cohen1988", "effectsize"),
    _of_f("r2", _SHARE, _WHOLE, ANOVA, "cohen1988", "metafor (measure R2), effectsize"),
    _of_f(
        "f",
        (
            lambda f, given: np.sqrt(f * given["df1"] / given["df"]),
            lambda y, given: y**2 * given["df"] / given["df1"],
            lambda f, given: np.sqrt(given["df1"] / (given["df"] * f)) / 2,
        ),
        "√({df1}·{x}/{df})",
        ANOVA,
        "cohen1988",
        "effectsize",
    ),
    _of_f(
        "epsilon2",
        _adjusted(0.0),
        "{df1}·({x} − 1)/({df1}·{x} + {df})",
        ADJUSTED,
        "kelley1935",
        "effectsize (cut at 0)",
    ),
    _of_f(
        "omega2",
        _adjusted(1.0),
        "{df1}·({x} − 1)/({df1}·{x} + {df} + 1)",
        ADJUSTED,
        "hays1963",
        "effectsize (cut at 0)",
    ),
)


def _unbiased(
    target: str,
    functions: tuple[Formula, Formula, Formula],
    formulas: tuple[str, str],
    reference: str,
) -> tuple[Edge, Edge]:
    """Return both ways between eta2 and a share adjusted for chance, over the F of both."""
    edge = Edge(
        "eta2",
        target,
        "degrees",
        *functions,
        formulas[0],
        "Both shares are of one F that compares independent groups of the same size; `df` are the "
        "error's. A result below 0 is left as it is.",
        "exact",
        reference,
        needs=_DEGREES,
        used_by="effectsize (over F)",
        default=True,
    )
    return there_and_back(edge, formulas[1])


_ADJUSTED = (
    *_unbiased(
        "epsilon2",
        (
            lambda x, given: (x * (given["df"] + given["df1"]) - given["df1"]) / given["df"],
            lambda y, given: (y * given["df"] + given["df1"]) / (given["df"] + given["df1"]),
            lambda x, given: np.broadcast_to(1 + given["df1"] / given["df"], x.shape),
        ),
        ("({x}·({df} + {df1}) − {df1})/{df}", "({x}·{df} + {df1})/({df} + {df1})"),
        "kelley1935",
    ),
    *_unbiased(
        "omega2",
        (
            lambda x, given: (
                (x * (given["df"] + given["df1"]) - given["df1"]) / (given["df"] + 1 - x)
            ),
            lambda y, given: (
                (y * (given["df"] + 1) + given["df1"]) / (given["df"] + given["df1"] + y)
            ),
            lambda x, given: (
                ((given["df"] + given["df1"]) * (given["df"] + 1) - given["df1"])
                / (given["df"] + 1 - x) ** 2
            ),
        ),
        (
            "({x}·({df} + {df1}) − {df1})/({df} + 1 − {x})",
            "({x}·({df} + 1) + {df1})/({df} + {df1} + {x})",
        ),
        "hays1963",
    ),
)


def _smaller(given: Given) -> Array:
    return np.minimum(given["rows"], given["columns"]) - 1


_W = Edge(
    "chi2",
    "cohen_w",
    "table",
    lambda x, given: np.sqrt(x / given["n"]),
    lambda w, given: w**2 * given["n"],
    lambda x, given: 1 / (2 * np.sqrt(x * given["n"])),
    "√({x}/{n})",
    COUNTS,
    "exact",
    "cohen1988",
    needs=("n",),
    used_by="effectsize",
    default=True,
)
_V = by_factor(
    unfilled(
        "cohen_w",
        "cramer_v",
        "definition",
        "{x}/√(min({rows}, {columns}) − 1)",
        "The table has so many rows and columns.",
        "cramer1946",
        exactness="identity",
        needs=_TABLE,
        used_by="effectsize",
        default=True,
    ),
    "{x}·√(min({rows}, {columns}) − 1)",
    lambda given: 1 / np.sqrt(_smaller(given)),
)
_T = by_factor(
    unfilled(
        "cohen_w",
        "tschuprow_t",
        "definition",
        "{x}/⁴√(({rows} − 1)·({columns} − 1))",
        "The table has so many rows and columns.",
        "tschuprow1939",
        exactness="identity",
        needs=_TABLE,
        used_by="effectsize",
        default=True,
    ),
    "{x}·⁴√(({rows} − 1)·({columns} − 1))",
    lambda given: ((given["rows"] - 1) * (given["columns"] - 1)) ** -0.25,
)
_FEI = by_factor(
    unfilled(
        "cohen_w",
        "fei",
        "definition",
        "{x}/√(1/{expected} − 1)",
        "The chi-square tests how well shares fit those expected, of which `expected` is the "
        "smallest.",
        "benshachar2023",
        exactness="identity",
        needs=("expected",),
        used_by="effectsize",
        default=True,
    ),
    "{x}·√(1/{expected} − 1)",
    lambda given: np.sqrt(given["expected"] / (1 - given["expected"])),
)
_C = (
    defined(
        "cohen_w",
        "pearson_c",
        "{x}/√(1 + {x}²)",
        (
            plain(lambda w: w / np.hypot(1, w)),
            plain(lambda c: c / np.sqrt((1 - c) * (1 + c))),
            plain(lambda w: np.hypot(1, w) ** -3.0),
        ),
        reference="pearson1904",
    ),
    defined(
        "pearson_c",
        "cohen_w",
        "{x}/√(1 − {x}²)",
        (
            plain(lambda c: c / np.sqrt((1 - c) * (1 + c))),
            plain(lambda w: w / np.hypot(1, w)),
            plain(lambda c: ((1 - c) * (1 + c)) ** -1.5),
        ),
        reference="pearson1904",
    ),
)


def _multiple(edge: Edge, factor: Formula) -> Edge:
    """Return an edge from a statistic that is only multiplied."""
    return replace(
        edge,
        forward=lambda x, given: x * factor(x, given),
        inverse=lambda y, given: y / factor(y, given),
        slope=factor,
    )


_CHANCE = _multiple(
    unfilled(
        "U",
        "cles",
        "pairs",
        "{x}/({n1}·{n2})",
        "U counts the pairs in which the person of group 1 is higher, ties half; programs that "
        "print the smaller of both U lose the direction.",
        "mann1947",
        needs=("n1", "n2"),
        used_by="metafor (CLES by hand), effectsize",
        default=True,
    ),
    lambda x, given: np.broadcast_to(1 / (given["n1"] * given["n2"]), x.shape),
)
_RANKS = (
    _multiple(
        unfilled(
            "H",
            "epsilon2_rank",
            "kruskal-wallis",
            "{x}/({n} − 1)",
            NO_TIES,
            "tomczak2014",
            needs=("n",),
            used_by="effectsize",
            default=True,
        ),
        lambda x, given: np.broadcast_to(1 / (given["n"] - 1), x.shape),
    ),
    Edge(
        "H",
        "eta2_rank",
        "kruskal-wallis",
        lambda x, given: (x - given["groups"] + 1) / (given["n"] - given["groups"]),
        lambda y, given: y * (given["n"] - given["groups"]) + given["groups"] - 1,
        lambda x, given: np.broadcast_to(1 / (given["n"] - given["groups"]), x.shape),
        "({x} − {groups} + 1)/({n} − {groups})",
        f"{NO_TIES} A result below 0 is left as it is.",
        "exact",
        "tomczak2014",
        needs=("n", "groups"),
        used_by="effectsize (cut at 0)",
        default=True,
    ),
)

EDGES: tuple[Edge, ...] = (*_ANOVA, *_ADJUSTED, _W, *_V, *_T, *_FEI, *_C, _CHANCE, *_RANKS)
