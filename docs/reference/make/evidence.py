"""The pages of the evidence base: one of all elements, and one a family with every figure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import metarel as mr
from metarel._format import count
from metarel.evidence._records import base
from metarel.evidence._text import interval

if TYPE_CHECKING:
    from metarel.evidence._cells import Cell
    from metarel.evidence._records import Element, EvidenceFigure

GENERATED = "<!-- Generated from datasets/evidence; do not edit. -->"
HEAD = ("element", "edition", "k", "N", "r", "95 % CI", "d", "g", "OR", "verdict", "review")
FAMILIES = {
    "relationship": "Elements of the relationship",
    "adapting": "Methods of adapting therapy",
    "between elements": "Elements with each other",
    "field": "The task force, and psychotherapy as a whole",
    "to avoid": "Behaviours to avoid",
}


def pages() -> dict[str, str]:
    """Return the pages as Markdown, by their file below ``docs``."""
    written = {f"evidence/{_file(family)}": _family(family) for family in FAMILIES}
    return {"evidence/README.md": _index(), "evidence/quotes.md": _quotes(), **written}


def _file(family: str) -> str:
    return f"{family.replace(' ', '-')}.md"


def _index() -> str:
    """Return the page with the map."""
    found = mr.evidence()
    lines = [
        "# The map of the field",
        "",
        GENERATED,
        "",
        "What the reviews of therapy relationships and of adapting therapy print, by edition. A d "
        "in brackets is printed by no review: it is computed from the review's r by "
        "d = 2r/√(1 − r²). A star: the count is of the whole review, the effect of a part of it. "
        "A dagger: the verdict is quoted; the primary source was not seen. – : not printed where "
        "the review was read.",
        "",
        *_table(HEAD, (_row(cell) for cell in found.cells)),
        "",
        "## Every figure",
        "",
        *(f"- [{title}]({_file(family)})" for family, title in FAMILIES.items()),
        "- [Figures that others quote, beside the primary ones](quotes.md)",
        "",
    ]
    return "\n".join(lines)


def _row(cell: Cell) -> list[str]:
    """Return the row of one element and edition."""
    d, verdict = cell.d_computed, cell.verdict_word
    quoted = cell.verdict is not None and cell.verdict.kind == "secondary"
    k = "k" if "k" in cell.figures else "k_samples"
    texts = [
        f"[{cell.element.name}]({_file(cell.element.family)}#{cell.element.code})",
        cell.edition,
        *(cell.text(q) + ("*" if cell.of_the_whole(q) else "") for q in (k, "N")),
        cell.text("r"),
        interval(cell),
        cell.text("d") or (f"({d.value:.3f})" if d else ""),
        cell.text("g"),
        cell.text("or"),
        f"{verdict}{'†' if quoted else ''}" if verdict else "",
        base().publications[cell.review].short if cell.review else "",
    ]
    return [text or "–" for text in texts]


def _family(family: str) -> str:
    """Return the page of one family."""
    elements = [element for element in base().elements.values() if element.family == family]
    lines = [f"# {FAMILIES[family]}", "", GENERATED, ""]
    for element in elements:
        lines += _element(element)
    return "\n".join(lines)


def _element(element: Element) -> list[str]:
    """Return the section of one element: every figure and where it stands."""
    figures = [figure for figure in base().figures if figure.element == element.code]
    lines = [
        f'<a id="{element.code}"></a>',
        "",
        f"## {element.name}",
        "",
        f"`{element.code}`; names: {', '.join(element.aliases)}. "
        f"{count(len(figures), 'figure')}." + (f" {element.note}" if element.note else ""),
        "",
    ]
    places: dict[tuple[str, str, str, str], list[EvidenceFigure]] = {}
    for figure in figures:
        where = figure.where if figure.seen_at else ""
        key = (figure.source, figure.review or figure.edition, where, figure.seen_at)
        places.setdefault(key, []).append(figure)
    for (source, review, where, seen_at), own in places.items():
        lines += [f"**{_heading(source, review)}**" + _where(where, seen_at), ""]
        parts = [f.part or "–" for f in own]
        rows = [
            [part, f.quantity, f"`{f.printed}`", f.unit, "" if where else f.where]
            for part, f in zip(parts, own, strict=True)
        ]
        lines += [*_table(("part", "quantity", "printed", "unit", "said of it"), rows), ""]
    return lines


def _heading(source: str, review: str) -> str:
    printer = base().publications[source]
    if review == source:
        return str(printer)
    of = base().publications[review].short if review in base().publications else review
    return f"{printer}, of {of}" if of else str(printer)


def _where(where: str, seen_at: str) -> str:
    said = [where, *([f"read at {seen_at}"] if seen_at else [])]
    return "".join(f"; {text}" for text in said if text)


def _quotes() -> str:
    """Return the page of quoted figures."""
    found = mr.evidence().quotes
    lines = [
        "# Figures that others quote, beside the primary ones",
        "",
        GENERATED,
        "",
        "Each figure that a secondary source prints is held against what the primary source prints "
        "of the same element, edition, part and quantity; a d against an r where the review prints "
        f"only that. {found.summary()}",
        "",
        "```text",
        str(found),
        "```",
        "",
    ]
    return "\n".join(lines)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    head = list(head)
    cells = [" | ".join(text.replace("|", "\\|") for text in row) for row in rows]
    return [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *(f"| {row} |" for row in cells)]
