"""A conversion in words: the rule, the formula with the numbers in it, and what others give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import is_series
from metarel._format import fixed
from metarel._printed_interval import PrintedRange, printed_decimal
from metarel.convert._edge import METRICS, Edge
from metarel.convert._possible import (
    PossibleResult,
    decimals,
    image_over,
    possible_result,
    possible_results,
    printed_range,
    within,
)
from metarel.convert.path import checked, missing_needs, needs_of, walk
from metarel.convert.register import metric_code, rules_between, steps_by
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel.convert._edge import Given


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a conversion, with the numbers in it.

    Parameters
    ----------
    source, target, rule : str
        The edge.
    formula, numbers : str
        The formula in symbols, and with the numbers.
    result : float
        What it gives.
    assumption, exactness, reference, used_by : str
        As the rule declares them.
    """

    source: str
    target: str
    rule: str
    formula: str
    numbers: str
    result: float
    assumption: str
    exactness: str
    reference: str
    used_by: str

    def lines(self) -> list[str]:
        """Return the step as lines to read."""
        given = "" if self.exactness == "identity" else f" ({self.exactness})"
        used = f"; used by {self.used_by}" if self.used_by else ""
        return [
            f"Rule {self.rule}, {self.source} → {self.target}: "
            f"{self.target} = {self.formula}{given}",
            f"  with the numbers: {self.numbers} gives {fixed(self.result)}",
            f"  assumes: {self.assumption}",
            f"  source: {self.reference}{used}",
        ]


@dataclass(frozen=True, slots=True)
class OtherRule:
    """What another rule gives in place of one of the steps.

    Parameters
    ----------
    step, rule : str
        The step, such as ``"r → d"``, and the other rule.
    result : float or None
        The end result; None where the rule cannot be used.
    reason : str
        Why it cannot: what it needs, or what it refuses.
    fits : bool or None
        Whether the result would be printed as the number it was held against; None without one.
    """

    step: str
    rule: str
    result: float | None
    reason: str
    fits: bool | None

    def line(self, target: str, against: str) -> str:
        """Return the rule as a line to read."""
        if self.result is None:
            return f"  {self.step} {self.rule}: {self.reason}"
        printed = f", printed as {against}" if self.fits else ""
        return f"  {self.step} {self.rule}: {target} = {fixed(self.result)}{printed}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A conversion and everything that should be known about it; print it to read it.

    Parameters
    ----------
    source, target : str
        The metrics.
    value, result : float
        The start and what it is converted to.
    text : str
        The start as it was printed; empty for a plain number.
    steps : tuple of Step
        The way.
    others : tuple of OtherRule
        What the other rules give.
    interval, image : PrintedRange or None
        The numbers that the printed start stands for, and the range of their results.
    possible : tuple of PossibleResult
        Each result that could be printed; empty for a plain number, and where there are more than
        a dozen.
    against : PossibleResult or None
        The printed result that was asked about.
    """

    source: str
    target: str
    value: float
    result: float
    text: str
    steps: tuple[Step, ...]
    others: tuple[OtherRule, ...]
    interval: PrintedRange | None
    image: PrintedRange | None
    possible: tuple[PossibleResult, ...]
    against: PossibleResult | None

    @property
    def rule(self) -> str:
        """Return the rule of each step, joined by commas."""
        return ", ".join(step.rule for step in self.steps)

    def __str__(self) -> str:
        start = self.text or f"{self.value:g}"
        lines = [f"{self.source} = {start} gives {self.target} = {fixed(self.result)}."]
        for step in self.steps:
            lines += step.lines()
        if self.others:
            against = self.against.text if self.against else ""
            lines.append("Other rules:")
            lines += [other.line(self.target, against) for other in self.others]
        return "\n".join([*lines, *self._digits()])

    def _digits(self) -> list[str]:
        """Say what the printed digits leave open."""
        if self.interval is None or self.image is None:
            return []
        digits = decimals(self.text) + 2
        lines = [
            f"{self.source} = {self.text} stands for {self.source} in "
            f"{self.interval.text(digits)}, so {self.target} lies between "
            f"{fixed(self.image.low)} and {fixed(self.image.high)}."
        ]
        lines += [f"  {p.sentence(self.source, self.target, digits)}" for p in self.possible]
        if self.against is not None:
            said = self.against.sentence(self.source, self.target, digits)
            lines.append(f"Held against {self.against.text}: {said}")
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain types, ready for JSON."""
        return {**asdict(self), "rule": self.rule}


