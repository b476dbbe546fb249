"""The bubble plot: effects against a moderator, with what a meta-regression says of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say, studies_words
from metarel.plot._bubble_numbers import LIMITS, check_moderator, held_at, numbers_of
from metarel.plot._frame import check_size, frame, set_axis, spread
from metarel.plot._key import Look, looks, mark, room_above, write_key
from metarel.plot._meaning import settle, width_of
from metarel.plot._reading import fit_reading
from metarel.plot._scale import PLAIN, Transformation
from metarel.plot._text import text_width, wrap
from metarel.plot._theme import THEMES
from metarel.plot._words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._lazy import pd
    from metarel.models.results import MetaFit
    from metarel.plot._theme import Theme

LARGEST = 2.1  # diameter of the heaviest study's bubble, in ems
SMALLEST = 0.4


def bubble_data(
    fit: MetaFit,
    moderator: str,
    *,
    by: str | None = None,
    data: pd.DataFrame | None = None,
    at: Mapping[str, Any] | None = None,
    transform: Transformation = None,
) -> pd.DataFrame:
    """Return the numbers behind every mark of a bubble plot.

    Parameters
    ----------
    fit : MetaFit
        A result of ``meta_regression``.
    moderator : str
        As in ``bubble``.
    by, data, at, transform : optional
        As in ``bubble``.

    Returns
    -------
    DataFrame
        First a row for each study (``kind`` is ``"study"``), then one for each point of a line
        (``"line"``), or for each category (``"mean"``): ``kind``, ``label``, ``level`` (of
        ``by``), ``moderator`` (its value), ``x`` (where the mark stands), ``estimate``,
        ``ci_low``, ``ci_high``, ``pi_low``, ``pi_high`` (of the model), ``weight`` (percent, of a
        study), on the scale of the axis. A line goes as far as the studies of its level.

    Raises
    ------
    InputError
        As ``bubble``.

    Examples
    --------
    >>> import pandas as pd
    >>> import metarel as mr
    >>> es = pd.DataFrame(
    ...     {"yi": [0.1, 0.5, 0.3, 0.6], "vi": [0.04, 0.02, 0.03, 0.02], "year": [1, 2, 3, 4]}
    ... )
    >>> fit = mr.meta_regression(es, "year")
    >>> mr.plot.bubble_data(fit, "year").groupby("kind").size().to_dict()
    {'line': 101, 'study': 4}
    """
    return numbers_of(fit, moderator, by, data, at, transform)


@says_what_it_takes
def bubble(
    fit: MetaFit,
    moderator: str,
    *,
    by: str | None = None,
    ax: Axes | None = None,
    data: pd.DataFrame | None = None,
    at: Mapping[str, Any] | None = None,
    transform: Transformation = None,
    prediction: bool = True,
    xlabel: str | None = None,
    ylabel: str | None = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw a bubble plot: studies against a moderator, and what the model says of them.

    The area of a bubble is in proportion to the weight of its study [thompson2002]. The line is
    the fitted mean, the darker band its confidence interval, and the lighter one the prediction
    interval; of a moderator with levels these are a point and two bars for each level, and
    bubbles stand side by side. Other moderators of the model are held at their means, or where
    ``at`` says, which stands under the axis; or ``by`` draws each level of one.

    Parameters
    ----------
    fit : MetaFit
        A result of ``meta_regression``.
    moderator : str
        The moderator on the horizontal axis: a variable of the formula.
    by : str, optional
        Another variable of the formula, with levels: each has a line, a colour and a shape of its
        own. Bands of prediction are then left out.
    ax : Axes, optional
        Where to draw; by default in a new figure.
    data : DataFrame, optional
        The frame the fit was made from; needed where a variable enters the formula only through
        a function.
    at : mapping, optional
        Values of the other moderators, by name. By default the mean over the studies, and of a
        variable with levels the most frequent one (which needs ``data``).
    transform : str or function, optional
        Scale of the vertical axis, as in ``forest``; by default that of the measure.
    prediction : bool
        Whether prediction intervals are drawn.
    xlabel, ylabel : str, optional
        Names of the axes; by default the moderator and the measure.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"study"``, ``"line"`` or ``"mean"``,
        ``"confidence"``, ``"prediction"``, ``"reference"``.

    Raises
    ------
    InputError
        If the fit has no moderators, or this one is none of them, or nothing says where another
        is held, or ``by`` has no levels.

    See Also
    --------
    bubble_data : the numbers behind the marks.

    Notes
    -----
    metafor's ``regplot`` draws the same bubbles, line and bands.

    References
    ----------
    [thompson2002]

    Examples
    --------
    >>> import pandas as pd
    >>> import metarel as mr
    >>> es = pd.DataFrame(
    ...     {"yi": [0.1, 0.5, 0.3, 0.6], "vi": [0.04, 0.02, 0.03, 0.02], "year": [1, 2, 3, 4]}
    ... )
    >>> mr.plot.bubble(mr.meta_regression(es, "year"), "year").get_xlabel()
    'year'
    """
    colours = THEMES[theme]
    check_size(font_size)
    factor = check_moderator(fit, moderator, by)
    numbers = bubble_data(fit, moderator, by=by, data=data, at=at, transform=transform)
    held = held_at(fit, [moderator, *([by] if by else [])], data, at)
    reading = fit_reading(fit, transform)
    prediction = prediction and by is None
    ax = frame(ax, colours, font_size)
    shown = numbers[["estimate", *(LIMITS if prediction else LIMITS[:2])]].to_numpy(dtype=float)
    low, high = reading.scale.bent(spread(reading.scale.straight(shown), 0.05))
    y_ends, y_name = (float(low), float(high)), reading.name if ylabel is None else ylabel
    set_axis(ax, "y", y_ends, y_name, scale=reading.scale, theme=colours, size=font_size)
    x_name = moderator if xlabel is None else xlabel
    _set_x(ax, numbers, factor, x_name, colours, font_size)
    _state_held(ax, x_name, held, font_size)
    if reading.null is not None and low < reading.null < high:
        ax.axhline(
            reading.null, color=colours.rule, linewidth=0.085 * font_size, zorder=1, gid="reference"
        )
    whole = (float(numbers["weight"].max()), fit.k)
    levels = list(dict.fromkeys(numbers.loc[numbers["kind"] != "study", "level"]))
    for look, level in zip(_looks(levels, colours, by), levels, strict=True):
        own = numbers[numbers["level"] == level]
        model = own[own["kind"] != "study"]
        draw = _draw_means if factor else _draw_line
        draw(ax, model, colours, look, font_size, prediction=prediction)
        _draw_bubbles(ax, own[own["kind"] == "study"], whole, look, font_size)
    pad = 6.0
    if by is not None:
        handles = [
            mark(look, level, font_size)
            for look, level in zip(_looks(levels, colours, by), levels, strict=True)
        ]
        pad = room_above(ax, handles, font_size) * font_size
        write_key(ax, handles, theme=colours, size=font_size, place="above")
    if title:
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink, pad=pad)
    return say(ax, _in_words(fit, moderator, numbers, held, title))


