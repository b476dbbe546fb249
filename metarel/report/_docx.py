"""A report, or one table, as a document for a word processor, written by python-docx."""

from __future__ import annotations

import datetime
import importlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from metarel.errors import InputError
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
from metarel.report._runs import Run, Text

_MARGIN = 0.9  # inches around a page
_WIDEST = 6.5  # inches between the margins
_HIGHEST = 8.6
_SMALL = 8  # points: tables and notes
_DIGIT, _LETTER, _PADDING = 0.068, 0.077, 0.19  # inches: of that size; and what a cell adds
_LONG_CELL = 34  # characters; longer words break
#: What the format wants behind the borders of a table; programs refuse another order.
_AFTER_BORDERS = ("shd", "tblLayout", "tblCellMar", "tblLook")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # of every part, so that one report is always the same bytes


def load_docx() -> Any:
    """Return the library, or say how to get it."""
    try:
        return importlib.import_module("docx")
    except ImportError as error:
        raise InputError(
            "`path` ends in .docx, which python-docx writes, and it is not installed; "
            "`python -m pip install python-docx` brings it. HTML, Markdown and LaTeX need nothing "
            "more."
        ) from error


def write_docx(document: Document, path: Path) -> None:
    """Write the whole report."""
    file = _new(document.title, document.date)
    file.add_heading(document.title, level=0)
    _add_runs(file.add_paragraph(), document.lead)
    for section in document.sections:
        file.add_heading(section.title, level=1)
        for block in section.blocks:
            _BLOCKS[type(block)](file, block)
    _save(file, path)


def write_docx_table(table: Table, path: Path) -> None:
    """Write one table."""
    file = _new(table.caption, "")
    _add_table(file, table)
    _save(file, path)


def _new(title: str, date: str) -> Any:
    """Return an empty document that knows its title, its day and its language."""
    file = load_docx().Document()
    day = datetime.datetime.fromisoformat(date or "2000-01-01")
    for section in file.sections:
        for side in ("left", "right", "top", "bottom"):
            setattr(section, f"{side}_margin", _inches(_MARGIN))
    known = file.core_properties
    known.title, known.author, known.comments = title, "", ""
    known.language, known.created, known.modified = "en", day, day
    file.styles["Normal"].font.name = "Calibri"
    return file


def _inches(value: float) -> Any:
    return importlib.import_module("docx.shared").Inches(value)


def _widths(block: Table) -> list[float]:
    """Return the widths of columns in inches: as their cells ask; long words give way first."""
    columns = list(zip(*block.rows, strict=True)) or [()] * len(block.columns)
    asked, least = [], []
    for head, cells, numeric in zip(plain_heads(block), columns, block.numeric, strict=True):
        each = _DIGIT if numeric else _LETTER
        word = max([len(w) for text in cells for w in text.split()], default=0)
        title = _PADDING + _LETTER * max(map(len, head.split()), default=0)
        longest = min(max([0, *map(len, cells)]), max(_LONG_CELL, word))
        asked.append(max(title, _PADDING + each * longest))
        narrow = max(title, _PADDING + each * min(word, _LONG_CELL))
        least.append(asked[-1] if numeric else narrow)
    spare = sum(asked) - sum(least)
    over = sum(asked) - _WIDEST
    share = 1.0 if over <= 0 else max(0.0, 1 - over / spare) if spare else 0.0
    given = [low + share * (high - low) for low, high in zip(least, asked, strict=True)]
    return [width * min(1.0, _WIDEST / sum(given)) for width in given]


def _save(file: Any, path: Path) -> None:
    """Save without the time of day in the parts."""
    written, fixed = io.BytesIO(), io.BytesIO()
    file.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, _EPOCH)
            part.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(part, source.read(name))
    path.write_bytes(fixed.getvalue())


def _add_runs(paragraph: Any, text: Text, *, bold: bool = False) -> Any:
    for run in text:
        added = paragraph.add_run(run.text)
        added.italic = run.italic or None
        added.bold = bold or None
    return paragraph


