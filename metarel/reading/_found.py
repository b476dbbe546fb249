"""What a finder hands over, and which characters are already part of a statistic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from metarel.printed import Printed
from metarel.reading.register import STATISTICS

#: A reason to be less sure, and the factor by which confidence falls.
Doubt = tuple[float, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A statistic at its place in the plain text.

    Parameters
    ----------
    kind : str
        A code of ``STATISTICS``.
    start, end : int
        Its characters, the symbol included.
    number : tuple of int
        Where its number starts and ends.
    printed, df : tuple of Printed
        Its numbers.
    n : Printed or None
        A sample size within its brackets.
    level : float or None
        Of an interval.
    doubts : tuple of (float, str)
        What had to be assumed.
    label : str
        The noun that was counted, where one was.
    """

    kind: str
    start: int
    end: int
    number: tuple[int, int]
    printed: tuple[Printed, ...]
    df: tuple[Printed, ...] = ()
    n: Printed | None = None
    level: float | None = None
    doubts: tuple[Doubt, ...] = ()
    label: str = ""

    @property
    def value(self) -> float | None:
        """The first number itself; None for ``"n.s."``."""
        first = self.printed[0].value
        return None if first is None else float(first)

    def doubted(self, *more: Doubt) -> Found:
        """Return it with further doubts."""
        return replace(self, doubts=(*self.doubts, *more))


@dataclass(slots=True)
class Scene:
    """The plain text, and what was found in it so far; a number is read once.

    Parameters
    ----------
    text : str
        The plain text.
    found : list of Found
        In the order of finding.
    """

    text: str
    found: list[Found] = field(default_factory=list)
    taken: bytearray = field(init=False)

    def __post_init__(self) -> None:
        self.taken = bytearray(len(self.text))

    def free(self, start: int, end: int) -> bool:
        """Tell whether no character of a part belongs to a number that was read."""
        return not any(self.taken[start:end])

    def take(self, start: int, end: int) -> None:
        """Mark a part as read."""
        self.taken[start:end] = b"\x01" * (end - start)

    def add(self, found: Found) -> None:
        """Keep a statistic, with a doubt where its number is impossible."""
        self.take(*found.number)
        self.found.append(found.doubted(*_impossible(found)))

    def in_order(self) -> list[Found]:
        """Return all in the order of the text."""
        return sorted(self.found, key=lambda one: (one.start, one.end))


def _impossible(found: Found) -> Iterator[Doubt]:
    """Yield a doubt where a number lies outside what its kind can be."""
    domain = STATISTICS[found.kind].domain
    for number in found.printed:
        if number.value is None:
            continue
        value = float(number.value)
        whole = not domain.whole or value == round(value) or not abs(value) < 1e15
        if not (domain.low <= value <= domain.high and whole):
            yield 0.5, f"{number} is not {domain}"
            return
