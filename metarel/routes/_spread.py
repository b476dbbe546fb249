"""One route over all rows: its effects, and how far the printed digits let them move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.effects._measure import Measure, compute_effect

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array
    from metarel.routes._cells import Cells
    from metarel.routes._inputs import Inputs
    from metarel.routes._route import Conventions
    from metarel.routes.register import Step

#: Small p-values; an effect that still grows between the last two grows without bound.
_SMALL = (1e-50, 1e-100, 1e-150)
#: Where a p-value of which only a bound is known may lie, as shares of the way: a correlation that
#: follows from it may pass through 0, where what is made of its square turns round.
_INSIDE = np.linspace(0, 1, 33)
#: Rounds in which each number is moved to the better of its ends, the others being where they are.
_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Task:
    """What is wanted: a measure, one of its variance rules, its settings, the conventions."""

    measure: Measure
    rule: str
    options: Mapping[str, Any]
    conventions: Conventions


@dataclass(frozen=True, slots=True)
class Found:
    """What one route gives, row by row; NaN where it cannot be taken.

    Parameters
    ----------
    yi, vi : ndarray of shape (k,)
        Effect and variance at the printed numbers; at the bound itself where ``bound``.
    low, high : ndarray of shape (k,)
        The effects that the printed digits allow.
    bound : ndarray of bool, shape (k,)
        Whether only a bound was printed, so that yi is not an estimate.
    """

    yi: Array
    vi: Array
    low: Array
    high: Array
    bound: NDArray[np.bool_]

    @property
    def there(self) -> NDArray[np.bool_]:
        """Return whether the row has this route."""
        return np.isfinite(self.yi) & np.isfinite(self.vi)

    def without(self, rows: NDArray[np.bool_]) -> Found:
        """Return the same without some rows."""
        yi, vi, low, high = (
            np.where(rows, np.nan, part) for part in (self.yi, self.vi, self.low, self.high)
        )
        return Found(yi, vi, low, high, self.bound & ~rows)


def evaluate(step: Step, task: Task, values: Mapping[str, Array]) -> tuple[Array, Array]:
    """Return effects and variances by one route at given numbers; NaN where there are none."""
    with np.errstate(all="ignore"):
        words = step.route.recover(values, task.conventions)
        if step.route.direct:
            yi, vi = words["yi"], words["vi"]
        else:
            inputs = {word: words[word] for word in step.words}
            inputs |= {word: values[word] for word in step.besides}
            effect = compute_effect(task.measure, inputs, task.rule, task.options)
            yi, vi = effect.yi, effect.vi
    lacking = np.any([np.isnan(values[word]) for word in step.needs], axis=0)
    yi = np.where(lacking | ~np.isfinite(yi), np.nan, yi)
    return yi, np.where(lacking | ~np.isfinite(vi) | ~(vi > 0), np.nan, vi)


def find(step: Step, task: Task, inputs: Inputs) -> Found:
    """Return what a route gives, and the range of effects that the printed digits allow.

    The lowest effect is searched for by moving each number to whichever end of its interval lowers
    it, the others being where they are, until all have been moved; the highest likewise. That is
    exact where the effect rises or falls in each number, whichever way at each place of the others.
    """
    cells = inputs.cells
    values = {word: cell.value for word, cell in cells.items()}
    yi, vi = evaluate(step, task, values)
    loose = replace(task, conventions=replace(task.conventions, bounding=True))
    moved = [word for word in step.reads if (cells[word].high > cells[word].low).any()]
    bottom = _extreme(step, loose, values, cells, moved, -1)
    top = _extreme(step, loose, values, cells, moved, 1)
    bottom, top = np.fmin(yi, bottom), np.fmax(yi, top)
    bound = np.any([cells[word].bound for word in step.needs], axis=0)
    if "p" in step.needs:
        bottom, top = _open_ends(step, loose, values, cells["p"], (bottom, top))
    if step.route.unsigned:
        bottom, top = _either_sign(inputs, cells.get("p"), (bottom, top))
    return Found(yi, vi, bottom, top, bound)


def _extreme(
    step: Step,
    task: Task,
    values: Mapping[str, Array],
    cells: Mapping[str, Cells],
    moved: Sequence[str],
    side: int,
) -> Array:
    """Return the effect furthest on one side (-1 below, 1 above) within all intervals."""
    place = dict(values)
    best, _ = evaluate(step, task, place)
    for _ in range(_ROUNDS if moved else 0):
        for word in moved:
            for end in _ends(word, cells[word]):
                found, _ = evaluate(step, task, {**place, word: end})
                # An equal effect is no reason to move, unless nothing could be computed so far.
                better = (side * found > side * best) | (np.isnan(best) & ~np.isnan(found))
                place[word] = np.where(better, end, place[word])
                best = np.where(better, found, best)
    return best


def _ends(word: str, cell: Cells) -> Iterator[Array]:
    """Yield the ends of the intervals; of a p-value that is only bounded, places inside as well.

    A p-value's end is moved off 0, where no test statistic is.
    """
    if word != "p":
        yield cell.low
        yield cell.high
        return
    low = np.maximum(cell.low, np.where(cell.value > 0, _SMALL[-1], -1.0))
    yield low
    yield cell.high
    if cell.bound.any():
        # Evenly in log p below a bound, where t follows log p, and evenly in p above one.
        below = cell.value == cell.high
        start = np.where(below, np.log(np.maximum(cell.high, _SMALL[-1])), low)
        stop = np.where(below, start + np.log(1e-12), cell.high)
        for share in _INSIDE[1:-1]:
            place = start + share * (stop - start)
            inside = np.where(below, np.exp(np.where(below, place, 0.0)), place)
            yield np.where(cell.bound, inside, cell.value)


def _open_ends(
    step: Step,
    task: Task,
    values: Mapping[str, Array],
    p: Cells,
    ends: tuple[Array, Array],
) -> tuple[Array, Array]:
    """Let effects grow without bound where p may be 0 and the effect follows the test."""
    bottom, top = ends
    reaches_zero = p.bound & (p.low <= 0)
    if not reaches_zero.any():
        return ends
    first, near, nearer = (
        np.abs(evaluate(step, task, {**values, "p": np.full_like(p.value, small)})[0])
        for small in _SMALL
    )
    grows = (near > 1.001 * first) & ((nearer > 1.001 * near) | np.isnan(nearer))
    # Where even the first of them is beyond floating point, the effect is without bound.
    follows = np.isnan(first) & ~np.isnan(evaluate(step, task, values)[0])
    endless = reaches_zero & (grows | follows)
    top = np.where(endless & (values["sign"] > 0), np.inf, top)
    return np.where(endless & (values["sign"] < 0), -np.inf, bottom), top


def _either_sign(inputs: Inputs, p: Cells | None, ends: tuple[Array, Array]) -> tuple[Array, Array]:
    """Let effects have either sign where nothing says which.

    A p-value below a bound has a direction that the paper must have stated, and is positive unless
    given; one above a bound ("n.s.") says nothing of the sign, and a printed zero may be either.
    """
    bottom, top = ends
    either = inputs.sign_open
    if p is not None:
        either = either | (p.bound & (p.low > 0) & inputs.unsigned)
    reach = np.maximum(np.abs(bottom), np.abs(top))
    return np.where(either, -reach, bottom), np.where(either, reach, top)
