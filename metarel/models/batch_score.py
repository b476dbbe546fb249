"""The sign of the likelihood's slope, proved over whole intervals of tau2 from their ends.

Up to constants twice the score is F - G, where F = y'PPy and G = tr(P) (restricted) or sum w.
P has the eigenvalues 1/(a_i + tau2) with a_i fixed, so f = F^(-1/2) and g = 1/G are power means
of lines of order below 1: both increase and are concave in tau2. The score is positive where
f^2 < g and negative where f^2 > g; a chord bounds a concave function from below and a tangent
from above.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.models.batch_sums import BatchMoments

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.models.batch_sums import Flags

#: A score is that of a root when it is below this fraction of its own parts.
ROOT = 1e-12


@dataclass(frozen=True, slots=True)
class Score:
    """F and G at one tau2 a row, and minus their derivatives; shape (m,)."""

    F: Array
    G: Array
    F_fall: Array
    G_fall: Array

    @classmethod
    def of(cls, sums: BatchMoments, *, restricted: bool) -> Score:
        """Pick the sums that make the score."""
        if restricted:
            return cls(sums.quad2, sums.trace, 2 * sums.quad3, sums.trace_squared)
        return cls(sums.quad2, sums.w_sum, 2 * sums.quad3, sums.w2_sum)

    @property
    def value(self) -> Array:
        """Twice the score."""
        return self.F - self.G

    @property
    def f(self) -> Array:
        """The concave F^(-1/2)."""
        return self.F**-0.5

    @property
    def g(self) -> Array:
        """The concave 1/G."""
        return 1 / self.G

    @property
    def slope_f(self) -> Array:
        """The derivative of f."""
        return 0.5 * self.F_fall * self.F**-1.5

    @property
    def slope_g(self) -> Array:
        """The derivative of g."""
        return self.G_fall / self.G**2

    def take(self, rows: Any) -> Score:
        """Return the numbers of some of the rows."""
        return Score(self.F[rows], self.G[rows], self.F_fall[rows], self.G_fall[rows])

    def chosen(self, where: Any, other: Score) -> Score:
        """Return these numbers where told, and those of another record elsewhere."""
        pairs = ((getattr(self, n), getattr(other, n)) for n in self.__slots__)
        return Score(*(np.where(where, mine, its) for mine, its in pairs))


def falls_ever_after(here: Score, spread: Array) -> Flags:
    """Tell where the score provably stays negative beyond a point at which it is not positive.

    Beyond, f rises by at least 1/sqrt(spread) a unit of tau2, which is its slope at infinity, and
    g by at most its slope here: f^2 - g lies above a quadratic, which must have no root.

    Parameters
    ----------
    here : Score
        The score at the points.
    spread : ndarray, shape (m,)
        The unweighted sums of squares, y'My.

    Returns
    -------
    ndarray of bool, shape (m,)
        Whether it is proved.
    """
    gap = np.maximum(here.f**2 - here.g, 0.0)
    linear = 2 * here.f / np.sqrt(spread) - here.slope_g
    return (here.F == 0) | (linear >= 0) | (linear**2 * spread < 4 * gap)


def rises_between(left: Score, right: Score, width: Array) -> Flags:
    """Tell where the score is provably positive inside an interval; at one end it may be 0.

    g lies above its chord and f below its tangent at either end. Chord less squared tangent is
    concave, so its sign at both ends is enough.

    Parameters
    ----------
    left, right : Score
        The score at the ends.
    width : ndarray, shape (m,)
        The length of the interval.

    Returns
    -------
    ndarray of bool, shape (m,)
        Whether it is proved.
    """
    from_left = right.g > (left.f + left.slope_f * width) ** 2
    from_right = left.g > (right.f - right.slope_f * width) ** 2
    # a root that was solved for is 0 up to rounding
    right_end = right.value >= -ROOT * right.G
    return ((left.value >= 0) & from_left) | (right_end & from_right)


def falls_between(left: Score, right: Score, width: Array) -> Flags:
    """Tell where the score is provably negative in an interval.

    f lies above its chord and g below its tangent at either end: squared chord less tangent is a
    quadratic, whose least value must be positive.

    Parameters
    ----------
    left, right : Score
        The score at the ends.
    width : ndarray, shape (m,)
        The length of the interval.

    Returns
    -------
    ndarray of bool, shape (m,)
        Whether it is proved.
    """
    rise = (right.f - left.f) / width
    proved = np.zeros(len(width), dtype=bool)
    for start, slope in ((left.g, left.slope_g), (right.g - right.slope_g * width, right.slope_g)):
        linear = 2 * left.f * rise - slope
        lowest = np.clip(-linear / (2 * rise**2), 0.0, width)
        proved |= (left.f + rise * lowest) ** 2 > start + slope * lowest
    return proved


def turns_once(left: Score, right: Score) -> Flags:
    """Tell where the score is provably monotone, so that it has one root at most.

    Its slope is G_fall - F_fall, and both parts decrease in tau2.

    Parameters
    ----------
    left, right : Score
        The score at the ends.

    Returns
    -------
    ndarray of bool, shape (m,)
        Whether it is proved.
    """
    return (left.G_fall < right.F_fall) | (right.G_fall > left.F_fall)
