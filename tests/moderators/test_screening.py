"""Moderators one at a time: each is its own regression, and none is left out of sight."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.moderators._adjust import adjust_p

GOLDEN = Path(__file__).parents[1] / "golden" / "moderators.json"
CASES = {case["id"]: case for case in json.loads(GOLDEN.read_text(encoding="utf-8"))}
TRIALS = pd.DataFrame(CASES["anova-btt"]["data"]).assign(
    same=1, name=[f"trial {i}" for i in range(13)], empty=np.nan
)


@pytest.mark.parametrize("test", ["z", "knha"])
def test_each_row_is_its_own_regression(test: str) -> None:
    lacking = TRIALS.assign(year=TRIALS["year"].where(TRIALS.index > 2))
    names = ["ablat", "year", "alloc", "poly(ablat, 2)"]
    found = mr.screen_moderators(lacking, names, test=test, adjust="BH").table
    for name, row in zip(names, found.to_dict("records"), strict=True):
        data = lacking.dropna(subset=["year"]) if name == "year" else lacking
        alone = mr.meta_regression(data, name, test=test)
        assert row["k"] == alone.k
        assert row["missing"] == 13 - alone.k
        assert row["QM"] == alone.omnibus.statistic
        assert row["p_value"] == alone.omnibus.p_value
        assert row["R2"] == alone.R2
        assert row["df1"] == alone.p - 1
        assert math.isnan(row["estimate"]) == (alone.p > 2)
    assert found["estimate"][0] == mr.meta_regression(lacking, "ablat", test=test).beta[1]
    np.testing.assert_allclose(found["p_adjusted"], adjust_p(found["p_value"].to_numpy(), "BH"))


def test_what_cannot_be_tested_stays_in_the_table() -> None:
    found = mr.screen_moderators(TRIALS, ["ablat", "same", "name", "empty", "year"])
    assert list(found.table["term"]) == ["ablat", "same", "name", "empty", "year"]
    assert found.tested == 2
    assert list(found.table["note"]) == [
        "",
        "it has one value only, 1",
        "it has 13 levels in 13 rows",
        "it is missing in every row",
        "",
    ]
    assert found.table["p_adjusted"][0] == pytest.approx(2 * found.table["p_value"][0])
    text = str(found)
    assert text.startswith("2 moderators tested, one at a time")
    assert "Not tested: same: it has one value only, 1." in text


def test_the_number_of_tests_is_always_said() -> None:
    rng = np.random.default_rng(1)
    noise = pd.DataFrame(rng.standard_normal((13, 12)), columns=[f"m{i}" for i in range(12)])
    found = mr.screen_moderators(
        pd.concat([TRIALS[["yi", "vi"]], noise], axis=1), list(noise.columns), adjust="none"
    )
    assert "12 moderators tested" in str(found)
    assert "about 0.6 would be expected if none of the 12 mattered" in str(found)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["tested"] == 12


@pytest.mark.slow
def test_correction_holds_the_chance_of_a_false_finding() -> None:
    """Holm over ten moderators that mean nothing: some p below .05 in about 5% of tables."""
    rng = np.random.default_rng(8)
    hits = 0
    for _ in range(150):
        x = pd.DataFrame(rng.standard_normal((60, 10)), columns=[f"m{i}" for i in range(10)])
        v = rng.uniform(0.02, 0.1, 60)
        data = x.assign(yi=rng.standard_normal(60) * np.sqrt(v + 0.05), vi=v)
        found = mr.screen_moderators(data, list(x.columns), test="knha", tau2="DL").table
        hits += bool((found["p_adjusted"] < 0.05).any())
    assert hits / 150 < 0.11


def test_bad_input_is_named() -> None:
    with pytest.raises(mr.InputError, match=r"`columns` names the column 'ablatt'.*Did you mean"):
        mr.screen_moderators(TRIALS, ["ablatt"])
    with pytest.raises(mr.InputError, match="`columns` must be a list of moderators"):
        mr.screen_moderators(TRIALS, "ablat")
    with pytest.raises(mr.InputError, match="one or more different moderators"):
        mr.screen_moderators(TRIALS, ["ablat", "ablat"])
    with pytest.raises(mr.InputError, match="`adjust` 'tukey' is for pairs of means"):
        mr.screen_moderators(TRIALS, ["ablat"], adjust="tukey")
    with pytest.raises(mr.InputError, match="which formulas may not"):
        mr.screen_moderators(TRIALS, ["f(ablat)"])
