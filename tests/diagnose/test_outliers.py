"""The rule of intervals that do not touch the pooled one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import metarel as mr


def test_studies_beyond_the_pooled_interval_are_left_out(studies: pd.DataFrame) -> None:
    moved = studies.assign(yi=studies.yi.where(~studies.index.isin([2, 5]), [9.0, -4.0] * 6))
    fit = mr.pool(moved, tau2="EE", level=0.9)
    found = mr.outliers(fit)
    half = 1.6448536269514722 * np.sqrt(moved.vi)
    beyond = (moved.yi + half < fit.ci_low[0]) | (moved.yi - half > fit.ci_high[0])
    assert list(found.table.outlier) == list(beyond)
    assert {"S2", "S5"} <= set(found.names)
    again = mr.pool(moved[~beyond], tau2="EE", level=0.9)
    assert found.without.estimate == pytest.approx(again.estimate, rel=1e-12)
    frame = found.to_frame()
    assert list(frame.index) == ["all studies", "without outliers"]
    assert list(frame.k) == [12, 12 - len(found.names)]
    assert frame.loc["all studies", "ci_high"] == fit.ci_high[0]
    assert frame.loc["without outliers", "I2"] == pytest.approx(again.I2)
    assert "beyond the pooled interval" in str(found)


def test_own_weights_go_with_their_studies(studies: pd.DataFrame) -> None:
    moved = studies.assign(yi=studies.yi.where(studies.index != 2, 9.0))
    found = mr.outliers(mr.pool(moved, weights="w"))
    assert found.names == ("S2",)
    again = mr.pool(moved.drop(index=2), weights="w")
    assert found.without.estimate == pytest.approx(again.estimate, rel=1e-12)


def test_no_outlier_leaves_the_fit_as_it_is() -> None:
    fit = mr.pool(yi=[0.1, 0.2, 0.3], vi=[0.1, 0.1, 0.1])
    found = mr.outliers(fit)
    assert found.without is fit
    assert found.names == ()
    assert str(found) == "No study has an interval beyond the pooled one."


def test_refusals(studies: pd.DataFrame) -> None:
    with pytest.raises(mr.InputError, match="pooled mean for this rule"):
        mr.outliers(mr.meta_regression(studies, "year"))
    apart = mr.pool(yi=[-5.0, 5.0], vi=[0.01, 0.01], tau2="EE")
    with pytest.raises(mr.InputError, match=r"no study whose interval touches.*2 would be left"):
        mr.outliers(apart)


def test_the_worked_example_of_harrer_and_others() -> None:
    """Sections 5.4.1 and 5.4.2.2 of the book, by their printed digits."""
    trials = mr.load_dataset("thirdwave_harrer2021").studies
    fit = mr.pool(trials, test="knha")
    found = mr.outliers(fit)
    assert found.names == ("DanitzOrsillo", "Shapiro et al.")
    without = found.without
    assert without.k == 16
    printed = {
        "0.4528": without.estimate,
        "0.3257": without.ci_low[0],
        "0.5800": without.ci_high[0],
        "7.59": without.statistic[0],
        "0.0139": without.tau2,
        "24.8": 100 * without.heterogeneity.I2_Q,
        "19.95": without.Q,
        "0.1739": without.heterogeneity.Q_p,
    }
    for digits, value in printed.items():
        assert mr.Printed(digits).contains(value), digits
    table = mr.influence(fit)
    assert list(table.study[table.influential]) == ["DanitzOrsillo"]
