"""Every route in one register, which of them lead to a measure, and their table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import pd
from metarel._register import one_of
from metarel._vocabulary import SYMBOLS
from metarel.effects._measure import Measure
from metarel.effects.register import MEASURES
from metarel.errors import InputError
from metarel.routes import (
    change,
    correlation,
    one_group,
    reported,
    two_means,
    two_proportions,
)
from metarel.routes._route import Conventions, Route

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.routes._route import Given

#: In the order in which a row prefers them: data before tests, exact before close.
ROUTES: tuple[Route, ...] = (
    *two_means.ROUTES,
    *change.ROUTES,
    *correlation.ROUTES,
    *two_proportions.ROUTES,
    *one_group.ROUTES,
    *reported.ROUTES,
)


#: Words that a measure takes besides what a route recovers, by design.
_BESIDES = {"change": {"r"}, "clustered means": {"icc", "cluster_size"}}


@dataclass(frozen=True, slots=True)
class Step:
    """A route in the place that a measure gives it.

    Parameters
    ----------
    route : Route
        The way.
    words : tuple of str
        The words of the measure that it recovers; empty where it gives the effect itself.
    besides : tuple of str
        Words that the measure takes as they are, besides.
    """

    route: Route
    words: tuple[str, ...]
    besides: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """Return every word that a row must have."""
        return (*self.route.needs, *self.besides)

    @property
    def reads(self) -> tuple[str, ...]:
        """Return every word that it reads."""
        return (*self.route.words, *self.besides)


def steps_to(measure: Measure) -> tuple[Step, ...]:
    """Return the routes that lead to a measure, in order of preference.

    Parameters
    ----------
    measure : Measure
        What is wanted.

    Returns
    -------
    tuple of Step
        The measure's own inputs where no declared route takes them, then the declared routes,
        each with the words it recovers.
    """
    declared = [step for route in ROUTES for step in _serving(route, measure)]
    taken = [set(step.needs) for step in declared]
    own = [Step(_own(measure, way), way) for way in measure.ways if set(way) not in taken]
    return (*own, *declared)


def _serving(route: Route, measure: Measure) -> list[Step]:
    """Return the route as a step to the measure, or nothing."""
    design = measure.design.code
    if design not in (route.design, *route.also):
        return []
    if route.measures and measure.code not in route.measures:
        return []
    if route.direct:
        return [Step(route, ())]
    gives, allowed = set(route.gives), _BESIDES.get(design, set())
    for way in measure.ways:
        besides = [word for word in way if word not in gives]
        if set(besides) <= allowed and gives & set(way):
            return [Step(route, tuple(w for w in way if w in gives), tuple(besides))]
    return []


def _own(measure: Measure, way: tuple[str, ...]) -> Route:
    """Return the route that hands on the measure's own inputs."""

    def recover(given: Given, _conventions: Conventions) -> dict[str, Array]:
        words = {word: given[word] for word in way}
        return {**words, "p": np.abs(given["p"]) * given["sign"]} if "p" in way else words

    return Route(
        ", ".join(way),
        measure.design.code,
        way,
        way,
        recover,
        "the measure's own inputs",
        "The numbers are what the measure takes.",
        "exact",
        measure.sources[0] if measure.sources else "viechtbauer2010",
        unsigned="p" in way,
    )


def preferred(steps: Sequence[Step], prefer: Sequence[str]) -> tuple[Step, ...]:
    """Return the routes with those named first, in the order named.

    Parameters
    ----------
    steps : sequence of Step
        The routes to a measure.
    prefer : sequence of str
        Codes of routes.

    Returns
    -------
    tuple of Step
        The same routes.

    Raises
    ------
    InputError
        If a code is none of theirs.
    """
    codes = [step.route.code for step in steps]
    for code in prefer:
        if code not in codes:
            raise InputError(one_of("prefer", codes, code))
    rank = {code: place for place, code in enumerate(prefer)}
    return tuple(sorted(steps, key=lambda step: rank.get(step.route.code, len(rank))))


def words_of(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return every input word that these routes read, once.

    Parameters
    ----------
    steps : sequence of Step
        Routes.

    Returns
    -------
    tuple of str
        Words; with the sizes of two groups also ``n``, of which they may be halves.
    """
    words = dict.fromkeys(word for step in steps for word in step.reads)
    return (*words, "n") if {"n1", "n2"} <= set(words) and "n" not in words else (*words,)


def route_table(measure: str | None = None) -> pd.DataFrame:
    """List the routes from what papers print to effects.

    Parameters
    ----------
    measure : str, optional
        Code of a measure; only the routes that lead to it then.

    Returns
    -------
    DataFrame
        One row a route, in order of preference, with columns ``route design needs formula
        exactness assumption reference measures``.

    Raises
    ------
    InputError
        If the measure is unknown.

    Examples
    --------
    >>> table = route_table("ZCOR")
    >>> print(table.loc[table.route == "Fisher's z", ["needs", "formula"]].to_string(index=False))
    needs     formula
     z, n r = tanh(z)
    """
    steps = [Step(route, ()) for route in ROUTES]
    if measure is not None:
        steps = list(steps_to(MEASURES[measure]))
    return pd.DataFrame(
        [
            {
                "route": route.code,
                "design": route.design,
                "needs": ", ".join((*route.needs, *besides)),
                "formula": route.formula,
                "exactness": route.exactness,
                "assumption": route.assumption,
                "reference": route.reference,
                "measures": ", ".join(served_by(route)) or measure,
            }
            for route, besides in ((step.route, step.besides) for step in steps)
        ]
    )


def served_by(route: Route) -> list[str]:
    """Return the codes of the measures that a route leads to.

    Parameters
    ----------
    route : Route
        The route.

    Returns
    -------
    list of str
        Codes.
    """
    return [measure.code for measure in MEASURES.values() if _serving(route, measure)]


def undeclared_words() -> list[str]:
    """Return words that routes read and the vocabulary lacks; empty when all is well.

    Returns
    -------
    list of str
        Words.
    """
    return [word for route in ROUTES for word in route.words if word not in SYMBOLS]
