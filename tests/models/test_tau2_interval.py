"""Limits of tau2 of a fit against metafor's, and what is refused or warned of."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest

import metarel as mr

GOLDEN = Path(__file__).parents[1] / "golden" / "confint.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))
EMPTY = "ci-qp-null"
DATA = pd.DataFrame({"yi": [0.3, 0.1, 1.2, 0.6, -0.2], "vi": [0.02, 0.04, 0.03, 0.05, 0.02]})


def fitted(case: dict) -> mr.MetaFit:
    model, frame = case["call"]["model"], pd.DataFrame(case["data"])
    options = {"tau2": model["method"], "weights": model.get("weights")}
    if "mods" in model:
        return mr.meta_regression(frame, model["mods"], **options)
    return mr.pool(frame, **options)


#: metafor takes the words in any case; here they are those of the literature.
WORDS = {"genq": "GENQ", "wald": "Wald"}


@pytest.mark.parametrize("case", [c for c in CASES if c["id"] != EMPTY], ids=lambda c: c["id"])
def test_agrees_with_metafor(case: dict) -> None:
    args = case["call"]["args"]
    word = args.get("type", "QP")
    table = mr.tau2_interval(
        fitted(case), method=WORDS.get(word, word), level=args.get("level", 95) / 100
    )
    for row, numbers in case["expect"].items():
        ours = table.loc[row] * (100 if row == "I2" else 1)
        assert list(ours) == pytest.approx(numbers, rel=1e-8, abs=1e-12), row
    assert table.attrs["converged"]


def test_an_empty_set_warns_and_gives_no_limits() -> None:
    case = next(c for c in CASES if c["id"] == EMPTY)
    with pytest.warns(mr.MetarelWarning, match="set is empty"):
        table = mr.tau2_interval(fitted(case))
    assert list(table["estimate"]) == [0, 0, 0, 1]
    assert table[["ci_low", "ci_high"]].isna().all(axis=None)
    assert table.attrs["empty"]
    assert (
        table.attrs["message"] == "no tau2 is compatible with so little variation: the set is empty"
    )
    assert case["expect"]["tau2"] == [0, 0, 0]  # metafor's convention for the same set


def test_the_level_is_the_fits_unless_given() -> None:
    narrow = mr.tau2_interval(mr.pool(DATA, level=0.8))
    wide = mr.tau2_interval(mr.pool(DATA), level=0.95)
    assert narrow.attrs["level"] == 0.8
    assert narrow.loc["tau2", "ci_high"] < wide.loc["tau2", "ci_high"]
    again = mr.tau2_interval(mr.pool(DATA), level=0.8)
    assert again.loc["tau2", "ci_high"] == narrow.loc["tau2", "ci_high"]


def test_rows_are_one_number_in_four_scales() -> None:
    table = mr.tau2_interval(mr.pool(DATA))
    assert table.loc["tau"].tolist() == pytest.approx([math.sqrt(x) for x in table.loc["tau2"]])
    assert table.loc["I2"].tolist() == pytest.approx([1 - 1 / x for x in table.loc["H2"]])


@pytest.mark.parametrize("tau2", [0.1, "EE", "CE"])
def test_a_fixed_tau2_has_no_limits(tau2: str | float) -> None:
    with pytest.raises(mr.InputError, match="must have estimated tau2"):
        mr.tau2_interval(mr.pool(DATA, tau2=tau2), level=0.9)


def test_refusals_name_the_way_out() -> None:
    with pytest.raises(mr.InputError, match='by "ML" or "REML"; got a fit by "DL"'):
        mr.tau2_interval(mr.pool(DATA, tau2="DL"), method="PL")
    with pytest.raises(mr.InputError, match=r"`method` must be one of 'QP', 'PL'.*mean 'GENQ'"):
        mr.tau2_interval(mr.pool(DATA), method="genq")
    with pytest.raises(mr.InputError, match=r"`level`.*Write 0\.9"):
        mr.tau2_interval(mr.pool(DATA), level=90)
    with pytest.raises(mr.InputError, match="`fit` must be what pool"):
        mr.tau2_interval(DATA)
    with pytest.warns(mr.MetarelWarning, match="one study"):
        single = mr.pool(DATA.head(1))
    with pytest.raises(mr.InputError, match="more studies than coefficients"):
        mr.tau2_interval(single)
    two = mr.pool(DATA.head(2))
    with pytest.raises(mr.InputError, match=r"needs at least 2 degrees.*QP"):
        mr.tau2_interval(two, method="HT")
