"""Checks of one study of two groups, or of two occasions: means, sizes, t or F, and d."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.coherence._check import Check, Question, Rank, Trial, Way, relation
from metarel.coherence._figures import Group
from metarel.coherence._single import of_one_study, paired_only, sizes_of_df
from metarel.coherence._span import Span
from metarel.convert.hedges import exact_factor

if TYPE_CHECKING:
    from metarel._checks import Array

_FAMILY = "two groups"
#: Between what the first group's share of all persons lies where sizes are not printed, ...
_SHARE = (("share", Span(0.2, 0.8)),)
#: ... and where they are very unequal.
_WIDE_SHARE = (("share", Span(0.05, 0.95)),)
#: Correlations of two occasions.
_R = (("r_occasions", Span(0.0, 0.95)),)
_ANY_R = (("r_occasions", Span(-0.3, 0.98)),)
#: Any standard deviation between the two: pooled, averaged, or one group's.
_WEIGHT = (("weight", Span(0.0, 1.0)),)
#: What a standard deviation of one group, or Welch's standard error, makes of d: SDs of which the
#: larger is up to half as large again.
_OTHER_SD = (("sd_factor", Span(0.8, 1.275)),)
#: Fewer df than these, as a share of them, are those of persons without data.
MISSING, FEW_MISSING = 0.2, 4
#: An analysis of covariance has so many covariates at most.
COVARIATES = 3
#: Persons over df + 2 where the df are Welch's.
_MORE = (("more", Span(1.0, 1.6)),)
_DF = {"t": "df", "F": "df2"}


def _named(word: str) -> Callable[[Group], Rank | None]:
    return lambda group: "usual" if word in group.words else "other"


def _sized(group: Group) -> bool:
    return group.usable("n1") and group.usable("n2")


def _rank_unsized(group: Group) -> Rank | None:
    return None if _sized(group) else "usual"


def _rank_unsized_other(group: Group) -> Rank | None:
    return None if _sized(group) else "other"


def _rank_other_sizes(group: Group) -> Rank | None:
    return "other" if _sized(group) and not sizes_of_df(group) else None


def _rank_paired(group: Group) -> Rank | None:
    if "paired" in group.words or paired_only(group):
        return "usual"
    return None if sizes_of_df(group) else "rare" if _sized(group) else "usual"


def _rank_paired_other(group: Group) -> Rank | None:
    rank = _rank_paired(group)
    return "other" if rank == "usual" and "paired" not in group.words else rank


def _share_root(x: Mapping[str, Array], df: str) -> Array:
    """Return √(1/n1 + 1/n2) of as many persons as df says, in shares of some size."""
    return np.asarray(1 / np.sqrt((x[df] + 2) * x["share"] * (1 - x["share"])))


def _designs(statistic: str) -> tuple[Way, ...]:
    """Return how d is made of a statistic: d over |t|, by the design of the study."""
    df = _DF[statistic]
    return (
        Way("sizes", "", "usual", lambda x: np.sqrt(1 / x["n1"] + 1 / x["n2"]), ("n1", "n2")),
        Way("equal groups", "", _rank_unsized, lambda x: 2 / np.sqrt(x[df] + 2), (df,)),
        Way("2t/√df", "d is 2t/√df", lambda g: "other" if _sized(g) else "usual",
            lambda x: 2 / np.sqrt(x[df]), (df,), who="Rosenthal"),
        Way("paired", "d is that of changes, t/√n", _rank_paired,
            lambda x: 1 / np.sqrt(x[df] + 1), (df,)),
        Way("paired, with r", "d is that of two occasions, by the SD of the scores",
            _rank_paired_other, lambda x: np.sqrt(2 * (1 - x["r_occasions"]) / (x[df] + 1)), (df,),
            extra=_R),
        Way("unequal groups", "", _rank_unsized, lambda x: _share_root(x, df), (df,),
            extra=_SHARE),
        Way("very unequal groups", "one group is many times as large as the other",
            _rank_unsized_other, lambda x: _share_root(x, df), (df,), extra=_WIDE_SHARE),
        Way("other sizes", "not exactly these persons entered the test", _rank_other_sizes,
            lambda x: _share_root(x, df), (df,), extra=_SHARE),
    )  # fmt: skip


def _exact(df: str) -> Callable[[Mapping[str, Array]], Array]:
    return lambda x: exact_factor(np.maximum(x[df], 1.0))


def _corrections(output: str, statistic: str) -> tuple[Way, ...]:
    plain: Rank = "usual" if output == "d" else "other"
    corrected: Rank = "other" if output == "d" else "usual"
    df = _DF[statistic]
    return (
        Way("d", "what is printed as g has no correction for small samples", plain,
            lambda x: 1.0),  # noqa: ARG005
        Way("g", "what is printed as d carries Hedges' correction", corrected, _exact(df), (df,)),
    )  # fmt: skip


_STANDARDISERS = (
    Way("pooled", "", "usual", lambda x: 1.0),  # noqa: ARG005
    Way("other SD", "d was divided by another SD than the pooled one, or the test was Welch's",
        _named("unpooled"), lambda x: x["sd_factor"], extra=_OTHER_SD),
    Way("one SD", "d was divided by the SD of one group", _named("unpooled"),
        lambda x: _spread(x, _pooled_weight(x)) / _spread(x, x["weight"]),
        ("n1", "n2", "sd1", "sd2"), _WEIGHT),
)  # fmt: skip


def _size_of(x: Mapping[str, Array], statistic: str) -> Array:
    return np.abs(x["t"]) if statistic == "t" else np.sqrt(np.maximum(x["F"], 0))


def _d_from(statistic: str) -> Any:
    def formula(x: Mapping[str, Array], design: Any, standardiser: Any, correction: Any) -> Array:
        return np.asarray(_size_of(x, statistic) * design(x) * standardiser(x) * correction(x))

    return formula


_ELSE = (
    "test and effect are not of the same raw scores (covariates, a mixed model, other persons), or "
    "d was divided by an SD far from the pooled one"
)


def _or_else(ask: Any, words: str, *, more: tuple[str, ...] = (), excuse: str = "modelled") -> Any:
    """Return questions that pass where something else was done than with raw scores.

    Where a text says that something else was done, that is worth no question. Figures ``more`` are
    named with those that the check holds.
    """

    def questions(group: Group) -> Iterator[Question]:
        for question in ask(group):
            trials, lead = question.trials, question.trials[-1]
            rank: Rank = "other" if excuse in group.words else "rare"
            passed = [trial.rank for trial in trials if trial.fits]
            if not passed or (rank == "other" and set(passed) == {"rare"}):
                own = lead.printed
                trials = (*trials, Trial(words, rank, own, own, lead.unit))
            known = {figure.name for figure in question.figures}
            extra = (group[name] for name in more if name in group and name not in known)
            yield replace(question, figures=(*question.figures, *extra), trials=trials)

    return questions


def _d_check(output: str, statistic: str) -> Check:
    df = _DF[statistic]
    ways = (_designs(statistic), _STANDARDISERS, _corrections(output, statistic))
    ask = relation(output, _d_from(statistic), *ways, inputs=(statistic,), absolute=True,
                   when=of_one_study)  # fmt: skip
    needs = (output, statistic, df) if statistic == "t" else (output, statistic, "df1", df)
    return Check(
        f"{output} from {statistic}", f"{output} is that of the {statistic} statistic.", _FAMILY,
        needs, "From which test, design and standard deviation was the effect computed?",
        "lakens2013", _or_else(ask, _ELSE, more=("n1", "n2")), arithmetic=False, ways=ways,
        formula=("d = t·√(1/n1 + 1/n2)" if statistic == "t" else "d = √(F·(1/n1 + 1/n2))"),
    )  # fmt: skip


def _spread(x: Mapping[str, Array], weight: Any) -> Array:
    return np.asarray(np.sqrt(weight * x["sd1"] ** 2 + (1 - weight) * x["sd2"] ** 2))


def _pooled_weight(x: Mapping[str, Array]) -> Array:
    return (x["n1"] - 1) / np.maximum(x["n1"] + x["n2"] - 2, 1)


def _of_changes(x: Mapping[str, Array]) -> Array:
    r = x["r_occasions"]
    return np.sqrt(x["sd1"] ** 2 + x["sd2"] ** 2 - 2 * r * x["sd1"] * x["sd2"])


_SPREADS = (
    Way("pooled", "", "usual", lambda x: _spread(x, _pooled_weight(x)), ("n1", "n2")),
    Way("average", "", "usual", lambda x: _spread(x, 0.5)),
    Way("unknown sizes", "", _rank_unsized, lambda x: _spread(x, x["share"]), extra=_SHARE),
    Way("one SD", "d was divided by the SD of one group or occasion",
        lambda g: "usual" if g.words & {"unpooled", "paired"} else "other",
        lambda x: _spread(x, x["weight"]), extra=_WEIGHT),
    Way("changes", "d was divided by the SD of changes", _rank_paired_other, _of_changes,
        extra=_R),
    Way("changes, with r", "d was divided by the SD of changes and multiplied by √(2(1 − r))",
        _rank_paired_other,
        lambda x: _of_changes(x) / np.sqrt(2 * (1 - x["r_occasions"])), extra=_R),
)  # fmt: skip


def _small(output: str) -> tuple[Way, ...]:
    """Return Hedges' correction by the printed sizes, or of six people and more."""
    plain, corrected = _corrections(output, "t")
    rank: Any = corrected.rank
    return (
        plain,
        Way("g", corrected.words, rank,
            lambda x: exact_factor(np.maximum(x["n1"] + x["n2"] - 2, 1.0)), ("n1", "n2")),
        Way("g, unknown sizes", corrected.words, lambda g: None if _sized(g) else rank,
            lambda x: x["J"], extra=(("J", Span(0.8, 1.0)),)),
    )  # fmt: skip


