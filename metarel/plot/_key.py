"""Keys: what colours and marks mean, in the corner that hides least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metarel.plot._labels import put
from metarel.plot._meaning import settle, width_of
from metarel.plot._text import text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

    from metarel.plot._theme import Theme

# Colours of several groups at once, told apart under every common colour blindness; shapes and
# dashes differ too, so that grey print loses nothing.
HUES = {
    "light": ("#173f66", "#c2491d", "#1c7d5a", "#8d4a9c", "#9a7209", "#4f8fc4", "#6a6f76"),
    "dark": ("#9cc8ef", "#f28c52", "#5cc79b", "#d09be0", "#e3bb52", "#3f78ad", "#a3adb8"),
}
# In ems:
ABOVE_KEY = 2.1  # from the panel to a title over a key of one line
KEY_LINE = 1.3
SMALL = 0.85  # size of its text
BESIDE_TEXT = 3.4  # what a column of a key takes beside its text
SHAPES = ("o", "s", "^", "D", "v", "P", "X")
DASHES: tuple[Any, ...] = (
    "solid",
    (0, (5, 1.6)),
    (0, (1.2, 1.4)),
    (0, (6, 1.5, 1.2, 1.5)),
    (0, (8, 2.5)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (1, 3)),
)


@dataclass(frozen=True, slots=True)
class Look:
    """How one of several groups is drawn.

    Parameters
    ----------
    colour : str
        Of its marks and lines.
    shape : str
        Of its marks.
    dashes : str or tuple
        Of its lines.
    edge : str
        Of the rims of its marks; empty for the colour itself.
    """

    colour: str
    shape: str
    dashes: Any
    edge: str = ""


def looks(count: int, theme: Theme) -> list[Look]:
    """Return as many looks as there are groups; beyond seven they come again."""
    hues = HUES[theme.code]
    return [Look(hues[i % len(hues)], SHAPES[i % 7], DASHES[i % 7]) for i in range(count)]


def mark(look: Look, text: str, size: float, *, filled: bool = True) -> Any:
    """Return a mark for a key."""
    from matplotlib.lines import Line2D

    return Line2D(
        [],
        [],
        linestyle="none",
        marker=look.shape,
        markersize=0.62 * size,
        color=look.colour,
        markerfacecolor=look.colour if filled else "none",
        markeredgewidth=0.1 * size,
        label=text,
    )


def line(colour: str, dashes: Any, text: str, size: float, *, width: float = 0.15) -> Any:
    """Return a line for a key."""
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, linestyle=dashes, linewidth=width * size, label=text)


def area(colour: str, text: str, theme: Theme, size: float, *, alpha: float = 1.0) -> Any:
    """Return an area for a key."""
    from matplotlib.patches import Patch

    return Patch(facecolor=(colour, alpha), edgecolor=theme.rule, linewidth=0.06 * size, label=text)


def columns_above(ax: Axes, handles: Sequence[Any], size: float) -> int:
    """Return in how many columns a key above a panel fits its width."""
    settle(ax)
    put(ax)
    widest = max(text_width(str(handle.get_label())) for handle in handles)
    room = width_of(ax, size) / (SMALL * widest + BESIDE_TEXT)
    return max(1, min(len(handles), int(room)))


def room_above(ax: Axes, handles: Sequence[Any], size: float, *, titled: bool = False) -> float:
    """Return the distance from a panel to a title over its key, in ems."""
    lines = -(-len(handles) // columns_above(ax, handles, size)) + titled
    return ABOVE_KEY + KEY_LINE * (lines - 1)


def write_key(
    ax: Axes,
    handles: Sequence[Any],
    *,
    theme: Theme,
    size: float,
    place: str = "best",
    title: str = "",
) -> Legend:
    """Write a key into a corner, or above the panel (``place="above"``)."""
    options: dict[str, Any] = {"loc": place, "framealpha": 0.92, "borderpad": 0.6}
    if place == "above":
        options = {
            "loc": "lower left",
            "bbox_to_anchor": (0.0, 1.0),
            "frameon": False,
            "borderpad": 0.2,
            "borderaxespad": 0.2,
            "ncols": columns_above(ax, handles, size),
        }
    legend = ax.legend(
        handles=list(handles),
        title=title or None,
        fontsize=SMALL * size,
        title_fontsize=SMALL * size,
        labelcolor=theme.ink,
        facecolor=theme.paper,
        edgecolor=theme.rule,
        fancybox=False,
        handlelength=1.6,
        handleheight=0.9,
        columnspacing=1.4,
        alignment="left",
        **options,
    )
    legend.get_title().set_color(theme.ink)
    legend.get_frame().set_linewidth(0.06 * size)
    legend.set_zorder(7)
    for text in legend.get_texts():
        text.set_parse_math(False)
    return legend
