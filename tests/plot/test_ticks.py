"""Ticks are natural numbers within the limits, and limits show what matters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarel.plot._ticks import axis_limits, linear_ticks, ratio_ticks, tick_labels

finite = st.floats(-1e4, 1e4)


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (-0.34, 0.57, 7, [-0.2, 0.0, 0.2, 0.4]),
        (0, 1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-2.6, 1.9, 5, [-2, -1, 0, 1]),
        (97, 131, 4, [100, 110, 120, 130]),
    ],
)
def test_linear_ticks(low: float, high: float, most: int, expected: list[float]) -> None:
    assert linear_ticks(low, high, most) == expected


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0.07, 6.9, 7, [0.1, 0.2, 0.5, 1, 2, 5]),
        (0.07, 6.9, 4, [0.1, 0.3, 1, 3]),
        (0.8, 1.3, 6, [0.8, 0.9, 1.0, 1.1, 1.2, 1.3]),
        (1e-4, 100, 7, [1e-4, 1e-3, 0.01, 0.1, 1, 10, 100]),
        (1e-8, 1e8, 5, [1e-8, 1e-4, 1, 1e4, 1e8]),
    ],
)
def test_ratio_ticks(low: float, high: float, most: int, expected: list[float]) -> None:
    assert ratio_ticks(low, high, most) == pytest.approx(expected, rel=1e-12)


@given(finite, st.floats(1e-3, 1e4), st.integers(2, 9))
def test_linear_ticks_are_few_inside_and_even(low: float, width: float, most: int) -> None:
    ticks = linear_ticks(low, low + width, most)
    assert 1 <= len(ticks) <= most
    slack = 1e-6 * (abs(low) + width)
    assert low - slack <= ticks[0] <= ticks[-1] <= low + width + slack
    assert np.diff(ticks, n=2) == pytest.approx(0, abs=slack)


@given(st.floats(-6, 6), st.floats(0.05, 9), st.integers(2, 9))
def test_ratio_ticks_are_few_and_inside(log_low: float, decades: float, most: int) -> None:
    low, high = 10**log_low, 10 ** (log_low + decades)
    ticks = ratio_ticks(low, high, most)
    assert len(ticks) <= most
    assert all(low * (1 - 1e-6) <= tick <= high * (1 + 1e-6) for tick in ticks)
    if low <= 1 <= high and high / low >= 3:
        assert 1.0 in ticks


def test_labels_share_decimals_on_a_line_and_keep_their_own_on_a_ratio() -> None:
    assert tick_labels([-0.5, 0.0, 0.25]) == ["−0.50", "0.00", "0.25"]
    assert tick_labels([0.05, 1, 10], ratio=True) == ["0.05", "1", "10"]
    assert tick_labels([1e-8, 1, 1e8], ratio=True) == ["10⁻⁸", "1", "10⁸"]
    assert tick_labels([1, 3e6], ratio=True) == ["1", "3·10⁶"]
    assert tick_labels([0.8, 1.0, 1.2], ratio=True) == ["0.8", "1.0", "1.2"]


def limits(
    estimates: list[float],
    half: list[float],
    more: tuple[float, float] = (math.nan, math.nan),
    reference: float | None = None,
    always: bool = False,
) -> tuple[float, float]:
    y, h = np.array(estimates), np.array(half)
    intervals = np.column_stack([y - h, y + h])
    return axis_limits(y, intervals, np.array([more]), reference, always=always)


def test_limits_hold_every_interval_when_they_are_alike() -> None:
    assert limits([0.0, 1.0], [0.5, 0.5]) == (-0.5, 1.5)
    assert limits([0.0, 1.0], [0.5, 0.5], more=(-1.5, 1.0)) == (-1.5, 1.5)


def test_limits_cut_an_interval_that_would_dwarf_the_rest() -> None:
    assert limits([0.0, 0.5, 1.0], [0.5, 0.5, 40.0]) == (-1.5, 2.5)
    assert limits([0.0, 0.5, 1.0], [0.5, 0.5, 0.5], more=(-99, 99)) == (-1.5, 2.5)


def test_limits_never_cut_an_estimate() -> None:
    assert limits([0.0, 0.5, 99.0], [0.5, 0.5, 0.5]) == (-0.5, 99.5)


def test_a_reference_within_reach_is_included_and_a_distant_one_is_not() -> None:
    assert limits([1.0, 2.0], [0.5, 0.5], reference=0.0) == (0.0, 2.5)
    assert limits([101.0, 102.0], [0.5, 0.5], reference=0.0) == (100.5, 102.5)
    assert limits([101.0, 102.0], [0.5, 0.5], reference=0.0, always=True) == (0.0, 102.5)


def test_limits_of_a_single_point_have_a_width() -> None:
    assert limits([2.0], [0.0]) == (1.0, 3.0)
