"""The numbers that a printed decimal may stand for, under a named rounding rule."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

import numpy as np

from metarel._format import fixed
from metarel._register import Register
from metarel.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: Ends that differ by less, relative to themselves or to the wider range, are the same end.
NOISE = 1e-13

#: More digits than this on one side of the point are beyond what a double can hold.
LONGEST = 300

_HALF = Decimal("0.5")
_NUMBER = re.compile(r"([+\-−–]?)((?:[1-9]\d{0,2}(?:,\d{3})+|\d+)?(?:\.\d*)?)(?:[eE]([+\-−]?\d+))?")


@dataclass(frozen=True, slots=True)
class Rounding:
    """How far, in units of the last printed digit, the unrounded number may have lain.

    Parameters
    ----------
    code : str
        The word users type.
    below, above : Decimal
        Reach on either side of the printed number.
    closed_below, closed_above : bool
        Whether the end itself is printed as this number.
    from_zero : bool
        Whether "below" means nearer to zero (the rule treats both signs alike) or nearer to
        minus infinity.
    """

    code: str
    below: Decimal
    above: Decimal
    closed_below: bool
    closed_above: bool
    from_zero: bool = True


_ONE, _NONE = Decimal(1), Decimal(0)

ROUNDINGS: Register[Rounding] = Register(
    "rounding",
    [
        Rounding("half-up", _HALF, _HALF, True, False),
        Rounding("half-even", _HALF, _HALF, True, True),  # open where the last digit is odd
        Rounding("half-down", _HALF, _HALF, False, True),
        Rounding("truncate", _NONE, _ONE, True, False),
        Rounding("floor", _NONE, _ONE, True, False, from_zero=False),
        Rounding("ceiling", _ONE, _NONE, False, True, from_zero=False),
        Rounding("any", _ONE, _ONE, False, False),
    ],
)


class Ends(Protocol):
    """Whatever has two ends, each of which belongs to it or does not."""

    @property
    def low(self) -> float:
        """Return the low end."""

    @property
    def high(self) -> float:
        """Return the high end."""

    @property
    def low_closed(self) -> bool:
        """Return whether the low end belongs to it."""

    @property
    def high_closed(self) -> bool:
        """Return whether the high end belongs to it."""


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

    @property
    def width(self) -> float:
        """Return its length; infinite where an end is."""
        return self.high - self.low

    def text(self, digits: int) -> str:
        """Return the range with brackets that say which ends belong to it."""
        left, right = "[" if self.low_closed else "(", "]" if self.high_closed else ")"
        return f"{left}{fixed(self.low, digits)}, {fixed(self.high, digits)}{right}"

    def contains(self, x: ArrayLike) -> bool | NDArray[np.bool_]:
        """Tell whether a number (or each of an array) lies in it; NaN never does."""
        return contains(self, x)

    def overlaps(self, other: Ends) -> bool:
        """Tell whether a number may lie both in it and in another."""
        return common(self, other) is not None


def contains(ends: Ends, x: ArrayLike) -> bool | NDArray[np.bool_]:
    """Tell whether a number (or each of an array) lies between two ends; NaN never does."""
    x = np.asarray(x, dtype=float)
    above = (x >= ends.low) if ends.low_closed else (x > ends.low)
    below = (x <= ends.high) if ends.high_closed else (x < ends.high)
    inside = above & below
    return bool(inside) if inside.ndim == 0 else inside


def common(a: Ends, b: Ends) -> PrintedRange | None:
    """Return what two ranges share; None where that is nothing.

    Ends that differ only by the rounding of floating point count as the same end: it is shared
    where it belongs to both.
    """
    widths = [w for w in (a.high - a.low, b.high - b.low) if math.isfinite(w)]
    slack = NOISE * max(widths, default=0.0)
    low, low_closed = _inner((a.low, a.low_closed), (b.low, b.low_closed), slack, max)
    high, high_closed = _inner((a.high, a.high_closed), (b.high, b.high_closed), slack, min)
    if _same(low, high, slack):
        return PrintedRange(low, low, True, True) if low_closed and high_closed else None
    return PrintedRange(low, high, low_closed, high_closed) if low < high else None


def _inner(
    a: tuple[float, bool],
    b: tuple[float, bool],
    slack: float,
    choose: Callable[[float, float], float],
) -> tuple[float, bool]:
    """Return the inner one of two ends, and whether it belongs to both ranges."""
    if _same(a[0], b[0], slack):
        return b[0], a[1] and b[1]
    return a if choose(a[0], b[0]) == a[0] else b


def _same(a: float, b: float, slack: float) -> bool:
    return a == b or (math.isfinite(a - b) and abs(a - b) <= max(slack, NOISE * abs(a)))


def brackets(ends: Ends) -> str:
    """Write an interval with square brackets at closed ends and round ones at open ends."""
    left, right = "[" if ends.low_closed else "(", "]" if ends.high_closed else ")"
    return f"{left}{_short(ends.low)}, {_short(ends.high)}{right}"


def _short(x: float) -> str:
    """Write an end: exact where it is short, else five significant digits."""
    if math.isinf(x):
        return "∞" if x > 0 else "-∞"
    exact = repr(x + 0.0).removesuffix(".0")
    return exact if len(exact) <= 10 else f"{x:.5g}"


def printed_decimal(text: str, argument: str = "text") -> Decimal:
    """Read a printed number exactly, keeping its trailing zeros and the sign of ``-.00``."""
    match = _NUMBER.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None or not any(character.isdigit() for character in match[2]):
        raise InputError(
            f"`{argument}` must be a number as printed, such as '.28', '-0.28' or '1,192' (a point "
            f"before the decimals, commas only between thousands); got {text!r}."
        )
    sign, digits, exponent = match.groups()
    minus = "-" if sign in tuple("-−–") else ""
    power = (exponent or "0").replace("−", "-")
    whole, _, decimals = digits.replace(",", "").partition(".")
    if len(power) > 4 or max(int(power) + len(whole), len(decimals) - int(power)) > LONGEST:
        raise InputError(
            f"`{argument}` must have at most {LONGEST} digits before the point and after it, "
            f"powers of ten written out; got {text[:40]!r}."
        )
    return Decimal(f"{minus}{digits.replace(',', '')}e{power}")


def decimal_interval(text: str, rounding: str = "half-up") -> tuple[float, float, bool, bool]:
    """Return the interval of numbers that are printed as ``text``.

    Parameters
    ----------
    text : str
        The number as printed; its count of decimals says how far it was rounded.
    rounding : str
        ``"half-up"`` (ties away from zero), ``"half-even"``, ``"half-down"`` (ties towards zero),
        ``"truncate"`` (towards zero), ``"floor"``, ``"ceiling"``, or ``"any"`` of these.

    Returns
    -------
    tuple of (float, float, bool, bool)
        Low end, high end, and whether each end belongs to the interval.

    Raises
    ------
    InputError
        If the text is not a printed number, or the rounding rule is unknown.

    Examples
    --------
    >>> decimal_interval(".28")
    (0.275, 0.285, True, False)
    >>> decimal_interval("−.28", "truncate")
    (-0.29, -0.28, False, True)
    """
    rule = ROUNDINGS[rounding]
    number = printed_decimal(text)
    _, digits, exponent = number.as_tuple()
    unit = Decimal((0, (1,), int(exponent)))
    below, above = rule.below * unit, rule.above * unit
    closed_below, closed_above = rule.closed_below, rule.closed_above
    if rule.code == "half-even" and digits[-1] % 2:
        closed_below = closed_above = False
    if rule.from_zero and number.is_zero():
        below, closed_below = above, closed_above
    elif rule.from_zero and number.is_signed():
        below, above, closed_below, closed_above = above, below, closed_above, closed_below
    if number.is_zero() and number.is_signed():  # "-.00" was not above zero
        above, closed_above = _NONE, True
    return float(number - below), float(number + above), closed_below, closed_above


def image_of(function: Callable[[float], float], whole: PrintedRange) -> PrintedRange | None:
    """Return the range of a function over an interval; None where it is not strictly monotone."""
    first, middle, last = map(function, (whole.low, _between(whole.low, whole.high), whole.high))
    if first < middle < last:
        return PrintedRange(first, last, whole.low_closed, whole.high_closed)
    if first > middle > last:
        return PrintedRange(last, first, whole.high_closed, whole.low_closed)
    return None


def _between(low: float, high: float) -> float:
    """Return a number inside of an interval, the middle where it has one."""
    if math.isinf(low):
        return 0.0 if math.isinf(high) else high - 1 - abs(high)
    return low + 1 + abs(low) if math.isinf(high) else (low + high) / 2


def part_within(
    function: Callable[[float], float], whole: PrintedRange, wanted: PrintedRange
) -> PrintedRange | None:
    """Return the part of an interval that a strictly monotone function takes into another.

    None where that part has no length.
    """
    rises = function(whole.high) > function(whole.low)
    sides = [(wanted.low, wanted.low_closed), (wanted.high, wanted.high_closed)]
    if not rises:
        sides = [(-target, closed) for target, closed in reversed(sides)]

    def rising(x: float) -> float:
        return function(x) if rises else -function(x)

    (start, start_closed), (stop, stop_closed) = sides
    if rising(whole.high) < start or rising(whole.low) > stop:
        return None
    low, low_closed = whole.low, whole.low_closed
    high, high_closed = whole.high, whole.high_closed
    if rising(whole.low) < start:
        low, low_closed = _crossing(rising, whole.low, whole.high, start), start_closed
    if rising(whole.high) > stop:
        high, high_closed = _crossing(rising, whole.low, whole.high, stop), stop_closed
    return PrintedRange(low, high, low_closed, high_closed) if high > low else None


def _crossing(rising: Callable[[float], float], low: float, high: float, target: float) -> float:
    """Return where a rising function reaches a target, to the last double."""
    while low < (middle := low + (high - low) / 2) < high:
        if rising(middle) < target:
            low = middle
        else:
            high = middle
    return high
