"""From numbers to printed lines: the entries of a forest plot and its columns of text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metarel._register import did_you_mean
from metarel.errors import InputError
from metarel.plot._rows import column_of
from metarel.plot._sheet import LONGEST_NAME, Entry
from metarel.plot._text import Cell, Column, wrap
from metarel.plot._words import estimate_parts, number

if TYPE_CHECKING:
    from metarel._lazy import pd
    from metarel.plot._rows import Block

HEADERS = {"label": "Study", "effect": "", "weight": "Weight"}


@dataclass(frozen=True, slots=True)
class Wording:
    """How numbers are written.

    Parameters
    ----------
    effect : str
        What an estimate is called.
    digits : int
        Decimals of estimates and limits.
    level : float
        Confidence level, for the name of the prediction interval.
    """

    effect: str
    digits: int
    level: float

    @property
    def header(self) -> str:
        """Return the header of the column of estimates."""
        return f"{self.effect} [{100 * self.level:g}% CI]"


def entries_of(blocks: Sequence[Block], wording: Wording, *, prediction: bool) -> list[Entry]:
    """Return the lines to print, from the top."""
    entries: list[Entry] = []
    for block in blocks:
        if block.heading:
            entries.append(Entry("group", block.heading))
        entries += [Entry("study", "", row) for row in block.studies]
        if block.summary is not None:
            entries.append(Entry(block.summary.kind, block.summary.label, block.summary))
            if prediction and math.isfinite(block.summary.pi_low):
                name = f"{100 * wording.level:g}% prediction interval"
                entries.append(Entry("prediction", name, block.summary))
        entries += [Entry("note", note) for note in block.notes]
        if block is not blocks[-1]:
            last = entries.pop()
            entries.append(Entry(last.kind, last.label, last.row, last=True))
    return entries


def columns_of(
    wanted: Sequence[str] | Mapping[str, str],
    argument: str,
    entries: Sequence[Entry],
    data: pd.DataFrame | None,
    wording: Wording,
    *,
    header: bool,
) -> list[Column]:
    """Return the columns asked for, each with a cell for every entry."""
    if isinstance(wanted, str):
        raise InputError(f"`{argument}` must be a list of columns; got the text {wanted!r}.")
    headers = wanted if isinstance(wanted, Mapping) else {}
    columns = []
    for name in wanted:
        if name == "label":
            cells = [_label_cell(entry) for entry in entries]
            found = Column(HEADERS[name], tuple(cells))
        elif name == "effect":
            cells = [_effect_cell(entry, wording.digits) for entry in entries]
            found = Column(wording.header, tuple(cells), right=True)
        elif name == "weight":
            cells = [_weight_cell(entry) for entry in entries]
            found = Column(HEADERS[name], tuple(cells), right=True)
        else:
            found = _data_column(name, argument, entries, data)
        text = headers.get(name, found.header) if header else ""
        columns.append(Column(text, found.cells, found.right))
    return columns


def _label_cell(entry: Entry) -> Cell:
    if entry.kind != "study" or entry.row is None:
        return ()
    return (wrap(entry.row.label, LONGEST_NAME),)


def _effect_cell(entry: Entry, digits: int) -> Cell:
    row = entry.row
    if row is None:
        return ()
    if entry.kind == "prediction":
        return ("", *estimate_parts(row.estimate, row.pi_low, row.pi_high, digits)[1:])
    if math.isnan(row.estimate):
        return ()
    return estimate_parts(row.estimate, row.ci_low, row.ci_high, digits)


def _weight_cell(entry: Entry) -> Cell:
    row = entry.row
    if row is None or entry.kind == "prediction" or math.isnan(row.weight):
        return ()
    return (f"{number(row.weight, 1)}%",)


def _data_column(
    name: str, argument: str, entries: Sequence[Entry], data: pd.DataFrame | None
) -> Column:
    """Return a column of the user's frame; numbers are flush right with common decimals."""
    if data is None:
        raise InputError(
            f"`{argument}` may name {', '.join(map(repr, HEADERS))}, or columns of `data`; "
            f"got {name!r} and no `data`.{did_you_mean(name, HEADERS)}"
        )
    studies = [entry.row for entry in entries if entry.kind == "study" and entry.row is not None]
    values = column_of(data, name, argument, studies)
    written = _written(values)
    cells = tuple(
        (written[entry.row.study],) if entry.kind == "study" and entry.row is not None else ()
        for entry in entries
    )
    return Column(name, cells, right=values.dtype.kind in "iuf")


def _written(values: pd.Series) -> list[str]:
    """Write a column: numbers with the decimals they need, at most two; missing as nothing."""
    missing = values.isna().to_list()
    items: list[Any] = values.to_list()
    if values.dtype.kind == "f":
        known = [v for v, gap in zip(items, missing, strict=True) if not gap]
        digits = next((d for d in (0, 1) if all(v == round(v, d) for v in known)), 2)
        items = [number(v, digits) for v in items]
    return ["" if gap else str(v) for v, gap in zip(items, missing, strict=True)]
