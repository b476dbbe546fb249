"""Ratios within one group: independence, scale, second-order terms."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.effects.compute import effect_sizes

PAIRS = {"m1": 12.1, "sd1": 3.1, "m2": 10.2, "sd2": 2.8, "r": 0.6, "n": 27}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_uncorrelated_measurements_are_independent_groups() -> None:
    apart = {**PAIRS, "r": 0.0}
    groups = {"m1": 12.1, "sd1": 3.1, "n1": 27, "m2": 10.2, "sd2": 2.8, "n2": 27}
    for paired, two in (("ROMC", "ROM"), ("VRC", "VR"), ("CVRC", "CVR")):
        assert effect(paired, **apart) == pytest.approx(effect(two, **groups), rel=1e-12)
    for paired, two in (("VRC", "VR"), ("CVRC", "CVR")):
        assert effect(paired, **apart, variance="SECOND")[1] == pytest.approx(
            effect(two, **groups, variance="LS2")[1], rel=1e-12
        )


def test_parts_add_up() -> None:
    spread, means, both = (effect(c, **PAIRS) for c in ("VRC", "ROMC", "CVRC"))
    assert both[0] == pytest.approx(spread[0] - means[0], rel=1e-12)
    assert both[1] == pytest.approx(spread[1] + means[1], rel=1e-12)


def test_second_order_rule_knows_no_unit_and_the_published_one_does() -> None:
    """Measuring the second occasion in another unit moves no log ratio's variance."""
    other = {**PAIRS, "sd2": 28.0, "m2": 102.0}
    for code in ("VRC", "CVRC"):
        kept = effect(code, **PAIRS, variance="SECOND")[1]
        assert effect(code, **other, variance="SECOND")[1] == pytest.approx(kept, rel=1e-12)
        assert effect(code, **other, variance="LS2")[1] > 10 * kept


@pytest.mark.slow
def test_second_order_rule_is_nearest_to_simulation() -> None:
    rng = np.random.default_rng(6)
    k, n, rho = 400_000, 10, 0.7
    diagonal = np.sqrt(rng.chisquare(n - 1, k))
    lean = rho * diagonal + np.sqrt(1 - rho**2) * rng.normal(size=k)
    sd2 = np.hypot(lean, np.sqrt((1 - rho**2) * rng.chisquare(n - 2, k)))
    true = np.var(np.log(diagonal / sd2))
    at_rho = {"sd1": 1.0, "sd2": 1.0, "r": rho, "n": n}
    rules = {rule: effect("VRC", **at_rho, variance=rule)[1] for rule in ("LS", "LS2", "SECOND")}
    nearest = min(rules, key=lambda rule: abs(rules[rule] - true))
    assert nearest == "SECOND"
