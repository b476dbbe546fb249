"""Two proportions compared: risk ratio, odds ratio, risk difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.effects._measure import Measure, VarianceRule
from metarel.effects._tables import CELLS, DESIGN, EVENTS, Table

if TYPE_CHECKING:
    from metarel._checks import Array

FLEISS = "fleiss2009"


def _risks_over_rows(x: Table) -> tuple[float, float]:
    """Return the risk in each group over all rows together."""
    known = np.isfinite(x.n)
    p1 = x.a[known].sum() / x.n1[known].sum()
    p2 = x.c[known].sum() / x.n2[known].sum()
    return p1, p2


def _mean_ratio(numerator: Array, denominator: Array) -> float:
    """Return the mean over rows of one cell over another."""
    ratio = numerator / denominator
    return float(np.mean(ratio[np.isfinite(ratio)]))


def _rr_average(x: Table, _yi: Array) -> Array:
    p1, p2 = _risks_over_rows(x)
    return (1 - p1) / (x.n1 * p1) + (1 - p2) / (x.n2 * p2)


def _rr_berkey(x: Table, _yi: Array) -> Array:
    return _mean_ratio(x.b, x.a) / x.n1 + _mean_ratio(x.d, x.c) / x.n2


def _or_average(x: Table, _yi: Array) -> Array:
    p1, p2 = _risks_over_rows(x)
    return 1 / (x.n1 * p1 * (1 - p1)) + 1 / (x.n2 * p2 * (1 - p2))


def _rd_large_sample(x: Table, _yi: Array) -> Array:
    return x.p1 * (1 - x.p1) / x.n1 + x.p2 * (1 - x.p2) / x.n2


def _rd_unbiased(x: Table, _yi: Array) -> Array:
    return x.p1 * (1 - x.p1) / (x.n1 - 1) + x.p2 * (1 - x.p2) / (x.n2 - 1)


def _rd_average(x: Table, _yi: Array) -> Array:
    p1, p2 = _risks_over_rows(x)
    return p1 * (1 - p1) / x.n1 + p2 * (1 - p2) / x.n2


MEASURES = (
    Measure(
        code="RR",
        name="log risk ratio",
        design=DESIGN,
        inputs=EVENTS,
        alternatives=(CELLS,),
        estimate=lambda x: np.log(x.p1) - np.log(x.p2),
        formula="log(events1/n1) − log(events2/n2)",
        rules=(
            VarianceRule(
                "LS",
                "1/events1 − 1/n1 + 1/events2 − 1/n2",
                lambda x, _: 1 / x.a - 1 / x.n1 + 1 / x.c - 1 / x.n2,
                FLEISS,
                "metafor, RevMan, Stata, CMA",
            ),
            VarianceRule(
                "AV",
                "(1 − p1)/(n1 p1) + (1 − p2)/(n2 p2), each risk taken over all rows",
                _rr_average,
                FLEISS,
                "metafor",
                across_rows=True,
            ),
            VarianceRule(
                "H0",
                "(1/n1 + 1/n2) (1 − p)/p, p the risk of both groups together",
                lambda x, _: (1 / x.n1 + 1 / x.n2) * (1 - x.p) / x.p,
                FLEISS,
                "metafor",
            ),
            VarianceRule(
                "BERKEY",
                "mean of non_events1/events1 over rows / n1 + mean of non_events2/events2 / n2",
                _rr_berkey,
                "berkey1995",
                "no program known",
                across_rows=True,
            ),
        ),
        sources=(FLEISS,),
        transform="exp",
        same_as="metafor RR",
    ),
    Measure(
        code="OR",
        name="log odds ratio",
        design=DESIGN,
        inputs=EVENTS,
        alternatives=(CELLS,),
        estimate=lambda x: np.log(x.a / x.b) - np.log(x.c / x.d),
        formula="log(events1/non_events1) − log(events2/non_events2)",
        rules=(
            VarianceRule(
                "LS",
                "1/events1 + 1/non_events1 + 1/events2 + 1/non_events2",
                lambda x, _: 1 / x.a + 1 / x.b + 1 / x.c + 1 / x.d,
                FLEISS,
                "metafor, RevMan, Stata, CMA",
            ),
            VarianceRule(
                "AV",
                "1/(n1 p1 (1 − p1)) + 1/(n2 p2 (1 − p2)), each risk taken over all rows",
                _or_average,
                FLEISS,
                "metafor",
                across_rows=True,
            ),
            VarianceRule(
                "H0",
                "(1/n1 + 1/n2) / (p (1 − p)), p the risk of both groups together",
                lambda x, _: (1 / x.n1 + 1 / x.n2) / (x.p * (1 - x.p)),
                FLEISS,
                "metafor",
            ),
        ),
        sources=(FLEISS,),
        transform="exp",
        same_as="metafor OR",
    ),
    Measure(
        code="RD",
        name="risk difference",
        design=DESIGN,
        inputs=EVENTS,
        alternatives=(CELLS,),
        estimate=lambda x: x.p1 - x.p2,
        formula="events1/n1 − events2/n2",
        rules=(
            VarianceRule(
                "LS",
                "p1 (1 − p1)/n1 + p2 (1 − p2)/n2",
                _rd_large_sample,
                FLEISS,
                "metafor, RevMan, Stata, CMA",
            ),
            VarianceRule(
                "UB",
                "p1 (1 − p1)/(n1 − 1) + p2 (1 − p2)/(n2 − 1)",
                _rd_unbiased,
                FLEISS,
                "metafor",
            ),
            VarianceRule(
                "AV",
                "p1 (1 − p1)/n1 + p2 (1 − p2)/n2, each risk taken over all rows",
                _rd_average,
                FLEISS,
                "metafor",
                across_rows=True,
            ),
            VarianceRule(
                "H0",
                "p (1 − p) (1/n1 + 1/n2), p the risk of both groups together",
                lambda x, _: x.p * (1 - x.p) * (1 / x.n1 + 1 / x.n2),
                FLEISS,
                "metafor",
            ),
        ),
        sources=(FLEISS,),
        same_as="metafor RD",
    ),
)
