"""Rows of totals: found by name and by sum, left out aloud, and never a study by mistake."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import metarel as mr
from metarel.data.totals import total_rows, without_totals
from metarel.errors import InputError, MetarelWarning

ROWS = "Ada,109,.19\nBob,749,.16\nCyd,55,.34\nDee,65,−.09\n"
WITH_TOTAL = f"Author (year),N ,Corr. (r)\n{ROWS},,\nTotal,978,.15\n"
TABLE = pd.DataFrame({"study": ["Ada", "Bob", "Cyd", "Dee"], "n": [10, 20, 30, 41]})


def with_row(*cells: object) -> pd.DataFrame:
    """Return the table with one more row."""
    return pd.concat([TABLE, pd.DataFrame([cells], columns=TABLE.columns)], ignore_index=True)


def test_a_total_is_left_out_of_a_file_aloud_and_can_be_kept(tmp_path: Path) -> None:
    file = tmp_path / "word.csv"
    file.write_text(WITH_TOTAL, encoding="utf-8")
    said = r"The last row is called 'Total', and its 'N' \(978\) is the sum of the others: left out"
    with pytest.warns(MetarelWarning, match=said):
        studies = mr.read_studies(file)
    assert len(studies) == 4
    assert studies["N"].sum() == 978
    assert len(mr.read_studies(file, totals=True)) == 5
    with pytest.warns(MetarelWarning, match="rename it"):
        assert len(mr.read_studies(file, as_printed=True)) == 4


def test_a_total_of_thousands_leaves_its_column_numbers(tmp_path: Path) -> None:
    file = tmp_path / "word.csv"
    file.write_text('study,n\nAda,900\nBob,700\nCyd,50\nTotal,"1,650"\n', encoding="utf-8")
    with pytest.warns(MetarelWarning, match=r"\(1,650\) is the sum"):
        assert mr.read_studies(file)["n"].sum() == 1650


@pytest.mark.parametrize(
    "name",
    ["Total", "total (95% CI)", "Subtotal", "Overall", "Overall effect", "TOTAL:", "Summary effect",
     "Random-effects model", "Pooled estimate", "All studies", "Grand total"],
)  # fmt: skip
def test_what_totals_are_called(name: str) -> None:
    (found,) = total_rows(with_row(name, 101))
    assert found.sums == (("n", "101"),)
    assert found.place == "The last row"


@pytest.mark.parametrize(
    "name", ["Overall & Gorham 1962", "Overall 1962", "Pool 1999", "Totally new", "Summers 2001"]
)
def test_authors_are_no_totals(name: str) -> None:
    assert total_rows(with_row(name, 101)) == ()


def test_a_total_without_sum_is_left_out_by_its_name_alone() -> None:
    with pytest.warns(MetarelWarning, match="The last row is called 'Overall': left out, as no st"):
        assert len(without_totals(with_row("Overall", None))) == 4


def test_subtotals_are_sums_of_the_rows_above_them() -> None:
    names = ["Ada", "Bob", "Subtotal", "Cyd", "Dee", "Subtotal", "Total"]
    found = total_rows(pd.DataFrame({"study": names, "n": [10, 20, 30, 30, 41, 71, 101]}))
    assert [(t.row, len(t.sums)) for t in found] == [(2, 1), (5, 1), (6, 1)]
    assert str(found[0]).startswith("Row 3 is called 'Subtotal'")


def test_a_subtotal_of_a_file_is_named_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "parts.csv"
    file.write_text("study,n\nAda,10\nBob,20\n,\nSubtotal,30\nCyd,30\n", encoding="utf-8")
    with pytest.warns(MetarelWarning, match="Line 5 of the file is called 'Subtotal'"):
        assert mr.read_studies(file).index.tolist() == [0, 1, 2]


def test_a_last_row_without_a_name_is_a_total_only_by_its_sum() -> None:
    assert [t.name for t in total_rows(with_row(None, 101))] == [""]
    assert total_rows(with_row(None, 100)) == ()
    assert total_rows(TABLE) == ()
    assert total_rows(pd.DataFrame({"yi": [0.1, None], "vi": [0.1, 0.1]})) == ()


def test_a_search_refuses_a_frame_with_a_total() -> None:
    data = with_row("Total", 101).assign(r=[0.1, 0.2, 0.3, 0.2, 0.2])
    with pytest.raises(InputError, match="leave the row out, or rename it if it is a study"):
        mr.find_analysis(data, r="r", n="n", estimate=".20")
