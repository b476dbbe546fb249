"""Galbraith's radial plot: the pooled effect as a slope, with an arc on which effects are read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.diagnose.radial import radial as numbers_of
from metarel.plot import _atoms as atoms
from metarel.plot._alt import pooled_words, say, studies_words
from metarel.plot._blocks import whole_of
from metarel.plot._frame import SMALL, check_size, frame, set_axis
from metarel.plot._labels import MOST, check_names, farthest, name_points
from metarel.plot._meaning import settle
from metarel.plot._reading import fit_reading
from metarel.plot._scale import PLAIN, Transformation
from metarel.plot._theme import THEMES
from metarel.plot._ticks import linear_ticks, ratio_ticks, tick_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel._lazy import pd
    from metarel.models.results import MetaFit
    from metarel.moderators.subgroups import SubgroupsResult
    from metarel.plot._reading import Reading
    from metarel.plot._theme import Theme

POINTS_WITHIN = 0.93  # of the arc's radius
STEPS = 121
ARC_TICKS = 8
TICK_ROOM = 2.0  # along the arc, in ems


def radial_data(fit: MetaFit | SubgroupsResult) -> pd.DataFrame:
    """Return the numbers behind the points of ``radial``.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, or of ``subgroups`` (all its studies).

    Returns
    -------
    DataFrame
        A row a study: ``study``, ``precision``, ``standardised``, ``low``, ``high`` and
        ``outside``, as ``metarel.radial`` gives them; ``attrs`` holds ``slope``, ``ci_low`` and
        ``ci_high``, on the scale of the analysis.

    Raises
    ------
    InputError
        If the fit has moderators or own weights.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03], tau2="EE")
    >>> mr.plot.radial_data(fit)[["study", "precision", "standardised"]].round(2)
         study  precision  standardised
    0  Study 1       5.00          0.50
    1  Study 2       7.07          3.54
    2  Study 3       5.77          1.73
    """
    return numbers_of(whole_of(fit))


def radial(
    fit: MetaFit | SubgroupsResult,
    *,
    ax: Axes | None = None,
    transform: Transformation = None,
    names: int = MOST,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw standardised effects against precision; the line from the origin is the pooled effect.

    A line from the origin through a study meets the arc at its effect. Precise studies lie far to
    the right; those outside of the band, which are named, differ from the pooled effect by more
    than sampling error (and tau2, unless the fit is of a common effect) [galbraith1988].

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, or of ``subgroups`` (all its studies).
    ax : Axes, optional
        Where to draw; by default in a new figure.
    transform : str or function, optional
        Scale of the arc, as in ``forest``; by default that of the measure.
    names : int
        How many of the studies outside of the band are named at most.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"study"``, ``"band"``, ``"slope"``,
        ``"arc"``, ``"arc-interval"``, ``"arc-label"``, ``"name"``.

    Raises
    ------
    InputError
        If an option is not one of those known, or the fit has moderators or own weights.

    See Also
    --------
    radial_data : the numbers behind the points.

    Notes
    -----
    metafor's ``radial`` draws the same points, band and arc. The thick part of the arc is the
    confidence interval of the pooled effect.

    References
    ----------
    [galbraith1988]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03], tau2="EE")
    >>> mr.plot.radial(fit).get_xlabel()
    'Precision, 1 / standard error'
    """
    colours = THEMES[theme]
    check_size(font_size)
    check_names(names)
    fit = whole_of(fit)
    reading = fit_reading(fit, transform)
    numbers = numbers_of(fit)
    x, y = (numbers[name].to_numpy(dtype=float) for name in ("precision", "standardised"))
    ax = frame(ax, colours, font_size)
    half = float((numbers["high"] - numbers["low"]).iloc[0]) / 2
    line = float(x.max()) * numbers.attrs["slope"]
    low, high = min(y.min(), -half, line - half), max(y.max(), half, line + half)
    free = 0.06 * (high - low)
    common = fit.spec.tau2 == "EE"
    error = "standard error" if common else "√(variance + τ²)"
    for which, ends, name in (
        ("x", (0.0, 1.3 * float(x.max())), f"Precision, 1 / {error}"),
        ("y", (low - free, high + free), f"Standardised effect, effect / {error}"),
    ):
        set_axis(ax, which, ends, name, scale=PLAIN, theme=colours, size=font_size)
    if title:
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink)
    reach = _set_reach(ax, x, y, font_size)
    _draw_band(ax, float(x.max()), numbers.attrs["slope"], half, colours, font_size)
    atoms.circles(
        ax, x, y, side=0.75 * font_size, colour=colours.study, edge=colours.interval, gid="study"
    )
    arc = _Arc(reach, _tall(ax) * ax.get_xlim()[1])
    seen = (float(fit.study.yi.min()), float(fit.study.yi.max()))
    interval = (numbers.attrs["ci_low"], numbers.attrs["ci_high"])
    _draw_arc(ax, arc, reading, seen, interval, colours, font_size)
    outside = numbers["outside"].to_numpy()
    apart = np.where(outside, abs(y - x * numbers.attrs["slope"]), np.nan)
    order = farthest(apart, names)
    around = arc.at(arc.between(*seen))  # names keep off the arc as off the points
    name_points(
        ax,
        np.append(x, around[0]),
        np.append(y, around[1]),
        numbers["study"].tolist(),
        order,
        theme=colours,
        size=font_size,
        radius=np.repeat([0.35, 0.1], [len(x), STEPS]),
    )
    return say(
        ax,
        f"{f'{title}. ' if title else ''}Radial plot of {studies_words(fit)}: {int(outside.sum())} "
        f"lie outside of the band around the pooled effect. {pooled_words(fit, reading)}",
    )


