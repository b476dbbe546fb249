"""How easily a family of analyses would have printed some other figures: a placebo."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel.search.classes import units_of

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.search.figures import PrintedFigure

#: Units of the last digit by which the estimate, and its limits with it, are shifted.
REACH = 10
#: Units by which each limit is moved besides.
JITTER = (-1, 0, 1)
#: The figures that a shift of the estimate carries along.
CARRIED = ("ci_low", "ci_high", "pi_low", "pi_high")


@dataclass(frozen=True, slots=True)
class Chance:
    """What share of other figures, near those printed, the family would have printed too.

    Parameters
    ----------
    estimate : float
        Of other estimates within ten units of the last digit, the share that some analysis
        prints; NaN where no estimate was printed, or no analysis ran.
    together : float
        Of other estimates with limits moved along, and each limit by a unit more or less, the
        share that some analysis prints with all other figures as they are; NaN without limits.
    tried : int
        How many such sets of figures were tried.
    """

    estimate: float
    together: float
    tried: int


def chance(figures: Sequence[PrintedFigure], numbers: Mapping[str, Array]) -> Chance:
    """Return how often figures near the printed ones would have been matched.

    Parameters
    ----------
    figures : sequence of PrintedFigure
        What was printed.
    numbers : mapping of str to ndarray
        The numbers of every analysis of the family.

    Returns
    -------
    Chance
        The shares.
    """
    by_name = {f.quantity: f for f in figures if f.printed.unit is not None}
    if "estimate" not in by_name:
        return Chance(np.nan, np.nan, 0)
    moved = ["estimate", *(name for name in CARRIED if name in by_name)]
    units = np.stack([units_of(by_name[name], numbers[name]) for name in moved], axis=1)
    ran = np.isfinite(units[:, 0])
    if not ran.any():
        return Chance(np.nan, np.nan, 0)
    alone = {int(unit) for unit in units[ran, 0]}
    start = [int(units_of(by_name[n], np.array(_value(by_name[n])))) for n in moved]
    shifts = [shift for shift in range(-REACH, REACH + 1) if shift]
    one = float(np.mean([start[0] + shift in alone for shift in shifts]))
    if len(moved) == 1:
        return Chance(one, np.nan, len(shifts))
    held = ran.copy()
    for figure in figures:
        if figure.quantity not in moved:
            held &= figure.prints(numbers[figure.quantity])
    printed = {tuple(row) for row in np.nan_to_num(units[held], nan=-9e99).tolist()}
    ratio = [float(by_name["estimate"].printed.unit or 1) / float(by_name[n].printed.unit or 1)
             for n in moved]  # fmt: skip
    tried = [
        tuple(
            float(round(start[i] + shift * ratio[i]) + (0 if i == 0 else jitter[i - 1]))
            for i in range(len(moved))
        )
        for shift in shifts
        for jitter in itertools.product(JITTER, repeat=len(moved) - 1)
    ]
    return Chance(one, float(np.mean([row in printed for row in tried])), len(tried))


def _value(figure: PrintedFigure) -> float:
    value = figure.printed.value
    return np.nan if value is None else float(value)
