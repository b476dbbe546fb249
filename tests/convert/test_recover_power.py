"""Box–Cox transformations: the power found, the way back, the likelihood of order statistics."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metarel.convert.recover_log_scale import raw_moments
from metarel.convert.recover_medians import SCENARIOS
from metarel.convert.recover_power import (
    _unknown_row,
    box_cox,
    log_likelihood,
    power_normal_moments,
    symmetric_power,
)

WORDS = SCENARIOS["five"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_likelihood_counts_the_people_between(scenario: str) -> None:
    """Of 9 numbers: the density of order statistics, but for its factorials."""
    z = np.array([-1.3, -0.5, 0.1, 0.6, 1.4])
    used = z[[WORDS.index(word) for word in SCENARIOS[scenario]]]
    ends = np.r_[0, stats.norm.cdf(used, 0.2, 1.1), 1] if scenario == "quartiles" else None
    between = np.diff(stats.norm.cdf(used, 0.2, 1.1) if ends is None else ends)
    people = {"range": [3, 3], "quartiles": [2, 1, 1, 2], "five": [1, 1, 1, 1]}[scenario]
    expected = (np.array(people) * np.log(between)).sum() + stats.norm.logpdf(used, 0.2, 1.1).sum()
    constant = len(used) * np.log(2 * np.pi) / 2
    found = log_likelihood(used, 0.2, 1.1, 9.0, scenario)
    assert found == pytest.approx(expected + constant, rel=1e-12)


def test_tails_without_a_mean_have_no_answer() -> None:
    """Power −0.5 with a spread of 0.6: the inverse is infinite 3.3 SDs from the mean."""
    assert np.isnan(power_normal_moments(0.0, 0.6, -0.5)).all()
    assert np.isfinite(power_normal_moments(0.0, 0.2, -0.5)).all()


@pytest.mark.parametrize("power", [-0.7, 0.0, 0.4, 1.0, 2.0])
def test_the_power_of_transformed_normal_numbers_is_found(power: float) -> None:
    """Numbers that are symmetric after a power show that power, with three or five of them."""
    y = np.array([-0.5, -0.2, 0.0, 0.2, 0.5]) * 0.9
    x = np.exp(y) if power == 0 else (1 + power * y) ** (1 / power)
    np.testing.assert_allclose(box_cox(x, power), y, rtol=1e-12, atol=1e-15)
    for numbers in (x, x[[0, 2, 4]], 7 * x[1:4]):
        assert symmetric_power(numbers) == pytest.approx(power, abs=1e-6)


def test_power_one_is_the_normal_itself_and_zero_the_log_normal() -> None:
    mean, sd = power_normal_moments(4.0, 0.3, 1.0)
    assert [mean, sd] == pytest.approx([5.0, 0.3], rel=1e-4)
    mean, sd = power_normal_moments(1.2, 0.4, 0.0)
    exact = raw_moments(np.array(1.2), np.array(0.4))
    assert [mean, sd] == pytest.approx([float(exact.mean), float(exact.sd)], rel=2e-3)
    assert np.isnan(power_normal_moments(-2.0, 0.3, 1.0)).all()


def test_the_likelihood_is_of_the_numbers_as_printed() -> None:
    """With the Jacobian another unit changes nothing; without it the power would change."""
    numbers = np.array([2.0, 4.1, 5.0, 5.6, 6.0])
    mean, sd = _unknown_row(numbers, 41.0, "five")
    for unit in (0.01, 100.0):
        other = _unknown_row(unit * numbers, 41.0, "five")
        assert other == pytest.approx((unit * mean, unit * sd), rel=1e-5)
