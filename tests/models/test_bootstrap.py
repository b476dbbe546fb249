"""Bootstraps: what theory says of the draws, explicit resampling, limits by hand."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.models.bootstrap import Bootstrap


@pytest.fixture
def data() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    v = rng.uniform(0.02, 0.2, 14)
    return pd.DataFrame(
        {"yi": rng.normal(0.3, np.sqrt(v + 0.05)), "vi": v, "x": rng.normal(size=14)}
    )


def column(found: Bootstrap, name: str) -> np.ndarray:
    return found.values[:, found.names.index(name)]


def test_parametric_draws_vary_as_the_model_says(data: pd.DataFrame) -> None:
    """With tau2 fixed, coefficients are normal with the model's covariance."""
    fit = mr.meta_regression(data, "x", tau2=0.05)
    found = mr.bootstrap(fit, draws=40_000)
    np.testing.assert_allclose(found.values[:, :2].mean(axis=0), fit.beta, atol=0.005)
    np.testing.assert_allclose(np.cov(found.values[:, :2].T), fit.vcov, atol=3e-4)
    table = found.intervals().query("quantity == 'x'").set_index("method")
    for method in ("percentile", "basic", "t"):
        assert table.ci_low[method] == pytest.approx(fit.ci_low[1], abs=0.01)
        assert table.ci_high[method] == pytest.approx(fit.ci_high[1], abs=0.01)
    assert (column(found, "tau2") == 0.05).all()


@pytest.mark.parametrize("tau2", ["REML", "DL", "EE"])
def test_each_draw_of_cases_is_a_fit(data: pd.DataFrame, tau2: str) -> None:
    fit = mr.pool(data, tau2=tau2, test="knha")
    found = mr.bootstrap(fit, kind="cases", draws=100)
    drawn = np.random.default_rng(1).integers(0, 14, (100, 14))
    for row in range(0, 100, 9):
        one = mr.pool(data.iloc[drawn[row]].reset_index(drop=True), tau2=tau2, test="knha")
        numbers = [one.estimate, one.tau2, one.I2]
        np.testing.assert_allclose(found.values[row], numbers, rtol=1e-8, atol=1e-12)
        assert found.ses[row, 0] == pytest.approx(one.se[0], rel=1e-8)


@pytest.mark.parametrize("tau2", ["REML", "EE"])
def test_each_draw_of_a_regression_is_a_fit(data: pd.DataFrame, tau2: str) -> None:
    fit = mr.meta_regression(data, "x", tau2=tau2)
    found = mr.bootstrap(fit, kind="cases", draws=100)
    drawn = np.random.default_rng(1).integers(0, 14, (100, 14))
    for row in range(0, 100, 17):
        one = mr.meta_regression(data.iloc[drawn[row]].reset_index(drop=True), "x", tau2=tau2)
        numbers = [*one.beta, one.tau2, one.I2]
        np.testing.assert_allclose(found.values[row], numbers, rtol=1e-7, atol=1e-10)


def test_limits_by_hand(data: pd.DataFrame) -> None:
    fit = mr.pool(data, test="knha")
    found = mr.bootstrap(fit, draws=999, level=0.9)
    table = found.intervals().set_index(["quantity", "method"])
    values = column(found, "intercept")
    low, high = np.quantile(values, [0.05, 0.95])
    row = table.loc[("intercept", "percentile")]
    assert (row.ci_low, row.ci_high) == pytest.approx((low, high))
    assert row.se == pytest.approx(values.std(ddof=1))
    assert row.bias == pytest.approx(values.mean() - fit.estimate)
    row = table.loc[("intercept", "basic")]
    assert (row.ci_low, row.ci_high) == pytest.approx(
        (2 * fit.estimate - high, 2 * fit.estimate - low)
    )
    t = np.sort((values - fit.estimate) / found.ses[:, 0])
    row = table.loc[("intercept", "t")]
    ends = fit.estimate - fit.se[0] * np.array([t[949], t[49]])  # the 950th and the 50th of 999
    assert (row.ci_low, row.ci_high) == pytest.approx(tuple(ends))
    assert table.loc[("tau2", "basic")].ci_low >= 0
    assert 0 <= table.loc[("I2", "basic")].ci_low <= table.loc[("I2", "basic")].ci_high <= 1
    assert ("tau2", "t") not in table.index


