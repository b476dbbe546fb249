"""Where an axis begins and ends, and the natural numbers written along it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from metarel._checks import Array

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_STEPS = (1.0, 2.0, 2.5, 5.0)
# Mantissas within a decade, from sparse to dense; all hold 1, so that "no effect" is marked.
_MANTISSAS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0))


def linear_ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most ``most`` multiples of 1, 2, 2.5 or 5 times a power of ten."""
    if not high > low:
        return [low]
    exponent = math.floor(math.log10((high - low) / most)) - 1
    for power in range(exponent, exponent + 4):
        for step in _STEPS:
            width = step * 10.0**power
            first, last = math.ceil(low / width - 1e-9), math.floor(high / width + 1e-9)
            if last - first + 1 <= most:
                return [float(f"{n * width:.12g}") for n in range(first, last + 1)]
    return [low]


def ratio_ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most ``most`` natural ratios between two positive limits, even on a log axis."""
    if high / low < 3:
        return linear_ticks(low, high, most)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    best: list[float] = []
    for mantissas in _MANTISSAS:
        ticks = [float(f"{m * 10.0**d:.12g}") for d in decades for m in mantissas]
        ticks = [t for t in ticks if low * (1 - 1e-9) <= t <= high * (1 + 1e-9)]
        if len(ticks) > most:
            break
        best = ticks
    if best:
        return best
    every = math.ceil(len(decades) / most)
    return [10.0**d for d in decades if d % every == 0 and low <= 10.0**d <= high]


def tick_labels(ticks: Sequence[float], *, ratio: bool = False) -> list[str]:
    """Write ticks with as many decimals as they need: common to all, or each its own on a ratio."""
    own = [f"{tick:.12f}".rstrip("0").rstrip(".") for tick in ticks]
    if ratio and len(ticks) > 1 and max(ticks) / min(ticks) >= 3:
        texts = [
            text if 1e-4 <= tick < 1e6 else _power(tick)
            for tick, text in zip(ticks, own, strict=True)
        ]
    else:
        decimals = max((len(t.partition(".")[2]) for t in own), default=0)
        texts = [f"{tick:.{decimals}f}" for tick in ticks]
    return [text.replace("-", "−") for text in texts]


def _power(tick: float) -> str:
    """Write a number as a power of ten, with its mantissa where that is not 1."""
    mantissa, _, exponent = f"{tick:e}".partition("e")
    digits = str(int(exponent)).translate(_SUPERSCRIPTS)
    factor = "" if float(mantissa) == 1 else f"{float(mantissa):g}·"
    return f"{factor}10{digits}"


def axis_limits(
    estimates: Array,
    intervals: Array,
    more: Array,
    reference: float | None,
    *,
    always: bool = False,
) -> tuple[float, float]:
    """Return limits that show every estimate, and intervals unless a few would dwarf the rest.

    Parameters
    ----------
    estimates : ndarray
        Values that must be seen; NaN is passed over.
    intervals, more : ndarray of shape (any, 2)
        Intervals of studies, and others. One is cut where it runs beyond all estimates by more
        than three times the median half-width of the studies' intervals.
    reference : float or None
        Included while it leaves no more than half of the axis empty, or ``always``.
    always : bool
        See ``reference``.

    Returns
    -------
    tuple of float
        Both ends; all values are on a scale of equal steps.
    """
    seen = estimates[np.isfinite(estimates)]
    if always and reference is not None:
        seen = np.append(seen, reference)
    reach = 3 * float(np.median(intervals[:, 1] - intervals[:, 0])) / 2
    ends = np.concatenate([intervals, more])
    start = max(float(np.nanmin(ends[:, 0])), float(seen.min()) - reach)
    end = min(float(np.nanmax(ends[:, 1])), float(seen.max()) + reach)
    start, end = min(start, float(seen.min())), max(end, float(seen.max()))
    if reference is not None and start - (end - start) <= reference <= end + (end - start):
        start, end = min(start, reference), max(end, reference)
    return (start, end) if end > start else (start - 1.0, end + 1.0)
