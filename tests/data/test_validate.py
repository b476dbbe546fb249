"""Every fault in a dataset's files is refused, with file, row and column."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import metarel as mr
from metarel.errors import DatasetError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a dataset to break."""
    return shutil.copytree(ROOT / "datasets" / "kolden2011", tmp_path / "copy")


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} holds no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


TABLE = [
    ("Fretz (1966),Fretz,1966,17,0.25", "Fretz (1966),Fretz,1966,17,1.25",
     r"copy/studies\.csv, column .r. must be within \[-1, 1\]; got row 3 \(Fretz.*: '1\.25'"),
    ("Fretz (1966),Fretz,1966,17,", "Fretz (1966),Fretz,1966,17 persons,",
     r"column 'n' must be a number \(persons\); got row 3 \(Fretz \(1966\)\): '17 persons'"),
    ("Fretz (1966),Fretz,1966,17,", "Fretz (1966),Fretz,1966,inf,",
     r"column 'n' must be a number \(persons\); got row 3 \(Fretz \(1966\)\): 'inf'"),
    ("Fretz (1966),Fretz,1966,17,", "Fretz, (1966),Fretz,1966,17,",
     r"copy/studies\.csv, row 3 \(Fretz\) must have 8 cells, one a column; got 9"),
    ("study,first_author,year,n,r,", "study,first_author,year,n,n,",
     r"copy/studies\.csv: the column 'n' stands twice"),
    ("Fretz (1966),Fretz,1966,17,", "Fretz (1966),Fretz,1966,17.5,",
     r"column 'n' must be whole \(persons\); got row 3"),
    ("Fretz (1966),Fretz,1966,17,", "Fretz (1966),Fretz,1966,3,",
     r"column 'n' must be within \[4, ∞\]; got row 3 \(Fretz \(1966\)\): '3'"),
    ("Fretz (1966),Fretz,1966,17,", "Fretz (1966),Fretz,1966,,",
     r"column 'n' must not be empty; got row 3 \(Fretz \(1966\)\)"),
    ("Fretz (1966),Fretz,1966", "Fretz (1966),Fretz,66",
     r"column 'year' must be within \[1900, 2030\]; got row 3"),
    ("study,first_author,year,n,r,", "study,first_author,year,N,r,",
     r"copy/studies\.csv lacks the column 'n', which dataset\.toml declares"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), TABLE)
def test_faults_in_the_table_are_named(folder: Path, old: str, new: str, message: str) -> None:
    rewrite(folder / "studies.csv", old, new)
    with pytest.raises(DatasetError, match=message):
        mr.load_dataset(folder)


def test_every_wrong_row_is_named(folder: Path) -> None:
    rewrite(folder / "studies.csv", ",150,0.24", ",150,24")
    rewrite(folder / "studies.csv", ",59,0.34", ",59,34")
    with pytest.raises(DatasetError, match=r"row 1 \(Althay.*'24', row 4 \(Fuertes.*'34'"):
        mr.load_dataset(folder)


def test_an_undeclared_column_is_refused(folder: Path) -> None:
    path = folder / "studies.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0] + ",extra", *(line + ",1" for line in lines[1:])]), "utf-8")
    with pytest.raises(DatasetError, match=r"studies\.csv has the column 'extra', which"):
        mr.load_dataset(folder)


def test_an_empty_table_is_refused(folder: Path) -> None:
    path = folder / "studies.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", "utf-8")
    with pytest.raises(DatasetError, match="must have at least one row"):
        mr.load_dataset(folder)
    path.write_text("", "utf-8")
    with pytest.raises(
        DatasetError, match=r"copy/studies\.csv must start with a row of column names"
    ):
        mr.load_dataset(folder)


