"""The forest plot: every study with its interval, and what they say together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_frame
from metarel._format import count
from metarel._lazy import pd
from metarel._register import one_of
from metarel.effects.register import MEASURES
from metarel.errors import InputError
from metarel.moderators.subgroups import SubgroupsResult
from metarel.plot._alt import mean_words, pooled_words, say, studies_words
from metarel.plot._axis import Axis, find_limits
from metarel.plot._blocks import Asked, Contents, contents_of, model_of
from metarel.plot._frame import check_axes, check_size
from metarel.plot._inputs import has_inputs
from metarel.plot._layouts import Layout, layout_of
from metarel.plot._lights import Key, draw_lights, light_columns
from metarel.plot._numerals import number
from metarel.plot._page import Page
from metarel.plot._panel import Look, Panel
from metarel.plot._phrases import fill
from metarel.plot._refits import refit_columns
from metarel.plot._rows import has_moderators
from metarel.plot._table import BOUNDED, PREDICTIONS, Style, Wanted, columns_of, entries_of
from metarel.plot._theme import THEMES
from metarel.plot._typeset import set_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel.models.results import MetaFit
    from metarel.plot._scale import Transformation
    from metarel.plot._sheet import Entry
    from metarel.plot._text import Column
    from metarel.robust._result import RobustFit


def forest_data(
    fit: MetaFit | RobustFit | SubgroupsResult | pd.DataFrame,
    *,
    data: pd.DataFrame | None = None,
    order: str | None = None,
    transform: Transformation = None,
    also: Any = (),
    excluded: Any = None,
) -> pd.DataFrame:
    """Return the numbers behind every mark of a forest plot.

    Parameters
    ----------
    fit : MetaFit, RobustFit, SubgroupsResult or DataFrame
        As in ``forest``.
    data : DataFrame, optional
        The frame the fit was made from; needed where ``order`` names one of its columns.
    order, transform : str, optional
        As in ``forest``.
    also, excluded : optional
        As in ``forest``.

    Returns
    -------
    DataFrame
        A row for each line of the plot from the top, on the scale of the axis: ``kind``
        (``"study"``, ``"excluded"``, ``"refit"``, ``"subgroup"`` or ``"summary"``), ``label``,
        ``group`` (the level), ``estimate``, ``ci_low``, ``ci_high``, ``weight`` (percent, in the
        overall mean), ``pi_low``, ``pi_high`` (of a summary), ``fitted``, ``fitted_low``,
        ``fitted_high`` (of a study, in a meta-regression), ``yi``, ``sei`` (of a study, on the
        scale of the analysis), ``p_value``, and of pooled results ``k``, ``tau2``, ``I2``.

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
    asked = Asked(data=data, order=order, transform=transform, also=also, excluded=excluded)
    blocks = contents_of(fit, asked).blocks
    rows = [row.numbers() for block in blocks for row in (*block.studies, *block.summaries)]
    return pd.DataFrame(rows)


