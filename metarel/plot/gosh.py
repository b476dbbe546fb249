"""The GOSH picture: the results of all subsets of the studies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_choice
from metarel._lazy import pd
from metarel.diagnose.gosh import Gosh
from metarel.errors import InputError
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say
from metarel.plot._frame import check_size, frame, set_axis, spread
from metarel.plot._key import Look, mark, room_above, write_key
from metarel.plot._labels import short_name
from metarel.plot._parts import part
from metarel.plot._reading import fit_reading
from metarel.plot._scale import PLAIN, Transformation
from metarel.plot._theme import THEMES
from metarel.plot._words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.plot._theme import Theme

#: What can stand on the vertical axis, and how it is called.
HEIGHTS = {
    "I2": "I² (%)",
    "tau2": "Between-study variance τ²",
    "Q": "Q",
    "H2": "H²",
    "se": "Standard error",
}
SHOWN = 20_000  # points: more would only be ink on ink
BINS = 60
HEIGHT = 42.0  # of a figure of our own, in ems


def gosh_data(
    found: Gosh, *, y: str = "I2", study: str | None = None, transform: Transformation = None
) -> pd.DataFrame:
    """Return the numbers behind the points of ``gosh``.

    Parameters
    ----------
    found : Gosh
        What ``metarel.gosh`` returned for a pooled mean.
    y : str
        As in ``gosh``.
    study : str, optional
        As in ``gosh``.
    transform : str or function, optional
        As in ``gosh``.

    Returns
    -------
    DataFrame
        A row a subset that could be fitted: ``estimate`` (on the scale of the axis), the quantity
        of the vertical axis under its name (I2 in percent), and, with a study, ``holding``.

    Raises
    ------
    InputError
        As ``gosh``.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 1.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> frame = mr.plot.gosh_data(mr.gosh(fit), study="Study 3")
    >>> frame.groupby("holding")["estimate"].median().round(2).to_dict()
    {False: 0.21, True: 0.89}
    """
    _check(found)
    check_choice("y", y, HEIGHTS)
    table = found.table
    scale = fit_reading(found.fit, transform).scale
    columns = {
        "estimate": scale.to_axis(table["estimate"]),
        y: table[y].to_numpy(dtype=float) * (100 if y == "I2" else 1),
    }
    if study is not None:
        columns["holding"] = found.holding(study)
    frame_ = pd.DataFrame(columns)
    known = np.isfinite(frame_[["estimate", y]].to_numpy(dtype=float)).all(axis=1)
    return frame_[known].reset_index(drop=True)


def _check(found: object) -> None:
    """Refuse what holds no subsets of a pooled mean."""
    if not isinstance(found, Gosh):
        raise InputError(
            f"`found` must be what gosh() returned; got {type(found).__name__}. Of a fit, draw "
            "mr.gosh(fit)."
        )
    if "estimate" not in found.table:
        raise InputError(
            "`found` must be of a pooled mean; with moderators a subset has several estimates, "
            "which stand in `found.table`."
        )


def gosh(
    found: Gosh,
    *,
    ax: Axes | None = None,
    y: str = "I2",
    study: str | None = None,
    transform: Transformation = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw the pooled effect of every subset of the studies against its heterogeneity.

    One cloud says that the studies are of one kind. Two clouds, or a tail, say that some do not
    belong with the others [olkin2012]; ``study`` colours the subsets that hold one of them. The
    margins count all subsets.

    Parameters
    ----------
    found : Gosh
        What ``metarel.gosh`` returned for a pooled mean.
    ax : Axes, optional
        What is divided into the panel and its margins; by default that of a new figure.
    y : str
        What stands on the vertical axis: ``"I2"``, ``"tau2"``, ``"Q"``, ``"H2"`` or ``"se"``.
    study : str, optional
        A study, whose subsets are vermilion.
    transform : str or function, optional
        Scale of the estimate, as in ``forest``; by default that of the measure.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes that holds the panels, its ``child_axes`` in the order upper margin, (an empty
        corner), cloud, right margin. Artists carry a ``gid``: ``"subsets"``, ``"holding"``,
        ``"margin"``, ``"margin-holding"``, ``"pooled"``.

    Raises
    ------
    InputError
        If ``found`` is no such result, no study has the name, or an option is not one of those
        known.

    See Also
    --------
    gosh_data : the numbers behind the points.

    Notes
    -----
    metafor's ``plot`` of a ``gosh`` draws the same points and margins. Of more than 20 000
    subsets every so-manieth is drawn as a point, so that no more are.

    References
    ----------
    [olkin2012]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 1.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> ax = mr.plot.gosh(mr.gosh(fit), study="Study 3")
    >>> len(ax.child_axes)
    4
    """
    colours = THEMES[theme]
    check_size(font_size)
    numbers = gosh_data(found, y=y, study=study, transform=transform)
    reading = fit_reading(found.fit, transform)
    scale = reading.scale
    ax = frame(ax, colours, font_size, height=HEIGHT)
    (top, corner), (cloud, side) = part(
        ax, (5, 1), (1, 5), (0.6, 0.6), theme=colours, size=font_size
    )
    corner.set_axis_off()
    low, high = scale.bent(spread(scale.straight(numbers["estimate"]), 0.04))
    for which, ends, name, own in (
        ("x", (float(low), float(high)), reading.name, scale),
        ("y", _ends(numbers[y].to_numpy(dtype=float), y), HEIGHTS[y], PLAIN),
    ):
        set_axis(cloud, which, ends, name, scale=own, theme=colours, size=font_size)
    held = numbers["holding"].to_numpy(dtype=bool) if study is not None else None
    _draw_cloud(cloud, numbers, y, held, colours, font_size)
    _draw_margins((top, side), cloud, numbers, y, held, colours)
    pooled = float(scale.to_axis(found.fit.estimate))
    cloud.axvline(
        pooled, color=colours.ink, linewidth=0.1 * font_size, linestyle=(0, (4, 3)), gid="pooled"
    )
    pad = 6.0
    if study is not None:
        handles = [
            mark(Look(colours.summary, "o", ""), f"with {short_name(study)}", font_size),
            mark(Look(colours.study, "o", ""), "without", font_size),
        ]
        pad = room_above(top, handles, font_size) * font_size
        write_key(top, handles, theme=colours, size=font_size, place="above")
    if title:
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink, pad=pad)
    return say(ax, _in_words(found, numbers, y, study, title))


