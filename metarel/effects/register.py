"""Every family of measures in one register."""

from __future__ import annotations

from metarel._register import Register, did_you_mean
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

#: What people call measures, and what to write.
SPOKEN = {
    "'ZCOR' (the usual: Fisher's z, read back as r) or 'COR'": (
        *("r", "correlation", "correlations", "pearson", "corr", "z", "fisher", "fisherz"),
    ),
    "Hedges' g is 'SMD'": ("g", "hedges", "hedgesg", "stdmeandifference"),
    "Cohen's d is 'SMD' with correct=False; with the usual correction (Hedges' g) it is 'SMD'": (
        *("d", "cohen", "cohend", "cohensd", "es", "effectsize"),
    ),
    "Glass's delta is 'SMD1'": ("delta", "glass", "glassdelta", "glasssdelta"),
    "'MD'": ("meandifference", "difference", "rawmeandifference"),
    "'OR', which is its log": ("oddsratio", "logor", "lor", "lnor", "logoddsratio"),
    "'RR', which is its log": ("riskratio", "relativerisk", "logrr", "lnrr"),
    "'RD'": ("riskdifference", "ard"),
    "'HR', its log with a variance": ("hazardratio", "loghr", "lnhr"),
    "'PLO' (the usual: logits) or 'PR'": ("proportion", "proportions", "prevalence", "rate"),
    "'ABT' (the usual) or 'ARAW'": ("alpha", "cronbach", "cronbachalpha", "reliability"),
}


def _refusal(came: object) -> str:
    """Return what to say of a word that is no measure: the one that was meant, the usual ones."""
    meant = ""
    if isinstance(came, str):
        plain = "".join(character for character in came.lower() if character.isalpha())
        said = next((text for text, words in SPOKEN.items() if plain in words), "")
        near = did_you_mean(came, MEASURES) if len(plain) > 1 else ""
        meant = f" {said}." if said else near
    return (
        f"`measure` must be one of the {len(MEASURES)} codes of measure_table(); got {came!r}."
        f"{meant} The usual ones: 'SMD' or 'MD' of means, 'ZCOR' or 'COR' of correlations, 'OR', "
        "'RR' or 'RD' of 2 × 2 tables, 'PLO' of proportions."
    )


MEASURES: Register[Measure] = Register(
    "measure",
    [measure for family in FAMILIES for measure in family.MEASURES],
    ALIASES,
    any_case=True,
    refusal=_refusal,
)
