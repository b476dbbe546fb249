"""The distribution of a positive quadratic form in normal variables, such as a generalised Q."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from metarel.errors import ConvergenceError

if TYPE_CHECKING:
    from metarel._checks import Array

#: Nodes of the trapezoid rule in one call of the cumulant function, and how many at most.
CHUNK, MOST = 48, 20_000
#: Logarithm of a height, in units of the first, that is nothing; and a rise that is rounding.
NOTHING, RISE = math.log(1e-18), 1e-9


def quadratic_form_cdf(
    q: float,
    cumulant: Callable[[Array], Array],
    slope: Callable[[float], float],
    rank: int,
) -> float:
    """Return P(Q <= q) for Q = sum of ``rank`` positive multiples of chi-squares with 1 df.

    The inversion integral of exp(K(s) - s q)/(-s), K being the cumulant generating function, is
    taken along a parabola through the saddle point s = -x on the negative half line, which opens
    around the singularities on the positive one. The integrand is analytic in a strip of width x
    or more around it, and no narrower than a normal density of variance 1/(q/x + 1/x^2): the
    step follows from these two, and the trapezoid rule converges geometrically. Upwards from any
    node the integrand only falls, so that the sum may end at the first that is nothing. Where it
    would rise along the parabola, a steeper one is taken; it falls along a vertical line.

    Parameters
    ----------
    q : float
        The value; the probability is 0 at and below 0.
    cumulant : callable
        K at complex arguments with real part below 0 or imaginary part above 0, continuous there.
    slope : callable
        K' at a negative real argument.
    rank : int
        Number of chi-squares.

    Returns
    -------
    float
        The probability, to about 1e-13 of itself.

    References
    ----------
    [imhof1961], [davies1973]
    """
    if q <= 0:
        return 0.0
    x = _saddle(q, slope, rank)
    step = x * min(0.16, 0.6 / math.sqrt(x * q + 1))
    bend = _steepest(x, slope)
    while True:
        found = _trapezoid(q, cumulant, x, step, bend)
        if found is not None:
            return min(found, 1.0)
        bend *= 0.25


def _saddle(q: float, slope: Callable[[float], float], rank: int) -> float:
    """Return x with K'(-x) + 1/x = q within ten per cent: how near does not matter."""
    low, high = 1 / q, (0.5 * rank + 1) / q
    while high > 1.1 * low:
        middle = math.sqrt(low * high)
        if slope(-middle) + 1 / middle > q:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)


def _steepest(x: float, slope: Callable[[float], float]) -> float:
    """Return K'''/(6 K''), the bend of the path of steepest descent, at most a quarter of 1/x."""
    before, here, after = slope(-1.1 * x), slope(-x), slope(-0.9 * x)
    third = (after - 2 * here + before) / (0.01 * x**2)
    second = (after - before) / (0.2 * x)
    return min(max(third / (6 * second), 0.0), 0.25 / x) if second > 0 else 0.25 / x


def _trapezoid(
    q: float, cumulant: Callable[[Array], Array], x: float, step: float, bend: float
) -> float | None:
    """Sum along one parabola; None where the integrand rises on it."""
    total = first = last = 0.0
    for start in range(0, MOST, CHUNK):
        u = step * np.arange(start, start + CHUNK)
        s = bend * u**2 - x + 1j * u
        exponent = cumulant(s) - s * q - np.log(-s)
        if start == 0:
            first = last = float(exponent[0].real)
        small = np.flatnonzero(exponent.real < first + NOTHING)
        end = int(small[0]) if small.size else CHUNK
        exponent = exponent[:end]
        if np.any(np.diff(exponent.real, prepend=last) > RISE):
            return None
        total += float((np.exp(exponent) * (1 - 2j * bend * u[:end])).real.sum())
        if small.size:
            return step * (total - 0.5 * math.exp(first)) / math.pi
        last = float(exponent[-1].real)
    raise ConvergenceError(f"The distribution of Q at {q:g} was not reached in {MOST} nodes.")


def weighted_chi_square_cdf(q: float, weights: Array) -> float:
    """Return P(sum of weights times independent chi-squares with 1 df <= q).

    Parameters
    ----------
    q : float
        The value.
    weights : ndarray, shape (n,)
        Positive weights.

    Returns
    -------
    float
        The probability; the same number as CompQuadForm's ``farebrother`` and ``imhof``.

    References
    ----------
    [imhof1961], [farebrother1984]
    """

    def cumulant(s: Array) -> Array:
        return np.asarray(-0.5 * np.log(1 - 2 * np.multiply.outer(s, weights)).sum(axis=-1))

    def slope(s: float) -> float:
        return float((weights / (1 - 2 * s * weights)).sum())

    return quadratic_form_cdf(q, cumulant, slope, len(weights))
