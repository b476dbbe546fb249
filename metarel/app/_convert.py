"""What the tab on one number shows: its conversion, meaning, picture, and a second number."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from metarel._format import folded as broken
from metarel._lazy import Deferred
from metarel._printed_interval import printed_decimal
from metarel.app._attempt import Outcome, attempt
from metarel.app._numbers import plain_number, refuse_bound
from metarel.app._pictures import Picture, canvas, plot, taken
from metarel.convert._compatibility import Compatibility
from metarel.convert._edge import METRICS, NEEDS, Edge
from metarel.convert._explained import Explanation
from metarel.convert._meanings import GROUPS_OF_R
from metarel.convert._walk import readable
from metarel.convert.compatible import compatible
from metarel.convert.explain import explain
from metarel.convert.interpret import Interpretation
from metarel.convert.register import EDGES, rules_between, steps_by
from metarel.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

interpret: Any = Deferred("metarel.convert.interpret")

#: Metrics whose meaning can be told, and the word that ``interpret`` has for each.
MEANINGS = {"d": "d", "g": "g", "r": "r", "log_or": "log_or", "or": "odds_ratio"}
_WORD = "|".join(sorted(NEEDS, key=len, reverse=True))
_LISTED = re.compile(rf"(needs |rules only: )((?:{_WORD})(?:, (?:{_WORD}))*)\b(?! )")
_ALONE = re.compile(rf"(?<=\bno )({_WORD})\b")
_QUOTED = re.compile(rf"`({_WORD})`")
#: The ways to say an effect that stand first; the others are folded.
FIRST = (
    *("d", "r", "U3", "overlap", "CLES", "variance explained"),
    *("odds ratio", "NNT (Kraemer-Kupfer)"),
)
MOST_FIRST = 6
#: The word without which a conversion does what most people mean.
USUAL = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A number to be converted, as it was typed.

    Parameters
    ----------
    number, source, target : str
        The number with its digits, and the metrics.
    rule : str
        A rule's code; empty for the usual one.
    reported : str
        A second printed number, of the target metric; empty for none.
    needs : tuple of (str, str)
        Sizes and what else was typed, by word; without what was left empty.
    """

    number: str
    source: str
    target: str
    rule: str = USUAL
    reported: str = ""
    needs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of a number.

    Parameters
    ----------
    question : Question
        What was asked.
    explanation : Explanation
        The result with its steps.
    meaning : Interpretation or None
        What the effect means; None where its metric has no meaning for people.
    compatibility : Compatibility or None
        Whether the second number can be the same effect; None without one.
    """

    question: Question
    explanation: Explanation
    meaning: Interpretation | None
    compatibility: Compatibility | None

    @property
    def headline(self) -> str:
        """The result in one line."""
        return str(self.explanation).split("\n", 1)[0]


def metric_choices() -> dict[str, str]:
    """Return every metric that leads somewhere by its code, named for people."""
    sources = {edge.source for edge in EDGES.values()}
    return {code: _named(code) for code in METRICS if code in sources}


def _named(code: str) -> str:
    return f"{code} – {METRICS[code].name}"


@cache
def target_choices(source: str) -> dict[str, str]:
    """Return the metrics that one metric can be converted to."""
    return {code: _named(code) for code in METRICS if code != source and _steps(source, code)}


@cache
def _steps(source: str, target: str) -> tuple[Edge, ...]:
    """Return the steps from one metric to another; none where no way leads there."""
    try:
        return steps_by(source, target, None)
    except InputError:
        return ()


@cache
def rule_choices(source: str, target: str) -> dict[str, str]:
    """Return the rules of a conversion by code; the usual one first."""
    edges = _steps(source, target)
    found = {USUAL: f"the usual one ({', '.join(edge.rule for edge in edges)})"}
    for edge in edges:
        others = rules_between(edge.source, edge.target)
        found |= {other.rule: other.rule for other in others if len(others) > 1}
    return found


@cache
def need_choices(source: str, target: str, rule: str = USUAL) -> dict[str, str]:
    """Return the words that a rule reads, with their meaning; without a rule, those of all."""
    words: set[str] = set()
    for edge in _steps(source, target):
        rules = rules_between(edge.source, edge.target)
        chosen = [other for other in rules if other.rule == rule] or rules
        for other in chosen:
            words |= readable(other)
    return {word: label for word, label in all_needs().items() if word in words}


def all_needs() -> dict[str, str]:
    """Return every word that some rule reads, with its meaning."""
    return {word: f"{_capital(NEEDS[word].meaning)} ({word})" for word in NEEDS}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def in_words(text: str) -> str:
    """Return a text with the meaning of what rules need in place of its code word.

    Examples
    --------
    >>> in_words("  r → d exact: needs n1, n2")
    '  r → d exact: needs size of group 1, size of group 2'
    """

    def listed(found: re.Match[str]) -> str:
        return found[1] + ", ".join(NEEDS[word].meaning for word in found[2].split(", "))

    alone = _ALONE.sub(lambda found: NEEDS[found[1]].meaning, _LISTED.sub(listed, text))
    return _QUOTED.sub(lambda found: f"the {NEEDS[found[1]].meaning}", alone)


def asked(question: Question) -> Outcome[Answer]:
    """Answer a question, or say in a paragraph for readers of the page why there is no answer."""
    outcome = attempt(lambda: answer(question))
    said = in_words(outcome.problem.replace("`value`", "The number"))
    said = re.sub(r"\brow 0 is\b", "got", said)
    return replace(outcome, problem=_capital(said))


def answer(question: Question) -> Answer:
    """Convert a number, explain it, say what it means, and hold a second number against it."""
    if not question.number.strip():
        raise InputError("Type a number as it is printed, such as .28.")
    for typed in (question.number, question.reported):
        refuse_bound(typed, question.source, question.target)
    number = plain_number(question.number)
    needs: dict[str, Any] = {
        word: float(printed_decimal(plain_number(text), word)) for word, text in question.needs
    }
    reported = plain_number(question.reported) or None
    explanation = explain(
        number,
        question.source,
        question.target,
        rule=question.rule or None,
        against=reported,
        **needs,
    )
    found = None
    if reported is not None:
        found = compatible(number, question.source, reported, question.target, **needs)
    return Answer(question, explanation, meaning_of(explanation), found)


def meaning_of(explanation: Explanation) -> Interpretation | None:
    """Return what the result means, or the start where only that can be told."""
    ends = ((explanation.target, explanation.result), (explanation.source, explanation.value))
    for metric, value in ends:
        if metric in MEANINGS:
            word: dict[str, Any] = {MEANINGS[metric]: value}
            if metric in ("d", "g") and explanation.source == "r":  # nobody was treated
                word["groups"] = GROUPS_OF_R
            told: Interpretation = interpret.interpret(**word)
            return told
    return None


def steps_and_rest(explanation: Explanation) -> tuple[str, str]:
    """Return the steps, and what other rules give and the digits leave open."""
    _, _, told = in_words(str(explanation)).partition("\n")
    steps, mark, rest = told.partition("Other rules:")
    return steps.strip("\n"), f"{mark}{rest}"


def answer_and_ways(found: Compatibility) -> tuple[str, str]:
    """Return whether two numbers can be one effect, and the ways one by one."""
    rest = str(found).removeprefix(broken(found.answer))
    return in_words(found.answer), in_words(rest).strip("\n")


def said_first(meaning: Interpretation) -> pd.DataFrame:
    """Return the few ways to say an effect that most people ask for."""
    frame = meaning.to_frame()
    told = frame["quantity"].tolist()
    places = [told.index(name) for name in FIRST if name in told]
    return frame.iloc[places[:MOST_FIRST]]


def said_otherwise(meaning: Interpretation) -> pd.DataFrame:
    """Return the other ways."""
    return meaning.to_frame().drop(index=said_first(meaning).index)


def picture(meaning: Interpretation, *, narrow: bool, theme: str) -> Picture:
    """Draw what an effect means, for a wide page or for a phone."""
    size = (3.7, 3.9) if narrow else (6.6, 4.6)
    ax = plot.interpretation(meaning, ax=canvas(*size, theme), theme=theme)
    return taken(ax)
