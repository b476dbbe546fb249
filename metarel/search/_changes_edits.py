"""Edits of a study table as arrays: thousands of changed tables without a copy of any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class Cell:
    """Cells of one column that some changed tables hold otherwise.

    Parameters
    ----------
    column : str
        The column.
    variant, row : ndarray of int, shape (e,)
        Which changed table, and which of its rows.
    value : ndarray, shape (e,)
        What stands there then.
    """

    column: str
    variant: Any
    row: Any
    value: Array


@dataclass(frozen=True, slots=True)
class Edits:
    """Changed tables, as what differs from the table given.

    Parameters
    ----------
    count : int
        Number of changed tables.
    rows : ndarray of int, shape (count, 2)
        The studies that each concerns; -1 where there is none, and throughout where all are.
    cells : tuple of Cell
        The cells that differ.
    times : ndarray, shape (count, k), optional
        How often each study takes part; None where each does once.
    """

    count: int
    rows: Any
    cells: tuple[Cell, ...] = ()
    times: Array | None = None

    def part(self, begin: int, end: int) -> Edits:
        """Return some of the changed tables, numbered anew.

        Parameters
        ----------
        begin, end : int
            The first of them, and the one behind the last.

        Returns
        -------
        Edits
            Those tables.
        """
        end = min(end, self.count)
        cells = []
        for cell in self.cells:
            # Variants stand in rising order within a cell, as the builders below make them.
            first, last = np.searchsorted(cell.variant, (begin, end))
            some = slice(int(first), int(last))
            cells.append(
                Cell(cell.column, cell.variant[some] - begin, cell.row[some], cell.value[some])
            )
        times = None if self.times is None else self.times[begin:end]
        return Edits(end - begin, self.rows[begin:end], tuple(cells), times)

    def apply(self, columns: Mapping[str, Array]) -> dict[str, Array]:
        """Return the columns of the changed tables; those alike in all stay as they are.

        Parameters
        ----------
        columns : mapping of str to ndarray, shape (k,)
            The table given.

        Returns
        -------
        dict of str to ndarray, shape (count, k) or (k,)
            The columns.
        """
        changed = {cell.column for cell in self.cells}
        tables = {
            name: np.repeat(values[None, :], self.count, axis=0) if name in changed else values
            for name, values in columns.items()
        }
        for cell in self.cells:
            tables[cell.column][cell.variant, cell.row] = cell.value
        return tables

    def differences(
        self, variant: int, columns: Mapping[str, Array]
    ) -> list[tuple[str, int, float, float]]:
        """Return the cells that one changed table holds otherwise.

        Parameters
        ----------
        variant : int
            Which changed table.
        columns : mapping of str to ndarray, shape (k,)
            The table given.

        Returns
        -------
        list of (column, row, before, after)
            One item a cell.
        """
        found = []
        for cell in self.cells:
            first, last = np.searchsorted(cell.variant, (variant, variant + 1))
            for place in range(int(first), int(last)):
                row = int(cell.row[place])
                before = float(columns[cell.column][row])
                found.append((cell.column, row, before, float(cell.value[place])))
        return found


def nothing() -> Edits:
    """Return no changed table at all."""
    return Edits(0, np.empty((0, 2), dtype=int))


def study_by_study(columns: Mapping[str, Array], new: Mapping[str, Array]) -> Edits:
    """Return one changed table a study and way: its cells as given, all others as they were.

    Parameters
    ----------
    columns : mapping of str to ndarray, shape (k,)
        The table given.
    new : mapping of str to ndarray, shape (k,) or (w, k)
        The changed columns, one or several ways of each.

    Returns
    -------
    Edits
        Ways without a change, or with a number that is not finite, are left out.
    """
    ways = {name: np.atleast_2d(values) for name, values in new.items()}
    if not ways:
        return nothing()
    alike = np.ones(np.broadcast_shapes(*(w.shape for w in ways.values())), dtype=bool)
    usable = alike.copy()
    for name, values in ways.items():
        alike &= (values == columns[name]) | np.isnan(columns[name])
        # A cell that was missing stays so; one that goes missing is no change but a loss.
        usable &= np.isfinite(values) | np.isnan(columns[name])
    row, way = np.nonzero((usable & ~alike).T)
    variant = np.arange(len(row))
    cells = [
        Cell(name, variant, row, np.broadcast_to(values, alike.shape)[way, row])
        for name, values in ways.items()
    ]
    rows = np.stack([row, np.full(len(row), -1)], axis=1)
    return Edits(len(row), rows, tuple(cells))


def whole_columns(columns: Mapping[str, Array], new: Mapping[str, Array]) -> Edits:
    """Return the one table in which columns are replaced throughout.

    Parameters
    ----------
    columns : mapping of str to ndarray, shape (k,)
        The table given.
    new : mapping of str to ndarray, shape (k,)
        The changed columns.

    Returns
    -------
    Edits
        None where nothing changes, or a number is not finite that was.
    """
    lost = any((np.isfinite(columns[n]) & ~np.isfinite(v)).any() for n, v in new.items())
    same = all(np.array_equal(columns[n], v, equal_nan=True) for n, v in new.items())
    if lost or same or not new:
        return nothing()
    cells = []
    for name, values in new.items():
        row = np.flatnonzero(np.isfinite(values))
        cells.append(Cell(name, np.zeros(len(row), dtype=int), row, values[row]))
    return Edits(1, np.full((1, 2), -1), tuple(cells))


def one_after_the_other(parts: Iterable[Edits]) -> Edits:
    """Return several lots of changed tables as one.

    Parameters
    ----------
    parts : iterable of Edits
        The lots; either all or none say how often studies take part.

    Returns
    -------
    Edits
        All of them, numbered through.
    """
    kept = [part for part in parts if part.count]
    if not kept:
        return nothing()
    counts = [part.times for part in kept if part.times is not None]
    times = np.concatenate(counts) if counts else None
    begin = 0
    cells: list[Cell] = []
    for part in kept:
        cells += [Cell(c.column, c.variant + begin, c.row, c.value) for c in part.cells]
        begin += part.count
    return Edits(begin, np.concatenate([part.rows for part in kept]), _sorted(cells), times)


def _sorted(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Join the cells of each column; lots come in rising order, so that variants do too."""
    joined = []
    for name in dict.fromkeys(cell.column for cell in cells):
        same = [cell for cell in cells if cell.column == name]
        joined.append(
            Cell(
                name,
                np.concatenate([cell.variant for cell in same]),
                np.concatenate([cell.row for cell in same]),
                np.concatenate([cell.value for cell in same]),
            )
        )
    return tuple(joined)


def without_or_twice(k: int, counts: Sequence[int]) -> Edits:
    """Return the tables in which one study takes part less or more often.

    Parameters
    ----------
    k : int
        Number of studies.
    counts : sequence of int
        How often it takes part: 0 leaves it out, 2 counts it twice.

    Returns
    -------
    Edits
        One table a study and count.
    """
    times = np.ones((len(counts) * k, k))
    which = np.tile(np.arange(k), len(counts))
    times[np.arange(len(which)), which] = np.repeat(counts, k)
    return Edits(len(which), np.stack([which, np.full(len(which), -1)], axis=1), (), times)


def without_two(k: int) -> Edits:
    """Return the tables in which two studies are left out.

    Parameters
    ----------
    k : int
        Number of studies.

    Returns
    -------
    Edits
        One table a pair.
    """
    first, second = np.triu_indices(k, 1)
    times = np.ones((len(first), k))
    times[np.arange(len(first)), first] = times[np.arange(len(first)), second] = 0
    return Edits(len(first), np.stack([first, second], axis=1), (), times)
