"""Pictures of what an effect means: the effect they take, and the words above their panel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metarel._format import fixed, percent
from metarel.convert.interpret import Interpretation, interpret
from metarel.errors import InputError
from metarel.plot import _atoms as atoms
from metarel.plot._text import wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

    from metarel.plot._theme import Theme

# In ems:
SMALL = 0.92  # size of the statements
LEADING = 1.3  # from line to line
INDENT = 1.2  # from a statement's mark to its words
TITLE = 1.2
GAP = 0.7  # between panel, rows of words, and title
LEAST_HEIGHT = 0.05  # of a panel, as a share of the figure


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence above a panel, and the colour of the mark that it speaks of.

    Parameters
    ----------
    text : str
        The sentence.
    colour : str
        Of its square; empty for none.
    """

    text: str
    colour: str = ""


def meaning_of(effect: float | Interpretation, metric: str) -> Interpretation:
    """Return the interpretation of an effect, which may be a number on the scale of d or r."""
    if isinstance(effect, Interpretation):
        return effect
    if isinstance(effect, (bool, str)) or not hasattr(effect, "__float__"):
        raise InputError(
            f"`effect` must be a number, its {metric}, or what `interpret` returns; got {effect!r}."
        )
    return interpret(d=float(effect)) if metric == "d" else interpret(r=float(effect))


def names_of(meaning: Interpretation, groups: tuple[str, str] | None) -> tuple[str, str]:
    """Return the names of the treated and of the controls."""
    if groups is None:
        return meaning.groups
    return interpret(d=meaning.d, groups=groups).groups


def share(fraction: float, *, first: bool = False) -> str:
    """Return a fraction as a percentage that rounding never makes all or nothing.

    At the start of a sentence, ``first``, words are written with a capital.
    """
    if fraction < 0.0005:
        return "Less than 0.1%" if first else "less than 0.1%"
    if fraction >= 0.9995:
        return "More than 99.9%" if first else "more than 99.9%"
    return percent(fraction, 1)


def number_said(meaning: Interpretation, metric: str) -> str:
    """Return ``d = 0.57``, with the limits if there are any."""
    said = meaning.statement(metric)
    limits = [] if math.isnan(said.ci_low) else [said.ci_low, said.ci_high]
    value, *ends = (_short(number, metric) for number in (said.value, *limits))
    return f"{metric} = {value} [{', '.join(ends)}]" if ends else f"{metric} = {value}"


def _short(value: float, metric: str) -> str:
    """Return a number with two decimals (an r with a third that counts), or as many as it takes.

    It takes more where two would make something nothing, or of an r the whole.
    """
    most, digits = (1.0, 3) if metric == "r" else (math.inf, 2)
    while digits < 6 and value and not 0 < abs(round(value, digits)) < most:
        digits += 1
    text = fixed(value, digits)
    return (text.removesuffix("0") if digits == 3 else text).replace("-", "−")


def settle(ax: Axes) -> None:
    """Let the layout engine of the figure, if it has one, place the Axes, whose width is needed."""
    engine = ax.figure.get_layout_engine()
    if engine is not None:
        engine.execute(ax.figure.canvas.figure)


def width_of(ax: Axes, size: float) -> float:
    """Return the width of an Axes in ems."""
    return float(ax.get_window_extent().width / ax.figure.dpi * 72 / size)


def above(ax: Axes, up: float, *, aside: float = 0.0, of_axes: bool = False) -> Transform:
    """Return where x is data (or a share of the Axes) and y the top, moved by points."""
    from matplotlib.transforms import ScaledTranslation

    base = ax.transAxes if of_axes else ax.get_xaxis_transform()
    return base + ScaledTranslation(aside / 72, up / 72, ax.figure.dpi_scale_trans)


def write_above(
    ax: Axes, said: Sequence[Said], title: str, *, start: float, theme: Theme, size: float
) -> None:
    """Write sentences and a title above a panel, flush left, from a height in points upwards.

    In a figure without a layout engine the Axes shrinks by as much, so that the words take
    their room from it and from nothing else.
    """
    width = width_of(ax, size)
    indent = INDENT if any(sentence.colour for sentence in said) else 0.0
    lines: list[tuple[str, str]] = []
    for sentence in said:
        first, *rest = wrap(sentence.text, width / SMALL - indent).split("\n")
        lines += [(first, sentence.colour), *((line, "") for line in rest)]
    up = start + GAP * size
    for text, colour in reversed(lines):
        if colour:
            ax.plot(
                [0],
                [1],
                marker="s",
                markersize=0.62 * size,
                markeredgewidth=0,
                color=colour,
                transform=above(ax, up + 0.34 * size, aside=0.36 * size, of_axes=True),
                clip_on=False,
                gid="key",
            )
        atoms.words(
            ax,
            0.0,
            1.0,
            text,
            transform=above(ax, up, aside=indent * SMALL * size, of_axes=True),
            size=SMALL * size,
            colour=theme.ink,
            gid="said",
        )
        up += LEADING * SMALL * size
    up += 0.2 * size
    if title:
        broken = wrap(title, width / TITLE, bold=True)
        atoms.title(ax, broken, size=TITLE * size, colour=theme.ink, pad=up)
        up += TITLE * size * (1 + 1.25 * broken.count("\n")) + GAP * size
    if ax.figure.get_layout_engine() is None:
        _shrink(ax, up)


def _shrink(ax: Axes, above_panel: float) -> None:
    """Take the room for the words above a panel, and for an axis cut at the foot, from its height.

    Nothing else moves; a figure with a layout engine needs none of this.
    """
    place = ax.get_position()
    height = ax.figure.canvas.figure.get_size_inches()[1] * 72
    box = ax.get_tightbbox()
    cut = max(0.0, -box.y0 / ax.figure.dpi * 72 + 2.0) if box is not None else 0.0
    left = max(place.height - (above_panel + cut) / height, LEAST_HEIGHT)
    ax.set_position((place.x0, place.y0 + cut / height, place.width, left))
