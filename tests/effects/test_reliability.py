"""Cronbach's alpha: its transforms hang together."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.effects.compute import effect_sizes

ALPHA = {"alpha": 0.93, "items": 20, "n": 103}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_raw_variance_is_the_delta_method_on_the_log() -> None:
    log, v = effect("ABT", **ALPHA)
    assert np.expm1(-log) == pytest.approx(-0.93, rel=1e-13)
    assert effect("ARAW", **ALPHA)[1] == pytest.approx(v * 0.07**2, rel=1e-13)
    assert v == pytest.approx(2 * 20 / (19 * 101), rel=1e-14)


def test_cube_root_meets_the_delta_method_in_large_samples() -> None:
    large = {**ALPHA, "n": 1e7}
    root, v = effect("AHW", **large)
    assert (1 - root) ** 3 == pytest.approx(0.07, rel=1e-12)
    assert v == pytest.approx(effect("ABT", **large)[1] * 0.07 ** (2 / 3) / 9, rel=1e-5)


def test_negative_alpha_is_allowed_and_one_item_is_not() -> None:
    assert effect("AHW", alpha=-0.2, items=3, n=12)[0] < 0
    with pytest.raises(ValueError, match=r"`items` must be a number of at least 2; row 0 is 1"):
        effect("ARAW", alpha=0.5, items=1, n=12)
