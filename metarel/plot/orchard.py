"""The orchard plot: pooled means as trunks, their intervals as branches, studies as fruit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._format import count
from metarel._lazy import pd
from metarel.errors import InputError
from metarel.moderators.marginal import MarginalMeans
from metarel.moderators.subgroups import SubgroupsResult
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say
from metarel.plot._blocks import whole_of
from metarel.plot._frame import SMALL, check_size, frame, set_axis
from metarel.plot._key import room_above, write_key
from metarel.plot._reading import fit_reading
from metarel.plot._rows import has_moderators, random_effects
from metarel.plot._swarm import beside
from metarel.plot._text import wrap
from metarel.plot._theme import THEMES
from metarel.plot._ticks import axis_limits
from metarel.plot._words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel.models.results import MetaFit
    from metarel.plot._reading import Reading
    from metarel.plot._scale import Transformation
    from metarel.plot._theme import Theme

ROW = 5.6  # height of a row, in ems
AROUND = 7.5  # ems above and below the rows
TRUNK = 0.15  # what the trunk takes of that
FRUIT = 0.36  # half the height of a row's fruit, in rows
LARGEST = 1.5  # diameter of the most precise study, in ems
NAME_WIDTH = 13.0
LIMITS = ("ci_low", "ci_high", "pi_low", "pi_high")


def orchard_data(
    result: SubgroupsResult | MarginalMeans | MetaFit,
    *,
    fit: MetaFit | None = None,
    transform: Transformation = None,
) -> pd.DataFrame:
    """Return the numbers behind every mark of ``orchard``.

    Parameters
    ----------
    result : SubgroupsResult, MarginalMeans or MetaFit
        As in ``orchard``.
    fit : MetaFit, optional
        As in ``orchard``.
    transform : str or function, optional
        As in ``orchard``.

    Returns
    -------
    DataFrame
        First a row a mean (``kind`` is ``"mean"``), then one a study (``"study"``): ``kind``,
        ``level``, ``label``, ``k``, ``estimate``, ``ci_low``, ``ci_high``, ``pi_low``,
        ``pi_high``, on the scale of the axis; ``precision`` (1 / standard error, on that of the
        analysis); and ``row``, the height at which it is drawn.

    Raises
    ------
    InputError
        As ``orchard``.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03])
    >>> mr.plot.orchard_data(fit)[["kind", "level", "label", "precision"]].round(2)
        kind        level    label  precision
    0   mean  All studies                 NaN
    1  study  All studies  Study 1       5.00
    2  study  All studies  Study 2       7.07
    3  study  All studies  Study 3       5.77
    """
    whole, means, members = _parts(result, fit)
    scale = fit_reading(whole, transform).scale
    drawn = {name: scale.to_axis(means[name]) for name in ("estimate", *LIMITS)}
    rows = np.arange(len(means), dtype=float)
    trunks = pd.DataFrame(
        {"kind": "mean", "level": means["level"], "label": "", "k": means["k"], **drawn}
    ).assign(precision=math.nan, row=rows)
    yi, labels = whole.study.yi, [str(label) for label in whole.study.labels]
    span = float(np.ptp(yi)) or 1.0
    fruit = [
        pd.DataFrame(
            {
                "kind": "study",
                "level": level,
                "label": [labels[int(i)] for i in chosen],
                "estimate": scale.to_axis(yi[chosen]),
                "precision": 1 / np.sqrt(whole.study.vi[chosen]),
                "row": row + beside(yi[chosen], FRUIT, TRUNK, span=span),
            }
        )
        for row, level, chosen in zip(rows, means["level"], members, strict=True)
        if len(chosen)
    ]
    return pd.concat([trunks, *fruit], ignore_index=True)


def _parts(result: Any, fit: Any) -> tuple[Any, pd.DataFrame, list[Any]]:
    """Return the model of all studies, a row a mean, and which studies each is of."""
    if isinstance(result, MarginalMeans):
        return _of_marginal_means(result, fit)
    if fit is not None:
        raise InputError("`fit` must be None unless marginal means are drawn, which need it.")
    whole = whole_of(result)
    if isinstance(result, SubgroupsResult):
        means = result.table[["level", "k", "estimate", *LIMITS]]
        members = [
            np.flatnonzero(np.isin(whole.study.rows, one.study.rows))
            for one in result.fits.values()
        ]
        return whole, means, members
    if has_moderators(whole):
        raise InputError(
            "`result` must be of subgroups, marginal means or a pooled mean; got a "
            "meta-regression. Draw `marginal_means(fit, …)` of it, with `fit=fit`."
        )
    means = whole.predict()[["estimate", *LIMITS]].assign(level="All studies", k=whole.k)
    if not random_effects(whole):
        means[["pi_low", "pi_high"]] = math.nan
    return whole, means, [np.arange(whole.k)]


def _of_marginal_means(result: MarginalMeans, fit: Any) -> tuple[Any, pd.DataFrame, list[Any]]:
    """Return the parts of marginal means; a study belongs where its own levels are."""
    if fit is None:
        raise InputError("`fit` must be given with marginal means: the fit they were made from.")
    whole = whole_of(fit)
    table = result.table
    if table["se"].isna().all():
        raise InputError(
            "`result` must hold means on the scale of the analysis; these were transformed. Make "
            "them without `transform`: the picture transforms them."
        )
    data = whole.study.design.frame
    factors = whole.study.design.factors if data is not None else {}
    keys = [name for name in table.columns if name in factors]
    members = []
    for i in range(len(table)):
        same = np.ones(whole.k, dtype=bool)
        for name in keys:
            same &= data[name].astype(str).to_numpy() == str(table[name].iloc[i])
        members.append(np.flatnonzero(same))
    means = table[["estimate", *LIMITS]].assign(
        level=table["term"].astype(str), k=[len(chosen) for chosen in members]
    )
    return whole, means, members


def orchard(
    result: SubgroupsResult | MarginalMeans | MetaFit,
    *,
    fit: MetaFit | None = None,
    ax: Axes | None = None,
    transform: Transformation = None,
    xlabel: str | None = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw means of groups with both of their intervals, over all their studies.

    The thick bar is the confidence interval of a mean, the thin one its prediction interval, and
    each circle a study, whose area is in proportion to its precision [nakagawa2021].

    Parameters
    ----------
    result : SubgroupsResult, MarginalMeans or MetaFit
        What ``subgroups``, ``marginal_means`` or ``pool`` returned.
    fit : MetaFit, optional
        The meta-regression that marginal means were made from; needed with them alone.
    ax : Axes, optional
        Where to draw; by default in a new figure, as high as its rows.
    transform : str or function, optional
        Scale of the axis, as in ``forest``; by default that of the measure.
    xlabel : str, optional
        Name of the axis; by default that of the measure.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"study"``, ``"mean"``,
        ``"confidence"``, ``"prediction"``, ``"reference"``, ``"k"``.

    Raises
    ------
    InputError
        If the result is of another kind, marginal means come without their fit or transformed, or
        an option is not one of those known.

    See Also
    --------
    orchard_data : the numbers behind the marks.

    Notes
    -----
    orchaRd's ``orchard_plot`` draws the same marks, with circles moved aside at random; here the
    same data give the same picture. Marginal means are adjusted for the other moderators, the
    studies around them are not.

    References
    ----------
    [nakagawa2021]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03], measure="SMD")
    >>> [tick.get_text() for tick in mr.plot.orchard(fit).get_yticklabels()]
    ['All studies']
    """
    colours = THEMES[theme]
    check_size(font_size)
    numbers = orchard_data(result, fit=fit, transform=transform)
    whole = whole_of(result if fit is None else fit)
    reading = fit_reading(whole, transform)
    means = numbers[numbers["kind"] == "mean"]
    ax = frame(ax, colours, font_size, height=ROW * len(means) + AROUND)
    limits = _limits(numbers, whole, reading)
    name = reading.name if xlabel is None else xlabel
    set_axis(ax, "x", limits, name, scale=reading.scale, theme=colours, size=font_size)
    ax.set_ylim(len(means) - 0.5, -0.5)
    levels = [wrap(str(level), NAME_WIDTH) for level in means["level"]]
    ax.set_yticks(range(len(means)), levels, parse_math=False)
    ax.tick_params(axis="y", length=0, labelsize=font_size)
    ax.spines["left"].set_visible(False)
    if reading.null is not None and limits[0] < reading.null < limits[1]:
        ax.axvline(
            reading.null, color=colours.rule, linewidth=0.085 * font_size, gid="reference", zorder=1
        )
    key = _draw_fruit(ax, numbers[numbers["kind"] == "study"], colours, font_size)
    _draw_trunks(ax, means, limits, colours, font_size)
    write_key(
        ax, key, theme=colours, size=font_size, place="above",
        title="Precision (1 / standard error)",
    )  # fmt: skip
    if title:
        pad = room_above(ax, key, font_size, titled=True) * font_size
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink, pad=pad)
    return say(ax, _in_words(means, whole, title))


