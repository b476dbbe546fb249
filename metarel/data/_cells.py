"""Cells of study tables: trimmed, missing or not, numbers in either notation, never guessed.

One reader for every kind of file. The decimal sign is the file's: a comma where some cell can hold
no other (``0,28``, ``12,5``) and none shows a decimal point, else a point. The sign that is not the
decimal sign may group thousands only where nothing else is meant (``1,204,500``, ``1.204,50``),
as blanks and apostrophes may: a cell such as ``1,204`` beside decimal points stays text, and is
named; so does it in a column that has no cell whose sign is certain, unless the file's sign is and
the column is not one of sizes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metarel._format import count, listing
from metarel._lazy import pd

if TYPE_CHECKING:
    import pandas

#: What papers and programs write where nothing stands.
MISSING = frozenset(
    {"NA", "N/A", "NaN", "nan", "n/a", ".", "-", "−", "‐", "‑", "–", "—", "#N/A", "#N/V", "NULL"}
)
_BLANKS = re.compile(r"[\s\u00a0\u2007\u202f\u200b\ufeff]+")
_FRONT, _END = r"[<>≤≥=]?\s?[-+−]?", r"\s?%?"
_HEAD = r"[1-9]\d{0,2}"


def _patterns(shape: str) -> dict[str, re.Pattern[str]]:
    """Return a shape of numbers for each sign; ``@`` stands for the sign, ``#`` for the other."""
    return {
        sign: re.compile(
            f"{_FRONT}(?:{shape.replace('@', f'[{sign}]').replace('#', f'[{other}]')}){_END}"
        )
        for sign, other in (",.", ".,")
    }


#: The sign can only be decimal: too few or too many digits on either side of it for thousands.
_DECIMAL = _patterns(r"0?@\d+|\d*@(?:\d{1,2}|\d{4,})|\d{4,}@\d{3}")
#: The sign groups thousands or is decimal.
_EITHER = _patterns(rf"{_HEAD}@\d{{3}}")
#: Blanks and apostrophes can only group thousands.
_SPACED = re.compile(rf"{_FRONT}{_HEAD}(?:[ '’]\d{{3}})+")
#: The sign can only group thousands: twice, or before the other sign.
_GROUPED = _patterns(rf"{_HEAD}(?:@\d{{3}}){{2,}}(?:#\d+)?|{_HEAD}@\d{{3}}#\d+")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
#: A number behind a dash that stands for a minus sign.
_DASHED = re.compile(r"[–‐‑﹣－]\s?([.,]?\d[\d.,]*\s?%?)")
_MARKED = re.compile(rf"({_FRONT}\d*[.,]?\d[\d.,]*%?)\s?[*†‡]+")
_PERCENT = re.compile(r"([-+−]?(?:\d+\.?\d*|\.\d+))\s?%")


#: Words in the names of columns of sizes, which are whole numbers.
_SIZE = re.compile(
    r"(?<![^\W_])n(?:[_ .(]*(?:\d|[a-z]{1,2}))?i?(?![^\W_])|(?<![^\W_])(?:total|sum)n(?![^\W_])|"
    r"size|sample|participant|patient|subject|person|people|client|total|stichprobe|teilnehmer",
    re.I,
)
#: A whole number from which on thousands are near.
_LARGE = 10


def _is_large(cell: Any) -> bool:
    """Tell whether a cell is a whole number of two digits and more."""
    number = as_number(cell) if isinstance(cell, str) else cell
    return number is not None and _is_number(number) and number >= _LARGE and number % 1 == 0


