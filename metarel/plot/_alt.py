"""Words for those who cannot see a figure: each plot leaves its own with its Axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from metarel._format import count
from metarel.plot._numerals import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel.plot._reading import Reading

_TEXTS: WeakKeyDictionary[Axes, str] = WeakKeyDictionary()


def say(ax: Axes, text: str) -> Axes:
    """Keep the words for a figure with its Axes, and return the Axes."""
    _TEXTS[ax] = " ".join(text.split())
    return ax


def said_of(ax: Axes) -> str:
    """Return the words kept with an Axes; empty where there are none."""
    return _TEXTS.get(ax, "")


def interval_words(estimate: float, low: float, high: float, level: float, digits: int = 2) -> str:
    """Write an estimate with its limits as it is read aloud."""
    return (
        f"{number(estimate, digits)} ({100 * level:g}% interval {number(low, digits)} to "
        f"{number(high, digits)})"
    )


def mean_words(fit: Any, reading: Reading, digits: int = 2) -> str:
    """Say the pooled mean and its interval, on the scale of print."""
    fitted = fit.predict().iloc[0]
    estimate, low, high = (
        float(reading.scale.to_axis(fitted[name])) for name in ("estimate", "ci_low", "ci_high")
    )
    return interval_words(estimate, low, high, fit.spec.level, digits)


def pooled_words(fit: Any, reading: Reading, digits: int = 2) -> str:
    """Say what a fit pooled: mean, interval, and where a new study is expected."""
    text = f"The pooled effect is {mean_words(fit, reading, digits)}"
    fitted = fit.predict().iloc[0]
    low, high = (float(reading.scale.to_axis(fitted[name])) for name in ("pi_low", "pi_high"))
    if fit.spec.tau2 != "EE" and fit.k > 1 and math.isfinite(low):
        text += (
            f"; a new study's effect is expected from {number(low, digits)} to "
            f"{number(high, digits)}"
        )
    return text + "."


def studies_words(fit: Any) -> str:
    """Say how many studies a fit holds."""
    return count(fit.k, "study", "studies")
