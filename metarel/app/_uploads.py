"""What users bring: files and pasted tables, read from memory, limited in size, never run."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from metarel.app._lines import Sheet, first_table, sheets_of
from metarel.data.io import KINDS, TEXT, read_numbered, read_studies
from metarel.errors import InputError
from metarel.reading.documents import READERS, Document, read_document

if TYPE_CHECKING:
    import pandas as pd

#: Larger files and longer tables are refused, and the page says so.
MOST_BYTES, MOST_ROWS = 5_000_000, 20_000
#: What a zipped file (a workbook, a Word document) may unfold to.
MOST_UNFOLDED = 60_000_000
ZIPPED = (".xlsx", ".xlsm", ".docx")
WORKBOOKS = (".xlsx", ".xlsm")
#: Suffixes that the page offers, for the dialogue of the browser.
TABLES, DOCUMENTS = tuple(KINDS), tuple(READERS)


@dataclass(frozen=True)
class Table:
    """A table of studies.

    Parameters
    ----------
    name : str
        The file's name, or where it came from.
    studies : DataFrame
        Numbers as numbers.
    printed : DataFrame
        The cells with their digits, where the file keeps them; else the same as ``studies``.
    measure : str
        The measure that is known to fit; empty for none.
    words : mapping of str to str
        Columns that are known, by input word.
    labels : str
        The column that names studies; empty if unknown.
    lines : tuple of int
        The line of the file that each row stands in; empty where that is not known.
    sheets : tuple of Sheet
        Of a workbook: the sheets that hold anything.
    sheet : str
        Of a workbook: the sheet that was read.
    raw : bytes
        Of a workbook with several sheets: the file, for the others.
    """

    name: str
    studies: pd.DataFrame
    printed: pd.DataFrame
    measure: str = ""
    words: tuple[tuple[str, str], ...] = ()
    labels: str = ""
    lines: tuple[int, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    sheet: str = ""
    raw: bytes = field(default=b"", repr=False)


def read_table(raw: bytes, name: str, sheet: str = "") -> Table:
    """Read the bytes of a study table; its name says what it is.

    Of a workbook the ``sheet`` is read; without one, the first that holds a table.
    """
    with _private(raw, name, TABLES) as path:
        suffix = path.suffix.lower()
        sheets = _sheets(raw) if suffix in WORKBOOKS else ()
        chosen = sheet or first_table(sheets)
        studies = read_numbered(path, sheet=chosen or None)
        keeps = KINDS[suffix].name == TEXT
        printed = read_studies(path, as_printed=True) if keeps else studies
    if len(studies) > MOST_ROWS:
        raise InputError(
            f"A table may have {MOST_ROWS:,} rows on this page; {path.name} has "
            f"{len(studies):,}. In Python there is no such limit: "
            "metarel.pool(metarel.read_studies(file))."
        )
    plain = studies.reset_index(drop=True)
    return Table(
        path.name,
        plain,
        printed if keeps else plain,
        lines=tuple(studies.index.tolist()),
        sheets=sheets,
        sheet=chosen,
        raw=raw if len(sheets) > 1 else b"",
    )


def _sheets(raw: bytes) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook; none where it cannot be read, which its reader tells."""
    try:
        return sheets_of(raw)
    except Exception:  # readers of foreign files raise whatever they like
        return ()


def read_pasted(text: str) -> Table:
    """Read a pasted table: the first row its headers, cells parted by tabs, commas or others."""
    if not text.strip():
        raise InputError(
            "Paste a table first: a row of headers, then a row a study, as it is copied from a "
            "spreadsheet."
        )
    return read_table(text.strip("\r\n").encode("utf-8"), "pasted table.csv")


def read_paper(raw: bytes, name: str) -> Document:
    """Read the bytes of a paper or a manuscript."""
    with _private(raw, name, DOCUMENTS) as path:
        return read_document(path)


def too_large(name: str, size: int) -> str:
    """Return what is said of a file that is refused for its size."""
    return (
        f"A file may have {MOST_BYTES / 1e6:g} MB on this page; {_plain_name(name)} has "
        f"{size / 1e6:.1f} MB. Remove what is not needed (pictures, other sheets), or use metarel "
        "in the terminal or in Python, which have no such limit."
    )


@contextmanager
def _private(raw: bytes, name: str, kinds: tuple[str, ...]) -> Iterator[Path]:
    """Give bytes a path in a folder that only this user can open, gone at the end."""
    if len(raw) > MOST_BYTES:
        raise InputError(too_large(name, len(raw)))
    plain = _plain_name(name)
    suffix = Path(plain).suffix.lower()
    if suffix not in kinds:
        raise InputError(
            f"The file must end in {', '.join(kinds)}; got {plain}. Save it as one of these, or "
            "paste what is in it."
        )
    if not raw:
        raise InputError(f"The file must not be empty; {plain} holds nothing.")
    if suffix in ZIPPED:
        _refuse_bomb(raw, plain)
    with tempfile.TemporaryDirectory(prefix="metarel-") as folder:
        path = Path(folder, plain)
        path.write_bytes(raw)
        try:
            yield path
        except InputError as error:
            said = str(error).replace("`path`", "The file").replace(f"{folder}/", "")
            raise InputError(said) from error


def _refuse_bomb(raw: bytes, name: str) -> None:
    """Refuse a zipped file that unfolds to far more than it weighs."""
    if not zipfile.is_zipfile(io.BytesIO(raw)):
        return  # its reader says what is wrong
    with zipfile.ZipFile(io.BytesIO(raw)) as zipped:
        unfolded = sum(one.file_size for one in zipped.infolist())
    if unfolded > MOST_UNFOLDED:
        raise InputError(
            f"The file must unfold to at most {MOST_UNFOLDED / 1e6:g} MB; {name} unfolds to "
            f"{unfolded / 1e6:,.0f} MB."
        )


def _plain_name(name: str) -> str:
    """Return a file's name without folders and odd characters, shortened from the front."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^\w. ()+-]", "_", last)[-80:].lstrip(".") or "file"
