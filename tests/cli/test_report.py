"""``metarel report``: a sentence or a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
MOLLOY = str(DATASETS / "molloy2014" / "studies.csv")
POOL_MOLLOY = ("pool", MOLLOY, "--measure", "ZCOR", "--r", "r", "--n", "n")


@pytest.mark.parametrize("more", [(), ("--formula", "meanage"), ("--by", "controls")])
def test_report_prints_the_sentence_or_writes_the_page(
    run: Callable[..., str],
    refusal: Callable[..., str],
    data: Callable[..., Any],
    tmp_path: Path,
    more: tuple[str, ...],
) -> None:
    words = ("report", *POOL_MOLLOY[1:], "--labels", "study", *more)
    said = run(*words)
    assert "k = 16" in said
    assert data(*words)["sentence"] == said.strip()
    file = tmp_path / "report.md"
    assert run(*words, "--out", str(file), "--title", "Adherence") == f"Wrote {file}.\n"
    assert file.read_text(encoding="utf-8").startswith("# Adherence")
    assert "cannot be given together" in refusal(*words, "--formula", "n", "--by", "controls")
    assert "`--out` cannot end in .pdf" in refusal(*words, "--out", str(tmp_path / "report.pdf"))
    run(*words, "--out", str(file), "--sections", "model, versions")
    heads = [x for x in file.read_text(encoding="utf-8").splitlines() if x.startswith("## ")]
    assert heads == ["## Model", "## Versions"]
    assert "'modle'" in refusal(*words, "--out", str(file), "--sections", "modle")
    assert "write one with `--out FILE`" in refusal(*words, "--sections", "model")


def test_report_notes_names_that_repeat(notes: Callable[..., str]) -> None:
    """As pool does: 16 effects of 15 studies are treated as independent."""
    assert "16 effects of 15 studies" in notes("report", *POOL_MOLLOY[1:])
