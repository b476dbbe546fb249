"""Every family of measures in one register."""

from __future__ import annotations

from metarel._register import Register
from metarel.effects import (
    association,
    biserial,
    correlation,
    dichotomised,
    generic,
    incidence,
    one_proportion,
    paired_proportions,
    two_means,
    two_proportions,
)
from metarel.effects._measure import Measure

FAMILIES = (
    two_means,
    two_proportions,
    dichotomised,
    association,
    biserial,
    incidence,
    paired_proportions,
    correlation,
    one_proportion,
    generic,
)

#: Other words for the same measure, as in metafor.
ALIASES = {"OR2D": "OR2DL"}

MEASURES: Register[Measure] = Register(
    "measure", [measure for family in FAMILIES for measure in family.MEASURES], ALIASES
)
