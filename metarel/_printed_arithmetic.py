"""Arithmetic with printed numbers: a range of numbers in, the range of the results out.

Each operation is exact for two ranges that know nothing of each other, so an expression in which
every printed number occurs once has its sharp range: open ends stay open, closed ends closed. Where
a number occurs twice (``a / (a + b)``), its occurrences are taken as free of each other and the
range is too wide, never too narrow; ``printed_range`` is sharp there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Real
from typing import Literal, TypeAlias

from metarel._printed_interval import PrintedRange, brackets, image_of
from metarel.errors import InputError

By = Literal["bounds", "search"]
#: An end and whether it belongs to the range.
End: TypeAlias = tuple[float, bool]


class RangeArithmetic:
    """The operators of whatever has ends: ``+ - * / **``, minus, ``abs``, and ``through``."""

    __slots__ = ()
    #: numpy's numbers leave the operation to the range.
    __array_ufunc__ = None

    def __add__(self, other: object) -> ComputedRange:
        return _with(_add, self, other)

    def __radd__(self, other: object) -> ComputedRange:
        return _with(_add, other, self)

    def __sub__(self, other: object) -> ComputedRange:
        return _with(lambda a, b: _add(a, _negative(b)), self, other)

    def __rsub__(self, other: object) -> ComputedRange:
        return _with(lambda a, b: _add(a, _negative(b)), other, self)

    def __mul__(self, other: object) -> ComputedRange:
        return _with(_multiply, self, other)

    def __rmul__(self, other: object) -> ComputedRange:
        return _with(_multiply, other, self)

    def __truediv__(self, other: object) -> ComputedRange:
        return _with(_divide, self, other)

    def __rtruediv__(self, other: object) -> ComputedRange:
        return _with(_divide, other, self)

    def __pow__(self, other: object) -> ComputedRange:
        return _with(_power, self, other)

    def __rpow__(self, other: object) -> ComputedRange:
        return _with(_power, other, self)

    def __neg__(self) -> ComputedRange:
        return _negative(as_range(self))

    def __pos__(self) -> ComputedRange:
        return as_range(self)

    def __abs__(self) -> ComputedRange:
        x = as_range(self)
        if x.low >= 0:
            return x
        if x.high <= 0:
            return _negative(x)
        ends = ((-x.low, x.low_closed), (x.high, x.high_closed))
        high, closed = _outermost(ends, max)
        return ComputedRange(0.0, high, True, closed, x.by, x.undefined)

    def through(self, function: Callable[[float], float]) -> ComputedRange:
        """Return the range of a monotone function of this number, by its values at the ends.

        Parameters
        ----------
        function : callable
            Strictly rising or falling over the interval; at an infinite end it is given infinity.

        Returns
        -------
        ComputedRange
            The range, with open ends where this number's are open.

        Raises
        ------
        InputError
            If the values at the ends and inside are not those of a monotone function.

        Examples
        --------
        >>> from metarel.printed import Printed
        >>> print(Printed(".28").through(lambda r: 2 * r / (1 - r**2) ** 0.5))
        [0.57206, 0.59466)
        """
        x = as_range(self)
        image = image_of(function, x)
        if image is None:
            raise InputError(
                f"`function` must be strictly rising or falling over {brackets(x)}; "
                "`printed_range` takes any function."
            )
        return ComputedRange(
            image.low, image.high, image.low_closed, image.high_closed, x.by, x.undefined
        )

    def within(self, low: float = -math.inf, high: float = math.inf) -> ComputedRange:
        """Return the part of this range between two limits, both of them included.

        Parameters
        ----------
        low, high : float
            What the quantity can be: 0 and 1 for a p-value.

        Returns
        -------
        ComputedRange
            The part.

        Raises
        ------
        InputError
            If nothing of it lies there.

        Examples
        --------
        >>> from metarel.printed import Printed
        >>> print(Printed("<.05").within(0, 1))
        [0, 0.05)
        """
        x = as_range(self)
        if x.low > high or x.high < low or not low <= high:
            raise InputError(
                f"`low` and `high` must leave some of {brackets(x)}; got {low}, {high}."
            )
        return ComputedRange(
            max(x.low, low),
            min(x.high, high),
            x.low_closed if x.low >= low else True,
            x.high_closed if x.high <= high else True,
            x.by,
            x.undefined,
        )


@dataclass(frozen=True, slots=True)
class ComputedRange(PrintedRange, RangeArithmetic):
    """The range of a quantity computed from printed numbers.

    Parameters
    ----------
    low, high : float
        The ends; infinite where the quantity has no bound.
    low_closed, high_closed : bool
        Whether each end belongs to it.
    by : str
        ``"bounds"``: the ends are the quantity's bounds; ``"search"``: the furthest values found,
        which the quantity reaches, and may exceed where the search missed a peak.
    undefined : bool
        Whether for some of the numbers that were printed so the quantity has no value.
    """

    by: By = "bounds"
    undefined: bool = False

    def __str__(self) -> str:
        return brackets(self)


def as_range(x: object) -> ComputedRange:
    """Return a number, a printed number or a range as a range.

    Parameters
    ----------
    x : float or object with ends
        What takes part in a computation.

    Returns
    -------
    ComputedRange
        One number is a range of no length.

    Raises
    ------
    InputError
        If it is neither, or not a number.
    """
    if isinstance(x, ComputedRange):
        return x
    if isinstance(x, (PrintedRange, RangeArithmetic)):
        return ComputedRange(x.low, x.high, x.low_closed, x.high_closed)  # type: ignore[union-attr]
    if isinstance(x, Real) and not isinstance(x, bool) and not math.isnan(x):
        return ComputedRange(float(x), float(x), True, True)
    raise InputError(
        f"`inputs` must be numbers, printed numbers or ranges; got {x!r}. Digits as they were "
        "printed go into `Printed`."
    )


def _with(
    operation: Callable[[ComputedRange, ComputedRange], ComputedRange], a: object, b: object
) -> ComputedRange:
    known = (Real, PrintedRange, RangeArithmetic)
    if not isinstance(a, known) or not isinstance(b, known):
        return NotImplemented
    return operation(as_range(a), as_range(b))


def _outermost(ends: Iterable[End], choose: Callable[..., float]) -> End:
    """Return the outermost of some ends; it belongs to the range where any of its equals does."""
    ends = tuple(ends)
    outer = choose(end for end, _ in ends)
    return outer, any(closed for end, closed in ends if end == outer)


def _made(a: ComputedRange, b: ComputedRange, low: End, high: End) -> ComputedRange:
    by: By = "search" if "search" in (a.by, b.by) else "bounds"
    undefined = a.undefined or b.undefined
    return ComputedRange(low[0], high[0], low[1], high[1], by, undefined)


def _hull(a: ComputedRange, b: ComputedRange, ends: Iterable[End]) -> ComputedRange:
    """Return the range between the outermost of some ends."""
    ends = tuple(ends)
    return _made(a, b, _outermost(ends, min), _outermost(ends, max))


def _negative(x: ComputedRange) -> ComputedRange:
    return ComputedRange(-x.high, -x.low, x.high_closed, x.low_closed, x.by, x.undefined)


def _ends(x: ComputedRange) -> tuple[End, End]:
    return (x.low, x.low_closed), (x.high, x.high_closed)


def _add(a: ComputedRange, b: ComputedRange) -> ComputedRange:
    low = (a.low + b.low, a.low_closed and b.low_closed)
    high = (a.high + b.high, a.high_closed and b.high_closed)
    return _made(a, b, low, high)


def _multiply(a: ComputedRange, b: ComputedRange) -> ComputedRange:
    return _hull(a, b, [_product(x, y) for x in _ends(a) for y in _ends(b)])


def _product(x: End, y: End) -> End:
    """Multiply two ends; a zero that belongs to its range is reached whatever the other is."""
    if x[0] == 0 or y[0] == 0:
        return 0.0, (x[0] == 0 and x[1]) or (y[0] == 0 and y[1])
    return x[0] * y[0], x[1] and y[1]


def _divide(a: ComputedRange, b: ComputedRange) -> ComputedRange:
    return _multiply(a, _reciprocal(b))


def _reciprocal(x: ComputedRange) -> ComputedRange:
    """Return the range of 1/x: without a bound where x may be as near to zero as it likes."""
    if x.low == x.high == 0:
        raise InputError("A printed number cannot be divided by 0.")
    undefined = x.undefined or bool(x.contains(0.0))
    if x.low < 0 < x.high:
        return ComputedRange(-math.inf, math.inf, False, False, x.by, undefined)
    low = (1 / x.high, x.high_closed) if x.high else (-math.inf, False)
    high = (1 / x.low, x.low_closed) if x.low else (math.inf, False)
    return ComputedRange(low[0], high[0], low[1], high[1], x.by, undefined)


def _power(a: ComputedRange, b: ComputedRange) -> ComputedRange:
    if b.low == b.high and b.low.is_integer():
        return _whole_power(a, b)
    if a.low < 0:
        raise InputError(
            f"A range raised to {brackets(b)} must not reach below 0; it is {brackets(a)}. Only "
            "whole powers of negative numbers exist."
        )
    if a.low == 0 and b.low <= 0:
        raise InputError(f"{brackets(a)} raised to {brackets(b)} would divide by 0.")
    return _hull(a, b, [_power_of(x, y) for x in _ends(a) for y in _ends(b)])


def _power_of(x: End, y: End) -> End:
    """Raise an end to another; 1 to any power, and any number to the power 0, is 1."""
    closed = (x[1] and y[1]) or (x[0] == 1 and x[1]) or (y[0] == 0 and y[1])
    return _raised(x[0], y[0]), closed


def _whole_power(a: ComputedRange, b: ComputedRange) -> ComputedRange:
    power = int(b.low)
    if power < 0:
        return _reciprocal(_whole_power(a, -b))
    if power == 0:
        return _made(a, b, (1.0, True), (1.0, True))
    base = abs(a) if power % 2 == 0 else a
    ends = [(_raised(x, float(power)), closed) for x, closed in _ends(base)]
    return _made(a, b, ends[0], ends[1])


def _raised(x: float, power: float) -> float:
    """Raise a number to a power: a whole one where the number is below 0."""
    try:
        return float(x**power)
    except OverflowError:
        return math.inf if x > 0 or power % 2 == 0 else -math.inf
