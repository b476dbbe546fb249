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
OVER = 1.05  # a heading over several columns
MORE_HEIGHT = {"density": 0.7}
POOLED = ("summary", "prediction", "density")  # kinds of lines that belong together
# Shares:
NOTE = 0.88  # size of secondary text
LEAST_PANEL = 0.3  # what text must leave of a given Axes to the panel


@dataclass(frozen=True, slots=True)
class Entry:
    """A printed line, before anyone knows where it goes.

    Parameters
    ----------
    kind : str
        ``"group"`` (a heading), ``"study"``, ``"excluded"``, ``"refit"``, ``"subgroup"``,
        ``"summary"``, ``"prediction"``, ``"density"`` (of predicted effects) or ``"note"``.
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
    top, bottom : float
        Where it begins and ends.
    """

    entry: Entry
    label: str
    y: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Heads:
    """What stands over the panel, broken into lines.

    Parameters
    ----------
    middle : str
        Centred over the panel.
    sides : tuple of str or None
        To the left and the right of the reference.
    """

    middle: str = ""
    sides: tuple[str, str] | None = None

    @property
    def breaks(self) -> int:
        """Return the number of line breaks of the highest text; -1 where there is none."""
        texts = [self.middle, *(self.sides or ())]
        return max((text.count("\n") for text in texts if text), default=-1)


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
    heads : Heads
        What stands in the header besides the columns'.
    """

    lines: tuple[Line, ...]
    left: tuple[Placed, ...]
    right: tuple[Placed, ...]
    left_width: float
    right_width: float
    header: float
    height: float
    heads: Heads

    @property
    def right_edge(self) -> float:
        """Return where the right block ends, in ems from its beginning."""
        return self.right_width - GAP


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


def arrange(
    entries: Sequence[Entry],
    left: Sequence[Column],
    right: Sequence[Column],
    heads: Heads | None = None,
) -> Sheet:
    """Measure all text and place it; the cells of a column belong to the entries, in order."""
    heads = heads or Heads()
    bold = frozenset(i for i, entry in enumerate(entries) if entry.bold)
    least = max((_label_width(entry) for entry in entries), default=0.0)
    floors = _floors(entries, left)
    placed_left, left_width = place(left, bold=bold, gap=GAP, least=least, floors=floors)
    placed_right, right_width = place(right, bold=bold, gap=GAP)
    header = _header((*left, *right), heads)
    lines = []
    y = header + 0.2
    for i, entry in enumerate(entries):
        label = wrap(entry.label, left_width / NOTE) if entry.kind == "note" else entry.label
        cells = [text for column in left if column.cells[i] for text in column.cells[i]]
        height = 1.0 + CONTINUED * max(text.count("\n") for text in (label, *cells))
        height += MORE_HEIGHT.get(entry.kind, 0.0)
        follows = i > 0 and entries[i - 1].kind in POOLED
        y += BEFORE_SUMMARY if entry.kind == "summary" and not follows else 0.0
        lines.append(Line(entry, label, y + height / 2, y, y + height))
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
        heads,
    )


def _header(columns: Sequence[Column], heads: Heads) -> float:
    """Return the height of the header: the highest text, and a line for headings over columns."""
    breaks = [column.header.count("\n") for column in columns if column.header]
    own = 1.3 + CONTINUED * max(breaks) if breaks else 0.0
    over = [column for column in columns if column.group]
    if over:
        own = max(own, 1.3 + CONTINUED * max(c.header.count("\n") for c in over) + OVER)
    return max(own, 1.3 + CONTINUED * heads.breaks if heads.breaks >= 0 else 0.0)


def _floors(entries: Sequence[Entry], left: Sequence[Column]) -> dict[int, float]:
    """Return how wide the columns must be that a label runs over, up to the first number."""
    floors: dict[int, float] = {}
    for i, entry in enumerate(entries):
        if entry.label and entry.kind != "note":
            count = next((j for j, column in enumerate(left) if any(column.cells[i])), 0)
            floors[count] = max(floors.get(count, 0.0), _label_width(entry))
    floors.pop(0, None)
    return floors


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
