"""Study tables from files: text of any separator, Excel, Stata, SPSS."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metarel._checks import FILE_LINE, FILE_ROW
from metarel._format import listing
from metarel._lazy import pd
from metarel._register import one_of
from metarel.data._cells import as_number, columns_of, known, notation_of, trimmed, without_marks
from metarel.data._text import SEPARATORS, Rows, read_text
from metarel.data.totals import without_totals
from metarel.errors import InputError, MetarelWarning

if TYPE_CHECKING:
    import pandas

#: Kinds of file that others must turn into one that is read.
ELSEWHERE = {
    ".xls": "Save it as .xlsx in Excel.",
    ".ods": "Save it as .xlsx or .csv in LibreOffice.",
    ".numbers": "Export it as .xlsx or .csv in Numbers.",
    ".rds": "Write it as .csv in R: write.csv(data, 'studies.csv', row.names = FALSE).",
    ".rdata": "Write it as .csv in R: write.csv(data, 'studies.csv', row.names = FALSE).",
}


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: its name, and how it is read.

    Parameters
    ----------
    name : str
        What people call it.
    read : callable
        ``read(path, sheet)`` gives `Rows`, or a frame where the file declares its columns.
    needs : str
        The package that pandas needs for it; empty for none.
    rows : str
        What its rows are called.
    """

    name: str
    read: Callable[[Path, str | int | None], Rows | pandas.DataFrame]
    needs: str = ""
    rows: str = FILE_ROW


def read_studies(
    path: str | Path,
    *,
    sheet: str | int | None = None,
    header: int | None = None,
    as_printed: bool = False,
    totals: bool = False,
) -> pandas.DataFrame:
    r"""Read a table of studies, one row a study, from a file.

    Parameters
    ----------
    path : str or Path
        The file; its suffix says what it is: ``.csv``, ``.tsv`` or ``.txt`` (separator and
        encoding are found by themselves), ``.xlsx`` or ``.xlsm``, ``.dta`` (Stata), ``.sav``
        (SPSS).
    sheet : str or int, optional
        Of a workbook: the sheet, by name, counted from 0, or as text counted from 1 (``"2"``);
        the first unless given.
    header : int, optional
        The line (or row of the sheet) with the headers, counted from 1, where a title stands
        above them; the first that is not empty unless given.
    as_printed : bool
        Keep every cell as the text that stands in the file, so that the digits of ``".50"`` are
        not lost; empty cells are missing. Only text files hold their digits.
    totals : bool
        Keep rows that are called a total, a subtotal or an overall effect, which are no studies;
        else they are left out, with a warning that names them.

    Returns
    -------
    DataFrame
        The columns by their headers. Blanks around headers and cells are left out, no-break
        spaces too, and so are rows and columns that are wholly empty. Cells that hold nothing but
        a dash, a point or NA are missing. A column is of numbers where each of its cells is one;
        a column of percentages holds the numbers before the signs (45 for ``45 %``). Stars and
        daggers of significance behind numbers are left out.

    Raises
    ------
    InputError
        If the file does not exist, is of another kind, cannot be read, holds no rows, or has a
        header twice; where a title stands above the headers; and where the package that its kind
        needs is not installed.

    Warns
    -----
    MetarelWarning
        Where a workbook has other sheets and none was named, where percentages were read, where
        marks of significance are left out, where levels differ in capitals only, where the cells
        do not agree on a decimal sign, and on rows of totals that are left out.

    Notes
    -----
    All files have one rule for decimal signs. The comma is decimal where a cell can mean nothing
    else (``0,28``, ``12,5``) and no cell shows a decimal point; in a file of semicolons also where
    nothing speaks against it. Otherwise the point is. A cell such as ``1,204``, which can be 1204
    or 1.204, is a number only where the comma is the decimal sign; elsewhere it stays text, and a
    warning names it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "studies.csv")
    ...     _ = file.write_text("study;r;n\nAda;,31;40\nBob;,12;55\n")
    ...     print(read_studies(file))
      study     r   n
    0   Ada  0.31  40
    1   Bob  0.12  55
    """
    table = read_numbered(path, sheet=sheet, header=header, as_printed=as_printed, totals=totals)
    return table.reset_index(drop=True)


def read_numbered(
    path: str | Path,
    *,
    sheet: str | int | None = None,
    header: int | None = None,
    as_printed: bool = False,
    totals: bool = False,
) -> pandas.DataFrame:
    """Read a table whose index says in which line (or row of the sheet) each study stands.

    Parameters
    ----------
    path, sheet, header, as_printed, totals
        As in ``read_studies``.

    Returns
    -------
    DataFrame
        The same table; its index is the number in the file and bears the name by which messages
        know it.

    Raises
    ------
    InputError
        As ``read_studies``.
    """
    path = Path(path)
    kind = _kind(path)
    if not path.is_file():
        raise InputError(f"`path` must be a file that exists; there is no {path}.")
    if as_printed and kind.name != TEXT:
        raise InputError(
            f"`as_printed` must be False for {path.name}: {kind.name} keeps numbers, not their "
            "digits. Save the sheet as CSV, or give the columns as text."
        )
    found = _read(kind, path, sheet)
    if isinstance(found, Rows):
        table, notes = _headed(found, path, header, as_printed, totals=totals)
    else:
        table, notes = _declared(found, totals=totals), []
    if table.empty:
        raise InputError(
            f"`path` must hold a row of headers and a row a study; {path.name} has none."
        )
    for note in notes:
        warnings.warn(f"{path.name}: {note}", MetarelWarning, stacklevel=3)
    table.index.name = kind.rows
    return table


