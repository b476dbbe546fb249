"""Where an effect stands among those of its field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import pd
from metarel.convert._benchmarks import DISTRIBUTIONS, PERCENTILES, POOLED, PooledEffects
from metarel.convert.interpret import Interpretation
from metarel.errors import InputError
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say
from metarel.plot._frame import check_size, frame, set_axis, spread
from metarel.plot._meaning import Said, number_said, settle, width_of, write_above
from metarel.plot._scale import PLAIN
from metarel.plot._text import wrap
from metarel.plot._theme import THEMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.plot._theme import Theme

# In ems; the panel is as high as its rows together:
DOT = 0.52  # diameter of a pooled effect
DEEPEST = 1.6  # of dots one under another, which overlap where they are more
BAR = 0.5
SMALL = 0.92  # size of the names
LEADING = 1.2
AFTER_NAME = 0.45
AFTER_ROW = 0.4


def benchmarks_data(meaning: Interpretation) -> pd.DataFrame:
    """Return the effects that an effect is held against.

    Parameters
    ----------
    meaning : Interpretation
        What ``interpret`` returns.

    Returns
    -------
    DataFrame
        A row for each pooled effect or percentile: ``benchmark`` (the name of the row in the
        picture), ``kind`` (``"pooled"`` or ``"percentile"``), ``label`` (the element, or which
        percentile), ``estimate`` (its size, as r where the effect was given as one, else as d).

    Raises
    ------
    InputError
        If it is not what ``interpret`` returns.

    Examples
    --------
    >>> import metarel as mr
    >>> frame = mr.plot.benchmarks_data(mr.interpret(r=0.28))
    >>> print(frame[frame["kind"] == "percentile"].head(3).to_string(index=False))
                               benchmark       kind label  estimate
    Process and outcome in psychotherapy percentile    25      0.12
    Process and outcome in psychotherapy percentile    50      0.26
    Process and outcome in psychotherapy percentile    75      0.39
    """
    metric = _metric(meaning)
    rows = [
        (_row_name(pooled), "pooled", e.element, e.on(metric))
        for pooled in POOLED
        for e in pooled.effects
    ]
    rows += [
        (found.name.capitalize(), "percentile", str(percentile), mark)
        for found in DISTRIBUTIONS
        if found.metric == metric
        for percentile, mark in zip(PERCENTILES, found.marks, strict=True)
    ]
    return pd.DataFrame(rows, columns=["benchmark", "kind", "label", "estimate"])


def benchmarks(
    meaning: Interpretation,
    *,
    ax: Axes | None = None,
    xlabel: str | None = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw where an effect stands among those of its field.

    A dot is the pooled effect of one element of the therapy relationship [norcross2011]
    [norcross2018]; a bar runs from the 25th to the 75th percentile of a published distribution,
    with a stroke at the median. The effect is the line through all rows; its sign is left out.

    Parameters
    ----------
    meaning : Interpretation
        What ``interpret`` returns.
    ax : Axes, optional
        Where to draw; by default in a new figure. Without a layout engine the Axes shrinks to
        make room for the words above it.
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
        The Axes drawn into; its artists carry a ``gid``: ``"effect"``, ``"pooled"``,
        ``"quartiles"``, ``"median"``, ``"name"``, ``"said"``.

    Raises
    ------
    InputError
        If it is not what ``interpret`` returns.

    See Also
    --------
    benchmarks_data : the numbers behind the marks.

    References
    ----------
    [norcross2011], [norcross2018], [gignac2016], [lovakov2021], [gomezpenedo2025],
    [nordahlhansen2024]

    Examples
    --------
    >>> import metarel as mr
    >>> mr.plot.benchmarks(mr.interpret(r=0.28)).get_xlabel()
    'Size of the correlation'
    """
    colours = THEMES[theme]
    check_size(font_size)
    data, metric = benchmarks_data(meaning), _metric(meaning)
    value = meaning.r if metric == "r" else meaning.d
    ax = frame(ax, colours, font_size)
    ends = spread([0.0, abs(value), *data["estimate"]], 0.03)
    set_axis(ax, "x", ends, " ", scale=PLAIN, theme=colours, size=font_size)
    ax.set(yticks=[])
    ax.spines["left"].set_visible(False)
    settle(ax)
    width = width_of(ax, font_size)
    name = "Size of the correlation" if metric == "r" else "Size of the standardised difference"
    ax.set_xlabel(wrap(name if xlabel is None else xlabel, width), parse_math=False)
    ax.axvline(
        abs(value), color=colours.summary, linewidth=0.19 * font_size, zorder=2, gid="effect"
    )
    ranks = {_row_name(p): f"{p.below(abs(value), metric)} of {len(p.effects)}" for p in POOLED}
    y = 0.0
    for label, rows in ((str(name), rows) for name, rows in data.groupby("benchmark", sort=False)):
        sizes = rows["estimate"].to_numpy(dtype=float)
        pooled = label in ranks
        words = f"{label}: larger than {ranks[label]}" if pooled else label
        y = _name_row(ax, y, words, width, colours, font_size)
        draw = _draw_pooled if pooled else _draw_quartiles
        y = draw(ax, y, np.sort(sizes), width, colours, font_size)
    ax.set_ylim(y, 0.0)
    sign = "" if value >= 0 else ", without its sign"
    said = [
        Said(f"{number_said(meaning, metric)}{sign}", colours.summary),
        Said("Pooled effects, one an element", colours.study),
        Said("From the 25th over the 50th to the 75th percentile", colours.rule),
    ]
    write_above(ax, said, title, start=0.0, theme=colours, size=font_size)
    rank_said = "; ".join(f"{label}: larger than {rank}" for label, rank in ranks.items())
    return say(
        ax,
        f"{title}. " * bool(title) + f"{said[0].text} beside effects of the field. {rank_said}.",
    )


