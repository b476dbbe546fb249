"""Refits in one batch are fits of their own: any estimator, test, weights, mask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.diagnose import _refits
from metarel.diagnose._refits import fit_part, refit
from metarel.models.batch_regression import batch_regression
from metarel.models.batch_result import NOTES
from metarel.models.batch_tau2 import BATCH_TAU2
from metarel.tau2.register import TAU2

HEADER = {
    "events1": [4, 6, 3],
    "n1": [119, 300, 228],
    "events2": [11, 29, 11],
    "n2": [128, 274, 209],
}


def assert_same(found: Any, row: int, fit: mr.MetaFit) -> None:
    unit = 1 / float(np.mean(1 / fit.study.vi))
    np.testing.assert_allclose(found.beta[row], fit.beta, rtol=1e-8)
    np.testing.assert_allclose(found.vcov[row], fit.vcov, rtol=1e-8)
    np.testing.assert_allclose(found.p_value[row], fit.p_value, rtol=1e-7)
    np.testing.assert_allclose(found.ci[0][row], fit.ci_low, rtol=1e-8)
    np.testing.assert_allclose(found.ci[1][row], fit.ci_high, rtol=1e-8)
    assert found.tau2[row] == pytest.approx(fit.tau2, rel=1e-8, abs=1e-9 * unit)
    assert found.tau2_se[row] == pytest.approx(fit.tau2_se, rel=1e-8, nan_ok=True)
    h = fit.heterogeneity
    assert (found.k[row], found.Q_df[row]) == (fit.k, h.Q_df)
    np.testing.assert_allclose(found.df[row], fit.df, rtol=1e-8)
    for name in ("Q", "Q_p", "I2", "H2", "I2_Q", "H2_Q", "typical_variance"):
        assert getattr(found, name)[row] == pytest.approx(getattr(h, name), rel=1e-8, abs=1e-9)
    assert found.knapp_hartung[row] == pytest.approx(fit.knapp_hartung, rel=1e-8)


def test_refits_are_the_fits_of_these_studies(fit: mr.MetaFit, refitted: Any) -> None:
    rng = np.random.default_rng(5)
    keep = rng.uniform(size=(25, fit.k)) < 0.8
    keep[:, :6] |= keep.sum(axis=1, keepdims=True) < 6
    found = refit(fit, keep)
    for row, chosen in enumerate(keep):
        if not NOTES[found.note[row]]:
            assert_same(found, row, refitted(chosen))
    assert (found.note == 0).mean() > 0.8


def test_a_part_is_the_fit_of_these_studies(fit: mr.MetaFit, refitted: Any) -> None:
    keep = np.arange(fit.k) != 2
    part, again = fit_part(fit, keep), refitted(keep)
    np.testing.assert_allclose(part.beta, again.beta, rtol=1e-12)
    assert tuple(part.study.labels) == tuple(again.study.labels)
    if fit.p > 1:
        assert part.study.design.frame.equals(again.study.design.frame)
    assert list(part.study.rows) == [i for i in range(fit.k) if i != 2]


def test_rows_that_cannot_be_fitted_say_why(fit: mr.MetaFit, model: str) -> None:
    keep = np.zeros((4, fit.k), dtype=bool)
    keep[1, 0] = True
    keep[2, :4] = True
    keep[3, [0, 1, 3, 4, 6, 7, 9]] = True  # no study of rater c
    notes = [NOTES[i] for i in refit(fit, keep).note]
    if "moderators" in model:
        few = "no more complete studies than coefficients"
        assert notes == [few, few, few, "moderators repeat each other in these studies"]
        assert np.isnan(refit(fit, keep).beta).all()
    else:
        assert notes[0] == "no complete study"
        assert notes[1].startswith("one study: its own estimate")
        assert notes[2:] == ["", ""]


def test_every_estimator_is_fitted_again_as_by_itself(studies: pd.DataFrame) -> None:
    for code in TAU2:
        if TAU2[code].takes != "centre":
            fit = mr.pool(studies, tau2=code, weights="w")
            found = refit(fit, ~np.eye(fit.k, dtype=bool))
            again = mr.pool(studies.drop(index=3), tau2=code, weights="w")
            assert found.tau2[3] == pytest.approx(again.tau2, rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("code", [code for code in TAU2 if code in BATCH_TAU2])
def test_estimators_with_a_batch_are_not(
    code: str, studies: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("fitted one by one")

    monkeypatch.setattr(_refits, "fit_part", never)
    mean = mr.pool(studies, tau2=code, weights="w")
    line = mr.meta_regression(studies, "year", tau2=code, weights="w")
    for fit in (mean, line):
        assert mr.leave_one_out(fit).estimate.notna().all()
    subsets = mr.gosh(mean, subsets=30, seed=1)
    chosen = mr.pool(studies[subsets.members[7]], tau2=code, weights="w")
    assert subsets.table.tau2[7] == pytest.approx(chosen.tau2, rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("kind", ["parametric", "cases"])
def test_draws_of_given_weights_are_those_of_hedges(studies: pd.DataFrame, kind: str) -> None:
    """With equal weights "GENQ" is "HE", draw by draw."""
    one, other = (
        mr.bootstrap(mr.pool(studies, tau2=code, weights=1.0), kind=kind, draws=200)
        for code in ("GENQ", "HE")
    )
    np.testing.assert_allclose(one.values, other.values, rtol=1e-9, atol=1e-12)
    assert one.values[:, 1].max() > 0


def test_settings_of_other_programs_stay(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies, settings="meta")
    again = mr.pool(studies.drop(index=2), settings="meta")
    assert fit.spec.I2 == "Q"
    part = fit_part(fit, np.arange(fit.k) != 2)
    assert (part.I2, part.H2) == (again.I2, again.H2)
    assert part.spec == again.spec
    assert mr.leave_one_out(fit).I2[2] == pytest.approx(again.I2, rel=1e-10)
    subset = mr.gosh(fit, subsets=40, seed=1)
    row = int(subset.table.k.argmax())
    chosen = mr.pool(studies[subset.members[row]], settings="meta")
    assert subset.table.H2[row] == pytest.approx(chosen.H2, rel=1e-10)


def test_a_tau2_from_tables_cannot_be_found_again() -> None:
    table = pd.DataFrame(HEADER)
    cells = {name: name for name in HEADER}
    effects = mr.effect_sizes(table, "RR", **cells)
    fit = mr.pool(effects, tau2=mr.tau2_from_tables(table, "RR", **cells))
    with pytest.raises(mr.InputError, match=r"found from tables \('DLMH'\)"):
        mr.leave_one_out(fit)
    with pytest.raises(mr.InputError, match="cannot be found again"):
        fit_part(fit, np.array([True, True, False]))


def test_own_weights_of_a_batch_scale_and_reduce() -> None:
    rng = np.random.default_rng(8)
    X = np.column_stack([np.ones(9), rng.normal(size=9)])
    v, w = rng.uniform(0.05, 0.4, (1, 9)), rng.uniform(1, 5, 9)
    y = rng.normal(size=(6, 9))
    one = batch_regression(y, v, X, weights=w)
    np.testing.assert_allclose(batch_regression(y, v, X, weights=7 * w).vcov, one.vcov, rtol=1e-10)
    plain = batch_regression(y, v, X, tau2=0.2)
    same = batch_regression(y, v, X, tau2=0.2, weights=1 / (v[0] + 0.2))
    np.testing.assert_allclose(same.beta, plain.beta, rtol=1e-10)
    np.testing.assert_allclose(same.vcov, plain.vcov, rtol=1e-10)


@pytest.mark.parametrize("test", ["hybrid", "iqwig", "kr"])
@pytest.mark.parametrize("formula", ["1", "year", "year + C(np.where(year > 2000, 1, 0))"])
def test_every_test_is_refitted(studies: pd.DataFrame, test: str, formula: str) -> None:
    """The guards of Knapp and Hartung that compare intervals, and Kenward and Roger's test."""
    if test == "iqwig" and formula != "1":
        pytest.skip("defined for means")
    fit = mr.meta_regression(studies, formula, test=test, level=0.9)
    keep = ~np.eye(fit.k, dtype=bool)
    found = refit(fit, keep)
    moderators = list(range(1, fit.p))
    for row, chosen in enumerate(keep):
        alone = mr.meta_regression(studies[chosen], formula, test=test, level=0.9)
        assert_same(found, row, alone)
        if moderators:
            joint = found.omnibus(moderators)[row]
            assert joint == pytest.approx(alone.omnibus.statistic, rel=1e-7)


