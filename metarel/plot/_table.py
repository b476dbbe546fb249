"""From numbers to printed lines: the entries of a forest plot and its columns of text."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from metarel._format import percent
from metarel._register import Register, did_you_mean
from metarel.errors import InputError
from metarel.plot._inputs import INPUTS, input_columns
from metarel.plot._numerals import number, small
from metarel.plot._phrases import fill
from metarel.plot._rows import column_of
from metarel.plot._sheet import LONGEST_NAME, Entry
from metarel.plot._text import Cell, Column, wrap

if TYPE_CHECKING:
    from metarel._lazy import pd
    from metarel.plot._blocks import Contents
    from metarel.plot._layouts import Header, Layout
    from metarel.plot._rows import Row

Wanted = Sequence[str] | Mapping[str, "Header"]

#: Transformations whose values lie between -1 and 1.
BOUNDED = ("tanh", "tanh2", "expit", "ndtr", "sin2")
AHEAD = ("prediction", "density")  # entries that tell of effects to come
NAMED = ("study", "excluded", "refit")  # entries whose label is a cell


@dataclass(frozen=True, slots=True)
class Style:
    """How numbers are written.

    Parameters
    ----------
    layout : Layout
        Whose brackets and signs are used.
    digits : int
        Decimals of estimates and limits.
    bounded : bool
        Whether estimates cannot exceed 1.
    """

    layout: Layout
    digits: int
    bounded: bool

    def estimate(self, value: float) -> str:
        """Write an estimate."""
        return self.layout.number(value, self.digits, bounded=self.bounded)

    def limits(self, low: float, high: float) -> tuple[str, ...]:
        """Write an interval in its parts."""
        return self.layout.interval(low, high, self.digits, bounded=self.bounded)


@dataclass(frozen=True, slots=True)
class ColumnKind:
    """A column that a forest plot has of its own.

    Parameters
    ----------
    code : str
        The word users type.
    header : str
        What stands above it.
    cell : callable
        From an entry with a row and the style to the parts of the cell.
    right : bool
        Whether it is set flush right.
    """

    code: str
    header: str
    cell: Callable[[Entry, Row, Style], Cell]
    right: bool = True


def _label(entry: Entry, row: Row, _: Style) -> Cell:
    return (wrap(row.label, LONGEST_NAME),) if entry.kind in NAMED else ()


def _effect(entry: Entry, row: Row, style: Style) -> Cell:
    parts = (*_estimate(entry, row, style), *_interval(entry, row, style))
    if entry.kind in AHEAD:
        parts = ("", *parts)
    return parts if style.layout.aligned or not parts else (" ".join(filter(None, parts)),)


def _estimate(entry: Entry, row: Row, style: Style) -> Cell:
    return (style.estimate(row.estimate),) if _tells(entry, row.estimate) else ()


def _interval(entry: Entry, row: Row, style: Style) -> Cell:
    if entry.kind in AHEAD:
        return style.limits(row.pi_low, row.pi_high)
    return () if math.isnan(row.ci_low) else style.limits(row.ci_low, row.ci_high)


def _yi(entry: Entry, row: Row, style: Style) -> Cell:
    return (number(row.yi, style.digits + 1),) if _tells(entry, row.yi) else ()


def _se(entry: Entry, row: Row, style: Style) -> Cell:
    return (number(row.sei, style.digits + 1),) if _tells(entry, row.sei) else ()


def _weight(entry: Entry, row: Row, style: Style) -> Cell:
    if entry.kind == "excluded":
        return ("–",)
    return (share(row.weight, style.layout),) if _tells(entry, row.weight) else ()


def _p(entry: Entry, row: Row, style: Style) -> Cell:
    if not _tells(entry, row.p_value):
        return ()
    return (style.layout.p(row.p_value).removeprefix("= ").removeprefix("="),)


def _k(entry: Entry, row: Row, _: Style) -> Cell:
    return (f"{row.k:.0f}",) if _tells(entry, row.k) else ()


def _tau2(entry: Entry, row: Row, style: Style) -> Cell:
    if not _tells(entry, row.tau2):
        return ()
    return (small(row.tau2, style.layout.tau2_digits),)


def _i2(entry: Entry, row: Row, _: Style) -> Cell:
    return (percent(row.I2, 1),) if _tells(entry, row.I2) else ()


def _tells(entry: Entry, value: float) -> bool:
    return entry.kind not in AHEAD and not math.isnan(value)


def share(weight: float, layout: Layout) -> str:
    """Write a weight in percent."""
    return f"{number(weight, 1)}{layout.percent}"


COLUMNS: Register[ColumnKind] = Register(
    "left",
    [
        ColumnKind("label", "Study", _label, right=False),
        ColumnKind("effect", "{effect} [{level}% CI]", _effect),
        ColumnKind("estimate", "{effect}", _estimate),
        ColumnKind("ci", "{level}% CI", _interval),
        ColumnKind("yi", "{raw}", _yi),
        ColumnKind("se", "SE", _se),
        ColumnKind("weight", "Weight", _weight),
        ColumnKind("p", "{p}", _p),
        ColumnKind("k", "k", _k),
        ColumnKind("tau2", "τ²", _tau2),
        ColumnKind("I2", "I²", _i2),
    ],
)
WEIGHTS = "weights"
#: Ways of drawing a prediction interval, and the kind of line that each has.
PREDICTIONS = {"bar": "prediction", "line": "", "density": "density"}
WORDS = (*COLUMNS, WEIGHTS, INPUTS)


def entries_of(contents: Contents, style: Style, *, prediction: str) -> list[Entry]:
    """Return the lines to print, from the top; a prediction interval has one of its own."""
    entries: list[Entry] = []
    name = f"{100 * contents.level:g}% prediction interval"
    for block in contents.blocks:
        if block.heading:
            entries.append(Entry("group", block.heading))
        entries += [Entry(row.kind, "", row) for row in block.studies]
        notes = list(block.notes)
        for row in block.summaries:
            entries.append(Entry(row.kind, row.label, row))
            if not prediction or not math.isfinite(row.pi_low):
                continue
            if prediction == "line":  # through the diamond
                limits = " ".join(style.limits(row.pi_low, row.pi_high)).replace(" ", "\u00a0")
                notes.insert(0, f"{name} {limits}")
            else:
                entries.append(Entry(PREDICTIONS[prediction], name, row))
        entries += [Entry("note", note) for note in dict.fromkeys(notes)]
        if block is not contents.blocks[-1] and entries:
            entries.append(replace(entries.pop(), last=True))
    return entries


def columns_of(
    wanted: Wanted,
    argument: str,
    entries: Sequence[Entry],
    contents: Contents,
    style: Style,
    *,
    header: bool,
    strict: bool,
) -> list[Column]:
    """Return the columns asked for, each with a cell for every entry.

    A layout's own columns (not ``strict``) are left out where there is nothing to fill them.
    """
    if isinstance(wanted, str):
        raise InputError(f"`{argument}` must be a list of columns; got the text {wanted!r}.")
    usual: dict[str, Header] = {**style.layout.left, **style.layout.right}
    if contents.refits is not None:
        usual["label"] = contents.refits.kind.header
    headers = wanted if isinstance(wanted, Mapping) else {}
    names = {**contents.names, "p": style.layout.p_name}
    columns: list[Column] = []
    for name in wanted:
        for column in _columns(name, argument, entries, contents, style, strict=strict):
            given = usual.get(name) if headers.get(name) is None else headers[name]
            group, text = given if isinstance(given, tuple) else (column.group, given)
            text = column.header if text is None else text
            found = replace(
                column,
                header=fill(str(text), names) if header else "",
                group=group if header else "",
            )
            columns.append(found)
    return columns


def _columns(
    name: str,
    argument: str,
    entries: Sequence[Entry],
    contents: Contents,
    style: Style,
    *,
    strict: bool,
) -> list[Column]:
    """Return the columns behind one word."""
    if name in COLUMNS:
        kind = COLUMNS[name]
        cells = [
            () if entry.row is None else kind.cell(entry, entry.row, style) for entry in entries
        ]
        empty = not any(cells) and not strict
        return [] if empty else [Column(kind.header, tuple(cells), kind.right)]
    if name == INPUTS:
        return input_columns(entries, contents.data, contents.blocks, style.layout, strict=strict)
    if name == WEIGHTS:
        return _weights(entries, contents, style.layout)
    return [_data_column(name, argument, entries, contents.data)]


def _weights(entries: Sequence[Entry], contents: Contents, layout: Layout) -> list[Column]:
    """Return a column of weights for each of several models."""
    if not contents.models:
        raise InputError("'weights' shows the weights in several models; give them as `also`.")
    columns = []
    for at, model in enumerate(contents.models):
        shares = [
            (row.weight, *row.shares)[at] if row is not None and entry.kind == "study" else math.nan
            for entry, row in ((entry, entry.row) for entry in entries)
        ]
        cells = tuple(() if math.isnan(value) else (share(value, layout),) for value in shares)
        columns.append(Column(wrap(model.split(",")[0], 7.0), cells, True, "Weight"))
    return columns


def _data_column(
    name: str, argument: str, entries: Sequence[Entry], data: pd.DataFrame | None
) -> Column:
    """Return a column of the user's frame; numbers are flush right with common decimals."""
    if data is None:
        raise InputError(
            f"`{argument}` may name {', '.join(map(repr, WORDS))}, or columns of `data`; "
            f"got {name!r} and no `data`.{did_you_mean(name, WORDS)}"
        )
    studies = [entry.row for entry in entries if entry.kind in NAMED and entry.row is not None]
    values = column_of(data, name, argument, studies)
    written = written_column(values)
    cells = tuple(
        (written[entry.row.study],)
        if entry.kind in NAMED and entry.row is not None and entry.row.study < len(written)
        else ()
        for entry in entries
    )
    return Column(name, cells, right=values.dtype.kind in "iuf")


def written_column(values: pd.Series) -> list[str]:
    """Write a column: numbers with the decimals they need, at most two; missing as nothing."""
    missing = values.isna().to_list()
    items: list[Any] = values.to_list()
    if values.dtype.kind == "f":
        known = [v for v, gap in zip(items, missing, strict=True) if not gap]
        digits = next((d for d in (0, 1) if all(v == round(v, d) for v in known)), 2)
        items = [number(v, digits) for v in items]
    return ["" if gap else str(v) for v, gap in zip(items, missing, strict=True)]
