"""Where the rows of a table stand in its file: lines, sheets, and messages about them."""

from __future__ import annotations

import csv
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
_SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook.

    Parameters
    ----------
    name : str
        Its name.
    lines : tuple of int
        The rows that hold anything, counted from 1 as spreadsheets do; the first has headers.
    """

    name: str
    lines: tuple[int, ...]


def text_lines(raw: bytes) -> tuple[int, ...]:
    """Return the rows of a text file that hold anything, as a spreadsheet counts them."""
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = raw.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    first = next((line for line in text.splitlines() if line.strip()), "")
    rows = csv.reader(
        io.StringIO(text.replace("\0", ""), newline=""),
        delimiter=max(_SEPARATORS, key=first.count),
    )
    return tuple(line for line, row in enumerate(rows, 1) if any(cell.strip() for cell in row))


def sheets_of(raw: bytes) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook that hold anything, in their order."""
    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    try:
        found = [
            Sheet(
                str(sheet.title),
                tuple(
                    line
                    for line, row in enumerate(sheet.iter_rows(values_only=True), 1)
                    if any(cell is not None and str(cell).strip() for cell in row)
                ),
            )
            for sheet in book.worksheets
        ]
    finally:
        book.close()
    return tuple(sheet for sheet in found if sheet.lines)


def fullest(sheets: Sequence[Sheet]) -> str:
    """Return the name of the sheet with most rows, the first of several; empty where none is."""
    return max(sheets, key=lambda sheet: len(sheet.lines)).name if sheets else ""


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
