"""Drawn studies: the distributions of their designs, ranges, seeds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import metarel as mr
from metarel.simulate import DESIGNS

K = 20_000


def near(draws: pd.Series, mean: float, variance: float) -> bool:
    """Tell whether a mean of draws lies within 4.5 of its standard errors."""
    return bool(abs(draws.mean() - mean) < 4.5 * np.sqrt(variance / len(draws)))


def test_true_effects_have_mean_and_variance() -> None:
    for design in DESIGNS:
        table = mr.simulate_studies(K, design, effect=0.2, tau2=0.09, seed=1)
        assert near(table.theta, 0.2, 0.09)
        assert table.theta.var() == pytest.approx(0.09, rel=4.5 * np.sqrt(2 / K))
        assert table.study[K - 1] == f"Study {K}"


def test_means_and_sds_are_those_of_normal_samples() -> None:
    table = mr.simulate_studies(K, effect=0.5, tau2=0, n=11, seed=2)
    assert set(table.n1) == {6}
    assert set(table.n2) == {5}
    assert stats.kstest(table.m1, stats.norm(0.5, 6**-0.5).cdf).pvalue > 1e-3
    assert stats.kstest(5 * table.sd1**2, stats.chi2(5).cdf).pvalue > 1e-3
    assert stats.kstest(4 * table.sd2**2, stats.chi2(4).cdf).pvalue > 1e-3
    assert abs(np.corrcoef(table.m1, table.m2)[0, 1]) < 4.5 / np.sqrt(K)


def test_correlations_are_those_of_normal_samples() -> None:
    rng, n, rho = np.random.default_rng(3), 9, 0.6
    drawn = mr.simulate_studies(K, "correlation", effect=np.arctanh(rho), tau2=0, n=n, seed=4)
    x = rng.standard_normal((K, n))
    y = rho * x + 0.8 * rng.standard_normal((K, n))
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    r = (x * y).sum(axis=1) / np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    assert stats.ks_2samp(drawn.r, r).pvalue > 1e-3
    null = mr.simulate_studies(K, "correlation", effect=0, tau2=0, n=n, seed=5).r
    t = null * np.sqrt((n - 2) / (1 - null**2))
    assert stats.kstest(t, stats.t(n - 2).cdf).pvalue > 1e-3


def test_events_and_effects() -> None:
    table = mr.simulate_studies(K, "proportions", effect=1, tau2=0, n=40, control_risk=0.3, seed=6)
    odds = 3 / 7 * np.e
    risk = odds / (1 + odds)
    assert near(table.events1, 20 * risk, 20 * risk * (1 - risk))
    assert near(table.events2, 6, 20 * 0.21)
    plain = mr.simulate_studies(K, "effects", effect=0.3, tau2=0.05, n=80, seed=7)
    assert set(plain.vi) == {0.05}
    assert near(plain.yi, 0.3, 0.1)
    assert plain.yi.var() == pytest.approx(0.1, rel=4.5 * np.sqrt(2 / K))


def test_samples_and_seeds() -> None:
    table = mr.simulate_studies(500, "effects", n=(30, 33), seed=8)
    assert set(table.n) == {30, 31, 32, 33}
    assert list(mr.simulate_studies(3, "effects", n=[10, 20, 30]).n) == [10, 20, 30]
    assert table.equals(mr.simulate_studies(500, "effects", n=(30, 33), seed=8))
    assert not table.equals(mr.simulate_studies(500, "effects", n=(30, 33), seed=9))
    assert len(mr.simulate_studies()) == 20


def test_refusals() -> None:
    with pytest.raises(mr.InputError, match=r"`design` must be one of.*mean 'means'"):
        mr.simulate_studies(design="mean")
    with pytest.raises(mr.InputError, match="`k` must be a whole number of at least 1; got 0"):
        mr.simulate_studies(0)
    with pytest.raises(mr.InputError, match="`tau2` must be a number of at least 0; got -1"):
        mr.simulate_studies(tau2=-1)
    with pytest.raises(mr.InputError, match="`effect` must be a finite number"):
        mr.simulate_studies(effect=np.inf)
    with pytest.raises(mr.InputError, match="`control_risk` must be between 0 and 1; got 1"):
        mr.simulate_studies(design="proportions", control_risk=1)
    with pytest.raises(mr.InputError, match="`n` must be a whole number of at least 4; got 3"):
        mr.simulate_studies(n=3)
    with pytest.raises(mr.InputError, match=r"`n` must be a pair \(smallest, largest\)"):
        mr.simulate_studies(n=(50, 20))
    with pytest.raises(mr.InputError, match=r"one sample a study, 20; got shape \(3,\)"):
        mr.simulate_studies(n=[20, 30, 40])
