"""Confidence limits of tau2 of a fit, carried on to tau, I2 and H2."""

from __future__ import annotations

import math
from collections.abc import Callable

from metarel._calls import says_what_it_takes
from metarel._checks import check_choice, check_level
from metarel._lazy import pd
from metarel._optimize import CLOSED_FORM
from metarel.errors import InputError, warn
from metarel.models.results import MetaFit
from metarel.tau2._base import Tau2Estimate
from metarel.tau2.interval import EMPTY, PIECES, Tau2Interval, profile_likelihood, q_profile
from metarel.tau2.interval_moment import (
    from_standard_error,
    generalised_q_interval,
    higgins_thompson,
)
from metarel.tau2.register import TAU2

#: Estimators whose likelihood can be profiled, and whether it is the restricted one.
LIKELIHOODS = {"ML": False, "REML": True}


@says_what_it_takes
def tau2_interval(fit: MetaFit, *, method: str = "QP", level: float | None = None) -> pd.DataFrame:
    """Give confidence limits of the between-study variance of a fit.

    The limits of tau2 are carried to tau = sqrt(tau2), I2 = tau2 / (tau2 + s2) and
    H2 = 1 + tau2 / s2, with s2 the typical sampling variance. Where the settings of the fit define
    I2 and H2 by Q, these are no functions of its tau2: their limits are then the test-based ones
    of Q itself, whatever the method for tau2.

    Parameters
    ----------
    fit : MetaFit
        What `pool` or `meta_regression` returned, with tau2 estimated from at least one more
        study than there are coefficients.
    method : {"QP", "PL", "GENQ", "HT", "Wald"}
        Q-profile, exact for normal effects and the same whatever the estimator; profile
        likelihood, for fits by "ML" and "REML"; generalised Q, exact too, with the weights of a
        fit by "GENQ" or "GENQM" and otherwise 1/vi (Cochran's Q); test-based, of Higgins and
        Thompson, approximate; or the estimate and its standard error, crude.
    level : float, optional
        Confidence level, a fraction; by default the fit's.

    Returns
    -------
    DataFrame
        Rows tau2, tau, I2 (a fraction) and H2; columns estimate, ci_low, ci_high, and method: of
        which method the row's limits are. Its ``attrs`` hold method, level, converged, message
        and empty: whether no tau2 is compatible with the effects, so that there are no limits
        (NaN).

    Raises
    ------
    InputError
        When the fit is of another kind, tau2 was fixed, no degrees of freedom are left, the
        method is unknown, or the likelihood was not the criterion of the estimate.

    Warns
    -----
    MetarelWarning
        When effects vary so little that no tau2 is compatible with them, so that the set of the
        Q-profile or of generalised Q is empty and the limits are NaN; when a set in pieces was
        spanned; and when I2 is defined by Q with one degree of freedom, where it has no limits.

    Notes
    -----
    The same numbers as metafor's ``confint(fit, type=method)`` at tight thresholds, but for the
    empty set, for which metafor prints 0 twice. An estimate by another criterion than that of
    the limits can lie outside of them. Own weights play no part but in "GENQ".

    References
    ----------
    [viechtbauer2007], [hardy1996], [jackson2013], [jackson2014], [biggerstaff2008], [higgins2002]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015], tau2="PM")
    >>> mr.tau2_interval(fit).round(3)
          estimate  ci_low  ci_high method
    tau2     0.072   0.004    1.392     QP
    tau      0.268   0.066    1.180     QP
    I2       0.802   0.199    0.987     QP
    H2       5.049   1.248   79.380     QP
    """
    check_choice("method", method, tuple(METHODS))
    fit = _readable(fit)
    interval = METHODS[method](fit, fit.spec.level if level is None else check_level(level))
    if interval.trace.message in (EMPTY, PIECES):
        warn(f"Limits of tau2: {interval.trace.message}.")
    return _carried(fit, interval)