def _d_from_means(x: Mapping[str, Array], spread: Any, correction: Any) -> Array:
    return np.asarray((x["m1"] - x["m2"]) / spread(x) * correction(x))


def _means_check(output: str) -> Check:
    ways = (_SPREADS, _small(output))
    ask = relation(output, _d_from_means, *ways, inputs=_MEANS, absolute=True)
    return Check(
        f"{output} from means", f"{output} is that of the two means and standard deviations.",
        _FAMILY, (output, *_MEANS), "Of which scores, and by which SD, is the effect?",
        "lakens2013", _or_else(ask, _ADJUSTED, more=("n1", "n2")), arithmetic=False, ways=ways,
        formula="d = (m1 − m2)/SD",
    )  # fmt: skip


def _root(x: Mapping[str, Array], n1: Array, n2: Array, *, welch: bool) -> Array:
    """Return the standard error of the difference between two means."""
    if welch:
        return np.asarray(np.sqrt(x["sd1"] ** 2 / n1 + x["sd2"] ** 2 / n2))
    weight = (n1 - 1) / np.maximum(n1 + n2 - 2, 1)
    return np.asarray(_spread(x, weight) * np.sqrt(1 / n1 + 1 / n2))


def _unknown(x: Mapping[str, Array], df: str, *, welch: bool) -> Array:
    total = (x[df] + 2) * (x["more"] if welch else 1.0)
    return _root(x, total * x["share"], total * (1 - x["share"]), welch=welch)


