"""The forest plot: every study with its interval, and what they say together."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from metarel._checks import check_frame
from metarel._lazy import pd
from metarel.errors import InputError, MetarelWarning
from metarel.moderators.subgroups import SubgroupsResult
from metarel.plot._alt import mean_words, pooled_words, say, studies_words
from metarel.plot._axis import Axis, dress, find_limits
from metarel.plot._blocks import blocks_of, whole_of
from metarel.plot._frame import check_axes
from metarel.plot._panel import draw_panel
from metarel.plot._reading import fit_reading
from metarel.plot._rows import has_moderators
from metarel.plot._sheet import arrange, own_paper, paper_within
from metarel.plot._table import Wording, columns_of, entries_of
from metarel.plot._theme import THEMES
from metarel.plot._typeset import room_above, set_text, set_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel.plot._reading import Reading
    from metarel.plot._rows import Block
    from metarel.plot._sheet import Paper, Sheet
    from metarel.plot._theme import Theme

Columns = Sequence[str] | Mapping[str, str]

MARGIN = 10.0  # points around a figure of our own
LEGIBLE = 4.0  # points; smaller print calls for a warning


def forest_data(
    fit: Any,
    *,
    data: pd.DataFrame | None = None,
    order: str | None = None,
    transform: str | None = None,
) -> pd.DataFrame:
    """Return the numbers behind every mark of a forest plot.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, ``meta_regression`` or ``subgroups``.
    data : DataFrame, optional
        The frame the fit was made from; needed where ``order`` names one of its columns.
    order : str, optional
        As in ``forest``.
    transform : str, optional
        As in ``forest``.

    Returns
    -------
    DataFrame
        A row for each line of the plot from the top, on the scale of the axis: ``kind``
        (``"study"``, ``"subgroup"`` or ``"summary"``), ``label``, ``group`` (the level),
        ``estimate``, ``ci_low``, ``ci_high``, ``weight`` (percent, in the overall mean),
        ``pi_low``, ``pi_high`` (of the summary), ``fitted``, ``fitted_low``, ``fitted_high`` (of
        a study, in a meta-regression).

    Raises
    ------
    InputError
        If an option is not one of those known, or ``order`` names no column.

    Notes
    -----
    A study's interval is yi ± z √vi, the normal quantile at the level of the fit, whatever
    test the model uses. metafor's ``forest`` draws the same numbers.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03], tau2="DL")
    >>> mr.plot.forest_data(fit)[["kind", "estimate", "ci_low", "ci_high"]].round(2)
          kind  estimate  ci_low  ci_high
    0    study      0.10   -0.29     0.49
    1    study      0.50    0.22     0.78
    2    study      0.30   -0.04     0.64
    3  summary      0.33    0.11     0.56
    """
    check_frame(data)
    reading = fit_reading(whole_of(fit), transform)
    blocks = blocks_of(fit, reading.scale, order=order, data=data)
    rows = [
        asdict(row)
        for block in blocks
        for row in (*block.studies, *(() if block.summary is None else (block.summary,)))
    ]
    return pd.DataFrame(rows).drop(columns="study")


def forest(
    fit: Any,
    *,
    ax: Axes | None = None,
    data: pd.DataFrame | None = None,
    order: str | None = None,
    left: Columns = ("label",),
    right: Columns = ("effect", "weight"),
    header: bool = True,
    title: str = "",
    transform: str | None = None,
    xlim: tuple[float, float] | None = None,
    xlabel: str | None = None,
    reference: float | Literal[False] | None = None,
    favours: tuple[str, str] | None = None,
    prediction: bool = True,
    digits: int = 2,
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw a forest plot: a square and an interval for each study, a diamond for the pooled effect.

    The area of a square is in proportion to the weight of the study (a very small one is drawn
    at the smallest size that can be seen), the diamond spans the confidence interval, and
    the bar under it the prediction interval [inthout2016]. An interval that the axis cuts ends
    in an arrowhead. Of a meta-regression the fitted mean of each study and its interval are
    drawn as a pale diamond behind the study; of subgroups each level is a block with a diamond
    of its own, and the overall mean comes last. Text is measured before it is set, so that columns
    never overlap.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, ``meta_regression`` or ``subgroups``.
    ax : Axes, optional
        Where to draw; nothing else of its figure is touched, and the font shrinks where the
        lines would not fit. By default a new figure, as high and wide as the text asks for.
    data : DataFrame, optional
        The frame the fit was made from; needed where ``order``, ``left`` or ``right`` name its
        columns.
    order : str, optional
        ``"estimate"``, ``"weight"``, ``"label"`` or a column of ``data``; with ``-`` in front
        from high to low. By default the order of the fit.
    left, right : sequence or mapping of str
        Columns of text on either side: ``"label"``, ``"effect"`` (estimate and interval),
        ``"weight"``, and columns of ``data``. A mapping gives each its header.
    header : bool
        Whether the columns have headers.
    title : str
        Title, flush left; empty for none.
    transform : str, optional
        Scale of the axis: ``"identity"``, ``"exp"`` (a ratio axis), ``"tanh"`` and the others
        that measures know. By default that of the measure: correlations for Fisher's z, ratios
        for log ratios.
    xlim : tuple of float, optional
        Ends of the axis, on its own scale. By default all estimates fit, and their intervals
        unless a few would dwarf the rest.
    xlabel : str, optional
        Name of the axis; by default that of the measure.
    reference : float or False, optional
        Where the reference line stands, on the scale of the axis; False for none. By default
        the value of no effect; of an unknown measure only where that is within reach.
    favours : tuple of str, optional
        What effects on the left and on the right of the reference speak for.
    prediction : bool
        Whether the prediction interval is drawn, for models that have one.
    digits : int
        Decimals of estimates and limits.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points; everything else grows with it. The font is matplotlib's
        (``rcParams["font.family"]``).

    Returns
    -------
    Axes
        The Axes drawn into. Its artists carry a ``gid``: ``"study"``, ``"interval"``,
        ``"subgroup"``, ``"summary"``, ``"prediction"``, ``"fitted"``, ``"reference"``.

    Raises
    ------
    InputError
        If an option is not one of those known, or a column is not in ``data``.

    Warns
    -----
    MetarelWarning
        If the Axes given is so small that the text can hardly be read.

    See Also
    --------
    forest_data : the numbers behind the marks.

    Notes
    -----
    On the history and the parts of the plot see [lewis2001] and [anzurescabrera2010]. metafor's
    ``forest`` and meta's draw the same squares, intervals and diamonds.

    References
    ----------
    [lewis2001], [anzurescabrera2010], [inthout2016]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03], labels=["A", "B", "C"])
    >>> ax = mr.plot.forest(fit, order="-estimate", favours=("control", "treatment"))
    >>> ax.get_xlabel()
    'Effect'
    """
    colours = THEMES[theme]
    check_axes(ax)
    _check_options(data, xlim, favours, digits, font_size)
    reading = fit_reading(whole_of(fit), transform)
    blocks = blocks_of(fit, reading.scale, order=order, data=data)
    wording = Wording(reading.header, digits, whole_of(fit).spec.level)
    entries = entries_of(blocks, wording, prediction=prediction)
    sheet = arrange(
        entries,
        columns_of(left, "left", entries, data, wording, header=header),
        columns_of(right, "right", entries, data, wording, header=header),
    )
    axis = _axis_of(blocks, reading, reference, xlim, xlabel, favours, prediction=prediction)
    if ax is None:
        paper = own_paper(sheet, font_size)
        ax = _new_axes(paper, axis, title, colours)
    else:
        paper = _settle(ax, sheet, font_size, axis, title, colours)
    dress(ax, axis, paper, colours)
    set_title(ax, title, paper, colours)
    draw_panel(ax, axis, paper, colours)
    set_text(ax, paper, colours)
    return say(ax, _in_words(fit, reading, title))


