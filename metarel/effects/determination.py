"""Coefficients of determination, predictors random or fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import stats
from metarel.convert.variance_shares import multiple_z
from metarel.effects._measure import LEVEL, Measure, VarianceRule
from metarel.effects._parts import weighted_mean
from metarel.effects._regression import (
    MODEL,
    MODEL_DOMAINS,
    MODELS,
    Model,
    noncentral_beta_variance,
)

if TYPE_CHECKING:
    from metarel._checks import Array

OLKIN = "olkin1995"
KENDALL = "kendall1979"
WAYS = (("f", "predictors", "n"), ("p", "predictors", "n"))
NODES, WEIGHTS = np.polynomial.legendre.leggauss(80)


def _large_sample(x: Model, r2: Array | float) -> Array:
    return 4 * r2 * (1 - r2) ** 2 / x.n


def _second(x: Model, r2: Array | float) -> Array:
    return 4 * r2 * (1 - r2) ** 2 * x.df**2 / ((x.n**2 - 1) * (x.n + 3))


def _average(x: Model) -> float:
    return weighted_mean(x.r2, x.n)


def _likelihood_variance(x: Model) -> Array:
    """Return the variance of the true R² over its likelihood, that of a noncentral F.

    The noncentrality is n s², s² = ρ²/(1 − ρ²), and the likelihood falls off in s as a normal
    density of variance 1/(n (1 − R²)) or faster: ten of these on both sides are enough. It is
    integrated over Fisher's z, asinh s, on which its width hardly depends on R².
    """
    middle, reach = np.sqrt(x.r2 / (1 - x.r2)), 10 / np.sqrt(x.n * (1 - x.r2))
    low, high = np.arcsinh(np.maximum(middle - reach, 0)), np.arcsinh(middle + reach)
    half = ((high - low) / 2)[:, None]
    z = half * NODES + ((high + low) / 2)[:, None]
    rho2, unexplained = np.tanh(z) ** 2, np.cosh(z) ** -2.0
    f = x.r2 / x.predictors * x.df / (1 - x.r2)
    m, df = x.predictors[:, None], x.df[:, None]
    # F of exactly 0 has density 0 or infinity at any noncentrality; its limit is what is meant.
    near = np.maximum(f, 1e-9)[:, None]
    known = np.isfinite(near) & np.isfinite(m * df)
    heights = stats.ncf.pdf(
        np.where(known, near, 1.0),
        np.where(known, m, 1.0),
        np.where(known, df, 1.0),
        x.n[:, None] * np.sinh(z) ** 2,
    )
    weights = np.where(known, heights, np.nan) * WEIGHTS * np.tanh(z) * unexplained
    weights = weights / weights.sum(axis=1, keepdims=True)
    mean = (weights * rho2).sum(axis=1, keepdims=True)
    return (weights * (rho2 - mean) ** 2).sum(axis=1)


def _sampling_variance(x: Model) -> Array:
    """Return the variance of R² were the true one what was observed: a noncentral beta."""
    return noncentral_beta_variance(x.n * x.r2 / (1 - x.r2), x.predictors, x.df)


def _on_z(x: Model, variance: Array) -> Array:
    """Return the variance of atanh(R) by the delta method."""
    return variance / (4 * x.r2 * (1 - x.r2) ** 2)


LIKELIHOOD_TEXT = (
    "variance of the true R² over its likelihood, F being noncentral with n ρ²/(1 − ρ²)"
)
BETA_TEXT = "variance of a noncentral beta with noncentrality n R²/(1 − R²)"

MEASURES = (
    Measure(
        code="R2",
        name="coefficient of determination, predictors random",
        design=MODELS,
        inputs=MODEL,
        alternatives=WAYS,
        estimate=lambda x: x.r2,
        formula="R²",
        rules=(
            VarianceRule("LS", "4 R² (1 − R²)²/n", _large_sample, KENDALL, "metafor"),
            VarianceRule(
                "LS2",
                "4 R² (1 − R²)² (n − predictors − 1)²/((n² − 1)(n + 3))",
                _second,
                KENDALL,
                "metafor",
            ),
            VarianceRule(
                "AV",
                "as LS, R² averaged over rows with weights n",
                lambda x, _: _large_sample(x, _average(x)),
                KENDALL,
                "metafor",
                across_rows=True,
            ),
            VarianceRule(
                "AV2",
                "as LS2, R² averaged over rows with weights n",
                lambda x, _: _second(x, _average(x)),
                KENDALL,
                "metafor",
                across_rows=True,
            ),
        ),
        sources=(OLKIN, KENDALL),
        direction=LEVEL,
        domains=MODEL_DOMAINS,
        same_as="metafor R2",
    ),
    Measure(
        code="ZR2",
        name="Fisher's z of the multiple correlation, predictors random",
        design=MODELS,
        inputs=MODEL,
        alternatives=WAYS,
        estimate=lambda x: multiple_z(x.r2),
        formula="atanh(R)",
        rules=(VarianceRule("LS", "1/n", lambda x, _: 1 / x.n, OLKIN, "metafor"),),
        sources=(OLKIN,),
        transform="tanh2",
        direction=LEVEL,
        domains=MODEL_DOMAINS,
        same_as="metafor ZR2; half of Olkin and Finn's transform",
    ),
    Measure(
        code="R2F",
        name="coefficient of determination, predictors fixed",
        design=MODELS,
        inputs=MODEL,
        alternatives=WAYS,
        estimate=lambda x: x.r2,
        formula="R²",
        rules=(
            VarianceRule(
                "LS",
                LIKELIHOOD_TEXT,
                lambda x, _: _likelihood_variance(x),
                "steiger2004",
                "metafor, up to its grid (4e-4 where R² is near to 0); this is the integral itself",
            ),
            VarianceRule(
                "BETA",
                BETA_TEXT,
                lambda x, _: _sampling_variance(x),
                "steiger2004",
                "no program known",
            ),
        ),
        sources=("steiger2004",),
        direction=LEVEL,
        domains=MODEL_DOMAINS,
        same_as="metafor R2F in yi; in vi up to its grid (4e-4 where R² is near to 0)",
    ),
    Measure(
        code="ZR2F",
        name="Fisher's z of the multiple correlation, predictors fixed",
        design=MODELS,
        inputs=MODEL,
        alternatives=WAYS,
        estimate=lambda x: multiple_z(x.r2),
        formula="atanh(R)",
        rules=(
            VarianceRule(
                "LS",
                f"{LIKELIHOOD_TEXT}; over 4 R² (1 − R²)²",
                lambda x, _: _on_z(x, _likelihood_variance(x)),
                "steiger2004",
                "named as in metafor, with which it was not compared",
            ),
            VarianceRule(
                "BETA",
                f"{BETA_TEXT}; over 4 R² (1 − R²)²",
                lambda x, _: _on_z(x, _sampling_variance(x)),
                "steiger2004",
                "no program known",
            ),
        ),
        sources=("steiger2004",),
        transform="tanh2",
        direction=LEVEL,
        domains=MODEL_DOMAINS,
        same_as="metafor ZR2F in yi",
    ),
)
