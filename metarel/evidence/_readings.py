"""Printed texts of the evidence base as numbers: bounds, words for numbers, pairs of limits."""

from __future__ import annotations

import re
from dataclasses import dataclass

from metarel.errors import InputError
from metarel.printed import Printed

_TO_TEN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TEENS = ("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen")
_WORDS = (*_TO_TEN, *_TEENS, "nineteen", "twenty")
_ABOVE = re.compile(r"(?:more than|over|above)\s+", re.I)
_ABOUT = re.compile(r"(?:≈|about|around|approximately|some)\s*|\s*\((?:around|about)\)", re.I)
_COUNTED = re.compile(r"(\d[\d,]*) [A-Za-z-]+")
_BETWEEN = re.compile(r"\s*,\s+|\s+to\s+|\s*[–—]\s*(?=[.\d])")

#: Ratios that are said in words.
RATIOS: dict[str, float] = {
    "a third less likely": 2 / 3,
    "about half as likely": 1 / 2,
    "twice": 2.0,
    "four times": 4.0,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A printed text read as a number.

    Parameters
    ----------
    number : Printed
        The number, or the bound that "more than" makes of it.
    about : bool
        Whether the text calls it approximate.
    """

    number: Printed
    about: bool = False

    @property
    def value(self) -> float:
        """The number itself, or its bound."""
        return float(self.number.value) if self.number.value is not None else float("nan")


def read_number(text: str) -> Reading | None:
    """Read a printed text as a number; None where it is words.

    Parameters
    ----------
    text : str
        Such as ``".28"``, ``"more than 14,000"``, ``"≈ 14,000"``, ``"twelve"``, ``"8% (around)"``.

    Returns
    -------
    Reading or None
        The number as printed, and whether it is approximate.

    Examples
    --------
    >>> read_number("more than 14,000").number
    Printed('>14,000' stands for (14000, ∞))
    >>> read_number("Fourteen").number.text, read_number("uncorrelated")
    ('14', None)
    """
    plain = text.strip()
    if plain.lower() in _WORDS:
        return Reading(Printed(str(_WORDS.index(plain.lower()))))
    about = bool(_ABOUT.search(plain))
    plain = _ABOVE.sub(">", _ABOUT.sub("", plain).strip())
    counted = _COUNTED.fullmatch(plain)
    try:
        return Reading(Printed(counted[1] if counted else plain), about)
    except InputError:
        return None


def read_pair(text: str) -> tuple[Printed, Printed] | None:
    """Read two limits in one text, the lower first; None where it holds no two numbers.

    Parameters
    ----------
    text : str
        Such as ``".33, .20"``, ``".09 to .21"`` or ``".25–.30"``.

    Returns
    -------
    tuple of Printed or None
        Lower and upper limit.

    Examples
    --------
    >>> [limit.text for limit in read_pair(".33, .20")]
    ['.20', '.33']
    """
    parts = [read_number(part) for part in _BETWEEN.split(text.strip())]
    numbers = [part.number for part in parts if part is not None]
    if len(parts) != 2 or len(numbers) != 2:
        return None
    low, high = sorted(numbers, key=lambda number: number.low)
    return low, high
