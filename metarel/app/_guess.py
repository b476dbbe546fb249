"""Which column is which: guessed from the names of columns, to be changed by the user."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from metarel.effects._measure import Measure
from metarel.effects.register import MEASURES

#: Names that columns have in other programs and in papers, by input word; compared without case,
#: blanks and punctuation. The word itself always counts, and so do metafor's names.
NAMES: Mapping[str, tuple[str, ...]] = {
    "yi": ("y", "effect", "es", "effectsize", "g", "hedgesg", "d", "te", "estimate", "logor",
           "logrr", "lnor", "smd"),
    "vi": ("v", "var", "variance", "varg", "vard", "vary", "vg", "vd"),
    "sei": ("se", "sete", "seg", "sed", "standarderror", "stderr", "sey"),
    "r": ("ri", "cor", "corr", "correlation", "rxy", "effectr"),
    "n": ("ni", "samplesize", "ntotal", "totaln", "size", "participants", "npatients"),
    "m1": ("m1i", "mean1", "mt", "meane", "meant", "meantreated", "meantreatment", "mtreat",
           "meanexp", "mexp", "mean_i"),
    "sd1": ("sd1i", "sdt", "sde", "sdtreated", "sdtreatment", "sdexp"),
    "n1": ("n1i", "nt", "ne", "ntreated", "ntreatment", "nexp", "ntreat"),
    "m2": ("m2i", "mean2", "mc", "meanc", "meancontrol", "mcontrol", "mcon", "meancon"),
    "sd2": ("sd2i", "sdc", "sdcontrol", "sdcon"),
    "n2": ("n2i", "nc", "ncontrol", "ncon", "nctrl"),
    "events1": ("ai", "evente", "eventst", "eventstreated", "tpos", "event1"),
    "events2": ("ci", "eventc", "eventsc", "eventscontrol", "cpos", "event2"),
    "non_events1": ("bi", "tneg"),
    "non_events2": ("di", "cneg"),
    "events": ("xi", "event", "cases"),
    "t": ("ti", "tvalue", "tstat"),
    "p": ("pi", "pvalue", "pval"),
    "time1": ("t1i",),
    "time2": ("t2i",),
}  # fmt: skip
LABELS = (
    *("study", "author", "authors", "studlab", "label", "slab", "studyname", "name", "trial"),
    *("firstauthor", "reference", "citation", "source", "id", "studyid"),
)
#: Measures that are tried on a table of unknown kind, the surest first.
TRIED = ("SMD", "OR", "ZCOR", "PLO", "IRR", "GEN", "MN")
COMMON = (
    *("GEN", "ZCOR", "COR", "SMD", "SMDH", "MD", "ROM", "OR", "RR", "RD", "IRR", "PLO", "PR"),
    *("SMCC", "SMCR"),
)


def flat(name: str) -> str:
    """Return a name without case, blanks and punctuation."""
    return re.sub(r"[\W_]+", "", str(name)).casefold()


def ways_of(measure: str) -> tuple[tuple[str, ...], ...]:
    """Return the sets of input words from which a measure is computed, the usual one first."""
    known = MEASURES[measure]
    return (known.inputs, *known.alternatives)


def guess_words(words: Iterable[str], columns: Iterable[str], measure: str = "") -> dict[str, str]:
    """Return the column that each input word most likely means; no column twice."""
    by_flat: dict[str, str] = {}
    for column in columns:
        by_flat.setdefault(flat(column), column)
    metafor = MEASURES[measure].design.metafor if measure else {}
    found: dict[str, str] = {}
    for word in words:
        other = metafor.get(word, "")
        for name in (word, other, f"{word}i", *NAMES.get(word, ())):
            match = by_flat.get(flat(name)) if name else None
            if match is not None and match not in found.values():
                found[word] = match
                break
    return found


def guess_way(measure: str, columns: Iterable[str]) -> tuple[str, ...]:
    """Return the set of input words of which most columns are there."""
    names = list(columns)

    def there(way: tuple[str, ...]) -> float:
        return len(guess_words(way, names, measure)) / len(way)

    return max(ways_of(measure), key=there)


def guess_measure(columns: Iterable[str]) -> str:
    """Return the measure whose inputs are all there; GEN where none has."""
    names = list(columns)
    for code in TRIED:
        for way in ways_of(code):
            if len(guess_words(way, names, code)) == len(way) and _speaks_for(code, way):
                return code
    return "GEN"


def _speaks_for(code: str, way: tuple[str, ...]) -> bool:
    """Tell whether a set of inputs is one that only this measure is made of."""
    return way == MEASURES[code].inputs or code in ("OR", "GEN")


def guess_labels(columns: Iterable[str]) -> str:
    """Return the column that names studies; empty where none does."""
    by_flat = {flat(column): column for column in columns}
    return next((by_flat[name] for name in LABELS if name in by_flat), "")


def measure_choices() -> dict[str, dict[str, str]]:
    """Return the measures by code in two groups: those most used, and all others by code."""
    named = {code: f"{code} – {_name(MEASURES[code])}" for code in MEASURES}
    return {
        "Most used": {code: named[code] for code in COMMON},
        "All others": {code: named[code] for code in sorted(named) if code not in COMMON},
    }


def _name(measure: Measure) -> str:
    return "effects with their variances or standard errors" if measure.code == "GEN" else (
        measure.name
    )  # fmt: skip
