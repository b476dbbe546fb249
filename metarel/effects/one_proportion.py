"""Single proportions and their transformations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special
from metarel.convert.proportions import arcsine, double_arcsine
from metarel.effects._measure import LEVEL, Design, Measure, VarianceRule
from metarel.effects._parts import ZERO_CELLS, adjust_cells, check_group, first_known

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

INPUTS = ("events", "n")
INSTEAD = (("events", "non_events"),)
NO_CONSTANT = {"add": 0.0}
FREEMAN = "freeman1950"
HANDBOOK = "fleiss2009"


@dataclass(frozen=True, slots=True)
class Proportion:
    """Events and non-events of one group, cells adjusted."""

    events: Array
    non_events: Array

    @property
    def n(self) -> Array:
        """Return the size of the group."""
        return self.events + self.non_events

    @property
    def p(self) -> Array:
        """Return the proportion."""
        return self.events / self.n

    @property
    def overall(self) -> float:
        """Return the proportion over all rows together."""
        known = np.isfinite(self.n)
        return float(self.events[known].sum() / self.n[known].sum())


def _complete(given: Given, options: Options) -> Proportion:
    events = given["events"]
    non_events = first_known(given["non_events"], given["n"] - events)
    return Proportion(*adjust_cells((events, non_events), options))


def _check(given: Given, labels: list[str] | None) -> None:
    check_group(given, ("events", "non_events", "n"), labels)


DESIGN = Design("one proportion", _complete, _check, ZERO_CELLS)


def _probit_variance(x: Proportion, yi: Array) -> Array:
    return 2 * np.pi * np.exp(yi**2) * x.p * (1 - x.p) / x.n


MEASURES = (
    Measure(
        code="PR",
        name="proportion",
        design=DESIGN,
        inputs=INPUTS,
        alternatives=INSTEAD,
        estimate=lambda x: x.p,
        formula="events/n",
        rules=(
            VarianceRule(
                "LS", "p (1 − p)/n", lambda x, p: p * (1 - p) / x.n, HANDBOOK, "metafor, Stata"
            ),
            VarianceRule(
                "UB", "p (1 − p)/(n − 1)", lambda x, p: p * (1 - p) / (x.n - 1), HANDBOOK, "metafor"
            ),
            VarianceRule(
                "AV",
                "p (1 − p)/n, p taken over all rows",
                lambda x, _: x.overall * (1 - x.overall) / x.n,
                HANDBOOK,
                "metafor",
                across_rows=True,
            ),
        ),
        sources=(HANDBOOK,),
        direction=LEVEL,
        same_as="metafor PR",
    ),
    Measure(
        code="PLN",
        name="log proportion",
        design=DESIGN,
        inputs=INPUTS,
        alternatives=INSTEAD,
        estimate=lambda x: np.log(x.p),
        formula="log(events/n)",
        rules=(
            VarianceRule(
                "LS", "1/events − 1/n", lambda x, _: 1 / x.events - 1 / x.n, HANDBOOK, "metafor"
            ),
            VarianceRule(
                "AV",
                "1/(n p) − 1/n, p taken over all rows",
                lambda x, _: 1 / (x.n * x.overall) - 1 / x.n,
                HANDBOOK,
                "metafor",
                across_rows=True,
            ),
        ),
        sources=(HANDBOOK,),
        transform="exp",
        direction=LEVEL,
        same_as="metafor PLN",
    ),
    Measure(
        code="PLO",
        name="logit of a proportion",
        design=DESIGN,
        inputs=INPUTS,
        alternatives=INSTEAD,
        estimate=lambda x: np.log(x.events / x.non_events),
        formula="log(events/non_events)",
        rules=(
            VarianceRule(
                "LS",
                "1/events + 1/non_events",
                lambda x, _: 1 / x.events + 1 / x.non_events,
                HANDBOOK,
                "metafor, CMA, Stata",
            ),
            VarianceRule(
                "AV",
                "1/(n p (1 − p)), p taken over all rows",
                lambda x, _: 1 / (x.n * x.overall * (1 - x.overall)),
                HANDBOOK,
                "metafor",
                across_rows=True,
            ),
        ),
        sources=(HANDBOOK,),
        transform="expit",
        direction=LEVEL,
        same_as="metafor PLO",
    ),
    Measure(
        code="PRZ",
        name="probit of a proportion",
        design=DESIGN,
        inputs=INPUTS,
        alternatives=INSTEAD,
        estimate=lambda x: special.ndtri(x.p),
        formula="Φ⁻¹(events/n)",
        rules=(
            VarianceRule(
                "LS", "2π exp(yi²) p (1 − p)/n", _probit_variance, "sanchezmeca2003", "metafor"
            ),
        ),
        sources=("sanchezmeca2003",),
        transform="ndtr",
        direction=LEVEL,
        same_as="metafor PRZ",
    ),
    Measure(
        code="PAS",
        name="arcsine square root of a proportion",
        design=DESIGN,
        inputs=INPUTS,
        alternatives=INSTEAD,
        estimate=lambda x: arcsine(x.p),
        formula="asin √(events/n)",
        rules=(VarianceRule("LS", "1/(4 n)", lambda x, _: 1 / (4 * x.n), "rucker2009", "metafor"),),
        sources=("rucker2009",),
        transform="sin2",
        direction=LEVEL,
        settings=NO_CONSTANT,
        same_as="metafor PAS",
    ),
    Measure(
        code="PFT",
        name="double arcsine of a proportion (Freeman and Tukey)",
        design=DESIGN,
        inputs=INPUTS,
        alternatives=INSTEAD,
        estimate=lambda x: double_arcsine(x.p, x.n),
        formula="(asin √(events/(n + 1)) + asin √((events + 1)/(n + 1))) / 2",
        rules=(
            VarianceRule("LS", "1/(4 n + 2)", lambda x, _: 1 / (4 * x.n + 2), FREEMAN, "metafor"),
        ),
        sources=(FREEMAN, "schwarzer2019"),
        direction=LEVEL,
        settings=NO_CONSTANT,
        same_as="metafor PFT; Stata's Freeman–Tukey is twice this. Its inverse depends on n and "
        "can mislead, so that no back-transformation is offered",
    ),
)
