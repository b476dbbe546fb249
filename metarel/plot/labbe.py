"""L'Abbé's plot: the risk in one group against the risk in the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import as_floats, check_frame
from metarel._lazy import pd
from metarel.diagnose.labbe import CURVES
from metarel.errors import InputError
from metarel.plot import _atoms as atoms
from metarel.plot._alt import pooled_words, say
from metarel.plot._blocks import whole_of
from metarel.plot._frame import check_size, frame, set_axis, spread
from metarel.plot._key import area, line, room_above, write_key
from metarel.plot._labels import check_names, farthest, name_points
from metarel.plot._reading import fit_reading
from metarel.plot._rows import has_moderators, random_effects
from metarel.plot._scale import PLAIN
from metarel.plot._theme import THEMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.models.results import MetaFit
    from metarel.plot._theme import Theme

STEPS = 201
LARGEST = 2.0  # diameter of the largest study, in ems
SQUARE = 40.0  # width and height of a figure of our own, in ems


def labbe_data(data: pd.DataFrame, fit: MetaFit | None = None) -> pd.DataFrame:
    """Return the numbers behind every mark of ``labbe``.

    Parameters
    ----------
    data : DataFrame
        As in ``labbe``.
    fit : MetaFit, optional
        As in ``labbe``.

    Returns
    -------
    DataFrame
        First a row a study (``kind`` is ``"study"``), then one a point of the curve
        (``"curve"``): ``kind``, ``label``, ``risk2`` (of the second group, horizontal),
        ``risk1``, ``n`` (both groups), and of the curve ``ci_low``, ``ci_high``, ``pi_low``,
        ``pi_high``. Risks are events over people, without any correction.

    Raises
    ------
    InputError
        As ``labbe``.

    Examples
    --------
    >>> import pandas as pd
    >>> import metarel as mr
    >>> table = pd.DataFrame({"e1": [4, 6], "n1": [100, 300], "e2": [11, 30], "n2": [110, 300]})
    >>> es = mr.effect_sizes(table, "RR", events1="e1", n1="n1", events2="e2", n2="n2")
    >>> mr.plot.labbe_data(es)[["label", "risk2", "risk1", "n"]]
        label  risk2  risk1      n
    0  Study 1    0.1   0.04  210.0
    1  Study 2    0.1   0.02  600.0
    """
    risk1, risk2, n = _risks(data)
    labels = _labels(data, fit, len(n))
    studies = pd.DataFrame(
        {"kind": "study", "label": labels, "risk2": risk2, "risk1": risk1, "n": n}
    )
    studies = studies[np.isfinite(risk1) & np.isfinite(risk2)]
    if fit is None:
        return studies.reset_index(drop=True)
    to_risk = _curve_of(fit)
    whole = whole_of(fit)
    pooled = whole.predict().iloc[0]
    low, high = spread(np.append(studies["risk2"], studies["risk1"]), 0.1)
    grid = np.linspace(max(low, 1e-9), min(high, 1 - 1e-9), STEPS)
    names = ["estimate", "ci_low", "ci_high"] + ["pi_low", "pi_high"] * random_effects(whole)
    columns = {name: to_risk(grid, float(pooled[name])) for name in names}
    # a line ends where it would leave the risks, a band is cut there
    for name, risk in columns.items():
        whole_band = name in ("ci_low", "ci_high")
        outside = (risk < 0) | (risk > 1)
        columns[name] = np.clip(risk, 0.0, 1.0) if whole_band else np.where(outside, np.nan, risk)
    columns["risk1"] = columns.pop("estimate")
    curve = pd.DataFrame({"kind": "curve", "label": "", "risk2": grid, **columns})
    return pd.concat([studies, curve], ignore_index=True)


def _risks(data: pd.DataFrame) -> tuple[Array, Array, Array]:
    """Return the risks of both groups and the number of people, from what effects were made of."""
    check_frame(data)
    made = getattr(data, "attrs", {}).get("effect_sizes") or {}
    inputs = {
        word: name
        for word, name in (made.get("inputs") or {}).items()
        if isinstance(name, str) and name in data.columns
    }
    found = []
    for group in ("1", "2"):
        events = inputs.get(f"events{group}")
        others, people = inputs.get(f"non_events{group}"), inputs.get(f"n{group}")
        if events is None or (others is None and people is None):
            raise InputError(
                "`data` must be a frame that effect_sizes() made from tables: from events1, "
                "events2 and n1, n2 (or non_events1, non_events2), each a column."
            )
        count = as_floats(data[events], events)
        if people is not None:
            size = as_floats(data[people], people)
        else:
            size = np.asarray(count + as_floats(data[str(others)], str(others)))
        found.append((count, size))
    (count1, n1), (count2, n2) = found
    with np.errstate(divide="ignore", invalid="ignore"):
        return count1 / n1, count2 / n2, n1 + n2


def _labels(data: pd.DataFrame, fit: Any, k: int) -> list[str]:
    """Return names of the rows: those of the fit where it has them."""
    names = [f"Study {i + 1}" for i in range(k)]
    if "study" in data.columns:
        names = [str(name) for name in data["study"]]
    if fit is not None:
        study = whole_of(fit).study
        if study.rows.max() >= k:
            raise InputError("`data` must be the frame the fit was made from; it has fewer rows.")
        for row, name in zip(study.rows, study.labels, strict=True):
            names[int(row)] = str(name)
    return names


def _curve_of(fit: Any) -> Callable[[Array, float], Array]:
    """Return how the pooled effect turns the risk of one group into that of the other."""
    whole = whole_of(fit)
    if has_moderators(whole):
        raise InputError("`fit` must be a pooled mean; with moderators there is no one curve.")
    if whole.study.measure not in CURVES:
        raise InputError(
            f"`fit` must be of one of {', '.join(map(repr, CURVES))}, whose effect is a curve "
            f"here; got {whole.study.measure!r}."
        )
    return CURVES[whole.study.measure]


def labbe(
    data: pd.DataFrame,
    fit: MetaFit | None = None,
    *,
    ax: Axes | None = None,
    groups: tuple[str, str] = ("group 1", "group 2"),
    names: int = 0,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw the risk in the first group of each study against that in the second.

    Studies on the diagonal saw no difference; the curve is the pooled effect, with its confidence
    interval, and dashed that of a new study. A curve of another shape than the cloud says that
    another measure would describe the studies better [labbe1987].

    Parameters
    ----------
    data : DataFrame
        A frame that ``effect_sizes`` made from 2 × 2 tables.
    fit : MetaFit, optional
        What ``pool`` returned for it, of the measure "RR", "OR" or "RD"; without it there is no
        curve.
    ax : Axes, optional
        Where to draw; by default in a new figure.
    groups : tuple of str
        Names of the first and the second group.
    names : int
        How many studies are named, those farthest from the diagonal first.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"study"`` (area in proportion to the
        people in it), ``"diagonal"``, ``"curve"``, ``"confidence"``, ``"prediction"``, ``"name"``.

    Raises
    ------
    InputError
        If the frame was not made from tables, or the fit is of another measure or has moderators.

    See Also
    --------
    labbe_data : the numbers behind the marks.

    Notes
    -----
    metafor's ``labbe`` draws the same points, on the scale of risks (``transf=exp``).

    References
    ----------
    [labbe1987]

    Examples
    --------
    >>> import pandas as pd
    >>> import metarel as mr
    >>> table = pd.DataFrame({"e1": [4, 6], "n1": [100, 300], "e2": [11, 30], "n2": [110, 300]})
    >>> es = mr.effect_sizes(table, "RR", events1="e1", n1="n1", events2="e2", n2="n2")
    >>> mr.plot.labbe(es, mr.pool(es), groups=("vaccinated", "controls")).get_xlabel()
    'Risk, controls'
    """
    colours = THEMES[theme]
    check_size(font_size)
    check_names(names)
    if len(groups) != 2 or isinstance(groups, str):
        raise InputError(f"`groups` must be two names; got {groups!r}.")
    numbers = labbe_data(data, fit)
    studies = numbers[numbers["kind"] == "study"]
    x, y = (studies[name].to_numpy(dtype=float) for name in ("risk2", "risk1"))
    ax = frame(ax, colours, font_size, width=SQUARE, height=SQUARE)
    low, high = spread(np.append(x, y), 0.05)
    ends = (max(low, -0.02 * high), min(high, 1.02))
    for which, group in (("x", groups[1]), ("y", groups[0])):
        set_axis(ax, which, ends, f"Risk, {group}", scale=PLAIN, theme=colours, size=font_size)
    ax.plot(ends, ends, color=colours.muted, linewidth=0.08 * font_size, zorder=1, gid="diagonal")
    share = np.sqrt(studies["n"].to_numpy(dtype=float) / studies["n"].max())
    side = font_size * np.maximum(LARGEST * share, 0.45)
    order = np.argsort(-share)
    atoms.circles(
        ax, x[order], y[order], side=side[order], colour=colours.study, edge=colours.interval,
        gid="study",
    )  # fmt: skip
    pad, text = 6.0, ""
    if fit is not None:
        handles = _draw_curve(ax, numbers[numbers["kind"] == "curve"], colours, font_size)
        pad = room_above(ax, handles, font_size) * font_size
        write_key(ax, handles, theme=colours, size=font_size, place="above")
        text = f" {pooled_words(whole_of(fit), fit_reading(whole_of(fit), None))}"
    if title:
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink, pad=pad)
    if names:
        labels = studies["label"].tolist()
        away = farthest(abs(y - x), names)
        radius = side / font_size / 2
        name_points(ax, x, y, labels, away, theme=colours, size=font_size, radius=radius)
    above = int((y > x).sum())
    return say(
        ax,
        f"{f'{title}. ' if title else ''}L'Abbé plot of {len(studies)} studies: in {above} the "
        f"risk is higher in {groups[0]}, in {int((y < x).sum())} in {groups[1]}.{text}",
    )


