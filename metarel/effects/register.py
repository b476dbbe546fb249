"""Every family of measures in one register."""

from __future__ import annotations

from metarel._register import Register
from metarel.effects import correlation, generic, two_means, two_proportions
from metarel.effects._measure import Measure

FAMILIES = (two_means, two_proportions, correlation, generic)

MEASURES: Register[Measure] = Register(
    "measure", [measure for family in FAMILIES for measure in family.MEASURES]
)