def _in_words(fit: Any, reading: Reading, title: str) -> str:
    """Say what the plot shows."""
    whole = whole_of(fit)
    text = f"{f'{title}. ' if title else ''}Forest plot of {studies_words(whole)}"
    if isinstance(fit, SubgroupsResult):
        text += f" in {len(fit.fits)} subgroups: "
        text += "; ".join(
            f"{name}, {studies_words(level)}: {mean_words(level, reading)}"
            for name, level in fit.fits.items()
        )
    if has_moderators(whole):
        return f"{text}, with the mean that a meta-regression fits to each."
    return f"{text}. {pooled_words(whole, reading)}"


def _check_options(
    data: pd.DataFrame | None,
    xlim: tuple[float, float] | None,
    favours: tuple[str, str] | None,
    digits: int,
    font_size: float,
) -> None:
    """Refuse options that no plot can be drawn with."""
    check_frame(data)
    if xlim is not None and not (len(xlim) == 2 and xlim[0] < xlim[1]):
        raise InputError(f"`xlim` must be two numbers, the lower first; got {xlim!r}.")
    if favours is not None and (isinstance(favours, str) or len(favours) != 2):
        raise InputError(
            "`favours` must be two texts, for the left and the right of the reference; "
            f"got {favours!r}."
        )
    if isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 10:
        raise InputError(f"`digits` must be a whole number from 0 to 10; got {digits!r}.")
    if not 0 < font_size < math.inf:
        raise InputError(f"`font_size` must be positive, in points; got {font_size!r}.")


