"""The trace plot: effects of the studies and their mean, for every value of tau."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_choice
from metarel._distributions import chi_square_p
from metarel._lazy import pd
from metarel.diagnose._refits import mean_only
from metarel.diagnose.blup import blup
from metarel.diagnose.profile import profile_likelihood
from metarel.diagnose.residuals import residuals
from metarel.errors import InputError
from metarel.models.meta import fit_model
from metarel.models.tau2_interval import tau2_interval
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say, studies_words
from metarel.plot._blocks import whole_of
from metarel.plot._frame import SMALL, check_size, frame, set_axis, spread
from metarel.plot._labels import put, short_name
from metarel.plot._meaning import settle
from metarel.plot._parts import part
from metarel.plot._reading import fit_reading
from metarel.plot._scale import PLAIN, Transformation
from metarel.plot._text import text_width
from metarel.plot._theme import THEMES
from metarel.plot._words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.models.results import MetaFit
    from metarel.moderators.subgroups import SubgroupsResult
    from metarel.plot._scale import Scale
    from metarel.plot._theme import Theme

#: Tests that are defined where tau2 is given and not estimated.
AT_A_GIVEN_TAU2 = ("z", "t", "knha", "adhoc")
POINTS = 61
NAMED = 24  # studies: of more, names beside the lines could not be read
NAME_ROOM = 14.0  # ems, at most
LEADING = 1.12
HEIGHT = 48.0  # of a figure of our own, in ems
WIDE = 40.0  # ems of the panels, beside the names
BELOW = {"likelihood": "Relative likelihood", "Q": "Q-profile p"}


def trace_data(
    fit: MetaFit | SubgroupsResult, *, below: str | None = None, transform: Transformation = None
) -> pd.DataFrame:
    """Return the numbers behind the lines of ``trace``.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, or of ``subgroups`` (all its studies).
    below, transform : str, optional
        As in ``trace``.

    Returns
    -------
    DataFrame
        A row a line and value of tau: ``kind`` (``"study"``, ``"mean"``, ``"tau"``), ``label``,
        ``tau``, ``estimate`` (the effect on the scale of the axis; of the kind ``"tau"`` its
        relative likelihood or p), and ``ci_low`` and ``ci_high`` of the mean. ``attrs`` hold
        ``tau``, ``ci_low``, ``ci_high`` (of tau) and ``below``.

    Raises
    ------
    InputError
        As ``trace``.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> lines = mr.plot.trace_data(fit)
    >>> at_zero = lines[(lines["kind"] == "study") & (lines["tau"] == 0)]
    >>> at_zero["estimate"].round(3).unique().tolist()
    [0.277]
    """
    fit = mean_only(whole_of(fit), "a trace plot")
    if fit.study.weights is not None:
        raise InputError(
            "`fit` must not have own weights: its mean does not change with tau. Pool without "
            "`weights`."
        )
    if below is None:
        below = "likelihood" if fit.spec.tau2 in ("ML", "REML") else "Q"
    check_choice("below", below, BELOW)
    limits = tau2_interval(fit, method="PL" if below == "likelihood" else "QP")
    low, high = limits.loc["tau", ["ci_low", "ci_high"]].to_numpy(dtype=float)
    scale = fit_reading(fit, transform).scale
    tau = np.linspace(0.0, _end(fit, float(high)), POINTS)
    test = fit.spec.test if fit.spec.test in AT_A_GIVEN_TAU2 else "z"
    fits = [fit_model(fit.study, float(t) ** 2, test, fit.spec.level) for t in tau]
    shrunken = np.column_stack([blup(one)["estimate"] for one in fits])
    ends = [np.array([getattr(one, side)[0] for one in fits]) for side in ("ci_low", "ci_high")]
    weight = _likelihood(fit, tau) if below == "likelihood" else _p_of_q(fits)
    columns = {"estimate": shrunken.ravel()}
    rows = [_lines("study", [str(one) for one in fit.study.labels], tau, columns, scale)]
    columns = {"estimate": np.array([one.estimate for one in fits])}
    columns |= dict(zip(("ci_low", "ci_high"), ends, strict=True))
    rows.append(_lines("mean", ["Pooled mean"], tau, columns, scale))
    rows.append(_lines("tau", [BELOW[below]], tau, {"estimate": weight}, PLAIN))
    found = pd.concat(rows, ignore_index=True)
    found.attrs.update(tau=fit.tau, ci_low=float(low), ci_high=float(high), below=below)
    return found


def _lines(
    kind: str, labels: list[str], tau: Array, columns: dict[str, Array], scale: Scale
) -> pd.DataFrame:
    """Return lines over tau, one a label."""
    return pd.DataFrame(
        {
            "kind": kind,
            "label": np.repeat(labels, len(tau)),
            "tau": np.tile(tau, len(labels)),
            **{name: scale.to_axis(values) for name, values in columns.items()},
        }
    )


def _end(fit: Any, high: float) -> float:
    """Return the largest tau that is drawn: beyond its limit, but not far beyond all effects."""
    spread_of = float(np.std(fit.study.yi)) or float(np.sqrt(fit.study.vi.min()))
    usual = 4 * max(fit.tau, spread_of)
    return min(1.15 * high, usual) if math.isfinite(high) and high > 0 else usual


def _likelihood(fit: Any, tau: Array) -> Array:
    """Return the likelihood of each tau, in shares of the highest."""
    curve = profile_likelihood(fit, "tau2", values=tau**2)
    return np.exp(-curve["drop"].to_numpy(dtype=float))


def _p_of_q(fits: list[Any]) -> Array:
    """Return twice the smaller tail of the generalised Q of each fit."""
    found = []
    for one in fits:
        Q = float((residuals(one, "pearson")["statistic"] ** 2).sum())
        upper = chi_square_p(Q, one.k - 1)
        found.append(2 * min(upper, 1 - upper))
    return np.array(found)


def trace(
    fit: MetaFit | SubgroupsResult,
    *,
    ax: Axes | None = None,
    below: str | None = None,
    transform: Transformation = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw the studies' predicted true effects, and their mean, as functions of tau.

    On the left, where tau is 0, all effects are one; to the right each study goes its own way
    towards what it observed. The panel below shows which values of tau the data support, with the
    interval of tau as a bar; the dashed line is its estimate [rubin1981], [rover2024].

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, or of ``subgroups`` (all its studies).
    ax : Axes, optional
        What is divided into the two panels; by default that of a new figure.
    below : str, optional
        What stands below: ``"likelihood"`` (of fits by "ML" and "REML", their default) or ``"Q"``,
        twice the smaller tail of the generalised Q, whose interval is the Q-profile.
    transform : str or function, optional
        Scale of the effects, as in ``forest``; by default that of the measure.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes that holds the panels: ``child_axes`` are the effects and the support of tau.
        Artists carry a ``gid``: ``"study"``, ``"mean"``, ``"confidence"``, ``"name"``,
        ``"support"``, ``"interval"``, ``"estimate"``.

    Raises
    ------
    InputError
        If the fit has moderators, own weights or a fixed tau2, or an option is not one of those
        known.

    See Also
    --------
    trace_data : the numbers behind the lines.

    Notes
    -----
    bayesmeta's ``traceplot`` draws the same effects, over a posterior of tau. The interval of the
    mean is by the test of the fit ("z" in place of tests that need an estimated tau2).

    References
    ----------
    [rubin1981], [rover2024]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> upper, lower = mr.plot.trace(fit).child_axes
    >>> lower.get_xlabel()
    'Between-study standard deviation τ'
    """
    colours = THEMES[theme]
    check_size(font_size)
    whole = whole_of(fit)
    numbers = trace_data(whole, below=below, transform=transform)
    reading = fit_reading(whole, transform)
    names = whole.k <= NAMED
    ax = frame(ax, colours, font_size, height=HEIGHT)
    upper, lower = _panels(ax, whole.study.labels if names else (), colours, font_size)
    end = float(numbers["tau"].max())
    effects = numbers[numbers["kind"] != "tau"]
    shown = effects[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
    low, high = reading.scale.bent(spread(reading.scale.straight(shown), 0.04))
    for panel, ends, name, scale in (
        (upper, (float(low), float(high)), reading.name, reading.scale),
        (lower, (0.0, 1.08), BELOW[numbers.attrs["below"]].replace(" ", "\n"), PLAIN),
    ):
        set_axis(panel, "y", ends, name, scale=scale, theme=colours, size=font_size)
        axis_name = "Between-study standard deviation τ" if panel is lower else ""
        set_axis(panel, "x", (0.0, end), axis_name, scale=PLAIN, theme=colours, size=font_size)
    upper.tick_params(labelbottom=False)
    _draw_effects(upper, effects, colours, font_size, names=names)
    _draw_support(lower, numbers, colours, font_size)
    for panel in (upper, lower):
        panel.axvline(
            numbers.attrs["tau"], color=colours.summary, linewidth=0.09 * font_size,
            linestyle=(0, (4, 3)), zorder=1.5, gid="estimate",
        )  # fmt: skip
    if title:
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink)
    told = numbers.attrs
    return say(
        ax,
        f"{f'{title}. ' if title else ''}Predicted effects of {studies_words(whole)} and their "
        f"mean for every tau from 0 to {number(end, 2)}. Tau is estimated as "
        f"{number(told['tau'], 2)}, with limits {number(told['ci_low'], 2)} and "
        f"{number(told['ci_high'], 2)}.",
    )


