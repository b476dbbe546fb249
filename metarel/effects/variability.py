"""Two groups compared in their spread: log ratios of standard deviations and of CVs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.effects._means import DESIGN, MEANS, TwoMeans
from metarel.effects._measure import Measure, VarianceRule
from metarel.effects.two_means import TWO_OR_MORE

if TYPE_CHECKING:
    from metarel._checks import Array

NAKAGAWA = "nakagawa2015"
SENIOR = "senior2020"
DIRECTION = "positive when group 1 varies more"


def _log_ratio(x: TwoMeans) -> Array:
    bias = 0.0 if x.correct == "none" else (1 / (x.n1 - 1) - 1 / (x.n2 - 1)) / 2
    return np.log(x.sd1 / x.sd2) + bias


def _large_sample(x: TwoMeans, _yi: Array) -> Array:
    return (1 / (x.n1 - 1) + 1 / (x.n2 - 1)) / 2


def _second_order(x: TwoMeans, _yi: Array) -> Array:
    return (x.n1 / (x.n1 - 1) ** 2 + x.n2 / (x.n2 - 1) ** 2) / 2


def _cv_terms(x: TwoMeans) -> tuple[Array, Array]:
    """Return the squared coefficient of variation over n, for each group."""
    return x.sd1**2 / (x.n1 * x.m1**2), x.sd2**2 / (x.n2 * x.m2**2)


def _log_cv_ratio(x: TwoMeans) -> Array:
    first, second = _cv_terms(x)
    bias = 0.0 if x.correct == "none" else (second - first) / 2
    return _log_ratio(x) - np.log(x.m1 / x.m2) + bias


def _cv_large_sample(x: TwoMeans, yi: Array) -> Array:
    first, second = _cv_terms(x)
    return first + second + _large_sample(x, yi)


def _cv_second_order(x: TwoMeans, yi: Array) -> Array:
    first, second = _cv_terms(x)
    return first + second + (first**2 + second**2) / 2 + _second_order(x, yi)


MEASURES = (
    Measure(
        code="VR",
        name="log ratio of standard deviations",
        design=DESIGN,
        inputs=("sd1", "n1", "sd2", "n2"),
        optional=("m1", "m2"),
        estimate=_log_ratio,
        formula="log(sd1/sd2) + 1/(2 (n1 − 1)) − 1/(2 (n2 − 1))",
        rules=(
            VarianceRule(
                "LS", "1/(2 (n1 − 1)) + 1/(2 (n2 − 1))", _large_sample, NAKAGAWA, "metafor"
            ),
            VarianceRule(
                "LS2",
                "n1/(2 (n1 − 1)²) + n2/(2 (n2 − 1)²)",
                _second_order,
                SENIOR,
                "metafor",
            ),
        ),
        sources=(NAKAGAWA,),
        transform="exp",
        direction=DIRECTION,
        correction="series",
        domains=TWO_OR_MORE,
        same_as="metafor VR",
    ),
    Measure(
        code="CVR",
        name="log ratio of coefficients of variation",
        design=DESIGN,
        inputs=MEANS,
        estimate=_log_cv_ratio,
        formula="VR − log(m1/m2) − sd1²/(2 n1 m1²) + sd2²/(2 n2 m2²)",
        rules=(
            VarianceRule(
                "LS",
                "sd1²/(n1 m1²) + sd2²/(n2 m2²) + 1/(2 (n1 − 1)) + 1/(2 (n2 − 1))",
                _cv_large_sample,
                SENIOR,
                "metafor",
            ),
            VarianceRule(
                "LS2",
                "second-order terms added: sd⁴/(2 n² m⁴) and n/(2 (n − 1)²) of each group",
                _cv_second_order,
                SENIOR,
                "named as in metafor, with which it was not compared",
            ),
        ),
        sources=(NAKAGAWA, SENIOR),
        transform="exp",
        direction=DIRECTION,
        correction="series",
        domains=TWO_OR_MORE,
        same_as="metafor CVR since 5.0; before, the correction left out the means",
    ),
)
