"""From a document to groups of figures: its prose, and its tables by their own checks."""

from __future__ import annotations

from pathlib import PurePath

from metarel._format import listing
from metarel.coherence._figures import FIGURES
from metarel.coherence._from_text import groups_of_text
from metarel.coherence._read import INTERVALS, Given, table_of, word_of
from metarel.reading._tables import CAPTION, DocumentTable
from metarel.reading.documents import Document

#: Headings may stand in one of so many rows, and so many of them must be known.
HEADER_ROWS, LEAST_KNOWN = 3, 2
MOST_NAMED = 6


def groups_of_document(document: Document, given: Given) -> None:
    """Add the groups of a document's prose and tables, and say which tables were not checked.

    A table that is held together by its columns is not read as prose a second time.
    """
    checked: list[DocumentTable] = []
    left: list[str] = []
    for table in document.tables:
        header = _header(table)
        if header is None:
            left.append(table.name)
        else:
            table_of(table.to_frame(header).to_dict("records"), given, lenient=True,
                     name=table.name)  # fmt: skip
            checked.append(table)
    text = document.text
    for table in checked:
        blank = "\n" * (table.end - table.start)
        text = text[: table.start] + blank + text[table.end :]
    groups_of_text(text, given, document)
    given.unread += [*document.notes, *_not_checked(document, left)]


def _header(table: DocumentTable) -> int | None:
    """Return the row with the headings; None where no row has enough that are known."""
    known = [
        sum(word_of(cell, lenient=True) in (*FIGURES, *INTERVALS) for cell in row if cell)
        for row in table.rows[:HEADER_ROWS]
    ]
    best = max(known, default=0)
    row = known.index(best) if known else 0
    return row if best >= LEAST_KNOWN and row + 1 < len(table.rows) else None


def _not_checked(document: Document, left: list[str]) -> list[str]:
    """Say which tables were not held together, and what to do about it."""
    if PurePath(document.name).suffix.lower() == ".pdf":
        lines = (CAPTION.match(line) for line in document.text.splitlines())
        named = list(dict.fromkeys(match["name"] for match in lines if match))
        which = f" ({listing(named, MOST_NAMED)})" if named else ""
        return [f"tables of a PDF{which}: save each as CSV and check that"]
    if not left:
        return []
    counted = "1 table was" if len(left) == 1 else f"{len(left)} tables were"
    return [
        f"{listing(left, MOST_NAMED)} ({counted} not checked, for too few headings are known; "
        "save as CSV with headings such as k, r, ci)"
    ]
