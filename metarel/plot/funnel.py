"""The funnel plot: effects against their standard errors, with contours of significance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_level
from metarel._distributions import critical_value, two_sided_p
from metarel._lazy import pd
from metarel.errors import InputError
from metarel.plot import _atoms as atoms
from metarel.plot._alt import pooled_words, say, studies_words
from metarel.plot._blocks import whole_of
from metarel.plot._frame import check_size, frame, set_axis, spread
from metarel.plot._reading import Reading, fit_reading
from metarel.plot._rows import has_moderators
from metarel.plot._scale import PLAIN
from metarel.plot._theme import THEMES, Theme
from metarel.plot._words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from metarel._checks import Array
    from metarel.plot._scale import Scale

CONTOURS = (0.90, 0.95, 0.99)
STEPS = 200  # points along a curve


@dataclass(frozen=True, slots=True)
class Funnel:
    """The numbers of a funnel, on the scale of the analysis.

    Parameters
    ----------
    x : ndarray of shape (k,)
        Effects, or residuals of a meta-regression.
    se : ndarray of shape (k,)
        Standard errors of the effects.
    centre : float
        The pooled effect, or 0 for residuals.
    level : float
        Level of the funnel's sides.
    reading : Reading
        Scale and name of the axis.
    residual : bool
        Whether ``x`` holds residuals.
    """

    x: Array
    se: Array
    centre: float
    level: float
    reading: Reading
    residual: bool

    def sides(self, se: Array, level: float, centre: float) -> tuple[Array, Array]:
        """Return both sides of a funnel on the axis, at given standard errors."""
        half = float(critical_value(level, math.inf)) * se
        scale = self.reading.scale
        return scale.to_axis(centre - half), scale.to_axis(centre + half)

    def inside(self) -> NDArray[np.bool_]:
        """Tell which studies lie within the sides."""
        half = float(critical_value(self.level, math.inf)) * self.se
        return abs(self.x - self.centre) <= half


def funnel_data(fit: Any, *, transform: str | None = None) -> pd.DataFrame:
    """Return the numbers behind the points of a funnel plot.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, ``meta_regression`` or ``subgroups`` (all its studies).
    transform : str, optional
        As in ``funnel``.

    Returns
    -------
    DataFrame
        A row for each study: ``label``, ``estimate`` (on the scale of the axis; the residual of
        a meta-regression), ``se`` (of yi, on the scale of the analysis), and ``p_value``
        (two-sided, of yi against no effect).

    Raises
    ------
    InputError
        If the transformation is unknown, or is asked for residuals.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03], labels=["A", "B", "C"])
    >>> mr.plot.funnel_data(fit).round(3)
      label  estimate     se  p_value
    0     A       0.1  0.200    0.617
    1     B       0.5  0.141    0.000
    2     C       0.3  0.173    0.083
    """
    numbers = _funnel_of(fit, transform)
    study = whole_of(fit).study
    return pd.DataFrame(
        {
            "label": [str(label) for label in study.labels],
            "estimate": numbers.reading.scale.to_axis(numbers.x),
            "se": numbers.se,
            "p_value": two_sided_p(study.yi / numbers.se, math.inf),
        }
    )


def funnel(
    fit: Any,
    *,
    ax: Axes | None = None,
    contours: Sequence[float] | None = None,
    transform: str | None = None,
    xlabel: str | None = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw a funnel plot: effects against standard errors, precise studies on top.

    Around the pooled effect stand the sides within which 95 % of the studies would lie if they
    differed by sampling error alone [sterne2001]; the shaded areas around the value of no
    effect tell at which level a study there is significant [peters2008]. Missing studies in the
    unshaded area alone suggest that significance decided what was published.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, ``subgroups`` (all its studies) or ``meta_regression``, of which the
        residuals are drawn.
    ax : Axes, optional
        Where to draw; by default in a new figure.
    contours : sequence of float, optional
        One to three increasing confidence levels whose areas are shaded; empty for none. By
        default 0.90, 0.95 and 0.99, and none around residuals.
    transform : str, optional
        Scale of the axis, as in ``forest``; by default that of the measure. On a correlation
        axis the sides of the funnel are curves.
    xlabel : str, optional
        Name of the axis; by default that of the measure.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"study"``, ``"side"``, ``"centre"``,
        ``"contour"``.

    Raises
    ------
    InputError
        If an option is not one of those known, or contours are asked for residuals.

    See Also
    --------
    funnel_data : the numbers behind the points.

    Notes
    -----
    metafor's ``funnel`` draws the same points and sides; its shaded variant (``refline = 0``)
    the same areas.

    References
    ----------
    [sterne2001], [peters2008]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03], measure="SMD")
    >>> mr.plot.funnel(fit).get_ylabel()
    'Standard error'
    """
    colours = THEMES[theme]
    check_size(font_size)
    numbers = _funnel_of(fit, transform)
    levels = _checked_contours(contours, numbers)
    ax = frame(ax, colours, font_size)
    lowest = 1.06 * float(numbers.se.max())
    grid = np.linspace(0.0, lowest, STEPS)
    limits = _limits(numbers, grid)
    for which, ends, name, scale in (
        ("x", limits, numbers.reading.name if xlabel is None else xlabel, numbers.reading.scale),
        ("y", (lowest, 0.0), "Standard error", PLAIN),
    ):
        set_axis(ax, which, ends, name, scale=scale, theme=colours, size=font_size)
    _draw_contours(ax, numbers, levels, grid, limits, colours)
    _draw_sides(ax, numbers, grid, colours, font_size)
    x = numbers.reading.scale.to_axis(numbers.x)
    atoms.circles(
        ax,
        x,
        numbers.se,
        side=0.75 * font_size,
        colour=colours.study,
        edge=colours.interval,
        gid="study",
    )
    if levels:
        _key(ax, levels, x, numbers.reading.scale, colours, font_size)
    if title:
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink)
    return say(ax, _in_words(fit, numbers, title))


