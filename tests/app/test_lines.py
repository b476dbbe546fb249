"""Rows are named by their line of the file; of a workbook the first sheet with a table is read."""

from __future__ import annotations

import io

import pandas as pd
import pytest

import metarel as mr
from metarel.app._attempt import Outcome, attempt
from metarel.app._lines import by_line, by_lines, first_table, line_name
from metarel.app._uploads import read_table


def book(**sheets: pd.DataFrame) -> bytes:
    raw = io.BytesIO()
    with pd.ExcelWriter(raw) as writer:
        for name, frame in sheets.items():
            frame.to_excel(writer, sheet_name=name, index=False)
    return raw.getvalue()


NOTES = pd.DataFrame({"note": ["first draft"]})
DATA = pd.DataFrame({"study": ["Ada", None, "Bea"], "r": [0.1, None, 0.2], "n": [10, None, 20]})


def test_blank_lines_and_line_breaks_in_cells_are_counted() -> None:
    raw = b'study;r\n\n"Ada\nand Bea";,1\n;\nCy;,2\n'
    table = read_table(raw, "mine.csv")
    assert table.lines == (3, 6)
    assert line_name(1, table.lines) == "line 6 of the file"


def test_the_first_sheet_with_a_table_is_read_and_any_other_can_be() -> None:
    raw = book(Notes=NOTES, Data=DATA)
    table = read_table(raw, "mine.xlsx")
    assert (table.sheet, table.studies["study"].tolist()) == ("Data", ["Ada", "Bea"])
    assert [(sheet.name, sheet.rows) for sheet in table.sheets] == [("Notes", 2), ("Data", 3)]
    assert table.lines == (2, 4)
    other = read_table(table.raw, table.name, "Notes")
    assert (other.sheet, list(other.studies)) == ("Notes", ["note"])
    assert read_table(book(Data=DATA), "one.xlsx").raw == b""
    assert first_table(()) == ""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("row 1 ('Bea') is 2.5", "study 'Bea' (line 4 of the file) is 2.5"),
        ("rows 0, 1 ('Ada', 'Bea') are", "studies 'Ada', 'Bea' (lines 3, 4 of the file) are"),
        ('row 1, counted from 0 ("O\'Hara")', 'study "O\'Hara" (line 4 of the file)'),
        ("row 1 is 0", "line 4 of the file is 0"),
        ("row 7 ('Dan')", "study 'Dan' (row 8 of the table)"),
        ("a row of headers and 3 rows", "a row of headers and 3 rows"),
    ],
)
def test_rows_become_lines(said: str, told: str) -> None:
    assert by_line(said, (3, 4, 5)) == told


def test_a_refusal_of_the_library_names_study_and_line() -> None:
    frame = pd.DataFrame({"study": ["Ada", "Bea"], "r": [0.1, 2.5], "n": [10, 20]})
    outcome = attempt(lambda: mr.effect_sizes(frame, "ZCOR", r="r", n="n", labels="study"))
    assert "study 'Bea' (line 3 of the file)" in by_lines(outcome, (2, 3)).problem


def test_notes_on_rows_left_out_can_be_for_the_page_to_tell() -> None:
    outcome = Outcome(1, "", ("1 of 3 rows left out, row 1 ('Bea'): no yi.", "tau2 is 0."))
    assert by_lines(outcome, (2, 3, 4), without=" left out").notes == ("tau2 is 0.",)
    told = "1 of 3 rows left out, study 'Bea' (line 3 of the file): no yi."
    assert by_lines(outcome, (2, 3, 4)).notes == (told, "tau2 is 0.")
