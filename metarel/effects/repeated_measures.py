"""Change of one group, in the unit of a single measurement: d_rm and d_av."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.effects._changes import AT_LEAST_TWO, DESIGN, PAIRS, Change
from metarel.effects._measure import CHANGE, Measure, VarianceRule
from metarel.effects._parts import first_known

if TYPE_CHECKING:
    from metarel._checks import Array

DESHON = "morris2002"
LAKENS = "lakens2013"


def _unrelated(x: Change) -> Array:
    """Return the variance of a change when each measurement has variance 1."""
    return 2 * (1 - x.r)


def _lean(x: Change) -> Array:
    """Return how the variance of changes moves with the correlation, in units of 1 + r.

    The delta method on two normal measurements: log s_c² and r, s_c the SD of changes, have
    covariance (1 − r²) times this over n. Equal SDs make it −1.
    """
    of_spreads = (x.r * (x.sd1**2 + x.sd2**2) - 2 * x.sd1 * x.sd2) / x.change_variance
    return first_known(of_spreads, np.full_like(x.n, -1.0))


def _rm_large_sample(x: Change, yi: Array) -> Array:
    of_unit = (2 + (1 + x.r) ** 2 + 2 * (1 + x.r) * _lean(x)) / 4
    return _unrelated(x) / x.n + of_unit * yi**2 / x.n


def _rm_equal_spreads(x: Change, yi: Array) -> Array:
    return _unrelated(x) / x.n + (1 + x.r**2) * yi**2 / (4 * x.n)


def _rm_borenstein(x: Change, _yi: Array) -> Array:
    of_d = _unrelated(x) * (1 / x.n + _unrelated(x) * x.d**2 / (2 * x.n))
    return x.factor(x.n - 1) ** 2 * of_d


def _mean_sd(x: Change) -> Array:
    return (x.sd1 + x.sd2) / 2


def _av_large_sample(x: Change, yi: Array) -> Array:
    unit2 = _mean_sd(x) ** 2
    spread = x.sd1**2 + x.sd2**2 + 2 * x.r**2 * x.sd1 * x.sd2
    return x.change_variance / (unit2 * x.n) + yi**2 * spread / (8 * unit2 * x.n)


MEASURES = (
    Measure(
        code="DRM",
        name="standardised mean change, repeated measures (d_rm)",
        design=DESIGN,
        inputs=PAIRS,
        alternatives=(("d", "r", "n"), ("t", "r", "n"), ("p", "r", "n")),
        estimate=lambda x: x.factor(x.n - 1) * x.d * np.sqrt(_unrelated(x)),
        formula="J(n − 1) · (m1 − m2)/√(sd1² + sd2² − 2 r sd1 sd2) · √(2 (1 − r)); given as d it "
        "is the change over the SD of changes",
        rules=(
            VarianceRule(
                "LS",
                "2 (1 − r)/n + yi² (2 + (1 + r)² + 2 (1 + r) (r (sd1² + sd2²) − 2 sd1 sd2)/s_c²)"
                "/(4 n), s_c² = sd1² + sd2² − 2 r sd1 sd2; as HO in rows without SDs",
                _rm_large_sample,
                "bonett2008",
                "no program known; the delta method, as in metafor's SMCRPH",
            ),
            VarianceRule(
                "HO",
                "2 (1 − r)/n + (1 + r²) yi²/(4 n): the SDs equal, and too small where they differ",
                _rm_equal_spreads,
                "cousineau2020",
                "no program known; metafor's SMCRP, to which DRM comes near in large samples",
            ),
            VarianceRule(
                "BORENSTEIN",
                "J² 2 (1 − r) (1/n + d²/(2 n)), d uncorrected: with r near 1 much too small",
                _rm_borenstein,
                "borenstein2009",
                "CMA with the approximate J",
            ),
        ),
        sources=(DESHON, LAKENS),
        direction=CHANGE,
        correction="J",
        domains=AT_LEAST_TWO,
        same_as="no code in metafor; d_rm of Lakens; CMA's paired difference, both with the "
        "approximate J where corrected",
    ),
    Measure(
        code="DAV",
        name="standardised mean change over the mean of both SDs (d_av)",
        design=DESIGN,
        inputs=PAIRS,
        estimate=lambda x: x.factor(x.n - 1) * (x.m1 - x.m2) / _mean_sd(x),
        formula="J(n − 1) · (m1 − m2)/((sd1 + sd2)/2)",
        rules=(
            VarianceRule(
                "LS",
                "(sd1² + sd2² − 2 r sd1 sd2)/(s² n) + yi² (sd1² + sd2² + 2 r² sd1 sd2)/(8 s² n), "
                "s = (sd1 + sd2)/2",
                _av_large_sample,
                "bonett2008",
                "no program known; the delta method, as in metafor's SMCRPH",
            ),
        ),
        sources=("cumming2012", LAKENS),
        direction=CHANGE,
        correction="J",
        domains=AT_LEAST_TWO,
        same_as="no code in metafor, whose SMCRP averages variances; d_av of Lakens, who corrects "
        "by the approximate J",
    ),
)
