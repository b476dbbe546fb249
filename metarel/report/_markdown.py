"""A report as Markdown: one file, the figures in a folder beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from metarel.report._content import (
    Block,
    Code,
    Document,
    Figure,
    Listing,
    Paragraph,
    Table,
)
from metarel.report._runs import MARKUPS, Text, escape_markdown

_WRITE = MARKUPS["markdown"].write


def markdown_table(table: Table) -> str:
    """Return a table with pipes, its caption above and its notes beneath."""
    heads = [_cell(_WRITE(head)) or " " for head in table.columns]
    rule = ["---:" if numeric else ":---" for numeric in table.numeric]
    rows = [[_cell(escape_markdown(cell)) for cell in row] for row in table.rows]
    lines = [f"| {' | '.join(row)} |" for row in (heads, rule, *rows)]
    above = [f"**{escape_markdown(table.caption)}**", ""] if table.caption else []
    notes = [line for note in table.notes for line in ("", _WRITE(note))]
    return "\n".join([*above, *lines, *notes])


def _cell(text: str) -> str:
    return " ".join(text.split())


def write_markdown(document: Document, path: Path) -> None:
    """Write the file, and its figures as PNG into ``<name>_files``."""
    folder = path.with_name(f"{path.stem}_files")
    if document.figures:
        folder.mkdir(parents=True, exist_ok=True)
    for figure in document.figures:
        for name, piece in zip(figure.names, figure.pieces("png"), strict=True):
            (folder / f"{name}.png").write_bytes(piece)
    parts = [f"# {escape_markdown(document.title)}", _WRITE(document.lead)]
    for section in document.sections:
        parts.append(f"## {escape_markdown(section.title)}")
        parts += [_BLOCKS[type(block)](block, folder.name) for block in section.blocks]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8", newline="\n")


def _figure(block: Figure, folder: str) -> str:
    alt = block.alt.replace("[", r"\[").replace("]", r"\]")
    images = [
        f"![{'continued' if i else alt}](<{folder}/{name}.png>)"
        for i, name in enumerate(block.names)
    ]
    return "\n".join([*images, "", f"*{escape_markdown(block.caption)}*"])


def _code(block: Code, _: str) -> str:
    fence = "```"
    while fence in block.text:
        fence += "`"
    name = block.language.lower().split(" ")[0]
    return f"{fence}{name}\n{block.text.rstrip()}\n{fence}"


def _listing(block: Listing, _: str) -> str:
    marks = [f"{i}." if block.ordered else "-" for i in range(1, len(block.items) + 1)]
    items = [_one_line(item) for item in block.items]
    return "\n".join(f"{mark} {item}" for mark, item in zip(marks, items, strict=True))


def _one_line(text: Text) -> str:
    return " ".join(_WRITE(text).split())


def _paragraph(block: Paragraph, _: str) -> str:
    return _WRITE(block.text)


def _table(block: Table, _: str) -> str:
    return markdown_table(block)


_BLOCKS: dict[type[Block], Callable[[Any, str], str]] = {
    Paragraph: _paragraph,
    Table: _table,
    Figure: _figure,
    Code: _code,
    Listing: _listing,
}