def _draw_curve(ax: Axes, curve: pd.DataFrame, theme: Theme, size: float) -> list[Any]:
    """Draw the pooled effect with its intervals, and return the key."""
    x = curve["risk2"].to_numpy(dtype=float)
    ax.fill_between(
        x, curve["ci_low"].to_numpy(dtype=float), curve["ci_high"].to_numpy(dtype=float),
        color=theme.pale, alpha=0.4, linewidth=0, zorder=0.6, gid="confidence",
    )  # fmt: skip
    ax.plot(
        x, curve["risk1"].to_numpy(dtype=float), color=theme.summary, linewidth=0.18 * size,
        zorder=2, gid="curve",
    )  # fmt: skip
    handles = [
        line(theme.summary, "solid", "Pooled effect", size),
        area(theme.pale, "Confidence", theme, size, alpha=0.5),
    ]
    if "pi_low" in curve and curve["pi_low"].notna().any():
        for name in ("pi_low", "pi_high"):
            ax.plot(
                x, curve[name].to_numpy(dtype=float), color=theme.summary,
                linewidth=0.09 * size, linestyle=(0, (4, 2.5)), zorder=1.5, gid="prediction",
            )  # fmt: skip
        handles.append(line(theme.summary, (0, (4, 2.5)), "New study", size, width=0.09))
    return handles
