"""Folders of cases: faults that stop no other, resuming, parallel runs, exit semantics, reports."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import joblib
import numpy as np
import pytest

import metarel as mr
from metarel.errors import DatasetError, InputError
from metarel.repro import cases as room
from metarel.repro.case_verdict import (
    ALL_AGREE,
    BY_ROUNDING,
    CONTRADICT,
    ESTIMATE_ONLY,
    KNOWN,
    LEVELS,
)
from metarel.repro.verdict import CANNOT_RUN

Given = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path, plain_case: Given, make: SimpleNamespace) -> Path:
    """Four cases: one agrees, one only within rounding, one contradicts itself, one is at fault."""
    place = tmp_path / "cases"
    place.mkdir()
    y, se = make.drawn(6, 2)
    printed = plain_case["reported"]
    held = {
        "a": plain_case,
        "b": {
            "studies": make.rows(y=make.rounded(y, 1), se=make.rounded(se, 2)),
            "reported": make.printed_from(y, se**2, 2, tau2="DL"),
        },
        "c": plain_case
        | {"id": "c", "reported": printed | {"estimate": f"-{printed['estimate']}"}},
        "d": {"id": "d", "studies": [{"label": "Lee", "y": "?", "se": 1}], "reported": printed},
    }
    for name, given in held.items():
        (place / f"{name}.json").write_text(json.dumps(given))
    return place


def test_a_case_at_fault_stops_no_other_and_fails_the_run(folder: Path) -> None:
    found = mr.reproduce_cases(folder)
    assert [case.level for case in found.cases] == [ALL_AGREE, BY_ROUNDING, CONTRADICT, CANNOT_RUN]
    assert not found.ok
    text = found.report()
    assert "d.json: `studies` row 1 ('Lee'): `y` must be a number; got '?'" in text
    assert text.count("\n**") == 3
    assert "**b** (b.json): within the rounding of the study data." in text
    assert "placebo" in text
    (folder / "d.json").unlink()
    assert mr.reproduce_cases(folder, depth="declared").ok


def test_strict_fails_on_any_figure_that_differs(folder: Path) -> None:
    (folder / "d.json").unlink()
    assert not mr.reproduce_cases(folder, depth="declared", strict=True).ok
    for name in "bc":
        (folder / f"{name}.json").unlink()
    assert mr.reproduce_cases(folder, depth="declared", strict=True).ok


def test_a_fault_that_is_expected_passes(folder: Path) -> None:
    held = json.loads((folder / "d.json").read_text())
    (folder / "d.json").write_text(json.dumps(held | {"expect": CANNOT_RUN}))
    assert mr.reproduce_cases(folder, depth="declared").ok


def test_a_fault_of_the_program_is_a_verdict(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("made up")

    monkeypatch.setattr(room, "run_given", fail)
    found = mr.reproduce_cases(folder, depth="declared")
    assert {case.level for case in found.cases} == {CANNOT_RUN}
    assert "ZeroDivisionError: made up" in found.cases[0].obstacle


def test_two_at_once_give_the_report_of_one_by_one(folder: Path) -> None:
    one = mr.reproduce_cases(folder, depth="declared", jobs=1)
    with joblib.parallel_config("threading"):
        two = mr.reproduce_cases(folder, depth="declared", jobs=2)
    assert one.report() == two.report()
    assert one.to_dict() == two.to_dict()


@pytest.mark.slow
def test_two_processes_give_the_report_of_one(folder: Path) -> None:
    one = mr.reproduce_cases(folder, jobs=1)
    assert mr.reproduce_cases(folder, jobs=2).report() == one.report()


def test_a_run_goes_on_where_it_stopped(folder: Path, tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    whole = mr.reproduce_cases(folder, depth="declared", resume=results)
    lines = results.read_text().splitlines()
    assert len(lines) == 4
    results.write_text("\n".join([*lines[:2], lines[2][:100]]))  # cut in the middle of a line
    again = mr.reproduce_cases(folder, depth="declared", resume=results)
    assert again.resumed == 2
    assert again.report() == whole.report()
    assert mr.reproduce_cases(folder, depth="declared", resume=results).resumed == 4


def test_what_has_changed_is_run_again(folder: Path, tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    mr.reproduce_cases(folder, depth="declared", resume=results)
    held = json.loads((folder / "a.json").read_text())
    held["reported"]["Q"] = "99.999"
    (folder / "a.json").write_text(json.dumps(held))
    found = mr.reproduce_cases(folder, depth="declared", resume=results)
    assert found.resumed == 3
    assert found.cases[0].level != ALL_AGREE
    assert mr.reproduce_cases(folder, depth="declared", resume=results, seed=1).resumed == 0


def test_interruption_keeps_what_was_done(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, run, count = tmp_path / "results.jsonl", room.run_given, iter(range(9))

    def interrupted(*arguments: Any) -> Any:
        if next(count) == 2:
            raise KeyboardInterrupt
        return run(*arguments)

    monkeypatch.setattr(room, "run_given", interrupted)
    with pytest.raises(KeyboardInterrupt):
        mr.reproduce_cases(folder, depth="declared", resume=results)
    monkeypatch.setattr(room, "run_given", run)
    assert mr.reproduce_cases(folder, depth="declared", resume=results).resumed == 2


def test_datasets_stand_among_cases(folder: Path) -> None:
    shipped = Path(mr.__file__).resolve().parents[1] / "datasets" / "molloy2014"
    for name in ("studies.csv", "dataset.toml", "reported.toml"):
        target = folder / "molloy2014" / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((shipped / name).read_bytes())
    found = mr.reproduce_cases(folder, depth="declared")
    dataset = found.cases[-1]
    assert (dataset.id, dataset.dataset, dataset.figures_ok) == ("molloy2014", True, True)
    assert dataset.level in (ALL_AGREE, KNOWN)
    (folder / "molloy2014" / "reported.toml").write_text("figures = 3")
    assert mr.reproduce_cases(folder, depth="declared").cases[-1].level == CANNOT_RUN


def test_tables_count_what_was_found(folder: Path) -> None:
    found = mr.reproduce_cases(folder, depth="declared")
    assert sum(found.counts.values()) == len(found.cases) == 4
    levels = found.levels()
    assert list(levels.index) == list(LEVELS)
    assert levels["all"].sum() == 4
    figures = found.by_figure()
    assert (figures["printed"] == figures.drop(columns="printed").sum(axis=1)).all()
    assert len(found.figures()) == figures["printed"].sum()
    frame = found.to_frame()
    assert list(frame["id"]) == ["made-1", "b", "c", "d"]
    assert frame.loc[3, "obstacle"]
    json.dumps(found.to_dict(), allow_nan=False)
    assert "4 cases:" in str(found)


def test_one_file_is_a_folder_of_one(folder: Path) -> None:
    found = mr.reproduce_cases(folder / "a.json", depth="declared")
    assert [case.file for case in found.cases] == ["a.json"]


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"depth": "deep"}, InputError, "`depth` must be one of"),
        ({"jobs": 0}, InputError, "`jobs` must be a positive whole number, or -1"),
        ({"jobs": 1.5}, InputError, "`jobs` must be"),
        ({"seed": -1}, InputError, "`seed` must be a whole number"),
        ({"resume": "no/such/folder/results.jsonl"}, InputError, "`resume` must be a file"),
    ],
)
def test_wrong_arguments_are_refused(
    folder: Path, words: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        mr.reproduce_cases(folder, **words)


def test_a_file_that_holds_no_verdicts_is_not_written_to(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "letter.txt"
    other.write_text("Dear all,\nwe have\n")
    with pytest.raises(DatasetError, match="holds no verdicts"):
        mr.reproduce_cases(folder, resume=other)
    assert other.read_text() == "Dear all,\nwe have\n"


def test_levels_are_told_by_level_and_collection(folder: Path) -> None:
    found = mr.reproduce_cases(folder, depth="declared")
    assert found.corpora == ("made", "b", "c", "d")
    assert np.all(found.levels().drop(columns="all").sum() == 1)
    assert found.cases[1].level in (ESTIMATE_ONLY, "unexplained")


@pytest.mark.parametrize("words", [{"folder": 3}, {"folder": b"cases"}, {"resume": 3}])
def test_paths_of_another_type_are_refused(tmp_path: Path, words: dict[str, Any]) -> None:
    (tmp_path / "a.json").write_text("{}")
    (name,) = words
    with pytest.raises(mr.InputError, match=f"`{name}` must be a str or Path"):
        mr.reproduce_cases(**{"folder": tmp_path, **words})
