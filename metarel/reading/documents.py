"""Text out of documents, with the page and paragraph of every character."""

from __future__ import annotations

import importlib
import os
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from metarel._format import count, listing
from metarel.errors import InputError
from metarel.reading._tables import BEGIN, END, DocumentTable, table_of_cells

#: Larger files are refused: a paper has some megabytes at most.
MOST_BYTES = 100_000_000
#: A cell spans no more columns than these.
_MOST_COLUMNS = 100
#: A page or paragraph on its own: its text, and the page where there are pages.
_Part = tuple[str, int | None]
#: The cells of a table, row by row.
_Cells = list[list[str]]


class _Read(NamedTuple):
    """What a reader of files hands over: the parts in order, notes, and the cells of tables.

    A part ``BEGIN`` and a part ``END`` stand about the rows of each table.
    """

    parts: list[_Part]
    notes: tuple[str, ...] = ()
    tables: tuple[_Cells, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """The text of a document.

    Parameters
    ----------
    text : str
        All of it; a blank line between paragraphs.
    starts : tuple of int
        Where each paragraph starts in ``text``.
    pages : tuple of int or None
        The page of each paragraph, counted from 1; None where a format has no pages.
    name : str
        The file's name.
    notes : tuple of str
        What a reader must know: pages without text, for example.
    tables : tuple of DocumentTable
        The tables of a DOCX or HTML file, whose rows stand in ``text`` too; those of a PDF cannot
        be told from its text.
    """

    text: str
    starts: tuple[int, ...]
    pages: tuple[int | None, ...]
    name: str
    notes: tuple[str, ...] = ()
    tables: tuple[DocumentTable, ...] = ()

    def __repr__(self) -> str:
        return f"<Document {self.name}: {count(len(self.starts), 'paragraph')}>"

    def __str__(self) -> str:
        return self.text

    def place(self, character: int) -> tuple[int | None, int | None]:
        """Return page and paragraph of a character, each counted from 1.

        Parameters
        ----------
        character : int
            A position in ``text``.

        Returns
        -------
        tuple of (int or None, int or None)
            The page, None where there are none; the paragraph, counted over the document.
        """
        if not self.starts:
            return None, None
        position = max(bisect_right(self.starts, character) - 1, 0)
        return self.pages[position], position + 1


def read_document(path: str | os.PathLike[str]) -> Document:
    r"""Read the text of a paper, a manuscript or a note.

    Parameters
    ----------
    path : str or path
        A ``.txt``, ``.md``, ``.html`` or ``.docx`` file, or a ``.pdf`` with a text layer. PDF and
        DOCX need pypdf and python-docx (the extra ``io``; pure readers, kept up for more than ten
        years).

    Returns
    -------
    Document
        Its text with pages and paragraphs; hand it to ``read_statistics``. Rows of DOCX tables are
        paragraphs, their cells parted by ``" | "``; a page of a PDF is split at blank lines.
        ``tables`` has the tables of DOCX and HTML files once more, ``table.to_frame()`` each as a
        frame; ``check`` of the document holds their rows against each other.

    Raises
    ------
    InputError
        If there is no such file, it is larger than 100 MB, of another kind, not what its suffix
        says, encrypted, or a scan without text; or the extra is not installed.

    Notes
    -----
    Text files are UTF-8, or UTF-16 with a byte-order mark; other bytes are read as Windows-1252.
    The order of words in a PDF is that of its text layer: columns usually come one after the
    other, tables often come apart.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import metarel as mr
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "abstract.txt")
    ...     _ = path.write_text("Aims.\n\nThe alliance (r = .28) matters.")
    ...     read = mr.read_statistics(mr.read_document(path))
    >>> print(read[0], read[0].paragraph)
    r = .28 2
    """
    if not isinstance(path, (str, os.PathLike)):
        raise InputError(f"`path` must be the name of a file; got {type(path).__name__}.")
    file = Path(path)
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise InputError(
            f"`path` must end in {listing(list(READERS), 9)}; got {file.name!r}. Save the text as "
            "one of these, or pass it to `read_statistics` as a str."
        )
    if not file.is_file():
        raise InputError(f"`path` must be a file that exists; there is no {str(file)!r}.")
    size = file.stat().st_size
    if size > MOST_BYTES:
        raise InputError(
            f"`path` must be at most {MOST_BYTES // 10**6} MB; {file.name!r} has "
            f"{size / 10**6:.0f} MB. Extract the pages that matter first."
        )
    return _joined(reader(file), file.name)


def _joined(read: _Read, name: str) -> Document:
    """Return parts as one text with a blank line between paragraphs."""
    texts: list[str] = []
    starts: list[int] = []
    pages: list[int | None] = []
    tables: list[DocumentTable] = []
    at = begin = above = 0
    for text, page in read.parts:
        if text == BEGIN:
            begin, above = at, len(texts)
        elif text == END:
            end = max(at - 2, begin)
            cells = read.tables[len(tables)]
            tables.append(table_of_cells(cells, texts[:above], len(tables) + 1, begin, end))
        elif text.strip():
            texts.append(text)
            starts.append(at)
            pages.append(page)
            at += len(text) + 2
    filled = tuple(table for table in tables if table.rows)
    return Document("\n\n".join(texts), tuple(starts), tuple(pages), name, read.notes, filled)


def _paragraphs(text: str, page: int | None = None) -> Iterator[_Part]:
    """Yield the paragraphs of a text: what blank lines part."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip():
            lines.append(line.rstrip())
        elif lines:
            yield "\n".join(lines), page
            lines = []
    if lines:
        yield "\n".join(lines), page


class _Prose(HTMLParser):
    """The text of an HTML page: no scripts, a blank line between blocks."""

    _HIDDEN = ("script", "style", "head", "template")
    _BLOCKS = frozenset(
        [
            "p",
            "div",
            "tr",
            "li",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "table",
            "ul",
            "ol",
            "section",
            "article",
            "blockquote",
        ]
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.hidden = 0
        self.tables: list[_Cells] = []
        self.depth = self.cell = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in self._HIDDEN
        self._part(tag)
        if tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.pieces.append(f"{BEGIN}\n\n")
                self.tables.append([])
        elif self.depth == 1 and tag == "tr":
            self.tables[-1].append([])
        elif self.depth == 1 and tag in ("td", "th") and self.tables[-1]:
            width = dict(attrs).get("colspan") or "1"
            spanned = min(int(width), _MOST_COLUMNS) if width.isdecimal() else 1
            self.tables[-1][-1] += [""] * max(spanned, 1)
            self.cell = len(self.tables[-1][-1]) - max(spanned, 1)

    def handle_endtag(self, tag: str) -> None:
        self.hidden = max(self.hidden - (tag in self._HIDDEN), 0)
        self._part(tag)
        if tag == "table" and self.depth:
            self.depth -= 1
            if not self.depth:
                self.pieces.append(f"{END}\n\n")

    def handle_data(self, data: str) -> None:
        if self.hidden:
            return
        data = data.replace("\n", " ").replace(BEGIN, " ").replace(END, " ")
        self.pieces.append(data)
        if self.depth == 1 and self.tables[-1] and self.tables[-1][-1]:
            row = self.tables[-1][-1]
            row[self.cell] = f"{row[self.cell]}{data}"

    def ended(self) -> None:
        """Close a table that the file leaves open."""
        if self.depth:
            self.pieces.append(f"\n\n{END}\n\n")

    def _part(self, tag: str) -> None:
        gap = " " if tag in ("td", "th", "br") else ""
        self.pieces.append("\n\n" if tag in self._BLOCKS else gap)


def _html(file: Path) -> _Read:
    """Read the prose of an HTML file."""
    text, notes = _decoded(file)
    parser = _Prose()
    try:
        parser.feed(text)
        parser.close()
    except AssertionError as error:  # how html.parser gives up on some declarations
        raise _broken(file, "an HTML file", error) from error
    parser.ended()
    tables = tuple(
        [[" ".join(cell.split()) for cell in row] for row in table] for table in parser.tables
    )
    return _Read(list(_paragraphs("".join(parser.pieces))), notes, tables)


def _plain(file: Path) -> _Read:
    """Read a text file."""
    text, notes = _decoded(file)
    return _Read([part for part in _paragraphs(text) if part[0] not in (BEGIN, END)], notes)


def _decoded(file: Path) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file of text, and what must be said of its encoding."""
    raw = file.read_bytes()
    marked = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    if b"\0" in raw[:4096] and not marked:
        raise InputError(
            f"`path` must be a text file by its suffix; {file.name!r} holds binary data. Give it "
            "the suffix of what it is."
        )
    notes: tuple[str, ...] = ()
    try:
        text = raw.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
        notes = ("not UTF-8: read as Windows-1252",)
    return text, notes


def _pdf(file: Path) -> _Read:
    """Read the text layer of a PDF, page by page."""
    pypdf = _extra("pypdf", file)
    with file.open("rb") as stream:
        if b"%PDF-" not in stream.read(1024):
            raise _not_what_it_says(file, "a PDF")
    try:
        reader = pypdf.PdfReader(file)
        if reader.is_encrypted and not _opens(reader):
            raise InputError(
                f"`path` must be a PDF that opens without a password; {file.name!r} is encrypted. "
                "Save a copy without one."
            )
        texts = [page.extract_text() or "" for page in reader.pages]
    except InputError:
        raise
    except Exception as error:  # a broken file fails anywhere within the reader
        raise _broken(file, "a PDF", error) from error
    if not any(text.strip() for text in texts):
        raise InputError(
            f"`path` must be a PDF with a text layer; the {count(len(texts), 'page')} of "
            f"{file.name!r} have none: a scan. Run OCR over it first."
        )
    parts = [part for number, text in enumerate(texts, 1) for part in _paragraphs(text, number)]
    parts = [part for part in parts if part[0] not in (BEGIN, END)]
    empty = [str(number) for number, text in enumerate(texts, 1) if not text.strip()]
    word = "page" if len(empty) == 1 else "pages"
    return _Read(parts, (f"no text on {word} {listing(empty, 9)}",) if empty else ())


def _opens(reader: Any) -> bool:
    """Tell whether an encrypted PDF opens with an empty password (some ciphers need a library)."""
    try:
        return bool(reader.decrypt(""))
    except (ImportError, NotImplementedError):
        return False
    except Exception as error:
        if type(error).__name__ == "DependencyError":
            return False
        raise


def _docx(file: Path) -> _Read:
    """Read paragraphs and tables of a Word document in their order."""
    docx = _extra("docx", file)
    with file.open("rb") as stream:
        if stream.read(4) != b"PK\x03\x04":
            raise _not_what_it_says(file, "a DOCX file (or it is encrypted)")
    parts: list[_Part] = []
    tables: list[_Cells] = []
    try:
        for block in docx.Document(os.fspath(file)).iter_inner_content():
            if hasattr(block, "rows"):
                rows, texts = _rows(block)
                tables.append(rows)
                parts += [(text, None) for text in (BEGIN, *texts, END)]
            else:
                parts.append((block.text, None))
    except Exception as error:  # as for PDF
        raise _broken(file, "a DOCX file", error) from error
    return _Read(parts, (), tuple(tables))


def _rows(table: Any) -> tuple[_Cells, list[str]]:
    """Return the cells of a table and the text of each row; a merged cell is a cell once."""
    rows: _Cells = []
    texts: list[str] = []
    above: list[Any] = []
    for row in table.rows:
        elements: list[Any] = []
        cells, shown = [], []
        for cell in row.cells:
            first = not any(cell._tc is other for other in elements)
            fresh = first and not any(cell._tc is other for other in above)
            elements.append(cell._tc)
            text = " ".join(cell.text.split())
            cells.append(text if fresh else "")
            shown += [text] if first else []
        rows.append(cells)
        texts.append(" | ".join(shown))
        above = elements
    return rows, texts


#: The optional libraries, by the names under which they are installed.
PACKAGES = {"pypdf": "pypdf", "docx": "python-docx"}


def _extra(module: str, file: Path) -> ModuleType:
    """Return an optional library, or say which extra has it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InputError(
            f"`path` is a {file.suffix.lower()} file, and reading these needs {PACKAGES[module]}: "
            f"`python -m pip install {PACKAGES[module]}`."
        ) from error


def _not_what_it_says(file: Path, kind: str) -> InputError:
    """Return the error for a file with a wrong suffix."""
    return InputError(f"`path` must be {kind} by its suffix; {file.name!r} is none.")


def _broken(file: Path, kind: str, error: Exception) -> InputError:
    """Return the error for a file that its reader gave up on."""
    return InputError(
        f"`path` must be {kind} that can be read; {file.name!r} is broken "
        f"({type(error).__name__}: {error}). Save it again with the program that made it."
    )


#: The documents that are read, by suffix.
READERS: dict[str, Callable[[Path], _Read]] = {
    **dict.fromkeys((".txt", ".md"), _plain),
    **dict.fromkeys((".html", ".htm"), _html),
    ".pdf": _pdf,
    ".docx": _docx,
}
