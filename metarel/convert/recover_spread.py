"""Standard errors and standard deviations from limits, p-values and t statistics.

Every function takes float arrays (or numbers) that broadcast, and gives NaN where an input is
missing or says nothing, such as a p of 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._distributions import critical_value
from metarel.convert.recover_tests import statistic_from_p

if TYPE_CHECKING:
    from metarel._checks import Array


def sd_from_se(se: Array, n: Array) -> Array:
    """Return the standard deviation of a group from the standard error of its mean.

    The same holds of changes: n is then the number of people measured twice.

    Parameters
    ----------
    se : ndarray
        Standard error of the mean, in the unit of the outcome.
    n : ndarray
        Size of the group.

    Returns
    -------
    ndarray
        se·√n [higgins2019], section 6.5.2.2; RevMan's calculator gives the same.
    """
    return np.asarray(se, dtype=float) * np.sqrt(n)


def se_from_ci(
    low: Array, high: Array, level: Array | float = 0.95, df: Array | float = np.inf
) -> Array:
    """Return the standard error from symmetric confidence limits.

    Parameters
    ----------
    low, high : ndarray
        Limits, on the scale on which they are symmetric (logs for a ratio).
    level : ndarray
        Confidence level as a fraction.
    df : ndarray
        Degrees of freedom of the t distribution that the limits used; inf is the normal.

    Returns
    -------
    ndarray
        (high − low)/(2 t) [higgins2019], section 6.5.2.2; metafor's ``conv.wald`` with inf.
    """
    width = np.asarray(high, dtype=float) - low
    return width / (2 * critical_value(level, df))


@np.errstate(invalid="ignore", divide="ignore")
def se_from_t(estimate: Array, t: Array) -> Array:
    """Return the standard error of an estimate from its t (or z) statistic.

    Parameters
    ----------
    estimate : ndarray
        The estimate, such as a mean difference.
    t : ndarray
        Its statistic against zero; the sign does not matter.

    Returns
    -------
    ndarray
        |estimate/t| [higgins2019], section 6.5.2.3; NaN where either is 0, which leaves the
        standard error open.
    """
    estimate, t = np.asarray(estimate, dtype=float), np.asarray(t, dtype=float)
    return np.where((t == 0) | (estimate == 0), np.nan, np.abs(estimate / t))


def se_from_p(estimate: Array, p: Array, df: Array | float = np.inf) -> Array:
    """Return the standard error of an estimate from its two-sided p-value.

    Parameters
    ----------
    estimate : ndarray
        The estimate, such as a mean difference.
    p : ndarray
        Exact two-sided p-value of the test against zero; a sign is ignored.
    df : ndarray
        Degrees of freedom of the t test; inf is the normal.

    Returns
    -------
    ndarray
        |estimate|/t [higgins2019], section 6.5.2.3; metafor's ``conv.wald`` with inf.
    """
    return se_from_t(estimate, statistic_from_p(p, df))


def sd_from_ci(
    low: Array, high: Array, n: Array, level: Array | float = 0.95, *, normal: bool = False
) -> Array:
    """Return the standard deviation of a group (or of changes) from the limits of its mean.

    Parameters
    ----------
    low, high : ndarray
        Confidence limits of the mean.
    n : ndarray
        Size of the group.
    level : ndarray
        Confidence level as a fraction.
    normal : bool
        Whether the limits used the normal quantile (1.96) in place of t with n − 1 degrees of
        freedom.

    Returns
    -------
    ndarray
        √n·(high − low)/(2 t) [higgins2019], section 6.5.2.2.
    """
    n = np.asarray(n, dtype=float)
    return sd_from_se(se_from_ci(low, high, level, np.inf if normal else n - 1), n)


def sd_from_t(estimate: Array, t: Array, n: Array) -> Array:
    """Return the standard deviation from a one-sample or paired t statistic.

    Parameters
    ----------
    estimate : ndarray
        The mean, or the mean change.
    t : ndarray
        Its t statistic against zero.
    n : ndarray
        People (pairs of measurements).

    Returns
    -------
    ndarray
        √n·|estimate/t| [higgins2019], section 6.5.2.8.
    """
    return sd_from_se(se_from_t(estimate, t), n)


def sd_from_p(estimate: Array, p: Array, n: Array) -> Array:
    """Return the standard deviation from the p-value of a one-sample or paired t test.

    Parameters
    ----------
    estimate : ndarray
        The mean, or the mean change.
    p : ndarray
        Exact two-sided p-value against zero.
    n : ndarray
        People (pairs of measurements); the test has n − 1 degrees of freedom.

    Returns
    -------
    ndarray
        √n·|estimate|/t [higgins2019], section 6.5.2.8.
    """
    n = np.asarray(n, dtype=float)
    return sd_from_se(se_from_p(estimate, p, n - 1), n)


def pooled_sd_from_se(se: Array, n1: Array, n2: Array) -> Array:
    """Return the SD within two groups from the standard error of their mean difference.

    Parameters
    ----------
    se : ndarray
        Standard error of the difference of two independent means.
    n1, n2 : ndarray
        Group sizes.

    Returns
    -------
    ndarray
        se/√(1/n1 + 1/n2) [higgins2019], section 6.5.2.3: the pooled standard deviation where the
        standard error was computed from it, else an average that serves for both groups.
    """
    one, two = 1 / np.asarray(n1, dtype=float), 1 / np.asarray(n2, dtype=float)
    return np.asarray(se, dtype=float) / np.sqrt(one + two)


def pooled_sd_from_ci(
    low: Array,
    high: Array,
    n1: Array,
    n2: Array,
    level: Array | float = 0.95,
    *,
    normal: bool = False,
) -> Array:
    """Return the SD within two groups from the limits of their mean difference.

    Parameters
    ----------
    low, high : ndarray
        Confidence limits of the difference of two independent means.
    n1, n2 : ndarray
        Group sizes.
    level : ndarray
        Confidence level as a fraction.
    normal : bool
        Whether the limits used the normal quantile in place of t with n1 + n2 − 2 degrees of
        freedom.

    Returns
    -------
    ndarray
        The pooled standard deviation [higgins2019], section 6.5.2.3.
    """
    df = np.inf if normal else np.asarray(n1, dtype=float) + n2 - 2
    return pooled_sd_from_se(se_from_ci(low, high, level, df), n1, n2)


def pooled_sd_from_t(difference: Array, t: Array, n1: Array, n2: Array) -> Array:
    """Return the SD within two groups from their mean difference and its t statistic.

    Parameters
    ----------
    difference : ndarray
        Difference of two independent means.
    t : ndarray
        Its t statistic.
    n1, n2 : ndarray
        Group sizes.

    Returns
    -------
    ndarray
        The pooled standard deviation [higgins2019], section 6.5.2.3.
    """
    return pooled_sd_from_se(se_from_t(difference, t), n1, n2)


def pooled_sd_from_p(difference: Array, p: Array, n1: Array, n2: Array) -> Array:
    """Return the SD within two groups from their mean difference and its p-value.

    Parameters
    ----------
    difference : ndarray
        Difference of two independent means.
    p : ndarray
        Exact two-sided p-value of the t test with n1 + n2 − 2 degrees of freedom.
    n1, n2 : ndarray
        Group sizes.

    Returns
    -------
    ndarray
        The pooled standard deviation [higgins2019], section 6.5.2.3.
    """
    df = np.asarray(n1, dtype=float) + n2 - 2
    return pooled_sd_from_se(se_from_p(difference, p, df), n1, n2)