DESCRIPTION = [
    ('title = "', 'titel = "', r"copy/dataset\.toml: `titel` is not a known key.*'title'"),
    ('licence = "CC0 (data of Maassen et al. 2020)"', 'licence = ""', "`licence` must be text"),
    ('source = "', '# source = "', r"copy/dataset\.toml: `source` is missing"),
    ('doi = "10.1037/a0022064"', "doi = 10", "`doi` must be text; got 10"),
    ('role = "input"', 'role = "inputs"', r"column 4 \('n'\): `role` must be one of 'label', 'in"),
    ('unit = "persons"', "", r"column 4 \('n'\): `unit` is missing"),
    ('unit = "persons"', 'units = "persons"', r"`units` is not a known key.*'unit'"),
    ("range = [4, inf]", "range = [4]", r"\('n'\): `range` must be two numbers, \[low, high\]"),
    ("range = [-1, 1]", "range = [1, -1]", r"\('r'\): `range` must rise; got \[1, -1\]"),
    ("missing = true", "missing = 1", "`missing` must be true or false; got 1"),
    ('name = "first_author"', 'name = "study"', "the column 'study' stands twice"),
    ('measure = "ZCOR"', "", "`effect` must be a table with a `measure`"),
    ('n = "n"', 'n = "N"', r"`effect\.default` reads `n` from the column 'N', which is not decl"),
    ("notes = [", "notes = [1, ", "`notes` must be a list of texts; got 1"),
    ("[effect]", "[effect", r"copy/dataset\.toml is not valid TOML"),
]


@pytest.mark.parametrize(("old", "new", "message"), DESCRIPTION)
def test_faults_in_the_description_are_named(
    folder: Path, old: str, new: str, message: str
) -> None:
    rewrite(folder / "dataset.toml", old, new)
    with pytest.raises(DatasetError, match=message):
        mr.load_dataset(folder)


FIGURES = [
    ('printed = ".24"', "printed = 0.24",
     r"copy/reported\.toml, figure 1 \('r'\): `printed` must be text in quotation.*0\.24"),
    ('printed = ".24"', 'printed = "about .2"',
     r"figure 1 \('r'\): `printed` must be a number as printed; got 'about \.2'"),
    ('recipe = "pool"', "", r"figure 1 \('r'\): `recipe` is missing"),
    ('where = "', 'place = "', r"figure 1 \('r'\): `place` is not a known key"),
    ('expect = "agrees truncated"', 'expect = "yes"', r"`expect` must be one of 'agrees', 'agr"),
    ('id = "ci_low"', 'id = "r"', "the figure 'r' stands twice; it must stand once"),
    ('id = "k"', 'id = ""', "`id` must be text"),
    ('expect = "agrees"', 'expect = "differs"', "`reason` must say what is known of the differ"),
    ('expect = "agrees"', "reason = 1", "`reason` must be text; got 1"),
    ('arguments = { column = "n" }', 'arguments = "n"', "`arguments` must be a table; got 'n'"),
    ("[[figures]]", "[[figure]]", r"copy/reported\.toml: `figure` is not a known key.*'figures'"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), FIGURES)
def test_faults_in_the_figures_are_named(folder: Path, old: str, new: str, message: str) -> None:
    rewrite(folder / "reported.toml", old, new)
    with pytest.raises(DatasetError, match=message):
        mr.load_dataset(folder)


@pytest.mark.parametrize("file", ["studies.csv", "dataset.toml", "reported.toml"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(DatasetError, match=f"copy has no {file}; a dataset's folder holds"):
        mr.load_dataset(folder)


def test_percent_and_bounds_are_printed_numbers(folder: Path) -> None:
    rewrite(folder / "reported.toml", 'printed = ".24"', 'printed = "62%"')
    rewrite(folder / "reported.toml", 'printed = ".003"', 'printed = "< .01"')
    figures = mr.load_dataset(folder).figures
    assert {"62%", "< .01"} <= {figure.printed for figure in figures}


def test_a_file_in_another_encoding_is_refused(folder: Path) -> None:
    (folder / "studies.csv").write_bytes("study\nSchäfer\n".encode("latin-1"))
    with pytest.raises(DatasetError, match=r"copy/studies\.csv must be UTF-8; byte 9 is not"):
        mr.load_dataset(folder)


def test_a_byte_order_mark_is_read_over(folder: Path) -> None:
    path = folder / "studies.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert mr.load_dataset(folder).studies.columns[0] == "study"
