"""Influence: its definitions by plain refits, its invariances, and its flags."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.diagnose import _refits

MEASURES = ["rstudent", "dffits", "cooks_distance", "cov_ratio", "tau2_deleted", "Q_deleted"]


def covariance(fit: mr.MetaFit, tau2: float) -> np.ndarray:
    """Return the covariance of the coefficients of all studies at another tau2, densely."""
    X, total = fit.study.X, np.diag(fit.study.vi + tau2)
    w = fit.study.weights
    A = np.linalg.inv(total) if w is None else np.diag(w)
    bread = np.linalg.inv(X.T @ A @ X)
    return bread @ X.T @ A @ total @ A @ X @ bread


def factor(fit: mr.MetaFit) -> float:
    floor = {"knha": 0.0, "adhoc": 1.0}
    return max(fit.knapp_hartung, floor[fit.spec.test]) if fit.spec.test in floor else 1.0


def test_measures_are_what_plain_refits_give(fit: mr.MetaFit, refitted: Any) -> None:
    table = mr.influence(fit)
    X, y, v = fit.study.X, fit.study.yi, fit.study.vi
    for i in range(fit.k):
        without = refitted(np.arange(fit.k) != i)
        change, x, f = fit.beta - without.beta, X[i], factor(without)
        at = f * covariance(fit, without.tau2)
        total = f * (v[i] + without.tau2)
        se = np.sqrt(total + x @ without.vcov @ x)
        row = table.iloc[i]
        assert row.rstudent == pytest.approx((y[i] - x @ without.beta) / se, rel=1e-7)
        spread = total * row.hat if fit.study.weights is None else x @ at @ x
        assert row.dffits == pytest.approx(x @ change / np.sqrt(spread), rel=1e-7)
        distance = change @ np.linalg.inv(fit.vcov) @ change
        assert row.cooks_distance == pytest.approx(distance, rel=1e-6)
        ratio = np.linalg.det(without.vcov) / np.linalg.det(fit.vcov)
        assert row.cov_ratio == pytest.approx(ratio, rel=1e-6)
        assert row.tau2_deleted == pytest.approx(without.tau2, rel=1e-8, abs=1e-11)
        assert row.Q_deleted == pytest.approx(without.Q, rel=1e-8)
        for j, term in enumerate(fit.study.terms):
            expected = change[j] / np.sqrt(at[j, j])
            assert row[f"dfbetas_{term}"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("test", ["hybrid", "iqwig"])
def test_guards_that_compare_intervals_count_as_the_factor_they_give(
    studies: pd.DataFrame, test: str
) -> None:
    """Each is Knapp and Hartung's test, or that with a factor of at least 1, or z."""
    guarded = mr.influence(mr.pool(studies, test=test))
    others = [mr.influence(mr.pool(studies, test=name)) for name in ("knha", "adhoc", "z")]
    for i in range(len(studies)):
        assert any(
            guarded.rstudent[i] == pytest.approx(other.rstudent[i], rel=1e-9)
            and guarded.dffits[i] == pytest.approx(other.dffits[i], rel=1e-9)
            for other in others
        )


def test_kenward_and_rogers_covariance_is_in_what_compares_covariances(
    studies: pd.DataFrame,
) -> None:
    fit = mr.meta_regression(studies, "year", test="kr")
    found, plain = mr.influence(fit), mr.influence(mr.meta_regression(studies, "year"))
    for i in range(fit.k):
        without = mr.meta_regression(studies.drop(studies.index[i]), "year", test="kr")
        ratio = np.linalg.det(without.vcov) / np.linalg.det(fit.vcov)
        assert found.cov_ratio[i] == pytest.approx(ratio, rel=1e-7)
    np.testing.assert_allclose(found.dffits, plain.dffits, rtol=1e-9)


def test_hat_values_sum_to_p_and_weights_to_100(fit: mr.MetaFit) -> None:
    table = mr.influence(fit)
    assert table.hat.sum() == pytest.approx(fit.p, rel=1e-10)
    assert table.weight.sum() == pytest.approx(100, rel=1e-12)
    assert list(table.weight) == list(fit.weights())


def test_the_order_and_the_units_do_not_matter(studies: pd.DataFrame) -> None:
    plain = mr.influence(mr.meta_regression(studies, "year", test="knha"))
    order = np.random.default_rng(1).permutation(len(studies))
    turned = mr.influence(mr.meta_regression(studies.iloc[order], "year", test="knha"))
    scaled = studies.assign(yi=studies.yi * 50 + 3, vi=studies.vi * 2500, year=studies.year / 1e4)
    scaled = mr.influence(mr.meta_regression(scaled, "year", test="knha"))
    assert list(turned.study) == [f"S{i}" for i in order]
    names = [*MEASURES, "hat", "weight", "dfbetas_year"]
    np.testing.assert_allclose(turned[names], plain[names].iloc[order], rtol=1e-7)
    names.remove("tau2_deleted")
    np.testing.assert_allclose(scaled[names], plain[names], rtol=1e-6)
    np.testing.assert_allclose(scaled.tau2_deleted, 2500 * plain.tau2_deleted, rtol=1e-7)