@says_what_it_takes
def forest(
    fit: MetaFit | RobustFit | SubgroupsResult | pd.DataFrame,
    *,
    ax: Axes | None = None,
    data: pd.DataFrame | None = None,
    layout: str | Layout = "classic",
    also: Any = (),
    excluded: Any = None,
    order: str | None = None,
    left: Wanted | None = None,
    right: Wanted | None = None,
    bias: Sequence[str] | Mapping[str, str] | None = None,
    header: bool = True,
    title: str = "",
    transform: Transformation = None,
    xlim: tuple[float, float] | None = None,
    xlabel: str | None = None,
    reference: float | Literal[False] | None = None,
    lines: Sequence[float] = (),
    band: tuple[float, float] | None = None,
    favours: tuple[str, str] | None = None,
    prediction: bool | str | None = None,
    zebra: bool = False,
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
    fit : MetaFit, RobustFit, SubgroupsResult or DataFrame
        A result of ``pool``, ``meta_regression``, ``robust`` or ``subgroups``, or the table that
        ``cumulative`` or ``leave_one_out`` returned.
    ax : Axes, optional
        Where to draw; nothing else of its figure is touched, and the font shrinks where the
        lines would not fit. By default a new figure, as high and wide as the text asks for.
    data : DataFrame, optional
        The frame the fit was made from; needed where ``order``, ``left``, ``right`` or ``bias``
        name its columns, and for the raw inputs that some layouts print. Names of studies that
        repeat get their year behind them, where it has a column of years.
    layout : str or Layout
        ``"classic"``, ``"jama"``, ``"bmj"``, ``"revman"`` or ``"apa"``: columns, words, signs and
        colours as that journal, program or manual has them. What is given besides goes before.
        ``dataclasses.replace(mr.plot.LAYOUTS["jama"], arms=("CBT", "Waiting list"))`` is another.
    also : sequence or mapping of fits, optional
        Further models of the same studies, each with a diamond of its own; a mapping names them.
    excluded : bool, str, array of bool or DataFrame, optional
        Studies that are shown in grey and hollow, and not pooled: True for the rows that the fit
        left out; a mask over the rows of ``data``, or a column of truth values, for rows that the
        fit did not get; or a frame of studies with yi and vi.
    order : str, optional
        ``"estimate"``, ``"weight"``, ``"label"`` or a column of ``data``; with ``-`` in front
        from high to low. By default the order of the fit.
    left, right : sequence or mapping, optional
        Columns of text on either side: ``"label"``, ``"effect"`` (estimate and interval),
        ``"estimate"``, ``"ci"``, ``"yi"`` and ``"se"`` (as analysed), ``"weight"``,
        ``"weights"`` (in each of several models), ``"p"``, ``"inputs"`` (what the effects were
        made from, arm by arm), ``"k"``, ``"tau2"`` and ``"I2"`` (of pooled results), and columns
        of ``data``. A mapping gives each its header (None for the layout's own), or
        a pair: the heading over neighbouring columns, and the header.
    bias : sequence or mapping of str, optional
        Columns of ``data`` with judgements of the risk of bias, drawn as traffic lights with
        signs: low (+), some concerns or unclear (?), high (-), in any case. A mapping gives the
        names of the domains; long ones get letters, which a key below explains.
    header : bool
        Whether the columns have headers.
    title : str
        Title, flush left; empty for none.
    transform : str or function, optional
        Scale of the axis: ``"identity"``, ``"exp"`` (a ratio axis), ``"tanh"`` and the others
        that measures know. By default that of the measure: correlations for Fisher's z, ratios
        for log ratios. ``np.exp`` and ``np.tanh`` are taken too, and no other function.
    xlim : tuple of float, optional
        Ends of the axis, on its own scale. By default all estimates fit, and their intervals
        unless a few would dwarf the rest.
    xlabel : str, optional
        Name of the axis; by default that of the measure.
    reference : float or False, optional
        Where the reference line stands, on the scale of the axis; False for none. By default
        the value of no effect; of an unknown measure only where that is within reach.
    lines : sequence of float
        Where further dotted lines stand.
    band : tuple of float, optional
        Effects that do not matter, from low to high: a shaded region of indifference.
    favours : tuple of str, optional
        What effects on the left and on the right of the reference speak for.
    prediction : {True, "bar", "line", "density", False}, optional
        The prediction interval, for models that have one: as a bar in a line of its own, as a
        thin line through the diamond, as the density of a new study's effect, or not at all. By
        default that of the layout.
    zebra : bool
        Whether every other study is shaded.
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
        ``"excluded"``, ``"refit"``, ``"subgroup"``, ``"summary"``, ``"prediction"``,
        ``"density"``, ``"fitted"``, ``"reference"``, ``"line"``, ``"band"``, ``"zebra"``.

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
    caterpillar : for more studies than names can be read of.

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
    >>> common = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03], tau2="EE")
    >>> ax = mr.plot.forest(fit, layout="jama", also=[common], prediction="density")
    """
    chosen = layout_of(layout)
    colours = THEMES[theme]
    check_axes(ax)
    check_size(font_size)
    _check_options(data, favours, digits)
    way = _prediction(chosen.prediction if prediction is None else prediction)
    contents = contents_of(fit, Asked(chosen, data, order, transform, also, excluded))
    colours = chosen.themed(colours, _design(contents))
    style = Style(chosen, digits, contents.reading.scale.code in BOUNDED)
    entries = entries_of(contents, style, prediction=way)
    sides = _sides(left, right, entries, contents, style, header=header)
    lights, letters = light_columns(bias, entries, contents.data, header=header)
    places = Places(xlim, band, reference, lines)
    name = fill(chosen.xlabel, contents.names) if xlabel is None else xlabel
    page = Page(
        entries,
        sides[0],
        [*sides[1], *lights],
        _axis_of(contents, places, name, favours, predicted=bool(way)),
        title,
        fill(chosen.panel, contents.names) if header else "",
        chosen.favours_above and header,
        Key.of(lights, letters),
        colours,
    )
    ax, paper = page.lay(ax, font_size)
    look = Look(way, zebra, chosen.follow, chosen.edged)
    Panel(ax, page.axis, paper, colours, look).draw()
    draw_lights(ax, paper)
    set_text(ax, paper, colours, underlined=chosen.rules[0], closed=chosen.rules[1])
    return say(ax, _in_words(fit, contents, title))


def _sides(
    left: Wanted | None,
    right: Wanted | None,
    entries: Sequence[Entry],
    contents: Contents,
    style: Style,
    *,
    header: bool,
) -> tuple[list[Column], list[Column]]:
    """Return the columns on both sides: those asked for, or those of the layout."""
    usual = [style.layout.left, style.layout.right]
    if not has_inputs(contents.data, contents.blocks):
        usual = [style.layout.instead(columns) for columns in usual]
    if contents.refits is not None:
        usual = list(refit_columns(contents.refits, style.layout))
    found = [
        columns_of(
            own if wanted is None else wanted,
            side,
            entries,
            contents,
            style,
            header=header,
            strict=wanted is not None,
        )
        for side, wanted, own in zip(("left", "right"), (left, right), usual, strict=True)
    ]
    return found[0], found[1]


def _design(contents: Contents) -> str:
    """Return what the measure is computed from, in a word."""
    fits = (row.fit for block in contents.blocks for row in block.summaries)
    code = next((fit.study.measure for fit in fits if fit is not None), None)
    return MEASURES[code].design.code if code is not None and code in MEASURES else ""


def _in_words(fit: Any, contents: Contents, title: str) -> str:
    """Say what the plot shows."""
    start = f"{title}. " if title else ""
    reading = contents.reading
    if contents.refits is not None:
        return f"{start}{_refits_in_words(contents)}"
    whole = model_of(fit)
    text = f"{start}Forest plot of {studies_words(whole)}"
    if isinstance(fit, SubgroupsResult):
        text += f" in {len(fit.fits)} subgroups: "
        text += "; ".join(
            f"{name}, {studies_words(level)}: {mean_words(level, reading)}"
            for name, level in fit.fits.items()
        )
    if has_moderators(whole):
        return f"{text}, with the mean that a meta-regression fits to each."
    text = f"{text}. {pooled_words(whole, reading)}"
    grey = sum(row.kind == "excluded" for block in contents.blocks for row in block.studies)
    if grey:
        text += f" {count(grey, 'more study is', 'more studies are')} shown, and not pooled."
    for row in contents.blocks[-1].more:
        text += f" {row.label}: {mean_words(row.fit, reading)}."
    return text


def _refits_in_words(contents: Contents) -> str:
    """Say what a plot of refits shows: how many results, and between which values."""
    rows = contents.blocks[0].studies
    known = [row.estimate for row in rows if not math.isnan(row.estimate)]
    text = f"Forest plot of {len(rows)} results: {contents.refits.kind.words}."  # type: ignore[union-attr]
    if known:
        low, high = number(min(known), 2), number(max(known), 2)
        text += f" The pooled effect lies between {low} and {high}."
    return text


def _prediction(way: Any) -> str:
    """Return the way of drawing a prediction interval; empty for none."""
    if isinstance(way, bool):
        return "bar" if way else ""
    if isinstance(way, str) and way in PREDICTIONS:
        return way
    raise InputError(f"{one_of('prediction', PREDICTIONS, way)} True is 'bar', False is none.")


def _check_options(data: pd.DataFrame | None, favours: tuple[str, str] | None, digits: int) -> None:
    """Refuse options that no plot can be drawn with."""
    check_frame(data)
    if favours is not None and (isinstance(favours, str) or len(favours) != 2):
        raise InputError(
            "`favours` must be two texts, for the left and the right of the reference; "
            f"got {favours!r}."
        )
    if isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 10:
        raise InputError(f"`digits` must be a whole number from 0 to 10; got {digits!r}.")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the user wants things to stand along the axis; see ``forest``.

    Parameters
    ----------
    xlim, band : tuple of float or None
        Ends of the axis, and of the region of indifference.
    reference : float, False or None
        The reference line.
    lines : sequence of float
        Further lines.
    """

    xlim: tuple[float, float] | None
    band: tuple[float, float] | None
    reference: float | Literal[False] | None
    lines: Sequence[float]

    def at(self, null: float | None) -> float | None:
        """Return where the reference stands, which is that of no effect by default."""
        if self.reference is None:
            return null
        return None if self.reference is False else float(self.reference)

    def check(self, at: float | None, *, ratio: bool) -> None:
        """Refuse places that cannot stand on the axis."""
        for name, pair in (("xlim", self.xlim), ("band", self.band)):
            if pair is not None and not (len(pair) == 2 and pair[0] < pair[1]):
                raise InputError(f"`{name}` must be two numbers, the lower first; got {pair!r}.")
        if isinstance(self.lines, (str, int, float)) or not np.isfinite(list(self.lines)).all():
            raise InputError(f"`lines` must be a list of numbers; got {self.lines!r}.")
        lowest = {
            "xlim": self.xlim and self.xlim[0],
            "reference": at,
            "band": self.band and self.band[0],
            "lines": min(self.lines, default=None),
        }
        for name, low in lowest.items():
            if ratio and low is not None and low <= 0:
                raise InputError(f"`{name}` must be positive on a ratio axis; got {low!r}.")


def _axis_of(
    contents: Contents,
    places: Places,
    name: str,
    favours: tuple[str, str] | None,
    *,
    predicted: bool,
) -> Axis:
    """Decide what the axis shows."""
    reading = contents.reading
    scale = reading.scale
    at = places.at(reading.null)
    places.check(at, ratio=scale.ratio)
    low, high = places.xlim or find_limits(
        contents.blocks,
        scale,
        at,
        always=reading.sure or places.reference is not None or favours is not None,
        prediction=predicted,
        shown=(*places.lines, *(places.band or ())),
    )
    shown = at if at is not None and low <= at <= high else None
    if favours is not None and shown is None:
        raise InputError(
            "`favours` needs a reference line within the axis to stand on either side of; "
            f"the axis runs from {low:g} to {high:g}. Set `reference` or `xlim`."
        )
    lines = tuple(float(x) for x in places.lines)
    return Axis(scale, (float(low), float(high)), shown, name, favours, lines, places.band)
