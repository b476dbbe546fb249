"""The map as text: a table for a terminal of 100 columns, or a sentence a cell for less."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap

from metarel._format import fixed
from metarel.evidence._cells import COUNTED, RULE_IN_WORDS, Cell
from metarel.evidence._readings import read_number
from metarel.evidence._records import MAPPED, base

MISSING = "–"
HEAD = ("", "ed.", "k", "N", "r", "95 % CI", "d", "g / OR", "verdict")
TITLES = {"relationship": "Elements of the relationship", "adapting": "Methods of adapting therapy"}
#: Below so many columns the map is written as sentences.
WIDE = 100
#: Columns of text where no terminal says how many it has.
READ = 80
#: A count that is printed with the point of another country, or a slip of it.
_ODD_COUNT = re.compile(r"(\d{1,3})\.(\d{3})")
#: From so many cells of an edition on, what is known only of all of them is said.
MANY = 2
_SHORT = {"demonstrably effective": "demonstrably", "probably effective": "probably"}


def map_text(cells: Sequence[Cell], width: int) -> str:
    """Return the map in as many columns as there are.

    Parameters
    ----------
    cells : sequence of Cell
        The cells, element by element.
    width : int
        Columns of the terminal.

    Returns
    -------
    str
        A table, or sentences where the terminal is narrow.
    """
    blocks = []
    for family in MAPPED:
        own = [cell for cell in cells if cell.element.family == family]
        if own and width >= WIDE:
            blocks.append("\n".join([TITLES[family], *_table(own)]))
        elif own:
            lines = [line for cell in own for line in _lines(narrow_line(cell), width)]
            blocks.append("\n".join([TITLES[family], *lines]))
    notes = _notes(cells, width >= WIDE)
    return "\n\n".join([*blocks, "\n".join(line for n in notes for line in _lines(n, width))])


def narrow_line(cell: Cell) -> str:
    """Return one cell as a sentence.

    Parameters
    ----------
    cell : Cell
        The cell.

    Returns
    -------
    str
        Such as ``"empathy 2018: r .28 [.23, .33], d .58, k 82, N 6,138"``.
    """
    effects = [f"{shown(m)} {cell.text(m)}" for m in ("r", "d", "g", "or") if cell.text(m)]
    if effects and interval(cell):
        effects[0] += f" {interval(cell)}"
    if cell.d_computed is not None:
        d = cell.d_computed
        texts = [fixed(end, 3) for end in (d.value, d.low, d.high)]
        effects.append(f"d ({texts[0]}, from {texts[1]} to {texts[2]}: computed)")
    k = cell.text("k") or cell.text("k_samples")
    counts = [
        f"{name} {as_printed(name, text)}"
        for name, text in (("k", k), ("N", cell.text("N")))
        if text
    ]
    said = [*effects, *counts, *([_verdict(cell, short=False)] if cell.verdict else [])]
    part = f" ({cell.part})" if cell.part else ""
    return f"{cell.element.name} {cell.edition}{part}: {', '.join(said) or MISSING}"


def interval(cell: Cell) -> str:
    """Return the printed confidence limits of a cell.

    Parameters
    ----------
    cell : Cell
        The cell.

    Returns
    -------
    str
        Such as ``"[.12, .36]"`` or ``"± .06"``; empty where none are printed.
    """
    if cell.limits is not None:
        return f"[{cell.limits[0]}, {cell.limits[1]}]"
    half = cell.text("ci_half_width")
    return f"± {half}" if half else ""


def shown(quantity: str) -> str:
    """Return a quantity as people write it.

    Parameters
    ----------
    quantity : str
        A quantity of the vocabulary.

    Returns
    -------
    str
        ``"OR"`` for ``"or"``; else itself.
    """
    return "OR" if quantity == "or" else quantity


def doubtful(quantity: str, text: str) -> str:
    """Return what a count that is printed as no whole number may have been meant as.

    Parameters
    ----------
    quantity, text : str
        What it is, and as it is printed.

    Returns
    -------
    str
        Such as ``"1,502"`` for an N of ``"1.502"``; empty for any other figure.
    """
    odd = _ODD_COUNT.fullmatch(text.strip())
    counted = base().quantities[quantity].group == "count"
    return f"{odd[1]},{odd[2]}" if odd and counted else ""


def as_printed(quantity: str, text: str) -> str:
    """Return a printed figure, with a question where it cannot be meant as it stands.

    Parameters
    ----------
    quantity, text : str
        What it is, and as it is printed.

    Returns
    -------
    str
        The text itself; ``"1.502 (printed so; 1,502?)"`` for such a count.
    """
    meant = doubtful(quantity, text)
    return f"{text} (printed so; {meant}?)" if meant else text


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Return a text as lines, those that follow the first set in.

    Parameters
    ----------
    text : str
        One paragraph.
    width : int
        Columns.
    indent : str
        What stands before each line.

    Returns
    -------
    list of str
        Its lines; an address that is longer stays whole.
    """
    return wrap(
        text,
        max(width, 40),
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def quoted_verdicts(cells: Sequence[Cell]) -> list[str]:
    """Return what the dagger means, if a verdict of these cells has one.

    Parameters
    ----------
    cells : sequence of Cell
        The cells.

    Returns
    -------
    list of str
        One sentence or none.
    """
    quoted = [c.verdict.source for c in cells if c.verdict and c.verdict.kind == "secondary"]
    names = ", ".join(base().publications[source].short for source in dict.fromkeys(quoted))
    return [f"† as quoted by {names}; not seen in the primary source."] if quoted else []


def _table(cells: Sequence[Cell]) -> list[str]:
    """Return the rows of one family under their head, each column as wide as it needs."""
    rows = [
        HEAD,
        *(_row(cell, before) for before, cell in zip([None, *cells], cells, strict=False)),
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows]
    return [lines[0], "-" * max(map(len, lines)), *lines[1:]]


def _row(cell: Cell, before: Cell | None) -> tuple[str, ...]:
    """Return one row; the name stands in the first of an element's."""
    same = before is not None and before.element.code == cell.element.code
    d = cell.d_computed
    other = f"g {cell.text('g')}" if cell.text("g") else ""
    other = f"OR {cell.text('or')}" if cell.text("or") else other
    k = "k" if "k" in cell.figures else "k_samples"
    return (
        "" if same else cell.element.name,
        cell.edition,
        _count(cell, k),
        _count(cell, "N"),
        cell.text("r") or MISSING,
        interval(cell) or MISSING,
        cell.text("d") or (f"({fixed(d.value, 3)})" if d else MISSING),
        other or MISSING,
        _verdict(cell, short=True),
    )


def _count(cell: Cell, quantity: str) -> str:
    """Return a count in short: bounds with their sign, and a star where it is of the whole."""
    text = cell.text(quantity)
    number = read_number(text) if text else None
    shown = number.number.text if number else text
    mark = "*" if cell.of_the_whole(quantity) else "?" if doubtful(quantity, text) else ""
    return f"{shown}{mark}" if text else MISSING


def _verdict(cell: Cell, *, short: bool) -> str:
    word = cell.verdict_word
    if not word:
        return MISSING
    mark = "†" if cell.verdict is not None and cell.verdict.kind == "secondary" else ""
    return f"{_SHORT.get(word, word) if short else word}{mark}"


def _notes(cells: Sequence[Cell], wide: bool) -> list[str]:
    """Return the legend of what stands in these cells, and nothing else."""
    notes = []
    if any(cell.d_computed for cell in cells):
        brackets = "(d) in brackets is" if wide else "A d in brackets is"
        notes.append(f"{brackets} printed by no review: computed from its r, {RULE_IN_WORDS}.")
    if wide and any(cell.of_the_whole(q) for cell in cells for q in ("k", "k_samples", "N")):
        notes.append("* of the whole review; the effect is of a part of it.")
    notes += [
        f"? {q} {cell.text(q)} of {cell.element.name} {cell.edition} is printed so; "
        f"{doubtful(q, cell.text(q))} may have been meant."
        for cell in cells
        for q in ("k", "N")
        if wide and doubtful(q, cell.text(q))
    ]
    notes += quoted_verdicts(cells)
    notes += _verdict_counts(cells)
    notes.append(f"{MISSING} not printed where the review was read; digits are as printed.")
    return notes


def _verdict_counts(cells: Sequence[Cell]) -> list[str]:
    """Return how many elements had each verdict, for editions that print only that."""
    notes = []
    for edition in dict.fromkeys(cell.edition for cell in cells):
        own = [cell for cell in cells if cell.edition == edition]
        if len(own) < MANY or any(c.verdict and c.verdict.kind == "primary" for c in own):
            continue
        printed = {
            f.quantity: f.printed
            for f in base().figures
            if (f.edition, f.kind, f.part) == (edition, "primary", "relationship")
        }
        counts = [f"{printed[q]} {word}" for q, word in COUNTED.items() if q in printed]
        if counts:
            notes.append(
                f"{edition}: of the elements of the relationship {', '.join(counts)}; the abstract "
                "seen does not say which."
            )
    return notes


def _lines(text: str, width: int) -> list[str]:
    return wrap(text, max(width, 40), subsequent_indent="  ", break_on_hyphens=False)
