"""Mean and SD by fitting families of distributions to printed quantiles, one row at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import optimize, special
from metarel.convert.recover_medians import SCENARIOS, SMALLEST_N, Quantiles

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class Fitted:
    """A distribution's mean and SD, and how far its quantiles lie from the printed ones."""

    mean: float
    sd: float
    distance: float
    family: str


@dataclass(frozen=True, slots=True)
class ScaleFamily:
    """Positive distributions with a shape and a free scale, so that only the shape is searched.

    Parameters
    ----------
    family : str
        Name.
    quantile : callable
        Quantiles at scale 1, from shapes and probabilities that broadcast.
    mean, sd : callable
        Mean and standard deviation at scale 1, from the shape.
    """

    family: str
    quantile: Callable[[Array, Array], Array]
    mean: Callable[[float], float]
    sd: Callable[[float], float]


def _weibull_sd(shape: float) -> float:
    first, second = special.gammaln(1 + 1 / shape), special.gammaln(1 + 2 / shape)
    return float(np.exp(first) * np.sqrt(np.expm1(second - 2 * first)))


FAMILIES = (
    ScaleFamily(
        "lognormal",
        lambda s, p: np.exp(s * special.ndtri(p)),
        lambda s: float(np.exp(s**2 / 2)),
        lambda s: float(np.exp(s**2 / 2) * np.sqrt(np.expm1(s**2))),
    ),
    ScaleFamily(
        "gamma",
        lambda k, p: special.gammaincinv(k, p) / k,
        lambda _k: 1.0,
        lambda k: float(1 / np.sqrt(k)),
    ),
    ScaleFamily(
        "Weibull",
        lambda k, p: (-np.log1p(-p)) ** (1 / k),
        lambda k: float(np.exp(special.gammaln(1 + 1 / k))),
        _weibull_sd,
    ),
)
#: Logarithms of the shapes searched, before the best is refined.
_GRID = np.linspace(-5.0, 9.0, 141)
#: Below this share of the sum of squares a distance is nothing but rounding.
_EXACT = 1e-20


def _normal(numbers: Array, p: Array) -> Fitted:
    """Fit a normal distribution: least squares on the normal scores."""
    z = special.ndtri(p)
    mean, sd = np.linalg.lstsq(np.column_stack([np.ones_like(z), z]), numbers, rcond=None)[0]
    return Fitted(float(mean), float(sd), float(((numbers - mean - sd * z) ** 2).sum()), "normal")


def _scaled(family: ScaleFamily, numbers: Array, p: Array) -> Fitted:
    """Fit a family with a free scale: the best scale of each shape is in closed form."""

    def at(log_shapes: Array) -> tuple[Array, Array]:
        """Return distances and scales of several shapes; an overflowing one is infinitely far."""
        with np.errstate(all="ignore"):
            unit = family.quantile(np.exp(log_shapes)[:, None], p)
            scale = unit @ numbers / (unit**2).sum(axis=1)
            distance = ((numbers - scale[:, None] * unit) ** 2).sum(axis=1)
        return np.where(np.isfinite(distance), distance, np.inf), scale

    best = int(np.argmin(at(_GRID)[0]))
    low, high = _GRID[max(best - 1, 0)], _GRID[min(best + 1, len(_GRID) - 1)]
    found = optimize.minimize_scalar(
        lambda value: at(np.array([value]))[0][0],
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-10},
    ).x
    distance, scale = (float(part[0]) for part in at(np.array([found])))
    shape = float(np.exp(found))
    with np.errstate(all="ignore"):
        mean, sd = scale * family.mean(shape), scale * family.sd(shape)
    return Fitted(mean, sd, distance, family.family)


def _beta(numbers: Array, p: Array) -> Fitted:
    """Fit a beta distribution to numbers between 0 and 1."""
    start = _normal(numbers, p)
    middle = min(max(start.mean, 0.02), 0.98)
    strength = max(middle * (1 - middle) / max(start.sd, 1e-3) ** 2 - 1, 0.5)
    found = optimize.least_squares(
        lambda logs: special.betaincinv(*np.exp(logs), p) - numbers,
        np.log([middle * strength, (1 - middle) * strength]),
        bounds=(-7.0, 12.0),
        xtol=1e-14,
        ftol=1e-14,
        gtol=1e-14,
    )
    a, b = np.exp(found.x)
    sd = np.sqrt(a * b / (a + b + 1)) / (a + b)
    return Fitted(float(a / (a + b)), float(sd), float(2 * found.cost), "beta")


def fit_quantiles(numbers: Array, p: Array) -> Fitted:
    """Return the distribution, of several families, whose quantiles are nearest to those printed.

    Parameters
    ----------
    numbers : ndarray
        Quantiles in rising order.
    p : ndarray
        Their probabilities.

    Returns
    -------
    Fitted
        The best of normal, log-normal, gamma, Weibull and, between 0 and 1, beta, by the sum of
        squared distances [mcgrath2020]; only the normal where a number is not positive.
    """
    fits = [_normal(numbers, p)]
    if numbers[0] > 0:
        unit = np.median(numbers)
        for family in FAMILIES:
            fit = _scaled(family, numbers / unit, p)
            fits.append(Fitted(fit.mean * unit, fit.sd * unit, fit.distance * unit**2, fit.family))
        if numbers[-1] < 1:
            fits.append(_beta(numbers, p))
    nothing = _EXACT * float(numbers @ numbers)
    # Ties at rounding error go to the first, so that exact fits do not depend on noise.
    return min(fits, key=lambda fit: max(fit.distance, nothing))


def probabilities(scenario: str, n: float) -> Array:
    """Return the probabilities of the numbers of a scenario.

    Parameters
    ----------
    scenario : {"range", "quartiles", "five"}
        Which numbers are known.
    n : float
        Sample size.

    Returns
    -------
    ndarray
        1/n for the minimum and 1 − 1/n for the maximum, the quartiles' own [mcgrath2020].
    """
    known = {"minimum": 1 / n, "q1": 0.25, "median": 0.5, "q3": 0.75, "maximum": 1 - 1 / n}
    return np.array([known[word] for word in SCENARIOS[scenario]])


@dataclass(frozen=True, slots=True)
class FittedMoments:
    """Mean, SD and the family chosen, row by row."""

    mean: Array
    sd: Array
    family: Array


def quantile_estimation(x: Quantiles, scenario: str) -> FittedMoments:
    """Return mean and SD by quantile estimation.

    Parameters
    ----------
    x : Quantiles
        Rows with the numbers of the scenario and n.
    scenario : {"range", "quartiles", "five"}
        Which numbers are used.

    Returns
    -------
    FittedMoments
        Mean and standard deviation of the fitted distribution [mcgrath2020]; estmeansd's
        ``qe.mean.sd`` and metafor's ``method="qe"`` search the same minimum. Where normal data
        show their range, the SD comes out too large, by a tenth at n = 41.
    """
    words, size = SCENARIOS[scenario], len(x.n)
    mean, sd, family = np.full(size, np.nan), np.full(size, np.nan), np.full(size, "", dtype=object)
    for row in np.flatnonzero(x.has(scenario) & (x.n >= SMALLEST_N)):
        numbers = np.array([getattr(x, word)[row] for word in words])
        if numbers[0] == numbers[-1]:
            continue
        fit = fit_quantiles(numbers, probabilities(scenario, float(x.n[row])))
        mean[row], sd[row], family[row] = fit.mean, fit.sd, fit.family
    return FittedMoments(mean, sd, family)