def _row_name(pooled: PooledEffects) -> str:
    """Return how the effects of an edition are called."""
    return f"Therapy relationships {pooled.edition}"


def _metric(meaning: Interpretation) -> str:
    """Return the scale that an effect is held against others on."""
    if not isinstance(meaning, Interpretation):
        raise InputError(
            "`meaning` must be what `interpret` returns, such as interpret(r=0.28); got "
            f"{meaning!r}."
        )
    return "r" if meaning.given == "r" else "d"


def _name_row(ax: Axes, y: float, text: str, width: float, theme: Theme, size: float) -> float:
    """Write the name of a row, flush left; return where it ends, in ems from the top."""
    for line in wrap(text, width / SMALL).split("\n"):
        y += LEADING * SMALL
        written = atoms.words(
            ax,
            0.0,
            y,
            line,
            transform=ax.get_yaxis_transform(),
            size=SMALL * size,
            colour=theme.ink,
            gid="name",
        )
        written.set_bbox({"facecolor": theme.paper, "edgecolor": "none", "pad": 0.12 * size})
    return y + AFTER_NAME


def _draw_pooled(
    ax: Axes, y: float, sizes: Array, width: float, theme: Theme, size: float
) -> float:
    """Draw a dot for each pooled effect, one under another where they would hide each other."""
    low, high = ax.get_xlim()
    levels = _levels(sizes / (high - low) * width, DOT)
    step = min(DOT, DEEPEST / (levels.max() + 1))
    atoms.circles(
        ax,
        sizes,
        y + DOT / 2 + step * levels,
        side=DOT * size,
        colour=theme.study,
        edge=theme.interval,
        gid="pooled",
    )
    return float(y + DOT + step * levels.max() + AFTER_ROW)


def _levels(x: Array, least: float) -> Array:
    """Return a level for each of increasing places, so that none on one level are too near."""
    levels = np.zeros(len(x))
    last: dict[int, float] = {}
    for i, place in enumerate(x):
        level = next(k for k in range(len(x)) if place - last.get(k, -np.inf) >= least)
        last[level], levels[i] = float(place), level
    return levels


def _draw_quartiles(
    ax: Axes, y: float, marks: Array, _width: float, theme: Theme, size: float
) -> float:
    """Draw a bar from the first to the third quartile and a stroke at the median."""
    at = y + BAR / 2
    ax.hlines(
        at, marks[0], marks[2], colors=theme.rule, linewidth=BAR * size, zorder=1, gid="quartiles"
    )
    ax.plot(
        [marks[1]],
        [at],
        marker="|",
        markersize=1.7 * BAR * size,
        markeredgewidth=0.16 * size,
        color=theme.ink,
        zorder=3,
        gid="median",
    )
    return y + BAR + AFTER_ROW
