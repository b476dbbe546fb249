"""Tables of documents: their cells as printed, and where they stood in the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metarel._format import count
from metarel._lazy import pd

if TYPE_CHECKING:
    import pandas as pd

#: How the text of a document marks where a table begins and ends, before they are taken out.
BEGIN, END = "\x02", "\x03"
#: The line above a table that numbers it.
CAPTION = re.compile(r"(?P<name>(?:Table|Tabelle|Tab\.) ?[A-Z]{0,2}[0-9]{1,3}[a-z]?)\b", re.I)
#: So many paragraphs above a table can be its number and title.
CAPTION_LINES = 2


@dataclass(frozen=True, slots=True, repr=False)
class DocumentTable:
    """A table of a document.

    Parameters
    ----------
    name : str
        ``"Table 2"``, as the line above it says, else by its place among the tables.
    rows : tuple of tuple of str
        The cells as printed, equally many in each row; a cell that spans several stands in the
        first of them, and the others are empty.
    start, end : int
        Its characters in the document's text.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    start: int
    end: int

    def __repr__(self) -> str:
        return f"<DocumentTable {self.name}: {count(len(self.rows), 'row')}>"

    def to_frame(self, header: int = 0) -> pd.DataFrame:
        """Return the table as a frame of text.

        Parameters
        ----------
        header : int, default 0
            The row whose cells are the names of the columns; rows above it are left out. An empty
            or repeated name gets the number of its column.

        Returns
        -------
        DataFrame
            All cells as printed.
        """
        names: list[str] = []
        for position, cell in enumerate(self.rows[header] if self.rows else (), 1):
            free = cell and cell not in names
            names.append(cell if free else f"{cell} ({position})".strip())
        return pd.DataFrame([list(row) for row in self.rows[header + 1 :]], columns=names)


def table_of_cells(
    rows: Sequence[Sequence[str]], above: Sequence[str], number: int, start: int, end: int
) -> DocumentTable:
    """Return cells as a table.

    Parameters
    ----------
    rows : sequence of sequence of str
        The cells, row by row; short rows are filled up.
    above : sequence of str
        The paragraphs before it.
    number : int
        Its place among the tables, counted from 1.
    start, end : int
        Its characters in the text.
    """
    width = max((len(row) for row in rows), default=0)
    filled = tuple((*row, *[""] * (width - len(row))) for row in rows)
    named = (CAPTION.match(line.strip()) for line in reversed(above[-CAPTION_LINES:]))
    found = next((match["name"] for match in named if match), f"Table {number}")
    return DocumentTable(found, filled, start, end)
