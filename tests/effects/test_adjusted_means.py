"""Clusters and covariates: reductions to SMD, regressions on raw data, refusals."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from metarel.effects.compute import effect_sizes

GROUPS = {"m1": 12.1, "sd1": 3.1, "n1": 40, "m2": 10.2, "sd2": 2.8, "n2": 56}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


@pytest.mark.parametrize(
    "clusters", [{"icc": 0, "cluster_size": 8}, {"icc": 0.3, "cluster_size": 1}]
)
def test_without_clustering_d_is_left_alone(clusters: dict[str, float]) -> None:
    yi, vi = effect("SMDCL", **GROUPS, **clusters)
    d = effect("SMD", **GROUPS, correct=False)[0]
    assert yi == pytest.approx(d, rel=1e-14)
    assert vi == pytest.approx(1 / 40 + 1 / 56 + d**2 / (2 * 94), rel=1e-12)


def test_hedges_2007_by_hand() -> None:
    """N = 200 in clusters of 20, icc 0.2, d = 0.5: term by term."""
    yi, vi = effect("SMDCL", d=0.5, n1=100, n2=100, icc=0.2, cluster_size=20)
    shrunk = 1 - 2 * 19 * 0.2 / 198
    assert yi == pytest.approx(0.5 * shrunk**0.5, rel=1e-14)
    spread = 198 * 0.64 + 20 * 160 * 0.04 + 2 * 160 * 0.2 * 0.8
    by_hand = 0.02 * (1 + 19 * 0.2) + yi**2 * spread / (2 * 198 * (198 - 2 * 19 * 0.2))
    assert vi == pytest.approx(by_hand, rel=1e-13)


def test_clustering_adds_the_design_effect() -> None:
    plain = effect("SMDCL", d=0.0, n1=100, n2=100, icc=0.0, cluster_size=20)[1]
    clustered = effect("SMDCL", d=0.0, n1=100, n2=100, icc=0.2, cluster_size=20)[1]
    assert clustered / plain == pytest.approx(1 + 19 * 0.2, rel=1e-13)


def test_an_unrelated_covariate_costs_one_degree_of_freedom() -> None:
    yi, vi = effect("SMDA", **GROUPS, r_cov=0.0, correct=False)
    assert (yi, vi) == pytest.approx(effect("SMD", **GROUPS, correct=False), rel=1e-13)


def test_analysis_of_covariance_on_raw_data() -> None:
    """Adjusted means over the unadjusted SD, and the t of the regression, say the same."""
    rng = np.random.default_rng(8)
    group = np.repeat([1.0, 0.0], [40, 56])
    x = rng.normal(size=96)
    y = 0.6 * group + 0.7 * x + rng.normal(size=96)
    fit = sm.OLS(y, np.column_stack([np.ones(96), group, x])).fit()
    first, second = group == 1, group == 0
    dx, dy = (
        np.concatenate([v[first] - v[first].mean(), v[second] - v[second].mean()]) for v in (x, y)
    )
    sizes = {"n1": 40, "n2": 56, "r_cov": (dx @ dy) / np.sqrt((dx @ dx) * (dy @ dy))}
    spreads = {"sd1": y[first].std(ddof=1), "sd2": y[second].std(ddof=1)}
    from_means = effect("SMDA", m1=fit.params[1], m2=0.0, **spreads, **sizes)
    from_t = effect("SMDA", t=fit.tvalues[1], **sizes)
    # The t also knows how far the groups' covariate means lie apart, and loses one more df.
    apart = (x[first].mean() - x[second].mean()) ** 2 / (dx @ dx)
    inflation = np.sqrt((1 / 40 + 1 / 56 + apart) / (1 / 40 + 1 / 56) * 94 / 93)
    assert from_t[0] * inflation == pytest.approx(from_means[0], rel=1e-12)
    p = np.sign(fit.tvalues[1]) * fit.pvalues[1]
    assert effect("SMDA", p=p, **sizes) == pytest.approx(from_t, rel=1e-9)
    assert effect("SMDA", f=fit.tvalues[1] ** 2, **sizes) == pytest.approx(from_t, rel=1e-12)


def test_covariates_shrink_the_variance_of_the_means_only() -> None:
    sizes = {"n1": 40, "n2": 56}
    v = [effect("SMDA", f=0.0, **sizes, r_cov=r)[1] for r in (0.0, 0.6)]
    assert v[1] / v[0] == pytest.approx(1 - 0.36, rel=1e-13)


def test_more_covariates_cost_more_degrees_of_freedom() -> None:
    one = effect("SMDA", **GROUPS, r_cov=0.5)
    assert effect("SMDA", **GROUPS, r_cov=0.5, n_cov=1) == one
    assert effect("SMDA", **GROUPS, r_cov=0.5, n_cov=30)[0] < one[0]


def test_refusals() -> None:
    with pytest.raises(ValueError, match="`cluster_size` must not exceed `n1` or `n2`; see row 0"):
        effect("SMDCL", d=0.5, n1=10, n2=100, icc=0.2, cluster_size=20)
    with pytest.raises(ValueError, match=r"`icc` must be a number in \[0, 1\]"):
        effect("SMDCL", d=0.5, n1=10, n2=100, icc=-0.2, cluster_size=2)
    with pytest.raises(ValueError, match=r"`n1` \+ `n2` must exceed `n_cov` \+ 2"):
        effect("SMDA", t=2.0, n1=5, n2=5, r_cov=0.3, n_cov=8)
    with pytest.raises(ValueError, match=r"`r_cov` must be a number in \(-1, 1\)"):
        effect("SMDA", t=2.0, n1=5, n2=5, r_cov=1.0)
