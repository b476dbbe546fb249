"""Study tables written in many ways are read as they were meant, and damage is never silent."""

from __future__ import annotations

import csv
import io
import random
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import metarel as mr

AUTHORS = (
    *("Smith, J. (2001)", "O'Brien 1999", "Müller & Groß", 'Lee "B." 2003', "van der Berg"),
    *("Total recall 2004", "Means 1987", "Zhang [a]", "Sum & Co", "N/A study", "Ada"),
)
NOTES = ("good, but small", "p. 3; 4", "see Table 2", "", "a\nb", "x|y", "0,5 or 0.5")
Table = dict[str, list[Any]]


def study_table(rng: random.Random) -> tuple[Table, int]:
    """Return a random table as it is meant, and the decimals of its effects."""
    k, digits = rng.randint(2, 9), rng.choice([1, 2, 3, 4])
    largest = rng.choice([250, 9999])
    table: Table = {
        "study": [f"{rng.choice(AUTHORS)} {i}" for i in range(k)],
        "d": [round(rng.gauss(0.4, 0.8), digits) for _ in range(k)],
        "n": [rng.randint(8, largest) for _ in range(k)],
        "se": [round(rng.uniform(0.05, 0.6), 3) for _ in range(k)],
        "women": [rng.randint(0, 100) for _ in range(k)],
        "note": [rng.choice(NOTES) for _ in range(k)],
    }
    return {c: v for c, v in table.items() if c in ("study", "d") or rng.random() < 0.7}, digits


def written(table: Table, digits: int, rng: random.Random) -> tuple[str, str]:
    """Return a table as one of many programs and hands would write it, and its separator."""
    separator = rng.choice(",;\t|")
    decimal = "." if separator == "," else rng.choice(".,")
    thousands = rng.choice(["", "", " ", "," if decimal == "." else "."])
    bare, minus = rng.random() < 0.4, rng.choice("-−–")

    def cell(column: str, value: Any) -> str:
        if column == "n":
            return f"{value:,}".replace(",", thousands)
        if column not in ("d", "se"):
            return f"{value} %" if column == "women" else str(value)
        text = f"{abs(value):.{digits if column == 'd' else 3}f}"
        text = text.removeprefix("0") if bare else text
        return (minus if value < 0 else "") + text.replace(".", decimal)

    out = io.StringIO(newline="")
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    writer = csv.writer(out, delimiter=separator, quoting=quoting, lineterminator="\n")
    writer.writerow(table)
    for row in zip(*table.values(), strict=True):
        writer.writerow([cell(c, value) for c, value in zip(table, row, strict=True)])
    return out.getvalue(), separator


def read(path: Path, text: str, encoding: str = "utf-8") -> tuple[pd.DataFrame | None, str]:
    """Return the table of a text, None where it is refused; and what was said."""
    path.write_bytes(text.encode(encoding))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            found = mr.read_studies(path)
        except mr.InputError as error:
            return None, str(error)
    return found, " ".join(str(one.message) for one in said)


def wrong_numbers(table: Table, found: pd.DataFrame) -> list[str]:
    """Return the columns with a number that is not the one that was meant for its study."""
    names = {name: row for row, name in enumerate(found["study"].tolist())}
    return [
        column
        for column, meant in table.items()
        if column in found and column not in ("study", "note") and found[column].dtype.kind in "if"
        for name, value in zip(table["study"], meant, strict=True)
        if name in names and found[column].iloc[names[name]] != value
    ]


def check_honest(seed: int, path: Path) -> None:
    """Read one table in two encodings: each cell is right, or its column stays text aloud."""
    rng = random.Random(seed)
    table, digits = study_table(rng)
    text, _ = written(table, digits, rng)
    for encoding in ("utf-8", rng.choice(["utf-8-sig", "utf-16"])):
        found, said = read(path, text, encoding)
        assert found is not None, (seed, said)
        assert found["study"].tolist() == table["study"], seed
        assert wrong_numbers(table, found) == [], seed
        silent = [
            column
            for column in table
            if column not in ("study", "note")
            and found[column].dtype.kind not in "if"
            and f"{column!r}" not in said
        ]
        assert silent == [], (seed, said)


def stray(text: str, separator: str, rng: random.Random) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(f'{separator}"\n') + text[at:]


def lost(text: str, separator: str, rng: random.Random) -> str:
    start = text.index("\n") + 1  # damaged headers are missed by whoever names a column
    at = rng.choice([i for i, sign in enumerate(text) if sign in f'{separator}"\n' and i >= start])
    return text[:at] + text[at + 1 :]


def exchanged(text: str, separator: str, rng: random.Random) -> str:
    at = rng.choice([i for i, sign in enumerate(text) if sign == separator])
    return text[:at] + rng.choice([s for s in ",;\t|" if s != separator]) + text[at + 1 :]


def twice(text: str, _separator: str, _rng: random.Random) -> str:
    return f"{text}\n{text}"


def headless(text: str, _separator: str, _rng: random.Random) -> str:
    return text.partition("\n")[2]


def titled(text: str, _separator: str, _rng: random.Random) -> str:
    return f"Table 1. Studies of therapy\n{text}"


DAMAGES: tuple[Callable[[str, str, random.Random], str], ...] = (
    *(stray, lost, exchanged, twice, headless, titled),
)


def check_damaged(seed: int, path: Path) -> None:
    """Read one damaged table: refused, said, or no number is another's and no study is gone."""
    rng = random.Random(seed)
    table, digits = study_table(rng)
    text, separator = written(table, digits, rng)
    damage = DAMAGES[seed % len(DAMAGES)]
    found, said = read(path, damage(text, separator, rng))
    if found is None or said:
        return
    assert len(found) == len(table["study"]), (seed, damage.__name__)
    if "study" in found:
        assert wrong_numbers(table, found) == [], (seed, damage.__name__)


def test_tables_are_read_as_they_were_meant(tmp_path: Path) -> None:
    for seed in range(150):
        check_honest(seed, tmp_path / "a.csv")


def test_damage_is_never_silent(tmp_path: Path) -> None:
    for seed in range(300):
        check_damaged(seed, tmp_path / "a.csv")


@pytest.mark.slow
def test_many_tables(tmp_path: Path) -> None:
    for seed in range(20_000):
        check_honest(seed, tmp_path / "a.csv")
        check_damaged(seed, tmp_path / "a.csv")
