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
from typing import Any

from metarel._format import count, listing
from metarel.errors import InputError

#: Larger files are refused: a paper has some megabytes at most.
MOST_BYTES = 100_000_000
#: A page or paragraph on its own: its text, and the page where there are pages.
_Part = tuple[str, int | None]


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
    """

    text: str
    starts: tuple[int, ...]
    pages: tuple[int | None, ...]
    name: str
    notes: tuple[str, ...] = ()

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
        DOCX need ``pip install "metarel[io]"`` (pypdf and python-docx: pure readers, kept up for
        more than ten years).

    Returns
    -------
    Document
        Its text with pages and paragraphs; hand it to ``read_statistics``. Rows of DOCX tables are
        paragraphs, their cells parted by ``" | "``; a page of a PDF is split at blank lines.

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
    parts, notes = reader(file)
    return _joined(parts, file.name, notes)


def _joined(parts: list[_Part], name: str, notes: tuple[str, ...]) -> Document:
    """Return parts as one text with a blank line between paragraphs."""
    kept = [(text, page) for text, page in parts if text.strip()]
    starts, at = [], 0
    for text, _ in kept:
        starts.append(at)
        at += len(text) + 2
    return Document(
        "\n\n".join(text for text, _ in kept),
        tuple(starts),
        tuple(page for _, page in kept),
        name,
        notes,
    )


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

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.hidden += tag in self._HIDDEN
        self._part(tag)

    def handle_endtag(self, tag: str) -> None:
        self.hidden = max(self.hidden - (tag in self._HIDDEN), 0)
        self._part(tag)

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.pieces.append(data.replace("\n", " "))

    def _part(self, tag: str) -> None:
        gap = " " if tag in ("td", "th", "br") else ""
        self.pieces.append("\n\n" if tag in self._BLOCKS else gap)


def _html(file: Path) -> tuple[list[_Part], tuple[str, ...]]:
    """Read the prose of an HTML file."""
    text, notes = _decoded(file)
    parser = _Prose()
    try:
        parser.feed(text)
        parser.close()
    except AssertionError as error:  # how html.parser gives up on some declarations
        raise _broken(file, "an HTML file", error) from error
    return list(_paragraphs("".join(parser.pieces))), notes


def _plain(file: Path) -> tuple[list[_Part], tuple[str, ...]]:
    """Read a text file."""
    text, notes = _decoded(file)
    return list(_paragraphs(text)), notes


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


def _pdf(file: Path) -> tuple[list[_Part], tuple[str, ...]]:
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
    empty = [str(number) for number, text in enumerate(texts, 1) if not text.strip()]
    word = "page" if len(empty) == 1 else "pages"
    return parts, (f"no text on {word} {listing(empty, 9)}",) if empty else ()


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


def _docx(file: Path) -> tuple[list[_Part], tuple[str, ...]]:
    """Read paragraphs and tables of a Word document in their order."""
    docx = _extra("docx", file)
    with file.open("rb") as stream:
        if stream.read(4) != b"PK\x03\x04":
            raise _not_what_it_says(file, "a DOCX file (or it is encrypted)")
    try:
        blocks = list(docx.Document(os.fspath(file)).iter_inner_content())
        parts = [(text, None) for block in blocks for text in _block(block)]
    except Exception as error:  # as for PDF
        raise _broken(file, "a DOCX file", error) from error
    return list(parts), ()


def _block(block: Any) -> Iterator[str]:
    """Yield the text of a paragraph, or of each row of a table."""
    if not hasattr(block, "rows"):
        yield block.text
        return
    for row in block.rows:
        seen: list[Any] = []
        cells = []
        for cell in row.cells:
            if not any(cell._tc is other for other in seen):  # merged cells come repeatedly
                seen.append(cell._tc)
                cells.append(" ".join(cell.text.split()))
        yield " | ".join(cells)


def _extra(module: str, file: Path) -> ModuleType:
    """Return an optional library, or say which extra has it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InputError(
            f"`path` is a {file.suffix.lower()} file, and reading these needs the extra `io`: "
            'pip install "metarel[io]".'
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
READERS: dict[str, Callable[[Path], tuple[list[_Part], tuple[str, ...]]]] = {
    **dict.fromkeys((".txt", ".md"), _plain),
    **dict.fromkeys((".html", ".htm"), _html),
    ".pdf": _pdf,
    ".docx": _docx,
}
