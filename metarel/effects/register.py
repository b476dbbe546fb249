"""Every family of measures in one register."""

from __future__ import annotations

from metarel._register import Register
from metarel.effects import (
    association,
    biserial,
    correlation,
    crossed,
    determination,
    dichotomised,
    dominance,
    generic,
    genotypes,
    glass,
    incidence,
    one_group,
    one_proportion,
    paired_means,
    paired_proportions,
    paired_ratios,
    partial,
    ratio_of_means,
    reliability,
    two_means,
    two_proportions,
    variability,
)
from metarel.effects._measure import Measure

FAMILIES = (
    two_means,
    glass,
    ratio_of_means,
    variability,
    crossed,
    dominance,
    paired_means,
    paired_ratios,
    two_proportions,
    dichotomised,
    association,
    biserial,
    incidence,
    paired_proportions,
    correlation,
    partial,
    determination,
    one_proportion,
    one_group,
    reliability,
    genotypes,
    generic,
)

#: Other words for the same measure, as in metafor.
ALIASES = {"D2OR": "D2ORL", "AUC": "CLES", "AUCN": "CLESN", "AUCCN": "CLESCN", "OR2D": "OR2DL"}

MEASURES: Register[Measure] = Register(
    "measure", [measure for family in FAMILIES for measure in family.MEASURES], ALIASES
)
