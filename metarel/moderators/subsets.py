"""All subsets of moderators: which models the data favour, and coefficients averaged over them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_choice, check_level
from metarel._distributions import critical_value, two_sided_p
from metarel._format import count, plain
from metarel._lazy import pd
from metarel._shown import Shown
from metarel.errors import InputError
from metarel.models._design import INTERCEPT, Design
from metarel.models._study import StudyData, read_studies
from metarel.models.meta import fit_model
from metarel.models.results import MetaFit
from metarel.moderators._text import frame_text, limits

if TYPE_CHECKING:
    from metarel._checks import Array, Column

CRITERIA = ("AICc", "AIC", "BIC")
MOST_MODELS = 2**15


@dataclass(frozen=True, eq=False, repr=False)
class SubsetsResult(Shown):
    """All models, and what they say together.

    Parameters
    ----------
    models : DataFrame
        One row a model, best first: term (its formula), parameters, log_likelihood, AIC, AICc,
        BIC, delta (distance to the best), weight, tau2.
    importance : DataFrame
        One row a moderator: term, importance (sum of the weights of the models with it), models
        (how many have it).
    averaged : DataFrame
        One row a coefficient: term, estimate, se, statistic, df, p_value, ci_low, ci_high,
        averaged over all models, a coefficient being 0 where it is absent.
    criterion : str
        What the weights are made of.
    k : int
        Number of studies, the same in every model.
    level : float
        Confidence level.
    """

    models: pd.DataFrame
    importance: pd.DataFrame
    averaged: pd.DataFrame
    criterion: str
    k: int
    level: float

    def to_frame(self) -> pd.DataFrame:
        """Return the models, best first.

        Returns
        -------
        DataFrame
            A copy of ``models``.
        """
        return self.models.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return everything a machine needs, in plain types.

        Returns
        -------
        dict
            The three tables as records.
        """
        found = {
            "criterion": self.criterion,
            "k": self.k,
            "level": self.level,
            "models": self.models.to_dict("records"),
            "importance": self.importance.to_dict("records"),
            "averaged": self.averaged.to_dict("records"),
        }
        return plain(found)

    def __str__(self) -> str:
        best = self.models.head(10)
        shown = {"term": f"best {len(best)}", "parameters": "parameters"}
        shown |= {self.criterion: self.criterion, "delta": "delta", "weight": "weight"}
        columns = {"term": "", "estimate": "estimate", "se": "se", "statistic": "statistic"}
        columns |= {"p_value": "p", **limits(self.level)}
        close = int((self.models["delta"] <= 2).sum())
        return "\n".join(
            [
                f"{count(len(self.models), 'model')} of {len(self.importance)} moderators in "
                f"{count(self.k, 'study', 'studies')}, by {self.criterion}, maximum likelihood",
                "",
                frame_text(best, shown | {"tau2": "tau2"}),
                "",
                f"{count(close, 'model is', 'models are')} within 2 of the best.",
                "",
                frame_text(
                    self.importance,
                    {"term": "moderator", "importance": "importance", "models": "models"},
                ),
                "",
                "Averaged over all models, absent coefficients being 0",
                "",
                frame_text(self.averaged, columns),
            ]
        )


