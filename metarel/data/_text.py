"""Tables of text: encoding and separator as the file shows them; quotation marks must close."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metarel.data._cells import as_number, trimmed
from metarel.errors import InputError

#: Words of a line, those in quotation marks as one.
_WORDS = re.compile(r'"[^"]*"|\S+')
#: Lines by which the separator is judged.
_JUDGED = 200
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class Rows:
    """What stands in a file: rows of cells, each with its number there.

    Parameters
    ----------
    cells : list of list
        The rows, cells as the file has them.
    numbers : list of int
        Line (or row of the sheet) of each, from 1.
    by : str
        What stands between cells; empty where the file keeps them apart by itself.
    notes : tuple of str
        What a reader must know.
    """

    cells: list[list[Any]]
    numbers: list[int]
    by: str = ""
    notes: tuple[str, ...] = ()


#: What stands behind the text of a file while it is read.
_END = "(end of the table)"


def read_text(path: Path, _sheet: str | int | None) -> Rows:
    """Read the rows of a text file; refuse quotation marks that swallow lines of it."""
    text = _decoded(path.read_bytes())
    if "\0" in text:
        raise InputError(f"`path` must be a table of text; {path.name} holds binary data.")
    separator = _separator(text)
    rows, closed = _parted(text, separator)
    _refuse_swallowed_lines(rows if closed else rows[:-1], separator, path)
    if not closed:
        raise InputError(
            f"`path` must be a table; in {path.name} a quotation mark in line {rows[-1][0]} is "
            "not closed, so that all that follows would be one cell. Correct that line."
        )
    _refuse_other_separators(rows, separator, path)
    kept = [(line, row) for line, row in rows if any(cell.strip() for cell in row)]
    cells = [[trimmed(cell) for cell in row] for _, row in kept]
    return Rows(cells, [line for line, _ in kept], separator, _odd_marks(kept))


def _odd_marks(rows: Sequence[tuple[int, list[str]]]) -> tuple[str, ...]:
    """Name the first cell in which a quotation mark stands alone."""
    found = (
        f"line {line} holds {cell.strip()!r}, in which a quotation mark stands alone; correct it "
        "where it is too many."
        for line, row in rows
        for cell in row
        if cell.count('"') % 2
    )
    return tuple(itertools.islice(found, 1))


def _parted(text: str, separator: str) -> tuple[list[tuple[int, list[str]]], bool]:
    """Return the rows of a text, each with its first line, and whether the last mark is closed.

    The text gets a last line of our own: a quotation mark that is not closed takes it for part of
    a cell.
    """
    whole = f"{text.rstrip()}\n{_END}"
    reader = csv.reader(io.StringIO(whole, newline=""), delimiter=separator)
    rows, last = [], 0
    for row in reader:
        rows.append((last + 1, row))
        last = reader.line_num
    closed = rows[-1][1] == [_END]
    return rows[:-1] if closed else rows, closed


def _refuse_swallowed_lines(
    rows: Sequence[tuple[int, list[str]]], separator: str, path: Path
) -> None:
    """Refuse a cell that holds a line of the table: quotation marks that do not belong together.

    Notes may go over lines and hold separators; a line of the table has as many as the others,
    and a number behind one.
    """
    [(usual, _)] = Counter(len(row) for _, row in rows).most_common(1) or [(2, 0)]
    width = max(2, usual)
    for line, row in rows:
        for inner in (inner for cell in row if "\n" in cell for inner in cell.splitlines()):
            parts = inner.split(separator)
            if len(parts) >= width and any(map(_is_number, parts[1:])):
                raise InputError(
                    f"`path` must be a table; in {path.name} a cell that begins in line {line} "
                    f"holds {inner.strip()!r}, which looks like a line of the table. Correct the "
                    "quotation mark that is too many there, or write the cell in one line."
                )


def _refuse_other_separators(
    rows: Sequence[tuple[int, list[str]]], separator: str, path: Path
) -> None:
    """Refuse a table whose headers are parted by another sign than its rows, or by blanks."""
    filled = [(line, row) for line, row in rows if any(cell.strip() for cell in row)]
    if not filled or len(filled[0][1]) > 1:
        return
    (_, (header,)), *body = filled
    if all(len(row) == 1 for _, row in body):
        _refuse_blanks([header, *(row[0] for _, row in body)], path)
        return
    other = _separator(header)
    if len(header.split(other)) == len(body[0][1]) > 1:
        raise InputError(
            f"`path` must be a table with one separator; the first line of {path.name} has "
            f"{SEPARATORS[other]}, line {body[0][0]} has {SEPARATORS[separator]}. Write the "
            "same in all."
        )


def _refuse_blanks(lines: Sequence[str], path: Path) -> None:
    """Refuse a table whose cells are parted by blanks, with or without names of rows."""
    header, *body = [_WORDS.findall(line) for line in lines]
    widths = {len(words) for words in body}
    even = len(header) > 1 and len(widths) == 1 and widths <= {len(header), len(header) + 1}
    if even and all(any(map(_is_number, words)) for words in body):
        raise InputError(
            f"`path` must be a table with commas, semicolons, tabs or bars between its cells; "
            f"{path.name} seems to have blanks. Save it as CSV (in R: write.csv(data, "
            "'studies.csv', row.names = FALSE))."
        )


def _is_number(text: str) -> bool:
    return as_number(text.strip().replace(",", ".")) is not None


def _decoded(raw: bytes) -> str:
    """Return the text of a file: UTF-8 or UTF-16 if it is that, else Windows-1252."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _separator(text: str) -> str:
    """Return the sign that parts most lines into equally many cells; a comma where none does.

    Signs in quotation marks do not count. Decimal commas part the lines as well, but seldom that
    of the headers; where all is equal, any other sign is likelier to part the cells.
    """
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines()[:_JUDGED] if line.strip()]

    def parts(sign: str) -> tuple[int, int, bool]:
        counts = Counter(n for line in lines if (n := line.count(sign)))
        times = max(counts.values(), default=0)
        usual = max((n for n, found in counts.items() if found == times), default=0)
        return times, usual, sign != ","

    best = max(SEPARATORS, key=parts)
    return best if parts(best)[0] else ","
