"""Mean and SD from medians, quartiles and ranges of normal data in closed form; skewness tests.

A `Quantiles` holds what a row printed, NaN where it did not. Each formula takes the numbers it
needs and is NaN where one is missing, or where it uses n and n is below 5, the smallest 4Q + 1 with
quartiles.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array

#: What is enough to estimate a mean, in the order in which a row takes it.
SCENARIOS = {
    "five": ("minimum", "q1", "median", "q3", "maximum"),
    "quartiles": ("q1", "median", "q3"),
    "range": ("minimum", "median", "maximum"),
}
SMALLEST_N = 5


@dataclass(frozen=True, slots=True)
class Quantiles:
    """What rows print of their data: minimum, quartiles, maximum (NaN if not printed), and n."""

    minimum: Array
    q1: Array
    median: Array
    q3: Array
    maximum: Array
    n: Array

    def has(self, scenario: str) -> NDArray[np.bool_]:
        """Return whether each row has the numbers of a scenario."""
        return self.spans(scenario) & ~np.isnan(self.median)

    def spans(self, scenario: str) -> NDArray[np.bool_]:
        """Return whether each row has the numbers of a scenario but perhaps the median."""
        words = [word for word in SCENARIOS[scenario] if word != "median"]
        known = [~np.isnan(getattr(self, word)) for word in (*words, "n")]
        return np.asarray(np.logical_and.reduce(known), dtype=bool)

    def map(self, function: np.ufunc) -> Quantiles:
        """Return the quantiles of transformed data (a rising function keeps quantiles)."""
        words = [field.name for field in fields(self) if field.name != "n"]
        with np.errstate(invalid="ignore", divide="ignore"):
            return Quantiles(**{w: function(getattr(self, w)) for w in words}, n=self.n)


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and standard deviation."""

    mean: Array
    sd: Array


def _size(x: Quantiles) -> Array:
    """Return n where it is at least 5, else NaN."""
    return np.where(x.n >= SMALLEST_N, x.n, np.nan)


def range_in_sds(n: Array) -> Array:
    """Return about how many standard deviations the range of n normal numbers spans.

    Parameters
    ----------
    n : ndarray
        Sample size.

    Returns
    -------
    ndarray
        2 Φ⁻¹((n − 0.375)/(n + 0.25)), Blom's approximation as used in equation (9) of [wan2014].
    """
    n = np.asarray(n, dtype=float)
    return -2 * special.ndtri(0.625 / (n + 0.25))


def quartiles_in_sds(n: Array) -> Array:
    """Return about how many standard deviations the quartiles of n normal numbers are apart.

    Parameters
    ----------
    n : ndarray
        Sample size.

    Returns
    -------
    ndarray
        2 Φ⁻¹((0.75 n − 0.125)/(n + 0.25)), as used in equation (16) of [wan2014].
    """
    n = np.asarray(n, dtype=float)
    return 2 * special.ndtri((0.75 * n - 0.125) / (n + 0.25))


def sd_from_range(x: Quantiles) -> Array:
    """Return the standard deviation from minimum and maximum.

    Parameters
    ----------
    x : Quantiles
        Rows with minimum, maximum and n.

    Returns
    -------
    ndarray
        (max − min)/(2 Φ⁻¹((n − 0.375)/(n + 0.25))), equation (9) of [wan2014].
    """
    return (x.maximum - x.minimum) / range_in_sds(_size(x))


def sd_from_quartiles(x: Quantiles) -> Array:
    """Return the standard deviation from the quartiles.

    Parameters
    ----------
    x : Quantiles
        Rows with q1, q3 and n.

    Returns
    -------
    ndarray
        (q3 − q1)/(2 Φ⁻¹((0.75 n − 0.125)/(n + 0.25))), equation (16) of [wan2014].
    """
    return (x.q3 - x.q1) / quartiles_in_sds(_size(x))


def five_number_weight(n: Array) -> Array:
    """Return the weight of the range against that of the quartiles in the standard deviation.

    Parameters
    ----------
    n : ndarray
        Sample size.

    Returns
    -------
    ndarray
        1/(1 + 0.07 n^0.6) [shi2020].
    """
    return 1 / (1 + 0.07 * np.asarray(n, dtype=float) ** 0.6)


