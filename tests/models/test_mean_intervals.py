"""Profile likelihood by brute force, Henmi and Copas by dense matrices, metafor and simulation."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

import metarel as mr
from metarel.models.henmi_copas import make_pivot
from metarel.models.likelihood_interval import (
    bartlett_factor,
    best_tau2,
    log_likelihood_of_residuals,
)

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = {c["id"]: c for c in json.loads((GOLDEN / "inference.json").read_text(encoding="utf-8"))}


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("hc-")])
def test_henmi_copas_agrees_with_metafor(name: str) -> None:
    case = CASES[name]
    found = mr.henmi_copas(mr.pool(**case["data"]))
    ours = {"b": found.estimate, "se": found.se, "ci_lb": found.ci_low, "ci_ub": found.ci_high,
            "tau2": found.tau2}  # fmt: skip
    assert ours == pytest.approx(case["expect"], rel=1e-8, abs=1e-12)


def sets(count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    out = []
    for seed in range(count):
        rng = np.random.default_rng(seed)
        k = int(rng.integers(3, 15))
        v = rng.gamma(1.5, 0.05, k) + 3e-3
        out.append((rng.normal(0.3, np.sqrt(v + rng.choice([0.0, 0.05, 0.5]))), v))
    return out


@pytest.mark.parametrize("tau2", [0.0, 0.02, 1.0])
def test_moments_of_q_given_the_mean_by_dense_matrices(tau2: float) -> None:
    for _, v in sets(5):
        w, k = 1 / v, len(v)
        pivot = make_pivot(w, tau2)
        A = np.diag(w) - np.outer(w, w) / w.sum()
        D = np.diag(v + tau2)
        c = D @ w / math.sqrt(w.sum())
        variance = w @ D @ w / w.sum()
        assert pivot.variance == pytest.approx(variance, rel=1e-12)
        for z in (0.0, 0.7, 3.0):
            m = c * z / math.sqrt(variance)
            S = D - np.outer(c, c) / variance
            given = (z**2 - 1) / pivot.variance
            mean = pivot.mean + given * pivot.bent
            assert mean == pytest.approx(np.trace(A @ S) + m @ A @ m, rel=1e-10)
            spread = 2 * pivot.spread + 4 * given * pivot.turned
            spread += (2 - 4 * z**2) * (pivot.bent / pivot.variance) ** 2
            dense = 2 * np.trace(A @ S @ A @ S) + 4 * m @ A @ S @ A @ m
            assert spread == pytest.approx(dense, rel=1e-9)
        assert pivot.ratio == pytest.approx(w.sum() ** 2 / (w @ w) - 1)
        assert k == pivot.k


def test_tail_of_the_pivot_by_simulation() -> None:
    """The estimate over its standard error, at a true tau2: 200 000 sets of studies."""
    v, tau2 = np.array([0.01, 0.02, 0.05, 0.1, 0.1, 0.2, 0.3]), 0.06
    w = 1 / v
    y = np.random.default_rng(4).normal(0, np.sqrt(v + tau2), (200_000, 7))
    mean = y @ w / w.sum()
    Q = ((y - mean[:, None]) ** 2 * w).sum(axis=1)
    w2 = (w @ w) / w.sum()
    estimate = np.maximum((Q - 6) / (w.sum() - w2), 0)
    ratio = mean * np.sqrt(w.sum() / (1 + estimate * w2))
    pivot = make_pivot(w, tau2)
    for tail in (0.1, 0.025):  # farther out a gamma variable is only near to Q
        assert (ratio > pivot.quantile(tail)).mean() == pytest.approx(tail, rel=0.1)


INTERVALS: dict[str, Callable[[mr.MetaFit], Any]] = {
    "henmi-copas": mr.henmi_copas,
    "likelihood": mr.likelihood_interval,
    "bartlett": lambda fit: mr.likelihood_interval(fit, correction="bartlett"),
}


def intervals(y: np.ndarray, v: np.ndarray) -> dict[str, Any]:
    fit = mr.pool(yi=y, vi=v)
    return {name: interval(fit) for name, interval in INTERVALS.items()}


def test_p_values_go_with_the_limits() -> None:
    """Effects moved so that a limit is at 0 give a p-value of 1 minus the level."""
    for y, v in sets(8):
        for name, found in intervals(y, v).items():
            for end in (found.ci_low, found.ci_high):
                assert intervals(y - end, v)[name].p_value == pytest.approx(0.05, rel=1e-6), name


def test_intervals_turn_and_scale_with_the_effects() -> None:
    for y, v in sets(4):
        for name, found in intervals(y, v).items():
            turned = intervals(-1e4 * y, 1e8 * v)[name]
            ours = (found.estimate, found.se, found.ci_low, found.ci_high)
            other = (turned.estimate, -turned.se, turned.ci_high, turned.ci_low)
            np.testing.assert_allclose(np.array(other) / -1e4, ours, rtol=1e-7, err_msg=name)


def test_limits_of_the_likelihood_by_brute_force() -> None:
    for y, v in sets(6):

        def loss(theta: np.ndarray, y: np.ndarray = y, v: np.ndarray = v) -> float:
            return -log_likelihood_of_residuals(y - theta[0], v, theta[1] ** 2)

        starts = [(y.mean(), 0.1), (np.average(y, weights=1 / v), 1e-3), (np.median(y), 1.0)]
        found = [optimize.minimize(loss, x, method="Nelder-Mead", tol=1e-10) for x in starts]
        most = -min(f.fun for f in found)

        def excess(mu: float, y: np.ndarray = y, v: np.ndarray = v, most: float = most) -> float:
            taus = np.concatenate([[0.0], np.geomspace(1e-5, 5, 40_000)])
            u = v + taus[:, None] ** 2
            heights = -0.5 * (np.log(2 * np.pi * u) + (y - mu) ** 2 / u).sum(axis=1)
            return 2 * (most - heights.max()) - stats.chi2.ppf(0.95, 1)

        ours = mr.likelihood_interval(mr.pool(yi=y, vi=v))
        assert excess(ours.ci_low) == pytest.approx(0, abs=2e-6)
        assert excess(ours.ci_high) == pytest.approx(0, abs=2e-6)
        assert excess(ours.ci_low - 0.01) > 0 > excess(ours.ci_low + 0.01)


def test_likelihood_limits_of_a_moderator() -> None:
    """The likelihood-ratio test of its limits is at the level, by fits without the moderator."""
    y, v = sets(9)[8]
    x = np.random.default_rng(1).normal(size=len(y))
    data = pd.DataFrame({"yi": y, "vi": v, "x": x})
    full = mr.meta_regression(data, "x", tau2="ML")
    found = mr.likelihood_interval(full, term="x")
    assert found.estimate == pytest.approx(full.beta[1], rel=1e-9)
    for end in (found.ci_low, found.ci_high):
        rest = mr.pool(data.assign(yi=y - end * x), tau2="ML")
        drop = 2 * (full.statistics.log_likelihood - rest.statistics.log_likelihood)
        assert drop == pytest.approx(stats.chi2.ppf(0.95, 1), rel=1e-8)
    without = mr.pool(data, tau2="ML")
    ratio = 2 * (full.statistics.log_likelihood - without.statistics.log_likelihood)
    assert found.p_value == pytest.approx(stats.chi2.sf(ratio, 1), rel=1e-8)


def test_bartletts_factor_with_equal_variances() -> None:
    """There the statistic is k log(1 + t2/(k - 1)), whose mean is 1 + 3/(2k) to order 1/k."""
    assert bartlett_factor(np.full(12, 0.3), 0.2) == pytest.approx(1 + 3 / 24, rel=1e-12)
    k = 4000
    t2 = stats.t.ppf((np.arange(400_000) + 0.5) / 400_000, k - 1) ** 2
    assert (np.mean(k * np.log1p(t2 / (k - 1))) - 1) * k == pytest.approx(1.5, abs=0.2)


@pytest.mark.slow
def test_bartletts_factor_is_the_mean_of_the_statistic() -> None:
    v, tau2 = np.tile([0.02, 0.05, 0.1, 0.1, 0.3, 0.04, 0.08, 0.02, 0.15, 0.06], 2), 0.3
    y = np.random.default_rng(2).normal(0, np.sqrt(v + tau2), (20_000, 20))
    runs = mr.pool_many(yi=y, vi=v, tau2="ML")
    ratios = [
        2 * (most - log_likelihood_of_residuals(row, v, best_tau2(row, v)))
        for most, row in zip(runs.log_likelihood, y, strict=True)
    ]
    # the standard error of the mean is 0.01; terms of order 1/k2 are as small
    assert np.mean(ratios) == pytest.approx(bartlett_factor(v, tau2), abs=0.03)


def coverage(k: int, names: tuple[str, ...], runs: int) -> dict[str, float]:
    rng = np.random.default_rng(3)
    v = rng.gamma(1.5, 0.05, k) + 0.01
    hits = dict.fromkeys((*names, "z"), 0)
    for _ in range(runs):
        y = rng.normal(0.3, np.sqrt(v + 0.1))
        fit = mr.pool(yi=y, vi=v)
        hits["z"] += bool(fit.ci_low[0] < 0.3 < fit.ci_high[0])
        for name in names:
            found = INTERVALS[name](fit)
            hits[name] += found.ci_low < 0.3 < found.ci_high
    return {name: count / runs for name, count in hits.items()}


@pytest.mark.slow
def test_coverage_of_the_intervals() -> None:
    """Standard errors are about 0.005. Henmi and Copas plug tau2 in, which needs more studies."""
    few = coverage(6, tuple(INTERVALS), 2000)
    assert few["z"] < 0.9
    assert few["z"] < few["likelihood"] < few["bartlett"]
    assert few["z"] < few["henmi-copas"]
    assert few["bartlett"] == pytest.approx(0.95, abs=0.02)
    more = coverage(20, ("henmi-copas",), 2000)
    assert more["henmi-copas"] == pytest.approx(0.95, abs=0.02)
    assert more["z"] < more["henmi-copas"]


def test_the_record_speaks() -> None:
    found = mr.henmi_copas(mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015]))
    assert str(found).startswith(
        "Henmi–Copas: intercept 0.2769, 95% CI [-0.1064, 0.6602], p = 0.1213"
    )
    assert json.loads(json.dumps(found.to_dict()))["method"] == "Henmi–Copas"


def test_what_cannot_be_answered_is_refused() -> None:
    data = pd.DataFrame({"yi": [0.1, 0.5, 0.2, 0.4], "vi": [0.1] * 4, "x": [1.0, 2, 3, 5]})
    line = mr.meta_regression(data, "x")
    with pytest.raises(mr.InputError, match=r"pooled mean for Henmi and Copas's interval"):
        mr.henmi_copas(line)
    with pytest.raises(mr.InputError, match=r"pooled mean for Bartlett's correction"):
        mr.likelihood_interval(line, term="x", correction="bartlett")
    with pytest.raises(mr.InputError, match=r"`term` must be one of 'intercept', 'x'"):
        mr.likelihood_interval(line)
    with pytest.raises(mr.InputError, match=r"`correction` must be one of.*'bartlett'"):
        mr.likelihood_interval(line, term="x", correction="Bartlett")
    with pytest.raises(mr.InputError, match=r"inverse-variance weights here"):
        mr.likelihood_interval(mr.pool(data, weights=1.0))
    with pytest.raises(
        mr.InputError, match=r"what pool\(\) or meta_regression\(\) returned; got Da"
    ):
        mr.henmi_copas(data)
    with pytest.warns(mr.MetarelWarning, match="one study"):
        alone = mr.pool(data.iloc[:1])
    with pytest.raises(mr.InputError, match=r"at least two studies"):
        mr.henmi_copas(alone)
