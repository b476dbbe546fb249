"""Every family of measures in one register."""

from __future__ import annotations

from metarel._register import Register
from metarel.effects import (
    adjusted_means,
    association,
    biserial,
    contingency,
    correlation,
    crossed,
    determination,
    dichotomised,
    dominance,
    generic,
    genotypes,
    glass,
    incidence,
    log_rank,
    one_group,
    one_proportion,
    paired_means,
    paired_proportions,
    paired_ratios,
    partial,
    pre_post_control,
    rank_correlation,
    ratio_of_means,
    reliability,
    repeated_measures,
    slope,
    two_means,
    two_proportions,
    variability,
    variance_explained,
)
from metarel.effects._measure import Measure

FAMILIES = (
    two_means,
    glass,
    ratio_of_means,
    variability,
    crossed,
    dominance,
    adjusted_means,
    pre_post_control,
    paired_means,
    repeated_measures,
    paired_ratios,
    two_proportions,
    dichotomised,
    association,
    contingency,
    biserial,
    incidence,
    log_rank,
    paired_proportions,
    correlation,
    rank_correlation,
    partial,
    slope,
    determination,
    variance_explained,
    one_proportion,
    one_group,
    reliability,
    genotypes,
    generic,
)

#: Other words for the same measure: metafor's, and Cliff's delta.
ALIASES = {
    "D2OR": "D2ORL",
    "AUC": "CLES",
    "AUCN": "CLESN",
    "AUCCN": "CLESCN",
    "OR2D": "OR2DL",
    "CLIFF": "RRB",
}

MEASURES: Register[Measure] = Register(
    "measure", [measure for family in FAMILIES for measure in family.MEASURES], ALIASES
)
