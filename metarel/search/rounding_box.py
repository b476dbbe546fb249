"""What an analysis can give when every cell may be any number that is printed as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._lazy import optimize
from metarel.search.evaluate import evaluate_variants
from metarel.search.placebo import prints
from metarel.search.table import domain_of

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.search.figures import PrintedFigure
    from metarel.search.specification import Specification
    from metarel.search.table import StudyTable

#: Rounds in which corners are improved.
ROUNDS = 3
#: Rounds of linear programmes from each start, and random starts besides the centre.
STEPS, STARTS = 8, 3
#: Weight of the farthest cell's step beside the distance of the worst figure.
SHORT = 0.2
#: Step of a derivative, as a share of half a cell's interval.
STEP = 0.05
#: Points drawn inside the box and at its corners.
DRAWN = 200
#: Cells of one lot of tables.
LOT = 400_000
#: A witness keeps this little inside every cell's interval, whose upper end is printed otherwise.
EDGE = 1 - 1e-6
#: A hair inside an end that does not belong to the interval.
HAIR = 1e-9


@dataclass(frozen=True, slots=True)
class Box:
    """The study tables that are printed as the one given, and an analysis of them.

    Parameters
    ----------
    table : StudyTable
        The studies as printed.
    specification : Specification
        The analysis.
    names : tuple of str
        The quantities wanted.
    cells : tuple of (str, int)
        Column and row of every cell that was rounded.
    low, high : ndarray, shape (c,)
        The ends of each.
    level : float
        Level of intervals.
    """

    table: StudyTable
    specification: Specification
    names: tuple[str, ...]
    cells: tuple[tuple[str, int], ...]
    low: Array
    high: Array
    level: float

    @property
    def centre(self) -> Array:
        """The table as printed, in the units of ``at``."""
        printed = np.array([self.table.columns[name][row] for name, row in self.cells])
        return np.asarray((printed - self.low) / (self.high - self.low) * 2 - 1)

    def columns(self, points: Array) -> dict[str, Array]:
        """Return the study tables of points.

        Parameters
        ----------
        points : ndarray, shape (m, c)
            A coordinate a cell: -1 is its low end, 1 its high one.

        Returns
        -------
        dict of str to ndarray
            The columns, (m, k) where cells were rounded and (k,) elsewhere.
        """
        values = self.low + (points + 1) / 2 * (self.high - self.low)
        columns: dict[str, Array] = dict(self.table.columns)
        for name in dict.fromkeys(name for name, _ in self.cells):
            place = [i for i, (column, _) in enumerate(self.cells) if column == name]
            rows = [self.cells[i][1] for i in place]
            changed = np.repeat(self.table.columns[name][None, :], len(points), axis=0)
            changed[:, rows] = values[:, place]
            columns[name] = changed
        return columns

    def at(self, points: Array) -> Array:
        """Return the quantities at points.

        Parameters
        ----------
        points : ndarray, shape (m, c)
            Coordinates as for ``columns``.

        Returns
        -------
        ndarray, shape (m, q)
            NaN where the analysis cannot run.
        """
        found = np.empty((len(points), len(self.names)))
        step = max(LOT // max(self.table.k, 1), 1)
        every = np.ones((1, self.table.k))
        for first in range(0, len(points), step):
            some = points[first : first + step]
            values = evaluate_variants(
                self.specification,
                self.table.kind,
                self.columns(some),
                np.repeat(every, len(some), axis=0),
                level=self.level,
            )
            found[first : first + step] = np.stack([values[n] for n in self.names], axis=1)
        return found

    def slopes(self, point: Array) -> tuple[Array, Array]:
        """Return the quantities at a point and their derivatives by every cell.

        Parameters
        ----------
        point : ndarray, shape (c,)
            Coordinates.

        Returns
        -------
        tuple of (ndarray of shape (q,), ndarray of shape (c, q))
            Differences over a small step, inside the box.
        """
        shift = STEP * np.eye(len(point))
        up, down = np.minimum(point + shift, 1), np.maximum(point - shift, -1)
        values = self.at(np.concatenate([point[None, :], up, down]))
        c = len(point)
        width = np.diagonal(up) - np.diagonal(down)
        slopes = (values[1 : c + 1] - values[c + 1 :]) / width[:, None]
        return values[0], np.nan_to_num(slopes)


def box_of(
    table: StudyTable,
    specification: Specification,
    names: Sequence[str],
    digits: Mapping[str, Array],
    level: float,
) -> Box:
    """Return the box of all tables that are printed as this one.

    Parameters
    ----------
    table : StudyTable
        The studies.
    specification : Specification
        The analysis.
    names : sequence of str
        The quantities wanted.
    digits : mapping of str to ndarray, shape (k,)
        Decimals by column; NaN, or a column that is absent, is exact.
    level : float
        Level of intervals.

    Returns
    -------
    Box
        Its cells do not leave the numbers that their column can hold.
    """
    cells, low, high = [], [], []
    for name, decimals in digits.items():
        domain = domain_of(name, table.scale)
        half = 0.5 * 10.0**-decimals
        values = table.columns[name]
        below = np.maximum(values - half, domain.low + (HAIR if domain.open_low else 0.0))
        above = np.minimum(values + half, domain.high - (HAIR if domain.open_high else 0.0))
        for row in np.flatnonzero(np.isfinite(below + above) & (above > below)):
            cells.append((name, int(row)))
            low.append(below[row])
            high.append(above[row])
    return Box(
        table, specification, tuple(names), tuple(cells), np.array(low), np.array(high), level
    )


def ranges(box: Box, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return the smallest and largest value found of every quantity.

    Corners in the direction of the derivatives, improved cell by cell, and random points: what
    the rounding allows is at least this wide.

    Parameters
    ----------
    box : Box
        The tables.
    rng : Generator
        For the random points.

    Returns
    -------
    tuple of (ndarray of shape (q,), ndarray of shape (q,))
        Smallest and largest.
    """
    c, q = len(box.cells), len(box.names)
    value, slopes = box.slopes(box.centre)
    if not c:
        return value, value
    drawn = rng.uniform(-1, 1, (DRAWN, c))
    half = DRAWN // 2
    drawn[:half] = np.sign(drawn[:half])
    seen = box.at(drawn)
    direction = np.concatenate([-np.sign(slopes).T, np.sign(slopes).T])
    sign = np.repeat([-1.0, 1.0], q)
    which = np.tile(np.arange(q), 2)
    best = direction
    height = _heights(box, best, sign, which)
    for _ in range(ROUNDS):
        best, height, improved = _improved(box, best, height, sign, which)
        if not improved:
            break
    # A direction in which no table could be analysed has found nothing.
    found = (sign * np.where(np.isfinite(height), height, np.nan)).reshape(2, q)
    everything = np.concatenate([found, seen, value[None, :]])
    with np.errstate(all="ignore"):
        return np.nanmin(everything, axis=0), np.nanmax(everything, axis=0)


