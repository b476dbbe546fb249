"""One element with every figure of it, and where each stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from metarel._format import count
from metarel._lazy import pd
from metarel.evidence._cells import Cell
from metarel.evidence._readings import read_pair
from metarel.evidence._records import Element, EvidenceFigure, base
from metarel.evidence._text import READ, as_printed, narrow_line, quoted_verdicts, wrapped
from metarel.evidence.quotes import Quotes

#: Quantities as people write them, where their code is no word.
NAMES = {
    **{"or": "OR", "ci": "CI", "ci_low": "CI", "ci_high": "CI up to", "ci_half_width": "CI ±"},
    **{"n_reports": "reports", "n_references": "references", "n_effects": "effects"},
    **{"k_samples": "samples", "Q_df": "df of Q", "Q_p": "p of Q", "percent": "share"},
    **{"r_range_low": "r from", "r_range_high": "r to", "size_label": "called"},
}


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

    def to_text(self, width: int = READ) -> str:
        """Return the element for a terminal of so many columns.

        Parameters
        ----------
        width : int
            Columns of the terminal.

        Returns
        -------
        str
            What each edition prints, every primary figure by place, and what is quoted; a figure
            that copies of one place print alike stands once.
        """
        element = self.element
        lines = [f"{element.name} ({element.family})"]
        lines += wrapped(f"Names: {', '.join(element.aliases)}", width)
        if element.note:
            lines += wrapped(element.note, width)
        if self.datasets:
            lines += wrapped(f"Study tables that ship: {', '.join(self.datasets)}", width)
        for cell in self.cells:
            lines += wrapped(narrow_line(cell), width, "  ")
        lines += [line for note in quoted_verdicts(self.cells) for line in wrapped(note, width)]
        lines += ["", *_figure_lines((f for f in self.figures if f.kind == "primary"), width)]
        if self.quotes.items:
            lines += ["", "Quoted by secondary sources:", self.quotes.to_text(width)]
        return "\n".join([*lines, "", f"{count(len(self.figures), 'figure')} in all."])

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"ElementDetail({self.element.code}: {count(len(self.figures), 'figure')})"


def _figure_lines(figures: Iterable[EvidenceFigure], width: int) -> list[str]:
    """Return the primary figures, review by review and place by place."""
    places: dict[tuple[str, str], list[EvidenceFigure]] = {}
    for figure in figures:
        places.setdefault((figure.review, figure.where), []).append(figure)
    lines: list[str] = []
    for (review, where), own in places.items():
        lines += wrapped(f"{base().publications[review]}; {where}", width)
        for part in dict.fromkeys(figure.part for figure in own):
            texts = _texts([figure for figure in own if figure.part == part])
            lines += wrapped(
                f"{part}: {'; '.join(texts)}" if part else "; ".join(texts), width, "  "
            )
        seen = dict.fromkeys(address for f in own for address in f.seen_at.split(" ; "))
        lines += [f"  read at {address}" for address in seen]
    return lines


def _texts(figures: list[EvidenceFigure]) -> list[str]:
    """Return figures with their quantities, each that is printed alike once, limits as a pair."""
    printed = {
        quantity: list(dict.fromkeys(f.printed for f in figures if f.quantity == quantity))
        for quantity in dict.fromkeys(figure.quantity for figure in figures)
    }
    low, high = (printed.get(f"ci_{end}", []) for end in ("low", "high"))
    if len(low) == len(high) == 1:
        pairs = {text: read_pair(text) for text in printed.pop("ci", [])}
        ends = (low[0], high[0])
        others = [
            t for t, pair in pairs.items() if not pair or (pair[0].text, pair[1].text) != ends
        ]
        printed |= {"ci_low": [" to ".join(ends)], "ci_high": [], "ci": others}
    texts = [
        f"{NAMES.get(quantity, quantity)} {as_printed(quantity, text)}"
        for quantity, own in printed.items()
        for text in own
    ]
    return list(dict.fromkeys(texts))
