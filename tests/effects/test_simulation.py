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


def pairs(
    rng: np.random.Generator, n: int, rho: float, delta: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return means and SDs of n normal pairs, and their correlation: first lower by delta."""
    shared = np.sqrt(1 - rho**2)
    first, second = rng.normal(size=(2, K)) / np.sqrt(n)
    diagonal, rest = np.sqrt(rng.chisquare(n - 1, K)), np.sqrt(rng.chisquare(n - 2, K))
    lean = rho * diagonal + shared * rng.normal(size=K)
    sd2 = np.hypot(lean, shared * rest)
    later = delta + rho * first + shared * second
    return first, diagonal / np.sqrt(n - 1), later, sd2 / np.sqrt(n - 1), lean / sd2


def pre_post_control(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate 50 treated and 70 untreated people before and after."""
    given, correlations = {}, []
    for group, n, delta in (("1", 50, 0.8), ("2", 70, 0.2)):
        m_pre, sd_pre, m_post, sd_post, r = pairs(rng, n, 0.6, delta)
        words = {"m_pre": m_pre, "sd_pre": sd_pre, "m_post": m_post, "sd_post": sd_post}
        given |= {word + group: values for word, values in words.items()}
        given[f"n{group}"] = np.full(K, float(n))
        correlations.append(r)
    return given | {"r": (correlations[0] + correlations[1]) / 2}


def clustered_means(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate 12 and 18 clusters of 8 people whose intraclass correlation is 0.15 and known."""
    size, icc, clusters = 8, 0.15, (12, 18)
    n = [size * m for m in clusters]
    of_means = icc + (1 - icc) / size
    m1, m2 = (
        rng.normal(d, np.sqrt(of_means / m), K) for d, m in zip((0.5, 0), clusters, strict=True)
    )
    between = size * of_means * rng.chisquare(sum(clusters) - 2, K)
    within = (1 - icc) * rng.chisquare(sum(n) - sum(clusters), K)
    sd = np.sqrt((between + within) / (sum(n) - 2))
    sizes = {"n1": np.full(K, float(n[0])), "n2": np.full(K, float(n[1]))}
    fixed = {"icc": np.full(K, icc), "cluster_size": np.full(K, float(size))}
    return {"m1": m1 + 0.5, "sd1": sd, "m2": m2, "sd2": sd, **sizes, **fixed}


def adjusted_means(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate groups of 60 and 90 whose outcome correlates 0.6 with a covariate."""
    n1, n2, rho = 60, 90, 0.6
    m, shared = n1 + n2 - 2, np.sqrt(1 - rho**2)
    root, rest = np.sqrt(rng.chisquare(m, K)), np.sqrt(rng.chisquare(m - 1, K))
    lean = rho * root + shared * rng.normal(size=K)
    total = np.hypot(lean, shared * rest)
    x = rng.normal(size=K) * np.sqrt(1 / n1 + 1 / n2)
    y = 0.5 + rho * x + shared * rng.normal(size=K) * np.sqrt(1 / n1 + 1 / n2)
    sd = total / np.sqrt(m)
    return {
        "m1": y - lean / root * x,
        "sd1": sd,
        "n1": np.full(K, float(n1)),
        "m2": np.zeros(K),
        "sd2": sd,
        "n2": np.full(K, float(n2)),
        "r_cov": lean / total,
    }


def variance_explained(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate F tests of three fixed levels' degrees of freedom among 200 people."""
    df1, df2, share = 3, 196, 0.25
    f = stats.ncf.rvs(df1, df2, 200 * share / (1 - share), size=K, random_state=rng)
    return {"f": f, "df1": np.full(K, float(df1)), "df2": np.full(K, float(df2))}


def random_levels(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate F tests of three random normal predictors among 400 people."""
    given = regression(rng, null=null)
    df1, r2 = given["predictors"], given["r2"]
    df2 = given["n"] - df1 - 1
    return {"f": r2 / df1 * df2 / (1 - r2), "df1": df1, "df2": df2}


def contingency(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate 3 × 4 tables of 2500 people whose V is 0.1."""
    return crossed(rng, 2500, 0.22)


def crossed(rng: np.random.Generator, n: int, slope: float) -> Given:
    """Simulate 3 × 4 tables that depart from independence by a product of scores."""
    rows, columns = np.array([0.3, 0.3, 0.4]), np.array([0.2, 0.3, 0.25, 0.25])
    scores = np.array([1, 0.2, -0.9]), np.array([1, 0.5, -0.4, -1.0])
    lean = np.outer(scores[0] - rows @ scores[0], scores[1] - columns @ scores[1])
    share = np.outer(rows, columns) * (1 + slope * lean)
    counts = rng.multinomial(n, share.ravel(), K).reshape(K, 3, 4)
    expected = counts.sum(2)[:, :, None] * counts.sum(1)[:, None, :] / n
    chi2 = ((counts - expected) ** 2 / expected).sum((1, 2))
    sizes = {"n": float(n), "rows": 3.0, "columns": 4.0}
    return {"chi2": chi2, **{word: np.full(K, size) for word, size in sizes.items()}}


def normal_pairs(rng: np.random.Generator, k: int, n: int, rho: float) -> tuple[np.ndarray, ...]:
    """Return k samples of n normal pairs."""
    x = rng.normal(size=(k, n))
    return x, rho * x + np.sqrt(1 - rho**2) * rng.normal(size=(k, n))


def spearman(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate rank correlations of 60 normal pairs."""
    n, k = 60, 20_000
    x, y = (stats.rankdata(v, axis=1) for v in normal_pairs(rng, k, n, 0.0 if null else 0.4))
    rho = 1 - 6 * ((x - y) ** 2).sum(axis=1) / (n * (n**2 - 1))
    return {"rho": rho, "n": np.full(k, float(n))}


def kendall(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate concordance in 40 normal pairs."""
    n, k = 40, 12_000
    x, y = normal_pairs(rng, k, n, 0.0 if null else 0.4)
    first, second = np.triu_indices(n, 1)
    agree = np.sign(x[:, first] - x[:, second]) * np.sign(y[:, first] - y[:, second])
    return {"tau": agree.mean(axis=1), "n": np.full(k, float(n))}


def log_rank(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate two groups of 150 with hazards of 0.8 to 1, followed until 200 events."""
    k, n, hazard = 12_000, 150, 0.8
    times = rng.exponential(1.0, (k, 2 * n))
    times[:, :n] /= hazard
    order = np.argsort(times, axis=1)
    first = order < n
    at_risk = 2.0 * n - np.arange(2 * n)
    left = first[:, ::-1].cumsum(axis=1)[:, ::-1] / at_risk
    seen = slice(0, 200)
    excess = (first - left)[:, seen].sum(axis=1)
    variance = (left * (1 - left))[:, seen].sum(axis=1)
    return {"observed_minus_expected": excess, "logrank_variance": variance}


def genotypes(rng: np.random.Generator, *, null: bool) -> Given:
    """Simulate 400 people's genotypes."""
    counts = rng.multinomial(400, (0.3, 0.5, 0.2), K).astype(float)
    words = ("homozygous1", "heterozygous", "homozygous2")
    return dict(zip(words, counts.T, strict=True))


SIMULATORS: dict[str, Callable[..., Given]] = {
    "two means": two_means,
    "two proportions": two_proportions,
    "crossed proportions": two_proportions,
    "clustered means": clustered_means,
    "adjusted means": adjusted_means,
    "pre-post-control": pre_post_control,
    "variance explained": variance_explained,
    "contingency": contingency,
    "spearman": spearman,
    "kendall": kendall,
    "log-rank": log_rank,
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
    ("ETA2", "RANDOM"): random_levels,
    ("OMEGA2", "RANDOM"): random_levels,
    ("EPSILON2", "RANDOM"): random_levels,
    ("RPB", "CS"): mixed_groups,
    ("ZPB", "CS"): mixed_groups,
}
#: Rules that are not the variance but more than it can be.
BOUNDS = {"MAX"}
#: Measures that are not simulated, and why.
NOT_SIMULATED = {
    "GEN": "the variance is an input",
    "HR": "the variance is an input",
    "HD": "the variance is an input",
    "BETA": "a guess at a correlation, whose error is that of the guess",
}
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
    assert set(NOT_SIMULATED) <= set(MEASURES)
    assert set(OTHER_SCHEMES) <= set(RULES)


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


@pytest.mark.slow
def test_paired_rule_of_borenstein_is_too_small_where_measurements_agree() -> None:
    """With r = 0.9 it misses most of what the spread contributes; the default does not."""
    m1, sd1, m2, sd2, r = pairs(np.random.default_rng(21), 60, 0.9, 1.0)
    given = {"m1": m2, "sd1": sd2, "m2": m1, "sd2": sd1, "r": r, "n": np.full(K, 60.0)}
    effect, borenstein = (
        compute_effect(MEASURES["DRM"], given, rule) for rule in ("LS", "BORENSTEIN")
    )
    assert np.mean(effect.vi) == pytest.approx(np.var(effect.yi), rel=0.05)
    assert np.mean(borenstein.vi) < 0.5 * np.var(borenstein.yi)


@pytest.mark.slow
@pytest.mark.parametrize(("ratio", "rho", "delta"), [(1.5, 0.8, 0.6), (0.6, 0.6, -1.0)])
def test_d_rm_under_unequal_spreads(ratio: float, rho: float, delta: float) -> None:
    """The default holds; the rule that takes the SDs to be equal misses a tenth or more."""
    m1, sd1, m2, sd2, r = pairs(np.random.default_rng(23), 60, rho, 0.0)
    given = {"m1": m1, "sd1": sd1, "m2": ratio * m2 - delta, "sd2": ratio * sd2, "r": r}
    given["n"] = np.full(K, 60.0)
    effect, equal = (compute_effect(MEASURES["DRM"], given, rule) for rule in ("LS", "HO"))
    assert np.mean(effect.vi) == pytest.approx(np.var(effect.yi), rel=0.05)
    assert np.mean(equal.vi) < 0.92 * np.var(equal.yi)


@pytest.mark.slow
def test_noncentral_chi_square_exaggerates_the_variance_of_strong_dependence() -> None:
    """With V about 0.27 the variance is a quarter too large: tests then err to the safe side."""
    effect = compute_effect(MEASURES["CRAMERV"], crossed(np.random.default_rng(22), 400, 0.6))
    assert np.mean(effect.yi) == pytest.approx(0.27, abs=0.01)
    assert np.mean(effect.vi) / np.var(effect.yi) == pytest.approx(1.25, abs=0.05)
