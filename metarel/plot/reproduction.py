"""Reproduced against reported: where recomputed numbers lie in the intervals of printed digits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_choice
from metarel._format import count
from metarel._lazy import pd
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say
from metarel.plot._frame import SMALL, check_size, frame, set_axis
from metarel.plot._frames import frame_of
from metarel.plot._key import HUES, Look, mark, room_above, write_key
from metarel.plot._labels import short_name
from metarel.plot._meaning import settle, width_of
from metarel.plot._scale import PLAIN
from metarel.plot._swarm import offsets
from metarel.plot._text import wrap
from metarel.plot._theme import THEMES
from metarel.plot._words import number
from metarel.printed import Printed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.plot._theme import Theme

COLUMNS = ("dataset", "figure", "where", "quantity", "printed", "value", "verdict")
VERDICTS = ("agrees", "agrees truncated", "differs", "cannot run")
GROUPS = ("dataset", "where", "quantity")
REACH = 3.0  # units of the last digit on each side; what lies beyond is an arrowhead
ROW = 1.55  # in ems
HEADING = 1.7
AROUND = 9.0
MOST_ROWS = 90  # figures: of more, all of a group stand in one row
GROUP_ROW = 2.6


def reproduction_data(result: Any, *, group: str | None = None) -> pd.DataFrame:
    """Return the numbers behind every mark of ``reproduction``.

    Parameters
    ----------
    result : Reproduction or DataFrame
        As in ``reproduction``.
    group : str, optional
        As in ``reproduction``.

    Returns
    -------
    DataFrame
        A row a figure: ``group``, ``figure``, ``printed``, ``value``, ``verdict``; and in units
        of the last printed digit, from the printed number: ``low`` and ``high``, the interval
        that the digits stand for (infinite for a bound), and ``offset``, where the recomputed
        value lies (NaN where there is none, or no digit was printed).

    Raises
    ------
    InputError
        If the result has not the columns of one.

    Examples
    --------
    >>> import metarel as mr
    >>> found = mr.reproduce("molloy2014", nearby=False)
    >>> mr.plot.reproduction_data(found)[["printed", "low", "high", "offset"]].head(2).round(2)
      printed  low  high  offset
    0    0.15 -0.5   0.5   -0.12
    1    0.09 -0.5   0.5   -0.22
    """
    frame_ = frame_of(result, COLUMNS, "result", "reproduce()")
    group = _group(frame_, group)
    places = [
        _place(text, value) for text, value in zip(frame_["printed"], frame_["value"], strict=True)
    ]
    low, high, offset = np.array(places, dtype=float).T
    return pd.DataFrame(
        {
            "group": frame_[group].astype(str),
            "figure": frame_["figure"].astype(str),
            "printed": frame_["printed"].astype(str),
            "value": frame_["value"].astype(float),
            "verdict": frame_["verdict"].astype(str),
            "low": low,
            "high": high,
            "offset": offset,
        }
    )


def _group(made: pd.DataFrame, group: str | None) -> str:
    """Return the column whose values head the groups."""
    if group is None:
        return "dataset" if made["dataset"].nunique() > 1 else "where"
    return str(check_choice("group", group, GROUPS))


def _place(text: Any, value: float) -> tuple[float, float, float]:
    """Return the printed interval and the value, from the printed number, in its units."""
    printed = Printed(str(text))
    if printed.unit is None or printed.value is None:
        return math.nan, math.nan, math.nan
    middle, unit = float(printed.value), float(printed.unit)
    low, high = (printed.low - middle) / unit, (printed.high - middle) / unit
    return low, high, (float(value) - middle) / unit


def reproduction(
    result: Any,
    *,
    ax: Axes | None = None,
    group: str | None = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw each recomputed figure against the interval that its printed digits stand for.

    The bar of a row are the numbers that would be printed so; the mark is the recomputed value,
    both in units of the last printed digit. A mark in its bar agrees; one just outside may be
    rounding of another kind; an arrowhead lies farther out, by as many units as stand beside it.
    Colour and shape are the verdict. Of more than 90 figures, all of a group share a row.

    Parameters
    ----------
    result : Reproduction or DataFrame
        What ``reproduce`` returned, or its frame (or part of it).
    ax : Axes, optional
        Where to draw; by default in a new figure, as high as its rows.
    group : {"dataset", "where", "quantity"}, optional
        What the figures are grouped by; by default the dataset where there are several, and
        otherwise the place of publication.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"interval"``, one for each verdict
        (``"agrees"``, ``"agrees truncated"``, ``"differs"``, ``"cannot run"``), ``"beyond"``,
        ``"units"``, ``"heading"``.

    Raises
    ------
    InputError
        If the result has not the columns of one, or an option is not one of those known.

    See Also
    --------
    reproduction_data : the numbers behind the marks.

    Examples
    --------
    >>> import metarel as mr
    >>> ax = mr.plot.reproduction(mr.reproduce("molloy2014", nearby=False))
    >>> " ".join(ax.get_xlabel().split())
    'Recomputed minus printed, in units of the last printed digit'
    """
    colours = THEMES[theme]
    check_size(font_size)
    numbers = reproduction_data(result, group=group)
    together = len(numbers) > MOST_ROWS
    y, headings, height = _rows(numbers, together)
    ax = frame(ax, colours, font_size, height=height + AROUND)
    name = "Recomputed minus printed, in units of the last printed digit"
    ends = (-REACH - 0.35, REACH + 0.35)
    set_axis(ax, "x", ends, name, scale=PLAIN, theme=colours, size=font_size)
    ax.set_ylim(height, 0.0)
    ax.spines["left"].set_visible(False)
    if together:
        ax.set_yticks(list(headings.values()), [short_name(one) for one in headings])
        ax.axvspan(-0.5, 0.5, color=colours.shades[1], linewidth=0, zorder=0, gid="interval")
    else:
        labels = [f"{row.figure}  {row.printed}" for row in numbers.itertuples()]
        ax.set_yticks(y, labels)
        _draw_intervals(ax, numbers, y, colours, font_size)
        _head(ax, headings, colours, font_size)
    for label in ax.get_yticklabels():
        label.set_parse_math(False)
    ax.tick_params(axis="y", length=0)
    settle(ax)  # the labels of the rows have taken their room
    ax.set_xlabel(wrap(name, width_of(ax, font_size)))
    ax.axvline(0.0, color=colours.rule, linewidth=0.06 * font_size, zorder=0.5)
    handles = _draw_values(ax, numbers, y, colours, font_size, together=together)
    write_key(ax, handles, theme=colours, size=font_size, place="above")
    if title:
        pad = room_above(ax, handles, font_size) * font_size
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink, pad=pad)
    return say(ax, _in_words(numbers, title))


