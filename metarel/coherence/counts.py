"""Checks of what a figure can be at all, of counts, and of percentages of counts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from metarel.coherence._check import Check, Question, Rank, Trial
from metarel.coherence._figures import FIGURES, HUGE, Group
from metarel.coherence._span import Span

_FAMILY = "counts and ranges"
#: Words for figures that some programs print beyond what they can be.
_UNCUT = {
    "I2": "I2 was not set to zero where Q is below its df",
    "tau2": "tau2 was not set to zero where the estimate is negative",
}


def _possible(group: Group) -> Iterator[Question]:
    """Ask of each figure whether it is one at all."""
    for name, figure in group.figures.items():
        kind = FIGURES[figure.name]
        span = figure.span()
        ends = Span(*(end if abs(end) < HUGE else math.copysign(math.inf, end)
                      for end in (kind.low, kind.high)))  # fmt: skip
        trials = [Trial("", "usual", span, ends, group.unit(name))]
        negative = span.high < kind.low
        if not trials[0].fits and negative and name in _UNCUT:
            trials.append(Trial(_UNCUT[name], "rare", span, span, group.unit(name)))
        named = f"{figure.name.replace('_', ' ')} ({kind.meaning})"
        told = f"{{lead}} is printed, but {named} {_range(ends)}"
        if name != "estimate" or figure.name == "estimate":
            yield Question((figure,), tuple(trials), "", group.label, told)
        whole = figure.printed.value
        if kind.whole and whole is not None and whole != whole.to_integral_value():
            near = Span(float(math.floor(whole)), float(math.floor(whole)))
            words = "it is an average, or its point stands between thousands"
            trial = Trial("", "usual", span.clipped(float(whole), float(whole)) or span, near, 1.0)
            rare = Trial(words, "rare", span, span, 1.0)
            told = "{lead} is printed, but a count is a whole number"
            yield Question((figure,), (trial, rare), "", group.label, told)


def _range(ends: Span) -> str:
    """Return what values a figure can have."""
    if math.isinf(ends.high):
        return f"is never below {ends.low:g}"
    if math.isinf(ends.low):
        return f"is never above {ends.high:g}"
    return f"lies between {ends.low:g} and {ends.high:g}"


def _sample_per_study(group: Group) -> Iterator[Question]:
    """Ask whether there is at least one participant a study."""
    k, total = group.span("k"), group.span("N")
    if k is None or total is None:
        return
    trials = [Trial("", "usual", total, Span(k.low, math.inf), group.unit("N"))]
    if not trials[0].fits:
        words = "k counts effects and N the studies or clusters that they come from"
        trials.append(Trial(words, "rare", total, total, group.unit("N")))
    about = "there are fewer participants than studies"
    yield Question((group["N"], group["k"]), tuple(trials), about, group.label)


def _percent(group: Group) -> Iterator[Question]:
    """Ask whether a percentage is that of its count."""
    share, count, total = group.span("percent"), group.span("count"), group.span("n")
    if share is None or count is None or total is None or total.high <= 0:
        return
    value = Span(count.low / total.high, min(count.high / max(total.low, 1), 1e9))
    trials = [Trial("", "usual", share, value, group.unit("percent"))]
    loose = group.span("percent", strict=False)
    if not trials[0].fits and loose is not None:
        words = "digits were cut off or rounded up, not rounded to the nearest"
        trials.append(Trial(words, "other", loose, value, group.unit("percent")))
    if not trials[-1].fits:
        trials = [trials[0]]
    figures = tuple(group[name] for name in ("percent", "count", "n"))
    yield Question(figures, tuple(trials), "", group.label)


def _whole_numbers(name: str) -> Any:
    """Return the questions whether any whole number over n is printed so (GRIM)."""

    def questions(group: Group) -> Iterator[Question]:
        span, total = group.span(name), group.span("n")
        if span is None or total is None or "count" in group:
            return
        n = total.low
        if n < 1 or n != total.high or span.width * n >= 1 or not math.isfinite(span.width):
            return
        trials = []
        for strict in (True, False):
            span = group.span(name, strict=strict) or span
            nearest = np.array([math.floor(span.low * n), math.ceil(span.low * n)])
            nearest = np.append(nearest, math.floor(span.high * n)) / n
            gaps = np.maximum(span.low - nearest, nearest - span.high)
            best = float(nearest[int(np.argmin(gaps))])
            words = "" if strict else "digits were cut off or rounded up"
            rank: Rank = "usual" if strict else "other"
            trials.append(Trial(words, rank, span, Span(best, best), group.unit(name)))
            if trials[-1].fits:
                break
        about = f"no whole number over {n:g} is printed so"
        yield Question((group[name], group["n"]), tuple(trials), about, group.label)

    return questions


_GRIM = "How many persons or items is it of, and is anybody missing?"
CHECKS = (
    Check("possible values", "Each figure is one that there can be.", _FAMILY, (),
          "Is it the figure that it is said to be?", "higgins2002", _possible),
    Check("N and k", "There is at least one participant a study.", _FAMILY, ("N", "k"),
          "What do k and N count?", "gotzsche2007", _sample_per_study),
    Check("percent of count", "The percentage is that of the count.", _FAMILY,
          ("percent", "count", "n"), _GRIM, "brown2017", _percent, formula="% = count/n"),
    Check("percent of n", "Some whole number of n has this percentage.", _FAMILY,
          ("percent", "n"), _GRIM, "brown2017", _whole_numbers("percent"),
          formula="% = i/n for a whole i"),
    Check("mean of whole numbers", "Some sum of n whole numbers has this mean.", _FAMILY,
          ("whole_mean", "n"), _GRIM, "brown2017", _whole_numbers("whole_mean"),
          formula="mean = i/n for a whole i"),
)  # fmt: skip
