"""Means and SDs of logarithms, geometric means, and what they are of the numbers themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel.convert.recover_medians import (
    Moments,
    Quantiles,
    luo_five,
    luo_quartiles,
    luo_range,
    sd_from_quartiles,
    sd_from_range,
    shi_five,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from metarel._checks import Array


@np.errstate(invalid="ignore", divide="ignore")
def log_moments(mean: Array, sd: Array) -> Moments:
    """Return mean and SD of the logarithms from those of log-normal numbers.

    Parameters
    ----------
    mean, sd : ndarray
        Mean (positive) and standard deviation of the numbers.

    Returns
    -------
    Moments
        SD² = log(1 + sd²/mean²), mean = log(mean) − SD²/2: method 1 of [higgins2008]. NaN where
        the mean is not positive.
    """
    mean, sd = np.asarray(mean, dtype=float), np.asarray(sd, dtype=float)
    mean = np.where(mean > 0, mean, np.nan)
    variance = np.log1p((sd / mean) ** 2)
    return Moments(np.log(mean) - variance / 2, np.sqrt(variance))


def raw_moments(log_mean: Array, log_sd: Array) -> Moments:
    """Return mean and SD of log-normal numbers from those of their logarithms.

    Parameters
    ----------
    log_mean, log_sd : ndarray
        Mean and standard deviation of the natural logarithms.

    Returns
    -------
    Moments
        mean = exp(log_mean + log_sd²/2), SD = mean·√(exp(log_sd²) − 1): method 1 of [higgins2008]
        the other way.
    """
    log_sd = np.asarray(log_sd, dtype=float)
    mean = np.exp(np.asarray(log_mean, dtype=float) + log_sd**2 / 2)
    return Moments(mean, mean * np.sqrt(np.expm1(log_sd**2)))


@np.errstate(invalid="ignore", divide="ignore")
def log_moments_from_geometric(geometric_mean: Array, geometric_sd: Array) -> Moments:
    """Return mean and SD of the logarithms from a geometric mean and geometric SD.

    Parameters
    ----------
    geometric_mean : ndarray
        Geometric mean, positive.
    geometric_sd : ndarray
        Geometric standard deviation, a factor of at least 1. Where limits of the geometric mean
        are printed, their logarithms go to `recover_spread.sd_from_ci`.

    Returns
    -------
    Moments
        log of each [higgins2008].
    """
    return Moments(
        np.log(np.asarray(geometric_mean, dtype=float)),
        np.log(np.asarray(geometric_sd, dtype=float)),
    )


@dataclass(frozen=True, slots=True)
class _LogNormal:
    """The constants of one scenario: log-scale mean, plain SD, and what corrects their bias.

    Parameters
    ----------
    mean, sd : callable
        Mean and plain standard deviation of the logarithms.
    square, fourth : callable
        By what the plain SD's square and fourth power are too large, as functions of n.
    a, b : float
        Coefficients of σ²/n and σ⁴/n in the correction of the mean; those of the two terms of the
        variance are 4a, 16b and 4a, 4b.
    """

    mean: Callable[[Quantiles], Array]
    sd: Callable[[Quantiles], Array]
    square: Callable[[Array], Array]
    fourth: Callable[[Array], Array]
    a: float
    b: float


_CASES = {
    "range": _LogNormal(
        luo_range,
        sd_from_range,
        lambda n: 1.01 + 0.25 / np.log(n) ** 2,
        lambda n: 1 + 2.23 / np.log(n) ** 2,
        0.565,
        0.37,
    ),
    "quartiles": _LogNormal(
        luo_quartiles,
        sd_from_quartiles,
        lambda n: 1 + 1.58 / n,
        lambda n: 1 + 19.2 / n**1.2,
        0.57,
        0.75,
    ),
    "five": _LogNormal(
        luo_five,
        shi_five,
        lambda n: 1 + 0.28 / np.log(n) ** 2,
        lambda n: 1 + 3.93 / n,
        0.405,
        0.315,
    ),
}


def lognormal_log_scale(x: Quantiles, scenario: str) -> Moments:
    """Return mean and SD of the logarithms of log-normal data from their quantiles.

    Parameters
    ----------
    x : Quantiles
        Rows with the numbers of the scenario (positive, not yet logarithms) and n.
    scenario : {"range", "quartiles", "five"}
        Which numbers are used.

    Returns
    -------
    Moments
        Luo's mean of the logged numbers, and the root of a nearly unbiased variance [shi2020b];
        metafor's ``conv.fivenum`` with ``dist="lnorm", transf=FALSE``.
    """
    case, logs = _CASES[scenario], x.map(np.log)
    return Moments(case.mean(logs), case.sd(logs) / np.sqrt(case.square(x.n)))


@np.errstate(invalid="ignore", divide="ignore")
def lognormal(x: Quantiles, scenario: str) -> Moments:
    """Return mean and SD of log-normal data from their quantiles.

    Parameters
    ----------
    x : Quantiles
        Rows with the numbers of the scenario (positive) and n.
    scenario : {"range", "quartiles", "five"}
        Which numbers are used.

    Returns
    -------
    Moments
        mean = exp(μ + σ²/2)/φ, variance = exp(2μ + 2σ²)/φ1 − exp(2μ + σ²)/φ2, where μ and σ are
        those of the logarithms and each φ takes away what their sampling error adds, to the first
        order of 1/n [shi2020b]; metafor's ``conv.fivenum`` with ``dist="lnorm"``. NaN where a
        number is not positive, or the variance comes out negative (small n, large σ).
    """
    case, n = _CASES[scenario], x.n
    logs = lognormal_log_scale(x, scenario)
    mu, second = logs.mean, logs.sd**2
    fourth = case.sd(x.map(np.log)) ** 4 / case.fourth(n)

    def shrink(times_second: float, times_fourth: float) -> Array:
        return 1 + (times_second * case.a * second + times_fourth * case.b * fourth) / n

    mean = np.exp(mu + second / 2) / shrink(1, 1)
    of_square = np.exp(2 * mu + 2 * second) / shrink(4, 16)
    of_mean = np.exp(2 * mu + second) / shrink(4, 4)
    lost = np.isinf(mu)
    sd = np.sqrt(of_square - of_mean)
    return Moments(np.where(lost, np.nan, mean), np.where(lost, np.nan, sd))
