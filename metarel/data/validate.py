"""A dataset's three files held against each other: every fault names file, row and column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from metarel._format import count, listing
from metarel._lazy import pd
from metarel._printed_interval import printed_decimal
from metarel._register import did_you_mean
from metarel.data.model import DataColumn, Figure
from metarel.errors import DatasetError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

STUDIES, DESCRIPTION, REPORTED = "studies.csv", "dataset.toml", "reported.toml"
ROLES = ("label", "input", "moderator", "recheck", "note")
EXPECT = ("agrees", "agrees truncated", "differs", "cannot run")

#: Units whose values are whole numbers.
WHOLE = ("persons", "events", "year", "number")

_TEXTS = ("title", "citation", "licence", "source")
_OPTIONAL = ("doi", "notes", "columns", "effect")
_COLUMN_KEYS = ("name", "role", "unit", "meaning", "range", "missing")


def check_description(given: Mapping[str, Any], place: str) -> None:
    """Refuse a ``dataset.toml`` whose texts are missing, empty or unknown.

    Parameters
    ----------
    given : mapping
        The file as read.
    place : str
        The folder, for messages.

    Raises
    ------
    DatasetError
        Naming the file and the key.
    """
    file = f"{place}/{DESCRIPTION}"
    _refuse_unknown(given, (*_TEXTS, *_OPTIONAL), file)
    _need_texts(given, _TEXTS, file)
    for key, kind, words in (("doi", str, "text"), ("notes", list, "a list of texts")):
        if not isinstance(given.get(key, kind()), kind):
            raise DatasetError(f"{file}: `{key}` must be {words}; got {given[key]!r}.")
    for note in given.get("notes", []):
        if not isinstance(note, str):
            raise DatasetError(f"{file}: `notes` must be a list of texts; got {note!r}.")


def read_columns(given: Mapping[str, Any], place: str) -> tuple[DataColumn, ...]:
    """Return the columns that ``dataset.toml`` declares.

    Parameters
    ----------
    given : mapping
        The file as read.
    place : str
        The folder, for messages.

    Returns
    -------
    tuple of DataColumn
        In the file's order.

    Raises
    ------
    DatasetError
        On an unknown key or role, a range that is none, a name that stands twice.
    """
    file = f"{place}/{DESCRIPTION}"
    columns = [
        _column(entry, f"{file}, column {i}") for i, entry in _tables(given, "columns", file)
    ]
    if not columns:
        raise DatasetError(f"{file}: `columns` must declare at least one column; got none.")
    _refuse_twice((column.name for column in columns), "column", file)
    return tuple(columns)


def _column(entry: Mapping[str, Any], at: str) -> DataColumn:
    at = f"{at} ({entry['name']!r})" if "name" in entry else at
    _refuse_unknown(entry, _COLUMN_KEYS, at)
    _need_texts(entry, ("name", "role", "unit", "meaning"), at)
    _need_one_of(entry["role"], "role", ROLES, at)
    span = entry.get("range", [None, None])
    if not isinstance(span, list) or len(span) != 2 or not all(map(_is_end, span)):
        raise DatasetError(f"{at}: `range` must be two numbers, [low, high]; got {span!r}.")
    low, high = (None if end is None or math.isinf(end) else float(end) for end in span)
    if low is not None and high is not None and low > high:
        raise DatasetError(f"{at}: `range` must rise; got {span!r}.")
    missing = entry.get("missing", False)
    if not isinstance(missing, bool):
        raise DatasetError(f"{at}: `missing` must be true or false; got {missing!r}.")
    texts = (entry["name"], entry["role"], entry["unit"], entry["meaning"])
    return DataColumn(*texts, low=low, high=high, missing=missing)


def _is_end(end: object) -> bool:
    return end is None or (isinstance(end, int | float) and not isinstance(end, bool))


def read_effect(
    given: Mapping[str, Any], columns: Sequence[DataColumn], place: str
) -> dict[str, dict[str, Any]]:
    """Return how effects arise, by variant; the table's own keys are the variant ``"default"``.

    Parameters
    ----------
    given : mapping
        ``dataset.toml`` as read.
    columns : sequence of DataColumn
        The declared columns.
    place : str
        The folder, for messages.

    Returns
    -------
    dict
        Variant to the measure and the words of ``effect_sizes``.

    Raises
    ------
    DatasetError
        If there is no effect, a variant has no measure, or names a column that is not declared.
    """
    file = f"{place}/{DESCRIPTION}"
    table = given.get("effect", {})
    if not isinstance(table, dict) or "measure" not in table:
        raise DatasetError(f"{file}: `effect` must be a table with a `measure`; got {table!r}.")
    variants = {name: value for name, value in table.items() if isinstance(value, dict)}
    default = {name: value for name, value in table.items() if name not in variants}
    found = {"default": default, **variants}
    names = [column.name for column in columns]
    settings = ("measure", "variance", "correct")
    for variant, words in found.items():
        if not isinstance(words.get("measure"), str):
            raise DatasetError(f"{file}: `effect.{variant}` needs a `measure`; got {words!r}.")
        for word, value in words.items():
            if word not in settings and isinstance(value, str) and value not in names:
                raise DatasetError(
                    f"{file}: `effect.{variant}` reads `{word}` from the column {value!r}, which "
                    f"is not declared.{did_you_mean(value, names)}"
                )
    return found


def read_figures(given: Mapping[str, Any], place: str) -> tuple[Figure, ...]:
    """Return the figures of ``reported.toml``.

    Parameters
    ----------
    given : mapping
        The file as read: ``[[figures]]`` tables.
    place : str
        The folder, for messages.

    Returns
    -------
    tuple of Figure
        In the file's order.

    Raises
    ------
    DatasetError
        On a missing or unknown key, digits that are not text or not a number, an id that stands
        twice, or an expected difference without its reason.
    """
    file = f"{place}/{REPORTED}"
    _refuse_unknown(given, ("figures",), file)
    figures = [
        _figure(entry, f"{file}, figure {i}") for i, entry in _tables(given, "figures", file)
    ]
    _refuse_twice((figure.id for figure in figures), "figure", file)
    return tuple(figures)


def _figure(entry: Mapping[str, Any], at: str) -> Figure:
    at = f"{at} ({entry['id']!r})" if "id" in entry else at
    _refuse_unknown(entry, [field.name for field in fields(Figure)], at)
    _need_texts(entry, ("id", "where", "quantity", "printed", "recipe"), at)
    figure = Figure(**entry)
    try:
        printed_decimal(figure.printed.lstrip("<>=≤≥ ").rstrip("% "))
    except InputError as error:
        raise DatasetError(
            f"{at}: `printed` must be a number as printed; got {figure.printed!r}."
        ) from error
    if not isinstance(figure.reason, str):
        raise DatasetError(f"{at}: `reason` must be text; got {figure.reason!r}.")
    if not isinstance(figure.arguments, dict):
        raise DatasetError(f"{at}: `arguments` must be a table; got {figure.arguments!r}.")
    _need_one_of(figure.expect, "expect", EXPECT, at)
    if figure.expect != "agrees" and not figure.reason:
        raise DatasetError(
            f"{at}: `reason` must say what is known of the difference, because `expect` is "
            f"{figure.expect!r}; got none."
        )
    return figure


def table_of_text(rows: list[list[str]], place: str) -> pd.DataFrame:
    """Return a table's lines as a frame of text.

    Parameters
    ----------
    rows : list of list of str
        The lines of ``studies.csv``, the header first.
    place : str
        The folder, for messages.

    Returns
    -------
    DataFrame
        One row a line below the header.

    Raises
    ------
    DatasetError
        If there is no header, a column stands twice, or a row has too many or too few cells.
    """
    file = f"{place}/{STUDIES}"
    if not rows:
        raise DatasetError(f"{file} must start with a row of column names; it is empty.")
    header, *body = rows
    _refuse_twice(header, "column", file)
    for i, row in enumerate(body, start=1):
        if len(row) != len(header):
            raise DatasetError(
                f"{file}, row {i} ({row[0]}) must have {count(len(header), 'cell')}, one a column; "
                f"got {len(row)}. A cell with a comma needs quotation marks."
            )
    return pd.DataFrame(body, columns=header, dtype=str)


def read_studies(cells: pd.DataFrame, columns: Sequence[DataColumn], place: str) -> pd.DataFrame:
    """Return the study table with numbers where numbers are declared.

    Parameters
    ----------
    cells : DataFrame
        ``studies.csv`` with every cell as text, an empty one for what is missing.
    columns : sequence of DataColumn
        The declared columns.
    place : str
        The folder, for messages.

    Returns
    -------
    DataFrame
        Columns in the declared order; whole numbers are integers, missing numbers NaN.

    Raises
    ------
    DatasetError
        On missing or undeclared columns, and on cells that are empty, not a number, not whole or
        outside their range; the first faults of a column are named with row and study.
    """
    file = f"{place}/{STUDIES}"
    names = [column.name for column in columns]
    absent = [repr(name) for name in names if name not in cells.columns]
    extra = [name for name in cells.columns if name not in names]
    if absent:
        raise DatasetError(
            f"{file} lacks the column {listing(absent)}, which {DESCRIPTION} declares."
        )
    if extra:
        raise DatasetError(
            f"{file} has the column {listing([repr(name) for name in extra])}, which {DESCRIPTION} "
            f"does not declare.{did_you_mean(str(extra[0]), names)}"
        )
    if cells.empty:
        raise DatasetError(f"{file} must have at least one row of studies; got none.")
    labels = cells[next((c.name for c in columns if c.role == "label"), names[0])]
    return pd.DataFrame({c.name: _values(cells[c.name], c, labels, file) for c in columns})


def _values(cells: pd.Series, column: DataColumn, labels: pd.Series, file: str) -> pd.Series:
    """Return one column's values, each checked against the declaration."""
    empty = cells.str.strip() == ""
    if not column.missing:
        _refuse_rows(empty, cells, labels, f"{file}, column {column.name!r} must not be empty")
    if column.is_text:
        return cells
    numbers = pd.to_numeric(cells.where(~empty), errors="coerce")
    at = f"{file}, column {column.name!r} must be"
    finite = numbers.abs() < math.inf
    _refuse_rows(~finite & ~empty, cells, labels, f"{at} a number ({column.unit})")
    if column.unit in WHOLE:
        _refuse_rows(numbers % 1 > 0, cells, labels, f"{at} whole ({column.unit})")
    low = -math.inf if column.low is None else column.low
    high = math.inf if column.high is None else column.high
    outside = (numbers < low) | (numbers > high)
    _refuse_rows(outside, cells, labels, f"{at} within {column.shown_range}")
    whole = column.unit in WHOLE and not empty.any()
    return numbers.astype("int64") if whole else numbers.astype(float)


