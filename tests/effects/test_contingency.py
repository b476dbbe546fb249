"""Cramér's V: scipy's, two-way tables, Bergsma's correction by hand, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metarel.effects.compute import effect_sizes


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_v_is_scipys() -> None:
    table = np.array([[12, 8, 20], [5, 17, 9]])
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    expected = stats.contingency.association(table, method="cramer")
    assert effect("CRAMERV", chi2=chi2, n=71, rows=2, columns=3)[0] == pytest.approx(
        expected, rel=1e-13
    )


def test_two_by_two_is_the_size_of_phi() -> None:
    cells = {"events1": 4, "non_events1": 16, "events2": 9, "non_events2": 11}
    phi = effect("PHI", **cells)[0]
    chi2 = stats.chi2_contingency([[4, 16], [9, 11]], correction=False).statistic
    assert effect("CRAMERV", chi2=chi2, n=40, rows=2, columns=2)[0] == pytest.approx(
        abs(phi), rel=1e-13
    )


def test_bergsma_by_hand() -> None:
    yi, _ = effect("CRAMERVB", chi2=20.0, n=101, rows=3, columns=4)
    excess = 20 / 101 - 6 / 100
    most = min(3 - 4 / 100, 4 - 9 / 100) - 1
    assert yi == pytest.approx((excess / most) ** 0.5, rel=1e-14)


def test_bergsma_is_zero_where_chi_square_is_no_more_than_independence_gives() -> None:
    """The mean of chi2/n is (rows − 1)(columns − 1)/(n − 1); at or below it no variance is left."""
    just = 6 * 101 / 100
    above = effect("CRAMERVB", chi2=just * (1 + 1e-9), n=101, rows=3, columns=4)[0]
    assert 0 < above < 1e-4
    below = effect_sizes(None, "CRAMERVB", chi2=[just * 0.99, 0.0], n=101, rows=3, columns=4)
    assert below[["yi", "vi"]].isna().all(axis=None)


def test_correction_vanishes_in_large_samples() -> None:
    large = {"chi2": 1e6, "n": 1e7, "rows": 3, "columns": 4}
    assert effect("CRAMERVB", **large) == pytest.approx(effect("CRAMERV", **large), rel=1e-4)


def test_impossible_chi_square_is_refused() -> None:
    with pytest.raises(ValueError, match="`chi2` must not exceed `n` times the smaller"):
        effect("CRAMERV", chi2=90.0, n=40, rows=3, columns=4)
    with pytest.raises(ValueError, match="`rows` must be a whole number of at least 2"):
        effect("CRAMERV", chi2=9.0, n=40, rows=1, columns=4)
