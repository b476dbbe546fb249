"""The map of the field as a picture: element by edition, effect, interval and verdict."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_choice
from metarel._format import count
from metarel._lazy import pd
from metarel.convert.path import convert
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say
from metarel.plot._frame import SMALL, check_size, frame, set_axis, spread
from metarel.plot._frames import frame_of
from metarel.plot._key import HUES, Look, line, mark, room_above, write_key
from metarel.plot._scale import PLAIN
from metarel.plot._theme import THEMES
from metarel.plot._ticks import linear_ticks, tick_labels
from metarel.printed import Printed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.plot._theme import Theme

COLUMNS = (
    "element",
    "name",
    "family",
    "edition",
    "metric",
    "estimate",
    "ci_low",
    "ci_high",
    "verdict",
)
FAMILIES = {"relationship": "Elements of the relationship", "adapting": "Ways of adapting therapy"}
#: From verdicts to shapes; filled ones are conclusions that there is an effect.
SHAPES = {
    "demonstrably effective": ("o", True),
    "probably effective": ("s", True),
    "promising": ("^", True),
    "no conclusion": ("x", False),
    "": ("o", False),
}
SCALES = {"r": "Correlation r", "d": "Standardised difference d"}
LINE = 1.05  # height of one edition, in ems
BETWEEN = 0.75  # of the room between elements
HEADING = 1.9
AROUND = 11.0
ASIDE = 0.12  # share of the axis that effects leave for cells without one


def evidence_map_data(found: Any, *, scale: str = "r") -> pd.DataFrame:
    """Return the numbers behind every mark of ``evidence_map``.

    Parameters
    ----------
    found : EvidenceMap or DataFrame
        As in ``evidence_map``.
    scale : str
        As in ``evidence_map``.

    Returns
    -------
    DataFrame
        A row an element and edition, in the order in which they are drawn: ``family``, ``name``,
        ``edition``, ``verdict`` (empty where none was seen), ``estimate``, ``ci_low``,
        ``ci_high`` (on the scale of the picture, NaN where not printed), ``converted`` (whether
        the review prints the effect in another metric), and ``y``, in ems from the top.

    Raises
    ------
    InputError
        As ``evidence_map``.

    Examples
    --------
    >>> import metarel as mr
    >>> frame = mr.plot.evidence_map_data(mr.evidence("congruence"))
    >>> frame[["edition", "verdict", "estimate", "ci_low", "ci_high"]]
      edition    verdict  estimate  ci_low  ci_high
    0    2011  promising      0.24    0.12     0.36
    1    2018                 0.23     NaN      NaN
    """
    check_choice("scale", scale, SCALES)
    made = frame_of(found, COLUMNS, "found", "evidence()")
    made["first"] = made.groupby("element", sort=False)["family"].transform("last")
    known = list(FAMILIES)
    order = {name: known.index(name) if name in known else len(known) for name in made["first"]}
    made = made.assign(rank=made["first"].map(order)).sort_values(
        "rank", kind="stable", ignore_index=True
    )
    low, high = _interval(made)
    columns = {"estimate": made["estimate"].to_numpy(dtype=float), "ci_low": low, "ci_high": high}
    metrics = made["metric"].fillna("").astype(str).tolist()
    converted = [metric not in ("", scale) for metric in metrics]
    return pd.DataFrame(
        {
            "family": made["first"].astype(str),
            "name": made["name"].astype(str),
            "edition": made["edition"].astype(str),
            "verdict": made["verdict"].fillna("").astype(str),
            **{
                name: [
                    _on_scale(value, metric, scale)
                    for value, metric in zip(values, metrics, strict=True)
                ]
                for name, values in columns.items()
            },
            "converted": converted,
            "y": _heights(made),
        }
    )


def _interval(made: pd.DataFrame) -> tuple[Array, Array]:
    """Return the printed limits; from a printed half-width where there are none."""
    low, high = (made[name].to_numpy(dtype=float).copy() for name in ("ci_low", "ci_high"))
    if "ci_half_width" in made:
        for i, text in enumerate(made["ci_half_width"]):
            if isinstance(text, str) and text and math.isnan(low[i]):
                half = Printed(text).value
                middle = float(made["estimate"].iloc[i])
                if half is not None:
                    low[i], high[i] = middle - float(half), middle + float(half)
    return low, high


def _on_scale(value: float, metric: str, scale: str) -> float:
    """Return an effect on the scale of the picture; a g is read as the d it estimates."""
    if not math.isfinite(value) or metric in ("", scale):
        return float(value)
    if metric == "or":
        value, metric = float(convert(value, "or", "d")), "d"  # type: ignore[arg-type]
    if metric == "g":
        metric = "d"
    if metric == scale:
        return float(value)
    return float(convert(value, metric, scale, rule="equal-groups"))  # type: ignore[arg-type]


def _heights(made: pd.DataFrame) -> Array:
    """Return where each row is drawn, in ems from the top."""
    y, at, family, element = [], 0.0, None, None
    for row_family, row_element in zip(made["first"], made["element"], strict=True):
        if row_family != family:
            at += HEADING
        elif row_element != element:
            at += BETWEEN
        family, element = row_family, row_element
        y.append(at + LINE / 2)
        at += LINE
    return np.array(y)


def evidence_map(
    found: Any,
    *,
    ax: Axes | None = None,
    scale: str = "r",
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw the map of the field: each element's effect in each edition, and its verdict.

    The colour of a mark is the edition, its shape the task force's verdict; an open circle has
    none. A bar is the printed confidence interval. Cells whose review prints no effect stand
    apart, on the left.

    Parameters
    ----------
    found : EvidenceMap or DataFrame
        What ``evidence`` returned, or its frame (or part of it).
    ax : Axes, optional
        Where to draw; by default in a new figure, as high as its rows.
    scale : {"r", "d"}
        The common scale: effects printed in another metric are converted by the rule for two
        groups of equal size; a g is read as a d.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"cell-<edition>"``, ``"interval"``,
        ``"heading"``, ``"apart"``.

    Raises
    ------
    InputError
        If ``found`` has not the columns of a map, or the scale is not one of those known.

    See Also
    --------
    evidence_map_data : the numbers behind the marks.

    References
    ----------
    [norcross2011], [norcross2018], [borenstein2009]

    Examples
    --------
    >>> import metarel as mr
    >>> ax = mr.plot.evidence_map(mr.evidence(family="adapting"), scale="d")
    >>> ax.get_xlabel()
    'Standardised difference d'
    """
    colours = THEMES[theme]
    check_size(font_size)
    numbers = evidence_map_data(found, scale=scale)
    height = float(numbers["y"].max()) + LINE
    ax = frame(ax, colours, font_size, height=height + AROUND)
    start, edge = _set_x(ax, numbers, scale, colours, font_size)
    ax.set_ylim(height, 0.0)
    ax.spines["left"].set_visible(False)
    names = numbers.groupby(["family", "name"], sort=False)["y"].mean()
    ax.set_yticks(names.to_numpy(), [str(name) for _, name in names.index])
    ax.tick_params(axis="y", length=0)
    _head(ax, numbers, colours, font_size)
    ax.axvline(edge, color=colours.rule, linewidth=0.06 * font_size, gid="apart")
    if edge < 0 < ax.get_xlim()[1]:
        ax.axvline(0.0, color=colours.rule, linewidth=0.085 * font_size, gid="reference")
    for y in names.to_numpy():
        ax.axhline(y, color=colours.rule, linewidth=0.03 * font_size, zorder=0.2)
    handles = _draw_cells(ax, numbers, (start + edge) / 2, colours, font_size)
    write_key(ax, handles, theme=colours, size=font_size, place="above")
    if title:
        pad = room_above(ax, handles, font_size) * font_size
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink, pad=pad)
    return say(ax, _in_words(numbers, scale, title))