@dataclass(frozen=True, slots=True)
class Notation:
    """How a file writes numbers.

    Parameters
    ----------
    decimal : str
        Its decimal sign.
    notes : tuple of str
        What a reader must know: cells of the other notation, which were left as text.
    certain : bool
        Whether the sign is that of columns, too, which do not show it themselves.
    """

    decimal: str
    notes: tuple[str, ...] = ()
    certain: bool = False

    @property
    def other(self) -> str:
        """The sign that is not the decimal sign."""
        return "." if self.decimal == "," else ","

    def doubts(self, cell: Any) -> bool:
        """Tell whether a cell is a number whose decimal sign is not certain."""
        if not isinstance(cell, str) or self.other not in cell:
            return False
        return bool(_EITHER[self.other].fullmatch(cell) or _DECIMAL[self.other].fullmatch(cell))

    def unproved(self, name: str, cells: Sequence[Any]) -> str | None:
        """Return a cell that can be thousands in a column where nothing shows that it is not.

        Where the file's sign is certain that is a size, by the column's name or by whole numbers
        of two digits and more beside it.
        """
        texts = [cell for cell in cells if isinstance(cell, str)]
        if any(_DECIMAL[self.decimal].fullmatch(text) for text in texts):
            return None
        if self.certain and not _SIZE.search(name) and not any(map(_is_large, cells)):
            return None
        return next((text for text in texts if _EITHER[self.decimal].fullmatch(text)), None)

    def plain(self, cell: Any) -> Any:
        """Return a number with a decimal point and without groups, other cells as they are."""
        if not isinstance(cell, str) or cell.isdigit() or self.doubts(cell):
            return cell
        if _SPACED.fullmatch(cell):
            cell = re.sub(r"(?<=\d)[ '’]", "", cell)
        if _GROUPED[self.other].fullmatch(cell):
            cell = cell.replace(self.other, "")
        if _DECIMAL[self.decimal].fullmatch(cell) or _EITHER[self.decimal].fullmatch(cell):
            cell = cell.replace(self.decimal, ".")
        return cell


def trimmed(cell: Any) -> Any:
    """Return a text without blanks around it, no-break spaces as blanks; None where it is empty.

    A dash before a number is its minus sign. Other values are returned as they are, missing ones
    as None.
    """
    if isinstance(cell, str):
        if " " not in cell and cell.isascii() and cell.isprintable():  # most cells, and fast
            return cell or None
        text = _BLANKS.sub(" ", cell).strip()
        dashed = _DASHED.fullmatch(text)
        return f"−{dashed.group(1)}" if dashed else text or None
    return None if cell is None or cell != cell else cell


def known(cell: Any) -> Any:
    """Return a trimmed cell, or None where it says that nothing is known."""
    return None if isinstance(cell, str) and cell in MISSING else cell


def without_marks(table: pandas.DataFrame) -> tuple[pandas.DataFrame, list[str]]:
    """Return cells without the stars and daggers of significance behind numbers, with a word."""
    marked = table.map(
        lambda cell: isinstance(cell, str) and cell[-1] in "*†‡" and bool(_MARKED.fullmatch(cell))
    )
    if not marked.to_numpy().any():
        return table, []
    notes = []
    for name in table.columns[marked.any()]:
        first = table.loc[marked[name], name].iloc[0]
        cells = count(int(marked[name].sum()), "cell")
        notes.append(
            f"column {name!r} has {cells} with marks of significance, which are left out, such as "
            f"in {first!r}."
        )
    plain = table.map(lambda cell: _MARKED.sub(r"\1", cell) if isinstance(cell, str) else cell)
    return table.where(~marked, plain), notes


def notation_of(
    header: Sequence[str], body: Sequence[Sequence[Any]], places: Sequence[str], separator: str
) -> Notation:
    """Return how a file writes numbers, judged by all of its cells.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    body : sequence of rows
        Cells, trimmed.
    places : sequence of str
        What each row is called, such as ``"line 4"``.
    separator : str
        What stands between cells; empty where the file keeps them apart by itself. Semicolons
        are written where the comma is decimal.

    Returns
    -------
    Notation
        The decimal sign, and what is not certain.
    """
    first = {sign: _first(body, pattern, sign) for sign, pattern in _DECIMAL.items()}
    points = first["."] is not None or _first(body, _GROUPED[","], ",") is not None
    either = {sign: _first(body, pattern, sign) for sign, pattern in _EITHER.items()}
    if first[","] and not points:
        decimal = ","
    elif first["."] or either["."]:
        decimal = "."
    else:
        decimal = "," if separator == ";" and either[","] else "."
    # a file with commas between its cells can hardly have them in its numbers
    certain = decimal == "." and (points or separator == ",")
    notation = Notation(decimal, certain=certain)
    if decimal == "," == separator and first[","]:  # a list of two, such as "3,15", looks the same
        row, at = first[","]
        cell = str(body[row][at])
        read = f"{places[row]}, column {header[at]!r}: {cell!r} is read as {cell.replace(',', '.')}"
        notation = Notation(decimal, (f"{read}, and so are others with a comma.",), certain)
    odd = first[notation.other] or either[notation.other]
    if not odd:
        return notation
    row, at = odd
    cell = str(body[row][at])
    if first[notation.other]:
        why = f"but a {'comma' if decimal == ',' else 'point'} is the decimal sign of other cells"
    else:
        readings = (cell.replace(notation.other, sign) for sign in ("", "."))
        why = f"which can be {' or '.join(readings)}"
    said = f"{places[row]}, column {header[at]!r}, holds {cell!r}, {why}"
    told = f"{said}. The column stays text: write it without that sign."
    return Notation(decimal, (*notation.notes, told), certain)


