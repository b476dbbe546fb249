"""The axis under the panel: its limits and ticks, its name, and the words on either side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel.plot import _atoms as atoms
from metarel.plot._frame import lay_paper
from metarel.plot._scale import Scale
from metarel.plot._sheet import CONTINUED, Heads, Paper
from metarel.plot._text import text_width, wrap
from metarel.plot._ticks import axis_limits, linear_ticks, ratio_ticks, tick_labels

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from metarel.plot._rows import Block
    from metarel.plot._theme import Theme

MOST_TICKS = 7
# In ems:
SMALL = 0.9  # size of tick labels and favours
TICK = 0.35  # length of a tick, and the gap to its label
BELOW_TICKS = 1.75  # from the axis to the foot of the tick labels
LEADING = 1.3  # from line to line below the axis
ASIDE = 0.6  # from the reference to the words on either side
MOST_DECADES = 40.0  # of a ratio axis to either side of 1; what lies beyond is cut
PADDING = 0.02  # share of the axis left free at both ends


@dataclass(frozen=True, slots=True)
class Axis:
    """What the axis shows.

    Parameters
    ----------
    scale : Scale
        The transformation.
    limits : tuple of float
        The ends of the panel, on the scale of the axis.
    reference : float or None
        Where the reference line stands, if it lies within the limits.
    name : str
        What is written under the axis; may be empty.
    favours : tuple of str or None
        What values on the left and on the right of the reference speak for.
    lines : tuple of float
        Where further lines stand.
    band : tuple of float or None
        The region of effects that do not matter.
    """

    scale: Scale
    limits: tuple[float, float]
    reference: float | None
    name: str
    favours: tuple[str, str] | None
    lines: tuple[float, ...] = ()
    band: tuple[float, float] | None = None

    def share(self, x: float) -> float:
        """Return how far along the panel a value stands, from 0 to 1."""
        low, high = self.scale.straight(self.limits)
        return float((self.scale.straight(x) - low) / (high - low))

    def ticks(self, panel: float) -> tuple[list[float], list[str]]:
        """Return as many ticks as a panel of this width (in ems) can label, and their labels."""
        find = ratio_ticks if self.scale.ratio else linear_ticks
        ticks: list[float] = []
        labels: list[str] = []
        for most in range(MOST_TICKS, 0, -1):
            ticks = find(*self.limits, most)
            labels = tick_labels(ticks, ratio=self.scale.ratio)
            x = np.array([self.share(tick) for tick in ticks]) * panel / SMALL
            half = np.array([text_width(label) for label in labels]) / 2
            if (x[:-1] + half[:-1] + 0.8 <= x[1:] - half[1:]).all():
                break
        return ticks, labels

    def words(self, paper: Paper) -> tuple[str, str, str]:
        """Return the words on the left and right and the name, broken to fit the paper."""
        panel = paper.panel / paper.size
        name = wrap(self.name, panel)
        if self.favours is None or self.reference is None or paper.sheet.heads.sides:
            return "", "", name
        before = paper.sheet.left_width + panel * self.share(self.reference)
        room = (before, paper.width / paper.size - before)
        left, right = (
            wrap(text, (width - ASIDE) / SMALL)
            for text, width in zip(
                (f"← {self.favours[0]}", f"{self.favours[1]} →"), room, strict=True
            )
        )
        return left, right, name

    def heads(self, middle: str, panel: float, *, above: bool) -> Heads:
        """Return what stands over a panel of some width: a text, or the words on either side.

        Where those do not fit between the columns, they are left to stand below the axis.
        """
        if not above or self.favours is None or self.reference is None:
            return Heads(wrap_lines(middle, panel))
        room = (panel * self.share(self.reference), panel * (1 - self.share(self.reference)))
        sides = [wrap(t, w - ASIDE, bold=True) for t, w in zip(self.favours, room, strict=True)]
        fits = all(text_width(t, bold=True) <= w - ASIDE for t, w in zip(sides, room, strict=True))
        return Heads("", (sides[0], sides[1])) if fits else Heads(wrap_lines(middle, panel))

    def room_below(self, paper: Paper) -> float:
        """Return the height that everything below the axis takes, in points."""
        left, right, name = self.words(paper)
        lines = max(lines_of(left), lines_of(right)) + lines_of(name)
        return paper.size * (BELOW_TICKS + LEADING * lines + (0.3 if lines else 0.0))


def wrap_lines(text: str, width: float) -> str:
    """Break each line of a bold text to a width."""
    return "\n".join(wrap(line, width, bold=True) for line in text.split("\n")) if text else ""


def lines_of(text: str) -> int:
    """Return how many lines a text takes; none if it is empty."""
    return text.count("\n") + 1 if text else 0


def find_limits(
    blocks: Sequence[Block],
    scale: Scale,
    reference: float | None,
    *,
    always: bool,
    prediction: bool,
    shown: Sequence[float] = (),
) -> tuple[float, float]:
    """Return the limits of an axis that shows the blocks well, and ``always`` the reference.

    Other values that are ``shown`` lie within them too.
    """
    studies = [row for block in blocks for row in block.studies if np.isfinite(row.ci_low)]
    summaries = [row for block in blocks for row in block.summaries]
    pairs = [(row.ci_low, row.ci_high) for row in summaries]
    pairs += [(row.fitted_low, row.fitted_high) for row in studies]
    if prediction:
        pairs += [(row.pi_low, row.pi_high) for row in summaries]
    low, high = axis_limits(
        scale.straight([row.estimate for row in (*studies, *summaries)]),
        scale.straight([(row.ci_low, row.ci_high) for row in studies]),
        scale.straight(pairs),
        None if reference is None else float(scale.straight(reference)),
        always=always,
    )
    also = scale.straight(list(shown))
    low, high = min([low, *also]), max([high, *also])
    if scale.ratio:
        low, high = max(low, -MOST_DECADES), min(high, MOST_DECADES)
    free = PADDING * (high - low)
    start, end = scale.bent([low - free, high + free])
    return float(start), float(end)


def dress(ax: Axes, axis: Axis, paper: Paper, theme: Theme) -> list[Artist]:
    """Give the Axes its limits, ticks and words; return the artists that were added."""
    size = paper.size
    if axis.scale.ratio:
        ax.set_xscale("log")
    low, high = axis.scale.straight(axis.limits)
    ax.set_xlim(*axis.scale.bent(paper.data_limits(float(low), float(high))))
    ax.set_ylim(paper.sheet.height, 0.0)
    ax.set_xticks(*axis.ticks(paper.panel / size))
    ax.minorticks_off()
    ax.grid(False)
    ax.yaxis.set_visible(False)
    lay_paper(ax, theme)
    ax.spines[["left", "right", "top"]].set_visible(False)
    spine = ax.spines["bottom"]
    spine.set(color=theme.muted, linewidth=0.08 * size)
    spine.set_bounds(*axis.limits)
    ax.tick_params(
        axis="x",
        bottom=True,
        top=False,
        labelbottom=True,
        labeltop=False,
        direction="out",
        color=theme.muted,
        labelcolor=theme.ink,
        labelsize=SMALL * size,
        length=TICK * size,
        pad=TICK * size,
        width=0.08 * size,
    )
    return [*_words_above(ax, axis, paper, theme), *_words_below(ax, axis, paper, theme)]


def _words_above(ax: Axes, axis: Axis, paper: Paper, theme: Theme) -> list[Artist]:
    """Write what effects speak for over the panel, in two columns that end at the rule."""
    heads, size = paper.sheet.heads, paper.size
    added: list[Artist] = []
    if heads.sides is None or axis.reference is None:
        return added
    for text, align, aside in zip(heads.sides, ("right", "left"), (-ASIDE, ASIDE), strict=True):
        parts = text.split("\n")
        for i, part in enumerate(parts):
            up = paper.sheet.header - 0.55 - CONTINUED * (len(parts) - 1 - i)
            place = atoms.shifted(ax, ax.transData, aside * size, -0.36 * size)
            added.append(
                atoms.words(
                    ax,
                    axis.reference,
                    up,
                    part,
                    transform=place,
                    size=size,
                    colour=theme.ink,
                    align=align,
                    bold=True,
                    gid="favours",
                )
            )
    return added


def _words_below(ax: Axes, axis: Axis, paper: Paper, theme: Theme) -> list[Artist]:
    """Write the favours and the name of the axis."""
    from matplotlib.transforms import ScaledTranslation

    size = paper.size
    left, right, name = axis.words(paper)
    added: list[Artist] = []

    def below(lines: float, aside: float = 0.0) -> ScaledTranslation:
        down = BELOW_TICKS + LEADING * lines + 0.9
        return ScaledTranslation(aside * size / 72, -down * size / 72, ax.figure.dpi_scale_trans)

    for text, align, aside in ((left, "right", -ASIDE), (right, "left", ASIDE)):
        for i, part in enumerate(text.split("\n") if text else []):
            added.append(
                atoms.words(
                    ax,
                    axis.reference or 0.0,
                    0.0,
                    part,
                    transform=ax.get_xaxis_transform() + below(i, aside),
                    size=SMALL * size,
                    colour=theme.muted,
                    align=align,
                    gid="favours",
                )
            )
    if name:
        middle = (paper.sheet.left_width * size + paper.panel / 2) / paper.width
        ax.set_xlabel(name, fontsize=size, color=theme.ink, va="baseline", linespacing=1.0)
        ax.xaxis.set_label_coords(
            middle,
            0.0,
            transform=ax.transAxes
            + below(max(lines_of(left), lines_of(right)) + lines_of(name) - 1),
        )
    return added
