"""Variance inflation against metafor, against its definition, and on bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr

GOLDEN = Path(__file__).parents[1] / "golden" / "moderators.json"
CASES = {case["id"]: case for case in json.loads(GOLDEN.read_text(encoding="utf-8"))}
TRIALS = pd.DataFrame(CASES["vif-factor"]["data"])


def fitted(case: dict) -> mr.MetaFit:
    model, data = case["call"]["model"], pd.DataFrame(case["data"])
    names = [c for c in data.columns if c in model["mods"]]
    return mr.meta_regression(data.dropna(subset=names), model["mods"], tau2=model["method"])


@pytest.mark.parametrize("name", ["vif-factor", "vif-interaction", "vif-no-intercept"])
def test_agrees_with_metafor(name: str) -> None:
    found = mr.vif(fitted(CASES[name])).coefficients["vif"]
    # the correlations of moderators in years lose digits to the near-singular design
    np.testing.assert_allclose(found, CASES[name]["expect"]["vif"], rtol=1e-7)


@pytest.mark.parametrize(
    ("name", "terms"), [("vif-btt", ["length", "wic"]), ("vif-alloc", "alloc")]
)
def test_sets_agree_with_metafor(name: str, terms: str | list[str]) -> None:
    table = mr.vif(fitted(CASES[name]), terms=terms).table
    assert table["gvif"][0] == pytest.approx(CASES[name]["expect"]["vif"], rel=1e-9)
    assert table["gsif"][0] == pytest.approx(table["gvif"][0] ** 0.25, rel=1e-14)


def test_sets_do_not_depend_on_the_coding_of_a_factor() -> None:
    tables = [
        mr.vif(mr.meta_regression(TRIALS, f"ablat + {factor} + year")).table["gvif"]
        for factor in ("alloc", "C(alloc, contr.sum)", "C(alloc, Treatment('random'))")
    ]
    for other in tables[1:]:
        np.testing.assert_allclose(other, tables[0], rtol=1e-8)


def test_it_is_one_over_the_unexplained_share() -> None:
    """By definition 1/(1 - R2) of the weighted regression of a moderator on the others."""
    fit = mr.meta_regression(TRIALS, "ablat + year")
    w = np.sqrt(1 / (fit.study.vi + fit.tau2))
    X, y = fit.study.X[:, [0, 2]] * w[:, None], fit.study.X[:, 1] * w
    rss = np.linalg.lstsq(X, y, rcond=None)[1][0]
    centre = y - w * (w @ y) / (w @ w)
    assert mr.vif(fit).coefficients["vif"][0] == pytest.approx(centre @ centre / rss, rel=1e-8)


def test_orthogonal_moderators_inflate_nothing() -> None:
    data = pd.DataFrame(
        {"yi": [0.1, 0.4, 0.2, 0.6], "vi": 0.1, "a": [-1, -1, 1, 1], "b": [-1, 1, -1, 1]}
    )
    found = mr.vif(mr.meta_regression(data, "a + b"))
    assert list(found.table["gvif"]) == pytest.approx([1, 1], rel=1e-12)


def test_a_simulated_reference_is_low_for_moderators_that_go_together() -> None:
    rng = np.random.default_rng(2)
    x = rng.standard_normal(40)
    data = pd.DataFrame(
        {"yi": rng.standard_normal(40), "vi": 0.1, "x": x, "near": x + rng.normal(0, 0.3, 40)}
    ).assign(factor=list("abcd") * 10)
    fit = mr.meta_regression(data, "x + near + factor")
    found = mr.vif(fit, samples=60, seed=1)
    assert list(found.table["proportion"][:2]) == [1, 1]
    assert found.samples == 60
    assert mr.vif(fit, samples=60, seed=1).table.equals(found.table)
    assert "60 samples with the moderators shuffled apart" in str(found)


def test_bad_input_is_named() -> None:
    fit = mr.meta_regression(TRIALS, "ablat + year")
    with pytest.raises(mr.InputError, match="`fit` must have at least two coefficients"):
        mr.vif(mr.meta_regression(TRIALS, "ablat"))
    with pytest.raises(mr.InputError, match="`fit` must be what meta_regression"):
        mr.vif(TRIALS)
    with pytest.raises(mr.InputError, match="`terms` must be some of the moderators"):
        mr.vif(fit, terms=["ablat", "year"])
    with pytest.raises(mr.InputError, match="`terms` must be one of"):
        mr.vif(fit, terms=["latitude"])
    with pytest.raises(mr.InputError, match="`samples` must be a whole number"):
        mr.vif(fit, samples=2.5)
    json.dumps(mr.vif(fit).to_dict(), allow_nan=False)
