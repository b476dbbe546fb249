"""Two measurements of one group compared by ratios: of means, of spreads, of CVs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.effects._changes import AT_LEAST_TWO, DESIGN, PAIRS, Change
from metarel.effects._measure import CHANGE, Measure, VarianceRule

if TYPE_CHECKING:
    from metarel._checks import Array

LAJEUNESSE = "lajeunesse2011"
SENIOR = "senior2020"
DIRECTION = "positive when the first measurement varies more"


def _cvs(x: Change) -> tuple[Array, Array]:
    return x.sd1 / x.m1, x.sd2 / x.m2


def _mean_bias(x: Change) -> Array | float:
    first, second = _cvs(x)
    return 0.0 if x.correct == "none" else (first**2 - second**2) / (2 * x.n)


def _mean_variance(x: Change) -> Array:
    first, second = _cvs(x)
    return (first**2 + second**2 - 2 * x.r * first * second) / x.n


def _spread_variance(x: Change) -> Array:
    return (1 - x.r**2) / (x.n - 1)


def _spread_second_order(x: Change) -> Array:
    """Return the term of second order, the cross term taken with both curvatures."""
    return (1 - x.r**4) / (x.n - 1) ** 2


def _mean_second_order(x: Change) -> Array:
    first, second = _cvs(x)
    return ((first**4 + second**4) / 2 - x.r**2 * first**2 * second**2) / x.n**2


def _spread_published(x: Change) -> Array:
    """Return the term of second order with squared curvatures in the cross term."""
    ratio = (x.sd1 / x.sd2) ** 4
    return (1 + x.r**4 * (ratio + 1 / ratio) / 2) / (x.n - 1) ** 2


def _mean_published(x: Change) -> Array:
    first, second = _cvs(x)
    cross = (x.r * x.sd1 * x.sd2) ** 2 * (1 / x.m1**4 + 1 / x.m2**4)
    return (first**4 + second**4 + cross) / (2 * x.n**2)


MEASURES = (
    Measure(
        code="ROMC",
        name="log ratio of means of one group",
        design=DESIGN,
        inputs=PAIRS,
        estimate=lambda x: np.log(x.m1 / x.m2) + _mean_bias(x),
        formula="log(m1/m2) + sd1²/(2 n m1²) − sd2²/(2 n m2²)",
        rules=(
            VarianceRule(
                "LS",
                "(cv1² + cv2² − 2 r cv1 cv2)/n, cv = sd/m",
                lambda x, _: _mean_variance(x),
                LAJEUNESSE,
                "metafor",
            ),
            VarianceRule(
                "SECOND",
                "LS + (cv1⁴ + cv2⁴)/(2 n²) − r² cv1² cv2²/n²: the second-order delta method",
                lambda x, _: _mean_variance(x) + _mean_second_order(x),
                "lajeunesse2015",
                "no program known",
            ),
        ),
        sources=(LAJEUNESSE, "lajeunesse2015"),
        transform="exp",
        direction=CHANGE,
        correction="series",
        domains=AT_LEAST_TWO,
        same_as="metafor ROMC since 5.0; before, without the correction. metafor has a rule LS2 "
        "besides, metarel has not",
    ),
    Measure(
        code="VRC",
        name="log ratio of standard deviations of one group",
        design=DESIGN,
        inputs=("sd1", "sd2", "r", "n"),
        optional=("m1", "m2"),
        estimate=lambda x: np.log(x.sd1 / x.sd2),
        formula="log(sd1/sd2)",
        rules=(
            VarianceRule(
                "LS", "(1 − r²)/(n − 1)", lambda x, _: _spread_variance(x), SENIOR, "metafor"
            ),
            VarianceRule(
                "LS2",
                "LS + 1/(n − 1)² + r⁴ (sd1⁸ + sd2⁸)/(2 (n − 1)² sd1⁴ sd2⁴), which grows with the "
                "ratio of the spreads although no change of unit moves the log ratio",
                lambda x, _: _spread_variance(x) + _spread_published(x),
                SENIOR,
                "metafor",
            ),
            VarianceRule(
                "SECOND",
                "LS + (1 − r⁴)/(n − 1)²: the second-order delta method",
                lambda x, _: _spread_variance(x) + _spread_second_order(x),
                SENIOR,
                "no program known",
            ),
        ),
        sources=(SENIOR,),
        transform="exp",
        direction=DIRECTION,
        domains=AT_LEAST_TWO,
        same_as="metafor VRC",
    ),
    Measure(
        code="CVRC",
        name="log ratio of coefficients of variation of one group",
        design=DESIGN,
        inputs=PAIRS,
        estimate=lambda x: np.log(x.sd1 / x.m1) - np.log(x.sd2 / x.m2) - _mean_bias(x),
        formula="log(sd1/m1) − log(sd2/m2) − sd1²/(2 n m1²) + sd2²/(2 n m2²)",
        rules=(
            VarianceRule(
                "LS",
                "(cv1² + cv2² − 2 r cv1 cv2)/n + (1 − r²)/(n − 1), cv = sd/m",
                lambda x, _: _mean_variance(x) + _spread_variance(x),
                SENIOR,
                "metafor",
            ),
            VarianceRule(
                "LS2",
                "LS and the terms of VRC's LS2, for means and spreads",
                lambda x, _: (
                    _mean_variance(x)
                    + _spread_variance(x)
                    + _mean_published(x)
                    + _spread_published(x)
                ),
                SENIOR,
                "named as in metafor, with which it was not compared",
            ),
            VarianceRule(
                "SECOND",
                "LS + (cv1⁴ + cv2⁴)/(2 n²) − r² cv1² cv2²/n² + (1 − r⁴)/(n − 1)²: the second-order "
                "delta method",
                lambda x, _: (
                    _mean_variance(x)
                    + _spread_variance(x)
                    + _mean_second_order(x)
                    + _spread_second_order(x)
                ),
                SENIOR,
                "no program known",
            ),
        ),
        sources=(SENIOR,),
        transform="exp",
        direction=DIRECTION,
        correction="series",
        domains=AT_LEAST_TWO,
        same_as="metafor CVRC since 5.0; before, without the correction",
    ),
)
