"""Numbers as a figure prints them."""

from __future__ import annotations

import math

from metarel._format import fixed

MOST_DECIMALS = 5  # before the first figure of a small number


def number(value: float, digits: int) -> str:
    """Return a number with a true minus sign; from six figures on as a power of ten."""
    text = f"{value:.1e}" if 1e5 <= abs(value) < math.inf else fixed(value, digits)
    return text.replace("-", "−")


def small(value: float, digits: int) -> str:
    """Return a number that may be small, with more decimals where those would show none."""
    if value == 0:
        return "0"
    first = -math.floor(math.log10(abs(value)))
    if first > MOST_DECIMALS:
        return f"{value:.1e}".replace("-", "−")
    return number(value, first + 1 if first > digits else digits)