def _axis_of(
    blocks: Sequence[Block],
    reading: Reading,
    reference: float | Literal[False] | None,
    xlim: tuple[float, float] | None,
    xlabel: str | None,
    favours: tuple[str, str] | None,
    *,
    prediction: bool,
) -> Axis:
    """Decide what the axis shows."""
    scale = reading.scale
    at = reading.null if reference is None else None if reference is False else float(reference)
    if scale.ratio and ((xlim is not None and xlim[0] <= 0) or (at is not None and at <= 0)):
        name, value = ("reference", at) if xlim is None or xlim[0] > 0 else ("xlim", xlim)
        raise InputError(f"`{name}` must be positive on a ratio axis; got {value!r}.")
    always = reading.sure or reference is not None or favours is not None
    low, high = xlim or find_limits(blocks, scale, at, always=always, prediction=prediction)
    shown = at if at is not None and low <= at <= high else None
    if favours is not None and shown is None:
        raise InputError(
            "`favours` needs a reference line within the axis to stand on either side of; "
            f"the axis runs from {low:g} to {high:g}. Set `reference` or `xlim`."
        )
    name = reading.name if xlabel is None else xlabel
    return Axis(scale, (float(low), float(high)), shown, name, favours)


def _new_axes(paper: Paper, axis: Axis, title: str, theme: Theme) -> Axes:
    """Return the Axes of a new figure that is just large enough."""
    import matplotlib.pyplot as plt

    below = axis.room_below(paper) + MARGIN
    above = room_above(title, paper) + MARGIN
    width, height = paper.width + 2 * MARGIN, above + paper.height + below
    figure = plt.figure(figsize=(width / 72, height / 72), facecolor=theme.paper)
    return figure.add_axes(
        (MARGIN / width, below / height, paper.width / width, paper.height / height)
    )


def _settle(
    ax: Axes, sheet: Sheet, font_size: float, axis: Axis, title: str, theme: Theme
) -> Paper:
    """Return the paper for an Axes once its figure's layout engine, if any, has placed it."""
    paper = paper_within(sheet, font_size, ax)
    engine = ax.figure.get_layout_engine()
    if engine is not None:
        # The engine makes room for ticks and title; only then is the size of the Axes known.
        passing = dress(ax, axis, paper, theme)
        set_title(ax, title, paper, theme)
        engine.execute(ax.figure.canvas.figure)
        for artist in passing:
            artist.remove()
        paper = paper_within(sheet, font_size, ax)
    if paper.size < LEGIBLE:
        warnings.warn(
            f"The Axes holds {len(paper.sheet.lines)} lines of text only at {paper.size:.1f} "
            "points; make it larger, or leave `ax` out and the figure finds its own size.",
            MetarelWarning,
            stacklevel=3,
        )
    return paper
