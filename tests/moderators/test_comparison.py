"""Likelihood ratio tests and criteria against metafor, against each other, and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.moderators.comparison import likelihood_ratio, parameters

GOLDEN = Path(__file__).parents[1] / "golden" / "moderators.json"
CASES = {case["id"]: case for case in json.loads(GOLDEN.read_text(encoding="utf-8"))}
TRIALS = pd.DataFrame(CASES["lrt-ml"]["data"])


def fitted(model: dict, data: dict) -> mr.MetaFit:
    frame = pd.DataFrame(data)
    if "mods" not in model:
        return mr.pool(frame, tau2=model["method"])
    return mr.meta_regression(frame, model["mods"], tau2=model["method"])


@pytest.mark.parametrize("name", ["lrt-ml", "lrt-reml-same", "lrt-ee"])
def test_agrees_with_metafor(name: str) -> None:
    case = CASES[name]
    full, reduced = (fitted(case["call"][part], case["data"]) for part in ("full", "reduced"))
    found = mr.compare(full, reduced, refit=case["call"]["args"]["refit"])
    low, high = found.table.iloc[0], found.table.iloc[1]
    ours = {
        "LRT": high["LRT"], "LRTp": high["p_value"], "df": high["LRT_df"], "R2": 100 * high["R2"],
        "ll_full": high["log_likelihood"], "ll_reduced": low["log_likelihood"],
        "AIC_full": high["AIC"], "AIC_reduced": low["AIC"], "BIC_full": high["BIC"],
        "BIC_reduced": low["BIC"], "AICc_full": high["AICc"], "AICc_reduced": low["AICc"],
    }  # fmt: skip
    for key, golden in case["expect"].items():
        assert ours[key] == pytest.approx(golden, rel=1e-9), key


def test_the_number_that_metafor_warns_of() -> None:
    """REML likelihoods of different fixed effects: computed inside, refused at the door."""
    case = CASES["lrt-reml"]
    full, reduced = (fitted(case["call"][part], case["data"]) for part in ("full", "reduced"))
    test = likelihood_ratio(full, reduced, "")
    assert test.statistic == pytest.approx(case["expect"]["LRT"], rel=1e-9)
    assert test.p_value == pytest.approx(case["expect"]["LRTp"], rel=1e-9)
    with pytest.raises(mr.InputError, match=r"cannot be compared\. Pass refit=True"):
        mr.compare(full, reduced)


def test_order_does_not_matter_and_tests_add_up() -> None:
    fits = [mr.meta_regression(TRIALS, f, tau2="ML") for f in ("ablat", "ablat + alloc")]
    mean = mr.pool(TRIALS, tau2="ML")
    one, other = mr.compare(mean, *fits), mr.compare(fits[1], mean, fits[0])
    pd.testing.assert_frame_equal(one.table, other.table)
    whole = mr.compare(fits[1], mean).tests[1]
    assert sum(test.statistic for test in one.tests[1:]) == pytest.approx(whole.statistic)
    assert sum(test.df1 for test in one.tests[1:]) == whole.df1 == 3
    assert one.table["weight"].sum() == pytest.approx(1)
    assert [parameters(fit) for fit in (mean, *fits)] == [2, 3, 5]


def test_a_factor_and_its_coding_are_the_same_model() -> None:
    """Nested is about columns, not names; the same fixed effects may be compared by REML."""
    wide = mr.meta_regression(TRIALS, "0 + alloc")
    assert mr.compare(wide, mr.meta_regression(TRIALS, "alloc")).tests[1] is None
    shifted = mr.meta_regression(TRIALS, "I(ablat - 30) + alloc", tau2="ML")
    test = mr.compare(shifted, mr.meta_regression(TRIALS, "ablat", tau2="ML")).tests[1]
    expect = CASES["lrt-ml"]["expect"]
    assert test.statistic == pytest.approx(expect["LRT"], rel=1e-8)


def test_models_that_are_not_nested_are_said() -> None:
    found = mr.compare(
        mr.meta_regression(TRIALS, "ablat", tau2="ML"),
        mr.meta_regression(TRIALS, "alloc", tau2="ML"),
        names=["latitude", "allocation"],
    )
    assert found.tests == (None, None)
    assert np.isnan(found.table["LRT"]).all()
    assert "'latitude' is not nested in 'allocation'" in str(found)


def test_the_likelihood_ratio_approaches_the_wald_test() -> None:
    """In a large sample under the null both are the same chi-square."""
    rng = np.random.default_rng(5)
    k = 4000
    x, v = rng.standard_normal(k), rng.uniform(0.01, 0.1, k)
    y = 0.2 + 0.02 * x + rng.standard_normal(k) * np.sqrt(v + 0.04)
    data = pd.DataFrame({"yi": y, "vi": v, "x": x})
    full = mr.meta_regression(data, "x", tau2="ML")
    test = mr.compare(full, mr.pool(data, tau2="ML")).tests[1]
    assert test.statistic == pytest.approx(full.omnibus.statistic, rel=0.02)


def test_bad_input_is_named() -> None:
    full = mr.meta_regression(TRIALS, "ablat")
    with pytest.raises(mr.InputError, match="`fits` must be at least two"):
        mr.compare(full)
    with pytest.raises(mr.InputError, match="`fits` must come from pool"):
        mr.compare(full, TRIALS)
    with pytest.raises(mr.InputError, match="models of the same studies"):
        mr.compare(full, mr.pool(TRIALS.head(12)))
    with pytest.raises(mr.InputError, match=r"got 'REML', 'ML'\. Pass refit=True"):
        mr.compare(full, mr.pool(TRIALS, tau2="ML"))
    with pytest.raises(mr.InputError, match=r"compared; got 'DL'\. Pass refit=True"):
        mr.compare(mr.meta_regression(TRIALS, "ablat", tau2="DL"), mr.pool(TRIALS, tau2="DL"))
    with pytest.raises(mr.InputError, match="must not have weights of their own"):
        mr.compare(full, mr.pool(TRIALS, weights=1.0))
    with pytest.raises(mr.InputError, match="`names` must hold one name for each of 2 fits"):
        mr.compare(full, mr.meta_regression(TRIALS, "0 + ablat"), names=["a"], refit=True)
    scale = mr.location_scale(TRIALS, "ablat", "ablat")
    with pytest.raises(mr.InputError, match="`refit` serves pool"):
        mr.compare(full, scale, refit=True)


def test_what_is_printed_and_ready_for_json() -> None:
    found = mr.compare(mr.meta_regression(TRIALS, "ablat"), mr.pool(TRIALS), refit=True)
    assert "2 models of 13 studies, ML likelihood" in str(found)
    assert "All models were fitted again by ML." in str(found)
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["models"][0]["LRT"] is None
    assert plain["tests"][0] is None
