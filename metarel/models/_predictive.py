"""Predictive distributions that are not normal or t: drawn, or those of calibrated effects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import interpolate, special
from metarel._optimize import grow_until
from metarel._products import product
from metarel.errors import InputError
from metarel.tau2._base import unit
from metarel.tau2.given_weights import Form, solve_cdf

if TYPE_CHECKING:
    from metarel._checks import Array

#: Nodes of tau2 at which the exact distribution of Q is computed at first, how often cells between
#: them are halved, and the step of the normal quantile that is fine enough.
FIRST, ROUNDS, COARSE = 80, 6, 0.1
#: A probability that is as good as 0.
NIL = 1e-15
#: Beyond this probability the smallest tau2 that has it stands for all.
SURELY = 1 - 1e-9
#: Numbers in one array of a part of the draws.
PART = 2_000_000


def confidence_quantiles(y: Array, v: Array, u: Array) -> Array:
    """Return the tau2 under which Cochran's Q is at most what it is with probability u.

    P(Q <= q; tau2) falls in tau2, from its value at 0: as a function of tau2 its complement is a
    confidence distribution. The exact distribution is computed at nodes and interpolated between
    them, log(tau2 + unit) against the normal quantile, which is nearly straight.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    u : ndarray, shape (m,)
        Probabilities.

    Returns
    -------
    ndarray, shape (m,)
        Values of tau2, 0 where u is above the probability at 0.

    References
    ----------
    [nagashima2019]
    """
    form, scale = Form(y, v, np.ones((len(y), 1)), 1 / v), unit(v)
    at_zero, least = form.cdf(0.0), float(u.min())
    out = np.zeros_like(u)
    inside = u < at_zero
    if not inside.any():
        return out
    end = grow_until(lambda tau2: form.cdf(tau2) < least, scale, what="the draws of tau2")
    start = solve_cdf(form, SURELY)[0] if at_zero > SURELY else 0.0
    x = np.linspace(np.log1p(start / scale), np.log1p(end / scale), FIRST)
    p = np.array([form.cdf(scale * np.expm1(node)) for node in x])
    for _ in range(ROUNDS):  # halve the cells across which the quantile still moves much
        step = np.abs(np.diff(special.ndtri(p.clip(NIL, SURELY))))
        worst = np.flatnonzero((step > COARSE) & (np.diff(x) > COARSE / 10))
        middle = (x[worst] + x[worst + 1]) / 2
        p = np.insert(p, worst + 1, [form.cdf(scale * np.expm1(node)) for node in middle])
        x = np.insert(x, worst + 1, middle)
    falls = (p < np.minimum.accumulate(np.append(1.0, p[:-1]))) & (p > 0)  # but for rounding, all
    z = special.ndtri(p[falls])
    inverse = interpolate.PchipInterpolator(z[::-1], x[falls][::-1])
    at = special.ndtri(u[inside]).clip(z[-1], z[0])
    out[inside] = scale * np.expm1(np.maximum(inverse(at), 0.0))
    return out


def nagashima_draws(y: Array, v: Array, draws: int, rng: np.random.Generator) -> Array:
    """Draw new true effects by the parametric bootstrap of Nagashima, Noma and Furukawa.

    tau2 is drawn from its confidence distribution; with the mean m and Hartung's variance h of it
    under that tau2, the new effect is m + z tau - t sqrt(h), z being standard normal and t
    Student's with k - 1 df.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances, k >= 2.
    draws : int
        How many.
    rng : Generator
        Source of the draws.

    Returns
    -------
    ndarray, shape (draws,)
        New true effects.

    References
    ----------
    [nagashima2019]
    """
    k = len(y)
    tau2 = confidence_quantiles(y, v, rng.uniform(size=draws))
    z, t = rng.standard_normal(draws), rng.standard_t(k - 1, draws)
    out = np.empty(draws)
    size = max(PART // k, 1)
    for begin in range(0, draws, size):
        part = slice(begin, begin + size)
        w = 1 / (v + tau2[part, None])
        total = w.sum(axis=1)
        mean = product(w, y) / total
        rss = (w * (y - mean[:, None]) ** 2).sum(axis=1)
        spread = np.sqrt(rss / ((k - 1) * total))
        out[part] = mean + z[part] * np.sqrt(tau2[part]) - t[part] * spread
    return out


def calibrated_effects(y: Array, v: Array, mean: float, tau2: float) -> Array:
    """Return effects drawn together so that their spread is that of true effects.

    m + sqrt(tau2/(tau2 + v)) (y - m): their variance is tau2 in expectation, and no normal
    distribution is assumed.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    mean, tau2 : float
        The fit's.

    Returns
    -------
    ndarray, shape (k,)
        Calibrated effects.

    References
    ----------
    [wang2019]
    """
    return mean + np.sqrt(tau2 / (tau2 + v)) * (y - mean)


def check_draws(draws: int) -> int:
    """Return a number of draws, or refuse what cannot be one."""
    if isinstance(draws, bool) or not isinstance(draws, (int, np.integer)) or draws < 100:
        raise InputError(f"`draws` must be a whole number of at least 100; got {draws!r}.")
    return int(draws)
