"""Intervals of printed numbers, and what a formula makes of a box of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._printed_arithmetic import ComputedRange
from metarel._printed_interval import decimal_interval
from metarel._printed_range import printed_range
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.printed import Printed

#: Points of the sequence that fills a box evenly.
POINTS = 512
#: Room for the last bits of floating-point numbers, relative.
SLACK = 1e-9
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19)


@dataclass(frozen=True, slots=True)
class Span:
    """A closed interval; its ends may be infinite.

    Parameters
    ----------
    low, high : float
        The ends.
    """

    low: float
    high: float

    @property
    def width(self) -> float:
        """The length of the interval."""
        return self.high - self.low

    def clipped(self, low: float, high: float) -> Span | None:
        """Return the part between two numbers; None where there is none."""
        low, high = max(self.low, low), min(self.high, high)
        return Span(low, high) if low <= high else None

    def absolute(self) -> Span:
        """Return the sizes of its numbers."""
        if self.low <= 0 <= self.high:
            return Span(0.0, max(-self.low, self.high))
        ends = sorted((abs(self.low), abs(self.high)))
        return Span(ends[0], ends[1])

    def gap(self, other: Span) -> float:
        """Return how far two intervals lie apart; 0 where they touch or overlap."""
        return max(other.low - self.high, self.low - other.high, 0.0)

    def touches(self, other: Span) -> bool:
        """Tell whether two intervals share a number, up to the last bits of their ends."""
        ends = [abs(x) for x in (self.low, self.high, other.low, other.high) if math.isfinite(x)]
        return self.gap(other) <= SLACK * max([*ends, 1e-300])


def strict_span(printed: Printed) -> Span:
    """Return the numbers that are printed so by rounding to the nearest, ties either way."""
    return Span(printed.low, printed.high)


def loose_span(printed: Printed) -> Span:
    """Return the numbers that are printed so by any rule: nearest, cut off, up or down."""
    if printed.relation != "=" or printed.value is None:
        return strict_span(printed)
    low, high, _, _ = decimal_interval(str(printed.value), "any")
    return Span(low, high)


@dataclass(frozen=True, slots=True)
class Image:
    """What a formula makes of a box.

    Parameters
    ----------
    span : Span
        All its values.
    sample : ndarray
        Its values at points that fill the box evenly, sorted; empty where they were not asked for.
    """

    span: Span
    sample: Array

    def share(self, target: Span) -> float:
        """Return the share of the box that is taken into an interval."""
        if not self.sample.size:
            return math.nan
        low, high = np.searchsorted(self.sample, [target.low, target.high], side="left")
        return float(high - low) / self.sample.size

    def best_share(self, width: float) -> float:
        """Return the greatest share that any interval of a width holds."""
        if not self.sample.size:
            return math.nan
        ends = np.searchsorted(self.sample, self.sample + width, side="left")
        return float(np.max(ends - np.arange(self.sample.size))) / self.sample.size


def image(
    formula: Callable[[Mapping[str, Array]], Any], box: Mapping[str, Span], *, sample: bool = False
) -> Image | None:
    """Return what a formula of figures by name makes of a box; None where it has no value in it."""
    names = list(box)

    def values(*columns: Any) -> Any:
        with np.errstate(all="ignore"):
            return formula(dict(zip(names, columns, strict=True)))

    inputs = [ComputedRange(span.low, span.high, True, True) for span in box.values()]
    if not inputs:
        return None
    try:
        with np.errstate(all="ignore"):
            found = printed_range(values, *inputs, vectorised=True)
    except InputError:
        return None
    inner = _inner(values, list(box.values())) if sample else np.array([])
    return Image(Span(found.low, found.high), inner)


def _inner(values: Callable[..., Any], spans: list[Span]) -> Array:
    """Return the values at points that fill a box evenly, sorted."""
    moving = [i for i, span in enumerate(spans) if span.width > 0]
    if not moving or not all(math.isfinite(span.width) for span in spans):
        return np.array([])
    points = _even(len(moving))
    columns = [np.full(POINTS, span.low) for span in spans]
    for column, i in enumerate(moving):
        columns[i] = spans[i].low + spans[i].width * points[:, column]
    result = np.broadcast_to(np.asarray(values(*columns), dtype=float), (POINTS,))
    return np.sort(result[np.isfinite(result)])


def _even(dimensions: int) -> Array:
    """Return points of the Halton sequence, shape (POINTS, dimensions)."""
    if dimensions not in _SEQUENCES:
        columns = [_radical_inverse(_PRIMES[i % len(_PRIMES)]) for i in range(dimensions)]
        _SEQUENCES[dimensions] = np.stack(columns, axis=1)
    return _SEQUENCES[dimensions]


_SEQUENCES: dict[int, Array] = {}


def _radical_inverse(base: int) -> Array:
    index, inverse, step = np.arange(1, POINTS + 1), np.zeros(POINTS), 1 / base
    while index.any():
        inverse += step * (index % base)
        index, step = index // base, step / base
    return inverse
