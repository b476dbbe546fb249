"""The caterpillar plot: many effects in a row, sorted, without names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from metarel.plot import _atoms as atoms
from metarel.plot._alt import say
from metarel.plot._crowd import Wishes, canvas, crowd_frame, draw_pooled, in_words, read

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._lazy import pd
    from metarel.models.results import MetaFit
    from metarel.moderators.subgroups import SubgroupsResult
    from metarel.plot._scale import Transformation
    from metarel.robust._result import RobustFit

THICKEST, THINNEST = 1.1, 0.25  # points, of the lines of intervals
LARGEST, SMALLEST = 4.0, 1.4  # points, of the dots


def caterpillar_data(
    fit: MetaFit | RobustFit | SubgroupsResult,
    *,
    data: pd.DataFrame | None = None,
    order: str | None = "estimate",
    transform: Transformation = None,
) -> pd.DataFrame:
    """Return the numbers behind every mark of a caterpillar plot.

    Parameters
    ----------
    fit : MetaFit, RobustFit or SubgroupsResult
        As in ``caterpillar``.
    data : DataFrame, optional
        The frame the fit was made from; needed where ``order`` names one of its columns.
    order, transform : str, optional
        As in ``caterpillar``.

    Returns
    -------
    DataFrame
        The columns of ``forest_data``, with ``rank``: the place of a study from the top.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.5, 0.1, 0.3], vi=[0.02, 0.04, 0.03], tau2="DL")
    >>> mr.plot.caterpillar_data(fit)[["rank", "estimate", "ci_low", "ci_high"]].round(2)
       rank  estimate  ci_low  ci_high
    0   1.0      0.10   -0.29     0.49
    1   2.0      0.30   -0.04     0.64
    2   3.0      0.50    0.22     0.78
    3   NaN      0.33    0.11     0.56
    """
    return crowd_frame(fit, order, transform, data)


def caterpillar(
    fit: MetaFit | RobustFit | SubgroupsResult,
    *,
    ax: Axes | None = None,
    data: pd.DataFrame | None = None,
    order: str | None = "estimate",
    names: bool = False,
    transform: Transformation = None,
    xlim: tuple[float, float] | None = None,
    xlabel: str | None = None,
    reference: float | Literal[False] | None = None,
    prediction: bool = True,
    digits: int = 2,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw a caterpillar plot: hundreds of effects with their intervals, sorted, on one page.

    Where a forest plot of all studies would fill pages, this one keeps its height: a dot and a
    thin line for each study, the diamond and the prediction interval of the mean below, and of
    subgroups a block each. The slope of the dots shows how the effects spread, and which
    intervals leave out the mean.

    Parameters
    ----------
    fit : MetaFit, RobustFit or SubgroupsResult
        A result of ``pool``, ``meta_regression``, ``robust`` or ``subgroups``.
    ax : Axes, optional
        Where to draw; by default a new figure.
    data : DataFrame, optional
        The frame the fit was made from; needed where ``order`` names one of its columns.
    order : str or None
        As in ``forest``; by default by effect, from low to high.
    names : bool
        Whether the studies' names are written; of more than 60 none are.
    transform : str or function, optional
        Scale of the axis, as in ``forest``.
    xlim : tuple of float, optional
        Ends of the axis, on its own scale.
    xlabel : str, optional
        Name of the axis; by default that of the measure.
    reference : float or False, optional
        Where the reference line stands; by default the value of no effect.
    prediction : bool
        Whether the prediction interval is drawn, for models that have one.
    digits : int
        Decimals of the numbers beside the diamonds.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into. Its artists carry a ``gid``: ``"study"``, ``"interval"``,
        ``"summary"``, ``"prediction"``, ``"reference"``.

    Raises
    ------
    InputError
        If an option is not one of those known.

    See Also
    --------
    rainforest : the same page with the weight of each study to be seen.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03])
    >>> mr.plot.caterpillar(fit).get_xlabel()
    'Effect'
    """
    contents = read(fit, order, transform, data)
    wishes = Wishes(names, prediction, xlim, xlabel, reference, digits, title, theme, font_size)
    on = canvas(ax, contents, wishes)
    studies = on.crowd.studies
    pitch = float(studies.slot.min()) * on.em
    atoms.intervals(
        on.ax, studies.get("ci_low"), studies.get("ci_high"), studies.y,
        limits=on.limits, width=float(np.clip(0.4 * pitch, THINNEST, THICKEST)),
        head=min(0.5 * font_size, max(pitch, 1.5)), colour=on.theme.study, gid="interval",
    )  # fmt: skip
    x = studies.get("estimate")
    inside = (x >= on.limits[0]) & (x <= on.limits[1])
    side = float(np.clip(0.8 * pitch, SMALLEST, LARGEST))
    on.ax.scatter(
        x[inside], studies.y[inside], s=side**2, color=on.theme.interval, linewidths=0,
        zorder=4.2, gid="study",
    )  # fmt: skip
    draw_pooled(on)
    return say(on.ax, in_words(fit, contents, "Caterpillar plot", title))