def _errors(statistic: str) -> tuple[Way, ...]:
    """Return the standard errors of a difference between means, by the design."""
    df = _DF[statistic]
    return (
        Way("Student", "", "usual", lambda x: _root(x, x["n1"], x["n2"], welch=False),
            ("n1", "n2")),
        Way("Welch", "the test was Welch's", "usual",
            lambda x: _root(x, x["n1"], x["n2"], welch=True), ("n1", "n2")),
        Way("Student, sizes by df", "", _rank_unsized, lambda x: _unknown(x, df, welch=False),
            (df,), _SHARE),
        Way("Welch, sizes by df", "the test was Welch's", _rank_unsized,
            lambda x: _unknown(x, df, welch=True), (df,), (*_SHARE, *_MORE)),
        Way("paired", "the test was one of changes", _rank_paired_other,
            lambda x: _of_changes(x) / np.sqrt(x[df] + 1), (df,), _ANY_R),
        Way("other sizes", "not exactly these persons entered the test", _rank_other_sizes,
            lambda x: _unknown(x, df, welch=False), (df,), _SHARE),
    )  # fmt: skip


def _statistic_check(statistic: str) -> Check:
    def formula(x: Mapping[str, Array], error: Any) -> Array:
        t = (x["m1"] - x["m2"]) / error(x)
        return np.asarray(t if statistic == "t" else t**2)

    ways = _errors(statistic)
    df = _DF[statistic]
    ask = relation(statistic, formula, ways, inputs=_MEANS, absolute=True, when=_one_df)
    needs = (statistic, df, *_MEANS) if statistic == "t" else (statistic, "df1", df, *_MEANS)
    return Check(
        f"{statistic} from means", f"{statistic} is that of the two means and their spread.",
        _FAMILY, needs, "Is the test one of these scores, and with which other variables?",
        "altman2011", _or_else(ask, _ADJUSTED, more=("n1", "n2")), arithmetic=False, ways=(ways,),
        formula="t = (m1 − m2)/SE" if statistic == "t" else "F = ((m1 − m2)/SE)²",
    )  # fmt: skip


