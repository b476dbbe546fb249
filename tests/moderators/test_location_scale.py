"""Location-scale models against metafor, against the models they contain, and on bad input."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.moderators._scale_likelihood import LINKS, ScaleProblem
from metarel.moderators._scale_optimum import maximise

GOLDEN = Path(__file__).parents[1] / "golden" / "locscale.json"
CASES = {case["id"]: case for case in json.loads(GOLDEN.read_text(encoding="utf-8"))}
MODELS = [name for name, case in CASES.items() if case["call"]["fn"] == "rma.uni"]

#: metafor's search and its numeric Hessian; likelihoods are flat there and agree far better.
LOOSE, TIGHT = 3e-5, 1e-9
WRITING = pd.DataFrame(CASES["ls-multi"]["data"])
TRIALS = pd.DataFrame(CASES["ls-bcg-alloc"]["data"])


def fitted(call: dict, data: dict) -> mr.moderators._scale_fit.LocationScaleFit:
    options = {
        "tau2": call["method"],
        "link": call.get("link", "log"),
        "test": call.get("test", "z"),
        "level": call.get("level", 95) / 100,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mr.MetarelWarning)
        return mr.location_scale(
            pd.DataFrame(data), call.get("mods", "1"), call["scale"], **options
        )


def numbers_of(fit: mr.moderators._scale_fit.LocationScaleFit) -> dict:
    s, part = fit.statistics, fit.scale
    found = {
        "b": fit.beta, "se": fit.se, "stat": fit.statistic, "pval": fit.p_value,
        "ci_lb": fit.ci_low, "ci_ub": fit.ci_high, "alpha": part.beta, "se_alpha": part.se,
        "stat_alpha": part.statistic, "pval_alpha": part.p_value, "ci_lb_alpha": part.ci_low,
        "ci_ub_alpha": part.ci_high, "tau2": fit.tau2, "QE": fit.heterogeneity.Q,
        "QEp": fit.heterogeneity.Q_p, "ll": s.log_likelihood, "deviance": s.deviance,
        "AIC": s.AIC, "BIC": s.BIC, "AICc": s.AICc,
    }  # fmt: skip
    if fit.omnibus is not None:
        found |= {"QM": fit.omnibus.statistic, "QMp": fit.omnibus.p_value}
    if fit.scale_omnibus is not None:
        test = fit.scale_omnibus
        found |= {"QS": test.statistic, "QS_df": test.df1, "QSp": test.p_value}
    return found


@pytest.mark.parametrize("name", MODELS)
def test_agrees_with_metafor(name: str) -> None:
    case = CASES[name]
    ours = numbers_of(fitted(case["call"], case["data"]))
    for key, golden in case["expect"].items():
        if golden is None:
            continue
        tolerance = TIGHT if key in ("ll", "deviance", "AIC", "BIC", "AICc", "QE", "QEp") else LOOSE
        np.testing.assert_allclose(
            ours[key], np.array(golden, dtype=float), rtol=tolerance, atol=1e-6, err_msg=key
        )


@pytest.mark.parametrize("name", MODELS)
def test_no_likelihood_is_higher_than_ours(name: str) -> None:
    """The gradient is 0 to rounding, and metafor's maximum is not above."""
    case = CASES[name]
    fit = fitted(case["call"], case["data"])
    problem = ScaleProblem(
        fit.study.yi,
        fit.study.vi,
        fit.study.X,
        fit.scale.study.X,
        LINKS[fit.link],
        fit.spec.tau2 == "REML",
    )
    alpha = fit.scale.beta
    # in standard errors: a Newton step from here moves nothing
    step = fit.scale.vcov @ problem.gradient(alpha) / fit.scale.se
    assert np.abs(step).max() < 1e-9
    assert problem.value(alpha) >= case["expect"]["ll"] - 1e-12


