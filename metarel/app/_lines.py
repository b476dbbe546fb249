"""Where the rows of a table stand in its file: lines, sheets, and messages about them."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from metarel._format import listing
from metarel._lazy import Deferred
from metarel.app._attempt import Outcome

T = TypeVar("T")

openpyxl: Any = Deferred("openpyxl")

#: Rows in messages: their positions from 0, and their names where they have any.
_ROWS = re.compile(
    r"\brows? (?P<rows>\d+(?:, \d+)*)(?P<more> and \d+ more)?(?:, counted from 0)?"
    r"(?P<labels> \((?:'[^']*'|\"[^\"]*\")(?:, (?:'[^']*'|\"[^\"]*\"))*(?: and \d+ more)?\))?"
)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook.

    Parameters
    ----------
    name : str
        Its name.
    rows : int
        How many rows hold anything.
    table : bool
        Whether two rows have two cells that are filled.
    """

    name: str
    rows: int
    table: bool


def sheets_of(raw: bytes) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook that hold anything, in their order."""
    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    try:
        found = [_sheet(sheet) for sheet in book.worksheets]
    finally:
        book.close()
    return tuple(sheet for sheet in found if sheet.rows)


def _sheet(sheet: Any) -> Sheet:
    filled = [
        sum(cell is not None and bool(str(cell).strip()) for cell in row)
        for row in sheet.iter_rows(values_only=True)
    ]
    return Sheet(str(sheet.title), sum(map(bool, filled)), sum(n > 1 for n in filled) > 1)


def first_table(sheets: Sequence[Sheet]) -> str:
    """Return the name of the first sheet with a table, else of the first; empty where none is."""
    return next((sheet.name for sheet in sheets if sheet.table), sheets[0].name if sheets else "")


def line_name(row: int, lines: Sequence[int]) -> str:
    """Return where a row (from 0) stands: its line in the file, or its place where none is known.

    Examples
    --------
    >>> line_name(1, (2, 3, 5)), line_name(1, ())
    ('line 3 of the file', 'row 2 of the table')
    """
    return f"line {lines[row]} of the file" if row < len(lines) else f"row {row + 1} of the table"


def by_line(text: str, lines: Sequence[int]) -> str:
    """Return a message whose rows, counted from 0, are named by study and line of the file.

    Examples
    --------
    >>> by_line("`r` must be a number in (-1, 1); row 3 ('Bea') is 2.5.", (2, 3, 4, 5))
    "`r` must be a number in (-1, 1); study 'Bea' (line 5 of the file) is 2.5."
    """

    def told(found: re.Match[str]) -> str:
        rows = [int(row) for row in found["rows"].split(", ")]
        known = bool(lines) and max(rows) < len(lines)
        numbers = [str(lines[row] if known else row + 1) for row in rows]
        what = "line" if known else "row"
        more = found["more"] or ""
        places = f"{what}{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}{more} of the "
        places += "file" if known else "table"
        names = _QUOTED.findall(found["labels"] or "")
        if not names:
            return places
        named = listing(names)
        return f"{'study' if len(names) == 1 else 'studies'} {named}{more} ({places})"

    return _ROWS.sub(told, text)


def by_lines(outcome: Outcome[T], lines: Sequence[int], *, without: str = "") -> Outcome[T]:
    """Return what came of a question with its rows named by line, ``without`` some notes."""
    problem = by_line(outcome.problem, lines).replace(
        "Convert the column with pd.to_numeric first.", "Correct it in the file."
    )
    kept = (by_line(note, lines) for note in outcome.notes if not without or without not in note)
    return replace(outcome, problem=problem, notes=tuple(kept))
