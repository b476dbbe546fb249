"""Ratios of spreads: parts that add up, exact moments."""

from __future__ import annotations

import pytest
from scipy import special

from metarel.effects.compute import effect_sizes

GROUPS = {"m1": 12.1, "sd1": 3.1, "n1": 20, "m2": 10.2, "sd2": 2.8, "n2": 27}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_cv_ratio_is_the_spread_ratio_over_the_mean_ratio() -> None:
    for correct in (True, False):
        vr, rom, cvr = (effect(c, **GROUPS, correct=correct) for c in ("VR", "ROM", "CVR"))
        assert cvr[0] == pytest.approx(vr[0] - rom[0], rel=1e-13)
        assert cvr[1] == pytest.approx(vr[1] + rom[1], rel=1e-13)
    second = [effect(c, **GROUPS, variance="LS2")[1] for c in ("VR", "ROM", "CVR")]
    assert second[2] == pytest.approx(second[0] + second[1], rel=1e-13)


def test_two_groups_are_two_single_groups() -> None:
    spread = effect("VR", **GROUPS)
    first = effect("SDLN", sd=3.1, n=20)
    second = effect("SDLN", sd=2.8, n=27)
    assert spread[0] == pytest.approx(first[0] - second[0], rel=1e-13)
    assert spread[1] == pytest.approx(first[1] + second[1], rel=1e-13)


def test_second_order_is_nearer_to_the_exact_variance() -> None:
    """log sd of a normal sample has variance ψ'((n − 1)/2)/4."""
    n1, n2 = 8, 11
    exact = (special.polygamma(1, (n1 - 1) / 2) + special.polygamma(1, (n2 - 1) / 2)) / 4
    inputs = {"sd1": 2.0, "n1": n1, "sd2": 3.0, "n2": n2}
    first, second = (effect("VR", **inputs, variance=rule)[1] for rule in ("LS", "LS2"))
    assert abs(second - exact) < abs(first - exact) / 3
    assert second == pytest.approx(exact, rel=0.03)


def test_means_are_not_needed_for_the_spread_ratio() -> None:
    assert effect("VR", sd1=3.1, n1=20, sd2=2.8, n2=27) == effect("VR", **GROUPS)
