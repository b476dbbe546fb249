"""Many effects without names, one under the other: what caterpillar and rainforest share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._format import count
from metarel._lazy import pd
from metarel.errors import InputError
from metarel.plot import _atoms as atoms
from metarel.plot._alt import mean_words, pooled_words, studies_words
from metarel.plot._axis import find_limits
from metarel.plot._blocks import Asked, Contents, contents_of, model_of
from metarel.plot._frame import check_axes, check_size, lay_paper, set_axis
from metarel.plot._layouts import LAYOUTS
from metarel.plot._refits import is_refits
from metarel.plot._rows import Row, has_moderators
from metarel.plot._table import BOUNDED, Style
from metarel.plot._text import wrap
from metarel.plot._theme import THEMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.moderators.subgroups import SubgroupsResult
    from metarel.plot._rows import Block
    from metarel.plot._scale import Transformation
    from metarel.plot._theme import Theme

MOST_NAMES = 60  # studies whose names are written
LONGEST = 22.0  # ems of a name before it breaks
# In ems:
WIDTH = 46.0  # of a figure of our own
LEAST, MOST = 26.0, 70.0  # height of the studies, where their names are not written
PER_NAME = 1.5  # of each study that has one
PER_GROUP = 3.2  # least height of a block that has a name
POOLED = 2.6  # height of a line of a pooled result
BETWEEN = 0.9  # from block to block
AROUND = 7.0  # ticks, name of the axis and title
HALF_DIAMOND = 0.62


@dataclass(frozen=True, slots=True)
class Placed:
    """Rows at their heights, from the top, in ems.

    Parameters
    ----------
    rows : tuple of Row
        Studies, or pooled results.
    y : ndarray
        Their heights.
    slot : ndarray
        The room that each has.
    """

    rows: tuple[Row, ...]
    y: Array
    slot: Array

    def get(self, name: str) -> Array:
        """Return a number of each row."""
        return np.array([getattr(row, name) for row in self.rows], dtype=float)


@dataclass(frozen=True, slots=True)
class Crowd:
    """What is drawn, and where.

    Parameters
    ----------
    contents : Contents
        The result.
    studies, pooled, predicted : Placed
        The rows of each kind.
    ticks : list of tuple
        Heights and the words beside them.
    height : float
        Of everything.
    """

    contents: Contents
    studies: Placed
    pooled: Placed
    predicted: Placed
    ticks: list[tuple[float, str]]
    height: float


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user asked for; see ``caterpillar``.

    Parameters
    ----------
    names, prediction : bool
        What is shown.
    xlim, xlabel, reference : object
        Of the axis.
    digits : int
        Decimals.
    title, theme, font_size : object
        Of the figure.
    each : float
        Room that a study without a name would like to have, in ems.
    """

    names: bool
    prediction: bool
    xlim: tuple[float, float] | None
    xlabel: str | None
    reference: float | bool | None
    digits: int
    title: str
    theme: str
    font_size: float
    each: float = 0.0


def read(fit: Any, order: str | None, transform: Transformation, data: Any) -> Contents:
    """Return what a plot of many effects shows; refits have one of their own."""
    if is_refits(fit):
        raise InputError("`fit` must be a result of pool() or subgroups(); refits go to forest().")
    return contents_of(fit, Asked(data=data, order=order, transform=transform))


def crowd_frame(fit: Any, order: str | None, transform: Transformation, data: Any) -> pd.DataFrame:
    """Return the numbers behind the marks, with the rank of each study from the top."""
    blocks = read(fit, order, transform, data).blocks
    rows = [row.numbers() for block in blocks for row in (*block.studies, *block.summaries)]
    frame = pd.DataFrame(rows)
    study = frame["kind"] == "study"
    frame.insert(0, "rank", study.cumsum().where(study))
    return frame