def _set_x(
    ax: Axes, numbers: pd.DataFrame, factor: bool, name: str, theme: Theme, size: float
) -> None:
    """Set the horizontal axis: numbers, or the names of categories broken to fit."""
    if not factor:
        ends = spread(numbers.loc[numbers["kind"] == "study", "x"], 0.05)
        set_axis(ax, "x", ends, name, scale=PLAIN, theme=theme, size=size)
        return
    names = list(dict.fromkeys(numbers.loc[numbers["kind"] == "mean", "moderator"]))
    ends = (-0.6, len(names) - 0.4)
    set_axis(ax, "x", ends, name, scale=PLAIN, theme=theme, size=size)
    settle(ax)
    room = width_of(ax, size) / (len(names) + 0.2) / 0.9 - 0.8
    turned = max(text_width(word) for one in names for word in str(one).split(" ")) > room
    labels = [str(one) if turned else wrap(str(one), room) for one in names]
    ax.set_xticks(range(len(names)), labels, parse_math=False)
    if turned:
        ax.tick_params(axis="x", labelrotation=35)
        for label in ax.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    ax.tick_params(axis="x", length=0)


def _state_held(ax: Axes, name: str, held: Mapping[str, Any], size: float) -> None:
    """Write under the axis where the other moderators are held."""
    if not held:
        return
    settle(ax)
    told = wrap(f"({_held_words(held)})", width_of(ax, size))
    ax.set_xlabel(f"{name}\n{told}" if name else told, parse_math=False, linespacing=1.25)


def _held_words(held: Mapping[str, Any]) -> str:
    """Return where moderators are held, in words."""
    parts = [
        f"{name} = {value:.4g}" if isinstance(value, (int, float)) else f"{name} = {value}"
        for name, value in held.items()
    ]
    return f"held: {', '.join(parts)}"


