"""``metarel check``: printed numbers held against each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import metarel as mr
from metarel.cli import app

SENTENCE = "Alliance predicted outcome, r = .28, 95% CI [.25, .30], k = 201, d = .57."
WRONG = "The effect was g = 0.45, 95% CI [0.20, 0.60], p = .03."


def test_check_reads_a_sentence_figures_a_file_and_standard_input(
    run: Callable[..., str], data: Callable[..., Any], tmp_path: Path
) -> None:
    found = mr.check(SENTENCE)
    assert run("check", SENTENCE) == f"{found}\n"
    assert data("check", SENTENCE) == json.loads(json.dumps(found.to_dict()))
    figures = ("check", "--r", ".24", "--ci", ".12,.36", "--k", "16")
    assert run(*figures) == f"{mr.check(r='.24', ci=('.12', '.36'), k='16')}\n"
    file = tmp_path / "abstract.txt"
    file.write_text(SENTENCE, encoding="utf-8")
    assert "r = .28" in run("check", str(file))
    piped = CliRunner().invoke(app, ["check", "-"], input=SENTENCE, env={"COLUMNS": "120"})
    assert piped.stdout == f"{found}\n"
    table = tmp_path / "subgroups.csv"
    table.write_text("group,k,r\nA,3,.20\nB,4,.30\nTotal,8,.25\n", encoding="utf-8")
    assert "8" in run("check", str(table), status=1)


def test_check_has_status_1_where_figures_contradict_each_other(run: Callable[..., str]) -> None:
    found = mr.check(WRONG)
    assert not found.ok
    assert run("check", WRONG, status=1) == f"{found}\n"
    assert run("check", WRONG, "--letter", status=1) == f"{found.letter()}\n"
    assert run("check", "no figures at all").startswith("Nothing to check")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("check",), "A text, a file, or figures"),
        (("check", "a", "b"), "One text or file must be given"),
        (("check", "r = .2", "--k", "3"), "not both"),
        (("check", "none.pdf"), "there is no 'none.pdf'"),
        (("check", "--x", "3"), "`check` knows no figure 'x'"),
        (("check", "none.doc"), "there is no 'none.doc'"),
        (("check", "r = .2", "--lettr"), "no option --lettr. Did you mean '--letter'?"),
        (("check", "r = .2", "--jsn"), "Did you mean '--json'?"),
    ],
)
def test_check_refuses_in_words(
    refusal: Callable[..., str], words: tuple[str, ...], message: str
) -> None:
    assert message in refusal(*words)


@pytest.mark.parametrize("name", ["old.doc", "old.rtf", "old.odt", "abstract"])
def test_check_refuses_files_that_it_cannot_read(
    refusal: Callable[..., str], tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    file.write_text("r = .28, d = .99", encoding="utf-8")
    assert "cannot be read; save it as .docx, .pdf or .txt" in refusal("check", str(file))
    assert "a folder" in refusal("check", str(tmp_path))


def test_check_takes_df_and_p_beside_q_for_its_own(run: Callable[..., str]) -> None:
    told = run("check", "--Q", "38.2", "--df", "15", "--I2", "10%", "--p", ".40", status=1)
    assert "p of Q" in told
    assert "df is taken for Q_df, p is taken for Q_p" in told


def test_check_names_rows_by_their_lines(run: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("r,z,p\n.20,1.96,.05\n.30,1.96,.50\n", encoding="utf-8")
    assert "p from z [row 2, line 3 of the file]" in run("check", str(file), status=1)


def test_check_lists_all_groups_on_demand(run: Callable[..., str]) -> None:
    text = ". ".join(f"Outcome {i}: z = 1.96, p = .05" for i in range(15)) + "."
    assert "… and 3 more groups" in run("check", text)
    assert "15. " in run("check", text, "--all")


def test_check_says_where_in_a_document(run: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "paper.txt"
    file.write_text("Aims.\n\nThe effect was large, z = 1.96, p = .50.", encoding="utf-8")
    told = run("check", str(file), status=1)
    assert "paragraph 2: “The effect was large, z = 1.96, p = .50”" in told


def test_the_help_of_check_lists_its_figures(run: Callable[..., str]) -> None:
    told = run("check", "--help")
    for figure in ("Q_df", "Q_p", "tau2", "p_between", "ci LOW,HIGH"):
        assert f"--{figure}" in told
