"""The funnel plot: effects against their standard errors, with contours of significance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_choice, check_level
from metarel._distributions import two_sided_p
from metarel._format import count
from metarel._lazy import pd
from metarel.errors import InputError
from metarel.plot import _atoms as atoms
from metarel.plot._alt import pooled_words, say, studies_words
from metarel.plot._blocks import whole_of
from metarel.plot._frame import check_size, frame, set_axis, spread
from metarel.plot._funnel_numbers import Funnel, funnel_of
from metarel.plot._key import HUES, Look, area, line, mark, room_above, write_key
from metarel.plot._labels import farthest, name_points
from metarel.plot._meaning import settle
from metarel.plot._scale import PLAIN, Transformation
from metarel.plot._theme import THEMES, Theme
from metarel.plot._words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.models.results import MetaFit
    from metarel.moderators.subgroups import SubgroupsResult

CONTOURS = (0.90, 0.95, 0.99)
NAMED = ("outside", "all")
STEPS = 200  # points along a curve
PAD = 6.0  # points from the panel to a title
MARGIN = 5.0  # points that a study keeps from the key


def funnel_data(
    fit: MetaFit | SubgroupsResult,
    *,
    y: str = "se",
    n: Any = None,
    data: pd.DataFrame | None = None,
    extra: Any = None,
    transform: Transformation = None,
) -> pd.DataFrame:
    """Return the numbers behind the points of a funnel plot.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, ``meta_regression`` or ``subgroups`` (all its studies).
    y, n, data, extra, transform : optional
        As in ``funnel``.

    Returns
    -------
    DataFrame
        A row for each study: ``label``, ``estimate`` (on the scale of the axis; the residual of
        a meta-regression), ``se`` (of yi, on the scale of the analysis), ``p_value``
        (two-sided, of yi against no effect), ``height`` (on the vertical axis) and ``extra``
        (whether it is no study of the fit).

    Raises
    ------
    InputError
        If the transformation is unknown, or is asked for residuals.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03], labels=["A", "B", "C"])
    >>> mr.plot.funnel_data(fit, y="precision").round(3)
      label  estimate     se  p_value  height  extra
    0     A       0.1  0.200    0.617   5.000  False
    1     B       0.5  0.141    0.000   7.071  False
    2     C       0.3  0.173    0.083   5.774  False
    """
    numbers = funnel_of(fit, transform, y, (n, data), extra)
    study = whole_of(fit).study
    more, scale = numbers.extra, numbers.reading.scale
    return pd.DataFrame(
        {
            "label": [*(str(label) for label in study.labels), *[""] * len(more)],
            "estimate": scale.to_axis(np.append(numbers.x, more[:, 0])),
            "se": np.append(numbers.se, more[:, 1]),
            "p_value": two_sided_p(
                np.append(study.yi / numbers.se, more[:, 0] / more[:, 1]), math.inf
            ),
            "height": np.append(numbers.y, numbers.extra_y),
            "extra": np.repeat([False, True], [len(numbers.x), len(more)]),
        }
    )


@says_what_it_takes
def funnel(
    fit: MetaFit | SubgroupsResult,
    *,
    ax: Axes | None = None,
    y: str = "se",
    n: Any = None,
    data: pd.DataFrame | None = None,
    extra: Any = None,
    extra_name: str = "Imputed",
    names: str | None = None,
    contours: Sequence[float] | None = None,
    transform: Transformation = None,
    xlabel: str | None = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw a funnel plot: effects against standard errors or sizes, precise studies on top.

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
    y : str
        What stands on the vertical axis: ``"se"``, ``"variance"``, ``"precision"`` (1 / standard
        error), ``"inverse_variance"``, ``"n"`` or ``"sqrt_n"``. Sizes do not say what standard
        error a study has: over them there are no sides and no areas.
    n : str or array, optional
        Sample sizes, for ``"n"`` and ``"sqrt_n"``: a column of ``data``, or one a study.
    data : DataFrame, optional
        The frame that the fit was made from, where ``n`` is a column of it.
    extra : DataFrame or pair of arrays, optional
        Points that are no studies of the fit, such as imputed ones: columns ``yi`` and ``vi``, on
        the scale of the analysis, or these two arrays. They are drawn open.
    extra_name : str
        What the key calls them.
    names : str, optional
        ``"outside"`` names the studies outside of the sides, ``"all"`` all of which the names
        find room; by default none.
    contours : sequence of float, optional
        One to three increasing confidence levels whose areas are shaded; empty for none. By
        default 0.90, 0.95 and 0.99, and none around residuals.
    transform : str or function, optional
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
        The Axes drawn into; its artists carry a ``gid``: ``"study"``, ``"extra"``, ``"side"``,
        ``"centre"``, ``"contour"``, ``"name"``.

    Raises
    ------
    InputError
        If an option is not one of those known, contours or extra points are asked for residuals,
        contours, extra points or names of studies outside are asked over sizes, or sizes are
        missing.

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
    numbers = funnel_of(fit, transform, y, (n, data), extra)
    levels = _checked_contours(contours, numbers)
    _check_names(names, numbers)
    ax = frame(ax, colours, font_size)
    foot, top = numbers.height.ends(np.append(numbers.y, numbers.extra_y))
    grid = np.linspace(top, foot, STEPS)
    limits = _limits(numbers, grid)
    for which, ends, name, scale in (
        ("x", limits, numbers.reading.name if xlabel is None else xlabel, numbers.reading.scale),
        ("y", (foot, top), numbers.height.name, PLAIN),
    ):
        set_axis(ax, which, ends, name, scale=scale, theme=colours, size=font_size)
    _draw_contours(ax, numbers, levels, grid, limits, colours)
    _draw_sides(ax, numbers, grid, colours, font_size)
    x = numbers.reading.scale.to_axis(numbers.x)
    side = 0.75 * font_size
    atoms.circles(
        ax, x, numbers.y, side=side, colour=colours.study, edge=colours.interval, gid="study"
    )
    if len(numbers.extra):
        at = numbers.reading.scale.to_axis(numbers.extra[:, 0])
        look = Look(HUES[colours.code][1], "D", "solid")
        ax.scatter(
            at, numbers.extra_y, s=side**2, marker="D", facecolors="none", edgecolors=look.colour,
            linewidths=0.1 * font_size, zorder=3, gid="extra",
        )  # fmt: skip
    pad = _key(ax, levels, numbers, extra_name, colours, font_size)
    if title:
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink, pad=pad)
    if names is not None:
        _write_names(ax, fit, numbers, names, colours, font_size)
    return say(ax, _in_words(fit, numbers, title, extra_name))


def _check_names(names: str | None, numbers: Funnel) -> None:
    """Refuse to name studies outside where there are no sides."""
    if names is None:
        return
    check_choice("names", names, NAMED)
    if names == "outside" and numbers.height.to_se is None:
        raise InputError(
            f"`names` must be 'all' or None for y={numbers.height.code!r}: over sizes the funnel "
            "has no sides to lie outside of."
        )


def _write_names(
    ax: Axes, fit: Any, numbers: Funnel, names: str, theme: Theme, size: float
) -> None:
    """Name studies, those farthest from the centre first."""
    away = abs(numbers.x - numbers.centre) / numbers.se
    if names == "outside":
        away = np.where(numbers.inside(), np.nan, away)
    labels = [str(label) for label in whole_of(fit).study.labels]
    x, y = numbers.reading.scale.to_axis(numbers.x), numbers.y
    if len(numbers.extra):
        x = np.append(x, numbers.reading.scale.to_axis(numbers.extra[:, 0]))
        y = np.append(y, numbers.extra_y)
    order = farthest(away, len(away))
    name_points(ax, x, y, labels, order, theme=theme, size=size)


def _in_words(fit: Any, numbers: Funnel, title: str, extra_name: str) -> str:
    """Say what the plot shows."""
    whole = whole_of(fit)
    kind = "residuals" if numbers.residual else "effects"
    low, high = (number(float(end), 2) for end in (numbers.y.min(), numbers.y.max()))
    word = "standard errors" if numbers.height.code == "se" else numbers.height.name.lower()
    text = (
        f"{f'{title}. ' if title else ''}Funnel plot of {studies_words(whole)}: {kind} against "
        f"{word} from {low} to {high}."
    )
    if numbers.height.to_se is not None:
        inside = numbers.inside()
        text += (
            f" {int(inside.sum())} of {len(inside)} lie within the {100 * numbers.level:g}% sides "
            "of the funnel."
        )
    if len(numbers.extra):
        text += f" {count(len(numbers.extra), 'more point')}: {extra_name}."
    return text if numbers.residual else f"{text} {pooled_words(whole, numbers.reading)}"


def _checked_contours(contours: Sequence[float] | None, numbers: Funnel) -> tuple[float, ...]:
    """Return the levels to shade."""
    if numbers.residual and contours:
        raise InputError(
            "`contours` must be empty for a meta-regression: residuals are not tested against "
            f"no effect; got {contours!r}."
        )
    if numbers.height.to_se is None:
        if contours:
            raise InputError(
                f"`contours` must be empty for y={numbers.height.code!r}: a size does not say "
                f"when an effect is significant; got {contours!r}."
            )
        return ()
    if contours is None:
        return () if numbers.residual or numbers.reading.null is None else CONTOURS
    levels = tuple(check_level(level, "contours") for level in contours)
    if len(levels) > 3 or list(levels) != sorted(set(levels)):
        raise InputError(f"`contours` must be up to three increasing levels; got {contours!r}.")
    return levels


def _limits(numbers: Funnel, grid: Array) -> tuple[float, float]:
    """Return x-limits that hold every study and the whole funnel."""
    scale = numbers.reading.scale
    points = [scale.to_axis(np.append(numbers.x, numbers.extra[:, 0]))]
    if numbers.height.to_se is not None:
        widest = max(float(numbers.se.max()), float(numbers.extra[:, 1].max(initial=0.0)))
        foot = numbers.height.to_se(grid[-1:])
        # towards no precision a funnel is endlessly wide
        points += numbers.sides(np.minimum(foot, 1.06 * widest), numbers.level, numbers.centre)
    inside = np.concatenate(points)
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
    to_se = numbers.height.to_se
    se = grid if to_se is None else to_se(grid)
    for level, shade in zip(levels[::-1], shades[-2::-1], strict=True):
        low, high = numbers.sides(se, level, 0.0)
        ax.fill_betweenx(grid, low, high, color=shade, linewidth=0, zorder=0.5, gid="contour")


def _draw_sides(ax: Axes, numbers: Funnel, grid: Array, theme: Theme, size: float) -> None:
    """Draw the centre of the funnel and its two sides."""
    centre = float(numbers.reading.scale.to_axis(numbers.centre))
    atoms.vertical(
        ax, centre, grid[-1], grid[0], colour=theme.summary, width=0.11 * size, gid="centre"
    )
    if numbers.height.to_se is None:
        return
    for side in numbers.sides(numbers.height.to_se(grid), numbers.level, numbers.centre):
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
    ax: Axes, levels: tuple[float, ...], numbers: Funnel, extra_name: str, theme: Theme, size: float
) -> float:
    """Explain shades, sides and extra points; return how far above the panel a title stands.

    The key stands in the upper corner farther from the studies; where it would hide one there,
    above the panel.
    """
    handles = []
    if levels:
        shades = [theme.shades[0], *theme.shades[-len(levels) :]]
        alphas = [f"{1 - level:.3g}" for level in levels]
        texts = [f"p ≥ {alphas[0]}"]
        texts += [f"{low} ≤ p < {high}" for high, low in itertools.pairwise(alphas)]
        texts.append(f"p < {alphas[-1]}")
        handles = [
            area(shade, text, theme, size) for shade, text in zip(shades, texts, strict=True)
        ]
    if numbers.height.to_se is not None:
        sides = f"{100 * numbers.level:g}% by sampling error alone"
        handles.append(line(theme.summary, (0, (4, 3)), sides, size, width=0.1))
    if not numbers.residual and handles:
        handles.append(line(theme.summary, "solid", "Pooled effect", size, width=0.11))
    if len(numbers.extra):
        look = Look(HUES[theme.code][1], "D", "solid")
        handles.append(mark(look, extra_name, size, filled=False))
    if not handles:
        return PAD
    write_key(ax, handles, theme=theme, size=size, place=_corner(ax, numbers))
    if _hides_a_study(ax, numbers):
        write_key(ax, handles, theme=theme, size=size, place="above")
        return room_above(ax, handles, size) * size
    return PAD


def _corner(ax: Axes, numbers: Funnel) -> str:
    """Return the upper corner farther from the studies."""
    scale = numbers.reading.scale
    middle = np.mean(scale.straight(ax.get_xlim()))
    mean = np.mean(scale.straight(scale.to_axis(numbers.x)))
    if numbers.height.rising:  # the funnel is narrow on top: there is room on both sides
        return "upper right"
    return "upper left" if mean > middle else "upper right"


def _hides_a_study(ax: Axes, numbers: Funnel) -> bool:
    """Tell whether the key stands over a study or an extra point."""
    legend: Any = ax.get_legend()
    settle(ax)
    box = legend.get_window_extent()
    x = numbers.reading.scale.to_axis(np.append(numbers.x, numbers.extra[:, 0]))
    at = ax.transData.transform(np.column_stack([x, np.append(numbers.y, numbers.extra_y)]))
    near = MARGIN * ax.figure.dpi / 72
    across = (at[:, 0] > box.x0 - near) & (at[:, 0] < box.x1 + near)
    return bool((across & (at[:, 1] > box.y0 - near) & (at[:, 1] < box.y1 + near)).any())
