"""Common-, random- and mixed-effects models of independent studies."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_level
from metarel._format import listing
from metarel._lazy import pd
from metarel._optimize import CLOSED_FORM, Trace
from metarel._register import one_of
from metarel.errors import InputError, warn
from metarel.models._design import INTERCEPT, quoted
from metarel.models._gls import Gls, generalised_least_squares
from metarel.models._heterogeneity import (
    explained_variance,
    explained_variance_common,
    heterogeneity,
)
from metarel.models._inference import TESTS, Inference, TestResult, infer
from metarel.models._settings import choose, made_by
from metarel.models._study import StudyData, read_studies
from metarel.models.results import FitStatistics, MetaFit, Spec
from metarel.tau2._base import Tau2Estimate, Tau2Estimator
from metarel.tau2.likelihood import likelihood_of
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metarel._checks import Column

#: A text with a number in it, and one that is nothing else.
NUMBER_IN_TEXT = re.compile(r"\d")
PLAIN_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)")


@says_what_it_takes
def pool(
    data: pd.DataFrame | None = None,
    *,
    yi: Column | None = None,
    vi: Column | None = None,
    sei: Column | None = None,
    tau2: str | float | Tau2Estimator | None = None,
    test: str | None = None,
    level: float = 0.95,
    labels: Column | None = None,
    measure: str | None = None,
    weights: Column | None = None,
    settings: str | None = None,
) -> MetaFit:
    """Pool independent effects in a random-effects (or common-effect) model.

    The mean is the average of yi with weights 1/(vi + tau2); its variance the inverse of the
    sum of the weights, or Knapp and Hartung's.

    Parameters
    ----------
    data : DataFrame, optional
        One row a study; None when arrays are passed.
    yi, vi : column name or array
        Effects and their sampling variances (positive); by default the columns "yi" and "vi".
    sei : column name or array, optional
        Standard errors, instead of ``vi``.
    tau2 : str or float, optional
        Estimator of the between-study variance ("REML", "ML", "DL", "DL2", "DLIT", "HE", "HE2",
        "HS", "HSk", "SJ", "SJIT", "PM", "PMM", "EB", "HM"; "GENQ" and "GENQM", which take
        ``weights``; what ``tau2_from_tables`` returns; "EE" for the common-effect model), or the
        value at which to fix it; "REML" by default.
    test : {"z", "t", "knha", "adhoc", "hybrid", "iqwig", "kr"}, optional
        Normal ("z", the default), t with k − 1 df, or Knapp–Hartung; guarded by a factor of at
        least 1 ("adhoc"), by the wider of its interval and the normal one ("hybrid"), or by the
        factor of at least 1 only where its interval is narrower than DerSimonian and Laird's
        ("iqwig"); or Kenward–Roger, for REML. The guards that compare intervals do so at
        ``level``.
    level : float
        Confidence level, a fraction.
    labels : column name or array, optional
        Names of the studies; by default the column "study", or numbers.
    measure : str, optional
        Code of the effect size measure, for back-transformation; effect_sizes() leaves it on
        the frame.
    weights : column name, array or number, optional
        Own weights for the mean instead of 1/(vi + tau2); a constant gives the plain average.
        "GENQ" and "GENQM" estimate tau2 with the same weights.
    settings : str, optional
        Another program's choices for what is not given, such as ``"meta"``, ``"revman5"`` or
        ``"jasp"``: tau2, test, prediction interval and the definition of I2. The fit prints what
        was set; ``settings_table()`` lists all.

    Returns
    -------
    MetaFit
        A frozen record; print it, or see ``to_frame()``, ``predict()``, ``weights()``.

    Raises
    ------
    InputError
        On unknown columns or words, text, infinite numbers, variances that are not positive, and
        when no row is complete. Variances are taken for standard errors, and refused, only where
        ``data`` shows it: they equal a column with the name of one (``se``, ``sei``, ``seTE``,
        ``std_err`` and the like), or they are 1/sqrt(n − 3) for Fisher's z beside a column ``n``.

    Warns
    -----
    MetarelWarning
        When rows without yi or vi are left out, when there is a single study, and when the
        effects are not what the program of ``settings`` would have pooled.

    Notes
    -----
    Same numbers as metafor's ``rma(yi, vi, method=, test=)`` at tight thresholds; "adhoc",
    "iqwig" and "hybrid" are meta's ``adhoc.hakn.ci`` "se", "IQWiG6" and "ci", and "kr" its
    ``method.random.ci`` "KR". With one study tau2 cannot be estimated: it is taken as 0 and the
    test as z.

    References
    ----------
    [dersimonian1986], [viechtbauer2005], [knapp2003], [higgins2002], [jackson2017], [iqwig2022],
    [wiksten2016], [kenward1997], [partlett2017]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.45, 0.28], vi=[0.02, 0.01, 0.04, 0.015], tau2="DL")
    >>> round(fit.estimate, 4), round(fit.tau2, 4)
    (0.239, 0.0013)
    """
    chosen = choose(settings, tau2, test, regression=False, weighted=weights is not None)
    study = read_studies(
        data,
        yi=yi,
        vi=vi,
        sei=sei,
        labels=labels,
        measure=measure,
        weights=weights,
        formula=None,
    )
    if study.k == 1:
        warn(
            "With one study tau2 cannot be estimated: it is taken as 0, and the result is that "
            "study's own estimate and interval."
        )
    fit = fit_model(study, chosen.tau2, chosen.test, level)
    return chosen.mark(fit, made_by(data))


@says_what_it_takes
def meta_regression(
    data: pd.DataFrame,
    formula: str,
    *,
    yi: Column | None = None,
    vi: Column | None = None,
    sei: Column | None = None,
    tau2: str | float | None = None,
    test: str | None = None,
    level: float = 0.95,
    labels: Column | None = None,
    measure: str | None = None,
    weights: Column | None = None,
    settings: str | None = None,
) -> MetaFit:
    """Relate effects to moderators in a mixed-effects meta-regression.

    Parameters
    ----------
    data : DataFrame
        One row a study.
    formula : str
        Moderators, such as ``"year + C(rater)"``, ``"year * setting"`` or ``"0 + rater"``; text
        columns are factors, and an intercept is there unless ``0 +`` removes it. A column whose
        name is no single word stands in backticks, unless it is the whole formula. Beside columns,
        arithmetic and comparisons it may call formulaic's own functions (``log``, ``bs``, ``cr``,
        ``poly``, ``scale``, ``center``, ``C``, ``I``, …), ``sqrt``, ``contr.…``, numpy's
        element-wise functions, such as ``np.log1p``, ``np.where`` and ``np.clip``, and no others.
    yi, vi, sei : column name or array
        As for ``pool``.
    tau2 : str or float, optional
        Estimator of the residual between-study variance, or its value; as for ``pool``.
    test : {"z", "t", "knha", "adhoc", "hybrid", "kr"}, optional
        As for ``pool``, with k − p df ("kr" has its own for each coefficient).
    level : float
        Confidence level, a fraction.
    labels : column name or array, optional
        Names of the studies.
    measure : str, optional
        Code of the effect size measure.
    weights : column name, array or number, optional
        Own weights.
    settings : str, optional
        Another program's choices for what is not given; as for ``pool``.

    Returns
    -------
    MetaFit
        Coefficients with tests, residual heterogeneity, the omnibus test of all moderators
        (of all coefficients where there is no intercept) and R2.

    Raises
    ------
    InputError
        As ``pool``; also on moderators that repeat each other, and on too few studies.

    Warns
    -----
    MetarelWarning
        When rows without yi, vi or a moderator are left out, and as ``pool`` on ``settings``.

    Notes
    -----
    Same numbers as metafor's ``rma(yi, vi, mods = ~ ...)``, except for models whose columns do
    not span an intercept (``0 + x``): there metafor's tau2, Q and likelihood are not those of
    the model that is fitted.

    References
    ----------
    [thompson2002], [knapp2003], [raudenbush2009], [kenward1997]

    Examples
    --------
    >>> import metarel as mr
    >>> import pandas as pd
    >>> table = pd.DataFrame({
    ...     "yi": [0.10, 0.25, 0.32, 0.48, 0.55],
    ...     "vi": [0.02, 0.03, 0.02, 0.03, 0.04],
    ...     "year": [1990, 1995, 2000, 2005, 2010],
    ... })
    >>> fit = mr.meta_regression(table, "year", tau2="DL")
    >>> fit.to_frame()[["term", "estimate"]].round(4)
            term  estimate
    0  intercept  -45.5634
    1       year    0.0230
    """
    chosen = choose(settings, tau2, test, regression=True, weighted=weights is not None)
    formula = quoted(formula, data)
    study = read_studies(
        data,
        yi=yi,
        vi=vi,
        sei=sei,
        labels=labels,
        measure=measure,
        weights=weights,
        formula=formula,
    )
    k, p = study.X.shape
    if k <= p:
        raise InputError(
            f"`formula` {formula!r} has {p} coefficients for {k} complete rows; "
            f"there must be more rows than coefficients. {_way_out(study.design.levels)}"
        )
    try:
        fit = fit_model(study, chosen.tau2, chosen.test, level)
    except np.linalg.LinAlgError as fault:
        low, high = study.vi.min(), study.vi.max()
        raise InputError(
            f"`vi` must not differ so much that some rows count for nothing: from {low:g} to "
            f"{high:g} here. Leave out the rows of huge variance, or check their units."
        ) from fault
    return chosen.mark(fit, made_by(data))


def _way_out(levels: Mapping[str, tuple[Any, ...]]) -> str:
    """Return what to do about too many coefficients; text that was meant as numbers is named."""
    for name, values in levels.items():
        texts = [value for value in values if isinstance(value, str)]
        numeric = [value for value in texts if NUMBER_IN_TEXT.search(value)]
        if len(texts) > 2 and 2 * len(numeric) > len(texts):
            plain = [value for value in texts if PLAIN_NUMBER.fullmatch(value.strip())]
            odd = [value for value in texts if value not in plain] or texts
            return (
                f"`{name}` is text with {len(texts)} different values, such as "
                f"{listing([repr(value) for value in odd], 2)}: was a number meant? Write each "
                "cell as a plain number."
            )
    return "Use fewer moderators."


def fit_model(
    study: StudyData, tau2: str | float | Tau2Estimator, test: str, level: float
) -> MetaFit:
    """Fit a model to checked data; the order of the steps is the model.

    Parameters
    ----------
    study : StudyData
        Checked effects, variances and design.
    tau2 : str, float or Tau2Estimator
        Estimator or fixed value.
    test : str
        Kind of test.
    level : float
        Confidence level.

    Returns
    -------
    MetaFit
        The fit.
    """
    level = check_level(level)
    y, v, X = study.yi, study.vi, study.X
    k = len(y)
    kind = TESTS["z" if k == 1 else test]
    between, code = estimate_tau2(study, tau2)
    gls = generalised_least_squares(y, v, X, between.value, study.weights)
    without = _without_moderators(study, code)
    inference = infer(kind, study, gls, between.value, code, level)
    common = code == "EE" or k == 1
    return MetaFit(
        study=study,
        beta=gls.beta,
        vcov=inference.vcov,
        df=inference.df,
        spec=Spec(code, kind.code, level, study.design.formula),
        trace=_trace(between.trace, inference),
        tau2=between.value,
        tau2_se=between.se,
        heterogeneity=heterogeneity(y, v, X, between.value, common=common, at_zero=between.at_zero),
        omnibus=_omnibus(study, gls.beta, inference),
        R2=_r2(study, code, between.value, without),
        statistics=_statistics(study, code, gls),
        knapp_hartung=gls.scale,
        tau2_without=without.value,
        tau2_without_se=without.se,
    )


def estimate_tau2(
    study: StudyData, tau2: str | float | Tau2Estimator
) -> tuple[Tau2Estimate, str | float]:
    """Estimate tau2 by the named estimator, or take the number given.

    Parameters
    ----------
    study : StudyData
        Checked data.
    tau2 : str, float or Tau2Estimator
        Estimator, its code, or a value of at least 0.

    Returns
    -------
    tuple
        The estimate, and the code or value as resolved.

    Raises
    ------
    InputError
        On an unknown code or a negative value.
    """
    if isinstance(tau2, (str, Tau2Estimator)):
        estimator = TAU2[tau2] if isinstance(tau2, str) else tau2
        if study.k == study.X.shape[1]:
            return Tau2Estimate(0.0, math.nan, Trace(True, 0, "tau2 is taken as 0")), estimator.code
        return _estimate(study, estimator, study.X), estimator.code
    if (
        isinstance(tau2, bool)
        or not isinstance(tau2, (int, float, np.number))
        or not 0 <= tau2 < math.inf
    ):
        raise InputError(f"{one_of('tau2', TAU2, tau2)} Or a number of at least 0, to fix it.")
    return Tau2Estimate(float(tau2), math.nan, CLOSED_FORM), float(tau2)


def _estimate(study: StudyData, estimator: Tau2Estimator, X: np.ndarray) -> Tau2Estimate:
    """Run an estimator, with the weights where it takes them."""
    more = {"weights": study.weights} if estimator.takes == "weights" else {}
    return estimator.estimate(study.yi, study.vi, X, **more)


def _trace(trace: Trace, inference: Inference) -> Trace:
    """Add to the trace what makes the test itself doubtful."""
    if inference.flat:
        told = "the effects fit without residual, so the Knapp–Hartung interval has no width"
        message = "; ".join(filter(None, [trace.message, f"{told}: use test='adhoc'"]))
        return replace(trace, message=message)
    return trace


def _omnibus(study: StudyData, beta: np.ndarray, inference: Inference) -> TestResult | None:
    """Test all moderators together, or all coefficients where there is no intercept."""
    chosen = [j for j, term in enumerate(study.terms) if term != INTERCEPT]
    if not chosen:
        return None
    if len(chosen) < len(study.terms):
        null = "no moderator is related to the effects"
    else:
        null = "all coefficients are 0"
    return inference.wald(beta, chosen, null)


#: Where no tau2 without moderators was looked for.
NOT_SOUGHT = Tau2Estimate(math.nan, math.nan, CLOSED_FORM)


def _without_moderators(study: StudyData, code: str | float) -> Tau2Estimate:
    """Estimate tau2 with an intercept only, where that model is nested."""
    if study.X.shape[1] == 1 or code == "EE" or not isinstance(code, str):
        return NOT_SOUGHT
    if not study.design.spans_intercept:
        return NOT_SOUGHT
    return _estimate(study, TAU2[code], np.ones((study.k, 1)))


def _r2(study: StudyData, code: str | float, tau2: float, without: Tau2Estimate) -> float:
    """Return R2 against the model with an intercept only, where that is nested."""
    if code == "EE" and study.X.shape[1] > 1 and study.design.spans_intercept:
        return explained_variance_common(study.yi, study.vi, study.X)
    return explained_variance(without.value, tau2)


def _statistics(study: StudyData, code: str | float, gls: Gls) -> FitStatistics:
    """Return likelihood and information criteria; tau2 counts where it was estimated."""
    X, p = study.X, len(gls.beta)
    restricted = isinstance(code, str) and TAU2[code].restricted
    rss = gls.rss if study.weights is None else float((gls.residuals**2 / gls.total).sum())
    value = likelihood_of(X, gls.total, rss, gls.log_det if restricted else None)
    parameters = p + (isinstance(code, str) and code != "EE")
    return FitStatistics.of(value, study.vi, p, parameters=parameters, restricted=restricted)
