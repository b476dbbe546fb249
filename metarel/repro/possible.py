"""What a printed number can have been converted to: each printed result, and when it would be."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from metarel._format import fixed
from metarel.errors import InputError
from metarel.repro.printed import Printed, Share

#: A range wider than so many units of the last digit is given by its ends only.
MOST = 12


@dataclass(frozen=True, slots=True)
class Possible:
    """What the rounding of a printed number leaves open about its conversion.

    Parameters
    ----------
    start : Printed
        The number as printed.
    low, high : float
        The range of the result over the interval of ``start``.
    results : tuple of (Printed, Share)
        Each result that could be printed, in rising order, with the part of the interval that
        gives it; empty where the range is wider than twelve units of the last digit.
    """

    start: Printed
    low: float
    high: float
    results: tuple[tuple[Printed, Share], ...]

    def lines(self, start: str, to: str) -> list[str]:
        """Return the finding in words, given the symbols of the two metrics."""
        digits = decimals(self.start) + 2
        inside = _within(start, self.start, digits)
        head = (
            f"{start} = {self.start} is printed for {inside}, "
            f"so {to} lies between {fixed(self.low)} and {fixed(self.high)}."
        )
        return [head, *(outcome(to, text, start, part, digits) for text, part in self.results)]

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, ready for JSON."""
        return {
            "printed": self.start.text,
            "low": self.low,
            "high": self.high,
            "results": [{"printed": text.text, **part_dict(part)} for text, part in self.results],
        }


def decimals(printed: Printed) -> int:
    """Return the decimals that a printed number fixes; a percentage fixes two more.

    Parameters
    ----------
    printed : Printed
        The number.

    Returns
    -------
    int
        Decimals of the number as a fraction.
    """
    return printed.digits + 2 * printed.percent


def outcome(to: str, result: Printed, start: str, part: Share, digits: int) -> str:
    """Say for which part of a printed number's interval a result would be printed.

    Parameters
    ----------
    to, start : str
        Symbols of the two metrics.
    result : Printed
        The result.
    part : Share
        The part that gives it.
    digits : int
        Decimals to show.

    Returns
    -------
    str
        One sentence without a full stop.

    Examples
    --------
    >>> outcome("d", Printed(".57"), "r", Share(0.275, 0.2763, True, False, 0.13), 4)
    'd = .57 is possible only for r in [0.2750, 0.2763): 13 % of that interval'
    """
    if part.share == 0:
        return f"{to} = {result} is not possible"
    if part.share == 1:
        return f"{to} = {result} is what every such {start} gives"
    share = f"{100 * part.share:.0f} % of that interval"
    return f"{to} = {result} is possible only for {_within(start, part, digits)}: {share}"


def part_dict(part: Share) -> dict[str, float | None]:
    """Return a share as plain types; where nothing fits the ends are None.

    Parameters
    ----------
    part : Share
        The part.

    Returns
    -------
    dict
        ``low``, ``high`` and ``share``.
    """
    nothing = math.isnan(part.low)
    return {
        "low": None if nothing else part.low,
        "high": None if nothing else part.high,
        "share": part.share,
    }


def possible_results(start: Printed, function: Callable[[float], float]) -> Possible:
    """List the results that may be printed when a printed number is converted.

    Results are given the decimals of ``start``, two at least.

    Parameters
    ----------
    start : Printed
        The number as printed.
    function : callable
        The conversion, strictly rising or falling over the interval of ``start``.

    Returns
    -------
    Possible
        Every result with its share of the interval.

    Raises
    ------
    InputError
        If ``start`` is a bound, or the function is not finite and monotone over its interval.

    Examples
    --------
    >>> found = possible_results(Printed(".28"), lambda r: 2 * r / (1 - r**2) ** 0.5)
    >>> for line in found.lines("r", "d"):
    ...     print(line)
    r = .28 is printed for r in [0.2750, 0.2850), so d lies between 0.5721 and 0.5947.
    d = .57 is possible only for r in [0.2750, 0.2763): 13 % of that interval
    d = .58 is possible only for r in [0.2763, 0.2807): 44 % of that interval
    d = .59 is possible only for r in [0.2807, 0.2850): 43 % of that interval
    """
    if math.isinf(start.low) or math.isinf(start.high):
        raise InputError(f"{start.text!r} is a bound, not a number that can be converted.")
    low, high = sorted((float(function(start.low)), float(function(start.high))))
    if not (math.isfinite(low) and math.isfinite(high)):
        raise InputError(f"Not every number printed as {start.text!r} can be converted.")
    unit = Decimal(1).scaleb(-max(decimals(start), 2))
    first = Decimal(repr(low)).quantize(unit, ROUND_FLOOR)
    if high - low > MOST * float(unit):
        return Possible(start, low, high, ())
    steps = int((Decimal(repr(high)) - first) / unit) + 2
    results = [Printed(_as_printed(first + step * unit, start)) for step in range(steps)]
    shares = ((result, start.share(function, result)) for result in results)
    return Possible(start, low, high, tuple(pair for pair in shares if pair[1].share > 0))


def _within(symbol: str, part: Printed | Share, digits: int) -> str:
    left, right = "[" if part.low_closed else "(", "]" if part.high_closed else ")"
    return f"{symbol} in {left}{fixed(part.low, digits)}, {fixed(part.high, digits)}{right}"


def _as_printed(number: Decimal, like: Printed) -> str:
    """Write a number with or without the zero before the point, as the other was written."""
    text = f"{number:f}"
    bare = like.text.lstrip("= +-−–").startswith(".")
    return text.replace("0.", ".", 1) if bare and abs(number) < 1 else text
