"""What a conversion does to a distribution of true effects: the mean and the mode of the result.

True effects are normal on the scale they are pooled on, N(value, tau2). Converting their mean gives
the median of the converted effects, not their mean: tanh of a mean z is not the mean correlation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_choice, check_domain
from metarel._vocabulary import NOT_NEGATIVE
from metarel.convert._edge import Edge
from metarel.convert._walk import evaluate, needs_of, refuse_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array
    from metarel.convert._edge import Given

KINDS = ("mean", "mode")
CLOSED = "closed form"
QUADRATURE = "Gauss–Legendre quadrature, refined until two rules agree to 1e-13"
HIGHEST = "highest stationary point of the density, from a grid over all of it"

#: Points of one panel; panels are halved from FEWEST until two results agree, up to MOST.
POINTS, FEWEST, MOST = 20, 4, 256
#: What two rules must agree to, and what is accepted where halving the panels helps no more.
AGREE, ACCEPT = 1e-13, 1e-11
#: What the mean size of the results must agree to.
SETTLED = 1e-3
#: Standard deviations on both sides of the mean, widened until what lies beyond is nothing.
REACHES = (9.0, 14.0, 21.0, 32.0)
GRID = 4001
#: Differences of the 9-point rule for a first derivative, at steps 1 to 4.
_STENCIL = (4 / 5, -1 / 5, 4 / 105, -1 / 280)
ROWS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Way:
    """A conversion of rows of true effects, each with its own mean and variance.

    Parameters
    ----------
    steps : tuple of Edge
        The way.
    needs : tuple of dict
        Each step's needs, vectors of length k.
    value, tau2 : ndarray of shape (k,)
        Mean and variance of the true effects.
    """

    steps: tuple[Edge, ...]
    needs: tuple[dict[str, Array], ...]
    value: Array
    tau2: Array

    @property
    def tau(self) -> Array:
        """Return the standard deviation of the true effects."""
        return np.sqrt(self.tau2)

    def rows(self, chosen: NDArray[Any]) -> Way:
        """Return some of the rows."""
        needs = tuple({w: v[chosen] for w, v in need.items()} for need in self.needs)
        return Way(self.steps, needs, self.value[chosen], self.tau2[chosen])

    def at(self, x: Array) -> tuple[Array, Array]:
        """Return converted values and slopes at several points a row, x of shape (k, m)."""
        needs = [{w: v[:, None] for w, v in need.items()} for need in self.needs]
        return evaluate(self.steps, x, needs)

    def limits(self) -> tuple[float, float]:
        """Return the ends of what true effects can be."""
        support = self.steps[0].support or self.steps[0].values
        return support.low, support.high


def averaged(
    steps: Sequence[Edge], value: Array, tau2: Array, given: Given, kind: str | None
) -> tuple[Array, str]:
    """Return the mean or the mode of converted true effects.

    Parameters
    ----------
    steps : sequence of Edge
        The way.
    value, tau2 : ndarray of shape (k,)
        Mean and variance of the true effects on the first step's source.
    given : mapping
        What is known besides: float vectors by name.
    kind : {"mean", "mode"} or None
        Which; the mean where None.

    Returns
    -------
    tuple of (ndarray, str)
        The averages on the last step's target, and how they were found. Where the scale is bounded
        (an arcsine, a square root, a correlation), the normal distribution is cut there, and what
        is left of it is made whole, as metafor does.

    Raises
    ------
    InputError
        If ``average`` is neither, ``tau2`` negative, the mean not to be had to 1e-11, or there is
        no single mode.
    """
    kind = check_choice("average", "mean" if kind is None else kind, KINDS)
    check_domain(tau2, NOT_NEGATIVE, "tau2")
    if not steps:
        return value, CLOSED
    needs = tuple(needs_of(edge, given, len(value)) for edge in steps)
    way = Way(tuple(steps), needs, value, tau2)
    result = np.full(len(value), np.nan)
    known: NDArray[np.bool_] = np.isfinite(value) & np.isfinite(tau2)
    for need in needs:
        for numbers in need.values():
            known &= np.isfinite(numbers)
    point = known & (tau2 == 0)
    if point.any():
        some = way.rows(point)
        result[point] = some.at(some.value[:, None])[0][:, 0]
    spread = np.flatnonzero(known & (tau2 > 0))
    closed = steps[0].averages.get(kind) if len(steps) == 1 else None
    if closed is not None:
        with np.errstate(all="ignore"):
            result[spread] = closed(value, tau2, needs[0])[spread]
        how = steps[0].averages_by
    else:
        find, how = (_mean, QUADRATURE) if kind == "mean" else (_mode, HIGHEST)
        for start in range(0, len(spread), ROWS_AT_ONCE):
            chosen = spread[start : start + ROWS_AT_ONCE]
            result[chosen] = find(way.rows(chosen))
    refuse_rows(known & ~np.isfinite(result), *_REFUSED[kind])
    return result, how


_REFUSED = {
    "mean": (
        "`tau2` must be small enough for the mean to exist and to be had to 1e-11",
        "; without `tau2` the median is converted",
    ),
    "mode": (
        "`tau2` must be small enough for the density of the converted effects to have a single "
        "highest point inside the scale",
        "; average='mean' needs none",
    ),
}


def _mean(way: Way) -> Array:
    """Return the mean of each row; NaN where no rule gets it exactly enough."""
    result = np.full(len(way.value), np.nan)
    open_rows: NDArray[Any] = np.arange(len(way.value))
    for reach in REACHES:
        panels = FEWEST
        before: tuple[Array, Array] | None = None
        rows, wide = open_rows, []
        while rows.size and panels <= MOST:
            now, scale, cut = _integral(way.rows(rows), reach, panels)
            if before is not None:
                allowed = (ACCEPT if panels == MOST else AGREE) * scale
                # Both sides of a pole may cancel; what they add up to in size does not settle.
                settled = np.abs(scale - before[1]) <= SETTLED * scale
                done = settled & (np.abs(now - before[0]) <= allowed)
                result[rows[done & ~cut]] = now[done & ~cut]
                wide.append(rows[done & cut])
                rows, now, scale = rows[~done], now[~done], scale[~done]
            before, panels = (now, scale), 2 * panels
        open_rows = np.concatenate(wide) if wide else open_rows[:0]
    return result


def _integral(way: Way, reach: float, panels: int) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Integrate over so many panels on each side of 0, where a lost sign makes a kink.

    Returns the mean, the size of what was added up, and whether the reach was too short.
    """
    low, high = way.limits()
    start = np.maximum(low, way.value - reach * way.tau)
    stop = np.minimum(high, way.value + reach * way.tau)
    stop = np.where(stop > start, stop, np.nan)
    middle = np.clip(0.0, start, stop)
    below, above = _nodes(start, middle, panels), _nodes(middle, stop, panels)
    x, w = (np.concatenate(both, axis=1) for both in zip(below, above, strict=True))
    u = (x - way.value[:, None]) / way.tau[:, None]
    w = w * np.exp(-(u**2) / 2)
    y, _ = way.at(x)
    with np.errstate(all="ignore"):
        lost = ~np.isfinite(y)
        y = np.where(lost, 0.0, y)
        mass = w.sum(axis=1)
        total = (w * y).sum(axis=1)
        scale = (w * np.abs(y)).sum(axis=1)
        # What cannot be converted may be left out only where it weighs nothing.
        heavy = (w * lost).sum(axis=1) * np.abs(y).max(axis=1, initial=0.0)
        mean = np.where(heavy <= AGREE * scale, total / mass, np.nan)
        free = np.stack([start > low, stop < high], axis=1)
        ends = np.abs(w * y)[:, [0, -1]]
        cut = (free & (ends > 1e-17 * scale[:, None])).any(axis=1)
    return mean, scale / mass, cut


