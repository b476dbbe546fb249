"""The binomial effect size display: a correlation as two rates of success."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import pd
from metarel.convert._meanings import GROUPS_OF_R
from metarel.convert.interpret import Interpretation
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say
from metarel.plot._frame import check_size, frame, set_axis
from metarel.plot._meaning import (
    Said,
    meaning_of,
    names_of,
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

#: What an r of two measured variables is split into, where no groups are named.
HALVES = (
    "above the median of the other variable",
    "below the median of the other variable",
)
BAR = 0.42  # height of a bar; the bars are 1 apart
LIFT = 0.4  # from a bar to the words on it, in ems
LEADING = 1.25


def binomial_display_data(
    effect: float | Interpretation, *, groups: tuple[str, str] | None = None
) -> pd.DataFrame:
    """Return the numbers behind the bars of ``binomial_display``.

    Parameters
    ----------
    effect : float or Interpretation
        As in ``binomial_display``.
    groups : tuple of str, optional
        As in ``binomial_display``.

    Returns
    -------
    DataFrame
        A row for each group, the treated (or the upper half) first: ``group``, ``success`` and
        ``failure`` (shares).

    Raises
    ------
    InputError
        If the effect is not a number or outside its domain, or the groups are not two names.

    Examples
    --------
    >>> import metarel as mr
    >>> mr.plot.binomial_display_data(0.32, groups=("treated", "controls"))
          group  success  failure
    0   treated     0.66     0.34
    1  controls     0.34     0.66
    """
    meaning = meaning_of(effect, "r")
    rates = [meaning.value("BESD treated"), meaning.value("BESD control")]
    return pd.DataFrame(
        {"group": _groups_of(meaning, groups), "success": rates, "failure": rates[::-1]}
    )


def binomial_display(
    effect: float | Interpretation,
    *,
    ax: Axes | None = None,
    groups: tuple[str, str] | None = None,
    xlabel: str = "Share of the group that succeeds (%)",
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw a correlation as the rates of success of two groups.

    If half of the people were treated, and half of all succeeded, a correlation of group and
    success of r would be rates of ½ + r/2 and ½ − r/2 [rosenthal1982]. The display shows the size
    of r, not the rates of a study.

    Parameters
    ----------
    effect : float or Interpretation
        A correlation between -1 and 1 (exclusive), or what ``interpret`` returns.
    ax : Axes, optional
        Where to draw; by default in a new figure. Without a layout engine the Axes shrinks to
        make room for the words above it.
    groups : tuple of str, optional
        Names of the treated and of the controls; by default those of the interpretation, and for
        an r without groups of its own the halves above and below the median of the other
        variable.
    xlabel : str
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
        The Axes drawn into; its artists carry a ``gid``: ``"success"``, ``"failure"``, ``"name"``,
        ``"said"``.

    Raises
    ------
    InputError
        If the effect is not a number or outside its domain, or the groups are not two names.

    See Also
    --------
    binomial_display_data : the numbers behind the bars.

    References
    ----------
    [rosenthal1982]

    Examples
    --------
    >>> import metarel as mr
    >>> ax = mr.plot.binomial_display(0.32, groups=("treated", "controls"))
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "name"]
    ['treated: 66.0% succeed', 'controls: 34.0% succeed']
    >>> print(mr.plot.binomial_display_data(0.32)["group"][0])
    above the median of the other variable
    """
    colours = THEMES[theme]
    check_size(font_size)
    meaning = meaning_of(effect, "r")
    data = binomial_display_data(meaning, groups=groups)
    ax = frame(ax, colours, font_size)
    set_axis(ax, "x", (0.0, 100.0), " ", scale=PLAIN, theme=colours, size=font_size)
    ax.set(ylim=(1 + BAR, -1.0 + BAR / 2), yticks=[])
    ax.spines["left"].set_visible(False)
    settle(ax)
    width = width_of(ax, font_size)
    ax.set_xlabel(wrap(xlabel, width), parse_math=False)
    rates = 100 * data["success"].to_numpy(dtype=float)
    y = np.arange(2.0)
    for name, left, wide, colour in (
        ("success", np.zeros(2), rates, [colours.summary, colours.interval]),
        ("failure", rates, 100 - rates, colours.shades[1]),
    ):
        for bar in ax.barh(y, wide, BAR, left=left, color=colour, linewidth=0, zorder=2):
            bar.set_gid(name)
    for at, (name, rate) in enumerate(zip(data["group"], data["success"], strict=True)):
        _name_bar(ax, at, f"{name}: {share(rate)} succeed", width, colours.ink, font_size)
    said = [
        Said(
            f"{number_said(meaning, 'r')}, {share(meaning.r**2) if meaning.r else 'none'} of the "
            "variance, as rates of success if group and success were both split in half"
        )
    ]
    write_above(ax, said, title, start=0.0, theme=colours, size=font_size)
    bars = zip(data["group"], data["success"], strict=True)
    rates_said = "; ".join(f"{name}: {share(rate)} succeed" for name, rate in bars)
    return say(ax, f"{title}. " * bool(title) + f"Two bars. {said[0].text}. {rates_said}.")


def _groups_of(meaning: Interpretation, groups: tuple[str, str] | None) -> tuple[str, str]:
    """Return the names of both halves; an r is of two variables unless its groups are named."""
    unnamed = groups is None and meaning.given == "r" and meaning.groups == GROUPS_OF_R
    return HALVES if unnamed else names_of(meaning, groups)


def _name_bar(ax: Axes, at: int, text: str, width: float, colour: str, size: float) -> None:
    """Write words over a bar, flush left, as many lines as they need."""
    from matplotlib.transforms import ScaledTranslation

    for i, line in enumerate(reversed(wrap(text, width, bold=True).split("\n"))):
        up = ScaledTranslation(0.0, (LIFT + LEADING * i) * size / 72, ax.figure.dpi_scale_trans)
        atoms.words(
            ax,
            0.0,
            at - BAR / 2,
            line,
            transform=ax.transData + up,
            size=size,
            colour=colour,
            bold=True,
            gid="name",
        )
