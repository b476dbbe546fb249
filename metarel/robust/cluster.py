"""A fit once more, with tests that allow for dependence of effects within clusters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._format import count, listing
from metarel._lazy import pd
from metarel._linalg import weighted_least_squares
from metarel.errors import InputError
from metarel.models._beside import beside_studies, first_of_each
from metarel.models._design import INTERCEPT
from metarel.models._inference import TestResult, wald_test
from metarel.models.results import MetaFit
from metarel.robust._reference import Satterthwaite
from metarel.robust._result import RobustFit
from metarel.robust._sandwich import (
    ROBUST_KINDS,
    Working,
    bias_reduced_scores,
    plain_scores,
    rests_on_one,
    working_model,
)

if TYPE_CHECKING:
    from metarel._checks import Array, Column

#: Below so many clusters, or so few degrees of freedom, the text of a fit says so.
FEW_CLUSTERS = 10
FEW_DF = 4.0


@says_what_it_takes
def robust(
    fit: MetaFit, cluster: Column, *, kind: str = "CR1", data: pd.DataFrame | None = None
) -> RobustFit:
    """Test the coefficients of a fit without assuming that effects of one cluster are independent.

    The covariance is (X'WX)^-1 (sum over clusters of X_j'W_j A_j e_j e_j'A_j W_j X_j) (X'WX)^-1,
    with the weights W of the fit and its residuals e. Coefficients and tau2 stay as they are.

    Parameters
    ----------
    fit : MetaFit
        What `pool` or `meta_regression` returned.
    cluster : column name or array
        What effects may depend on each other within, such as papers or samples: one value a
        study, or a column of ``data``.
    kind : {"CR1", "CR0", "CR2"}
        "CR0": A_j = I. "CR1": the same, times m/(m − p), for m clusters and p coefficients; both
        with m − p degrees of freedom. "CR2": A_j makes the covariance unbiased under the fitted
        model (variances vi + tau2, independent), with Satterthwaite's degrees of freedom for
        each coefficient; the one to take with fewer than some forty clusters.
    data : DataFrame, optional
        The frame the fit was made from; needed where ``cluster`` names one of its columns.

    Returns
    -------
    RobustFit
        It prints and predicts as the fit does. ``omnibus`` tests the moderators together: Wald's
        F with m − p df, for "CR2" Hotelling's T2 with estimated df (HTZ).

    Raises
    ------
    InputError
        When the fit is of another kind; when clusters are missing, of the wrong length, all one,
        or no more than the coefficients; and when a coefficient rests on one cluster alone,
        whose variance between clusters no data show.

    Notes
    -----
    Same numbers as metafor's ``robust(fit, cluster=)`` ("CR1"), with ``adjust=FALSE`` ("CR0") and
    with ``clubSandwich=TRUE`` ("CR2"); the default is that program's. The terminal's ``--cluster``
    takes "CR2", which is recommended for few clusters; the text of a fit names the kind and its
    degrees of freedom. clubSandwich itself calls "CR1p" what is "CR1" here. What
    the fit's own test was (z, Knapp–Hartung) does not matter. Time is linear in the number of
    studies, and for "CR2" cubic in the size of a cluster. The text of a fit says when there are
    fewer than 10 clusters, or fewer than 4 Satterthwaite df, below which p-values of "CR2" are
    too small too (Tipton 2015).

    References
    ----------
    [hedges2010], [bell2002], [tipton2015], [tipton2015b], [pustejovsky2018]

    Examples
    --------
    >>> import metarel as mr
    >>> table = mr.load_dataset("assink2016").studies
    >>> fit = mr.robust(mr.pool(table), cluster="study", data=table, kind="CR2")
    >>> fit.to_frame()[["estimate", "se", "df", "p_value"]].round(4)
       estimate      se     df  p_value
    0     0.563  0.2256  8.493   0.0356
    """
    fit = _readable(fit)
    chosen = ROBUST_KINDS[kind]
    names, codes = _clusters(fit, cluster, data)
    study, m = fit.study, len(names)
    phi = study.vi + fit.tau2
    weights = 1 / phi if study.weights is None else study.weights
    residuals = weighted_least_squares(study.yi, study.X, weights).residuals
    if (residuals**2 < 1e-24 * phi).all():
        residuals = np.zeros_like(residuals)  # rounding is no variance
    working = working_model(study.X, weights, phi, residuals, codes)
    _refuse_alone(fit, working, names)
    reference: Satterthwaite | None = None
    if chosen.bias_reduced:
        scores, reference = bias_reduced_scores(working)
        df = reference.df(np.eye(fit.p))
    else:
        scores = plain_scores(working)
        df = np.full(fit.p, float(m - fit.p))
    half = scores @ working.r_inverse.T
    vcov = half.T @ half * (m / (m - fit.p) if chosen.scaled else 1.0)
    omnibus = _omnibus(fit, vcov, m, reference)
    told = _told(fit, m, df, omnibus, satterthwaite=chosen.bias_reduced)
    if not residuals.any():
        told.append("the effects fit without residual, so there is nothing to test with")
    message = "; ".join(filter(None, [_model_message(fit), *told]))
    return RobustFit(
        study=study,
        beta=fit.beta,
        vcov=vcov,
        df=df,
        spec=replace(fit.spec, test=chosen.code, prediction="default"),
        trace=replace(fit.trace, message=message),
        model=fit,
        kind=chosen.code,
        clusters=names,
        codes=codes,
        reference=reference,
        omnibus=omnibus,
    )


def _readable(fit: object) -> MetaFit:
    """Refuse whatever is not a univariate fit with its own coefficients."""
    if isinstance(fit, RobustFit):
        raise InputError("`fit` is cluster-robust already; give its model, `fit.model`.")
    if not isinstance(fit, MetaFit):
        raise InputError(
            f"`fit` must be what pool() or meta_regression() returned; got {type(fit).__name__}."
        )
    return fit


def _clusters(fit: MetaFit, cluster: Column, data: pd.DataFrame | None) -> tuple[Any, Any]:
    """Return the clusters in order of appearance and each study's; refuse too few."""
    if cluster is None:
        raise InputError(
            "`cluster` must say which studies belong together: an array of one value a study, or "
            "a column of `data`; got None."
        )
    names, codes = first_of_each(beside_studies(fit, cluster, "cluster", data).to_numpy())
    names, m = tuple(names.tolist()), len(names)
    if m < 2:
        raise InputError(
            f"`cluster` must have at least two values; all are {names[0]!r}. Name the column of "
            "papers or samples, or keep the fit as it is."
        )
    if m <= fit.p:
        raise InputError(
            f"`cluster` must have more values than the fit has coefficients, {fit.p}; got {m}. "
            "Use fewer moderators, or smaller clusters."
        )
    return names, codes


