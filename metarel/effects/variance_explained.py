"""Shares of variance that an effect explains, from its F: eta², omega², epsilon²."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from metarel.effects._measure import LEVEL, Design, Measure, VarianceRule
from metarel.effects._regression import noncentral_beta_variance

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

    OfEffect: TypeAlias = Callable[["Effect"], Array]

INPUTS = ("f", "df1", "df2")
OKADA = "okada2013"
STEIGER = "steiger2004"


@dataclass(frozen=True, slots=True)
class Effect:
    """An F test of an effect with fixed levels."""

    f: Array
    df1: Array
    df2: Array

    @property
    def n(self) -> Array:
        """Return the size that the degrees of freedom leave for this effect alone."""
        return self.df1 + self.df2 + 1

    @property
    def eta2(self) -> Array:
        """Return the share of variance explained in the sample."""
        return self.df1 * self.f / (self.df1 * self.f + self.df2)

    @property
    def omega2(self) -> Array:
        """Return Hays' estimate of the share of variance explained."""
        return self.df1 * (self.f - 1) / (self.df1 * self.f + self.df2 + 1)

    @property
    def epsilon2(self) -> Array:
        """Return Kelley's estimate of the share of variance explained."""
        return self.df1 * (self.f - 1) / (self.df1 * self.f + self.df2)


def _complete(given: Given, _options: Options) -> Effect:
    return Effect(given["f"], given["df1"], given["df2"])


DESIGN = Design("variance explained", _complete)


def _no_slope(x: Effect) -> Array:
    return np.ones_like(x.f)


def _epsilon_slope(x: Effect) -> Array:
    """Return the slope of epsilon² in eta², of which it is a linear function."""
    return (x.df1 + x.df2) / x.df2


def _omega_slope(x: Effect) -> Array:
    """Return the slope of omega² in eta²."""
    return ((x.df1 + x.df2) * (x.df2 + 1) - x.df1) / (x.df2 + 1 - x.eta2) ** 2


def _fixed(x: Effect) -> Array:
    return 2 * x.eta2 * (1 - x.eta2) ** 2 * (2 - x.eta2) / x.n


def _random(x: Effect) -> Array:
    return 4 * x.eta2 * (1 - x.eta2) ** 2 / x.n


def _noncentral(x: Effect) -> Array:
    """Return the variance of eta² were the true share Hays' estimate of it, or 0."""
    share = np.where(x.omega2 < 0, 0, x.omega2)
    return noncentral_beta_variance(x.n * share / (1 - share), x.df1, x.df2)


def _scaled(slope: OfEffect, variance: OfEffect) -> Callable[[Effect, Array], Array]:
    """Return the variance of a function of eta², by its slope."""
    return lambda x, _yi: slope(x) ** 2 * variance(x)


def _rules(slope: OfEffect, text: str) -> tuple[VarianceRule, ...]:
    """Return the rules of eta², carried to what is made of it."""
    times = f"({text})² · " if text else ""
    return (
        VarianceRule(
            "LS",
            f"{times}2 η² (1 − η²)² (2 − η²)/n, n = df1 + df2 + 1: levels fixed",
            _scaled(slope, _fixed),
            STEIGER,
            "no program known; the delta method on the noncentral F",
        ),
        VarianceRule(
            "RANDOM",
            f"{times}4 η² (1 − η²)²/n: levels as random as a normal predictor",
            _scaled(slope, _random),
            "olkin1995",
            "metafor's R2, from which that of eta² does not differ",
        ),
        VarianceRule(
            "BETA",
            f"{times}variance of η² as a noncentral beta with noncentrality n ω²/(1 − ω²)",
            _scaled(slope, _noncentral),
            STEIGER,
            "no program known",
        ),
    )


MEASURES = (
    Measure(
        code="ETA2",
        name="eta squared, partial where other effects were taken out of the error",
        design=DESIGN,
        inputs=INPUTS,
        estimate=lambda x: x.eta2,
        formula="df1 f/(df1 f + df2)",
        rules=_rules(_no_slope, ""),
        sources=(STEIGER,),
        direction=LEVEL,
        same_as="no code in metafor, whose R2 has the same yi with predictors = df1 and "
        "n = df1 + df2 + 1; effectsize's partial η²",
    ),
    Measure(
        code="OMEGA2",
        name="omega squared, partial where other effects were taken out of the error",
        design=DESIGN,
        inputs=INPUTS,
        estimate=lambda x: x.omega2,
        formula="df1 (f − 1)/(df1 f + df2 + 1), negative where f < 1",
        rules=_rules(_omega_slope, "((df1 + df2)(df2 + 1) − df1)/(df2 + 1 − η²)²"),
        sources=("hays1963", OKADA),
        direction=LEVEL,
        same_as="no code in metafor; effectsize's partial ω², which it cuts at 0",
    ),
    Measure(
        code="EPSILON2",
        name="epsilon squared, partial where other effects were taken out of the error",
        design=DESIGN,
        inputs=INPUTS,
        estimate=lambda x: x.epsilon2,
        formula="df1 (f − 1)/(df1 f + df2), negative where f < 1: adjusted R²",
        rules=_rules(_epsilon_slope, "(df1 + df2)/df2"),
        sources=("kelley1935", OKADA),
        direction=LEVEL,
        same_as="no code in metafor; effectsize's partial ε², which it cuts at 0",
    ),
)
