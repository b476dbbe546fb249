"""Means of single groups: raw, standardised, and logarithmic; their log SD and log CV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import Domain
from metarel.effects._measure import LEVEL, OUTCOME, Design, Measure, VarianceRule
from metarel.effects._parts import hedges_factor, weighted_mean

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

INPUTS = ("mean", "sd", "n")
AT_LEAST_TWO = {"n": Domain(2)}
POSITIVE_SD = {**AT_LEAST_TWO, "sd": Domain(0, open_low=True)}
NAKAGAWA = "nakagawa2015"


@dataclass(frozen=True, slots=True)
class OneMean:
    """Mean, standard deviation and size of one group."""

    mean: Array
    sd: Array
    n: Array
    correct: str

    @property
    def cv2(self) -> Array:
        """Return the squared coefficient of variation."""
        return (self.sd / self.mean) ** 2


def _complete(given: Given, options: Options) -> OneMean:
    nothing = np.full_like(given["n"], np.nan)
    return OneMean(given.get("mean", nothing), given["sd"], given["n"], options["correct"])


DESIGN = Design("one mean", _complete, metafor={"mean": "mi"})


def _pooled_over_rows(x: OneMean, _yi: Array) -> Array:
    return weighted_mean(x.sd**2, x.n - 1) / x.n


def _bias(x: OneMean) -> Array | float:
    """Return what the log of a standard deviation falls short by."""
    return 0.0 if x.correct == "none" else 1 / (2 * (x.n - 1))


MEASURES = (
    Measure(
        code="MN",
        name="mean",
        design=DESIGN,
        inputs=INPUTS,
        estimate=lambda x: x.mean,
        formula="mean",
        rules=(
            VarianceRule(
                "LS", "sd²/n", lambda x, _: x.sd**2 / x.n, "borenstein2009", "metafor, meta"
            ),
            VarianceRule(
                "HO",
                "variance pooled over rows / n",
                _pooled_over_rows,
                "borenstein2009",
                "metafor",
                across_rows=True,
            ),
        ),
        sources=("borenstein2009",),
        unit=OUTCOME,
        direction=LEVEL,
        same_as="metafor MN; meta's metamean",
    ),
    Measure(
        code="SMN",
        name="standardised mean of one group",
        design=DESIGN,
        inputs=INPUTS,
        estimate=lambda x: hedges_factor(x.n - 1, x.correct) * x.mean / x.sd,
        formula="J(n − 1) · mean/sd",
        rules=(
            VarianceRule(
                "LS",
                "1/n + yi²/(2 n)",
                lambda x, yi: 1 / x.n + yi**2 / (2 * x.n),
                "gibbons1993",
                "metafor",
            ),
        ),
        sources=("gibbons1993",),
        direction=LEVEL,
        correction="J",
        domains=POSITIVE_SD,
        same_as="metafor SMN",
    ),
    Measure(
        code="MNLN",
        name="log mean",
        design=DESIGN,
        inputs=INPUTS,
        estimate=lambda x: np.log(x.mean),
        formula="log(mean)",
        rules=(VarianceRule("LS", "sd²/(n mean²)", lambda x, _: x.cv2 / x.n, NAKAGAWA, "metafor"),),
        sources=(NAKAGAWA,),
        unit="log of the unit of the outcome",
        transform="exp",
        direction=LEVEL,
        same_as="metafor MNLN; meta's metamean with MLN",
    ),
    Measure(
        code="SDLN",
        name="log standard deviation",
        design=DESIGN,
        inputs=("sd", "n"),
        optional=("mean",),
        estimate=lambda x: np.log(x.sd) + _bias(x),
        formula="log(sd) + 1/(2 (n − 1))",
        rules=(
            VarianceRule(
                "LS", "1/(2 (n − 1))", lambda x, _: 1 / (2 * (x.n - 1)), NAKAGAWA, "metafor"
            ),
        ),
        sources=(NAKAGAWA, "raudenbush1987"),
        unit="log of the unit of the outcome",
        transform="exp",
        direction=LEVEL,
        correction="series",
        domains=AT_LEAST_TWO,
        same_as="metafor SDLN",
    ),
    Measure(
        code="CVLN",
        name="log coefficient of variation",
        design=DESIGN,
        inputs=INPUTS,
        estimate=lambda x: np.log(x.sd / x.mean) + _bias(x),
        formula="log(sd/mean) + 1/(2 (n − 1))",
        rules=(
            VarianceRule(
                "LS",
                "1/(2 (n − 1)) + sd²/(n mean²)",
                lambda x, _: 1 / (2 * (x.n - 1)) + x.cv2 / x.n,
                NAKAGAWA,
                "metafor",
            ),
        ),
        sources=(NAKAGAWA,),
        transform="exp",
        direction=LEVEL,
        correction="series",
        domains=AT_LEAST_TWO,
        same_as="metafor CVLN",
    ),
)
