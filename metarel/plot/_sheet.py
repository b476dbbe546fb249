"""The sheet of a forest plot: which lines are printed, and where everything goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metarel.plot._text import Column, Placed, place, text_width, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel.plot._rows import Row

# In ems:
PITCH = 1.75  # from line to line
TIGHTEST = 1.3  # below this pitch the font shrinks with the Axes
GAP = 1.3  # between columns, and between text and panel
PANEL = 25.0  # width of the panel in a figure of our own
LONGEST_NAME = 24.0  # names of studies break beyond this width
LEAST_LEFT = 17.0  # room for the notes under the summary
# In pitches:
CONTINUED = 0.72  # from one line of a broken text to the next
BEFORE_SUMMARY = 0.35
AFTER_BLOCK = 0.5
# Shares:
NOTE = 0.88  # size of secondary text
LEAST_PANEL = 0.3  # what text must leave of a given Axes to the panel


@dataclass(frozen=True, slots=True)
class Entry:
    """A printed line, before anyone knows where it goes.

    Parameters
    ----------
    kind : str
        ``"group"`` (a heading), ``"study"``, ``"subgroup"``, ``"summary"``, ``"prediction"`` or
        ``"note"``.
    label : str
        Text at the left that spans its columns; empty for studies, whose names are cells.
    row : Row or None
        The numbers drawn in the panel.
    last : bool
        Whether a block ends here.
    """

    kind: str
    label: str = ""
    row: Row | None = None
    last: bool = False

    @property
    def bold(self) -> bool:
        """Tell whether the line is printed bold."""
        return self.kind in ("group", "subgroup", "summary")


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line in its place.

    Parameters
    ----------
    entry : Entry
        What it says.
    label : str
        Its label, broken to fit.
    y : float
        The middle of the line, in pitches from the top.
    """

    entry: Entry
    label: str
    y: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """The measured text: widths in ems, heights in pitches from the top.

    Parameters
    ----------
    lines : tuple of Line
        The printed lines from the top.
    left, right : tuple of Placed
        The columns of text on either side.
    left_width, right_width : float
        Of the two blocks of text, with the gap to the panel.
    header, height : float
        Of the header, and of the whole.
    """

    lines: tuple[Line, ...]
    left: tuple[Placed, ...]
    right: tuple[Placed, ...]
    left_width: float
    right_width: float
    header: float
    height: float


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet brought to a size, in points.

    Parameters
    ----------
    sheet : Sheet
        What is printed.
    size, pitch : float
        The font size, and the distance from line to line.
    panel : float
        The width of the panel.
    """

    sheet: Sheet
    size: float
    pitch: float
    panel: float

    @property
    def width(self) -> float:
        """Return the width of text and panel together."""
        return self.size * (self.sheet.left_width + self.sheet.right_width) + self.panel

    @property
    def height(self) -> float:
        """Return the height from the header to the axis."""
        return self.pitch * self.sheet.height

    def data_limits(self, low: float, high: float) -> tuple[float, float]:
        """Return the limits of the whole width such that the panel runs from low to high."""
        unit = (high - low) / self.panel * self.size
        return low - unit * self.sheet.left_width, high + unit * self.sheet.right_width


def arrange(entries: Sequence[Entry], left: Sequence[Column], right: Sequence[Column]) -> Sheet:
    """Measure all text and place it; the cells of a column belong to the entries, in order."""
    bold = frozenset(i for i, entry in enumerate(entries) if entry.bold)
    least = max((_label_width(entry) for entry in entries), default=0.0)
    placed_left, left_width = place(left, bold=bold, gap=GAP, least=least)
    placed_right, right_width = place(right, bold=bold, gap=GAP)
    breaks = [column.header.count("\n") for column in (*left, *right) if column.header]
    header = 1.3 + CONTINUED * max(breaks) if breaks else 0.0
    lines = []
    y = header + 0.2
    for i, entry in enumerate(entries):
        label = wrap(entry.label, left_width / NOTE) if entry.kind == "note" else entry.label
        cells = [text for column in left if column.cells[i] for text in column.cells[i]]
        height = 1.0 + CONTINUED * max(text.count("\n") for text in (label, *cells))
        y += BEFORE_SUMMARY if entry.kind == "summary" else 0.0
        lines.append(Line(entry, label, y + height / 2))
        y += height - (0.2 if entry.kind == "note" else 0.0)
        y += AFTER_BLOCK if entry.last else 0.0
    return Sheet(
        tuple(lines),
        placed_left,
        placed_right,
        left_width + GAP if left_width else 0.0,
        right_width + GAP if right_width else 0.0,
        header,
        y + 0.2,
    )


def _label_width(entry: Entry) -> float:
    """Return the width that a label needs: all of it, or what a note cannot break."""
    if entry.kind != "note":
        return text_width(entry.label, bold=entry.bold)
    words = entry.label.split(" ")
    return max(LEAST_LEFT, *(NOTE * text_width(word) for word in words))


def own_paper(sheet: Sheet, size: float) -> Paper:
    """Return the sheet at a font size, as large as it likes to be."""
    return Paper(sheet, size, PITCH * size, PANEL * size)


def paper_within(sheet: Sheet, size: float, ax: Axes) -> Paper:
    """Return the sheet filling an Axes, at the font size or the largest that fits."""
    box = ax.get_window_extent()
    points = 72.0 / ax.figure.dpi
    width, height = box.width * points, box.height * points
    text = sheet.left_width + sheet.right_width
    size = min(size, height / sheet.height / TIGHTEST)
    size = min(size, (1 - LEAST_PANEL) * width / text) if text else size
    return Paper(sheet, size, height / sheet.height, width - text * size)
