"""All conversions in one register, the routes over them, and the table of both."""

from __future__ import annotations

import difflib
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from metarel._format import listing
from metarel._lazy import pd
from metarel._register import Register, one_of
from metarel.convert import (
    correlations,
    differences,
    event_rates,
    hazards,
    metrics,
    normal_model,
    odds,
    proportions,
    rates,
    reliability,
    several_groups,
    statistics,
    variance_shares,
)
from metarel.convert._edge import METRICS, Edge
from metarel.convert._words import SPOKEN
from metarel.errors import InputError

if TYPE_CHECKING:
    import pandas

#: The families, in the order in which they are read.
FAMILIES: dict[str, tuple[Edge, ...]] = {
    "Correlations and differences": differences.EDGES,
    "Small samples, raw units, Fisher's z": metrics.EDGES,
    "Typed correlations, slopes, Cohen's q": correlations.EDGES,
    "Shares and chances under normality": normal_model.EDGES,
    "Odds and risks": (*odds.EDGES, *event_rates.EDGES, *hazards.EDGES),
    "Shares of variance": variance_shares.EDGES,
    "Test statistics": statistics.EDGES,
    "Several groups and tables": several_groups.EDGES,
    "Proportions": proportions.EDGES,
    "Rates": rates.EDGES,
    "Reliability": reliability.EDGES,
}

EDGES: Register[Edge] = Register("edge", [edge for family in FAMILIES.values() for edge in family])


def rules_between(source: str, target: str) -> tuple[Edge, ...]:
    """Return every rule of one step, the default first.

    Parameters
    ----------
    source, target : str
        Codes of two metrics.

    Returns
    -------
    tuple of Edge
        The edges from one to the other; empty where there is no single step.
    """
    found = [e for e in EDGES.values() if (e.source, e.target) == (source, target)]
    return tuple(sorted(found, key=lambda edge: not edge.default))


def metric_code(argument: str, word: object) -> str:
    """Return the code of a metric, or refuse the word with the nearest ones.

    Parameters
    ----------
    argument : str
        The argument to name in the message.
    word : object
        What came: a code, another spelling of one, or a name in words.

    Returns
    -------
    str
        The code.

    Raises
    ------
    InputError
        If no metric is called so, or more than one.

    Examples
    --------
    >>> metric_code("source", "OR"), metric_code("source", "Cohen's d"), metric_code("source", "η²")
    ('or', 'd', 'eta2')
    """
    if word in METRICS:
        return METRICS[str(word)].code
    if not isinstance(word, str):
        raise InputError(f"`{argument}` must be a metric, such as {_SOME}; got {word!r}.")
    if word.strip() == "Z":
        raise InputError(
            f"`{argument}` must say which z: 'z' is Fisher's z of a correlation, 'z_stat' the z of "
            "a test; got 'Z'."
        )
    letters = _letters(word)
    alike = {METRICS[code].code for code in _SPELLINGS.get(letters, ())}
    # A capital may be a letter written large; u and h are not short for U and H.
    if len(letters) == 1 and word.strip().islower():
        alike &= {letters}
    if len(alike) == 1:
        return alike.pop()
    near = list(dict.fromkeys(METRICS[code].code for code in _near(letters)))
    hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise InputError(
        f"`{argument}` must be a metric, such as {_SOME}; got {word!r}.{hint} "
        f"`convert_table()` lists all {len(METRICS)}."
    )


#: The metrics that most people look for.
_SOME = "'d', 'g', 'r', 'z', 'or', 't', 'F' or 'eta2'"
_GREEK = {"η": "eta", "ω": "omega", "ε": "epsilon", "χ": "chi", "α": "alpha", "β": "beta"}


def _letters(word: str) -> str:
    """Return a name as its letters and digits alone, small, Greek letters and ² written out."""
    plain = unicodedata.normalize("NFKC", word)
    spelt = "".join(_GREEK.get(character, character) for character in plain.casefold())
    return "".join(character for character in spelt if character.isalnum())


def _spellings() -> dict[str, list[str]]:
    """Return the codes by the letters of every name that they go by."""
    found: dict[str, list[str]] = {}
    names = [(name, name) for name in (*METRICS, *METRICS.aliases)]
    for name, code in (*names, *SPOKEN.items()):
        found.setdefault(_letters(name), []).append(code)
    return found


_SPELLINGS = _spellings()


def _near(letters: str) -> list[str]:
    """Return the codes whose names are most like some letters."""
    names = difflib.get_close_matches(letters, _SPELLINGS, n=3, cutoff=0.6)
    cohens = [code for code in METRICS if len(letters) == 1 and code == f"cohen_{letters}"]
    return [*cohens, *(code for name in names for code in _SPELLINGS[name])][:3]


