"""Hunter and Schmidt's bare-bones analysis as one of a family."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from metarel._distributions import critical_value, two_sided_p
from metarel.models._bare_bones import ERROR_RULES, MEAN_INTERVALS, bare_bones
from metarel.search.specification import BARE_BONES, BARE_BONES_TESTS, Specification

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.search.table import StudyTable

#: Conventions for the sampling error that articles use.
RULES = ("average_n", "study_n")
#: The metric of study data that it is defined for.
METRIC = "COR"


def bare_bones_specifications(table: StudyTable) -> Iterator[Specification]:
    """Yield the bare-bones analyses of correlations; none of other study data.

    Parameters
    ----------
    table : StudyTable
        The studies.

    Yields
    ------
    Specification
        One for each convention of sampling error, standard error and reference.
    """
    if METRIC in table.declaration.metrics and table.sizes is not None:
        for rule in RULES:
            for test in BARE_BONES_TESTS:
                yield Specification(METRIC, rule, tau2=BARE_BONES, weights="n", test=test)


def bare_bones_numbers(
    specification: Specification,
    r: Array,
    n: Array,
    times: Array | None,
    level: float,
) -> dict[str, Array]:
    """Return the numbers of a bare-bones analysis for many versions of a table.

    Parameters
    ----------
    specification : Specification
        The analysis.
    r, n : ndarray, shape (m, k)
        Correlations and sample sizes; NaN where a version lacks a study.
    times : ndarray, shape (m, k) or None
        How often each study takes part.
    level : float
        Level of the intervals, a fraction.

    Returns
    -------
    dict of str to ndarray, shape (m,)
        ``tau2`` is the variance of true correlations, the prediction limits are the credibility
        interval, I2 is the share of the variance that sampling error leaves. NaN where fewer than
        two studies are complete, or one is refused.
    """
    m = len(r) if times is None else max(len(r), len(times))
    rows = [
        _one(
            specification,
            r[i if len(r) > 1 else 0],
            n[i if len(n) > 1 else 0],
            None if times is None else times[i if len(times) > 1 else 0],
            level,
        )
        for i in range(m)
    ]
    names = {name for row in rows for name in row}
    return {name: np.array([row.get(name, np.nan) for row in rows]) for name in names}


def _one(
    specification: Specification, r: Array, n: Array, times: Array | None, level: float
) -> Mapping[str, float]:
    """Return the numbers of one version."""
    counts = np.ones(len(r), dtype=int) if times is None else np.asarray(times, dtype=int)
    there = np.repeat(np.arange(len(r)), np.where(np.isnan(r) | np.isnan(n), 0, counts))
    r, n = r[there], n[there]
    if len(r) < 2 or not (np.isfinite(r).all() and (n > 1).all()):
        return {}
    interval, reference = specification.test.split()
    found = bare_bones(r, n, ERROR_RULES[specification.variance], unbiased=False)
    se = MEAN_INTERVALS[interval].se(found)
    df = np.inf if reference == "z" else float(found.k - 1)
    statistic = found.mean / se if se > 0 else np.nan
    half = float(critical_value(level, df)) * se
    low, high = found.credibility(level, df)
    share = max(0.0, 1 - found.error_share) if found.variance > 0 else 0.0
    return {
        "estimate": found.mean,
        "se": se,
        "statistic": statistic,
        "df": df,
        "p_value": float(two_sided_p(np.array(statistic), df)),
        "ci_low": found.mean - half,
        "ci_high": found.mean + half,
        "pi_low": low,
        "pi_high": high,
        "k": float(found.k),
        "N": found.n,
        "tau2": found.variance_rho,
        "tau": found.sd_rho,
        "I2": share,
        "I2_Q": share,
    }
