"""What in an uploaded table is probably not meant is said, and nothing is changed."""

from __future__ import annotations

import pytest

from metarel.app import _library as library
from metarel.app._suspect import MOST, suspicions
from metarel.app._uploads import Table, read_table
from metarel.errors import MetarelWarning

PLAIN = "study,r,n,year\n" + "".join(f"S{i},.{i}1,{40 + i},{1990 + i}\n" for i in range(1, 8))


def table(more: str = "", start: str = PLAIN) -> Table:
    return read_table(f"{start}{more}".encode(), "mine.csv")


def test_an_honest_table_is_not_suspected() -> None:
    assert suspicions(table()) == ()


@pytest.mark.parametrize("slug", ["kolden2011", "bcg", "farber2011", "benish2011"])
def test_shipped_tables_are_not_suspected(slug: str) -> None:
    assert suspicions(library.as_table(library.load(slug))) == ()


@pytest.mark.parametrize("name", ["Total", "TOTAL:", "Overall", "Mean", "Summe", "Média"])
def test_a_total_is_left_out_with_a_word_when_the_file_is_read(name: str) -> None:
    with pytest.warns(MetarelWarning, match="left out, as no study"):
        found = table(f"{name},.41,300,\n")
    assert suspicions(found) == ()


@pytest.mark.parametrize("size", ["12.500", "12.000"])
def test_a_size_that_can_be_thousands_stays_text_with_a_word(size: str) -> None:
    with pytest.warns(MetarelWarning, match=f"'n' holds '{size}', which can be 12"):
        found = table(f"Pat,.2,{size},1999\n")
    assert found.studies["n"].iloc[-1] == size


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("S1,.11,41,1991\n", "line 9 of the file is the same as line 2 of the file"),
        ("Odd,2.5,41,1999\n", "Line 9 of the file: r is 2.5; it must be a number in [-1, 1]"),
        ("Big,.2,4100,1999\n", "'n' is 4,100 in line 9 of the file, far above the rest"),
        ("Pat,.2,12.5,1999\n", "has 12.5 (line 9 of the file). Half people come"),
    ],
)
def test_what_cannot_be_meant_is_asked(more: str, said: str) -> None:
    (found,) = suspicions(table(more))
    assert said in found


def test_percents_as_text_and_sizes_that_are_spreads() -> None:
    start = "study,r,n,women\n" + "".join(f"S{i},.{i}1,1{i}.7,{i}0 %\n" for i in range(1, 6))
    with pytest.warns(MetarelWarning, match="'women' holds percentages: '10 %' is read as 10"):
        found = table(start=start)
    (sizes,) = suspicions(found)
    assert sizes.endswith("Is it another column, such as an SD?")


def test_few_warnings_are_shown_at_once() -> None:
    rows = ("S1,.11,41,1991", "Odd,2.5,41,1999", "Big,.2,4100,1999", "Pat,.2,12.5,1999")
    found = suspicions(table("\n".join(rows)))
    assert len(found) == MOST + 1
    assert found[-1].startswith("1 further thing")
