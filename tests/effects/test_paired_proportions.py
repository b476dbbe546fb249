"""Paired proportions: McNemar's test, the two ways to the marginal odds ratio, independence."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.effects.compute import effect_sizes

PAIRS = {"both": 20, "only1": 14, "only2": 6, "neither": 35}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_peto_for_pairs_is_mcnemars_test() -> None:
    """yi²/vi is (b − c)²/(b + c)."""
    yi, vi = effect("MPPETO", **PAIRS)
    assert yi**2 / vi == pytest.approx((14 - 6) ** 2 / (14 + 6), rel=1e-14)


def test_conditional_odds_ratio_needs_only_the_discordant_pairs() -> None:
    assert effect("MPORC", **PAIRS) == effect("MPORC", **{**PAIRS, "both": 900, "neither": 1})
    assert effect("MPORC", **PAIRS) == pytest.approx((np.log(14 / 6), 1 / 14 + 1 / 6))


def test_margins_with_their_correlation_give_the_paired_result() -> None:
    a, b, c, d = PAIRS.values()
    n = a + b + c + d
    margins = {"events1": a + b, "n1": n, "events2": a + c, "n2": n}
    phi = (a * d - b * c) / np.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    paired = effect("MPOR", **PAIRS)
    assert effect("MPORM", **margins, r=phi) == pytest.approx(paired, rel=1e-13)
    assert effect("MPORM", **margins, p_both=a / n) == pytest.approx(paired, rel=1e-13)


def test_without_correlation_pairs_are_independent_groups() -> None:
    margins = {"events1": 34, "n1": 75, "events2": 26, "n2": 75}
    assert effect("MPORM", **margins, r=0) == pytest.approx(effect("OR", **margins), rel=1e-13)
    # A table whose cells are products of its margins.
    table = {"both": 12, "only1": 18, "only2": 28, "neither": 42}
    same = {"events1": 30, "n1": 100, "events2": 40, "n2": 100}
    for paired, groups in (("MPRR", "RR"), ("MPRD", "RD"), ("MPOR", "OR")):
        assert effect(paired, **table) == pytest.approx(effect(groups, **same), rel=1e-12)


def test_impossible_correlations_have_no_variance() -> None:
    margins = {"events1": 70, "n1": 75, "events2": 5, "n2": 75}
    yi, vi = effect("MPORM", **margins, r=0.9)
    assert np.isfinite(yi)
    assert np.isnan(vi)


def test_both_is_a_share_that_the_margins_allow() -> None:
    for p_both, events in ((0.9, (30, 40)), (0.1, (60, 60)), (0.41, (30, 40))):
        first, second = events
        with pytest.raises(ValueError, match=r"`p_both` must not exceed .*; see row 0"):
            effect("MPORM", events1=first, n1=75, events2=second, n2=75, p_both=p_both)
    for p_both in (30 / 75, 45 / 75 - 35 / 75 - 1e-12):
        yi, vi = effect("MPORM", events1=30, n1=75, events2=40, n2=75, p_both=max(p_both, 0.0))
        assert np.isfinite([yi, vi]).all()
    cells = {"events1": 60, "non_events1": 15, "events2": 60, "non_events2": 15}
    assert np.isfinite(effect("MPORM", **cells, p_both=0.6)).all()
    with pytest.raises(ValueError, match="`p_both` must not exceed"):
        effect("MPORM", **cells, p_both=0.59)


def test_margins_must_count_the_same_pairs() -> None:
    with pytest.raises(ValueError, match=r"both margins must count the same pairs .*; see row 0"):
        effect("MPORM", events1=3, n1=20, events2=4, n2=21, r=0.2)


def test_empty_cells_are_adjusted() -> None:
    yi, _ = effect("MPORC", both=5, only1=4, only2=0, neither=6)
    assert yi == pytest.approx(np.log(4.5 / 0.5))
