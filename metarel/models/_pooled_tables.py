"""Sums over 2 × 2 tables: Mantel–Haenszel and Peto estimates, their variances, their tests."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._distributions import chi_square_p
from metarel._register import Register
from metarel.errors import InputError
from metarel.models._inference import TestResult
from metarel.tau2.tables import POOLED, pooled

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class Pooling:
    """A way to pool tables.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What to call it.
    source : str
        Key in the bibliography.
    measures : tuple of str
        The measures that it pools.
    compute : callable
        ``compute(cells, measure)``: estimate (the log of a ratio, or a difference), its variance,
        and the weights of the tables.
    """

    code: str
    name: str
    source: str
    measures: tuple[str, ...]
    compute: Callable[[Array, str], tuple[float, float, Array]]


@dataclass(frozen=True, slots=True)
class Margins:
    """Events of group 1 given the margins: hypergeometric where the odds ratio is 1.

    ``excess`` is observed less expected, ``variance`` the hypergeometric variance and
    ``binomial`` that of Cochran's test, with n for n - 1; shape (k,) each.
    """

    excess: Array
    variance: Array
    binomial: Array


def margins(cells: Array) -> Margins:
    """Compute what tests and Peto's estimate need; single persons have no variance."""
    a, b, c, d = cells
    n1, n2, events, others = a + b, c + d, a + c, b + d
    n = n1 + n2
    product = n1 * n2 * events * others / n**2
    hypergeometric = np.where(n > 1, product / np.where(n > 1, n - 1, 1.0), 0.0)
    return Margins((a * d - b * c) / n, hypergeometric, product / n)


def mantel_haenszel_variance(cells: Array, measure: str, estimate: float) -> float:
    """Return the variance of a Mantel–Haenszel estimate, right for few large and many small tables.

    With n the size of a table, R = ad/n, S = bc/n, P = (a + d)/n and Q = (b + c)/n, that of the log
    odds ratio is sum(PR)/(2 (sum R)^2) + sum(PS + QR)/(2 sum R sum S) + sum(QS)/(2 (sum S)^2)
    (Robins, Breslow and Greenland). Of the log risk ratio it is
    sum((n1 n2 (a + c) - a c n)/n^2) / (sum(a n2/n) sum(c n1/n)) (Greenland and Robins). Of the
    risk difference D it is (D sum U + sum W) / (sum(n1 n2/n))^2, with
    U = (n1^2 c - n2^2 a + n1 n2 (n2 - n1)/2)/n^2 and W = (a d + b c)/(2n) (Sato and others).

    Parameters
    ----------
    cells : ndarray, shape (4, k)
        Events and others of group 1, events and others of group 2.
    measure : {"OR", "RR", "RD"}
        The measure.
    estimate : float
        The pooled estimate.

    Returns
    -------
    float
        The variance.

    References
    ----------
    [robins1986], [greenland1985], [sato1989]
    """
    a, b, c, d = cells
    n1, n2 = a + b, c + d
    n = n1 + n2
    if measure == "OR":
        P, Q, R, S = (a + d) / n, (b + c) / n, a * d / n, b * c / n
        r, s = R.sum(), S.sum()
        parts = (P * R).sum() / r**2, (P * S + Q * R).sum() / (r * s), (Q * S).sum() / s**2
        return float(sum(parts) / 2)
    if measure == "RR":
        above = ((n1 * n2 * (a + c) - a * c * n) / n**2).sum()
        return float(above / ((a * n2 / n).sum() * (c * n1 / n).sum()))
    U = (n1**2 * c - n2**2 * a + n1 * n2 * (n2 - n1) / 2) / n**2
    W = (a * d + b * c) / (2 * n)
    return float((estimate * U.sum() + W.sum()) / (n1 * n2 / n).sum() ** 2)


#: The weights of tables in a Mantel–Haenszel estimate, as a mean of ratios or differences.
WEIGHTS: dict[str, Callable[[Array], Array]] = {
    "OR": lambda cells: cells[1] * cells[2] / cells.sum(axis=0),
    "RR": lambda cells: (cells[0] + cells[1]) * cells[2] / cells.sum(axis=0),
    "RD": lambda cells: (cells[0] + cells[1]) * (cells[2] + cells[3]) / cells.sum(axis=0),
}


