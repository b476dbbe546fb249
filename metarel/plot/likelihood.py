"""The likelihood of the pooled mean, or of the mean and tau2 together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._lazy import pd
from metarel.diagnose._refits import mean_only
from metarel.diagnose.profile import profile_likelihood
from metarel.models.batch_sums import arrange
from metarel.models.meta import fit_model
from metarel.plot import _atoms as atoms
from metarel.plot._alt import interval_words, say, studies_words
from metarel.plot._blocks import whole_of
from metarel.plot._frame import check_size, frame, set_axis, spread
from metarel.plot._key import area, line, room_above, write_key
from metarel.plot._reading import fit_reading
from metarel.plot._scale import PLAIN, Transformation
from metarel.plot._theme import THEMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.models.results import MetaFit
    from metarel.moderators.subgroups import SubgroupsResult
    from metarel.plot._reading import Reading
    from metarel.plot._theme import Theme

POINTS = 161  # along each parameter
REGIONS = (0.50, 0.80, 0.95)
WIDER = 1.9  # the grid reaches so far beyond the limits of one parameter alone


def likelihood_data(fit: MetaFit | SubgroupsResult, *, joint: bool = False) -> pd.DataFrame:
    """Return the numbers behind ``likelihood``.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, or of ``subgroups`` (all its studies), by "ML" or "REML".
    joint : bool
        Whether of the mean and tau2 together.

    Returns
    -------
    DataFrame
        A row a value of the mean: ``mean`` (on the scale of the analysis), ``relative`` (the
        profile likelihood over its maximum) and ``relative_fixed`` (with tau2 held at its
        estimate by maximum likelihood). Or, ``joint``, a row a pair: ``mean``, ``tau2`` and
        ``drop``, how far the log-likelihood lies below its maximum. ``attrs`` hold ``estimate``,
        ``ci_low``, ``ci_high`` and ``level`` of the mean, and ``tau2``, the estimate.

    Raises
    ------
    InputError
        If the fit has moderators or own weights, or is by another estimator.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> found = mr.plot.likelihood_data(fit)
    >>> [round(found.attrs[name], 3) for name in ("estimate", "ci_low", "ci_high")]
    [0.342, 0.056, 0.689]
    """
    fit = mean_only(whole_of(fit), "the likelihood of the mean")
    if joint:
        return _joint(fit)
    curve = profile_likelihood(fit, "intercept", points=POINTS)
    tau2, told = _best_tau2(fit), curve.attrs
    mean = curve["intercept"].to_numpy(dtype=float)
    middle, variance = (float(values[0]) for values in _means_at(fit, np.array([tau2])))
    found = pd.DataFrame(
        {
            "mean": mean,
            "relative": np.exp(-curve["drop"].to_numpy(dtype=float)),
            "relative_fixed": np.exp(-0.5 * (mean - middle) ** 2 / variance),
        }
    )
    found.attrs.update({name: told[name] for name in ("estimate", "ci_low", "ci_high", "level")})
    found.attrs["tau2"] = tau2
    return found


def _best_tau2(fit: Any) -> float:
    """Return the estimate of tau2 by maximum likelihood."""
    return float(fit_model(fit.study, "ML", "z", fit.spec.level).tau2)


def _means_at(fit: Any, tau2: Array) -> tuple[Array, Array]:
    """Return the pooled mean and its variance at each value of tau2."""
    rows = arrange(fit.study.yi[None], fit.study.vi[None], None)
    rows = rows.take(np.zeros(len(tau2), dtype=int))
    at = rows.moments(tau2)
    return np.asarray(rows.shift + at.beta), np.asarray(1 / at.w_sum)


def _joint(fit: Any) -> pd.DataFrame:
    """Return the log-likelihood over a grid of means and of tau2."""
    told = likelihood_data(fit).attrs
    full = fit_model(fit.study, "ML", "z", fit.spec.level)
    over = profile_likelihood(full, "tau2", points=2).attrs
    top = over["estimate"] + WIDER * (over["ci_high"] - over["estimate"])
    # steps grow with tau2, whose likelihood is steepest near 0
    tau2 = top * np.linspace(0.0, 1.0, POINTS) ** 2
    middle = told["estimate"]
    mean = np.linspace(
        middle - WIDER * (middle - told["ci_low"]),
        middle + WIDER * (told["ci_high"] - middle),
        POINTS,
    )
    drop = profile_likelihood(full, "tau2", values=tau2)["drop"].to_numpy(dtype=float)
    at, variance = _means_at(fit, tau2)
    heights = drop[:, None] + 0.5 * (mean - at[:, None]) ** 2 / variance[:, None]
    found = pd.DataFrame(
        {
            "mean": np.tile(mean, len(tau2)),
            "tau2": np.repeat(tau2, len(mean)),
            "drop": heights.ravel(),
        }
    )
    found.attrs.update(told)
    return found


def likelihood(
    fit: MetaFit | SubgroupsResult,
    *,
    ax: Axes | None = None,
    joint: bool = False,
    transform: Transformation = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw the likelihood of the pooled mean, or of the mean and tau2 together.

    The curve of the mean is its profile likelihood, in shares of the highest value; the dashed one
    holds tau2 at its estimate, and is narrower by what not knowing tau2 costs. The interval holds
    the means whose likelihood ratio is not rejected [hardy1996]. The joint picture has the regions
    in which both parameters lie with a confidence of 50, 80 and 95 %.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, or of ``subgroups`` (all its studies), by "ML" or "REML".
    ax : Axes, optional
        Where to draw; by default in a new figure.
    joint : bool
        Whether to draw the mean and tau2 together.
    transform : str or function, optional
        Scale of the mean, as in ``forest``; by default that of the measure.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"profile"``, ``"fixed"``,
        ``"threshold"``, ``"interval"``, ``"estimate"``; of the joint one ``"region"``,
        ``"estimate"``, ``"fit"`` (the estimates of the fit, where it is by REML).

    Raises
    ------
    InputError
        If the fit has moderators or own weights, or is by another estimator.

    See Also
    --------
    likelihood_data : the numbers behind the marks.
    profile : the likelihood of tau2, or of any coefficient.

    Notes
    -----
    Both are of the full likelihood, whatever the estimator of the fit: the mean has no place in
    the restricted one. Regions are those of a chi-square with 2 degrees of freedom.

    References
    ----------
    [hardy1996]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> mr.plot.likelihood(fit, joint=True).get_ylabel()
    'Between-study variance τ²'
    """
    colours = THEMES[theme]
    check_size(font_size)
    whole = whole_of(fit)
    numbers = likelihood_data(whole, joint=joint)
    reading = fit_reading(whole, transform)
    ax = frame(ax, colours, font_size)
    if joint:
        _draw_joint(ax, numbers, whole, reading, colours, font_size)
    else:
        _draw_mean(ax, numbers, reading, colours, font_size)
    if title:
        pad = 6.0 if joint else room_above(ax, _mean_key(colours, font_size), font_size) * font_size
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink, pad=pad)
    told = numbers.attrs
    estimate, low, high = (
        float(reading.scale.to_axis(told[name])) for name in ("estimate", "ci_low", "ci_high")
    )
    interval = interval_words(estimate, low, high, told["level"])
    what = "the mean and tau2 together" if joint else "the pooled mean"
    return say(
        ax,
        f"{f'{title}. ' if title else ''}Likelihood of {what}, from {studies_words(whole)}; the "
        f"mean is {interval}, tau2 {told['tau2']:.3g}.",
    )


