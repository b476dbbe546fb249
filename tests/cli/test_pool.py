"""``metarel pool``: the fit and its JSON."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

import metarel as mr

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
MOLLOY = str(DATASETS / "molloy2014" / "studies.csv")
#: What a fit says of names that repeat; the terminal says it below, in its own options.
REPEATED = (
    "\nNote: 16 effects of 15 names, treated as independent; if they are not, see\n  robust()."
)
POOL_MOLLOY = ("pool", MOLLOY, "--measure", "ZCOR", "--r", "r", "--n", "n")


def test_pool_prints_the_fit_and_its_json(
    run: Callable[..., str], data: Callable[..., Any]
) -> None:
    words = (*POOL_MOLLOY, "--labels", "study")
    table = mr.effect_sizes(pd.read_csv(MOLLOY), "ZCOR", r="r", n="n")
    fit = mr.pool(table, labels="study", tau2="DL", test="knha", level=0.9)
    choices = ("--tau2", "DL", "--test", "knha", "--level", "0.9")
    assert REPEATED in str(fit)
    assert run(*words, *choices) == f"{fit}\n".replace(REPEATED, "")
    assert data(*words, *choices) == fit.to_dict()


def test_pool_takes_effects_that_are_there(data: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "studies.tsv"
    file.write_text("g\tse\n0.3\t0.1\n0.5\t0.2\n0.2\t0.15\n", encoding="utf-8")
    fit = mr.pool(yi=[0.3, 0.5, 0.2], sei=[0.1, 0.2, 0.15])
    assert data("pool", str(file), "--yi", "g", "--sei", "se") == fit.to_dict()
