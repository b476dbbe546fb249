"""Moments of normal order statistics, and the best linear unbiased estimates made of them.

The index of an order statistic may be any real number from 1 to n: the quartiles of n = 4Q + 1
numbers are the (Q + 1)th, (2Q + 1)th and (3Q + 1)th, and other sizes are carried between these by
the beta distribution of the uniform order statistic.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special
from metarel.convert.recover_medians import SCENARIOS, SMALLEST_N, Moments, Quantiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metarel._checks import Array

#: Steps of Q, from the minimum, at which each of the five numbers stands among n = 4Q + 1.
PLACES = {"minimum": 0.0, "q1": 1.0, "median": 2.0, "q3": 3.0, "maximum": 4.0}


def _nodes() -> tuple[Array, Array]:
    """Return points and weights of a normal expectation; the trapezoid converges like e^(−n²)."""
    t = np.linspace(-8.2, 8.2, 129)
    weight = np.exp(-(t**2) / 2)
    return t, weight / weight.sum()


def _beta_tails(a: float, b: float, t: Array) -> tuple[Array, Array]:
    """Return the beta quantiles of the normal scores t, and what is missing from them to 1."""
    low, high = special.ndtr(t), special.ndtr(-t)
    below = special.betaincinv(a, b, np.minimum(low, 0.5))
    above = special.betaincinv(b, a, np.minimum(high, 0.5))
    lower = low <= 0.5
    return np.where(lower, below, 1 - above), np.where(lower, 1 - below, above)


def _score(u: Array, rest: Array) -> Array:
    """Return the normal quantile of u from the smaller of its two tails."""
    return np.where(u <= rest, special.ndtri(u), -special.ndtri(rest))


def order_mean(r: float, n: float) -> float:
    """Return the expectation of the r-th smallest of n standard normal numbers.

    Parameters
    ----------
    r : float
        Its place, from 1 to n.
    n : float
        Sample size.

    Returns
    -------
    float
        The expectation, to about 12 digits [lloyd1952].
    """
    t, weight = _nodes()
    return float(weight @ _score(*_beta_tails(r, n + 1 - r, t)))


def order_moment(r: float, s: float, n: float) -> float:
    """Return the expectation of the product of two of n ordered standard normal numbers.

    Parameters
    ----------
    r, s : float
        Their places, r up to s.
    n : float
        Sample size.

    Returns
    -------
    float
        E(z_r z_s): the s-th is a beta quantile, and the r-th a beta share of it.
    """
    t, weight = _nodes()
    v, v_rest = _beta_tails(s, n + 1 - s, t)
    z = _score(v, v_rest)
    if r == s:
        return float(weight @ z**2)
    w, w_rest = _beta_tails(r, s - r, t)
    u = v[:, None] * w
    other = _score(u, v_rest[:, None] + v[:, None] * w_rest)
    return float((weight * z) @ other @ weight)


@lru_cache(maxsize=1024)
def blue_weights(scenario: str, n: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the weights of the best linear unbiased estimates of mean and SD of normal data.

    Parameters
    ----------
    scenario : {"range", "quartiles", "five"}
        Which numbers are known.
    n : float
        Sample size.

    Returns
    -------
    tuple of tuple of float
        Weights of the numbers, in rising order, for the mean and for the SD: generalised least
        squares on the expectations of the order statistics with their covariances [lloyd1952].
    """
    quarter = (n - 1) / 4
    places = [1 + PLACES[word] * quarter for word in SCENARIOS[scenario]]
    expected = np.array([order_mean(r, n) for r in places])
    products = _products(places, n)
    inverse = np.linalg.inv(products - np.outer(expected, expected))
    design = np.column_stack([np.ones_like(expected), expected])
    weights = np.linalg.solve(design.T @ inverse @ design, design.T @ inverse)
    # By the symmetry of the normal, which solving keeps only to rounding.
    for_mean, for_sd = weights + [[1.0], [-1.0]] * weights[:, ::-1]
    return tuple((for_mean / 2).tolist()), tuple((for_sd / 2).tolist())


def _products(places: Sequence[float], n: float) -> Array:
    """Return the expected products of the order statistics at some places."""
    size = len(places)
    table = np.empty((size, size))
    for i in range(size):
        for j in range(i, size):
            table[i, j] = table[j, i] = order_moment(places[i], places[j], n)
    return table


def blue(x: Quantiles, scenario: str) -> Moments:
    """Return the best linear unbiased estimates of mean and SD of normal data.

    Parameters
    ----------
    x : Quantiles
        Rows with the numbers of the scenario and n.
    scenario : {"range", "quartiles", "five"}
        Which numbers are used.

    Returns
    -------
    Moments
        Linear combinations of the numbers [yang2022]. R's metaBLUE rounds the places of the
        quartiles to whole ones and approximates the moments; here both are exact.
    """
    words = SCENARIOS[scenario]
    mean, sd = np.full_like(x.n, np.nan), np.full_like(x.n, np.nan)
    rows = np.flatnonzero(x.has(scenario) & (x.n >= SMALLEST_N))
    for n in np.unique(x.n[rows]):
        same = rows[x.n[rows] == n]
        numbers = np.column_stack([getattr(x, word)[same] for word in words])
        for_mean, for_sd = (np.array(weights) for weights in blue_weights(scenario, float(n)))
        upper = len(words) // 2 + 1
        mean[same] = numbers @ for_mean
        # From differences, so that equal numbers have an SD of exactly 0.
        sd[same] = (numbers - numbers[:, ::-1])[:, upper:] @ for_sd[upper:]
    return Moments(mean, sd)


def walter_sd(x: Quantiles) -> Array:
    """Return the standard deviation from minimum and maximum by the exact expected range.

    Parameters
    ----------
    x : Quantiles
        Rows with minimum, maximum and n.

    Returns
    -------
    ndarray
        (max − min)/E(range of n standard normal numbers) [walter2007]; equation (7) of [wan2014].
    """
    sizes, back = np.unique(np.where(x.n >= SMALLEST_N, x.n, np.nan), return_inverse=True)
    spans = np.array([np.nan if np.isnan(n) else 2 * order_mean(n, n) for n in sizes])
    return (x.maximum - x.minimum) / spans[back.reshape(x.n.shape)]