def _ends(values: Array, y: str) -> tuple[float, float]:
    """Return the limits of the vertical axis."""
    if y == "I2":
        return -3.0, 103.0
    low, high = spread(values, 0.04)
    return low, high


def _draw_cloud(
    ax: Axes, numbers: pd.DataFrame, y: str, held: Any, theme: Theme, size: float
) -> None:
    """Draw the points, thinned where there are too many, and those that hold the study."""
    every = max(1, -(-len(numbers) // SHOWN))
    x, heights = (numbers[name].to_numpy(dtype=float)[::every] for name in ("estimate", y))
    some = np.zeros(len(x), dtype=bool) if held is None else held[::every]
    dot = size * float(np.clip(30 / np.sqrt(len(x)), 0.22, 0.6))
    alpha = float(np.clip(40 / np.sqrt(len(x)), 0.25, 0.9))
    for gid, chosen, colour in (
        ("subsets", ~some, theme.study),
        ("holding", some, theme.summary),
    ):
        ax.scatter(
            x[chosen],
            heights[chosen],
            s=dot**2,
            color=colour,
            alpha=alpha,
            linewidths=0,
            zorder=2,
            gid=gid,
            rasterized=len(x) > 2000,
        )


def _draw_margins(
    margins: tuple[Axes, Axes], cloud: Axes, numbers: pd.DataFrame, y: str, held: Any, theme: Theme
) -> None:
    """Count the subsets along both axes."""
    top, side = margins
    groups = [("margin", np.ones(len(numbers), dtype=bool), theme.study)]
    if held is not None:
        groups = [("margin", ~held, theme.study), ("margin-holding", held, theme.summary)]
    ratio = cloud.get_xscale() == "log"
    ways: tuple[Any, ...] = (
        (top, "estimate", cloud.get_xlim(), "vertical", ratio),
        (side, y, cloud.get_ylim(), "horizontal", False),
    )
    for ax, name, ends, way, log in ways:
        edges = (np.geomspace if log else np.linspace)(ends[0], ends[1], BINS + 1)
        for gid, chosen, colour in groups:
            counts, _ = np.histogram(numbers[name].to_numpy(dtype=float)[chosen], edges)
            ax.stairs(counts, edges, orientation=way, fill=True, color=colour, alpha=0.65, gid=gid)
        ax.set_axis_off()
    top.set_xscale(cloud.get_xscale())
    top.set_xlim(cloud.get_xlim())
    side.set_ylim(cloud.get_ylim())
    top.set_ylim(0.0, None)
    side.set_xlim(0.0, None)


def _in_words(found: Gosh, numbers: pd.DataFrame, y: str, study: str | None, title: str) -> str:
    """Say what the plot shows."""
    kind = "all" if found.complete else "drawn"
    low, middle, high = np.quantile(numbers["estimate"], [0.025, 0.5, 0.975])
    text = (
        f"{f'{title}. ' if title else ''}Pooled effects of {len(numbers)} {kind} subsets of "
        f"{len(found.names)} studies against {HEIGHTS[y]}: median {number(middle, 2)}, 95% "
        f"between {number(low, 2)} and {number(high, 2)}."
    )
    if study is None:
        return text
    medians = numbers.groupby("holding")["estimate"].median()
    told = " and ".join(
        f"{number(float(value), 2)} {'with' if holding else 'without'}"
        for holding, value in medians.items()
    )
    return f"{text} Medians by whether a subset holds {study}: {told}."