def place(contents: Contents, style: Style, wishes: Wishes) -> Crowd:
    """Give every row its height."""
    k = sum(len(block.studies) for block in contents.blocks)
    named = wishes.names and k <= MOST_NAMES
    total = max(LEAST, PER_NAME * k if named else min(wishes.each * k, MOST))
    studies: list[tuple[Row, float, float]] = []
    pooled: list[tuple[Row, float, float]] = []
    predicted: list[tuple[Row, float, float]] = []
    ticks: list[tuple[float, str]] = []
    y = 0.4
    for block in contents.blocks:
        room = max(total * len(block.studies) / k, PER_GROUP if block.heading else 0.0)
        slot = room / max(len(block.studies), 1)
        places = [y + (i + 0.5) * slot for i in range(len(block.studies))]
        studies += [(row, at, slot) for row, at in zip(block.studies, places, strict=True)]
        ticks += _study_ticks(block, places, named=named)
        y += room if block.studies else 0.0
        for row in block.summaries:
            if math.isnan(row.estimate):
                continue
            y += POOLED
            pooled.append((row, y - POOLED / 2, POOLED))
            ticks.append((y - POOLED / 2, _said(row, style, block.heading if named else "")))
            if wishes.prediction and math.isfinite(row.pi_low):
                y += POOLED
                predicted.append((row, y - POOLED / 2, POOLED))
                limits = " ".join(style.limits(row.pi_low, row.pi_high))
                name = f"{100 * contents.level:g}% prediction interval"
                ticks.append((y - POOLED / 2, f"{name}\n{limits}"))
        y += BETWEEN
    height = y - BETWEEN + 0.4
    return Crowd(contents, _placed(studies), _placed(pooled), _placed(predicted), ticks, height)


def _study_ticks(block: Block, places: list[float], *, named: bool) -> list[tuple[float, str]]:
    """Return the words beside the studies: each one's name, or how many there are."""
    if not places:
        return []
    if named:
        return [
            (at, wrap(row.label, LONGEST)) for row, at in zip(block.studies, places, strict=True)
        ]
    number = count(len(places), "study", "studies")
    heading = f"{wrap(block.heading, LONGEST)}\n" if block.heading else ""
    return [((places[0] + places[-1]) / 2, heading + number)]


def _said(row: Row, style: Style, heading: str) -> str:
    """Return a pooled result in words, under its name."""
    numbers = " ".join([style.estimate(row.estimate), *style.limits(row.ci_low, row.ci_high)])
    name = heading if row.kind == "subgroup" else row.label
    return f"{wrap(name, LONGEST)}\n{numbers}" if name else numbers


def _placed(found: list[tuple[Row, float, float]]) -> Placed:
    return Placed(
        tuple(row for row, _, _ in found),
        np.array([y for _, y, _ in found]),
        np.array([slot for _, _, slot in found]),
    )


@dataclass(frozen=True, slots=True)
class Canvas:
    """Where a crowd is drawn.

    Parameters
    ----------
    ax : Axes
        The Axes, with its limits set.
    crowd : Crowd
        What is drawn.
    theme : Theme
        Colours.
    limits : tuple of float
        Ends of the axis.
    size : float
        Of the font, in points.
    """

    ax: Axes
    crowd: Crowd
    theme: Theme
    limits: tuple[float, float]
    size: float

    @property
    def em(self) -> float:
        """Return the height of one unit of the y axis in points."""
        box = self.ax.get_window_extent()
        return float(box.height * 72 / self.ax.figure.dpi / self.crowd.height)


def canvas(ax: Axes | None, contents: Contents, wishes: Wishes) -> Canvas:
    """Return the Axes with limits, ticks, reference and title, ready for the marks."""
    colours, size = THEMES[wishes.theme], wishes.font_size
    check_axes(ax)
    check_size(size)
    reading = contents.reading
    style = Style(LAYOUTS["classic"], wishes.digits, reading.scale.code in BOUNDED)
    crowd = place(contents, style, wishes)
    at = reading.null if wishes.reference is None else wishes.reference
    at = None if at is None or at is False else float(at)
    _check_places(wishes.xlim, at, ratio=reading.scale.ratio)
    limits = wishes.xlim or find_limits(
        contents.blocks,
        reading.scale,
        at,
        always=reading.sure or wishes.reference is not None,
        prediction=wishes.prediction,
    )
    ax = _axes(ax, crowd, colours, size)
    name = reading.name if wishes.xlabel is None else wishes.xlabel
    set_axis(ax, "x", limits, name, scale=reading.scale, theme=colours, size=size)
    heights, words = zip(*crowd.ticks, strict=True)
    ax.set_yticks(heights, words, fontsize=0.95 * size, color=colours.ink)
    for label in ax.get_yticklabels():
        label.set(parse_math=False, usetex=False)
    ax.set_ylim(crowd.height, 0.0)
    if wishes.title:
        atoms.title(ax, wishes.title, size=1.2 * size, colour=colours.ink, pad=0.7 * size)
    if at is not None and limits[0] <= at <= limits[1]:
        atoms.vertical(
            ax, at, 0, crowd.height, colour=colours.rule, width=0.1 * size, gid="reference"
        )
    return Canvas(ax, crowd, colours, limits, size)


