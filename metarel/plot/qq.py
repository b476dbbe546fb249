"""The normal QQ plot of deleted residuals, with the envelope in which they lie by chance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_level, check_whole
from metarel._distributions import critical_value
from metarel._lazy import pd, special
from metarel.diagnose._leverage import residual_variances
from metarel.diagnose.residuals import residuals
from metarel.diagnose.simulate import simulate_from
from metarel.errors import InputError
from metarel.models.batch_regression import batch_regression
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say, studies_words
from metarel.plot._blocks import whole_of
from metarel.plot._frame import check_size, frame, set_axis, spread
from metarel.plot._labels import MOST, check_names, farthest, name_points
from metarel.plot._scale import PLAIN
from metarel.plot._theme import THEMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.models.results import MetaFit
    from metarel.moderators.subgroups import SubgroupsResult

DRAWS = 2000
LEAST = 3  # points of which a line can be seen


def qq_data(
    fit: MetaFit | SubgroupsResult, *, level: float = 0.95, draws: int = DRAWS, seed: int = 1
) -> pd.DataFrame:
    """Return the numbers behind the points and the envelope of ``qq``.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, ``meta_regression`` or ``subgroups`` (all its studies).
    level : float
        Level of the envelope, a fraction.
    draws : int
        Number of sets of effects that are simulated for it.
    seed : int
        For the same draws again.

    Returns
    -------
    DataFrame
        A row a study, from the smallest residual: ``study``, ``normal`` (the quantile of a
        standard normal), ``residual`` (externally studentised), and ``low`` and ``high``, the
        envelope. A study that has no such residual is left out.

    Raises
    ------
    InputError
        If the fit is of another kind, fewer than three studies have a residual, or an option is
        out of its range.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> mr.plot.qq_data(fit)[["study", "normal", "residual"]].round(2)
         study  normal  residual
    0  Study 2   -1.15     -1.09
    1  Study 4   -0.32     -0.29
    2  Study 1    0.32     -0.15
    3  Study 3    1.15      2.96
    """
    fit = whole_of(fit)
    check_level(level)
    check_whole("draws", draws, 20)
    found = residuals(fit)
    known = found["statistic"].notna().to_numpy()
    if known.sum() < LEAST:
        raise InputError(
            f"`fit` must have at least {LEAST} studies with a residual; got {int(known.sum())}."
        )
    found = found[known].sort_values("statistic", ignore_index=True)
    places = (np.arange(1, len(found) + 1) - 0.5) / len(found)
    simulated = np.sort(_simulated(fit, draws, seed)[:, known], axis=1)
    low, high = np.quantile(simulated, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame(
        {
            "study": found["study"],
            "normal": special.ndtri(places),
            "residual": found["statistic"],
            "low": low,
            "high": high,
        }
    )


def _simulated(fit: Any, draws: int, seed: int) -> Array:
    """Return residuals of effects drawn from the fit, standardised at its tau2, (draws, k).

    At a given tau2 the residual from the other studies, over its standard error, is the
    internally standardised one: no refits are needed.
    """
    study = fit.study
    drawn = simulate_from(fit, draws, seed=seed)
    refits = batch_regression(drawn, study.vi[None], study.X, tau2=fit.tau2, weights=study.weights)
    variance = residual_variances(study, fit.tau2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((drawn - refits.beta @ study.X.T) / np.sqrt(variance))


def qq(
    fit: MetaFit | SubgroupsResult,
    *,
    ax: Axes | None = None,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 1,
    names: int = MOST,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw the residuals of a fit against the quantiles of a normal distribution.

    Points on the diagonal are what a model with normal effects expects. The band is where each
    ordered residual falls in ``level`` of the sets simulated from the fit; studies beyond it whose
    residual is also beyond ±1.96 are named.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, ``meta_regression`` or ``subgroups`` (all its studies).
    ax : Axes, optional
        Where to draw; by default in a new figure.
    level : float
        Level of the envelope, a fraction. It holds point by point: of 100 studies some lie
        outside by chance.
    draws : int
        Number of sets of effects that are simulated for it.
    seed : int
        For the same draws again.
    names : int
        How many studies are named at most.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"study"``, ``"envelope"``,
        ``"diagonal"``, ``"name"``.

    Raises
    ------
    InputError
        If an option is not one of those known, or too few studies have a residual.

    See Also
    --------
    qq_data : the numbers behind the marks.

    Notes
    -----
    The residuals are those of ``residuals`` (metafor's ``rstudent``); the envelope takes tau2 as
    known, as that of metafor's ``qqnorm`` does. Quantiles stand at (i - 1/2)/k.

    References
    ----------
    [wang1998]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> mr.plot.qq(fit).get_xlabel()
    'Normal quantile'
    """
    colours = THEMES[theme]
    check_size(font_size)
    check_names(names)
    whole = whole_of(fit)
    numbers = qq_data(whole, level=level, draws=draws, seed=seed)
    x, y, low, high = (
        numbers[name].to_numpy(dtype=float) for name in ("normal", "residual", "low", "high")
    )
    ax = frame(ax, colours, font_size)
    for which, ends, name in (
        ("x", spread(x, 0.06), "Normal quantile"),
        ("y", spread(np.concatenate([y, low, high, x]), 0.05), "Standardised deleted residual"),
    ):
        set_axis(ax, which, ends, name, scale=PLAIN, theme=colours, size=font_size)
    ax.fill_between(x, low, high, color=colours.shades[2], linewidth=0, zorder=0.5, gid="envelope")
    across = ax.get_xlim()
    ax.plot(
        across, across, color=colours.summary, linewidth=0.11 * font_size, zorder=1, gid="diagonal"
    )
    atoms.circles(
        ax, x, y, side=0.75 * font_size, colour=colours.study, edge=colours.interval, gid="study"
    )
    if title:
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink)
    outside = np.maximum(low - y, y - high)
    # in the middle the envelope is narrow: points beyond it tell of all studies, not of one
    lone = (outside > 0) & (abs(y) > float(critical_value(0.95, math.inf)))
    order = farthest(np.where(lone, abs(y), math.nan), names)
    name_points(ax, x, y, numbers["study"].tolist(), order, theme=colours, size=font_size)
    return say(
        ax,
        f"{f'{title}. ' if title else ''}Normal QQ plot of the deleted residuals of "
        f"{studies_words(whole)}: {int((outside > 0).sum())} lie outside of the "
        f"{100 * level:g}% envelope.",
    )
