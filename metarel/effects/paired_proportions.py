"""Proportions of the same people twice, or of matched pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel.effects._measure import Design, Measure, VarianceRule
from metarel.effects._parts import ZERO_CELLS, adjust_cells, first_known, refuse_rows
from metarel.effects._tables import (
    CELLS,
    CROSSED,
    EVENTS,
    Table,
    check_table,
    complete_table,
)

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

#: What a share printed with many digits may be off from the one that the margins allow.
ROUNDED = 1e-8
PAIRED = ("both", "only1", "only2", "neither")
ZOU = "zou2007"
CURTIN = "curtin2002"
PAIRS = "positive when the event is more frequent under condition 1"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs with the event under both conditions, the first only, the second only, neither."""

    a: Array
    b: Array
    c: Array
    d: Array

    @property
    def n(self) -> Array:
        """Return the number of pairs."""
        return self.a + self.b + self.c + self.d


@dataclass(frozen=True, slots=True)
class Margins:
    """The margins of a paired table as a table of groups, and phi of the paired table."""

    table: Table
    phi: Array


def _complete(given: Given, options: Options) -> Pairs:
    return Pairs(*adjust_cells([given[word] for word in PAIRED], options))


def _complete_margins(given: Given, options: Options) -> Margins:
    table = complete_table(given, options)
    p1, p2 = table.p1, table.p2
    spread = np.sqrt(p1 * (1 - p1) * p2 * (1 - p2))
    phi = first_known(given["r"], (given["p_both"] - p1 * p2) / spread)
    # The margins bound the share of pairs with both events, and so phi.
    p_both = p1 * p2 + phi * spread
    possible = (p_both >= np.maximum(0, p1 + p2 - 1) - 1e-12) & (
        p_both <= np.minimum(p1, p2) + 1e-12
    )
    return Margins(table, np.where(possible, phi, np.nan))


def _check_margins(given: Given, labels: list[str] | None) -> None:
    check_table(given, labels)
    size1 = given["n1"] if "n1" in given else given["events1"] + given["non_events1"]
    size2 = given["n2"] if "n2" in given else given["events2"] + given["non_events2"]
    refuse_rows(
        np.abs(size1 - size2) > 1e-8 * size1,
        "both margins must count the same pairs (`n1` equal to `n2`)",
        labels,
    )
    if "p_both" in given:
        p1, p2 = given["events1"] / size1, given["events2"] / size2
        lacking = given["p_both"] < np.maximum(0, p1 + p2 - 1) - ROUNDED
        refuse_rows(
            lacking | (given["p_both"] > np.minimum(p1, p2) + ROUNDED),
            "`p_both` must not exceed the share with the event under either condition, nor leave "
            "more pairs than there are to have it under one alone",
            labels,
        )


DESIGN = Design("paired proportions", _complete, settings=ZERO_CELLS)
MARGINS = Design("paired margins", _complete_margins, _check_margins, CROSSED.settings)


def _marginal_log_odds(x: Pairs) -> Array:
    first = np.log((x.a + x.b) / (x.c + x.d))
    return first - np.log((x.a + x.c) / (x.b + x.d))


def _marginal_odds_variance(x: Pairs, _yi: Array) -> Array:
    yes1, no1, yes2, no2 = x.a + x.b, x.c + x.d, x.a + x.c, x.b + x.d
    shared = 2 * x.n * (x.a * x.d - x.b * x.c) / (yes1 * no1 * yes2 * no2)
    return 1 / yes1 + 1 / no1 + 1 / yes2 + 1 / no2 - shared


def _margins_variance(x: Margins, _yi: Array) -> Array:
    t = x.table
    shared = 2 * x.phi / np.sqrt(t.n1 * t.p1 * (1 - t.p1) * t.n2 * t.p2 * (1 - t.p2))
    return 1 / t.a + 1 / t.b + 1 / t.c + 1 / t.d - shared


