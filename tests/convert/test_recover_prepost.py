"""Pre–post correlations: raw pairs exactly, the Handbook's examples, contradictions refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import metarel as mr
from metarel.convert.recover_prepost import r_from_paired_t, r_from_sd_change, sd_change
from metarel.errors import InputError
from metarel.printed import Printed

RNG = np.random.default_rng(8)
BEFORE = RNG.normal(50, 9, 31)
AFTER = 0.7 * BEFORE + RNG.normal(20, 6, 31)
SPREADS = {"sd1": BEFORE.std(ddof=1), "sd2": AFTER.std(ddof=1)}
RAW_R = float(np.corrcoef(BEFORE, AFTER)[0, 1])


def test_every_way_gives_the_correlation_of_raw_pairs() -> None:
    changes, test = AFTER - BEFORE, stats.ttest_rel(AFTER, BEFORE)
    tested = {"difference": changes.mean(), "n": 31}
    for way in (
        {"sd_of_change": changes.std(ddof=1)},
        {"se_of_change": stats.sem(changes), "n": 31},
        {"t": -test.statistic, **tested},
        {"p": test.pvalue, **tested},
    ):
        assert mr.prepost_correlation(**SPREADS, **way) == pytest.approx(RAW_R, rel=1e-11)


def test_r_to_sd_of_change_and_back() -> None:
    sd1, sd2 = np.array([2.0, 5.0, 7.0, 7.0]), np.array([3.0, 5.0, 0.5, 7.0])
    r = np.array([-0.4, 0.0, 0.93, 1 - 1e-12])
    spread = sd_change(sd1, sd2, r)
    np.testing.assert_allclose(r_from_sd_change(sd1, sd2, spread), r, rtol=1e-14, atol=1e-15)
    assert spread[-1] == pytest.approx(7 * np.sqrt(2e-12), rel=1e-4)  # no cancellation near 1


def test_crossover_example_of_the_handbook() -> None:
    """SDs 2.38 and 2.21 of 10 people: SE 0.632 from an SD of 2, 0.583 from r = 0.68."""
    assert Printed("0.632").contains(2 / np.sqrt(10))
    assert Printed("0.583").contains(float(sd_change(2.38, 2.21, 0.68)) / np.sqrt(10))


def test_sd_of_change_by_hand() -> None:
    """(40.96 + 50.41 − 20.25)/90.88 and (49 + 47.61 − 17.64)/96.6."""
    for numbers, printed in (((6.4, 7.1, 4.5), "0.78"), ((7.0, 6.9, 4.2), "0.82")):
        assert Printed(printed).contains(float(r_from_sd_change(*numbers)))


def test_paired_t_by_the_printed_formula() -> None:
    """(s1² + s2² − n D²/t²)/(2 s1 s2), every step by hand."""
    by_hand = (100 + 144 - 25 * 25 / 9.61) / 240
    assert r_from_paired_t(10, 12, 5, 3.1, 25) == pytest.approx(by_hand, rel=1e-14)


def test_a_row_takes_the_first_complete_way() -> None:
    data = pd.DataFrame(
        {
            "a": [10.0, 10.0, 10.0],
            "b": [12.0, 12.0, 12.0],
            "change": [8.0, np.nan, np.nan],
            "d": 5.0,
            "t": [99.0, 3.1, np.nan],
            "n": 25,
        }
    )
    found = mr.prepost_correlation(
        data, sd1="a", sd2="b", sd_of_change="change", difference="d", t="t", n="n"
    )
    np.testing.assert_allclose(found[:2], [0.75, (244 - 625 / 9.61) / 240], rtol=1e-14)
    assert np.isnan(found[2])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "Beside `sd1` and `sd2` one of these must be given: `sd_of_change`; or"),
        ({"t": 2.0, "n": 9}, "one of these must be given"),
        ({"sd_of_change": 8, "t": 2}, "`t` cannot be used alone"),
        ({"sd_of_change": 30}, "must lie between .* row 0 would have a correlation of -2.733"),
        ({"se_of_change": 0.2, "n": 25}, "Is an SE given as an SD"),
        ({"p": 1.5, "difference": 1, "n": 9}, r"`p` must be a number in \[0, 1\]"),
        ({"sd_of_change": -1}, "`sd_of_change` must be zero or positive"),
        ({"t": 2, "difference": 1, "n": 1}, "`n` must be a number of at least 2"),
    ],
)
def test_refusals(arguments: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        mr.prepost_correlation(sd1=10, sd2=12, **arguments)


def test_perfect_correlations_stand() -> None:
    assert mr.prepost_correlation(sd1=0.3, sd2=0.1, sd_of_change=0.3 - 0.1) == pytest.approx(1)
    assert mr.prepost_correlation(sd1=0.3, sd2=0.1, sd_of_change=0.4) == pytest.approx(-1)


def test_both_spreads_must_be_given():
    with pytest.raises(InputError, match="`sd1`, `sd2` must be given; got None"):
        mr.prepost_correlation(sd1=None, sd2=None, sd_of_change=2.0)
