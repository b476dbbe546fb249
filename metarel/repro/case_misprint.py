"""Whether one slip of the pen in one printed figure would account for it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from metarel._format import fixed
from metarel.printed import STRICT, Printed
from metarel.repro.case_judge import FigureVerdict
from metarel.repro.case_verdict import BY_SLIP, Evidence

#: Figures that may be misprinted; a number of studies is counted, not computed.
NOT_PRINTED_FROM = ("k",)
#: A slip is held against made-up figures that lie at most so many times as far off as the printed.
AS_FAR = 2.0
#: A slip that so many made-up figures would admit says nothing.
MOST_PLACEBO = 0.05


def misprint(figures: Sequence[FigureVerdict]) -> Evidence | None:
    """Return the slip that would turn the one figure that differs into the one computed.

    Slips are: one digit for another, two neighbours changed over, a digit lost or doubled, the
    decimal point moved by one or two places, the sign lost.

    Parameters
    ----------
    figures : sequence of FigureVerdict
        All figures of a case.

    Returns
    -------
    Evidence or None
        None where not exactly one of several figures differs, or no slip gives it. The placebo is
        the share of figures of as many digits, at most twice as far from the computed one as the
        printed is, that some slip would turn into it: a last digit that is off explains nothing.
    """
    differing = [figure for figure in figures if not figure.agrees]
    if len(differing) != 1 or len(figures) < 3 or differing[0].quantity in NOT_PRINTED_FROM:
        return None
    figure = differing[0]
    meant = _as_computed(figure)
    if meant not in set(slips(figure.printed)):
        return None
    placebo = _placebo(figure)
    return Evidence(
        BY_SLIP,
        f"all figures agree but {figure.quantity}, printed {figure.printed} where {meant} is "
        "computed: one slip in printing",
        explains=placebo <= MOST_PLACEBO,
        tried=len(set(slips(figure.printed))),
        found=1,
        placebo=placebo,
    )


def slips(text: str) -> Iterator[str]:
    """Yield what one slip makes of a printed number.

    Parameters
    ----------
    text : str
        The digits.

    Yields
    ------
    str
        Other digits, each as it would be printed.
    """
    for place, sign in enumerate(text):
        if not sign.isdigit():
            continue
        yield from (
            text[:place] + other + text[place + 1 :] for other in "0123456789" if other != sign
        )
        yield text[:place] + sign + text[place:]
        yield text[:place] + text[place + 1 :]
        if text[place + 1 : place + 2].isdigit():
            yield text[:place] + text[place + 1] + sign + text[place + 2 :]
    yield text[1:] if text.startswith("-") else f"-{text}"
    yield from _moved_points(text)


def _moved_points(text: str) -> Iterator[str]:
    """Yield the number with its decimal point one or two places to either side."""
    if not re.fullmatch(r"-?\d+\.?\d*", text):
        return
    decimals = len(text.partition(".")[2])
    for places in (-2, -1, 1, 2):
        if decimals - places >= 0:
            yield fixed(float(text) * 10.0**places, decimals - places)


def _as_computed(figure: FigureVerdict) -> str:
    """Return the slip's text that the computed number would be printed as, or an empty one."""
    for text in slips(figure.printed):
        try:
            if Printed(text).reading(figure.value) in STRICT:
                return text
        except ValueError:  # what a slip leaves need not be a number
            continue
    return ""


def _placebo(figure: FigureVerdict) -> float:
    """Return the share of figures around the computed one that a slip would turn into it."""
    printed = Printed(figure.printed)
    unit = float(printed.unit) if printed.unit is not None else math.nan
    target = fixed(figure.value, printed.digits)
    reach = AS_FAR * abs(float(printed.value or math.nan) - figure.value)
    numbers = [float(text) for text in slips(target) if re.fullmatch(r"-?\d+(\.\d+)?", text)]
    around = {number for number in numbers if abs(number - figure.value) <= reach}
    return min(1.0, len(around) * unit / (2 * reach))
