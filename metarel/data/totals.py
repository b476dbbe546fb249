"""Rows of a study table that are no study: totals and subtotals that an article prints below."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import label_column
from metarel._format import listing
from metarel._lazy import pd
from metarel.errors import MetarelWarning

if TYPE_CHECKING:
    from metarel._checks import Array

#: What such a row is called; the whole of its name, since Overall and Pool are surnames too.
_PART = r"(?:sub-?\s?totals?|(?:grand |overall |pooled )?totals?(?: sample| effect)?)"
_WHOLE = r"(?:overall|pooled|summary|combined|average|weighted (?:mean|average))"
_NOUN = r"(?: (?:effects?(?: sizes?)?|estimates?|mean|result))?"
_MODEL = r"(?:random|fixed|common)[- ]effects?(?: model| mean| estimate)?|(?:RE|FE|CE) model"
_TAIL = r"\s*(?:[(\[].*[)\]])?\s*[:.]?"
_CALLED = re.compile(rf"(?:{_PART}|{_WHOLE}{_NOUN}|{_MODEL}|all (?:studies|trials)){_TAIL}", re.I)
#: Words of other languages, and those that may be a surname or an outcome.
_VAGUE = re.compile(
    r"(?:sum|mean|median|gesamt\w*|insgesamt|summe|mittel(?:wert)?|durchschnitt|ensemble|somme|"
    r"moyenne|suma|media|m[eé]dia|promedio|totale?s?|soma|somma|totaux|"
    rf"pooled (?:estimate|effect).*){_TAIL}",
    re.I,
)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
#: A sum of fewer studies is met too easily by a study.
LEAST = 3


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A row that is a total of others.

    Parameters
    ----------
    row : int
        Its place in the table, from 0.
    place : str
        What it is called by: the last row, or where in the table or its file it stands.
    name : str
        What it is called; empty where its name is missing.
    sums : tuple of (str, str)
        Columns whose cell is the sum of the other rows, with what stands there.
    """

    row: int
    place: str
    name: str
    sums: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        called = f"is called {self.name!r}" if self.name else "has no name"
        sums = [f"{column!r} ({cell})" for column, cell in self.sums]
        why = f", and its {listing(sums)} is the sum of the others" if sums else ""
        return f"{self.place} {called}{why}"


def total_rows(table: pd.DataFrame) -> tuple[TotalRow, ...]:
    """Find the rows of a table that are totals of others.

    Parameters
    ----------
    table : DataFrame
        One row a study, cells as numbers or as text; the first cell that is filled names a row.

    Returns
    -------
    tuple of TotalRow
        Rows that are called a total, a subtotal, an overall effect or the like; and a last row
        without a name, below rows that all have one, one of whose counts is the sum of the others.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"study": ["Ada", "Bob", "Total"], "n": ["1,040", "55", "1,095"]})
    >>> [str(row) for row in total_rows(table)]
    ["The last row is called 'Total', and its 'n' (1,095) is the sum of the others"]
    """
    names = _names(table)
    called, _ = _called(table, names)
    studies = [i for i in range(len(table)) if i not in called]
    last = len(table) - 1
    nameless = _without_name(table, last) if last not in called and len(studies) > LEAST else False
    if nameless:
        studies.remove(last)
    if not called and not nameless:
        return ()
    columns = [_counts(table.iloc[:, at], studies) for at in range(table.shape[1])]
    rows = [
        TotalRow(
            i,
            _place(table, i),
            names[i] if i in called else "",
            _sums(table, columns, i, studies, called),
        )
        for i in [*called, *([last] if nameless else [])]
    ]
    return tuple(row for row in rows if row.name or row.sums)


