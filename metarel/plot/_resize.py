"""A forest plot whose Axes change size later: the panel takes up what the text leaves.

Text keeps its size and its distance to the edges of the Axes, so that the panel alone must give
way where a layout engine makes room for a neighbour, or somebody resizes the window.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from metarel.plot._axis import Axis
from metarel.plot._scale import scale_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel.plot._sheet import Paper

LEAST = 3.0  # ems of a panel below which nothing can be saved
ALIKE = 0.5  # points of change that need no work


def keep_apart(ax: Axes, axis: Axis, paper: Paper) -> None:
    """Fit the panel to the width of the Axes whenever they are drawn."""
    from matplotlib.lines import Line2D

    watcher = Line2D([], [])
    watcher.set(zorder=-100.0, in_layout=False, gid="watcher")
    # Plain numbers and a module's own function, so that the figure can be pickled.
    sheet = (paper.sheet.left_width, paper.sheet.right_width, paper.size)
    state = {"panel": paper.panel}
    draw: Any = partial(_refit, ax, axis.scale.code, axis.limits, sheet, state)
    watcher.draw = draw  # type: ignore[method-assign]
    ax.add_artist(watcher)


def _refit(
    ax: Axes,
    code: str,
    limits: tuple[float, float],
    sheet: tuple[float, float, float],
    state: dict[str, float],
    *_: Any,
) -> None:
    """Set the limits anew where the Axes have another width than before."""
    left, right, size = sheet
    width = ax.get_window_extent().width * 72 / ax.figure.dpi
    panel = width - (left + right) * size
    if abs(panel - state["panel"]) < ALIKE or panel < LEAST * size:
        return
    state["panel"] = panel
    axis = Axis(scale_of(code), limits, None, "", None)
    low, high = (float(end) for end in axis.scale.straight(limits))
    unit = (high - low) / panel * size
    ax.set_xlim(*axis.scale.bent([low - unit * left, high + unit * right]))
    ax.set_xticks(*axis.ticks(panel / size))
    ax.minorticks_off()
    ax.xaxis.label.set_x((left * size + panel / 2) / width)
