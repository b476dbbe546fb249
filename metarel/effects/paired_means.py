"""Change between two measurements of one group: raw, and in units of a standard deviation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.effects._changes import AT_LEAST_TWO, DESIGN, INSTEAD, PAIRS, Change
from metarel.effects._measure import CHANGE, OUTCOME, Measure, VarianceRule
from metarel.effects._parts import gauss_series, hedges_factor

if TYPE_CHECKING:
    from metarel._checks import Array

GIBBONS = "gibbons1993"
BECKER = "becker1988"
MORRIS = "morris2000"
BONETT = "bonett2008"
COUSINEAU = "cousineau2020"


def _excess(m: Array) -> Array:
    """Return the part of g² that belongs to the unbiased variance of g."""
    return 1 - (m - 2) / (m * hedges_factor(m) ** 2)


def _null_scale(m: Array) -> Array:
    """Return the variance of a t statistic."""
    return m / (m - 2)


def _smcc_unbiased(x: Change, _yi: Array) -> Array:
    m = x.n - 1
    exact = hedges_factor(m)
    return (x.factor(m) / exact) ** 2 * (1 / x.n + _excess(m) * (exact * x.d) ** 2)


def _raw(x: Change) -> Array:
    """Return the change over the first standard deviation, uncorrected."""
    return (x.m1 - x.m2) / x.sd1


def _unrelated(x: Change) -> Array:
    """Return 2 (1 − rho) with the unbiased estimate of rho."""
    n = np.where(x.n > 4, x.n, np.nan)
    rho = x.r * gauss_series(0.5, (n - 2) / 2, 1 - x.r**2)
    return 2 * (1 - rho)


def _smcr_large_sample(x: Change, yi: Array) -> Array:
    return 2 * (1 - x.r) / x.n + yi**2 / (2 * x.n)


def _smcr_unbiased(x: Change, _yi: Array) -> Array:
    m = x.n - 1
    exact = hedges_factor(m)
    of_g = _unrelated(x) / x.n + _excess(m) * (exact * _raw(x)) ** 2
    return (x.factor(m) / exact) ** 2 * of_g


def _smcr_null(x: Change, _yi: Array) -> Array:
    m = x.n - 1
    return x.factor(m) ** 2 * _null_scale(m) * _unrelated(x) / x.n


def _smcrh_variance(x: Change, yi: Array, less: int) -> Array:
    """Return the delta-method variance, with n − 1 or n throughout."""
    m = x.n - less
    return x.change_variance / (x.sd1**2 * m) + yi**2 / (2 * m)


def _average_variance(x: Change) -> Array:
    return (x.sd1**2 + x.sd2**2) / 2


def _average_df(x: Change) -> Array:
    """Return the degrees of freedom of the average variance of correlated measurements."""
    return 2 * (x.n - 1) / (1 + x.r**2)


def _smcrp(x: Change) -> Array:
    return x.factor(_average_df(x)) * (x.m1 - x.m2) / np.sqrt(_average_variance(x))


def _smcrph_variance(x: Change, yi: Array, less: int) -> Array:
    """Return the delta-method variance, with n − 1 or n throughout."""
    m, s2 = x.n - less, _average_variance(x)
    spread = x.sd1**4 + x.sd2**4 + 2 * x.r**2 * x.sd1**2 * x.sd2**2
    return x.change_variance / (s2 * m) + yi**2 * spread / (8 * s2**2 * m)


MEASURES = (
    Measure(
        code="MC",
        name="mean change",
        design=DESIGN,
        inputs=PAIRS,
        estimate=lambda x: x.m1 - x.m2,
        formula="m1 − m2",
        rules=(
            VarianceRule(
                "LS",
                "(sd1² + sd2² − 2 r sd1 sd2)/n",
                lambda x, _: x.change_variance / x.n,
                GIBBONS,
                "metafor",
            ),
        ),
        sources=(GIBBONS,),
        unit=OUTCOME,
        direction=CHANGE,
        same_as="metafor MC",
    ),
    Measure(
        code="SMCC",
        name="standardised mean change over the SD of changes",
        design=DESIGN,
        inputs=PAIRS,
        alternatives=INSTEAD,
        estimate=lambda x: x.factor(x.n - 1) * x.d,
        formula="J(n − 1) · (m1 − m2)/√(sd1² + sd2² − 2 r sd1 sd2)",
        rules=(
            VarianceRule(
                "LS",
                "1/n + yi²/(2 n)",
                lambda x, yi: 1 / x.n + yi**2 / (2 * x.n),
                GIBBONS,
                "metafor",
            ),
            VarianceRule(
                "LS2",
                "J² (1/n + d²/(2 n))",
                lambda x, _: x.factor(x.n - 1) ** 2 * (1 / x.n + x.d**2 / (2 * x.n)),
                GIBBONS,
                "metafor",
            ),
            VarianceRule(
                "UB", "1/n + (1 − (m − 2)/(m J²)) yi², m = n − 1", _smcc_unbiased, MORRIS, "metafor"
            ),
            VarianceRule(
                "H0",
                "J² m/((m − 2) n), m = n − 1: exact where there is no change",
                lambda x, _: x.factor(x.n - 1) ** 2 * _null_scale(x.n - 1) / x.n,
                GIBBONS,
                "metafor",
            ),
        ),
        sources=(GIBBONS,),
        direction=CHANGE,
        correction="J",
        domains=AT_LEAST_TWO,
        same_as="metafor SMCC; d_z of Lakens",
    ),
    Measure(
        code="SMCR",
        name="standardised mean change over the first SD",
        design=DESIGN,
        inputs=("m1", "sd1", "m2", "r", "n"),
        optional=("sd2",),
        estimate=lambda x: x.factor(x.n - 1) * _raw(x),
        formula="J(n − 1) · (m1 − m2)/sd1",
        rules=(
            VarianceRule("LS", "2 (1 − r)/n + yi²/(2 n)", _smcr_large_sample, BECKER, "metafor"),
            VarianceRule(
                "LS2",
                "J² (2 (1 − r)/n + d²/(2 n))",
                lambda x, _: x.factor(x.n - 1) ** 2 * _smcr_large_sample(x, _raw(x)),
                "borenstein2009",
                "metafor",
            ),
            VarianceRule(
                "UB",
                "2 (1 − ρ)/n + (1 − (m − 2)/(m J²)) yi², m = n − 1, ρ the unbiased correlation",
                _smcr_unbiased,
                MORRIS,
                "metafor",
            ),
            VarianceRule(
                "H0",
                "J² m/(m − 2) 2 (1 − ρ)/n, m = n − 1, ρ the unbiased correlation",
                _smcr_null,
                MORRIS,
                "metafor",
            ),
        ),
        sources=(BECKER, MORRIS),
        direction=CHANGE,
        correction="J",
        domains=AT_LEAST_TWO,
        same_as="metafor SMCR",
    ),
    Measure(
        code="SMCRH",
        name="standardised mean change over the first SD, spreads unequal",
        design=DESIGN,
        inputs=PAIRS,
        estimate=lambda x: x.factor(x.n - 1) * _raw(x),
        formula="J(n − 1) · (m1 − m2)/sd1",
        rules=(
            VarianceRule(
                "LS",
                "(sd1² + sd2² − 2 r sd1 sd2)/(sd1² (n − 1)) + yi²/(2 (n − 1))",
                lambda x, yi: _smcrh_variance(x, yi, 1),
                BONETT,
                "metafor since 4.6; before, with n throughout and d for yi",
            ),
            VarianceRule(
                "LS2",
                "as LS with n in place of n − 1",
                lambda x, yi: _smcrh_variance(x, yi, 0),
                BONETT,
                "metafor since 4.6; before, another",
            ),
        ),
        sources=(BONETT,),
        direction=CHANGE,
        correction="J",
        domains=AT_LEAST_TWO,
        same_as="metafor SMCRH; before 4.6 it took another variance",
    ),
    Measure(
        code="SMCRP",
        name="standardised mean change over the average variance",
        design=DESIGN,
        inputs=PAIRS,
        estimate=_smcrp,
        formula="J(2 (n − 1)/(1 + r²)) · (m1 − m2)/√((sd1² + sd2²)/2)",
        rules=(
            VarianceRule(
                "LS",
                "2 (1 − r)/n + (1 + r²) yi²/(4 n)",
                lambda x, yi: 2 * (1 - x.r) / x.n + (1 + x.r**2) * yi**2 / (4 * x.n),
                COUSINEAU,
                "metafor",
            ),
        ),
        sources=(COUSINEAU,),
        direction=CHANGE,
        correction="J",
        domains=AT_LEAST_TWO,
        same_as="metafor SMCRP; d_av up to its mean of SDs",
    ),
    Measure(
        code="SMCRPH",
        name="standardised mean change over the average variance, spreads unequal",
        design=DESIGN,
        inputs=PAIRS,
        estimate=_smcrp,
        formula="J(2 (n − 1)/(1 + r²)) · (m1 − m2)/√((sd1² + sd2²)/2)",
        rules=(
            VarianceRule(
                "LS",
                "(sd1² + sd2² − 2 r sd1 sd2)/(s² (n − 1)) "
                "+ yi² (sd1⁴ + sd2⁴ + 2 r² sd1² sd2²)/(8 s⁴ (n − 1)), s² = (sd1² + sd2²)/2",
                lambda x, yi: _smcrph_variance(x, yi, 1),
                BONETT,
                "metafor",
            ),
            VarianceRule(
                "LS2",
                "as LS with n in place of n − 1",
                lambda x, yi: _smcrph_variance(x, yi, 0),
                BONETT,
                "metafor",
            ),
        ),
        sources=(BONETT,),
        direction=CHANGE,
        correction="J",
        domains=AT_LEAST_TWO,
        same_as="metafor SMCRPH",
    ),
)
