"""The pages of reproductions: one a dataset, and one of all."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import metarel as mr
from metarel._format import count, fixed
from metarel.repro.recipes import RECIPES

if TYPE_CHECKING:
    from metarel.data.model import DataColumn, Dataset, Figure
    from metarel.repro.reproduce import Reproduction
    from metarel.repro.verdict import Verdict

GENERATED = "<!-- Generated from the dataset's files; do not edit. -->"
#: Decimals beyond these may differ between machines.
MOST_DIGITS = 9
HEAD = ("figure", "quantity", "printed", "re-computed", "verdict", "analysis")
NAMES = ("agree", "agree truncated", "differ", "cannot run")


def pages() -> dict[str, str]:
    """Return the pages as Markdown, by their file below ``docs``."""
    datasets = [mr.load_dataset(slug) for slug in mr.list_datasets()["slug"]]
    found = [(data, mr.reproduce(data, nearby=False)) for data in datasets]
    written = {f"reproductions/{data.slug}.md": _page(data, run) for data, run in found}
    return {"reproductions/README.md": _index(found), **written}


def _index(found: list[tuple[Dataset, Reproduction]]) -> str:
    """Return the page of all datasets, with totals and what is missing."""
    rows = [
        [f"[{data.slug}]({data.slug}.md)", data.title, len(data.studies), *_numbers(run)]
        for data, run in found
    ]
    totals = [sum(row[i] for row in rows) for i in range(2, 8)]
    missing = Counter(
        figure.recipe
        for data, run in found
        for figure, verdict in zip(data.figures, run.verdicts, strict=True)
        if verdict.verdict == "cannot run" and figure.recipe not in RECIPES
    )
    lines = [
        "# Published figures, re-computed",
        "",
        GENERATED,
        "",
        "Every figure is held against the digits it was printed with. It *agrees* where the "
        "re-computed number, rounded, has these digits; it *agrees truncated* where only cutting "
        "or rounding to one side gives them; it *differs*, or metarel *cannot run* its analysis "
        "yet. Each page says why, as far as it is known. `metarel reproduce` runs them all.",
        "",
        *_table(("dataset", "what it is", "rows", "figures", *NAMES), [*rows, ["", "", *totals]]),
        "",
        "## Analyses that reproduce does not run yet",
        "",
        *_table(("analysis", "figures"), [[f"`{code}`", n] for code, n in missing.most_common()]),
    ]
    return "\n".join(lines) + "\n"


def _numbers(run: Reproduction) -> list[int]:
    return [len(run.verdicts), *run.counts.values()]


def _page(data: Dataset, run: Reproduction) -> str:
    """Return one dataset's page."""
    doi = f" <https://doi.org/{data.doi}>" if data.doi else ""
    said = ", ".join(f"{n} {word}" for n, word in zip(run.counts.values(), NAMES, strict=True) if n)
    lines = [
        f"# {data.title}",
        "",
        GENERATED,
        "",
        f"`{data.slug}`: {count(len(data.studies), 'row')}, "
        f"{count(len(data.figures), 'published figure')}{f' ({said})' if said else ''}.",
        "",
        f"- **Cite:** {data.citation}{doi}",
        f"- **Taken from:** {data.source}",
        f"- **Licence:** {data.licence}",
        "",
        *(
            ["## Known oddities", "", *(f"- {note}" for note in data.notes), ""]
            if data.notes
            else []
        ),
        *_figures(data, run),
        "## Effects",
        "",
        *_table(("effect", "measure", "from"), [_effect(*item) for item in data.effect.items()]),
        "",
        "## Columns",
        "",
        *_table(("column", "role", "unit", "range", "meaning"), map(_column, data.columns)),
    ]
    return "\n".join(lines) + "\n"


def _figures(data: Dataset, run: Reproduction) -> list[str]:
    """Return the figures by the place where they stand, with reasons below each table."""
    lines = ["## Figures", ""]
    if not data.figures:
        return [*lines, "None yet.", ""]
    for (_, where), verdicts in run.by_place().items():
        analyses = {verdict.figure: _analysis(data.figure(verdict.figure)) for verdict in verdicts}
        known = list(dict.fromkeys(analyses.values()))
        rows = [[*_cells(v), known.index(analyses[v.figure]) + 1] for v in verdicts]
        lines += [
            f"### {where[0].upper()}{where[1:]}",
            "",
            *_table(HEAD, rows),
            "",
            "Analyses:",
            "",
        ]
        lines += [*(f"{i}. {words}" for i, words in enumerate(known, start=1)), ""]
        reasons = _reasons(verdicts)
        lines += ["What is known:", "", *reasons, ""] if reasons else []
    return lines


def _cells(verdict: Verdict) -> list[str]:
    exact = verdict.printed.digits + 2 > MOST_DIGITS and not math.isnan(verdict.value)
    value = fixed(verdict.value, MOST_DIGITS) if exact else verdict.shown_value
    return [verdict.figure, verdict.quantity, verdict.printed.text, value, verdict.sentence]


def _analysis(figure: Figure) -> str:
    """Return a figure's recipe with its arguments, in words."""
    words = _words(figure.arguments)
    return f"`{figure.recipe}`{f': {words}' if words else ''}"


def _reasons(verdicts: Iterable[Verdict]) -> list[str]:
    """Return each reason once, with the figures that it concerns."""
    known: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.reason:
            known.setdefault(verdict.reason, []).append(verdict.figure)
    return [f"- {', '.join(names)}: {reason}" for reason, names in known.items()]


def _effect(variant: str, words: Mapping[str, Any]) -> list[str]:
    others = {word: value for word, value in words.items() if word != "measure"}
    return [variant, f"`{words['measure']}`", _words(others)]


def _column(column: DataColumn) -> list[str]:
    meaning = f"{column.meaning}{' May be missing.' if column.missing else ''}"
    return [f"`{column.name}`", column.role, column.unit, column.shown_range, meaning]


def _words(arguments: Mapping[str, Any]) -> str:
    """Return arguments as ``name = value``; a column of the argument's name stands alone."""
    parts = []
    for name, value in arguments.items():
        inner = value.items() if isinstance(value, Mapping) else [(name, value)]
        parts += [key if key == text else f"{key} = {text}" for key, text in inner]
    return f"`{', '.join(parts)}`" if parts else ""


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> list[str]:
    """Return a Markdown table; columns of numbers stand to the right."""
    numbers = {"rows", "figures", "printed", "re-computed", "analysis", *NAMES}
    head = tuple(head)
    rules = ["---:" if name in numbers else "---" for name in head]
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in (head, rules, *cells)]