def _refuse_rows(wrong: pd.Series, cells: pd.Series, labels: pd.Series, must: str) -> None:
    """Refuse cells, naming row and study; rows count from 1 below the header."""
    rows = [i for i, bad in enumerate(wrong) if bad]
    if rows:
        shown = [f"row {i + 1} ({labels.iloc[i]}): {cells.iloc[i]!r}" for i in rows]
        raise DatasetError(f"{must}; got {listing(shown)}.")


def _tables(given: Mapping[str, Any], key: str, file: str) -> list[tuple[int, dict[str, Any]]]:
    """Return a list of tables with their numbers from 1."""
    tables = given.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(entry, dict) for entry in tables):
        raise DatasetError(f"{file}: `{key}` must be a list of tables, [[{key}]]; got {tables!r}.")
    return list(enumerate(tables, start=1))


def _need_texts(given: Mapping[str, Any], keys: Iterable[str], at: str) -> None:
    for key in keys:
        value = given.get(key)
        if value is None:
            raise DatasetError(f"{at}: `{key}` is missing; it must be text.")
        if not isinstance(value, str) or not value.strip():
            raise DatasetError(f"{at}: `{key}` must be text in quotation marks; got {value!r}.")


def _refuse_unknown(given: Mapping[str, Any], known: Sequence[str], at: str) -> None:
    for key in given:
        if key not in known:
            raise DatasetError(
                f"{at}: `{key}` is not a known key; known are {', '.join(known)}."
                f"{did_you_mean(key, known)}"
            )


def _need_one_of(value: object, key: str, known: Sequence[str], at: str) -> None:
    if value not in known:
        listed = ", ".join(repr(word) for word in known)
        raise DatasetError(f"{at}: `{key}` must be one of {listed}; got {value!r}.")


def _refuse_twice(names: Iterable[str], what: str, file: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DatasetError(f"{file}: the {what} {name!r} stands twice; it must stand once.")
        seen.add(name)
