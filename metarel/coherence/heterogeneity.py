"""Checks of Q, its degrees of freedom, I2, H2 and tau2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._lazy import special
from metarel.coherence._check import RANKS, Check, Question, Rank, Trial, Way, relation
from metarel.coherence._figures import RATIOS, Group
from metarel.coherence._span import Span
from metarel.coherence._ways import LEVELS, REFERENCES, SCALES, critical, half_width, symmetric

if TYPE_CHECKING:
    from metarel._checks import Array

_FAMILY = "heterogeneity"
#: Estimators whose tau2 gives the I2 of Q exactly.
FROM_Q = ("DL", "FE", "EE", "CE")
#: Metrics whose printed standard error may be on another scale than tau2.
CARRIED_METRICS = ("r", *RATIOS)
#: H2 from tau2 of other estimators is seldom less or more than these times that from Q (at least
#: 1), ...
LEAST_UNDER, MOST_OVER = 0.4, 2.2
#: ... and their I2 seldom less than that from Q by more than these, the second over √df. So it is
#: in 99.5 % of drawn analyses of any estimator; `benchmarks/coherence.py` draws such.
LESS, LESS_OF_FEW = 0.15, 0.7
#: An I2 of zero beside a Q of so small a p is one of another analysis, not of another estimator.
SIGNIFICANT, NOT_ZERO = 0.05, 0.01
_BETWEEN_ENDS = (("definition", Span(0.0, 1.0)),)


def _df(x: Mapping[str, Array]) -> Array:
    return x["Q_df"] if "Q_df" in x else x["k"] - 1


def _i2_from_q(x: Mapping[str, Array], definition: Any) -> Array:
    return np.asarray(definition(x["Q"], _df(x), x))


def _q_definition(Q: Array, df: Array, x: Mapping[str, Array]) -> Array:  # noqa: ARG001
    return np.where(Q > 0, np.maximum(Q - df, 0) / np.maximum(Q, 1e-300), 0.0)


def _near_definition(Q: Array, df: Array, x: Mapping[str, Array]) -> Array:
    df = np.where(df > 0, df, np.nan)
    h2 = np.maximum(Q / df, 1)
    low = np.maximum(1 - 1 / h2 - LESS - LESS_OF_FEW / np.sqrt(df), 1 - 1 / (LEAST_UNDER * h2))
    low = np.maximum(low, 0.0)
    low = np.where(special.chdtrc(df, Q) < SIGNIFICANT, np.maximum(low, NOT_ZERO), low)
    high = 1 - 1 / (MOST_OVER * h2)
    return np.asarray(low + x["definition"] * (high - low))


def _not_dl(rank: Rank) -> Any:
    def ranked(group: Group) -> Rank | None:
        if group.words & set(FROM_Q):
            return None
        # RevMan takes I2 from Q; its newer version names the estimator where it does not
        return "rare" if "RevMan" in group.words and "REML" not in group.words else rank

    return ranked


_OF_TAU2 = "I2 was computed from tau2 of an estimator other than DerSimonian–Laird"
DEFINITIONS = (
    Way("Q", "", "usual", _q_definition, who="meta, CMA, Stata, RevMan until 2024"),
    Way("tau2", _OF_TAU2,
        _not_dl("other"), _near_definition, extra=_BETWEEN_ENDS,
        who="metafor, RevMan since 2024"),
    Way("k for k - 1", "k was taken for k − 1", "rare",
        lambda Q, df, x: np.maximum(Q - df - 1, 0) / np.maximum(Q, 1e-300)),  # noqa: ARG005
    Way("tau2, far", _OF_TAU2,
        _not_dl("rare"), lambda Q, df, x: x["any_share"],  # noqa: ARG005
        extra=(("any_share", Span(0.0, 1.0)),)),
)  # fmt: skip


_I2_FROM_Q = relation("I2", _i2_from_q, DEFINITIONS, inputs=("Q", "Q_df|k"))


def _i2_questions(group: Group) -> Iterator[Question]:
    """Ask whether I2 is that of Q; where it is not, say which tau2 would give it.

    By tau2 it is tau2/(tau2 + s²), where s² is the typical variance of the studies, and the tau2 of
    DerSimonian and Laird is s²(Q − df)/df [higgins2002]: an I2 from another estimator says how many
    times as large that tau2 is.
    """
    for question in _I2_FROM_Q(group):
        trials = tuple(
            replace(trial, words=trial.words.replace(_OF_TAU2, _what_it_takes(group)))
            for trial in question.trials
        )
        yield replace(question, trials=trials)


def _what_it_takes(group: Group) -> str:
    """Return in words which definition gives a printed I2 that is not that of Q, and from what."""
    share, Q = group.span("I2"), group.span("Q")
    df = group.span("Q_df") or group.span("k")
    if share is None or Q is None or df is None:
        return _OF_TAU2
    degrees = df.low if group.usable("Q_df") else df.low - 1
    i2, q = (share.low + share.high) / 2, (Q.low + Q.high) / 2
    told = "I2 was computed from tau2, as tau2/(tau2 + typical variance), and not from Q"
    excess = (q - degrees) / degrees if degrees > 0 else 0.0
    if excess <= 0:
        return f"{told}, from a tau2 above zero where DerSimonian–Laird's is zero"
    if i2 >= 1:
        return told
    times = i2 / (1 - i2) / excess
    return f"{told}, from a tau2 {times:.2g} times that of DerSimonian–Laird"


def _q_df(x: Mapping[str, Array], count: Any) -> Array:
    return np.asarray(count(x))


COUNTS = (
    Way("k - 1", "", "usual", lambda x: x["k"] - 1, who="every program"),
    Way("effects - 1", "", "usual", lambda x: x["effects"] - 1, needs=("effects",)),
    Way("more effects", "df counts effects, and k studies or samples with several of them", "rare",
        lambda x: x["k"] - 1 + x["more"], extra=(("more", Span(1.0, 1e6)),)),
    Way("fewer", "not all k entered this Q, or it is what moderators left over", "rare",
        lambda x: np.maximum(x["k"] - 1 - x["fewer"], 0), extra=(("fewer", Span(1.0, 1e6)),)),
)  # fmt: skip


def _q_p(x: Mapping[str, Array]) -> Array:
    return np.asarray(special.chdtrc(_df(x), np.maximum(x["Q"], 0)))


def _h2(x: Mapping[str, Array], definition: Any) -> Array:
    return np.asarray(definition(np.maximum(x["Q"], 0) / np.where(_df(x) > 0, _df(x), np.nan), x))


def _near_h2(h2: Array, x: Mapping[str, Array]) -> Array:
    df = _df(x)
    return 1 / (1 - _near_definition(np.maximum(h2, 0) * df, df, x))


H_DEFINITIONS = (
    Way("Q", "", "usual", lambda h2, x: h2, who="Higgins and Thompson"),  # noqa: ARG005
    Way("at least 1", "H2 was set to 1 where Q is below its df", "usual",
        lambda h2, x: np.maximum(h2, 1), who="meta"),  # noqa: ARG005
    Way("excess", "H2 is the excess (Q − df)/df", "other",
        lambda h2, x: np.maximum(h2 - 1, 0), who="Mittlböck and Heinzl"),  # noqa: ARG005
    Way("tau2", "H2 was computed from tau2 of an estimator other than DerSimonian–Laird",
        _not_dl("other"), _near_h2, extra=_BETWEEN_ENDS, who="metafor"),
    Way("tau2, far", "H2 was computed from a tau2 far from that of DerSimonian–Laird",
        _not_dl("rare"), lambda h2, x: 1 + x["any_excess"],  # noqa: ARG005
        extra=(("any_excess", Span(0.0, 1e6)),)),
)  # fmt: skip


def _i2_from_h2(x: Mapping[str, Array]) -> Array:
    return np.maximum(1 - 1 / np.maximum(x["H2"], 1e-300), 0.0)


def _least_se(group: Group) -> Iterator[Question]:
    """Ask whether the standard error is at least √(tau2/k), which no Wald interval is below."""
    tau2, k = group.span("tau2"), group.span("k")
    if tau2 is None or k is None or not symmetric(group):
        return
    own = group.usable("se") and group.metric not in CARRIED_METRICS
    names = ("se",) if own else ("estimate", "ci_low", "ci_high")
    if not all(group.usable(name) for name in names):
        return
    least = float(np.sqrt(tau2.low / max(k.high, 1)))
    trials = []
    for words, rank, width in sorted(_widths(group, names), key=lambda w: RANKS.index(w[1])):
        unit = group.unit(names[-1])
        trials.append(Trial(words, rank, width, Span(least, np.inf), unit))
        if trials[-1].fits:
            break
    if not trials:
        return
    if not trials[-1].fits:
        words = "the standard error is one of Knapp–Hartung, robust, or of the common-effect model"
        trials.append(Trial(words, "rare", trials[0].printed, trials[0].printed, trials[0].unit))
    about = "the standard error is smaller than √(tau2/k)"
    figures = (*(group[name] for name in names), group["tau2"], group["k"])
    yield Question(figures, tuple(trials), about, group.label)


def _widths(group: Group, names: tuple[str, ...]) -> Iterator[tuple[str, Rank, Span]]:
    """Return the standard error on each scale that the analysis may have had."""
    if names == ("se",):
        se = group.span("se")
        if se is not None:
            yield "", "usual", se
        return
    low, high = group.span("ci_low"), group.span("ci_high")
    for scale in SCALES:
        for level in LEVELS[:2]:
            rank, other = scale.rank_for(group), level.rank_for(group)
            if rank is None or other != "usual" or low is None or high is None:
                continue
            x = {
                "ci_low": np.array([low.high, low.low]),
                "ci_high": np.array([high.low, high.high]),
            }
            stated = group.span("level")
            x["level"] = np.array(stated.low if stated is not None else 0.95)
            with np.errstate(all="ignore"):
                width = half_width(x, scale.value) / critical(x, REFERENCES[0].value, level.value)
            if not np.isnan(width).any():
                yield scale.words if rank != "usual" else "", rank, Span(*sorted(width.tolist()))


def _tau2_without_q(group: Group) -> Iterator[Question]:
    """Ask whether tau2 is zero where Q is not above its degrees of freedom."""
    Q, tau2 = group.span("Q"), group.span("tau2")
    df = group.span("Q_df") if group.usable("Q_df") else group.span("k")
    if Q is None or tau2 is None or df is None:
        return
    degrees = df.high if group.usable("Q_df") else df.high - 1
    none = Q.high < degrees
    trials = [Trial("", "usual", tau2, Span(0, 0) if none else Span(0, np.inf), group.unit("tau2"))]
    if not trials[0].fits and not group.words & set(FROM_Q):
        words = "tau2 is not the estimate of DerSimonian and Laird or Paule and Mandel"
        trials.append(Trial(words, "other", tau2, tau2, group.unit("tau2")))
    about = "tau2 is above zero though Q is not above its degrees of freedom"
    names = ("tau2", "Q", "Q_df" if group.usable("Q_df") else "k")
    yield Question(tuple(group[name] for name in names), tuple(trials), about, group.label)


def _zero_tau2(group: Group) -> Iterator[Question]:
    """Ask whether tau2 and I2 are both zero, or neither, where the digits tell."""
    tau2, share = group.span("tau2"), group.span("I2")
    if tau2 is None or share is None:
        return
    variance, printed = group["tau2"].printed, group["I2"].printed
    bare = variance.value == 0 and variance.digits == 0  # "0" is meant exactly
    unit = group.unit("I2")
    if bare:
        trials = [Trial("", "usual", share, Span(0, 0), unit)]
    elif printed.value == 0 and tau2.low > 0:
        trials = [Trial("", "usual", Span(0, 0), Span(share.high, 1), unit)]
    else:
        return
    if not trials[0].fits:
        words = "I2 was computed from Q and tau2 by another estimator"
        words += "" if bare else ", or I2 is below its last digit"
        trials.append(Trial(words, "other", share, share, unit))
    about = "one of tau2 and I2 is zero and the other is not"
    yield Question((group["I2"], group["tau2"]), tuple(trials), about, group.label)


_HOW = "Which definition of I2 and which estimator of tau2 were used, and with how many effects?"
_MODEL = "Are Q, I2 and tau2 those of the same set of effects?"
CHECKS = (
    Check("df of Q", "Q has k − 1 degrees of freedom.", _FAMILY, ("Q_df", "k"),
          "How many effects entered this Q, from how many studies?", "cochran1954",
          relation("Q_df", _q_df, COUNTS, inputs=("k",)), ways=(COUNTS,), formula="df = k − 1"),
    Check("p of Q", "The p-value of Q is that of a chi-square.", _FAMILY, ("Q_p", "Q", "Q_df|k"),
          "On how many degrees of freedom was Q tested?", "cochran1954",
          relation("Q_p", _q_p, inputs=("Q", "Q_df|k")), formula="p = P(χ²(df) > Q)"),
    Check("I2 from Q", "I2 is the share of Q beyond its degrees of freedom.", _FAMILY,
          ("I2", "Q", "Q_df|k"), _HOW, "higgins2002",
          _i2_questions, ways=(DEFINITIONS,),
          formula="I2 = max(0, (Q − df)/Q)"),
    Check("H2 from Q", "H2 is Q over its degrees of freedom.", _FAMILY, ("H2", "Q", "Q_df|k"),
          _HOW, "higgins2002",
          relation("H2", _h2, H_DEFINITIONS, inputs=("Q", "Q_df|k")), ways=(H_DEFINITIONS,),
          formula="H2 = Q/df"),
    Check("I2 and H2", "I2 and H2 say the same, whatever their definition.", _FAMILY,
          ("I2", "H2"), _HOW, "higgins2002",
          relation("I2", _i2_from_h2, inputs=("H2",)), formula="I2 = 1 − 1/H2"),
    Check("H and H2", "H is the square root of H2.", _FAMILY, ("H", "H2"), _HOW, "higgins2002",
          relation("H", lambda x: np.sqrt(np.maximum(x["H2"], 0)), inputs=("H2",)),
          formula="H = √H2"),
    Check("tau and tau2", "tau is the square root of tau2.", _FAMILY, ("tau", "tau2"),
          "Which of the two is the variance?", "higgins2002",
          relation("tau", lambda x: np.sqrt(np.maximum(x["tau2"], 0)), inputs=("tau2",)),
          formula="tau = √tau2"),
    Check("tau2 and Q", "tau2 is zero where Q is not above its degrees of freedom.", _FAMILY,
          ("tau2", "Q", "Q_df|k"), _MODEL, "dersimonian1986", _tau2_without_q, arithmetic=False),
    Check("tau2 and I2", "tau2 and I2 are zero together.", _FAMILY, ("tau2", "I2"), _MODEL,
          "higgins2002", _zero_tau2, arithmetic=False),
    Check("tau2 and SE", "The standard error is at least the root of tau2 over k.", _FAMILY,
          ("tau2", "k", "se|ci_low"), "Are tau2 and the interval those of the same model?",
          "higgins2009", _least_se, arithmetic=False, formula="SE² ≥ tau2/k"),
)  # fmt: skip
