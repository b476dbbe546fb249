"""Rows that are no totals: nameless last studies, outcomes that are called overall."""

from __future__ import annotations

import pandas as pd
import pytest

from metarel.data.totals import total_rows, without_totals
from metarel.errors import MetarelWarning


def test_a_last_study_without_a_name_is_no_total_unless_it_sums_up() -> None:
    rows = [["A", "1", "10"], ["B", "2", "20"], ["C", "3", "30"], ["D", "4", "40"]]
    words = {"columns": ["study", "x", "n"], "dtype": object}
    assert total_rows(pd.DataFrame([*rows, [None, "7", "70"]], **words)) == ()
    (total,) = total_rows(pd.DataFrame([*rows, [None, "9", "100"]], **words))
    assert total.name == ""
    assert str(total).startswith("The last row has no name, and its 'n' (100) is the sum")


@pytest.mark.parametrize("name", ["Overall", "Combined", "Average"])
def test_what_other_columns_say_is_no_name(name: str) -> None:
    table = pd.DataFrame({"outcome": [name, "pain", name], "study": ["A", "B", "C"]})
    assert total_rows(table) == ()
    alone = pd.DataFrame({"what": [name, "pain", name], "yi": ["1", "2", "3"]})
    assert total_rows(alone) == ()


def test_a_total_behind_a_column_of_numbers_is_found() -> None:
    table = pd.DataFrame({"id": ["1", "2", "3"], "study": ["A", "B", "Total"], "n": [1, 2, 3]})
    assert [row.row for row in total_rows(table)] == [2]


@pytest.mark.parametrize("name", ["Mean", "Summe", "Média", "Gesamt", "Insgesamt", "Totaux"])
def test_words_of_other_languages_stand_for_a_total_at_the_end(name: str) -> None:
    names = ["A", "B", "C", name]
    (last,) = total_rows(pd.DataFrame({"study": names, "yi": [0.1, 0.2, 0.3, 0.2]}))
    assert last.row == 3
    amid = pd.DataFrame({"study": [name, "A", "B", "C"], "n": [10, 20, 30, 40]})
    assert total_rows(amid) == ()
    with pytest.warns(MetarelWarning, match=f"Row 1 is called '{name}' and is kept as a study"):
        assert len(without_totals(amid)) == 4
    (sums,) = total_rows(amid.assign(n=[90, 20, 30, 40]))
    assert sums.row == 0


def test_totals_below_an_unknown_header_are_found() -> None:
    table = pd.DataFrame({"id": [1, 2, 3, 4], "who": ["A", "B", "C", "Total"], "d": [1, 2, 3, 2]})
    assert [row.row for row in total_rows(table)] == [3]


def test_totals_of_parts_without_counts_are_found() -> None:
    names = ["A", "B", "Total", "C", "D", "Total"]
    assert [r.row for r in total_rows(pd.DataFrame({"study": names, "yi": range(6)}))] == [2, 5]
    levels = pd.DataFrame({"study": ["A", "A", "Total", "B", "B", "Total"], "yi": range(6)})
    with pytest.warns(MetarelWarning, match="'Total' and is kept as a study") as said:
        assert len(without_totals(levels)) == 6
    assert len(said) == 2
