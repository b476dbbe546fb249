"""What a report consists of; each kind of document writes the same blocks."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from metarel._lazy import Deferred
from metarel.report._bands import page_bands, text_within
from metarel.report._runs import Text, phrase, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

matplotlib: Any = Deferred("matplotlib")
pyplot: Any = Deferred("matplotlib.pyplot")
transforms: Any = Deferred("matplotlib.transforms")

_NUMBERS = re.compile(r"[−\-–+\d.,\s<>=%\[\]()∞]*(to [−\d.,]+)?")
PNG_DOTS = 200.0  # an inch: sharp in print at the width of a page


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph.

    Parameters
    ----------
    text : tuple of Run
        What it says.
    """

    text: Text


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text; the first column names the rows.

    Parameters
    ----------
    caption : str
        What it shows.
    columns : tuple of texts
        Headers.
    rows : tuple of tuple of str
        Cells.
    notes : tuple of texts
        What stands beneath.
    """

    caption: str
    columns: tuple[Text, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[Text, ...] = ()

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Tell of each column whether it holds numbers, which stand flush right."""
        cells = list(zip(*self.rows, strict=True)) or [()] * len(self.columns)
        return tuple(
            j > 0 and all(_NUMBERS.fullmatch(cell) for cell in column)
            for j, column in enumerate(cells)
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that is drawn already.

    Parameters
    ----------
    name : str
        Its file's name, without suffix.
    axes : Axes
        What a plot returned.
    alt : str
        The figure in words.
    caption : str
        What it shows.
    """

    name: str
    axes: Any
    alt: str
    caption: str

    def pieces(self, suffix: str) -> list[bytes]:
        """Return the figure as files that each fit a page; the same bytes each time it is drawn."""
        return [written for written, _ in self.sized_pieces(suffix)]

    def sized_pieces(self, suffix: str) -> list[tuple[bytes, float]]:
        """Return the files, each with its height in inches."""
        figure = self.axes.figure
        bands = page_bands(figure)
        if len(bands) == 1:
            return [(self._written(suffix, None), float(figure.get_figheight()))]
        return [(self._written(suffix, band), band[1] - band[0]) for band in bands]

    def _written(self, suffix: str, band: tuple[float, float] | None) -> bytes:
        written = io.BytesIO()
        figure = self.axes.figure
        dated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(suffix, {})
        box = None if band is None else [[0.0, band[0]], [self.width, band[1]]]
        with matplotlib.rc_context({"svg.hashsalt": self.name}), text_within(figure, band):
            figure.savefig(
                written,
                format=suffix,
                dpi=PNG_DOTS,
                facecolor=figure.get_facecolor(),
                bbox_inches=None if box is None else transforms.Bbox(box),
                metadata=dated or None,
            )
        return written.getvalue()

    @property
    def names(self) -> list[str]:
        """Return a file's name for each piece."""
        many = len(page_bands(self.axes.figure))
        return [self.name] if many == 1 else [f"{self.name}-{i + 1}" for i in range(many)]

    def close(self) -> None:
        """Let go of the figure, which pyplot would keep."""
        pyplot.close(self.axes.figure)

    @property
    def width(self) -> float:
        """Return the width at which it was drawn, in inches."""
        return float(self.axes.figure.get_figwidth())


@dataclass(frozen=True, slots=True)
class Code:
    """A program.

    Parameters
    ----------
    language : str
        Its language, as a person says it.
    text : str
        The lines.
    """

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, such as the references.

    Parameters
    ----------
    items : tuple of texts
        One entry each.
    ordered : bool
        Whether the entries are numbered.
    """

    items: tuple[Text, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report.

    Parameters
    ----------
    code : str
        The word users choose it by; also the anchor in the page.
    title : str
        Its heading.
    blocks : tuple of blocks
        What it holds.
    """

    code: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report.

    Parameters
    ----------
    title : str
        Its title.
    lead : tuple of Run
        The line under the title.
    sections : tuple of Section
        Its parts.
    theme : str
        Colours of the figures, and of the page where it has any.
    date : str
        The day, YYYY-MM-DD.
    """

    title: str
    lead: Text
    sections: tuple[Section, ...]
    theme: str = "light"
    date: str = ""

    @property
    def figures(self) -> list[Figure]:
        """Return all figures in their order."""
        return [b for section in self.sections for b in section.blocks if isinstance(b, Figure)]


Block: TypeAlias = Paragraph | Table | Figure | Code | Listing


def say(template: str, **values: str | Text) -> Paragraph:
    """Return a paragraph from a template."""
    return Paragraph(phrase(template, **values))


def make_table(
    caption: str,
    columns: Sequence[str | Text],
    rows: Sequence[Sequence[str]],
    *notes: str | Text,
) -> Table:
    """Return a table; headers and notes may be templates."""
    as_text = [phrase(c) if isinstance(c, str) else c for c in (*columns, *notes)]
    heads, told = as_text[: len(columns)], as_text[len(columns) :]
    return Table(caption, tuple(heads), tuple(tuple(row) for row in rows), tuple(told))


def plain_heads(table: Table) -> list[str]:
    """Return the headers as characters."""
    return [plain(head) for head in table.columns]