@says_what_it_takes
def best_subsets(
    data: pd.DataFrame,
    moderators: Sequence[str],
    *,
    yi: Column | None = None,
    vi: Column | None = None,
    sei: Column | None = None,
    criterion: str = "AICc",
    most: int | None = None,
    level: float = 0.95,
    labels: Column | None = None,
    measure: str | None = None,
) -> SubsetsResult:
    """Fit every subset of moderators by maximum likelihood and weigh the models.

    A model's weight is exp(-delta/2) over the sum of all, with delta the distance of its
    criterion to the best. A coefficient is averaged as b = sum w b_m; its variance is
    sum w (se_m^2 + (b_m - b)^2), with 0 for both where a model lacks it.

    Parameters
    ----------
    data : DataFrame
        One row a study.
    moderators : list of str
        Columns or terms of a formula ("C(rater)", "year", "bs(dose, df=3)", "year:rater"). A
        term with a colon enters only models that have its parts, which must be listed too.
    yi, vi, sei : column name or array
        As for ``pool``.
    criterion : {"AICc", "AIC", "BIC"}
        What the weights are made of.
    most : int, optional
        The largest number of moderators in a model; by default all.
    level : float
        Confidence level, a fraction.
    labels : column name or array, optional
        Names of the studies.
    measure : str, optional
        Code of the effect size measure.

    Returns
    -------
    SubsetsResult
        Print it, or see ``models``, ``importance`` and ``averaged``.

    Raises
    ------
    InputError
        As `meta_regression`; also on moderators listed twice, and on more than 32,768 models.

    Warns
    -----
    MetarelWarning
        When rows without yi, vi or any of the moderators are left out: all models are of the
        same studies.

    Notes
    -----
    Same numbers as metafor's models with glmulti (``varweighting="Johnson"``) or MuMIn
    (``model.avg``, full average). P-values after a search do not allow for the search in another
    way than by the averaging; small studies make the weights themselves uncertain.

    References
    ----------
    [burnham2002], [viechtbauer2010]

    Examples
    --------
    >>> import metarel as mr
    >>> table = mr.load_dataset("bcg")
    >>> trials = mr.effect_sizes(table.studies, **table.effect["default"])
    >>> found = mr.best_subsets(trials, ["ablat", "alloc", "year"])
    >>> found.models[["term", "AICc", "weight"]].round(3).head(3)
               term    AICc  weight
    0         ablat  24.038   0.831
    1  ablat + year  28.292   0.099
    2             1  30.530   0.032
    >>> found.importance.round(3)
        term  importance  models
    0  ablat       0.941       4
    1   year       0.124       4
    2  alloc       0.014       4
    """
    check_choice("criterion", criterion, CRITERIA)
    level = check_level(level)
    listed = _checked(moderators)
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 1):
        raise InputError(f"`most` must be a whole number of at least 1; got {most!r}.")
    study = read_studies(
        data,
        yi=yi,
        vi=vi,
        sei=sei,
        labels=labels,
        measure=measure,
        weights=None,
        formula=" + ".join(listed),
    )
    groups = _groups(study.design, listed)
    subsets = _subsets(list(groups), len(listed) if most is None else most)
    if len(subsets) > MOST_MODELS:
        raise InputError(
            f"`moderators` make {len(subsets)} models, more than {MOST_MODELS}; "
            "list fewer, or limit the size of models by `most`."
        )
    largest = max(1 + sum(len(groups[t]) for t in subset) for subset in subsets)
    if study.k <= largest:
        raise InputError(
            f"`moderators` make a model of {largest} coefficients for {study.k} complete rows; "
            "there must be more rows than coefficients. List fewer, or limit `most`."
        )
    fits = [fit_model(_part(study, groups, subset), "ML", "z", level) for subset in subsets]
    return _result(study, groups, subsets, fits, criterion, level)


def model_weights(criterion: Array) -> Array:
    """Return Akaike weights.

    Parameters
    ----------
    criterion : ndarray, shape (models,)
        AICc, AIC or BIC.

    Returns
    -------
    ndarray, shape (models,)
        Weights that sum to 1.
    """
    raw = np.exp(-(criterion - criterion.min()) / 2)
    return np.asarray(raw / raw.sum())


def average(estimates: Array, variances: Array, weights: Array) -> tuple[Array, Array]:
    """Average coefficients over models.

    Parameters
    ----------
    estimates, variances : ndarray, shape (models, p)
        Coefficients and their variances, 0 where a model lacks one.
    weights : ndarray, shape (models,)
        Weights that sum to 1.

    Returns
    -------
    tuple of ndarray, shape (p,)
        Averages and their standard errors, which hold the spread between models.
    """
    mean = weights @ estimates
    return mean, np.sqrt(weights @ (variances + (estimates - mean) ** 2))


def _checked(moderators: Sequence[str]) -> list[str]:
    """Return the terms as given, or refuse what is not a list of different ones."""
    if isinstance(moderators, str) or not all(isinstance(m, str) for m in moderators):
        raise InputError(
            f"`moderators` must be a list of terms, such as ['year', 'rater']; got {moderators!r}."
        )
    listed = [term.strip() for term in moderators]
    if not listed or len(set(listed)) < len(listed):
        raise InputError(f"`moderators` must be one or more different terms; got {listed!r}.")
    return listed


