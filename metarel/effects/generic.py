"""Effects that were computed elsewhere and come with their variance or standard error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metarel.effects._measure import Design, Measure, VarianceRule
from metarel.effects._parts import first_known

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options


@dataclass(frozen=True, slots=True)
class Reported:
    """An effect and its variance, as they were reported."""

    yi: Array
    vi: Array


def _complete(given: Given, _options: Options) -> Reported:
    return Reported(given["yi"], first_known(given["vi"], given["sei"] ** 2))


DESIGN = Design("reported", _complete)
AS_GIVEN = VarianceRule("LS", "vi, or sei²", lambda x, _: x.vi, "", "metafor")

MEASURES = (
    Measure(
        code="GEN",
        name="effect as reported",
        design=DESIGN,
        inputs=("yi", "vi"),
        alternatives=(("yi", "sei"),),
        estimate=lambda x: x.yi,
        formula="yi",
        rules=(AS_GIVEN,),
        sources=(),
        unit="as in the source",
        direction="as in the source",
        same_as="metafor GEN; meta's metagen; generic inverse variance in RevMan",
    ),
    Measure(
        code="HR",
        name="log hazard ratio",
        design=DESIGN,
        inputs=("yi", "vi"),
        alternatives=(("yi", "sei"),),
        estimate=lambda x: x.yi,
        formula="yi, the log of the hazard ratio",
        rules=(AS_GIVEN,),
        sources=(),
        transform="exp",
        same_as="metafor's label HR; meta's metagen with sm = \"HR\"",
    ),
    Measure(
        code="HD",
        name="hazard difference",
        design=DESIGN,
        inputs=("yi", "vi"),
        alternatives=(("yi", "sei"),),
        estimate=lambda x: x.yi,
        formula="yi",
        rules=(AS_GIVEN,),
        sources=(),
        unit="events per person-time",
        same_as="metafor's label HD",
    ),
)
