"""Every way from one metric to another: each rule of each step, forwards or turned round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from metarel._register import one_of
from metarel.convert._edge import METRICS, SIGN, Edge
from metarel.convert._walk import inside, missing_needs, needs_of, readable
from metarel.convert.register import route, rules_between
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Given

#: What is printed under the name of a metric though it is another: g is often called d.
ALSO = {"d": "g"}
#: Metrics through which two test statistics are held against each other.
_BETWEEN = ("t", "r", "d", "eta2", "cohen_w", "epsilon2_rank")


@dataclass(frozen=True, slots=True)
class Way:
    """One way from a printed number to another.

    Parameters
    ----------
    source, target : str
        The metrics that the two are read as.
    steps : tuple of Edge
        The steps; none where both are the same.
    """

    source: str
    target: str
    steps: tuple[Edge, ...]

    @property
    def metrics(self) -> str:
        """Return the metrics passed, such as ``r → d → g``."""
        return " → ".join([self.source, *(edge.target for edge in self.steps)])

    @property
    def rule(self) -> str:
        """Return the rule of each step, joined by commas."""
        return ", ".join(edge.rule for edge in self.steps) or "the same metric"

    def missing(self, given: Given) -> list[str]:
        """Return the needs that are neither given nor follow from what is."""
        lacking = (need for edge in self.steps for need in missing_needs(edge, given))
        return list(dict.fromkeys(lacking))

    def reads(self) -> set[str]:
        """Return every word that a step may read."""
        return set().union(*(readable(edge) for edge in self.steps))

    def function(self, given: Given) -> Callable[[Array], Array]:
        """Return where the way leads, as a function of numbers; NaN where it cannot be walked.

        The numbers are broadcast with the needs, which are vectors of one length.
        """
        length = max((len(v) for v in given.values()), default=1)
        needs = [needs_of(edge, given, length) for edge in self.steps]

        def values(x: Array) -> Array:
            x = np.asarray(x, dtype=float)
            x = np.broadcast_to(x, np.broadcast_shapes(x.shape, (length,)))
            with np.errstate(all="ignore"):
                for edge, words in zip(self.steps, needs, strict=True):
                    for refusal in edge.refusals:
                        x = np.where(refusal.bad(x, given), np.nan, x)
                    x = edge.forward(inside(x, edge.values), words)
                    x = inside(x, METRICS[edge.target].domain)
            return x

        return values


def _turned(edge: Edge) -> Edge:
    """Return an edge the other way round; its inverse keeps to the values that it converts.

    An inverse reads ``sign`` where the rule loses it.
    """

    def back(x: Array, given: Given) -> Array:
        return inside(edge.inverse(x, given), edge.values)

    return replace(
        edge,
        source=edge.target,
        target=edge.source,
        forward=back,
        inverse=edge.forward,
        slope=lambda x, _given: np.full_like(x, np.nan),
        optional={**edge.optional, **SIGN},
        formula=f"the {edge.source} at which {edge.symbols()} is {{x}}",
        domain=None,
        refusals=(),
        averages={},
    )


def ways_between(source: str, target: str, rules: Sequence[str] | None) -> tuple[Way, ...]:
    """Return every way between two metrics, the defaults first, then those by other readings.

    Parameters
    ----------
    source, target : str
        Codes of the metrics.
    rules : sequence of str or None
        Only ways by these rules, wherever a step has one of them; all rules where None.

    Returns
    -------
    tuple of Way
        The ways.

    Raises
    ------
    InputError
        If the metrics are not connected, or a rule is none of theirs.
    """
    choices = _choices(source, target)
    known = list(dict.fromkeys(edge.rule for choice in choices for edge in choice))
    for rule in rules or ():
        if rule not in known:
            raise InputError(one_of("rules", known, rule))
    ways = [Way(source, target, steps) for steps in product(*_chosen(choices, rules))]
    for start, goal in ((source, ALSO.get(target)), (ALSO.get(source), target)):
        if start and goal and start != goal:
            also = _one_factor(_choices(start, goal))
            ways += [Way(start, goal, steps) for steps in product(*_chosen(also, rules))]
    return tuple(ways)


def _one_factor(choices: Sequence[Sequence[Edge]]) -> list[Sequence[Edge]]:
    """Keep the default for the step between a metric and what it may also be."""
    ends = {(a, b) for pair in ALSO.items() for a, b in (pair, pair[::-1])}
    return [
        choice[:1] if (choice[0].source, choice[0].target) in ends else choice for choice in choices
    ]


def _chosen(choices: Sequence[Sequence[Edge]], rules: Sequence[str] | None) -> list[Sequence[Edge]]:
    """Keep the rules named wherever a step has one of them."""
    if rules is None:
        return list(choices)
    return [[edge for edge in choice if edge.rule in rules] or choice for choice in choices]


def _choices(source: str, target: str) -> list[Sequence[Edge]]:
    """Return the rules of each step from one metric to another, by whichever way there is."""
    found = _forwards(source, target)
    if found is None:
        back = _forwards(target, source)
        found = None if back is None else _backwards(back)
    if found is not None:
        return found
    both = []
    for middle in _BETWEEN:
        there, back = _forwards(source, middle), _forwards(target, middle)
        if there is not None and back is not None:
            both.append([*there, *_backwards(back)])
    if not both:
        raise InputError(
            f"`target` must be a metric that {source!r} can be held against; no rule of the "
            f"register connects {source!r} and {target!r}, in either direction."
        )
    return min(both, key=len)


def _forwards(source: str, target: str) -> list[Sequence[Edge]] | None:
    try:
        way = route(source, target)
    except InputError:
        return None
    return [_rules_of(edge.source, edge.target) for edge in way]


@lru_cache(maxsize=512)
def _rules_of(source: str, target: str) -> tuple[Edge, ...]:
    """Return the rules of a step, with those that only lead the other way turned round."""
    there, back = rules_between(source, target), rules_between(target, source)
    names = {edge.rule for edge in there}
    return (*there, *(_turned(edge) for edge in back if edge.rule not in names))


def _backwards(choices: Sequence[Sequence[Edge]]) -> list[Sequence[Edge]]:
    return [[_turned(edge) for edge in choice] for choice in reversed(choices)]
