"""The model of a fit, fitted again to some of its studies: many times at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._linalg import is_mean
from metarel.errors import InputError
from metarel.models._study import StudyData
from metarel.models.batch_fit import batch_fit
from metarel.models.batch_regression import BatchRegression, batch_regression
from metarel.models.meta import fit_model
from metarel.models.results import MetaFit
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.models.batch_sums import Flags


def readable(fit: object) -> MetaFit:
    """Refuse whatever is not a univariate fit."""
    if not isinstance(fit, MetaFit):
        raise InputError(
            f"`fit` must be what pool() or meta_regression() returned; got {type(fit).__name__}."
        )
    return fit


def mean_only(fit: object, purpose: str) -> MetaFit:
    """Refuse fits that are not of one pooled mean."""
    fit = readable(fit)
    if not is_mean(fit.study.X):
        raise InputError(
            f"`fit` must be a pooled mean for {purpose}; got a meta-regression on "
            f"{fit.spec.formula!r}. Use pool()."
        )
    return fit


def refit(fit: MetaFit, keep: Flags) -> BatchRegression:
    """Fit the model of a fit again to the studies that each row of a mask keeps.

    Estimator, test, level and own weights stay as they are. All rows are fitted in one batch.

    Parameters
    ----------
    fit : MetaFit
        The fit.
    keep : ndarray of bool, shape (m, k)
        Which studies take part in each refit.

    Returns
    -------
    BatchRegression
        The numbers of ``pool`` or ``meta_regression`` for each row, NaN with a note where there
        are none.
    """
    study, spec = fit.study, fit.spec
    _refuse_tables(fit)
    options: dict[str, Any] = {"tau2": spec.tau2, "test": spec.test, "level": spec.level}
    options["times"] = keep
    y, v, weights = study.yi[None], study.vi[None], study.weights
    if not is_mean(study.X):
        return batch_regression(y, v, study.X, weights=weights, **options)
    own = None if weights is None else weights[None]
    many = batch_fit(y, v, weights=own, **options)
    return BatchRegression(
        k=many.k,
        beta=many.estimate[:, None],
        vcov=many.variance[:, None, None],
        df=many.df[:, None],
        tau2=many.tau2,
        tau2_se=many.tau2_se,
        Q=many.Q,
        typical_variance=many.typical_variance,
        knapp_hartung=many.knapp_hartung,
        factor=many.factor,
        note=many.note,
        common=many.common,
        level=many.level,
    )


def _refuse_tables(fit: MetaFit) -> None:
    """Refuse a tau2 that was found from more than effects and variances."""
    code = fit.spec.tau2
    if isinstance(code, str) and TAU2[code].takes == "centre":
        raise InputError(
            f"`fit` has a tau2 that was found from tables ({code!r}) and cannot be found again "
            'for some of the studies. Fit with tau2="DL" or another estimator.'
        )


def fit_part(fit: MetaFit, keep: Flags) -> MetaFit:
    """Fit the model of a fit again to some of its studies, as a fit of its own.

    Parameters
    ----------
    fit : MetaFit
        The fit.
    keep : ndarray of bool, shape (k,)
        Which studies take part.

    Returns
    -------
    MetaFit
        The new fit.
    """
    _refuse_tables(fit)
    whole = fit.study
    chosen = np.flatnonzero(keep)
    columns = whole.design.columns
    part = StudyData(
        whole.yi[chosen],
        whole.vi[chosen],
        replace(
            whole.design,
            X=whole.X[chosen],
            columns=None if columns is None else columns.iloc[chosen].reset_index(drop=True),
        ),
        tuple(whole.labels[int(i)] for i in chosen),
        whole.rows[chosen],
        whole.dropped,
        whole.measure,
        None if whole.weights is None else whole.weights[chosen],
    )
    again, spec = fit_model(part, fit.spec.tau2, fit.spec.test, fit.spec.level), fit.spec
    kept = replace(again.spec, prediction=spec.prediction, I2=spec.I2, settings=spec.settings)
    return replace(again, spec=kept)


def shares(fit: MetaFit, refits: BatchRegression) -> tuple[Array, Array]:
    """Return I2 and H2 of refits, by the definition that the fit has."""
    return refits.shares(fit.spec.I2)