MEASURES = (
    Measure(
        code="MPRR",
        name="marginal log risk ratio of pairs",
        design=DESIGN,
        inputs=PAIRED,
        estimate=lambda x: np.log((x.a + x.b) / (x.a + x.c)),
        formula="log((both + only1)/(both + only2))",
        rules=(
            VarianceRule(
                "LS",
                "(only1 + only2)/((both + only1)(both + only2))",
                lambda x, _: (x.b + x.c) / ((x.a + x.b) * (x.a + x.c)),
                ZOU,
                "metafor",
            ),
        ),
        sources=(ZOU,),
        transform="exp",
        direction=PAIRS,
        same_as="metafor MPRR",
    ),
    Measure(
        code="MPOR",
        name="marginal log odds ratio of pairs",
        design=DESIGN,
        inputs=PAIRED,
        estimate=_marginal_log_odds,
        formula="log((both + only1)/(only2 + neither)) − log((both + only2)/(only1 + neither))",
        rules=(
            VarianceRule(
                "LS",
                "sum of 1/margin − 2 n (both · neither − only1 · only2) / product of margins",
                _marginal_odds_variance,
                "beckermp1993",
                "metafor",
            ),
        ),
        sources=("beckermp1993", CURTIN),
        transform="exp",
        direction=PAIRS,
        same_as="metafor MPOR",
    ),
    Measure(
        code="MPRD",
        name="marginal risk difference of pairs",
        design=DESIGN,
        inputs=PAIRED,
        estimate=lambda x: (x.b - x.c) / x.n,
        formula="(only1 − only2)/n",
        rules=(
            VarianceRule(
                "LS",
                "(only1 + only2)/n² − (only1 − only2)²/n³",
                lambda x, _: (x.b + x.c) / x.n**2 - (x.b - x.c) ** 2 / x.n**3,
                "may1997",
                "metafor",
            ),
        ),
        sources=("may1997",),
        direction=PAIRS,
        same_as="metafor MPRD",
    ),
    Measure(
        code="MPORC",
        name="conditional log odds ratio of pairs",
        design=DESIGN,
        inputs=PAIRED,
        estimate=lambda x: np.log(x.b / x.c),
        formula="log(only1/only2)",
        rules=(
            VarianceRule(
                "LS", "1/only1 + 1/only2", lambda x, _: 1 / x.b + 1 / x.c, CURTIN, "metafor"
            ),
        ),
        sources=(CURTIN,),
        transform="exp",
        direction=PAIRS,
        same_as="metafor MPORC",
    ),
    Measure(
        code="MPPETO",
        name="conditional log odds ratio of pairs by Peto's method",
        design=DESIGN,
        inputs=PAIRED,
        estimate=lambda x: 2 * (x.b - x.c) / (x.b + x.c),
        formula="2 (only1 − only2)/(only1 + only2)",
        rules=(
            VarianceRule(
                "LS", "4/(only1 + only2)", lambda x, _: 4 / (x.b + x.c), CURTIN, "metafor"
            ),
        ),
        sources=(CURTIN,),
        transform="exp",
        direction=PAIRS,
        same_as="metafor MPPETO",
    ),
    Measure(
        code="MPORM",
        name="marginal log odds ratio of pairs from margins and a correlation",
        design=MARGINS,
        inputs=(*EVENTS, "r"),
        alternatives=((*CELLS, "r"), (*EVENTS, "p_both"), (*CELLS, "p_both")),
        estimate=lambda x: np.log(x.table.a / x.table.b) - np.log(x.table.c / x.table.d),
        formula="log(events1/non_events1) − log(events2/non_events2)",
        rules=(
            VarianceRule(
                "LS",
                "sum of 1/cell − 2 r/√(n1 p1 (1 − p1) n2 p2 (1 − p2)), r the phi of the pairs; "
                "missing where the margins allow no such r",
                _margins_variance,
                CURTIN,
                "metafor",
            ),
        ),
        sources=(CURTIN,),
        transform="exp",
        direction=PAIRS,
        same_as="metafor MPORM",
    ),
)
