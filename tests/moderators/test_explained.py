"""Limits of R2: what the samples are, what they hold, and refusals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import metarel as mr


def drawn(k: int, slope: float, seed: int) -> pd.DataFrame:
    """Studies with a residual tau2 of 0.04 and a moderator of variance 1."""
    rng = np.random.default_rng(seed)
    x, v = rng.standard_normal(k), rng.uniform(0.005, 0.02, k)
    y = slope * x + rng.standard_normal(k) * np.sqrt(v + 0.04)
    return pd.DataFrame({"yi": y, "vi": v, "x": x})


def test_limits_close_in_on_the_true_share() -> None:
    """With slope 0.2 the moderator explains 0.04 of 0.08."""
    fit = mr.meta_regression(drawn(2000, 0.2, 3), "x")
    found = mr.r2_interval(fit, samples=100, seed=4)
    assert found.ci_low < 0.5 < found.ci_high
    assert found.ci_high - found.ci_low < 0.1
    assert found.estimate == fit.R2


def test_the_same_seed_gives_the_same_limits_and_wider_levels_hold_narrower() -> None:
    fit = mr.meta_regression(drawn(30, 0.2, 1), "x", tau2="DL")
    one, other = (mr.r2_interval(fit, samples=150, seed=9) for _ in range(2))
    assert one == other
    narrow = mr.r2_interval(fit, samples=150, seed=9, level=0.5)
    assert one.ci_low <= narrow.ci_low <= narrow.ci_high <= one.ci_high
    assert 0 <= one.ci_low <= one.ci_high <= 1


def test_samples_without_variance_are_counted() -> None:
    data = drawn(12, 0.0, 2).assign(vi=0.5)
    fit = mr.meta_regression(data, "x", tau2="REML")
    assert np.isnan(fit.R2)
    with pytest.raises(mr.InputError, match="`fit` must have an R2"):
        mr.r2_interval(fit)
    some = mr.meta_regression(drawn(12, 0.1, 5).assign(vi=0.02), "x")
    found = mr.r2_interval(some, samples=200, seed=1)
    assert found.undefined > 0
    assert f"{found.undefined} without variance to explain" in str(found)


def test_bad_input_is_named() -> None:
    data = drawn(20, 0.3, 1)
    with pytest.raises(mr.InputError, match="`fit` must have an R2"):
        mr.r2_interval(mr.pool(data))
    with pytest.raises(mr.InputError, match="`fit` must have an R2"):
        mr.r2_interval(mr.meta_regression(data, "x", tau2=0.1))
    with pytest.raises(mr.InputError, match="`fit` must be what meta_regression"):
        mr.r2_interval(data)
    fit = mr.meta_regression(data, "x")
    with pytest.raises(mr.InputError, match="`samples` must be a whole number of at least 100"):
        mr.r2_interval(fit, samples=10)
    json.dumps(mr.r2_interval(fit, samples=100, seed=1).to_dict(), allow_nan=False)


@pytest.mark.slow
def test_how_often_the_limits_hold_the_truth() -> None:
    """Percentile limits of a bounded share: near their level where many studies are at hand."""
    hits = []
    for seed in range(150):
        fit = mr.meta_regression(drawn(80, 0.2, seed), "x", tau2="DL")
        found = mr.r2_interval(fit, samples=200, seed=seed)
        hits.append(found.ci_low <= 0.5 <= found.ci_high)
    assert 0.88 < np.mean(hits) <= 1
