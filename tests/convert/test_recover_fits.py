"""Distributions fitted to quantiles: those that are exactly of a family."""

from __future__ import annotations

import pytest
from scipy import stats

from metarel.convert.recover_fits import fit_quantiles, probabilities


@pytest.mark.parametrize(
    ("family", "frozen"),
    [
        ("normal", stats.norm(7, 2)),
        ("lognormal", stats.lognorm(0.6, scale=5)),
        ("gamma", stats.gamma(2.3, scale=4)),
        ("Weibull", stats.weibull_min(1.4, scale=9)),
        ("beta", stats.beta(2.0, 5.0)),
    ],
)
def test_exact_quantiles_give_back_their_distribution(family: str, frozen) -> None:
    p = probabilities("five", 200.0)
    fit = fit_quantiles(frozen.ppf(p), p)
    assert fit.family == family
    assert [fit.mean, fit.sd] == pytest.approx([frozen.mean(), frozen.std()], rel=1e-6)
