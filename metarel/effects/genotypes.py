"""Deviation of genotype counts from Hardy and Weinberg's equilibrium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel.effects._measure import Design, Measure, VarianceRule
from metarel.effects._parts import ZERO_CELLS, adjust_cells

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

INPUTS = ("homozygous1", "heterozygous", "homozygous2")


@dataclass(frozen=True, slots=True)
class Genotypes:
    """Counts of the two homozygous genotypes and of the heterozygous one."""

    first: Array
    mixed: Array
    second: Array


def _complete(given: Given, options: Options) -> Genotypes:
    return Genotypes(*adjust_cells([given[word] for word in INPUTS], options))


DESIGN = Design("genotypes", _complete, settings=ZERO_CELLS)

MEASURES = (
    Measure(
        code="REH",
        name="log relative excess heterozygosity",
        design=DESIGN,
        inputs=INPUTS,
        estimate=lambda x: np.log(x.mixed) - np.log(4 * x.first * x.second) / 2,
        formula="log(heterozygous/(2 √(homozygous1 · homozygous2)))",
        rules=(
            VarianceRule(
                "LS",
                "1/heterozygous + 1/(4 homozygous1) + 1/(4 homozygous2)",
                lambda x, _: 1 / x.mixed + 1 / (4 * x.first) + 1 / (4 * x.second),
                "ziegler2011",
                "metafor",
            ),
        ),
        sources=("ziegler2011",),
        transform="exp",
        direction="positive when there are more heterozygotes than in equilibrium",
        same_as="metafor REH",
    ),
)
