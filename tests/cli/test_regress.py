"""``metarel regress`` and ``metarel subgroups``: moderators."""

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


def test_regress_and_subgroups_print_what_the_functions_give(
    run: Callable[..., str], data: Callable[..., Any]
) -> None:
    table = mr.effect_sizes(pd.read_csv(MOLLOY), "ZCOR", r="r", n="n")
    regression = mr.meta_regression(table, "meanage + C(design)")
    words = ("regress", *POOL_MOLLOY[1:], "--formula", "meanage + C(design)")
    assert run(*words).rstrip() == str(regression).replace(REPEATED, "").rstrip()
    assert data(*words) == regression.to_dict()
    groups = mr.subgroups(table, "controls")
    words = ("subgroups", *POOL_MOLLOY[1:], "--by", "controls")
    assert run(*words) == f"{groups}\n"
    found = data(*words)
    assert set(found["levels"]) == {"none", "multiple"}
    assert found["between"]["statistic"] == groups.between.statistic
    assert found["between"]["df2"] is None
    crossed = mr.subgroups(table, ["controls", "design"], common_tau2=True)
    words = ("subgroups", *POOL_MOLLOY[1:], "--by", "controls, design", "--common-tau2")
    assert run(*words) == f"{crossed}\n"
