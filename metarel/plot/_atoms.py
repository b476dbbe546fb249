"""The drawing atoms: one kind of mark each, on any Axes, in data coordinates.

Every artist carries a ``gid``, by which tests and editors of vector files find it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection, PathCollection, PolyCollection
    from matplotlib.text import Text
    from matplotlib.transforms import Transform

    from metarel._checks import Array

SMALLEST_SIDE = 2.2  # points: a study of hardly any weight stays visible


def squares(
    ax: Axes, x: Array, y: Array, weight: Array, *, side: float, colour: str, gid: str
) -> PathCollection:
    """Draw squares whose areas are in the ratio of the weights; the heaviest has this side (pt)."""
    sides = side * np.sqrt(weight / np.max(weight))
    return ax.scatter(
        x,
        y,
        s=np.maximum(sides, min(SMALLEST_SIDE, side)) ** 2,
        marker="s",
        color=colour,
        linewidths=0,
        zorder=3,
        gid=gid,
    )


def intervals(
    ax: Axes,
    low: Array,
    high: Array,
    y: Array,
    *,
    limits: tuple[float, float],
    width: float,
    head: float,
    colour: str,
    gid: str,
) -> LineCollection:
    """Draw horizontal lines from low to high, with an arrowhead where the axis cuts one."""
    shown = (low <= limits[1]) & (high >= limits[0])
    start, end = np.maximum(low, limits[0]), np.minimum(high, limits[1])
    lines = ax.hlines(
        y[shown], start[shown], end[shown], colors=colour, linewidth=width, zorder=4, gid=gid
    )
    lines.set_capstyle("butt")
    arrowheads(ax, low, high, y, limits=limits, head=head, colour=colour, gid=f"{gid}-cut")
    return lines


def arrowheads(
    ax: Axes,
    low: Array,
    high: Array,
    y: Array,
    *,
    limits: tuple[float, float],
    head: float,
    colour: str,
    gid: str,
) -> None:
    """Draw an arrowhead, with its tip on the limit, wherever the axis cuts an interval."""
    from matplotlib.markers import CARETLEFT, CARETRIGHT, MarkerStyle

    ends = ((CARETLEFT, low < limits[0], limits[0]), (CARETRIGHT, high > limits[1], limits[1]))
    for marker, cut, x in ends:
        if cut.any():
            ax.scatter(
                np.full(int(cut.sum()), x),
                y[cut],
                s=head**2,
                marker=MarkerStyle(marker),
                color=colour,
                linewidths=0,
                zorder=4,
                gid=gid,
            )


def diamonds(
    ax: Axes,
    x: Array,
    low: Array,
    high: Array,
    y: Array,
    *,
    half_height: float,
    limits: tuple[float, float],
    colour: str,
    gid: str,
    zorder: float = 3.0,
) -> PolyCollection:
    """Draw diamonds with tips at the interval's ends and the waist at the estimate."""
    from matplotlib.collections import PolyCollection
    from matplotlib.patches import Rectangle

    corners = np.stack(
        [
            np.column_stack([low, y]),
            np.column_stack([x, y - half_height]),
            np.column_stack([high, y]),
            np.column_stack([x, y + half_height]),
        ],
        axis=1,
    )
    shapes = PolyCollection(list(corners), facecolors=colour, linewidths=0, zorder=zorder, gid=gid)
    ax.add_collection(shapes, autolim=False)
    bottom, top = ax.get_ylim()
    window = Rectangle(
        (limits[0], bottom), limits[1] - limits[0], top - bottom, transform=ax.transData
    )
    shapes.set_clip_path(window)
    return shapes


def vertical(
    ax: Axes,
    x: float,
    top: float,
    bottom: float,
    *,
    colour: str,
    width: float,
    gid: str,
    dashes: tuple[float, float] | None = None,
) -> LineCollection:
    """Draw a vertical line behind all marks, such as the one of no effect."""
    return ax.vlines(
        x,
        top,
        bottom,
        colors=colour,
        linewidth=width,
        linestyles=(0, dashes) if dashes else "solid",
        zorder=1,
        gid=gid,
    )


def rule(ax: Axes, y: float, *, colour: str, width: float) -> LineCollection:
    """Draw a thin line over the whole width of the Axes."""
    return ax.hlines(
        y,
        0,
        1,
        transform=ax.get_yaxis_transform(),
        colors=colour,
        linewidth=width,
        zorder=2,
        gid="rule",
        clip_on=False,
    )


def words(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    *,
    transform: Transform,
    size: float,
    colour: str,
    align: str = "left",
    bold: bool = False,
    gid: str = "text",
) -> Text:
    """Write text that is never read as TeX, whatever dollar signs a study's name holds."""
    style: dict[str, Any] = {"weight": "bold"} if bold else {}
    return ax.text(
        x,
        y,
        text,
        transform=transform,
        ha=align,
        va="baseline",
        fontsize=size,
        color=colour,
        gid=gid,
        parse_math=False,
        usetex=False,
        zorder=5,
        **style,
    )


def circles(
    ax: Axes, x: Array, y: Array, *, side: float | Array, colour: str, edge: str, gid: str
) -> PathCollection:
    """Draw circles of a diameter in points (one for all, or each its own), with a thin rim."""
    return ax.scatter(
        x,
        y,
        s=np.asarray(side) ** 2,
        marker="o",
        facecolor=colour,
        edgecolor=edge,
        linewidths=0.7,
        alpha=0.85,
        zorder=3,
        gid=gid,
    )


def title(ax: Axes, text: str, *, size: float, colour: str, pad: float = 6.0) -> Text:
    """Write a title, flush left, that is never read as TeX."""
    return ax.set_title(
        text,
        loc="left",
        fontsize=size,
        fontweight="bold",
        color=colour,
        pad=pad,
        linespacing=1.25,
        parse_math=False,
    )
