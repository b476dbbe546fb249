"""The chance that someone of group 1 is higher than someone of group 2 (CLES, AUC)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special
from metarel._vocabulary import OPEN_PROPORTION, Domain
from metarel.effects._changes import AT_LEAST_TWO, PAIRS, Change
from metarel.effects._changes import DESIGN as CHANGES
from metarel.effects._means import DESIGN as GROUPS
from metarel.effects._means import INSTEAD, MEANS, TwoMeans
from metarel.effects._measure import Design, Measure, VarianceRule
from metarel.effects._parts import first_known, refuse_rows

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

NEWCOMBE = "newcombe2006"
HANLEY = "hanley1982"
GODDARD = "goddard1990"
MCGRAW = "mcgraw1992"
ABOVE_ONE = {"n1": Domain(1, open_low=True), "n2": Domain(1, open_low=True)}
DIRECTION = "above 1/2 when group 1 is higher"


@dataclass(frozen=True, slots=True)
class Ranked:
    """The share of pairs in which group 1 is higher, sizes, and the share of tied pairs."""

    auc: Array
    n1: Array
    n2: Array
    ties: Array


@dataclass(frozen=True, slots=True)
class Binormal:
    """Two normal groups: their distance over the average spread, and group 1's share of it.

    Where only a distance is known, ``share`` is missing and the spreads are taken as equal.
    """

    d: Array
    share: Array
    n1: Array
    n2: Array


def _complete_ranked(given: Given, _options: Options) -> Ranked:
    ties = np.where(np.isnan(given["ties"]), 0.0, given["ties"])
    auc = first_known(given["auc"], given["u"] / (given["n1"] * given["n2"]))
    return Ranked(auc, given["n1"], given["n2"], ties)


def _check_ranked(given: Given, labels: list[str] | None) -> None:
    if "u" in given:
        more = given["u"] > given["n1"] * given["n2"]
        refuse_rows(more, "`u` must not exceed `n1` times `n2`", labels)


def _complete_binormal(given: Given, options: Options) -> Binormal:
    x: TwoMeans = GROUPS.complete(given, options)
    average = (x.sd1**2 + x.sd2**2) / 2
    apart = (x.m1 - x.m2) / np.sqrt(average)
    from_auc = np.sqrt(2) * special.ndtri(given["auc"])
    share = np.where(np.isnan(apart) & np.isnan(from_auc), np.nan, x.sd1**2 / (2 * average))
    if options["variance"] == "HO":
        apart, share = x.d, np.full_like(x.d, np.nan)
    return Binormal(first_known(apart, x.d, from_auc), share, x.n1, x.n2)


RANKED = Design("dominance", _complete_ranked, _check_ranked, metafor={"auc": "ai", "ties": "mi"})
BINORMAL = Design("normal dominance", _complete_binormal, GROUPS.check, metafor={"auc": "ai"})


def _concordance(x: Ranked) -> tuple[Array, Array]:
    """Return how much two of group 1 (or 2) rank together, above chance, if exponential."""
    above = x.auc / (2 - x.auc) - x.auc**2
    below = 2 * x.auc**2 / (1 + x.auc) - x.auc**2
    return above, below


def _newcombe(x: Ranked, _yi: Array) -> Array:
    above, below = _concordance(x)
    half = (x.n1 + x.n2) / 2 - 1
    return (x.auc * (1 - x.auc) + half * (above + below)) / ((x.n1 - 1) * (x.n2 - 1))


def _hanley(x: Ranked, _yi: Array) -> Array:
    above, below = _concordance(x)
    own = x.auc * (1 - x.auc) - x.ties / 4
    return (own + (x.n1 - 1) * above + (x.n2 - 1) * below) / ((x.n1 - 1) * (x.n2 - 1))


def _steepness(d: Array) -> Array:
    """Return the squared slope of the dominance in d."""
    return np.exp(-(d**2) / 2) / (4 * np.pi)


def _binormal_variance(x: Binormal, less_mean: int, less_spread: int) -> Array:
    """Return the delta-method variance; n or n − 1 under the means and under the spreads."""
    first, second = x.share, 1 - x.share
    means = 2 * first / (x.n1 - less_mean) + 2 * second / (x.n2 - less_mean)
    spreads = first**2 / (x.n1 - less_spread) + second**2 / (x.n2 - less_spread)
    equal = 1 / x.n1 + 1 / x.n2 + x.d**2 / (2 * (x.n1 + x.n2))
    return _steepness(x.d) * first_known(means + x.d**2 * spreads / 2, equal)


def _average_distance(x: Change) -> Array:
    return (x.m1 - x.m2) / np.sqrt((x.sd1**2 + x.sd2**2) / 2)


def _paired_variance(x: Change, _yi: Array) -> Array:
    s2, d, m = (x.sd1**2 + x.sd2**2) / 2, _average_distance(x), x.n - 1
    spread = x.sd1**4 + x.sd2**4 + 2 * (x.r * x.sd1 * x.sd2) ** 2
    return _steepness(d) * (x.change_variance / (s2 * m) + d**2 * spread / (8 * s2**2 * m))


def _bound(x: Ranked, _yi: Array) -> Array:
    # Less 1 because A (1 − A) itself is too small, by its own variance, for the bound it estimates.
    return x.auc * (1 - x.auc) / (np.minimum(x.n1, x.n2) - 1)


RULES = (
    VarianceRule(
        "LS",
        "(A (1 − A) + h (Q1 + Q2))/((n1 − 1)(n2 − 1)), h = (n1 + n2)/2 − 1, "
        "Q1 = A/(2 − A) − A², Q2 = 2A²/(1 + A) − A²",
        _newcombe,
        NEWCOMBE,
        "metafor",
    ),
    VarianceRule(
        "LS2",
        "(A (1 − A) − ties/4 + (n1 − 1) Q1 + (n2 − 1) Q2)/((n1 − 1)(n2 − 1))",
        _hanley,
        HANLEY,
        "metafor",
    ),
    VarianceRule(
        "H0",
        "(n1 + n2 + 1)/(12 n1 n2): exact without a difference and without ties",
        lambda x, _: (x.n1 + x.n2 + 1) / (12 * x.n1 * x.n2),
        "mann1947",
        "metafor",
    ),
    VarianceRule(
        "MAX",
        "A (1 − A)/(min(n1, n2) − 1): no distributions give more on average",
        _bound,
        "bamber1975",
        "metafor",
    ),
)


def _of_delta(rule: VarianceRule) -> VarianceRule:
    """Return a rule of the dominance A for 2A − 1."""
    return VarianceRule(
        rule.code,
        f"4 · {rule.formula}",
        lambda x, _: 4 * rule.variance(x, x.auc),
        rule.source,
        f"four times that of metafor's CLES by {rule.code}",
    )


MEASURES = (
    Measure(
        code="CLES",
        name="common-language effect size, from ranks (area under the curve)",
        design=RANKED,
        inputs=("auc", "n1", "n2"),
        alternatives=(("u", "n1", "n2"),),
        optional=("ties",),
        estimate=lambda x: x.auc,
        formula="A = auc = u/(n1 n2)",
        rules=RULES,
        sources=(MCGRAW, NEWCOMBE, "cho2019"),
        direction=DIRECTION,
        domains={"auc": Domain(0, 1), **ABOVE_ONE},
        same_as="metafor CLES (alias AUC)",
    ),
    Measure(
        code="RRB",
        name="rank-biserial correlation of two groups, Cliff's delta",
        design=RANKED,
        inputs=("auc", "n1", "n2"),
        alternatives=(("u", "n1", "n2"),),
        optional=("ties",),
        estimate=lambda x: 2 * x.auc - 1,
        formula="2 A − 1, A = auc = u/(n1 n2): pairs with group 1 higher less pairs with it lower",
        rules=tuple(_of_delta(rule) for rule in RULES),
        sources=("cliff1993", "kerby2014"),
        domains={"auc": Domain(0, 1), **ABOVE_ONE},
        same_as="no code in metafor, whose CLES is (1 + yi)/2; effectsize's rank_biserial and "
        "cliffs_delta",
    ),
    Measure(
        code="CLESN",
        name="common-language effect size of two normal groups",
        design=BINORMAL,
        inputs=MEANS,
        alternatives=(*INSTEAD, ("auc", "n1", "n2")),
        optional=("sd1", "sd2"),
        estimate=lambda x: special.ndtr(x.d / np.sqrt(2)),
        formula="Φ((m1 − m2)/√(sd1² + sd2²)); under HO, and from d, t, p or r, Φ(d/√2)",
        rules=(
            VarianceRule(
                "LS",
                "exp(−d²/2)/(4π) · variance of the distance d, n − 1 throughout; "
                "spreads taken as equal where they are not given",
                lambda x, _: _binormal_variance(x, 1, 1),
                GODDARD,
                "metafor",
            ),
            VarianceRule(
                "LS2", "as LS with n", lambda x, _: _binormal_variance(x, 0, 0), GODDARD, "metafor"
            ),
            VarianceRule(
                "LS3",
                "as LS with n under the means: the plain delta method",
                lambda x, _: _binormal_variance(x, 0, 1),
                GODDARD,
                "metafor",
            ),
            VarianceRule(
                "HO",
                "exp(−d²/2)/(4π) (1/n1 + 1/n2 + d²/(2 (n1 + n2))), d over the pooled sd",
                lambda x, _: _binormal_variance(x, 1, 1),
                MCGRAW,
                "metafor",
            ),
        ),
        sources=(MCGRAW, GODDARD),
        direction=DIRECTION,
        domains={"auc": OPEN_PROPORTION, **ABOVE_ONE},
        same_as="metafor CLESN (alias AUCN)",
    ),
    Measure(
        code="CLESCN",
        name="common-language effect size of one normal group measured twice",
        design=CHANGES,
        inputs=PAIRS,
        estimate=lambda x: special.ndtr(_average_distance(x) / np.sqrt(2)),
        formula="Φ((m1 − m2)/√(sd1² + sd2²))",
        rules=(
            VarianceRule(
                "LS",
                "exp(−d²/2)/(4π) · (variance of changes/(s² (n − 1)) + d² (sd1⁴ + sd2⁴ + "
                "2 r² sd1² sd2²)/(8 s⁴ (n − 1))), s² = (sd1² + sd2²)/2, d = (m1 − m2)/s",
                _paired_variance,
                "bonett2008",
                "metafor",
            ),
        ),
        sources=(MCGRAW, "bonett2008"),
        direction="above 1/2 when the first measurement is higher",
        domains=AT_LEAST_TWO,
        same_as="metafor CLESCN (alias AUCCN)",
    ),
)
