"""Checks of an estimate with its confidence limits, standard error and prediction limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._distributions import critical_value
from metarel.coherence._check import Check, Question, Trial, Way, relation
from metarel.coherence._figures import Group
from metarel.coherence._span import Span
from metarel.coherence._ways import (
    CARRIED,
    KINDS,
    LEVELS,
    LOGIT,
    REFERENCES,
    SCALES,
    borrowed,
    critical,
    half_width,
    symmetric,
)

if TYPE_CHECKING:
    from metarel._checks import Array

_FAMILY = "intervals"
MIDDLES = (*SCALES, LOGIT)
_NOT_WALD = "the interval is one that need not be symmetric (bootstrap, profile, credible)"


def _inside(kind: str) -> Any:
    """Return the questions whether the estimate lies between two limits."""

    def questions(group: Group) -> Iterator[Question]:
        low, high = group.span(f"{kind}_low"), group.span(f"{kind}_high")
        estimate = group.span("estimate")
        if low is None or high is None or estimate is None:
            return
        between = Span(min(low.low, high.low), max(low.high, high.high))
        trial = Trial("", "usual", estimate, between, group.unit("estimate"))
        figures = (group["estimate"], group[f"{kind}_low"], group[f"{kind}_high"])
        yield Question(figures, (trial,), "the estimate lies outside its own interval", group.label)

    return questions


def _ordered(group: Group) -> Iterator[Question]:
    """Ask whether the lower limit was printed first; groups have them in order."""
    low, high = group.span("ci_low"), group.span("ci_high")
    if low is None or high is None:
        return
    unit = group.unit("ci_high")
    trials = [Trial("", "usual", high, Span(low.low, np.inf), unit)]
    if "limits reversed" in group.words:
        trials = [
            Trial("", "usual", low, Span(high.low, np.inf), unit),
            Trial("the upper limit was printed first", "other", low, low, unit),
        ]
    first, second = group["ci_high"].printed.text, group["ci_low"].printed.text
    told = f"the limits are printed as {first} and {second}"
    yield Question((group["ci_low"], group["ci_high"]), tuple(trials), "", group.label, told)


def _middle(kind: str) -> Any:
    def formula(x: Mapping[str, Array], scale: Any) -> Array:
        middle = (scale.to(x[f"{kind}_low"]) + scale.to(x[f"{kind}_high"])) / 2
        return np.asarray(scale.back(middle))

    return formula


def _symmetric(kind: str) -> Any:
    """Return the questions whether the estimate is the middle; a skewed interval may pass."""
    ask = relation(
        "estimate",
        _middle(kind),
        MIDDLES,
        inputs=(f"{kind}_low", f"{kind}_high"),
        when=symmetric,
    )

    def questions(group: Group) -> Iterator[Question]:
        for question in ask(group):
            last = question.trials[-1]
            inside = all(found.trials[0].fits for found in _inside(kind)(group))
            if last.fits or not inside:
                yield question
                continue
            exotic = Trial(_NOT_WALD, "rare", last.printed, last.printed, last.unit)
            yield Question(question.figures, (*question.trials, exotic), label=question.label)

    return questions


def _se(
    x: Mapping[str, Array], scale: Any, carried: Any, reference: Any, level: Any, kind: Any
) -> Array:
    se = half_width(x, scale) / critical(x, reference, level) * kind(x)
    return np.asarray(se / carried(x, scale))


def _contains(group: Group) -> Iterator[Question]:
    """Ask whether each prediction limit lies beyond the confidence limit."""
    ci_low, ci_high = group.span("ci_low"), group.span("ci_high")
    pi_low, pi_high = group.span("pi_low"), group.span("pi_high")
    if ci_low is None or ci_high is None or pi_low is None or pi_high is None:
        return
    beyond = (("pi_low", pi_low, "ci_low", Span(-np.inf, ci_low.high)),
              ("pi_high", pi_high, "ci_high", Span(ci_high.low, np.inf)))  # fmt: skip
    for name, own, limit, expected in beyond:
        unit = group.unit(name)
        trials = [Trial("", "usual", own, expected, unit)]
        if not trials[0].fits:
            words = "the two intervals were made at different levels or by different methods"
            trials.append(Trial(words, "rare", own, own, unit))
        about = "the prediction interval does not hold the whole confidence interval"
        yield Question((group[name], group[limit]), tuple(trials), about, group.label)


def _pi_df(used: int) -> Any:
    return lambda x: np.where(x["k"] > used, x["k"] - used, np.nan)


PREDICTIONS = (
    Way("z", "the prediction interval is a normal one", "usual", lambda x: np.inf,  # noqa: ARG005
        who="metafor with z-tests"),
    Way("t with k - 1", "the prediction interval uses t with k − 1 df", "usual", _pi_df(1),
        needs=("k",), who="meta since version 7, metafor with t-tests"),
    Way("t with k - 2", "the prediction interval uses t with k − 2 df", "usual", _pi_df(2),
        needs=("k",), who="Higgins, Thompson and Spiegelhalter; CMA, Stata"),
    Way("t, unknown df", "the prediction interval uses t with df that are not printed",
        lambda g: "rare" if "k" in g else "other", lambda x: x["pi_df"],
        extra=(("pi_df", Span(1.0, 1e5)),)),
)  # fmt: skip


def _prediction(side: int) -> Any:
    def formula(
        x: Mapping[str, Array], scale: Any, reference: Any, prediction: Any, level: Any
    ) -> Array:
        se = half_width(x, scale) / critical(x, reference, level)
        reach = critical_value(level(x), prediction(x)) * np.sqrt(x["tau2"] + se**2)
        return np.asarray(scale.back(scale.to(x["estimate"]) + side * reach))

    return formula


def _predicted(name: str, side: int) -> Any:
    ask = relation(
        name,
        _prediction(side),
        SCALES,
        _PI_REFERENCES,
        PREDICTIONS,
        LEVELS[:2],
        inputs=("estimate", "ci_low", "ci_high", "tau2"),
        when=symmetric,
    )

    def questions(group: Group) -> Iterator[Question]:
        for question in ask(group):
            trials = question.trials
            if not trials[-1].fits:
                words = "the prediction interval is one of the bootstrap or uses another tau2"
                own = trials[-1].printed
                trials = (*trials, Trial(words, "rare", own, own, trials[-1].unit))
            yield Question(question.figures, trials, label=question.label)

    return questions


def _as_usual(way: Way) -> Way:
    """Return a reference that is as good as the normal one where only limits are printed."""
    return Way(way.code, "", "usual", way.value, way.needs, way.extra, way.who)


_PI_USUAL, _PI_OTHER = ("z", "t with k - 1", "t with df of Q"), ("t, unknown df", "t, few df")
_PI_REFERENCES = (*(_as_usual(way) for way in REFERENCES if way.code in _PI_USUAL),
                  *(way for way in REFERENCES if way.code in _PI_OTHER))  # fmt: skip
_LIMITS = "Were estimate and limits copied from the same analysis, and at what level?"
CHECKS = (
    Check("limits in order", "The lower confidence limit is not above the upper one.", _FAMILY,
          ("ci_low", "ci_high"), "Which of the two is the lower limit?", "altman2011",
          _ordered),
    Check("estimate in CI", "The estimate lies inside its confidence interval.", _FAMILY,
          ("estimate", "ci_low", "ci_high"), _LIMITS, "altman2011", _inside("ci")),
    Check("CI symmetric", "The estimate is the middle of its interval on the analysis's scale.",
          _FAMILY, ("estimate", "ci_low", "ci_high"),
          "On which scale and by which method was the interval made?", "altman2011",
          _symmetric("ci"), arithmetic=False, ways=(MIDDLES,),
          formula="estimate = h⁻¹((h(low) + h(high))/2)"),
    Check("CI and SE", "The interval is as wide as the standard error makes it.", _FAMILY,
          ("se", "ci_low", "ci_high"),
          "Which standard error, level and reference distribution is the interval from?",
          "altman2011", relation("se", _se, SCALES, CARRIED, REFERENCES, LEVELS, KINDS,
                                 inputs=("ci_low", "ci_high"), when=symmetric, seldom=borrowed),
          arithmetic=False, ways=(SCALES, CARRIED, REFERENCES, LEVELS, KINDS),
          formula="SE = (h(high) − h(low))/(2c)"),
    Check("estimate in PI", "The estimate lies inside its prediction interval.", _FAMILY,
          ("estimate", "pi_low", "pi_high"), _LIMITS, "higgins2009", _inside("pi")),
    Check("PI symmetric", "The estimate is the middle of its prediction interval.", _FAMILY,
          ("estimate", "pi_low", "pi_high"),
          "On which scale and by which method was the prediction interval made?", "higgins2009",
          _symmetric("pi"), arithmetic=False, ways=(MIDDLES,),
          formula="estimate = h⁻¹((h(low) + h(high))/2)"),
    Check("PI holds CI", "The prediction interval is at least as wide as the confidence interval.",
          _FAMILY, ("ci_low", "ci_high", "pi_low", "pi_high"),
          "Are the two intervals of one analysis and one level?", "higgins2009", _contains,
          arithmetic=False),
    *(
        Check(f"PI from tau2, {side}", f"The {side} prediction limit follows from tau2 and the "
              "confidence interval.", _FAMILY,
              ("estimate", "ci_low", "ci_high", name, "tau2"),
              "By which formula, and from which tau2, was the prediction interval made?",
              "higgins2009", _predicted(name, sign), arithmetic=False,
              ways=(SCALES, _PI_REFERENCES, PREDICTIONS, LEVELS[:2]),
              formula="limit = h⁻¹(h(estimate) ± c·√(tau2 + SE²))")
        for name, side, sign in (("pi_low", "lower", -1), ("pi_high", "upper", 1))
    ),
)  # fmt: skip
