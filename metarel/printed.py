"""The interval a printed number stands for, and what may be said of a number against it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from metarel._checks import check_level
from metarel._printed_arithmetic import RangeArithmetic
from metarel._printed_interval import (
    ROUNDINGS,
    PrintedRange,
    brackets,
    contains,
    decimal_interval,
    image_of,
    part_within,
    printed_decimal,
)
from metarel.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

#: What a reading is called, and the rounding rule behind it: the strict ones first.
READINGS: dict[str, str] = {
    "half-up": "half-up",
    "half-even": "half-even",
    "truncated": "truncate",
    "ceiling": "ceiling",
    "floor": "floor",
}
STRICT = ("half-up", "half-even")

_RELATIONS = {"<=": "≤", ">=": "≥", "≤": "≤", "≥": "≥", "<": "<", ">": ">", "=": "="}
_NOT_SIGNIFICANT = re.compile(r"n\.?\s?s\.?", re.I)


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a printed number's interval that fits another printed number.

    Parameters
    ----------
    low, high : float
        Ends of that part; NaN where nothing fits.
    low_closed, high_closed : bool
        Whether each end belongs to it.
    share : float
        Its length as a fraction of the whole interval; 0 where nothing fits.
    """

    low: float
    high: float
    low_closed: bool
    high_closed: bool
    share: float

    def __str__(self) -> str:
        if self.share == 0:
            return "nothing (0 %)"
        return f"{brackets(self)} ({100 * self.share:.0f} %)"


@dataclass(frozen=True, slots=True, repr=False)
class Printed(RangeArithmetic):
    """A number as printed: the interval of numbers that would have been printed so.

    Parameters
    ----------
    text : str
        The digits as they stand on the page: ``".28"``, ``"-.31"``, ``"1,192"``, ``"= .003"``;
        ``"62%"`` is the fraction .62; ``"<.05"`` and ``"≥ .10"`` are bounds taken as exact;
        ``"n.s."`` is a p-value above 1 - ``level``.
    rounding : str
        ``"half-up"`` (ties away from zero) or ``"half-even"``, the strict rules; ``"half-down"``,
        ``"truncate"``, ``"floor"``, ``"ceiling"`` or ``"any"``, the looser ones.
    level : float
        The confidence level that ``"n.s."`` refers to; used for nothing else.

    Attributes
    ----------
    low, high : float
        Ends of the interval; infinite for a bound.
    low_closed, high_closed : bool
        Whether each end belongs to it.
    value : Decimal or None
        The printed number itself, percentages as fractions; None for ``"n.s."``.
    digits : int
        Decimals as printed, trailing zeros included.
    unit : Decimal or None
        One unit of the last printed digit, on the scale of ``value``.
    relation : str
        ``"="``, ``"<"``, ``"≤"``, ``">"`` or ``"≥"``.
    percent : bool
        Whether a percent sign was printed.

    Raises
    ------
    InputError
        If the text is not a printed number, or the rounding rule is unknown.

    Notes
    -----
    ``+ - * / **``, minus and ``abs`` work with other printed numbers, ranges and numbers, and give
    the range of the results, with open ends where they are open [moore2009]. It is sharp where
    every printed number occurs once; ``printed_range`` computes any function of them.

    References
    ----------
    [moore2009]

    Examples
    --------
    >>> print(Printed(".28") / Printed("0.11"))
    (2.3913, 2.7143)
    >>> Printed(".28")
    Printed('.28' stands for [0.275, 0.285), half-up)
    >>> Printed(".28").contains(0.2797), Printed(".280").contains(0.2797)
    (True, True)
    >>> Printed("<.05")
    Printed('<.05' stands for (-∞, 0.05))
    """

    text: str
    rounding: str = "half-up"
    level: float = field(default=0.95, kw_only=True)
    low: float = field(init=False, compare=False)
    high: float = field(init=False, compare=False)
    low_closed: bool = field(init=False, compare=False)
    high_closed: bool = field(init=False, compare=False)
    value: Decimal | None = field(init=False, compare=False)
    digits: int = field(init=False, compare=False)
    unit: Decimal | None = field(init=False, compare=False)
    relation: str = field(init=False, compare=False)
    percent: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        for name, value in _read(self.text, self.rounding, self.level).items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        rule = f", {self.rounding}" if self.relation == "=" else ""
        return f"Printed({self.text!r} stands for {brackets(self)}{rule})"

    def __str__(self) -> str:
        return self.text

    def contains(self, x: ArrayLike) -> bool | NDArray[np.bool_]:
        """Tell whether a number (or each of an array) would be printed so; NaN never is.

        Parameters
        ----------
        x : float or array
            Unrounded numbers.

        Returns
        -------
        bool or ndarray of bool
            One answer a number.

        Examples
        --------
        >>> Printed(".28").contains([0.2749, 0.275, 0.285])
        array([False,  True, False])
        """
        return contains(self, x)

    def reading(self, x: float) -> str | None:
        """Return the first rule under which a number is printed so, strict rules first.

        Parameters
        ----------
        x : float
            An unrounded number.

        Returns
        -------
        str or None
            ``"half-up"``, ``"half-even"``, ``"truncated"``, ``"ceiling"``, ``"floor"``, or None
            where no rule prints ``x`` so. The rule given at construction plays no part.

        Examples
        --------
        >>> Printed("0.0039").reading(0.00399), Printed(".57").reading(0.5833)
        ('truncated', None)
        """
        for word, rule in READINGS.items():
            if Printed(self.text, rule, level=self.level).contains(x):
                return word
        return None

    def distance(self, x: float, *, in_units: bool = False) -> float:
        """Return how far a number lies outside the interval; 0 inside.

        Parameters
        ----------
        x : float
            An unrounded number.
        in_units : bool
            Count in units of the last printed digit.

        Returns
        -------
        float
            The distance, never negative; NaN for NaN.

        Raises
        ------
        InputError
            If units are asked for where no digit was printed (``"n.s."``).

        Examples
        --------
        >>> round(Printed(".57").distance(0.5833, in_units=True), 2)
        0.83
        """
        gap = math.nan if math.isnan(x) else max(self.low - x, x - self.high, 0.0)
        if not in_units:
            return gap
        if self.unit is None:
            raise InputError(f"`in_units` must be False for {self.text!r}: it has no last digit.")
        return gap / float(self.unit)

    def share(self, function: Callable[[float], float], other: Printed) -> Share:
        """Return the part of this interval that a monotone function takes into another's.

        Parameters
        ----------
        function : callable
            Strictly rising or falling over this interval, finite inside it.
        other : Printed
            The printed image.

        Returns
        -------
        Share
            The part of this interval whose image is printed as ``other``, and its share of it.

        Raises
        ------
        InputError
            If this is a bound (its interval has no length), or the function is not monotone.

        Examples
        --------
        >>> r_to_d = lambda r: 2 * r / (1 - r**2) ** 0.5
        >>> print(Printed(".28").share(r_to_d, Printed(".57")))
        [0.275, 0.27631) (13 %)
        """
        if math.isinf(self.low) or math.isinf(self.high):
            raise InputError(f"{self.text!r} is a bound: its interval has no length to share.")
        whole = PrintedRange(self.low, self.high, self.low_closed, self.high_closed)
        if image_of(function, whole) is None:
            raise InputError(
                f"`function` must be strictly rising or falling over {brackets(self)}; its values "
                f"at the ends are {function(self.low):g} and {function(self.high):g}."
            )
        wanted = PrintedRange(other.low, other.high, other.low_closed, other.high_closed)
        part = part_within(function, whole, wanted)
        if part is None:
            return Share(math.nan, math.nan, False, False, 0.0)
        share = (part.high - part.low) / (self.high - self.low)
        return Share(part.low, part.high, part.low_closed, part.high_closed, share)


