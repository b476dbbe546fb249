"""A printed number stands for the numbers that print so: no more, no fewer."""

from __future__ import annotations

import dataclasses
import math
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import metarel as mr
from metarel.errors import InputError
from metarel.printed import Printed

PYTHON_RULES = {
    "half-up": ROUND_HALF_UP,
    "half-even": ROUND_HALF_EVEN,
    "truncate": ROUND_DOWN,
    "ceiling": ROUND_CEILING,
}


def r_to_d(r: float) -> float:
    return 2 * r / math.sqrt(1 - r * r)


@pytest.mark.parametrize(
    ("text", "low", "high", "low_closed", "high_closed"),
    [
        (".28", 0.275, 0.285, True, False),
        ("0.28", 0.275, 0.285, True, False),
        ("0.280", 0.2795, 0.2805, True, False),
        ("-.31", -0.315, -0.305, False, True),
        ("−0.31", -0.315, -0.305, False, True),
        ("1,192", 1191.5, 1192.5, True, False),
        ("62%", 0.615, 0.625, True, False),
        ("64.19 %", 0.64185, 0.64195, True, False),
        ("= .003", 0.0025, 0.0035, True, False),
        ("<.05", -math.inf, 0.05, False, False),
        ("≤ .05", -math.inf, 0.05, False, True),
        ("<= .05", -math.inf, 0.05, False, True),
        (">.10", 0.10, math.inf, False, False),
        (">= 5%", 0.05, math.inf, True, False),
        ("n.s.", 0.05, 1.0, False, True),
        ("NS", 0.05, 1.0, False, True),
    ],
)
def test_intervals(text: str, low: float, high: float, low_closed: bool, high_closed: bool) -> None:
    printed = Printed(text)
    assert (printed.low, printed.high) == (low, high)
    assert (printed.low_closed, printed.high_closed) == (low_closed, high_closed)


def test_digits_and_unit_are_kept() -> None:
    assert [Printed(t).digits for t in (".28", "0.280", "863", "62%", "64.19%")] == [2, 3, 0, 0, 2]
    assert Printed("0.280").value == Decimal("0.280")
    assert Printed("64.19%").unit == Decimal("0.0001")
    assert Printed("n.s.").value is None
    assert Printed("62%").percent
    assert str(Printed("-.30")) == "-.30"


def test_the_level_behind_not_significant_is_stated() -> None:
    assert Printed("n.s.", level=0.9).low == 0.1
    assert repr(Printed("n.s.")) == "Printed('n.s.' stands for (0.05, 1])"
    with pytest.raises(InputError, match=r"Write 0\.95 for 95"):
        Printed("n.s.", level=95)


@pytest.mark.parametrize("rounding", PYTHON_RULES)
@given(x=st.floats(-1e4, 1e4), digits=st.integers(0, 6))
def test_every_float_lies_in_the_interval_of_its_text(rounding: str, x: float, digits: int) -> None:
    unit = Decimal(1).scaleb(-digits)
    text = str(Decimal(repr(x)).quantize(unit, PYTHON_RULES[rounding]))
    assert Printed(text, rounding).contains(x)
    assert Printed(text, rounding).distance(x) == 0
    assert Printed(text).reading(x) is not None


@given(x=st.floats(-1e4, 1e4), digits=st.integers(0, 6))
def test_pythons_own_printing_is_read_back(x: float, digits: int) -> None:
    """Binary ties may fall either way; "any" holds them all."""
    assert Printed(f"{x:.{digits}f}", "any").contains(x)


@given(x=st.floats(-0.99, 0.99), digits=st.integers(1, 4))
def test_a_percentage_is_its_fraction(x: float, digits: int) -> None:
    text = f"{100 * x:.{digits}f}"
    percent, number = Printed(text + "%"), Printed(text)
    assert percent.low == pytest.approx(number.low / 100, rel=1e-14, abs=0)
    assert percent.high == pytest.approx(number.high / 100, rel=1e-14, abs=0)


@pytest.mark.parametrize(
    ("text", "x", "word"),
    [
        (".28", 0.2849, "half-up"),
        (".28", 0.285, "half-even"),
        ("0.0039", 0.00398748468, "truncated"),
        ("-0.6304", -0.630323772, "floor"),
        ("0.6304", 0.630323772, "ceiling"),
        (".57", 0.5833, None),
        ("<.05", 0.049, "half-up"),
        ("<.05", 0.051, None),
    ],
)
def test_reading_names_the_rule(text: str, x: float, word: str | None) -> None:
    assert Printed(text).reading(x) == word


