"""The influence panel: what leaving out each study does, measure by measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._distributions import critical_value
from metarel.diagnose.influence import influence as numbers_of
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say, studies_words
from metarel.plot._blocks import whole_of
from metarel.plot._frame import check_size, frame, spread
from metarel.plot._labels import name_points, short_name
from metarel.plot._meaning import Said, settle, write_above
from metarel.plot._parts import part
from metarel.plot._theme import THEMES
from metarel.plot._ticks import linear_ticks, tick_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._lazy import pd
    from metarel.models.results import MetaFit
    from metarel.moderators.subgroups import SubgroupsResult
    from metarel.plot._theme import Theme

HEIGHT = 56.0  # of a figure of our own, in ems
SMALL = 0.85
MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class _Measure:
    """One panel.

    Parameters
    ----------
    code : str
        Its column.
    name : str
        What stands above it.
    usual : str
        What its solid line marks, for the words.
    """

    code: str
    name: str
    usual: str


PANELS = (
    _Measure("rstudent", "Studentised residual", "0 and the limits of 95 %"),
    _Measure("dffits", "DFFITS", "0 and the limits of the rule"),
    _Measure("cooks_distance", "Cook's distance", "the limit of the rule"),
    _Measure("cov_ratio", "Covariance ratio", "1"),
    _Measure("tau2_deleted", "τ² without the study", "τ² of all studies"),
    _Measure("Q_deleted", "Q without the study", "Q of all studies"),
    _Measure("hat", "Hat value", "the mean and the limit of the rule"),
    _Measure("weight", "Weight (%)", "equal weights"),
)


def influence_data(fit: MetaFit | SubgroupsResult) -> pd.DataFrame:
    """Return the numbers behind every mark of ``influence``.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, ``meta_regression`` or ``subgroups`` (all its studies).

    Returns
    -------
    DataFrame
        A row a study, with the columns of ``metarel.influence``; ``attrs["thresholds"]`` holds
        the limits of its rules.

    Raises
    ------
    InputError
        If the fit is of another kind, or of one study.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015], tau2="DL")
    >>> mr.plot.influence_data(fit)["dffits"].round(2).tolist()
    [-0.16, -0.76, 1.59, -0.26]
    """
    return numbers_of(whole_of(fit))


def influence(
    fit: MetaFit | SubgroupsResult,
    *,
    ax: Axes | None = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw eight measures of what leaving out each study does.

    Solid lines mark the value of all studies, of no influence or of equal weights; dashed ones
    the limits of the rules that flag a study [viechtbauer2010b]. Studies that meet a rule are
    diamonds, with the number of their row, and are named above.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, ``meta_regression`` or ``subgroups`` (all its studies).
    ax : Axes, optional
        What is divided into the panels; by default that of a new figure.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes that holds the panels, its ``child_axes`` in the order residual, DFFITS, Cook's
        distance, covariance ratio, tau2 and Q without the study, hat value, weight. Artists carry
        a ``gid``: ``"study"``, ``"influential"``, ``"path"``, ``"usual"``, ``"limit"``.

    Raises
    ------
    InputError
        If an option is not one of those known, or the fit is of one study.

    See Also
    --------
    influence_data : the numbers behind the marks.

    Notes
    -----
    metafor's ``plot(influence(fit))`` draws the same values and limits.

    References
    ----------
    [viechtbauer2010b]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015], tau2="DL")
    >>> [panel.get_title(loc="left") for panel in mr.plot.influence(fit).child_axes][:3]
    ['Studentised residual', 'DFFITS', "Cook's distance"]
    """
    colours = THEMES[theme]
    check_size(font_size)
    fit = whole_of(fit)
    numbers = numbers_of(fit)
    ax = frame(ax, colours, font_size, height=HEIGHT)
    panels = part(ax, (1, 1), (1, 1, 1, 1), (4.5, 3.9), theme=colours, size=font_size)
    flat = [panel for row in panels for panel in row]
    lines = _lines(fit, numbers.attrs["thresholds"])
    for panel, measure in zip(flat, PANELS, strict=True):
        _draw(panel, measure, numbers, lines[measure.code], colours, font_size)
    for panel in panels[-1]:
        panel.set_xlabel("Study", fontsize=font_size, color=colours.ink)
    flagged = numbers[numbers["influential"]]
    said = _named(flagged)
    above = Said(said, colours.summary if len(flagged) else "")
    write_above(ax, [above], title, start=1.9 * font_size, theme=colours, size=font_size)
    if len(flagged):
        settle(ax)
        for panel, measure in zip(flat, PANELS, strict=True):
            _number(panel, measure, numbers, colours, font_size)
    return say(
        ax,
        f"{f'{title}. ' if title else ''}Eight measures of the influence of {studies_words(fit)}. "
        f"{said}.",
    )