def _set_reach(ax: Axes, x: Array, y: Array, size: float) -> float:
    """Widen the x-axis so that an arc around the origin passes all points; return its radius.

    The radius is in units of the x-axis; the arc is a circle on paper.
    """
    settle(ax)
    tall = _tall(ax)
    em = size * ax.figure.dpi / 72 / ax.get_window_extent().width  # as a share of the width
    within = (1.0 - 5.0 * em) * POINTS_WITHIN
    height = abs(y) * tall  # in shares of the width, whatever the x-axis
    if height.max() > 0.75 * within:  # a tall panel: the points take less of it
        stretch = height.max() / (0.75 * within)
        ax.set_ylim(*(np.array(ax.get_ylim()) * stretch))
        height = height / stretch
    end = float((x / np.sqrt(within**2 - height**2)).max())
    ax.set_xlim(0.0, end)
    ticks = [t for t in linear_ticks(0.0, end * within, 7) if t <= end * within]
    ax.set_xticks(ticks, tick_labels(ticks))
    return end * within / POINTS_WITHIN


def _tall(ax: Axes) -> float:
    """Return how many widths of the panel one unit of y is."""
    box = ax.get_window_extent()
    low, high = ax.get_ylim()
    return float(box.height / box.width / (high - low))


def _draw_band(ax: Axes, end: float, slope: float, half: float, theme: Theme, size: float) -> None:
    """Draw the line of the pooled effect and the band around it."""
    x = np.array([0.0, end])
    line = slope * x
    ax.fill_between(
        x, line - half, line + half, color=theme.shades[2], linewidth=0, zorder=0.5, gid="band"
    )
    ax.plot(x, line, color=theme.summary, linewidth=0.15 * size, zorder=2, gid="slope")


@dataclass(frozen=True, slots=True)
class _Arc:
    """A circle on paper around the origin.

    Parameters
    ----------
    reach : float
        Its radius, in units of x.
    ratio : float
        How many units of x one unit of y is on paper.
    """

    reach: float
    ratio: float

    def at(self, effect: Any, more: float = 0.0) -> tuple[Array, Array]:
        """Return the point that lines of a slope meet, or one beyond it."""
        effect = np.asarray(effect, dtype=float)
        away = (self.reach + more) / np.sqrt(1 + (self.ratio * effect) ** 2)
        return away, effect * away

    def on_paper(self, effect: Any) -> tuple[Array, Array]:
        """Return points of the arc, both coordinates in units of x."""
        x, y = self.at(effect)
        return x, self.ratio * y

    def between(self, low: float, high: float) -> Array:
        """Return effects whose points are evenly spaced along the arc."""
        start, end = math.atan(self.ratio * low), math.atan(self.ratio * high)
        return np.asarray(np.tan(np.linspace(start, end, STEPS)) / self.ratio)

    def effect_at(self, height: float) -> float:
        """Return the effect that is read at a height; infinite where the arc is lower."""
        inside = self.reach**2 - (self.ratio * height) ** 2
        return height / math.sqrt(inside) if inside > 0 else math.copysign(math.inf, height)


def _draw_arc(
    ax: Axes,
    arc: _Arc,
    reading: Reading,
    seen: tuple[float, float],
    interval: tuple[float, float],
    theme: Theme,
    size: float,
) -> None:
    """Draw the arc over the effects seen, the pooled effect's interval on it, and its ticks."""
    bottom, top = (arc.effect_at(0.97 * edge) for edge in ax.get_ylim())
    low, high = max(bottom, min(seen[0], interval[0])), min(top, max(seen[1], interval[1]))
    along = arc.between(low, high)
    ax.plot(*arc.at(along), color=theme.muted, linewidth=0.09 * size, gid="arc")
    ax.plot(
        *arc.at(arc.between(max(interval[0], bottom), min(interval[1], top))),
        color=theme.summary,
        linewidth=0.4 * size,
        solid_capstyle="butt",
        gid="arc-interval",
        zorder=3,
    )
    _draw_arc_ticks(ax, arc, along, reading, theme, size)


def _draw_arc_ticks(
    ax: Axes, arc: _Arc, along: Array, reading: Reading, theme: Theme, size: float
) -> None:
    """Write natural effects along the arc, as many as there is room for."""
    low, high = along[[0, -1]]
    scale = reading.scale
    start_at, end_at = (float(value) for value in scale.to_axis([low, high]))
    em = size / 72 * ax.figure.dpi / ax.get_window_extent().width * ax.get_xlim()[1]
    length = float(np.hypot(*(np.diff(part) for part in arc.on_paper(along))).sum() / em)
    most = max(2, min(ARC_TICKS, int(length / TICK_ROOM)))
    ticks = (ratio_ticks if scale.ratio else linear_ticks)(start_at, end_at, most)
    effects = np.interp(ticks, scale.to_axis(along), along)
    for effect, text in zip(effects, tick_labels(ticks, ratio=scale.ratio), strict=True):
        start, end, held = (arc.at(effect, step * em) for step in (0.0, 0.35, 0.7))
        x, y = zip(start, end, strict=True)
        ax.plot(x, y, color=theme.muted, linewidth=0.08 * size, gid="arc-tick", clip_on=False)
        atoms.words(
            ax,
            float(held[0]),
            float(held[1]) - 0.33 * em / arc.ratio,
            text,
            transform=ax.transData,
            size=SMALL * size,
            colour=theme.ink,
            gid="arc-label",
        )
    ax.annotate(
        reading.name,
        (1.0, 0.0),
        xycoords="axes fraction",
        xytext=(0.0, 0.6 * size),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=SMALL * size,
        color=theme.muted,
        gid="arc-name",
        parse_math=False,
    )