def _one_df(group: Group) -> bool:
    """Tell whether the test is one of two means: a t, or an F with one df."""
    return "F" not in group or group.span("df1") == Span(1, 1)


def _df_questions(group: Group) -> Iterator[Question]:
    """Ask whether the df of t or F are those of the printed sizes."""
    name = "df" if group.usable("t") else "df2"
    df, n1, n2 = group.span(name), group.span("n1"), group.span("n2")
    if df is None or n1 is None or n2 is None or not _one_df(group):
        return
    most = n1.low + n2.low - 2
    least = max(min(n1.low, n2.low) - 1, 1)
    found: list[tuple[str, Rank, Span]] = [("", "usual", Span(most, most))]
    modelled = "modelled" in group.words
    if modelled:  # a covariate or a few of them
        found.append(("", "usual", Span(most - COVARIATES, most)))
    if "paired" in group.words and n1.low == n2.low:
        found.append(("", "usual", Span(n1.low - 1, n1.low - 1)))
    whole = not group[name].printed.digits
    missing = max(MISSING * most, FEW_MISSING)
    words = "the test was Welch's or paired, had covariates, or some persons had no data"
    fewer: Rank = "usual" if not whole else "other" if modelled else "rare"
    found += [
        (words, "other" if whole else "usual", Span(max(most - missing, 1), most)),
        (words, fewer, Span(least if not whole else 1, most)),
        ("the test is one of more persons or occasions than these", "other" if modelled else "rare",
         Span(most, np.inf)),
    ]  # fmt: skip
    trials = []
    for why, rank, expected in found:
        trials.append(Trial(why, rank, df, expected, 1.0))
        if trials[-1].fits:
            break
    statistic = group["t" if name == "df" else "F"]
    told = f"{{lead}} has {group[name].printed.text} df, but {{given}} would make them {{expected}}"
    lead = replace(group[name], shown=str(statistic))
    yield Question((lead, group["n1"], group["n2"]), tuple(trials), "", group.label, told)


_MEANS = ("m1", "sd1", "m2", "sd2")
_ADJUSTED = "it is not of these raw means (adjusted or model-based ones, changes, other persons)"


def _eta2(x: Mapping[str, Array], kind: Any) -> Array:
    partial = x["F"] * x["df1"] / np.maximum(x["F"] * x["df1"] + x["df2"], 1e-300)
    return np.asarray(partial * kind(x))


_KINDS = (
    Way("partial", "", "usual", lambda x: 1.0),  # noqa: ARG005
    Way("of all variance", "it is the share of all variance, in a design with more effects",
        lambda g: "rare" if "part" in g["eta2"].shown or "p" in g["eta2"].shown.split("=")[0]
        else "other", lambda x: x["rest"], extra=(("rest", Span(0.0, 1.0)),)),
)  # fmt: skip
_NOT_ITS = "eta squared is not that of this F (other error terms, a mixed model)"
CHECKS = (
    *(_d_check(output, statistic) for output in ("d", "g") for statistic in ("t", "F")),
    *(_means_check(output) for output in ("d", "g")),
    *(_statistic_check(statistic) for statistic in ("t", "F")),
    Check("df from sizes", "The df of the test are those of two groups of the printed sizes.",
          _FAMILY, ("n1", "n2", "df|df2"), "How many persons entered this test?", "altman2011",
          _df_questions, arithmetic=False, formula="df = n1 + n2 − 2"),
    Check("eta2 from F", "Partial eta squared is that of the F statistic.", _FAMILY,
          ("eta2", "F", "df1", "df2"), "Which eta squared is it, and of which test?",
          "lakens2013",
          _or_else(relation("eta2", _eta2, _KINDS, inputs=("F", "df1", "df2")), _NOT_ITS,
                   excuse="mixed"),
          arithmetic=False, ways=(_KINDS,), formula="ηp² = F·df1/(F·df1 + df2)"),
)  # fmt: skip
