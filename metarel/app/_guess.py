"""Which column is which, as the page asks it: measures to choose from, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from metarel._format import listing
from metarel._vocabulary import SYMBOLS
from metarel.effects._columns import UNKNOWN
from metarel.effects._measure import Measure
from metarel.effects.register import MEASURES

#: What is asked where names do not tell: the measure of each answer.
KINDS = {
    UNKNOWN: "– please choose –",
    "ZCOR": "a correlation and a sample size",
    "SMD": "means and SDs of two groups",
    "OR": "counts of two groups",
    "PLO": "a count out of one group",
    "GEN": "an effect with its standard error or variance",
}
#: Measures that stand first.
COMMON = (
    *("GEN", "ZCOR", "COR", "SMD", "SMDH", "MD", "ROM", "OR", "RR", "RD", "IRR", "PLO", "PR"),
    *("SMCC", "SMCR"),
)


def missing(way: Iterable[str], found: Mapping[str, str]) -> str:
    """Say which inputs have a column and which have none; empty where all or none have."""
    words = list(way)
    without = [word for word in words if not found.get(word)]
    if not without or len(without) == len(words):
        return ""
    known = listing([f"{found[word]!r} ({word})" for word in words if found.get(word)])
    named = [f"{word} ({SYMBOLS[word].meaning})" for word in without]
    return f"Found: {known}. No column was found for {listing(named)}: choose it."


def measure_choices() -> dict[str, dict[str, str]]:
    """Return the measures by code in two groups: those most used, and all others by code."""
    named = {code: f"{code} – {_name(MEASURES[code])}" for code in MEASURES}
    return {
        "Not known yet": {UNKNOWN: "– choose what each study gives –"},
        "Most used": {code: named[code] for code in COMMON},
        "All others": {code: named[code] for code in sorted(named) if code not in COMMON},
    }


def _name(measure: Measure) -> str:
    return "effects with their variances or standard errors" if measure.code == "GEN" else (
        measure.name
    )  # fmt: skip
