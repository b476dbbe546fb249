"""The range of any function of printed numbers: by its bounds where they are known, else by search.

A function that rises or falls along each number, whichever way at each place of the others, takes
its extremes where every number is at an end of its interval. Whether it does is looked at on a
grid that holds all corners and places inside. Where it does not, places are drawn all over, and
the best of them are moved until nothing better is near.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._printed_arithmetic import By, ComputedRange, as_range
from metarel.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array

#: Places along each number, from 0 to 1 of its interval, by how many numbers have one. Those inside
#: lie off the middle, where a symmetric function would hide that it turns round.
_INSIDE = (0.41, 0.83, 0.13, 0.62, 0.27, 0.94, 0.06)
_LEVELS = {1: 9, 2: 5, 3: 4, 4: 3, 5: 3}
#: The range of more numbers than this is searched for; of so many all corners are looked at.
_MOST, _CORNERS = max(_LEVELS), 10
#: Steps along an interval without end, in powers of ten of 1 + its finite end; infinity follows.
_OUTWARD = (-1.0, 0.0, 1.0, 3.0, 6.0, 100.0, 150.0)
#: A function that grows by more between the last two of them has no bound.
_GROWS = 1.001
#: Places drawn, places kept on each side, rounds in which these are moved, and the first reach.
_DRAWN, _KEPT, _ROUNDS, _REACH = 396, 6, 40, 0.12
#: Steps towards a corner without a value: where they rise by no less each time, there is a pole.
_TOWARDS = (1e-3, 1e-6, 1e-9)
#: Values found so many times the usual ones stand for no bound at all.
_ENDLESS = 1e7
#: Values that differ by less, relative to themselves, are equal but for rounding.
_FLAT = 1e-13
#: A place nearer than this to an open end, as a share of the interval, may stand for that end.
_EDGE = 1e-6


def printed_range(
    function: Callable[..., Any], *inputs: Any, vectorised: bool | None = None
) -> ComputedRange:
    """Return the range of a function of printed numbers.

    Parameters
    ----------
    function : callable
        Takes one number an input and returns a number; NaN, an arithmetic error or a ValueError
        says that there is none.
    *inputs : Printed, range or float
        The numbers, in the order of the function's arguments; a float is exact.
    vectorised : bool, optional
        Whether the function takes arrays; tried out unless given.

    Returns
    -------
    ComputedRange
        ``by`` says whether the ends are bounds or the furthest values found; ``undefined`` whether
        some of the numbers printed so have no value.

    Raises
    ------
    InputError
        If an input is no number, or the function has no value anywhere.

    Notes
    -----
    By bounds, the range is exact where the function is monotone in each number between the places
    looked at. By search, the function takes the values given as ends, so the range is never wider
    than the true one; all corners of up to ten numbers are among the places tried. The range is
    infinite where the function grows without bound along an interval without end, towards a corner
    where it is not defined, or about a place inside. Where it is not defined beyond such a place,
    the furthest value found stands: cut the interval to what the number can be (``within``).

    Examples
    --------
    >>> from metarel.printed import Printed
    >>> share = printed_range(lambda a, b: a / (a + b), Printed("12"), Printed("30"))
    >>> print(share, share.by)
    (0.27381, 0.29762) bounds
    >>> bump = printed_range(lambda p: p * (1 - p), Printed(".5"))
    >>> print(bump, bump.by)
    [0.2475, 0.25] search
    """
    box = _Box.of(function, inputs, vectorised)
    return box.point() if not box.moved else box.range()


@dataclass(frozen=True, slots=True)
class _Box:
    """A function over the intervals of its arguments.

    Parameters
    ----------
    ranges : tuple of ComputedRange
        The intervals.
    moved : tuple of int
        Those that have a length.
    values : callable
        ``values(x)``: the function at each row of an array (rows, arguments); NaN where it has no
        value.
    """

    ranges: tuple[ComputedRange, ...]
    moved: tuple[int, ...]
    values: Callable[[Array], Array]

    @classmethod
    def of(cls, function: Callable[..., Any], inputs: Sequence[Any], arrays: bool | None) -> _Box:
        """Look at the inputs, and at whether the function takes arrays."""
        if not inputs:
            raise InputError("`inputs` must hold at least one number.")
        ranges = tuple(as_range(item) for item in inputs)
        moved = tuple(i for i, x in enumerate(ranges) if x.high > x.low)
        if arrays is None:
            arrays = bool(moved) and _takes_arrays(function, ranges)
        return cls(ranges, moved, _by_arrays(function) if arrays else _by_rows(function))

    def point(self) -> ComputedRange:
        """Return the value where every input is exact."""
        value = float(self.values(np.array([[x.low for x in self.ranges]]))[0])
        if math.isnan(value):
            raise InputError(_nowhere(self.ranges))
        return ComputedRange(value, value, True, True)

    def range(self) -> ComputedRange:
        """Return the range by bounds where the grid says so, else by search."""
        count = len(self.moved)
        if count > _MOST:
            corners = _grid(count, 2) if count <= _CORNERS else np.empty((0, count))
            return self.search(np.vstack([corners, _drawn(count)]))
        places = _grid(count, _LEVELS[count])
        found = self.at(places)
        if _is_monotone(found.reshape((_LEVELS[count],) * count)):
            return self.ends(places, found)
        return self.search(np.vstack([places, _drawn(count)]))

    def at(self, places: Array) -> Array:
        """Return the function at places given as shares of the way along each interval."""
        x = self.arguments(places)
        found = self.values(x)
        lost = np.isnan(found) & (np.isinf(x) | (x == 0)).any(axis=1)
        if lost.any():  # at infinity and at zero there may be a limit where there is no value
            near, far = (self.values(self.nearly(x[lost], 10.0**e)) for e in _OUTWARD[-2:])
            found[lost] = np.where(
                np.abs(far) > _GROWS * np.abs(near), np.copysign(np.inf, far), far
            )
        return found

    def nearly(self, x: Array, far: float) -> Array:
        """Return arguments off infinity, and off zero where an interval ends there."""
        x = np.clip(x, -far, far)
        for i in self.moved:
            side = {self.ranges[i].low: 1, self.ranges[i].high: -1}.get(0.0, 0)
            x[:, i] = np.where(x[:, i] == 0, side / far, x[:, i])
        return x

    def arguments(self, places: Array) -> Array:
        """Return the function's arguments at places."""
        x = np.empty((len(places), len(self.ranges)))
        x[:] = [interval.low for interval in self.ranges]
        for column, i in enumerate(self.moved):
            x[:, i] = along(self.ranges[i], places[:, column])
        return x

    def ends(
        self, places: Array, found: Array, by: By = "bounds", undefined: bool = False
    ) -> ComputedRange:
        """Return the range of values found, with the ends that a place inside reaches."""
        if np.isnan(found).all():
            raise InputError(_nowhere(self.ranges))
        inside = np.ones(len(places), dtype=bool)
        for column, i in enumerate(self.moved):
            inside &= self.ranges[i].low_closed | (places[:, column] > _EDGE)
            inside &= self.ranges[i].high_closed | (places[:, column] < 1 - _EDGE)
        ends = [float(np.nanmin(found)), float(np.nanmax(found))]
        closed = [bool(inside[_equal(found, np.array(end))].any()) for end in ends]
        if by == "search":
            usual = float(np.nanmedian(np.abs(found))) + 1e-300
            ends = [math.copysign(math.inf, e) if abs(e) > _ENDLESS * usual else e for e in ends]
        low_closed, high_closed = (
            c and math.isfinite(e) for c, e in zip(closed, ends, strict=True)
        )
        return ComputedRange(ends[0], ends[1], low_closed, high_closed, by, undefined)

    def search(self, places: Array) -> ComputedRange:
        """Return the range between the furthest values that a search from many places finds."""
        found = self.at(places)
        if np.isnan(found).all():
            raise InputError(_nowhere(self.ranges))
        undefined = bool(np.isnan(found).any())
        found = self.with_poles(places, found) if undefined else found
        sides = np.repeat([-1.0, 1.0], _KEPT)
        starts = [_best(side * found, k) for side in (-1.0, 1.0) for k in range(_KEPT)]
        here, best = places[starts], sides * found[starts]
        reach = np.full(len(sides), _REACH)
        for moves in _moves(len(self.moved)):
            there = np.clip(here[:, None] + reach[:, None, None] * moves, 0, 1)
            value = sides[:, None] * self.at(there.reshape(-1, there.shape[-1])).reshape(
                there.shape[:2]
            )
            pick = np.argmax(np.where(np.isnan(value), -np.inf, value), axis=1)
            rows = np.arange(len(sides))
            better = (value[rows, pick] > best) | (np.isnan(best) & ~np.isnan(value[rows, pick]))
            here = np.where(better[:, None], there[rows, pick], here)
            best = np.where(better, value[rows, pick], best)
            reach *= np.where(better, 1.3, 0.5)
        found = np.append(found, sides * best)
        return self.ends(np.vstack([places, here]), found, "search", undefined)

    def with_poles(self, places: Array, found: Array) -> Array:
        """Put infinity at corners without a value towards which the function grows endlessly."""
        corners = np.flatnonzero(np.isnan(found) & ((places == 0) | (places == 1)).all(axis=1))
        there = places[corners]
        far, near, nearest = (self.at(there + (0.5 - there) * step) for step in _TOWARDS)
        with np.errstate(invalid="ignore"):
            last = np.abs(nearest - near)
            endless = (last > np.abs(near - far) / 2) & (last > 1e-9 * np.abs(nearest))
        found = found.copy()
        found[corners] = np.where(endless, np.copysign(np.inf, nearest - near), np.nan)
        return found


