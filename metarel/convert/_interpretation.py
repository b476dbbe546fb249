"""What an interpretation holds, and how it reads: short, or in full."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from metarel._format import folded
from metarel._lazy import pd
from metarel._register import one_of
from metarel.convert._benchmarks import POOLED
from metarel.convert._meanings import (
    CONVENTIONS,
    EVENTS,
    GROUPS_OF_R,
    SCALES,
    converted,
    plainly,
)
from metarel.convert._words import LIKELY
from metarel.errors import InputError

if TYPE_CHECKING:
    import pandas

_SUPPOSED = "If scores are normal and spread equally in both groups, and higher is better"
#: What the short form says besides: what was asked for, and where the effect stands.
_SHOWN = {*(event.code for event in EVENTS), POOLED[-1].code}


@dataclass(frozen=True, slots=True)
class Statement:
    """One quantity of an effect, and what it says.

    Parameters
    ----------
    quantity : str
        Its name.
    value : float
        The number; where the effect is held against conventions or others of its field, its size
        on the scale of these, |d| or |r|.
    ci_low, ci_high : float
        Its limits, where the effect came with limits; NaN where they are no interval.
    meaning : str
        The number in words.
    formula, source : str
        How it is computed, and the key of the publication.
    """

    quantity: str
    value: float
    ci_low: float
    ci_high: float
    meaning: str
    formula: str
    source: str


@dataclass(frozen=True, slots=True, repr=False)
class Interpretation:
    """An effect said in several ways; print it for the short form, ``full_text()`` says all.

    Parameters
    ----------
    d, r : float
        The effect as a standardised mean difference and as a point-biserial correlation.
    given : str
        The argument that it was given as.
    groups : tuple of str
        Names of the treated and of the controls.
    base_rate : float
        Share of people who are treated.
    control_event_rate : float or None
        Share of the control group with an event.
    statements : tuple of Statement
        The quantities, then what the effect is held against.
    number : float
        The effect as it was given.
    """

    d: float
    r: float
    given: str
    groups: tuple[str, str]
    base_rate: float
    control_event_rate: float | None
    statements: tuple[Statement, ...]
    number: float

    def statement(self, quantity: str) -> Statement:
        """Return what is said by one quantity, such as ``"U3"``."""
        for statement in self.statements:
            if statement.quantity == quantity:
                return statement
        raise InputError(one_of("quantity", [s.quantity for s in self.statements], quantity))

    def value(self, quantity: str) -> float:
        """Return one number by the name of its quantity, such as ``"U3"``."""
        return self.statement(quantity).value

    def to_frame(self) -> pandas.DataFrame:
        """Return one row a quantity: ``quantity value ci_low ci_high meaning formula source``."""
        return pd.DataFrame([asdict(statement) for statement in self.statements])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data."""
        said = {"in_short": self.in_short, "reading": self.reading, "caution": self.caution}
        return {**asdict(self), **said}

    @property
    def reading(self) -> str:
        """Return what an effect that came as no d was read as, as a sentence; else nothing."""
        if self.given == "d":
            return ""
        if self.given == "g":
            return "A g estimates the same difference as a d, and is read as one."
        if self.given == "r":
            alike = "of equal size" if self.base_rate == 0.5 else "of these shares"
            who = " (x is one of the two things that correlate)" * (self.groups == GROUPS_OF_R)
            cut = _of_a_cut_score(self.r)
            return (
                f"r is read as if two groups {alike} had been compared{who}"
                + (f"; a score cut in the middle gives d = {plainly(cut)}" if cut else "")
                + "."
            )
        log = "n odds ratio" if self.given == "odds_ratio" else " log odds ratio"
        return (
            f"A{log} of {self.number:g}, to be above some cut, is read as the d of logistic "
            "scores: log_or·√3/π (chinn2000)."
        )

    @property
    def caution(self) -> str:
        """Return a remark on an effect that is too large to be likely; else nothing."""
        if abs(self.d) <= LIKELY:
            return ""
        shown = self.number / (100 if abs(self.number) >= 10 else 10)
        meant = f": did you mean {shown:g}?" if self.given in ("d", "g") else "."
        return f"|d| above {LIKELY:g} is rare{meant}"

    @property
    def in_short(self) -> str:
        """Return the effect in three shares of people and one word."""
        treated, control = self.groups
        below, pairs, common = (self._of_100(code) for code in ("U3", "CLES", "overlap"))
        word = self._cohens_word("d")
        if self.given == "r" and (of_r := self._cohens_word("r")) != word:
            word = f"{of_r} by its r, {word} by its d"
        elif self.given == "r":
            word = of_r
        return (
            f"In short: {below} of 100 {control} score below the average of the {treated} (U3). "
            f"Picked at random, one of the {treated} scores above one of the {control} {pairs} "
            f"times in 100 (CLES). The two groups overlap by {common} %. Cohen's convention calls "
            f"the effect {word}."
        )

    def _cohens_word(self, scale: str) -> str:
        """Return what Cohen's convention for d or r calls the effect."""
        convention = next(c for c in CONVENTIONS if c.metric == scale and c.source == "cohen1988")
        size = self.statement(convention.code).value
        words = [word for mark, word in convention.marks if mark <= size]
        return words[-1] if words else f"less than {convention.marks[0][1]}"

    def _of_100(self, code: str) -> str:
        """Return a share in whole hundredths, with those of its limits."""
        said = self.statement(code)
        value = _hundredths(said.value)
        if math.isnan(said.ci_low):
            return value
        return f"{value} ({_hundredths(said.ci_low)} to {_hundredths(said.ci_high)})"

    def _head(self) -> list[str]:
        scales = []
        for said in self.statements[: len(SCALES)]:
            limits = f" [{plainly(said.ci_low)}, {plainly(said.ci_high)}]"
            known = not math.isnan(said.ci_low)
            scales.append(f"{said.quantity} = {plainly(said.value)}{limits if known else ''}")
        share = f"{100 * self.base_rate:g}% of all are {self.groups[0]}."
        lines = [f"{', '.join(scales)}; {share}", self.reading, self.caution]
        return [line for line in lines if line]

    def full_text(self) -> str:
        """Return every statement, a paragraph each."""
        rest = self.statements[len(SCALES) :]
        lines = [
            *self._head(),
            f"{_SUPPOSED}:",
            *(f"  {s.quantity}: {s.meaning} ({s.source})" for s in rest),
        ]
        return "\n".join(map(folded, lines))

    def __str__(self) -> str:
        shown = [s for s in self.statements if s.quantity in _SHOWN]
        lines = [
            *self._head(),
            self.in_short,
            *(f"  {s.quantity}: {s.meaning}" for s in shown),
            f"{_SUPPOSED}. More ways to say it, with formulas and sources: `full_text()`, or --all "
            "in a terminal.",
        ]
        return "\n".join(map(folded, lines))

    __repr__ = __str__


def _hundredths(fraction: float) -> str:
    """Return a share in whole hundredths, which are never all or nothing unless it is."""
    if fraction >= 0.995:
        return "more than 99"
    return "less than 1" if 0 < fraction < 0.005 else f"{100 * fraction:.0f}"


def _of_a_cut_score(r: float) -> float:
    """Return the d of the halves of a score that correlates r; 0 where that is none."""
    try:
        return converted(r, "r", "d", rule="dichotomised")
    except InputError:
        return 0.0
