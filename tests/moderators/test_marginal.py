"""Marginal means against metafor's predictions, against identities, and on bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr

GOLDEN = Path(__file__).parents[1] / "golden" / "moderators.json"
CASES = {case["id"]: case for case in json.loads(GOLDEN.read_text(encoding="utf-8"))}
MEANS = [name for name in CASES if name.startswith("means-")]
TRIALS = pd.DataFrame(CASES["means-alloc"]["data"])
LIMITS = {"pred": "estimate", "se": "se", "ci_lb": "ci_low", "ci_ub": "ci_high"} | {
    "pi_lb": "pi_low",
    "pi_ub": "pi_high",
}


@pytest.fixture(scope="module")
def crossed() -> pd.DataFrame:
    """Two crossed factors with unequal cells, and a number."""
    rng = np.random.default_rng(7)
    k = 60
    return pd.DataFrame(
        {
            "yi": rng.normal(0.3, 0.3, k),
            "vi": rng.uniform(0.02, 0.1, k),
            "rater": rng.choice(["client", "observer", "therapist"], k, p=[0.5, 0.3, 0.2]),
            "setting": rng.choice(["in", "out"], k, p=[0.3, 0.7]),
            "year": rng.integers(1980, 2020, k),
            "grade": rng.integers(1, 4, k),
        }
    )


@pytest.mark.parametrize("name", MEANS)
def test_agrees_with_metafor(name: str) -> None:
    case = CASES[name]
    model = case["call"]["model"]
    fit = mr.meta_regression(
        pd.DataFrame(case["data"]), model["mods"], tau2=model["method"], test=model.get("test", "z")
    )
    table = mr.marginal_means(fit, **case["call"]["means"]).table
    for key, golden in case["expect"].items():
        np.testing.assert_allclose(table[LIMITS[key]], golden, rtol=1e-9, err_msg=key)


@pytest.mark.parametrize("formula", ["rater", "0 + rater", "C(rater, contr.sum)"])
def test_a_single_factor_gives_its_levels(crossed: pd.DataFrame, formula: str) -> None:
    means = mr.marginal_means(mr.meta_regression(crossed, formula), "rater")
    levels = mr.subgroups(crossed, "rater", common_tau2=True)
    joint = levels.table.set_index("level").loc[means.table["term"]]
    for name in ("estimate", "se", "ci_low", "pi_high", "k"):
        assert list(means.table[name]) == pytest.approx(list(joint[name]), rel=1e-8)
    test = means.contrasts[""].joint
    assert test.statistic == pytest.approx(levels.between.statistic, rel=1e-8)


def test_averages_by_hand(crossed: pd.DataFrame) -> None:
    fit = mr.meta_regression(crossed, "rater * setting + year", test="t")
    cells = mr.marginal_means(fit, ["rater", "setting"]).table
    assert cells["k"].sum() == 60
    equal = mr.marginal_means(fit, "rater")
    hand = cells.groupby("rater")["estimate"].mean()
    assert list(equal.table["estimate"]) == pytest.approx(list(hand), rel=1e-10)
    share = crossed["setting"].value_counts(normalize=True)
    weighed = cells.assign(w=cells["setting"].map(share))
    hand = (weighed["estimate"] * weighed["w"]).groupby(weighed["rater"]).sum()
    proportional = mr.marginal_means(fit, "rater", weights="proportional").table
    assert list(proportional["estimate"]) == pytest.approx(list(hand), rel=1e-10)
    assert equal.averaged == ("setting",)
    assert equal.held == {"year": pytest.approx(crossed["year"].mean())}


def test_by_keeps_the_levels_of_another_factor_apart(crossed: pd.DataFrame) -> None:
    fit = mr.meta_regression(crossed, "rater * setting")
    means = mr.marginal_means(fit, "rater", by="setting", adjust="tukey")
    assert list(means.contrasts) == ["setting = in", "setting = out"]
    cells = mr.subgroups(crossed, ["setting", "rater"], common_tau2=True)
    for name, test in cells.nested.items():
        ours = means.contrasts[f"setting = {name}"].joint
        assert ours.statistic == pytest.approx(test.statistic, rel=1e-8)
    only = mr.marginal_means(fit, "rater", at={"setting": "out"}).table
    kept = means.table[means.table["setting"] == "out"]
    assert list(only["estimate"]) == pytest.approx(list(kept["estimate"]), rel=1e-12)


def test_numbers_take_values(crossed: pd.DataFrame) -> None:
    fit = mr.meta_regression(crossed, "poly(year, 2) + rater + C(grade)")
    means = mr.marginal_means(fit, "year", at={"year": [1990, 2010], "rater": "client", "grade": 2})
    new = pd.DataFrame({"year": [1990, 2010], "rater": "client", "grade": 2})
    assert list(means.table["estimate"]) == pytest.approx(list(fit.predict(new)["estimate"]))
    assert list(means.table["term"]) == ["year = 1990", "year = 2010"]
    assert "k" not in means.table
    grades = mr.marginal_means(fit, "grade").table
    assert list(grades["term"]) == ["grade = 1", "grade = 2", "grade = 3"]
    assert grades["k"].sum() == 60


def test_transformed_means_keep_differences_on_the_model_scale(crossed: pd.DataFrame) -> None:
    fit = mr.meta_regression(crossed, "rater")
    plain, back = (mr.marginal_means(fit, "rater", transform=t) for t in (None, "exp"))
    np.testing.assert_allclose(back.table["estimate"], np.exp(plain.table["estimate"]))
    np.testing.assert_allclose(back.table["pi_low"], np.exp(plain.table["pi_low"]))
    assert back.table["se"].isna().all()
    assert back.contrasts[""].table.equals(plain.contrasts[""].table)


def test_bad_input_is_named(crossed: pd.DataFrame) -> None:
    fit = mr.meta_regression(crossed, "rater + year")
    with pytest.raises(mr.InputError, match="`fit` has no moderators"):
        mr.marginal_means(mr.pool(crossed), "rater")
    with pytest.raises(mr.InputError, match="`fit` must be what meta_regression"):
        mr.marginal_means(crossed, "rater")
    with pytest.raises(mr.InputError, match=r"`factor` must be one of .*Did you mean 'rater'"):
        mr.marginal_means(fit, "raters")
    with pytest.raises(mr.InputError, match="`factor` 'year' is a number and has no levels"):
        mr.marginal_means(fit, "year")
    with pytest.raises(
        mr.InputError, match="`at` has a level of rater that the model has not seen"
    ):
        mr.marginal_means(fit, "rater", at={"rater": ["client", "nurse"]})
    with pytest.raises(mr.InputError, match="`at` must give numbers for 'year'"):
        mr.marginal_means(fit, "rater", at={"year": "early"})
    with pytest.raises(mr.InputError, match="`by` must name other variables than `factor`"):
        mr.marginal_means(fit, "rater", by="rater")
    with pytest.raises(mr.InputError, match="`weights` must be one of 'equal', 'proportional'"):
        mr.marginal_means(fit, "rater", weights="cells")


def test_what_is_printed_and_ready_for_json(crossed: pd.DataFrame) -> None:
    means = mr.marginal_means(mr.meta_regression(crossed, "rater + setting + year"), "rater")
    text = str(means)
    assert "Held: year = " in text
    assert "Averaged over setting; all levels weigh the same." in text
    plain = json.loads(json.dumps(means.to_dict(), allow_nan=False))
    assert [row["term"] for row in plain["means"]] == ["client", "observer", "therapist"]


def test_means_of_a_cluster_robust_fit(crossed: pd.DataFrame) -> None:
    """The rows of weights are those of the model; tests and df are those of the robust fit."""
    fit = mr.meta_regression(crossed, "rater + year")
    robust = mr.robust(fit, cluster=[i % 7 for i in range(fit.k)])
    means, plain = mr.marginal_means(robust, "rater"), mr.marginal_means(fit, "rater")
    np.testing.assert_allclose(means.table.estimate, plain.table.estimate, rtol=1e-12)
    direct = mr.contrast(robust, means.L).table
    for name in ("se", "df", "p_value", "ci_low", "ci_high"):
        np.testing.assert_allclose(means.table[name], direct[name], rtol=1e-10, err_msg=name)
    assert not np.allclose(means.table.se, plain.table.se)
    pairs = mr.contrast(robust, pairwise="rater")
    np.testing.assert_allclose(means.contrasts[""].table.p_value, pairs.table.p_value, rtol=1e-9)
    assert means.contrasts[""].joint.df2 == pytest.approx(pairs.joint.df2, rel=1e-8)
