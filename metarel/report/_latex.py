"""A report as LaTeX: one file, the figures as PDF in a folder beside it."""

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
    plain_heads,
)
from metarel.report._runs import MARKUPS, escape_latex

_WRITE = MARKUPS["latex"].write
_LONG_TABLE = 25  # rows; longer ones break over pages
_LONG_CELL = 30  # characters; wider columns of words break their lines
_LINE = 95.0  # characters in a line of a table, at the usual size and at a smaller one
_SMALL_LINE = 112.0
_BETWEEN = 3  # characters between columns
_ROOM = 0.93  # share of the line that columns take
_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\usepackage[margin=2.2cm]{geometry}
\usepackage{booktabs}
\usepackage{longtable}
\usepackage{array}
\usepackage{graphicx}
\usepackage{float}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.6em}
\sloppy
"""


def latex_table(table: Table, place: str = "htbp") -> str:
    """Return a table with the rules of booktabs; a long one breaks over pages."""
    heads = " & ".join(_WRITE(head) for head in table.columns)
    rows = [" & ".join(escape_latex(cell) for cell in row) + r" \\" for row in table.rows]
    notes = [f"\\par\\footnotesize {_WRITE(note)}" for note in table.notes]
    size, form = _columns(table)
    top, middle, bottom = (f"\\{word}rule" for word in ("top", "mid", "bottom"))
    caption = [f"\\caption{{{escape_latex(table.caption)}}}"] * bool(table.caption)
    if len(rows) > _LONG_TABLE:
        lines = [f"{{{size}", f"\\begin{{longtable}}{{{form}}}", *(f"{c} \\\\" for c in caption)]
        lines += [top, f"{heads} \\\\", middle, "\\endhead", *rows, bottom, "\\end{longtable}"]
        return "\n".join([*lines, *notes, "}"])
    lines = [f"\\begin{{table}}[{place}]", f"\\centering{size}", *caption]
    lines += [f"\\begin{{tabular}}{{{form}}}", top, f"{heads} \\\\", middle, *rows, bottom]
    return "\n".join([*lines, "\\end{tabular}", *notes, "\\end{table}"])


def _columns(table: Table) -> tuple[str, str]:
    """Return the size of print, and how columns stand: numbers flush right, words that break."""
    heads = [len(head) for head in plain_heads(table)]
    cells = _by_column(table)
    widths = [max([head, *map(len, cell)]) for head, cell in zip(heads, cells, strict=True)]
    wide = [w > _LONG_CELL and not n for w, n in zip(widths, table.numeric, strict=True)]
    others = sum(w + _BETWEEN for w, long in zip(widths, wide, strict=True) if not long)
    needed = others + _LONG_CELL * sum(wide)
    size, line = ("\\footnotesize", _LINE) if needed <= _LINE else ("\\scriptsize", _SMALL_LINE)
    share = min(0.6, max(0.12, (_ROOM - others / line) / max(1, sum(wide))))
    return size, "".join(
        f">{{\\raggedright\\arraybackslash}}p{{{share:.2f}\\linewidth}}" if w else "r" if n else "l"
        for w, n in zip(wide, table.numeric, strict=True)
    )


def _by_column(table: Table) -> list[tuple[str, ...]]:
    return list(zip(*table.rows, strict=True)) or [()] * len(table.columns)


def write_latex(document: Document, path: Path) -> None:
    """Write the file, and its figures as PDF into ``<name>_files``."""
    folder = path.with_name(f"{path.stem}_files")
    if document.figures:
        folder.mkdir(parents=True, exist_ok=True)
    for figure in document.figures:
        for name, piece in zip(figure.names, figure.pieces("pdf"), strict=True):
            (folder / f"{name}.pdf").write_bytes(piece)
    parts = [
        _PREAMBLE,
        f"\\title{{{escape_latex(document.title)}}}",
        "\\author{}",
        f"\\date{{{escape_latex(document.date)}}}",
        "\\begin{document}",
        "\\maketitle",
        _WRITE(document.lead),
    ]
    for section in document.sections:
        parts.append(f"\\section{{{escape_latex(section.title)}}}")
        parts += [_BLOCKS[type(block)](block, folder.name) for block in section.blocks]
    text = "\n\n".join([*parts, "\\end{document}"]) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _figure(block: Figure, folder: str) -> str:
    form = "\\includegraphics[width=\\linewidth,height=0.85\\textheight,keepaspectratio]"
    found = []
    for i, name in enumerate(block.names):
        caption = f"{block.caption} (continued)" if i else block.caption
        lines = ["\\begin{figure}[H]", "\\centering", f'{form}{{"{folder}/{name}.pdf"}}']
        found += [*lines, f"\\caption{{{escape_latex(caption)}}}", "\\end{figure}"]
    return "\n".join(found)


def _code(block: Code, _: str) -> str:
    lines = [_indented(line) for line in block.text.rstrip().splitlines()]
    body = "\\\\\n".join(line or "~" for line in lines)
    return f"{{\\raggedright\\ttfamily\\footnotesize\n{body}\\par}}"


def _indented(line: str) -> str:
    """Return a line of a program that keeps its indentation, and may break further on."""
    words = line.lstrip(" ")
    return "~" * (len(line) - len(words)) + escape_latex(words)


def _listing(block: Listing, _: str) -> str:
    kind = "enumerate" if block.ordered else "itemize"
    items = "\n".join(f"\\item {_WRITE(item)}" for item in block.items)
    return f"\\begin{{{kind}}}\n{items}\n\\end{{{kind}}}" if block.items else ""


def _paragraph(block: Paragraph, _: str) -> str:
    return _WRITE(block.text)


def _table(block: Table, _: str) -> str:
    return latex_table(block, "H")


_BLOCKS: dict[type[Block], Callable[[Any, str], str]] = {
    Paragraph: _paragraph,
    Table: _table,
    Figure: _figure,
    Code: _code,
    Listing: _listing,
}