def _check_places(xlim: tuple[float, float] | None, at: float | None, *, ratio: bool) -> None:
    """Refuse places that cannot stand on the axis."""
    if xlim is not None and not (len(xlim) == 2 and xlim[0] < xlim[1]):
        raise InputError(f"`xlim` must be two numbers, the lower first; got {xlim!r}.")
    for name, low in (("xlim", xlim and xlim[0]), ("reference", at)):
        if ratio and low is not None and low <= 0:
            raise InputError(f"`{name}` must be positive on a ratio axis; got {low!r}.")


def _axes(ax: Axes | None, crowd: Crowd, theme: Theme, size: float) -> Axes:
    """Return the Axes given, or those of a new figure as high as the rows ask for."""
    if ax is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(
            figsize=(WIDTH * size / 72, (crowd.height + AROUND) * size / 72), facecolor=theme.paper
        )
        figure.set_layout_engine("constrained", w_pad=size / 72, h_pad=size / 72)
        ax = figure.add_subplot()
    lay_paper(ax, theme)
    ax.grid(False)
    ax.spines[["left", "right", "top"]].set_visible(False)
    ax.spines["bottom"].set(color=theme.muted, linewidth=0.08 * size)
    ax.tick_params(
        axis="x", color=theme.muted, labelcolor=theme.ink, labelsize=0.9 * size,
        length=0.35 * size, width=0.08 * size, direction="out",
    )  # fmt: skip
    ax.tick_params(axis="y", length=0, pad=0.8 * size)
    return ax


def draw_pooled(on: Canvas) -> None:
    """Draw diamonds, prediction intervals, and the line that leads up from the last mean."""
    pooled, predicted, size = on.crowd.pooled, on.crowd.predicted, on.size
    if not pooled.rows:
        return
    atoms.diamonds(
        on.ax, pooled.get("estimate"), pooled.get("ci_low"), pooled.get("ci_high"), pooled.y,
        half_height=HALF_DIAMOND, limits=on.limits, colour=on.theme.summary, gid="summary",
    )  # fmt: skip
    if predicted.rows:
        atoms.intervals(
            on.ax, predicted.get("pi_low"), predicted.get("pi_high"), predicted.y,
            limits=on.limits, width=0.42 * size, head=1.1 * size, colour=on.theme.pale,
            gid="prediction",
        )  # fmt: skip
    last = float(pooled.get("estimate")[-1])
    if pooled.rows[-1].kind == "summary" and on.limits[0] <= last <= on.limits[1]:
        line = atoms.vertical(
            on.ax, last, 0, float(pooled.y[-1]), colour=on.theme.summary, width=0.1 * size,
            gid="summary-line", dashes=(4, 3),
        )  # fmt: skip
        line.set_zorder(4.5)


def in_words(fit: Any, contents: Contents, name: str, title: str) -> str:
    """Say what the plot shows."""
    whole = model_of(fit)
    text = f"{f'{title}. ' if title else ''}{name} of {studies_words(whole)}"
    if has_moderators(whole):
        return f"{text}."
    levels: SubgroupsResult | None = fit if hasattr(fit, "fits") else None
    if levels is not None:
        text += " in subgroups: " + "; ".join(
            f"{level}: {mean_words(part, contents.reading)}" for level, part in levels.fits.items()
        )
    return f"{text}. {pooled_words(whole, contents.reading)}"


def study_effects(fit: Any, rows: Sequence[Row]) -> tuple[Array, Array]:
    """Return effects and standard errors of rows, on the scale of the analysis."""
    study = model_of(fit).study
    at = {int(place): i for i, place in enumerate(study.rows)}
    order = [at[row.study] for row in rows]
    return np.asarray(study.yi)[order], np.sqrt(np.asarray(study.vi))[order]