def _groups(design: Design, listed: list[str]) -> dict[str, tuple[int, ...]]:
    """Return the columns of each term, in the order listed."""
    found = {name: columns for name, columns in design.groups.items() if name != INTERCEPT}
    if len(found) != len(listed):
        raise InputError(
            f"`moderators` must each be one term of a formula; {listed!r} give {list(found)!r}. "
            "Write 'a', 'b' and 'a:b' for 'a*b'."
        )
    return found


def _subsets(terms: list[str], most: int) -> list[tuple[str, ...]]:
    """Return all subsets in which no interaction stands without its parts."""
    parts = {term: set(term.split(":")) for term in terms if ":" in term}
    for term, needed in parts.items():
        lacking = sorted(needed - set(terms))
        if lacking:
            raise InputError(f"`moderators` has {term!r} but not {lacking[0]!r}; list it too.")
    if 2 ** len(terms) > 2**22:
        raise InputError(f"`moderators` are {len(terms)}: too many for all subsets; list fewer.")
    found = itertools.chain.from_iterable(
        itertools.combinations(terms, size) for size in range(min(most, len(terms)) + 1)
    )
    return [s for s in found if all(parts.get(term, set()) <= set(s) for term in s)]


def _part(
    study: StudyData, groups: dict[str, tuple[int, ...]], subset: tuple[str, ...]
) -> StudyData:
    """Return the study with the columns of some terms only."""
    columns = [0, *(j for term in subset for j in groups[term])]
    design = replace(
        study.design,
        X=study.X[:, columns],
        terms=tuple(study.terms[j] for j in columns),
        formula=" + ".join(subset) or "1",
    )
    return replace(study, design=design)


def _result(
    study: StudyData,
    groups: dict[str, tuple[int, ...]],
    subsets: list[tuple[str, ...]],
    fits: list[MetaFit],
    criterion: str,
    level: float,
) -> SubsetsResult:
    """Order the models, and average over them."""
    values = np.array([getattr(fit.statistics, criterion) for fit in fits])
    weights = model_weights(values)
    estimates = np.zeros((len(fits), len(study.terms)))
    variances = np.zeros_like(estimates)
    for row, fit in enumerate(fits):
        columns = [study.terms.index(term) for term in fit.study.terms]
        estimates[row, columns], variances[row, columns] = fit.beta, np.diag(fit.vcov)
    mean, se = average(estimates, variances, weights)
    averaged = _averaged(study.terms, mean, se, level)
    models = pd.DataFrame(
        [
            {
                "term": fit.spec.formula,
                "parameters": fit.p + 1,
                "log_likelihood": fit.statistics.log_likelihood,
                **{name: getattr(fit.statistics, name) for name in ("AIC", "AICc", "BIC")},
                "delta": values[i] - values.min(),
                "weight": weights[i],
                "tau2": fit.tau2,
            }
            for i, fit in enumerate(fits)
        ]
    ).sort_values("delta", kind="stable", ignore_index=True)
    present = {term: np.array([term in subset for subset in subsets]) for term in groups}
    importance = pd.DataFrame(
        {
            "term": list(groups),
            "importance": [float(weights[there].sum()) for there in present.values()],
            "models": [int(there.sum()) for there in present.values()],
        }
    ).sort_values("importance", ascending=False, kind="stable", ignore_index=True)
    return SubsetsResult(models, importance, averaged, criterion, study.k, level)


def _averaged(terms: tuple[str, ...], mean: Array, se: Array, level: float) -> pd.DataFrame:
    """Return the averages with their tests and limits."""
    half = critical_value(level, np.inf) * se
    return pd.DataFrame(
        {
            "term": list(terms),
            "estimate": mean,
            "se": se,
            "statistic": mean / se,
            "df": np.inf,
            "p_value": two_sided_p(mean / se, np.inf),
            "ci_low": mean - half,
            "ci_high": mean + half,
        }
    )
