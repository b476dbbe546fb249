"""Genotypes: equilibrium, alleles alike, empty cells."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.effects.compute import effect_sizes


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_equilibrium_has_no_excess() -> None:
    p = 0.3
    counts = {"homozygous1": 900 * p**2, "homozygous2": 900 * (1 - p) ** 2}
    yi, vi = effect("REH", heterozygous=900 * 2 * p * (1 - p), **counts)
    assert yi == pytest.approx(0, abs=1e-14)
    assert vi > 0


def test_alleles_enter_alike() -> None:
    one = effect("REH", homozygous1=14, heterozygous=22, homozygous2=9)
    other = effect("REH", homozygous1=9, heterozygous=22, homozygous2=14)
    assert other == pytest.approx(one, rel=1e-14)
    assert one == pytest.approx((np.log(22 / (2 * 126**0.5)), 1 / 22 + 1 / 56 + 1 / 36))


def test_empty_cells_are_adjusted() -> None:
    yi, _ = effect("REH", homozygous1=0, heterozygous=22, homozygous2=9)
    assert yi == pytest.approx(np.log(22.5 / (2 * (0.5 * 9.5) ** 0.5)))
