"""Study tables from files: text of any separator, Excel, Stata, SPSS."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metarel._format import listing
from metarel._lazy import pd
from metarel._register import one_of
from metarel.data.totals import without_totals
from metarel.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_DECIMAL_COMMA = re.compile(r"[-+−]?\d*,\d+")
_DECIMAL_POINT = re.compile(r"[-+−]?\d*\.\d+")


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: its name, and how it is read.

    Parameters
    ----------
    name : str
        What people call it.
    read : callable
        ``read(path, sheet)`` gives the rows as a frame, text cells as text.
    needs : str
        The package that pandas needs for it; empty for none.
    """

    name: str
    read: Callable[[Path, str | int], pd.DataFrame]
    needs: str = ""


def read_studies(
    path: str | Path, *, sheet: str | int = 0, as_printed: bool = False, totals: bool = False
) -> pd.DataFrame:
    r"""Read a table of studies, one row a study, from a file.

    Parameters
    ----------
    path : str or Path
        The file; its suffix says what it is: ``.csv``, ``.tsv`` or ``.txt`` (the separator, a
        decimal comma and the encoding are found by themselves), ``.xlsx`` or ``.xlsm``, ``.dta``
        (Stata), ``.sav`` (SPSS).
    sheet : str or int
        Of a workbook: the sheet, by name or counted from 0.
    as_printed : bool
        Keep every cell as the text that stands in the file, so that the digits of ``".50"`` are
        not lost; empty cells are missing. Only text files hold their digits.
    totals : bool
        Keep rows that are called a total, a subtotal or an overall effect, which are no studies;
        else they are left out, with a warning that names them.

    Returns
    -------
    DataFrame
        The columns by their headers, without blanks around them. Rows and columns that are
        wholly empty are left out.

    Raises
    ------
    InputError
        If the file does not exist, is of another kind, cannot be read, holds no rows, or has a
        header twice; and where the package that its kind needs is not installed.

    Warns
    -----
    MetarelWarning
        On rows of totals that are left out.

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
    path = Path(path)
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise InputError(one_of("path", [f"*{suffix}" for suffix in KINDS], str(path)))
    if not path.is_file():
        raise InputError(f"`path` must be a file that exists; there is no {path}.")
    if as_printed and kind.name != TEXT:
        raise InputError(
            f"`as_printed` must be False for {path.name}: {kind.name} keeps numbers, not their "
            "digits. Save the sheet as CSV, or give the columns as text."
        )
    table = _table(kind, path, sheet)
    table = table if totals else without_totals(table)
    if as_printed:
        return table
    return table.apply(_numbers) if kind.name == TEXT else table


def _table(kind: FileKind, path: Path, sheet: str | int) -> pd.DataFrame:
    """Read the rows, and refuse what is no table of studies."""
    try:
        table = kind.read(path, sheet)
    except InputError:
        raise
    except ImportError as error:
        raise InputError(
            f"{path.name} needs {kind.needs}, which is not installed; "
            "`pip install metarel[io]` brings it."
        ) from error
    except Exception as error:  # readers of foreign files raise whatever they like
        raise InputError(
            f"`path` must be {kind.name} that can be read; {path.name} cannot: {error}"
        ) from error
    table = table.dropna(how="all").reset_index(drop=True)
    unnamed = [name for name in table if not str(name).strip() or str(name).startswith("Unnamed: ")]
    table = table.drop(columns=[name for name in unnamed if table[name].isna().all()])
    if table.empty:
        raise InputError(
            f"`path` must hold a row of headers and a row a study; {path.name} has none."
        )
    table.columns = [str(name).strip() for name in table.columns]
    return table


def _numbers(column: pd.Series) -> pd.Series:
    """Return a column as numbers where every cell is one; else as it stands."""
    numbers = column.dropna().str.replace("−", "-", regex=False)
    try:
        converted = pd.to_numeric(numbers)
    except ValueError:
        return column
    return converted.reindex(column.index)


def _read_text(path: Path, _sheet: str | int) -> pd.DataFrame:
    """Read a text file: encoding, separator and decimal sign as the file shows them."""
    text = _decoded(path.read_bytes())
    if "\0" in text:
        raise InputError(f"`path` must be a table of text; {path.name} holds binary data.")
    separator = _separator(text)
    rows = [
        [cell.strip() for cell in row]
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        if any(cell.strip() for cell in row)
    ]
    if len(rows) < 2:
        raise InputError(
            f"`path` must hold a row of headers and a row a study; {path.name} has "
            f"{len(rows)} of them."
        )
    header, *body = rows
    _check_shape(header, body, path, SEPARATORS[separator])
    if separator != "," and _has_decimal_commas(body):
        body = [
            [cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell for cell in row]
            for row in body
        ]
    missing = [[cell if cell not in MISSING else None for cell in row] for row in body]
    padded = [row + [None] * (len(header) - len(row)) for row in missing]
    return pd.DataFrame(padded, columns=header, dtype=object)


def _check_shape(header: Sequence[str], body: Sequence[Sequence[str]], path: Path, by: str) -> None:
    """Refuse headers that stand twice, and rows longer than the header."""
    twice = [name for name, times in Counter(header).items() if times > 1 and name]
    if twice:
        raise InputError(
            f"Each header must stand once; {path.name} has {listing([repr(n) for n in twice])} "
            "more than once. Rename one."
        )
    long = [i for i, row in enumerate(body, start=2) if any(row[len(header) :])]
    if long:
        raise InputError(
            f"Each row must have at most {len(header)} cells, as the header has (separated by "
            f"{by}); line {long[0]} of {path.name} has {len(body[long[0] - 2])}. "
            "Quote cells that hold the separator."
        )


def _decoded(raw: bytes) -> str:
    """Return the text of a file: UTF-8 or UTF-16 if it is that, else Windows-1252."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _separator(text: str) -> str:
    """Return the separator that the header line has most often; a comma where it has none."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=lambda separator: (first.count(separator), separator == ","))


def _has_decimal_commas(body: Sequence[Sequence[str]]) -> bool:
    """Tell whether the cells write decimals with a comma, and none with a point."""
    cells = [cell for row in body for cell in row]
    commas = any(_DECIMAL_COMMA.fullmatch(cell) for cell in cells)
    return commas and not any(_DECIMAL_POINT.fullmatch(cell) for cell in cells)


def _read_workbook(path: Path, sheet: str | int) -> pd.DataFrame:
    """Read one sheet of a workbook."""
    with pd.ExcelFile(path) as book:
        names = [str(name) for name in book.sheet_names]
        if isinstance(sheet, str) and sheet not in names:
            raise InputError(one_of("sheet", names, sheet))
        if isinstance(sheet, int) and not 0 <= sheet < len(names):
            raise InputError(f"`sheet` must be from 0 to {len(names) - 1}; got {sheet}.")
        table: Any = pd.read_excel(book, sheet_name=sheet)
    return table


def _read_stata(path: Path, _sheet: str | int) -> pd.DataFrame:
    return pd.read_stata(path)


def _read_spss(path: Path, _sheet: str | int) -> pd.DataFrame:
    return pd.read_spss(path)


TEXT = "a table of text"
MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "n/a", "."})

_WORKBOOK = FileKind("an Excel workbook", _read_workbook, "openpyxl")

#: Every kind of file by its suffix.
KINDS: Mapping[str, FileKind] = {
    ".csv": FileKind(TEXT, _read_text),
    ".tsv": FileKind(TEXT, _read_text),
    ".txt": FileKind(TEXT, _read_text),
    ".xlsx": _WORKBOOK,
    ".xlsm": _WORKBOOK,
    ".dta": FileKind("a Stata file", _read_stata),
    ".sav": FileKind("an SPSS file", _read_spss, "pyreadstat"),
}
