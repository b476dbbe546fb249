"""Maximum and restricted maximum likelihood for many meta-analyses, each at its global maximum.

Newton's method finds a maximum of every row. Where it is proved that the likelihood rises before
and falls after, it is the only one; the few other rows are cut into intervals until each is proved
to hold no maximum or one, and the highest is kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.models.batch_score import (
    Score,
    falls_between,
    falls_ever_after,
    rises_between,
    turns_once,
)
from metarel.models.batch_sums import AnyRows, BatchMoments

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.models.batch_sums import Flags

LOG_2PI = math.log(2 * math.pi)
#: Steps of a solver before a row counts as failed; bisection alone would take fewer.
MOST_STEPS = 200
#: Intervals that a search starts from, of equal width in log(tau2 + unit).
CELLS = 8
#: An interval this narrow in log(tau2 + unit) is not cut further: what it hides is negligible.
NARROW = 1e-3


def maximise(
    rows: AnyRows, zero: BatchMoments, *, restricted: bool
) -> tuple[Array, BatchMoments, Flags]:
    """Find the tau2 of highest (restricted) likelihood in [0, inf) of each row.

    Parameters
    ----------
    rows : AnyRows
        The meta-analyses.
    zero : BatchMoments
        Their sums at tau2 = 0.
    restricted : bool
        Whether to maximise the restricted likelihood.

    Returns
    -------
    value : ndarray, shape (m,)
        The maxima.
    at : BatchMoments
        The sums there.
    converged : ndarray of bool, shape (m,)
        Whether the equation was solved.
    """
    origin = Score.of(zero, restricted=restricted)
    rises = origin.value > 0
    value, converged = np.zeros(len(rows)), ~rises
    inner = np.flatnonzero(rises)
    start = (zero.rss - rows.df) / zero.trace  # DerSimonian and Laird's, else Fisher's step
    start = np.where(start > 0, start, origin.value / origin.G_fall)[inner]
    value[inner], converged[inner] = _climb(
        rows.take(inner), np.zeros(inner.size), np.full(inner.size, np.inf), start, restricted
    )
    at = rows.moments(value)
    spread = rows.unweighted().rss
    peak = Score.of(at, restricted=restricted)
    single = falls_ever_after(peak, spread) & (~rises | rises_between(origin, peak, value))
    doubt = np.flatnonzero(converged & ~single)
    if doubt.size:
        some = rows.take(doubt)
        search = _Search(some, origin.take(doubt), spread[doubt], restricted)
        value[doubt], converged[doubt] = search.highest(value[doubt])
        at = at.replaced(doubt, some.moments(value[doubt]))
    return value, at, converged


def _climb(
    rows: AnyRows, low: Array, high: Array, start: Array, restricted: bool
) -> tuple[Array, Flags]:
    """Find a root of the score in brackets where it is positive on the left.

    Newton's method on G/F, which is a line in tau2 when variances are equal; a step that leaves
    the bracket is replaced by its middle in log(tau2 + v), or by a larger value when the bracket
    is open.
    """
    value, converged = start.copy(), np.zeros(len(rows), dtype=bool)
    left, active = np.arange(len(rows)), rows
    low, high = low.copy(), high.copy()
    for _ in range(MOST_STEPS):
        if not left.size:
            break
        t, unit = value[left], active.top_v
        here = Score.of(active.moments(t), restricted=restricted)
        score = here.value
        low[left] = np.where(score > 0, t, low[left])
        high[left] = np.where(score > 0, high[left], t)
        slope = here.F_fall * here.G / here.F - here.G_fall
        step = score / slope
        last = (slope > 0) & (np.abs(step) <= 1e-9 * t)  # the error after it is of its square
        noise = np.abs(score) <= 1e-14 * here.G
        new = t + step
        inside = (slope > 0) & (new > low[left]) & (new < high[left])
        middle = np.sqrt((low[left] + unit) * (high[left] + unit)) - unit
        middle = np.where(np.isfinite(middle), middle, 4 * t + unit)
        value[left] = np.where(inside | last, new, np.where(noise, t, middle))
        done = last | noise
        converged[left[done]] = True
        going = np.flatnonzero(~done)
        left, active = left[going], active.take(going)
    return value, converged


@dataclass(frozen=True, slots=True)
class _Cells:
    """Intervals of tau2, several a row, with the score at their ends."""

    row: Any
    low: Array
    high: Array
    left: Score
    right: Score

    def take(self, cells: Any) -> _Cells:
        left, right = self.left.take(cells), self.right.take(cells)
        return _Cells(self.row[cells], self.low[cells], self.high[cells], left, right)

    def proved(self) -> Flags:
        """Tell which cells hold one stationary point at most."""
        width = self.high - self.low
        steady = rises_between(self.left, self.right, width)
        steady |= falls_between(self.left, self.right, width)
        return steady | turns_once(self.left, self.right)


class _Search:
    """The hunt for every local maximum of some rows."""

    def __init__(self, rows: AnyRows, origin: Score, spread: Array, restricted: bool) -> None:
        self.rows, self.origin, self.spread = rows, origin, spread
        self.restricted = restricted
        # tau2 below the smallest variance, or below the typical one, changes little
        self.unit = np.minimum(rows.top_v, rows.count / rows.moments(np.zeros(len(rows))).w_sum)

    def score(self, row: Any, tau2: Array) -> Score:
        """Evaluate some rows, which may repeat."""
        return Score.of(self.rows.take(row).moments(tau2), restricted=self.restricted)

    def highest(self, value: Array) -> tuple[Array, Flags]:
        """Return the highest maximum of each row, and whether it was solved for."""
        row, low, high = self._brackets(value)
        unit = self.unit[row]
        middle = np.sqrt((low + unit) * (high + unit)) - unit
        root, solved = _climb(self.rows.take(row), low, high, middle, self.restricted)
        edge = np.flatnonzero(self.origin.value <= 0)
        row = np.concatenate([edge, row])
        root = np.concatenate([np.zeros(edge.size), root])
        solved = np.concatenate([np.ones(edge.size, dtype=bool), solved])
        height = log_likelihood(self.rows.take(row), root, restricted=self.restricted)
        order = np.lexsort((-height, row))  # the first of each row is its highest
        found, first = np.unique(row[order], return_index=True)
        best, converged = value.copy(), np.ones(len(self.rows), dtype=bool)
        best[found], converged[found] = root[order[first]], solved[order[first]]
        return best, converged

    def _brackets(self, value: Array) -> tuple[Any, Array, Array]:
        """Cut the half-line into cells, each proved to hold one maximum at most."""
        cells, peaks = self._first_cells(value), []
        for _ in range(MOST_STEPS):
            width = np.log((cells.high + self.unit[cells.row]) / (cells.low + self.unit[cells.row]))
            settled = cells.proved() | (width < NARROW)
            top = settled & (cells.left.value > 0) & (cells.right.value <= 0)
            peaks.append(cells.take(np.flatnonzero(top)))
            rest = np.flatnonzero(~settled)
            if not rest.size:
                break
            cells = self._halved(cells.take(rest))
        row = np.concatenate([p.row for p in peaks])
        low = np.concatenate([p.low for p in peaks])
        return row, low, np.concatenate([p.high for p in peaks])

    def _first_cells(self, value: Array) -> _Cells:
        """Start from a few cells between 0 and a tau2 beyond all maxima."""
        m = len(self.rows)
        # at the maximum itself the score has the sign of rounding
        end = self._beyond_all_maxima(np.maximum(2 * value, self.unit))
        steps = np.log1p(end / self.unit)[:, None] * np.linspace(0.0, 1.0, CELLS + 1)
        grid = self.unit[:, None] * np.expm1(steps)
        row = np.repeat(np.arange(m), CELLS)
        right = self.score(row, grid[:, 1:].ravel())
        before = np.arange(m * CELLS) - 1
        first = before % CELLS == CELLS - 1
        left = self.origin.take(row).chosen(first, right.take(before))
        return _Cells(row, grid[:, :-1].ravel(), grid[:, 1:].ravel(), left, right)

    def _halved(self, cells: _Cells) -> _Cells:
        """Cut each cell at its middle in log(tau2 + unit)."""
        unit, count = self.unit[cells.row], len(cells.row)
        middle = np.sqrt((cells.low + unit) * (cells.high + unit)) - unit
        score = self.score(cells.row, middle)
        twice, lower = np.tile(np.arange(count), 2), np.arange(2 * count) < count
        both, at = cells.take(twice), score.take(twice)
        return _Cells(
            both.row,
            np.where(lower, both.low, middle[twice]),
            np.where(lower, middle[twice], both.high),
            both.left.chosen(lower, at),
            at.chosen(lower, both.right),
        )

    def _beyond_all_maxima(self, start: Array) -> Array:
        """Return for each row a tau2 beyond which the score provably stays negative."""
        end, left = start.copy(), np.arange(len(self.rows))
        for _ in range(MOST_STEPS):
            here = self.score(left, end[left])
            left = left[(here.value > 0) | ~falls_ever_after(here, self.spread[left])]
            if not left.size:
                break
            end[left] *= 4
        return end


def log_likelihood(
    rows: AnyRows,
    tau2: Array,
    *,
    restricted: bool,
    at: BatchMoments | None = None,
    rss: Array | None = None,
) -> Array:
    """Return the profile log-likelihood of tau2 of each row, with all constants.

    Parameters
    ----------
    rows : AnyRows
        The meta-analyses.
    tau2 : ndarray, shape (m,)
        Between-study variances.
    restricted : bool
        Whether to return the restricted likelihood.
    at : BatchMoments, optional
        The sums at tau2, where they are known.
    rss : ndarray, shape (m,), optional
        Weighted sums of squares around other means, such as those of user-given weights.

    Returns
    -------
    ndarray, shape (m,)
        The same numbers as ``tau2.likelihood.log_likelihood``.
    """
    at = rows.moments(tau2) if at is None else at
    squares = at.rss if rss is None else rss
    value = -0.5 * (rows.count * LOG_2PI + rows.log_determinant(tau2) + squares)
    if restricted:
        value += 0.5 * (rows.p * LOG_2PI + rows.log_det_design - at.log_det)
    return value
