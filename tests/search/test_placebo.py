"""Figures that were never printed: near the real ones, in their form, and going together."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.search.figures import read_figures
from metarel.search.placebo import moved, placebo_figures, prints

BASE = {
    "estimate": 0.254, "ci_low": 0.143, "ci_high": 0.359, "Q": 44.8, "I2": 0.62, "tau2": 0.041,
    "p_value": 0.0004, "statistic": 4.4, "k": 18.0,
}  # fmt: skip


def figures(**given):
    return {figure.quantity: figure for figure in read_figures(given)}


def draw(printed, base=BASE, count=300, seed=1):
    return placebo_figures(printed, base, count, seed)


def test_placebos_have_the_form_and_the_distance_of_the_real_figures():
    drawn = draw(figures(estimate=".27"))
    values = np.array([float(p["estimate"].printed.value) for p in drawn])
    assert {p["estimate"].printed.digits for p in drawn} == {2}
    assert (np.abs(values - 0.254) >= 0.5 * 0.016 - 0.005).all()
    assert (np.abs(values - 0.254) <= 1.5 * 0.016 + 0.005).all()
    assert (values < 0.254).any()
    assert (values > 0.254).any()
    assert 0.27 not in values


def test_limits_move_with_the_mean():
    drawn = draw(figures(estimate=".284", ci=(".173", ".389")))
    rows = np.array(
        [[float(p[n].printed.value) for n in ("estimate", "ci_low", "ci_high")] for p in drawn]
    )
    shift = rows - np.array([BASE[n] for n in ("estimate", "ci_low", "ci_high")])
    assert np.ptp(shift, axis=1).max() <= 0.0011


def test_what_tells_of_spread_moves_together():
    drawn = draw(figures(Q="60.1", I2="72%", tau2="0.061"))
    rows = np.array([[float(p[n].printed.value) for n in ("Q", "I2", "tau2")] for p in drawn])
    signs = np.sign(rows - np.array([BASE[n] for n in ("Q", "I2", "tau2")]))
    assert (signs == signs[:, :1]).all()
    assert all(p["I2"].printed.percent for p in drawn)


def test_counts_bounds_and_what_is_printed_already_stay():
    printed = figures(estimate=".27", Q="44.8", k="18", p="<.001")
    for placebo in draw(printed):
        assert placebo["k"] is printed["k"]
        assert placebo["p_value"] is printed["p_value"]
        assert placebo["Q"].printed.value == printed["Q"].printed.value


def test_p_values_and_shares_stay_what_they_can_be():
    drawn = draw(figures(p="0.9", I2="2%"), {"p_value": 0.2, "I2": 0.2})
    assert all(0 <= float(p["p_value"].printed.value) <= 1 for p in drawn)
    assert all(0 <= float(p["I2"].printed.value) <= 1 for p in drawn)


def test_a_test_without_its_sign_is_held_against_one_without():
    drawn = draw(figures(statistic="4.9"), {"statistic": -4.4})
    values = np.array([float(p["statistic"].printed.value) for p in drawn])
    assert ((values > 3.5) & (values < 5.3)).all()


def test_the_seed_decides():
    first, same, other = (
        [p["estimate"].printed.text for p in draw(figures(estimate=".2711"), seed=s)]
        for s in (1, 1, 2)
    )
    assert first == same
    assert first != other


@pytest.mark.parametrize(
    ("text", "units", "expected"), [(".27", 2, 0.29), ("-1.0", -1, -1.1), ("62%", 1, 0.63)]
)
def test_moved_by_units_of_the_last_digit(text, units, expected):
    name = "I2" if "%" in text else "estimate"
    figure = figures(**{name: text})[name]
    assert float(moved(figure, units).printed.value) == pytest.approx(expected, abs=1e-15)
    assert moved(figure, units).printed.percent == figure.printed.percent


def test_a_bound_does_not_move():
    figure = figures(p="<.05")["p_value"]
    assert moved(figure, 3) is figure


def test_printed_strictly_and_loosely():
    figure = figures(estimate=".27")["estimate"]
    strict, loose = prints(figure, np.array([0.265, 0.275, 0.2799, 0.2601, 0.2599, np.nan]))
    assert strict.tolist() == [True, False, False, False, False, False]
    assert loose.tolist() == [True, True, True, True, False, False]


@pytest.mark.parametrize(
    ("back", "base", "given", "low", "high"),
    [
        ("exp", (2.0, 0.9, 5.0), {"estimate": "1.10", "ci": ("0.20", "6.10")}, 0.0, np.inf),
        ("tanh", (0.80, 0.60, 0.95), {"estimate": ".90", "ci": (".70", ".98")}, -1.0, 1.0),
    ],
)
def test_placebos_are_numbers_that_an_analysis_can_give(back, base, given, low, high):
    """A negative ratio can never be explained: such placebos would make any slip look rare."""
    names = ("estimate", "ci_low", "ci_high")
    given = dict(zip(names, base, strict=True)), figures(**given)
    drawn = placebo_figures(given[1], given[0], 300, 1, back)
    values = np.array([[float(p[n].printed.value) for n in names] for p in drawn])
    assert ((values >= low) & (values <= high)).all()
    assert (values[:, 1] <= values[:, 0]).all()
    assert (values < base).any()
    assert (values > base).any()
    plain = placebo_figures(given[1], given[0], 300, 1)
    outside = [float(p[n].printed.value) for p in plain for n in names]
    assert min(outside) < low or max(outside) > high
