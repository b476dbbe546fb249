"""The log ratio of two means (response ratio)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.effects._means import DESIGN, MEANS, TwoMeans
from metarel.effects._measure import Measure, VarianceRule
from metarel.effects._parts import pooled_sd, weighted_mean
from metarel.effects.two_means import TWO_OR_MORE

if TYPE_CHECKING:
    from metarel._checks import Array

HEDGES = "hedges1999"
LAJEUNESSE = "lajeunesse2015"
NAKAGAWA = "nakagawa2023"


def _terms(x: TwoMeans) -> tuple[Array, Array]:
    """Return the squared coefficient of variation over n, for each group."""
    return x.sd1**2 / (x.n1 * x.m1**2), x.sd2**2 / (x.n2 * x.m2**2)


def _log_ratio(x: TwoMeans) -> Array:
    first, second = _terms(x)
    bias = 0.0 if x.correct == "none" else (first - second) / 2
    return np.log(x.m1 / x.m2) + bias


def _large_sample(x: TwoMeans, _yi: Array) -> Array:
    first, second = _terms(x)
    return first + second


def _second_order(x: TwoMeans, _yi: Array) -> Array:
    first, second = _terms(x)
    return first + second + (first**2 + second**2) / 2


def _equal_spread(x: TwoMeans, _yi: Array) -> Array:
    s2 = pooled_sd(x.sd1, x.n1, x.sd2, x.n2) ** 2
    return s2 / (x.n1 * x.m1**2) + s2 / (x.n2 * x.m2**2)


def _mean_cvs(x: TwoMeans) -> tuple[float, float, float]:
    """Return the coefficient of variation of each group, and of both, averaged over rows by n."""
    known = np.isfinite(x.m1 * x.sd1 * x.n1 * x.m2 * x.sd2 * x.n2)
    first, second = x.sd1[known] / x.m1[known], x.sd2[known] / x.m2[known]
    n1, n2 = x.n1[known], x.n2[known]
    both = weighted_mean(np.concatenate([first, second]), np.concatenate([n1, n2]))
    return weighted_mean(first, n1), weighted_mean(second, n2), both


def _average(x: TwoMeans, _yi: Array) -> Array:
    first, second, _ = _mean_cvs(x)
    return first**2 / x.n1 + second**2 / x.n2


def _average_both(x: TwoMeans, _yi: Array) -> Array:
    return _mean_cvs(x)[2] ** 2 * x.inverse_n


MEASURES = (
    Measure(
        code="ROM",
        name="log ratio of means",
        design=DESIGN,
        inputs=MEANS,
        estimate=_log_ratio,
        formula="log(m1/m2) + sd1²/(2 n1 m1²) − sd2²/(2 n2 m2²), for means of one sign",
        rules=(
            VarianceRule(
                "LS", "sd1²/(n1 m1²) + sd2²/(n2 m2²)", _large_sample, HEDGES, "metafor, meta"
            ),
            VarianceRule(
                "HO",
                "pooled variance · (1/(n1 m1²) + 1/(n2 m2²))",
                _equal_spread,
                HEDGES,
                "metafor; meta with pooledvar = TRUE",
            ),
            VarianceRule(
                "LS2",
                "LS + sd1⁴/(2 n1² m1⁴) + sd2⁴/(2 n2² m2⁴)",
                _second_order,
                LAJEUNESSE,
                "named as in metafor, with which it was not compared",
            ),
            VarianceRule(
                "AV",
                "cv1²/n1 + cv2²/n2, each cv = sd/m averaged over rows with weights n",
                _average,
                NAKAGAWA,
                "metafor",
                across_rows=True,
            ),
            VarianceRule(
                "AVHO",
                "cv² (1/n1 + 1/n2), cv = sd/m averaged over rows and groups with weights n",
                _average_both,
                NAKAGAWA,
                "metafor",
                across_rows=True,
            ),
        ),
        sources=(HEDGES, LAJEUNESSE),
        transform="exp",
        correction="series",
        domains=TWO_OR_MORE,
        same_as="metafor ROM since 5.0; before, and in meta, without the correction",
    ),
)
