"""Tests of funnel plot asymmetry: identities, enumeration, words, errors, and their size."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import metarel as mr


@pytest.fixture
def studies() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    n = np.round(np.exp(rng.normal(4, 0.8, 24))).clip(10)
    vi = 4 / n * rng.uniform(0.9, 1.1, 24)
    yi = 0.2 + 0.8 * np.sqrt(vi) + rng.normal(0, np.sqrt(vi + 0.02))
    return pd.DataFrame({"yi": yi, "vi": vi, "n": n, "year": rng.integers(1990, 2020, 24)})


def test_eggers_test_is_the_regression_of_z_on_precision(studies: pd.DataFrame) -> None:
    """The published form: yi/sei on 1/sei by plain least squares, whose intercept is tested."""
    sei = np.sqrt(studies.vi)
    plain = stats.linregress(1 / sei, studies.yi / sei)
    found = mr.regression_test(mr.pool(studies), model="lm")
    assert found.slope == pytest.approx(plain.intercept, rel=1e-10)
    assert found.se == pytest.approx(plain.intercept_stderr, rel=1e-10)
    assert found.limit == pytest.approx(plain.slope, rel=1e-10)
    assert found.df == 22


def test_the_mixed_form_is_a_meta_regression(studies: pd.DataFrame) -> None:
    table = studies.assign(se=np.sqrt(studies.vi))
    fit = mr.pool(table, tau2="PM", test="knha")
    found = mr.regression_test(fit)
    again = mr.meta_regression(table, "se", tau2="PM", test="knha")
    assert found.p_value == pytest.approx(again.p_value[1], rel=1e-12)
    assert found.limit_low == pytest.approx(again.ci_low[0], rel=1e-12)


def test_moderators_stay_and_own_predictors_are_taken(studies: pd.DataFrame) -> None:
    fit = mr.meta_regression(studies, "year")
    found = mr.regression_test(fit, predictor="1/sqrt(n)", n="n", data=studies)
    again = mr.meta_regression(studies.assign(x=studies.n**-0.5), "year + x")
    assert found.slope == pytest.approx(again.beta[2], rel=1e-9)
    assert np.isnan(found.limit)
    own = mr.regression_test(fit, predictor=studies.n**-0.5)
    assert own.statistic == pytest.approx(found.statistic, rel=1e-10)
    assert own.predictor == "n"


@pytest.mark.parametrize("model", ["mixed", "lm"])
@pytest.mark.parametrize("predictor", ["sei", "vi", "1/n"])
def test_units_and_signs_do_not_matter(studies: pd.DataFrame, model: str, predictor: str) -> None:
    words = {"predictor": predictor, "model": model}
    words |= {"n": studies.n} if predictor == "1/n" else {}
    one = mr.regression_test(mr.pool(studies), **words)
    scaled = studies.assign(yi=-50 * studies.yi, vi=2500 * studies.vi)
    two = mr.regression_test(mr.pool(scaled), **words)
    assert two.statistic == pytest.approx(-one.statistic, rel=1e-7)
    assert two.limit == pytest.approx(-50 * one.limit, rel=1e-7)


def test_the_exact_rank_test_counts_all_orders() -> None:
    yi, vi = np.array([0.9, 0.1, 0.45, 0.2, 0.62]), np.array([0.09, 0.02, 0.11, 0.03, 0.05])
    found = mr.rank_test(mr.pool(yi=yi, vi=vi))
    w = 1 / vi
    z = (yi - w @ yi / w.sum()) / np.sqrt(vi - 1 / w.sum())

    def score(order: tuple[int, ...]) -> float:
        pairs = itertools.combinations(order, 2)
        return sum(np.sign(z[i] - z[j]) for i, j in pairs)

    ranked = tuple(np.argsort(vi))
    scores = np.array([score(order) for order in itertools.permutations(ranked)])
    assert abs(score(ranked)) == abs(found.score)
    assert found.p_value == pytest.approx(np.mean(np.abs(scores) >= abs(found.score)), rel=1e-12)


def test_ties_and_continuity_change_the_normal_approximation(studies: pd.DataFrame) -> None:
    tied = mr.pool(studies.assign(vi=studies.vi.round(2).clip(0.01)))
    found = mr.rank_test(tied)
    assert found.ties
    assert found.method == "normal"
    held = mr.rank_test(tied, continuity=True)
    assert abs(held.statistic) == pytest.approx((abs(found.score) - 1) / found.score_se)
    assert held.p_value > found.p_value


def test_notes_say_what_makes_a_test_doubtful(studies: pd.DataFrame) -> None:
    few = mr.pool(studies.head(8), measure="SMD")
    told = str(mr.regression_test(few))
    assert "with 8 studies such a test has little power (fewer than 10)" in told
    assert "part of its own standard error" in told
    sized = str(mr.regression_test(few, predictor="1/sqrt(n)", n="n", data=studies.head(8)))
    assert "own standard error" not in sized


def test_bad_input_is_named(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies)
    with pytest.raises(mr.InputError, match="`n` must be given for the predictor '1/n'"):
        mr.regression_test(fit, predictor="1/n")
    with pytest.raises(mr.InputError, match=r"`predictor`.*Did you mean 'sei'"):
        mr.regression_test(fit, predictor="seii")
    with pytest.raises(mr.InputError, match=r"`n` must be .*above 0|`n` must be positive"):
        mr.regression_test(fit, predictor="n", n=-studies.n)
    with pytest.raises(mr.InputError, match="more studies than the regression has coefficients"):
        mr.regression_test(mr.pool(studies.head(2)))
    with pytest.raises(mr.InputError, match="`model`"):
        mr.regression_test(fit, model="ols")
    assert mr.regression_test(fit, model="rma").model == "mixed"
    with pytest.raises(mr.InputError, match="at least three studies"):
        mr.rank_test(mr.pool(studies.head(2)))
    with pytest.raises(mr.InputError, match="the rank test"):
        mr.rank_test(mr.meta_regression(studies, "year"))
    alike = mr.pool(studies.assign(vi=0.1))
    with pytest.raises(mr.InputError, match="`predictor` is the same for all studies"):
        mr.regression_test(alike)
    with pytest.raises(mr.InputError, match="sampling variances are all the same"):
        mr.rank_test(alike)
    with pytest.raises(mr.InputError, match="effects are all the same"):
        mr.rank_test(mr.pool(studies.assign(yi=0.1)))
    with pytest.raises(mr.InputError, match="`n` plays no part in the predictor 'sei'"):
        mr.regression_test(fit, n=studies.n)
    with pytest.raises(mr.InputError, match="defined for a pooled mean only"):
        mr.regression_test(mr.pool(studies, test="iqwig"))


def test_results_are_plain_and_print(studies: pd.DataFrame) -> None:
    found = mr.regression_test(mr.pool(studies), model="lm")
    assert found.to_dict()["k"] == 24
    assert "fit" not in found.to_dict()
    assert str(found).startswith("Regression test for funnel plot asymmetry, 24 studies")
    assert mr.rank_test(mr.pool(studies)).to_dict()["statistic"] is None


@pytest.mark.slow
@pytest.mark.parametrize("tau2", [0.0, 0.05])
def test_size_without_bias(tau2: float) -> None:
    """Without bias the tests reject about as often as their level says."""
    rng = np.random.default_rng(11)
    draws, k = 1500, 25
    rejected = {"lm": 0, "mixed": 0, "rank": 0}
    for _ in range(draws):
        vi = 4 / np.exp(rng.normal(4, 0.7, k))
        fit = mr.pool(yi=rng.normal(0.3, np.sqrt(vi + tau2)), vi=vi, test="knha")
        rejected["lm"] += mr.regression_test(fit, model="lm").p_value < 0.05
        rejected["mixed"] += mr.regression_test(fit).p_value < 0.05
        rejected["rank"] += mr.rank_test(fit).p_value < 0.05
    share = {name: count / draws for name, count in rejected.items()}
    assert 0.035 < share["mixed"] < 0.07
    assert 0.03 < share["lm"] < 0.10
    assert share["rank"] < 0.07
