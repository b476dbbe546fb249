"""Whether a printed number can be what a function makes of other printed numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from metarel._format import plain
from metarel._printed_arithmetic import ComputedRange, as_range
from metarel._printed_interval import Ends, brackets, common, part_within
from metarel._printed_range import printed_range, value_at
from metarel.errors import InputError
from metarel.printed import Printed

#: Two printed numbers agree only in a corner if they share less than this of both their intervals:
#: less than a third of that of the more precise one, and so even less of the other's.
CORNER = 1 / 3

COMPATIBLE, IN_A_CORNER, IMPOSSIBLE, UNDEFINED = VERDICTS = (
    "compatible",
    "only in a corner",
    "impossible",
    "undefined",
)


@dataclass(frozen=True, slots=True)
class Consistency:
    """What is said of a printed number held against a function of others.

    Parameters
    ----------
    verdict : str
        ``"compatible"``; ``"only in a corner"`` (both ``share`` and ``filled`` are less than a
        third); ``"impossible"``; ``"undefined"`` where the function has no value for any of the
        numbers.
    low, high : float
        The range of the computed quantity; NaN where undefined.
    low_closed, high_closed : bool
        Whether each end belongs to it.
    by : str
        ``"bounds"``, or ``"search"``: then the range may be wider than what was found.
    share : float
        What part of the input's interval gives the printed output; with several inputs that are not
        exact, or where the function is not monotone, what part of the computed range does. NaN
        where that is infinite.
    filled : float
        What part of the output's interval can be the result; NaN where that is infinite.
    units : float
        How far the range lies from the output's interval, in units of the output's last digit; 0
        where they meet; NaN without digits.
    rounding : str
        The rounding under which the verdict holds, strict ones first: that of the numbers given,
        ``"half-even"`` or ``"truncated"`` of the output, ``"truncated throughout"``; empty where
        none makes it possible.
    """

    verdict: str
    low: float
    high: float
    low_closed: bool
    high_closed: bool
    by: str
    share: float
    filled: float
    units: float
    rounding: str

    @property
    def possible(self) -> bool:
        """Return whether the printed numbers can be true together."""
        return self.verdict in (COMPATIBLE, IN_A_CORNER)

    def __str__(self) -> str:
        if self.verdict == UNDEFINED:
            return "undefined: the numbers have no result"
        how = "" if self.rounding in ("", "half-up") else f" ({self.rounding})"
        text = f"{self.verdict}{how}: the numbers give {brackets(self)}"
        if self.verdict == IMPOSSIBLE and not math.isnan(self.units):
            text += f", {self.units:.3g} units of the last digit away"
        elif self.verdict == IN_A_CORNER:
            text += f", of which {100 * self.share:.0f} % would be printed so"
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain types, ready for JSON."""
        return dict(plain(asdict(self)))


_NAN = math.nan
_NO_RESULT = Consistency(UNDEFINED, _NAN, _NAN, False, False, "bounds", _NAN, _NAN, _NAN, "")


def consistent(
    function: Callable[..., Any],
    inputs: Sequence[Any],
    output: Any,
    *,
    vectorised: bool | None = None,
) -> Consistency:
    """Tell whether a printed number can be a function of other printed numbers.

    Parameters
    ----------
    function : callable
        One argument an input; NaN, an arithmetic error or a ValueError says that there is no value.
    inputs : sequence of Printed, range or float
        The numbers, in the order of the function's arguments; a float is exact.
    output : Printed, range or float
        What was printed for the result.
    vectorised : bool, optional
        Whether the function takes arrays; tried out unless given.

    Returns
    -------
    Consistency
        The verdict under the first rounding that makes it possible; under the numbers' own where
        none does.

    Raises
    ------
    InputError
        If something is neither a printed number, nor a range, nor a number.

    Examples
    --------
    >>> r_to_d = lambda r: 2 * r / (1 - r**2) ** 0.5
    >>> found = consistent(r_to_d, [Printed(".28")], Printed(".57"))
    >>> print(found)
    only in a corner: the numbers give [0.57206, 0.59466), of which 13 % would be printed so
    >>> round(found.filled, 2)
    0.29
    >>> print(consistent(lambda n1, n2: n1 + n2, [Printed("12"), Printed("30")], Printed("41")))
    compatible: the numbers give [41, 43)
    >>> print(consistent(lambda n1, n2: n1 + n2, [12, 30], 41))
    impossible: the numbers give [42, 42]
    """
    first = None
    images: dict[bool, ComputedRange | None] = {}
    for rounding, truncated, given, result in readings(inputs, output):
        if truncated not in images:
            images[truncated] = _image(function, given, vectorised)
        image = images[truncated]
        if image is None:
            return _NO_RESULT
        found = judge_range(image, result, rounding, _part(function, given, image, result))
        if found.possible:
            return found
        first = first or found
    if first is None:
        raise InputError("`output` must be a printed number, a range or a number.")
    return first


