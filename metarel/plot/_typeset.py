"""The text of a forest plot: columns, labels and notes, set where the sheet says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metarel.plot import _atoms as atoms
from metarel.plot._sheet import CONTINUED, NOTE, OVER, Paper
from metarel.plot._text import Placed, headings, text_width, wrap
from metarel.plot._theme import Theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

    from metarel.plot._sheet import Line

TITLE = 1.2  # size of the title, in ems
TITLE_PAD = 0.7
TITLE_LEADING = 1.25  # from line to line, in sizes of the title
MANY = 250  # cells of a column from which on they are drawn together
DROP = 0.36  # from the middle of a line to its baseline, in ems


@dataclass(frozen=True, slots=True)
class Setter:
    """Sets text in one block of an Axes, at the left or right edge of it.

    Parameters
    ----------
    ax : Axes
        Where the text goes.
    paper, theme : Paper, Theme
        Sizes and colours.
    edge : float
        0 for the left edge of the Axes, 1 for the right.
    """

    ax: Axes
    paper: Paper
    theme: Theme
    edge: float

    def place(self, x: float, size: float) -> Transform:
        """Return the transform that takes (edge, y) to the baseline of text ``x`` ems off."""
        from matplotlib.transforms import ScaledTranslation

        shift = ScaledTranslation(
            x * self.paper.size / 72, -DROP * size / 72, self.ax.figure.dpi_scale_trans
        )
        return self.ax.get_yaxis_transform() + shift

    def put(
        self,
        text: str,
        x: float,
        y: float,
        *,
        align: str = "left",
        bold: bool = False,
        note: bool = False,
        muted: bool = False,
        gid: str = "text",
    ) -> None:
        """Write text, line under line around a middle at y, ``x`` ems from the edge."""
        size = self.paper.size * (NOTE if note else 1.0)
        place = self.place(x, size)
        for part, at in lines_around(text, y):
            atoms.words(
                self.ax,
                self.edge,
                at,
                part,
                transform=place,
                size=size,
                colour=self.theme.muted if note or muted else self.theme.ink,
                align=align,
                bold=bold,
                gid=gid,
            )

    def put_many(
        self, texts: Sequence[str], x: float, y: Sequence[float], *, right: bool, bold: bool
    ) -> None:
        """Write a column of text as outlines, which costs a fraction of as many artists."""
        parts = [line for text, at in zip(texts, y, strict=True) for line in lines_around(text, at)]
        if parts:
            atoms.outlines(
                self.ax,
                [(self.edge, at) for _, at in parts],
                [part for part, _ in parts],
                transform=self.place(x, self.paper.size),
                size=self.paper.size,
                colour=self.theme.ink,
                align="right" if right else "left",
                bold=bold,
                gid="cells",
            )


def lines_around(text: str, y: float) -> list[tuple[str, float]]:
    """Return the lines of a text with their heights around a middle."""
    parts = text.split("\n")
    middle = (len(parts) - 1) / 2
    return [(part, y + CONTINUED * (i - middle)) for i, part in enumerate(parts)]


def set_text(
    ax: Axes, paper: Paper, theme: Theme, *, underlined: bool = True, closed: bool = False
) -> None:
    """Write the header, the columns on both sides, and the labels that span the left one."""
    sheet = paper.sheet
    left = Setter(ax, paper, theme, 0.0)
    right = Setter(ax, paper, theme, 1.0)
    for setter, block, origin in ((left, sheet.left, 0.0), (right, sheet.right, sheet.right_edge)):
        for placed in block:
            _set_column(setter, placed, origin)
        _set_headings(setter, block, origin, underlined=underlined)
    _set_heads(left)
    for line in sheet.lines:
        if line.label:
            note = line.entry.kind == "note"
            left.put(
                line.label,
                0.0,
                line.y,
                bold=line.entry.bold,
                note=note,
                gid=f"{line.entry.kind}-label",
            )
    if sheet.header:
        atoms.rule(ax, sheet.header, colour=theme.ink, width=0.085 * paper.size)
    if closed:
        atoms.rule(ax, sheet.height, colour=theme.rule, width=0.085 * paper.size)


def _set_headings(
    setter: Setter, block: Sequence[Placed], origin: float, *, underlined: bool
) -> None:
    """Write the headings over several columns."""
    sheet, size = setter.paper.sheet, setter.paper.size
    for group, start, end in headings(block):
        columns = [p.column for p in block if p.column.group == group]
        deep = max(c.header.count("\n") for c in columns)
        y = sheet.header - 0.6 - CONTINUED * deep - OVER
        if any(c.lights for c in columns) or end - start > text_width(group, bold=True) + 0.5:
            middle, align = (start + end) / 2, "center"
        else:
            middle, align = end, "right"
        setter.put(group, middle - origin, y, align=align, bold=True, gid="heading")
        if underlined:
            atoms.rule_between(
                setter.ax,
                setter.edge,
                y + 0.62,
                (start - origin) * size,
                (end - origin) * size,
                colour=setter.theme.muted,
                width=0.07 * size,
            )


def _set_heads(left: Setter) -> None:
    """Write what stands over the panel."""
    paper = left.paper
    heads, header = paper.sheet.heads, paper.sheet.header
    if heads.middle:
        y = header - 0.55 - CONTINUED * heads.middle.count("\n") / 2
        x = paper.sheet.left_width + paper.panel / paper.size / 2
        left.put(heads.middle, x, y, align="center", bold=True, gid="panel-header")


def _set_column(setter: Setter, placed: Placed, origin: float) -> None:
    """Write one column: header, then each part of each cell."""
    column = placed.column
    sheet = setter.paper.sheet
    if column.header:
        breaks = column.header.count("\n")
        if column.lights:
            x, align = (placed.start + placed.end) / 2, "center"
        else:
            x, align = (placed.end, "right") if column.right else (placed.start, "left")
        setter.put(
            column.header,
            x - origin,
            sheet.header - 0.55 - CONTINUED * breaks / 2,
            align=align,
            bold=True,
            gid="header",
        )
    for i, anchor in enumerate(placed.anchors):
        there = [
            (cell[i], line)
            for line, cell in zip(sheet.lines, column.cells, strict=True)
            if i < len(cell) and cell[i]  # cells may be empty
        ]
        many = len(there) > MANY
        for text, line in there:
            if not many or _apart(line):
                setter.put(
                    text,
                    anchor - origin,
                    line.y,
                    align="right" if column.right else "left",
                    bold=line.entry.bold,
                    muted=line.entry.kind == "excluded",
                    gid="cell",
                )
        if many:
            plain = [(text, line.y) for text, line in there if not _apart(line)]
            texts, heights = zip(*plain, strict=True)
            setter.put_many(texts, anchor - origin, heights, right=column.right, bold=False)


def _apart(line: Line) -> bool:
    """Tell whether a line is set otherwise than most of its column."""
    return line.entry.bold or line.entry.kind == "excluded"


def broken_title(title: str, paper: Paper) -> str:
    """Break a title to the width of the paper."""
    return wrap(title, paper.width / paper.size / TITLE, bold=True)


def room_above(title: str, paper: Paper) -> float:
    """Return the height of a title in points."""
    if not title:
        return 0.0
    lines = broken_title(title, paper).count("\n") + 1
    return paper.size * (TITLE * (1 + TITLE_LEADING * (lines - 1)) + TITLE_PAD)


def set_title(ax: Axes, title: str, paper: Paper, theme: Theme) -> None:
    """Write the title over the whole sheet, flush left."""
    if title:
        atoms.title(
            ax,
            broken_title(title, paper),
            size=TITLE * paper.size,
            colour=theme.ink,
            pad=TITLE_PAD * paper.size,
        )