def test_seeds_and_units(data: pd.DataFrame) -> None:
    fit = mr.pool(data)
    one, same, other = (mr.bootstrap(fit, draws=500, seed=seed) for seed in (1, 1, 2))
    assert (one.values == same.values).all()
    assert not (one.values[:, 0] == other.values[:, 0]).any()
    scaled = mr.bootstrap(mr.pool(data.assign(yi=data.yi * 1e4, vi=data.vi * 1e8)), draws=500)
    np.testing.assert_allclose(scaled.values[:, 0], one.values[:, 0] * 1e4, rtol=1e-6)
    np.testing.assert_allclose(scaled.values[:, 2], one.values[:, 2], rtol=1e-6, atol=1e-9)


def test_draws_that_cannot_be_fitted_are_counted(data: pd.DataFrame) -> None:
    rare = data.assign(x=[1.0, 1.0] + [0.0] * 12)
    found = mr.bootstrap(mr.meta_regression(rare, "x"), kind="cases", draws=1000)
    assert found.failed == pytest.approx(1000 * (12 / 14) ** 14, abs=60)
    assert len(found.values) == 1000 - found.failed
    assert "not fitted" in str(found)
    rarer = data.assign(x=[1.0] + [0.0] * 13, z=[0.0, 1.0] + [0.0] * 12)
    with pytest.raises(mr.InputError, match=r"could not be fitted.*kind=\"parametric\""):
        mr.bootstrap(mr.meta_regression(rarer, "x + z"), kind="cases", draws=200)


def test_words_and_numbers_are_checked(data: pd.DataFrame) -> None:
    fit = mr.pool(data)
    with pytest.raises(mr.InputError, match=r"`kind` must be one of 'parametric', 'cases'"):
        mr.bootstrap(fit, kind="case")
    with pytest.raises(mr.InputError, match=r"`draws` must be a whole number of at least 100"):
        mr.bootstrap(fit, draws=5)
    with pytest.raises(mr.InputError, match="own weights"):
        mr.bootstrap(mr.meta_regression(data, "x", weights=1.0))
    own = mr.bootstrap(mr.pool(data, weights=1.0, tau2=0.05), draws=20_000)
    assert column(own, "intercept").std() == pytest.approx(
        float(mr.pool(data, weights=1.0, tau2=0.05).se[0]), rel=0.02
    )


def test_a_bar_is_shown_where_asked(data: pd.DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    mr.bootstrap(mr.pool(data), draws=100, progress=True)
    assert "Bootstrap" in capsys.readouterr().err
    mr.bootstrap(mr.pool(data), draws=100)
    assert not capsys.readouterr().err


@pytest.mark.slow
def test_coverage_of_bootstrap_limits() -> None:
    rng = np.random.default_rng(3)
    v = rng.gamma(1.5, 0.05, 12) + 0.01
    hits = {"percentile": 0, "basic": 0, "t": 0}
    with warnings.catch_warnings():
        for seed in range(400):
            y = rng.normal(0.3, np.sqrt(v + 0.1))
            found = mr.bootstrap(mr.pool(yi=y, vi=v, test="knha"), draws=500, seed=seed)
            table = found.intervals().query("quantity == 'intercept'")
            for row in table.itertuples(index=False):
                hits[row.method] += row.ci_low < 0.3 < row.ci_high
    assert hits["percentile"] <= hits["t"]
    assert hits["t"] / 400 == pytest.approx(0.95, abs=0.033)


def test_draws_are_tested_at_the_level_of_the_fit() -> None:
    """One guard of Knapp and Hartung's compares intervals at the level, and sets the SE by it."""
    data = pd.DataFrame({"yi": [0.1, 0.3, 0.25, 0.4, 0.2], "vi": [0.02, 0.05, 0.03, 0.04, 0.02]})
    at = {level: mr.bootstrap(mr.pool(data, tau2="DL", test="hybrid", level=level), draws=200)
          for level in (0.95, 0.5)}  # fmt: skip
    assert np.array_equal(at[0.95].values, at[0.5].values)
    assert not np.allclose(at[0.95].ses[:, 0], at[0.5].ses[:, 0])