def _mean_axis(ax: Axes, mean: Array, reading: Reading, theme: Theme, size: float) -> Array:
    """Set the axis of the mean, and return its values on it."""
    scale = reading.scale
    x = np.asarray(scale.to_axis(mean), dtype=float)
    low, high = scale.bent(spread(scale.straight(x), 0.01))
    ends = (float(low), float(high))
    set_axis(ax, "x", ends, reading.name, scale=scale, theme=theme, size=size)
    return x


def _draw_mean(
    ax: Axes, numbers: pd.DataFrame, reading: Reading, theme: Theme, size: float
) -> None:
    """Draw the two curves and the interval."""
    x = _mean_axis(ax, numbers["mean"].to_numpy(dtype=float), reading, theme, size)
    set_axis(ax, "y", (0.0, 1.06), "Relative likelihood", scale=PLAIN, theme=theme, size=size)
    told = numbers.attrs
    threshold = float(np.interp(told["ci_low"], numbers["mean"], numbers["relative"]))
    ax.plot(
        x, numbers["relative_fixed"], color=theme.muted, linewidth=0.13 * size,
        linestyle=(0, (4, 2)), zorder=2, gid="fixed",
    )  # fmt: skip
    ax.plot(
        x, numbers["relative"], color=theme.interval, linewidth=0.19 * size, zorder=3,
        gid="profile",
    )  # fmt: skip
    ax.axhline(
        threshold, color=theme.muted, linewidth=0.08 * size, linestyle=(0, (1.5, 1.5)),
        zorder=1, gid="threshold",
    )  # fmt: skip
    middle, low, high = reading.scale.to_axis([told["estimate"], told["ci_low"], told["ci_high"]])
    ax.plot(
        [low, high], [threshold, threshold], color=theme.summary, linewidth=0.24 * size,
        solid_capstyle="butt", zorder=4, gid="interval",
    )  # fmt: skip
    ax.plot(
        [middle], [1.0], linestyle="none", marker="D", markersize=0.75 * size,
        color=theme.summary, markeredgewidth=0, zorder=5, gid="estimate",
    )  # fmt: skip
    null = reading.null
    if null is not None and ax.get_xlim()[0] < null < ax.get_xlim()[1]:
        ax.axvline(null, color=theme.rule, linewidth=0.085 * size, zorder=0.5, gid="reference")
    write_key(ax, _mean_key(theme, size), theme=theme, size=size, place="above")