def _refuse_alone(fit: MetaFit, working: Working, names: Any) -> None:
    """Refuse coefficients that one cluster alone determines."""
    found = rests_on_one(working)
    if found is not None:
        cluster, columns = found
        told = listing([repr(fit.study.terms[j]) for j in columns], 5)
        raise InputError(
            f"`cluster` must leave every coefficient with two clusters or more: without "
            f"{names[cluster]!r} there is no value of {told}, so that how far it varies between "
            "clusters cannot be seen. Merge levels, drop the moderator, or leave that cluster out."
        )


def _omnibus(
    fit: MetaFit, vcov: Array, m: int, reference: Satterthwaite | None
) -> TestResult | None:
    """Test the moderators together: Wald's F, or Hotelling's T2 as an F."""
    if fit.omnibus is None:
        return None
    null = fit.omnibus.null
    columns = [j for j, term in enumerate(fit.study.terms) if term != INTERCEPT]
    if reference is None:
        return wald_test(fit.beta, vcov, columns, float(m - fit.p), null)
    df2, factor = reference.joint(np.eye(fit.p)[columns])
    return wald_test(fit.beta, vcov / factor, columns, df2, null)


def _model_message(fit: MetaFit) -> str:
    """Return what the fit says of its estimation, not of the test that is replaced."""
    parts = fit.trace.message.split("; ")
    return "; ".join(part for part in parts if "Knapp–Hartung" not in part)


def _told(
    fit: MetaFit, m: int, df: Array, omnibus: TestResult | None, *, satterthwaite: bool
) -> list[str]:
    """Return what makes the tests doubtful."""
    told = []
    if m < FEW_CLUSTERS:
        advice = "" if satterthwaite else ", too few for this kind: take kind='CR2'"
        told.append(f"only {count(m, 'cluster')}{advice}")
    if satterthwaite and (df < FEW_DF).any():
        terms = listing([fit.study.terms[j] for j in np.flatnonzero(df < FEW_DF)], 5)
        told.append(f"fewer than {FEW_DF:g} df ({terms}): p-values are too small")
    if omnibus is not None and np.isnan(omnibus.df2):
        told.append("too few clusters for a joint test of the moderators")
    return told
