"""The mean of ``vi`` against the variance of ``yi`` over simulated studies, for every rule."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import special, stats

from metarel.effects._measure import compute_effect
from metarel.effects.register import MEASURES

K = 40_000
Given = dict[str, np.ndarray]


def two_means(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate two normal groups of 40 and 60 from their sufficient statistics."""
    n1, n2, delta = 40, 60, 0.0 if null else 0.5
    return {
        "m1": rng.normal(10 + delta, n1**-0.5, K),
        "sd1": np.sqrt(rng.chisquare(n1 - 1, K) / (n1 - 1)),
        "n1": np.full(K, float(n1)),
        "m2": rng.normal(10, n2**-0.5, K),
        "sd2": np.sqrt(rng.chisquare(n2 - 1, K) / (n2 - 1)),
        "n2": np.full(K, float(n2)),
    }


def two_proportions(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate two binomial groups of 120 and 90."""
    n1, n2, p1, p2 = 120, 90, 0.3 if null else 0.45, 0.3
    return {
        "events1": rng.binomial(n1, p1, K).astype(float),
        "n1": np.full(K, float(n1)),
        "events2": rng.binomial(n2, p2, K).astype(float),
        "n2": np.full(K, float(n2)),
    }


def correlation(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate correlations of 60 normal pairs through Bartlett's decomposition."""
    n, rho = 60, 0.0 if null else 0.4
    diagonal = np.sqrt(rng.chisquare(n - 1, K)), np.sqrt(rng.chisquare(n - 2, K))
    lean = rng.normal(size=K)
    x, y = rho * diagonal[0] + np.sqrt(1 - rho**2) * lean, np.sqrt(1 - rho**2) * diagonal[1]
    return {"r": x / np.hypot(x, y), "n": np.full(K, float(n))}


def one_proportion(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate a binomial group of 150."""
    return {"events": rng.binomial(150, 0.35, K).astype(float), "n": np.full(K, 150.0)}


def two_rates(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate Poisson counts over 400 and 700 years."""
    return {
        "events1": rng.poisson(400 * 0.2, K).astype(float),
        "time1": np.full(K, 400.0),
        "events2": rng.poisson(700 * 0.1, K).astype(float),
        "time2": np.full(K, 700.0),
    }


def one_rate(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate a Poisson count over 400 years."""
    return {"events": rng.poisson(400 * 0.2, K).astype(float), "time": np.full(K, 400.0)}


def paired_proportions(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate 250 pairs."""
    cells = rng.multinomial(250, (0.3, 0.22, 0.18, 0.3), K).astype(float)
    return dict(zip(("both", "only1", "only2", "neither"), cells.T, strict=True))


def paired_margins(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate 250 pairs and keep the margins and the share with both."""
    pairs = paired_proportions(rng, null=null)
    return {
        "events1": pairs["both"] + pairs["only1"],
        "n1": np.full(K, 250.0),
        "events2": pairs["both"] + pairs["only2"],
        "n2": np.full(K, 250.0),
        "p_both": pairs["both"] / 250,
    }


def crossed_table(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate 300 people cut on two normal variables: only the total is fixed."""
    rho = 0.4
    probability = stats.multivariate_normal.cdf([0.3, -0.2], cov=[[1, rho], [rho, 1]])
    row, column = special.ndtr(0.3), special.ndtr(-0.2)
    cells = (probability, row - probability, column - probability, 1 - row - column + probability)
    counts = rng.multinomial(300, cells, K).astype(float)
    words = ("events1", "non_events1", "events2", "non_events2")
    return dict(zip(words, counts.T, strict=True))


def cut_normal(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate 100 normal pairs whose first variable is cut, so that group sizes vary."""
    n, k, rho = 100, 12_000, 0.4
    x = rng.normal(size=(k, n))
    y = rho * x + np.sqrt(1 - rho**2) * rng.normal(size=(k, n))
    return groups(x > 0.3, y)


def mixed_groups(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate 250 people who fall into either of two normal groups by chance."""
    n, k = 250, 12_000
    first = rng.random((k, n)) < 0.4
    return groups(first, rng.normal(size=(k, n)) + 0.8 * first)


def groups(first: np.ndarray, y: np.ndarray) -> Given:
    """Return means, standard deviations and sizes of two groups, row by row."""
    given = {}
    for group, member in (("1", first), ("2", ~first)):
        size = member.sum(axis=1).astype(float)
        mean = (y * member).sum(axis=1) / size
        squares = (member * (y - mean[:, None]) ** 2).sum(axis=1)
        given |= {f"m{group}": mean, f"sd{group}": np.sqrt(squares / (size - 1)), f"n{group}": size}
    return given


def change(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate 60 normal pairs with correlation 0.5 from their sufficient statistics."""
    n, rho, delta = 60, 0.5, 0.0 if null else 0.4
    shared = np.sqrt(1 - rho**2)
    first, second = rng.normal(size=(2, K)) / np.sqrt(n)
    diagonal, rest = np.sqrt(rng.chisquare(n - 1, K)), np.sqrt(rng.chisquare(n - 2, K))
    lean = rho * diagonal + shared * rng.normal(size=K)
    sd2 = np.hypot(lean, shared * rest)
    return {
        "m1": 10 + delta + first,
        "sd1": diagonal / np.sqrt(n - 1),
        "m2": 10 + rho * first + shared * second,
        "sd2": sd2 / np.sqrt(n - 1),
        "r": lean / sd2,
        "n": np.full(K, float(n)),
    }


def one_mean(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate a normal group of 60."""
    n = 60
    return {
        "mean": rng.normal(10, 2 / np.sqrt(n), K),
        "sd": 2 * np.sqrt(rng.chisquare(n - 1, K) / (n - 1)),
        "n": np.full(K, float(n)),
    }


def reliability(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate 100 people who answer six parallel items."""
    k, n, items = 6_000, 100, 6
    answers = rng.normal(size=(k, n, items)) + rng.normal(size=(k, n, 1))
    total = answers.sum(axis=2).var(axis=1, ddof=1)
    parts = answers.var(axis=1, ddof=1).sum(axis=1)
    alpha = items / (items - 1) * (1 - parts / total)
    return {"alpha": alpha, "items": np.full(k, float(items)), "n": np.full(k, float(n))}


def regression(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate regressions of 400 people on three correlated random predictors, by Wishart."""
    k, n, m = 20_000, 400, 3
    predictors = np.eye(m) + 0.25
    beta = np.array([0.4, 0.2, -0.1])
    joint = np.block([[predictors, (predictors @ beta)[:, None]], [beta @ predictors, np.ones(1)]])
    joint[m, m] += beta @ predictors @ beta
    squares = stats.wishart.rvs(n - 1, joint, size=k, random_state=rng)
    inverse = np.linalg.inv(squares[:, :m, :m])
    slopes = np.einsum("kij,kj->ki", inverse, squares[:, :m, m])
    explained = (slopes * squares[:, :m, m]).sum(axis=1)
    df, total = n - m - 1, squares[:, m, m]
    return {
        "t": slopes[:, 0] / np.sqrt((total - explained) / df * inverse[:, 0, 0]),
        "r2": explained / total,
        "predictors": np.full(k, float(m)),
        "n": np.full(k, float(n)),
    }


def fixed_regression(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate R² of 150 people on three fixed predictors."""
    k, n, m, rho2 = 12_000, 150, 3, 0.35
    df = n - m - 1
    f = stats.ncf.rvs(m, df, n * rho2 / (1 - rho2), size=k, random_state=rng)
    r2 = m * f / (m * f + df)
    return {"r2": r2, "predictors": np.full(k, float(m)), "n": np.full(k, float(n))}


def dominance(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate exponential groups of 40 and 60 and rank their members."""
    k, n1, n2 = 8_000, 40, 60
    x, y = rng.exponential(1.0 if null else 2.0, (k, n1)), rng.exponential(1.0, (k, n2))
    ranks = stats.rankdata(np.concatenate([x, y], axis=1), axis=1)[:, :n1].sum(axis=1)
    auc = (ranks - n1 * (n1 + 1) / 2) / (n1 * n2)
    return {"auc": auc, "n1": np.full(k, float(n1)), "n2": np.full(k, float(n2))}


def genotypes(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate 400 people's genotypes."""
    counts = rng.multinomial(400, (0.3, 0.5, 0.2), K).astype(float)
    words = ("homozygous1", "heterozygous", "homozygous2")
    return dict(zip(words, counts.T, strict=True))


SIMULATORS: dict[str, Callable[..., Given]] = {
    "two means": two_means,
    "two proportions": two_proportions,
    "correlation": correlation,
    "one proportion": one_proportion,
    "two rates": two_rates,
    "one rate": one_rate,
    "paired proportions": paired_proportions,
    "paired margins": paired_margins,
    "change": change,
    "coefficient": regression,
    "regression": regression,
    "dominance": dominance,
    "normal dominance": two_means,
    "genotypes": genotypes,
    "one mean": one_mean,
    "reliability": reliability,
}
#: Measures and rules that hold under another sampling scheme than their design's.
OTHER_SCHEMES = {
    ("PHI", "CS"): crossed_table,
    ("ZPHI", "CS"): crossed_table,
    ("RTET", "LS"): crossed_table,
    ("ZTET", "LS"): crossed_table,
    ("R2F", "LS"): fixed_regression,
    ("R2F", "BETA"): fixed_regression,
    ("ZR2F", "LS"): fixed_regression,
    ("ZR2F", "BETA"): fixed_regression,
    ("RBIS", "LS"): cut_normal,
    ("ZBIS", "LS"): cut_normal,
    ("RPB", "CS"): mixed_groups,
    ("ZPB", "CS"): mixed_groups,
}
#: Rules that are not the variance but more than it can be.
BOUNDS = {"MAX"}
#: Measures whose variance is an input.
NOT_SIMULATED = {"GEN", "HR", "HD"}
#: Rules and measures that are right only where there is no effect.
NULL_ONLY = {"H0", "PETO"}
RULES = [
    (m.code, rule.code)
    for m in MEASURES.values()
    for rule in m.rules
    if m.code not in NOT_SIMULATED
]


def test_every_design_is_simulated() -> None:
    simulated = {MEASURES[code].design.code for code, _ in RULES}
    assert simulated == set(SIMULATORS)


@pytest.mark.slow
@pytest.mark.parametrize(("code", "rule"), RULES)
def test_mean_of_vi_is_the_variance_of_yi(code: str, rule: str) -> None:
    measure = MEASURES[code]
    simulate = OTHER_SCHEMES.get((code, rule), SIMULATORS[measure.design.code])
    given = simulate(np.random.default_rng(20), null=bool({code, rule} & NULL_ONLY))
    effect = compute_effect(measure, given, rule)
    if rule in BOUNDS:
        assert np.mean(effect.vi) > np.var(effect.yi)
        return
    # 40 000 replications know a variance to about 0.7 %; formulas of order 1/n may be 5 % off.
    assert np.mean(effect.vi) == pytest.approx(np.var(effect.yi), rel=0.05)
