"""The drapery plot: p-value functions of the studies and of the pooled effect."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_level
from metarel._distributions import critical_value, two_sided_p
from metarel._lazy import pd
from metarel.diagnose._refits import mean_only
from metarel.plot import _atoms as atoms
from metarel.plot._alt import pooled_words, say, studies_words
from metarel.plot._blocks import whole_of
from metarel.plot._frame import SMALL, check_size, frame, set_axis
from metarel.plot._key import area, line, room_above, write_key
from metarel.plot._reading import fit_reading
from metarel.plot._rows import random_effects
from metarel.plot._scale import PLAIN, Transformation
from metarel.plot._theme import THEMES
from metarel.plot._ticks import axis_limits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel._checks import Array
    from metarel.models.results import MetaFit
    from metarel.moderators.subgroups import SubgroupsResult
    from metarel.plot._reading import Reading
    from metarel.plot._theme import Theme

POINTS = 61  # p-values between 1 and the least
LEAST = 0.001
MARKED = (0.01, 0.05, 0.1)  # p-values with a line


def drapery_data(
    fit: MetaFit | SubgroupsResult, *, transform: Transformation = None
) -> pd.DataFrame:
    """Return the numbers behind the curves of ``drapery``.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, or of ``subgroups`` (all its studies).
    transform : str or function, optional
        As in ``drapery``.

    Returns
    -------
    DataFrame
        A row a curve and p-value: ``kind`` (``"study"``, ``"pooled"``, ``"prediction"``),
        ``label``, ``p_value``, and ``low`` and ``high``, the two values that are tested with it,
        which are the limits at level 1 - p.

    Raises
    ------
    InputError
        If the fit has moderators.

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03])
    >>> curves = mr.plot.drapery_data(fit)
    >>> curves.groupby("kind", sort=False)["label"].nunique().to_dict()
    {'study': 3, 'pooled': 1, 'prediction': 1}
    """
    fit = mean_only(whole_of(fit), "a drapery plot")
    scale = fit_reading(fit, transform).scale
    # even steps in the square root of z: curves are bent most near their tops
    z = float(critical_value(1 - LEAST, math.inf)) * np.linspace(0.0, 1.0, POINTS) ** 1.5
    p = _p_values(z)
    half = z * np.sqrt(fit.study.vi)[:, None]
    yi = fit.study.yi[:, None]
    studies = pd.DataFrame(
        {
            "kind": "study",
            "label": np.repeat([str(label) for label in fit.study.labels], POINTS),
            "p_value": np.tile(p, fit.k),
            "low": scale.to_axis(yi - half).ravel(),
            "high": scale.to_axis(yi + half).ravel(),
        }
    )
    pooled = pd.concat(
        [fit.predict(level=min(float(level), 1 - 1e-12)) for level in 1 - p[1:]],
        ignore_index=True,
    )
    kinds = [("pooled", "ci", "Pooled effect")]
    if random_effects(fit) and pooled["pi_low"].notna().all():
        kinds.append(("prediction", "pi", "New study"))
    curves = [studies]
    for kind, limits, label in kinds:
        ends = {
            side: scale.to_axis([fit.estimate, *pooled[f"{limits}_{side}"]])
            for side in ("low", "high")
        }
        curves.append(pd.DataFrame({"kind": kind, "label": label, "p_value": p, **ends}))
    return pd.concat(curves, ignore_index=True)


def _p_values(z: Array) -> Array:
    """Return two-sided p-values of z."""
    return np.asarray(two_sided_p(z, math.inf), dtype=float)


def drapery(
    fit: MetaFit | SubgroupsResult,
    *,
    ax: Axes | None = None,
    prediction: bool = True,
    level: float | None = None,
    transform: Transformation = None,
    title: str = "",
    theme: str = "light",
    font_size: float = 9.0,
) -> Axes:
    """Draw p-value functions: each value of the effect against the p-value of testing it.

    A curve's top is the estimate, and its width at p is the interval at level 1 - p, so that all
    intervals are seen at once [rucker2021]. Thin lines are the studies, darker the more they
    weigh; the thick line is the pooled effect, and the shaded range where a new study's effect is
    expected.

    Parameters
    ----------
    fit : MetaFit or SubgroupsResult
        A result of ``pool``, or of ``subgroups`` (all its studies).
    ax : Axes, optional
        Where to draw; by default in a new figure.
    prediction : bool
        Whether the range of a new study's effect is shaded.
    level : float, optional
        Level whose interval of the pooled effect is marked; by default the fit's.
    transform : str or function, optional
        Scale of the effect, as in ``forest``; by default that of the measure.
    title : str
        Title, flush left; empty for none.
    theme : str
        ``"light"`` or ``"dark"``.
    font_size : float
        Size of the text in points.

    Returns
    -------
    Axes
        The Axes drawn into; its artists carry a ``gid``: ``"study"``, ``"pooled"``,
        ``"prediction"``, ``"interval"``, ``"level"``, ``"reference"``.

    Raises
    ------
    InputError
        If the fit has moderators, or an option is not one of those known.

    See Also
    --------
    drapery_data : the numbers behind the curves.

    Notes
    -----
    meta's ``drapery`` draws the same curves. Studies are tested by z, the pooled effect by the
    test of the fit.

    References
    ----------
    [rucker2021]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.1, 0.5, 0.3], vi=[0.04, 0.02, 0.03], measure="SMD")
    >>> mr.plot.drapery(fit).get_ylabel()
    'p-value'
    """
    colours = THEMES[theme]
    check_size(font_size)
    whole = whole_of(fit)
    level = whole.spec.level if level is None else check_level(level)
    numbers = drapery_data(whole, transform=transform)
    reading = fit_reading(whole, transform)
    ax = frame(ax, colours, font_size)
    limits = _limits(numbers, reading)
    for which, ends, name, scale in (
        ("x", limits, reading.name, reading.scale),
        ("y", (0.0, 1.04), "p-value", PLAIN),
    ):
        set_axis(ax, which, ends, name, scale=scale, theme=colours, size=font_size)
    for p in MARKED:
        ax.axhline(p, color=colours.rule, linewidth=0.05 * font_size, zorder=0.6, gid="level")
    if reading.null is not None and limits[0] < reading.null < limits[1]:
        ax.axvline(
            reading.null, color=colours.rule, linewidth=0.085 * font_size, gid="reference", zorder=1
        )
    _draw_studies(ax, numbers, whole.weights().to_numpy(dtype=float), colours, font_size)
    kinds = set(numbers["kind"]) - (set() if prediction else {"prediction"})
    _draw_pooled(ax, numbers, kinds, colours, font_size)
    marked = whole.predict(level=level).iloc[0]
    low, high = (float(reading.scale.to_axis(marked[f"ci_{side}"])) for side in ("low", "high"))
    ax.plot(
        [low, high], [1 - level, 1 - level], color=colours.summary, linewidth=0.36 * font_size,
        solid_capstyle="butt", zorder=4, gid="interval",
    )  # fmt: skip
    _confidence_axis(ax, colours, font_size)
    handles = _handles(kinds, colours, font_size)
    write_key(ax, handles, theme=colours, size=font_size, place="above")
    if title:
        pad = room_above(ax, handles, font_size) * font_size
        atoms.title(ax, title, size=1.2 * font_size, colour=colours.ink, pad=pad)
    return say(
        ax,
        f"{f'{title}. ' if title else ''}P-value functions of {studies_words(whole)}. "
        f"{pooled_words(whole, reading)}",
    )


def _handles(kinds: set[str], theme: Theme, size: float) -> list[Any]:
    """Return the key of the curves."""
    handles = [
        line(theme.interval, "solid", "Study", size, width=0.09),
        line(theme.summary, "solid", "Pooled effect", size, width=0.24),
    ]
    if "prediction" in kinds:
        handles.append(area(theme.pale, "New study", theme, size, alpha=0.45))
    return handles


def _limits(numbers: pd.DataFrame, reading: Reading) -> tuple[float, float]:
    """Return x-limits that show the estimates, and most of the curves at p = 0.05."""
    scale = reading.scale
    at = numbers[numbers["p_value"] >= MARKED[1]]
    tops = numbers.loc[numbers["p_value"] == 1.0, "low"].to_numpy(dtype=float)
    feet = at.groupby(["kind", "label"], sort=False).agg({"low": "min", "high": "max"})
    own = feet.loc[feet.index.get_level_values(0) == "study"].to_numpy(dtype=float)
    rest = feet.loc[feet.index.get_level_values(0) != "study"].to_numpy(dtype=float)
    null = None if reading.null is None else float(scale.straight(reading.null))
    low, high = axis_limits(scale.straight(tops), scale.straight(own), scale.straight(rest), null)
    free = 0.03 * (high - low)
    start, end = scale.bent([low - free, high + free])
    return float(start), float(end)


def _draw_studies(
    ax: Axes, numbers: pd.DataFrame, weights: Array, theme: Theme, size: float
) -> None:
    """Draw a curve a study, fainter the less it weighs."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba

    own = numbers[numbers["kind"] == "study"]
    shape = (len(weights), POINTS)
    low, high, p = (
        own[name].to_numpy(dtype=float).reshape(shape) for name in ("low", "high", "p_value")
    )
    x = np.concatenate([low[:, ::-1], high[:, 1:]], axis=1)
    y = np.concatenate([p[:, ::-1], p[:, 1:]], axis=1)
    share = np.sqrt(weights / weights.max())
    most = float(np.clip(14 / len(weights), 0.14, 0.9))  # of many, none may hide the pooled effect
    least = 0.5 * min(most, 0.2)
    colours = [to_rgba(theme.interval, least + (most - least) * float(part)) for part in share]
    ax.add_collection(
        LineCollection(
            list(np.stack([x, y], axis=2)), colors=colours, linewidths=0.08 * size, zorder=2,
            gid="study",
        ),
        autolim=False,
    )  # fmt: skip


