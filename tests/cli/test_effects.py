"""``metarel effects``: a row an effect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import metarel as mr

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
MOLLOY = str(DATASETS / "molloy2014" / "studies.csv")
POOL_MOLLOY = ("pool", MOLLOY, "--measure", "ZCOR", "--r", "r", "--n", "n")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx"])
def test_effects_are_computed_for_every_row(
    run: Callable[..., str],
    refusal: Callable[..., str],
    data: Callable[..., Any],
    tmp_path: Path,
    suffix: str,
) -> None:
    table = mr.effect_sizes(pd.read_csv(MOLLOY), "ZCOR", r="r", n="n")
    words = ("effects", *POOL_MOLLOY[1:])
    assert data(*words)[3]["yi"] == table["yi"][3]
    text = run(*words).splitlines()
    assert len(text) == len(table) + 4
    assert "Fisher's z of a correlation, positive" in text[-2]
    assert max(map(len, text[-2:])) <= 80
    file = tmp_path / f"effects{suffix}"
    told = run(*words, "--out", str(file))
    assert told.startswith(f"Wrote 16 rows to {file}.\n")
    assert told.endswith(f"metarel pool {file} --measure ZCOR\n")
    assert data("pool", str(file), "--measure", "ZCOR")["measure"] == "ZCOR"
    assert mr.read_studies(file)["vi"].tolist() == pytest.approx(table["vi"].tolist(), rel=1e-15)
    assert "`--out` must be one of" in refusal(*words, "--out", str(tmp_path / "effects.doc"))
    assert "can be written" in refusal(*words, "--out", str(tmp_path / "no" / f"a{suffix}"))


def test_a_legend_says_what_was_added_to_empty_cells(
    run: Callable[..., str], refusal: Callable[..., str], tmp_path: Path
) -> None:
    file = tmp_path / "tables.csv"
    file.write_text("study,a,n,c,m\nA,4,10,5,12\nB,0,10,3,10\nC,9,9,3,10\n", encoding="utf-8")
    words = ("effects", str(file), "--measure", "OR")
    columns = ("--events1", "a", "--n1", "n", "--events2", "c", "--n2", "m")
    assert "0.5 was added to the cells of B, C (a cell is 0)." in run(*words, *columns)
    tenth = run(*words, *columns, "--add", ".1", "--drop00", "yes")
    assert "0.1 was added to the cells of B, C" in tenth
    assert "was added" not in run(*words, *columns, "--to", "none")
    assert "`--add` must be followed by a number" in refusal(*words, *columns, "--add", "much")
