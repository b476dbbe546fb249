"""Two proportions on other scales: Cohen's h, the hypergeometric distribution, factors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from metarel.effects.compute import effect_sizes

ONE = {"events1": 12, "n1": 40, "events2": 5, "n2": 44}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_arcsine_difference_is_half_of_cohens_h() -> None:
    h = 2 * math.asin(math.sqrt(12 / 40)) - 2 * math.asin(math.sqrt(5 / 44))
    assert effect("AS", **ONE)[0] == pytest.approx(h / 2, rel=1e-14)


def test_peto_by_the_hypergeometric_distribution() -> None:
    null = stats.hypergeom(84, 17, 40)
    yi, vi = effect("PETO", **ONE)
    assert vi == pytest.approx(1 / null.var(), rel=1e-12)
    assert yi == pytest.approx((12 - null.mean()) / null.var(), rel=1e-12)


def test_peto_is_near_the_odds_ratio_for_small_effects() -> None:
    near = {"events1": 510, "n1": 1000, "events2": 500, "n2": 1000}
    assert effect("PETO", **near) == pytest.approx(effect("OR", **near), rel=2e-3)


@pytest.mark.parametrize(
    ("code", "factor"), [("OR2DL", math.sqrt(3) / math.pi), ("OR2DN", 1 / 1.65)]
)
def test_scaled_odds_ratios(code: str, factor: float) -> None:
    yi, vi = effect("OR", **ONE)
    assert effect(code, **ONE) == pytest.approx((yi * factor, vi * factor**2), rel=1e-14)


def test_probit_difference_recovers_a_cut_normal_outcome() -> None:
    """Two unit normals 0.6 apart, cut anywhere, differ by 0.6 probits."""
    for cut in (-0.5, 0.2, 1.4):
        events = {"events1": 1e6 * stats.norm.sf(cut - 0.6), "events2": 1e6 * stats.norm.sf(cut)}
        assert effect("PBIT", n1=1e6, n2=1e6, **events)[0] == pytest.approx(0.6, rel=1e-9)


def test_alias() -> None:
    assert effect_sizes(None, "OR2D", **ONE).attrs["measure"] == "OR2DL"


def test_no_constant_where_none_is_needed() -> None:
    empty = {"events1": 0, "n1": 20, "events2": 0, "n2": 30}
    assert effect("AS", **empty)[0] == 0
    assert np.isfinite(effect("PETO", **empty)).all()
