"""Every printed figure of a case held against what an analysis gives."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metarel.printed import STRICT, Printed
from metarel.repro.case_fit import Computed
from metarel.repro.case_schema import QUANTITIES, Case
from metarel.repro.verdict import AGREES, AGREES_TRUNCATED, DIFFERS, judge

#: Agrees, but only without a last zero that the case's file holds for doubtful.
AGREES_WIDER = "agrees without the doubtful zero"
#: Verdicts under which a figure counts as reproduced at its digits.
AS_PRINTED = (AGREES, AGREES_WIDER)
FIGURE_VERDICTS = (AGREES, AGREES_WIDER, AGREES_TRUNCATED, DIFFERS)


@dataclass(frozen=True, slots=True)
class FigureVerdict:
    """One printed figure of a case.

    Parameters
    ----------
    quantity : str
        A code of ``QUANTITIES``.
    printed : str
        The digits.
    value : float
        What the analysis gives, on the scale of print.
    verdict : str
        One of ``FIGURE_VERDICTS``.
    units : float
        How far outside, in units of the last printed digit.
    note : str
        The definition, sign or reading under which it agrees, where it is not the first.
    """

    quantity: str
    printed: str
    value: float
    verdict: str
    units: float
    note: str = ""

    @property
    def agrees(self) -> bool:
        """Whether the figure is reproduced at its digits."""
        return self.verdict in AS_PRINTED

    def to_dict(self) -> dict[str, Any]:
        """Return plain types; a missing number is None."""
        return {
            "quantity": self.quantity,
            "printed": self.printed,
            "value": None if math.isnan(self.value) else self.value,
            "verdict": self.verdict,
            "units": None if math.isnan(self.units) else self.units,
            "note": self.note,
        }


def judge_figures(
    case: Case, values: Mapping[str, Sequence[Computed]]
) -> tuple[FigureVerdict, ...]:
    """Judge every printed figure of a case.

    Parameters
    ----------
    case : Case
        The case.
    values : mapping
        By figure, the values under each of its definitions; the first version of the study data
        counts.

    Returns
    -------
    tuple of FigureVerdict
        In the order of the case. Of several definitions the best verdict counts, and is noted.
    """
    return tuple(_judged(case, name, values[name]) for name in case.figures)


def _judged(case: Case, name: str, computed: Sequence[Computed]) -> FigureVerdict:
    text = case.figures[name]
    tried = []
    for order, candidate in enumerate(computed):
        value, sign = as_printed(name, text, float(candidate.value.flat[0]))
        note = candidate.definition if order else sign
        tried.append(_one(name, text, value, note))
        if name in case.wider and not tried[-1].agrees:
            wide = _one(name, case.wider[name], value, note)
            if wide.agrees:
                note = f"read as {case.wider[name]}: {case.doubts[name]}"
                tried.append(FigureVerdict(name, text, value, AGREES_WIDER, wide.units, note))
    return min(tried, key=lambda one: FIGURE_VERDICTS.index(one.verdict))


def _one(name: str, text: str, value: float, note: str) -> FigureVerdict:
    printed = Printed(text)
    judged = judge(printed, value)
    return FigureVerdict(name, text, value, judged.verdict, judged.units, note)


def as_printed(name: str, text: str, value: float) -> tuple[float, str]:
    """Return a value as its figure is printed, and what was done to it.

    Parameters
    ----------
    name : str
        The figure.
    text : str
        The digits.
    value : float
        The number; shares in percent.

    Returns
    -------
    tuple of (float, str)
        A z without a sign is a magnitude, as RevMan prints it; a percent sign makes a fraction.
    """
    if name == "z" and not text.lstrip().startswith(("-", "−", "+")) and value < 0:
        return -value, "printed without its sign"
    if QUANTITIES[name].percent and Printed(text).percent:
        return value / 100, ""
    return value, ""


def prints(name: str, text: str, value: float) -> bool:
    """Tell whether a value is printed so, by the strict rules.

    Parameters
    ----------
    name, text : str
        The figure and its digits.
    value : float
        The number; shares in percent.

    Returns
    -------
    bool
        Whether it is rounded half up or half even to these digits.
    """
    return Printed(text).reading(as_printed(name, text, value)[0]) in STRICT
