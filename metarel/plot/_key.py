"""Keys: what colours and marks mean, in the corner that hides least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
ABOVE_KEY = 2.1  # from the panel to a title over a key of one line, in ems
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
    """

    colour: str
    shape: str
    dashes: Any


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


def write_key(
    ax: Axes,
    handles: Sequence[Any],
    *,
    theme: Theme,
    size: float,
    place: str = "best",
    title: str = "",
    columns: int = 1,
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
        }
    legend = ax.legend(
        handles=list(handles),
        title=title or None,
        ncols=columns,
        fontsize=0.85 * size,
        title_fontsize=0.85 * size,
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
