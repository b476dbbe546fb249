"""Two normal distributions that a standardised difference stands apart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import pd
from metarel.convert.interpret import Interpretation
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say
from metarel.plot._frame import check_size, frame, set_axis
from metarel.plot._meaning import (
    GAP,
    Said,
    above,
    meaning_of,
    names_of,
    number_said,
    settle,
    share,
    width_of,
    write_above,
)
from metarel.plot._scale import PLAIN
from metarel.plot._text import text_width, wrap
from metarel.plot._theme import THEMES
from metarel.plot._words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.plot._theme import Theme

REACH = 3.4  # standard deviations that are drawn beyond the outer means
STEPS = 241  # points along each curve
PEAK = 1 / math.sqrt(2 * math.pi)
BRACKET = 0.55  # height of the bracket above the panel, in ems
LABEL = 0.45  # from the bracket to the words above it
NAME_LEADING = 1.2
NAME_WIDTH = 16.0  # a name in several lines is easier to read than one that fills the panel


def two_normals_data(effect: float | Interpretation) -> pd.DataFrame:
    """Return the numbers behind the curves of ``two_normals``.

    Parameters
    ----------
    effect : float or Interpretation
        As in ``two_normals``.

    Returns
    -------
    DataFrame
        A row for each point along the axis: ``x`` (in standard deviations from the mean of the
        controls), ``controls`` and ``treated`` (the densities), and ``overlap`` (the smaller).

    Raises
    ------
    InputError
        If the effect is not a number, or outside its domain.

    Examples
    --------
    >>> import numpy as np
    >>> import metarel as mr
    >>> frame = mr.plot.two_normals_data(0.5)
    >>> round(float(np.trapezoid(frame["overlap"], frame["x"])), 2)
    0.8
    """
    d = meaning_of(effect, "d").d
    around = np.linspace(-REACH, REACH, STEPS)
    x = np.unique(np.concatenate([around, d + around, [0.0, d / 2, d]]))
    controls, treated = (PEAK * np.exp(-((x - mean) ** 2) / 2) for mean in (0.0, d))
    overlap = np.minimum(controls, treated)
    return pd.DataFrame({"x": x, "controls": controls, "treated": treated, "overlap": overlap})


def two_normals(
    effect: float | Interpretation,
    *,
    ax: Axes | None = None,
    groups: tuple[str, str] | None = None,
    xlabel: str | None = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw a standardised difference as two normal distributions, and say what it means.

    The shaded area is what the distributions have in common; a bracket between the two means is
    d. Above stand the overlap, the share of controls below the average of the treated (U3), and
    how often one of the treated scores above one of the controls (CLES), as ``interpret`` gives
    them.

    Parameters
    ----------
    effect : float or Interpretation
        A standardised mean difference, treated minus controls, or what ``interpret`` returns.
    ax : Axes, optional
        Where to draw; by default in a new figure. Without a layout engine the Axes shrinks to
        make room for the words above it.
    groups : tuple of str, optional
        Names of the treated and of the controls; by default those of the interpretation.
    xlabel : str, optional
        Name of the axis.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"controls"``, ``"treated"`` (curves),
        ``"overlap"``, ``"mean"``, ``"bracket"``, ``"d"``, ``"name"``, ``"said"``.

    Raises
    ------
    InputError
        If the effect is not a number or outside its domain, or the groups are not two names.

    See Also
    --------
    two_normals_data : the numbers behind the curves.

    Notes
    -----
    The area of the overlap is 2Φ(−|d|/2) [inman1989].

    References
    ----------
    [inman1989]

    Examples
    --------
    >>> import metarel as mr
    >>> ax = mr.plot.two_normals(0.57, groups=("CBT patients", "people on the waiting list"))
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "d"]
    ['d = 0.57']
    """
    colours = THEMES[theme]
    check_size(font_size)
    meaning = meaning_of(effect, "d")
    names = names_of(meaning, groups)
    ax = frame(ax, colours, font_size)
    low, high = min(0.0, meaning.d) - REACH, max(0.0, meaning.d) + REACH
    set_axis(ax, "x", (low, high), " ", scale=PLAIN, theme=colours, size=font_size)
    ax.set(ylim=(0.0, 1.03 * PEAK), yticks=[])
    ax.spines["left"].set_visible(False)
    settle(ax)
    width = width_of(ax, font_size)
    scale = f"Standard deviations from the average of the {names[1]}"
    ax.set_xlabel(wrap(scale if xlabel is None else xlabel, width), parse_math=False)
    _draw_curves(ax, two_normals_data(meaning), meaning.d, colours, font_size)
    top = _write_names(ax, meaning, names, width, colours, font_size)
    said = _said(meaning, names, colours)
    write_above(ax, said, title, start=top, theme=colours, size=font_size)
    return say(
        ax,
        f"{f'{title}. ' if title else ''}Two normal curves, the {names[0]} "
        f"{number(abs(meaning.d), 2)} standard deviations {'above' if meaning.d >= 0 else 'below'} "
        f"the {names[1]}. {'. '.join(line.text for line in said)}.",
    )