def _limits(numbers: pd.DataFrame, whole: Any, reading: Reading) -> tuple[float, float]:
    """Return x-limits that show all studies and intervals."""
    straight = reading.scale.straight
    means = numbers[numbers["kind"] == "mean"]
    pairs = np.concatenate(
        [means[["ci_low", "ci_high"]].to_numpy(float), means[["pi_low", "pi_high"]].to_numpy(float)]
    )
    pairs = pairs[np.isfinite(pairs).all(axis=1)]
    half = np.sqrt(whole.study.vi)
    own = [reading.scale.to_axis(whole.study.yi + side * half) for side in (-1, 1)]
    null = None if reading.null is None else float(straight(reading.null))
    low, high = axis_limits(
        straight(numbers["estimate"]), straight(np.column_stack(own)), straight(pairs), null
    )
    free = 0.03 * (high - low)
    start, end = reading.scale.bent([low - free, high + free])
    return float(start), float(end)


def _draw_fruit(ax: Axes, studies: pd.DataFrame, theme: Theme, size: float) -> list[Any]:
    """Draw the studies, and return a key of their sizes."""
    from matplotlib.lines import Line2D

    precision = studies["precision"].to_numpy(dtype=float)
    largest = LARGEST * float(np.clip(6 / math.sqrt(len(precision)), 0.45, 1.0))
    most = float(precision.max(initial=0.0)) or 1.0

    def diameter(value: Any) -> Any:
        return size * np.maximum(largest * np.sqrt(value / most), 0.25)

    order = np.argsort(-precision)  # no circle hides a smaller one
    atoms.circles(
        ax, studies["estimate"].to_numpy(dtype=float)[order],
        studies["row"].to_numpy(dtype=float)[order], side=diameter(precision[order]),
        colour=theme.study, edge=theme.interval, gid="study",
    ).set_alpha(0.6)  # fmt: skip
    shown = np.unique([_two_digits(most * share) for share in (0.1, 0.4, 1.0)])
    return [
        Line2D(
            [], [], linestyle="none", marker="o", markersize=float(diameter(value)),
            markerfacecolor=theme.study, markeredgecolor=theme.interval, markeredgewidth=0.7,
            label=f"{value:g}",
        )
        for value in shown
    ]  # fmt: skip


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")


