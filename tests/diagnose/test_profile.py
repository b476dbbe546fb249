"""Profiles of the likelihood: the curve by brute force, limits, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

import metarel as mr
from metarel.tau2.likelihood import log_likelihood

DROP = 1.9207294103470547  # half the 95 % quantile of chi-square with 1 df


def highest(fit: mr.MetaFit, j: int, value: float) -> float:
    """Return the highest full log-likelihood with one coefficient held, by a plain search."""
    y, v, X = fit.study.yi, fit.study.vi, fit.study.X
    rest = np.delete(X, j, axis=1)

    def minus(log_tau2: float) -> float:
        total = v + (np.exp(log_tau2) if log_tau2 > -40 else 0.0)
        r = y - X[:, j] * value
        if rest.shape[1]:
            W = rest / total[:, None]
            r = r - rest @ np.linalg.solve(W.T @ rest, W.T @ r)
        return 0.5 * float(np.log(2 * np.pi * total).sum() + (r**2 / total).sum())

    grid = [-41.0, *np.linspace(-12, 4, 81)]
    best = min(grid, key=minus)
    if best == -41.0:
        return -minus(best)
    found = optimize.minimize_scalar(
        minus, bounds=(best - 0.2, best + 0.2), method="bounded", options={"xatol": 1e-11}
    )
    return -min(found.fun, minus(-41.0))


@pytest.mark.parametrize("formula", ["1", "year + C(rater)"])
def test_the_curve_of_a_coefficient_is_the_highest_likelihood(
    studies: pd.DataFrame, formula: str
) -> None:
    fit = mr.meta_regression(studies.assign(year=studies.year - 2000), formula, tau2="ML")
    for j, term in enumerate(fit.study.terms):
        curve = mr.profile_likelihood(fit, term, points=15)
        for value, height in zip(curve[term], curve.log_likelihood, strict=True):
            assert height == pytest.approx(highest(fit, j, value), rel=1e-9)
        top = log_likelihood(fit.study.yi, fit.study.vi, fit.study.X, fit.tau2, restricted=False)
        assert curve.attrs["estimate"] == pytest.approx(fit.beta[j], rel=1e-8)
        assert curve.attrs["threshold"] == pytest.approx(top - DROP, rel=1e-10)
        for end in ("ci_low", "ci_high"):
            assert highest(fit, j, curve.attrs[end]) == pytest.approx(top - DROP, rel=1e-8)
        assert curve.attrs["ci_low"] < fit.ci_low[j] < fit.ci_high[j] < curve.attrs["ci_high"]


def test_the_best_tau2_stands_beside_the_coefficient(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies, tau2="ML")
    curve = mr.profile_likelihood(fit, "intercept", values=[fit.estimate, 5.0])
    assert curve.tau2[0] == pytest.approx(fit.tau2, rel=1e-5)
    assert curve["drop"][0] == pytest.approx(0, abs=1e-11)
    assert curve.tau2[1] > 10


@pytest.mark.parametrize("code", ["ML", "REML"])
@pytest.mark.parametrize("formula", ["1", "year"])
def test_the_curve_of_tau2_has_the_limits_of_tau2_interval(
    studies: pd.DataFrame, code: str, formula: str
) -> None:
    fit = mr.meta_regression(studies, formula, tau2=code)
    names = ["estimate", "ci_low", "ci_high"]
    limits = mr.tau2_interval(fit, method="PL").loc["tau2", names].to_numpy(float)
    curve = mr.profile_likelihood(fit)
    found = [curve.attrs[name] for name in names]
    np.testing.assert_allclose(found, limits, rtol=1e-8, atol=1e-12)
    assert curve.attrs["restricted"] == (code == "REML")
    ends = mr.profile_likelihood(fit, values=[*found[1:], fit.tau2])
    for i in range(2):
        if ends.tau2[i] > 0:
            assert ends["drop"][i] == pytest.approx(DROP, rel=1e-8)
    top = fit.statistics.log_likelihood
    assert ends.log_likelihood[2] == pytest.approx(top, rel=1e-11)
    assert curve.log_likelihood.max() <= top + 1e-10
    assert (curve.tau2 >= 0).all()
    assert len(curve) == 100


def test_under_restriction_a_coefficient_takes_the_full_likelihood(studies: pd.DataFrame) -> None:
    restricted = mr.profile_likelihood(mr.pool(studies), "intercept")
    full = mr.profile_likelihood(mr.pool(studies, tau2="ML"), "intercept")
    assert restricted.equals(full)
    assert restricted.attrs == full.attrs
    assert not restricted.attrs["restricted"]


def test_limits_of_few_and_uneven_studies() -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        v = rng.uniform(0.01, 1, 3) * 10.0 ** rng.uniform(-4, 4)
        fit = mr.pool(yi=rng.normal(0, np.sqrt(3 * v)), vi=v, tau2="ML")
        found = mr.profile_likelihood(fit, "intercept", points=2).attrs
        for end in ("ci_low", "ci_high"):
            at = mr.profile_likelihood(fit, "intercept", values=[found[end]])
            assert at["drop"][0] == pytest.approx(DROP, rel=1e-8)
        assert found["ci_low"] < fit.ci_low[0] < fit.ci_high[0] < found["ci_high"]


def test_homogeneous_effects_and_units(studies: pd.DataFrame) -> None:
    even = studies.assign(yi=0.3 + 0.01 * np.resize([1, -1], 12))
    fit = mr.pool(even, tau2="ML")
    assert fit.tau2 == 0
    curve = mr.profile_likelihood(fit, "intercept", level=0.5)
    # tau2 stays at 0 near the estimate, so that the profile is that of the common effect
    assert curve.attrs["ci_high"] == pytest.approx(fit.estimate + 0.6744897501960817 * fit.se[0])
    scaled = studies.assign(yi=1e4 * studies.yi, vi=1e8 * studies.vi)
    one = mr.profile_likelihood(mr.pool(studies), "intercept").attrs
    two = mr.profile_likelihood(mr.pool(scaled), "intercept").attrs
    for name in ("estimate", "ci_low", "ci_high"):
        assert two[name] == pytest.approx(1e4 * one[name], rel=1e-9)


def test_refusals(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies)
    with pytest.raises(mr.InputError, match=r"by \"ML\" or \"REML\".*got one by 'DL'"):
        mr.profile_likelihood(mr.pool(studies, tau2="DL"))
    with pytest.raises(mr.InputError, match=r"got one by 0\.1"):
        mr.profile_likelihood(mr.pool(studies, tau2=0.1))
    with pytest.raises(mr.InputError, match=r"`parameter` must be one of 'tau2', 'intercept'"):
        mr.profile_likelihood(fit, "mu")
    with pytest.raises(mr.InputError, match="must not have own weights"):
        mr.profile_likelihood(mr.pool(studies, weights="w"), "intercept")
    assert mr.profile_likelihood(mr.pool(studies, weights="w")).equals(mr.profile_likelihood(fit))
    with pytest.raises(mr.InputError, match="`points` must be at least 2"):
        mr.profile_likelihood(fit, points=1)
    with pytest.raises(mr.InputError, match="`points` must be a whole number"):
        mr.profile_likelihood(fit, points=2.5)
    with pytest.raises(mr.InputError, match="`values` must be 0 or more for tau2; got -1"):
        mr.profile_likelihood(fit, values=[0.1, -1])
    for wrong in ([], [0.1, np.nan]):
        with pytest.raises(mr.InputError, match="`values` must hold numbers, and none missing"):
            mr.profile_likelihood(fit, "intercept", values=wrong)
    with pytest.raises(mr.InputError, match="`level` must be a fraction"):
        mr.profile_likelihood(fit, level=95)
    with pytest.warns(mr.MetarelWarning, match="one study"):
        single = mr.pool(studies.head(1))
    with pytest.raises(mr.InputError, match="more studies than coefficients to profile"):
        mr.profile_likelihood(single)


@pytest.mark.slow
def test_limits_of_the_mean_hold_it_more_often_than_walds() -> None:
    rng = np.random.default_rng(12)
    v = rng.uniform(0.05, 0.4, 8)
    inside = np.zeros((600, 2))
    for row in inside:
        fit = mr.pool(yi=rng.normal(0.4, np.sqrt(v + 0.15)), vi=v, tau2="ML")
        found = mr.profile_likelihood(fit, "intercept", points=2).attrs
        row[:] = (
            found["ci_low"] < 0.4 < found["ci_high"],
            fit.ci_low[0] < 0.4 < fit.ci_high[0],
        )
    profile, wald = inside.mean(axis=0)
    assert profile > wald + 0.01
    assert profile == pytest.approx(0.95, abs=0.03)
