"""Walk the edges of a conversion: check what goes in, use what is needed, refuse the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_domain, resolve, row_names
from metarel.convert._edge import METRICS, NEEDS, Edge
from metarel.convert.register import rules_between
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel._vocabulary import Domain
    from metarel.convert._edge import Given

#: Needs that follow from others: in order of preference, what each takes and how.
_DERIVED: dict[str, tuple[tuple[tuple[str, ...], Callable[..., Array]], ...]] = {
    "df": ((("n1", "n2"), lambda n1, n2: n1 + n2 - 2), (("n",), lambda n: n - 2)),
    "n": ((("n1", "n2"), lambda n1, n2: n1 + n2),),
}


def missing_needs(edge: Edge, given: Given) -> list[str]:
    """Return the needs of an edge that are neither given nor follow from what is.

    Parameters
    ----------
    edge : Edge
        The step.
    given : mapping
        What is known, by name.

    Returns
    -------
    list of str
        Names.
    """
    return [
        need
        for need in edge.needs
        if need not in given
        and not any(all(w in given for w in words) for words, _ in _DERIVED.get(need, ()))
    ]


def needs_of(edge: Edge, given: Given, length: int) -> dict[str, Array]:
    """Return an edge's needs as vectors, derived or by default where they were not given.

    Parameters
    ----------
    edge : Edge
        The step.
    given : mapping
        What is known: float vectors by name.
    length : int
        Count of rows.

    Returns
    -------
    dict
        Vectors by name.

    Raises
    ------
    InputError
        If a need is missing, or a need or a condition outside its domain.
    """
    lacking = missing_needs(edge, given)
    if lacking:
        words = ", ".join(f"`{word}`" for word in lacking)
        meanings = "; ".join(f"{word} is the {NEEDS[word].meaning}" for word in lacking)
        raise InputError(
            f"{words} must be given: rule {edge.rule!r} from {edge.source} to {edge.target} "
            f"is {edge.symbols()} ({meanings}){_instead(lacking)}."
        )
    found = {}
    for word in edge.words:
        if word in given:
            found[word] = given[word]
        elif word in edge.needs:
            sources, derive = next(
                way for way in _DERIVED[word] if all(source in given for source in way[0])
            )
            found[word] = derive(*(given[source] for source in sources))
        else:
            found[word] = np.full(length, edge.optional[word])
        domain = edge.need_domains.get(word, NEEDS[word].domain)
        refuse_outside(found[word], domain, word, edge.need_hints.get(word, ""))
    for word in edge.conditions.keys() & given.keys():
        refuse_outside(given[word], edge.conditions[word], word, edge.need_hints.get(word, ""))
    return found


def _instead(lacking: Sequence[str]) -> str:
    """Say which other arguments would do."""
    ways = [
        " and ".join(f"`{w}`" for w in words)
        for word in lacking
        for words, _ in _DERIVED.get(word, ())
    ]
    return f"; {' or '.join(ways)} would do as well" if ways else ""


def readable(edge: Edge) -> set[str]:
    """Return every word that an edge may read: its own, and those from which its needs follow.

    Parameters
    ----------
    edge : Edge
        The step.

    Returns
    -------
    set of str
        Names.
    """
    sources = {w for need in edge.needs for words, _ in _DERIVED.get(need, ()) for w in words}
    return {*edge.words, *edge.conditions, *sources}


def _read(edge: Edge, given: Iterable[str]) -> set[str]:
    """Return the words that an edge reads of those given."""
    given = set(given)
    found = {word for word in (*edge.words, *edge.conditions) if word in given}
    for need in set(edge.needs) - given:
        ways = (words for words, _ in _DERIVED.get(need, ()) if given.issuperset(words))
        found |= set(next(ways, ()))
    return found


def unread(steps: Sequence[Edge], given: Iterable[str]) -> list[str]:
    """Return the words given that no step reads.

    Parameters
    ----------
    steps : sequence of Edge
        The way.
    given : iterable of str
        Names of what was given besides the value.

    Returns
    -------
    list of str
        Names, in the order given.
    """
    words = list(given)
    used = set().union(*(_read(edge, words) for edge in steps))
    return [word for word in words if word not in used]


def readers(steps: Sequence[Edge], words: Iterable[str]) -> list[str]:
    """Return the other rules of each step that read any of some words.

    Parameters
    ----------
    steps : sequence of Edge
        The way.
    words : iterable of str
        Names.

    Returns
    -------
    list of str
        Codes of rules.
    """
    wanted = set(words)
    found = [
        other.rule
        for edge in steps
        for other in rules_between(edge.source, edge.target)
        if other.rule != edge.rule and wanted & readable(other)
    ]
    return list(dict.fromkeys(found))


def refuse_unread(steps: Sequence[Edge], words: Sequence[str]) -> None:
    """Refuse words that would be ignored, and name the rules that read them.

    Parameters
    ----------
    steps : sequence of Edge
        The way.
    words : sequence of str
        Names of what no step reads.

    Raises
    ------
    InputError
        If there are any.
    """
    if not words:
        return
    names = ", ".join(f"`{word}`" for word in words)
    way = "; ".join(
        f"rule {e.rule!r} from {e.source} to {e.target} is {e.symbols()}" for e in steps
    )
    rules = [repr(rule) for rule in readers(steps, words)]
    them = "them" if len(words) > 1 else "it"
    if any(readable(edge).issuperset(words) for edge in steps):
        hint = f"What follows from {them} is given: leave {them} out"
    elif rules:
        hint = (
            f"Name a rule that reads {them} (`rule` one of {', '.join(rules)}), or leave {them} out"
        )
    elif list(words) == ["n"] and (sized := readers(steps, ["n1", "n2"])):
        hint = (
            f"{' and '.join(map(repr, sized))} read the size of each group: give `n1` and `n2` "
            "(half of n each, if the groups are of the same size) with one of these rules, or "
            "leave `n` out"
        )
    else:
        hint = f"No rule of this way reads {them}: leave {them} out"
    raise InputError(f"{names} would not be read: {way or 'nothing is converted'}. {hint}.")


def inside(x: Array, domain: Domain) -> Array:
    """Return numbers with NaN in place of those outside a domain.

    Parameters
    ----------
    x : ndarray
        Numbers.
    domain : Domain
        What they may be.

    Returns
    -------
    ndarray
        The numbers that they may be.
    """
    low = x > domain.low if domain.open_low else x >= domain.low
    high = x < domain.high if domain.open_high else x <= domain.high
    return np.where(low & high, x, np.nan)


def evaluate(
    steps: Sequence[Edge], x: Array, needs: Sequence[Mapping[str, Array]]
) -> tuple[Array, Array]:
    """Return the values a way leads to and its slopes; NaN where it cannot be walked.

    Parameters
    ----------
    steps : sequence of Edge
        The way.
    x : ndarray
        Starts, of any shape that the needs can be broadcast to.
    needs : sequence of mapping
        Each step's needs by name.

    Returns
    -------
    tuple of ndarray
        Values and slopes.
    """
    slope = np.ones_like(x)
    with np.errstate(all="ignore"):
        for edge, given in zip(steps, needs, strict=True):
            x = inside(x, edge.values)
            slope = slope * edge.slope(x, given)
            x = edge.forward(x, given)
    return x, slope


def walk(steps: Sequence[Edge], value: Array, given: Given) -> tuple[list[Array], Array]:
    """Return the value after each step, and the slope of the whole way.

    Parameters
    ----------
    steps : sequence of Edge
        The way.
    value : ndarray
        The start.
    given : mapping
        What is known besides: float vectors by name.

    Returns
    -------
    tuple of (list of ndarray, ndarray)
        One vector a step, and the derivative of the last in ``value``.

    Raises
    ------
    InputError
        If a need is missing, or a value cannot be converted.
    """
    values, slope = [value], np.ones_like(value)
    for place, edge in enumerate(steps):
        x = values[-1]
        hint = f"This is {edge.source}, computed from {steps[0].source}."
        refuse_outside(x, edge.values, "value", hint if place else _may_have_been(edge.source))
        for refusal in edge.refusals:
            refuse_rows(refusal.bad(x, given), refusal.sentence, refusal.way_out)
        needs = needs_of(edge, given, len(x))
        with np.errstate(all="ignore"):
            after = edge.forward(x, needs)
            slope = slope * edge.slope(x, needs)
        lost = ~np.isfinite(after) & np.isfinite(x)
        for need in needs.values():
            lost &= np.isfinite(need)
        refuse_rows(lost, f"{edge.symbols()} must be a number", "; check the value and the sizes")
        hint = f"This is {edge.target} by rule {edge.rule!r}: check the value and what it needs."
        refuse_outside(after, METRICS[edge.target].domain, "value", hint)
        values.append(after)
    return values[1:], slope


def _may_have_been(metric: str) -> str:
    """Say what the start was read as, and what a number too large for it may have been."""
    percentage = " A percentage? Divide it by 100." if METRICS[metric].domain.high == 1 else ""
    return f"It is read as a {METRICS[metric].name}.{percentage}"


def refuse_outside(values: Array, domain: Domain, argument: str, hint: str = "") -> None:
    """Refuse values outside a domain: the rows of many, one number as itself.

    Parameters
    ----------
    values : ndarray
        Numbers; missing ones pass.
    domain : Domain
        What they may be.
    argument, hint : str
        The argument to name, and a sentence to end with.

    Raises
    ------
    InputError
        If any is outside.
    """
    if len(values) == 1 and not np.isnan(values[0]) and np.isnan(inside(values, domain)[0]):
        raise InputError(
            f"`{argument}` must be {domain}; got {values[0]:g}.{' ' + hint if hint else ''}"
        )
    check_domain(values, domain, argument, hint=hint)


def refuse_rows(bad: Any, sentence: str, way_out: str = "") -> None:
    """Refuse rows.

    Parameters
    ----------
    bad : array of bool
        Where the sentence does not hold.
    sentence, way_out : str
        What must hold, and what to do instead.

    Raises
    ------
    InputError
        If any row is bad.
    """
    rows = np.flatnonzero(bad)
    if rows.size and np.size(bad) == 1:
        raise InputError(f"{sentence}{way_out}.")
    if rows.size:
        raise InputError(f"{sentence}; it is not in {row_names(rows.tolist())}{way_out}.")


def checked(value: Any, needs: dict[str, Any]) -> tuple[Array, dict[str, Array]]:
    """Return the value and what came with it as float vectors of one length.

    Parameters
    ----------
    value : float or array
        The start.
    needs : dict
        Numbers or arrays by name; None is left out.

    Returns
    -------
    tuple of (ndarray, dict)
        The value, and the vectors by name.

    Raises
    ------
    InputError
        If something is not a number, lengths differ, or ``sign`` is not 1 or -1.
    """
    if value is None:
        raise InputError("`value` must be a number or an array; got None.")
    for name, item in {"value": value, **needs}.items():
        if isinstance(item, str):
            hint = (
                " Without quotes it is a number; what printed digits leave open, `explain` tells."
                if name == "value"
                else ""
            )
            raise InputError(f"`{name}` must be a number or an array; got the text {item!r}.{hint}")
    vectors = resolve(None, {"value": value, **needs})
    sign = vectors.get("sign")
    if sign is not None:
        refuse_rows(~np.isnan(sign) & (np.abs(sign) != 1), "`sign` must be 1 or -1")
    return vectors.pop("value"), vectors
