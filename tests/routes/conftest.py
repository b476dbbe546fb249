"""Papers whose every printed number follows from raw data: what each route must agree on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import special, stats

LEVEL = 0.95


def _limits(estimate: float, se: float, df: float) -> tuple[float, float]:
    half = stats.t.ppf((1 + LEVEL) / 2, df) * se
    return estimate - half, estimate + half


def _quantiles(x: np.ndarray, i: str) -> dict[str, float]:
    words = (f"min{i}", f"q25_{i}", f"median{i}", f"q75_{i}", f"max{i}")
    return dict(zip(words, np.quantile(x, [0, 0.25, 0.5, 0.75, 1]), strict=True))


def two_groups(seed: int, n1: int = 14, n2: int = 23, shift: float = 0.6) -> dict[str, float]:
    """Return everything a paper could print of two independent groups."""
    rng = np.random.default_rng(seed)
    groups = rng.normal(shift, 1, n1) * 3 + 20, rng.normal(0, 1, n2) * 3 + 20
    paper: dict[str, float] = {"n": n1 + n2}
    for i, x in zip("12", groups, strict=True):
        se = x.std(ddof=1) / np.sqrt(len(x))
        low, high = _limits(x.mean(), se, len(x) - 1)
        paper |= {f"m{i}": x.mean(), f"sd{i}": x.std(ddof=1), f"n{i}": len(x), f"se{i}": se}
        paper |= {f"ci_low{i}": low, f"ci_high{i}": high, **_quantiles(x, i)}
        paper |= {f"m_change{i}": x.mean(), f"sd_change{i}": x.std(ddof=1)}
    df = n1 + n2 - 2
    test = stats.ttest_ind(*groups)
    t, p = float(test.statistic), float(test.pvalue)
    md = groups[0].mean() - groups[1].mean()
    pooled = np.sqrt(((n1 - 1) * paper["sd1"] ** 2 + (n2 - 1) * paper["sd2"] ** 2) / df)
    low, high = _limits(md, md / t, df)
    r = t / np.sqrt(t**2 + df)
    log_j = special.gammaln(df / 2) - special.gammaln((df - 1) / 2) - np.log(df / 2) / 2
    paper |= {"md": md, "md_se": md / t, "md_ci_low": low, "md_ci_high": high}
    paper |= {"sd_pooled": pooled, "t": t, "f": t**2, "df1": 1, "p": p, "r": r, "eta2": r**2}
    paper |= {"d": md / pooled, "g": np.exp(log_j) * md / pooled}
    return paper


def one_group_twice(seed: int, n: int = 19) -> dict[str, float]:
    """Return everything a paper could print of one group measured twice."""
    rng = np.random.default_rng(seed)
    before = rng.normal(20, 4, n)
    after = 0.6 * before + rng.normal(6, 3, n)
    change = before - after
    test = stats.ttest_rel(before, after)
    se = change.std(ddof=1) / np.sqrt(n)
    low, high = _limits(change.mean(), se, n - 1)
    paper: dict[str, float] = {"n": n, "r": float(np.corrcoef(before, after)[0, 1])}
    for i, x in (("1", before), ("2", after)):
        spread = x.std(ddof=1)
        paper |= {f"m{i}": x.mean(), f"sd{i}": spread, f"se{i}": spread / np.sqrt(n)}
    paper |= {"m_change": change.mean(), "sd_change": change.std(ddof=1), "se_change": se}
    paper |= {"ci_low_change": low, "ci_high_change": high}
    paper |= {"t": float(test.statistic), "f": float(test.statistic) ** 2}
    paper |= {"p": float(test.pvalue), "d": change.mean() / change.std(ddof=1)}
    return paper


def association(seed: int, n1: int = 13, n2: int = 21) -> dict[str, float]:
    """Return everything a paper could print of a dichotomy and a score."""
    groups = two_groups(seed, n1, n2)
    n, r = n1 + n2, groups["r"]
    z = np.arctanh(r)
    half = stats.norm.ppf((1 + LEVEL) / 2) / np.sqrt(n - 3)
    paper = {**groups, "r": r, "z": z, "r2": r**2, "chi2": n * r**2}
    paper |= {"r_ci_low": np.tanh(z - half), "r_ci_high": np.tanh(z + half)}
    return paper


def counts(seed: int) -> dict[str, float]:
    """Return everything a paper could print of two proportions."""
    rng = np.random.default_rng(seed)
    n1, n2 = 45, 61
    a, c = int(rng.integers(9, 30)), int(rng.integers(9, 40))
    b, d = n1 - a, n2 - c
    log_or, log_rr = np.log(a * d / (b * c)), np.log(a / n1 / (c / n2))
    v_or = 1 / a + 1 / b + 1 / c + 1 / d
    v_rr = 1 / a - 1 / n1 + 1 / c - 1 / n2
    rd, v_rd = a / n1 - c / n2, a * b / n1**3 + c * d / n2**3
    q = stats.norm.ppf((1 + LEVEL) / 2)
    phi = (a * d - b * c) / np.sqrt(n1 * n2 * (a + c) * (b + d))
    paper: dict[str, float] = {"events1": a, "non_events1": b, "events2": c, "non_events2": d}
    paper |= {"n1": n1, "n2": n2, "events": a + c}
    paper |= {"percent1": 100 * a / n1, "percent2": 100 * c / n2, "odds_ratio": np.exp(log_or)}
    for name, log_ratio, v in (("or", log_or, v_or), ("rr", log_rr, v_rr)):
        low, high = np.exp(log_ratio - q * v**0.5), np.exp(log_ratio + q * v**0.5)
        paper |= {f"{name}_ci_low": low, f"{name}_ci_high": high}
    paper |= {"risk_ratio": np.exp(log_rr), "risk_difference": rd, "phi": phi}
    paper |= {"rd_ci_low": rd - q * v_rd**0.5, "rd_ci_high": rd + q * v_rd**0.5}
    paper |= {"chi2": (n1 + n2) * phi**2}
    return paper


PAPERS: dict[str, Callable[[int], dict[str, float]]] = {
    "two means": two_groups,
    "change": one_group_twice,
    "correlation": association,
    "two proportions": counts,
}


@pytest.fixture(scope="session")
def paper() -> Callable[[str, int], dict[str, float]]:
    """Return what makes a paper: ``paper(design, seed)``."""
    return lambda design, seed: PAPERS[design](seed)
