"""One route over all rows: its effects, and how far the printed digits let them move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.effects._measure import Measure, compute_effect

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array
    from metarel.routes._cells import Cells
    from metarel.routes._route import Conventions
    from metarel.routes.register import Step

#: Two small p-values; an effect that still grows between them grows without bound.
_NEAR_ZERO = (1e-250, 1e-300)


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


def evaluate(step: Step, task: Task, values: Mapping[str, Array]) -> tuple[Array, Array]:
    """Return effects and variances by one route at given numbers."""
    with np.errstate(all="ignore"):
        words = step.route.recover(values, task.conventions)
        if step.route.direct:
            yi, vi = words["yi"], words["vi"]
        else:
            inputs = {word: words[word] for word in step.words}
            effect = compute_effect(task.measure, inputs, task.rule, task.options)
            yi, vi = effect.yi, effect.vi
    lacking = np.any([np.isnan(values[word]) for word in step.route.needs], axis=0)
    hopeless = lacking | ~np.isfinite(yi) | ~np.isfinite(vi)
    return np.where(hopeless, np.nan, yi), np.where(hopeless, np.nan, vi)


def find(step: Step, task: Task, cells: Mapping[str, Cells], unsigned: NDArray[np.bool_]) -> Found:
    """Return what a route gives, and the range of effects that the printed digits allow.

    Each number is moved to both ends of its interval alone; then all are moved at once to the
    ends that lower the effect, and to those that raise it. That is exact where the effect rises
    or falls in each number whatever the others are.
    """
    values = {word: cell.value for word, cell in cells.items()}
    yi, vi = evaluate(step, task, values)
    lowest, highest = dict(values), dict(values)
    for word in step.route.words:
        cell = cells[word]
        if not (cell.high > cell.low).any():
            continue
        low, high = _ends(word, cell)
        down, _ = evaluate(step, task, {**values, word: low})
        up, _ = evaluate(step, task, {**values, word: high})
        rises = ~(_or(up, yi) < _or(down, yi))
        lowest[word] = np.where(rises, low, high)
        highest[word] = np.where(rises, high, low)
    bottom, _ = evaluate(step, task, lowest)
    top, _ = evaluate(step, task, highest)
    bottom, top = np.fmin(yi, bottom), np.fmax(yi, top)
    bound = np.zeros(len(yi), dtype=bool)
    for word in step.route.needs:
        bound |= cells[word].bound
    if "p" in step.route.needs:
        bottom, top = _open_ends(step, task, values, cells["p"], (bottom, top), unsigned)
    return Found(yi, vi, bottom, top, bound)


def _or(values: Array, otherwise: Array) -> Array:
    return np.where(np.isnan(values), otherwise, values)


def _ends(word: str, cell: Cells) -> tuple[Array, Array]:
    """Return the ends of the intervals; a p-value's is moved off 0, where no test statistic is."""
    if word != "p":
        return cell.low, cell.high
    return np.maximum(cell.low, np.where(cell.value > 0, _NEAR_ZERO[1], -1.0)), cell.high


def _open_ends(
    step: Step,
    task: Task,
    values: Mapping[str, Array],
    p: Cells,
    ends: tuple[Array, Array],
    unsigned: NDArray[np.bool_],
) -> tuple[Array, Array]:
    """Let effects grow without bound where p may be 0, and have either sign where it is not known.

    A p-value below a bound has a direction that the paper must have stated, and is positive unless
    given; one above a bound ("n.s.") says nothing of the sign.
    """
    bottom, top = ends
    reaches_zero = p.bound & (p.low <= 0)
    if reaches_zero.any():
        near, _ = evaluate(step, task, {**values, "p": np.full_like(p.value, _NEAR_ZERO[0])})
        nearer, _ = evaluate(step, task, {**values, "p": np.full_like(p.value, _NEAR_ZERO[1])})
        endless = reaches_zero & ~(np.abs(nearer) <= 1.001 * np.abs(near))
        top = np.where(endless & (values["sign"] > 0), np.inf, top)
        bottom = np.where(endless & (values["sign"] < 0), -np.inf, bottom)
    either = p.bound & (p.low > 0) & unsigned
    reach = np.maximum(np.abs(bottom), np.abs(top))
    return np.where(either, -reach, bottom), np.where(either, reach, top)
