"""How results show themselves: aligned text in a terminal, the same as HTML in a notebook."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

#: What stands between the cells of an aligned line.
_GAP = re.compile(r" {2,}")


class Shown:
    """A result that prints well: its text is what a prompt and a notebook show.

    Dataclasses that inherit from this are declared with ``repr=False``.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return as_html(str(self))


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of cells as a block of text, the first column to the left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def as_html(text: str) -> str:
    """Return a text as HTML: its first line is a title, aligned blocks are tables.

    Parameters
    ----------
    text : str
        Blocks with an empty line between them. A block under a heading that begins with spaces
        is a table, where all its lines have as many cells.

    Returns
    -------
    str
        One ``div``.
    """
    blocks = [block.split("\n") for block in text.split("\n\n") if block.strip()]
    parts = [_block(lines) for lines in blocks]
    if parts and not blocks[0][0].startswith(" "):
        parts[0] = title(blocks[0])
    return f"<div>{''.join(parts)}</div>"


def _block(lines: list[str]) -> str:
    """Return one block: a table, or lines."""
    if not lines[0].startswith("  ") or len(lines) < 2:
        return paragraph(lines)
    rows = [["", *_GAP.split(lines[0].strip())], *(_GAP.split(line) for line in lines[1:])]
    if len({len(row) for row in rows}) == 1:
        return html_table(rows)
    return f"<pre>{html.escape(chr(10).join(lines))}</pre>"


def html_table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of cells as a table; the first row are the headings."""
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows[1:]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def title(lines: Sequence[str]) -> str:
    """Return lines as a paragraph whose first one is bold."""
    bold = f"<strong>{html.escape(lines[0])}</strong>"
    return f"<p>{'<br>'.join([bold, *map(html.escape, lines[1:])])}</p>"


def paragraph(lines: Sequence[str]) -> str:
    """Return lines as one paragraph; nothing where there are none."""
    return f"<p>{'<br>'.join(map(html.escape, lines))}</p>" if lines else ""
