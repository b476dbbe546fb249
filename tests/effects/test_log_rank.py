"""Hazard ratios from log-rank tests: Peto's method, p-values, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metarel.effects.compute import effect_sizes


def effect(**inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, "HRLR", **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_peto_by_hand() -> None:
    assert effect(observed_minus_expected=-8.0, logrank_variance=20.0) == (-0.4, 0.05)


def test_one_time_of_death_is_petos_odds_ratio() -> None:
    """If everybody dies or survives at once, the log-rank test is the hypergeometric one."""
    table = {"events1": 4, "n1": 20, "events2": 9, "n2": 25}
    expected = 20 * 13 / 45
    variance = 20 * 25 * 13 * 32 / (45**2 * 44)
    found = effect(observed_minus_expected=4 - expected, logrank_variance=variance)
    peto = effect_sizes(None, "PETO", **table).iloc[0]
    assert found == pytest.approx((peto["yi"], peto["vi"]), rel=1e-13)


def test_p_of_the_test_gives_the_excess_back() -> None:
    whole = effect(observed_minus_expected=-8.0, logrank_variance=20.0)
    p = 2 * stats.norm.sf(8 / 20**0.5)
    assert effect(p=-p, logrank_variance=20.0) == pytest.approx(whole, rel=1e-12)


def test_events_and_sizes_stand_for_the_variance() -> None:
    """Tierney et al. (2007): V = events · n1 n2/(n1 + n2)², a quarter of the events when equal."""
    assert effect(p=0.05, events=80, n1=50, n2=50) == pytest.approx(
        effect(p=0.05, logrank_variance=20.0), rel=1e-14
    )
    assert effect(observed_minus_expected=5.0, events=80, n1=30, n2=70)[1] == pytest.approx(
        1 / (80 * 0.21), rel=1e-13
    )


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"`p` must not be 0; give the bound"):
        effect(p=0.0, logrank_variance=20.0)
    with pytest.raises(ValueError, match=r"`events` must not exceed `n1` \+ `n2`"):
        effect(p=0.05, events=101, n1=50, n2=50)
    with pytest.raises(ValueError, match=r"`logrank_variance` must be positive"):
        effect(observed_minus_expected=5.0, logrank_variance=0.0)
    assert np.isfinite(effect(p=1e-300, logrank_variance=20.0)[0])
