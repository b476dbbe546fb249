"""Checks of test statistics with estimates, intervals, degrees of freedom and p-values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._lazy import special
from metarel.coherence._check import Check, Question, Trial, Way, relation
from metarel.coherence._figures import RATIOS, Group
from metarel.coherence._single import of_raw_scores
from metarel.coherence._span import Span
from metarel.coherence._ways import (
    ANY_DF,
    CARRIED,
    KINDS,
    LEVELS,
    REFERENCES,
    SCALES,
    SLOPES,
    TAILS,
    borrowed,
    critical,
    half_width,
    p_of,
    symmetric,
)

if TYPE_CHECKING:
    from metarel._checks import Array

_FAMILY = "tests"
#: A p-value of exactly alpha is on neither side of it.
EDGE = 1e-6
_ONE_TEST = "Do test, interval and standard error come from the same analysis?"


def _z_from_se(x: Mapping[str, Array], scale: Any, carried: Any) -> Array:
    return np.asarray(scale.to(x["estimate"]) / (x["se"] * carried(x, scale)))


def _z_from_ci(x: Mapping[str, Array], scale: Any, reference: Any, level: Any, kind: Any) -> Array:
    se = half_width(x, scale) / critical(x, reference, level) * kind(x)
    return np.asarray(scale.to(x["estimate"]) / se)


def _F_from_se(x: Mapping[str, Array], scale: Any, carried: Any) -> Array:
    return _z_from_se(x, scale, carried) ** 2


def _F_from_ci(x: Mapping[str, Array], scale: Any, reference: Any, level: Any, kind: Any) -> Array:
    return _z_from_ci(x, scale, reference, level, kind) ** 2


def _of_slope(group: Group) -> bool:
    """Tell whether an F is the squared t of the coefficient that it stands with."""
    return group.metric in SLOPES and group.span("df1") == Span(1.0, 1.0)


def _p_from_statistic(name: str) -> Any:
    def formula(x: Mapping[str, Array], reference: Any, tails: float) -> Array:
        return p_of(x[name], reference(x), tails)

    return formula


def _p_from_ci(
    x: Mapping[str, Array], scale: Any, reference: Any, level: Any, kind: Any, tails: float
) -> Array:
    return p_of(_z_from_ci(x, scale, reference, level, kind), reference(x), tails)


def _p_from_se(
    x: Mapping[str, Array], scale: Any, carried: Any, reference: Any, tails: float
) -> Array:
    return p_of(_z_from_se(x, scale, carried), reference(x), tails)


def _p_from_F(x: Mapping[str, Array]) -> Array:
    return np.asarray(special.fdtrc(x["df1"], x["df2"], np.maximum(x["F"], 0)))


def _p_from_chi2(x: Mapping[str, Array], tails: float) -> Array:
    p = special.chdtrc(x["df"], np.maximum(x["chi2"], 0))
    return np.asarray(p if tails == 2 else p / 2 if tails == 1 else 1 - p / 2)


def _p_from_r(x: Mapping[str, Array], df: Any, tails: float) -> Array:
    df = df(x)
    r = np.clip(x["estimate"], -1, 1)
    return p_of(r * np.sqrt(np.where(df > 0, df, np.nan) / np.maximum(1 - r**2, 1e-300)), df, tails)


def _no_statistic(group: Group) -> bool:
    """Say whether a p-value has no statistic of its own beside it, whichever test that is of."""
    return symmetric(group) and not any(name in group for name in ("z", "t", "F", "chi2"))


def _null(group: Group) -> tuple[float, ...]:
    """Return the values that mean no effect."""
    if group.metric in RATIOS:
        return (1.0,)
    low = group.span("ci_low")
    unknown = not group.metric and low is not None and low.low > 0
    return (0.0, 1.0) if unknown else (0.0,)


def _excludes(group: Group) -> Iterator[Question]:
    """Ask whether the interval leaves out the null where p is small, and only there."""
    low, high, p = group.span("ci_low"), group.span("ci_high"), group.span("p")
    if low is None or high is None or p is None or low.low > high.high:
        return
    printed = group.span("level")
    alpha = 1 - printed.low if printed is not None else 0.05
    trials = []
    for null in _null(group):
        surely_out = low.low > null or high.high < null
        surely_in = low.high < null < high.low
        below, above = Span(0, alpha * (1 - EDGE)), Span(alpha * (1 + EDGE), 1)
        expected = below if surely_out else above if surely_in else Span(0, 1)
        trials.append(Trial("", "usual", p, expected, group.unit("p")))
        if trials[-1].fits:
            break
    if not trials[-1].fits:
        half = Span(0, alpha / 2) if trials[-1].expected.low == 0 else Span(alpha / 2, 1)
        words = "the test was one-sided"
        trials.append(Trial(words, "other", p, half, group.unit("p")))
    if not trials[-1].fits:
        words = "test and interval are of different kinds (such as a z-test and a t interval)"
        trials.append(Trial(words, "rare", p, p, group.unit("p")))
    out = trials[0].expected.low == 0
    told = f"{{lead}} is printed, but {{given}} {'leaves out' if out else 'holds'} "
    told += f"{_null(group)[0]:g}, so that p is {'below' if out else 'above'} {alpha:.4g}"
    yield Question((group["p"], group["ci_low"], group["ci_high"]), tuple(trials), "",
                   group.label, told)  # fmt: skip


def _sign(statistic: str) -> Any:
    """Return the questions whether estimate and statistic have one sign."""

    def questions(group: Group) -> Iterator[Question]:
        value, estimate = group.span(statistic), group.span("estimate")
        if value is None or estimate is None or not group.metric or group.metric in RATIOS:
            return
        sign = 1 if estimate.low > 0 else -1 if estimate.high < 0 else 0
        if not sign or (sign < 0 and value.low > 0):  # RevMan and others print its size alone
            return
        expected = Span(0, np.inf) if sign > 0 else Span(-np.inf, 0)
        unit = group.unit(statistic)
        trials = [Trial("", "usual", value, expected, unit)]
        if not trials[0].fits:
            words = "the test was of the opposite direction"
            trials.append(Trial(words, "rare", value, value, unit))
        about = "estimate and test statistic have different signs"
        figures = (group[statistic], group["estimate"])
        told = "{lead} stands beside {given}"
        yield Question(figures, tuple(trials), about, group.label, told)

    return questions


_ALONE = (
    Way("df", "", "usual", lambda x: x["df"], needs=("df",), who="one study"),
    Way("n - 2", "", lambda g: None if "df" in g or "k" in g else "usual",
        lambda x: x["n"] - 2, needs=("n",), who="one study"),
)  # fmt: skip
_Z_ONLY = (
    *REFERENCES[:1],
    Way("t with k - 1", "the statistic is a t with k − 1 df", "other",
        lambda x: np.where(x["k"] > 1, x["k"] - 1, np.nan), needs=("k",), who="Knapp–Hartung"),
    Way("t, unknown df", "the statistic is a t whose df are not printed", "rare",
        lambda x: x["any_df"], extra=ANY_DF),
)  # fmt: skip
_T_ONLY = REFERENCES[1:]
_EGGER_DF = (
    Way("k - 2", "", "usual", lambda x: x["k"] - 2, who="every program"),
    Way("effects - 2", "", "usual", lambda x: x["effects"] - 2, needs=("effects",)),
    Way("other studies", "not exactly these studies entered the test, or it had covariates",
        "rare", lambda x: x["any_df"], extra=ANY_DF),
)  # fmt: skip
_STATISTIC = "What is the statistic, and on how many degrees of freedom?"
_TAILS = "Was the test one-sided, and was its p-value computed from the printed statistic?"
CHECKS = (
    Check("z from SE", "The z statistic is the estimate over its standard error.", _FAMILY,
          ("z", "estimate", "se"), _ONE_TEST, "altman2011",
          relation("z", _z_from_se, SCALES, CARRIED, inputs=("estimate", "se"), absolute=True,
                   seldom=borrowed),
          ways=(SCALES, CARRIED), formula="z = h(estimate)/SE"),
    Check("t from SE", "The t statistic is the estimate over its standard error.", _FAMILY,
          ("t", "estimate", "se"), _ONE_TEST, "altman2011",
          relation("t", _z_from_se, SCALES, CARRIED, inputs=("estimate", "se"), absolute=True,
                   seldom=borrowed),
          ways=(SCALES, CARRIED), formula="t = h(estimate)/SE"),
    Check("z from CI", "The z statistic follows from the estimate and its interval.", _FAMILY,
          ("z", "estimate", "ci_low", "ci_high"), _ONE_TEST, "altman2011",
          relation("z", _z_from_ci, SCALES, _Z_ONLY, LEVELS, KINDS,
                   inputs=("estimate", "ci_low", "ci_high"), when=symmetric, absolute=True),
          arithmetic=False, ways=(SCALES, _Z_ONLY, LEVELS, KINDS),
          formula="z = 2c·h(estimate)/(h(high) − h(low))"),
    Check("t from CI", "The t statistic follows from the estimate and its interval.", _FAMILY,
          ("t", "estimate", "ci_low", "ci_high"), _ONE_TEST, "altman2011",
          relation("t", _z_from_ci, SCALES, _T_ONLY, LEVELS, KINDS,
                   inputs=("estimate", "ci_low", "ci_high"), absolute=True,
                   when=lambda g: symmetric(g) and not of_raw_scores(g)),
          arithmetic=False, ways=(SCALES, _T_ONLY, LEVELS, KINDS),
          formula="t = 2c·h(estimate)/(h(high) − h(low))"),
    Check("F from SE", "The F statistic is the squared estimate over its standard error.", _FAMILY,
          ("F", "df1", "df2", "estimate", "se"), _ONE_TEST, "altman2011",
          relation("F", _F_from_se, SCALES[:1], CARRIED[:1], inputs=("estimate", "se"),
                   when=_of_slope),
          arithmetic=False, ways=(SCALES[:1], CARRIED[:1]), formula="F = (estimate/SE)²"),
    Check("F from CI", "The F statistic follows from a coefficient and its interval.", _FAMILY,
          ("F", "df1", "df2", "estimate", "ci_low", "ci_high"), _ONE_TEST, "altman2011",
          relation("F", _F_from_ci, SCALES[:1], REFERENCES[:3], LEVELS, KINDS,
                   inputs=("estimate", "ci_low", "ci_high"),
                   when=lambda g: symmetric(g) and _of_slope(g)),
          arithmetic=False, ways=(SCALES[:1], REFERENCES[:3], LEVELS, KINDS),
          formula="F = (2c·estimate/(high − low))²"),
    Check("p from z", "The p-value is that of the z statistic.", _FAMILY, ("p", "z"), _TAILS,
          "nuijten2016", relation("p", _p_from_statistic("z"), _Z_ONLY, TAILS, inputs=("z",)),
          ways=(_Z_ONLY, TAILS), formula="p = 2Φ(−|z|)"),
    Check("p from t", "The p-value is that of the t statistic.", _FAMILY, ("p", "t"), _TAILS,
          "nuijten2016", relation("p", _p_from_statistic("t"), _T_ONLY, TAILS, inputs=("t",)),
          ways=(_T_ONLY, TAILS), formula="p = 2T(−|t|; df)"),
    Check("df of Egger", "Egger's regression has k − 2 degrees of freedom.", _FAMILY,
          ("t", "df", "k"), "How many studies entered the test?", "egger1997",
          relation("df", lambda x, count: count(x), _EGGER_DF, inputs=("k",),
                   when=lambda g: "egger" in g.words),
          ways=(_EGGER_DF,), formula="df = k − 2"),
    Check("p from F", "The p-value is that of the F statistic.", _FAMILY,
          ("p", "F", "df1", "df2"), _STATISTIC, "nuijten2016",
          relation("p", _p_from_F, inputs=("F", "df1", "df2")), formula="p = P(F(df1, df2) > F)"),
    Check("p from chi2", "The p-value is that of the chi-square statistic.", _FAMILY,
          ("p", "chi2", "df"), _STATISTIC, "nuijten2016",
          relation("p", _p_from_chi2, TAILS[:2], inputs=("chi2", "df")), ways=(TAILS[:2],),
          formula="p = P(χ²(df) > chi2)"),
    Check("p from r", "The p-value is that of a single correlation with its df.", _FAMILY,
          ("p", "estimate", "df|n"), _STATISTIC, "nuijten2016",
          relation("p", _p_from_r, _ALONE, TAILS, inputs=("estimate",),
                   when=lambda g: g.metric == "r" and _no_statistic(g) and "k" not in g
                   and "F" not in g and "chi2" not in g and "ci_low" not in g),
          arithmetic=False, ways=(_ALONE, TAILS),
          formula="p = 2T(−|r|·√(df/(1 − r²)); df)"),
    Check("p from CI", "The p-value follows from the estimate and its interval.", _FAMILY,
          ("p", "estimate", "ci_low", "ci_high"), _ONE_TEST, "altman2011",
          relation("p", _p_from_ci, SCALES, REFERENCES, LEVELS, KINDS, TAILS,
                   inputs=("estimate", "ci_low", "ci_high"), when=_no_statistic),
          arithmetic=False, ways=(SCALES, REFERENCES, LEVELS, KINDS, TAILS),
          formula="p = 2Φ(−2c·|h(estimate)|/(h(high) − h(low)))"),
    Check("p from SE", "The p-value follows from the estimate and its standard error.", _FAMILY,
          ("p", "estimate", "se"), _ONE_TEST, "altman2011",
          relation("p", _p_from_se, SCALES, CARRIED, REFERENCES, TAILS, inputs=("estimate", "se"),
                   when=_no_statistic, seldom=borrowed),
          arithmetic=False, ways=(SCALES, CARRIED, REFERENCES, TAILS),
          formula="p = 2Φ(−|h(estimate)|/SE)"),
    Check("CI and p", "The interval leaves out the null exactly where p is below 1 − level.",
          _FAMILY, ("p", "ci_low", "ci_high"), _ONE_TEST, "altman2011", _excludes,
          arithmetic=False),
    *(
        Check(f"sign of {name}", f"Estimate and {name} statistic have one sign.", _FAMILY,
              (name, "estimate"), "Which direction does the sign stand for?", "altman2011",
              _sign(name))
        for name in ("z", "t")
    ),
)  # fmt: skip
