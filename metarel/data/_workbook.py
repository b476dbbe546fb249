"""Rows of a workbook: which sheet, and cells whose value Excel has not written down."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from metarel._format import count, listing
from metarel._lazy import Deferred, pd
from metarel._register import one_of
from metarel.data._cells import trimmed
from metarel.data._text import Rows
from metarel.errors import InputError

openpyxl: Any = Deferred("openpyxl")


def read_workbook(path: Path, sheet: str | int | None) -> Rows:
    """Read one sheet of a workbook: as named, else the first that holds a table."""
    with pd.ExcelFile(path) as book:
        names = [str(name) for name in book.sheet_names]
        places = range(len(names)) if sheet is None else [_place(names, sheet)]
        grids = ((at, _grid(book, at)) for at in places)
        chosen, grid = next((found for found in grids if _is_table(found[1])), (-1, []))
        if chosen < 0:
            chosen = places[0]
            grid = _grid(book, chosen)
    notes = []
    if sheet is None and len(names) > 1:
        others = listing([repr(name) for at, name in enumerate(names) if at != chosen])
        notes.append(f"read the sheet {names[chosen]!r}; `sheet` names another: {others}.")
    there = [at for at, row in enumerate(grid) if any(cell is not None for cell in row)]
    if any(cell is None for at in there for cell in grid[at]):
        notes += _without_value(path, names[chosen], grid)
    return Rows([grid[at] for at in there], [at + 1 for at in there], notes=tuple(notes))


def _grid(book: Any, sheet: int) -> list[list[Any]]:
    """Return the cells of a sheet, trimmed."""
    grid = pd.read_excel(book, sheet_name=sheet, header=None, dtype=object, keep_default_na=False)
    return [[trimmed(cell) for cell in row] for row in grid.to_numpy().tolist()]


def _is_table(grid: Sequence[Sequence[Any]]) -> bool:
    """Tell whether a sheet has two rows with two cells that are filled."""
    return sum(sum(cell is not None for cell in row) > 1 for row in grid) > 1


def _without_value(path: Path, sheet: str, grid: Sequence[Sequence[Any]]) -> list[str]:
    """Name cells that are empty here and hold something in the file: formulas and errors."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=False)
    try:
        cells = [
            f"{cell.coordinate} ({cell.value})"
            for row, values in zip(islice(book[sheet].iter_rows(), len(grid)), grid, strict=False)
            for cell, value in zip(row, values, strict=False)
            if value is None and cell.data_type in ("f", "e")
        ]
    finally:
        book.close()
    if not cells:
        return []
    held = "holds an error or a formula" if len(cells) == 1 else "hold errors or formulas"
    return [
        f"{count(len(cells), 'cell')} of the sheet {held} without a value and "
        f"{'is' if len(cells) == 1 else 'are'} taken as missing: {listing(cells, 3)}. Open the "
        "file in Excel, correct and save it."
    ]


def _place(names: list[str], sheet: str | int) -> int:
    """Return the place of a sheet, named, counted from 0, or as text counted from 1."""
    if isinstance(sheet, str) and sheet not in names:
        if not (sheet.isdigit() and 1 <= int(sheet) <= len(names)):
            raise InputError(one_of("sheet", names, sheet))
        return int(sheet) - 1
    if isinstance(sheet, str):
        return names.index(sheet)
    if not 0 <= sheet < len(names):
        raise InputError(f"`sheet` must be from 0 to {len(names) - 1}; got {sheet}.")
    return sheet
