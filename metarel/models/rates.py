"""Rates of two groups, pooled by Mantel and Haenszel's sums over events and person-times."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_choice, check_domain, check_flag, check_level, resolve
from metarel._distributions import chi_square_p
from metarel._vocabulary import COUNT, POSITIVE
from metarel.effects.compute import effect_sizes
from metarel.errors import InputError
from metarel.models._inference import TestResult
from metarel.models._pooled_tables import corrected
from metarel.models.tables import PooledTables

if TYPE_CHECKING:
    from metarel._checks import Array, Column
    from metarel._lazy import pd

MEASURES = ("IRR", "IRD")


@says_what_it_takes
def pool_rates(
    data: pd.DataFrame | None = None,
    measure: str = "IRR",
    *,
    events1: Column,
    time1: Column,
    events2: Column,
    time2: Column,
    correct: bool = True,
    level: float = 0.95,
) -> PooledTables:
    """Pool event rates of two groups under a common effect, by Mantel and Haenszel.

    With x events in person-time t, and T = t1 + t2, the rate ratio is
    sum(x1 t2/T) / sum(x2 t1/T) and the rate difference sum((x1 t2 - x2 t1)/T) / sum(t1 t2/T), so
    that studies with an empty group take part as they are.

    Parameters
    ----------
    data : DataFrame or None
        One row a study; None when arrays are passed.
    measure : {"IRR", "IRD"}
        Incidence rate ratio, on the log scale, or difference of rates.
    events1, time1, events2, time2 : column name or array
        Events (at least 0) and person-times (above 0, in one unit) of the two groups; positive
        logs and differences mean a higher rate in group 1.
    correct : bool
        Whether the test of no association has the correction for continuity.
    level : float
        Confidence level, a fraction.

    Returns
    -------
    PooledTables
        As ``pool_tables`` returns; ``homogeneity`` is None.

    Raises
    ------
    InputError
        On counts and times that are none, and where a group has no event in any study, so that
        there is no ratio.

    Notes
    -----
    The same numbers as metafor's ``rma.mh(measure = "IRR")`` and ``"IRD"`` under their defaults.
    The variance of the log ratio is sum(t1 t2 (x1 + x2)/T^2) / (sum(x1 t2/T) sum(x2 t1/T)); that of
    the difference sum((t1 t2/T)^2 (x1/t1^2 + x2/t2^2)) / (sum(t1 t2/T))^2. Q takes the studies' own
    effects, with 1/2 added where a group has no event, of those studies that have any. The test
    of no association, of "IRR", holds events of group 1 against those expected from its share
    of the person-time.

    References
    ----------
    [greenland1985], [mantel1959]

    Examples
    --------
    >>> import metarel as mr
    >>> rates = {"events1": [8, 3, 12], "time1": [1200, 640, 2100]}
    >>> rates |= {"events2": [15, 4, 21], "time2": [1180, 600, 2050]}
    >>> print(mr.pool_rates(None, **rates))
    Mantel–Haenszel, IRR, 3 studies
    <BLANKLINE>
    log IRR = -0.5795 (SE 0.2618), 95% CI [-1.0926, -0.0665], z = -2.2138, p = 0.0268
    IRR = 0.5602 [0.3354, 0.9357]
    I2 = 0.00%, H2 = 0.06 (from Q)
    Heterogeneity: Q(2) = 0.1114, p = 0.9458 (H0: all studies have the same effect)
    Association: Q(1) = 4.4899, p = 0.0341 (H0: the rate ratio is 1 in every study)
    """
    check_choice("measure", measure, MEASURES)
    check_flag("correct", correct)
    level = check_level(level)
    events = resolve(data, {"events1": events1, "events2": events2})
    times = resolve(data, {"time1": time1, "time2": time2})
    for given, domain in ((events, COUNT), (times, POSITIVE)):
        for name, values in given.items():
            check_domain(values, domain, name)
    rows = np.array([events["events1"], times["time1"], events["events2"], times["time2"]])
    known = ~np.isnan(rows).any(axis=0)
    if not known.any():
        raise InputError("`data` has no rows that are complete: there is no study to pool.")
    rows = rows[:, known]
    estimate, variance, weights = (_ratio if measure == "IRR" else _difference)(rows)
    return PooledTables(
        measure=measure,
        method="MH",
        k=rows.shape[1],
        dropped=int((~known).sum()),
        estimate=estimate,
        se=math.sqrt(variance),
        level=level,
        heterogeneity=_heterogeneity(rows, measure, estimate),
        association=_no_association(rows, correct=correct) if measure == "IRR" else None,
        homogeneity=None,
        weights=100 * weights / weights.sum(),
    )


def _ratio(rows: Array) -> tuple[float, float, Array]:
    """Return the log rate ratio, its variance, and the weights of the studies' own ratios."""
    x1, t1, x2, t2 = rows
    total = t1 + t2
    above, below = float((x1 * t2 / total).sum()), float((x2 * t1 / total).sum())
    if not (above > 0 and below > 0):
        raise InputError(
            "`events1` and `events2` must leave an estimate of IRR: one group has no events in "
            'any study. Use measure="IRD".'
        )
    variance = float((t1 * t2 * (x1 + x2) / total**2).sum()) / (above * below)
    return math.log(above / below), variance, x2 * t1 / total


def _difference(rows: Array) -> tuple[float, float, Array]:
    """Return the rate difference, its variance, and the weights of the studies' differences."""
    x1, t1, x2, t2 = rows
    weights = t1 * t2 / (t1 + t2)
    estimate = float((weights * (x1 / t1 - x2 / t2)).sum() / weights.sum())
    variance = (weights**2 * (x1 / t1**2 + x2 / t2**2)).sum() / weights.sum() ** 2
    return estimate, float(variance), weights


def _no_association(rows: Array, *, correct: bool) -> TestResult:
    """Test that both rates are the same in every study: binomial given all events of a study."""
    x1, t1, x2, t2 = rows
    share = t1 / (t1 + t2)
    excess = float((x1 - (x1 + x2) * share).sum())
    variance = float(((x1 + x2) * share * (1 - share)).sum())
    return corrected("the rate ratio is 1 in every study", excess, variance, correct=correct)


def _heterogeneity(rows: Array, measure: str, estimate: float) -> TestResult:
    """Test that all studies have one effect, by Q about the pooled estimate."""
    x1, t1, x2, t2 = rows[:, rows[0] + rows[2] > 0]
    null = "all studies have the same effect"
    if len(x1) < 2:
        return TestResult(null, 0.0, 0, math.inf, 1.0)
    own = effect_sizes(None, measure, events1=x1, time1=t1, events2=x2, time2=t2)
    Q, df = float(((own.yi - estimate) ** 2 / own.vi).sum()), len(x1) - 1
    return TestResult(null, Q, df, math.inf, chi_square_p(Q, df))