@lru_cache(maxsize=1)
def _panel() -> tuple[Array, Array]:
    """Return points and weights between -1 and 1, computed when first used."""
    return np.polynomial.legendre.leggauss(POINTS)


def _nodes(start: Array, stop: Array, panels: int) -> tuple[Array, Array]:
    """Return the points and weights of panels of equal width between two ends, row by row."""
    points, weights = _panel()
    half = (stop - start)[:, None] / (2 * panels)
    centres = start[:, None] + half * (2 * np.arange(panels) + 1)
    x = centres[:, :, None] + half[:, :, None] * points
    w = np.broadcast_to(half[:, :, None] * weights, x.shape)
    return x.reshape(len(start), -1), w.reshape(len(start), -1)


def _log_slope(way: Way, x: Array) -> Array:
    """Return the log of the slope's size at the points; NaN where there is none."""
    return _log_size(way.at(x)[1])


def _log_size(slope: Array) -> Array:
    with np.errstate(all="ignore"):
        logs = np.log(np.abs(slope))
    return np.where(np.isfinite(logs), logs, np.nan)


def _mode(way: Way) -> Array:
    """Return the mode of each row; NaN where there is none inside, or there are two as high."""
    result = np.full(len(way.value), np.nan)
    open_rows: NDArray[Any] = np.arange(len(way.value))
    for stretch in (1.0, 3.0, 9.0):
        if not open_rows.size:
            break
        some = way.rows(open_rows)
        peak, step, beyond = _highest(some, stretch)
        found = np.isfinite(peak)
        x = _stationary(some.rows(found), peak[found], step[found])
        result[open_rows[found]] = some.rows(found).at(x[:, None])[0][:, 0]
        open_rows = open_rows[beyond]
    return result