def _rows(numbers: pd.DataFrame, together: bool) -> tuple[Array, dict[str, float], float]:
    """Return the height of each figure and of each heading, in ems from the top, and the whole."""
    groups = list(dict.fromkeys(numbers["group"]))
    headings: dict[str, float] = {}
    y = np.zeros(len(numbers))
    if together:
        for i, name in enumerate(groups):
            headings[name] = (i + 0.5) * GROUP_ROW
            inside = (numbers["group"] == name).to_numpy()
            shown = np.clip(numbers.loc[inside, "offset"].fillna(0.0), -REACH, REACH)
            aside = offsets(shown.to_numpy(dtype=float), 0.4 * GROUP_ROW, span=2 * REACH)
            y[inside] = headings[name] + aside
        return y, headings, GROUP_ROW * len(groups)
    at = 0.0
    for name in groups:
        headings[name] = at + HEADING / 2
        at += HEADING
        inside = np.flatnonzero(numbers["group"] == name)
        y[inside] = at + ROW * (np.arange(len(inside)) + 0.5)
        at += ROW * len(inside)
    return y, headings, at


def _draw_intervals(ax: Axes, numbers: pd.DataFrame, y: Array, theme: Theme, size: float) -> None:
    """Draw the interval of each figure's digits."""
    low, high = (numbers[name].to_numpy(dtype=float) for name in ("low", "high"))
    known = np.isfinite(numbers["low"]) | np.isfinite(numbers["high"])
    start, end = np.maximum(low, -REACH - 0.35), np.minimum(high, REACH + 0.35)
    ax.hlines(
        y[known], start[known], end[known], colors=theme.shades[1], linewidth=0.95 * size,
        zorder=1, gid="interval",
    )  # fmt: skip