def test_a_study_that_outweighs_the_others_costs_kenward_and_roger_no_digits() -> None:
    data = pd.DataFrame({"yi": [0.4, -0.2, 0.1, 0.5, -0.1], "x": [0.3, -1.2, 0.8, 0.1, 1.5],
                         "vi": [2e-8, 0.05, 0.01, 0.08, 0.002]})  # fmt: skip
    fit = mr.meta_regression(data, "x", test="kr")
    found = refit(fit, ~np.eye(5, dtype=bool))
    for row in range(5):
        alone = mr.meta_regression(data.drop(row), "x", test="kr")
        np.testing.assert_allclose(found.df[row], alone.df, rtol=1e-6)
        np.testing.assert_allclose(found.se[row], alone.se, rtol=1e-6)


def test_a_repeated_study_counts_in_kenward_and_rogers_test(studies: pd.DataFrame) -> None:
    times = np.array([[2, 1, 0, 3] + [1] * (len(studies) - 4)])
    fit = mr.meta_regression(studies, "year", test="kr")
    found = batch_regression(fit.study.yi[None], fit.study.vi[None], fit.study.X, test="kr",
                             times=times)  # fmt: skip
    twice = studies.loc[studies.index.repeat(times[0])]
    assert_same(found, 0, mr.meta_regression(twice, "year", test="kr"))


@pytest.mark.parametrize("function", [mr.influence, mr.leave_one_out, mr.cumulative, mr.gosh,
                                      mr.residuals, mr.blup, mr.baujat, mr.radial, mr.outliers,
                                      mr.profile_likelihood, mr.simulate_from])  # fmt: skip
def test_other_things_are_refused(function: Any, studies: pd.DataFrame) -> None:
    with pytest.raises(mr.InputError, match=r"`fit` must be what pool.*got DataFrame"):
        function(studies)
