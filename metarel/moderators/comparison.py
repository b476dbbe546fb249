"""Models of the same studies side by side: likelihood ratio tests and information criteria."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._distributions import chi_square_p
from metarel._format import fixed, listing, p_value, plain, wrapped_equations
from metarel._lazy import pd
from metarel._shown import Shown
from metarel.errors import InputError
from metarel.models._heterogeneity import explained_variance
from metarel.models._inference import TestResult
from metarel.models.meta import fit_model
from metarel.models.results import MetaFit
from metarel.moderators._scale_fit import LocationScaleFit
from metarel.moderators._text import frame_text

if TYPE_CHECKING:
    from metarel._checks import Array

AnyFit = MetaFit | LocationScaleFit


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Shown):
    """Models by their number of parameters, each nested one tested against the one before.

    Parameters
    ----------
    table : DataFrame
        One row a model: term (its formula), parameters, log_likelihood, AIC, AICc, BIC, weight
        (of AICc), tau2, LRT, LRT_df, p_value, R2 (share of the tau2 of the model before).
    tests : tuple of TestResult or None
        The likelihood ratio tests in the order of the rows, None in the first and where the
        model before is not nested.
    likelihood : str
        "REML", "ML" or "EE".
    k : int
        Number of studies.
    notes : tuple of str
        What a reader must know.
    """

    table: pd.DataFrame
    tests: tuple[TestResult | None, ...]
    likelihood: str
    k: int
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return the table, one row a model.

        Returns
        -------
        DataFrame
            A copy of ``table``.
        """
        return self.table.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return everything a machine needs, in plain types.

        Returns
        -------
        dict
            NaN and infinities become None.
        """
        found = {
            "likelihood": self.likelihood,
            "k": self.k,
            "models": self.table.to_dict("records"),
            "tests": [None if test is None else asdict(test) for test in self.tests],
            "notes": self.notes,
        }
        return plain(found)

    def __str__(self) -> str:
        columns = {
            "term": "",
            "parameters": "param.",
            "log_likelihood": "log-lik.",
            "AIC": "AIC",
            "AICc": "AICc",
            "BIC": "BIC",
            "weight": "weight",
            "tau2": "tau2",
            "p_value": "p (LRT)",
            "R2": "R2",
        }
        lines = [
            f"{len(self.table)} models of {self.k} studies, {self.likelihood} likelihood",
            "",
            frame_text(self.table, columns, ("BIC", "AIC")),
            "",
            *(
                wrapped_equations(
                    f"Likelihood ratio: chi2({test.df1:g}) = {fixed(test.statistic)}, "
                    f"p {p_value(test.p_value)} (H0: {test.null})"
                )
                for test in self.tests
                if test is not None
            ),
            *self.notes,
        ]
        return "\n".join(lines).rstrip()


@says_what_it_takes
def compare(
    *fits: MetaFit | LocationScaleFit,
    refit: bool = False,
    names: Sequence[str] | None = None,
) -> Comparison:
    """Compare models of the same studies by likelihood ratio tests and information criteria.

    The models are put in the order of their numbers of parameters. Each is tested against the
    one before it where that one is nested: 2 (l1 - l0) is chi-square with as many df as there
    are parameters more.

    Parameters
    ----------
    *fits : MetaFit or LocationScaleFit
        Two or more fits by "REML" or by "ML", in any order.
    refit : bool
        Whether to fit all of them again by "ML" first.
    names : sequence of str, optional
        Names of the models, in the order given; by default their formulas.

    Returns
    -------
    Comparison
        Print it, or see ``table`` and ``tests``.

    Raises
    ------
    InputError
        When studies differ between the models; when the fits are by other estimators, or by
        different ones; and when REML likelihoods belong to different fixed effects, which are
        not comparable: the way out is ``refit=True``.

    Notes
    -----
    Same numbers as metafor's ``anova(full, reduced)`` (with ``refit=TRUE``), which warns of REML
    likelihoods of different fixed effects where this refuses. The weights are Akaike weights of
    AICc over the models shown.

    References
    ----------
    [viechtbauer2010], [burnham2002]

    Examples
    --------
    >>> import metarel as mr
    >>> table = mr.load_dataset("bcg")
    >>> trials = mr.effect_sizes(table.studies, **table.effect["default"])
    >>> full = mr.meta_regression(trials, "ablat + alloc")
    >>> reduced = mr.meta_regression(trials, "ablat")
    >>> print(mr.compare(full, reduced, refit=True).tests[1])
    Q(2) = 1.3444, p = 0.5106 (H0: what 'ablat + alloc' adds to 'ablat' is 0)
    """
    models = _checked(fits, refit)
    told = _names(models, names)
    order = sorted(range(len(models)), key=lambda i: parameters(models[i]))
    models, told = [models[i] for i in order], [told[i] for i in order]
    tests: list[TestResult | None] = [None]
    notes: list[str] = []
    for (reduced, low), (full, high) in pairwise(zip(models, told, strict=True)):
        nested = _nested(full, reduced)
        tests.append(
            likelihood_ratio(full, reduced, f"what {high!r} adds to {low!r} is 0")
            if nested
            else None
        )
        if not nested:
            notes.append(f"{low!r} is not nested in {high!r}: no test, only the criteria.")
    likelihood = str(models[0].spec.tau2)
    if refit and any(fit.spec.tau2 != "ML" for fit in fits):
        notes.append("All models were fitted again by ML.")
    return Comparison(
        _table(models, told, tests), tuple(tests), likelihood, models[0].k, tuple(notes)
    )


def likelihood_ratio(full: AnyFit, reduced: AnyFit, null: str) -> TestResult:
    """Test a model against one that is nested in it.

    Parameters
    ----------
    full, reduced : MetaFit or LocationScaleFit
        Fits whose likelihoods are comparable.
    null : str
        The null hypothesis.

    Returns
    -------
    TestResult
        Twice the difference of the log-likelihoods, and its chi-square tail.
    """
    ratio = max(2 * (full.statistics.log_likelihood - reduced.statistics.log_likelihood), 0.0)
    df = parameters(full) - parameters(reduced)
    return TestResult(null, ratio, df, math.inf, chi_square_p(ratio, df))


def parameters(fit: AnyFit) -> int:
    """Return how many parameters were estimated, which AIC counts.

    Parameters
    ----------
    fit : MetaFit or LocationScaleFit
        A fit.

    Returns
    -------
    int
        Coefficients and parameters of variance.
    """
    return round((fit.statistics.AIC + 2 * fit.statistics.log_likelihood) / 2)


def _checked(fits: Sequence[Any], refit: bool) -> list[AnyFit]:
    """Return fits whose likelihoods are comparable, or refuse."""
    if len(fits) < 2:
        raise InputError("`fits` must be at least two, such as compare(full, reduced).")
    for fit in fits:
        if not isinstance(fit, MetaFit | LocationScaleFit):
            raise InputError(
                "`fits` must come from pool(), meta_regression() or location_scale(); "
                f"got {type(fit).__name__}."
            )
    if any(fit.study.weights is not None for fit in fits):
        raise InputError(
            "`fits` must not have weights of their own: with them no likelihood is at its maximum."
        )
    _same_studies(fits)
    models: list[AnyFit] = [_by_ml(fit) for fit in fits] if refit else list(fits)
    codes = list(dict.fromkeys(str(fit.spec.tau2) for fit in models))
    if len(codes) > 1 or codes[0] not in ("ML", "REML", "EE"):
        raise InputError(
            f"`fits` must all be by 'ML', or all by 'REML' or 'EE', for their likelihoods to be "
            f"compared; got {listing([repr(code) for code in codes])}. Pass refit=True."
        )
    if codes[0] == "REML" and not all(
        _spans(models[0].study.X, fit.study.X) and _spans(fit.study.X, models[0].study.X)
        for fit in models[1:]
    ):
        raise InputError(
            "`fits` are by 'REML' and have different moderators of the mean: restricted "
            "likelihoods of different fixed effects cannot be compared. Pass refit=True to "
            "compare by maximum likelihood."
        )
    return models


def _same_studies(fits: Sequence[AnyFit]) -> None:
    """Refuse models of different studies, as missing moderators make them."""
    first = fits[0].study
    for fit in fits[1:]:
        other = fit.study
        same = np.array_equal(first.yi, other.yi) and np.array_equal(first.vi, other.vi)
        if not same:
            raise InputError(
                f"`fits` must be models of the same studies in the same order; they have "
                f"{first.k} and {other.k}. Where rows lack a moderator, drop them first: "
                "data.dropna(subset=[...])."
            )


def _by_ml(fit: AnyFit) -> AnyFit:
    """Fit again by maximum likelihood."""
    if fit.spec.tau2 == "ML":
        return fit
    if isinstance(fit, LocationScaleFit):
        raise InputError(
            "`refit` serves pool() and meta_regression(); call location_scale() again with "
            "tau2='ML'."
        )
    return fit_model(fit.study, "ML", fit.spec.test, fit.spec.level)


def _names(models: Sequence[AnyFit], names: Sequence[str] | None) -> list[str]:
    if names is not None:
        if isinstance(names, str) or len(names) != len(models):
            raise InputError(f"`names` must hold one name for each of {len(models)} fits.")
        return [str(name) for name in names]
    return [
        f"{fit.spec.formula}, scale {fit.scale.spec.formula}"
        if isinstance(fit, LocationScaleFit)
        else fit.spec.formula
        for fit in models
    ]


def _spans(wide: Array, narrow: Array) -> bool:
    """Tell whether each column of ``narrow`` is a combination of the columns of ``wide``."""
    q, _ = np.linalg.qr(wide / np.linalg.norm(wide, axis=0))
    unit = narrow / np.linalg.norm(narrow, axis=0)
    return bool(np.abs(unit - q @ (q.T @ unit)).max() < 1e-8)


def _nested(full: AnyFit, reduced: AnyFit) -> bool:
    """Tell whether one model is a special case of the other, with fewer parameters."""
    if parameters(full) <= parameters(reduced) or not _spans(full.study.X, reduced.study.X):
        return False
    scales = [
        (fit.scale.study.X, fit.link)
        if isinstance(fit, LocationScaleFit)
        else (np.ones((fit.k, 1)), None)
        for fit in (full, reduced)
    ]
    (wide, link), (narrow, other) = scales
    return _spans(wide, narrow) and (other is None or other == link)


def _table(
    models: Sequence[AnyFit], names: Sequence[str], tests: Sequence[TestResult | None]
) -> pd.DataFrame:
    """Return one row a model."""
    aicc = np.array([fit.statistics.AICc for fit in models])
    weight = np.exp(-(aicc - aicc.min()) / 2)
    tau2 = [fit.tau2 if isinstance(fit, MetaFit) else math.nan for fit in models]
    rows = []
    for i, fit in enumerate(models):
        test, s = tests[i], fit.statistics
        rows.append(
            {
                "term": names[i],
                "parameters": parameters(fit),
                "log_likelihood": s.log_likelihood,
                "AIC": s.AIC,
                "AICc": s.AICc,
                "BIC": s.BIC,
                "weight": weight[i] / weight.sum(),
                "tau2": tau2[i],
                "LRT": math.nan if test is None else test.statistic,
                "LRT_df": math.nan if test is None else test.df1,
                "p_value": math.nan if test is None else test.p_value,
                "R2": math.nan
                if test is None or math.isnan(tau2[i])
                else explained_variance(tau2[i - 1], tau2[i]),
            }
        )
    return pd.DataFrame(rows)
