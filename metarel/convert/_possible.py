"""What a printed number can have been converted to, and for which part of its interval."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from metarel._format import fixed
from metarel._printed_interval import (
    PrintedRange,
    decimal_interval,
    image_of,
    part_within,
    printed_decimal,
)
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._vocabulary import Domain

#: A range wider than so many units of the last digit is given by its ends only.
MOST = 12
#: So many decimals at most are written to tell two ends apart.
_FINEST = 12


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
        while digits < _FINEST and fixed(self.part.low, digits) == fixed(self.part.high, digits):
            digits += 1
        share = 100 * self.share
        share_said = f"{share:.0f}" if share >= 1 else f"{share:.1g}"
        where = f"{source} in {self.part.text(digits)}: {share_said} % of that interval"
        return f"{target} = {self.text} is possible only for {where}."


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


def image_over(function: Callable[[float], float], whole: PrintedRange) -> PrintedRange:
    """Return the range of the results over a printed interval."""
    image = image_of(function, whole)
    if image is None:
        raise InputError(
            "`value` must stand for numbers over which the conversion only rises or only falls; "
            f"over {whole.text(4)} it does not. Pass a number instead of its digits."
        )
    return image


def possible_result(
    function: Callable[[float], float], whole: PrintedRange, text: str
) -> PossibleResult:
    """Return the part of an interval whose image is printed as ``text``."""
    image_over(function, whole)
    part = part_within(function, whole, printed_range(text, "against"))
    if part is None:
        return PossibleResult(text, None, 0.0)
    return PossibleResult(text, part, (part.high - part.low) / (whole.high - whole.low))


def possible_results(
    function: Callable[[float], float], whole: PrintedRange, like: str
) -> tuple[PossibleResult, ...]:
    """List every result that could be printed, with two decimals or as many as the source has."""
    image = image_over(function, whole)
    unit = Decimal(1).scaleb(-max(decimals(like), 2))
    if not math.isfinite(image.high - image.low) or image.high - image.low > MOST * float(unit):
        return ()
    first = Decimal(repr(image.low)).quantize(unit, ROUND_FLOOR)
    count = int((Decimal(repr(image.high)) - first) / unit) + 2
    texts = [written(first + step * unit, like) for step in range(count)]
    results = (possible_result(function, whole, text) for text in texts)
    return tuple(result for result in results if result.part is not None)


def written(number: Decimal, like: str) -> str:
    """Write a number with or without the zero before the point, as the other was written."""
    text = f"{abs(number):f}"
    bare = like.strip().lstrip("+-−–").startswith(".")
    sign = "-" if number < 0 else ""
    return sign + (text.removeprefix("0") if bare and text != "0" else text)
