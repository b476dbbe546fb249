"""Checks of one effect printed in two metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.coherence._check import Check, Question, Rank, Way, relation
from metarel.coherence._figures import FIGURES, RATIOS, Group
from metarel.coherence._span import Span
from metarel.convert.register import rules_between

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Edge

_FAMILY = "conversions"
_ASK = "By which formula, and from which figure, was the effect converted?"
#: Rules that nobody would take for a pooled effect without saying so.
_SELDOM = ("dichotomised", "dichotomised-n", "bias-adjusted")
_SIZES = (("N", Span(4.0, 1e7)),)
#: Shares that nobody printed, where a rule needs one.
_SHARES = {"base_rate": Span(0.05, 0.5), "control_rate": Span(0.02, 0.98)}


def _needs(edge: Edge, x: Mapping[str, Array]) -> dict[str, Array]:
    """Return what a rule needs: the optional numbers as usual, sizes from the total sample."""
    like = np.ones_like(x["N"] if "N" in x else next(iter(x.values())), dtype=float)
    total = x.get("N", like)
    known = {
        "n1": x["n1"] if "n1" in x else total / 2,
        "n2": x["n2"] if "n2" in x else total / 2,
        "n": total,
        "df": x["n1"] + x["n2"] - 2 if "n1" in x and "n2" in x else total - 2,
    }
    optional = {name: like * value for name, value in edge.optional.items()}
    known |= {name: x[name] for name in _SHARES if name in x}
    return optional | {name: known[name] for name in edge.needs}


def _way(edge: Edge, rank: Rank, extra: tuple[tuple[str, Span], ...], note: str = "") -> Way:
    def value(effect: Array, x: Mapping[str, Array]) -> Any:
        return edge.forward(effect, _needs(edge, x))

    words = f"the rule was '{edge.rule}' ({edge.assumption.rstrip('.')}){note}"
    return Way(f"{edge.rule}{note}", words, rank, value, extra=extra, who=edge.used_by)


def _ways_of(source: str, target: str) -> tuple[Way, ...]:
    """Return the rules between two metrics, those that need sizes with any two equal groups."""
    ways = []
    for edge in rules_between(source, target):
        shares = tuple((name, _SHARES[name]) for name in edge.needs if name in _SHARES)
        if set(edge.needs) - {"n1", "n2", "n", "df", *_SHARES}:
            continue
        if shares:
            ways.append(_way(edge, "rare", shares, " and groups of unequal size or other rates"))
            continue
        seldom = edge.rule in _SELDOM
        if not edge.needs:
            rank: Rank = "rare" if seldom else "usual" if edge.default else "other"
            ways.append(_way(edge, rank, ()))
            continue
        rank = "rare" if seldom else "usual" if source == "d" else "other"
        note = "" if source == "d" else ", with the sizes of some study"
        ways.append(_way(edge, rank, _SIZES, note))
    return tuple(ways)


def _converted(source: str, before: Any = np.positive) -> Any:
    def formula(x: Mapping[str, Array], rule: Any, corrected: Any = None) -> Array:
        factor = 1.0 if corrected is None else corrected(x)
        return np.asarray(rule(before(x[source]), x) * factor)

    return formula


def _of_one_study(way: Way) -> Callable[[Group], Rank | None]:
    return lambda group: way.rank_for(group) if not group.usable("k") else None


def _sized(ways: tuple[Way, ...]) -> tuple[Way, ...]:
    """Return the same ways, each first with the sizes that are printed."""
    single = tuple(
        Way(f"{way.code}, printed n", way.words.replace(", with the sizes of some study", ""),
            _of_one_study(way), way.value, ("n1", "n2"), (), way.who)
        for way in ways if way.extra == _SIZES
    )  # fmt: skip
    return (*single, *ways)


#: Hedges' factor of six people and more.
_J = (("J", Span(0.8, 1.0)),)
CORRECTED = (
    Way("d", "", "usual", lambda x: 1.0),  # noqa: ARG005
    Way("g", "what is printed as d carries Hedges' correction", "other", lambda x: x["J"],
        extra=_J, who="papers that call g d"),
)  # fmt: skip
_PAIRS = (
    ("d", "r", "r", "d", np.positive, "borenstein2009"),
    ("g", "d", "d", "g", np.positive, "hedges1981"),
    ("d", "OR", "log_or", "d", np.log, "chinn2000"),
    ("fisher_z", "r", "r", "z", np.positive, "fisher1921"),
)


def _g_from_r(x: Mapping[str, Array], rule: Any) -> Array:
    """Return g from r by way of d; J lies between that of six people and 1."""
    return np.asarray(rule(x["r"], x) * x["J"])


_TO_D = _sized(_ways_of("r", "d"))
_TO_G = tuple(
    Way(way.code, way.words, way.rank, way.value, way.needs, (*way.extra, *_J),
        way.who)
    for way in _TO_D
)  # fmt: skip


def _where_whole(source: str, target: str) -> Any:
    """Say whether both figures of a pair are effects of their own, each read in its metric."""
    return lambda group: all(
        name in group and FIGURES[group[name].name].code == name for name in (source, target)
    )


def _questions(output: str, given: str, formula: Any, ways: tuple[tuple[Way, ...], ...]) -> Any:
    ask = relation(output, formula, *ways, inputs=(given,), when=_where_whole(given, output))

    def questions(group: Group) -> Iterator[Question]:
        yield from ask(group)

    return questions


def _check(
    output: str, given: str, formula: Any, ways: tuple[Way, ...], symbols: str, source: str
) -> Check:
    name = f"{FIGURES[output].code} is {FIGURES[given].code} converted."
    kinds = (ways, CORRECTED) if output == "d" else (ways,)
    return Check(
        f"{output} from {given}",
        name,
        _FAMILY,
        (output, given),
        _ASK,
        source,
        _questions(output, given, formula, kinds),
        arithmetic=False,
        ways=kinds,
        formula=symbols,
    )


_SYMBOLS = {
    ("d", "r"): "d = 2r/√(1 − r²)",
    ("g", "d"): "g = J·d",
    ("d", "OR"): "d = ln(OR)·√3/π",
    ("fisher_z", "r"): "z = artanh(r)",
}
CHECKS = (
    *(
        _check(
            output,
            given,
            _converted(given, before),
            _sized(_ways_of(source, target)),
            _SYMBOLS[output, given],
            key,
        )
        for output, given, source, target, before, key in _PAIRS
    ),
    _check("g", "r", _g_from_r, _TO_G, "g = J·2r/√(1 − r²)", "borenstein2009"),
    Check(
        "ratio from log ratio",
        "The ratio is the exponential of its logarithm.",
        _FAMILY,
        ("estimate", "log_ratio"),
        "Are both of the same analysis?",
        "borenstein2009",
        relation(
            "estimate",
            lambda x: np.exp(x["log_ratio"]),
            inputs=("log_ratio",),
            when=lambda group: group.metric in RATIOS,
        ),
        formula="ratio = exp(log ratio)",
    ),
)
