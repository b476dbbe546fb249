"""Checks of one result that a text prints more than once, such as in abstract and results."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import combinations

from metarel.coherence._check import Check, Question, Trial
from metarel.coherence._figures import Figure, Group, Report

#: Figures by which two results are known as one: at least so many must agree, ...
_MARKS = ("estimate", "ci_low", "ci_high", "k", "N", "Q", "z")
ENOUGH = 3
#: ... these among them, at least so many.
_EFFECT, OF_EFFECT = ("estimate", "ci_low", "ci_high"), 2
#: Figures that are then held against each other.
_HELD = (*_MARKS, "Q_df", "I2", "tau2", "t", "se", "pi_low", "pi_high")
#: Words for an analysis that is another one though its mean may be the same to the last digit.
_ANOTHER = re.compile(
    r"\b(?:exclu\w*|remov\w*|omit\w*|without|sensitivit\w*|leav\w*|left|trim\w*|imput\w*|fixed"
    r"|common|adjust\w*|outlier\w*|only|robust\w*|bayes\w*|re-?analys\w*|subgroup\w*|restrict\w*"
    r"|alternative\w*|previous\w*|earlier|update\w*|original\w*|influen\w*|limited|unadjusted"
    r"|bootstrap\w*|corrected|multilevel|three-level|reported by|found by|et al)\b",
    re.I,
)
_STOP = re.compile(r"[.!?](?=\s+[A-Z])|\n\n")


def _start(group: Group) -> int:
    return min((figure.start for figure in group.figures.values()), default=-1)


def _another(report: Report, stops: list[int], group: Group) -> bool:
    """Tell whether the sentence of a result says that it is one of another analysis."""
    at = bisect_right(stops, _start(group))
    begin = stops[at - 1] if at else 0
    end = stops[at] if at < len(stops) else len(report.text)
    return bool(_ANOTHER.search(report.text[begin:end]))


def _same(one: Group, two: Group, name: str) -> bool:
    a, b = one.span(name), two.span(name)
    return a is not None and b is not None and a.touches(b)


def _shared(one: Group, two: Group) -> list[str]:
    """Return the figures that two prints of one result share; none where they are two results."""
    if one.metric != two.metric:
        return []
    agree = [name for name in _MARKS if _same(one, two, name)]
    if len(agree) < ENOUGH or sum(name in _EFFECT for name in agree) < OF_EFFECT:
        return []
    both = [name for name in _HELD if one.usable(name) and two.usable(name)]
    differ = sum(not _same(one, two, name) for name in both)
    return both if differ < len(agree) else []


def _twice(report: Report) -> Iterator[Question]:
    """Ask of each result that is printed twice whether its figures are the same."""
    stops = [match.end() for match in _STOP.finditer(report.text)]
    effects = [g for g in report.groups if "estimate" in g and _start(g) >= 0]
    whole = [group for group in effects if not _another(report, stops, group)]
    for one, two in combinations(whole, 2):
        for name in _shared(one, two):
            yield _question(one[name], two[name], one, two)


def _question(first: Figure, second: Figure, one: Group, two: Group) -> Question:
    later, earlier = two.span(second.name), one.span(first.name)
    unit = two.unit(second.name)
    if later is None or earlier is None:  # both are usable, or they would not be compared
        return Question((second, first), (), "", two.label)
    words = "they are of two analyses with the same mean"
    trials = [Trial("", "usual", later, earlier, unit)]
    if not trials[0].fits:
        trials.append(Trial(words, "rare", later, later, unit))
    told = "the same result is printed twice, once with {given} and once with {lead}"
    return Question((second, first), tuple(trials), "", two.label, told)


CHECKS = (
    Check("same figure twice", "A result that is printed twice has the same figures.", "repeats",
          ("estimate", "ci_low|k"), "Which of the two is right, or are they of two analyses?",
          "nuijten2016", _twice, of="text"),
)  # fmt: skip