def _heights(box: Box, points: Array, sign: Array, which: Any) -> Array:
    """Return of each point the quantity that it is to make large; -inf where there is none."""
    values = box.at(points)[np.arange(len(points)), which] * sign
    return np.where(np.isnan(values), -np.inf, values)


def _improved(
    box: Box, best: Array, height: Array, sign: Array, which: Any
) -> tuple[Array, Array, bool]:
    """Turn the cells of every corner one by one, then take all turns that helped, or the best."""
    goals, c = best.shape
    turned = np.repeat(best[:, None, :], c, axis=1)
    each = np.arange(c)
    turned[:, each, each] = np.where(best == 0, 1.0, -best)
    after = _heights(box, turned.reshape(-1, c), np.repeat(sign, c), np.repeat(which, c)).reshape(
        goals, c
    )
    noise = np.where(np.isfinite(height), 1e-13 * np.abs(height), 0.0)
    helps = after > (height + noise)[:, None]
    if not helps.any():
        return best, height, False
    together = np.where(helps, turned[:, each, each], best)
    alone = turned[np.arange(goals), np.argmax(after, axis=1)]
    options = np.stack([best, alone, together])
    tall = np.stack([height, after.max(axis=1), _heights(box, together, sign, which)])
    chosen = np.argmax(tall, axis=0)
    rows = np.arange(goals)
    return options[chosen, rows], tall[chosen, rows], True