def shi_five(x: Quantiles) -> Array:
    """Return the standard deviation from five numbers, weighted by the sample size.

    Parameters
    ----------
    x : Quantiles
        Rows with minimum, q1, q3, maximum and n.

    Returns
    -------
    ndarray
        w·(SD from the range) + (1 − w)·(SD from the quartiles), w = 1/(1 + 0.07 n^0.6): equation
        (10) of [shi2020]; metafor's ``conv.fivenum`` gives the same.
    """
    weight = five_number_weight(x.n)
    return weight * sd_from_range(x) + (1 - weight) * sd_from_quartiles(x)


def _halfway(low: Array, high: Array) -> Array:
    return (low + high) / 2


def luo_range(x: Quantiles) -> Array:
    """Return the mean from minimum, median and maximum.

    Parameters
    ----------
    x : Quantiles
        Rows with minimum, median, maximum and n.

    Returns
    -------
    ndarray
        w·(min + max)/2 + (1 − w)·median, w = 4/(4 + n^0.75): equation (7) of [luo2018].
    """
    weight = 4 / (4 + _size(x) ** 0.75)
    return weight * _halfway(x.minimum, x.maximum) + (1 - weight) * x.median


def luo_quartiles(x: Quantiles) -> Array:
    """Return the mean from the three quartiles.

    Parameters
    ----------
    x : Quantiles
        Rows with q1, median, q3 and n.

    Returns
    -------
    ndarray
        w·(q1 + q3)/2 + (1 − w)·median, w = 0.7 + 0.39/n: equation (11) of [luo2018].
    """
    weight = 0.7 + 0.39 / _size(x)
    return weight * _halfway(x.q1, x.q3) + (1 - weight) * x.median


def luo_five(x: Quantiles) -> Array:
    """Return the mean from five numbers.

    Parameters
    ----------
    x : Quantiles
        Rows with all five numbers and n.

    Returns
    -------
    ndarray
        w1·(min + max)/2 + w2·(q1 + q3)/2 + (1 − w1 − w2)·median, w1 = 2.2/(2.2 + n^0.75),
        w2 = 0.7 − 0.72/n^0.55: equation (15) of [luo2018].
    """
    n = _size(x)
    outer, inner = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    ends, quarters = _halfway(x.minimum, x.maximum), _halfway(x.q1, x.q3)
    return outer * ends + inner * quarters + (1 - outer - inner) * x.median


def wan_range(x: Quantiles) -> Moments:
    """Return mean and SD from minimum, median and maximum.

    Parameters
    ----------
    x : Quantiles
        Rows with minimum, median, maximum and n.

    Returns
    -------
    Moments
        (min + 2 median + max)/4, and the SD from the range: equations (2) and (9) of [wan2014].
    """
    return Moments(_halfway(x.median, _halfway(x.minimum, x.maximum)), sd_from_range(x))


def wan_quartiles(x: Quantiles) -> Moments:
    """Return mean and SD from the three quartiles.

    Parameters
    ----------
    x : Quantiles
        Rows with q1, median, q3 and n.

    Returns
    -------
    Moments
        (q1 + median + q3)/3, and the SD from the quartiles: equations (14) and (16) of [wan2014].
    """
    return Moments((x.q1 + x.median + x.q3) / 3, sd_from_quartiles(x))


def bland_mean(x: Quantiles) -> Array:
    """Return the mean from five numbers, as if data were uniform between them.

    Parameters
    ----------
    x : Quantiles
        Rows with all five numbers.

    Returns
    -------
    ndarray
        (min + 2 q1 + 2 median + 2 q3 + max)/8 [bland2015]; equation (10) of [wan2014].
    """
    return (x.minimum + 2 * (x.q1 + x.median + x.q3) + x.maximum) / 8


def wan_five(x: Quantiles) -> Moments:
    """Return mean and SD from five numbers.

    Parameters
    ----------
    x : Quantiles
        Rows with all five numbers and n.

    Returns
    -------
    Moments
        Bland's mean, and the average of the SDs from range and quartiles: equations (10) and (13)
        of [wan2014].
    """
    return Moments(bland_mean(x), _halfway(sd_from_range(x), sd_from_quartiles(x)))