def _named(flagged: pd.DataFrame) -> str:
    """Return which studies are flagged, in words."""
    if not len(flagged):
        return "No study meets a rule of influence"
    rows = flagged.index.to_numpy(dtype=int) + 1
    told = [f"{i} {short_name(str(name))}" for i, name in zip(rows, flagged["study"], strict=True)]
    more = f" and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
    return f"Influential: {', '.join(told[:MOST_NAMED])}{more}"


def _lines(fit: Any, limits: dict[str, float]) -> dict[str, tuple[list[float], list[float]]]:
    """Return for each panel where the solid and the dashed lines stand."""
    z = float(critical_value(0.95, np.inf))
    return {
        "rstudent": ([0.0], [-z, z]),
        "dffits": ([0.0], [-limits["dffits"], limits["dffits"]]),
        "cooks_distance": ([0.0], [limits["cooks_distance"]]),
        "cov_ratio": ([1.0], []),
        "tau2_deleted": ([fit.tau2], []),
        "Q_deleted": ([fit.Q], []),
        "hat": ([fit.p / fit.k], [limits["hat"]]),
        "weight": ([100 / fit.k], []),
    }


def _draw(
    panel: Axes,
    measure: _Measure,
    numbers: pd.DataFrame,
    lines: tuple[list[float], list[float]],
    theme: Theme,
    size: float,
) -> None:
    """Draw one panel: a point a study, joined by a thin line, and its lines."""
    y = numbers[measure.code].to_numpy(dtype=float)
    x = np.arange(1.0, len(y) + 1)
    flagged = numbers["influential"].to_numpy(dtype=bool)
    usual, limits = lines
    seen = np.concatenate([y[np.isfinite(y)], usual])
    if np.ptp(seen) <= 1e-12 * abs(seen).max():  # all the same: half of it on both sides
        seen = np.append(seen, [0.5 * seen[0], 1.5 * seen[0]])
    low, high = spread(seen, 0.1)
    # a limit far beyond all studies would press them flat
    drawn = [v for v in limits if low - (high - low) < v < high + (high - low)]
    ends = spread(np.concatenate([seen, drawn]), 0.12)
    for gid, values, dashes, colour in (
        ("usual", usual, "solid", theme.rule),
        ("limit", drawn, (0, (4, 3)), theme.muted),
    ):
        for value in values:
            panel.axhline(value, color=colour, linewidth=0.09 * size, linestyle=dashes, gid=gid)
    panel.plot(x, y, color=theme.rule, linewidth=0.08 * size, zorder=1.5, gid="path")
    dot = size * float(np.clip(18 / len(y), 0.25, 0.55))
    atoms.circles(
        panel, x[~flagged], y[~flagged], side=dot, colour=theme.study, edge=theme.interval,
        gid="study",
    )  # fmt: skip
    panel.scatter(
        x[flagged], y[flagged], s=(0.75 * size) ** 2, marker="D", color=theme.summary,
        linewidths=0, zorder=4, gid="influential",
    )  # fmt: skip
    at = [t for t in linear_ticks(1.0, len(y), 8) if t >= 1 and t == round(t)]
    at = sorted({1.0, *at}) if not at or at[0] - 1 > 0.1 * len(y) else at
    panel.set(xlim=(0.0, len(y) + 1.0), ylim=ends)
    panel.set_xticks(at, [f"{t:g}" for t in at])
    ticks = linear_ticks(*ends, 5)
    panel.set_yticks(ticks, tick_labels(ticks))
    atoms.title(panel, measure.name, size=size, colour=theme.ink, pad=0.4 * size)


def _number(
    panel: Axes, measure: _Measure, numbers: pd.DataFrame, theme: Theme, size: float
) -> None:
    """Write the number of its row beside each study that is flagged."""
    y = numbers[measure.code].to_numpy(dtype=float)
    x = np.arange(1.0, len(y) + 1)
    flagged = numbers["influential"].to_numpy(dtype=bool)
    name_points(
        panel, x, y, [str(int(i)) for i in x], np.flatnonzero(flagged)[:MOST_NAMED], theme=theme,
        size=size, radius=np.where(flagged, 0.4, 0.12), settled=True,
    )  # fmt: skip
