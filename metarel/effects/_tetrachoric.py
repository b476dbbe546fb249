"""The tetrachoric correlation: the normal correlation that reproduces a 2 × 2 table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special
from metarel.effects._tables import Table

if TYPE_CHECKING:
    from metarel._checks import Array

#: Nodes and weights of Gauss and Legendre on [0, 1]; the integrand is smooth, and 96 nodes give
#: the quadrant probability to about 1e-14 at any correlation.
NODES, WEIGHTS = np.polynomial.legendre.leggauss(96)
NODES, WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2
STEPS = 60


def normal_density(h: Array, k: Array, rho: Array) -> Array:
    """Return the bivariate standard normal density."""
    rest = 1 - rho**2
    exponent = (h**2 - 2 * rho * h * k + k**2) / (2 * rest)
    return np.exp(-exponent) / (2 * np.pi * np.sqrt(rest))


def excess_probability(h: Array, k: Array, rho: Array) -> Array:
    """Return P(X < h, Y < k) − P(X < h) P(Y < k) of two normal variables with correlation rho.

    Its slope in the correlation is the density (Plackett), which is integrated from 0 over the
    angle whose sine is the correlation.
    """
    angle = np.arcsin(rho)[:, None] * NODES
    sine, cosine2 = np.sin(angle), np.cos(angle) ** 2
    h, k = h[:, None], k[:, None]
    exponent = (h**2 - 2 * h * k * sine + k**2) / (2 * cosine2)
    return np.arcsin(rho) * (np.exp(-exponent) @ WEIGHTS) / (2 * np.pi)


def tetrachoric(x: Table) -> Array:
    """Return the correlation whose quadrant has the probability of the first cell.

    Newton's steps kept inside a shrinking bracket; a table with one empty cell sits on the
    boundary (−1 or 1), one with an empty margin has no correlation.
    """
    h, k = special.ndtri(x.n1 / x.n), special.ndtri((x.a + x.c) / x.n)
    target = (x.a * x.d - x.b * x.c) / x.n**2
    low, high = np.full_like(target, -1.0), np.full_like(target, 1.0)
    rho = np.clip(np.sin(np.pi / 2 * target / np.maximum(x.p * (1 - x.p), 1e-300)), -0.9, 0.9)
    for _ in range(STEPS):
        miss = excess_probability(h, k, rho) - target
        low, high = np.where(miss < 0, rho, low), np.where(miss < 0, high, rho)
        step = rho - miss / normal_density(h, k, rho)
        inside = (step >= low) & (step <= high)
        following = np.where(inside, step, (low + high) / 2)
        moved = np.nanmax(np.abs(following - rho), initial=0.0)
        rho = following
        if moved < 1e-9:  # the step just taken squares this
            break
    rho = np.where((x.a == 0) | (x.d == 0), -1.0, np.where((x.b == 0) | (x.c == 0), 1.0, rho))
    margins = (x.n1 > 0) & (x.n2 > 0) & (x.a + x.c > 0) & (x.b + x.d > 0)
    return np.where(margins, rho, np.nan)


def tetrachoric_variance(x: Table, rho: Array) -> Array:
    """Return the large-sample variance of the tetrachoric correlation."""
    h, k = special.ndtri(x.n1 / x.n), special.ndtri((x.a + x.c) / x.n)
    root = np.sqrt(1 - rho**2)
    # How the quadrant's probability moves with each margin, the correlation held.
    by_row, by_column = special.ndtr((k - rho * h) / root), special.ndtr((h - rho * k) / root)
    cells = np.stack([x.a, x.b, x.c, x.d]) / x.n
    slopes = np.stack([1 - by_row - by_column, -by_row, -by_column, np.zeros_like(rho)])
    mean = (cells * slopes).sum(axis=0)
    variance = (cells * slopes**2).sum(axis=0) - mean**2
    return variance / (x.n * normal_density(h, k, rho) ** 2)
