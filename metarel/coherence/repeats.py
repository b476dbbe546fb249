"""Checks of one result that a text prints more than once, such as in abstract and results."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from metarel.coherence._check import Check, Question, Trial
from metarel.coherence._figures import Group, Report
from metarel.coherence._span import SLACK, Span

#: Figures by which two results are known as one: at least so many must agree, ...
_MARKS = ("estimate", "ci_low", "ci_high", "k", "N", "Q", "z")
ENOUGH = 3
#: (in a text with more effects, where two may be alike by chance, one more)
MANY_EFFECTS = 12
#: ... these among them, at least so many.
_EFFECT, OF_EFFECT = ("estimate", "ci_low", "ci_high"), 2
#: Figures that are then held against each other.
_HELD = (*_MARKS, "Q_df", "I2", "tau2", "t", "se", "pi_low", "pi_high")
#: Words for an analysis that is another one though its mean may be the same to the last digit.
_ANOTHER = re.compile(
    r"\b(?:exclu\w*|remov\w*|omit\w*|without|sensitivit\w*|leav\w*|left|trim\w*|imput\w*|fixed"
    r"|common|adjust\w*|outlier\w*|only|robust\w*|bayes\w*|re-?analys\w*|subgroup\w*|restrict\w*"
    r"|alternative\w*|previous\w*|earlier|update\w*|original\w*|influen\w*|limited|unadjusted"
    r"|bootstrap\w*|corrected|follow-?ups?|months?|weeks?|post-?\w*|baseline|multilevel"
    r"|three-level|reported by|found by|et al)\b",
    re.I,
)
#: Words of a label that say of what the mean is no more than that it is one.
_WHOLE = re.compile(
    r"\b(?:the|of|an?|in|on|for|overall|pooled|mean|weighted|average|total|combined|summary|random"
    r"|fixed|effects?|sizes?|estimates?|results?|correlations?|model|meta-analysis|analysis|all"
    r"|main|primary|aggregate|association|difference|studies)\b",
    re.I,
)
_WORD = re.compile(r"[a-z]{3,}")
_STOP = re.compile(r"[.!?](?=\s+[A-Z])|\n\n")


def _start(group: Group) -> int:
    return min((figure.start for figure in group.figures.values()), default=-1)


def _another(report: Report, stops: list[int], group: Group) -> bool:
    """Tell whether the sentence of a result says that it is one of another analysis."""
    at = bisect_right(stops, _start(group))
    begin = stops[at - 1] if at else 0
    end = stops[at] if at < len(stops) else len(report.text)
    return bool(_ANOTHER.search(report.text[begin:end]))


@dataclass(frozen=True, slots=True)
class _Print:
    """A result and the numbers that its figures stand for, by name."""

    group: Group
    spans: dict[str, Span]
    sentence: int

    def agrees(self, other: _Print, name: str) -> bool:
        """Tell whether both have a figure and some number is both."""
        one, two = self.spans.get(name), other.spans.get(name)
        return one is not None and two is not None and one.touches(two)


def _print(group: Group, stops: list[int]) -> _Print:
    spans = {name: span for name in _HELD if (span := group.span(name)) is not None}
    if "k" in spans and group["k"].name != "k":  # effects, where studies are not counted
        del spans["k"]
    return _Print(group, spans, bisect_right(stops, _start(group)))


def _shared(one: _Print, two: _Print, enough: int) -> list[str]:
    """Return the figures that two prints of one result share; none where they are two results."""
    if one.group.metric != two.group.metric or one.sentence == two.sentence:
        return []
    about = [set(_WORD.findall(_WHOLE.sub(" ", each.group.label.lower()))) for each in (one, two)]
    if all(about) and about[0].isdisjoint(about[1]):
        return []
    agree = sum(one.agrees(two, name) for name in _MARKS)
    both = [name for name in _HELD if name in one.spans and name in two.spans]
    differ = sum(not one.agrees(two, name) for name in both)
    return both if agree >= enough and differ < agree else []


def _twice(report: Report) -> Iterator[Question]:
    """Ask of each result that is printed twice whether its figures are the same."""
    stops = [match.end() for match in _STOP.finditer(report.text)]
    effects = [g for g in report.groups if "estimate" in g and _start(g) >= 0]
    compared = {  # sentences that compare subgroups, one of which may have the mean of all
        bisect_right(stops, g["Q_between"].start) for g in report.groups if "Q_between" in g
    }
    prints = [
        _print(group, stops)
        for group in effects
        if not _another(report, stops, group) and bisect_right(stops, _start(group)) not in compared
    ]
    enough = ENOUGH + (len(effects) > MANY_EFFECTS)
    for one, two in _alike(prints):
        for name in _shared(one, two, enough):
            yield _question(name, one, two)


def _alike(prints: list[_Print]) -> Iterator[tuple[_Print, _Print]]:
    """Yield the pairs of results whose effects and limits agree in enough figures."""
    none = Span(np.nan, np.nan)
    spans = [[one.spans.get(name, none) for name in _EFFECT] for one in prints]
    low = np.array([[s.low for s in row] for row in spans]).reshape(-1, len(_EFFECT))
    high = np.array([[s.high for s in row] for row in spans]).reshape(-1, len(_EFFECT))
    for i, one in enumerate(prints):
        touch = (low[i + 1 :] <= high[i] + SLACK) & (high[i + 1 :] >= low[i] - SLACK)
        for place in np.flatnonzero(touch.sum(axis=1) >= OF_EFFECT):
            yield one, prints[i + 1 + int(place)]


def _question(name: str, one: _Print, two: _Print) -> Question:
    """Ask whether a figure of the later print is that of the earlier."""
    later, unit = two.spans[name], two.group.unit(name)
    trials = [Trial("", "usual", later, one.spans[name], unit)]
    if not trials[0].fits:
        words = "they are of two analyses with the same mean"
        trials.append(Trial(words, "rare", later, later, unit))
    told = "the same result is printed twice, once with {given} and once with {lead}"
    figures = (two.group[name], one.group[name])
    return Question(figures, tuple(trials), "", two.group.label, told)


CHECKS = (
    Check("same figure twice", "A result that is printed twice has the same figures.", "repeats",
          ("estimate", "ci_low|k"), "Which of the two is right, or are they of two analyses?",
          "nuijten2016", _twice, of="text"),
)  # fmt: skip