def judge_range(
    image: Ends, output: Any, rounding: str = "", share: float | None = None
) -> Consistency:
    """Hold a computed range against a printed number.

    Parameters
    ----------
    image : range
        What was computed.
    output : Printed, range or float
        What was printed.
    rounding : str
        The rounding behind both, to be recorded where they can be true together.
    share : float, optional
        What part of the numbers behind the range gives the output; the part of the range itself
        unless given.

    Returns
    -------
    Consistency
        The verdict.

    Examples
    --------
    >>> print(judge_range(Printed(".28") * 2, Printed(".60")))
    impossible: the numbers give [0.55, 0.57), 2.5 units of the last digit away
    """
    wanted = as_range(output)
    both = common(image, wanted)
    filled = _fraction(both, wanted)
    share = _fraction(both, image) if share is None or both is None else share
    known = [part for part in (share, filled) if not math.isnan(part)]
    if both is None:
        verdict, rounding = IMPOSSIBLE, ""
    elif known and max(known) < CORNER:
        verdict = IN_A_CORNER
    else:
        verdict = COMPATIBLE
    gap = 0.0 if both else max(image.low - wanted.high, wanted.low - image.high, 0.0)
    unit = getattr(output, "unit", None)
    units = gap / float(unit) if unit else (0.0 if both else math.nan)
    return Consistency(
        verdict,
        image.low,
        image.high,
        image.low_closed,
        image.high_closed,
        getattr(image, "by", "bounds"),
        share,
        filled,
        units,
        rounding,
    )


def _fraction(part: Ends | None, whole: Ends) -> float:
    """Return the length of a part as a fraction of the whole; all of a point is all of it."""
    if part is None:
        return 0.0
    length = whole.high - whole.low
    if length == 0:
        return 1.0
    if math.isinf(length):
        return 1.0 if (part.low, part.high) == (whole.low, whole.high) else math.nan
    return min((part.high - part.low) / length, 1.0)


def readings(inputs: Sequence[Any], output: Any) -> Iterator[tuple[str, bool, Sequence[Any], Any]]:
    """Yield roundings, whether inputs are truncated, inputs and output, strict roundings first.

    A paper rounds all its numbers in one way or cuts off what follows; the output may also have
    been cut off from a longer result that was computed from the inputs as rounded.
    """
    own = next((x.rounding for x in (output, *inputs) if isinstance(x, Printed)), "")
    yield own, False, inputs, output
    if isinstance(output, Printed) and output.relation == "=":
        for word, rule in (("half-even", "half-even"), ("truncated", "truncate")):
            if rule != output.rounding:
                yield word, False, inputs, _reread(output, rule)
    printed = [x for x in (*inputs, output) if isinstance(x, Printed) and x.relation == "="]
    if any(isinstance(x, Printed) for x in inputs) and any(
        x.rounding != "truncate" for x in printed
    ):
        given = [_reread(x, "truncate") for x in inputs]
        yield "truncated throughout", True, given, _reread(output, "truncate")


def _reread(x: Any, rounding: str) -> Any:
    if isinstance(x, Printed) and x.relation == "=":
        return Printed(x.text, rounding, level=x.level)
    return x


def _image(
    function: Callable[..., Any], inputs: Sequence[Any], vectorised: bool | None
) -> ComputedRange | None:
    """Return the range of the function; None where it has no value at all."""
    for item in inputs:
        as_range(item)
    try:
        return printed_range(function, *inputs, vectorised=vectorised)
    except InputError:
        return None


def _part(
    function: Callable[..., Any], inputs: Sequence[Any], image: ComputedRange, output: Any
) -> float | None:
    """Return what part of the one inexact input gives the output; None where that is unknown."""
    ranges = [as_range(item) for item in inputs]
    moved = [i for i, x in enumerate(ranges) if x.high > x.low]
    if len(moved) != 1 or image.by != "bounds" or not image.high > image.low:
        return None
    i = moved[0]
    whole = ranges[i]
    if not all(map(math.isfinite, (whole.low, whole.high, image.low, image.high))):
        return None
    fixed = [x.low for x in ranges]

    def along(x: float) -> float:
        return value_at(function, [*fixed[:i], x, *fixed[i + 1 :]])

    with np.errstate(all="ignore"):
        part = part_within(along, whole, as_range(output))
    return None if part is None else part.width / whole.width
