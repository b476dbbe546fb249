"""What is said of a re-computed number held against the digits that were printed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from metarel._format import fixed
from metarel.printed import STRICT, Printed

AGREES = "agrees"
AGREES_TRUNCATED = "agrees truncated"
DIFFERS = "differs"
CANNOT_RUN = "cannot run"

#: What a verdict is called by in frames and plain data.
FIELDS = (
    *("dataset", "figure", "where", "quantity", "printed", "value"),
    *("verdict", "expected", "as_expected", "reading", "units"),
    *("nearby", "tried", "obstacle", "reason"),
)

#: The words a verdict may be, from best to worst.
VERDICTS = (AGREES, AGREES_TRUNCATED, DIFFERS, CANNOT_RUN)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A number against printed digits.

    Parameters
    ----------
    verdict : str
        ``"agrees"`` where the number, rounded half up or half even, has these digits;
        ``"agrees truncated"`` where only truncation, ceiling or floor gives them; else
        ``"differs"``.
    reading : str or None
        The rule that prints the number so, as ``Printed.reading`` names it.
    gap : float
        How far the number lies outside the half-up interval; 0 inside.
    units : float
        The same in units of the last printed digit; NaN where no digit was printed.
    """

    verdict: str
    reading: str | None
    gap: float
    units: float


def judge(printed: Printed, value: float) -> Judgement:
    """Hold a number against printed digits.

    Parameters
    ----------
    printed : Printed
        The figure as printed.
    value : float
        The number as re-computed, unrounded.

    Returns
    -------
    Judgement
        The verdict, the rounding rule behind it, and the distance.

    Examples
    --------
    >>> judge(Printed("0.0039"), 0.00399).verdict
    'agrees truncated'
    """
    reading = printed.reading(value)
    verdict = DIFFERS if reading is None else AGREES if reading in STRICT else AGREES_TRUNCATED
    units = math.nan if printed.unit is None else printed.distance(value, in_units=True)
    return Judgement(verdict, reading, printed.distance(value), units)


@dataclass(frozen=True, slots=True)
class Nearby:
    """Which other analyses of a small declared family print the digits.

    Parameters
    ----------
    agree : tuple of str
        Those that print them and change fewest choices, each in words.
    tried : int
        How many analyses were run: the more, the likelier that one agrees by chance.
    beside : int
        How many other figures of the same analysis they had to print as well.
    """

    agree: tuple[str, ...]
    tried: int
    beside: int = 0

    def __str__(self) -> str:
        if not self.tried:
            return ""
        what = "it and the figures beside it" if self.beside else "it"
        if not self.agree:
            return f"none of {self.tried} nearby analyses prints {what}"
        return f"{alternatives(list(self.agree))} would print {what} (of {self.tried} tried)"


def alternatives(items: list[str], most: int = 3) -> str:
    """Join a few alternatives with "or", and count the rest.

    Parameters
    ----------
    items : list of str
        The alternatives.
    most : int
        How many to name.

    Returns
    -------
    str
        Such as ``"a, b or 2 more"``.

    Examples
    --------
    >>> alternatives(["a", "b", "c", "d", "e"])
    'a, b, c or 2 more'
    """
    named = [*items[:most], *([f"{len(items) - most} more"] if len(items) > most else [])]
    return " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One published figure, re-computed and judged.

    Parameters
    ----------
    dataset, figure, where, quantity : str
        Which figure: the dataset's slug, the figure's id, where it stands, what it is.
    printed : Printed
        The digits as printed.
    value : float
        The number as re-computed; NaN where the analysis cannot run.
    verdict : str
        ``"agrees"``, ``"agrees truncated"``, ``"differs"`` or ``"cannot run"``.
    expected : str
        The verdict that the dataset's own file expects.
    reading : str or None
        The rounding rule that prints the value so.
    units : float
        How far outside, in units of the last printed digit.
    nearby : Nearby or None
        For a figure that differs, the nearest analyses that would agree.
    obstacle : str
        Why the analysis cannot run; else empty.
    reason : str
        Why the dataset's file expects a difference; else empty.
    """

    dataset: str
    figure: str
    where: str
    quantity: str
    printed: Printed
    value: float
    verdict: str
    expected: str
    reading: str | None = None
    units: float = math.nan
    nearby: Nearby | None = None
    obstacle: str = ""
    reason: str = ""

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the dataset's file expects."""
        return self.verdict == self.expected

    @property
    def shown_value(self) -> str:
        """The value with two digits more than were printed, in percent where they are."""
        if math.isnan(self.value):
            return "–"
        if self.printed.percent:
            return f"{fixed(100 * self.value, self.printed.digits + 2)}%"
        whole = self.value == round(self.value) and self.printed.digits == 0
        return fixed(self.value, 0 if whole else self.printed.digits + 2)

    @property
    def sentence(self) -> str:
        """The verdict in words, with what a reader needs to weigh it; an obstacle stands apart."""
        parts = [self.verdict]
        if self.verdict == AGREES_TRUNCATED:
            parts = [f"agrees if {_RULE_IN_WORDS[self.reading or '']}"]
        elif self.verdict == DIFFERS and not math.isnan(self.units):
            parts = [f"differs by {self.shown_gap}"]
        if str(self.nearby or "") and not self.reason:  # what is known outweighs what is possible
            parts.append(str(self.nearby))
        if not self.as_expected:
            parts.append(f"its file expects: {self.expected}")
        return "; ".join(parts)

    @property
    def shown_gap(self) -> str:
        """How far the value, printed with as many digits, is from what is printed."""
        digits, scale = self.printed.digits, 100 if self.printed.percent else 1
        if self.printed.relation != "=" or self.printed.value is None:
            return f"{scale * self.printed.distance(self.value):.3g}"
        gap = abs(Decimal(fixed(scale * self.value, digits)) - Decimal(self.printed.value) * scale)
        digits = max(0, min(digits, 2 - gap.adjusted()))  # three figures that count are enough
        return f"{gap:.{digits}f}{' percentage points' if self.printed.percent else ''}"

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as plain types, ready for JSON; a missing number is None."""
        plain = {
            "printed": self.printed.text,
            "value": None if math.isnan(self.value) else self.value,
            "units": None if math.isnan(self.units) else self.units,
            "nearby": list(self.nearby.agree) if self.nearby else [],
            "tried": self.nearby.tried if self.nearby else 0,
        }
        return {name: plain[name] if name in plain else getattr(self, name) for name in FIELDS}


_RULE_IN_WORDS = {"truncated": "truncated", "ceiling": "rounded up", "floor": "rounded down"}
