"""Differences between two means: raw, and in units of a standard deviation of both groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metarel._vocabulary import Domain
from metarel.effects._means import DESIGN, INSTEAD, MEANS, TwoMeans
from metarel.effects._measure import OUTCOME, Measure, VarianceRule
from metarel.effects._parts import hedges_factor, pooled_sd, weighted_mean

if TYPE_CHECKING:
    from metarel._checks import Array

AT_LEAST_TWO = Domain(2)
TWO_OR_MORE = {"n1": AT_LEAST_TWO, "n2": AT_LEAST_TWO}


def _md_equal_variances(x: TwoMeans, _yi: Array) -> Array:
    return pooled_sd(x.sd1, x.n1, x.sd2, x.n2) ** 2 * x.inverse_n


def _smd_large_sample(x: TwoMeans, yi: Array) -> Array:
    return x.inverse_n + yi**2 / (2 * x.n)


def _smd_scaled(x: TwoMeans, _yi: Array) -> Array:
    return x.factor() ** 2 * (x.inverse_n + x.d**2 / (2 * x.n))


def _smd_exact(x: TwoMeans, _yi: Array) -> Array:
    exact = hedges_factor(x.df)
    return x.inverse_n + (1 - (x.df - 2) / (x.df * exact**2)) * (exact * x.d) ** 2


def _smd_unbiased(x: TwoMeans, yi: Array) -> Array:
    # The rule is unbiased for g; another factor before d scales the variance by its square.
    return (x.factor() / hedges_factor(x.df)) ** 2 * _smd_exact(x, yi)


def _smd_average(x: TwoMeans, yi: Array) -> Array:
    return x.inverse_n + weighted_mean(yi, x.n) ** 2 / (2 * x.n)


def _smd_revman(x: TwoMeans, yi: Array) -> Array:
    return x.inverse_n + yi**2 / (2 * (x.n - 3.94))


def _mean_variance(x: TwoMeans) -> Array:
    return (x.sd1**2 + x.sd2**2) / 2


def _smdh(x: TwoMeans) -> Array:
    return x.factor() * (x.m1 - x.m2) / _mean_variance(x) ** 0.5


def _smdh_variance(x: TwoMeans, yi: Array, less_mean: int, less_spread: int) -> Array:
    """Return the delta-method variance; n or n − 1 under the means and under the spreads."""
    s2 = _mean_variance(x)
    means = x.sd1**2 / (x.n1 - less_mean) + x.sd2**2 / (x.n2 - less_mean)
    spreads = x.sd1**4 / (x.n1 - less_spread) + x.sd2**4 / (x.n2 - less_spread)
    return means / s2 + yi**2 * spreads / (8 * s2**2)


MEASURES = (
    Measure(
        code="MD",
        name="mean difference",
        design=DESIGN,
        inputs=MEANS,
        estimate=lambda x: x.m1 - x.m2,
        formula="m1 − m2",
        rules=(
            VarianceRule(
                "LS",
                "sd1²/n1 + sd2²/n2",
                lambda x, _: x.sd1**2 / x.n1 + x.sd2**2 / x.n2,
                "borenstein2009",
                "metafor, RevMan, Stata, CMA (unequal variances)",
            ),
            VarianceRule(
                "HO",
                "pooled variance · (1/n1 + 1/n2)",
                _md_equal_variances,
                "borenstein2009",
                "metafor; meta with pooledvar = TRUE",
            ),
        ),
        sources=("borenstein2009",),
        unit=OUTCOME,
        same_as="metafor MD",
    ),
    Measure(
        code="SMD",
        name="standardised mean difference",
        design=DESIGN,
        inputs=MEANS,
        alternatives=INSTEAD,
        estimate=lambda x: x.factor() * x.d,
        formula="J(n1 + n2 − 2) · (m1 − m2) / pooled sd",
        rules=(
            VarianceRule(
                "LS",
                "1/n1 + 1/n2 + yi² / (2 (n1 + n2))",
                _smd_large_sample,
                "hedges1982",
                "metafor, JASP",
            ),
            VarianceRule(
                "LS2",
                "J² (1/n1 + 1/n2 + d² / (2 (n1 + n2)))",
                _smd_scaled,
                "borenstein2009",
                "metafor; CMA with the approximate J",
            ),
            VarianceRule(
                "UB",
                "1/n1 + 1/n2 + (1 − (m − 2) / (m J²)) yi², m = n1 + n2 − 2",
                _smd_unbiased,
                "hedges1983",
                "metafor",
            ),
            VarianceRule(
                "AV",
                "1/n1 + 1/n2 + mean yi² / (2 (n1 + n2)), the mean of yi weighted by n1 + n2",
                _smd_average,
                "hedges1982",
                "metafor",
                across_rows=True,
            ),
            VarianceRule(
                "H0",
                "J² (1/n1 + 1/n2) m / (m − 2), m = n1 + n2 − 2: exact where the groups are equal",
                lambda x, _: x.factor() ** 2 * x.inverse_n * x.df / (x.df - 2),
                "hedges1981",
                "metafor",
            ),
            VarianceRule(
                "REVMAN",
                "1/n1 + 1/n2 + yi² / (2 (n1 + n2 − 3.94))",
                _smd_revman,
                "deeks2010",
                "RevMan and meta with the approximate J; statsmodels",
            ),
            VarianceRule(
                "EXACT",
                "1/n1 + 1/n2 + (1 − (m − 2) / (m J²)) g², with exact J whatever `correct` is",
                _smd_exact,
                "white2005",
                "meta with exact.smd = TRUE, for g and for d",
            ),
        ),
        sources=("hedges1981",),
        correction="J",
        domains=TWO_OR_MORE,
        same_as="metafor SMD; RevMan and CMA use the approximate J",
    ),
    Measure(
        code="SMDH",
        name="standardised mean difference over the average variance",
        design=DESIGN,
        inputs=MEANS,
        estimate=_smdh,
        formula="J(n1 + n2 − 2) · (m1 − m2) / s, s² = (sd1² + sd2²)/2",
        rules=(
            VarianceRule(
                "LS",
                "(sd1²/(n1 − 1) + sd2²/(n2 − 1))/s² + yi² (sd1⁴/(n1 − 1) + sd2⁴/(n2 − 1)) / (8 s⁴)",
                lambda x, yi: _smdh_variance(x, yi, 1, 1),
                "bonett2008",
                "metafor since 4.6; before, times J(n1 + n2 − 2)²",
            ),
            VarianceRule(
                "LS2",
                "as LS with n1 and n2 in place of n1 − 1 and n2 − 1",
                lambda x, yi: _smdh_variance(x, yi, 0, 0),
                "bonett2009",
                "metafor since 4.6; before, another",
            ),
            VarianceRule(
                "LS3",
                "as LS with n1 and n2 under the first term only: the plain delta method",
                lambda x, yi: _smdh_variance(x, yi, 0, 1),
                "bonett2008",
                "metafor",
            ),
        ),
        sources=("bonett2009",),
        correction="J",
        domains=TWO_OR_MORE,
        same_as="metafor SMDH; before 4.6 it took a smaller variance",
    ),
)
