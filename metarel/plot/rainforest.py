"""The rainforest plot: effects whose weight is to be seen, as drops or thick bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from metarel._checks import check_choice
from metarel._distributions import critical_value
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say
from metarel.plot._crowd import (
    Wishes,
    canvas,
    crowd_frame,
    draw_pooled,
    in_words,
    read,
    study_effects,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel._lazy import pd
    from metarel.models.results import MetaFit
    from metarel.moderators.subgroups import SubgroupsResult
    from metarel.plot._scale import Transformation
    from metarel.robust._result import RobustFit

POINTS = 33  # along the rim of a drop
FULLEST = 0.92  # share of its room that the heaviest study fills, where all names are written
OVER = 1.7  # rooms that it fills where there are many
EACH = 0.4  # ems that a study without a name would like to have
FAINTEST = 0.25


def rainforest_data(
    fit: MetaFit | RobustFit | SubgroupsResult,
    *,
    data: pd.DataFrame | None = None,
    order: str | None = None,
    transform: Transformation = None,
) -> pd.DataFrame:
    """Return the numbers behind every mark of a rainforest plot.

    Parameters
    ----------
    fit : MetaFit, RobustFit or SubgroupsResult
        As in ``rainforest``.
    data : DataFrame, optional
        The frame the fit was made from; needed where ``order`` names one of its columns.
    order, transform : str, optional
        As in ``rainforest``.

    Returns
    -------
    DataFrame
        The columns of ``forest_data``, with ``rank``: the place of a study from the top. A
        drop's height and shade follow ``weight``.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.5, 0.1, 0.3], vi=[0.02, 0.04, 0.03], tau2="EE")
    >>> mr.plot.rainforest_data(fit)[["rank", "estimate", "weight"]].round(1)
       rank  estimate  weight
    0   1.0       0.5    46.2
    1   2.0       0.1    23.1
    2   3.0       0.3    30.8
    3   NaN       0.3     NaN
    """
    return crowd_frame(fit, order, transform, data)


def rainforest(
    fit: MetaFit | RobustFit | SubgroupsResult,
    *,
    ax: Axes | None = None,
    data: pd.DataFrame | None = None,
    order: str | None = None,
    kind: str = "drops",
    names: bool = True,
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
    """Draw a rainforest plot: large and dark what weighs much, small and pale what does not.

    In a forest plot the eye goes to the longest lines, which are the studies that say least.
    Here each study is a drop over its confidence interval, as high at each value as that value
    is likely and as the study is heavy, so that precise studies stand out [schild2015].

    Parameters
    ----------
    fit : MetaFit, RobustFit or SubgroupsResult
        A result of ``pool``, ``meta_regression``, ``robust`` or ``subgroups``.
    ax : Axes, optional
        Where to draw; by default a new figure.
    data : DataFrame, optional
        The frame the fit was made from; needed where ``order`` names one of its columns.
    order : str, optional
        As in ``forest``.
    kind : {"drops", "bars"}
        Drops, or bars over the intervals whose thickness shows the weight.
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
        The Axes drawn into. Its artists carry a ``gid``: ``"study"``, ``"estimate"``,
        ``"summary"``, ``"prediction"``, ``"reference"``.

    Raises
    ------
    InputError
        If an option is not one of those known.

    Notes
    -----
    The rim of a drop is the log-likelihood of a normal effect above that at the limits,
    1 − ((x − yi)/(z √vi))², drawn to both sides and scaled by the share of the weight in the
    largest [barrowman2003].

    References
    ----------
    [schild2015], [barrowman2003]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03])
    >>> mr.plot.rainforest(fit, kind="bars").get_xlabel()
    'Effect'
    """
    check_choice("kind", kind, ("drops", "bars"))
    contents = read(fit, order, transform, data)
    wishes = Wishes(
        names, prediction, xlim, xlabel, reference, digits, title, theme, font_size, EACH
    )
    on = canvas(ax, contents, wishes)
    studies = on.crowd.studies
    yi, se = study_effects(fit, studies.rows)
    across = np.linspace(-1, 1, POINTS)
    half = float(critical_value(contents.level, np.inf)) * se
    x = contents.reading.scale.to_axis(yi[:, None] + half[:, None] * across)
    weight = studies.get("weight") / studies.get("weight").max()
    most = FULLEST if studies.slot.min() > 1 else OVER
    tall = most / 2 * np.sqrt(weight) if kind == "bars" else most / 2 * weight
    rim = np.ones_like(across) if kind == "bars" else 1 - across**2
    heights = (tall * studies.slot)[:, None] * rim
    atoms.areas(
        on.ax, _outlines(x, studies.y, heights), limits=on.limits, colour=on.theme.interval,
        gid="study", zorder=3.0, alpha=FAINTEST + (0.9 - FAINTEST) * weight,
    )  # fmt: skip
    estimate = studies.get("estimate")
    inside = (estimate >= on.limits[0]) & (estimate <= on.limits[1])
    side = float(np.clip(0.35 * studies.slot.min() * on.em, 0.8, 3.2))
    on.ax.scatter(
        estimate[inside], studies.y[inside], s=side**2, color=on.theme.paper,
        edgecolors=on.theme.interval, linewidths=0.3, zorder=4.0, gid="estimate",
    )  # fmt: skip
    draw_pooled(on)
    return say(on.ax, in_words(fit, contents, "Rainforest plot", title))


def _outlines(x: Array, y: Array, heights: Array) -> list[Array]:
    """Return closed outlines around heights above and below each row."""
    there = np.stack([x, y[:, None] - heights], axis=2)
    back = np.stack([x, y[:, None] + heights], axis=2)[:, ::-1]
    return list(np.concatenate([there, back], axis=1))
