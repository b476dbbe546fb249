"""What is said of two printed numbers that may be one effect, rule by rule, and how it reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._format import count, fixed, folded, plain
from metarel._lazy import pd
from metarel._printed_consistency import COMPATIBLE, IMPOSSIBLE, IN_A_CORNER
from metarel._register import one_of
from metarel.convert._edge import METRICS
from metarel.errors import InputError

if TYPE_CHECKING:
    import pandas

    from metarel._printed_interval import PrintedRange
    from metarel.convert._unknowns import Solved, Stretches

UNJUDGED = "not judged"
#: The verdicts in the order in which they are read, each with its heading.
HEADINGS = {
    COMPATIBLE: "Compatible:",
    IN_A_CORNER: "Only in a corner: for less than a third of what the digits stand for:",
    IMPOSSIBLE: "Impossible:",
    UNJUDGED: "Not judged:",
}
#: Decimals beyond the printed ones with which parts of an interval are written.
_FINER = 2


@dataclass(frozen=True, slots=True)
class RuleAgreement:
    """What one way between two metrics says of two printed numbers.

    Parameters
    ----------
    metrics, rule : str
        The metrics passed and the rule of each step.
    verdict : str
        ``"compatible"``, ``"only in a corner"``, ``"impossible"`` or ``"not judged"``.
    rounding : str
        The rounding under which it holds: ``"half-up"``, ``"half-even"``, ``"truncated"`` (of the
        second number) or ``"truncated throughout"``; empty where none makes it possible.
    value : float
        What the first number, exactly as printed, is converted to; where an unknown was solved for,
        at the value of it that comes nearest, if none agrees. NaN where there is nothing.
    prints : str
        The same as it would be printed with the digits of the second.
    low, high : float
        The results over all that is printed as the first; NaN where an unknown was solved for, but
        for those at the value of it that comes nearest, if none agrees.
    by : str
        ``"bounds"`` or ``"search"``, as in ``printed_range``; ``"solved"`` with an unknown.
    part, filled_part : PrintedRange or None
        The part of the first number's interval that gives the second, and the part of the second's
        that can be the result.
    share, filled : float
        These as fractions of the intervals; NaN where unknown or without end.
    units : float
        How far the results lie from the second's interval, in units of its last digit.
    unknown : str
        What was solved for, such as ``"N"``; empty where nothing was.
    supposed : str
        What was supposed besides.
    at_value, anywhere : tuple of (float, float)
        The stretches of the unknown in which the numbers agree, the first number exactly as printed
        and over its whole interval; an infinite end means that all larger values do.
    lacking : tuple of str
        What must be given for a verdict.
    reason : str
        Why else there is none.
    assumptions, references : tuple of str
        Those of each step.
    """

    metrics: str
    rule: str
    verdict: str
    rounding: str = ""
    value: float = math.nan
    prints: str = ""
    low: float = math.nan
    high: float = math.nan
    by: str = "bounds"
    part: PrintedRange | None = None
    filled_part: PrintedRange | None = None
    share: float = math.nan
    filled: float = math.nan
    units: float = math.nan
    unknown: str = ""
    supposed: str = ""
    at_value: Stretches = ()
    anywhere: Stretches = ()
    lacking: tuple[str, ...] = ()
    reason: str = ""
    assumptions: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return metrics and rules in a few words."""
        return f"{self.metrics}, {self.rule}"

    @property
    def steps(self) -> str:
        """Return the rule of each step beside the step, for people to read."""
        passed, rules = self.metrics.split(" → "), self.rule.split(", ")
        if len(rules) == 1:
            return self.name
        pairs = zip(passed, passed[1:], rules, strict=False)
        return ", ".join(f"{first} → {second} {rule}" for first, second, rule in pairs)

    def sentence(self, a: Side, b: Side) -> str:
        """Say in words what the way allows."""
        return f"{self.steps}{self._rounded(b)}: {self._said(a, b)}"

    def _rounded(self, b: Side) -> str:
        return {
            "half-even": " (ties rounded to even)",
            "truncated": f" ({b.text} cut off, not rounded)",
            "truncated throughout": " (both cut off, not rounded)",
        }.get(self.rounding, "")

    def reason_why(self, a: Side, b: Side) -> str:
        """Return what must have been so for both numbers to be one effect, in a few words."""
        said = f"the rule{'s' if ', ' in self.rule else ''} {_and(self.rule.split(', '))}"
        if _ends(self.metrics)[1] != b.name:
            said = f"{b.name} is really a {_ends(self.metrics)[1]}, by {said}"
        elif _ends(self.metrics)[0] != a.name:
            said = f"{a.name} is really a {_ends(self.metrics)[0]}, by {said}"
        if self.unknown:
            where = f", and {self._known_to_be(self.at_value or self.anywhere)}"
            other = "" if self.at_value or not a.exact else f" for some {a.name} printed {a.text}"
            said += f"{where}{other}"
        elif self.part is not None and self.share < 1:
            low, high = (fixed(x, a.digits + _FINER) for x in (self.part.low, self.part.high))
            said += f", and a true {a.name} from {low} to {high}"
        return f"{said}{self._rounded(b)}"

    def _known_to_be(self, stretches: Stretches) -> str:
        if self.unknown == "N":
            return f"{_stretches(stretches)} people"
        return f"{self._unknown_said()} {_stretches(stretches)}"

    def _unknown_said(self) -> str:
        """Return the name of what was solved for, with what it means."""
        return f"{self.unknown} ({self.supposed})" if self.unknown != "N" else "N"

    def _said(self, a: Side, b: Side) -> str:
        if self.verdict == UNJUDGED:
            return f"needs {', '.join(self.lacking)}." if self.lacking else self.reason
        if self.unknown:
            return self._solved(a, b)
        if self.verdict == IMPOSSIBLE:
            return self._missed(a, b)
        parts = []
        if self.part is not None and self.share < 1:
            parts.append(
                f"{a.name} in {self.part.text(a.digits + _FINER)}, "
                f"{100 * self.share:.0f} % of its interval"
            )
        if self.filled_part is not None and self.filled < 1:
            parts.append(
                f"{b.name} in {self.filled_part.text(b.digits + _FINER)}, "
                f"{100 * self.filled:.0f} % of its"
            )
        if len(parts) == 2:
            return f"for {parts[0]}, and {parts[1]}."
        return f"for {parts[0]}." if parts else f"for all of {a.text} and {b.text}."

    def _solved(self, a: Side, b: Side) -> str:
        """Say for which values of the unknown the numbers agree."""
        name = self._unknown_said()
        besides = f" in {self.supposed}" if self.unknown == "N" else ""
        if not self.anywhere:
            near = ""
            if not math.isnan(self.value):
                exact = f"{a.text} gives {fixed(self.value)}, " if a.exact else ""
                near = (
                    f"; at the nearest, {exact}all of {a.text} gives {fixed(self.low)} to "
                    f"{fixed(self.high)}"
                )
            return f"at no {name}{besides}{near}{self._gap(b)}."
        if self.at_value == self.anywhere or not a.exact:
            return f"if {name} is {_stretches(self.anywhere)}{besides}."
        over = f"if {name} is {_stretches(self.anywhere)}{besides}"
        if not self.at_value:
            return f"not for {a.name} exactly {a.text}; for another {a.name} printed so {over}."
        return (
            f"if {name} is {_stretches(self.at_value)}{besides}, for {a.name} exactly {a.text} "
            f"({_stretches(self.anywhere)} for some {a.name} printed so)."
        )

    def _gap(self, b: Side) -> str:
        if math.isnan(self.units):
            return ""
        return f", {self.units:.2g} units of the last digit of {b.text} away"

    def _missed(self, a: Side, b: Side) -> str:
        """Say what would be printed instead, and how far away it is."""
        over = f"all of {a.text} gives {fixed(self.low)} to {fixed(self.high)}{self._gap(b)}."
        if not self.prints:
            return over
        return f"{a.text} gives {fixed(self.value)}, printed {self.prints}; {over}"