def _read(text: object, rounding: str, level: float) -> dict[str, object]:
    """Take a printed number apart: the derived fields of ``Printed`` by name."""
    rule = ROUNDINGS[rounding].code
    level = check_level(level)
    if not isinstance(text, str):
        raise InputError(
            "`text` must be the number as printed, in quotes, so that its digits are kept; "
            f"got {text!r}."
        )
    number = text.strip()
    value, unit, digits, percent = None, None, 0, False
    if _NOT_SIGNIFICANT.fullmatch(number):
        relation = ">"
        ends = (float(1 - Decimal(repr(level))), 1.0, False, True)
    else:
        sign = next((sign for sign in _RELATIONS if number.startswith(sign)), "")
        relation = _RELATIONS.get(sign, "=")
        number = number.removeprefix(sign).strip()
        percent = number.endswith("%")
        printed = printed_decimal(number.removesuffix("%"))
        value = printed.scaleb(-2) if percent else printed
        unit = Decimal((0, (1,), int(value.as_tuple().exponent)))
        digits = max(-int(printed.as_tuple().exponent), 0)
        if relation == "=":
            ends = decimal_interval(str(value), rule)
        elif relation in "<≤":
            ends = (-math.inf, float(value), False, relation == "≤")
        else:
            ends = (float(value), math.inf, relation == "≥", False)
    low, high, low_closed, high_closed = ends
    return {
        "low": low,
        "high": high,
        "low_closed": low_closed,
        "high_closed": high_closed,
        "value": value,
        "digits": digits,
        "unit": unit,
        "relation": relation,
        "percent": percent,
    }