def test_predictions_agree_with_metafor() -> None:
    case = CASES["ls-predict"]
    fit = fitted(case["call"]["model"], case["data"])
    table = fit.predict(pd.DataFrame({"meta": [0, 1]}))
    names = ("estimate", "se", "ci_low", "ci_high", "pi_low", "pi_high")
    for ours, key in zip(names, case["expect"], strict=True):
        np.testing.assert_allclose(table[ours], case["expect"][key], rtol=LOOSE, err_msg=key)
    case = CASES["ls-predict-scale"]
    scale = fit.predict_scale(pd.DataFrame({"meta": [0, 1]}))
    for ours, key in zip(names[:4], case["expect"], strict=False):
        if key in ("pred", "se", "ci_lb", "ci_ub"):
            np.testing.assert_allclose(scale[ours], case["expect"][key], rtol=LOOSE, err_msg=key)
    assert list(scale["tau2"]) == pytest.approx(list(table["tau2"]), rel=1e-14)


def test_chosen_scale_coefficients_are_tested_like_any() -> None:
    case = CASES["ls-anova-att"]
    fit = fitted(case["call"]["model"], case["data"])
    joint = mr.contrast(fit.scale, terms=["grade", "meta", "sqrt(ni)"]).joint
    assert joint.statistic == pytest.approx(case["expect"]["QS"], rel=LOOSE)
    assert joint.p_value == pytest.approx(case["expect"]["QSp"], rel=LOOSE)
    assert joint.statistic == pytest.approx(fit.scale_omnibus.statistic, rel=1e-10)


@pytest.mark.parametrize("tau2", ["REML", "ML"])
@pytest.mark.parametrize("link", ["log", "identity"])
def test_a_constant_scale_is_the_random_effects_model(tau2: str, link: str) -> None:
    fit = mr.location_scale(TRIALS, "ablat", link=link, tau2=tau2)
    plain = mr.meta_regression(TRIALS, "ablat", tau2=tau2)
    assert fit.tau2 == pytest.approx([plain.tau2] * 13, rel=1e-9)
    assert fit.beta == pytest.approx(plain.beta, rel=1e-9)
    for name in ("log_likelihood", "deviance", "AIC", "BIC", "AICc"):
        ours = getattr(fit.statistics, name)
        assert ours == pytest.approx(getattr(plain.statistics, name), rel=1e-10)
    assert fit.scale_lrt is None
    assert fit.scale_omnibus is None
    if link == "identity":  # observed and expected information differ away from ML's own theory
        assert fit.scale.se[0] == pytest.approx(plain.tau2_se, rel=0.5)


def test_a_tau2_a_level_is_a_subgroup_analysis() -> None:
    """With one scale and one location coefficient a level the levels are apart."""
    fit = mr.location_scale(TRIALS, "0 + alloc", "0 + alloc")
    alone = mr.subgroups(TRIALS, "alloc").fits
    for term, mean, log_tau2 in zip(fit.study.terms, fit.beta, fit.scale.beta, strict=True):
        level = alone[term.removeprefix("alloc[").removesuffix("]")]
        assert mean == pytest.approx(level.estimate, rel=1e-8)
        assert np.exp(log_tau2) == pytest.approx(level.tau2, rel=1e-8)
    total = sum(level.statistics.log_likelihood for level in alone.values())
    assert fit.statistics.log_likelihood == pytest.approx(total, rel=1e-10)


def test_the_links_reparametrise_a_factor() -> None:
    log = mr.location_scale(TRIALS, "alloc", "alloc")
    identity = mr.location_scale(TRIALS, "alloc", "alloc", link="identity")
    assert identity.tau2 == pytest.approx(log.tau2, rel=1e-9)
    assert pytest.approx(log.statistics.AIC, rel=1e-12) == identity.statistics.AIC
    assert identity.scale_lrt.statistic == pytest.approx(log.scale_lrt.statistic, rel=1e-10)