def _draw_curves(ax: Axes, data: pd.DataFrame, d: float, theme: Theme, size: float) -> None:
    """Draw the curves, what they share, and the two means."""
    x = data["x"].to_numpy(dtype=float)
    ax.fill_between(
        x, data["overlap"].to_numpy(), color=theme.shades[1], linewidth=0, zorder=1, gid="overlap"
    )
    for name, mean, colour, dashes in (
        ("controls", 0.0, theme.interval, "solid"),
        ("treated", d, theme.summary, (0, (6, 1.5))),  # seen where both curves are one
    ):
        ax.plot(
            x,
            data[name].to_numpy(),
            color=colour,
            linewidth=0.19 * size,
            linestyle=dashes,
            zorder=3,
            gid=name,
        )
        ax.vlines(
            mean,
            0.0,
            PEAK,
            colors=colour,
            linewidth=0.11 * size,
            linestyles=(0, (1, 2)),
            zorder=2,
            gid="mean",
        )


def _said(meaning: Interpretation, names: tuple[str, str], theme: Theme) -> list[Said]:
    """Return what is written above the panel."""
    treated, controls = names
    shared, below = meaning.value("overlap"), share(meaning.value("U3"), first=True)
    overlap = "All" if shared == 1 else share(shared, first=True)
    return [
        Said(f"{overlap} of the two areas overlap", theme.shades[1]),
        Said(
            f"{below} of the {controls} score below the average of the {treated} (U3)",
            theme.interval,
        ),
        Said(
            f"One of the {treated} scores above one of the {controls} in "
            f"{share(meaning.value('CLES'))} of random pairs (CLES)",
            theme.summary,
        ),
    ]


def _write_names(
    ax: Axes,
    meaning: Interpretation,
    names: tuple[str, str],
    width: float,
    theme: Theme,
    size: float,
) -> float:
    """Write the bracket, d over it and a name beside or over each mean; return their height."""
    low, high = ax.get_xlim()
    means = np.sort(np.array([0.0, meaning.d]))
    left, right = (means - low) / (high - low) * width
    label = number_said(meaning, "d")
    up = BRACKET * size
    _write_bracket(ax, means, label, theme, size)
    half = text_width(label, bold=True) / 2
    middle = (left + right) / 2
    pair = [(names[1], theme.interval), (names[0], theme.summary)]
    if meaning.d < 0:
        pair.reverse()
    places = _places(left, right, width, min(left, middle - half), max(right, middle + half), half)
    most = 1
    for (name, colour), (x, room, align) in zip(pair, places, strict=True):
        lines = wrap(name, min(room, NAME_WIDTH)).split("\n")
        most = max(most, len(lines))
        for i, line in enumerate(reversed(lines)):
            atoms.words(
                ax,
                low + x / width * (high - low),
                1.0,
                line,
                transform=above(ax, up + (LABEL + NAME_LEADING * i) * size),
                size=size,
                colour=colour,
                align=align,
                bold=True,
                gid="name",
            )
    return up + (LABEL + NAME_LEADING * (most - 1) + 0.8) * size


def _write_bracket(ax: Axes, means: Array, label: str, theme: Theme, size: float) -> None:
    """Draw the bracket from one mean to the other, over the panel, and write d on it."""
    ax.plot(
        means,
        [1.0, 1.0],
        transform=above(ax, BRACKET * size),
        color=theme.ink,
        linewidth=0.11 * size,
        marker="|",
        markersize=0.5 * size,
        markeredgewidth=0.11 * size,
        clip_on=False,
        gid="bracket",
    )
    atoms.words(
        ax,
        float(means.mean()),
        1.0,
        label,
        transform=above(ax, (BRACKET + LABEL) * size),
        size=size,
        colour=theme.ink,
        align="center",
        bold=True,
        gid="d",
    )


def _places(
    left: float, right: float, width: float, start: float, end: float, half: float
) -> list[tuple[float, float, str]]:
    """Return where each name is held, how wide it may be, and how it is aligned, in ems.

    Names stand outside of the label between them, over their means, or from their means inwards,
    whichever leaves most room.
    """
    inside = (right - left) / 2 - half - GAP
    ways = [
        (min(start, width - end) - GAP, (start - GAP, "right"), (end + GAP, "left")),
        (min(2 * left, 2 * (width - right), 2 * inside), (left, "center"), (right, "center")),
        (inside, (left, "left"), (right, "right")),
    ]
    room, first, second = max(ways, key=lambda way: way[0])
    return [(first[0], room, first[1]), (second[0], room, second[1])]
