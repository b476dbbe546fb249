"""``metarel reproduce``: published figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import metarel as mr
from metarel.data import catalog

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
MOLLOY = str(DATASETS / "molloy2014" / "studies.csv")


def test_reproduce_prints_verdicts(run: Callable[..., str], data: Callable[..., Any]) -> None:
    text = run("reproduce", "molloy2014")
    assert "molloy2014: Molloy, O'Carroll & Ferguson 2014, abstract" in text
    assert "8 published figures: 4 of 8 agree; 4 differ, each with a note on it." in text
    assert "younger_ci_high" in text
    found = data("reproduce", "molloy2014", "bcg")
    expected = [mr.reproduce(slug).to_dict()["figures"] for slug in ("molloy2014", "bcg")]
    assert found["figures"] == [*expected[0], *expected[1]]
    assert found["ok"] is True


def test_reproduce_has_status_1_where_a_verdict_is_unexpected(
    run: Callable[..., str], data: Callable[..., Any], tmp_path: Path
) -> None:
    folder = tmp_path / "molloy2014"
    folder.mkdir()
    for file in (DATASETS / "molloy2014").iterdir():
        text = file.read_text(encoding="utf-8").replace('printed = "0.15"', 'printed = "0.16"')
        (folder / file.name).write_text(text, encoding="utf-8")
    text = run("reproduce", str(folder), status=1)
    assert "1 verdict is not the one recorded: molloy2014 r." in " ".join(text.split())
    assert data("reproduce", str(folder), status=1)["ok"] is False


def test_reproduce_counts_by_dataset_and_shows_all_figures_only_where_asked(
    run: Callable[..., str],
    refusal: Callable[..., str],
    data: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalog, "slugs", lambda: ["cohen1981", "molloy2014"])
    text = run("reproduce")
    assert text.splitlines()[3].split() == ["cohen1981", "8", "8"]
    assert text.splitlines()[4].split() == ["molloy2014", "8", "4", "4"]
    assert "younger_r" not in text
    assert "16 published figures: 4 of the 8 that can run agree" in text
    assert "younger_r" in run("reproduce", "--all")
    assert len(data("reproduce")["figures"]) == 16
    assert "`--all` must stand alone" in refusal("reproduce", "molloy2014", "--all")


def test_reproduce_runs_a_folder_of_cases(
    run: Callable[..., str], data: Callable[..., Any], tmp_path: Path
) -> None:
    table = mr.effect_sizes(pd.read_csv(MOLLOY), "ZCOR", r="r", n="n")
    estimate = mr.pool(table, tau2="DL").predict(transform=True).iloc[0]["estimate"]
    studies = pd.read_csv(MOLLOY)[["study", "r", "n"]].rename(columns={"study": "label"})
    case = {
        "id": "one",
        "effect_type": "r",
        "data_kind": "r_n",
        "studies": studies.to_dict("records"),
        "reported": {"estimate": f"{estimate:.2f}", "k": "16"},
        "model": "RE",
        "tau2_estimator": "DL",
    }
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "one.json").write_text(json.dumps(case), encoding="utf-8")
    report, done = tmp_path / "report.md", tmp_path / "done.jsonl"
    words = ("reproduce", str(folder), "--depth", "declared", "--strict")
    text = run(*words, "--report", str(report), "--resume", str(done))
    assert "1 case: 1 all figures agree" in text
    assert report.read_text(encoding="utf-8").startswith("#")
    assert len(done.read_text(encoding="utf-8").splitlines()) >= 1
    case["reported"] = {"estimate": ".99"}
    (folder / "two.json").write_text(json.dumps(case | {"id": "two"}), encoding="utf-8")
    assert data(*words, status=1)["ok"] is False
