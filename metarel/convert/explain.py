"""A conversion in words: the rule, the formula with the numbers in it, and what others give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from metarel._checks import is_series
from metarel.convert._edge import METRICS, NEEDS, Edge
from metarel.convert._explained import Explanation, OtherRule, Step, TrueEffects
from metarel.convert._possible import (
    image_over,
    possible_result,
    possible_results,
    printed_range,
    within,
)
from metarel.convert._typed import typed_value
from metarel.convert._walk import (
    checked,
    missing_needs,
    needs_of,
    readable,
    refuse_outside,
    refuse_unread,
    unread,
    walk,
)
from metarel.convert.averages import averaged
from metarel.convert.register import metric_code, rules_between, steps_by
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Given

    #: The variance of true effects, and which average over them.
    Over: TypeAlias = tuple[Array, str | None]


def explain(
    value: float | str,
    source: str,
    target: str,
    *,
    rule: str | None = None,
    against: str | None = None,
    tau2: float | None = None,
    average: str | None = None,
    n1: float | None = None,
    n2: float | None = None,
    n: float | None = None,
    df: float | None = None,
    df1: float | None = None,
    groups: float | None = None,
    rows: float | None = None,
    columns: float | None = None,
    expected: float | None = None,
    base_rate: float | None = None,
    control_rate: float | None = None,
    delta: float | None = None,
    sd_x: float | None = None,
    sd: float | None = None,
    time: float | None = None,
    other: float | None = None,
    sign: float | None = None,
) -> Explanation:
    """Explain a conversion: rule, formula with the numbers, assumption, source, other rules.

    Parameters
    ----------
    value : float or str
        The number; as text, such as ``".28"``, it is taken as printed (rounded half-up), and the
        explanation lists what could have been printed for the result.
    source, target : str
        The metrics, as in ``convert``.
    rule : str, optional
        The convention, as in ``convert``.
    against : str, optional
        A printed result, such as ``".57"``, to hold the conversion against.
    tau2, average : float and str, optional
        To explain the mean or the mode over true effects, as in ``convert``.
    n1, n2, n, df, df1, groups, rows, columns, expected, base_rate, control_rate : float, optional
        What the rules need, as in ``convert``; here also what only other rules read.
    delta, sd_x, sd, time, other, sign : float, optional
        The same.

    Returns
    -------
    Explanation
        A record; ``print`` it to read it.

    Raises
    ------
    InputError
        Where ``convert`` raises it, but for words that other rules read; if ``value`` is an array,
        the text no printed number, or ``against`` is given for a number without its digits.

    Notes
    -----
    The rule named without ``rule`` is that of ``convert``; for r to d it is 2r/√(1 − r²)
    [borenstein2009], as effectsize gives it.

    References
    ----------
    [borenstein2009]

    Examples
    --------
    >>> print(explain(".28", "r", "d", against=".57", n1=23, n2=23))
    r = .28 gives d = 0.5833.
    Rule equal-groups, r → d: d = 2·r/√(1 − r²) (approximation)
      with the numbers: 2·0.28/√(1 − 0.28²) gives 0.5833
      assumes: r is a point-biserial correlation with two groups of the same size, and the sample is
    large.
      source: borenstein2009; used by Borenstein (2009), effectsize (default), pingouin, RoBMA
    Read by other rules only: n1, n2.
    Other rules:
      r → d exact: d = 0.5705, printed as .57
      r → d base-rate: needs base_rate
      r → d base-rate-n: d = 0.5833
      r → d dichotomised: d = 0.4584
      r → d dichotomised-n: d = 0.4483
      r → d per-delta: needs delta, sd_x
    r = .28 stands for r in [0.2750, 0.2850), so d lies between 0.5721 and 0.5947.
      d = .57 is possible only for r in [0.2750, 0.2763): 13 % of that interval.
      d = .58 is possible only for r in [0.2763, 0.2807): 44 % of that interval.
      d = .59 is possible only for r in [0.2807, 0.2850): 43 % of that interval.
    Held against .57: d = .57 is possible only for r in [0.2750, 0.2763): 13 % of that interval.
    """
    needs = {"n1": n1, "n2": n2, "n": n, "df": df, "df1": df1, "groups": groups, "rows": rows}
    needs |= {"columns": columns, "expected": expected, "base_rate": base_rate}
    needs |= {"control_rate": control_rate}
    needs |= {"delta": delta, "sd_x": sd_x, "sd": sd, "time": time, "other": other, "sign": sign}
    start, goal = metric_code("source", source), metric_code("target", target)
    edges = steps_by(start, goal, rule)
    _refuse_arrays({"value": value, "tau2": tau2, **needs})
    text = value if isinstance(value, str) else ""
    if against is not None and not text:
        raise InputError(
            f"`against` must come with `value` as printed, in quotes, such as '.28'; got {value!r}."
        )
    number = float(typed_value(text, "value", start)) if text else value
    if against:
        typed_value(against, "against", goal)
    x, given = checked(number, {**needs, "tau2": tau2})
    for word in NEEDS.keys() & given.keys():
        refuse_outside(given[word], NEEDS[word].domain, word)
    spread = given.pop("tau2", None)
    ignored = _unread(edges, list(given))
    steps = _steps(edges, float(x[0]), given)
    if average is not None and spread is None:
        raise InputError("`tau2` must be given with `average`: the variance of the true effects.")
    how = averaged(edges, x, spread, given, average)[1] if spread is not None else ""
    over = None if spread is None else (spread, average)

    def function(at: float) -> float:
        return _end(edges, at, given, over)

    interval = within(printed_range(text), METRICS[start].domain) if text else None
    return Explanation(
        start,
        goal,
        float(x[0]),
        function(float(x[0])),
        text,
        steps,
        tuple(_others(edges, float(x[0]), given, (against, over))),
        interval,
        image_over(function, interval) if interval else None,
        possible_results(function, interval, text) if interval else (),
        possible_result(function, interval, against) if interval and against else None,
        tuple(ignored),
        None
        if spread is None
        else TrueEffects(average or "mean", float(spread[0]), how, _end(edges, float(x[0]), given)),
    )


def _unread(edges: tuple[Edge, ...], given: list[str]) -> list[str]:
    """Return the words that only other rules read; refuse those that none does."""
    ignored = unread(edges, given)
    known = set().union(
        *(readable(other) for edge in edges for other in rules_between(edge.source, edge.target))
    )
    refuse_unread(edges, [word for word in ignored if word not in known])
    return ignored


def _refuse_arrays(arguments: Mapping[str, Any]) -> None:
    for name, item in arguments.items():
        if np.ndim(item) or is_series(item):
            raise InputError(f"`{name}` must be one number to be explained; got an array.")


def _end(edges: tuple[Edge, ...], x: float, given: Given, over: Over | None = None) -> float:
    """Return where the steps lead, or the average over true effects there."""
    values, _ = walk(edges, np.array([x]), given)
    if over is not None:
        return float(averaged(edges, np.array([x]), over[0], given, over[1])[0][0])
    return float(values[-1][0]) if values else x


def _steps(edges: tuple[Edge, ...], x: float, given: Given) -> tuple[Step, ...]:
    """Put the numbers into each step."""
    values, _ = walk(edges, np.array([x]), given)
    starts = [x, *(float(value[0]) for value in values)][: len(edges)]
    return tuple(
        Step(
            edge.source,
            edge.target,
            edge.rule,
            edge.symbols(),
            edge.numbers(at, {w: float(v[0]) for w, v in needs_of(edge, given, 1).items()}),
            float(after[0]),
            edge.assumption,
            edge.exactness,
            edge.reference,
            edge.used_by,
        )
        for edge, at, after in zip(edges, starts, values, strict=True)
    )


def _others(
    edges: tuple[Edge, ...], x: float, given: Given, asked: tuple[str | None, Over | None]
) -> list[OtherRule]:
    """Replace each step by each of its other rules."""
    against, over = asked
    wanted = printed_range(against, "against") if against else None
    found = []
    for place, edge in enumerate(edges):
        for other in rules_between(edge.source, edge.target):
            if other.rule == edge.rule:
                continue
            changed = (*edges[:place], other, *edges[place + 1 :])
            result, reason = _try(changed, other, x, given, over)
            fits = None if wanted is None else result is not None and bool(wanted.contains(result))
            step = f"{edge.source} → {edge.target}"
            found.append(OtherRule(step, other.rule, result, reason, fits))
    return found


def _try(
    edges: tuple[Edge, ...], other: Edge, x: float, given: Given, over: Over | None
) -> tuple[float | None, str]:
    """Return the end result, or why there is none."""
    lacking = missing_needs(other, given)
    if lacking:
        return None, f"needs {', '.join(lacking)}"
    try:
        return _end(edges, x, given, over), ""
    except InputError as refusal:
        return None, str(refusal)
