"""The picture of a search: every distinct result of a family of analyses, and the printed one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from metarel._checks import check_choice
from metarel._format import count
from metarel._lazy import pd
from metarel.errors import InputError
from metarel.plot._alt import say
from metarel.plot._frame import check_size, frame, set_axis, spread
from metarel.plot._labels import FAR, name_points
from metarel.plot._meaning import Said, write_above
from metarel.plot._scale import PLAIN
from metarel.plot._theme import THEMES
from metarel.plot._words import number
from metarel.search.classes import SAME, numbered
from metarel.search.figures import NAMES
from metarel.search.result import AnalysisSearch

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.plot._theme import Theme

WIDTH = "ci_width"
HEIGHT = 46.0  # of a figure of our own, in ems: there are words above the panel
NAMED = 5  # matching results that are told in words
ZOOM = 6.0  # how many widths of the printed rectangle are shown around it, with ``near``


def analyses_data(found: AnalysisSearch, *, y: str | None = None) -> pd.DataFrame:
    """Return the numbers behind the points of ``analyses``.

    Parameters
    ----------
    found : AnalysisSearch
        What ``find_analysis`` returned.
    y : str, optional
        As in ``analyses``.

    Returns
    -------
    DataFrame
        A row a distinct pair of numbers, the matching ones first: ``estimate``, the quantity of
        the vertical axis under its name, ``analyses`` (how many give it), ``prints_all`` (whether
        any of them prints every figure), and ``analysis``, the one closest to the declared, in
        words. ``attrs["printed"]`` holds the limits of the printed rectangle: two of the estimate
        and two of the other quantity, infinite where it was not printed.

    Raises
    ------
    InputError
        As ``analyses``.

    Examples
    --------
    >>> import metarel as mr
    >>> studies = mr.load_dataset("kolden2011").studies
    >>> found = mr.find_analysis(studies, estimate=".24", ci=(".12", ".36"), r="r", n="n")
    >>> frame = mr.plot.analyses_data(found)
    >>> int(frame["prints_all"].sum()), [round(x, 3) for x in frame.attrs["printed"]]
    (17, [0.235, 0.245, 0.23, 0.25])
    """
    if not isinstance(found, AnalysisSearch):
        raise InputError(
            f"`found` must be what find_analysis() returned; got {type(found).__name__}."
        )
    y = _height(found, y)
    order = found.family.order
    table = pd.DataFrame(
        {
            "estimate": found.numbers["estimate"],
            y: _values(found, y),
            "prints_all": found.prints.all(axis=1),
        }
    ).iloc[order]
    table["place"] = order
    table = table[np.isfinite(table[["estimate", y]].to_numpy(dtype=float)).all(axis=1)]
    if not len(table):
        raise InputError(f"`y` must be a quantity that some analysis has; none gives {y!r}.")
    keys = [table["estimate"].to_numpy(dtype=float), table[y].to_numpy(dtype=float)]
    _, table["which"] = numbered([np.round(key, SAME) + 0.0 for key in keys])
    # the closest analysis that matches, or else the closest, speaks for its point
    table = table.iloc[np.lexsort((np.arange(len(table)), ~table["prints_all"]))]
    grouped = table.groupby("which", sort=False)
    made = grouped[["estimate", y, "prints_all", "place"]].first()
    made.insert(2, "analyses", grouped.size())
    made = made.reset_index(drop=True)
    made["analysis"] = [str(found.family.specifications[int(i)]) for i in made.pop("place")]
    made.attrs["printed"] = [*_limits(found, "estimate"), *_limits(found, y)]
    return made


def _height(found: AnalysisSearch, y: str | None) -> str:
    """Return what stands on the vertical axis: the interval's width, or another printed figure."""
    printed = [figure.quantity for figure in found.figures]
    if y is None:
        others = [name for name in printed if name not in ("estimate", "ci_low", "ci_high")]
        y = others[0] if others and "ci_low" not in printed else WIDTH
    known = [WIDTH, *(name for name in found.numbers if name != "estimate")]
    return str(check_choice("y", y, known))


def _values(found: AnalysisSearch, y: str) -> Array:
    if y == WIDTH:
        return np.asarray(found.numbers["ci_high"] - found.numbers["ci_low"])
    return found.numbers[y]


def _limits(found: AnalysisSearch, quantity: str) -> tuple[float, float]:
    """Return what the printed digits of a quantity leave open; all where it was not printed."""
    printed = {figure.quantity: figure.printed for figure in found.figures}
    if quantity == WIDTH:
        if not {"ci_low", "ci_high"} <= set(printed):
            return -math.inf, math.inf
        low, high = printed["ci_low"], printed["ci_high"]
        return high.low - low.high, high.high - low.low
    if quantity not in printed:
        return -math.inf, math.inf
    return printed[quantity].low, printed[quantity].high


