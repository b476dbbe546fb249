"""Mean differences as log odds ratios, there and back."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.effects.compute import effect_sizes

GROUPS = {"m1": 12.1, "sd1": 3.1, "n1": 20, "m2": 10.2, "sd2": 2.8, "n2": 27}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


@pytest.mark.parametrize(("code", "factor"), [("D2ORL", np.pi / np.sqrt(3)), ("D2ORN", 1.65)])
def test_a_constant_times_d(code: str, factor: float) -> None:
    d, v = effect("SMD", **GROUPS, correct=False)
    assert effect(code, **GROUPS) == pytest.approx((factor * d, factor**2 * v), rel=1e-13)


@pytest.mark.parametrize(("there", "back"), [("D2ORL", "OR2DL"), ("D2ORN", "OR2DN")])
def test_factors_are_inverse(there: str, back: str) -> None:
    odds = {"events1": 12, "n1": 40, "events2": 5, "n2": 44}
    d, _ = effect(back, **odds)
    assert effect(there, d=d, n1=40, n2=44)[0] == pytest.approx(effect("OR", **odds)[0], rel=1e-13)


def test_alias() -> None:
    assert effect_sizes(None, "D2OR", **GROUPS).attrs["measure"] == "D2ORL"