def _panels(ax: Axes, labels: Sequence[str], theme: Theme, size: float) -> tuple[Axes, Axes]:
    """Return the two panels, with room for names on their right."""
    widest = max((text_width(short_name(str(label))) for label in labels), default=0.0)
    room = 1.5 + min(SMALL * widest, NAME_ROOM)
    grid = part(ax, (WIDE, room), (3, 1), (0.0, 1.4), theme=theme, size=size)
    for _, beside in grid:
        beside.remove()
    return grid[0][0], grid[1][0]


def _draw_effects(
    ax: Axes, effects: pd.DataFrame, theme: Theme, size: float, *, names: bool
) -> None:
    """Draw a line a study, the mean with its interval, and the names on the right."""
    mean = effects[effects["kind"] == "mean"]
    ax.fill_between(
        mean["tau"], mean["ci_low"], mean["ci_high"], color=theme.pale, alpha=0.4, linewidth=0,
        zorder=0.5, gid="confidence",
    )  # fmt: skip
    studies = effects[effects["kind"] == "study"]
    count = len(studies) // POINTS
    y = studies["estimate"].to_numpy(dtype=float).reshape(count, POINTS)
    tau = mean["tau"].to_numpy(dtype=float)
    alpha = float(np.clip(6 / math.sqrt(count), 0.4, 0.9))
    for line in y:
        ax.plot(tau, line, color=theme.interval, linewidth=0.08 * size, alpha=alpha, gid="study")
    ax.plot(tau, mean["estimate"], color=theme.summary, linewidth=0.24 * size, zorder=3, gid="mean")
    if names:
        labels = studies["label"].to_numpy()[::POINTS]
        _name_lines(ax, y[:, -1], [str(label) for label in labels], theme, size)


