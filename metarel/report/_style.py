"""How a journal prints numbers: leading zeros, intervals, p-values; each style a declaration."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from metarel._format import fixed
from metarel._register import Register
from metarel.report._runs import Run, Text, phrase

_MOST_DIGITS = 12
STATISTIC_DIGITS = 2


def _three_digits(p: float) -> tuple[str, float, int]:
    """Return the sign, the number and the decimals of a p-value printed to three."""
    if p < 0.001:
        return "<", 0.001, 3
    return (">", 0.999, 3) if p > 0.9995 else ("=", p, 3)


def _two_digits(p: float) -> tuple[str, float, int]:
    """Return those of the American Medical Association: three only where two would hide it."""
    if p < 0.001:
        return "<", 0.001, 3
    if p > 0.995:
        return ">", 0.99, 2
    hidden = p < 0.05 and round(p, 2) >= 0.05
    return "=", p, 3 if p < 0.00995 or hidden else 2


@dataclass(frozen=True, slots=True)
class Style:
    """A journal's way with numbers.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        Whose rules these are.
    zero : bool
        Whether numbers that cannot exceed 1, such as r, keep the zero before the point.
    p_zero : bool
        Whether p-values keep it.
    p_letter : str
        The letter of p-values.
    p_rule : callable
        ``p_rule(p)`` gives the sign, the number and its decimals.
    interval : str
        An interval with its level, with ``{level} {name} {low} {high}``.
    range : str
        An interval without its name.
    source : str
        Key of the rules in the bibliography.
    """

    code: str
    name: str
    zero: bool
    p_zero: bool
    p_letter: str
    p_rule: Callable[[float], tuple[str, float, int]]
    interval: str
    range: str
    source: str

    def number(self, value: float, digits: int = 2, *, bounded: bool = False) -> str:
        """Return a number with a true minus sign; ``bounded`` numbers cannot exceed 1."""
        return _dressed(fixed(float(value), digits), zero=self.zero or not bounded)

    def p(self, value: float, name: str = "") -> Text:
        """Return a p-value with its letter, ``p = .032``."""
        letter = phrase(f"*{self.p_letter}*{{name}}", name=name)
        if math.isnan(value):
            return (*letter, Run(" not defined"))
        sign, shown, digits = self.p_rule(value)
        return (*letter, Run(f" {sign} {_dressed(fixed(shown, digits), zero=self.p_zero)}"))

    def p_cell(self, value: float) -> str:
        """Return a p-value for a column under its letter: ``.032`` or ``< .001``."""
        if math.isnan(value):
            return "–"
        sign, shown, digits = self.p_rule(value)
        text = _dressed(fixed(shown, digits), zero=self.p_zero)
        return text if sign == "=" else f"{sign} {text}"

    def limits(self, low: str, high: str, level: float = 0.0, name: str = "CI") -> str:
        """Return printed limits as an interval, with its level and name where that is given."""
        form = self.interval if level else self.range
        return form.format(level=f"{100 * level:g}", name=name, low=low, high=high)


STYLES: Register[Style] = Register(
    "style",
    [
        Style(
            "apa",
            "American Psychological Association, 7th edition",
            zero=False,
            p_zero=False,
            p_letter="p",
            p_rule=_three_digits,
            interval="{level}% {name} [{low}, {high}]",
            range="[{low}, {high}]",
            source="apa2020",
        ),
        Style(
            "jama",
            "American Medical Association, 11th edition",
            zero=True,
            p_zero=False,
            p_letter="P",
            p_rule=_two_digits,
            interval="{level}% {name}, {low} to {high}",
            range="{low} to {high}",
            source="ama2020",
        ),
        Style(
            "vancouver",
            "International Committee of Medical Journal Editors",
            zero=True,
            p_zero=True,
            p_letter="P",
            p_rule=_three_digits,
            interval="{level}% {name} {low} to {high}",
            range="{low} to {high}",
            source="lang2015",
        ),
    ],
    aliases={"APA": "apa", "JAMA": "jama", "ama": "jama", "icmje": "vancouver"},
)


def digits_of(width: float, least: int, units: float = 2.0) -> int:
    """Return the decimals of an interval: those asked for, more where they would not show it.

    It is shown where it is at least ``units`` of the last decimal wide.
    """
    if not 0 < width < units * 10.0**-least:
        return least
    return min(_MOST_DIGITS, max(least, 1 - math.floor(math.log10(width))))


def digits_of_value(value: float, least: int) -> int:
    """Return the decimals that show two figures of a small number, at least those asked for."""
    if not 0 < abs(value) < math.inf:
        return least
    return min(_MOST_DIGITS, max(least, 1 - math.floor(math.log10(abs(value)))))


def percentage(fraction: float, digits: int = 1) -> str:
    """Return a fraction in percent, or a dash."""
    return "–" if math.isnan(fraction) else f"{fixed(100 * fraction, digits)}%"


def _dressed(text: str, *, zero: bool) -> str:
    """Return a printed number with a true minus, and without the zero before the point."""
    text = text.replace("-", "−")
    return text if zero else text.replace("0.", ".", 1) if text.lstrip("−")[:2] == "0." else text
