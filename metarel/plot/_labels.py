"""Names beside points: set where they hide neither points nor each other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_whole
from metarel.plot._meaning import settle
from metarel.plot._text import text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from metarel._checks import Array
    from metarel.plot._theme import Theme

SMALL = 0.85  # size of a name, in ems
HEIGHT = 1.15  # of its box, in its own ems
NEAR = 0.55  # from a point to its name, in ems
RINGS = (1.0, 2.0, 3.2, 4.6)
FAR = (*RINGS, 6.5, 9.0, 12.0, 16.0)  # distances that are tried, in multiples of the nearest
LEADER = 1.5  # from here on a line leads from the point to its name
MOST = 12  # names by default: more would be read by nobody
LONGEST = 28  # characters of a name


def check_names(names: int) -> int:
    """Refuse a number of names that is none."""
    return int(check_whole("names", names, least=0))


def short_name(name: str) -> str:
    """Return a name that is not too long to stand beside a point."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip(" ,;(") + "…"


def farthest(distance: Array, most: int = MOST) -> NDArray[np.intp]:
    """Return the places of the largest values, the largest first; what is missing is none."""
    known = np.flatnonzero(np.isfinite(distance))
    return known[np.argsort(-distance[known], kind="stable")][:most]


def put(ax: Axes) -> None:
    """Let an Axes that is a part of another take its place, as drawing would."""
    locator: Any = ax.get_axes_locator()
    ax.apply_aspect(locator(ax, None) if locator is not None else None)


def name_points(
    ax: Axes,
    x: Array,
    y: Array,
    names: Sequence[str],
    which: Sequence[int] | NDArray[np.intp],
    *,
    theme: Theme,
    size: float,
    radius: float | Array = 0.35,
    settled: bool = False,
    rings: Sequence[float] = RINGS,
) -> None:
    """Write the names of some points, in an order of importance.

    A name stands at the nearest place around its point where it covers no point, no other name
    and no edge of the Axes; a thin line leads to one that stands apart. One that fits nowhere is
    left out: a name over other marks tells nobody anything.

    Parameters
    ----------
    ax : Axes
        With its limits set.
    x, y : ndarray
        All points, in data coordinates.
    names : sequence of str
        Of all points.
    which : sequence of int
        Those that are named, the most important first.
    theme, size
        Colours, and the size of text in points.
    radius : float or ndarray
        Of the points, in ems.
    settled : bool
        Whether the Axes stands already where it will be drawn.
    rings : sequence of float
        Distances that are tried.
    """
    if not len(which):
        return
    if not settled:
        settle(ax)
    put(ax)
    points = ax.transData.transform(np.column_stack([x, y]))
    em = size * ax.figure.dpi / 72
    known = np.isfinite(points).all(axis=1)
    reach = np.broadcast_to(np.asarray(radius, dtype=float), (len(points),)) * em
    blocks = np.column_stack([points - reach[:, None], points + reach[:, None]])[known]
    frame = ax.get_window_extent()
    if (key := ax.get_legend()) is not None:
        blocks = np.vstack([blocks, key.get_window_extent().extents])
    taken = [text.get_window_extent().extents for text in ax.texts]
    blocks = np.vstack([blocks, *taken])
    for i in which:
        if not known[i]:
            continue
        text = short_name(str(names[int(i)]))
        box = np.array([text_width(text) * SMALL * em, HEIGHT * SMALL * em])
        for corner, apart in _places(points[i], reach[i] + NEAR * em, box, rings):
            ends = np.concatenate([corner, corner + box])
            inside = (ends[:2] >= (frame.x0, frame.y0)).all() and (
                ends[2:] <= (frame.x1, frame.y1)
            ).all()
            if inside and not _covers(ends, blocks):
                _write(ax, points[i], corner, box, text, apart, (theme, size))
                blocks = np.vstack([blocks, ends])
                break


def _places(
    point: Array, near: float, box: Array, rings: Sequence[float]
) -> Iterator[tuple[Array, bool]]:
    """Yield lower left corners of a box around a point, the nearest and plainest first."""
    for ring in rings:
        for turn in (0, 180, 45, -45, 135, -135, 90, -90, 20, -20, 160, -160):
            angle = math.radians(turn)
            way = np.array([math.cos(angle), math.sin(angle)])
            held = point + ring * near * way
            # the box lies wholly on the side that the angle points to
            yield held - box * (1 - np.sign(np.round(way, 6))) / 2, ring >= LEADER


def _covers(box: Array, blocks: Array) -> bool:
    """Tell whether a box covers a part of any other."""
    apart = (box[2:] <= blocks[:, :2]) | (box[:2] >= blocks[:, 2:])
    return bool((~apart.any(axis=1)).any())


def _write(
    ax: Axes, point: Array, corner: Array, box: Array, text: str, apart: bool, look: Any
) -> None:
    """Write one name, held at its point by an offset, with a line where it stands apart."""
    theme, size = look
    to_points = 72 / ax.figure.dpi
    start = corner + np.array([0.0, 0.28 * box[1]])  # the baseline
    data = ax.transData.inverted().transform(point)
    arrow: dict[str, Any] | None = None
    if apart:
        arrow = {
            "arrowstyle": "-",
            "color": theme.muted,
            "linewidth": 0.06 * size,
            "shrinkA": 0.0,
            "shrinkB": 0.3 * size,
            "relpos": tuple(np.clip((point - corner) / box, 0.0, 1.0)),
        }
    ax.annotate(
        text,
        (float(data[0]), float(data[1])),
        xytext=(float(start[0] - point[0]) * to_points, float(start[1] - point[1]) * to_points),
        textcoords="offset points",
        fontsize=SMALL * size,
        color=theme.ink,
        ha="left",
        va="baseline",
        arrowprops=arrow,
        gid="name",
        parse_math=False,
        zorder=6,
        annotation_clip=False,
    )