def _highest(way: Way, stretch: float) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Look for the highest point inside over a grid.

    Returns where it is (NaN where there is none, or two are as high), the grid's step, and whether
    the density still rises at an end beyond which there is more.
    """
    low, high = way.limits()
    # Where the log of the slope changes by c a unit, a stationary point is within c·tau2.
    reach = stretch * np.maximum(10 * way.tau, 3 * way.tau2)
    start, stop = np.maximum(low, way.value - reach), np.minimum(high, way.value + reach)
    x = start[:, None] + (stop - start)[:, None] * np.linspace(0, 1, GRID)
    _, slopes = way.at(x)
    u = (x - way.value[:, None]) / way.tau[:, None]
    # The log density of the converted effect, up to a constant.
    heights = -(u**2) / 2 - _log_size(slopes)
    heights[~np.isfinite(heights)] = -np.inf
    rows = np.arange(len(x))
    before, middle, after = heights[:, :-2], heights[:, 1:-1], heights[:, 2:]
    # A point beside one without a height is where the density leaves for infinity: no top.
    tops = (middle >= before) & (middle > after) & np.isfinite(before) & np.isfinite(after)
    inner = np.where(tops, middle, -np.inf)
    best = inner.argmax(axis=1)
    top = inner[rows, best]
    with np.errstate(invalid="ignore"):
        others = tops & (inner > top[:, None] - 1e-9)
    others[rows, best] = False
    twice = (others & (np.abs(np.arange(GRID - 2) - best[:, None]) > 2)).any(axis=1)
    free = np.stack([start > low, stop < high], axis=1)
    beyond = (free & (heights[:, [0, -1]] >= top[:, None])).any(axis=1)
    signs = np.sign(np.where(np.isfinite(slopes), slopes, 0.0))
    turns = (signs.max(axis=1) > 0) & (signs.min(axis=1) < 0)
    good = np.isfinite(top) & ~twice & ~beyond & ~turns
    peak = np.where(good, x[rows, best + 1], np.nan)
    return peak, (stop - start) / (GRID - 1), beyond & ~turns


def _stationary(way: Way, peak: Array, step: Array) -> Array:
    """Return the point near each peak at which the log density is flat, by bisection."""
    low, high = way.limits()
    room = np.minimum(peak - low, high - peak) - step
    width = np.minimum(0.01, room / 40)[:, None]

    def tilt(x: Array) -> Array:
        apart = width * np.arange(1, 5)
        x = x[:, None]
        differences = _log_slope(way, x + apart) - _log_slope(way, x - apart)
        return (way.value - x[:, 0]) / way.tau2 - differences @ np.array(_STENCIL) / width[:, 0]

    left, right = peak - step, peak + step
    for _ in range(60):
        centre = (left + right) / 2
        rising = tilt(centre) > 0
        left, right = np.where(rising, centre, left), np.where(rising, right, centre)
    return (left + right) / 2