def _readable(fit: object) -> MetaFit:
    """Refuse what has no tau2 to give limits for."""
    if not isinstance(fit, MetaFit):
        raise InputError(
            f"`fit` must be what pool() or meta_regression() returned; got {type(fit).__name__}."
        )
    code = fit.spec.tau2
    if code == "EE":
        raise InputError(
            "`fit` is a common-effect model, which has no tau2. Fit again with an estimator, such "
            'as tau2="REML".'
        )
    if not isinstance(code, str):
        raise InputError(
            f"`fit` must have estimated tau2; here it was fixed (tau2={code!r}). "
            'Fit again with an estimator, such as tau2="REML".'
        )
    if fit.k <= fit.p:
        raise InputError(
            f"`fit` must have more studies than coefficients for limits of tau2; "
            f"got {fit.k} and {fit.p}."
        )
    return fit


def _profile_q(fit: MetaFit, level: float) -> Tau2Interval:
    return q_profile(fit.study.yi, fit.study.vi, fit.study.X, level)


def _profile_likelihood(fit: MetaFit, level: float) -> Tau2Interval:
    study, code = fit.study, str(fit.spec.tau2)
    if code not in LIKELIHOODS:
        raise InputError(
            f'`method` "PL" profiles the likelihood, so the fit must be by "ML" or "REML"; '
            f'got a fit by "{code}". Fit again with one of these, or use method="QP".'
        )
    return profile_likelihood(study.yi, study.vi, study.X, level, restricted=LIKELIHOODS[code])


def _generalised_q(fit: MetaFit, level: float) -> Tau2Interval:
    study, own = fit.study, TAU2[str(fit.spec.tau2)].takes == "weights"
    weights = study.weights if own and study.weights is not None else 1 / study.vi
    return generalised_q_interval(study.yi, study.vi, study.X, level, weights)


def _test_based(fit: MetaFit, level: float) -> Tau2Interval:
    return higgins_thompson(fit.study.yi, fit.study.vi, fit.study.X, level)


def _wald(fit: MetaFit, level: float) -> Tau2Interval:
    return from_standard_error(Tau2Estimate(fit.tau2, fit.tau2_se, fit.trace), level)


#: How each kind of limits is found.
METHODS: dict[str, Callable[[MetaFit, float], Tau2Interval]] = {
    "QP": _profile_q,
    "PL": _profile_likelihood,
    "GENQ": _generalised_q,
    "HT": _test_based,
    "Wald": _wald,
}


def _carried(fit: MetaFit, interval: Tau2Interval) -> pd.DataFrame:
    """Return the table; I2 and H2 follow tau2, or Q where the fit defines them so."""
    by_q = fit.spec.I2 == "Q"
    shares = _limits_of_q(fit, interval.level) if by_q else interval
    s2 = fit.heterogeneity.typical_variance
    H2 = (fit.H2, 1 + shares.low / s2, 1 + shares.high / s2)
    I2 = (fit.I2, shares.low / (shares.low + s2), shares.high / (shares.high + s2))
    tau2 = (fit.tau2, interval.low, interval.high)
    rows = {"tau2": tau2, "tau": tuple(math.sqrt(x) for x in tau2), "I2": I2, "H2": H2}
    frame = pd.DataFrame(rows, index=["estimate", "ci_low", "ci_high"]).T
    frame["method"] = [interval.method, interval.method, shares.method, shares.method]
    frame.attrs.update(
        method=interval.method,
        level=interval.level,
        converged=interval.trace.converged,
        message=interval.trace.message,
        empty=interval.trace.message == EMPTY,
    )
    return frame


def _limits_of_q(fit: MetaFit, level: float) -> Tau2Interval:
    """Return the test-based limits of Q on the scale of tau2; NaN with one degree of freedom."""
    if fit.k - fit.p > 1:
        return _test_based(fit, level)
    warn("I2 and H2 are from Q here, and with one degree of freedom they have no limits.")
    return Tau2Interval(math.nan, math.nan, "HT", level, CLOSED_FORM)