def _head(ax: Axes, headings: dict[str, float], theme: Theme, size: float) -> None:
    """Write the name of each group above its rows."""
    for name, height in headings.items():
        ax.annotate(
            name if len(name) <= 90 else f"{name[:89]}…", (0.0, height),
            xycoords=ax.get_yaxis_transform(), va="center", ha="left", fontsize=SMALL * size,
            fontweight="bold", color=theme.muted, gid="heading", parse_math=False,
        )  # fmt: skip


def _looks_of(theme: Theme) -> dict[str, tuple[Look, bool]]:
    """Return how each verdict is drawn, and whether its mark is filled.

    Parameters
    ----------
    theme : Theme
        The theme.

    Returns
    -------
    dict
        Verdict to its look and whether it is filled.
    """
    blue, red = HUES[theme.code][:2]
    return {
        "agrees": (Look(blue, "o", "solid"), True),
        "agrees truncated": (Look(blue, "s", "solid"), False),
        "differs": (Look(red, "D", "solid"), True),
        "cannot run": (Look(theme.muted, "x", "solid"), False),
    }


def _draw_values(
    ax: Axes, numbers: pd.DataFrame, y: Array, theme: Theme, size: float, *, together: bool
) -> list[Any]:
    """Draw the recomputed values by verdict, and return the key."""
    handles = []
    offset = numbers["offset"].to_numpy(dtype=float)
    side = (0.5 if together else 0.72) * size
    for verdict, (look, filled) in _looks_of(theme).items():
        chosen = (numbers["verdict"] == verdict).to_numpy()
        if not chosen.any():
            continue
        handles.append(mark(look, f"{verdict} ({int(chosen.sum())})", size, filled=filled))
        lost = chosen & np.isnan(offset)
        inside = chosen & (abs(offset) <= REACH)
        style: dict[str, Any] = {"marker": look.shape, "linewidths": 0.11 * size, "zorder": 4}
        if look.shape == "x":
            style["color"] = look.colour
        else:
            style |= {"facecolors": look.colour if filled else "none", "edgecolors": look.colour}
        if inside.any() or not lost.any():
            ax.scatter(offset[inside], y[inside], s=side**2, gid=verdict, **style)
        if lost.any():  # nothing was recomputed: the mark stands apart, on the left
            ax.scatter(
                np.full(int(lost.sum()), -REACH - 0.1), y[lost], s=side**2, gid=verdict, **style
            )
        _draw_beyond(ax, offset, y, chosen & (abs(offset) > REACH), look, size, words=not together)
    return handles


def _draw_beyond(
    ax: Axes, offset: Array, y: Array, chosen: Any, look: Look, size: float, *, words: bool
) -> None:
    """Draw arrowheads for values farther out, and say how far."""
    atoms.arrowheads(
        ax, np.where(chosen, offset, 0.0), np.where(chosen, offset, 0.0), y,
        limits=(-REACH, REACH), head=0.8 * size, colour=look.colour, gid="beyond",
    )  # fmt: skip
    for i in np.flatnonzero(chosen) if words else ():
        left = offset[i] < 0
        ax.annotate(
            _units(float(offset[i])), (math.copysign(REACH, offset[i]), y[i]),
            xytext=((0.75 if left else -0.75) * size, 0.0), textcoords="offset points",
            ha="left" if left else "right", va="center", fontsize=0.85 * SMALL * size,
            color=look.colour, gid="units",
        )  # fmt: skip


def _units(offset: float) -> str:
    """Return a distance in units as text, with its sign."""
    size = abs(offset)
    text = number(size, 0 if size >= 10 else 1)
    return f"{'−' if offset < 0 else '+'}{text}"


def _in_words(numbers: pd.DataFrame, title: str) -> str:
    """Say what the plot shows."""
    counts = numbers["verdict"].value_counts()
    told = ", ".join(
        f"{verdict} {int(counts[verdict])}" for verdict in VERDICTS if verdict in counts
    )
    return (
        f"{f'{title}. ' if title else ''}Recomputed values of "
        f"{count(len(numbers), 'published figure')} against the intervals of their printed "
        f"digits: {told}."
    )