def witness(
    box: Box, figures: Mapping[str, PrintedFigure], rng: np.random.Generator
) -> Array | None:
    """Look for one table that is printed as given and prints all figures.

    From the centre and from random points, linear programmes move towards the middle of all
    printed intervals at once, until every figure is printed.

    Parameters
    ----------
    box : Box
        The tables.
    figures : mapping of str to PrintedFigure
        The figures, by the quantities of the box.
    rng : Generator
        For the starts.

    Returns
    -------
    ndarray, shape (c,) or None
        Its coordinates; None where none was found, which is no proof that there is none.
    """
    c = len(box.cells)
    starts = [box.centre, *rng.uniform(-EDGE, EDGE, (STARTS, c))]
    middle, reach = _targets(box, figures)
    for start in starts:
        point = start
        value, slopes = box.slopes(point)
        for _ in range(STEPS):
            if _prints_all(box, figures, value):
                return point
            step = _towards(point, value, slopes, middle, reach)
            if step is None:
                break
            points = point + np.array([1.0, 0.5, 0.25, 0.1])[:, None] * step
            values = box.at(points)
            excess = _excess(values, middle, reach)
            taken = int(np.argmin(excess))
            if excess[taken] >= _excess(value[None, :], middle, reach)[0] - 1e-9:
                break
            point = points[taken]
            value, slopes = box.slopes(point)
        if _prints_all(box, figures, value):
            return point
    return None


def _targets(box: Box, figures: Mapping[str, PrintedFigure]) -> tuple[Array, Array]:
    """Return the middle and half the length of each printed interval; infinite for none."""
    middle, reach = np.zeros(len(box.names)), np.full(len(box.names), np.inf)
    for i, name in enumerate(box.names):
        figure = figures.get(name)
        if figure is None:
            continue
        low, high = figure.printed.low, figure.printed.high
        if np.isinf(low):
            low = high - 2 * max(abs(high), HAIR)
        if np.isinf(high):
            high = low + 2 * max(abs(low), HAIR) + 1e3
        middle[i], reach[i] = (low + high) / 2, (high - low) / 2
    return middle, reach


def _prints_all(box: Box, figures: Mapping[str, PrintedFigure], value: Array) -> bool:
    return all(
        bool(prints(figure, value[box.names.index(name)])[0]) for name, figure in figures.items()
    )


def _excess(values: Array, middle: Array, reach: Array) -> Array:
    """Return how far the worst figure is from its middle, in half-lengths of its interval."""
    with np.errstate(all="ignore"):
        off = np.abs(values - middle) / reach
    return np.where(np.isnan(off).any(axis=1), np.inf, off.max(axis=1))


def _towards(
    point: Array, value: Array, slopes: Array, middle: Array, reach: Array
) -> Array | None:
    """Return the step that brings the worst figure nearest to its middle, were all linear."""
    asked = np.isfinite(reach) & np.isfinite(value)
    scaled = (slopes[:, asked] / reach[asked]).T
    off = (value[asked] - middle[asked]) / reach[asked]
    count, c = scaled.shape
    # Minimise e and, far less, s: -e <= off + scaled step <= e, and -s <= step <= s, so that no
    # cell goes farther than it must; every cell stays inside its interval.
    ones, none = np.ones((count, 1)), np.zeros((count, 1))
    each, far, near = np.eye(c), np.ones((c, 1)), np.zeros((c, 1))
    rows = np.block(
        [[scaled, -ones, none], [-scaled, -ones, none], [each, near, -far], [-each, near, -far]]
    )
    most = np.r_[-off, off, np.zeros(2 * c)]
    bounds = [*zip(-EDGE - point, EDGE - point, strict=True), (0, None), (0, None)]
    goal = np.r_[np.zeros(c), 1.0, SHORT]
    solved = optimize.linprog(goal, rows, most, bounds=bounds, method="highs")
    return np.asarray(solved.x[:c]) if solved.x is not None else None