def without_totals(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out the rows that are totals of others, with a word on each.

    Parameters
    ----------
    table : DataFrame
        One row a study.

    Returns
    -------
    DataFrame
        The other rows, counted anew where the index has no name.

    Warns
    -----
    MetarelWarning
        On each row that is left out, and how it could be kept; and on studies that are called as
        totals are.
    """
    totals = total_rows(table)
    for total in totals:
        way_out = "rename it" if total.name else "give it a name"
        warnings.warn(
            f"{total}: left out, as no study. To keep it, {way_out}.", MetarelWarning, stacklevel=4
        )
    names = _names(table)
    for i in _called(table, names)[1] if _naming_column(table) is not None else ():
        warnings.warn(
            f"{_place(table, i)} is called {names[i]!r} and is kept as a study. Take it out if it "
            "sums up others.",
            MetarelWarning,
            stacklevel=4,
        )
    kept = table.drop(index=[table.index[t.row] for t in totals])
    # an index with a name says where in a file a row stands
    return kept if table.index.name else kept.reset_index(drop=True)


def _called(table: pd.DataFrame, names: list[str]) -> tuple[list[int], list[int]]:
    """Return the rows that are called a total, and those that only could be.

    Words that are names and outcomes as well stand for a total only at the end, or where a count
    is the sum of the others. A word that names several rows can be a level: it stands for totals
    where it says subtotal, where a count is a sum, and below studies that all have one row.
    """
    plain = [i for i, name in enumerate(names) if _CALLED.fullmatch(name)]
    vague = [i for i, name in enumerate(names) if i not in plain and _VAGUE.fullmatch(name)]
    either = sorted([*plain, *vague])
    if not either:
        return [], []
    studies = [i for i in range(len(table)) if i not in either]
    once = len({names[i] for i in studies}) == len(studies) >= LEAST and 0 not in either
    columns = [_counts(table.iloc[:, at], studies) for at in range(table.shape[1])]

    def by_name(i: int) -> bool:
        alone = names.count(names[i]) == 1
        if i in plain:
            return alone or once or "sub" in names[i].lower()
        return alone and i == len(table) - 1

    called = [i for i in either if by_name(i) or _sums(table, columns, i, studies, either)]
    return called, [i for i in either if i not in called]


def _names(table: pd.DataFrame) -> list[str]:
    """Return what each row is called: its study's name, else its first cell that is filled."""
    column = _naming_column(table)
    first = [_name(row) for row in table.itertuples(index=False, name=None)]
    if column is None:
        return first
    own = table[column].tolist()
    return [_name((cell,)) or name for cell, name in zip(own, first, strict=True)]


def _naming_column(table: pd.DataFrame) -> Any:
    """Return the column that names the studies, by its header or its cells; None without one."""
    column = label_column(table)
    if column is not None:
        return column
    return next((name for name in table.columns if _names_rows(table[name])), None)


def _names_rows(cells: Any) -> bool:
    """Tell whether a column is of words that are nearly all different."""
    words = [cell for cell in cells.tolist() if not _is_empty(cell)]
    text = all(isinstance(word, str) and np.isnan(_number(word)) for word in words)
    return bool(words) and text and len(set(words)) > 0.8 * len(words)


def _name(cells: tuple[Any, ...]) -> str:
    """Return the first cell of a row that is filled, where it is text."""
    filled = next((cell for cell in cells if not _is_empty(cell)), "")
    return filled.strip() if isinstance(filled, str) else ""


def _is_empty(cell: Any) -> bool:
    return bool(pd.isna(cell)) or (isinstance(cell, str) and not cell.strip())


def _without_name(table: pd.DataFrame, last: int) -> bool:
    """Tell whether the last row alone has no name, in a column of words."""
    first = table.iloc[:, 0].tolist()
    words = all(isinstance(c, str) and np.isnan(_number(c)) and c.strip() for c in first[:last])
    return words and _is_empty(first[last])


def _number(cell: Any) -> float:
    """Return a cell as a number, thousands by commas included; NaN where it is none."""
    text = str(cell).strip().replace("−", "-")
    text = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
    try:
        return float(text)
    except ValueError:
        return np.nan


def _counts(cells: pd.Series, studies: list[int]) -> Array | None:
    """Return a column as numbers where those of the studies are counts; else None."""
    numbers = np.array([_number(cell) for cell in cells.tolist()])
    own = numbers[studies]
    own = own[np.isfinite(own)]
    whole = own.size >= LEAST - 1 and bool((own == np.round(own)).all() and (own >= 0).all())
    return numbers if whole else None


def _place(table: pd.DataFrame, row: int) -> str:
    """Return what a row is called by, its place in the file where the index is of these."""
    if row == len(table) - 1:
        return "The last row"
    word, _, of = str(table.index.name or "").partition(" ")
    return f"{word.capitalize()} {table.index[row]} {of}" if of else f"Row {row + 1}"


def _sums(
    table: pd.DataFrame,
    columns: list[Array | None],
    row: int,
    studies: list[int],
    called: list[int],
) -> tuple[tuple[str, str], ...]:
    """Return the counts of a row that are the sum of all studies, or of those of its part."""
    start = max((i for i in called if i < row), default=-1)
    parts = [studies, [i for i in studies if start < i < row]]
    return tuple(
        (str(table.columns[at]), str(table.iloc[row, at]).strip())
        for at, numbers in enumerate(columns)
        if numbers is not None
        if any(part and numbers[row] == np.nansum(numbers[part]) for part in parts)
    )
