"""The edges from hazard ratios to risk ratios, given the control group's risk or without it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metarel.convert._edge import Edge
from metarel.convert._factories import plain, there_and_back
from metarel.convert.odds import log_ratio

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Given

VANDERWEELE = "vanderweele2020"
PROPORTIONAL = "Hazards are proportional throughout follow-up"
_HALF = math.log(2)
#: Newton's steps from below, under a concave curve whose slope lies between ½ and ln 2.
_STEPS = 12


def _survival(given: Given) -> Array:
    """Return the log of the control group's share without the event."""
    return np.log1p(-given["control_rate"])


def _log_rr(log_hr: Array, given: Given) -> Array:
    treated = -np.expm1(np.exp(log_hr) * _survival(given))
    # A risk of 1 is of no finite hazard, so that nothing would lead back.
    return np.log(np.where(treated < 1, treated, np.nan)) - np.log(given["control_rate"])


def _log_hr(log_rr: Array, given: Given) -> Array:
    return np.log(np.log1p(-given["control_rate"] * np.exp(log_rr)) / _survival(given))


def _slope(log_hr: Array, given: Given) -> Array:
    cumulated = -np.exp(log_hr) * _survival(given)
    return cumulated / np.expm1(cumulated)


def _minimax(log_hr: Array) -> Array:
    """Return ln((1 − ½^√HR)/(1 − ½^√(1/HR))), without the loss of digits near no effect."""
    size = np.abs(log_hr)
    other = _HALF * np.exp(-size / 2)
    excess = np.exp(-other) * np.expm1(-2 * _HALF * np.sinh(size / 2)) / np.expm1(-other)
    return np.sign(log_hr) * np.log1p(excess)


def _minimax_slope(log_hr: Array) -> Array:
    up, down = _HALF * np.exp(log_hr / 2), _HALF * np.exp(-log_hr / 2)
    return up / np.expm1(up) / 2 + down / np.expm1(down) / 2


def _of_minimax(log_rr: Array) -> Array:
    size = np.abs(log_rr)
    found = size / _HALF
    for _ in range(_STEPS):
        found = found + (size - _minimax(found)) / _minimax_slope(found)
    return np.sign(log_rr) * found


_GIVEN = there_and_back(
    Edge(
        "log_hr",
        "log_rr",
        "control-rate",
        _log_rr,
        _log_hr,
        _slope,
        "ln((1 − (1 − p)^exp({x}))/p), p = {control_rate}",
        f"{PROPORTIONAL}, and `control_rate` of group 2 have had the event by its end.",
        "exact",
        VANDERWEELE,
        needs=("control_rate",),
        used_by="meta (nnt)",
        default=True,
    ),
    "ln(ln(1 − p·exp({x}))/ln(1 − p)), p = {control_rate}",
)
_UNKNOWN = there_and_back(
    replace(
        _GIVEN[0],
        rule="minimax",
        forward=plain(_minimax),
        inverse=plain(_of_minimax),
        slope=plain(_minimax_slope),
        formula="ln((1 − ½^√exp({x}))/(1 − ½^√exp(−{x})))",
        assumption=f"{PROPORTIONAL}, and the event is common (15% or more by its end), its risk "
        "unknown; with the risk, rule 'control-rate' is exact.",
        exactness="approximation",
        needs=(),
        used_by="EValue (hazard ratios of common outcomes)",
        default=False,
    ),
    "the y with ln((1 − ½^√exp(y))/(1 − ½^√exp(−y))) = {x}",
)

EDGES: tuple[Edge, ...] = (*log_ratio("hr", "log_hr", VANDERWEELE), *_GIVEN, *_UNKNOWN)