@np.errstate(invalid="ignore")
def bland_five(x: Quantiles) -> Moments:
    """Return mean and SD from five numbers, as old reviews did.

    Parameters
    ----------
    x : Quantiles
        Rows with all five numbers.

    Returns
    -------
    Moments
        Bland's mean, and √((a² + 2q1² + 2m² + 2q3² + b²)/16 + (a q1 + q1 m + m q3 + q3 b)/8
        − mean²) [bland2015]: free of n, and too large in large samples.
    """
    mean = bland_mean(x)
    # Deviations from the mean: the same number, without the cancellation of large squares.
    a, q1, m, q3, b = (getattr(x, word) - mean for word in SCENARIOS["five"])
    squares = (a**2 + 2 * (q1**2 + m**2 + q3**2) + b**2) / 16
    return Moments(mean, np.sqrt(squares + (a * q1 + q1 * m + m * q3 + q3 * b) / 8))


def hozo_range(x: Quantiles) -> Moments:
    """Return mean and SD from minimum, median and maximum, as old reviews did.

    Parameters
    ----------
    x : Quantiles
        Rows with minimum, median, maximum and n.

    Returns
    -------
    Moments
        (min + 2 median + max)/4 up to n = 25, then the median; √([(min − 2 median + max)²/4 +
        (max − min)²]/12) up to n = 15, then the range over 4 up to n = 70, over 6 beyond
        [hozo2005]. It is biased; [wan2014] replaces it.
    """
    n, width = _size(x), x.maximum - x.minimum
    small = np.sqrt(((x.minimum - 2 * x.median + x.maximum) ** 2 / 4 + width**2) / 12)
    sd = np.where(n <= 15, small, width / np.where(n <= 70, 4.0, 6.0))
    mean = np.where(n <= 25, _halfway(x.median, _halfway(x.minimum, x.maximum)), x.median)
    lost = np.isnan(n)
    return Moments(np.where(lost, np.nan, mean), np.where(lost, np.nan, sd))


@dataclass(frozen=True, slots=True)
class SkewnessTest:
    """How skewed the printed numbers are, against what normal data of that size would show.

    Parameters
    ----------
    statistic : ndarray
        0 for symmetric numbers, never negative; NaN where a row lacks the numbers.
    critical : ndarray
        Critical value at the 5 % level.
    """

    statistic: Array
    critical: Array

    @property
    def skewed(self) -> Array:
        """Return 1 where the statistic reaches the critical value, else 0, NaN if unknown."""
        unknown = np.isnan(self.statistic) | np.isnan(self.critical)
        return np.where(unknown, np.nan, self.statistic >= self.critical)


@np.errstate(invalid="ignore", divide="ignore")
def skewness_test(x: Quantiles) -> SkewnessTest:
    """Test whether data with such quantiles can be normal: only their skewness is judged.

    Parameters
    ----------
    x : Quantiles
        Rows with the numbers of a scenario and n. For log-normal data, those of the logs.

    Returns
    -------
    SkewnessTest
        [shi2023]: T1 = |min + max − 2 median|/(max − min) against 1/log(n + 9) + 2.5/(n + 1);
        T2 = |q1 + q3 − 2 median|/(q3 − q1) against 2.65/√n − 6/n²; with five numbers
        max(2.65 log(0.6 n)/√n·T1, T2) against 3/√n − 40/n³. metafor's ``conv.fivenum`` leaves out
        the rows where it is significant.
    """
    n = _size(x)
    outer = np.abs(x.minimum + x.maximum - 2 * x.median) / (x.maximum - x.minimum)
    inner = np.abs(x.q1 + x.q3 - 2 * x.median) / (x.q3 - x.q1)
    cases = (
        (
            np.maximum(2.65 * np.log(0.6 * n) / np.sqrt(n) * outer, inner),
            3 / np.sqrt(n) - 40 / n**3,
        ),
        (inner, 2.65 / np.sqrt(n) - 6 / n**2),
        (outer, 1 / np.log(n + 9) + 2.5 / (n + 1)),
    )
    has = [x.has(scenario) for scenario in SCENARIOS]
    statistic = np.select(has, [case[0] for case in cases], np.nan)
    return SkewnessTest(statistic, np.select(has, [case[1] for case in cases], np.nan))
