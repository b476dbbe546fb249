"""The numbers behind Baujat's and radial plots."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import metarel as mr


def test_shares_of_heterogeneity_sum_to_q(studies: pd.DataFrame) -> None:
    for fit in (mr.pool(studies, tau2="EE"), mr.meta_regression(studies, "year", tau2="EE")):
        assert mr.baujat(fit).heterogeneity.sum() == pytest.approx(fit.Q, rel=1e-12)


def test_influence_is_the_squared_change_in_standard_errors(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies)
    without = mr.leave_one_out(fit)
    expected = ((fit.estimate - without.estimate) / without.se) ** 2
    np.testing.assert_allclose(mr.baujat(fit).influence, expected, rtol=1e-10)


def test_the_pooled_mean_is_the_slope_through_the_origin(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies, level=0.9)
    table = mr.radial(fit)
    slope = (table.precision @ table.standardised) / (table.precision @ table.precision)
    assert slope == pytest.approx(fit.estimate, rel=1e-12)
    assert table.attrs == {
        "slope": fit.estimate,
        "ci_low": fit.ci_low[0],
        "ci_high": fit.ci_high[0],
    }
    z = 1.6448536269514722
    away = ((studies.yi - fit.estimate) / np.sqrt(studies.vi + fit.tau2)).abs() > z
    assert list(table.outside) == list(away)
    np.testing.assert_allclose(table.high - table.low, 2 * z)


def test_a_radial_plot_needs_a_plain_mean(studies: pd.DataFrame) -> None:
    with pytest.raises(mr.InputError, match=r"pooled mean for a radial plot; got.*'year'"):
        mr.radial(mr.meta_regression(studies, "year"))
    with pytest.raises(mr.InputError, match="must not have own weights"):
        mr.radial(mr.pool(studies, weights="w"))
