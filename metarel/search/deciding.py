"""Which further digit or figure would tell the surviving analyses apart best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._format import fixed
from metarel.search.classes import rounded
from metarel.search.figures import NAMES

if TYPE_CHECKING:
    from metarel.search.classes import EquivalenceClass
    from metarel.search.figures import PrintedFigure

#: Decimals that articles print quantities with; shares count as percentages.
CUSTOMARY = {
    "estimate": 2, "ci_low": 2, "ci_high": 2, "I2": 0, "I2_Q": 0, "tau2": 3, "tau": 2,
    "Q": 2, "Q_p": 3, "p_value": 3, "statistic": 2, "se": 3, "pi_low": 2, "pi_high": 2,
}  # fmt: skip
SHARES = ("I2", "I2_Q")
#: Quantities whose customary digits depend on how finely the estimate itself was printed.
LIKE_ESTIMATE = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")


@dataclass(frozen=True, slots=True)
class Decider:
    """A digit or figure that is not printed, and what it would leave.

    Parameters
    ----------
    quantity : str
        Which number.
    decimals : int
        The decimals it would have to be printed with; of a percentage for shares.
    expected, worst : float, int
        How many classes would be left, on average over them and at most.
    prints : tuple of str
        What each surviving class would print, in their order.
    more : bool
        Whether it is one more decimal of a figure that was printed.
    """

    quantity: str
    decimals: int
    expected: float
    worst: int
    prints: tuple[str, ...]
    more: bool

    @property
    def values(self) -> tuple[str, ...]:
        """The distinct values, in order of appearance."""
        return tuple(dict.fromkeys(self.prints))

    def __str__(self) -> str:
        name = NAMES[self.quantity]
        name = {"I2": "I² (from tau²)", "I2_Q": "I² (from Q)"}.get(self.quantity, name)
        if self.more:
            places = f"{self.decimals} decimal{'s' if self.decimals != 1 else ''}"
            return f"{name} to {places}"
        return name


def deciders(
    classes: Sequence[EquivalenceClass], figures: Sequence[PrintedFigure], most: int = 5
) -> tuple[Decider, ...]:
    """Return the digits and figures that tell classes apart, the best first.

    Parameters
    ----------
    classes : sequence of EquivalenceClass
        What survives.
    figures : sequence of PrintedFigure
        What was printed.
    most : int
        How many to return.

    Returns
    -------
    tuple of Decider
        By the expected, then the largest number of classes left; none where there is nothing to
        decide, or where nothing would.
    """
    if len(classes) < 2:
        return ()
    found = []
    for quantity, decimals, more in _candidates(figures):
        values = np.array([c.numbers[quantity] for c in classes])
        if not np.isfinite(values).all():
            continue
        scale = 100.0 if quantity in SHARES else 1.0
        units = rounded(values * scale, 10.0**-decimals)
        _, counts = np.unique(units, return_counts=True)
        if len(counts) < 2:
            continue
        prints = [_text(u * 10.0**-decimals, decimals, quantity) for u in units]
        expected = float((counts.astype(float) ** 2).sum() / len(classes))
        found.append(Decider(quantity, decimals, expected, int(counts.max()), tuple(prints), more))
    return tuple(sorted(found, key=lambda d: (d.expected, d.worst))[:most])


def _candidates(figures: Sequence[PrintedFigure]) -> list[tuple[str, int, bool]]:
    """Return what could be asked for: the next decimal of every figure, figures not printed."""
    printed: dict[str, int] = {}
    for figure in figures:
        if figure.printed.unit is not None:
            printed[figure.quantity] = figure.printed.digits
    asked: list[tuple[str, int, bool]] = []
    finest = max((printed[q] for q in LIKE_ESTIMATE if q in printed), default=2)
    for quantity, decimals in CUSTOMARY.items():
        if quantity in printed:
            asked.append((quantity, printed[quantity] + 1, True))
        else:
            asked.append((quantity, finest if quantity in LIKE_ESTIMATE else decimals, False))
    return asked


def _text(value: float, decimals: int, quantity: str) -> str:
    return fixed(float(value), decimals) + ("%" if quantity in SHARES else "")


def as_rows(found: Sequence[Decider]) -> list[dict[str, Any]]:
    """Return deciders in plain types.

    Parameters
    ----------
    found : sequence of Decider
        The deciders.

    Returns
    -------
    list of dict
        One each.
    """
    return [
        {
            "figure": str(d),
            "quantity": d.quantity,
            "decimals": d.decimals,
            "expected": d.expected,
            "worst": d.worst,
            "prints": list(d.prints),
        }
        for d in found
    ]
