"""Log hazard ratios: the ways agree with each other and with a log-rank test on raw data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metarel.convert.recover_survival import (
    hazard_from_ci,
    hazard_from_logrank,
    hazard_from_p,
    logrank_v_from_events,
    logrank_v_from_ratio,
)
from metarel.printed import Printed


def logrank(times: np.ndarray, group1: np.ndarray) -> tuple[float, float]:
    """Return O − E and V of group 1 where everybody has the event, by the definition."""
    difference = variance = 0.0
    for time, in_one in zip(times, group1, strict=True):
        share = group1[times >= time].mean()
        difference += in_one - share
        variance += share * (1 - share)
    return difference, variance


def test_the_ways_agree() -> None:
    """O − E and V, and p with the same V, and the limits they imply."""
    difference, v = np.array([-12.3, 4.0]), np.array([30.0, 11.0])
    plain = hazard_from_logrank(difference, v)
    np.testing.assert_allclose(plain.yi, difference / v)
    np.testing.assert_allclose(plain.vi, 1 / v)
    p = 2 * stats.norm.sf(np.abs(difference) / np.sqrt(v))
    by_p = hazard_from_p(p, v, np.sign(difference))
    np.testing.assert_allclose(by_p.yi, plain.yi, rtol=1e-12)
    half = stats.norm.ppf(0.975) / np.sqrt(v)
    by_ci = hazard_from_ci(*(np.exp(plain.yi + side * half) for side in (0, -1, 1)))
    np.testing.assert_allclose(by_ci.yi, plain.yi, rtol=1e-13)
    np.testing.assert_allclose(by_ci.vi, plain.vi, rtol=1e-12)


def test_v_of_even_groups_is_a_quarter_of_the_events() -> None:
    assert logrank_v_from_ratio(485, 1, 1) == 121.25
    assert logrank_v_from_events(40, 40) == logrank_v_from_ratio(80, 70, 70) == 20
    assert logrank_v_from_ratio(90, 200, 100) == logrank_v_from_ratio(90, 2, 1) == 20


def test_the_bladder_trial_of_tierney() -> None:
    """p = 0.075 is z = 1.78, as printed there; 485 deaths among 491 and 485 people."""
    v = logrank_v_from_ratio(485, 491, 485)
    found = hazard_from_p(0.075, v, -1)
    assert Printed("-1.78").contains(float(found.yi * np.sqrt(v)))
    assert found.yi == pytest.approx(stats.norm.ppf(0.0375) / np.sqrt(485 * 491 * 485) * 976)
    assert found.vi == pytest.approx(976**2 / (485 * 491 * 485))


def test_what_says_nothing_is_missing() -> None:
    found = hazard_from_logrank(np.array([1.0, np.nan]), np.array([0.0, 3.0]))
    assert np.isnan(found.yi).all()
    assert np.isnan(hazard_from_p(0.04, 5.0, np.nan).yi)


@pytest.mark.slow
def test_simulated_trials_are_recovered() -> None:
    """With a hazard ratio of 0.8 the mean log ratio and its variance come out right."""
    rng, found, stated, approximate = np.random.default_rng(2), [], [], []
    group1 = np.repeat([True, False], 150)
    for _ in range(400):
        times = rng.exponential(np.where(group1, 1 / 0.8, 1.0))
        estimate = hazard_from_logrank(*logrank(times, group1))
        found.append(estimate.yi)
        stated.append(estimate.vi)
        approximate.append(1 / logrank_v_from_events(150, 150))
    error = np.std(found) / 20
    assert np.mean(found) == pytest.approx(np.log(0.8), abs=4 * error + 0.005)
    assert np.var(found) == pytest.approx(np.mean(stated), rel=0.25)
    assert np.mean(approximate) == pytest.approx(np.mean(stated), rel=0.05)