def test_contains_takes_arrays_and_refuses_nan() -> None:
    inside = Printed(".28").contains(np.array([0.2749, 0.275, 0.285, math.nan]))
    assert np.array_equal(inside, [False, True, False, False])
    assert Printed(".28").contains(math.nan) is False


def test_distance_is_zero_inside_and_counts_last_digits_outside() -> None:
    assert Printed(".57").distance(0.5749) == 0
    assert Printed(".57").distance(0.5833) == pytest.approx(0.0083)
    assert Printed(".57").distance(0.5833, in_units=True) == pytest.approx(0.83)
    assert Printed("62%").distance(0.605, in_units=True) == pytest.approx(1.0)
    assert math.isnan(Printed(".57").distance(math.nan))
    with pytest.raises(InputError, match="it has no last digit"):
        Printed("n.s.").distance(0.01, in_units=True)


def test_the_corner_of_r_28_in_which_d_is_printed_57() -> None:
    part = Printed(".28").share(r_to_d, Printed(".57"))
    assert part.low == 0.275
    assert part.high == pytest.approx(0.575 / math.sqrt(4 + 0.575**2), rel=1e-14)
    assert f"[{part.low:.4f}, {part.high:.4f})" == "[0.2750, 0.2763)"
    assert (part.low_closed, part.high_closed) == (True, False)
    assert round(100 * part.share) == 13
    assert str(part) == "[0.275, 0.27631) (13 %)"


def test_shares_of_all_possible_images_add_up_to_one() -> None:
    shares = [Printed(".28").share(r_to_d, Printed(t)).share for t in (".57", ".58", ".59")]
    assert sum(shares) == pytest.approx(1, abs=1e-12)
    for outside in (".56", ".60"):
        nothing = Printed(".28").share(r_to_d, Printed(outside))
        assert nothing.share == 0
        assert math.isnan(nothing.low)
        assert str(nothing) == "nothing (0 %)"


@given(r=st.integers(-98, 98))
def test_a_falling_function_gives_the_same_part(r: int) -> None:
    printed = Printed(f"{r / 100:.2f}")
    image = f"{r_to_d(r / 100):.2f}"
    mirrored = image[1:] if image.startswith("-") else f"-{image}"
    if float(image) == 0:
        return
    rising = printed.share(r_to_d, Printed(image))
    falling = printed.share(lambda x: -r_to_d(x), Printed(mirrored))
    assert falling == rising
    assert 0 < rising.share <= 1


def test_a_bound_bounds_the_image() -> None:
    part = Printed(".28").share(r_to_d, Printed("<.58"))
    assert (part.low, part.low_closed, part.high_closed) == (0.275, True, False)
    assert r_to_d(part.high) == pytest.approx(0.58)


def test_what_cannot_be_shared_is_refused() -> None:
    with pytest.raises(InputError, match="is a bound"):
        Printed("<.05").share(r_to_d, Printed(".57"))
    with pytest.raises(InputError, match="`function` must be strictly rising or falling"):
        Printed("0.00").share(abs, Printed("0.00"))


def test_printed_is_frozen_hashable_and_exported() -> None:
    printed = Printed(".28")
    assert mr.Printed is Printed
    assert len({printed, Printed(".28"), Printed(".28", "any"), Printed("0.28")}) == 3
    with pytest.raises(dataclasses.FrozenInstanceError):
        printed.low = 0.0  # type: ignore[misc]


@pytest.mark.parametrize("text", [0.28, None, Decimal("0.28")])
def test_numbers_must_come_as_text(text: object) -> None:
    with pytest.raises(InputError, match="in quotes, so that its digits are kept"):
        Printed(text)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "abc", "<", "about 50%", "0,28", ".28 to .31"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="`text` must be a number as printed"):
        Printed(text)


def test_unknown_rounding_is_refused() -> None:
    with pytest.raises(InputError, match="Did you mean 'truncate'"):
        Printed(".28", "truncat")


@pytest.mark.parametrize("text", ["1e999999999", "1e99999999999999999999", "1e-400", "9" * 400])
def test_numbers_beyond_doubles_are_refused(text: str) -> None:
    """No page prints them, and their interval would be empty."""
    with pytest.raises(InputError, match="`text` must have at most 300 digits"):
        Printed(text)