def _small(paragraph: Any) -> Any:
    """Set a paragraph of a table or beneath it: small, without space around."""
    points = importlib.import_module("docx.shared").Pt
    for run in paragraph.runs:
        run.font.size = points(_SMALL)
    paragraph.paragraph_format.space_after = points(0)
    return paragraph


def _add_table(file: Any, block: Table) -> None:
    caption = _add_runs(file.add_paragraph(), (Run(block.caption),), bold=True)
    caption.paragraph_format.keep_with_next = True
    wide = len(block.columns)
    table = file.add_table(rows=1 + len(block.rows), cols=wide)
    cells = table._cells  # asked for once: the library walks the whole table each time
    _fill(cells[:wide], block.columns, block.numeric, bold=True)
    for i, row in enumerate(block.rows, 1):
        _fill(cells[i * wide : (i + 1) * wide], [(Run(cell),) for cell in row], block.numeric)
    table.autofit = False
    for j, width in enumerate(_widths(block)):
        table.columns[j].width = _inches(width)
        for cell in cells[j::wide]:
            cell.width = _inches(width)
    _rule(table)
    for note in block.notes:
        _small(_add_runs(file.add_paragraph(), note))
    file.add_paragraph()


def _fill(cells: Any, texts: Any, numeric: tuple[bool, ...], *, bold: bool = False) -> None:
    """Fill the cells of a row."""
    right = importlib.import_module("docx.enum.text").WD_ALIGN_PARAGRAPH.RIGHT
    for cell, text, flush in zip(cells, texts, numeric, strict=True):
        paragraph = _small(_add_runs(cell.paragraphs[0], text, bold=bold))
        if flush:
            paragraph.alignment = right


def _rule(table: Any) -> None:
    """Draw the three rules of a journal's table, and repeat its first row on every page."""
    element = importlib.import_module("docx.oxml").OxmlElement
    name = importlib.import_module("docx.oxml.ns").qn

    def border(parent: Any, sides: tuple[str, ...]) -> None:
        for side in sides:
            line = element(f"w:{side}")
            for key, value in (("val", "single"), ("sz", "8"), ("color", "auto")):
                line.set(name(f"w:{key}"), value)
            parent.append(line)

    outer = element("w:tblBorders")
    border(outer, ("top", "bottom"))
    known = table._tbl.tblPr
    after = [part for part in known if part.tag in {name(f"w:{word}") for word in _AFTER_BORDERS}]
    known.insert(len(known) if not after else known.index(after[0]), outer)
    head = table.rows[0]
    for cell in head.cells:
        inner = element("w:tcBorders")
        border(inner, ("bottom",))
        cell._tc.get_or_add_tcPr().append(inner)
    repeated = element("w:tblHeader")
    repeated.set(name("w:val"), "true")
    head._tr.get_or_add_trPr().append(repeated)


def _add_figure(file: Any, block: Figure) -> None:
    for i, (piece, height) in enumerate(block.sized_pieces("png")):
        scale = min(1.0, _WIDEST / block.width, _HIGHEST / height)
        shape = file.add_picture(io.BytesIO(piece), width=_inches(block.width * scale))
        shape._inline.docPr.set("descr", "continued" if i else block.alt)
        file.paragraphs[-1].paragraph_format.keep_with_next = True
    _small(_add_runs(file.add_paragraph(), (Run(block.caption),)))
    file.add_paragraph()


def _add_code(file: Any, block: Code) -> None:
    points = importlib.import_module("docx.shared").Pt
    run = file.add_paragraph().add_run(block.text.rstrip())
    run.font.name, run.font.size = "Courier New", points(8)


def _add_listing(file: Any, block: Listing) -> None:
    style = "List Number" if block.ordered else "List Bullet"
    for item in block.items:
        _add_runs(file.add_paragraph(style=style), item)


def _add_paragraph(file: Any, block: Paragraph) -> None:
    _add_runs(file.add_paragraph(), block.text)


_BLOCKS: dict[type[Block], Callable[[Any, Any], None]] = {
    Paragraph: _add_paragraph,
    Table: _add_table,
    Figure: _add_figure,
    Code: _add_code,
    Listing: _add_listing,
}
