"""Means with other weights: UWLS, WAAP, IVhet, and weights from sample sizes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_domain, index_of, resolve
from metarel._lazy import pd
from metarel._vocabulary import POSITIVE
from metarel.errors import InputError
from metarel.models._design import intercept_only
from metarel.models._study import DroppedRow, StudyData, read_studies
from metarel.models.meta import fit_model
from metarel.models.results import MetaFit

if TYPE_CHECKING:
    from metarel._checks import Column

#: An effect of this many standard errors is found with a power of 80 % (1.96 + 0.84).
ADEQUATE = 2.8
UWLS = "Unrestricted weighted least squares"
WAAP = "Weighted average of the adequately powered"


@says_what_it_takes
def uwls(
    data: pd.DataFrame | None = None,
    formula: str | None = None,
    *,
    yi: Column | None = None,
    vi: Column | None = None,
    sei: Column | None = None,
    level: float = 0.95,
    labels: Column | None = None,
    measure: str | None = None,
) -> MetaFit:
    """Pool effects by unrestricted weighted least squares.

    The mean (or the regression) is that of the common-effect model, with weights 1/vi; its
    covariance is multiplied by Q/(k − p), whether that is above 1 or below, and tested by t with
    k − p df. Heterogeneity is taken to multiply the variances, not to be added to them.

    Parameters
    ----------
    data : DataFrame, optional
        One row a study; None when arrays are passed.
    formula : str, optional
        Moderators, as for ``meta_regression``.
    yi, vi, sei : column name or array
        As for ``pool``.
    level : float
        Confidence level, a fraction.
    labels : column name or array, optional
        Names of the studies.
    measure : str, optional
        Code of the effect size measure.

    Returns
    -------
    MetaFit
        A fit with tau2 = 0; the same numbers as ``pool(tau2="EE", test="knha")``.

    Raises
    ------
    InputError
        As ``pool``, and with fewer than two studies.

    Notes
    -----
    Same numbers as statsmodels' ``WLS(yi, X, weights=1 / vi)``, and as a least-squares regression
    of yi/sei on 1/sei without an intercept.

    References
    ----------
    [stanley2015]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.uwls(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> round(fit.estimate, 4), round(float(fit.se[0]), 4)
    (0.2769, 0.1237)
    """
    study = _read(data, formula, yi, vi, sei, labels, measure)
    fit = fit_model(study, "EE", "knha", level)
    return replace(fit, spec=replace(fit.spec, model=UWLS))


@says_what_it_takes
def waap(
    data: pd.DataFrame | None = None,
    *,
    yi: Column | None = None,
    vi: Column | None = None,
    sei: Column | None = None,
    level: float = 0.95,
    labels: Column | None = None,
    measure: str | None = None,
) -> MetaFit:
    """Pool the studies that have adequate power, by unrestricted weighted least squares.

    A study has adequate power where its standard error is at most |UWLS|/2.8, UWLS being the
    estimate from all studies: it would then find that effect with a power of 80 %. Where fewer
    than two have, the UWLS of all studies is returned, and a note says so.

    Parameters
    ----------
    data : DataFrame, optional
        One row a study; None when arrays are passed.
    yi, vi, sei : column name or array
        As for ``pool``.
    level : float
        Confidence level, a fraction.
    labels : column name or array, optional
        Names of the studies.
    measure : str, optional
        Code of the effect size measure.

    Returns
    -------
    MetaFit
        A fit of the studies with adequate power; the others stand in ``study.dropped``.

    Raises
    ------
    InputError
        As ``pool``, and with fewer than two studies.

    Notes
    -----
    The rule of JASP's WAAP–WLS.

    References
    ----------
    [stanley2017], [ioannidis2017]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.waap(yi=[0.32, 0.25, 0.85, 0.28], vi=[0.002, 0.001, 0.04, 0.015])
    >>> fit.k, round(fit.estimate, 4)
    (2, 0.2733)
    """
    study = _read(data, None, yi, vi, sei, labels, measure)
    every = fit_model(study, "EE", "knha", level)
    powered = np.sqrt(study.vi) <= abs(every.estimate) / ADEQUATE
    if powered.sum() < 2:
        told = f"fewer than two of {study.k} studies have adequate power, so all were pooled"
        trace = replace(every.trace, message=told)
        return replace(every, spec=replace(every.spec, model=UWLS), trace=trace)
    fit = fit_model(_keep(study, powered), "EE", "knha", level)
    return replace(fit, spec=replace(fit.spec, model=WAAP))


@says_what_it_takes
def ivhet(
    data: pd.DataFrame | None = None,
    *,
    yi: Column | None = None,
    vi: Column | None = None,
    sei: Column | None = None,
    level: float = 0.95,
    labels: Column | None = None,
    measure: str | None = None,
) -> MetaFit:
    """Pool effects in the inverse-variance heterogeneity model (IVhet).

    The mean has the weights of the common-effect model, w = 1/vi, and the variance that it has
    under heterogeneity: sum(w^2 (vi + tau2))/sum(w)^2, with DerSimonian and Laird's tau2.

    Parameters
    ----------
    data : DataFrame, optional
        One row a study; None when arrays are passed.
    yi, vi, sei : column name or array
        As for ``pool``.
    level : float
        Confidence level, a fraction.
    labels : column name or array, optional
        Names of the studies.
    measure : str, optional
        Code of the effect size measure.

    Returns
    -------
    MetaFit
        A fit; the same numbers as ``pool(weights=1/vi, tau2="DL")``.

    Raises
    ------
    InputError
        As ``pool``, and with fewer than two studies.

    Notes
    -----
    The model of MetaXL, and of meta's ``method.common.ci = "IVhet"``.

    References
    ----------
    [doi2015]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.ivhet(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015])
    >>> round(fit.estimate, 4), round(float(fit.se[0]), 4)
    (0.2769, 0.1362)
    """
    study = _read(data, None, yi, vi, sei, labels, measure)
    fit = fit_model(replace(study, weights=1 / study.vi), "DL", "z", level)
    return replace(fit, spec=replace(fit.spec, model="Inverse-variance heterogeneity model"))


@says_what_it_takes
def sample_size_weights(
    data: pd.DataFrame | None = None,
    *,
    n: Column | None = None,
    n1: Column | None = None,
    n2: Column | None = None,
) -> pd.Series:
    """Return weights from sample sizes, to pass as ``weights``: n, or n1 n2/(n1 + n2).

    They do not depend on the effects, as variances do, so that a mean with them is free of the
    bias that comes from weights and effects being correlated.

    Parameters
    ----------
    data : DataFrame, optional
        The frame that column names refer to.
    n : column name or array, optional
        Sizes of one-group studies (``weights="n"`` does the same).
    n1, n2 : column name or array, optional
        Sizes of both groups, instead of ``n``.

    Returns
    -------
    Series
        One weight a row, NaN where a size is missing.

    Raises
    ------
    InputError
        On sizes that are not positive, and unless either n or both n1 and n2 are given.

    References
    ----------
    [bakbergenuly2020]

    Examples
    --------
    >>> import metarel as mr
    >>> import pandas as pd
    >>> table = pd.DataFrame({"yi": [0.3, 0.5], "vi": [0.1, 0.2], "n1": [20, 12], "n2": [20, 6]})
    >>> weights = mr.sample_size_weights(table, n1="n1", n2="n2")
    >>> weights.tolist()
    [10.0, 4.0]
    >>> round(mr.pool(table, weights=weights, tau2="DL").estimate, 4)
    0.3571
    """
    given: dict[str, Any] = {"n": n, "n1": n1, "n2": n2}
    named = [name for name, value in given.items() if value is not None]
    if named not in (["n"], ["n1", "n2"]):
        raise InputError(
            "`n`, or both `n1` and `n2`, must be given; "
            f"got {', '.join(f'`{name}`' for name in named) or 'none of them'}."
        )
    sizes = resolve(data, given)
    for name in named:
        check_domain(sizes[name], POSITIVE, name)
    weights = sizes["n"] if named == ["n"] else 1 / (1 / sizes["n1"] + 1 / sizes["n2"])
    return pd.Series(weights, index=index_of(data, given), name="weights")


def _read(
    data: pd.DataFrame | None,
    formula: str | None,
    yi: Column | None,
    vi: Column | None,
    sei: Column | None,
    labels: Column | None,
    measure: str | None,
) -> StudyData:
    """Check the columns, and that there are studies enough."""
    study = read_studies(
        data,
        yi=yi,
        vi=vi,
        sei=sei,
        labels=labels,
        measure=measure,
        weights=None,
        formula=formula,
    )
    k, p = study.X.shape
    if k <= max(p, 1):
        raise InputError(
            f"`data` must have more complete rows than coefficients, and at least two; "
            f"got {k} for {p}."
        )
    return study


def _keep(study: StudyData, kept: Any) -> StudyData:
    """Return some of the studies, the others reported as left out."""
    out = tuple(
        DroppedRow(int(study.rows[i]), study.labels[i], "its power is below 80 %")
        for i in np.flatnonzero(~kept).tolist()
    )
    return replace(
        study,
        yi=study.yi[kept],
        vi=study.vi[kept],
        design=intercept_only(int(kept.sum())),
        labels=tuple(study.labels[i] for i in np.flatnonzero(kept).tolist()),
        rows=study.rows[kept],
        dropped=study.dropped + out,
    )