def _first(
    body: Sequence[Sequence[Any]], pattern: re.Pattern[str], sign: str
) -> tuple[int, int] | None:
    """Return where the first cell of a pattern stands, all of which have a sign."""
    found = (
        (row, at)
        for row, cells in enumerate(body)
        for at, cell in enumerate(cells)
        if isinstance(cell, str) and sign in cell and pattern.fullmatch(cell)
    )
    return next(found, None)


def as_number(cell: str) -> float | int | None:
    """Return a cell of plain digits as a number, or None where it is none."""
    text = cell.replace("−", "-")
    if not _NUMBER.fullmatch(text):
        return None
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def columns_of(table: pandas.DataFrame, notation: Notation) -> tuple[pandas.DataFrame, list[str]]:
    """Return columns as numbers where every cell is one, and what must be said of others.

    A column of percentages becomes the numbers that stand before the signs; one with a cell in
    doubt stays text.
    """
    notes: list[str] = []
    columns = {}
    for name in table.columns:
        if any(map(notation.doubts, table[name].tolist())):
            columns[name] = table[name]
            continue
        if (cell := notation.unproved(str(name), table[name].tolist())) is not None:
            readings = " or ".join(cell.replace(notation.decimal, sign) for sign in ("", "."))
            notes.append(
                f"column {name!r} holds {cell!r}, which can be {readings}, and no cell of the "
                "column shows which. It stays text: write it without that sign, or with decimals."
            )
            columns[name] = table[name]
            continue
        columns[name], said = _column(table[name].map(notation.plain))
        notes += [f"column {name!r} {text}." for text in said]
    return pd.DataFrame(columns, index=table.index), notes


def _column(column: pandas.Series) -> tuple[pandas.Series, list[str]]:
    """Return one column, and what must be said of it."""
    known = column.dropna()
    texts = [isinstance(cell, str) for cell in known]
    if not any(texts):
        return column.infer_objects(), []
    percents = [_PERCENT.fullmatch(cell) if isinstance(cell, str) else None for cell in known]
    if all(percents):
        values = [as_number(found.group(1)) for found in percents if found]
        said = f"holds percentages: {known.iloc[0]!r} is read as {values[0]:g}, not as a fraction"
        return _filled(known, values, column), [said]
    values = [as_number(cell) if isinstance(cell, str) else cell for cell in known]
    if all(_is_number(value) for value in values):
        return _filled(known, values, column), []
    return column.infer_objects(), list(_levels(known))


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, (int, float)) and math.isfinite(value)


def _filled(known: pandas.Series, values: list[Any], column: pandas.Series) -> pandas.Series:
    """Return a column of numbers, missing where the table has nothing."""
    return pd.Series(values, index=known.index).reindex(column.index)


def _levels(known: pandas.Series) -> Iterator[str]:
    """Name levels that differ in nothing but capitals."""
    spellings: dict[str, dict[str, None]] = {}
    for cell in known:
        if isinstance(cell, str):
            spellings.setdefault(cell.casefold(), {})[cell] = None
    alike = [listing([repr(s) for s in found]) for found in spellings.values() if len(found) > 1]
    if alike and len(spellings) < len(known):
        more = f" ({count(len(alike), 'such level')})" if len(alike) > 1 else ""
        yield f"has {alike[0]}, which count as different levels{more}"
