"""Draws from a fit: moments, seeds, what a parametric bootstrap needs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.models.batch_regression import batch_regression


def test_draws_have_the_moments_of_the_fit(fit: mr.MetaFit) -> None:
    draws = mr.simulate_from(fit, 20_000, seed=3)
    assert draws.shape == (20_000, fit.k)
    variance = fit.study.vi + fit.tau2
    z = (draws.mean(axis=0) - fit.study.X @ fit.beta) / np.sqrt(variance / 20_000)
    assert np.abs(z).max() < 4.5
    # the variance of a normal variance is 2 s^4 / n
    ratio = draws.var(axis=0) / variance
    assert np.abs(ratio - 1).max() < 4.5 * np.sqrt(2 / 20_000)
    correlation = np.corrcoef(draws.T) - np.eye(fit.k)
    assert np.abs(correlation).max() < 4.5 / np.sqrt(20_000)


def test_seeds(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies)
    one = mr.simulate_from(fit, 5, seed=3)
    assert np.array_equal(one, mr.simulate_from(fit, 5, seed=3))
    assert np.array_equal(one, mr.simulate_from(fit, 5, seed=np.random.default_rng(3)))
    assert not np.array_equal(one, mr.simulate_from(fit, 5, seed=4))
    assert mr.simulate_from(fit).shape == (1000, 12)


def test_refits_of_draws_come_back_to_the_fit(studies: pd.DataFrame) -> None:
    fit = mr.meta_regression(studies, "C(rater)", tau2=0.1)
    draws = mr.simulate_from(fit, 4000, seed=5)
    many = batch_regression(draws, fit.study.vi[None], fit.study.X, tau2=0.1)
    spread = np.cov(many.beta.T)
    np.testing.assert_allclose(spread, fit.vcov, rtol=0.15, atol=0.02 * fit.vcov.max())


@pytest.mark.parametrize("size", [0, 1.5, "many", True])
def test_sizes_are_whole(studies: pd.DataFrame, size: object) -> None:
    with pytest.raises(mr.InputError, match="`size` must be a whole number of at least 1"):
        mr.simulate_from(mr.pool(studies), size)
