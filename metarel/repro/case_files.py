"""What a folder of cases holds: JSON, TOML and CSV files, and folders of datasets."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metarel.data.catalog import load_dataset
from metarel.data.validate import DESCRIPTION, REPORTED, STUDIES
from metarel.errors import DatasetError, InputError
from metarel.repro.case_schema import FIELDS

#: A column of this name makes a CSV file one of many cases.
CASE_COLUMN = "case"
#: What stands before a figure's name in the columns of such a file.
REPORTED_PREFIX = "reported."
PRECISION_PREFIX = "decimals."
SUFFIXES = (".json", ".toml", ".csv")


@dataclass(frozen=True, slots=True)
class Source:
    """One case as a file holds it.

    Parameters
    ----------
    file : str
        Its place below the folder; ``#`` and a number or a name where a file holds several.
    given : mapping
        Its keys; empty for a dataset or where the file is at fault.
    fault : str
        What is wrong with the file; empty where nothing is.
    folder : str
        The folder of a dataset; empty for a case.
    digest : str
        A hash of all that the case is made of.
    """

    file: str
    given: Mapping[str, Any]
    fault: str = ""
    folder: str = ""
    digest: str = ""


def find_cases(folder: str | Path) -> list[Source]:
    """Return every case of a folder and of the folders below it, in the order of their names.

    Parameters
    ----------
    folder : str or Path
        Where the files are; a single file will do.

    Returns
    -------
    list of Source
        A file at fault is a source that says so.

    Raises
    ------
    DatasetError
        If there is no such folder, or no case in it.
    InputError
        If it is no path.
    """
    if not isinstance(folder, (str, Path)):
        raise InputError(f"`folder` must be a str or Path; got {type(folder).__name__}.")
    root = Path(folder)
    if not root.exists():
        raise DatasetError(f"`folder` must be a folder of cases, or one file; {root} is not there.")
    if root.is_file() and root.suffix not in SUFFIXES:
        raise DatasetError(f"`folder` must be a folder, or a JSON, TOML or CSV file; got {root}.")
    base = root if root.is_dir() else root.parent
    found = [source for path in _paths(root) for source in _sources(path, base)]
    if not found:
        raise DatasetError(
            f"{root} holds no case: no JSON or TOML file, no CSV file with a column "
            f"`{CASE_COLUMN}`, and no folder with {DESCRIPTION}."
        )
    return _refuse_twice(found)


def _paths(root: Path) -> list[Path]:
    """Return the files that may hold cases, and the folders that hold datasets."""
    if root.is_file():
        return [root]
    datasets = {file.parent for file in root.rglob(DESCRIPTION)}
    files = [
        path
        for path in root.rglob("*")
        if path.suffix in SUFFIXES and path.is_file() and path.parent not in datasets
    ]
    return sorted([*files, *datasets], key=str)


def _sources(path: Path, base: Path) -> Iterator[Source]:
    """Yield the cases of one file."""
    place = path.relative_to(base).as_posix()
    try:
        yield from _READERS[path.suffix if path.is_file() else ""](path, place)
    except (DatasetError, OSError) as error:
        yield Source(place, {}, str(error), digest=_digest(str(error)))


def _dataset(path: Path, place: str) -> Iterator[Source]:
    """Yield a dataset's folder as one case."""
    texts = [
        (path / name).read_bytes()
        for name in (DESCRIPTION, REPORTED, STUDIES)
        if (path / name).is_file()
    ]
    load_dataset(path)
    yield Source(place, {}, folder=str(path), digest=_digest(*texts))


def _json(path: Path, place: str) -> Iterator[Source]:
    """Yield the case or the list of cases of a JSON file; numbers stay text, with their digits."""
    try:
        held = json.loads(_text(path, place), parse_float=str, parse_int=str, parse_constant=_none)
    except json.JSONDecodeError as error:
        raise DatasetError(
            f"{place}: line {error.lineno}, column {error.colno}: not valid JSON: {error.msg}."
        ) from error
    except RecursionError as error:
        raise DatasetError(f"{place}: lists and objects are nested too deep for a case.") from error
    if not isinstance(held, list):
        yield _source(held, place, path)
        return
    for number, one in enumerate(held, 1):
        yield _source(one, f"{place}#{number}", path)


def _none(_constant: str) -> None:
    """Read NaN and Infinity, which JSON does not know, as missing."""


