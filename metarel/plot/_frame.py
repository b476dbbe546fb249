"""A plain pair of axes in the colours of a theme, for figures that are no tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from metarel.errors import InputError
from metarel.plot._ticks import linear_ticks, ratio_ticks, tick_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel.plot._scale import Scale
    from metarel.plot._theme import Theme

WIDTH, HEIGHT = 46.0, 36.0  # of a figure of our own, in ems
MOST_TICKS = 7
SMALL = 0.9  # size of tick labels, in ems


def check_size(font_size: float) -> None:
    """Refuse a font size that cannot be drawn."""
    if not 0 < font_size < math.inf:
        raise InputError(f"`font_size` must be positive, in points; got {font_size!r}.")


def check_axes(ax: object) -> None:
    """Refuse what is neither None nor one pair of axes."""
    if ax is None:
        return
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise InputError(
            f"`ax` must be one Axes of matplotlib, or None for a new figure; got "
            f"{type(ax).__name__}. An array of them, as `plt.subplots` makes, is to be indexed."
        )


def lay_paper(ax: Axes, theme: Theme) -> None:
    """Put the theme's paper behind the panel, and behind the words that stand outside of it.

    A figure whose colour somebody chose keeps it; one of matplotlib's own would leave words in
    light ink on white.
    """
    import matplotlib as mpl
    from matplotlib.colors import to_rgba

    ax.set_facecolor(theme.paper)
    figure = ax.figure
    if to_rgba(figure.get_facecolor()) == to_rgba(mpl.rcParams["figure.facecolor"]):
        figure.set_facecolor(theme.paper)


def frame(
    ax: Axes | None, theme: Theme, size: float, *, width: float = WIDTH, height: float = HEIGHT
) -> Axes:
    """Return the Axes given, or those of a new figure (in ems), in the colours of the theme."""
    check_axes(ax)
    if ax is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(figsize=(width * size / 72, height * size / 72), facecolor=theme.paper)
        figure.set_layout_engine("constrained", w_pad=size / 72, h_pad=size / 72)
        ax = figure.add_subplot()
    lay_paper(ax, theme)
    ax.grid(False)
    ax.spines[["right", "top"]].set_visible(False)
    ax.spines[["left", "bottom"]].set(color=theme.muted, linewidth=0.08 * size)
    ax.tick_params(
        color=theme.muted,
        labelcolor=theme.ink,
        labelsize=SMALL * size,
        length=0.35 * size,
        width=0.08 * size,
        direction="out",
    )
    return ax


def set_axis(
    ax: Axes,
    which: str,
    limits: tuple[float, float],
    name: str,
    *,
    scale: Scale,
    theme: Theme,
    size: float,
) -> None:
    """Give the x or the y axis its limits, natural ticks and a name."""
    ticks = (ratio_ticks if scale.ratio else linear_ticks)(min(limits), max(limits), MOST_TICKS)
    ax.set(
        **{
            f"{which}scale": "log" if scale.ratio else "linear",
            f"{which}lim": limits,
            f"{which}ticks": ticks,
            f"{which}ticklabels": tick_labels(ticks, ratio=scale.ratio),
        }
    )
    ax.minorticks_off()
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_label_text(name, fontsize=size, color=theme.ink)


def spread(values: object, share: float) -> tuple[float, float]:
    """Return the range of values, wider by a share of it at both ends."""
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    low, high = float(known.min()), float(known.max())
    # differences that are rounding alone are none
    flat = high - low <= 1e-12 * max(abs(low), abs(high))
    free = 1.0 if flat else share * (high - low)
    return low - free, high + free