def _may_follow(edge: Edge, way: tuple[Edge, ...]) -> bool:
    """Tell whether a step may be added to a way without losing which correlation it carries."""
    if not way:
        return True
    passed_r = any("r" in (step.source, step.target) for step in way)
    return not (way[-1].alone or edge.alone or (passed_r and METRICS[edge.target].typed))


def _unreachable(source: str, target: str, ends: set[str]) -> str:
    """Say where a metric leads, or, of one that leads nowhere, what it is made from."""
    within = [code for code in METRICS if code in ends]
    if within:
        led = listing([repr(code) for code in within], 8)
        return (
            f"`target` must be one of {led}, to which {source!r} can be converted; got {target!r}."
        )
    origins = dict.fromkeys(edge.source for edge in EDGES.values() if edge.target == source)
    way_out = " or ".join(repr(origin) for origin in origins)
    return (
        f"`target` cannot be {target!r}: no rule leads from {source} to another metric. "
        f"Convert what it was computed from: {way_out}."
    )


@lru_cache(maxsize=1024)
def route(source: str, target: str) -> tuple[Edge, ...]:
    """Return the shortest way over default rules; of several, the one with fewest approximations.

    Parameters
    ----------
    source, target : str
        Codes of two metrics.

    Returns
    -------
    tuple of Edge
        The steps; empty where both are the same.

    Raises
    ------
    InputError
        If ``target`` cannot be reached, as test statistics cannot.
    """
    ways: list[tuple[Edge, ...]] = [()]
    seen, ends = {source}, {source}
    reached = [way for way in ways if source == target]
    while ways and not reached:
        ways = [
            (*way, edge)
            for way in ways
            for edge in EDGES.values()
            if edge.default
            and edge.source == (way[-1].target if way else source)
            and edge.target not in seen
            and _may_follow(edge, way)
        ]
        ends |= {way[-1].target for way in ways}
        seen |= {way[-1].target for way in ways if not way[-1].alone}
        reached = [way for way in ways if way[-1].target == target]
    if not reached:
        raise InputError(_unreachable(source, target, ends - {source}))
    return min(reached, key=lambda way: sum(edge.exactness == "approximation" for edge in way))


def steps_by(source: str, target: str, rule: str | None) -> tuple[Edge, ...]:
    """Return the route with a named rule wherever a step has it.

    Parameters
    ----------
    source, target : str
        Codes of two metrics.
    rule : str or None
        Code of a rule, or None for the defaults.

    Returns
    -------
    tuple of Edge
        The steps.

    Raises
    ------
    InputError
        If no step has the rule, or ``target`` cannot be reached.
    """
    way = route(source, target)
    if rule is None:
        return way
    choices = [{edge.rule: edge for edge in rules_between(e.source, e.target)} for e in way]
    known = list(dict.fromkeys(code for choice in choices for code in choice))
    if not known:
        raise InputError(f"`rule` must be None where nothing is converted; got {rule!r}.")
    if rule not in known:
        raise InputError(one_of("rule", known, rule))
    return tuple(choice.get(rule, edge) for choice, edge in zip(choices, way, strict=True))


def convert_table() -> pandas.DataFrame:
    """List every conversion: metrics, rule, formula, needs, assumption, source.

    Returns
    -------
    DataFrame
        One row a rule and direction, with columns ``family source target rule default formula needs
        optional exactness assumption reference used_by``.

    Examples
    --------
    >>> table = convert_table()
    >>> rows = table[(table.source == "log_or") & (table.target == "d")]
    >>> print(rows[["rule", "default", "formula"]].to_string(index=False))
        rule  default                                                         formula
    logistic     True                                                     log_or·√3/π
         cox    False                                                     log_or/1.65
      probit    False Φ⁻¹(expit(log_or + logit(p))) − Φ⁻¹(p), p = control_rate
    """
    return pd.DataFrame(
        [
            {
                "family": family,
                "source": edge.source,
                "target": edge.target,
                "rule": edge.rule,
                "default": edge.default,
                "formula": edge.symbols(),
                "needs": ", ".join(edge.needs),
                "optional": ", ".join(f"{w}={v:g}" for w, v in edge.optional.items()),
                "exactness": edge.exactness,
                "assumption": edge.assumption,
                "reference": edge.reference,
                "used_by": edge.used_by,
            }
            for family, edges in FAMILIES.items()
            for edge in edges
        ]
    )
