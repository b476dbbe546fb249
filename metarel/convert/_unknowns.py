"""Numbers that a rule needs and nobody gave: for which of them two printed numbers agree."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from metarel._printed_interval import contains
from metarel._printed_range import along
from metarel._register import Register

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array
    from metarel._printed_arithmetic import ComputedRange
    from metarel._printed_interval import Ends
    from metarel.convert._edge import Given
    from metarel.convert._ways import Way

    #: Stretches of an unknown, each from its first to its last value.
    Stretches: TypeAlias = tuple[tuple[float, float], ...]

#: Every whole size up to the first is tried, then sizes ever further apart up to the second.
_EVERY, _LARGEST = 500, 10_000_000
#: Places along the interval of a printed number whose images stand for all of its images.
_PLACES = np.array([0.0, 0.37, 0.5, 0.71, 1.0])
#: Besides, places next to a low end of 0, which show whether the images grow without bound there,
#: as those of a p-value do.
_NEXT_TO_ZERO = np.array([1e-300, 1e-100, 1e-10, 0.001, 0.1])
_GROWS = 1.001
#: How near the ends of a stretch of shares are found.
_NEAR = 1e-7


@dataclass(frozen=True, slots=True)
class Unknown:
    """A number that can be solved for.

    Parameters
    ----------
    code : str
        Its name.
    words : frozenset of str
        The needs that follow from it.
    beside, blocked : frozenset of str
        What must be given for it to follow, and what must not for it to be free.
    values : ndarray
        The values tried, rising.
    fill : callable
        ``fill(values, given)``: the words that follow, as vectors.
    whole : bool
        Whether only whole numbers are meant.
    phrase : str
        What is supposed besides.
    """

    code: str
    words: frozenset[str]
    beside: frozenset[str]
    blocked: frozenset[str]
    values: Array
    fill: Callable[[Array, Given], dict[str, Array]]
    whole: bool
    phrase: str

    def supposed(self, given: Given) -> str:
        """Return what is supposed besides, as a phrase."""
        one = "n1" in given or "n2" in given
        return "one group of the size given" if self.whole and one else self.phrase


def _sizes(total: Array, given: Given) -> dict[str, Array]:
    """Split a total evenly, or around the one group whose size is given."""
    n1 = given.get("n1")
    n2 = given.get("n2")
    if n1 is None:
        n1 = total / 2 if n2 is None else total - n2
    return {"n1": n1 + 0 * total, "n2": total - n1}


_TOTALS = np.unique(np.append(np.arange(4.0, _EVERY), np.geomspace(_EVERY, _LARGEST, 300).round()))
_SHARES = np.arange(1, 200) / 200

UNKNOWNS: Register[Unknown] = Register(
    "unknown",
    [
        Unknown(
            "N",
            frozenset({"n1", "n2", "n", "df"}),
            frozenset(),
            frozenset({"n", "df"}),
            _TOTALS,
            _sizes,
            True,
            "two groups of the same size",
        ),
        Unknown(
            "share of group 1",
            frozenset({"n1", "n2"}),
            frozenset({"n"}),
            frozenset({"n1", "n2"}),
            _SHARES,
            lambda share, given: {"n1": share * given["n"], "n2": (1 - share) * given["n"]},
            False,
            "n people in two groups",
        ),
        *(
            Unknown(
                word,
                frozenset({word}),
                frozenset(),
                frozenset({word}),
                _SHARES,
                lambda share, _given, word=word: {word: share},  # type: ignore[misc]
                False,
                phrase,
            )
            for word, phrase in (
                ("base_rate", "the share of people in group 1"),
                ("control_rate", "the share of people with the event in group 2"),
            )
        ),
    ],
)


def unknown_of(way: Way, given: Given) -> Unknown | None:
    """Return the number that all missing needs of a way follow from; None where there is none."""
    missing = set(way.missing(given))
    for unknown in UNKNOWNS.values():
        free = unknown.beside <= set(given) and not unknown.blocked & set(given)
        if free and missing <= unknown.words:
            return unknown
    return None


@dataclass(frozen=True, slots=True)
class Solved:
    """For which values of an unknown two printed numbers agree.

    Parameters
    ----------
    at_value : tuple of (float, float)
        The stretches, the first number being exactly as printed; infinite where all larger ones do.
    anywhere : tuple of (float, float)
        The same with all numbers that are printed so.
    nearest : float
        Where nothing agrees: the value whose result comes nearest; else NaN.
    """

    at_value: Stretches
    anywhere: Stretches
    nearest: float


def solve(
    way: Way, unknown: Unknown, given: Given, start: tuple[float | None, ComputedRange], goal: Ends
) -> Solved:
    """Return the values of an unknown under which a way leads from one printed number to another.

    Parameters
    ----------
    way : Way
        The way.
    unknown : Unknown
        What all its missing needs follow from.
    given : mapping
        What is known.
    start : tuple of (float or None, ComputedRange)
        The first number exactly as printed, if it is not a bound, and all that is printed so.
    goal : range
        The second.

    Returns
    -------
    Solved
        The stretches.
    """
    value, whole = start
    zero = whole.low == 0
    places = along(whole, np.insert(_PLACES, 1, _NEXT_TO_ZERO) if zero else _PLACES)
    middle = float(along(whole, np.array([0.5]))[0])

    def images(x: Array, at: Array) -> Array:
        return way.function({**given, **unknown.fill(at, given)})(x[:, None])

    def all_images(at: Array) -> Array:
        found = images(places, at)
        if not zero:
            return found
        grows = np.isnan(found[0]) & (np.abs(found[1]) > _GROWS * np.abs(found[2]))
        found[0] = np.where(grows, np.copysign(np.inf, found[1]), found[0])
        return found

    def exact(at: Array) -> NDArray[np.bool_]:
        if value is None:
            return np.zeros(len(at), dtype=bool)
        return np.asarray(contains(goal, images(np.array([value]), at)[0]))

    def any_of(at: Array) -> NDArray[np.bool_]:
        found = all_images(at)
        return (np.fmin.reduce(found) < goal.high) & (np.fmax.reduce(found) > goal.low)

    def central(at: Array) -> Array:
        return images(np.array([middle if value is None else value]), at)[0]

    candidates = _with_crossings(central, goal, _candidates(unknown, given), unknown)
    at_value, anywhere = (_stretches(test, candidates, unknown) for test in (exact, any_of))
    nearest = math.nan
    if not anywhere:
        reached = central(candidates)
        gap = np.fmax(goal.low - reached, reached - goal.high)
        nearest = math.nan if np.isnan(gap).all() else float(candidates[np.nanargmin(gap)])
    return Solved(at_value, anywhere, nearest)


def _candidates(unknown: Unknown, given: Given) -> Array:
    """Return the values to try: totals leave at least two people beside a group that is given."""
    least = sum(float(given[word][0]) for word in ("n1", "n2") if word in given)
    return unknown.values[unknown.values >= least + 2] if unknown.whole else unknown.values


def _with_crossings(
    central: Callable[[Array], Array], goal: Ends, tried: Array, unknown: Unknown
) -> Array:
    """Add to the values tried those between which the result leaps over what was printed."""
    target = (goal.low + goal.high) / 2
    if not math.isfinite(target):
        return tried
    above = central(tried) > target
    added = []
    for i in np.flatnonzero(above[1:] != above[:-1]):

        def as_before(at: Array, before: bool = bool(above[i])) -> NDArray[np.bool_]:
            return np.asarray((central(at) > target) == before)

        last = _border(as_before, tried[i], tried[i + 1], unknown.whole)
        added += [last, last + 1] if unknown.whole else [last]
    return np.unique(np.append(tried, added))


def _stretches(
    test: Callable[[Array], NDArray[np.bool_]], tried: Array, unknown: Unknown
) -> Stretches:
    """Return the stretches in which a test holds, their ends found between the values tried."""
    holds = test(tried)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(int)))
    found = []
    for first, after in edges.reshape(-1, 2):
        low, high = tried[first], tried[after - 1]
        if first > 0:
            low = _border(test, low, tried[first - 1], unknown.whole)
        if after < len(tried):
            high = _border(test, high, tried[after], unknown.whole)
        elif unknown.whole:
            high = math.inf
        found.append((float(low), float(high)))
    return tuple(found)


def _border(
    test: Callable[[Array], NDArray[np.bool_]], holds: float, fails: float, whole: bool
) -> float:
    """Return the last value on the way from one that holds to one that fails."""
    while abs(fails - holds) > (1 if whole else _NEAR):
        middle = (holds + fails) / 2
        middle = math.floor(middle) if whole else middle
        if test(np.array([middle]))[0]:
            holds = middle
        else:
            fails = middle
    return holds
