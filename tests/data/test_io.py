"""Study tables from files: what is read, what is kept, what is refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import metarel as mr
from metarel.data.io import KINDS

TABLE = pd.DataFrame({"study": ["Ada", "Bob é"], "r": [0.31, -0.5], "n": [40, 55]})


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write a file and return its path."""
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_a_text_file_is_read_whatever_wrote_it(
    tmp_path: Path, separator: str, encoding: str, line: str
) -> None:
    text = line.join(
        separator.join(cells)
        for cells in (("study", "r", "n"), ("Ada", ".31", "40"), ("Bob é", "-.50", "55"))
    )
    read = mr.read_studies(write(tmp_path / "studies.csv", text + line, encoding))
    pd.testing.assert_frame_equal(read, TABLE, check_dtype=False)


def test_decimal_commas_are_read_where_no_point_stands(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "study;r;n\nAda;0,31;40\nBob é;−,50;55\n")
    pd.testing.assert_frame_equal(mr.read_studies(file), TABLE, check_dtype=False)
    mixed = write(tmp_path / "b.csv", "study;r;n\nAda;0,31;40\nBob;0.50;55\n")
    assert list(mr.read_studies(mixed)["r"]) == ["0,31", "0.50"]


def test_cells_as_printed_keep_their_digits(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "study,r,n\nAda,.50,40\nBob,,55\n")
    read = mr.read_studies(file, as_printed=True)
    assert list(read["r"].fillna("missing")) == [".50", "missing"]


def test_empty_rows_and_columns_are_left_out_and_missing_cells_are_missing(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "study,r,\nAda,.50,\n,,\n\nBob,NA,\n")
    read = mr.read_studies(file)
    assert list(read.columns) == ["study", "r"]
    assert read["r"].isna().tolist() == [False, True]


@pytest.mark.parametrize("suffix", [".xlsx", ".dta", ".sav"])
def test_files_of_other_programs_are_read(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"studies{suffix}"
    if suffix == ".xlsx":
        TABLE.to_excel(file, index=False, sheet_name="data")
        pd.testing.assert_frame_equal(mr.read_studies(file, sheet="data"), TABLE)
    elif suffix == ".dta":
        TABLE.to_stata(file, write_index=False)
    else:
        import pyreadstat

        pyreadstat.write_sav(TABLE, file)
    read = mr.read_studies(file)
    pd.testing.assert_frame_equal(read, TABLE, check_dtype=False)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.pdf", "x", r"`path` must be .*\*\.csv"),
        ("a.csv", "", r"a row of headers and a row a study; a\.csv has 0"),
        ("a.csv", "study,r\n", r"has 1 of them"),
        ("a.csv", "n,r,n\n1,2,3\n", r"header must stand once; a\.csv has 'n'"),
        ("a.csv", "a,b\n1,2\n1,2,3\n", r"line 3 of a\.csv has 3"),
        ("a.csv", "a\0b\n1\n", r"binary data"),
        ("a.xlsx", "no workbook", r"an Excel workbook that can be read; a\.xlsx cannot"),
        ("a.sav", "no data", r"an SPSS file that can be read"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(mr.InputError, match=message):
        mr.read_studies(write(tmp_path / name, text))


def test_a_file_that_is_not_there_and_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(mr.InputError, match="must be a file that exists"):
        mr.read_studies(tmp_path / "none.csv")
    file = tmp_path / "a.xlsx"
    TABLE.to_excel(file, index=False)
    with pytest.raises(mr.InputError, match=r"`sheet`.*'Sheet1'"):
        mr.read_studies(file, sheet="Sheet2")
    with pytest.raises(mr.InputError, match="from 0 to 0; got 3"):
        mr.read_studies(file, sheet=3)
    with pytest.raises(mr.InputError, match="`as_printed` must be False"):
        mr.read_studies(file, as_printed=True)


def test_every_kind_says_which_package_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(_path: object, _sheet: object) -> pd.DataFrame:
        raise ImportError

    for suffix, kind in KINDS.items():
        if kind.needs:
            file = write(tmp_path / f"a{suffix}", "x")
            monkeypatch.setitem(KINDS, suffix, type(kind)(kind.name, absent, kind.needs))
            with pytest.raises(mr.InputError, match=f"needs {kind.needs}.*metarel\\[io\\]"):
                mr.read_studies(file)
