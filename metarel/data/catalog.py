"""Where datasets are; find them and load them."""

from __future__ import annotations

import csv
import io
import tomllib
from pathlib import Path
from typing import Any

from metarel._lazy import pd
from metarel._register import did_you_mean
from metarel.data.model import Dataset
from metarel.data.validate import (
    DESCRIPTION,
    REPORTED,
    STUDIES,
    check_description,
    read_columns,
    read_effect,
    read_figures,
    read_studies,
    table_of_text,
)
from metarel.errors import DatasetError

_PACKAGE = Path(__file__).resolve().parents[1]

#: Inside an installed wheel; at the top of a checkout, which an editable install reads too.
_PLACES = (_PACKAGE / "_datasets", _PACKAGE.parent / "datasets")


def _shipped() -> dict[str, Path]:
    """Return the folders that ship with metarel by slug, in alphabetical order."""
    for place in _PLACES:
        found = {file.parent.name: file.parent for file in place.glob(f"*/{DESCRIPTION}")}
        if found:
            return dict(sorted(found.items()))
    return {}


def slugs() -> list[str]:
    """Return the slugs of the datasets that ship with metarel, in alphabetical order.

    Returns
    -------
    list of str
        As ``load_dataset`` takes them; no file is read.

    Examples
    --------
    >>> "bcg" in slugs()
    True
    """
    return list(_shipped())


def shipped_folder(name: str) -> Path:
    """Return a folder that ships beside the study tables without being one.

    Parameters
    ----------
    name : str
        The folder's name.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    DatasetError
        If this installation does not hold it.
    """
    for place in _PLACES:
        if (place / name).is_dir():
            return place / name
    raise DatasetError(f"This installation holds no folder {name!r} of data.")


def load_dataset(name: str | Path) -> Dataset:
    """Load a study table with its description and the figures published from it.

    Parameters
    ----------
    name : str or Path
        The slug of a dataset that ships with metarel (``list_datasets()`` names them), or the path
        of a folder with the same three files: ``studies.csv``, ``dataset.toml``, ``reported.toml``.

    Returns
    -------
    Dataset
        ``.studies`` is the table, ``.effect`` how effects arise from it, ``.figures`` what was
        published; printing it shows all that is known.

    Raises
    ------
    DatasetError
        If there is no such dataset, or its files contradict each other; the message names file,
        row and column.

    Examples
    --------
    >>> import metarel as mr
    >>> data = mr.load_dataset("bcg")
    >>> data.effect["default"]["measure"]
    'RR'
    >>> data.studies[["study", "year", "events1", "non_events1"]].head(2)
                  study  year  events1  non_events1
    0           Aronson  1948        4          119
    1  Ferguson & Simes  1949        6          300
    """
    folder = _folder(name)
    place = folder.name
    described = _toml(folder, DESCRIPTION)
    check_description(described, place)
    columns = read_columns(described, place)
    return Dataset(
        slug=place,
        title=described["title"],
        citation=described["citation"],
        effect=read_effect(described, columns, place),
        studies=read_studies(_cells(folder), columns, place),
        figures=read_figures(_toml(folder, REPORTED), place),
        columns=columns,
        doi=described.get("doi", ""),
        licence=described["licence"],
        source=described["source"],
        notes=tuple(described.get("notes", ())),
    )


def study_text(name: str | Path) -> str:
    """Return the study table of a dataset as the text of its file, with the digits as they stand.

    Parameters
    ----------
    name : str or Path
        A slug or a folder, as ``load_dataset`` takes it.

    Returns
    -------
    str
        Rows of comma-separated cells, a row of headers first.

    Raises
    ------
    DatasetError
        If there is no such dataset, or no study table in it.

    Examples
    --------
    >>> study_text("molloy2014").splitlines()[0]
    'study,year,n,r,controls,design,a_measure,c_measure,meanage,quality'
    """
    return _text(_folder(name), STUDIES)


def list_datasets() -> pd.DataFrame:
    """List the datasets that ship with metarel.

    Returns
    -------
    DataFrame
        One row a dataset: its slug, title, measure, rows, published figures, citation and DOI.

    Raises
    ------
    DatasetError
        If a dataset's files contradict each other.

    Examples
    --------
    >>> import metarel as mr
    >>> "kolden2011" in set(mr.list_datasets()["slug"])
    True
    """
    columns = ["slug", "title", "measure", "rows", "figures", "citation", "doi"]
    loaded = [load_dataset(folder) for folder in _shipped().values()]
    rows = [{**data.to_dict(), "measure": data.effect["default"]["measure"]} for data in loaded]
    return pd.DataFrame(rows, columns=columns)


def _folder(name: str | Path) -> Path:
    """Return the folder of a slug or a path."""
    shipped = _shipped()
    if isinstance(name, str) and name in shipped:
        return shipped[name]
    folder = Path(name)
    if folder.is_dir():
        return folder.resolve()
    ship = f"{len(shipped)} ship: list_datasets() names them" if shipped else "None ship here"
    raise DatasetError(
        f"`name` must be a dataset's slug or a folder that holds one; got {str(name)!r}."
        f"{did_you_mean(str(name), shipped)} {ship} (in a terminal `metarel datasets`)."
    )


def _text(folder: Path, file: str) -> str:
    path = folder / file
    if not path.is_file():
        raise DatasetError(
            f"{folder.name} has no {file}; a dataset's folder holds {STUDIES}, {DESCRIPTION} and "
            f"{REPORTED}."
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{folder.name}/{file} must be UTF-8; byte {error.start} is not. Save it as UTF-8."
        ) from error


def _toml(folder: Path, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(folder, file))
    except tomllib.TOMLDecodeError as error:
        raise DatasetError(f"{folder.name}/{file} is not valid TOML: {error}.") from error


def _cells(folder: Path) -> pd.DataFrame:
    """Return the study table with every cell as text; pandas would drop cells of long rows."""
    lines = list(csv.reader(io.StringIO(_text(folder, STUDIES), newline="")))
    rows = [line for line in lines if line]
    return table_of_text(rows, folder.name)
