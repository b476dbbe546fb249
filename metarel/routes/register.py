"""Every route in one register, which of them lead to a measure, and their table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metarel._lazy import pd
from metarel._register import one_of
from metarel._vocabulary import SYMBOLS
from metarel.effects._measure import Measure
from metarel.effects.register import MEASURES
from metarel.errors import InputError
from metarel.routes import change, correlation, reported, two_means, two_proportions
from metarel.routes._route import Route, given_words

#: In the order in which a row prefers them: data before tests, exact before close.
ROUTES: tuple[Route, ...] = (
    *two_means.ROUTES,
    *change.ROUTES,
    *correlation.ROUTES,
    *two_proportions.ROUTES,
    *reported.ROUTES,
)


_SERVED = frozenset(route.design for route in ROUTES)


def _own_inputs(measure: Measure, way: tuple[str, ...]) -> Route:
    """Return the route that hands on the measure's own inputs."""
    source = measure.sources[0] if measure.sources else "viechtbauer2010"
    return Route(
        f"{', '.join(way)}",
        measure.design.code,
        way,
        way,
        given_words(*way),
        "the measure's own inputs",
        "The numbers are what the measure takes.",
        "exact",
        source,
    )


@dataclass(frozen=True, slots=True)
class Step:
    """A route in the place that a measure gives it.

    Parameters
    ----------
    route : Route
        The way.
    words : tuple of str
        The words of the measure that it recovers; empty where it gives the effect itself.
    """

    route: Route
    words: tuple[str, ...]


def steps_to(measure: Measure) -> tuple[Step, ...]:
    """Return the routes that lead to a measure, in order of preference.

    Parameters
    ----------
    measure : Measure
        What is wanted.

    Returns
    -------
    tuple of Step
        The routes, each with the words it recovers.

    Notes
    -----
    A measure of a design without declared routes has one for each set of its own inputs.
    """
    if measure.design.code not in _SERVED:
        return tuple(Step(_own_inputs(measure, way), way) for way in measure.ways)
    found = []
    for route in ROUTES:
        if route.design != measure.design.code:
            continue
        if route.measures and measure.code not in route.measures:
            continue
        if route.direct:
            found.append(Step(route, ()))
            continue
        way = next((way for way in measure.ways if set(way) <= set(route.gives)), None)
        if way is not None:
            found.append(Step(route, way))
    return tuple(found)


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
    words = dict.fromkeys(word for step in steps for word in step.route.words)
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
    routes = ROUTES if measure is None else [s.route for s in steps_to(MEASURES[measure])]
    return pd.DataFrame(
        [
            {
                "route": route.code,
                "design": route.design,
                "needs": ", ".join(route.needs),
                "formula": route.formula,
                "exactness": route.exactness,
                "assumption": route.assumption,
                "reference": route.reference,
                "measures": ", ".join(served_by(route)),
            }
            for route in routes
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
    same = [m for m in MEASURES.values() if m.design.code == route.design]
    if route.direct:
        return [m.code for m in same if not route.measures or m.code in route.measures]
    gives = set(route.gives)
    return [m.code for m in same if any(set(way) <= gives for way in m.ways)]


def undeclared_words() -> list[str]:
    """Return words that routes read and the vocabulary lacks; empty when all is well.

    Returns
    -------
    list of str
        Words.
    """
    return [word for route in ROUTES for word in route.words if word not in SYMBOLS]