def _best(values: Array, chunk: int) -> int:
    """Return where the highest value stands among every few of the places; any where none is."""
    part = np.where(np.isnan(values[chunk::_KEPT]), -np.inf, values[chunk::_KEPT])
    return chunk + _KEPT * int(np.argmax(part))


def _nowhere(ranges: Sequence[ComputedRange]) -> str:
    where = ", ".join(map(str, ranges))
    return f"`function` must have a value somewhere over its `inputs`; over {where} it has none."


def _takes_arrays(function: Callable[..., Any], ranges: Sequence[ComputedRange]) -> bool:
    """Try whether a function gives for arrays what it gives for each of their numbers."""
    places = np.array([0.41, 0.83])
    columns = [along(interval, places) for interval in ranges]
    try:
        with np.errstate(all="ignore"):
            together = np.asarray(function(*columns), dtype=float)
    except (TypeError, ValueError, ArithmeticError):
        return False
    alone = _by_rows(function)(np.column_stack(columns))
    if together.shape != alone.shape:
        return False
    return bool((_equal(together, alone, 1e-9) | (np.isnan(together) & np.isnan(alone))).all())


def _by_arrays(function: Callable[..., Any]) -> Callable[[Array], Array]:
    """Return a function of arrays as one of the rows of a table."""
    rows = _by_rows(function)

    def values(x: Array) -> Array:
        try:
            with np.errstate(all="ignore"):
                return np.array(function(*x.T), dtype=float)
        except (ValueError, ArithmeticError):  # a function that refuses all rows where one is bad
            return rows(x)

    return values


