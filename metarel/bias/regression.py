"""Regression tests for funnel plot asymmetry, whether effects change with a study's size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_choice, check_domain, is_series
from metarel._distributions import critical_value
from metarel._format import adaptive, fixed, interval, p_value, plain
from metarel._lazy import pd
from metarel._vocabulary import POSITIVE
from metarel.bias._notes import caution
from metarel.bias.predictors import PREDICTORS, Predictor
from metarel.errors import InputError
from metarel.models._beside import beside_studies
from metarel.models._design import build
from metarel.models._inference import TESTS
from metarel.models._mean_interval import check_fit
from metarel.models.meta import fit_model
from metarel.models.results import MetaFit
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from metarel._checks import Array, Column

#: What metafor calls them.
ALSO = {"rma": "mixed"}
#: Relative differences below this are rounding.
SAME = 1e-12
#: How the effects are taken to scatter about the line.
MODELS = {
    "mixed": "mixed-effects meta-regression, tau2 added",
    "lm": "weighted least squares, variances multiplied",
}


@dataclass(frozen=True, slots=True)
class RegressionTest:
    """A regression test for funnel plot asymmetry.

    Parameters
    ----------
    predictor : str
        What stands for the size of a study, in words.
    model : str
        ``"mixed"`` or ``"lm"``.
    slope, se : float
        How much effects change with the predictor, and the standard error.
    statistic, df, p_value : float
        The test that they do not; ``df`` of inf means z.
    limit, limit_low, limit_high : float
        The effect of a study of endless size with its confidence limits, where the predictor is 0
        there and there are no other moderators; else NaN.
    fit : MetaFit
        The regression.
    caution : str
        What makes the test doubtful here; empty where nothing does.
    """

    predictor: str
    model: str
    slope: float
    se: float
    statistic: float
    df: float
    p_value: float
    limit: float
    limit_low: float
    limit_high: float
    fit: MetaFit
    caution: str

    def to_dict(self) -> dict[str, Any]:
        """Return the test in plain types.

        Returns
        -------
        dict
            Ready for JSON; NaN and infinities become None.
        """
        names = [name for name in self.__slots__ if name != "fit"]
        return dict(plain({**{name: getattr(self, name) for name in names}, "k": self.fit.k}))

    def __str__(self) -> str:
        kind = "z" if np.isinf(self.df) else f"t({self.df:g})"
        lines = [
            f"Regression test for funnel plot asymmetry, {self.fit.k} studies",
            f"Model: {MODELS[self.model]}; predictor: {self.predictor}",
            f"{kind} = {fixed(self.statistic)}, p {p_value(self.p_value)} "
            f"(H0: effects do not change with {self.predictor})",
        ]
        if not np.isnan(self.limit):
            lines.append(
                f"Effect of an endlessly large study: {adaptive(self.limit)}, "
                f"{100 * self.fit.spec.level:g}% CI {interval(self.limit_low, self.limit_high)}"
            )
        return "\n".join([*lines, *filter(None, [self.caution])])

    def __repr__(self) -> str:
        return str(self)


def regression_test(
    fit: MetaFit,
    *,
    predictor: str | Column = "sei",
    model: str = "mixed",
    n: Column | None = None,
    data: pd.DataFrame | None = None,
) -> RegressionTest:
    """Test for funnel plot asymmetry by regression: Egger's test and its relatives.

    Effects are regressed on a measure of the studies' imprecision; a slope other than 0 says that
    small studies differ from large ones, of which bias is one cause among others. With
    ``model="lm"`` and the standard error this is Egger's test: his "intercept" of the regression
    of yi/sei on 1/sei is the slope here.

    Parameters
    ----------
    fit : MetaFit
        A pooled mean or a meta-regression, whose moderators stay in the model.
    predictor : {"sei", "vi", "n", "1/n", "sqrt(n)", "1/sqrt(n)"}, column name or array
        What stands for the size of a study; values of your own are regressed on as they are.
    model : {"mixed", "lm"}
        ``"mixed"`` adds tau2, by the fit's estimator and test (Sterne and Egger; the default of
        metafor); ``"lm"`` multiplies the variances by a factor and tests with k − p df (Egger; the
        default of meta).
    n : column name or array, optional
        Sample sizes, for the predictors that are made from them.
    data : DataFrame, optional
        The frame that the fit was made from, where a column is named.

    Returns
    -------
    RegressionTest
        The test, the effect at endless size, and the regression itself.

    Raises
    ------
    InputError
        On an unknown word, sizes that are missing or not positive, and fewer studies than
        coefficients.

    Notes
    -----
    Same numbers as metafor's ``regtest`` with ``model="rma"`` and ``"lm"``, and for ``"lm"`` as
    meta's ``metabias(method.bias="Egger")``. Peters's test takes ``predictor="1/n"`` with weights
    of its own, Pustejovsky and Rodgers's takes ``sqrt(1/n1 + 1/n2)`` as values.

    References
    ----------
    [egger1997], [sterne2005], [sterne2011], [macaskill2001], [peters2006], [pustejovsky2019]

    Examples
    --------
    >>> import metarel as mr
    >>> table = mr.load_dataset("thirdwave_harrer2021").studies
    >>> fit = mr.pool(table)
    >>> print(mr.regression_test(fit, model="lm"))
    Regression test for funnel plot asymmetry, 18 studies
    Model: weighted least squares, variances multiplied; predictor: standard error
    t(16) = 4.6770, p = 0.0003 (H0: effects do not change with standard error)
    Effect of an endlessly large study: -0.3407, 95% CI [-0.7302, 0.0487]
    """
    fit = check_fit(fit, own_weights=True)
    model = check_choice("model", ALSO.get(model, model), MODELS)
    entry, values = _predictor(fit, predictor, n, data)
    regression = _regress(fit, entry.term, values, model)
    slope, se = float(regression.beta[-1]), float(regression.se[-1])
    limit = low = high = np.nan
    if entry.at_limit and fit.p == 1 and fit.study.terms == ("intercept",):
        limit = float(regression.beta[0])
        half = float(critical_value(fit.spec.level, regression.df)[0] * regression.se[0])
        low, high = limit - half, limit + half
    return RegressionTest(
        predictor=entry.name,
        model=model,
        slope=slope,
        se=se,
        statistic=float(regression.statistic[-1]),
        df=float(regression.df[-1]),
        p_value=float(regression.p_value[-1]),
        limit=limit,
        limit_low=low,
        limit_high=high,
        fit=regression,
        caution=caution(fit, by_precision=not entry.sizes),
    )


def _predictor(
    fit: MetaFit, predictor: Any, n: Any, data: pd.DataFrame | None
) -> tuple[Predictor, Array]:
    """Return what stands for the size of a study, and its values."""
    known = isinstance(predictor, str) and predictor in PREDICTORS
    if known or (isinstance(predictor, str) and (data is None or predictor not in data.columns)):
        entry = PREDICTORS[predictor]
        if not entry.sizes:
            if n is not None:
                raise InputError(
                    f"`n` plays no part in the predictor {entry.code!r}; choose "
                    "predictor='1/sqrt(n)' or another that is made from sample sizes."
                )
            return entry, np.asarray(entry.of(fit.study.vi))
        if n is None:
            raise InputError(
                f"`n` must be given for the predictor {entry.code!r}: the sample sizes of the "
                "studies, as a column of `data` or an array."
            )
        sizes = _numbers(fit, n, "n", data)
        check_domain(sizes, POSITIVE, "n", fit.study.labels)
        return entry, np.asarray(entry.of(sizes))
    name = predictor if isinstance(predictor, str) else getattr(predictor, "name", None)
    told = str(name) if name is not None else "predictor"
    given = Predictor("own", told, "predictor", "", lambda x: x, True, False)
    return given, _numbers(fit, predictor, "predictor", data)


def _numbers(fit: MetaFit, values: Any, argument: str, data: pd.DataFrame | None) -> Array:
    """Return one number a study."""
    found = beside_studies(fit, values, argument, data)
    try:
        return found.to_numpy(dtype=float)
    except (TypeError, ValueError):
        shown = values.name if is_series(values) else values if isinstance(values, str) else "it"
        raise InputError(f"`{argument}` must hold numbers; {shown!r} does not.") from None


def _regress(fit: MetaFit, term: str, values: Array, model: str) -> MetaFit:
    """Fit the model of the fit with one more moderator, the last."""
    study = fit.study
    if np.ptp(values) <= SAME * np.abs(values).max():
        raise InputError("`predictor` is the same for all studies: there is nothing to regress on.")
    frame = pd.DataFrame() if study.design.frame is None else study.design.frame
    while term in frame.columns:
        term += "_"
    formula = study.design.formula
    text = term if formula == "1" else f"{formula} + {term}"
    design = build(text, frame.assign(**{term: values}), study.labels)
    if study.k <= design.X.shape[1]:
        raise InputError(
            f"`fit` must have more studies than the regression has coefficients "
            f"({design.X.shape[1]}); it has {study.k}."
        )
    order = [j for j, name in enumerate(design.terms) if name != term]
    order.append(design.terms.index(term))
    if order != list(range(len(order))):
        raise InputError(f"`fit` has a formula, {formula!r}, to which no moderator can be added.")
    study = replace(study, design=design)
    if model == "lm":
        return fit_model(replace(study, weights=None), "EE", "knha", fit.spec.level)
    tau2 = fit.spec.tau2
    if isinstance(tau2, str) and tau2 not in TAU2:
        raise InputError(
            f"`fit` has a tau2 ({tau2!r}) that was estimated from the tables of its studies; "
            "fit it with another estimator, or choose model='lm'."
        )
    if TESTS[fit.spec.test].asks_classic:
        raise InputError(
            f"`fit` has the test {fit.spec.test!r}, which is defined for a pooled mean only; fit "
            "it with another test, or choose model='lm'."
        )
    return fit_model(study, tau2, fit.spec.test, fit.spec.level)
