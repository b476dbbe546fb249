"""The bubble plot: effects against a moderator, with the line of a meta-regression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import as_floats, check_choice, check_frame, column
from metarel._format import listing
from metarel._lazy import pd
from metarel.errors import InputError
from metarel.plot import _atoms as atoms
from metarel.plot._alt import say, studies_words
from metarel.plot._blocks import whole_of
from metarel.plot._frame import check_size, frame, set_axis, spread
from metarel.plot._reading import fit_reading
from metarel.plot._rows import has_moderators
from metarel.plot._scale import PLAIN
from metarel.plot._theme import THEMES
from metarel.plot._words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.plot._theme import Theme

STEPS = 101  # points along the line
LARGEST = 2.1  # diameter of the heaviest study's bubble, in ems
SMALLEST = 0.4
LIMITS = ("ci_low", "ci_high", "pi_low", "pi_high")


def bubble_data(
    fit: Any,
    moderator: str,
    *,
    data: pd.DataFrame | None = None,
    at: Mapping[str, Any] | None = None,
    transform: str | None = None,
) -> pd.DataFrame:
    """Return the numbers behind every mark of a bubble plot.

    Parameters
    ----------
    fit : MetaFit
        A result of ``meta_regression``.
    moderator : str
        As in ``bubble``.
    data : DataFrame, optional
        As in ``bubble``.
    at : mapping, optional
        As in ``bubble``.
    transform : str, optional
        As in ``bubble``.

    Returns
    -------
    DataFrame
        First a row for each study (``kind`` is ``"study"``), then one for each point of the line
        (``"line"``): ``kind``, ``label``, ``moderator`` (its value), ``estimate``, ``ci_low``,
        ``ci_high``, ``pi_low``, ``pi_high`` (of the line), ``weight`` (percent, of a study), on
        the scale of the axis.

    Raises
    ------
    InputError
        If the fit has no moderators, or this one is none of them or not numeric, or nothing says
        where another is held.

    Examples
    --------
    >>> import pandas as pd
    >>> import metarel as mr
    >>> es = pd.DataFrame(
    ...     {"yi": [0.1, 0.5, 0.3, 0.6], "vi": [0.04, 0.02, 0.03, 0.02], "year": [1, 2, 3, 4]}
    ... )
    >>> fit = mr.meta_regression(es, "year")
    >>> mr.plot.bubble_data(fit, "year").groupby("kind").size().to_dict()
    {'line': 101, 'study': 4}
    """
    x = _moderator(fit, moderator, data)
    scale = fit_reading(fit, transform).scale
    grid = np.linspace(x.min(), x.max(), STEPS)
    line = fit.predict(pd.DataFrame({moderator: grid, **_others(fit, moderator, data, at)}))
    studies = pd.DataFrame(
        {
            "kind": "study",
            "label": [str(label) for label in fit.study.labels],
            "moderator": x,
            "estimate": scale.to_axis(fit.study.yi),
            "weight": np.asarray(fit.weights(), dtype=float),
        }
    )
    drawn = {name: scale.to_axis(line[name]) for name in ("estimate", *LIMITS)}
    rows = pd.DataFrame({"kind": "line", "label": "", "moderator": grid, **drawn})
    return pd.concat([studies, rows], ignore_index=True)[
        ["kind", "label", "moderator", "estimate", *LIMITS, "weight"]
    ]


def bubble(
    fit: Any,
    moderator: str,
    *,
    ax: Axes | None = None,
    data: pd.DataFrame | None = None,
    at: Mapping[str, Any] | None = None,
    transform: str | None = None,
    prediction: bool = True,
    xlabel: str | None = None,
    ylabel: str | None = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw a bubble plot: studies against a numeric moderator, and what the model says of them.

    The area of a bubble is in proportion to the weight of its study [thompson2002]. The line is
    the fitted mean, the darker band its confidence interval, and the lighter one the prediction
    interval; the other moderators of the model are held at their means, or where ``at`` says.

    Parameters
    ----------
    fit : MetaFit
        A result of ``meta_regression``.
    moderator : str
        The moderator on the horizontal axis: a variable of the formula that holds numbers.
    ax : Axes, optional
        Where to draw; by default in a new figure.
    data : DataFrame, optional
        The frame the fit was made from; needed where a variable enters the formula only through
        a function.
    at : mapping, optional
        Values of the other moderators, by name. By default the mean over the studies, and of a
        variable with levels the most frequent one (which needs ``data``).
    transform : str, optional
        Scale of the vertical axis, as in ``forest``; by default that of the measure.
    prediction : bool
        Whether the band of the prediction interval is drawn.
    xlabel, ylabel : str, optional
        Names of the axes; by default the moderator and the measure.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"study"``, ``"line"``,
        ``"confidence"``, ``"prediction"``, ``"reference"``.

    Raises
    ------
    InputError
        If the fit has no moderators, or this one is none of them or not numeric, or nothing says
        where another is held.

    See Also
    --------
    bubble_data : the numbers behind the marks.

    Notes
    -----
    metafor's ``regplot`` draws the same bubbles, line and bands.

    References
    ----------
    [thompson2002]

    Examples
    --------
    >>> import pandas as pd
    >>> import metarel as mr
    >>> es = pd.DataFrame(
    ...     {"yi": [0.1, 0.5, 0.3, 0.6], "vi": [0.04, 0.02, 0.03, 0.02], "year": [1, 2, 3, 4]}
    ... )
    >>> mr.plot.bubble(mr.meta_regression(es, "year"), "year").get_xlabel()
    'year'
    """
    colours = THEMES[theme]
    check_size(font_size)
    numbers = bubble_data(fit, moderator, data=data, at=at, transform=transform)
    reading = fit_reading(fit, transform)
    line = numbers[numbers["kind"] == "line"]
    # Heavy studies first, so that no bubble hides a smaller one.
    studies = numbers[numbers["kind"] == "study"].sort_values("weight", ascending=False)
    ax = frame(ax, colours, font_size)
    shown = numbers[["estimate", *(LIMITS if prediction else LIMITS[:2])]].to_numpy(dtype=float)
    low, high = reading.scale.bent(spread(reading.scale.straight(shown), 0.05))
    for which, ends, name, scale in (
        (
            "x",
            spread(studies["moderator"], 0.05),
            moderator if xlabel is None else xlabel,
            PLAIN,
        ),
        ("y", (float(low), float(high)), reading.name if ylabel is None else ylabel, reading.scale),
    ):
        set_axis(ax, which, ends, name, scale=scale, theme=colours, size=font_size)
    if reading.null is not None and low < reading.null < high:
        ax.axhline(
            reading.null, color=colours.rule, linewidth=0.085 * font_size, zorder=1, gid="reference"
        )
    _draw_line(ax, line, colours, font_size, prediction=prediction)
    share = studies["weight"].to_numpy(dtype=float) / studies["weight"].max()
    atoms.circles(
        ax,
        studies["moderator"].to_numpy(dtype=float),
        studies["estimate"].to_numpy(dtype=float),
        side=font_size * np.maximum(LARGEST * np.sqrt(share), SMALLEST),
        colour=colours.study,
        edge=colours.interval,
        gid="study",
    )
    if title:
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink)
    first, last = line.iloc[0], line.iloc[-1]
    return say(
        ax,
        f"{f'{title}. ' if title else ''}Bubble plot of {studies_words(fit)} against {moderator}. "
        f"The fitted mean goes from {number(first['estimate'], 2)} at "
        f"{first['moderator']:.4g} to {number(last['estimate'], 2)} at "
        f"{last['moderator']:.4g}.",
    )


