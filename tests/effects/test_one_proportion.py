"""Proportions: exact moments, transformations, empty cells."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from metarel.effects.compute import effect_sizes


def column(measure: str, name: str = "yi", **inputs: object) -> np.ndarray:
    """Return one column of the effects."""
    return effect_sizes(None, measure, **inputs)[name].to_numpy()


def test_unbiased_variance_over_all_outcomes() -> None:
    x = np.arange(13)
    v = column("PR", "vi", events=x, n=12, variance="UB", to="none")
    assert stats.binom.pmf(x, 12, 0.3) @ v == pytest.approx(0.3 * 0.7 / 12, rel=1e-13)


@pytest.mark.parametrize(
    ("measure", "back"),
    [
        ("PR", lambda y: y),
        ("PLN", np.exp),
        ("PLO", special.expit),
        ("PRZ", special.ndtr),
        ("PAS", lambda y: np.sin(y) ** 2),
    ],
)
def test_transform_leads_back_and_its_slope_makes_the_variance(measure: str, back) -> None:
    """The delta method by a numerical derivative of the back-transformation."""
    x, n = np.array([13.0, 70.0]), 90
    y = column(measure, events=x, n=n)
    np.testing.assert_allclose(back(y), x / n, rtol=1e-14)
    slope = (back(y + 1e-5) - back(y - 1e-5)) / 2e-5
    p = x / n
    np.testing.assert_allclose(
        column(measure, "vi", events=x, n=n) * slope**2, p * (1 - p) / n, rtol=1e-8
    )


def test_double_arcsine_is_near_the_arcsine_and_defined_at_zero() -> None:
    x = np.array([0, 20, 40])
    np.testing.assert_allclose(
        column("PFT", events=x, n=40), column("PAS", events=x, n=40), atol=0.08
    )
    assert column("PFT", events=0, n=40)[0] == pytest.approx(np.arcsin(np.sqrt(1 / 41)) / 2)


def test_constant_is_added_by_default_only_where_it_is_needed() -> None:
    assert column("PAS", events=0, n=9)[0] == 0
    assert column("PLO", events=0, n=9)[0] == pytest.approx(np.log(0.5 / 9.5))
    assert column("PAS", events=0, n=9, add=0.5)[0] > 0


def test_non_events_say_the_same_as_the_size() -> None:
    np.testing.assert_array_equal(
        column("PLO", events=3, n=20), column("PLO", events=3, non_events=17)
    )
    with pytest.raises(ValueError, match=r"`events` and `non_events` must add up to `n`"):
        column("PLO", events=3, non_events=18, n=20)
    with pytest.raises(ValueError, match=r"`events` must not exceed `n`; see row 0"):
        column("PLO", events=3, n=2)