def _name_lines(ax: Axes, ends: Array, labels: list[str], theme: Theme, size: float) -> None:
    """Write each name at the end of its line, moved apart where lines end close together."""
    settle(ax)
    put(ax)
    height = ax.get_window_extent().height / ax.figure.dpi * 72 / (SMALL * size)  # in ems
    x = np.full(len(ends), ax.get_xlim()[1])
    at = ax.transAxes.inverted().transform(ax.transData.transform(np.column_stack([x, ends])))
    order = np.argsort(at[:, 1])
    places = _apart(at[order, 1] * height, LEADING)
    for i, place in zip(order, places, strict=True):
        ax.annotate(
            short_name(labels[i]), (1.0, at[i, 1]), xycoords="axes fraction",
            xytext=(1.2 * size, (place - at[i, 1] * height) * SMALL * size),
            textcoords="offset points", va="center", fontsize=SMALL * size, color=theme.ink,
            gid="name", parse_math=False, annotation_clip=False,
            arrowprops={
                "arrowstyle": "-", "color": theme.rule, "linewidth": 0.06 * size,
                "shrinkA": 0.0, "shrinkB": 0.0, "relpos": (0.0, 0.5),
            },
        )  # fmt: skip


def _apart(heights: Array, least: float) -> Array:
    """Move sorted heights as little as possible until they are so far apart."""
    groups: list[tuple[float, int]] = []  # middle of what was wanted, and how many
    for height in heights:
        groups.append((float(height), 1))
        while len(groups) > 1:
            (a, m), (b, n) = groups[-2:]
            if b - (n - 1) / 2 * least - (a + (m - 1) / 2 * least) >= least:
                break
            groups[-2:] = [((a * m + b * n) / (m + n), m + n)]
    return np.concatenate([a + (np.arange(m) - (m - 1) / 2) * least for a, m in groups])


def _draw_support(ax: Axes, numbers: pd.DataFrame, theme: Theme, size: float) -> None:
    """Draw how well each tau is supported, and its interval as a bar at the foot."""
    support = numbers[numbers["kind"] == "tau"]
    x, y = (support[name].to_numpy(dtype=float) for name in ("tau", "estimate"))
    ax.fill_between(x, 0.0, y, color=theme.shades[2], linewidth=0, zorder=0.5)
    ax.plot(x, y, color=theme.interval, linewidth=0.17 * size, zorder=2, gid="support")
    told = numbers.attrs
    ax.plot(
        [told["ci_low"], told["ci_high"]], [0.0, 0.0], color=theme.summary, linewidth=0.5 * size,
        solid_capstyle="butt", zorder=4, gid="interval",
    )  # fmt: skip