def _toml(path: Path, place: str) -> Iterator[Source]:
    """Yield the case of a TOML file; numbers keep their digits."""
    try:
        held = tomllib.loads(_text(path, place), parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise DatasetError(f"{place}: not valid TOML: {error}.") from error
    except RecursionError as error:
        raise DatasetError(f"{place}: lists and tables are nested too deep for a case.") from error
    yield _source(held, place, path)


def _csv(path: Path, place: str) -> Iterator[Source]:
    """Yield the cases of a CSV file in long form; another CSV file is a table that a case names."""
    rows = _table(_text(path, place), place)
    if not rows or CASE_COLUMN not in rows[0]:
        return
    grouped: dict[str, list[dict[str, str]]] = {}
    for number, row in enumerate(rows, 2):
        if not row[CASE_COLUMN].strip():
            raise DatasetError(f"{place}: line {number}: `{CASE_COLUMN}` is empty.")
        grouped.setdefault(row[CASE_COLUMN], []).append(row)
    for name, held in grouped.items():
        where = f"{place}#{name}"
        try:
            yield _source(_from_long_form(name, held, where), where, path)
        except DatasetError as error:
            yield Source(where, {"id": name}, str(error), digest=_digest(str(error)))


def _from_long_form(name: str, rows: list[dict[str, str]], place: str) -> dict[str, Any]:
    """Return the keys of a case from its rows: what is of the case stands in one row at least."""
    of_case = {
        column: _only_value(column, rows, place)
        for column in rows[0]
        if column in FIELDS or column.startswith((REPORTED_PREFIX, PRECISION_PREFIX))
    }
    studies = [
        {c: v for c, v in row.items() if c not in of_case and c != CASE_COLUMN} for row in rows
    ]
    given: dict[str, Any] = {k: v for k, v in of_case.items() if k in FIELDS and v}
    given |= {"id": name, "studies": studies, "reported": _prefixed(of_case, REPORTED_PREFIX)}
    precision = {
        column: {"decimals": value}
        for column, value in _prefixed(of_case, PRECISION_PREFIX).items()
    }
    return given | ({"input_precision": precision} if precision else {})


def _prefixed(of_case: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        key.removeprefix(prefix): v for key, v in of_case.items() if key.startswith(prefix) and v
    }


def _only_value(column: str, rows: list[dict[str, str]], place: str) -> str:
    values = dict.fromkeys(row[column].strip() for row in rows if row[column].strip())
    if len(values) > 1:
        raise DatasetError(
            f"{place}: `{column}` must be the same in all rows of a case, or stand in one of them; "
            f"it is {' and '.join(map(repr, values))}."
        )
    return next(iter(values), "")


def _source(held: Any, place: str, path: Path) -> Source:
    """Return a case, with the table that it names in place of the name."""
    if isinstance(held, dict) and isinstance(held.get("studies"), str):
        table = path.parent / held["studies"]
        try:
            rows: Any = _table(_text(table, held["studies"]), held["studies"])
        except (DatasetError, OSError) as error:
            fault = f"{place}: `studies` cannot be read: {error}"
            return Source(place, held, fault, digest=_digest(fault))
        held = {**held, "studies": rows}
    given = held if isinstance(held, dict) else {}
    fault = "" if isinstance(held, dict) else f"{place}: a case must be an object with keys."
    digest = _digest(json.dumps(held, sort_keys=True, default=str, ensure_ascii=False))
    return Source(place, given, fault, digest=digest)


def _table(text: str, place: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file, every cell as text."""
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline="")) if line]
    except csv.Error as error:
        raise DatasetError(f"{place}: not valid CSV: {error}.") from error
    if not lines:
        return []
    names = [name.strip() for name in lines[0]]
    for number, line in enumerate(lines[1:], 2):
        if len(line) != len(names):
            raise DatasetError(
                f"{place}: line {number} has {len(line)} cells; the header has {len(names)}."
            )
    return [dict(zip(names, line, strict=True)) for line in lines[1:]]


def _text(path: Path, place: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{place}: must be UTF-8; byte {error.start} is not.") from error


def _digest(*parts: str | bytes) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part.encode() if isinstance(part, str) else part)
        found.update(b"\0")
    return found.hexdigest()


def _refuse_twice(sources: list[Source]) -> list[Source]:
    """Turn a case whose id another has into one at fault."""
    first: dict[str, str] = {}
    found = []
    for source in sources:
        name = str(source.given.get("id") or source.file)
        if name in first:
            fault = f"{source.file}: `id` {name!r} is that of {first[name]} too."
            source = Source(source.file, source.given, fault, digest=_digest(source.digest, fault))
        first.setdefault(name, source.file)
        found.append(source)
    return found


_READERS = {".json": _json, ".toml": _toml, ".csv": _csv, "": _dataset}
