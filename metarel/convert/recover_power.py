"""Mean and SD of skewed positive data by Box–Cox transformations, one row at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import optimize, special
from metarel.convert.recover_medians import (
    SCENARIOS,
    SMALLEST_N,
    Moments,
    Quantiles,
    luo_five,
    luo_quartiles,
    luo_range,
    sd_from_quartiles,
    sd_from_range,
    wan_five,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from metarel._checks import Array

#: Equally likely strata over which a back-transformed normal is averaged.
STRATA = 10_000
#: By how much a tenth of the strata may change an SD that is still believed.
UNSTABLE = 0.05
#: Powers searched: |power|·log(largest/smallest) up to this.
_REACH = 30.0
_LUO = {"range": luo_range, "quartiles": luo_quartiles, "five": luo_five}
_WAN = {
    "range": sd_from_range,
    "quartiles": sd_from_quartiles,
    "five": lambda x: wan_five(x).sd,
}
#: Intervals between the printed order statistics: each holds this many quarters Q, plus ones.
_GAPS = {
    "range": ((2, -1), (2, -1)),
    "quartiles": ((1, 0), (1, -1), (1, -1), (1, 0)),
    "five": ((1, -1), (1, -1), (1, -1), (1, -1)),
}


def box_cox(x: Array, power: float) -> Array:
    """Return (x^power − 1)/power, log(x) at power 0 [box1964].

    Parameters
    ----------
    x : ndarray
        Positive numbers.
    power : float
        The transformation parameter.

    Returns
    -------
    ndarray
        The transformed numbers.
    """
    logs = np.log(x)
    return logs if power == 0 else np.expm1(power * logs) / power


def power_normal_moments(mean: float, sd: float, power: float) -> tuple[float, float]:
    """Return mean and SD of numbers whose Box–Cox transform is normal.

    Parameters
    ----------
    mean, sd : float
        Mean and standard deviation of the transformed numbers.
    power : float
        The transformation parameter.

    Returns
    -------
    tuple of (float, float)
        Mean and SD over 10 000 equally likely strata of the normal, cut symmetrically where the
        transform has no inverse [mcgrath2020]. estmeansd draws 10 000 random numbers; this has
        neither their noise nor their seed. NaN where the mean lies beyond the cut, and where a
        negative power brings the cut so near that the tail, whose mean is then infinite, decides:
        where a tenth of the strata give an SD that differs by more than 5 %.
    """
    beyond = 0.0
    if power != 0:
        reach = (mean + 1 / power) * np.sign(power) / sd
        if not reach > 0:
            return np.nan, np.nan
        beyond = float(special.ndtr(-reach))

    def stratified(strata: int) -> tuple[float, float]:
        middle = (np.arange(strata) + 0.5) / strata
        y = mean + sd * special.ndtri(beyond + middle * (1 - 2 * beyond))
        x = np.exp(y if power == 0 else np.log1p(power * y) / power)
        return float(x.mean()), float(x.std(ddof=1))

    found = stratified(STRATA)
    if power < 0 and abs(found[1] / stratified(STRATA // 10)[1] - 1) > UNSTABLE:
        return np.nan, np.nan
    return found


def _asymmetry(power: float, low: float, high: float) -> float:
    """Return (transformed high + transformed low)·power where the median is 1."""
    return float(np.expm1(power * np.log(high)) + np.expm1(power * np.log(low)))


def symmetric_power(numbers: Array) -> float:
    """Return the power that makes printed numbers symmetric about their median.

    Parameters
    ----------
    numbers : ndarray of shape (3,) or (5,)
        Positive numbers in rising order, the median in the middle.

    Returns
    -------
    float
        The power at which the outer numbers are equally far from the median; with five numbers,
        the least sum of squared differences [mcgrath2020]. The numbers are divided by the median
        first, because the published sum depends on their unit. NaN where a side has no width.
    """
    middle = len(numbers) // 2
    unit = np.asarray(numbers, dtype=float) / numbers[middle]
    pairs = [(unit[i], unit[-1 - i]) for i in range(middle)]
    if any(low >= 1 or high <= 1 for low, high in pairs):
        return np.nan
    roots = [_root(low, high) for low, high in pairs]
    if len(roots) == 1 or roots[0] == roots[1]:
        return roots[0]

    def misfit(power: float) -> float:
        return sum(float(box_cox(np.array(pair), power).sum()) ** 2 for pair in pairs)

    found = optimize.minimize_scalar(
        misfit, bounds=sorted(roots), method="bounded", options={"xatol": 1e-10}
    )
    return float(found.x)


def _root(low: float, high: float) -> float:
    """Return the power that makes two numbers symmetric about 1."""
    if low * high == 1:
        return 0.0
    reach = _REACH / min(np.log(high), -np.log(low))
    # The asymmetry is 0 at power 0 too, which is the answer only for symmetric logarithms.
    sign = 1.0 if low * high < 1 else -1.0
    near = sign * 1e-9 * reach
    if _asymmetry(near, low, high) * _asymmetry(sign * reach, low, high) > 0:
        return near
    return float(
        optimize.brentq(_asymmetry, near, sign * reach, args=(low, high), xtol=1e-15, rtol=1e-14)
    )


def _one_row(numbers: Array, n: float, scenario: str) -> Quantiles:
    """Return the numbers of one row as Quantiles."""
    words = dict.fromkeys(SCENARIOS["five"], np.array([np.nan]))
    words |= {w: np.array([v]) for w, v in zip(SCENARIOS[scenario], numbers, strict=True)}
    return Quantiles(**words, n=np.array([n]))


def _normal_start(numbers: Array, n: float, scenario: str) -> tuple[float, float]:
    """Return mean by Luo and SD by Wan of transformed numbers."""
    row = _one_row(numbers, n, scenario)
    return float(_LUO[scenario](row)[0]), float(_WAN[scenario](row)[0])


def _box_cox_row(unit: Array, n: float, scenario: str) -> tuple[float, float]:
    power = symmetric_power(unit)
    if np.isnan(power):
        return np.nan, np.nan
    return power_normal_moments(*_normal_start(box_cox(unit, power), n, scenario), power)


@np.errstate(all="ignore")
def log_likelihood(numbers: Array, mean: float, sd: float, n: float, scenario: str) -> float:
    """Return the log-likelihood of order statistics of normal data, but for a constant.

    Parameters
    ----------
    numbers : ndarray
        The order statistics, in rising order.
    mean, sd : float
        Mean and standard deviation of the normal.
    n : float
        Sample size, taken as 4Q + 1.
    scenario : {"range", "quartiles", "five"}
        Which numbers they are.

    Returns
    -------
    float
        Σ log density + Σ (people between) log(probability between) [cai2021]; not finite where
        the SD is 0.
    """
    z = (numbers - mean) / sd
    quarter = (n - 1) / 4
    ends = z if scenario != "quartiles" else np.concatenate([[-np.inf], z, [np.inf]])
    # Each interval from the tail in which it is small.
    low, high = ends[:-1], ends[1:]
    flip = low > 0
    upper, lower = np.where(flip, -low, high), np.where(flip, -high, low)
    between = np.log(special.ndtr(upper) - special.ndtr(lower))
    counts = np.array([times * quarter + more for times, more in _GAPS[scenario]])
    densities = float((-(z**2) / 2).sum()) - len(z) * float(np.log(sd))
    return float((counts * np.where(counts > 0, between, 0.0)).sum()) + densities


def _best_power(loss: Callable[[float], float], reach: float) -> float:
    """Return the power from 0 up with the least loss; NaN where it is the largest searched.

    Below 0 the fitted distribution has no mean.
    """
    grid = np.linspace(0.0, reach, 61)
    best = int(np.argmin([loss(value) for value in grid]))
    if best == len(grid) - 1:
        return np.nan
    bounds = grid[max(best - 1, 0)], grid[best + 1]
    found = optimize.minimize_scalar(
        loss, bounds=bounds, method="bounded", options={"xatol": 1e-9}
    ).x
    return 0.0 if best == 0 and loss(0.0) <= loss(found) else float(found)


def _unknown_row(unit: Array, n: float, scenario: str) -> tuple[float, float]:
    """Return mean and SD by maximum likelihood, first of the power, then of the normal."""
    logs = np.log(unit)
    if not (np.diff(logs) > 0).all():
        return np.nan, np.nan

    def loss(power: float) -> float:
        moved = box_cox(unit, power)
        mean, sd = _normal_start(moved, n, scenario)
        found = log_likelihood(moved, mean, sd, n, scenario) + (power - 1) * float(logs.sum())
        return -found if np.isfinite(found) else 1e300

    power = _best_power(loss, _REACH / float(logs[-1] - logs[0]))
    if np.isnan(power):
        return np.nan, np.nan
    moved = box_cox(unit, power)
    mean, sd = _normal_start(moved, n, scenario)

    def second(parameters: Array) -> float:
        shift, log_factor = parameters
        value = log_likelihood(
            moved, mean + shift * sd, sd * float(np.exp(log_factor)), n, scenario
        )
        return -value if np.isfinite(value) else 1e300

    found = optimize.minimize(
        second, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12}
    ).x
    return power_normal_moments(mean + found[0] * sd, sd * float(np.exp(found[1])), power)


def _by_row(
    x: Quantiles, scenario: str, solve: Callable[[Array, float, str], tuple[float, float]]
) -> Moments:
    """Solve each row with positive numbers of the scenario, in units of its median."""
    mean, sd = np.full_like(x.n, np.nan), np.full_like(x.n, np.nan)
    words = SCENARIOS[scenario]
    with np.errstate(invalid="ignore"):
        ready = x.has(scenario) & (x.n >= SMALLEST_N) & (getattr(x, words[0]) > 0)
    for row in np.flatnonzero(ready):
        numbers = np.array([getattr(x, word)[row] for word in words])
        unit = x.median[row]
        found = solve(numbers / unit, float(x.n[row]), scenario)
        mean[row], sd[row] = found[0] * unit, found[1] * unit
    return Moments(mean, sd)


def box_cox_method(x: Quantiles, scenario: str) -> Moments:
    """Return mean and SD by the Box–Cox method.

    Parameters
    ----------
    x : Quantiles
        Rows with the numbers of the scenario (positive) and n.
    scenario : {"range", "quartiles", "five"}
        Which numbers are used.

    Returns
    -------
    Moments
        The power that makes the numbers symmetric, Luo's mean and Wan's SD of the transformed
        numbers, and these carried back [mcgrath2020]; estmeansd's ``bc.mean.sd`` and metafor's
        ``method="bc"`` but for their random draws. NaN where a number is not positive, two next
        to the median are equal, or the fitted distribution has so heavy a tail that its SD is not
        determined, which quartiles of skewed data often lead to.
    """
    return _by_row(x, scenario, _box_cox_row)


def unknown_distribution_method(x: Quantiles, scenario: str) -> Moments:
    """Return mean and SD by the method for unknown non-normal distributions (MLN).

    Parameters
    ----------
    x : Quantiles
        Rows with the numbers of the scenario (positive) and n.
    scenario : {"range", "quartiles", "five"}
        Which numbers are used.

    Returns
    -------
    Moments
        The Box–Cox power (0 or more) by maximum likelihood with Luo's mean and Wan's SD, then
        mean and SD of the transformed numbers by maximum likelihood, carried back [cai2021]. The
        likelihood is that of the numbers as printed: estmeansd's ``mln.mean.sd``, and by it
        metafor's ``method="mln"``, takes that of the transformed ones, which depends on the unit,
        and random draws. NaN where a number is not positive or two are equal.
    """
    return _by_row(x, scenario, _unknown_row)
