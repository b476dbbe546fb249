"""The page of cases: their keys, kinds of study data, figures, programs and levels."""

from __future__ import annotations

import json

from metarel.repro.case_schema import (
    FIELDS,
    KINDS,
    QUANTITIES,
    QUANTITY_OF,
    SCALES,
    SIZES,
    SPREADS,
)
from metarel.repro.case_verdict import LEVELS
from metarel.repro.programs import METAFOR, PROGRAMS, Program

HEAD = """# Cases

<!-- Generated from the declarations of metarel.repro.case_schema, programs and case_verdict; do not
edit. -->

A *case* is the study data of one published meta-analysis and the figures printed from it.
`metarel.reproduce_cases` runs folders of them;
[how to reproduce many meta-analyses](../how-to/reproduce-many-meta-analyses.md) shows how to
write one, and [`case.schema.json`](case.schema.json) is this page for editors.
"""
#: JSON's types of what stands under a key, where it is not text.
TYPES = {
    "studies": ["array", "string"],
    "reported": ["object"],
    "input_precision": ["object", "null"],
    "reported_doubt": ["object", "null"],
    "expect": ["string", "object", "null"],
    "source": ["string", "object", "null"],
    "notes": ["array", "null"],
}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """Return a Markdown table."""
    lines = [f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    return [*lines, *(f"| {' | '.join(map(_cell, row))} |" for row in rows), ""]


def pages() -> dict[str, str]:
    """Return the page, and the schema that editors and other tools read."""
    schema = json.dumps(_schema(), indent=2, ensure_ascii=False)
    return {"reference/cases.md": _page(), "reference/case.schema.json": f"{schema}\n"}


def _schema() -> dict[str, object]:
    """Return the JSON Schema of a case; keys that it does not name are allowed."""
    properties: dict[str, dict[str, object]] = {
        f.code: {"description": f.meaning, "type": TYPES.get(f.code, ["string", "null"])}
        for f in FIELDS.values()
    }
    number = {"type": ["number", "string", "null"]}
    columns = sorted({name for kind in KINDS.values() for name in (*kind.columns, *SIZES)})
    properties["data_kind"]["enum"] = [*KINDS, None]
    properties["studies"]["items"] = {
        "type": "object",
        "properties": {"label": {"type": "string"}} | dict.fromkeys(columns, number),
    }
    printed = {"type": ["string", "number", "null"]}
    properties["reported"]["properties"] = dict.fromkeys(QUANTITY_OF, printed)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A published meta-analysis: study data and printed figures",
        "type": "object",
        "required": [f.code for f in FIELDS.values() if f.needed],
        "properties": properties,
    }


def _page() -> str:
    """Return the page as Markdown."""
    return (
        "\n".join([HEAD, *_keys(), *_kinds(), *_figures(), *_programs(), *_levels()]).rstrip("\n")
        + "\n"
    )


def _keys() -> list[str]:
    rows = [
        (f"`{f.code}`", f.shape, f.meaning, "needed" if f.needed else f.default)
        for f in FIELDS.values()
    ]
    text = (
        "Other keys are ignored; null is as absent; numbers may stand as numbers or as text. A key "
        "that ends in `_amended` holds what the source corrected later: the case is judged as it "
        "stands, and its level after the correction is told."
    )
    return ["## Keys", "", text, "", *_table(("key", "holds", "meaning", "if absent"), rows)]


def _kinds() -> list[str]:
    rows = []
    for kind in KINDS.values():
        columns = " ".join(f"`{name}`" for name in kind.columns)
        also = ", ".join(f"`{name}`" for name in kind.alternatives)
        scale = SCALES[kind.scale].name
        beside = "means" if kind.spread == "means" else SPREADS[kind.spread].name
        rows.append((f"`{kind.code}`", scale, beside, columns, also))
    text = (
        "`n1`, `n2` and `n` are used where they stand beside. Sizes need not be whole. Where only "
        "`n` is known, groups are taken as equal halves, which is said."
    )
    header = ("data_kind", "effects", "with", "columns", "or the effect in")
    return ["## Kinds of study data", "", text, "", *_table(header, rows)]


def _figures() -> list[str]:
    rows = [
        (f"`{q.code}`", q.name, " ".join(f"`{alias}`" for alias in q.aliases))
        for q in QUANTITIES.values()
    ]
    text = (
        "A figure agrees where the number computed, rounded half up or half to even, has its "
        "digits. A z without a sign is a magnitude. I2 agrees under either definition, which is "
        "said. Limits in reverse order are put in order. Where a last zero is in doubt, the figure "
        "may agree without it, which is said too. Other figures are listed and not judged."
    )
    return ["## Figures", "", text, "", *_table(("key", "what it is", "also"), rows)]


def _programs() -> list[str]:
    text = (
        "The declared analysis is run with metafor's formulas, and with each that the program "
        "named in `software` may have used. i is 1/n1 + 1/n2. Limits and standard errors are used "
        "as they stand, and where a program has the groups' sizes, its own variance is tried too."
    )
    rows = [row for program in PROGRAMS.values() for row in _formulas(program)]
    header = ("program", "is recognised by", "formulas", "known how", "sources")
    notes = [f"- {p.name}: {p.note}" for p in PROGRAMS.values() if p.note]
    return ["## Programs", "", text, "", *_table(header, rows), *notes, ""]


def _formulas(program: Program) -> list[tuple[str, ...]]:
    patterns = ", ".join(f"`{pattern}`" for pattern in program.patterns)
    rows = []
    for place, formulas in enumerate(program.formulas or (METAFOR,)):
        first = (program.name, patterns) if place == 0 else ("", "")
        test = f"; test {formulas.test}" if formulas.test else ""
        rows.append((*first, formulas.words + test, formulas.known, "; ".join(formulas.sources)))
    return rows


def _levels() -> list[str]:
    rows = list(LEVELS.items())
    return ["## Levels of explanation", "", *_table(("level", "meaning"), rows)]