def _draw_pooled(
    ax: Axes, numbers: pd.DataFrame, kinds: set[str], theme: Theme, size: float
) -> None:
    """Draw the pooled effect's curve, and shade the range of a new study."""
    if "prediction" in kinds:
        new = numbers[numbers["kind"] == "prediction"]
        ax.fill_betweenx(
            new["p_value"], new["low"], new["high"], color=theme.pale, alpha=0.45, linewidth=0,
            zorder=0.7, gid="prediction",
        )  # fmt: skip
        for side in ("low", "high"):
            ax.plot(
                new[side], new["p_value"], color=theme.summary, linewidth=0.09 * size,
                linestyle=(0, (4, 2)), zorder=2.5, gid="prediction-edge",
            )  # fmt: skip
    pooled = numbers[numbers["kind"] == "pooled"]
    x = np.concatenate([pooled["low"][::-1], pooled["high"][1:]])
    y = np.concatenate([pooled["p_value"][::-1], pooled["p_value"][1:]])
    ax.plot(x, y, color=theme.summary, linewidth=0.24 * size, zorder=3, gid="pooled")


def _confidence_axis(ax: Axes, theme: Theme, size: float) -> None:
    """Write the confidence levels on the right."""
    right = ax.secondary_yaxis("right")
    ticks = [0.05, 0.2, 0.4, 0.6, 0.8, 1.0]
    right.set_yticks(ticks, [f"{100 * (1 - p):.0f}" for p in ticks])
    right.tick_params(
        color=theme.muted, labelcolor=theme.ink, labelsize=SMALL * size, length=0.35 * size,
        width=0.08 * size,
    )  # fmt: skip
    right.set_ylabel("Confidence (%)", fontsize=size, color=theme.ink)
    right.spines["right"].set(color=theme.muted, linewidth=0.08 * size)
