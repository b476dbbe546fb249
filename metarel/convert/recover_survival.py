"""Log hazard ratios and their variances from what survival analyses print.

O − E is events minus expected events of group 1 in the log-rank test, V its variance; a negative
log hazard ratio means fewer events in group 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel.convert.recover_tests import statistic_from_p, wald

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class LogHazardRatio:
    """Log hazard ratio of group 1 against group 2, and its sampling variance."""

    yi: Array
    vi: Array


@np.errstate(divide="ignore", invalid="ignore")
def hazard_from_logrank(observed_minus_expected: Array, v: Array) -> LogHazardRatio:
    """Return the log hazard ratio from O − E and V.

    Parameters
    ----------
    observed_minus_expected : ndarray
        Events of group 1 less those expected.
    v : ndarray
        Variance of the difference, positive.

    Returns
    -------
    LogHazardRatio
        (O − E)/V and 1/V [parmar1998] [tierney2007]; RevMan's O − E and V.
    """
    v = np.asarray(v, dtype=float)
    v = np.where(v > 0, v, np.nan)
    return LogHazardRatio(np.asarray(observed_minus_expected, dtype=float) / v, 1 / v)


@np.errstate(divide="ignore", invalid="ignore")
def logrank_v_from_events(events1: Array, events2: Array) -> Array:
    """Return about the variance V of O − E from the events of each group.

    Parameters
    ----------
    events1, events2 : ndarray
        Events in each group.

    Returns
    -------
    ndarray
        events1 events2/(events1 + events2) [parmar1998]: what V is near a hazard ratio of 1 with
        equal follow-up.
    """
    one, two = np.asarray(events1, dtype=float), np.asarray(events2, dtype=float)
    return one * two / (one + two)


def logrank_v_from_ratio(events: Array, n1: Array, n2: Array) -> Array:
    """Return about the variance V of O − E from all events and how people were allocated.

    Parameters
    ----------
    events : ndarray
        Events in both groups together.
    n1, n2 : ndarray
        People in each group, or the ratio of allocation: 1 and 1 give events/4.

    Returns
    -------
    ndarray
        events n1 n2/(n1 + n2)² [parmar1998] [tierney2007].
    """
    one, two = np.asarray(n1, dtype=float), np.asarray(n2, dtype=float)
    return np.asarray(events, dtype=float) * (one / (one + two)) * (two / (one + two))


def hazard_from_p(p: Array, v: Array, sign: Array) -> LogHazardRatio:
    """Return the log hazard ratio from the p-value of the log-rank test.

    Parameters
    ----------
    p : ndarray
        Exact two-sided p-value of the log-rank test (or of the Cox model).
    v : ndarray
        Variance V, from `logrank_v_from_events` or `logrank_v_from_ratio`.
    sign : ndarray
        −1 where group 1 has the lower hazard, 1 where the higher.

    Returns
    -------
    LogHazardRatio
        sign·z/√V and 1/V, as O − E is z√V [parmar1998] [tierney2007].
    """
    v = np.asarray(v, dtype=float)
    with np.errstate(invalid="ignore"):
        difference = np.asarray(sign, dtype=float) * statistic_from_p(p) * np.sqrt(v)
    return hazard_from_logrank(difference, v)


def hazard_from_ci(
    hazard_ratio: Array, low: Array, high: Array, level: Array | float = 0.95
) -> LogHazardRatio:
    """Return the log hazard ratio from a hazard ratio and its limits.

    Parameters
    ----------
    hazard_ratio : ndarray
        Hazard ratio of group 1 against group 2.
    low, high : ndarray
        Its confidence limits.
    level : ndarray
        Confidence level as a fraction.

    Returns
    -------
    LogHazardRatio
        log(hazard ratio) and ((log high − log low)/(2 z))² [parmar1998]; `recover_tests.wald`
        says besides how centred the limits are.
    """
    found = wald(hazard_ratio, low, high, level=level, transform="log")
    return LogHazardRatio(found.yi, found.vi)
