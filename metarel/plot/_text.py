"""Text measured before it is set: widths, wrapping, and columns that cannot overlap.

Lengths are in ems (multiples of the font size), because a page of text set at another size is
the same page, enlarged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, groupby, pairwise
from typing import Any

Cell = tuple[str, ...]
MEASURED_AT = 100.0
SPACE = 0.3  # between the parts of a cell
LIGHT = 1.35  # width of a column of lights
BETWEEN_LIGHTS = 0.45
# A screen rounds glyphs to whole pixels, which makes most lines a little wider than their outlines.
HINTING = 1.04


@lru_cache(maxsize=8)
def _face(family: tuple[str, ...], bold: bool) -> Any:
    """Return the font in which text is measured, 100 points high."""
    from matplotlib.font_manager import FontProperties

    weight = "bold" if bold else "normal"
    return FontProperties(family=list(family), size=MEASURED_AT, weight=weight)


def font_of(family: tuple[str, ...], bold: bool) -> Any:
    """Return the font itself, at the size at which text is measured, with its fallbacks."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    weight = "bold" if bold else "normal"
    font = get_font([findfont(FontProperties(family=name, weight=weight)) for name in family])
    font.set_size(MEASURED_AT, 72)
    return font


@lru_cache(maxsize=16_384)  # the lines of a large sheet are measured several times
def _line_width(line: str, family: tuple[str, ...], bold: bool) -> float:
    from matplotlib.textpath import text_to_path

    face = _face(family, bold)
    width: float = text_to_path.get_text_width_height_descent(line, face, False)[0]
    return width / MEASURED_AT


def outline_width(line: str, *, bold: bool = False) -> float:
    """Return the width of one line in ems, as its outlines have it."""
    from matplotlib import rcParams

    return _line_width(line, tuple(rcParams["font.family"]), bold)


def text_width(text: str, *, bold: bool = False) -> float:
    """Return the width of text in ems, of the widest line where it has several.

    Outlines are measured, not pixels, with an allowance for screens, so that the width holds for
    every format and resolution.
    """
    widths = [outline_width(line, bold=bold) for line in text.split("\n") if line]
    return max(widths, default=0.0) * HINTING


def wrap(text: str, width: float, *, bold: bool = False) -> str:
    """Break text at plain spaces into lines no wider than ``width``; a word stays whole."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of text beside the panel.

    Parameters
    ----------
    header : str
        What stands above it; may hold line breaks.
    cells : tuple of tuple of str
        For each printed line its parts. Parts stand under each other, so that the numbers of
        ``0.49 [0.34, 0.70]`` align each for itself. An empty tuple prints nothing.
    right : bool
        Whether the text is set flush right, as numbers are.
    group : str
        Heading over this column and its neighbours of the same group; may be empty.
    lights : tuple of str
        Instead of text: for each line the code of a judgement, or nothing.
    """

    header: str
    cells: tuple[Cell, ...]
    right: bool = False
    group: str = ""
    lights: tuple[str, ...] = ()

    def part_widths(self, bold: frozenset[int]) -> tuple[list[float], list[float]]:
        """Return the width of each part in plain print, and by how much bold print exceeds it."""
        count = max((len(cell) for cell in self.cells), default=0)
        plain, heavy = [0.0] * count, [0.0] * count
        for line, cell in enumerate(self.cells):
            widths = heavy if line in bold else plain
            for part, text in enumerate(cell):
                widths[part] = max(widths[part], text_width(text, bold=line in bold))
        return plain, [max(0.0, h - p) for h, p in zip(heavy, plain, strict=True)]


@dataclass(frozen=True, slots=True)
class Placed:
    """A column and where it goes, in ems from the left end of its block.

    Parameters
    ----------
    column : Column
        What is printed.
    start, end : float
        The two sides of the column.
    anchors : tuple of float
        Where each part is held: at its left end, or at its right end in a column flush right.
    """

    column: Column
    start: float
    end: float
    anchors: tuple[float, ...]


def place(
    columns: Sequence[Column],
    *,
    bold: frozenset[int],
    gap: float,
    least: float = 0.0,
    floors: Mapping[int, float] | None = None,
) -> tuple[tuple[Placed, ...], float]:
    """Set columns side by side.

    Parameters
    ----------
    columns : sequence of Column
        From left to right.
    bold : frozenset of int
        Lines that are printed bold, and so are wider.
    gap : float
        Space between columns.
    least : float
        The block is at least this wide; the first column takes up what is missing.
    floors : mapping of int to float, optional
        How wide the first so many columns together are at least.

    Returns
    -------
    tuple of Placed
        The columns with their positions.
    float
        The width of the block.
    """
    parts: list[list[float]] = []
    spaces: list[float] = []
    widths: list[float] = []
    for column in columns:
        plain, excess = column.part_widths(bold)
        # Bold numbers stick out to the left of those they stand under: the space gives way.
        space = max([SPACE, *(more + 0.9 * SPACE for more in excess[1:])])
        parts.append([wide + (excess[0] if i == 0 else 0.0) for i, wide in enumerate(plain)])
        spaces.append(space)
        inside = LIGHT if column.lights else sum(parts[-1]) + space * (len(plain) - 1)
        widths.append(max(inside, text_width(column.header, bold=True)))
    gaps = [0.0, *(_gap(*pair, gap) for pair in pairwise(columns))][: len(columns)]
    _widen(columns, widths, gaps)
    if widths:
        for count, floor in {**(floors or {}), len(widths): least}.items():
            widths[0] += max(0.0, floor - sum(widths[:count]) - sum(gaps[:count]))
    placed = []
    start = 0.0
    for column, part, space, width, before in zip(
        columns, parts, spaces, widths, gaps, strict=True
    ):
        start += before
        ends = _ends(part, space)
        slack = width - ends[-1] if ends and column.right else 0.0
        anchors = (
            tuple(start + slack + end for end in ends)
            if column.right
            else tuple(start + end - wide for end, wide in zip(ends, part, strict=True))
        )
        placed.append(Placed(column, start, start + width, anchors))
        start += width
    return tuple(placed), max(start, least, 0.0)


def _gap(before: Column, after: Column, gap: float) -> float:
    """Return the space between two columns: lights stand close together."""
    return BETWEEN_LIGHTS if before.lights and after.lights else gap


def _runs(columns: Sequence[Column]) -> list[tuple[str, list[int]]]:
    """Return the headings over neighbouring columns, and the places of those columns."""
    runs = []
    for group, members in groupby(range(len(columns)), key=lambda i: columns[i].group):
        if group:
            runs.append((group, list(members)))
    return runs


def _widen(columns: Sequence[Column], widths: list[float], gaps: Sequence[float]) -> None:
    """Give columns the room that the heading over them needs."""
    for group, at in _runs(columns):
        inside = sum(widths[i] for i in at) + sum(gaps[i] for i in at[1:])
        missing = text_width(group, bold=True) - inside
        for i in at:
            widths[i] += max(0.0, missing) / len(at)


def headings(placed: Sequence[Placed]) -> list[tuple[str, float, float]]:
    """Return the headings over several columns, and where those begin and end."""
    columns = [each.column for each in placed]
    return [(group, placed[at[0]].start, placed[at[-1]].end) for group, at in _runs(columns)]


def _ends(parts: Sequence[float], space: float) -> list[float]:
    """Return where each of several widths ends when set in a row."""
    return list(accumulate(parts, lambda reached, wide: reached + space + wide))
