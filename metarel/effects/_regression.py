"""The design of one regression: a coefficient's t, the model's R², its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special, stats
from metarel._vocabulary import Domain
from metarel.effects._measure import Design
from metarel.effects._parts import first_known, refuse_rows, t_from_p

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

COEFFICIENT = ("t", "predictors", "n")
MODEL = ("r2", "predictors", "n")
DOMAINS = {"predictors": Domain(1), "p": Domain(-1, 1)}
MODEL_DOMAINS = {"predictors": Domain(1), "p": Domain(0, 1, open_low=True)}
#: What the arithmetic of a model with one predictor, whose r² is R², may leave between both.
ROUNDED = 1e-12


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient of a regression: its t (or its correlation) and the model's R²."""

    t: Array
    r: Array
    r2: Array
    predictors: Array
    n: Array

    @property
    def df(self) -> Array:
        """Return the residual degrees of freedom."""
        return self.n - self.predictors - 1

    @property
    def semi_partial(self) -> Array:
        """Return the semi-partial correlation, from t and R² or as it was given."""
        return first_known(self.t * np.sqrt((1 - self.r2) / self.df), self.r)


@dataclass(frozen=True, slots=True)
class Model:
    """A regression model: R², its predictors, the people."""

    r2: Array
    predictors: Array
    n: Array

    @property
    def df(self) -> Array:
        """Return the residual degrees of freedom."""
        return self.n - self.predictors - 1


def _complete_coefficient(given: Given, _options: Options) -> Coefficient:
    predictors, n = given["predictors"], given["n"]
    t = first_known(given["t"], t_from_p(given["p"], n - predictors - 1))
    r2 = given.get("r2", np.full_like(n, np.nan))
    return Coefficient(t, given["r"], r2, predictors, n)


def _complete_model(given: Given, _options: Options) -> Model:
    predictors, n = given["predictors"], given["n"]
    df = n - predictors - 1
    from_f = predictors * given["f"] / (predictors * given["f"] + df)
    # P(F > f) is the distribution function of the unexplained share, a beta variable.
    from_p = 1 - special.betaincinv(df / 2, predictors / 2, given["p"])
    return Model(first_known(given["r2"], from_f, from_p), predictors, n)


def _check_size(given: Given, labels: list[str] | None) -> None:
    refuse_rows(
        given["n"] <= given["predictors"] + 1,
        "`n` must exceed `predictors` + 1, or no degrees of freedom are left",
        labels,
    )


def _check_coefficient(given: Given, labels: list[str] | None) -> None:
    _check_size(given, labels)
    if "p" in given:
        refuse_rows(given["p"] == 0, "`p` must not be 0; give the bound that was printed", labels)
    if "r2" in given:
        _check_share(given, labels)


def _check_share(given: Given, labels: list[str] | None) -> None:
    """Refuse a predictor that adds more to R² than the model has."""
    nothing = np.full_like(given["n"], np.nan)
    inputs = {word: given.get(word, nothing) for word in ("t", "p", "r", "predictors", "n", "r2")}
    with np.errstate(all="ignore"):
        x = _complete_coefficient(inputs, {})
        added = x.semi_partial**2
    refuse_rows(
        added > x.r2 + ROUNDED,
        "`r2` must be at least the squared semi-partial correlation, r² or t² (1 − R²)/(n − "
        "`predictors` − 1), which is what the predictor adds to it",
        labels,
    )


COEFFICIENTS = Design("coefficient", _complete_coefficient, _check_coefficient)
MODELS = Design("regression", _complete_model, _check_size)


#: Terms of a Poisson mixture are summed in blocks of rows that keep a grid below this size.
GRID = 2_000_000


def noncentral_beta_variance(noncentrality: Array, df1: Array, df2: Array) -> Array:
    """Return the variance of the share explained when an F of these df is noncentral.

    The share is a Poisson mixture of beta variables, and terms beyond twelve standard deviations
    of the Poisson's mean are below 1e-30.
    """
    result = np.full_like(noncentrality, np.nan)
    mean = noncentrality / 2
    rows = np.flatnonzero(np.isfinite(mean + df1 + df2))
    reach = 12 * np.sqrt(mean) + 40
    rows = rows[np.argsort(reach[rows])]
    while rows.size:
        # Rows of like reach share a block, whose grid is as wide as its last row needs.
        fit = np.searchsorted(np.arange(1, rows.size + 1) * (2 * reach[rows] + 1), GRID, "right")
        block, rows = rows[: max(fit, 1)], rows[max(fit, 1) :]
        result[block] = _mixture_variance(mean[block], df1[block], df2[block], reach[block[-1]])
    return result


def _mixture_variance(mean: Array, df1: Array, df2: Array, reach: float) -> Array:
    """Return the variance of beta variables mixed over Poisson counts within reach of the mean."""
    around = np.arange(-int(reach), int(reach) + 1)[:, None]
    count = np.floor(mean) + around
    weights = np.where(count < 0, 0, stats.poisson.pmf(np.maximum(count, 0), mean))
    a, total = df1 / 2 + np.maximum(count, 0), (df1 + df2) / 2 + np.maximum(count, 0)
    share = a / total
    center = (weights * share).sum(axis=0)
    within = share * (df2 / 2) / (total * (total + 1))
    return (weights * (within + (share - center) ** 2)).sum(axis=0)
