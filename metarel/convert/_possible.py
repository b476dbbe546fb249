"""What a printed number can have been converted to, and for which part of its interval."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from metarel._format import fixed
from metarel._printed_interval import decimal_interval, printed_decimal
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._vocabulary import Domain

#: A range wider than so many units of the last digit is given by its ends only.
MOST = 12


@dataclass(frozen=True, slots=True)
class PrintedRange:
    """The numbers that a printed number stands for, or a part of them.

    Parameters
    ----------
    low, high : float
        The ends.
    low_closed, high_closed : bool
        Whether each end belongs to it.
    """

    low: float
    high: float
    low_closed: bool
    high_closed: bool

    def text(self, digits: int) -> str:
        """Return the range with brackets that say which ends belong to it."""
        left, right = "[" if self.low_closed else "(", "]" if self.high_closed else ")"
        return f"{left}{fixed(self.low, digits)}, {fixed(self.high, digits)}{right}"


@dataclass(frozen=True, slots=True)
class PossibleResult:
    """A result that may be printed, and the part of the source's interval that gives it.

    Parameters
    ----------
    text : str
        The result as printed.
    part : PrintedRange or None
        The part of the source's interval; None where nothing gives it.
    share : float
        The length of the part as a fraction of the interval.
    """

    text: str
    part: PrintedRange | None
    share: float

    def sentence(self, source: str, target: str, digits: int) -> str:
        """Say in words when the result would be printed."""
        if self.part is None:
            return f"{target} = {self.text} is not possible."
        if self.share == 1:
            return f"{target} = {self.text} is what every such {source} gives."
        where = f"{source} in {self.part.text(digits)}: {100 * self.share:.0f} % of that interval"
        return f"{target} = {self.text} is printed only for {where}."


def printed_range(text: str, argument: str = "value") -> PrintedRange:
    """Return the numbers that are printed so, half-up."""
    printed_decimal(text, argument)
    return PrintedRange(*decimal_interval(text))


def within(interval: PrintedRange, domain: Domain) -> PrintedRange:
    """Return the part of an interval that the metric can take."""
    low, high = max(interval.low, domain.low), min(interval.high, domain.high)
    return PrintedRange(
        low,
        high,
        interval.low_closed if low == interval.low else not domain.open_low,
        interval.high_closed if high == interval.high else not domain.open_high,
    )


def decimals(text: str) -> int:
    """Return the count of decimals printed."""
    return max(-int(printed_decimal(text).as_tuple().exponent), 0)


def image_of(function: Callable[[float], float], whole: PrintedRange) -> PrintedRange:
    """Return the range of a strictly monotone function over a printed interval."""
    ends = function(whole.low), function(whole.high)
    middle = function((whole.low + whole.high) / 2)
    if ends[0] < middle < ends[1]:
        return PrintedRange(*ends, whole.low_closed, whole.high_closed)
    if ends[0] > middle > ends[1]:
        return PrintedRange(ends[1], ends[0], whole.high_closed, whole.low_closed)
    raise InputError(
        f"`value` must stand for numbers over which the conversion only rises or only falls; over "
        f"{whole.text(4)} it does not. Pass a number instead of its digits."
    )


def possible_result(
    function: Callable[[float], float], whole: PrintedRange, text: str
) -> PossibleResult:
    """Return the part of an interval whose image is printed as ``text``."""
    image, wanted = image_of(function, whole), printed_range(text, "against")
    rises = function(whole.high) > function(whole.low)
    nothing = PossibleResult(text, None, 0.0)
    if wanted.low > image.high or wanted.high < image.low:
        return nothing
    ends = {}
    for side, target, closed in (
        ("low", wanted.low, wanted.low_closed),
        ("high", wanted.high, wanted.high_closed),
    ):
        inside = image.low < target < image.high
        at = side if rises else {"low": "high", "high": "low"}[side]
        ends[at] = (
            (_crossing(function, whole.low, whole.high, target), closed)
            if inside
            else (getattr(whole, at), getattr(whole, f"{at}_closed"))
        )
    part = PrintedRange(ends["low"][0], ends["high"][0], ends["low"][1], ends["high"][1])
    share = (part.high - part.low) / (whole.high - whole.low)
    return PossibleResult(text, part, min(share, 1.0)) if share > 0 else nothing


def possible_results(
    function: Callable[[float], float], whole: PrintedRange, like: str
) -> tuple[PossibleResult, ...]:
    """List every result that could be printed, with two decimals or as many as the source has."""
    image = image_of(function, whole)
    unit = Decimal(1).scaleb(-max(decimals(like), 2))
    if not math.isfinite(image.high - image.low) or image.high - image.low > MOST * float(unit):
        return ()
    first = Decimal(repr(image.low)).quantize(unit, ROUND_FLOOR)
    count = int((Decimal(repr(image.high)) - first) / unit) + 2
    texts = [_written(first + step * unit, like) for step in range(count)]
    results = (possible_result(function, whole, text) for text in texts)
    return tuple(result for result in results if result.part is not None)


def _crossing(function: Callable[[float], float], low: float, high: float, target: float) -> float:
    """Return where a strictly monotone function takes a value, to the last double."""
    rises = function(high) > function(low)
    while low < (middle := low + (high - low) / 2) < high:
        if (function(middle) < target) == rises:
            low = middle
        else:
            high = middle
    return high


def _written(number: Decimal, like: str) -> str:
    """Write a number with or without the zero before the point, as the other was written."""
    text = f"{abs(number):f}"
    bare = like.strip().lstrip("+-−–").startswith(".")
    sign = "-" if number < 0 else ""
    return sign + (text.removeprefix("0") if bare and text != "0" else text)
