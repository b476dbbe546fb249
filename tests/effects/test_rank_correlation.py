"""Rank correlations: standard tests, printed formulas, order of the rules."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from metarel.effects.compute import effect_sizes


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_null_variance_of_rho_is_exact_over_all_orders() -> None:
    rho = [stats.spearmanr(range(5), order).statistic for order in permutations(range(5))]
    assert effect("RHO", rho=0.1, n=5, variance="H0")[1] == pytest.approx(np.var(rho), rel=1e-12)


def test_null_variance_of_tau_is_that_of_its_test() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 30))
    found = stats.kendalltau(x, y, method="asymptotic")
    tau, v = effect("TAU", tau=found.statistic, n=30, variance="H0")
    assert 2 * stats.norm.sf(abs(tau) / v**0.5) == pytest.approx(found.pvalue, rel=1e-10)


def test_variances_by_hand() -> None:
    assert effect("ZRHO", rho=0.4, n=63)[1] == pytest.approx(1.08 / 60, rel=1e-14)
    assert effect("ZRHO", rho=0.4, n=63, variance="FIELLER")[1] == pytest.approx(1.06 / 60)
    z = np.arctanh(0.4)
    assert effect("ZRHO", rho=0.4, n=64, variance="CARUSO")[1] == pytest.approx(
        1 / 62 + z / (6 * 64 + 32), rel=1e-13
    )
    assert effect("ZTAU", tau=0.4, n=64)[1] == pytest.approx(0.437 / 60, rel=1e-14)
    assert effect("RHO", rho=0.4, n=63)[1] == pytest.approx(1.08 / 60 * 0.84**2, rel=1e-14)
    assert effect("TAU", tau=0.4, n=64)[1] == pytest.approx(0.437 / 60 * 0.84**2, rel=1e-14)


def test_ranks_know_less_than_scores_and_both_share_z() -> None:
    z, v = effect("ZCOR", r=0.4, n=63)
    assert effect("ZRHO", rho=0.4, n=63)[0] == z
    assert effect("ZRHO", rho=0.4, n=63)[1] > v


def test_perfect_ranks_have_no_z() -> None:
    with pytest.raises(ValueError, match=r"`rho` must be a number in \(-1, 1\)"):
        effect("ZRHO", rho=1.0, n=20)
    with pytest.raises(ValueError, match="`n` must be a number above 4"):
        effect("TAU", tau=0.3, n=4)
