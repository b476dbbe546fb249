"""The drawing atoms: one kind of mark each, on any Axes, in data coordinates.

Every artist carries a ``gid``, by which tests and editors of vector files find it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.plot._letters import Letters
from metarel.plot._text import MEASURED_AT, font_of, outline_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection, PathCollection, PolyCollection
    from matplotlib.patches import Rectangle
    from matplotlib.path import Path
    from matplotlib.text import Text
    from matplotlib.transforms import Transform

    from metarel._checks import Array

SMALLEST_SIDE = 2.2  # points: a study of hardly any weight stays visible


def squares(
    ax: Axes,
    x: Array,
    y: Array,
    weight: Array,
    *,
    side: float,
    colour: str,
    gid: str,
    edge: str = "none",
) -> PathCollection:
    """Draw squares whose areas are in the ratio of the weights; the heaviest has this side (pt)."""
    sides = side * np.sqrt(weight / np.max(weight))
    return ax.scatter(
        x,
        y,
        s=np.maximum(sides, min(SMALLEST_SIDE, side)) ** 2,
        marker="s",
        facecolor=colour,
        edgecolor=edge,
        linewidths=0 if edge == "none" else 0.9,
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
    edge: str = "none",
) -> PolyCollection:
    """Draw diamonds with tips at the interval's ends and the waist at the estimate."""
    from matplotlib.collections import PolyCollection

    corners = np.stack(
        [
            np.column_stack([low, y]),
            np.column_stack([x, y - half_height]),
            np.column_stack([high, y]),
            np.column_stack([x, y + half_height]),
        ],
        axis=1,
    )
    rim = 0.0 if edge == "none" else 0.8
    shapes = PolyCollection(
        list(corners), facecolors=colour, edgecolors=edge, linewidths=rim, zorder=zorder, gid=gid
    )
    ax.add_collection(shapes, autolim=False)
    shapes.set_clip_path(window(ax, limits))
    return shapes


def window(ax: Axes, limits: tuple[float, float]) -> Rectangle:
    """Return the panel as a shape that others are clipped to."""
    from matplotlib.patches import Rectangle

    bottom, top = ax.get_ylim()
    return Rectangle(
        (limits[0], bottom), limits[1] - limits[0], top - bottom, transform=ax.transData
    )


def areas(
    ax: Axes,
    outlines: Sequence[Array],
    *,
    limits: tuple[float, float],
    colour: str | Sequence[str],
    gid: str,
    zorder: float = 2.0,
    alpha: float | Array | None = None,
) -> PolyCollection:
    """Draw filled outlines within the panel."""
    from matplotlib.collections import PolyCollection

    shapes = PolyCollection(
        list(outlines), facecolors=colour, linewidths=0, zorder=zorder, gid=gid, alpha=alpha
    )
    ax.add_collection(shapes, autolim=False)
    shapes.set_clip_path(window(ax, limits))
    return shapes


def stripes(ax: Axes, spans: Sequence[tuple[float, float]], *, colour: str, gid: str) -> None:
    """Shade lines over the whole width of the Axes, behind everything."""
    from matplotlib.collections import PolyCollection

    corners = [np.array([[0, a], [1, a], [1, b], [0, b]]) for a, b in spans]
    shapes = PolyCollection(
        corners, facecolors=colour, linewidths=0, zorder=0.4, gid=gid,
        transform=ax.get_yaxis_transform(),
    )  # fmt: skip
    ax.add_collection(shapes, autolim=False)


def shifted(ax: Axes, transform: Transform, across: float, up: float) -> Transform:
    """Return a transform that ends some points to the right and above."""
    from matplotlib.transforms import ScaledTranslation

    return transform + ScaledTranslation(across / 72, up / 72, ax.figure.dpi_scale_trans)


def signs(
    ax: Axes,
    marker: Any,
    places: Sequence[tuple[float, float]],
    *,
    transform: Transform,
    side: float,
    colour: str,
    gid: str,
) -> PathCollection:
    """Draw one sign at many places of any coordinates; ``side`` is its size in points."""
    x, y = np.asarray(places, dtype=float).T
    drawn = ax.scatter(
        x, y, s=side**2, marker=marker, color=colour, linewidths=0, zorder=5, gid=gid,
        transform=transform, clip_on=False,
    )  # fmt: skip
    drawn.set_in_layout(False)
    return drawn


def outline_marker(text: str) -> Path:
    """Return a letter as a marker, centred, one unit high or wide."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    bold = FontProperties(family="DejaVu Sans", weight="bold")
    shape = TextPath((0, 0), text, size=100, prop=bold)
    box = shape.get_extents()
    middle = ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
    scale = max(box.width, box.height)
    return Path((shape.vertices - middle) / scale, shape.codes)


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


def rule_between(
    ax: Axes, edge: float, y: float, start: float, end: float, *, colour: str, width: float
) -> None:
    """Draw a thin line under a heading, between two distances (pt) from an edge of the Axes."""
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D

    drawn = PathCollection(
        [Path([(start, 0), (end, 0)])],
        offsets=[(edge, y)],
        offset_transform=ax.get_yaxis_transform(),
        facecolor="none",
        edgecolor=colour,
        linewidths=width,
        zorder=2,
        gid="heading-rule",
    )
    drawn.set_transform(Affine2D().scale(1 / 72) + ax.figure.dpi_scale_trans)
    drawn.set_clip_on(False)
    ax.add_collection(drawn, autolim=False)


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


def outlines(
    ax: Axes,
    places: Sequence[tuple[float, float]],
    texts: Sequence[str],
    *,
    transform: Transform,
    size: float,
    colour: str,
    align: str = "left",
    bold: bool = False,
    gid: str = "text",
) -> PathCollection:
    """Write many texts as one artist made of the outlines of their letters."""
    from matplotlib import rcParams
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D

    letters = Letters(font_of(tuple(rcParams["font.family"]), bold))
    paths: dict[str, Path] = {}
    for text in texts:
        if text not in paths:
            start = -MEASURED_AT * outline_width(text, bold=bold) if align == "right" else 0.0
            points, codes = letters.outline(text)
            paths[text] = Path(points + np.array([start, 0.0]), codes)
    scale = size / MEASURED_AT / 72
    collection = PathCollection(
        [paths[text] for text in texts],
        offsets=places,
        offset_transform=transform,
        facecolor=colour,
        linewidths=0,
        zorder=5,
        gid=gid,
    )
    collection.set_transform(Affine2D().scale(scale) + ax.figure.dpi_scale_trans)
    collection.set_clip_on(False)
    ax.add_collection(collection, autolim=False)
    return collection


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
