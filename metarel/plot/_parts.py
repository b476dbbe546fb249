"""Several panels within one Axes, with gaps in ems at any size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.plot._frame import frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel.plot._theme import Theme


def part(
    ax: Axes,
    columns: Sequence[float],
    rows: Sequence[float],
    gaps: tuple[float, float],
    *,
    theme: Theme,
    size: float,
) -> list[list[Axes]]:
    """Divide an Axes into panels; its own frame is hidden.

    Parameters
    ----------
    ax : Axes
        What is divided.
    columns, rows : sequence of float
        Relative widths from left to right, and heights from top to bottom.
    gaps : tuple of float
        Room between columns and between rows, in ems.
    theme, size
        Colours, and the size of text in points.

    Returns
    -------
    list of list of Axes
        Row by row.
    """
    ax.set_axis_off()
    return [
        [
            frame(_panel(ax, (columns, i), (rows, j), gaps, size), theme, size)
            for i in range(len(columns))
        ]
        for j in range(len(rows))
    ]


def _panel(
    ax: Axes,
    column: tuple[Sequence[float], int],
    row: tuple[Sequence[float], int],
    gaps: tuple[float, float],
    size: float,
) -> Axes:
    panel = ax.inset_axes((0.0, 0.0, 1.0, 1.0))

    def place(inset: Any, renderer: Any) -> Any:  # noqa: ARG001
        from matplotlib.transforms import Bbox

        box = ax.get_window_extent()
        em = size * ax.figure.dpi / 72
        left, width = _share(*column, gaps[0] * em, box.width)
        down, height = _share(*row, gaps[1] * em, box.height)
        corner = (box.x0 + left, box.y1 - down - height)
        pixels = Bbox.from_bounds(*corner, width, height)
        return pixels.transformed(ax.figure.transSubfigure.inverted())

    panel.set_axes_locator(place)
    return panel


def _share(parts: Sequence[float], i: int, gap: float, whole: float) -> tuple[float, float]:
    """Return where a part begins and how long it is, of a whole with gaps."""
    shares = np.asarray(parts, dtype=float) / sum(parts)
    free = max(whole - gap * (len(parts) - 1), 0.2 * whole)
    gap = (whole - free) / max(len(parts) - 1, 1)
    return float(shares[:i].sum() * free + i * gap), float(shares[i] * free)
