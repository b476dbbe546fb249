"""A study table as papers print it to effects, by the best route of each row or by all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_choice, label_column
from metarel._lazy import pd
from metarel.effects.compute import row_labels
from metarel.errors import InputError
from metarel.routes._inputs import TWICE, Reading, rows_of
from metarel.routes._spread import Task
from metarel.routes._walk import SLACK, Routed, fails, task_for, walk_all

if TYPE_CHECKING:
    import pandas

    from metarel._checks import Array, Column


def effects_from_reports(
    data: pandas.DataFrame | None,
    measure: str,
    *,
    variance: str | None = None,
    correct: bool | str = True,
    level: float = 0.95,
    digits: str = "printed",
    limits: str = "t",
    quantiles: str = "luo/wan/shi",
    equal_groups: bool = False,
    assumed_r: float | None = None,
    inequality: str = "interval",
    prefer: Sequence[str] = (),
    labels: str | Sequence[str] | None = None,
    replace: bool = False,
    **words: Column,
) -> pandas.DataFrame:
    """Compute effects from whatever each study reports: means, spreads, tests, limits, medians.

    Each row takes the first route whose inputs it has; all its other routes are walked too, and
    held against the one taken within what the printed digits allow.

    Parameters
    ----------
    data : DataFrame or None
        One row a comparison; None when the words are arrays.
    measure : str
        Code of the measure, such as ``"SMD"``, ``"ZCOR"``, ``"OR"`` or ``"SMCC"``.
    variance : str, optional
        Variance rule of the measure, as in ``effect_sizes``.
    correct : bool or {"exact", "approximate"}
        Small-sample correction, as in ``effect_sizes``.
    level : float
        Confidence level of printed limits.
    digits : {"printed", "exact"}
        Whether a number stands for all that round to it. Text keeps its digits (``".30"``); a
        column of numbers has as many decimals as its longest cell, and the columns of two groups
        as many as each other.
    limits : {"t", "normal"}
        How limits of means and differences were computed.
    quantiles : str
        Method from medians, quartiles and ranges to means and standard deviations, as
        ``mean_sd_from_quantiles`` names them.
    equal_groups : bool
        Whether n1 and n2 may be taken as halves of n where only n is there.
    assumed_r : float, optional
        The correlation of two measurements where none is printed.
    inequality : {"interval", "bound"}
        What becomes of a row of which only ``p < .05`` or ``n.s.`` is known. ``"interval"``
        leaves it without yi, and gives the range of effects; ``"bound"`` takes p < .05 as
        p = .05, the nearest effect to 0 that is possible, and says so. ``n.s.`` never gives a yi.
    prefer : sequence of str
        Routes to be taken first, as ``route_table`` names them.
    labels : column name or sequence of str, optional
        Names of the rows, for messages.
    replace : bool
        Whether columns of the names below may be overwritten.
    **words : column name, array or number
        Input words (``m1``, ``se1``, ``t``, ``p``, …) with their columns. Without any, every
        column of ``data`` that is named like a word is read.

    Returns
    -------
    DataFrame
        A copy of ``data`` (or a fresh frame) with the columns ``yi``, ``vi``; ``route``, the
        route taken; ``yi_low`` and ``yi_high``, the effects that its digits allow; ``routes``,
        how many the row has; ``spread``, how far apart their effects lie; ``conflict``, whether
        two exact ones cannot both be right; ``note``, what was taken without being printed, and
        which routes its numbers do not give. Rows without a route are missing throughout.

    Raises
    ------
    InputError
        On unknown words, columns and routes, values outside their range, limits out of order, and
        where no row has a route.

    Warns
    -----
    MetarelWarning
        Where columns are found by their names, and one would be a word but for its capitals.

    Notes
    -----
    Differences are group 1 minus group 2. A number without a sign (F, chi-square, p, eta2) takes
    the sign of anything else in the row that has one, or of the word ``sign``; where there is
    nothing, it counts as positive and `note` says so; it also says where the sign is that of a
    t and no t in the table has a minus, as papers tend to leave it out. Formulas, assumptions and
    sources are those of ``route_table`` [higgins2019]; the means, t, p and r routes give metafor's
    ``escalc``.

    References
    ----------
    [higgins2019]

    Examples
    --------
    >>> import pandas as pd
    >>> import metarel as mr
    >>> studies = pd.DataFrame(
    ...     {
    ...         "m1": [21.3, None, None, None],
    ...         "m2": [18.0, None, None, None],
    ...         "sd1": [4.1, None, None, None],
    ...         "sd2": [5.0, None, None, None],
    ...         "t": [1.84, 2.50, None, None],
    ...         "p": [None, ".02", "<.05", "n.s."],
    ...         "n1": [12, 15, 20, 20],
    ...         "n2": [15, 45, 20, 20],
    ...     }
    ... )
    >>> found = mr.effects_from_reports(studies, "SMD")
    >>> found[["yi", "route", "yi_low", "yi_high", "conflict"]].round(2)
         yi          route  yi_low  yi_high  conflict
    0  0.69  means and SDs    0.66     0.72     False
    1  0.74              t    0.73     0.74     False
    2   NaN              p    0.63      inf     False
    3   NaN              p   -0.63     0.63     False
    """
    check_choice("inequality", inequality, ("interval", "bound"))
    task = task_for(measure, variance, correct, level, limits, quantiles)
    names = row_labels(data, label_column(data) if labels is None else labels)
    reading = _reading(task, digits, equal_groups, assumed_r, prefer, names)
    routed = walk_all(data, words, task, reading)
    index = rows_of(data, words, len(routed.inputs))
    frame = pd.DataFrame(index=index) if data is None else data.copy()
    added = _columns(routed, inequality)
    there = [name for name in added if name in frame.columns]
    if there and not replace:
        raise InputError(
            f"`data` has the column {there[0]!r} already; rename it, or say `replace=True`."
        )
    for name, values in added.items():
        frame[name] = values
    frame.attrs["measure"] = task.measure.code
    return frame


def effect_routes(
    data: pandas.DataFrame | None,
    measure: str,
    *,
    variance: str | None = None,
    correct: bool | str = True,
    level: float = 0.95,
    digits: str = "printed",
    limits: str = "t",
    quantiles: str = "luo/wan/shi",
    equal_groups: bool = False,
    assumed_r: float | None = None,
    prefer: Sequence[str] = (),
    labels: str | Sequence[str] | None = None,
    **words: Column,
) -> pandas.DataFrame:
    """List every route of every row to a measure, and whether they agree.

    Parameters
    ----------
    data : DataFrame or None
        One row a comparison; None when the words are arrays.
    measure : str
        Code of the measure.
    variance, correct, level, digits, limits, quantiles, equal_groups, assumed_r, prefer, labels
        As in ``effects_from_reports``.
    **words : column name, array or number
        Input words with their columns, as in ``effects_from_reports``.

    Returns
    -------
    DataFrame
        One row a route: ``row`` (the label in ``data``'s index), ``label`` where ``labels`` are
        given, ``route``, ``yi``, ``vi``, ``yi_low``, ``yi_high``, ``chosen``, ``agrees`` (whether
        its range meets that of the route taken), ``exactness``, ``assumption``. A route that
        starts from a bound has no yi.

    Raises
    ------
    InputError
        As ``effects_from_reports``.

    Notes
    -----
    A route that is only close (medians, odds ratios as d) may miss the others without
    contradicting them; ``exactness`` says which are exact [higgins2019].

    References
    ----------
    [higgins2019]

    Examples
    --------
    >>> import metarel as mr
    >>> routes = mr.effect_routes(
    ...     None, "SMD", m1=21.3, sd1=1.18, m2=18.0, sd2=1.29, t=1.84, n1=12, n2=15
    ... )
    >>> routes[["route", "yi", "yi_low", "yi_high", "agrees"]].round(2)
               route    yi  yi_low  yi_high  agrees
    0  means and SDs  2.57    2.49     2.66    True
    1              t  0.69    0.69     0.69   False
    """
    task = task_for(measure, variance, correct, level, limits, quantiles)
    reading = _reading(task, digits, equal_groups, assumed_r, prefer, row_labels(data, labels))
    routed = walk_all(data, words, task, reading)
    place, row = (part.astype(int) for part in np.nonzero(routed.there))
    order = np.lexsort((place, row))
    place, row = place[order], row[order]
    index = rows_of(data, words, len(routed.inputs))
    yi, vi, low, high, bound = (
        routed.table(part)[place, row] for part in ("yi", "vi", "low", "high", "bound")
    )
    columns: dict[str, Any] = {"row": index[row]}
    if reading.labels:
        columns["label"] = [reading.labels[r] for r in row]
    taken_low, taken_high = routed.picked("low")[row], routed.picked("high")[row]
    slack = SLACK * np.maximum(1, np.abs(yi))
    routes = [routed.steps[p].route for p in place]
    columns |= {
        "route": [route.code for route in routes],
        "yi": np.where(bound > 0, np.nan, yi),
        "vi": np.where(bound > 0, np.nan, vi),
        "yi_low": low,
        "yi_high": high,
        "chosen": routed.chosen[row] == place,
        "agrees": (low <= taken_high + slack) & (high >= taken_low - slack),
        "exactness": [route.exactness for route in routes],
        "assumption": [route.assumption for route in routes],
    }
    return pd.DataFrame(columns)


def _reading(
    task: Task,
    digits: str,
    equal_groups: bool,
    assumed_r: float | None,
    prefer: str | Sequence[str],
    labels: list[str] | None,
) -> Reading:
    """Return how the table is to be read, checked."""
    design = task.measure.design.code
    if not isinstance(equal_groups, (bool, np.bool_)):
        raise InputError(f"`equal_groups` must be True or False; got {equal_groups!r}.")
    if assumed_r is not None:
        if isinstance(assumed_r, bool) or not isinstance(assumed_r, (int, float, np.number)):
            raise InputError(f"`assumed_r` must be a number in (-1, 1); got {assumed_r!r}.")
        if not -1 < assumed_r < 1:
            raise InputError(f"`assumed_r` must be a number in (-1, 1); got {assumed_r!r}.")
        if design not in TWICE:
            raise InputError(
                f"`assumed_r` is the correlation of two measurements of the same people, which "
                f"{task.measure.code} has not; leave it out."
            )
    if not isinstance(prefer, (str, list, tuple)):
        raise InputError(f"`prefer` must be a list of names of routes; got {prefer!r}.")
    printed = check_choice("digits", digits, ("printed", "exact")) == "printed"
    first = (prefer,) if isinstance(prefer, str) else tuple(prefer)
    return Reading(design, printed, bool(equal_groups), assumed_r, first, labels)


def _columns(routed: Routed, inequality: str) -> dict[str, Any]:
    """Return the columns that a table of effects gains."""
    none = routed.chosen < 0
    bound = routed.picked("bound") > 0
    p = routed.inputs.cells.get("p")
    below = bound & (p.value == p.high) if p is not None else bound
    keep = ~bound | (below & (inequality == "bound"))
    return {
        "yi": np.where(keep, routed.picked("yi"), np.nan),
        "vi": np.where(keep, routed.picked("vi"), np.nan),
        "route": routed.codes(),
        "yi_low": routed.picked("low"),
        "yi_high": routed.picked("high"),
        "routes": routed.there.sum(axis=0),
        "spread": _spread(routed),
        "conflict": routed.conflict,
        "note": _notes(routed, none, positive=~bound | below, at_bound=bound & keep),
    }


def _spread(routed: Routed) -> Array:
    """Return how far apart the effects of all routes of a row lie; NaN where there is just one."""
    yi = np.where(routed.there & (routed.table("bound") == 0), routed.table("yi"), np.nan)
    several = np.isfinite(yi).sum(axis=0) > 1
    filled = np.where(several, yi, 0.0)
    return np.where(several, np.nanmax(filled, axis=0) - np.nanmin(filled, axis=0), np.nan)


def _notes(routed: Routed, none: Any, positive: Any, at_bound: Any) -> list[str]:
    """Say in each row what was taken without being printed."""
    unsigned = np.array([step.route.unsigned for step in routed.steps])[routed.chosen]
    assumed = unsigned & routed.inputs.unsigned & positive & ~none
    notes = list(routed.inputs.notes)
    for row in np.flatnonzero(assumed):
        notes[row] = "; ".join(filter(None, [notes[row], "sign taken as positive"]))
    for row in np.flatnonzero(_by_bare_t(routed)):
        notes[row] = "; ".join(filter(None, [notes[row], "sign taken from t as printed"]))
    for row in np.flatnonzero(at_bound):
        p = f"{routed.inputs.cells['p'].value[row]:g}"
        notes[row] = "; ".join(filter(None, [notes[row], f"p < {p} taken as p = {p}"]))
    for place, step in enumerate(routed.steps):
        for row in np.flatnonzero(fails(routed, place)):
            said = f"its numbers give no effect by {step.route.code!r}"
            notes[row] = "; ".join(filter(None, [notes[row], said]))
    return notes


def _by_bare_t(routed: Routed) -> Any:
    """Return the rows whose sign is that of a t, where no t of the table has a minus."""
    t = routed.inputs.cells.get("t")
    if t is None or (t.value < 0).any():
        return np.zeros(len(routed.inputs), dtype=bool)
    by_t = np.array(["t" in step.needs for step in routed.steps])[routed.chosen]
    return by_t & (t.value > 0) & (routed.chosen >= 0)