def analyses(
    found: AnalysisSearch,
    *,
    ax: Axes | None = None,
    y: str | None = None,
    near: bool = False,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw all distinct results of the analyses that were searched, and what was printed.

    Each point is a result of the family, the larger the more analyses give it; the rectangle is
    what the printed digits stand for. Diamonds print every figure given (so a point in the
    rectangle may still miss another figure); the closest to the declared analysis are told above
    and carry their numbers.

    Parameters
    ----------
    found : AnalysisSearch
        What ``find_analysis`` returned.
    ax : Axes, optional
        Where to draw; by default in a new figure.
    y : str, optional
        What stands on the vertical axis: ``"ci_width"`` or a quantity of the search, such as
        ``"I2"`` or ``"p_value"``; by default the width of the interval, or the second printed
        figure where no interval was printed.
    near : bool
        Whether only results near to the printed ones are shown.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"result"``, ``"match"``,
        ``"printed"``, ``"name"``, ``"said"``.

    Raises
    ------
    InputError
        If ``found`` is no such result, or the quantity is none that analyses have.

    See Also
    --------
    analyses_data : the numbers behind the points.

    Examples
    --------
    >>> import metarel as mr
    >>> studies = mr.load_dataset("kolden2011").studies
    >>> found = mr.find_analysis(studies, estimate=".24", ci=(".12", ".36"), r="r", n="n")
    >>> mr.plot.analyses(found).get_ylabel()
    'Width of the 95% interval'
    """
    colours = THEMES[theme]
    check_size(font_size)
    numbers = analyses_data(found, y=y)
    y = str(numbers.columns[1])
    printed = numbers.attrs["printed"]
    ax = frame(ax, colours, font_size, height=HEIGHT)
    for which, name, ends in (
        ("x", "estimate", _ends(numbers["estimate"], printed[:2], near)),
        ("y", y, _ends(numbers[y], printed[2:], near)),
    ):
        set_axis(ax, which, ends, _name(name, found), scale=PLAIN, theme=colours, size=font_size)
    _draw_printed(ax, printed, colours, font_size)
    _draw_results(ax, numbers, y, colours, font_size)
    matching = numbers[numbers["prints_all"]]
    said = _said(found, numbers, colours)
    write_above(ax, said, title, start=0.2 * font_size, theme=colours, size=font_size)
    inside = np.arange(min(NAMED, len(matching)))
    x, heights = (numbers[name].to_numpy(dtype=float) for name in ("estimate", y))
    shown = [str(i + 1) for i in range(len(numbers))]
    name_points(
        ax, x, heights, shown, inside, theme=colours, size=font_size, radius=0.25, rings=FAR
    )
    return say(ax, _in_words(found, numbers, title))


def _name(quantity: str, found: AnalysisSearch) -> str:
    """Return what an axis is called."""
    if quantity == WIDTH:
        return f"Width of the {100 * found.level:g}% interval"
    text = NAMES.get(quantity, quantity)
    return text[:1].upper() + text[1:]


def _ends(values: pd.Series, printed: list[float], near: bool) -> tuple[float, float]:
    """Return the limits of an axis, with the printed interval in view."""
    known = [end for end in printed if math.isfinite(end)]
    low, high = spread(np.append(values, known), 0.05)
    if near and len(known) == 2:
        middle, half = sum(known) / 2, ZOOM * (known[1] - known[0]) / 2
        return max(low, middle - half), min(high, middle + half)
    return low, high


def _draw_printed(ax: Axes, printed: list[float], theme: Theme, size: float) -> None:
    """Draw the rectangle of the printed digits, as far as they bound it."""
    from matplotlib.patches import Rectangle

    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    x0, x1 = max(printed[0], left), min(printed[1], right)
    y0, y1 = max(printed[2], bottom), min(printed[3], top)
    ax.add_patch(
        Rectangle(
            (x0, y0), x1 - x0, y1 - y0, facecolor=(theme.pale, 0.45), edgecolor=theme.summary,
            linewidth=0.11 * size, zorder=1, gid="printed",
        )
    )  # fmt: skip


def _draw_results(ax: Axes, numbers: pd.DataFrame, y: str, theme: Theme, size: float) -> None:
    """Draw each distinct result, the matching ones on top."""
    many = np.clip(1 + np.log2(numbers["analyses"].to_numpy(dtype=float)) / 4, 1.0, 2.2)
    match = numbers["prints_all"].to_numpy()
    x, heights = (numbers[name].to_numpy(dtype=float) for name in ("estimate", y))
    small = 0.55 if len(numbers) < 150 else 0.32
    for gid, chosen, shape, colour, edge, dot in (
        ("result", ~match, "o", theme.study, theme.interval, small),
        ("match", match, "D", theme.summary, theme.paper, 0.55),
    ):
        ax.scatter(
            x[chosen], heights[chosen], s=(dot * size * many[chosen]) ** 2, marker=shape,
            facecolor=colour, edgecolor=edge, linewidths=0.4, alpha=0.6 if gid == "result" else 1,
            zorder=3 + (gid == "match"), gid=gid,
        )  # fmt: skip


def _said(found: AnalysisSearch, numbers: pd.DataFrame, theme: Theme) -> list[Said]:
    """Return what stands above the panel."""
    shown = "; ".join(str(figure) for figure in found.figures)
    matching = numbers[numbers["prints_all"]]
    head = (
        f"{found.tried} analyses, {len(numbers)} distinct points; "
        f"{count(len(found.matching), 'analysis prints', 'analyses print')} all of: {shown}"
    )
    lines = [Said(head, theme.summary if len(matching) else "")]
    for i, text in enumerate(matching["analysis"].head(NAMED), start=1):
        lines.append(Said(f"{i}  {text}"))
    if len(matching) > NAMED:
        lines.append(Said(f"and {len(matching) - NAMED} more"))
    return lines


def _in_words(found: AnalysisSearch, numbers: pd.DataFrame, title: str) -> str:
    """Say what the plot shows."""
    low, high = numbers["estimate"].min(), numbers["estimate"].max()
    shown = "; ".join(str(figure) for figure in found.figures)
    best = f" The closest: {found.best}." if found.best is not None else ""
    return (
        f"{f'{title}. ' if title else ''}{found.tried} analyses with estimates from "
        f"{number(low, 3)} to {number(high, 3)}, against what was printed: {shown}. "
        f"{count(len(found.matching), 'analysis prints', 'analyses print')} all of it.{best}"
    )
