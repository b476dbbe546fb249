"""The terminal knows columns of reports by the names that they have elsewhere, and says so."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

import metarel as mr
from metarel.cli import app

HEADERS = "Study,M treat,SD treat,N treat,M ctrl,SD control,n con"
ROWS = "Ada,21.3,4.1,12,18.0,5.0,15\nBob,20.1,4.4,30,18.5,4.9,31\nCy,19.0,4.0,25,18.1,4.2,24\n"


def asked(tmp_path: Path, headers: str, rows: str, *words: str) -> Result:
    file = tmp_path / "reports.csv"
    file.write_text(f"{headers}\n{rows}", encoding="utf-8")
    given = ["effects", str(file), "--measure", "SMD", "--from-reports", *words]
    return CliRunner().invoke(app, given, env={"COLUMNS": "400"}, catch_exceptions=False)


def test_columns_of_other_names_are_read_and_named(tmp_path: Path) -> None:
    done = asked(tmp_path, HEADERS, ROWS, "--json")
    assert done.exit_code == 0, done.output
    words = dict(zip(("m1", "sd1", "n1", "m2", "sd2", "n2"), HEADERS.split(",")[1:], strict=True))
    table = mr.read_studies(tmp_path / "reports.csv", as_printed=True)
    expected = mr.effects_from_reports(table, "SMD", **words)
    assert [row["yi"] for row in json.loads(done.stdout)] == expected["yi"].tolist()
    said = " ".join(done.stderr.split())
    assert "m1 from 'M treat'" in said
    assert "--word COLUMN for each word says otherwise" in said


def test_nothing_is_said_of_columns_named_by_the_words(tmp_path: Path) -> None:
    done = asked(tmp_path, "study,m1,sd1,n1,m2,sd2,n2", ROWS)
    assert done.exit_code == 0, done.output
    assert " from '" not in done.stderr


def test_given_words_are_not_added_to(tmp_path: Path) -> None:
    done = asked(tmp_path, f"{HEADERS},t", ROWS.replace("\n", ",2.1\n"), "--t", "t",
                 "--n1", "N treat", "--n2", "n con", "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert {row["route"] for row in json.loads(done.stdout)} == {"t"}
    assert " from '" not in done.stderr
