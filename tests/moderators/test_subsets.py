"""Subsets of moderators against metafor's fits and a published analysis, and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.printed import Printed

GOLDEN = Path(__file__).parents[1] / "golden" / "moderators.json"
CASES = {case["id"]: case for case in json.loads(GOLDEN.read_text(encoding="utf-8"))}
CASE = CASES["subsets"]
WRITING = pd.DataFrame(CASE["data"])
NAMES = CASE["call"]["moderators"]


@pytest.fixture(scope="module")
def found() -> mr.moderators.subsets.SubsetsResult:
    return mr.best_subsets(WRITING, NAMES)


def test_agrees_with_metafor(found: mr.moderators.subsets.SubsetsResult) -> None:
    expect = CASE["expect"]
    importance = found.importance.set_index("term").loc[NAMES, "importance"]
    ours = {
        "AICc": found.models["AICc"], "weight": found.models["weight"], "importance": importance,
        "estimate": found.averaged["estimate"], "se": found.averaged["se"],
    }  # fmt: skip
    for key, golden in expect.items():
        np.testing.assert_allclose(ours[key], golden, rtol=1e-8, err_msg=key)


def test_agrees_with_the_digits_that_glmulti_and_mumin_print(
    found: mr.moderators.subsets.SubsetsResult,
) -> None:
    """The data of Bangert-Drowns et al. (2004), as on metafor's page on model selection."""
    assert len(found.models) == 128
    importance = found.importance.set_index("term")["importance"]
    for term, printed in {
        "imag": ".847824", "meta": ".424365", "feedback": ".367132", "length": ".325539",
        "pers": ".291322", "wic": ".264263", "info": ".241566",
    }.items():  # fmt: skip
        assert Printed(printed).contains(importance[term])
    averaged = found.averaged.set_index("term")
    # tau2 converged less far there: the fifth digit of the averages is that of a looser search
    assert Printed(".3512").contains(averaged.loc["imag", "estimate"])
    assert Printed(".2016").contains(averaged.loc["imag", "se"])
    assert Printed("13.502247").contains(found.models["AICc"][0])


def test_each_model_is_its_own_regression() -> None:
    trials = pd.DataFrame(CASES["anova-btt"]["data"])
    found = mr.best_subsets(trials, ["ablat", "alloc", "bs(year, df=3)"], criterion="BIC")
    assert len(found.models) == 8
    for row in found.models.itertuples():
        alone = (
            mr.pool(trials, tau2="ML")
            if row.term == "1"
            else mr.meta_regression(trials, row.term, tau2="ML")
        )
        assert row.log_likelihood == pytest.approx(alone.statistics.log_likelihood, rel=1e-10)
        assert pytest.approx(alone.statistics.BIC, rel=1e-10) == row.BIC
        assert row.tau2 == pytest.approx(alone.tau2, rel=1e-7, abs=1e-12)
    assert found.models["BIC"].is_monotonic_increasing
    assert found.models["weight"].sum() == pytest.approx(1)


def test_interactions_bring_their_parts() -> None:
    trials = pd.DataFrame(CASES["anova-btt"]["data"])
    found = mr.best_subsets(trials, ["ablat", "year", "ablat:year"])
    assert sorted(found.models["term"]) == sorted(
        ["1", "ablat", "year", "ablat + year", "ablat + year + ablat:year"]
    )
    with pytest.raises(mr.InputError, match="`moderators` has 'ablat:year' but not 'year'"):
        mr.best_subsets(trials, ["ablat", "ablat:year"])


def test_one_certain_model_is_its_own_average() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"vi": np.full(60, 0.001), "x": rng.standard_normal(60)})
    data["yi"] = 3 * data["x"] + rng.normal(0, 0.05, 60)
    found = mr.best_subsets(data, ["x"])
    alone = mr.meta_regression(data, "x", tau2="ML")
    assert list(found.averaged["estimate"]) == pytest.approx(list(alone.beta), rel=1e-12)
    assert list(found.averaged["se"]) == pytest.approx(list(alone.se), rel=1e-8)


def test_missing_moderators_leave_the_same_studies_in_all_models() -> None:
    lacking = WRITING.assign(wic=WRITING["wic"].where(WRITING.index > 1))
    with pytest.warns(mr.MetarelWarning, match="2 of 41 rows left out"):
        found = mr.best_subsets(lacking, ["imag", "wic"])
    assert found.k == 39


def test_bad_input_is_named() -> None:
    with pytest.raises(mr.InputError, match="`moderators` must be a list of terms"):
        mr.best_subsets(WRITING, "imag")
    with pytest.raises(mr.InputError, match="one or more different terms"):
        mr.best_subsets(WRITING, ["imag", "imag"])
    with pytest.raises(mr.InputError, match="each be one term of a formula"):
        mr.best_subsets(WRITING, ["imag*meta"])
    with pytest.raises(mr.InputError, match="`most` must be a whole number"):
        mr.best_subsets(WRITING, NAMES, most=0)
    with pytest.raises(mr.InputError, match="`criterion` must be one of"):
        mr.best_subsets(WRITING, NAMES, criterion="QIC")
    rng = np.random.default_rng(1)
    few = pd.DataFrame(rng.uniform(size=(4, 5)), columns=["yi", "vi", "a", "b", "c"])
    with pytest.raises(mr.InputError, match=r"a model of 4 coefficients for 4 complete rows"):
        mr.best_subsets(few, ["a", "b", "c"])
    assert len(mr.best_subsets(few, ["a", "b", "c"], most=2).models) == 7


def test_what_is_printed_and_ready_for_json(found: mr.moderators.subsets.SubsetsResult) -> None:
    text = str(found)
    assert "128 models of 7 moderators in 41 studies, by AICc, maximum likelihood" in text
    assert "10 models are within 2 of the best." in text
    assert len(mr.best_subsets(WRITING, NAMES, most=1).models) == 8
    json.dumps(found.to_dict(), allow_nan=False)
