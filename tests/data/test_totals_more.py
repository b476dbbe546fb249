"""Rows that are no totals: nameless last studies, outcomes that are called overall."""

from __future__ import annotations

import pandas as pd
import pytest

from metarel.data.totals import total_rows


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