def _and(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _stretches(stretches: Stretches) -> str:
    return " or ".join(
        f"{_end(low)} or more"
        if math.isinf(high)
        else _end(low)
        if _end(low) == _end(high)
        else f"from {_end(low)} to {_end(high)}"
        for low, high in stretches
    )


def _end(x: float) -> str:
    return f"{x:.0f}" if x.is_integer() else f"{x:.3g}"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two numbers, for sentences: its metric, its text, its decimals."""

    name: str
    text: str
    digits: int

    @property
    def exact(self) -> bool:
        """Return whether it is a number and not a bound."""
        return self.text.strip()[0] not in "<>≤≥nN"

    def __str__(self) -> str:
        sign = " = " if self.exact and not self.text.strip().startswith("=") else " "
        return f"{self.name}{sign}{self.text}"


@dataclass(frozen=True, slots=True, repr=False)
class Compatibility:
    """Whether two printed numbers can be one effect, by every rule; print it to read it.

    Parameters
    ----------
    a, source, b, target : str
        The numbers as printed, and their metrics.
    verdict : str
        The best that any rule says.
    rules : tuple of RuleAgreement
        Every way between the metrics, the best first.
    digits : tuple of int
        Decimals of both numbers, of percentages as fractions.
    """

    a: str
    source: str
    b: str
    target: str
    verdict: str
    rules: tuple[RuleAgreement, ...]
    digits: tuple[int, int]

    def __getitem__(self, rule: str) -> RuleAgreement:
        """Return what the way by a rule says, the metrics being read as they were given."""
        ends = (self.source, self.target)
        for found in sorted(self.rules, key=lambda way: _ends(way.metrics) != ends):
            if rule in (found.rule, found.name):
                return found
        raise InputError(one_of("rule", [found.name for found in self.rules], rule))

    def by_verdict(self, verdict: str) -> tuple[RuleAgreement, ...]:
        """Return the ways that say so."""
        return tuple(found for found in self.rules if found.verdict == verdict)

    @property
    def answer(self) -> str:
        """Return whether the two can be one effect, and what must then have been so."""
        a, b = self._sides()
        if self.verdict == UNJUDGED:
            return f"{a} and {b} cannot be judged as one effect: no rule has all that it needs."
        if self.verdict == IMPOSSIBLE:
            judged = [found for found in self.rules if found.verdict == IMPOSSIBLE]
            nearest = min(judged, key=lambda f: math.inf if math.isnan(f.units) else f.units)
            return f"No, {a} and {b} cannot be one effect by any rule. Nearest: {nearest.steps}."
        word = "possible" if self.verdict == COMPATIBLE else "just possible"
        reasons = [found.reason_why(a, b) for found in self._leading()]
        if len(reasons) == 1:
            return f"Yes, {word}: {reasons[0]}."
        listed = "; ".join(f"({i}) {reason}" for i, reason in enumerate(reasons, 1))
        return f"Yes, {word}: {listed}."

    def _leading(self) -> list[RuleAgreement]:
        """Return the usual rule, the best other one, and the best where a number is another's."""
        able = [found for found in self.rules if found.verdict in (COMPATIBLE, IN_A_CORNER)]
        ends = (self.source, self.target)
        direct = [found for found in able if _ends(found.metrics) == ends]
        others = [found for found in able if _ends(found.metrics) != ends]
        usual = sorted(direct, key=lambda found: bool(found.unknown))[:1]
        best = [found for found in direct if found not in usual][:1]
        return [*usual, *best, *others[:1]]

    def _sides(self) -> tuple[Side, Side]:
        return (
            Side(self.source, self.a, self.digits[0]),
            Side(self.target, self.b, self.digits[1]),
        )

    def short_text(self, rest: str = "") -> str:
        """Return the answer, how many ways there are, and what the foremost of them say.

        Parameters
        ----------
        rest : str
            How to see the other ways, if there are some.

        Returns
        -------
        str
            A few lines.
        """
        a, b = self._sides()
        shown = self._leading()
        lines = [self.answer, self._counted(), *(f"  {way.sentence(a, b)}" for way in shown)]
        if rest and len(shown) < len(self.rules):
            lines.append(rest)
        return "\n".join(map(folded, lines))

    def _counted(self) -> str:
        """Say how many ways there are of each verdict."""
        a, b = self._sides()
        counts = [
            f"{count(len(self.by_verdict(verdict)), 'way')} {word}"
            for verdict, word in (
                (COMPATIBLE, "can give both"),
                (IN_A_CORNER, "can only in a corner"),
                (IMPOSSIBLE, "cannot"),
            )
        ]
        return f"{a} and {b} as one effect: {', '.join(counts)}."

    def __str__(self) -> str:
        a, b = self._sides()
        lines = [self.answer, self._counted()]
        for verdict, heading in HEADINGS.items():
            said = _merged([(found, found._said(a, b)) for found in self.by_verdict(verdict)], b)
            lines += [heading, *said] if said else []
        lines += [
            f"Ways {end} read the printed {name} as {also}." for end, name, also in self._also()
        ]
        lines += [
            f"Here {metric.code} is {metric.read_as}."
            for metric in (METRICS[self.source], METRICS[self.target])
            if metric.read_as
        ]
        return "\n".join(map(folded, lines))

    __repr__ = __str__

    def _also(self) -> list[tuple[str, str, str]]:
        """Return the ends of ways at which a number is read as another metric."""
        ends = [_ends(found.metrics) for found in self.rules]
        starts = dict.fromkeys(first for first, _ in ends if first != self.source)
        goals = dict.fromkeys(last for _, last in ends if last != self.target)
        return [
            *((f"from {also}", self.source, also) for also in starts),
            *((f"to {also}", self.target, also) for also in goals),
        ]

    def to_frame(self) -> pandas.DataFrame:
        """Return one row a rule, the best first."""
        columns = {
            "metrics": [found.metrics for found in self.rules],
            "rule": [found.rule for found in self.rules],
            "verdict": [found.verdict for found in self.rules],
            "rounding": [found.rounding for found in self.rules],
            "value": [found.value for found in self.rules],
            "prints": [found.prints for found in self.rules],
            "low": [found.low for found in self.rules],
            "high": [found.high for found in self.rules],
            "by": [found.by for found in self.rules],
            "part_low": [found.part.low if found.part else math.nan for found in self.rules],
            "part_high": [found.part.high if found.part else math.nan for found in self.rules],
            "share": [found.share for found in self.rules],
            "filled": [found.filled for found in self.rules],
            "units": [found.units for found in self.rules],
            "unknown": [found.unknown for found in self.rules],
            "at_value": [_stretches(found.at_value) for found in self.rules],
            "anywhere": [_stretches(found.anywhere) for found in self.rules],
            "lacking": [", ".join(found.lacking) for found in self.rules],
        }
        return pd.DataFrame(columns)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain types, ready for JSON; infinite ends become None."""
        return {"answer": self.answer, **plain(asdict(self))}


def _merged(said: Sequence[tuple[RuleAgreement, str]], b: Side) -> list[str]:
    """Return the sentences of ways, one for those over the same metrics that say the same."""
    ways: dict[tuple[str, str], list[str]] = {}
    for found, words in said:
        ways.setdefault((found.metrics, words), []).append(f"{found.steps}{found._rounded(b)}")
    return [f"  {'; or '.join(names)}: {words}" for (_, words), names in ways.items()]


def _ends(metrics: str) -> tuple[str, str]:
    passed = metrics.split(" → ")
    return passed[0], passed[-1]


def rank(found: RuleAgreement) -> tuple[float, ...]:
    """Return what ways are sorted by: verdict, unknowns, rounding, share, distance."""
    order = list(HEADINGS).index(found.verdict)
    share = np.nanmax([found.share, found.filled, 0.0])
    looser = ("half-even", "truncated", "truncated throughout")
    rounding = looser.index(found.rounding) + 1 if found.rounding in looser else 0
    units = 0.0 if math.isnan(found.units) else found.units
    return order, bool(found.unknown), rounding, -share, units


def solved_verdict(solved: Solved, exact: bool) -> str:
    """Return the verdict on what was solved for; a bound has no value that could be meant."""
    if solved.at_value or (solved.anywhere and not exact):
        return COMPATIBLE
    return IN_A_CORNER if solved.anywhere else IMPOSSIBLE
