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
)
from metarel.report._runs import MARKUPS, escape_latex

_WRITE = MARKUPS["latex"].write
_LONG_TABLE = 25  # rows; longer ones break over pages
_LONG_CELL = 30  # characters; wider columns of words break their lines
_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\usepackage[margin=2.2cm]{geometry}
\usepackage{booktabs}
\usepackage{longtable}
\usepackage{array}
\usepackage{graphicx}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.6em}
\sloppy
"""


def latex_table(table: Table) -> str:
    """Return a table with the rules of booktabs; a long one breaks over pages."""
    heads = " & ".join(_WRITE(head) for head in table.columns)
    rows = [" & ".join(escape_latex(cell) for cell in row) + r" \\" for row in table.rows]
    notes = [f"\\par\\footnotesize {_WRITE(note)}" for note in table.notes]
    form = _columns(table)
    top, middle, bottom = (f"\\{word}rule" for word in ("top", "mid", "bottom"))
    caption = f"\\caption{{{escape_latex(table.caption)}}}" if table.caption else ""
    if len(rows) > _LONG_TABLE:
        lines = ["{\\footnotesize", f"\\begin{{longtable}}{{{form}}}"]
        lines += [f"{caption} \\\\"] * bool(caption)
        lines += [top, f"{heads} \\\\", middle, "\\endhead", *rows, bottom, "\\end{longtable}"]
        return "\n".join([*lines, *notes, "}"])
    lines = ["\\begin{table}[htbp]", "\\centering\\footnotesize", *([caption] if caption else [])]
    lines += [f"\\begin{{tabular}}{{{form}}}", top, f"{heads} \\\\", middle, *rows, bottom]
    return "\n".join([*lines, "\\end{tabular}", *notes, "\\end{table}"])


def _columns(table: Table) -> str:
    """Return how columns stand: numbers flush right, long words in lines that break."""
    widths = [max((len(cell) for cell in column), default=0) for column in _by_column(table)]
    wide = [w > _LONG_CELL and not n for w, n in zip(widths, table.numeric, strict=True)]
    share = min(0.45, 0.85 / max(1, sum(wide)))
    return "".join(
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
        lines = ["\\begin{figure}[htbp]", "\\centering", f'{form}{{"{folder}/{name}.pdf"}}']
        found += [*lines, f"\\caption{{{escape_latex(caption)}}}", "\\end{figure}"]
    return "\n".join(found)


def _code(block: Code, _: str) -> str:
    lines = [escape_latex(line).replace(" ", "~") for line in block.text.rstrip().splitlines()]
    body = "\\\\\n".join(line or "~" for line in lines)
    return f"{{\\raggedright\\ttfamily\\footnotesize\n{body}\\par}}"


def _listing(block: Listing, _: str) -> str:
    kind = "enumerate" if block.ordered else "itemize"
    items = "\n".join(f"\\item {_WRITE(item)}" for item in block.items)
    return f"\\begin{{{kind}}}\n{items}\n\\end{{{kind}}}" if block.items else ""


def _paragraph(block: Paragraph, _: str) -> str:
    return _WRITE(block.text)


def _table(block: Table, _: str) -> str:
    return latex_table(block)


_BLOCKS: dict[type[Block], Callable[[Any, str], str]] = {
    Paragraph: _paragraph,
    Table: _table,
    Figure: _figure,
    Code: _code,
    Listing: _listing,
}
