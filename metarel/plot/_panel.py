"""The panel of a forest plot: every mark, from the lines of a sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from metarel.plot import _atoms as atoms

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.plot._axis import Axis
    from metarel.plot._sheet import Line, Paper
    from metarel.plot._theme import Theme

# In pitches:
SIDE = 0.66  # of the heaviest study's square
HALF_DIAMOND = 0.34
# In ems:
INTERVAL = 0.115
PREDICTION = 0.42
THIN = 0.085


def draw_panel(ax: Axes, axis: Axis, paper: Paper, theme: Theme) -> None:
    """Draw reference, studies, fitted values, summaries and prediction intervals."""
    lines = [line for line in paper.sheet.lines if line.entry.row is not None]
    if axis.reference is not None:
        atoms.vertical(
            ax,
            axis.reference,
            paper.sheet.header,
            paper.sheet.height,
            colour=theme.rule,
            width=THIN * paper.size,
            gid="reference",
        )
    _draw_fitted(ax, [ln for ln in lines if ln.entry.kind == "study"], axis, theme)
    _draw_studies(ax, [ln for ln in lines if ln.entry.kind == "study"], axis, paper, theme)
    for kind in ("subgroup", "summary"):
        pooled = [ln for ln in lines if ln.entry.kind == kind and not _blank(ln)]
        _draw_pooled(ax, pooled, axis, paper, theme, gid=kind)
    predicted = [ln for ln in lines if ln.entry.kind == "prediction"]
    if predicted:
        atoms.intervals(
            ax,
            _get(predicted, "pi_low"),
            _get(predicted, "pi_high"),
            _y(predicted),
            limits=axis.limits,
            width=PREDICTION * paper.size,
            head=1.1 * paper.size,
            colour=theme.pale,
            gid="prediction",
        )


def _draw_fitted(ax: Axes, lines: Sequence[Line], axis: Axis, theme: Theme) -> None:
    lines = [line for line in lines if math.isfinite(_get([line], "fitted")[0])]
    if lines:
        atoms.diamonds(
            ax,
            _get(lines, "fitted"),
            _get(lines, "fitted_low"),
            _get(lines, "fitted_high"),
            _y(lines),
            half_height=HALF_DIAMOND,
            limits=axis.limits,
            colour=theme.pale,
            gid="fitted",
            zorder=2.0,
        )


def _draw_studies(ax: Axes, lines: Sequence[Line], axis: Axis, paper: Paper, theme: Theme) -> None:
    x, y, weight = _get(lines, "estimate"), _y(lines), _get(lines, "weight")
    inside = (x >= axis.limits[0]) & (x <= axis.limits[1])
    if inside.any():
        atoms.squares(
            ax,
            x[inside],
            y[inside],
            weight[inside] / weight.max(),
            side=SIDE * paper.pitch,
            colour=theme.study,
            gid="study",
        )
    atoms.intervals(
        ax,
        _get(lines, "ci_low"),
        _get(lines, "ci_high"),
        y,
        limits=axis.limits,
        width=INTERVAL * paper.size,
        head=0.65 * paper.size,
        colour=theme.interval,
        gid="interval",
    )


def _draw_pooled(
    ax: Axes, lines: Sequence[Line], axis: Axis, paper: Paper, theme: Theme, *, gid: str
) -> None:
    if not lines:
        return
    x, y = _get(lines, "estimate"), _y(lines)
    atoms.diamonds(
        ax,
        x,
        _get(lines, "ci_low"),
        _get(lines, "ci_high"),
        y,
        half_height=HALF_DIAMOND,
        limits=axis.limits,
        colour=theme.summary,
        gid=gid,
    )
    atoms.arrowheads(
        ax,
        _get(lines, "ci_low"),
        _get(lines, "ci_high"),
        y,
        limits=axis.limits,
        head=1.1 * paper.size,
        colour=theme.summary,
        gid=f"{gid}-cut",
    )
    if gid == "summary" and axis.limits[0] <= x[-1] <= axis.limits[1]:
        atoms.vertical(
            ax,
            x[-1],
            paper.sheet.header,
            y[-1],
            colour=theme.summary,
            width=THIN * paper.size,
            gid="summary-line",
            dashes=(4, 3),
        )


def _blank(line: Line) -> bool:
    return line.entry.row is None or math.isnan(line.entry.row.estimate)


def _y(lines: Sequence[Line]) -> Array:
    return np.array([line.y for line in lines])


def _get(lines: Sequence[Line], name: str) -> Array:
    return np.array([getattr(line.entry.row, name) for line in lines], dtype=float)
