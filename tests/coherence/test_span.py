"""What a printed number stands for, and what a formula makes of a box of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import metarel as mr
from metarel.coherence._span import Span, image, loose_span, strict_span


def test_spans_of_printed_numbers() -> None:
    assert strict_span(mr.Printed(".28")) == Span(0.275, 0.285)
    assert loose_span(mr.Printed(".28")) == Span(0.27, 0.29)
    assert loose_span(mr.Printed("<.05")) == Span(-math.inf, 0.05)
    assert Span(-2, 1).absolute() == Span(0, 2)
    assert Span(-3, -2).absolute() == Span(2, 3)
    assert Span(0, 1).clipped(2, 3) is None


def test_ends_that_meet_but_for_the_last_bits_touch() -> None:
    assert Span(0, 0.1 + 0.2).touches(Span(0.3, 1))
    assert Span(0, 0.3).touches(Span(0.1 + 0.2, 1))
    assert not Span(0, 0.3).touches(Span(0.3001, 1))


@given(st.floats(0.01, 0.9), st.floats(0.001, 0.05), st.floats(1, 9), st.floats(0.01, 0.5))
def test_image_holds_every_value(r: float, wide: float, n: float, more: float) -> None:
    box = {"r": Span(r, r + wide), "n": Span(n, n + more)}
    found = image(lambda x: x["r"] * np.sqrt(x["n"]), box)
    assert found is not None
    assert found.span.low == pytest.approx(r * math.sqrt(n), rel=1e-12)
    assert found.span.high == pytest.approx((r + wide) * math.sqrt(n + more), rel=1e-12)


def test_share_of_the_interval() -> None:
    """d = .57 takes 13 % of what is printed as r = .28, and no d takes more than 44 %."""
    found = image(lambda x: 2 * x["r"] / np.sqrt(1 - x["r"] ** 2), {"r": Span(0.275, 0.285)},
                  sample=True)  # fmt: skip
    assert found is not None
    assert found.share(Span(0.565, 0.575)) == pytest.approx(0.131, abs=0.005)
    assert found.best_share(0.01) == pytest.approx(0.443, abs=0.01)


def test_no_value_no_image() -> None:
    assert image(lambda x: np.sqrt(x["v"]), {"v": Span(-2, -1)}) is None
    assert image(lambda x: x, {}) is None
