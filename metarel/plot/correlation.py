"""A cloud of points whose correlation is exactly the one asked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from metarel._checks import generator
from metarel._lazy import pd
from metarel.convert.interpret import Interpretation
from metarel.errors import InputError
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say
from metarel.plot._frame import check_size, frame, set_axis
from metarel.plot._meaning import (
    Said,
    meaning_of,
    number_said,
    settle,
    share,
    width_of,
    write_above,
)
from metarel.plot._scale import PLAIN
from metarel.plot._text import wrap
from metarel.plot._theme import THEMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel.plot._theme import Theme

INSIDE = 0.95  # share of a normal population within the ellipse
RADIUS = math.sqrt(-2 * math.log1p(-INSIDE))  # of it, in standard deviations
STEPS = 181  # points along the ellipse
REACH = 3.1  # standard deviations that are drawn at least


def correlation_data(
    effect: float | Interpretation, *, n: int = 200, seed: int = 248
) -> pd.DataFrame:
    """Return points whose correlation is exactly that of an effect.

    Parameters
    ----------
    effect : float or Interpretation
        As in ``correlation``.
    n : int
        As in ``correlation``.
    seed : int
        As in ``correlation``.

    Returns
    -------
    DataFrame
        A row for each point: ``x`` and ``y``, both with mean 0 and standard deviation 1.

    Raises
    ------
    InputError
        If the effect is not a number or outside its domain, or ``n`` is less than 3.

    Examples
    --------
    >>> import metarel as mr
    >>> frame = mr.plot.correlation_data(0.28, n=50)
    >>> round(float(frame["x"].corr(frame["y"])), 12)
    0.28
    """
    r = meaning_of(effect, "r").r
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 3:
        raise InputError(f"`n` must be a whole number of points, 3 or more; got {n!r}.")
    draws = generator(seed).normal(size=(int(n), 2))
    # An orthonormal basis of the draws, the constant taken out: uncorrelated without any error.
    basis, _ = np.linalg.qr(np.column_stack([np.ones(int(n)), draws]))
    x, rest = (basis[:, 1:] * np.sign(np.sum(basis[:, 1:] * draws, axis=0))).T * math.sqrt(n - 1)
    return pd.DataFrame({"x": x, "y": r * x + math.sqrt((1 - r) * (1 + r)) * rest})


def correlation(
    effect: float | Interpretation,
    *,
    n: int = 200,
    seed: int = 248,
    ax: Axes | None = None,
    xlabel: str = "First variable (SDs)",
    ylabel: str = "Second variable (SDs)",
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw what a correlation looks like: a cloud of points, their line, and an ellipse.

    The points are constructed so that their correlation is exactly the one asked for, not about
    so. The ellipse holds 95 % of a normal population with this correlation.

    Parameters
    ----------
    effect : float or Interpretation
        A correlation between -1 and 1 (exclusive), or what ``interpret`` returns.
    n : int
        Count of points.
    seed : int
        Of the random numbers from which the points are made.
    ax : Axes, optional
        Where to draw; by default in a new figure. Without a layout engine the Axes shrinks to
        make room for the words above it.
    xlabel, ylabel : str
        Names of the axes.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"point"``, ``"line"``, ``"ellipse"``,
        ``"said"``.

    Raises
    ------
    InputError
        If the effect is not a number or outside its domain, or ``n`` is less than 3.

    See Also
    --------
    correlation_data : the points.

    Examples
    --------
    >>> import metarel as mr
    >>> ax = mr.plot.correlation(0.28, xlabel="Alliance", ylabel="Outcome")
    >>> [text.get_text() for text in ax.texts][-1]
    'r = 0.28: the line explains 7.8% of the variance'
    """
    colours = THEMES[theme]
    check_size(font_size)
    meaning = meaning_of(effect, "r")
    points = correlation_data(meaning, n=n, seed=seed)
    ax = frame(ax, colours, font_size)
    end = max(REACH, 1.05 * float(points.abs().to_numpy().max()))
    for which in ("x", "y"):
        set_axis(ax, which, (-end, end), " ", scale=PLAIN, theme=colours, size=font_size)
    settle(ax)
    height = ax.get_window_extent().height / ax.figure.dpi * 72 / font_size
    ax.set_xlabel(wrap(xlabel, width_of(ax, font_size)), parse_math=False)
    ax.set_ylabel(wrap(ylabel, 0.8 * float(height)), parse_math=False)
    atoms.circles(
        ax,
        points["x"].to_numpy(dtype=float),
        points["y"].to_numpy(dtype=float),
        side=0.42 * font_size,
        colour=colours.study,
        edge=colours.paper,
        gid="point",
    )
    _draw_line_and_ellipse(ax, meaning.r, end, colours, font_size)
    explained = meaning.value("variance explained")
    none = "none" if explained == 0 else share(explained)
    said = [
        Said(
            f"{number_said(meaning, 'r')}: the line explains {none} of the variance",
            colours.summary,
        ),
        Said(
            f"The points are simulated; the ellipse holds {100 * INSIDE:g}% of a normal population",
            colours.interval,
        ),
    ]
    write_above(ax, said, title, start=0.0, theme=colours, size=font_size)
    return say(
        ax,
        f"{title}. " * bool(title)
        + f"Cloud of {len(points)} points with the line through it. "
        + " ".join(f"{line.text}." for line in said),
    )


def _draw_line_and_ellipse(ax: Axes, r: float, end: float, theme: Theme, size: float) -> None:
    """Draw the regression line from end to end, and the ellipse of a normal population."""
    around = np.linspace(0.0, 2 * math.pi, STEPS)
    across = math.sqrt((1 - r) * (1 + r)) * np.sin(around)
    ax.plot(
        RADIUS * np.cos(around),
        RADIUS * (r * np.cos(around) + across),
        color=theme.interval,
        linewidth=0.13 * size,
        linestyle=(0, (5, 2)),
        zorder=4,
        gid="ellipse",
    )
    ax.plot(
        [-end, end],
        [-end * r, end * r],
        color=theme.summary,
        linewidth=0.19 * size,
        zorder=5,
        gid="line",
    )