def _mantel_haenszel(cells: Array, measure: str) -> tuple[float, float, Array]:
    estimate = pooled(cells, measure)
    return estimate, mantel_haenszel_variance(cells, measure, estimate), WEIGHTS[measure](cells)


def _peto(cells: Array, measure: str) -> tuple[float, float, Array]:  # noqa: ARG001
    """Return the sum of excess events over the sum of their variances."""
    found = margins(cells)
    total = float(found.variance.sum())
    if not total > 0:
        raise InputError(
            "`events1` and `events2` must leave an estimate: in every table nobody or everybody "
            "had the event."
        )
    return float(found.excess.sum()) / total, 1 / total, found.variance


POOLINGS: Register[Pooling] = Register(
    "method",
    [
        Pooling("MH", "Mantel–Haenszel", "mantel1959", POOLED, _mantel_haenszel),
        Pooling("Peto", "Peto", "yusuf1985", ("OR",), _peto),
    ],
)


def no_association(cells: Array, *, correct: bool) -> TestResult:
    """Test that no table has an association: Cochran's test in Mantel and Haenszel's form.

    Parameters
    ----------
    cells : ndarray, shape (4, k)
        Events and others of group 1, events and others of group 2.
    correct : bool
        Whether to take 1/2 off the excess, for continuity.

    Returns
    -------
    TestResult
        Chi-square with 1 df: the squared sum of excess events over the sum of their variances.

    References
    ----------
    [mantel1959]
    """
    found = margins(cells)
    excess, variance = float(found.excess.sum()), float(found.variance.sum())
    return corrected("the odds ratio is 1 in every table", excess, variance, correct=correct)


def corrected(null: str, excess: float, variance: float, *, correct: bool) -> TestResult:
    """Return the chi-square of a sum of excess events, less 1/2 for continuity where asked.

    Parameters
    ----------
    null : str
        The null hypothesis.
    excess, variance : float
        Observed less expected events, and the variance of that.
    correct : bool
        Whether to take 1/2 off; a smaller excess is then none.

    Returns
    -------
    TestResult
        Chi-square with 1 df; NaN without variance.
    """
    value = max(abs(excess) - 0.5 * correct, 0.0) ** 2 / variance if variance > 0 else math.nan
    return TestResult(null, value, 1, math.inf, chi_square_p(value, 1))


def one_odds_ratio(cells: Array, log_ratio: float) -> TestResult:
    """Test that all tables have one odds ratio: Breslow and Day's test with Tarone's correction.

    Given the margins and the odds ratio, the expected count A of events in group 1 solves
    A (n2 - m + A) = ratio (n1 - A)(m - A), and its variance is the inverse of the sum of the
    inverse cells. The statistic is the sum of squared deviations over variances, less Tarone's
    (sum of deviations)^2 / (sum of variances), chi-square with (tables - 1) df.

    Parameters
    ----------
    cells : ndarray, shape (4, k)
        Events and others of group 1, events and others of group 2.
    log_ratio : float
        The log of the Mantel–Haenszel odds ratio.

    Returns
    -------
    TestResult
        Over the tables in which some but not all had the event.

    References
    ----------
    [breslow1980], [tarone1985]
    """
    a, b, c, d = cells
    n1, n2, events = a + b, c + d, a + c
    ratio = math.exp(log_ratio)
    fitted = _fitted_events(n1, n2, events, ratio)
    expected = np.array([fitted, n1 - fitted, events - fitted, n2 - events + fitted])
    variance = 1 / (1 / expected).sum(axis=0)
    deviation = a - fitted
    value = float((deviation**2 / variance).sum() - deviation.sum() ** 2 / variance.sum())
    df = len(a) - 1
    null = "all tables have the same odds ratio"
    if df < 1:
        return TestResult(null, math.nan, 0, math.inf, math.nan)
    return TestResult(null, value, df, math.inf, chi_square_p(value, df))


def _fitted_events(n1: Array, n2: Array, events: Array, ratio: float) -> Array:
    """Solve (1 - r) A^2 + (n2 - m + r (n1 + m)) A - r n1 m = 0 for the root that is a count.

    Written without a difference of near numbers: A = 2 r n1 m / (h + sqrt(h^2 + 4 (1 - r) r n1 m)).
    """
    h = n2 - events + ratio * (n1 + events)
    product = ratio * n1 * events
    return np.asarray(2 * product / (h + np.sqrt(h**2 + 4 * (1 - ratio) * product)))
