"""The page of all measures of effect, from their register."""

from __future__ import annotations

from collections import defaultdict

from metarel._vocabulary import SYMBOLS
from metarel.effects._measure import CORRECTIONS, Measure, call
from metarel.effects.register import ALIASES, FAMILIES, MEASURES
from metarel.effects.transforms import TRANSFORMS

INTRODUCTION = """\
# Measures of effect

<!-- Generated from the register of measures; do not edit. -->

`effect_sizes(data, "SMD", m1="mean_t", …)` computes any of them: each input word names a column or
holds the numbers. Where several sets of inputs are enough, a row uses the first that is complete in
it. The first variance rule is the default; `variance="UB"` chooses another. Group 1 minus group 2:
positive means that group 1 is higher, unless a measure says otherwise. `print(MEASURES["SMD"])`
tells the same in a terminal, and `measure_table()` is all of it as a frame.
"""


def page() -> str:
    """Return the page as Markdown."""
    lines = [INTRODUCTION, *_contents(), "", *_metafor_words(), ""]
    for family in FAMILIES:
        lines += [f"## {(family.__doc__ or '').strip().rstrip('.')}", ""]
        for measure in family.MEASURES:
            lines += _measure(measure)
    return "\n".join(lines).rstrip("\n") + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _contents() -> list[str]:
    """Return a table of all codes."""
    lines = [f"{len(MEASURES)} measures:", "", "| code | measure | inputs |", "|---|---|---|"]
    for measure in MEASURES.values():
        inputs = ", ".join(f"`{word}`" for word in measure.inputs)
        others = " or others" if measure.alternatives else ""
        code = f"[{measure.code}](#{measure.code.lower()})"
        lines.append(f"| {code} | {measure.name} | {inputs}{others} |")
    also = ", ".join(f"`{alias}` is `{code}`" for alias, code in ALIASES.items())
    return [*lines, "", f"Other words for the same: {also}."]


def _metafor_words() -> list[str]:
    """Return the map from metafor's names of inputs to ours."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for measure in MEASURES.values():
        for theirs, ours in measure.metafor_words.items():
            found[theirs, ours].append(measure.code)
    lines = [
        "## From metafor's names of inputs to ours",
        "",
        "`vtype=` is `variance=`, `measure=` the second argument; `add`, `to` and `drop00` keep "
        "their names, and `addyi` and `addvi` are `add_to`.",
        "",
        "| metafor | here | meaning | measures |",
        "|---|---|---|---|",
    ]
    for (theirs, ours), codes in sorted(found.items()):
        meaning = _cell(SYMBOLS[ours].meaning)
        lines.append(f"| `{theirs}` | `{ours}` | {meaning} | {' '.join(codes)} |")
    return lines


def _measure(measure: Measure) -> list[str]:
    """Return the entry of one measure."""
    unit = "a pure number" if measure.unit == "1" else measure.unit
    ways = "; or ".join(", ".join(f"`{word}`" for word in way) for way in measure.ways)
    added = ", ".join(f"`{word}`" for word in measure.optional)
    facts = {
        "Formula": measure.formula,
        "Unit": unit,
        "Direction": measure.direction,
        "Correction": CORRECTIONS[measure.correction],
        "Back to the scale people read": TRANSFORMS[measure.transform].formula,
        "Inputs": ways + (f"; {added} may be added" if added else ""),
        "Same as": measure.same_as,
        "Sources": ", ".join(measure.sources) or "the reader's own",
    }
    lines = [f"### {measure.code}", "", f"{measure.name[0].upper()}{measure.name[1:]}.", ""]
    lines += [f"- {name}: {text}" for name, text in facts.items()]
    lines += ["", "| variance rule | formula | source | same as |", "|---|---|---|---|"]
    for rule in measure.rules:
        cells = (rule.formula, rule.source, rule.same_as)
        lines.append(f"| {rule.code} | {' | '.join(_cell(cell) for cell in cells)} |")
    return [*lines, "", "```text", call(measure), "```", ""]
