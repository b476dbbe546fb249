"""One element with every figure of it, and where each stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from metarel._format import count
from metarel._lazy import pd
from metarel.evidence._cells import Cell
from metarel.evidence._records import Element, EvidenceFigure, base
from metarel.evidence._text import narrow_line, quoted_verdicts, shown
from metarel.evidence.quotes import Quotes

_WIDTH = 98


@dataclass(frozen=True, slots=True, repr=False)
class ElementDetail:
    """What is known of one element.

    Parameters
    ----------
    element : Element
        The element.
    cells : tuple of Cell
        One an edition.
    figures : tuple of EvidenceFigure
        Every figure of it, of the task force's reviews and of others, primary and quoted.
    quotes : Quotes
        The figures that secondary sources print, beside the primary ones.
    """

    element: Element
    cells: tuple[Cell, ...]
    figures: tuple[EvidenceFigure, ...]
    quotes: Quotes

    @property
    def datasets(self) -> tuple[str, ...]:
        """The study tables of its reviews that ship."""
        slugs = (base().publications[f.review].dataset for f in self.figures if f.review)
        return tuple(dict.fromkeys(filter(None, slugs)))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a figure."""
        return pd.DataFrame(
            [figure.to_dict() for figure in self.figures], columns=list(EvidenceFigure.__slots__)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, ready for JSON."""
        return {
            "element": self.element.code,
            "name": self.element.name,
            "family": self.element.family,
            "aliases": list(self.element.aliases),
            "note": self.element.note,
            "datasets": list(self.datasets),
            "editions": [cell.to_dict() for cell in self.cells],
            "figures": [figure.to_dict() for figure in self.figures],
            "quotes": self.quotes.to_dict(),
        }

    def __str__(self) -> str:
        element = self.element
        lines = [f"{element.name} ({element.family})"]
        lines += _wrapped(f"Names: {', '.join(element.aliases)}")
        if element.note:
            lines += _wrapped(element.note)
        if self.datasets:
            lines += _wrapped(f"Study tables that ship: {', '.join(self.datasets)}")
        for cell in self.cells:
            lines += _wrapped(narrow_line(cell), "  ")
        lines += quoted_verdicts(self.cells)
        lines += ["", *_figure_lines(f for f in self.figures if f.kind == "primary")]
        quoted = [figure for figure in self.figures if figure.kind == "secondary"]
        if quoted:
            lines += ["", "Quoted by secondary sources:", str(self.quotes)]
        return "\n".join([*lines, "", f"{count(len(self.figures), 'figure')} in all."])

    def __repr__(self) -> str:
        return f"ElementDetail({self.element.code}: {count(len(self.figures), 'figure')})"


def _figure_lines(figures: Iterable[EvidenceFigure]) -> list[str]:
    """Return the primary figures, review by review and place by place."""
    places: dict[tuple[str, str, str], list[EvidenceFigure]] = {}
    for figure in figures:
        places.setdefault((figure.review, figure.where, figure.seen_at), []).append(figure)
    lines: list[str] = []
    for (review, where, seen_at), own in places.items():
        lines += _wrapped(f"{base().publications[review]}; {where} (read at {seen_at})")
        texts = [f"{_parted(f)}{shown(f.quantity)} {f.printed}" for f in own]
        lines += _wrapped("; ".join(texts), "  ")
    return lines


def _parted(figure: EvidenceFigure) -> str:
    return f"[{figure.part}] " if figure.part else ""


def _wrapped(text: str, indent: str = "") -> list[str]:
    return wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
