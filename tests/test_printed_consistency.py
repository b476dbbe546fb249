"""A printed number held against a function of others."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarel._printed_consistency import CORNER, VERDICTS, consistent, judge_range
from metarel.errors import InputError
from metarel.printed import Printed


def r_to_d(r: float) -> float:
    return 2 * r / math.sqrt(1 - r * r)


def ratio(a: float, b: float) -> float:
    return a / b


def test_the_printed_pair() -> None:
    found = consistent(r_to_d, [Printed(".28")], Printed(".57"))
    assert found.verdict == "only in a corner"
    assert found.possible
    assert found.share == pytest.approx(0.1307, abs=5e-5)
    assert found.filled == pytest.approx((0.575 - r_to_d(0.275)) / 0.01, rel=1e-9)
    assert (found.rounding, found.by, found.units) == ("half-up", "bounds", 0)


@pytest.mark.parametrize(
    ("function", "inputs", "output", "verdict", "rounding"),
    [
        (r_to_d, [".28"], ".58", "compatible", "half-up"),
        (r_to_d, [".28"], ".583", "compatible", "half-up"),  # finer than .28, so no corner
        (r_to_d, [".28"], ".60", "compatible", "truncated throughout"),
        (r_to_d, [".28"], ".61", "impossible", ""),
        (ratio, [113, 200], ".57", "compatible", "half-up"),
        (ratio, [113, 200], ".56", "compatible", "half-even"),
        (ratio, [2, 3], ".66", "compatible", "truncated"),
        (ratio, [2, 3], ".65", "impossible", ""),
        (lambda p: 1 - p, ["<.05"], ">.95", "compatible", "half-up"),
        (lambda p: 1 - p, ["<.05"], "<.95", "impossible", ""),
        (lambda p: p, ["n.s."], "<.05", "impossible", ""),
        (lambda z: math.erfc(abs(z) / math.sqrt(2)), ["1.96"], ".05", "compatible", "half-up"),
        (math.sqrt, [-1], "1", "undefined", ""),
    ],
)
def test_verdicts(function, inputs, output: str, verdict: str, rounding: str) -> None:
    given = [Printed(x) if isinstance(x, str) else x for x in inputs]
    found = consistent(function, given, Printed(output))
    assert (found.verdict, found.rounding) == (verdict, rounding)
    assert found.verdict in VERDICTS


def test_distance_in_units_of_the_last_digit() -> None:
    found = consistent(r_to_d, [Printed(".28")], Printed(".62"))
    assert found.units == pytest.approx((0.615 - r_to_d(0.285)) / 0.01)
    assert f"{found.units:.3g} units of the last digit away" in str(found)
    assert consistent(ratio, [1, 2], 0.6).verdict == "impossible"
    assert math.isnan(consistent(ratio, [1, 2], 0.6).units)


@given(r=st.floats(-0.98, 0.98), digits=st.integers(1, 4))
def test_numbers_rounded_from_one_truth_are_always_possible(r: float, digits: int) -> None:
    a, b = Printed(f"{r:.2f}", "half-even"), Printed(f"{r_to_d(r):.{digits}f}", "half-even")
    assert consistent(r_to_d, [a], b).possible


@given(a=st.floats(1, 50), b=st.floats(0.5, 9), da=st.integers(0, 2), digits=st.integers(0, 3))
def test_so_are_those_of_several_numbers(a: float, b: float, da: int, digits: int) -> None:
    inputs = [Printed(f"{a:.{da}f}"), Printed(f"{b:.1f}")]
    assert consistent(ratio, inputs, Printed(f"{a / b:.{digits}f}")).possible


@given(i=st.integers(0, 60), j=st.integers(0, 140))
def test_a_corner_is_what_the_constant_says(i: int, j: int) -> None:
    found = consistent(r_to_d, [Printed(f"{i / 100:.2f}")], Printed(f"{j / 100:.2f}"))
    if found.rounding != "half-up":
        return
    if found.possible:
        corner = max(found.share, found.filled) < CORNER
        assert (found.verdict == "only in a corner") == corner


def test_the_share_of_a_falling_function() -> None:
    """Counted on a fine grid."""
    found = consistent(lambda x: 1 / x, [Printed("2.1")], Printed(".48"))
    grid = np.linspace(2.05, 2.15, 200_001)
    assert found.share == pytest.approx(np.mean(Printed(".48").contains(1 / grid)), abs=2e-5)


def test_records_are_plain() -> None:
    found = consistent(lambda p: 1 - p, [Printed("<.05")], Printed(">.95"))
    assert json.loads(json.dumps(found.to_dict()))["high"] is None
    assert str(consistent(math.sqrt, [-1], 1)) == "undefined: the numbers have no result"
    assert judge_range(Printed(".28") * 2, Printed(".56")).verdict == "compatible"


def test_inputs_must_be_numbers() -> None:
    with pytest.raises(InputError, match=r"`inputs` must be numbers.*got '\.28'"):
        consistent(r_to_d, [".28"], Printed(".57"))
    with pytest.raises(InputError, match="`inputs` must be numbers"):
        consistent(r_to_d, [Printed(".28")], ".57")