def _by_rows(function: Callable[..., Any]) -> Callable[[Array], Array]:
    """Return a function of numbers as one of the rows of a table; NaN where it has no value."""

    def values(x: Array) -> Array:
        with np.errstate(all="ignore"):
            return np.array([value_at(function, row) for row in x.tolist()], dtype=float)

    return values


def value_at(function: Callable[..., Any], row: Sequence[float]) -> float:
    """Return a function of numbers; NaN where it has no value, or none that is real."""
    try:
        result = function(*row)
        return math.nan if isinstance(result, complex) else float(result)
    except (ValueError, ArithmeticError):
        return math.nan


def along(interval: ComputedRange, share: Array) -> Array:
    """Return the numbers at some shares of the way along an interval, with or without ends."""
    low, high = interval.low, interval.high
    if math.isfinite(low) and math.isfinite(high):
        return np.where(share < 1, low + share * (high - low), high)
    if math.isinf(low) and math.isinf(high):
        return np.sign(share - 0.5) * _outward(np.abs(2 * share - 1))
    if math.isinf(high):
        return low + (1 + abs(low)) * _outward(share)
    return high - (1 + abs(high)) * _outward(1 - share)


def _outward(share: Array) -> Array:
    """Return how far out of an interval without end a share of it lies."""
    knots = np.arange(1, len(_OUTWARD) + 1) / (len(_OUTWARD) + 1)
    far = 10 ** np.interp(share, knots, _OUTWARD)
    near = 10 ** _OUTWARD[0] * share / knots[0]
    return np.where(share >= 1, np.inf, np.where(share < knots[0], near, far))


def _equal(a: Array, b: Array, slack: float = _FLAT) -> NDArray[np.bool_]:
    """Tell which numbers are equal but for rounding; infinite ones if they are the same."""
    with np.errstate(invalid="ignore"):
        return (a == b) | (np.isfinite(b) & (np.abs(a - b) <= slack * np.abs(b)))


def _is_monotone(lattice: Array) -> bool:
    """Tell whether values on a grid only rise or only fall along each of its lines."""
    if np.isnan(lattice).any():
        return False
    for axis in range(lattice.ndim):
        lines = np.moveaxis(lattice, axis, 0)
        before, after = lines[:-1], lines[1:]
        same = _equal(before, after)
        rises, falls = (same | (after > before)).all(axis=0), (same | (after < before)).all(axis=0)
        if not (rises | falls).all():
            return False
    return True


@lru_cache(maxsize=32)
def _grid(count: int, levels: int) -> Array:
    """Return all places whose every share is 0, 1 or one of a few between, in order."""
    shares = np.sort([0.0, 1.0, *_INSIDE[: levels - 2]])
    return np.stack(np.meshgrid(*[shares] * count, indexing="ij"), axis=-1).reshape(-1, count)


@lru_cache(maxsize=32)
def _drawn(count: int) -> Array:
    """Return places spread evenly over all numbers' intervals, and some corners.

    The steps of an additive sequence are the powers of the root of x^(count + 1) = x + 1.
    """
    root = 2.0
    for _ in range(60):
        root = (1 + root) ** (1 / (count + 1))
    steps = root ** -np.arange(1.0, count + 1)
    places = (0.5 + np.arange(1, _DRAWN + 1)[:, None] * steps) % 1
    return np.vstack([places, places[:64].round(), np.zeros((1, count)), np.ones((1, count))])


@lru_cache(maxsize=32)
def _moves(count: int) -> NDArray[np.float64]:
    """Return the moves of each round: along each number, and in a few directions between."""
    rng = np.random.default_rng(1)
    axes = np.vstack([np.eye(count), -np.eye(count)])
    between = rng.standard_normal((_ROUNDS, 4 if count > 1 else 0, count))
    return np.concatenate([np.broadcast_to(axes, (_ROUNDS, *axes.shape)), between], axis=1)
