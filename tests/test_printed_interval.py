"""Printed decimals stand for exactly the numbers that their rounding rule prints so."""

from __future__ import annotations

import decimal
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarel._printed_interval import decimal_interval, printed_decimal
from metarel.errors import InputError

PYTHON_NAMES = {
    "half-up": decimal.ROUND_HALF_UP,
    "half-even": decimal.ROUND_HALF_EVEN,
    "half-down": decimal.ROUND_HALF_DOWN,
    "truncate": decimal.ROUND_DOWN,
    "floor": decimal.ROUND_FLOOR,
    "ceiling": decimal.ROUND_CEILING,
}


@pytest.mark.parametrize(
    ("text", "rounding", "expected"),
    [
        (".28", "half-up", (0.275, 0.285, True, False)),
        ("0.28", "half-up", (0.275, 0.285, True, False)),
        ("-.28", "half-up", (-0.285, -0.275, False, True)),
        ("−0.28", "half-up", (-0.285, -0.275, False, True)),
        ("1,192", "half-up", (1191.5, 1192.5, True, False)),
        ("0.280", "half-up", (0.2795, 0.2805, True, False)),
        (".28", "half-even", (0.275, 0.285, True, True)),
        (".27", "half-even", (0.265, 0.275, False, False)),
        (".28", "half-down", (0.275, 0.285, False, True)),
        (".28", "truncate", (0.28, 0.29, True, False)),
        ("-.28", "truncate", (-0.29, -0.28, False, True)),
        ("-.28", "floor", (-0.28, -0.27, True, False)),
        (".28", "ceiling", (0.27, 0.28, False, True)),
        (".28", "any", (0.27, 0.29, False, False)),
        (".00", "half-up", (-0.005, 0.005, False, False)),
        (".00", "truncate", (-0.01, 0.01, False, False)),
        ("-.00", "half-up", (-0.005, 0.0, False, True)),
        ("1.2e-3", "half-up", (0.00115, 0.00125, True, False)),
        (" +2 ", "half-up", (1.5, 2.5, True, False)),
    ],
)
def test_ends(text: str, rounding: str, expected: tuple[float, float, bool, bool]) -> None:
    assert decimal_interval(text, rounding) == expected


@given(
    st.integers(-99, 99),
    st.sampled_from(sorted(PYTHON_NAMES)),
    st.integers(-20, 20),
)
def test_a_number_lies_inside_exactly_when_it_is_printed_so(
    hundredths: int, rounding: str, steps: int
) -> None:
    """Walk across both ends in tenths of a digit and let the decimal module print each number."""
    printed = Decimal(hundredths).scaleb(-2)
    number = printed + Decimal(steps).scaleb(-3)
    low, high, low_closed, high_closed = decimal_interval(str(printed), rounding)
    value = float(number)
    inside = low < value < high or (low_closed and value == low) or (high_closed and value == high)
    assert inside == (number.quantize(Decimal("0.01"), PYTHON_NAMES[rounding]) == printed)


@pytest.mark.parametrize(
    "text", ["", ".", "-", "1,19", ",28", "0,28", "0,575", "01,575", "abc", "1.2.3", "<.05", 0.28]
)
def test_what_is_not_a_printed_number_is_refused(text: object) -> None:
    with pytest.raises(InputError, match="`text` must be a number as printed, such as"):
        printed_decimal(text)  # type: ignore[arg-type]


def test_unknown_rounding_is_refused() -> None:
    with pytest.raises(InputError, match=r"`rounding` must be one of .* Did you mean 'half-up'"):
        decimal_interval(".28", "half-upp")