def _moderator(fit: Any, moderator: str, data: pd.DataFrame | None) -> Array:
    """Return the values of the moderator, one for each study of the fit."""
    check_frame(data)
    if not has_moderators(whole_of(fit)):
        raise InputError(
            "`fit` must be a meta-regression; this one has no moderators. See `forest` or `funnel`."
        )
    check_choice("moderator", moderator, fit.study.design.variables)
    if moderator in fit.study.design.levels:
        raise InputError(
            f"`moderator` must hold numbers; {moderator!r} has the levels "
            f"{listing([repr(level) for level in fit.study.design.levels[moderator]])}. "
            "See `subgroups` and `forest`."
        )
    return _values(fit, moderator, data)


def _values(fit: Any, variable: str, data: pd.DataFrame | None) -> Array:
    """Return a numeric variable of the formula, from the design or else from the frame."""
    terms = list(fit.study.terms)
    if variable in terms:
        return np.asarray(fit.study.X[:, terms.index(variable)], dtype=float)
    if data is None:
        raise InputError(
            f"`data` must be given: {variable!r} enters the formula "
            f"{fit.study.design.formula!r} through a function."
        )
    return as_floats(column(data, variable, "data"), variable)[fit.study.rows]


def _others(
    fit: Any, moderator: str, data: pd.DataFrame | None, at: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return a value at which each other variable of the formula is held."""
    design, held = fit.study.design, dict(at or {})
    others = [name for name in design.variables if name != moderator]
    for name in held:
        check_choice("at", name, others)
    for name in others:
        if name in held:
            continue
        if name not in design.levels:
            held[name] = float(_values(fit, name, data).mean())
        elif data is not None:
            held[name] = column(data, name, "data").iloc[fit.study.rows].mode().iloc[0]
        else:
            raise InputError(
                f"`at` must say at which level {name!r} is held, one of "
                f"{listing([repr(level) for level in design.levels[name]])}; or give `data`, "
                "and it is the most frequent one."
            )
    return held


def _draw_line(
    ax: Axes, line: pd.DataFrame, theme: Theme, size: float, *, prediction: bool
) -> None:
    """Draw the fitted mean and its bands."""
    x = line["moderator"].to_numpy(dtype=float)
    bands = [("ci", 0.38, 0.6, "confidence")]
    if prediction:
        bands.insert(0, ("pi", 0.25, 0.5, "prediction"))
    for name, alpha, zorder, gid in bands:
        ax.fill_between(
            x,
            line[f"{name}_low"].to_numpy(dtype=float),
            line[f"{name}_high"].to_numpy(dtype=float),
            color=theme.pale,
            alpha=alpha,
            linewidth=0,
            zorder=zorder,
            gid=gid,
        )
    ax.plot(
        x,
        line["estimate"].to_numpy(dtype=float),
        color=theme.summary,
        linewidth=0.17 * size,
        zorder=2,
        gid="line",
    )
