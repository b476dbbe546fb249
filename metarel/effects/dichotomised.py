"""Two proportions on other scales: arcsine, Peto, and standardised mean differences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special
from metarel.effects._measure import Measure, VarianceRule
from metarel.effects._tables import CELLS, DESIGN, EVENTS, Table

if TYPE_CHECKING:
    from metarel._checks import Array

#: d for one unit of log odds: the standard logistic has standard deviation π/√3; Cox's 1.65 is
#: the constant for which logistic and normal distributions agree best.
LOGISTIC = math.sqrt(3) / math.pi
COX = 1 / 1.65
SANCHEZ = "sanchezmeca2003"


def _log_odds(x: Table) -> Array:
    return np.log(x.a / x.b) - np.log(x.c / x.d)


def _log_odds_variance(x: Table, _yi: Array) -> Array:
    return 1 / x.a + 1 / x.b + 1 / x.c + 1 / x.d


def _peto_variance(x: Table) -> Array:
    """Return the hypergeometric variance of the events in group 1."""
    return x.n1 * x.n2 * (x.a + x.c) * (x.b + x.d) / (x.n**2 * (x.n - 1))


def _peto(x: Table) -> Array:
    return (x.a - x.n1 * x.p) / _peto_variance(x)


def _probit_variance(x: Table, _yi: Array) -> Array:
    parts = [
        2 * np.pi * p * (1 - p) * np.exp(special.ndtri(p) ** 2) / n
        for p, n in ((x.p1, x.n1), (x.p2, x.n2))
    ]
    return parts[0] + parts[1]


def _scaled(code: str, name: str, factor: float, written: str, source: str, same: str) -> Measure:
    """Return the measure that is the log odds ratio times a constant."""
    return Measure(
        code=code,
        name=name,
        design=DESIGN,
        inputs=EVENTS,
        alternatives=(CELLS,),
        estimate=lambda x: factor * _log_odds(x),
        formula=f"log odds ratio · {written}",
        rules=(
            VarianceRule(
                "LS",
                f"({written})² (1/events1 + 1/non_events1 + 1/events2 + 1/non_events2)",
                lambda x, yi: factor**2 * _log_odds_variance(x, yi),
                source,
                "metafor",
            ),
        ),
        sources=(source, SANCHEZ),
        same_as=same,
    )


MEASURES = (
    Measure(
        code="AS",
        name="arcsine difference of two proportions",
        design=DESIGN,
        inputs=EVENTS,
        alternatives=(CELLS,),
        estimate=lambda x: np.arcsin(np.sqrt(x.p1)) - np.arcsin(np.sqrt(x.p2)),
        formula="asin √(events1/n1) − asin √(events2/n2)",
        rules=(
            VarianceRule(
                "LS",
                "1/(4 n1) + 1/(4 n2)",
                lambda x, _: 1 / (4 * x.n1) + 1 / (4 * x.n2),
                "rucker2009",
                "metafor",
            ),
        ),
        sources=("rucker2009",),
        settings={"add": 0.0},
        same_as="metafor AS; meta's ASD; half of Cohen's h",
    ),
    Measure(
        code="PETO",
        name="log odds ratio by Peto's method",
        design=DESIGN,
        inputs=EVENTS,
        alternatives=(CELLS,),
        estimate=_peto,
        formula="(events1 − E)/V, E = n1 (events1 + events2)/N, V the hypergeometric variance",
        rules=(
            VarianceRule("LS", "1/V", lambda x, _: 1 / _peto_variance(x), "yusuf1985", "metafor"),
        ),
        sources=("yusuf1985",),
        transform="exp",
        same_as="metafor PETO",
    ),
    Measure(
        code="PBIT",
        name="standardised mean difference from two proportions by probits",
        design=DESIGN,
        inputs=EVENTS,
        alternatives=(CELLS,),
        estimate=lambda x: special.ndtri(x.p1) - special.ndtri(x.p2),
        formula="Φ⁻¹(events1/n1) − Φ⁻¹(events2/n2)",
        rules=(
            VarianceRule(
                "LS",
                "2π p1 (1 − p1) exp(z1²)/n1 + 2π p2 (1 − p2) exp(z2²)/n2, z = Φ⁻¹(p)",
                _probit_variance,
                SANCHEZ,
                "metafor",
            ),
        ),
        sources=(SANCHEZ,),
        same_as="metafor PBIT",
    ),
    _scaled(
        "OR2DL",
        "standardised mean difference from an odds ratio, logistic outcome",
        LOGISTIC,
        "√3/π",
        "chinn2000",
        "metafor OR2DL (alias OR2D); CMA; meta's or2smd (Hasselblad and Hedges)",
    ),
    _scaled(
        "OR2DN",
        "standardised mean difference from an odds ratio, normal outcome",
        COX,
        "1/1.65",
        "cox1989",
        "metafor OR2DN; meta's or2smd (Cox and Snell)",
    ),
)