def test_an_outlier_is_flagged_with_the_rules_it_meets(studies: pd.DataFrame) -> None:
    moved = studies.assign(yi=studies.yi.where(studies.index != 4, 6.0))
    table = mr.influence(mr.pool(moved))
    assert list(table.study[table.influential]) == ["S4"]
    assert table.reasons[4] == "dffits, cooks_distance, dfbetas"
    assert table.reasons.drop(index=4).eq("").all()
    k = len(studies)
    limits = table.attrs["thresholds"]
    assert limits["dffits"] == pytest.approx(3 * np.sqrt(1 / (k - 1)))
    assert limits["cooks_distance"] == pytest.approx(0.454936423119572, rel=1e-12)
    assert (limits["hat"], limits["dfbetas"]) == (pytest.approx(3 / k), 1)


def test_a_study_that_alone_bears_on_a_coefficient(studies: pd.DataFrame) -> None:
    alone = studies.assign(only=(studies.index == 7).astype(float))
    fit = mr.meta_regression(alone, "year + only")
    table = mr.influence(fit)
    assert table.hat[7] == 1
    assert table.loc[7, [*MEASURES, "dfbetas_only"]].isna().all()
    assert table.reasons[7] == "hat"
    assert table.note[7] == "moderators repeat each other in these studies"
    assert table.note.drop(index=7).eq("").all()
    assert not table.drop(index=7).isna().any(axis=None)
    points = mr.baujat(fit)
    assert np.isnan(points.influence[7])


def test_two_studies_are_enough_and_one_is_not() -> None:
    two = mr.influence(mr.pool(yi=[0.1, 0.6], vi=[0.02, 0.05], test="knha"))
    assert list(two.tau2_deleted) == [0, 0]
    assert two.rstudent[0] == pytest.approx(-0.5 / np.sqrt(0.07))
    with pytest.warns(mr.MetarelWarning, match="one study"):
        one = mr.pool(yi=[0.1], vi=[0.02])
    for function in (mr.influence, mr.residuals, mr.baujat):
        with pytest.raises(mr.InputError, match="two studies to delete one"):
            function(one)
    three = pd.DataFrame({"yi": [0.1, 0.4, 0.2], "vi": [0.02, 0.03, 0.05], "x": [1, 2, 4]})
    saturated = mr.influence(mr.meta_regression(three, "x"))
    assert saturated.note.eq("no more complete studies than coefficients").all()
    assert saturated.rstudent.isna().all()


def test_equal_effects_have_no_spread_to_count_in(studies: pd.DataFrame) -> None:
    even = studies.assign(yi=0.25)
    for fit in (mr.pool(even, test="knha"), mr.meta_regression(even, "year", test="knha")):
        table = mr.influence(fit)
        names = ["rstudent", "dffits", "cooks_distance", "cov_ratio", "dfbetas_intercept"]
        assert table[names].isna().all(axis=None)
        assert set(table.reasons) <= {"", "hat"}
        assert mr.residuals(fit).statistic.isna().all()
    guarded = mr.influence(mr.meta_regression(even, "year", test="adhoc"))
    assert np.abs(guarded.rstudent).max() < 1e-9


@pytest.mark.parametrize("seed", range(12))
def test_weights_and_moderators_of_any_size_cost_no_digits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    k, unit = 15, 10.0 ** rng.uniform(-6, 6)
    v = rng.gamma(1.5, 0.1, k) * 10.0 ** rng.uniform(-3, 3, k)
    frame = pd.DataFrame({"yi": rng.normal(0, np.sqrt(v + 0.1)) * unit, "vi": v * unit**2})
    frame["x"] = rng.normal(2000, 9, k)
    fit = mr.meta_regression(frame, "x")
    table, left = mr.influence(fit), mr.leave_one_out(fit)
    assert table.hat.sum() == pytest.approx(2, rel=1e-12)
    again = mr.meta_regression(frame.drop(index=4), "x")
    np.testing.assert_allclose(left.estimate[8:10], again.beta, rtol=1e-7)
    np.testing.assert_allclose(left.se[8:10], again.se, rtol=1e-7)


def test_a_thousand_studies_are_refitted_in_one_batch(
    many: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("fitted one by one")

    monkeypatch.setattr(_refits, "fit_part", never)
    for fit in (mr.pool(many), mr.meta_regression(many, "year", test="knha")):
        assert mr.influence(fit).rstudent.notna().all()
        assert mr.leave_one_out(fit).estimate.notna().all()