def _in_words(fit: Any, numbers: Funnel, title: str) -> str:
    """Say what the plot shows."""
    whole = whole_of(fit)
    inside = numbers.inside()
    kind = "residuals" if numbers.residual else "effects"
    text = (
        f"{f'{title}. ' if title else ''}Funnel plot of {studies_words(whole)}: {kind} against "
        f"standard errors from {number(float(numbers.se.min()), 2)} to "
        f"{number(float(numbers.se.max()), 2)}. {int(inside.sum())} of {len(inside)} lie within "
        f"the {100 * numbers.level:g}% sides of the funnel."
    )
    return text if numbers.residual else f"{text} {pooled_words(whole, numbers.reading)}"


def _funnel_of(fit: Any, transform: str | None) -> Funnel:
    """Return the numbers of a funnel plot."""
    fit = whole_of(fit)
    se = np.sqrt(fit.study.vi)
    yi = fit.study.yi
    if not has_moderators(fit):
        centre = fit.estimate
        return Funnel(yi, se, centre, fit.spec.level, fit_reading(fit, transform), False)
    if transform not in (None, "identity"):
        raise InputError(
            f"`transform` must be None for a meta-regression, whose residuals are drawn; got "
            f"{transform!r}. A residual is a difference on the scale of the analysis."
        )
    reading = Reading(PLAIN, "Residual", "Residual", None)
    return Funnel(yi - fit.study.X @ fit.beta, se, 0.0, fit.spec.level, reading, True)


def _checked_contours(contours: Sequence[float] | None, numbers: Funnel) -> tuple[float, ...]:
    """Return the levels to shade."""
    if numbers.residual and contours:
        raise InputError(
            "`contours` must be empty for a meta-regression: residuals are not tested against "
            f"no effect; got {contours!r}."
        )
    if contours is None:
        return () if numbers.residual or numbers.reading.null is None else CONTOURS
    levels = tuple(check_level(level, "contours") for level in contours)
    if len(levels) > 3 or list(levels) != sorted(set(levels)):
        raise InputError(f"`contours` must be up to three increasing levels; got {contours!r}.")
    return levels


def _limits(numbers: Funnel, grid: Array) -> tuple[float, float]:
    """Return x-limits that hold every study and the whole funnel."""
    scale = numbers.reading.scale
    sides = numbers.sides(grid[-1:], numbers.level, numbers.centre)
    inside = np.concatenate([scale.to_axis(numbers.x), *sides])
    low, high = spread(scale.straight(inside), 0.04)
    return float(scale.bent(low)), float(scale.bent(high))


def _draw_contours(
    ax: Axes,
    numbers: Funnel,
    levels: tuple[float, ...],
    grid: Array,
    limits: tuple[float, float],
    theme: Theme,
) -> None:
    """Shade the areas of significance, from the outmost inwards."""
    if not levels:
        return
    shades = [theme.shades[0], *theme.shades[-len(levels) :]]
    ax.axvspan(*limits, color=shades[-1], linewidth=0, zorder=0, gid="contour")
    for level, shade in zip(levels[::-1], shades[-2::-1], strict=True):
        low, high = numbers.sides(grid, level, 0.0)
        ax.fill_betweenx(grid, low, high, color=shade, linewidth=0, zorder=0.5, gid="contour")


def _draw_sides(ax: Axes, numbers: Funnel, grid: Array, theme: Theme, size: float) -> None:
    """Draw the centre of the funnel and its two sides."""
    centre = float(numbers.reading.scale.to_axis(numbers.centre))
    atoms.vertical(ax, centre, grid[-1], 0.0, colour=theme.summary, width=0.11 * size, gid="centre")
    for side in numbers.sides(grid, numbers.level, numbers.centre):
        ax.plot(
            side,
            grid,
            color=theme.summary,
            linewidth=0.1 * size,
            linestyle=(0, (4, 3)),
            zorder=1.5,
            gid="side",
        )


def _key(
    ax: Axes, levels: tuple[float, ...], x: Array, scale: Scale, theme: Theme, size: float
) -> None:
    """Explain the shades, in the upper corner farther from the studies."""
    from matplotlib.patches import Patch

    shades = [theme.shades[0], *theme.shades[-len(levels) :]]
    alphas = [f"{1 - level:.3g}" for level in levels]
    texts = [f"p ≥ {alphas[0]}"]
    texts += [f"{low} ≤ p < {high}" for high, low in itertools.pairwise(alphas)]
    texts.append(f"p < {alphas[-1]}")
    middle = np.mean(scale.straight(ax.get_xlim()))
    legend = ax.legend(
        handles=[
            Patch(facecolor=shade, edgecolor=theme.rule, linewidth=0.06 * size, label=text)
            for shade, text in zip(shades, texts, strict=True)
        ],
        loc="upper left" if np.mean(scale.straight(x)) > middle else "upper right",
        fontsize=0.85 * size,
        labelcolor=theme.ink,
        facecolor=theme.paper,
        edgecolor=theme.rule,
        framealpha=0.92,
        fancybox=False,
        handlelength=1.3,
        handleheight=0.9,
        borderpad=0.6,
    )
    legend.get_frame().set_linewidth(0.06 * size)
    legend.set_zorder(6)
