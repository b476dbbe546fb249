"""Every printed result of a printed number, with the part of its interval that gives it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarel.errors import InputError
from metarel.repro.possible import outcome, part_dict, possible_results
from metarel.repro.printed import Printed, Share


def r_to_d(r: float) -> float:
    return 2 * r / math.sqrt(1 - r * r)


def test_the_corner_in_which_d_is_57() -> None:
    found = possible_results(Printed(".28"), r_to_d)
    assert [text.text for text, _ in found.results] == [".57", ".58", ".59"]
    assert (found.low, found.high) == (r_to_d(0.275), r_to_d(0.285))
    assert found.lines("r", "d")[:2] == [
        "r = .28 is printed for r in [0.2750, 0.2850), so d lies between 0.5721 and 0.5947.",
        "d = .57 is possible only for r in [0.2750, 0.2763): 13 % of that interval",
    ]
    assert found.to_dict()["results"][0]["share"] == pytest.approx(0.130742, abs=1e-6)


@given(hundredths=st.integers(-97, 97))
def test_shares_add_up_to_one_whatever_the_number(hundredths: int) -> None:
    printed = Printed(f"{hundredths / 100:.2f}")
    found = possible_results(printed, r_to_d)
    if found.results:
        assert math.fsum(part.share for _, part in found.results) == pytest.approx(1, abs=1e-9)
        middle = r_to_d(float(printed.value or 0))
        assert any(text.contains(middle) for text, _ in found.results)
    else:
        assert found.high - found.low > 0.12


def test_digits_follow_the_number_and_percentages_are_fractions() -> None:
    assert [t.text for t, _ in possible_results(Printed("0.280"), r_to_d).results] == [
        "0.582",
        "0.583",
        "0.584",
    ]
    lines = possible_results(Printed("28%"), r_to_d).lines("r", "d")
    assert lines[0].startswith("r = 28% is printed for r in [0.2750, 0.2850), so d")


def test_a_negative_number_written_without_zero_keeps_its_form() -> None:
    found = possible_results(Printed("-.28"), r_to_d)
    assert [text.text for text, _ in found.results] == ["-.59", "-.58", "-.57"]


def test_outcomes_in_words() -> None:
    nothing = Share(math.nan, math.nan, False, False, 0.0)
    everything = Share(0.275, 0.285, True, False, 1.0)
    assert outcome("d", Printed(".61"), "r", nothing, 4) == "d = .61 is not possible"
    assert outcome("z", Printed(".29"), "r", everything, 4) == (
        "z = .29 is what every such r gives"
    )
    assert part_dict(nothing) == {"low": None, "high": None, "share": 0.0}


def test_bounds_and_ends_without_a_result_are_refused() -> None:
    with pytest.raises(InputError, match="is a bound"):
        possible_results(Printed("<.05"), r_to_d)
    with pytest.raises(InputError, match=r"Not every number printed as '1\.00'"):
        possible_results(Printed("1.00"), lambda r: math.inf if r >= 1 else r_to_d(r))
