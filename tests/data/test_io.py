"""Study tables from files: what is read, what is kept, what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import metarel as mr
from metarel._checks import as_floats
from metarel.data.io import KINDS, read_numbered

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
    with pytest.warns(mr.MetarelWarning, match=r"line 2, column 'r', holds '0,31', but a point"):
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
        ("a.csv", "study,r,n\nAda;.3;40\nBob;.2;50\n", "of a.csv has commas, line 2 has semicol"),
        ("a.txt", "study r n\nAda .3 40\nBob .2 50\n", "seems to have blanks. Save it as CSV"),
        ("a.txt", '"study" "r"\n"1" "Ada L" .3\n', r"blanks. .* write\.csv"),
        ("a.csv", "Ada,.3,40\nBob,.2,50\n", r"must hold the headers; it has \.3, 40.* `header=1`"),
        ("a.csv", "1,40\n2,50\n", "it has 1, 40, which are numbers as a study has them"),
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
            with pytest.raises(mr.InputError, match=f"`python -m pip install {kind.needs}`"):
                mr.read_studies(file)


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    """Write a workbook, a grid a sheet."""
    with pd.ExcelWriter(path) as book:
        for name, grid in sheets.items():
            pd.DataFrame(grid).to_excel(book, sheet_name=name, index=False, header=False)
    return path


GRID = [["study", "r", "n"], ["Ada", "−.10", "40"], ["Bob", "0,28", "55"], ["Cy", ",5", 60]]


def test_text_cells_of_a_workbook_are_read_as_those_of_a_text_file(tmp_path: Path) -> None:
    grid = [["study", "r"], ["Ada", "−,10"], ["Bob", "0,28"], ["Cy", -0.5]]
    read = mr.read_studies(workbook(tmp_path / "a.xlsx", data=grid))
    assert read["r"].tolist() == [-0.1, 0.28, -0.5]
    text = "\n".join(";".join(map(str, row)) for row in grid).replace("-0.5", "-,5")
    assert mr.read_studies(write(tmp_path / "a.csv", text))["r"].tolist() == read["r"].tolist()


@pytest.mark.parametrize(
    ("text", "column", "numbers"),
    [
        ("t,n\n2.310,40\n", "t", [2.31]),
        ("t,n\n1.204,40\n.12,950\n", "t", [1.204, 0.12]),
        ("study;d;vi\nA;1.204;0.31\nB;2.310;0.45\n", "d", [1.204, 2.31]),
        ('n,r\n"1,204,500",.28\n', "n", [1204500]),
        ('x,r\n"1,204.5",.28\n', "x", [1204.5]),
        ("x;r\n1.204,5;0,28\n", "x", [1204.5]),
        ("r;n\n2,310;40\n0,5;1\n", "r", [2.31, 0.5]),
        ("n;r\n1234,567;0,5\n", "n", [1234.567]),
        ("p;n\n<0,05;40\n", "p", ["<0.05"]),
    ],
)
def test_one_rule_for_decimal_signs(
    tmp_path: Path, text: str, column: str, numbers: list[object]
) -> None:
    assert mr.read_studies(write(tmp_path / "a.csv", text))[column].tolist() == numbers


@pytest.mark.parametrize(
    ("text", "column", "cells", "message"),
    [
        ('t,r\n"2,310",.5\n', "t", ["2,310"], "line 2, column 't', .* can be 2310 or 2.310"),
        ("n;r\n95;0,32\n1.204;0,41\n", "n", ["95", "1.204"], "line 3, column 'n', .* 1204 or"),
        ("n\tr\n1,204\t5\n", "n", ["1,204"], "line 2, column 'n', .* can be 1204 or 1.204"),
        ("t;r\n2,310;40\n", "t", ["2,310"], "column 't' holds '2,310', which can be 2310 or"),
        ("n\tr\n1.204\t0\n950\t1\n", "n", ["1.204", "950"], "'1.204', which can be 1204 or"),
        ("study;n;r\nA;1.204;0.31\nB;950;0.45\n", "n", ["1.204", "950"], "'n' holds '1.204'"),
        ("study\tx\tr\nA\t1.204\t.31\nB\t950\t.45\n", "x", ["1.204", "950"], "holds '1.204'"),
        ("study,n,r\nA,1.204,0\nB,950,1\n", "n", ["1.204", "950"], "column 'n' holds '1.204'"),
        ("study,n_patients,r\nA,1.204,.1\nB,2.310,.2\n", "n_patients", ["1.204", "2.310"], "1.204"),
        ("study,x,r\nA,1.204,.1\nB,85,.2\n", "x", ["1.204", "85"], "'x' holds '1.204'"),
        ("study,N (total),r\nA,1.204,.1\nB,95,.2\n", "N (total)", ["1.204", "95"], "'1.204'"),
        (
            'n,x,arms,r\n"1,204","1,204.50","1,2",1\n',
            "n",
            ["1,204"],
            "column 'n', holds '1,204', which can be 1204 or 1.204|column 'arms', holds '1,2'",
        ),
    ],
)
def test_a_sign_that_can_be_either_is_named_and_never_guessed(
    tmp_path: Path, text: str, column: str, cells: list[object], message: str
) -> None:
    file = write(tmp_path / "a.csv", text)
    with pytest.warns(mr.MetarelWarning, match=message):
        read = mr.read_studies(file)
    assert read["r"].dtype.kind in "fi"  # the other columns are numbers all the same
    assert read[column].tolist() == cells


@pytest.mark.filterwarnings("ignore:a.csv. column .n. holds .1,204.")
@pytest.mark.parametrize(
    ("text", "said", "column", "cells"),
    [
        ('t,n\n"2,31",40\n', "line 2, column 't': '2,31' is read as 2.31, and so", "t", [2.31]),
        ('n,refs\n"1,204","3,15"\n950,"2"\n', "'3,15' is read as 3.15", "n", ["1,204", "950"]),
    ],
)
def test_decimal_commas_between_commas_are_read_aloud(
    tmp_path: Path, text: str, said: str, column: str, cells: list[object]
) -> None:
    with pytest.warns(mr.MetarelWarning, match=said):
        assert mr.read_studies(write(tmp_path / "a.csv", text))[column].tolist() == cells


def test_blanks_around_headers_and_cells_are_left_out(tmp_path: Path) -> None:
    text = "study,N\u00a0, kind \nAda,40\u00a0,CBT\nBob, 55,CBT \nCy,\u2013,\u202fCBT\n"
    read = mr.read_studies(write(tmp_path / "a.csv", text))
    assert list(read) == ["study", "N", "kind"]
    assert read["N"].fillna(0).tolist() == [40, 55, 0]
    assert set(read["kind"]) == {"CBT"}


def test_what_a_reader_must_know_is_said(tmp_path: Path) -> None:
    text = "study,kind,women\nAda,CBT,45 %\nBob,cbt,50%\nCy,CBT,7.5 %\n"
    with pytest.warns(mr.MetarelWarning) as said:
        read = mr.read_studies(write(tmp_path / "a.csv", text))
    assert read["women"].tolist() == [45, 50, 7.5]
    told = [str(w.message) for w in said]
    assert any("column 'kind' has 'CBT', 'cbt', which count as different levels" in t for t in told)
    assert any("'45 %' is read as 45, not as a fraction" in t for t in told)


def test_percentages_beside_other_numbers_stay_text(tmp_path: Path) -> None:
    read = mr.read_studies(write(tmp_path / "a.csv", "study,women\nAda,45 %\nBob,.5\n"))
    assert read["women"].tolist() == ["45 %", ".5"]


def test_a_title_above_the_headers(tmp_path: Path) -> None:
    grid = [["My thesis data", None, None], [None, None, None], *GRID[:2]]
    for file in (
        workbook(tmp_path / "a.xlsx", data=grid),
        write(tmp_path / "a.csv", "My thesis data\n\nstudy;r;n\nAda;−.10;40\n"),
    ):
        with pytest.raises(mr.InputError, match=r"looks like a title \('My thesis data'\).*ow 3"):
            mr.read_studies(file)
        read = mr.read_studies(file, header=3)
        assert read.to_numpy().tolist() == [["Ada", -0.1, 40]]
        with pytest.raises(mr.InputError, match="`header` must be a line of a"):
            mr.read_studies(file, header=2)


def test_sheets_are_named_or_counted(tmp_path: Path) -> None:
    file = workbook(tmp_path / "a.xlsx", notes=[["yi", "vi"], [1, 2]], data=[["yi"], [0.5]])
    with pytest.warns(mr.MetarelWarning, match="read the sheet 'notes'.*'data'"):
        assert list(mr.read_studies(file)) == ["yi", "vi"]
    for sheet in ("data", "2", 1):
        assert list(mr.read_studies(file, sheet=sheet)) == ["yi"]
    with pytest.raises(mr.InputError, match="`sheet` must be one of 'notes', 'data'"):
        mr.read_studies(file, sheet="3")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_rows_know_where_in_the_file_they_stand(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a{suffix}"
    if suffix == ".csv":
        write(file, 'study,n\n"two\nlines",40\n\nBob,about 40\n')
        place = "line 5 of the file"
    else:
        workbook(file, data=[["study", "n"], ["Ada", 40], [None, None], ["Bob", "about 40"]])
        place = "row 4 of the file"
    numbered = read_numbered(file)
    assert list(mr.read_studies(file).index) == [0, 1]
    with pytest.raises(mr.InputError, match=rf"`n` must hold numbers; {place} is 'about 40'\. C"):
        as_floats(numbered["n"], "n")
    with pytest.raises(mr.InputError, match=rf"{place} \('Bob'\) is"):
        as_floats(numbered["n"], "n", list(numbered["study"]))


def test_a_cell_in_doubt_is_named_alone(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "n;r\n95;0,32\n1.204;−,10\n−5;n.s.\n")
    with pytest.warns(mr.MetarelWarning, match=r"1204 or 1\.204"):
        table = read_numbered(file)
    with pytest.raises(mr.InputError, match=r"line 3 of the file is '1\.204', whose point can be"):
        as_floats(table["n"], "n")
    with pytest.raises(mr.InputError, match=r"numbers; line 4 of the file is 'n\.s\.'\."):
        as_floats(table["r"], "r")


def test_only_cells_that_are_no_numbers_are_named() -> None:
    with pytest.raises(mr.InputError, match=r"row 1 is 'about 40' \(rows are counted from 0\)"):
        as_floats(["50", "about 40", "60"], "n")
    with pytest.raises(mr.InputError, match=r"numbers as text.*pd.to_numeric"):
        as_floats(pd.Series(["50", "60"]), "n")
    with pytest.raises(mr.InputError, match="reads decimal commas"):
        as_floats(["−0,889", "0.5"], "yi")


def test_a_file_of_another_program_is_told_how_to_become_one(tmp_path: Path) -> None:
    with pytest.raises(mr.InputError, match=r"Save it as \.xlsx in Excel"):
        mr.read_studies(write(tmp_path / "alliance.xls", "x"))


HEAD = "study,yi,vi\nAda,.45,.1\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'{HEAD}"Bob,.12,.2\nCy,.3,.1\nDee",.3,.14\nEve,.2,.1\n', "line 3 holds 'Bob,.12,.2'"),
        (f'{HEAD}"Bob,.12,.2\nCy",.3,.1\n', "line 3 holds 'Bob,.12,.2', which looks like a line"),
        (f'{HEAD}"Bob,.12,.2\nCy,.3,.1\nDee,.3,.14\n', "mark in line 3 is not closed"),
        (f'{HEAD}Bob,.12,.2\n"Cy,.3,.1', "mark in line 4 is not closed"),
        (f'{HEAD}Bob,.12,".2\n', "mark in line 3 is not closed"),
        ('study,yi,vi,note\nAda,.4,.1,"good\nBob,.1,.2,"\nCy,.3,.1,', "line 2 holds 'Bob,.1,.2,'"),
        (f'{HEAD}"Bob,.12,.2\nCy,.3,.1\n"Dee, E.",.3,.14\n', "line 3 holds 'Bob,.12,.2'"),
    ],
)
def test_a_stray_quotation_mark_swallows_no_studies(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(mr.InputError, match=re.escape(said)):
        mr.read_studies(write(tmp_path / "a.csv", text))


def test_marks_that_close_hold_lines_and_separators(tmp_path: Path) -> None:
    honest = 'study,yi,note\nAda,.45,"a, b\nand c, too"\nBob,.1,"p. 3; 4"\n'
    read = mr.read_studies(write(tmp_path / "b.csv", honest))
    assert read["note"].tolist() == ["a, b and c, too", "p. 3; 4"]
    ends = mr.read_studies(write(tmp_path / "c.csv", 'study,yi\nAda,.45\n"Bob, C.",".1"'))
    assert ends["study"].tolist() == ["Ada", "Bob, C."]


def test_marks_of_significance_are_left_out_with_a_word(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "study,r,stars\nAda,.45**,*\nBob,−.1 †,**\nCy,.30,\n")
    with pytest.warns(mr.MetarelWarning, match=r"'r' has 2 cells with marks .* in '\.45\*\*'"):
        read = mr.read_studies(file)
    assert read["r"].tolist() == [0.45, -0.1, 0.3]
    assert read["stars"].tolist()[:2] == ["*", "**"]
    with pytest.warns(mr.MetarelWarning, match="marks of significance"):
        assert mr.read_studies(file, as_printed=True)["r"].tolist() == [".45", "−.1", ".30"]


@pytest.mark.parametrize("dash", "-−–‐‑")
def test_a_dash_before_a_number_is_its_minus_sign(tmp_path: Path, dash: str) -> None:
    file = write(tmp_path / "a.csv", f"study;r;s\nAda;{dash}.5;{dash}\nBob;{dash}0.2;.1\n")
    read = mr.read_studies(file)
    assert read["r"].tolist() == [-0.5, -0.2]
    assert read["s"].isna().tolist() == [True, False]


def test_numbers_are_headers_where_that_is_said(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "0.5,1.5\n1,2\n")
    assert list(mr.read_studies(file, header=1)) == ["0.5", "1.5"]


@pytest.mark.parametrize(
    ("text", "said", "rows"),
    [
        ("study,n\nAda,40\nstudy,n\nBob,50\n", "line 3 repeats the headers and is no study", 2),
        ("study,n,r\nAda,40\nBob,50,.1\n", r"line 2 has fewer cells than the header \(3\)", 2),
        ("study,n,r\nAda,,40,\nBob,50,.1\n", "line 2 has more cells than the header", 2),
        ('study,n\nAda,40\nBob",50\n', "line 3 holds 'Bob\"', in which a quotation mark", 2),
    ],
)
def test_damaged_lines_are_named(tmp_path: Path, text: str, said: str, rows: int) -> None:
    with pytest.warns(mr.MetarelWarning, match=said):
        read = mr.read_studies(write(tmp_path / "a.csv", text))
    assert len(read) == rows
    assert read["n"].dtype.kind in "if"


@pytest.mark.parametrize("group", [" ", "'", "’", "\u202f"])
def test_blanks_and_apostrophes_group_thousands(tmp_path: Path, group: str) -> None:
    file = write(tmp_path / "a.csv", f"study;n;d\nAda;1{group}204;0,5\nBob;95;0,6\n")
    assert mr.read_studies(file)["n"].tolist() == [1204, 95]


def test_the_separator_is_that_of_most_lines(tmp_path: Path) -> None:
    text = "Smith, J. (2001);0,26;169\nAda;0,15;157\n"
    read = mr.read_studies(write(tmp_path / "a.csv", f"study, first author;d;n\n{text}"))
    assert read["d"].tolist() == [0.26, 0.15]
    with pytest.raises(mr.InputError, match="must hold the headers; it has 0,26, 169"):
        mr.read_studies(write(tmp_path / "b.csv", text))


def test_the_first_sheet_with_a_table_is_read(tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "a.xlsx", about=[["My studies"], ["2026"]], data=[["study", "n"], ["A", 1]]
    )
    with pytest.warns(mr.MetarelWarning, match="read the sheet 'data'; `sheet` names another: 'ab"):
        assert mr.read_studies(file)["study"].tolist() == ["A"]


@pytest.mark.parametrize("cell", ["=1/3", "#DIV/0!"])
def test_cells_without_a_value_are_named(tmp_path: Path, cell: str) -> None:
    file = workbook(tmp_path / "a.xlsx", data=[["study", "d"], ["Ada", cell], ["Bob", 0.2]])
    with pytest.warns(mr.MetarelWarning, match=rf"1 cell .* B2 \({re.escape(cell)}\). Open the f"):
        assert mr.read_studies(file)["d"].isna().tolist() == [True, False]


def test_separators_in_quotation_marks_part_nothing(tmp_path: Path) -> None:
    text = '"study (first author, second author, year)";yi;vi\nAda;0,45;0,1\n'
    read = mr.read_studies(write(tmp_path / "a.csv", text))
    assert read.iloc[0].tolist() == ["Ada", 0.45, 0.1]


def test_columns_without_headers_are_counted(tmp_path: Path) -> None:
    read = mr.read_studies(write(tmp_path / "a.csv", "study,n,,\nAda,40,x,y\nBob,50,x,\n"))
    assert list(read.columns) == ["study", "n", "column 3", "column 4"]
    assert list(mr.read_studies(write(tmp_path / "b.csv", "study,n,,\nAda,4,,\nB,5,,\n"))) == [
        "study",
        "n",
    ]
