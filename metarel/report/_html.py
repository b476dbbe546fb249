"""A report as one HTML file that needs no network and no script."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from metarel.report._content import (
    Block,
    Code,
    Document,
    Figure,
    Listing,
    Paragraph,
    Section,
    Table,
)
from metarel.report._page_style import style_of
from metarel.report._runs import MARKUPS

_WRITE = MARKUPS["html"].write
_LINK = re.compile(r"https://doi\.org/[^\s<]*[^\s<.,]")
_CSS_PIXELS = 96.0  # in an inch
_LEGIBLE = 0.64  # of its own width; a figure shrinks no further, and its frame scrolls


@dataclass
class _Numbers:
    """The running numbers of tables and figures."""

    last: dict[str, int] = field(default_factory=dict)

    def next(self, kind: str) -> int:
        """Return the next number of a kind, from 1."""
        self.last[kind] = self.last.get(kind, 0) + 1
        return self.last[kind]


def escape(text: str) -> str:
    """Return text so that HTML shows it."""
    return html.escape(text, quote=True)


def html_table(table: Table, name: str = "", number: str = "") -> str:
    """Return a table with scopes and a caption; ``name`` is the caption's anchor."""
    heads = "".join(
        f'<th scope="col"{_numeric(n)}>{_WRITE(head) or "Row"}</th>'
        for head, n in zip(table.columns, table.numeric, strict=True)
    )
    rows = "\n".join(f"<tr>{_row(row, table.numeric)}</tr>" for row in table.rows)
    anchor = f' id="{name}"' if name else ""
    words = f"{number}{escape(table.caption)}"
    caption = f"<caption{anchor}>{words}</caption>\n" if words else ""
    notes = "".join(f'\n<p class="note">{_WRITE(note)}</p>' for note in table.notes)
    return (
        f"<table>\n{caption}<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
        f"{notes}"
    )


def _numeric(numeric: bool) -> str:
    return ' class="n"' if numeric else ""


def _row(cells: tuple[str, ...], numeric: tuple[bool, ...]) -> str:
    """Return a row; its first cell that is not empty names it."""
    named = next((j for j, cell in enumerate(cells) if cell), 0)
    found = []
    for j, (cell, n) in enumerate(zip(cells, numeric, strict=True)):
        name = "th" if j == named else "td"
        scope = ' scope="row"' if j == named else ""
        found.append(f"<{name}{scope}{_numeric(n)}>{escape(cell)}</{name}>")
    return "".join(found)


def write_html(document: Document, path: Path) -> None:
    """Write the whole page."""
    path.write_text(page(document), encoding="utf-8", newline="\n")


def page(document: Document) -> str:
    """Return the whole page as text."""
    numbers = _Numbers()
    body = "\n".join(_section(section, numbers) for section in document.sections)
    contents = "\n".join(
        f'<li><a href="#{s.code}">{escape(s.title)}</a></li>' for s in document.sections
    )
    title = escape(document.title)
    return f"""<!DOCTYPE html>
<html lang="en" data-theme="{escape(document.theme)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="metarel">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
{style_of(document.theme)}
</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>
<h1>{title}</h1>
<p>{_WRITE(document.lead)}</p>
</header>
<nav aria-label="Contents">
<ul>
{contents}
</ul>
</nav>
<main id="main" tabindex="-1">
{body}
</main>
</body>
</html>
"""


def _section(section: Section, numbers: _Numbers) -> str:
    blocks = "\n".join(_BLOCKS[type(block)](block, numbers) for block in section.blocks)
    name = escape(section.code)
    head = f'<h2 id="{name}">{escape(section.title)}</h2>'
    return f'<section aria-labelledby="{name}">\n{head}\n{blocks}\n</section>'


def _table(block: Table, numbers: _Numbers) -> str:
    number = numbers.next("table")
    name = f"table-{number}"
    table, *notes = html_table(block, name, f"Table {number}. ").split('\n<p class="note">')
    below = "".join(f'\n<p class="note">{note}' for note in notes)
    return (
        f'<div class="scroll" role="region" aria-labelledby="{name}" tabindex="0">\n{table}\n</div>'
        f"{below}"
    )


def _figure(block: Figure, numbers: _Numbers) -> str:
    number = numbers.next("figure")
    width = round(block.width * _CSS_PIXELS)
    name = f"figure-{number}"
    images = []
    for i, piece in enumerate(block.pieces("svg")):
        data = base64.b64encode(piece).decode("ascii")
        words = "" if i else escape(block.alt)  # one figure, whatever its pieces
        images.append(
            f'<img src="data:image/svg+xml;base64,{data}" alt="{words}" width="{width}" '
            f'style="min-width: {_LEGIBLE * width:.0f}px">'
        )
    image = "\n".join(images)
    return (
        f'<figure>\n<div class="scroll" role="region" aria-labelledby="{name}" tabindex="0">\n'
        f'{image}\n</div>\n<figcaption id="{name}">Figure {number}. {escape(block.caption)}'
        "</figcaption>\n</figure>"
    )


def _code(block: Code, numbers: _Numbers) -> str:
    number = numbers.next("code")
    label = f"{escape(block.language)} code {number}"
    return (
        f'<pre role="region" aria-label="{label}" tabindex="0"><code>'
        f"{escape(block.text.rstrip())}</code></pre>"
    )


def _listing(block: Listing, _: _Numbers) -> str:
    kind = "ol" if block.ordered else "ul"
    items = "\n".join(f"<li>{_linked(_WRITE(item))}</li>" for item in block.items)
    return f"<{kind}>\n{items}\n</{kind}>" if items else ""


def _linked(text: str) -> str:
    """Return text whose DOIs are links."""
    return _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', text)


def _paragraph(block: Paragraph, _: _Numbers) -> str:
    return f"<p>{_together(_WRITE(block.text))}</p>"


def _together(text: str) -> str:
    """Return text whose lines do not break around a sign of equality or order."""
    return re.sub(r" (=|&lt;|&gt;) ", "\u00a0\\1\u00a0", text)


_BLOCKS: dict[type[Block], Callable[[Any, _Numbers], str]] = {
    Paragraph: _paragraph,
    Table: _table,
    Figure: _figure,
    Code: _code,
    Listing: _listing,
}
