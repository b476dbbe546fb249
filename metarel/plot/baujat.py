"""Baujat's plot: which studies make the heterogeneity, and which of them move the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.diagnose.baujat import baujat as numbers_of
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say, studies_words
from metarel.plot._blocks import whole_of
from metarel.plot._frame import check_size, frame, set_axis
from metarel.plot._labels import MOST, check_names, farthest, name_points
from metarel.plot._rows import has_moderators
from metarel.plot._scale import PLAIN
from metarel.plot._theme import THEMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._lazy import pd
    from metarel.models.results import MetaFit
    from metarel.moderators.subgroups import SubgroupsResult


def baujat_data(fit: MetaFit | SubgroupsResult) -> pd.DataFrame:
    """Return the numbers behind the points of ``baujat``.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, ``meta_regression`` or ``subgroups`` (all its studies).

    Returns
    -------
    DataFrame
        A row a study: ``study``, ``heterogeneity`` and ``influence``, as ``metarel.baujat`` gives
        them.

    Raises
    ------
    InputError
        If the fit is of another kind, or of one study.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03], tau2="EE")
    >>> mr.plot.baujat_data(fit).round(2)
         study  heterogeneity  influence
    0  Study 1           1.51       0.45
    1  Study 2           1.18       1.01
    2  Study 3           0.07       0.03
    """
    return numbers_of(whole_of(fit))


def baujat(
    fit: MetaFit | SubgroupsResult,
    *,
    ax: Axes | None = None,
    names: int = MOST,
    xlabel: str | None = None,
    ylabel: str | None = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw each study's share in heterogeneity against its influence on the result.

    Studies far to the right differ most from the others; those high up would change the pooled
    effect most if they were left out [baujat2002]. The upper right corner asks for a second look.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, ``meta_regression`` or ``subgroups`` (all its studies).
    ax : Axes, optional
        Where to draw; by default in a new figure.
    names : int
        How many studies are named, those farthest from the lower left corner first.
    xlabel, ylabel : str, optional
        Names of the axes.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"study"``, ``"name"``.

    Raises
    ------
    InputError
        If an option is not one of those known, or the fit is of one study.

    See Also
    --------
    baujat_data : the numbers behind the points.

    Notes
    -----
    metafor's ``baujat`` draws the same points. Under a common effect the horizontal values sum to
    Q; otherwise they are squared Pearson residuals.

    References
    ----------
    [baujat2002]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03], tau2="EE")
    >>> mr.plot.baujat(fit).get_xlabel()
    'Contribution to Q'
    """
    colours = THEMES[theme]
    check_size(font_size)
    check_names(names)
    fit = whole_of(fit)
    numbers = numbers_of(fit)
    x, y = (numbers[name].to_numpy(dtype=float) for name in ("heterogeneity", "influence"))
    ax = frame(ax, colours, font_size)
    common = fit.spec.tau2 == "EE"
    given = (
        ("x", x, xlabel, "Contribution to Q" if common else "Squared Pearson residual"),
        ("y", y, ylabel, _influence_name(fit)),
    )
    for which, values, name, usual in given:
        top = float(np.nanmax(values, initial=0.0)) or 1.0
        ends = (-0.03 * top, 1.08 * top)
        label = usual if name is None else name
        set_axis(ax, which, ends, label, scale=PLAIN, theme=colours, size=font_size)
    atoms.circles(
        ax, x, y, side=0.75 * font_size, colour=colours.study, edge=colours.interval, gid="study"
    )
    order = farthest(np.hypot(x / (np.nanmax(x) or 1.0), y / (np.nanmax(y, initial=0.0) or 1.0)))
    if title:
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink)
    labels = numbers["study"].tolist()
    name_points(ax, x, y, labels, order[:names], theme=colours, size=font_size)
    first = ", ".join(str(labels[int(i)]) for i in order[:3])
    return say(
        ax,
        f"{f'{title}. ' if title else ''}Baujat plot of {studies_words(fit)}. Farthest from the "
        f"corner of no heterogeneity and no influence: {first}.",
    )


def _influence_name(fit: Any) -> str:
    """Return what the vertical axis is called."""
    return f"Influence on the {'fitted value' if has_moderators(fit) else 'pooled effect'}"
