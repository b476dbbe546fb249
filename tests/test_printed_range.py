"""Ranges of any function: no image outside the bounds, no range narrower than what is found."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metarel._printed_range import printed_range
from metarel.errors import InputError
from metarel.printed import Printed

#: Functions with a known range over [low, high) of each number: monotone in each of them.
MONOTONE = {
    "share": (lambda a, b: a / (a + b), ("12", "30")),
    "t to d": (lambda t, n, m: t * np.sqrt(1 / n + 1 / m), ("-2.1", "14", "16")),
    "pooled": (lambda a, b, n, m: np.sqrt((n * a * a + m * b * b) / (n + m)), ("2", "3", "8", "9")),
    "across zero": (lambda a, b: a * b, (".0", ".00")),
    "python only": (lambda a, b: math.log(a) - math.log(b), ("3.1", ".28")),
}
#: Functions that turn round inside: the function, what was printed, the true ends.
TURNING = {
    "parabola": (lambda p: p * (1 - p), (".5",), 0.2475, 0.25),
    "python": (lambda p: math.sin(p), ("2",), math.sin(2.5), 1.0),
    "saddle": (lambda x, y: (x - 1) ** 2 - (y - 1) ** 2, ("1.0", "1.0"), -0.0025, 0.0025),
    "valley": (lambda x, y: (x - y) ** 2, ("1.0", "1.02"), 0.0, 0.075**2),
    "waves": (lambda x, y: np.sin(40 * x) * np.cos(40 * y), ("0.3", "0.7"), -math.sin(14), 1.0),
    "ridge": (lambda x, y: -np.abs(x + y - 2), ("1.0", "1.0"), -0.1, 0.0),
}


@pytest.mark.parametrize("name", MONOTONE)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_bounds_hold_every_image(name: str, data: st.DataObject) -> None:
    function, texts = MONOTONE[name]
    inputs = [Printed(text) for text in texts]
    found = printed_range(function, *inputs)
    assert found.by == "bounds"
    x = [data.draw(st.floats(p.low, p.high)) for p in inputs]
    assert found.low - 1e-12 <= function(*x) <= found.high + 1e-12


@pytest.mark.parametrize("name", MONOTONE)
def test_bounds_are_corners(name: str) -> None:
    function, texts = MONOTONE[name]
    inputs = [Printed(text) for text in texts]
    found = printed_range(function, *inputs)
    corners = [float(function(*x)) for x in itertools.product(*((p.low, p.high) for p in inputs))]
    assert found.low == pytest.approx(min(corners), rel=1e-14)
    assert found.high == pytest.approx(max(corners), rel=1e-14)


@pytest.mark.parametrize("name", TURNING)
def test_search_finds_ends_inside(name: str) -> None:
    function, texts, low, high = TURNING[name]
    found = printed_range(function, *map(Printed, texts))
    assert found.by == "search"
    assert low - 1e-12 <= found.low <= low + 1e-8
    assert high - 1e-8 <= found.high <= high + 1e-12


@pytest.mark.parametrize("name", TURNING)
def test_no_sample_lies_outside_of_what_is_found(name: str) -> None:
    function, texts, _, _ = TURNING[name]
    inputs = [Printed(text) for text in texts]
    found = printed_range(function, *inputs)
    rng = np.random.default_rng(5)
    samples = rng.uniform([p.low for p in inputs], [p.high for p in inputs], (2000, len(inputs)))
    images = np.array([float(function(*x)) for x in samples.tolist()])
    assert found.low <= images.min() + 1e-8
    assert images.max() - 1e-8 <= found.high


def test_arrays_and_numbers_give_the_same() -> None:
    for function, texts in MONOTONE.values():
        inputs = [Printed(text) for text in texts]
        assert printed_range(function, *inputs) == printed_range(
            function, *inputs, vectorised=False
        )


def test_functions_that_only_seem_to_take_arrays() -> None:
    """One that mixes its rows, and one that returns something of another length."""
    x = Printed("2.0")
    for function in (lambda a: a - np.mean(a), lambda a: np.append(a, a)[0] * 2.0, np.max):
        found = printed_range(function, x)
        by_one = printed_range(function, x, vectorised=False)
        assert found == by_one


def test_open_and_closed_ends() -> None:
    assert str(printed_range(lambda x: -x, Printed(".28"))) == "(-0.285, -0.275]"
    assert str(printed_range(lambda x, y: x + y, Printed(".28"), 1)) == "[1.275, 1.285)"
    assert str(printed_range(lambda x, y: x - y, Printed("2"), Printed("1"))) == "(0, 2)"
    assert str(printed_range(lambda x, y: x + 0 * y, Printed("2"), Printed("1"))) == "[1.5, 2.5)"
    assert str(printed_range(lambda p: p * (1 - p), Printed(".5"))) == "[0.2475, 0.25]"
    assert str(printed_range(lambda p: p * (p - 1), Printed(".6"))) == "[-0.2475, -0.2275)"


@pytest.mark.parametrize(
    ("function", "text", "said"),
    [
        (lambda x: x / (1 + x), ">3", "(0.75, 1]"),
        (math.log, ">3", "(1.0986, ∞)"),
        (lambda x: 1 / x, ">3", "[0, 0.33333)"),
        (lambda x: x * x, ">=3", "[9, ∞)"),
        (lambda x: -math.exp(-x), ">0", "(-1, 0]"),
        (lambda p: -math.log(p), "n.s.", "[0, 2.9957)"),
        (lambda x: x**3, "<-2", "(-∞, -8)"),
    ],
)
def test_bounds_without_end(function, text: str, said: str) -> None:
    found = printed_range(function, Printed(text))
    low, high = said.strip("[]()").split(", ")
    assert str(found).strip("[]()") == f"{low}, {high}"
    assert found.by == "bounds"


def test_growing_without_bound() -> None:
    pole = printed_range(lambda x: 1 / x, Printed("0.0"))
    assert (pole.low, pole.high, pole.by) == (-math.inf, math.inf, "search")
    one = Printed("1.00").within(-1, 1)
    towards_one = printed_range(lambda r: r / math.sqrt(1 - r * r), one)
    assert (towards_one.high, towards_one.high_closed) == (math.inf, False)
    assert towards_one.low == 0.995 / math.sqrt(1 - 0.995**2)
    assert towards_one.undefined
    assert printed_range(math.atanh, one).high == math.inf
    assert printed_range(lambda r: math.sqrt(1 - r * r) / (r < 1), one).low == pytest.approx(
        0, abs=1e-4
    )
    logarithm = printed_range(lambda p: -math.log(p), Printed("<.05").within(0, 1))
    assert str(logarithm) == "(2.9957, ∞)"


def test_places_without_a_value_are_said() -> None:
    found = printed_range(lambda x, y: math.sqrt(x - y), Printed("1.0"), Printed("1.0"))
    assert found.undefined
    assert found.by == "search"
    assert found.high == pytest.approx(math.sqrt(0.1), rel=1e-9)
    assert 0 <= found.low < 1e-5
    assert not printed_range(lambda x: x, Printed("1.0")).undefined


def test_many_numbers_are_searched() -> None:
    found = printed_range(lambda *x: sum(x[:-1]) - x[-1], *[Printed("1.0")] * 7)
    assert found.by == "search"
    assert (found.low, found.high) == pytest.approx((4.65, 5.35), rel=1e-14)
    dozen = printed_range(lambda *x: sum(x), *[Printed("1.0")] * 12)
    assert (dozen.low, dozen.high) == pytest.approx((11.4, 12.6), rel=1e-12)


def test_exact_numbers_alone() -> None:
    found = printed_range(lambda a, b: a / b, 113, 200)
    assert (found.low, found.high, found.low_closed) == (0.565, 0.565, True)


def test_what_has_no_range_is_refused() -> None:
    with pytest.raises(InputError, match="`function` must have a value somewhere"):
        printed_range(math.sqrt, Printed("-2"))
    with pytest.raises(InputError, match="`function` must have a value somewhere"):
        printed_range(math.sqrt, -2)
    with pytest.raises(InputError, match="`inputs` must hold at least one"):
        printed_range(math.sqrt)
    with pytest.raises(InputError, match=r"`inputs` must be numbers.*got '2'"):
        printed_range(math.sqrt, "2")


def test_a_pole_inside_leaves_no_end() -> None:
    """1/b with b about 0 has no bound on either side."""
    found = printed_range(lambda a, b: a / b, Printed("1"), Printed("0.0"))
    assert (found.low, found.high) == (-math.inf, math.inf)