def test_units_and_order_do_not_matter() -> None:
    one = mr.location_scale(TRIALS, "ablat", "year + ablat")
    moved = TRIALS.iloc[::-1].assign(year=lambda t: 1000 * (t["year"] - 1960))
    other = mr.location_scale(moved.reset_index(drop=True), "ablat", "year + ablat")
    assert pytest.approx(one.statistics.AIC, rel=1e-10) == other.statistics.AIC
    assert other.scale.beta[1] == pytest.approx(one.scale.beta[1] / 1000, rel=1e-7)
    assert other.scale.se[1] == pytest.approx(one.scale.se[1] / 1000, rel=1e-7)
    assert one.scale_omnibus.statistic == pytest.approx(other.scale_omnibus.statistic, rel=1e-7)


def test_scaling_the_effects_scales_the_variances() -> None:
    one = mr.location_scale(TRIALS, "ablat", "year")
    scaled = TRIALS.assign(yi=1e-3 * TRIALS["yi"], vi=1e-6 * TRIALS["vi"])
    other = mr.location_scale(scaled, "ablat", "year")
    assert other.tau2 == pytest.approx(1e-6 * one.tau2, rel=1e-7)
    assert other.scale.beta[1] == pytest.approx(one.scale.beta[1], rel=1e-7)


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("link", list(LINKS))
def test_derivatives(restricted: bool, link: str) -> None:
    """Against central differences, at a point that is no optimum."""
    rng = np.random.default_rng(3)
    Z = np.column_stack([np.ones(20), rng.uniform(0, 1, 20), rng.uniform(0, 1, 20)])
    X = np.column_stack([np.ones(20), rng.standard_normal(20)])
    problem = ScaleProblem(
        rng.standard_normal(20), rng.uniform(0.1, 1, 20), X, Z, LINKS[link], restricted
    )
    at, step = np.array([0.3, 0.2, 0.5]), 1e-5
    steps = step * np.eye(3)
    slope = [(problem.value(at + s) - problem.value(at - s)) / (2 * step) for s in steps]
    bend = [(problem.gradient(at + s) - problem.gradient(at - s)) / (2 * step) for s in steps]
    np.testing.assert_allclose(problem.gradient(at), slope, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(problem.hessian(at), bend, rtol=1e-7, atol=1e-8)


def test_likelihood_ratio_of_the_scale_is_a_comparison() -> None:
    full = mr.location_scale(TRIALS, "ablat", "ablat")
    constant = mr.location_scale(TRIALS, "ablat")
    test = mr.compare(full, constant).tests[1]
    assert test.statistic == pytest.approx(full.scale_lrt.statistic, rel=1e-6, abs=1e-10)
    assert test.df1 == 1
    mixed = mr.compare(full, mr.meta_regression(TRIALS, "ablat"))  # one tau2 is nested, too
    assert mixed.tests[1].statistic == pytest.approx(test.statistic, rel=1e-6, abs=1e-10)
    assert mixed.table["R2"].isna().all()  # there is not one tau2 to explain a share of


def test_a_boundary_is_said_and_has_no_standard_errors() -> None:
    fit = mr.location_scale(TRIALS, "1", "year + ablat", link="identity")
    assert fit.tau2.min() == pytest.approx(0, abs=1e-10)
    assert fit.tau2.min() >= 0
    assert np.isnan(fit.scale.se).all()
    assert np.isnan(fit.scale_omnibus.p_value)
    assert "at its boundary, 0, in 1 of 13 studies" in str(fit)
    rng = np.random.default_rng(1)  # no feasible neighbour is higher
    problem = ScaleProblem(
        fit.study.yi, fit.study.vi, fit.study.X, fit.scale.study.X, LINKS["identity"], True
    )
    spread = np.abs(fit.scale.beta) * 1e-3
    for _ in range(300):
        near = fit.scale.beta + spread * rng.standard_normal(3)
        if (fit.scale.study.X @ near).min() >= 0:
            assert problem.value(near) <= problem.value(fit.scale.beta) + 1e-9


def test_a_runaway_scale_is_refused() -> None:
    same = TRIALS.assign(yi=np.where(TRIALS["alloc"] == "random", -0.5, TRIALS["yi"]))
    with pytest.raises(mr.ConvergenceError, match="tau2 of some studies runs to 0"):
        mr.location_scale(same, "0 + alloc", "0 + alloc")
    fit = mr.location_scale(same, "0 + alloc", "0 + alloc", link="identity")
    assert fit.scale.beta[1] == pytest.approx(0, abs=1e-12)
    assert fit.scale.beta[0] == pytest.approx(mr.subgroups(TRIALS, "alloc").fits["alternate"].tau2)


def test_rows_without_a_scale_moderator_are_left_out_and_named() -> None:
    lacking = TRIALS.assign(year=TRIALS["year"].where(TRIALS.index != 3))
    with pytest.warns(mr.MetarelWarning, match=r"1 of 13 rows left out.*no year"):
        fit = mr.location_scale(lacking, "ablat", "year")
    whole = mr.location_scale(TRIALS.drop(index=3).reset_index(drop=True), "ablat", "year")
    assert fit.k == 12
    assert fit.scale.beta == pytest.approx(whole.scale.beta, rel=1e-10)
    assert [row.row for row in fit.study.dropped] == [3]


def test_bad_input_is_named() -> None:
    with pytest.raises(mr.InputError, match="`tau2` must be one of 'REML', 'ML'"):
        mr.location_scale(TRIALS, "ablat", "year", tau2="DL")
    with pytest.raises(mr.InputError, match="`link` must be one of 'log', 'identity'"):
        mr.location_scale(TRIALS, "ablat", "year", link="logit")
    with pytest.raises(mr.InputError, match="`mods` and `scale` have 1 and 13 coefficients"):
        mr.location_scale(TRIALS, "1", "C(study)".replace("study", "vi"))
    fit = mr.location_scale(TRIALS, "ablat", "ablat")
    with pytest.raises(mr.InputError, match="`X` and `Z` are the design rows"):
        fit.predict(X=[[1, 30]])
    with pytest.raises(mr.InputError, match="`Z` must have one column a scale coefficient"):
        fit.predict_scale(Z=[[1, 2, 3]])
    centred = TRIALS.assign(x=TRIALS["ablat"] - TRIALS["ablat"].mean())
    with pytest.raises(mr.InputError, match="`scale` must allow a tau2 above 0"):
        mr.location_scale(centred, "1", "0 + x", link="identity")


def test_what_is_printed_and_ready_for_json() -> None:
    fit = mr.location_scale(TRIALS, "ablat", "ablat", test="knha")
    text = str(fit)
    for words in ("Location-scale model, 13 studies, REML", "Scale, log tau2", "Likelihood ratio"):
        assert words in text
    found = json.loads(json.dumps(fit.to_dict(), allow_nan=False))
    assert found["scale_coefficients"][1]["term"] == "ablat"
    assert list(fit.predict().index) == list(fit.study.labels)


@pytest.mark.slow
def test_coverage_of_scale_coefficients() -> None:
    """Wald intervals of the scale slope hold it about as often as they say."""
    rng = np.random.default_rng(11)
    k, true = 80, np.array([-2.0, 1.0])
    hits = []
    for _ in range(400):
        x, v = rng.uniform(-1, 1, k), rng.uniform(0.01, 0.05, k)
        y = 0.3 + rng.standard_normal(k) * np.sqrt(v + np.exp(true[0] + true[1] * x))
        Z = np.column_stack([np.ones(k), x])
        found = maximise(ScaleProblem(y, v, np.ones((k, 1)), Z, LINKS["log"], True))
        hits.append(abs(found.alpha[1] - true[1]) < 1.96 * np.sqrt(found.vcov[1, 1]))
    assert 0.92 < np.mean(hits) < 0.975
