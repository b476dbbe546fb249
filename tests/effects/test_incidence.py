"""Incidence rates: two groups against one, exact Poisson moments, empty cells."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metarel.effects.compute import effect_sizes

TWO = {"events1": [12, 3], "time1": [400.0, 90.0], "events2": [20, 9], "time2": [350.0, 110.0]}


@pytest.mark.parametrize(("two", "one"), [("IRR", "IRLN"), ("IRD", "IR"), ("IRSD", "IRS")])
def test_a_difference_is_two_single_groups(two: str, one: str) -> None:
    both = effect_sizes(None, two, **TWO)
    first = effect_sizes(None, one, events=TWO["events1"], time=TWO["time1"])
    second = effect_sizes(None, one, events=TWO["events2"], time=TWO["time2"])
    np.testing.assert_allclose(both["yi"], first["yi"] - second["yi"], rtol=1e-13)
    np.testing.assert_allclose(both["vi"], first["vi"] + second["vi"], rtol=1e-13)


def test_rate_variance_over_all_outcomes() -> None:
    """Events over squared time are unbiased for the variance of a Poisson rate."""
    x = np.arange(80)
    v = effect_sizes(None, "IR", events=x, time=50.0, to="none")["vi"]
    assert stats.poisson.pmf(x, 15) @ v == pytest.approx(15 / 50**2, rel=1e-12)


def test_double_root_lies_between_its_parts() -> None:
    y = effect_sizes(None, "IRFT", events=[0, 9], time=4.0)["yi"]
    assert y[0] == 0.25
    assert y[1] == pytest.approx((1.5 + np.sqrt(2.5)) / 2)


def test_empty_cells() -> None:
    rows = {"events1": [0, 0, 4], "time1": 50.0, "events2": [3, 0, 5], "time2": 60.0}
    added = effect_sizes(None, "IRR", **rows)
    assert added["yi"][0] == pytest.approx(np.log((0.5 / 50) / (3.5 / 60)))
    dropped = effect_sizes(None, "IRR", **rows, drop00=True)
    assert dropped["yi"].isna().tolist() == [False, True, False]
    assert effect_sizes(None, "IRR", **rows, to="none")["yi"].isna().tolist() == [True, True, False]
    assert effect_sizes(None, "IRSD", **rows)["yi"][1] == 0


def test_metafor_names_are_understood() -> None:
    with pytest.raises(ValueError, match=r"`x1i` is not .* Did you mean 'events1'\?"):
        effect_sizes(None, "IRR", x1i=3, time1=10, events2=4, time2=9)
