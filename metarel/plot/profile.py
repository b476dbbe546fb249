"""The profile likelihood of tau2 or of a coefficient, with the limits that it gives."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.diagnose.profile import profile_likelihood
from metarel.plot import _atoms as atoms
from metarel.plot._alt import interval_words, say, studies_words
from metarel.plot._blocks import whole_of
from metarel.plot._frame import check_size, frame, set_axis, spread
from metarel.plot._reading import fit_reading
from metarel.plot._scale import PLAIN
from metarel.plot._theme import THEMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._lazy import pd
    from metarel.models.results import MetaFit
    from metarel.moderators.subgroups import SubgroupsResult
    from metarel.plot._theme import Theme

POINTS = 201


def profile_data(
    fit: MetaFit | SubgroupsResult,
    parameter: str = "tau2",
    *,
    level: float | None = None,
    points: int = POINTS,
) -> pd.DataFrame:
    """Return the numbers behind the curve of ``profile``.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, ``meta_regression`` or ``subgroups`` (all its studies), by "ML" or
        "REML".
    parameter : str
        ``"tau2"``, or a coefficient by its term: ``"intercept"`` for the pooled mean.
    level : float, optional
        Level of the limits; by default the fit's.
    points : int
        Number of points of the curve.

    Returns
    -------
    DataFrame
        What ``profile_likelihood`` returns: the parameter, ``log_likelihood`` and ``drop``;
        ``attrs`` hold ``estimate``, ``ci_low``, ``ci_high`` and ``threshold``.

    Raises
    ------
    InputError
        As ``profile_likelihood``.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> curve = mr.plot.profile_data(fit)
    >>> [round(curve.attrs[name], 3) for name in ("estimate", "ci_low", "ci_high")]
    [0.062, 0.0, 0.773]
    """
    return profile_likelihood(whole_of(fit), parameter, level=level, points=points)


def profile(
    fit: MetaFit | SubgroupsResult,
    parameter: str = "tau2",
    *,
    ax: Axes | None = None,
    level: float | None = None,
    xlabel: str | None = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw the profile likelihood of tau2 or of a coefficient, and the interval that it gives.

    The curve is the log-likelihood with all else at its best. The interval holds every value
    whose log-likelihood lies above the dashed line, half a chi-square quantile below the highest
    [hardy1996].

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, ``meta_regression`` or ``subgroups`` (all its studies), by "ML" or
        "REML".
    parameter : str
        ``"tau2"``, or a coefficient by its term: ``"intercept"`` for the pooled mean.
    ax : Axes, optional
        Where to draw; by default in a new figure.
    level : float, optional
        Level of the limits; by default the fit's.
    xlabel : str, optional
        Name of the axis; by default the parameter.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"curve"``, ``"threshold"``,
        ``"interval"``, ``"estimate"``.

    Raises
    ------
    InputError
        As ``profile_likelihood``, and if an option is not one of those known.

    See Also
    --------
    profile_data : the numbers behind the curve.

    Notes
    -----
    metafor's ``profile`` draws the same curve of tau2. Coefficients are profiled in the full
    likelihood, whatever the estimator.

    References
    ----------
    [hardy1996]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> mr.plot.profile(fit).get_ylabel()
    'Restricted log-likelihood'
    """
    colours = THEMES[theme]
    check_size(font_size)
    whole = whole_of(fit)
    numbers = profile_data(whole, parameter, level=level)
    x = numbers[parameter].to_numpy(dtype=float)
    y = numbers["log_likelihood"].to_numpy(dtype=float)
    told = numbers.attrs
    ax = frame(ax, colours, font_size)
    top = told["threshold"] + _height(numbers)
    drop = top - told["threshold"]
    kind = "Restricted log-likelihood" if told["restricted"] else "Log-likelihood"
    name = _name(whole, parameter) if xlabel is None else xlabel
    lowest = max(float(y.min()), told["threshold"] - 2.5 * drop)  # deeper is of no interest
    for which, ends, label in (
        ("x", spread(x, 0.02), name),
        ("y", (min(lowest, told["threshold"]) - 0.35 * drop, top + 0.25 * drop), kind),
    ):
        set_axis(ax, which, ends, label, scale=PLAIN, theme=colours, size=font_size)
    ax.plot(x, y, color=colours.interval, linewidth=0.19 * font_size, zorder=3, gid="curve")
    ax.axhline(
        told["threshold"], color=colours.muted, linewidth=0.09 * font_size,
        linestyle=(0, (4, 3)), zorder=1, gid="threshold",
    )  # fmt: skip
    _draw_interval(ax, told, top, colours, font_size)
    if title:
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink)
    interval = interval_words(told["estimate"], told["ci_low"], told["ci_high"], told["level"], 3)
    return say(
        ax,
        f"{f'{title}. ' if title else ''}{kind} of {studies_words(whole)} over {parameter}, "
        f"highest at {interval}.",
    )


def _height(numbers: pd.DataFrame) -> float:
    """Return how far the maximum lies above the threshold."""
    log_likelihood, drop = numbers["log_likelihood"].iloc[0], numbers["drop"].iloc[0]
    return float(log_likelihood + drop - numbers.attrs["threshold"])


def _name(fit: Any, parameter: str) -> str:
    """Return what the axis is called: a coefficient is on the scale of the analysis."""
    if parameter == "tau2":
        return "Between-study variance τ²"
    if parameter == "intercept" and fit.p == 1:
        return fit_reading(fit, "identity").name
    return parameter


def _draw_interval(ax: Axes, told: Any, top: float, theme: Theme, size: float) -> None:
    """Mark the maximum, and the limits where the curve crosses the threshold."""
    bottom = ax.get_ylim()[0]
    ends = [v for v in (told["ci_low"], told["ci_high"]) if math.isfinite(v)]
    low, high = told["ci_low"], told["ci_high"]
    ax.vlines(
        ends, bottom, told["threshold"], colors=theme.summary, linewidth=0.09 * size,
        linestyles=(0, (1.5, 1.5)), gid="limit",
    )  # fmt: skip
    ax.plot(
        [low, high], np.full(2, told["threshold"]), color=theme.summary, linewidth=0.24 * size,
        solid_capstyle="butt", zorder=4, gid="interval",
    )  # fmt: skip
    ax.plot(
        [told["estimate"]], [top], linestyle="none", marker="D", markersize=0.8 * size,
        color=theme.summary, markeredgewidth=0, zorder=5, gid="estimate",
    )  # fmt: skip
