"""Location-scale models: moderators of the mean effect and of its between-study variance."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_choice, check_frame, check_level
from metarel._distributions import chi_square_p
from metarel._lazy import pd
from metarel.errors import InputError
from metarel.models._design import (
    INTERCEPT,
    Design,
    build,
    intercept_only,
    missing_moderators,
    parse,
)
from metarel.models._gls import generalised_least_squares
from metarel.models._heterogeneity import heterogeneity
from metarel.models._inference import TESTS, Setting, TestResult, wald_test
from metarel.models._study import DroppedRow, StudyData, read_studies, warn_of_dropped
from metarel.models.results import Fit, FitStatistics, Spec
from metarel.moderators._scale_fit import LocationScaleFit
from metarel.moderators._scale_likelihood import LINKS, ScaleProblem
from metarel.moderators._scale_optimum import ScaleOptimum, maximise
from metarel.tau2.likelihood import (
    log_likelihood,
    maximum_likelihood,
    restricted_maximum_likelihood,
)
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from metarel._checks import Array, Column


@says_what_it_takes
def location_scale(
    data: pd.DataFrame,
    mods: str = "1",
    scale: str = "1",
    *,
    yi: Column | None = None,
    vi: Column | None = None,
    sei: Column | None = None,
    tau2: str = "REML",
    link: str = "log",
    test: str = "z",
    level: float = 0.95,
    labels: Column | None = None,
    measure: str | None = None,
) -> LocationScaleFit:
    """Relate both the mean effect and the between-study variance to moderators.

    yi ~ N(x'b, vi + tau2_i) with log tau2_i = z'a, or tau2_i = z'a. The coefficients a maximise
    the likelihood; b are then those of weighted least squares.

    Parameters
    ----------
    data : DataFrame
        One row a study.
    mods : str
        Moderators of the mean, as for `meta_regression`; "1" for none.
    scale : str
        Moderators of the between-study variance, as a formula.
    yi, vi, sei : column name or array
        As for ``pool``.
    tau2 : {"REML", "ML"}
        The likelihood that is maximised.
    link : {"log", "identity"}
        Whether the scale predicts log tau2, or tau2 itself, which is kept from being negative.
    test : {"z", "t", "knha", "adhoc"}
        Tests of the mean as for ``pool``, with k − p df; those of the scale are by z under "z"
        and otherwise by t with k − q df, where q is the number of scale coefficients.
    level : float
        Confidence level, a fraction.
    labels : column name or array, optional
        Names of the studies.
    measure : str, optional
        Code of the effect size measure.

    Returns
    -------
    LocationScaleFit
        Print it; ``to_frame()`` has the mean, ``scale.to_frame()`` the scale, and ``predict()``
        and ``predict_scale()`` new rows.

    Raises
    ------
    InputError
        As `meta_regression`; also on too few studies.
    ConvergenceError
        When the likelihood has no single maximum, as under the log link where the tau2 of some
        studies runs to 0.

    Warns
    -----
    MetarelWarning
        When rows without yi, vi or a moderator are left out.

    Notes
    -----
    Same numbers as metafor's ``rma(yi, vi, mods=, scale=, link=)`` at tight thresholds; the
    covariance of the scale is the inverse of the exact Hessian. At a tau2 of 0 under the
    identity link it has no value here.

    References
    ----------
    [viechtbauer2022]

    Examples
    --------
    >>> import metarel as mr
    >>> table = mr.load_dataset("bcg")
    >>> trials = mr.effect_sizes(table.studies, **table.effect["default"])
    >>> fit = mr.location_scale(trials, "ablat", "ablat")
    >>> fit.scale.to_frame()[["term", "estimate", "se", "p_value"]].round(3)
            term  estimate    se  p_value
    0  intercept    -2.543  3.42    0.457
    1      ablat    -0.001  0.08    0.993
    """
    check_frame(data)
    if data is None:
        raise InputError("`data` must be a DataFrame that has the columns of the formulas.")
    tau2 = TAU2[tau2].code
    check_choice("tau2", tau2, ("REML", "ML"))
    level, kind = check_level(level), TESTS[test]
    study = read_studies(
        data,
        yi=yi,
        vi=vi,
        sei=sei,
        labels=labels,
        measure=measure,
        weights=None,
        formula=_formula(mods),
    )
    study, Z = _with_scale(study, data, mods, scale)
    problem = ScaleProblem(study.yi, study.vi, study.X, Z.X, LINKS[link], tau2 == "REML")
    return _fit(study, Z, problem, maximise(problem), Spec(tau2, kind.code, level, mods))


def _formula(text: str) -> str | None:
    """Return a formula, or None where it has an intercept only."""
    return None if isinstance(text, str) and text.strip().lstrip("~").strip() == "1" else text


def _with_scale(
    study: StudyData, data: pd.DataFrame, mods: str, scale: str
) -> tuple[StudyData, Design]:
    """Leave out rows without a scale moderator, and build both designs over the same rows."""
    text = _formula(scale)
    lacks = missing_moderators(data, parse(text)[1]) if text is not None else {}
    used = {told: missing[study.rows] for told, missing in lacks.items()}
    keep = ~np.any(list(used.values()), axis=0) if used else np.ones(study.k, dtype=bool)
    lacking = [
        DroppedRow(
            int(row), study.labels[i], next(told for told, missing in used.items() if missing[i])
        )
        for i, row in enumerate(study.rows)
        if not keep[i]
    ]
    if lacking:
        if not keep.any():
            raise InputError("`scale` has moderators that are missing in every complete row.")
        warn_of_dropped(tuple(lacking), len(data))
        study = _kept(study, keep, data, mods, lacking)
    Z = (
        intercept_only(study.k)
        if text is None
        else build(text, data.iloc[study.rows], list(study.labels))
    )
    p, q = study.X.shape[1], Z.X.shape[1]
    if study.k <= max(p, q):
        raise InputError(
            f"`mods` and `scale` have {p} and {q} coefficients for {study.k} complete rows; "
            "there must be more rows than either. Use fewer moderators."
        )
    return study, Z


def _kept(
    study: StudyData, keep: Any, data: pd.DataFrame, mods: str, lacking: list[DroppedRow]
) -> StudyData:
    """Return the rows to keep, with the design of the mean built over them."""
    names = [label for label, kept in zip(study.labels, keep, strict=True) if kept]
    rows, text = study.rows[keep], _formula(mods)
    design = intercept_only(len(rows)) if text is None else build(text, data.iloc[rows], names)
    return replace(
        study,
        yi=study.yi[keep],
        vi=study.vi[keep],
        design=design,
        labels=tuple(names),
        rows=rows,
        dropped=tuple(sorted([*study.dropped, *lacking], key=lambda d: d.row)),
    )


def _fit(
    study: StudyData, Z: Design, problem: ScaleProblem, optimum: ScaleOptimum, spec: Spec
) -> LocationScaleFit:
    """Put the record together from the maximum."""
    kind = TESTS[spec.test]
    (k, p), q = study.X.shape, Z.X.shape[1]
    tau2 = np.maximum(problem.tau2(optimum.alpha), 0.0)
    gls = generalised_least_squares(study.yi, study.vi + tau2, study.X, 0.0, None)
    if kind.rule is None or kind.asks_classic:
        raise InputError(
            f"`test` must be 'z', 't', 'knha', 'adhoc' or 'hybrid' for a location-scale model; "
            f"got {kind.code!r}, which is defined for one tau2."
        )
    setting = Setting(
        np.array([gls.scale]), np.array([float(k - p)]), spec.level, lambda: np.ones(1)
    )
    factor, dfs = kind.rule(setting)
    vcov, df = gls.vcov * factor[0], float(dfs[0])
    by_t = math.isfinite(df)
    df_scale, scale_test = (float(k - q), "t") if by_t else (math.inf, "z")
    part = Fit(
        study=replace(study, design=Z),
        beta=optimum.alpha,
        vcov=optimum.vcov,
        df=np.full(q, df_scale),
        spec=replace(spec, test=scale_test, formula=Z.formula),
        trace=optimum.trace,
    )
    return LocationScaleFit(
        study=study,
        beta=gls.beta,
        vcov=vcov,
        df=np.full(p, df),
        spec=replace(spec, formula=study.design.formula),
        trace=optimum.trace,
        scale=part,
        link=problem.link.code,
        tau2=tau2,
        heterogeneity=heterogeneity(study.yi, study.vi, study.X, 0.0, common=True),
        omnibus=_omnibus(study.design, gls.beta, vcov, df, "the mean effect"),
        scale_omnibus=_omnibus(Z, optimum.alpha, optimum.vcov, df_scale, "tau2"),
        scale_lrt=_against_one_tau2(problem, Z, optimum.value),
        statistics=FitStatistics.of(
            optimum.value, problem.v, p, parameters=p + q, restricted=problem.restricted
        ),
    )


def _omnibus(design: Design, beta: Array, vcov: Array, df2: float, what: str) -> TestResult | None:
    """Test all moderators of one part, or all coefficients where it has no intercept."""
    chosen = [j for j, term in enumerate(design.terms) if term != INTERCEPT]
    if not chosen:
        return None
    null = f"no moderator is related to {what}"
    if len(chosen) == len(design.terms):
        null = f"all coefficients of {what} are 0"
    if np.isnan(vcov).any():
        return TestResult(null, math.nan, len(chosen), df2, math.nan)
    return wald_test(beta, vcov, chosen, df2, null)


def _against_one_tau2(problem: ScaleProblem, Z: Design, value: float) -> TestResult | None:
    """Compare with the model that has one tau2, whose REML likelihood has the same mean."""
    if not Z.spans_intercept or Z.X.shape[1] == 1:
        return None
    y, v, X = problem.y, problem.v, problem.X
    estimate = restricted_maximum_likelihood if problem.restricted else maximum_likelihood
    one = log_likelihood(y, v, X, estimate(y, v, X).value, restricted=problem.restricted)
    ratio, df = max(2 * (value - one), 0.0), Z.X.shape[1] - 1
    return TestResult(
        "tau2 is the same in all studies", ratio, df, math.inf, chi_square_p(ratio, df)
    )
