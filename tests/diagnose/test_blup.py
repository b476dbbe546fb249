"""Predictions of true effects: dense algebra, bounds, simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import metarel as mr
from metarel.models._prediction import own_df


def test_variances_are_those_of_dense_algebra(fit: mr.MetaFit) -> None:
    """The error of the prediction, as a linear form in true effects and sampling errors."""
    X, v, t, k = fit.study.X, fit.study.vi, fit.tau2, fit.k
    w = 1 / (v + t) if fit.study.weights is None else fit.study.weights
    C = X @ np.linalg.inv(X.T @ (w[:, None] * X)) @ X.T * w
    S = np.diag(t / (t + v))
    to_y = S + (np.eye(k) - S) @ C
    about = np.diag(C @ np.diag(v + t) @ C.T)
    floor = {"knha": 0.0, "adhoc": 1.0}.get(fit.spec.test)
    more = 0.0 if floor is None else max(fit.knapp_hartung, floor) - 1
    spread = t * (np.eye(k) - to_y) @ (np.eye(k) - to_y).T + to_y @ np.diag(v) @ to_y.T
    expected = np.diag(spread) + more * np.diag(np.eye(k) - S) ** 2 * about
    np.testing.assert_allclose(mr.blup(fit).se, np.sqrt(expected), rtol=1e-8, atol=1e-10)
    to_u = S @ (np.eye(k) - C)
    spread = t * (np.eye(k) - to_u) @ (np.eye(k) - to_u).T + to_u @ np.diag(v) @ to_u.T
    expected = np.diag(spread) + more * np.diag(S) ** 2 * about
    deviations = mr.blup(fit, deviations=True)
    np.testing.assert_allclose(deviations.se, np.sqrt(expected), rtol=1e-8, atol=1e-10)


def test_true_effects_lie_between_observed_and_fitted(fit: mr.MetaFit) -> None:
    table = mr.blup(fit)
    fitted = fit.study.X @ fit.beta
    pulled = table.shrinkage * fitted + (1 - table.shrinkage) * table.observed
    np.testing.assert_allclose(table.estimate, pulled, rtol=1e-10)
    assert table.shrinkage.between(0, 1).all()
    deviations = mr.blup(fit, deviations=True)
    np.testing.assert_allclose(deviations.estimate + fitted, table.estimate, rtol=1e-10)


def test_limits(studies: pd.DataFrame) -> None:
    none = mr.blup(mr.pool(studies, tau2=0.0))
    fit = mr.pool(studies, tau2=0.0)
    np.testing.assert_allclose(none.estimate, fit.estimate)
    np.testing.assert_allclose(none.se, fit.se[0])
    huge = mr.blup(mr.pool(studies, tau2=1e9))
    np.testing.assert_allclose(huge.estimate, studies.yi, rtol=1e-6)
    np.testing.assert_allclose(huge.se, np.sqrt(studies.vi), rtol=1e-6)
    wide, narrow = mr.blup(mr.pool(studies)), mr.blup(mr.pool(studies), level=0.5)
    assert (wide.pi_high > narrow.pi_high).all()
    ratio = mr.blup(mr.pool(studies), transform="exp")
    np.testing.assert_allclose(ratio.pi_low, np.exp(wide.pi_low))
    np.testing.assert_allclose(ratio.observed, np.exp(studies.yi))
    assert ratio.se.isna().all()


def test_each_study_has_the_reference_of_its_prediction(studies: pd.DataFrame) -> None:
    fit = mr.meta_regression(studies, "year", test="kr")
    table, means, df = mr.blup(fit), fit.predict(), own_df(fit, fit.study.X)
    half = stats.t.ppf(0.975, df) * table.se
    np.testing.assert_allclose(table.pi_high - table.estimate, half, rtol=1e-12)
    expected = (means.ci_high - means.estimate).to_numpy() / means.se.to_numpy()
    np.testing.assert_allclose(half / table.se, expected, rtol=1e-10)
    assert len(np.unique(df)) > 1


def test_refusals(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies)
    with pytest.raises(mr.InputError, match="`transform` must be None for deviations"):
        mr.blup(fit, deviations=True, transform="exp")
    with pytest.raises(mr.InputError, match=r"`level`.*Write 0\.9"):
        mr.blup(fit, level=90)


@pytest.mark.slow
def test_limits_hold_the_true_effects_as_often_as_they_say_where_tau2_is_known() -> None:
    rng = np.random.default_rng(7)
    v, tau2, k, m = rng.uniform(0.02, 0.3, 60), 0.1, 60, 400
    known, estimated = [], []
    for _ in range(m):
        theta = rng.normal(0.2, np.sqrt(tau2), k)
        yi = rng.normal(theta, np.sqrt(v))
        for found, way in ((known, tau2), (estimated, "REML")):
            table = mr.blup(mr.pool(yi=yi, vi=v, tau2=way))
            found.append(((table.pi_low < theta) & (theta < table.pi_high)).mean())
    assert np.mean(known) == pytest.approx(0.95, abs=4 * np.std(known) / np.sqrt(m))
    # the uncertainty of an estimated tau2 is not in the limits
    assert 0.92 < np.mean(estimated) < np.mean(known) - 0.005
