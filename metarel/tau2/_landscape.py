"""Every local maximum of the likelihood of tau2, with a proof that there is no other.

Twice the score is F - G, with F = y'PPy and G = tr(P) (the sum of w for full maximum
likelihood). In the eigenvectors of the error contrasts F is a sum of z^2/(a + t)^2 and G one of
1/(a + t); hence f = F^(-1/2) and g = 1/G, power means of the a + t, are concave in t = tau2,
and the likelihood rises where g > f^2. A concave function lies below its tangents, above its
chords and above its steepest line at infinity: that bounds both functions between two points
and beyond the last. Few points decide where the likelihood rises and falls; where they do not,
more are added.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

from metarel.tau2._sums import Sums

#: A rise of the log-likelihood inside a cell that is too small to matter.
NEGLIGIBLE = 1e-11
#: Relative rounding of the bounds.
ROUNDING = 1e-13
#: Evaluations after which a search gives up; hard sets need some fifty.
MOST = 5000


class Point(NamedTuple):
    """One tau2: F and G, the concave f and g with their slopes, signs of the score around it.

    ``step`` leads to the root of G/F = 1 by Newton's rule; with equal variances G/F is linear.
    """

    tau2: float
    F: float
    G: float
    f: float
    f_slope: float
    g: float
    g_slope: float
    before: int
    after: int
    step: float


class Landscape:
    """The likelihood of tau2 of one data set, evaluated where it must be.

    Parameters
    ----------
    sums : Sums
        The data.
    restricted : bool
        Whether the likelihood is the restricted one.
    """

    def __init__(self, sums: Sums, *, restricted: bool) -> None:
        self.sums, self.restricted = sums, restricted
        self.evaluations = 0
        self.complete = False
        self.maxima: list[Point] = []
        self.at_zero = sums(0.0)
        #: A scale for tau2 that moves with the data: the harmonic mean of the variances.
        self.unit = sums.k / self.at_zero.weight

    def at(self, tau2: float) -> Point:
        """Evaluate one point."""
        self.evaluations += 1
        m = self.sums(tau2) if tau2 else self.at_zero
        G, G2 = (m.trace, m.trace_squared) if self.restricted else (m.weight, m.weight_squared)
        F, F3 = m.quad2, m.quad3
        sign = (F > G) - (F < G)
        if F == 0:  # no residual at any tau2
            return Point(tau2, F, G, math.inf, 0.0, 1 / G, G2 / G**2, sign, sign, math.nan)
        slope = 2 * G * F3 - G2 * F
        step = F * (F - G) / slope if slope else math.nan
        f = 1 / math.sqrt(F)
        return Point(tau2, F, G, f, F3 * f / F, 1 / G, G2 / G**2, sign, sign, step)

    def explore(self) -> list[Point]:
        """Return all local maxima on [0, inf), in the order found."""
        known = [self.at(0.0)]
        if known[0].after > 0:
            known.append(self._solve(known[0], None, self._by_moments()))
        else:
            self.maxima.append(known[0])
        while not _falls_for_good(known[-1], self.sums.plain_rss):
            known.append(self.at(3 * known[-1].tau2 + self.unit))
        cells = list(itertools.pairwise(known))
        while cells and self.evaluations < MOST:
            left, right = cells.pop()
            if left.after * right.before < 0:
                middle = self._solve(left, right)
            elif _settled(left, right):
                continue
            else:
                middle = self.at(self._between(left.tau2, right.tau2))
            cells += [(left, middle), (middle, right)]
        self.complete = not cells
        return self.maxima

    def _by_moments(self) -> float:
        """Return DerSimonian and Laird's estimate: near the maximum of most data."""
        return (self.at_zero.rss - self.sums.rank) / self.at_zero.trace

    def _solve(self, left: Point, right: Point | None, guess: float = 0.0) -> Point:
        """Find where F = G between two points of opposite sign, by Newton's rule kept inside.

        With no point to the right yet, it is looked for in steps that at least double. A guess,
        where there is one, is tried first.
        """
        rising, point = left.after, left
        if guess > left.tau2:
            point = point._replace(step=guess - left.tau2)
        low, high = left.tau2, math.inf if right is None else right.tau2
        for _ in range(300):
            here, target = point.tau2, point.tau2 + point.step
            if abs(point.step) <= 1e-13 * here:  # Newton's rule is quadratic: this is the root
                break
            close = abs(point.step) <= max(1e-7 * here, 1e-15 * self.unit)
            if close:
                target = min(max(target, low), high)
            elif not low < target < high:
                target = self._between(low, high)
                close = high < math.inf and high - low <= 4e-16 * high
            point = self.at(target)
            if close or point.after == 0:
                break
            low, high = (target, high) if point.after == rising else (low, target)
        root = point._replace(before=rising, after=-rising)
        if rising > 0:
            self.maxima.append(root)
        return root

    def _between(self, low: float, high: float) -> float:
        """Return a middle: of logarithms where the ends are of different size."""
        unit = self.sums.low
        if high == math.inf:
            return 2 * low + self.unit
        if high + unit < 4 * (low + unit):
            return 0.5 * (low + high)
        return math.sqrt((low + unit) * (high + unit)) - unit


