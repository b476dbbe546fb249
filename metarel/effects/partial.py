"""Partial and semi-partial correlations of a regression coefficient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.effects._measure import Measure, VarianceRule
from metarel.effects._parts import first_known, refuse_rows, weighted_mean
from metarel.effects._regression import (
    COEFFICIENT,
    COEFFICIENTS,
    DOMAINS,
    Coefficient,
)

if TYPE_CHECKING:
    from metarel._checks import Array

ALOE = "aloe2012"
ALOE_LATER = "aloe2014"
DIRECTION = "has the sign of the coefficient"
WAYS = (("p", "predictors", "n"), ("r", "predictors", "n"))
WITH_R2 = (*COEFFICIENT, "r2")
WAYS_WITH_R2 = tuple((*way, "r2") for way in WAYS)


def _partial(x: Coefficient) -> Array:
    return first_known(x.t / np.sqrt(x.t**2 + x.df), x.r)


def _semi_partial_variance(x: Coefficient, r: Array | float, r2: Array) -> Array:
    """Return the variance from the semi-partial correlation and the R² of the model."""
    without = r2 - r**2  # R² of the model without the coefficient's predictor
    return (r2**2 - 2 * r2 + without + 1 - without**2) / x.n


def _average_variance(x: Coefficient, yi: Array) -> Array:
    r = weighted_mean(yi, x.n)
    variance = _semi_partial_variance(x, r, x.r2)
    refuse_rows(
        variance <= 0,
        f"`variance` must not be 'AV' where `r2` is so far below {r**2:.6g}, the square of the "
        "average semi-partial correlation, that no variance is left. Use 'LS'",
        None,
    )
    return variance


def _of_z(x: Coefficient, z: Array) -> Array:
    r = np.tanh(z)
    return _semi_partial_variance(x, r, x.r2) / (1 - r**2) ** 2


SEMI_TEXT = "(R⁴ − 2 R² + S² + 1 − S⁴)/n, S² = R² − yi² the R² without the predictor"

MEASURES = (
    Measure(
        code="PCOR",
        name="partial correlation",
        design=COEFFICIENTS,
        inputs=COEFFICIENT,
        alternatives=WAYS,
        estimate=_partial,
        formula="t/√(t² + n − predictors − 1)",
        rules=(
            VarianceRule(
                "LS",
                "(1 − yi²)²/(n − predictors)",
                lambda x, r: (1 - r**2) ** 2 / (x.n - x.predictors),
                ALOE_LATER,
                "metafor",
            ),
            VarianceRule(
                "AV",
                "(1 − mean yi²)²/(n − predictors), the mean of yi weighted by n",
                lambda x, r: (1 - weighted_mean(r, x.n) ** 2) ** 2 / (x.n - x.predictors),
                ALOE_LATER,
                "metafor",
                across_rows=True,
            ),
        ),
        sources=(ALOE_LATER,),
        direction=DIRECTION,
        domains=DOMAINS,
        same_as="metafor PCOR, as in 5; metafor 3 took n − predictors − 1 in the variance",
    ),
    Measure(
        code="ZPCOR",
        name="Fisher's z of the partial correlation",
        design=COEFFICIENTS,
        inputs=COEFFICIENT,
        alternatives=WAYS,
        estimate=lambda x: np.arctanh(_partial(x)),
        formula="atanh(t/√(t² + n − predictors − 1))",
        rules=(
            VarianceRule(
                "LS",
                "1/(n − predictors − 2)",
                lambda x, _: 1 / (x.n - x.predictors - 2),
                "fisher1924",
                "metafor",
            ),
        ),
        sources=("fisher1924", ALOE_LATER),
        transform="tanh",
        direction=DIRECTION,
        domains=DOMAINS,
        same_as="metafor ZPCOR, as in 5; metafor 3 took n − predictors − 1 in the variance",
    ),
    Measure(
        code="SPCOR",
        name="semi-partial correlation",
        design=COEFFICIENTS,
        inputs=WITH_R2,
        alternatives=WAYS_WITH_R2,
        estimate=lambda x: x.semi_partial,
        formula="t √((1 − R²)/(n − predictors − 1))",
        rules=(
            VarianceRule(
                "LS", SEMI_TEXT, lambda x, r: _semi_partial_variance(x, r, x.r2), ALOE, "metafor"
            ),
            VarianceRule(
                "AV",
                f"{SEMI_TEXT}; yi there averaged over rows with weights n",
                _average_variance,
                ALOE,
                "metafor",
                across_rows=True,
            ),
        ),
        sources=(ALOE,),
        direction=DIRECTION,
        domains=DOMAINS,
        same_as="metafor SPCOR",
    ),
    Measure(
        code="ZSPCOR",
        name="Fisher's z of the semi-partial correlation",
        design=COEFFICIENTS,
        inputs=WITH_R2,
        alternatives=WAYS_WITH_R2,
        estimate=lambda x: np.arctanh(x.semi_partial),
        formula="atanh(t √((1 − R²)/(n − predictors − 1)))",
        rules=(VarianceRule("LS", f"{SEMI_TEXT}; over (1 − r²)²", _of_z, ALOE, "metafor"),),
        sources=(ALOE,),
        transform="tanh",
        direction=DIRECTION,
        domains=DOMAINS,
        same_as="metafor ZSPCOR",
    ),
)