def explain(
    value: float | str,
    source: str,
    target: str,
    *,
    rule: str | None = None,
    against: str | None = None,
    n1: float | None = None,
    n2: float | None = None,
    n: float | None = None,
    df: float | None = None,
    base_rate: float | None = None,
    delta: float | None = None,
    sd_x: float | None = None,
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
    n1, n2, n, df, base_rate, delta, sd_x, sign : float, optional
        What the rules need, as in ``convert``.

    Returns
    -------
    Explanation
        A record; ``print`` it to read it.

    Raises
    ------
    InputError
        Where ``convert`` raises it; if ``value`` is an array, the text no printed number, or
        ``against`` is given for a number without its digits.

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
    needs = {"n1": n1, "n2": n2, "n": n, "df": df, "base_rate": base_rate, "delta": delta}
    needs |= {"sd_x": sd_x, "sign": sign}
    start, goal = metric_code("source", source), metric_code("target", target)
    edges = steps_by(start, goal, rule)
    _refuse_arrays({"value": value, **needs})
    text = value if isinstance(value, str) else ""
    if against is not None and not text:
        raise InputError(
            f"`against` must come with `value` as printed, in quotes, such as '.28'; got {value!r}."
        )
    number = float(printed_decimal(text, "value")) if text else value
    x, given = checked(number, needs)
    steps = _steps(edges, float(x[0]), given)

    def function(at: float) -> float:
        return _end(edges, at, given)

    interval = within(printed_range(text), METRICS[start].domain) if text else None
    return Explanation(
        start,
        goal,
        float(x[0]),
        function(float(x[0])),
        text,
        steps,
        tuple(_others(edges, float(x[0]), given, against)),
        interval,
        image_over(function, interval) if interval else None,
        possible_results(function, interval, text) if interval else (),
        possible_result(function, interval, against) if interval and against else None,
    )


def _refuse_arrays(arguments: Mapping[str, Any]) -> None:
    for name, item in arguments.items():
        if np.ndim(item) or is_series(item):
            raise InputError(f"`{name}` must be one number to be explained; got an array.")


def _end(edges: tuple[Edge, ...], x: float, given: Given) -> float:
    """Return where the steps lead."""
    values, _ = walk(edges, np.array([x]), given)
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
    edges: tuple[Edge, ...], x: float, given: Given, against: str | None
) -> list[OtherRule]:
    """Replace each step by each of its other rules."""
    wanted = printed_range(against, "against") if against else None
    found = []
    for place, edge in enumerate(edges):
        for other in rules_between(edge.source, edge.target):
            if other.rule == edge.rule:
                continue
            result, reason = _try((*edges[:place], other, *edges[place + 1 :]), other, x, given)
            fits = None if wanted is None else result is not None and _inside(result, wanted)
            step = f"{edge.source} → {edge.target}"
            found.append(OtherRule(step, other.rule, result, reason, fits))
    return found


def _try(edges: tuple[Edge, ...], other: Edge, x: float, given: Given) -> tuple[float | None, str]:
    """Return the end result, or why there is none."""
    lacking = missing_needs(other, given)
    if lacking:
        return None, f"needs {', '.join(lacking)}"
    try:
        return _end(edges, x, given), ""
    except InputError as refusal:
        return None, str(refusal)


def _inside(x: float, wanted: PrintedRange) -> bool:
    above = x >= wanted.low if wanted.low_closed else x > wanted.low
    below = x <= wanted.high if wanted.high_closed else x < wanted.high
    return above and below
