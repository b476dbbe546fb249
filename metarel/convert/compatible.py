"""Whether two printed numbers can be one effect: every rule between their metrics asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import numpy as np

from metarel._printed_arithmetic import ComputedRange, as_range
from metarel._printed_consistency import IMPOSSIBLE, Consistency, judge_range, readings
from metarel._printed_interval import PrintedRange, brackets, common, part_within
from metarel._printed_range import along, printed_range
from metarel.convert._compatibility import (
    UNJUDGED,
    Compatibility,
    RuleAgreement,
    rank,
    solved_verdict,
)
from metarel.convert._edge import METRICS, NEEDS
from metarel.convert._possible import within, written
from metarel.convert._typed import COUNTS, refuse_comma
from metarel.convert._unknowns import Unknown, solve, unknown_of
from metarel.convert._walk import checked, refuse_outside
from metarel.convert._ways import Way, ways_between
from metarel.convert.register import metric_code
from metarel.errors import InputError
from metarel.printed import Printed

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Given

#: Both ends of an interval, and its middle, as places along it.
ENDS = np.array([0.0, 0.5, 1.0])
#: A number with more digits than this before the point is not written out.
_WIDEST = 1e9


def compatible(
    a: str | Printed,
    source: str,
    b: str | Printed,
    target: str,
    *,
    rules: str | Sequence[str] | None = None,
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
) -> Compatibility:
    """Tell by every rule whether two printed numbers can be one effect.

    Parameters
    ----------
    a, b : str or Printed
        The numbers with their digits as printed: ``".28"``, ``"<.05"``; text is read as rounded
        half-up.
    source, target : str
        Their metrics, as in ``convert``. Test statistics may stand on either side.
    rules : str or sequence of str, optional
        Only ways by these rules, wherever a step has one of them; all unless given.
    n1, n2, n, df, df1, groups, rows, columns, expected, base_rate, control_rate : float, optional
        What the rules need, as in ``convert``. Where sizes are missing, the totals of two groups of
        the same size (of two groups, if the size of one is given) under which the numbers agree
        are solved for; with ``n`` alone, the share of people in group 1; also a missing
        ``base_rate`` or ``control_rate``.
    delta, sd_x, sd, time, other : float, optional
        The same; where they are missing, the rule is not judged.
    sign : float, optional
        1 or -1: the sign of the effect where a metric has none; that of ``b`` unless given.

    Returns
    -------
    Compatibility
        A record with a ``RuleAgreement`` a rule, the best first; ``print`` it to read it.

    Raises
    ------
    InputError
        If a number is no printed one or its metric cannot take it, no rule connects the metrics, a
        rule is none of theirs, or something is given that no rule reads.

    Notes
    -----
    A rule is *compatible* if numbers that are printed as ``a`` are converted to numbers that are
    printed as ``b``. It is so *only in a corner* if less than a third of either interval takes
    part: a third of that of the more precise number, so that digits dropped from the other do not
    count against it. With something solved for, compatible means that ``a`` exactly as printed
    agrees somewhere, and only in a corner that only other numbers of its interval do. The rounding
    given is asked first, then ties to even, then ``b`` truncated, then both.

    A total solved for is split into halves, those of an odd one included. What is printed as d is
    also read as g, and converted with the exact factor J. Each reading of r
    as a typed correlation is a rule of its own: see ``convert_table``.

    The intervals are those of the printed digits; the agreement itself is interval arithmetic
    [moore2009].

    References
    ----------
    [moore2009]

    Examples
    --------
    >>> found = compatible(".28", "r", ".57", "d", rules=["equal-groups", "exact", "dichotomised"])
    >>> print(found)
    Yes, possible: (1) the rule equal-groups, and a true r from 0.2750 to 0.2763;
      (2) the rule exact, and from 33 to 70 people; (3) d is really a g, by the
      rules equal-groups and exact, and from 27 to 54 people.
    r = .28 and d = .57 as one effect: 3 ways can give both, 1 way can only in a
      corner, 2 ways cannot.
    Compatible:
      r → d, exact: if N is from 33 to 70 in two groups of the same size, for r
        exactly .28 (21 or more for some r printed so).
      r → d equal-groups, d → g exact: if N is from 27 to 54 in two groups of the
        same size, for r exactly .28 (18 or more for some r printed so).
      r → d exact, d → g exact: if N is from 57 to 123 in two groups of the same
        size, for r exactly .28 (36 or more for some r printed so).
    Only in a corner: for less than a third of what the digits stand for:
      r → d, equal-groups: for r in [0.2750, 0.2763), 13 % of its interval, and d in
        [0.5721, 0.5750), 29 % of its.
    Impossible:
      r → d, dichotomised: .28 gives 0.4584, printed .46; all of .28 gives 0.4498 to
        0.4670, 9.8 units of the last digit of .57 away.
      r → d dichotomised, d → g exact: at no N in two groups of the same size; at
        the nearest, .28 gives 0.4584, all of .28 gives 0.4498 to 0.4670, 9.8 units
        of the last digit of .57 away.
    Ways to g read the printed d as g.
    >>> found["equal-groups"].share
    0.130742...
    """
    start, goal = metric_code("source", source), metric_code("target", target)
    first, second = _printed("a", a, start), _printed("b", b, goal)
    needs = {"n1": n1, "n2": n2, "n": n, "df": df, "df1": df1, "groups": groups, "rows": rows}
    needs |= {"columns": columns, "expected": expected, "base_rate": base_rate}
    needs |= {"control_rate": control_rate}
    needs |= {"delta": delta, "sd_x": sd_x, "sd": sd, "time": time, "other": other, "sign": sign}
    given = _single(needs)
    _refuse_outside("a", first, start)
    _refuse_outside("b", second, goal)
    wanted = [rules] if isinstance(rules, str) else rules
    ways = ways_between(start, goal, wanted)
    _refuse_unread(ways, given)
    if "sign" not in given and second.low < 0 >= second.high and first.low >= 0:
        given["sign"] = np.array([-1.0])
    found = tuple(sorted((_judge(way, first, second, given) for way in ways), key=rank))
    return Compatibility(
        first.text,
        start,
        second.text,
        goal,
        found[0].verdict,
        found,
        (_decimals(first), _decimals(second)),
    )


def _printed(argument: str, x: object, metric: str) -> Printed:
    if metric not in COUNTS:
        refuse_comma(x.text if isinstance(x, Printed) else str(x), argument)
    if isinstance(x, Printed):
        return x
    if not isinstance(x, str):
        raise InputError(
            f"`{argument}` must be the number as printed, in quotes, so that its digits are kept; "
            f"got {x!r}."
        )
    return Printed(x)


def _decimals(x: Printed) -> int:
    return x.digits + 2 if x.percent else x.digits


def _single(needs: dict[str, float | None]) -> dict[str, Array]:
    """Return what is known besides, one number a word."""
    _, given = checked(0.0, dict(needs))
    for word, vector in given.items():
        if len(vector) != 1:
            raise InputError(f"`{word}` must be one number; got an array.")
        refuse_outside(vector, NEEDS[word].domain, word)
    return given


def _refuse_outside(argument: str, x: Printed, metric: str) -> None:
    if common(x, _possible(metric)) is None:
        raise InputError(
            f"`{argument}` must be {METRICS[metric].domain} to be a {METRICS[metric].name}; "
            f"{x.text!r} stands for {brackets(x)}."
        )


def _possible(metric: str) -> PrintedRange:
    domain = METRICS[metric].domain
    return PrintedRange(domain.low, domain.high, not domain.open_low, not domain.open_high)


def _refuse_unread(ways: Sequence[Way], given: Given) -> None:
    known = set().union(*(way.reads() for way in ways))
    unread = [word for word in given if word not in known and word != "sign"]
    if unread:
        names = ", ".join(f"`{word}`" for word in unread)
        raise InputError(
            f"{names} must be left out: no rule between these metrics reads what it says. They "
            f"read {', '.join(sorted(known)) or 'nothing'}."
        )


def _judge(way: Way, a: Printed, b: Printed, given: Given) -> RuleAgreement:
    """Return what one way says, under the first rounding that makes it possible."""
    said = RuleAgreement(
        way.metrics,
        way.rule,
        UNJUDGED,
        assumptions=tuple(edge.assumption for edge in way.steps),
        references=tuple(edge.reference for edge in way.steps),
    )
    lacking = way.missing(given)
    unknown = unknown_of(way, given) if lacking else None
    if lacking and unknown is None:
        return replace(said, lacking=tuple(lacking))
    try:
        function = None if lacking else way.function(given)
    except InputError as refusal:
        return replace(said, reason=str(refusal))
    first = None
    images: dict[bool, ComputedRange | None] = {}
    for rounding, truncated, (start,), goal in readings([a], b):
        pair = (start, _start(start, way.source), goal)
        said = replace(said, rounding=rounding)
        if function is not None:
            if truncated not in images:
                images[truncated] = _image(function, pair[1])
            found = _with_all(said, function, pair, images[truncated])
        elif unknown is not None:
            found = _with_unknown(said, way, unknown, pair, given)
        if found.verdict not in (IMPOSSIBLE, UNJUDGED):
            return found
        first = first or found
    return first or said


def _start(x: Printed, metric: str) -> ComputedRange:
    """Return the numbers that are printed so and that the metric can be."""
    inside = as_range(
        within(PrintedRange(x.low, x.high, x.low_closed, x.high_closed), METRICS[metric].domain)
    )
    # p-values are signed as the effect, but neither "<.05" nor ".000" means the negative ones.
    unsigned = metric == "p" and x.value is not None and not x.value.is_signed()
    return inside.within(0.0) if unsigned else inside


def _number(x: Printed) -> float | None:
    return float(x.value) if x.relation == "=" and x.value is not None else None


def _image(function: Callable[[Array], Array], whole: ComputedRange) -> ComputedRange | None:
    """Return the range of the results; None where there are none."""
    try:
        return printed_range(function, whole, vectorised=True)
    except InputError:
        return None


def _with_all(
    said: RuleAgreement,
    function: Callable[[Array], Array],
    pair: tuple[Printed, ComputedRange, Printed],
    image: ComputedRange | None,
) -> RuleAgreement:
    """Return what a way says to which nothing is lacking."""
    printed, whole, goal = pair

    def at(x: float) -> float:
        return float(function(np.array([x]))[0])

    if image is None:
        return replace(said, reason="it has no result for any number printed so.")
    part = None
    both = common(image, as_range(goal))
    finite = all(map(math.isfinite, (whole.low, whole.high, image.low, image.high)))
    if both and image.by == "bounds" and finite and whole.width > 0 and image.width > 0:
        part = part_within(at, whole, as_range(goal))
    found = judge_range(image, goal, said.rounding, part.width / whole.width if part else None)
    number = _number(printed)
    value = math.nan if number is None else at(number)
    return replace(
        _filled(said, found, value, goal),
        by=image.by,
        part=part,
        filled_part=both,
    )


def _filled(said: RuleAgreement, found: Consistency, value: float, goal: Printed) -> RuleAgreement:
    return replace(
        said,
        verdict=found.verdict,
        rounding=found.rounding,
        value=value,
        prints=_as_printed(value, goal),
        low=found.low,
        high=found.high,
        share=found.share,
        filled=found.filled,
        units=found.units,
    )


def _with_unknown(
    said: RuleAgreement,
    way: Way,
    unknown: Unknown,
    pair: tuple[Printed, ComputedRange, Printed],
    known: Given,
) -> RuleAgreement:
    """Return what a way says once an unknown was solved for."""
    start, whole, goal = pair
    number, value = _number(start), math.nan
    solved = solve(way, unknown, known, (number, whole), as_range(goal))
    verdict = solved_verdict(solved, number is not None)
    low = high = units = math.nan
    if not math.isnan(solved.nearest):
        filled = {**known, **unknown.fill(np.array([solved.nearest]), known)}
        there = way.function(filled)
        value = math.nan if number is None else float(there(np.array([number]))[0])
        ends = there(along(whole, ENDS))
        low, high = float(np.fmin.reduce(ends)), float(np.fmax.reduce(ends))
    if goal.unit and low == low:
        units = min(goal.distance(end, in_units=True) for end in (low, high))
    return replace(
        said,
        verdict=verdict,
        rounding="" if verdict == IMPOSSIBLE else said.rounding,
        value=value,
        low=low,
        high=high,
        by="solved",
        unknown=unknown.code,
        supposed=unknown.supposed(known),
        units=units,
        at_value=solved.at_value,
        anywhere=solved.anywhere,
    )


def _as_printed(value: float, like: Printed) -> str:
    """Write a number with the digits of another, rounded half-up; nothing where there are none."""
    if like.unit is None or not abs(value) < _WIDEST:
        return ""
    rounded = Decimal(repr(value)).quantize(like.unit, ROUND_HALF_UP)
    if like.percent:
        return f"{rounded.scaleb(2):f}%"
    return written(rounded, like.text.lstrip("<>=≤≥ "))