def _falls_for_good(point: Point, plain_rss: float) -> bool:
    """Tell whether g < f^2 is proved for all that follows.

    There g is below its tangent, and f rises at least as steeply as at infinity, where its slope
    is the root of 1 over the unweighted residual sum of squares.
    """
    if point.after > 0:
        return False
    if point.f == math.inf:
        return True
    last = 1 / math.sqrt(plain_rss)
    gap = point.g - point.f**2 if point.before == point.after else 0.0
    return _highest(gap, point.g_slope - 2 * point.f * last, last**2, math.inf) <= 0


def _settled(left: Point, right: Point) -> bool:
    """Tell whether the sign of the score is proved to be one between two points."""
    width = right.tau2 - left.tau2
    if left.after < 0 or right.before < 0:
        rise = 0.5 * width * (left.F - right.G)  # F and G fall
        return rise <= NEGLIGIBLE or _falls_between(left, right, width)
    fall = 0.5 * width * (left.G - right.F)
    return fall <= NEGLIGIBLE or _rises_between(left, right, width)


def _rises_between(left: Point, right: Point, width: float) -> bool:
    """Prove g > f^2 from the chord of g and the tangents of f, worst where these cross."""
    x = _crossing(left.f, left.f_slope, right.f, right.f_slope, width)
    chord = left.g + (right.g - left.g) * x / width
    return chord * (1 + ROUNDING) >= (left.f + left.f_slope * x) ** 2


def _falls_between(left: Point, right: Point, width: float) -> bool:
    """Prove g < f^2 from the tangents of g and the chord of f."""
    if left.f == math.inf:
        return True
    x = _crossing(left.g, left.g_slope, right.g, right.g_slope, width)
    chord = (right.f - left.f) / width
    first = _highest(left.g - left.f**2, left.g_slope - 2 * left.f * chord, chord**2, x)
    # the second piece, seen from the right end
    second = _highest(
        right.g - right.f**2, 2 * right.f * chord - right.g_slope, chord**2, width - x
    )
    return max(first - ROUNDING * left.g, second - ROUNDING * right.g) <= 0


def _crossing(
    left: float, left_slope: float, right: float, right_slope: float, width: float
) -> float:
    """Return how far from the left two tangents cross; anywhere where they are one line."""
    bend = left_slope - right_slope
    if bend <= 0:
        return 0.5 * width
    return min(max((right - right_slope * width - left) / bend, 0.0), width)


def _highest(start: float, slope: float, curvature: float, end: float) -> float:
    """Return the maximum over [0, end] of start + slope x - curvature x^2."""
    if slope <= 0 or end <= 0:
        return start
    x = min(0.5 * slope / curvature, end) if curvature > 0 else end
    return start + slope * x - curvature * x**2
