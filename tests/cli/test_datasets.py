"""``metarel datasets``: those that ship."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import metarel as mr

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
MOLLOY = str(DATASETS / "molloy2014" / "studies.csv")


def test_datasets_are_listed(run: Callable[..., str], data: Callable[..., Any]) -> None:
    lines = run("datasets").splitlines()
    assert [line.split()[0] for line in lines[2:-3]] == mr.list_datasets()["slug"].tolist()
    found = data("datasets")
    assert [row["slug"] for row in found] == list(mr.list_datasets()["slug"])
    assert all(row["citation"] for row in found)


def test_a_dataset_is_described_and_written_with_its_digits(
    run: Callable[..., str], data: Callable[..., Any], tmp_path: Path
) -> None:
    assert "Licence: " in run("datasets", "molloy2014")
    assert data("datasets", "bcg")["effects"]["default"]["measure"] == "RR"
    file = tmp_path / "studies.csv"
    text = run("datasets", "molloy2014", "--out", str(file))
    assert "16 rows, 10 columns" in text
    assert file.read_text(encoding="utf-8") == Path(MOLLOY).read_text(encoding="utf-8")
    command = text.splitlines()[-1].split()
    assert command[0] == "metarel"
    assert "16 studies" in run(*command[1:])
    run("datasets", "bcg", "--out", str(tmp_path / "bcg.xlsx"))
    assert len(mr.read_studies(tmp_path / "bcg.xlsx")) == 13


def test_a_dataset_that_does_not_exist_and_a_file_of_no_kind_are_refused(
    refusal: Callable[..., str], tmp_path: Path
) -> None:
    for verb in ("datasets", "reproduce"):
        said = refusal(verb, "bgc")  # with no progress before or below it
        assert "got 'bgc'. Did you mean 'bcg'?" in said
        assert "molloy2014" not in said
    assert "must stand with a dataset" in refusal("datasets", "--out", str(tmp_path / "x.csv"))
    assert "'*.xlsx'" in refusal("datasets", "bcg", "--out", str(tmp_path / "x.pdf"))
