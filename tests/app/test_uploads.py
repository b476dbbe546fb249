"""Files and pasted tables: read from memory, limited, refused in one paragraph."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from metarel.app._uploads import (
    MOST_BYTES,
    MOST_ROWS,
    MOST_UNFOLDED,
    read_paper,
    read_pasted,
    read_table,
)
from metarel.errors import InputError


@pytest.fixture(autouse=True)
def _nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """No copy of what was uploaded stays on disk, whether it was read or refused."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_read_with_and_without_its_digits() -> None:
    table = read_table(b"study;r;n\nAda;,50;40\nBob;,12;55\n", "mine.csv")
    assert table.name == "mine.csv"
    assert table.studies["r"].tolist() == [0.5, 0.12]
    assert table.printed["r"].tolist() == [".50", ".12"]


def test_a_workbook_is_read() -> None:
    raw = io.BytesIO()
    pd.DataFrame({"study": ["Ada", "Bob"], "yi": [0.1, 0.2]}).to_excel(raw, index=False)
    assert read_table(raw.getvalue(), "mine.xlsx").studies["yi"].tolist() == [0.1, 0.2]


def test_a_table_pasted_from_a_spreadsheet_is_read() -> None:
    assert read_pasted("study\tr\nAda\t.5\nBob\t.1\n").studies["r"].tolist() == [0.5, 0.1]


@pytest.mark.parametrize(
    ("raw", "name", "said"),
    [
        (b"MZ\x90\0", "virus.exe", r"The file must end in \.csv, .*; got virus\.exe"),
        (b"", "empty.csv", "must not be empty; empty.csv holds nothing"),
        (b"a,b\0\n1,2", "binary.csv", "binary.csv holds binary data"),
        (b"no zip at all", "broken.xlsx", "broken.xlsx cannot"),
        (b"only a header", "short.csv", "a row a study; short.csv has 1"),
        (b"a,a\n1,2", "twice.csv", "'a' more than once"),
        (b"x" * (MOST_BYTES + 1), "big.csv", r"may have 5 MB on this page; big.csv has 5\.0 MB"),
        (b"yi\n" + b"1\n" * (MOST_ROWS + 1), "long.csv", "20,000 rows .* has 20,001"),
        (b"x", "../../etc/passwd", "got passwd"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_bad_files_are_refused_by_name_and_without_paths(raw: bytes, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        read_table(raw, name)
    assert tempfile.gettempdir() not in str(refused.value)
    assert "`path`" not in str(refused.value)


def test_a_zip_that_unfolds_to_too_much_is_refused() -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("xl/sheet.xml", b"0" * (MOST_UNFOLDED + 1))
    assert len(raw.getvalue()) < MOST_BYTES
    with pytest.raises(InputError, match=r"unfold to at most 60 MB; bomb\.xlsx"):
        read_table(raw.getvalue(), "bomb.xlsx")


def test_a_paper_is_read_and_a_scan_of_nothing_refused() -> None:
    assert "r = .28" in read_paper(b"The mean was r = .28.", "note.txt").text
    with pytest.raises(InputError, match=r"paper.pdf"):
        read_paper(b"not a pdf", "paper.pdf")
    with pytest.raises(InputError, match="Paste a table first"):
        read_pasted("  \n")