def _looks(levels: list[str], theme: Theme, by: str | None) -> list[Look]:
    """Return how each level is drawn."""
    return (
        looks(len(levels), theme)
        if by is not None
        else [Look(theme.study, "o", "solid", theme.interval)]
    )


def _draw_bubbles(
    ax: Axes, studies: pd.DataFrame, whole: tuple[float, int], look: Look, size: float
) -> None:
    """Draw the studies of a level, the heavy ones first, so that none hides a smaller one.

    ``whole`` are the largest weight and the number of studies of the fit.
    """
    heaviest, k = whole
    largest = LARGEST * min(1.0, 7 / math.sqrt(k))
    studies = studies.sort_values("weight", ascending=False)
    share = studies["weight"].to_numpy(dtype=float) / heaviest
    ax.scatter(
        studies["x"].to_numpy(dtype=float),
        studies["estimate"].to_numpy(dtype=float),
        s=(size * np.maximum(largest * np.sqrt(share), SMALLEST)) ** 2,
        marker=look.shape,
        facecolor=look.colour,
        edgecolor=look.edge or look.colour,
        linewidths=0.7,
        alpha=0.85 if look.edge else 0.6,
        zorder=3,
        gid="study",
    )


def _draw_line(
    ax: Axes, line: pd.DataFrame, theme: Theme, look: Look, size: float, *, prediction: bool
) -> None:
    """Draw a fitted mean and its bands."""
    x = line["x"].to_numpy(dtype=float)
    one = bool(look.edge)
    bands = [("ci", 0.38 if one else 0.14, 0.6, "confidence")]
    if prediction:
        bands.insert(0, ("pi", 0.25, 0.5, "prediction"))
    for name, alpha, zorder, gid in bands:
        ax.fill_between(
            x,
            line[f"{name}_low"].to_numpy(dtype=float),
            line[f"{name}_high"].to_numpy(dtype=float),
            color=theme.pale if one else look.colour,
            alpha=alpha,
            linewidth=0,
            zorder=zorder,
            gid=gid,
        )
    ax.plot(
        x,
        line["estimate"].to_numpy(dtype=float),
        color=theme.summary if one else look.colour,
        linewidth=0.17 * size,
        linestyle=look.dashes,
        zorder=4 if not one else 2,
        gid="line",
    )


def _draw_means(
    ax: Axes, means: pd.DataFrame, theme: Theme, look: Look, size: float, *, prediction: bool
) -> None:
    """Draw the mean of each category with its intervals, as bars."""
    one = bool(look.edge)
    colour = theme.summary if one else look.colour
    x = means["x"].to_numpy(dtype=float)
    bars = [("ci", 0.36, "confidence")] + ([("pi", 0.12, "prediction")] if prediction else [])
    for name, width, gid in bars:
        low, high = (means[f"{name}_{side}"].to_numpy(dtype=float) for side in ("low", "high"))
        ax.vlines(x, low, high, colors=colour, linewidth=width * size, zorder=4, gid=gid)
    ax.scatter(
        x,
        means["estimate"].to_numpy(dtype=float),
        s=(0.95 * size) ** 2,
        marker="D",
        color=theme.paper,
        edgecolors=colour,
        linewidths=0.2 * size,
        zorder=5,
        gid="mean",
    )


def _in_words(
    fit: Any, moderator: str, numbers: pd.DataFrame, held: Mapping[str, Any], title: str
) -> str:
    """Say what the plot shows."""
    text = (
        f"{f'{title}. ' if title else ''}Bubble plot of {studies_words(fit)} against {moderator}. "
    )
    model = numbers[numbers["kind"] != "study"]
    for level, own in model.groupby("level", sort=False):
        of = f" of {level!s}" if level else ""
        first, last = own.iloc[0], own.iloc[-1]
        if first["kind"] == "line":
            text += (
                f"The fitted mean{of} goes from {number(first['estimate'], 2)} at "
                f"{first['moderator']:.4g} to {number(last['estimate'], 2)} at "
                f"{last['moderator']:.4g}. "
            )
        else:
            told = ", ".join(
                f"{one} {number(float(estimate), 2)}"
                for one, estimate in zip(own["moderator"], own["estimate"], strict=True)
            )
            text += f"Fitted means{of}: {told}. "
    return f"{text}H{_held_words(held)[1:]}." if held else text