def _mean_key(theme: Theme, size: float) -> list[Any]:
    """Return the key of the two curves."""
    return [
        line(theme.interval, "solid", "τ² at its best for each mean", size),
        line(theme.muted, (0, (4, 2)), "τ² held at its estimate", size),
    ]


def _draw_joint(
    ax: Axes, numbers: pd.DataFrame, fit: Any, reading: Reading, theme: Theme, size: float
) -> None:
    """Draw the joint regions and the two estimates."""
    mean = np.unique(numbers["mean"].to_numpy(dtype=float))
    tau2 = np.unique(numbers["tau2"].to_numpy(dtype=float))
    drop = numbers["drop"].to_numpy(dtype=float).reshape(len(tau2), len(mean))
    inside = drop <= -math.log1p(-REGIONS[-1])
    columns, rows = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
    keep = slice(max(columns[0] - 4, 0), columns[-1] + 5)
    x = _mean_axis(ax, mean[keep], reading, theme, size)
    end = float(tau2[min(rows[-1] + 4, len(tau2) - 1)])
    start = float(tau2[max(rows[0] - 4, 0)])
    start = 0.0 if start < 0.3 * end else start  # 0 is shown unless that would press all flat
    name = "Between-study variance τ²"
    set_axis(ax, "y", (start, end), name, scale=PLAIN, theme=theme, size=size)
    # the drop of a chi-square with 2 df is the log of the level's complement
    edges = [0.0, *(-math.log1p(-level) for level in REGIONS)]
    shades = [theme.shades[1], theme.shades[2], theme.shades[3]]
    ax.contourf(x, tau2, drop[:, keep], levels=edges, colors=shades).set_gid("region")
    ax.contour(
        x, tau2, drop[:, keep], levels=edges[1:], colors=theme.interval, linewidths=0.1 * size
    ).set_gid("edge")
    told = numbers.attrs
    points = [("estimate", told["estimate"], told["tau2"], "D")]
    if fit.spec.tau2 == "REML":
        points.append(("fit", fit.estimate, fit.tau2, "o"))
    handles = [
        area(shade, f"{100 * level:g} %", theme, size)
        for shade, level in zip(shades, REGIONS, strict=True)
    ]
    for gid, at, height, shape in points:
        (drawn,) = ax.plot(
            [float(reading.scale.to_axis(at))], [height], linestyle="none", marker=shape,
            markersize=0.75 * size, color=theme.summary, zorder=5, gid=gid,
            markerfacecolor=theme.summary if shape == "D" else theme.paper, clip_on=False,
            label="Maximum likelihood" if shape == "D" else "REML",
        )  # fmt: skip
        handles.append(drawn)
    write_key(ax, handles, theme=theme, size=size, place="best")
