"""Every route of every row: which there are, which is taken, which contradict each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_choice, check_level
from metarel._register import one_of
from metarel._vocabulary import SYMBOLS
from metarel.convert.recover_quantiles import QUANTILE_METHODS
from metarel.effects._measure import Measure
from metarel.effects.compute import check_values, correction_of, rule_of
from metarel.effects.register import MEASURES
from metarel.errors import InputError
from metarel.routes._inputs import Inputs, Reading, read_inputs
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
    if quantiles not in QUANTILE_METHODS:
        raise InputError(one_of("quantiles", QUANTILE_METHODS, quantiles))
    method = QUANTILE_METHODS[quantiles].code
    conventions = Conventions(check_level(level), normal, form, method)
    return Task(declared, rule, {"correct": form}, conventions)


def walk_all(
    data: pandas.DataFrame | None, words: Mapping[str, Any], task: Task, how: Reading
) -> Routed:
    """Read the table and walk every route to the measure."""
    steps = preferred(steps_to(task.measure), how.prefer)
    inputs = read_inputs(data, words, words_of(steps), how)
    routed = routed_over(steps, task, inputs)
    if routed is None:
        halved = "n" in inputs.given and "n1" in inputs.cells and not how.equal_groups
        halves = " With n alone, `equal_groups=True` halves it." if halved else ""
        code = task.measure.code
        raise InputError(
            f"No route leads from {', '.join(f'`{w}`' for w in inputs.given)} to {code}: see "
            f"metarel.route_table({code!r}) for what is enough.{halves}"
        )
    _refuse_own(routed, task.measure, how.labels)
    return routed


def routed_over(steps: Sequence[Step], task: Task, inputs: Inputs) -> Routed | None:
    """Walk every route whose words were given; None where there is none."""
    possible = [step for step in steps if set(step.needs) <= set(inputs.given)]
    live = [step for step in possible if complete(step, inputs).any()] or possible[:1]
    if not live:
        return None
    found = [find(step, task, inputs) for step in live]
    for place, step in enumerate(live):
        bad = violations(step, task, inputs) & found[place].there
        if bad.any():
            found[place] = found[place].without(bad)
    there = _available(live, found)
    bound = np.array([one.bound for one in found])
    low, high = (np.array([getattr(one, end) for one in found]) for end in ("low", "high"))
    conflict = _conflicts(live, there, low, high)
    return Routed(tuple(live), tuple(found), there, _choose(there, bound), conflict, inputs)


def fails(routed: Routed, place: int) -> NDArray[np.bool_]:
    """Return the rows that have everything a route needs, and get no effect from it."""
    step = routed.steps[place]
    if step.route.fallback:  # which reads whatever is there, and so lacks something elsewhere
        return np.zeros(len(routed.inputs), dtype=bool)
    return complete(step, routed.inputs) & ~routed.found[place].there


def complete(step: Step, inputs: Inputs) -> NDArray[np.bool_]:
    """Return the rows that have everything a route needs."""
    return np.all([np.isfinite(inputs.cells[word].value) for word in step.needs], axis=0)


def violations(step: Step, task: Task, inputs: Inputs) -> NDArray[np.bool_]:
    """Return the rows in which what a route recovers is nothing that the measure can take."""
    bad = np.zeros(len(inputs), dtype=bool)
    if step.route.direct:
        return bad
    recovered = _recovered(step, task, inputs)
    for word, values in recovered.items():
        domain = task.measure.domains.get(word, SYMBOLS[word].domain)
        low = values <= domain.low if domain.open_low else values < domain.low
        high = values >= domain.high if domain.open_high else values > domain.high
        bad |= low | high
    return bad | _contradictory(task.measure, recovered)


def _recovered(step: Step, task: Task, inputs: Inputs) -> dict[str, Array]:
    """Return the words of the measure that a route gives, and those it takes besides."""
    values = {word: cell.value for word, cell in inputs.cells.items()}
    with np.errstate(all="ignore"):
        words = step.route.recover(values, task.conventions)
    whole = complete(step, inputs)
    found = {word: words[word] for word in step.words}
    found |= {word: values[word] for word in step.besides}
    return {word: np.where(whole, value, np.nan) for word, value in found.items()}


def _contradictory(measure: Measure, words: Mapping[str, Array]) -> NDArray[np.bool_]:
    """Return the rows that the measure's own check refuses."""
    check = measure.design.check
    length = len(next(iter(words.values())))
    bad = np.zeros(length, dtype=bool)
    if check is None:
        return bad
    try:
        check(words, None)
    except InputError:
        for row in range(length):  # rare: only to find out which rows the check refused
            try:
                check({word: values[[row]] for word, values in words.items()}, None)
            except InputError:
                bad[row] = True
    return bad


def _refuse_own(routed: Routed, measure: Measure, labels: list[str] | None) -> None:
    """Refuse what the caller gave as the measure's own inputs, as ``effect_sizes`` does."""
    for step in routed.steps:
        if step.route.direct or set(step.route.gives) != set(step.route.needs):
            continue
        whole = complete(step, routed.inputs)
        words = {
            word: np.where(whole, routed.inputs.cells[word].value, np.nan)
            for word in (*step.words, *step.besides)
        }
        check_values(measure, words, labels)
