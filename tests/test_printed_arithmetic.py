"""Ranges of sums, products and powers: every image lies inside, and the ends are approached."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarel._printed_arithmetic import ComputedRange, as_range
from metarel.errors import InputError
from metarel.printed import Printed

OPERATIONS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}
#: Far enough inside an open end for the end to be told from it, near enough to approach it.
NEAR = 1e-9

printed = st.builds(
    lambda whole, digits, rounding: Printed(f"{whole / 10**digits:.{digits}f}", rounding),
    st.integers(-2000, 2000),
    st.integers(0, 3),
    st.sampled_from(["half-up", "half-even", "truncate", "floor", "any"]),
)
share = st.floats(0, 1)


def inside(x: Printed, at: float) -> float:
    """Return a number that is printed as x, some share of the way from its low to its high end."""
    low = x.low if x.low_closed else x.low + NEAR * (x.high - x.low)
    high = x.high if x.high_closed else x.high - NEAR * (x.high - x.low)
    return min(max(low + at * (high - low), low), high)


def almost_contains(found: ComputedRange, x: float) -> bool:
    """Tell whether a number is in a range, but for the rounding of the last operation."""
    slack = 1e-12 * max(1.0, abs(x))
    return found.low - slack <= x <= found.high + slack


@pytest.mark.parametrize("sign", ["+", "-", "*", "/"])
@given(a=printed, b=printed, at=share, bt=share)
def test_every_image_lies_in_the_range(
    sign: str, a: Printed, b: Printed, at: float, bt: float
) -> None:
    x, y = inside(a, at), inside(b, bt)
    if sign == "/" and abs(y) < 1e-6:
        return
    assert almost_contains(OPERATIONS[sign](a, b), OPERATIONS[sign](x, y))


@given(a=printed, power=st.sampled_from([-3, -2, -1, 0, 1, 2, 3, 4]), at=share)
def test_whole_powers(a: Printed, power: int, at: float) -> None:
    x = inside(a, at)
    if power < 0 and (abs(x) < 1e-6 or a.low == a.high == 0):
        return
    assert almost_contains(a**power, x**power) or abs(x**power) > 1e8


@given(a=printed, b=printed, at=share, bt=share)
def test_other_powers(a: Printed, b: Printed, at: float, bt: float) -> None:
    base, power = abs(a) + 0.5, b / 700
    x, y = abs(inside(a, at)) + 0.5, inside(b, bt) / 700
    assert almost_contains(base**power, x**y) or x**y > 1e8


@pytest.mark.parametrize("sign", ["+", "-", "*", "/"])
@given(a=printed, b=printed)
def test_the_ends_are_approached(sign: str, a: Printed, b: Printed) -> None:
    """Some corner, moved off open ends by next to nothing, comes next to each end."""
    if sign == "/" and b.low <= 0 <= b.high:
        return
    found = OPERATIONS[sign](a, b)
    corners = [OPERATIONS[sign](inside(a, s), inside(b, t)) for s in (0, 1) for t in (0, 1)]
    if sign == "*" and a.low < 0 < a.high:
        corners.append(0.0)
    assert min(corners) == pytest.approx(found.low, rel=1e-5, abs=1e-6)
    assert max(corners) == pytest.approx(found.high, rel=1e-5, abs=1e-6)


@given(a=printed, b=printed)
def test_laws(a: Printed, b: Printed) -> None:
    assert a + b == b + a
    assert a * b == b * a
    assert (-a).through(lambda x: -x) == as_range(a)
    assert abs(-a) == abs(a)
    assert a - b == -(b - a)
    assert (a + 0, a * 1, a**1) == (as_range(a),) * 3
    assert a.low_closed == (2 * a).low_closed == (-2 * a).high_closed


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Printed(".28") + Printed("-.31"), "(-0.04, -0.02)"),
        (Printed("1.0") * Printed("2.0"), "[1.8525, 2.1525)"),
        (2 * Printed(".28"), "[0.55, 0.57)"),
        (np.float64(2) * Printed(".28"), "[0.55, 0.57)"),
        (1 - Printed("<.05").within(0, 1), "(0.95, 1]"),
        (1 - Printed("n.s."), "[0, 0.95)"),
        (abs(Printed("-.00")), "[0, 0.005)"),
        (Printed("0.0") ** 2, "[0, 0.0025)"),
        (abs(Printed(".0")), "[0, 0.05)"),
        (1 / Printed(">2"), "(0, 0.5)"),
        (1 / Printed("0.0"), "(-∞, ∞)"),
        (1 / Printed("0", "floor"), "(1, ∞)"),
        (Printed("5") / Printed("0", "floor"), "(4.5, ∞)"),
        (Printed("<.05").within(0, 1) ** 0.5, "[0, 0.22361)"),
        (Printed(">10") ** 2, "(100, ∞)"),
        (Printed("2") ** Printed("3", "truncate"), "[3.375, 39.0625)"),
        (0 * Printed(">10"), "[0, 0]"),
        (+Printed("62%"), "[0.615, 0.625)"),
    ],
)
def test_worked_ranges(found: ComputedRange, said: str) -> None:
    assert str(found) == said


def test_a_number_that_occurs_twice_is_taken_as_two() -> None:
    x = Printed("1.0")
    assert str(x - x) == "(-0.1, 0.1)"
    assert (x / (x + 1)).width > 1.9 * x.through(lambda y: y / (y + 1)).width


@pytest.mark.parametrize(
    "function", [math.exp, math.atanh, lambda r: -r, lambda r: 2 * r / math.sqrt(1 - r * r)]
)
@given(a=st.integers(-80, 80).map(lambda i: Printed(f"{i / 100:.2f}")), at=share)
def test_through_a_monotone_function(
    function: Callable[[float], float], a: Printed, at: float
) -> None:
    found = a.through(function)
    assert found.contains(function(inside(a, at)))
    assert {found.low, found.high} == {function(a.low), function(a.high)}


def test_bounds_go_through_functions() -> None:
    assert str(Printed(">3").through(math.log)) == "(1.0986, ∞)"
    assert str(Printed("<-2").through(lambda x: x**3)) == "(-∞, -8)"
    assert str(Printed("<.05").within(0, 1).through(lambda p: 1 - p)) == "(0.95, 1]"


def test_what_cannot_be_computed_is_refused() -> None:
    with pytest.raises(InputError, match="divided by 0"):
        Printed(".5") / 0
    with pytest.raises(InputError, match="must not reach below 0"):
        Printed("0.0") ** 0.5
    with pytest.raises(InputError, match="would divide by 0"):
        abs(Printed("0.0")) ** -0.5
    with pytest.raises(InputError, match="`function` must be strictly rising or falling"):
        Printed(".0").through(lambda x: x * x)
    with pytest.raises(InputError, match="must leave some of"):
        Printed(".28").within(1, 2)
    with pytest.raises(InputError, match="`inputs` must be numbers"):
        Printed(".28") + math.nan
    with pytest.raises(TypeError, match="unsupported operand"):
        Printed(".28") + ".57"


def test_a_range_knows_what_it_holds() -> None:
    found = Printed(".28") + 1
    assert found.contains([1.2749, 1.275, 1.285]).tolist() == [False, True, False]
    assert found.overlaps(Printed("1.28"))
    assert found.overlaps(Printed("1.284"))
    assert not found.overlaps(Printed("1.29"))
    assert found.width == pytest.approx(0.01)
    assert found.text(3) == "[1.275, 1.285)"
    assert found.by == "bounds"
