"""Residuals: their definitions by dense matrices, their sums, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.diagnose.residuals import KINDS


def dense(fit: mr.MetaFit) -> tuple[np.ndarray, np.ndarray]:
    """Return I - H and M of a fit."""
    X, M = fit.study.X, np.diag(fit.study.vi + fit.tau2)
    w = fit.study.weights
    A = np.linalg.inv(M) if w is None else np.diag(w)
    return np.eye(fit.k) - X @ np.linalg.inv(X.T @ A @ X) @ X.T @ A, M


def test_standardised_residuals_are_those_of_dense_matrices(fit: mr.MetaFit) -> None:
    rest, M = dense(fit)
    table = mr.residuals(fit, "standardised")
    np.testing.assert_allclose(table.residual, rest @ fit.study.yi, rtol=1e-8, atol=1e-11)
    np.testing.assert_allclose(table.se, np.sqrt(np.diag(rest @ M @ rest.T)), rtol=1e-9)
    np.testing.assert_allclose(table.hat, 1 - np.diag(rest), rtol=1e-9)
    np.testing.assert_allclose(table.statistic, table.residual / table.se)


def test_conditional_residuals_are_from_the_predicted_true_effects(fit: mr.MetaFit) -> None:
    rest, M = dense(fit)
    table = mr.residuals(fit, "conditional")
    np.testing.assert_allclose(table.residual, fit.study.yi - mr.blup(fit).estimate, atol=1e-13)
    shrink = np.diag(fit.study.vi) @ np.linalg.inv(M)
    spread = shrink @ rest @ M @ rest.T @ shrink.T
    np.testing.assert_allclose(table.se, np.sqrt(np.diag(spread)), rtol=1e-9)


def test_sums_of_residuals(studies: pd.DataFrame) -> None:
    common = mr.pool(studies, tau2="EE")
    pearson = mr.residuals(common, "pearson")
    assert (pearson.statistic**2).sum() == pytest.approx(common.Q, rel=1e-12)
    # with tau2 fixed, deleting is an update: both kinds are one number
    fit = mr.meta_regression(studies, "year", tau2=0.1)
    inner, outer = mr.residuals(fit, "standardised"), mr.residuals(fit, "studentised")
    np.testing.assert_allclose(inner.statistic, outer.statistic, rtol=1e-8)
    np.testing.assert_allclose(outer.residual, inner.residual / (1 - inner.hat), rtol=1e-8)
    np.testing.assert_allclose(mr.influence(fit).rstudent, outer.statistic, rtol=1e-12)


def test_one_huge_weight_costs_no_digits() -> None:
    yi, vi = [0.1, 0.5, 0.3], [1e-14, 0.2, 0.4]
    table = mr.residuals(mr.pool(yi=yi, vi=vi, tau2="EE"), "standardised")
    others = 1 / (1 / 0.2 + 1 / 0.4)  # the variance of the others' mean
    # M (1 - h) with 1 - h = w_others / (w + w_others), about 1e-14
    assert table.se[0] ** 2 == pytest.approx(1e-28 / (1e-14 + others), rel=1e-12)
    assert table.statistic[0] == pytest.approx((0.1 - 1.3 / 3) / np.sqrt(others + 1e-14), rel=1e-3)


def test_rows_are_named_and_raw_residuals_plain(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies)
    table = mr.residuals(fit, "raw")
    assert list(table) == ["study", "observed", "fitted", "residual", "se", "statistic", "hat"]
    assert list(table.study) == list(studies.study)
    np.testing.assert_allclose(table.observed - table.fitted, table.residual)
    assert table[["se", "statistic"]].isna().all(axis=None)


def test_a_study_without_residual_has_no_statistic(studies: pd.DataFrame) -> None:
    alone = studies.assign(only=(studies.index == 7).astype(float))
    fit = mr.meta_regression(alone, "only")
    for kind in ("standardised", "studentised", "conditional"):
        table = mr.residuals(fit, kind)
        assert np.isnan(table.statistic[7])
        assert table.statistic.drop(index=7).notna().all()


def test_kinds_are_looked_up() -> None:
    fit = mr.pool(yi=[0.1, 0.4, 0.3], vi=[0.02, 0.03, 0.04])
    assert mr.residuals(fit).equals(mr.residuals(fit, "deleted"))
    for kind in KINDS:
        assert len(mr.residuals(fit, kind)) == 3
    with pytest.raises(mr.InputError, match=r"`kind` must be one of.*mean 'pearson'"):
        mr.residuals(fit, "persons")
