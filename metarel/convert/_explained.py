"""What an explanation holds, and how it is read aloud."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from metarel._format import fixed, folded
from metarel.convert._edge import METRICS
from metarel.convert._possible import PossibleResult, decimals
from metarel.convert._words import LIKELY

if TYPE_CHECKING:
    from metarel._printed_interval import PrintedRange


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
class TrueEffects:
    """An average over true effects, and how it was found.

    Parameters
    ----------
    kind : str
        ``"mean"`` or ``"mode"``.
    tau2 : float
        Variance of the true effects around the start.
    how : str
        A closed form, quadrature, or a search.
    median : float
        What the start itself is converted to: the median of the converted effects.
    """

    kind: str
    tau2: float
    how: str
    median: float

    def line(self, source: str, target: str, value: float, result: float) -> str:
        """Return the average as a line to read."""
        return (
            f"Over true effects {source} ~ N({value:g}, {self.tau2:g}), the {self.kind} of "
            f"{target} is {fixed(result)} ({self.how}); {fixed(self.median)}, which the mean "
            f"{source} gives, is their median."
        )


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


@dataclass(frozen=True, slots=True, repr=False)
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
    unread : tuple of str
        Words given that only other rules read.
    average : TrueEffects or None
        The average over true effects that ``result`` is, with ``tau2``.
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
    unread: tuple[str, ...] = ()
    average: TrueEffects | None = None

    @property
    def rule(self) -> str:
        """Return the rule of each step, joined by commas."""
        return ", ".join(step.rule for step in self.steps)

    def __str__(self) -> str:
        start = self.text or f"{self.value:g}"
        meant = METRICS[self.source].read_as
        lines = [
            f"{self.source} = {start}{f' ({meant})' if meant else ''} gives {self.target} = "
            f"{fixed(self.result)}."
        ]
        if self.target in ("d", "g") and abs(self.result) > LIKELY:
            lines.append(
                f"|{self.target}| above {LIKELY:g} is rare: check the number, and whether it is a "
                f"{METRICS[self.source].name}."
            )
        for step in self.steps:
            lines += step.lines()
        if self.average is not None:
            lines.append(self.average.line(self.source, self.target, self.value, self.result))
        if self.unread:
            lines.append(f"Read by other rules only: {', '.join(self.unread)}.")
        if self.others:
            against = self.against.text if self.against else ""
            lines.append("Other rules:")
            lines += [other.line(self.target, against) for other in self.others]
        return "\n".join(folded(line) for line in [*lines, *self._digits()])

    __repr__ = __str__

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