def _kind(path: Path) -> FileKind:
    """Return the kind of a file by its suffix, or say what to do with another."""
    suffix = path.suffix.lower()
    if suffix not in KINDS:
        if suffix in ELSEWHERE:
            raise InputError(
                f"`path` must be a file of text, Excel (.xlsx), Stata or SPSS; got {str(path)!r}. "
                f"{ELSEWHERE[suffix]}"
            )
        raise InputError(one_of("path", [f"*{known}" for known in KINDS], str(path)))
    return KINDS[suffix]


def _read(kind: FileKind, path: Path, sheet: str | int | None) -> Rows | pandas.DataFrame:
    """Read what stands in a file, whatever its reader raises."""
    try:
        return kind.read(path, sheet)
    except InputError:
        raise
    except ImportError as error:
        raise InputError(
            f"{path.name} needs {kind.needs}, which is not installed; "
            f"`python -m pip install {kind.needs}` brings it."
        ) from error
    except Exception as error:  # readers of foreign files raise whatever they like
        raise InputError(
            f"`path` must be {kind.name} that can be read; {path.name} cannot: {error}"
        ) from error


def _declared(table: pandas.DataFrame, *, totals: bool) -> pandas.DataFrame:
    """Return the table of a file that declares its columns; empty rows and totals go."""
    table = table.set_axis(pd.RangeIndex(1, len(table) + 1, name=FILE_ROW)).dropna(how="all")
    table = table if totals else without_totals(table)
    return table.set_axis([str(trimmed(str(name)) or "") for name in table.columns], axis=1)


def _headed(
    rows: Rows, path: Path, header: int | None, as_printed: bool, *, totals: bool
) -> tuple[pandas.DataFrame, list[str]]:
    """Return rows as a table below their headers, and what a reader must know."""
    start = _header_row(rows, path, header)
    names = ["" if cell is None else str(cell) for cell in rows.cells[start]]
    body, numbers, repeated = _below(rows, start)
    short = _check_shape(names, body, numbers, path, rows.by)
    if not body:
        raise InputError(
            f"`path` must hold a row of headers and a row a study; {path.name} has 1 of them."
        )
    filled = [[*map(known, row[: len(names)]), *[None] * (len(names) - len(row))] for row in body]
    kept = [
        at for at, name in enumerate(names) if name or any(row[at] is not None for row in filled)
    ]
    word = FILE_LINE if rows.by else FILE_ROW
    cells = [[row[at] for at in kept] for row in filled]
    index = pd.Index(numbers, name=word)
    several = sum(not names[at] for at in kept) > 1  # columns need names to be told apart
    headers = [names[at] or (f"column {at + 1}" if several else "") for at in kept]
    table = pd.DataFrame(cells, columns=headers, index=index, dtype=object)
    table = table.dropna(how="all")
    table = table if totals else without_totals(table)
    table, unmarked = without_marks(table)
    places = [f"{word.partition(' ')[0]} {number}" for number in table.index]
    notation = notation_of(table.columns.tolist(), table.to_numpy().tolist(), places, rows.by)
    notes = [*rows.notes, *repeated, *short, *unmarked, *notation.notes]
    if as_printed:
        return table.map(notation.plain), notes
    table, said = columns_of(table, notation)
    return table, notes + said


def _below(rows: Rows, start: int) -> tuple[list[list[Any]], list[int], list[str]]:
    """Return the rows below the headers, their numbers, and which of them are the headers again."""
    pairs = list(zip(rows.cells, rows.numbers, strict=True))[start + 1 :]
    again = [str(number) for row, number in pairs if row == rows.cells[start]]
    kept = [(row, number) for row, number in pairs if row != rows.cells[start]]
    notes = [
        f"line {listing(again, 5)} {'repeats' if len(again) == 1 else 'repeat'} the headers and "
        "is no study. Are these several tables? Part them, or delete what stands twice."
    ][: len(again)]
    return [row for row, _ in kept], [number for _, number in kept], notes


