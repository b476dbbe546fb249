"""The distribution of a positive quadratic form in normal variables, such as a generalised Q."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

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

    Raises
    ------
    ConvergenceError
        When the nodes do not suffice.

    References
    ----------
    [imhof1961], [davies1973]
    """
    found = quadratic_form_cdfs(
        np.array([q]),
        lambda rows, s: np.stack([cumulant(part) for part in s]),  # noqa: ARG005
        lambda rows, s: np.array([slope(float(part)) for part in s]),  # noqa: ARG005
        np.array([float(rank)]),
    )
    if np.isnan(found[0]):
        raise ConvergenceError(f"The distribution of Q at {q:g} was not reached in {MOST} nodes.")
    return float(found[0])


def quadratic_form_cdfs(
    q: Array,
    cumulant: Callable[[Any, Array], Array],
    slope: Callable[[Any, Array], Array],
    rank: Array,
) -> Array:
    """Return P(Q <= q) of many such forms at once, a number a row.

    The inversion integral of exp(K(s) - s q)/(-s), K being the cumulant generating function, is
    taken along a parabola through the saddle point s = -x on the negative half line, which opens
    around the singularities on the positive one. The integrand is analytic in a strip of width x
    or more around it, and no narrower than a normal density of variance 1/(q/x + 1/x^2): the
    step follows from these two, and the trapezoid rule converges geometrically. Upwards from any
    node the integrand only falls, so that the sum may end at the first that is nothing. Where it
    would rise along the parabola, a steeper one is taken; it falls along a vertical line.

    Parameters
    ----------
    q : ndarray, shape (m,)
        The values.
    cumulant : callable
        ``cumulant(rows, s)``: K of some rows at complex arguments, both of shape (rows, nodes).
    slope : callable
        ``slope(rows, s)``: K' of some rows at negative real arguments, both of shape (rows,).
    rank : ndarray, shape (m,)
        Numbers of chi-squares.

    Returns
    -------
    ndarray, shape (m,)
        The probabilities; NaN where the nodes do not suffice.

    References
    ----------
    [imhof1961], [davies1973]
    """
    found = np.where(q > 0, np.nan, 0.0)
    rows = np.flatnonzero(q > 0)
    x = _saddle(rows, q[rows], slope, rank[rows])
    step = x * np.minimum(0.16, 0.6 / np.sqrt(x * q[rows] + 1))
    bend = _steepest(rows, x, slope)
    while rows.size:
        total, rises = _trapezoid(rows, q[rows], cumulant, x, step, bend)
        found[rows[~rises]] = np.minimum(total[~rises], 1.0)
        rows, x, step, bend = (part[rises] for part in (rows, x, step, 0.25 * bend))
    return found


def _saddle(rows: Any, q: Array, slope: Callable[[Any, Array], Array], rank: Array) -> Array:
    """Return x with K'(-x) + 1/x = q within ten per cent: how near does not matter."""
    low, high = 1 / q, (0.5 * rank + 1) / q
    wide = np.flatnonzero(high > 1.1 * low)
    while wide.size:
        middle = np.sqrt(low[wide] * high[wide])
        above = slope(rows[wide], -middle) + 1 / middle > q[wide]
        low[wide[above]], high[wide[~above]] = middle[above], middle[~above]
        wide = wide[high[wide] > 1.1 * low[wide]]
    return np.sqrt(low * high)


def _steepest(rows: Any, x: Array, slope: Callable[[Any, Array], Array]) -> Array:
    """Return K'''/(6 K''), the bend of the path of steepest descent, at most a quarter of 1/x."""
    before, here, after = (slope(rows, -times * x) for times in (1.1, 1.0, 0.9))
    third = (after - 2 * here + before) / (0.01 * x**2)
    second = (after - before) / (0.2 * x)
    bend = third / (6 * np.where(second > 0, second, 1.0))
    return np.where(second > 0, np.clip(bend, 0.0, 0.25 / x), 0.25 / x)


def _trapezoid(
    rows: Any,
    q: Array,
    cumulant: Callable[[Any, Array], Array],
    x: Array,
    step: Array,
    bend: Array,
) -> tuple[Array, Any]:
    """Sum along a parabola a row; NaN where nodes do not suffice; where the integrand rises."""
    m = len(rows)
    found, rises = np.full(m, np.nan), np.zeros(m, dtype=bool)
    total, first, last = np.zeros(m), np.zeros(m), np.zeros(m)
    going = np.arange(m)
    for start in range(0, MOST, CHUNK):
        u = step[going, None] * np.arange(start, start + CHUNK)
        arch = bend[going, None]
        s = arch * u**2 - x[going, None] + 1j * u
        exponent = cumulant(rows[going], s) - s * q[going, None] - np.log(-s)
        height = exponent.real
        if start == 0:
            first = height[:, 0].copy()
            last = first.copy()
        small = height < first[going, None] + NOTHING
        counts = np.cumsum(small, axis=1) == 0
        rise = np.diff(height, axis=1, prepend=last[going, None]) > RISE
        up = (rise & counts).any(axis=1)
        terms = (np.exp(np.where(counts, exponent, -np.inf)) * (1 - 2j * arch * u)).real
        total[going] += terms.sum(axis=1)
        done = small.any(axis=1) & ~up
        ends = going[done]
        found[ends] = step[ends] * (total[ends] - 0.5 * np.exp(first[ends])) / np.pi
        rises[going[up]] = True
        last[going] = height[:, -1]
        going = going[~(done | up)]
        if not going.size:
            break
    return found, rises


def log_factor(s: Array, weights: Array) -> tuple[Array, Array]:
    """Return real and imaginary parts of log(1 - 2 s w), broadcast, where it is continuous.

    With s = x + iy that is log1p(4 w ((x^2 + y^2) w - x)) / 2 and the angle of (1 - 2 x w, -2 y w):
    real functions, five times as fast as the complex logarithm.

    Parameters
    ----------
    s : ndarray
        Complex, with real part below 0 or imaginary part above 0.
    weights : ndarray
        At least 0.

    Returns
    -------
    tuple of ndarray
        The parts.
    """
    x, y = s.real, s.imag
    size = 0.5 * np.log1p(4 * weights * ((x**2 + y**2) * weights - x))
    return size, np.arctan2(-2 * y * weights, 1 - 2 * x * weights)


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
        size, angle = log_factor(s[..., None], weights)
        return np.asarray(-0.5 * (size.sum(axis=-1) + 1j * angle.sum(axis=-1)))

    def slope(s: float) -> float:
        return float((weights / (1 - 2 * s * weights)).sum())

    return quadratic_form_cdf(q, cumulant, slope, len(weights))
