"""Every route of every row: which there are, which is taken, which contradict each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_choice, check_level
from metarel.convert.recover_quantiles import QUANTILE_METHODS
from metarel.effects.compute import correction_of, rule_of
from metarel.effects.register import MEASURES
from metarel.errors import InputError
from metarel.routes._inputs import Inputs, read_inputs
from metarel.routes._route import Conventions
from metarel.routes._spread import Found, Task, find
from metarel.routes.register import Step, preferred, steps_to, words_of

if TYPE_CHECKING:
    import pandas
    from numpy.typing import NDArray

    from metarel._checks import Array

#: Two ranges that miss each other by less than this share of their size still meet.
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Routed:
    """Every route of every row, and which one each row takes.

    Parameters
    ----------
    steps : tuple of Step
        The routes that some row has, in order of preference.
    found : tuple of Found
        What each gives.
    there : ndarray of bool, shape (routes, k)
        Which row has which.
    chosen : ndarray of int, shape (k,)
        The place of the route taken; -1 where a row has none.
    conflict : ndarray of bool, shape (k,)
        Whether two exact routes of the row cannot both be right.
    inputs : Inputs
        What they read.
    """

    steps: tuple[Step, ...]
    found: tuple[Found, ...]
    there: NDArray[np.bool_]
    chosen: NDArray[np.intp]
    conflict: NDArray[np.bool_]
    inputs: Inputs

    def table(self, part: str) -> Array:
        """Return one part of what the routes give, shape (routes, k)."""
        return np.array([getattr(found, part) for found in self.found])

    def picked(self, part: str) -> Array:
        """Return one part of what the chosen routes give, shape (k,)."""
        table = self.table(part).astype(float)
        columns = np.arange(table.shape[1])
        return np.where(self.chosen >= 0, table[self.chosen, columns], np.nan)

    def codes(self) -> list[str | None]:
        """Return the name of each row's route; None where it has none."""
        names = [*(step.route.code for step in self.steps), None]
        return [names[place] for place in self.chosen]


def _available(steps: Sequence[Step], found: Sequence[Found]) -> NDArray[np.bool_]:
    """Return which row has which route; a fallback only where no other gives the same words."""
    there = np.array([one.there for one in found])
    for place, step in enumerate(steps):
        if step.route.fallback:
            rivals = [
                there[other]
                for other, rival in enumerate(steps)
                if other != place and rival.words == step.words and rival.route.exactness == "exact"
            ]
            if rivals:
                there[place] &= ~np.any(rivals, axis=0)
    return there


def _choose(there: NDArray[np.bool_], bound: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the first route that gives a number, else the first that gives a bound."""
    numbers = there & ~bound
    first = np.argmax(numbers, axis=0)
    first_bound = np.argmax(there, axis=0)
    chosen = np.where(numbers.any(axis=0), first, first_bound)
    return np.where(there.any(axis=0), chosen, -1)


def _conflicts(steps: Sequence[Step], there: NDArray[np.bool_], low: Array, high: Array) -> Any:
    """Return the rows in which the ranges of two exact routes do not meet."""
    exact = np.array([step.route.exactness == "exact" for step in steps])[:, None] & there
    with np.errstate(invalid="ignore"):
        bottom = np.max(np.where(exact, low, -np.inf), axis=0)
        top = np.min(np.where(exact, high, np.inf), axis=0)
        slack = SLACK * np.maximum(1, np.maximum(np.abs(bottom), np.abs(top)))
        return (exact.sum(axis=0) > 1) & (bottom > top + slack)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is to be read, as the caller chose, checked.

    Parameters
    ----------
    printed : bool
        Whether numbers stand for all that round to them.
    equal_groups : bool
        Whether n1 and n2 may be taken as halves of n.
    assumed_r : float or None
        The correlation of two measurements where none is printed.
    prefer : tuple of str
        Routes to be taken first.
    labels : list of str or None
        Names of the rows.
    """

    printed: bool
    equal_groups: bool
    assumed_r: float | None
    prefer: tuple[str, ...]
    labels: list[str] | None


def task_for(
    measure: str,
    variance: str | None,
    correct: bool | str,
    level: float,
    limits: str,
    quantiles: str,
) -> Task:
    """Return what is wanted, checked."""
    declared = MEASURES[measure]
    rule = rule_of(declared, variance)
    if declared.rule(rule).across_rows:
        raise InputError(
            f"`variance` cannot be {rule!r} here, which borrows from all rows alike; use a rule "
            "that stands for each row alone."
        )
    form = correction_of(declared, correct)
    normal = check_choice("limits", limits, ("t", "normal")) == "normal"
    method = QUANTILE_METHODS[quantiles].code
    conventions = Conventions(check_level(level), normal, form, method)
    return Task(declared, rule, {"correct": form}, conventions)


def walk_all(
    data: pandas.DataFrame | None, words: Mapping[str, Any], task: Task, reading: Reading
) -> Routed:
    """Read the table and walk every route to the measure."""
    steps = preferred(steps_to(task.measure), reading.prefer)
    inputs = read_inputs(
        data,
        words,
        words_of(steps),
        printed=reading.printed,
        equal_groups=reading.equal_groups,
        assumed_r=reading.assumed_r,
        labels=reading.labels,
    )
    routed = routed_over(steps, task, inputs)
    if routed is None:
        halves = "" if "n" not in inputs.given else " With n alone, `equal_groups=True` halves it."
        code = task.measure.code
        raise InputError(
            f"No route leads from {', '.join(f'`{w}`' for w in inputs.given)} to {code}: see "
            f"metarel.route_table({code!r}) for what is enough.{halves}"
        )
    return routed


def routed_over(steps: Sequence[Step], task: Task, inputs: Inputs) -> Routed | None:
    """Walk every route that some row has; None where there is none."""
    live = [step for step in steps if _readable(step, inputs)]
    if not live:
        return None
    found = [find(step, task, inputs.cells, inputs.unsigned) for step in live]
    there = _available(live, found)
    bound = np.array([one.bound for one in found])
    low, high = (np.array([getattr(one, end) for one in found]) for end in ("low", "high"))
    conflict = _conflicts(live, there, low, high)
    return Routed(tuple(live), tuple(found), there, _choose(there, bound), conflict, inputs)


def _readable(step: Step, inputs: Inputs) -> bool:
    """Tell whether some row has everything that a route needs."""
    return all(np.isfinite(inputs.cells[word].value).any() for word in step.route.needs)