def _header_row(rows: Rows, path: Path, header: int | None) -> int:
    """Return the place of the headers; refuse a title that stands above them."""
    if not rows.cells:
        raise InputError(
            f"`path` must hold a row of headers and a row a study; {path.name} has 0 of them."
        )
    if header is not None:
        if header not in rows.numbers:
            raise InputError(
                f"`header` must be a line of {path.name} that holds something, counted from 1; "
                f"got {header!r}."
            )
        return rows.numbers.index(header)
    widths = [sum(cell is not None for cell in row) for row in rows.cells]
    wide = next((at for at, width in enumerate(widths) if width > 1), 0)
    if wide and rows.cells[0][0] is not None:
        raise InputError(
            f"The first row of {path.name} looks like a title ({rows.cells[0][0]!r}); the headers "
            f"seem to stand in row {rows.numbers[wide]}. Say so by `header={rows.numbers[wide]}`, "
            "or delete the rows above them."
        )
    numbers = [cell for cell in map(str, filter(None, rows.cells[0])) if _is_number(cell)]
    if any("." in cell or "," in cell for cell in numbers) or 2 * len(numbers) >= widths[0]:
        raise InputError(
            f"The first row of {path.name} must hold the headers; it has {listing(numbers, 3)}, "
            "which are numbers as a study has them. Write a row of headers above it; where these "
            f"are the headers, say so by `header={rows.numbers[0]}`."
        )
    return 0


def _is_number(cell: str) -> bool:
    return as_number(cell.replace(",", ".")) is not None


def _check_shape(
    header: Sequence[str],
    body: Sequence[Sequence[Any]],
    numbers: Sequence[int],
    path: Path,
    by: str,
) -> list[str]:
    """Refuse headers that stand twice, and rows longer than the header; name those shorter."""
    twice = [name for name, times in Counter(header).items() if times > 1 and name]
    if twice:
        raise InputError(
            f"Each header must stand once; {path.name} has {listing([repr(n) for n in twice])} "
            "more than once. Rename one."
        )
    if not by:
        return []
    long = [at for at, row in enumerate(body) if any(c is not None for c in row[len(header) :])]
    if long:
        raise InputError(
            f"Each row must have at most {len(header)} cells, as the header has (separated by "
            f"{SEPARATORS[by]}); line {numbers[long[0]]} of {path.name} has {len(body[long[0]])}. "
            "Quote cells that hold the separator; where a title stands above the headers, name "
            "their line by `header`."
        )
    return list(_uneven(header, body, numbers))


def _uneven(
    header: Sequence[str], body: Sequence[Sequence[Any]], numbers: Sequence[int]
) -> Iterator[str]:
    """Name rows with fewer cells than the header, and those with more, empty at the end."""
    width = len(header)
    short = [str(n) for row, n in zip(body, numbers, strict=True) if len(row) < width]
    long = [str(n) for row, n in zip(body, numbers, strict=True) if len(row) > width]
    if short:
        has = "has" if len(short) == 1 else "have"
        yield (
            f"line {listing(short, 5)} {has} fewer cells than the header ({width}); those at the "
            "end are taken as missing."
        )
    if long and len(long) < len(body):
        has = "has" if len(long) == 1 else "have"
        yield (
            f"line {listing(long, 5)} {has} more cells than the header ({width}), the last of them "
            "empty. Look whether a separator is too many and the cells are shifted."
        )


def _read_workbook(path: Path, sheet: str | int | None) -> Rows:
    """Read one sheet of a workbook."""
    with pd.ExcelFile(path) as book:
        names = [str(name) for name in book.sheet_names]
        chosen = _sheet(names, sheet)
        grid = pd.read_excel(
            book, sheet_name=chosen, header=None, dtype=object, keep_default_na=False
        )
    notes: tuple[str, ...] = ()
    if sheet is None and len(names) > 1:
        others = listing([repr(name) for name in names[1:]])
        notes = (f"read the sheet {names[0]!r}; `sheet` names another: {others}.",)
    whole = [[trimmed(cell) for cell in row] for row in grid.to_numpy().tolist()]
    there = [at for at, row in enumerate(whole) if any(cell is not None for cell in row)]
    return Rows([whole[at] for at in there], [at + 1 for at in there], notes=notes)


def _sheet(names: list[str], sheet: str | int | None) -> int:
    """Return the place of a sheet, named, counted from 0, or as text counted from 1."""
    if isinstance(sheet, str) and sheet not in names:
        if not (sheet.isdigit() and 1 <= int(sheet) <= len(names)):
            raise InputError(one_of("sheet", names, sheet))
        return int(sheet) - 1
    if isinstance(sheet, str):
        return names.index(sheet)
    place = 0 if sheet is None else sheet
    if not 0 <= place < len(names):
        raise InputError(f"`sheet` must be from 0 to {len(names) - 1}; got {sheet}.")
    return place


def _read_stata(path: Path, _sheet: str | int | None) -> pandas.DataFrame:
    return pd.read_stata(path)


def _read_spss(path: Path, _sheet: str | int | None) -> pandas.DataFrame:
    return pd.read_spss(path)


TEXT = "a table of text"

_TABLE = FileKind(TEXT, read_text, rows=FILE_LINE)
_WORKBOOK = FileKind("an Excel workbook", _read_workbook, "openpyxl")

#: Every kind of file by its suffix.
KINDS: Mapping[str, FileKind] = {
    ".csv": _TABLE,
    ".tsv": _TABLE,
    ".txt": _TABLE,
    ".xlsx": _WORKBOOK,
    ".xlsm": _WORKBOOK,
    ".dta": FileKind("a Stata file", _read_stata),
    ".sav": FileKind("an SPSS file", _read_spss, "pyreadstat"),
}
