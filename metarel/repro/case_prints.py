"""Whether the printed figures of a case can be true together, whatever the study data are.

Every figure stands for all numbers that any rule of rounding prints so; two figures contradict
each other only where no numbers of these intervals fit under any of the conventions tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from metarel._distributions import chi_square_p, critical_value, two_sided_p
from metarel.printed import Printed
from metarel.repro.case_fit import LEVEL
from metarel.repro.case_schema import Case
from metarel.repro.programs import program_of

Span = tuple[float, float]
#: I2 from Q is (Q − df)/Q only where tau2 is estimated from Q, or not at all.
OF_Q = ("DL", "EE")


def contradictions(case: Case) -> tuple[str, ...]:
    """Return what among the printed figures of a case cannot be true together.

    Parameters
    ----------
    case : Case
        The case; its study data play no part but for their number.

    Returns
    -------
    tuple of str
        A sentence a contradiction; empty where the figures can be true together.
    """
    spans = {name: _span(case, name) for name in case.figures if name != "k"}
    found = [check(case, spans) for names, check in _CHECKS if spans.keys() >= set(names)]
    return tuple(sentence for sentence in found if sentence)


def _span(case: Case, name: str) -> Span:
    """Return the interval of a printed figure under any rule of rounding."""
    printed = Printed(case.wider.get(name, case.figures[name]), "any")
    scale = 100.0 if name == "I2" and printed.percent else 1.0
    return scale * printed.low, scale * printed.high


def _apart(one: Span, other: Span) -> bool:
    return one[0] > other[1] or other[0] > one[1]


def _shown(case: Case, *names: str) -> str:
    return ", ".join(f"{name} {case.figures[name]}" for name in names)


def _scales(case: Case) -> list[Callable[[float], float]]:
    """Return the scales on which an interval may be symmetric."""
    scales: list[Callable[[float], float]] = [float]
    if case.kind.scale in ("r", "z"):
        scales.append(lambda r: math.atanh(min(max(r, -1 + 1e-12), 1 - 1e-12)))
    if case.kind.log:
        scales.append(lambda ratio: math.log(max(ratio, 1e-300)))
    return scales


def _inside(case: Case, spans: dict[str, Span]) -> str:
    if spans["ci_low"][0] <= spans["estimate"][1] and spans["estimate"][0] <= spans["ci_high"][1]:
        return ""
    return f"the estimate lies outside of its interval ({_shown(case, 'estimate', *LIMITS)})"


def _symmetric(case: Case, spans: dict[str, Span]) -> str:
    """Tell whether the estimate is the middle of its limits; bootstrapped ones need not be."""
    program = program_of(case.software)
    if _inside(case, spans) or (program is not None and program.code == "metawin"):
        return ""
    for scale in _scales(case):
        ends = [[scale(end) for end in spans[name]] for name in ("estimate", *LIMITS)]
        middle = ((ends[1][0] + ends[2][0]) / 2, (ends[1][1] + ends[2][1]) / 2)
        if not _apart((ends[0][0], ends[0][1]), middle):
            return ""
    return (
        f"the estimate is not in the middle of its limits ({_shown(case, 'estimate', *LIMITS)}); "
        "it would be for none but bootstrapped or likelihood limits"
    )


def _reach(case: Case) -> float:
    df = math.inf if case.test == "z" else case.k - 1.0
    return float(critical_value(LEVEL, np.array(df)))


def _z_of_limits(case: Case, spans: dict[str, Span]) -> str:
    """Tell whether z is the estimate over the standard error that the limits imply."""
    for scale in _scales(case):
        low, high = ([scale(end) for end in spans[name]] for name in LIMITS)
        widths = (high[0] - low[1], high[1] - low[0])
        size = _magnitude((scale(spans["estimate"][0]), scale(spans["estimate"][1])))
        least = size[0] / max(widths[1], 1e-300)
        most = size[1] / widths[0] if widths[0] > 0 else math.inf
        ratio = 2 * _reach(case)
        if not _apart((least * ratio, most * ratio), _magnitude(spans["z"])):
            return ""
    return f"z does not fit the estimate and its limits ({_shown(case, 'estimate', *LIMITS, 'z')})"


def _magnitude(span: Span) -> Span:
    least = 0.0 if span[0] <= 0 <= span[1] else min(abs(span[0]), abs(span[1]))
    return least, max(abs(span[0]), abs(span[1]))


def _signs(case: Case, spans: dict[str, Span]) -> str:
    if spans["z"][1] < 0 < spans["estimate"][0]:
        return f"z is negative and the estimate is not ({_shown(case, 'estimate', 'z')})"
    return ""


def _share(case: Case, spans: dict[str, Span]) -> str:
    """Tell whether I2 is (Q − df)/Q, with the df of the printed number of effects or of rows."""
    if case.tau2 not in OF_Q:
        return ""
    for k in {case.k, *_printed_k(case)}:
        shares = [100 * max(0.0, 1 - (k - 1) / Q) if Q > 0 else 0.0 for Q in spans["Q"]]
        if not _apart((shares[0], shares[1]), spans["I2"]):
            return ""
    return f"I2 does not follow from Q ({_shown(case, *_with_k(case), 'Q', 'I2')})"


def _printed_k(case: Case) -> Sequence[int]:
    if "k" not in case.figures:
        return ()
    value = Printed(case.figures["k"]).value
    return () if value is None or value < 2 else (int(value),)


def _with_k(case: Case) -> tuple[str, ...]:
    return ("k",) if "k" in case.figures else ()


def _p_of_z(case: Case, spans: dict[str, Span]) -> str:
    low, high = _magnitude(spans["z"])
    df = math.inf if case.test == "z" else case.k - 1.0
    ends = [float(two_sided_p(np.array(size), df)) for size in (high, low)]
    if _apart((ends[0], ends[1]), spans["p"]) and _apart((ends[0] / 2, ends[1] / 2), spans["p"]):
        return f"p does not follow from z ({_shown(case, 'z', 'p')})"
    return ""


def _p_of_q(case: Case, spans: dict[str, Span]) -> str:
    for k in {case.k, *_printed_k(case)}:
        ends = [chi_square_p(Q, k - 1) for Q in reversed(spans["Q"])]
        if not _apart((ends[0], ends[1]), spans["Q_p"]):
            return ""
    return f"the p-value of Q does not follow from it ({_shown(case, *_with_k(case), 'Q', 'Q_p')})"


LIMITS = ("ci_low", "ci_high")
_CHECKS: tuple[tuple[tuple[str, ...], Callable[[Case, dict[str, Span]], str]], ...] = (
    (("estimate", *LIMITS), _inside),
    (("estimate", *LIMITS), _symmetric),
    (("estimate", *LIMITS, "z"), _z_of_limits),
    (("estimate", "z"), _signs),
    (("Q", "I2"), _share),
    (("z", "p"), _p_of_z),
    (("Q", "Q_p"), _p_of_q),
)