def _draw_trunks(
    ax: Axes, means: pd.DataFrame, limits: tuple[float, float], theme: Theme, size: float
) -> None:
    """Draw each mean with its two intervals, and how many studies it is of."""
    row = means["row"].to_numpy(dtype=float)
    for name, width, gid in (("pi", 0.12, "prediction"), ("ci", 0.42, "confidence")):
        low, high = (means[f"{name}_{side}"].to_numpy(dtype=float) for side in ("low", "high"))
        atoms.intervals(
            ax, low, high, row, limits=limits, width=width * size, head=0.9 * size,
            colour=theme.summary, gid=gid,
        )  # fmt: skip
    ax.scatter(
        means["estimate"], row, s=(1.05 * size) ** 2, marker="o", color=theme.paper,
        edgecolors=theme.summary, linewidths=0.22 * size, zorder=6, gid="mean",
    )  # fmt: skip
    for height, k in zip(row, means["k"], strict=True):
        ax.annotate(
            f"k = {int(k)}", (1.0, height), xycoords=ax.get_yaxis_transform(),
            xytext=(0.0, 0.40 * ROW * size), textcoords="offset points", ha="right", va="top",
            fontsize=SMALL * size, color=theme.muted, gid="k",
        )  # fmt: skip


def _in_words(means: pd.DataFrame, whole: Any, title: str) -> str:
    """Say what the plot shows."""
    rows: list[Any] = list(means.itertuples())
    told = "; ".join(
        f"{row.level}: {number(float(row.estimate), 2)} ({number(float(row.ci_low), 2)} to "
        f"{number(float(row.ci_high), 2)}) of {count(int(row.k), 'study', 'studies')}"
        for row in rows
    )
    return (
        f"{f'{title}. ' if title else ''}Orchard plot: means with {100 * whole.spec.level:g}% "
        f"intervals. {told}."
    )