def _set_x(
    ax: Axes, numbers: pd.DataFrame, scale: str, theme: Theme, size: float
) -> tuple[float, float]:
    """Set the axis, with a strip on its left for cells without an effect; return its two sides."""
    shown = numbers[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
    shown = shown[np.isfinite(shown)]
    low, high = spread(np.append(shown, 0.0), 0.04)
    start = low - ASIDE * (high - low)
    set_axis(ax, "x", (start, high), SCALES[scale], scale=PLAIN, theme=theme, size=size)
    # the first tick would stand under the words beside it
    ticks = [tick for tick in linear_ticks(low, high, 7) if tick - low > 0.5 * (low - start)]
    ax.set_xticks([(start + low) / 2, *ticks], ["not\nprinted", *tick_labels(ticks)])
    return start, low


def _head(ax: Axes, numbers: pd.DataFrame, theme: Theme, size: float) -> None:
    """Write the name of each family above its elements."""
    for family, y in numbers.groupby("family", sort=False)["y"].min().items():
        ax.annotate(
            FAMILIES.get(str(family), str(family)), (0.0, y - LINE / 2 - 0.45 * HEADING),
            xycoords=ax.get_yaxis_transform(), va="center", ha="left", fontsize=SMALL * size,
            fontweight="bold", color=theme.muted, gid="heading", parse_math=False,
        )  # fmt: skip


def _draw_cells(
    ax: Axes, numbers: pd.DataFrame, aside: float, theme: Theme, size: float
) -> list[Any]:
    """Draw each cell with its interval, and return the key of editions and verdicts."""
    hues = HUES[theme.code]
    editions = sorted(set(numbers["edition"]))
    known = {"2002": hues[6], "2011": hues[0], "2018": hues[1]}
    handles = []
    for i, edition in enumerate(editions):
        own = numbers[numbers["edition"] == edition]
        colour = known.get(edition, hues[i % len(hues)])
        y = own["y"].to_numpy(dtype=float)
        low, high = (own[name].to_numpy(dtype=float) for name in ("ci_low", "ci_high"))
        drawn = np.isfinite(low) & np.isfinite(high)
        ax.hlines(
            y[drawn], low[drawn], high[drawn], colors=colour, linewidth=0.13 * size, zorder=2,
            gid="interval",
        )  # fmt: skip
        x = own["estimate"].fillna(aside).to_numpy(dtype=float)
        for verdict, (shape, filled) in SHAPES.items():
            chosen = (own["verdict"] == verdict).to_numpy()
            if chosen.any():
                face = colour if filled or shape == "x" else theme.paper
                rim: dict[str, Any] = {} if shape == "x" else {"edgecolors": colour}
                ax.scatter(
                    x[chosen], y[chosen], s=(0.72 * size) ** 2, marker=shape, facecolors=face,
                    linewidths=0.11 * size, zorder=3, gid=f"cell-{edition}", **rim,
                )  # fmt: skip
        handles.append(line(colour, "solid", edition, size, width=0.5))
    for verdict, (shape, filled) in SHAPES.items():
        if (numbers["verdict"] == verdict).any():
            look = Look(theme.ink, shape, "solid")
            handles.append(mark(look, verdict or "no verdict seen", size, filled=filled))
    return handles


def _in_words(numbers: pd.DataFrame, scale: str, title: str) -> str:
    """Say what the plot shows."""
    printed = numbers["estimate"].notna()
    counts = numbers.loc[numbers["verdict"] != "", "verdict"].value_counts()
    told = ", ".join(f"{verdict} {int(counts[verdict])}" for verdict in SHAPES if verdict in counts)
    converted = int((numbers["converted"] & printed).sum())
    text = (
        f"{f'{title}. ' if title else ''}Map of {count(numbers['name'].nunique(), 'element')} in "
        f"{count(numbers['edition'].nunique(), 'edition')}: {int(printed.sum())} effects on the "
        f"scale of {scale}"
    )
    if converted:
        text += f", {converted} of them converted"
    return f"{text}. Verdicts: {told}." if told else f"{text}."
