"""Incidence rates: events over person-time, of two groups and of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel.convert.rates import freeman_tukey
from metarel.effects._measure import LEVEL, RATE, ROOT_RATE, Design, Measure, VarianceRule
from metarel.effects._parts import DROP_EMPTY, ZERO_CELLS, adjust_cells, blank

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

TWO = ("events1", "time1", "events2", "time2")
ONE = ("events", "time")
NO_CONSTANT = {"add": 0.0}
BAGOS = "bagos2009"


@dataclass(frozen=True, slots=True)
class TwoRates:
    """Events and person-time of two groups, events adjusted."""

    x1: Array
    t1: Array
    x2: Array
    t2: Array


@dataclass(frozen=True, slots=True)
class OneRate:
    """Events and person-time of one group, events adjusted."""

    x: Array
    t: Array


def _complete_two(given: Given, options: Options) -> TwoRates:
    x1, t1, x2, t2 = (given[word] for word in TWO)
    events: tuple[Array, ...] = (x1, x2)
    if options["drop00"]:
        events = blank(events, (x1 == 0) & (x2 == 0))
    x1, x2 = adjust_cells(events, options)
    return TwoRates(x1, t1, x2, t2)


def _complete_one(given: Given, options: Options) -> OneRate:
    (events,) = adjust_cells((given["events"],), options)
    return OneRate(events, given["time"])


TWO_DESIGN = Design(
    "two rates",
    _complete_two,
    settings=(*ZERO_CELLS, DROP_EMPTY),
    metafor={"events1": "x1i", "events2": "x2i"},
)
ONE_DESIGN = Design("one rate", _complete_one, settings=ZERO_CELLS)


MEASURES = (
    Measure(
        code="IRR",
        name="log incidence rate ratio",
        design=TWO_DESIGN,
        inputs=TWO,
        estimate=lambda x: np.log(x.x1 / x.t1) - np.log(x.x2 / x.t2),
        formula="log(events1/time1) − log(events2/time2)",
        rules=(
            VarianceRule(
                "LS", "1/events1 + 1/events2", lambda x, _: 1 / x.x1 + 1 / x.x2, BAGOS, "metafor"
            ),
        ),
        sources=(BAGOS,),
        transform="exp",
        same_as="metafor IRR; meta's metainc",
    ),
    Measure(
        code="IRD",
        name="incidence rate difference",
        design=TWO_DESIGN,
        inputs=TWO,
        estimate=lambda x: x.x1 / x.t1 - x.x2 / x.t2,
        formula="events1/time1 − events2/time2",
        rules=(
            VarianceRule(
                "LS",
                "events1/time1² + events2/time2²",
                lambda x, _: x.x1 / x.t1**2 + x.x2 / x.t2**2,
                BAGOS,
                "metafor",
            ),
        ),
        sources=(BAGOS,),
        unit=RATE,
        same_as="metafor IRD; meta's metainc",
    ),
    Measure(
        code="IRSD",
        name="difference of square roots of incidence rates",
        design=TWO_DESIGN,
        inputs=TWO,
        estimate=lambda x: np.sqrt(x.x1 / x.t1) - np.sqrt(x.x2 / x.t2),
        formula="√(events1/time1) − √(events2/time2)",
        rules=(
            VarianceRule(
                "LS",
                "1/(4 time1) + 1/(4 time2)",
                lambda x, _: 1 / (4 * x.t1) + 1 / (4 * x.t2),
                BAGOS,
                "metafor",
            ),
        ),
        sources=(BAGOS,),
        unit=ROOT_RATE,
        settings=NO_CONSTANT,
        same_as="metafor IRSD",
    ),
    Measure(
        code="IR",
        name="incidence rate",
        design=ONE_DESIGN,
        inputs=ONE,
        estimate=lambda x: x.x / x.t,
        formula="events/time",
        rules=(VarianceRule("LS", "events/time²", lambda x, _: x.x / x.t**2, BAGOS, "metafor"),),
        sources=(BAGOS,),
        unit=RATE,
        direction=LEVEL,
        same_as="metafor IR; meta's metarate",
    ),
    Measure(
        code="IRLN",
        name="log incidence rate",
        design=ONE_DESIGN,
        inputs=ONE,
        estimate=lambda x: np.log(x.x / x.t),
        formula="log(events/time)",
        rules=(VarianceRule("LS", "1/events", lambda x, _: 1 / x.x, BAGOS, "metafor"),),
        sources=(BAGOS,),
        unit="log of events per person-time",
        transform="exp",
        direction=LEVEL,
        same_as="metafor IRLN; meta's metarate",
    ),
    Measure(
        code="IRS",
        name="square root of an incidence rate",
        design=ONE_DESIGN,
        inputs=ONE,
        estimate=lambda x: np.sqrt(x.x / x.t),
        formula="√(events/time)",
        rules=(VarianceRule("LS", "1/(4 time)", lambda x, _: 1 / (4 * x.t), BAGOS, "metafor"),),
        sources=(BAGOS,),
        unit=ROOT_RATE,
        transform="square",
        direction=LEVEL,
        settings=NO_CONSTANT,
        same_as="metafor IRS; meta's metarate",
    ),
    Measure(
        code="IRFT",
        name="Freeman–Tukey transform of an incidence rate",
        design=ONE_DESIGN,
        inputs=ONE,
        estimate=lambda x: freeman_tukey(x.x / x.t, x.t),
        formula="(√(events/time) + √((events + 1)/time)) / 2",
        rules=(
            VarianceRule("LS", "1/(4 time)", lambda x, _: 1 / (4 * x.t), "freeman1950", "metafor"),
        ),
        sources=("freeman1950",),
        unit=ROOT_RATE,
        direction=LEVEL,
        settings=NO_CONSTANT,
        same_as="metafor IRFT. Its inverse depends on time, so that no back-transformation is "
        "offered",
    ),
)
