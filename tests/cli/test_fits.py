"""What the terminal adds to a pooled fit: the result without each study, and its influence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import metarel as mr
from metarel._format import WIDTH
from metarel.cli import app

MOLLOY = str(Path(__file__).resolve().parents[2] / "datasets" / "molloy2014" / "studies.csv")
#: What a fit says of names that repeat; the terminal says it below, in its own options.
REPEATED = (
    "\nNote: 16 effects of 15 names, treated as independent; if they are not, see\n  robust()."
)
MEASURED = (MOLLOY, "--measure", "ZCOR", "--r", "r", "--n", "n")


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), env={"COLUMNS": "80"}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def effects() -> pd.DataFrame:
    return mr.effect_sizes(pd.read_csv(MOLLOY), "ZCOR", r="r", n="n")


def test_pool_prints_the_result_without_each_study(effects: pd.DataFrame) -> None:
    fit = mr.pool(effects, labels="study", test="knha")
    words = ("pool", *MEASURED, "--labels", "study", "--test", "knha")
    text = run(*words, "--leave-one-out", "--influence")
    shown = str(fit).replace(REPEATED, "")
    assert shown != str(fit)
    assert text.startswith(shown)
    assert "\nWithout each study, back-transformed, tanh(y)\n" in text
    for row in mr.leave_one_out(fit, transform=True).itertuples():
        assert f"{row.estimate:.4f}" in text
        assert row.left_out in text
    assert "look again" in text
    assert f"{mr.influence(fit).rstudent[0]:.4f}" in text
    assert "e-0" not in text
    assert max(map(len, text.splitlines())) <= WIDTH
    assert run(*words) == f"{shown}\n"


def test_the_same_as_plain_data(effects: pd.DataFrame) -> None:
    fit = mr.pool(effects, labels="study")
    words = ("pool", *MEASURED, "--labels", "study", "--json")
    found = json.loads(run(*words, "--leave-one-out", "--influence"))
    assert [row["estimate"] for row in found.pop("leave_one_out")] == pytest.approx(
        mr.leave_one_out(fit).estimate.tolist(), rel=1e-15
    )
    assert [row["dffits"] for row in found.pop("influence")] == pytest.approx(
        mr.influence(fit).dffits.tolist(), rel=1e-15
    )
    assert found == json.loads(run(*words))


def test_subgroups_take_a_column_of_sizes(tmp_path: Path, effects: pd.DataFrame) -> None:
    file = tmp_path / "effects.csv"
    effects.rename(columns={"n": "people"}).to_csv(file, index=False)
    words = ("subgroups", str(file), "--by", "design", "--yi", "yi", "--vi", "vi")
    assert f" {effects.n.sum()} " in run(*words, "--n", "people")
    assert f" {effects.n.sum()} " not in run(*words)
    assert f" {effects.n.sum()} " in run("subgroups", *MEASURED, "--by", "design")


def test_regress_says_what_its_picture_is() -> None:
    text = " ".join(run("regress", "--help").replace("│", " ").split())
    assert "forest plot with the fitted values as diamonds" in text
    assert "plot --kind bubble" in text


def test_bias_folds_its_notes_to_the_terminal(run: Callable[..., str], trials: str) -> None:
    """The note on few studies is longer than a terminal is wide."""
    sizes = ("--m1", "m1", "--sd1", "sd1", "--n1", "n1", "--m2", "m2", "--sd2", "sd2", "--n2", "n2")
    said = run("bias", trials, "--measure", "SMD", *sizes)
    assert "little power" in " ".join(said.split())
    assert max(map(len, said.splitlines())) <= 120
