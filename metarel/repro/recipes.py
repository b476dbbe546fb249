"""The analyses that a published figure may cite by name, and the numbers each gives.

A recipe is a declaration and one pure function from a dataset and a figure's arguments to named
quantities; ``RECIPES`` is all that figures may ask for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metarel._checks import column
from metarel._register import Register, did_you_mean, one_of
from metarel.bias.fail_safe import fail_safe_n
from metarel.bias.trim_and_fill import trim_and_fill
from metarel.convert._edge import NEEDS
from metarel.convert.explain import explain
from metarel.errors import DatasetError
from metarel.models.meta import meta_regression, pool
from metarel.models.tables import pool_tables
from metarel.moderators.subgroups import subgroups
from metarel.repro._quantities import (
    COEFFICIENT,
    HETEROGENEITY,
    LIMITS,
    OMNIBUS,
    PREDICTION,
    coefficient,
    heterogeneity,
    huber_white,
    omnibus,
    on_scale,
    predicted,
    shrunken,
    tau2_limits,
    term_row,
    weight,
)
from metarel.repro._rows import EFFECTS, ROWS, declared_effect, study_effects, study_rows

if TYPE_CHECKING:
    from metarel.data.model import Dataset
    from metarel.models.results import MetaFit

MODEL = ("tau2", "level", "scale")
TEST = ("test",)
MODERATORS = ("formula", "term")
CONVERSION = ("value", "source", "target")
#: The counts of a 2 × 2 table, and what pooled tables give.
EVENTS = ("events1", "n1", "events2", "n2")
TABLES = (
    *("estimate", "se", "statistic", "p_value", "ci_low", "ci_high", "I2_Q", "k"),
    *(f"{test}{part}" for test in ("Q", "CMH", "Tarone") for part in ("", "_df", "_p")),
)
BETWEEN = ("Q_between", "Q_between_df", "Q_between_p", "Q_within", "Q_within_df", "Q_within_p")


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named analysis.

    Parameters
    ----------
    code : str
        The name that figures cite.
    name : str
        What it does, as a phrase.
    arguments : tuple of str
        The arguments a figure may give.
    quantities : tuple of str
        The numbers it can give.
    run : callable
        ``run(dataset, arguments)`` gives the quantities by name.
    """

    code: str
    name: str
    arguments: tuple[str, ...]
    quantities: tuple[str, ...]
    run: Callable[[Dataset, Mapping[str, Any]], Mapping[str, float]]


def compute(dataset: Dataset, recipe: Recipe, quantity: str, arguments: Mapping[str, Any]) -> float:
    """Run a recipe and return one of its quantities.

    Parameters
    ----------
    dataset : Dataset
        The studies.
    recipe : Recipe
        An entry of ``RECIPES``.
    quantity : str
        Which number.
    arguments : mapping
        The figure's arguments.

    Returns
    -------
    float
        The number, unrounded.

    Raises
    ------
    DatasetError
        On an argument or a quantity that the recipe does not have.
    """
    for argument in arguments:
        if argument not in recipe.arguments:
            raise DatasetError(
                f"`{argument}` is not an argument of the recipe {recipe.code!r}, which takes "
                f"{', '.join(recipe.arguments)}.{did_you_mean(argument, recipe.arguments)}"
            )
    if quantity not in recipe.quantities:
        raise DatasetError(
            f"The recipe {recipe.code!r} gives no {quantity!r}; it gives "
            f"{', '.join(recipe.quantities)}.{did_you_mean(quantity, recipe.quantities)}"
        )
    values = recipe.run(dataset, arguments)
    if quantity not in values:
        raise DatasetError(
            f"The recipe {recipe.code!r} gives no {quantity!r} with these arguments; "
            f"it gives {', '.join(values)}."
        )
    return float(values[quantity])


def _model(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the words of the model that a figure gives."""
    return {word: arguments[word] for word in ("tau2", "test", "level") if word in arguments}


def _fit(dataset: Dataset, arguments: Mapping[str, Any]) -> MetaFit:
    """Fit the model that the arguments describe; without a formula, pool."""
    studies = study_effects(dataset, arguments)
    if "formula" in arguments:
        return meta_regression(studies, arguments["formula"], **_model(arguments))
    return pool(studies, **_model(arguments))


def _given(recipe: str, arguments: Mapping[str, Any], word: str) -> Any:
    """Return an argument that a recipe cannot do without."""
    if word not in arguments:
        raise DatasetError(f"The recipe {recipe!r} needs the argument `{word}`.")
    return arguments[word]


def _printed_scale(
    fit: MetaFit, values: Mapping[str, float], arguments: Mapping[str, Any]
) -> Mapping[str, float]:
    return on_scale(values, arguments.get("scale", "identity"), fit.study.measure)


def _run_fit(dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    fit = _fit(dataset, arguments)
    values = {**heterogeneity(fit), **omnibus(fit)}
    if "formula" not in arguments:
        values |= predicted(fit, {}, arguments.get("interval", "default"))
    if fit.p == 1 or "term" in arguments:
        row = term_row(fit, arguments.get("term"))
        values |= coefficient(fit, row)
    return _printed_scale(fit, values, arguments)


def _run_subgroup(dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    studies = study_effects(dataset, arguments)
    shared = bool(arguments.get("common_tau2", False))
    by = _given("subgroup", arguments, "by")
    found = subgroups(studies, by, common_tau2=shared, **_model(arguments))
    numbers = [
        number
        for test in (found.between, found.within)
        for number in (test.statistic, test.df1, test.p_value)
    ]
    values = dict(zip(BETWEEN, numbers, strict=True))
    if "group" not in arguments:
        return values
    group = str(arguments["group"])
    if group not in found.fits:
        raise DatasetError(one_of("group", found.fits, group))
    fit = found.fits[group]
    return _printed_scale(fit, {**values, **heterogeneity(fit), **coefficient(fit, 0)}, arguments)


def _run_robust(dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    fit = _fit(dataset, arguments)
    row = term_row(fit, arguments.get("term"))
    return _printed_scale(fit, huber_white(fit, row), arguments)


def _run_trim_and_fill(dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    fit = _fit(dataset, arguments)
    words = {word: arguments[word] for word in ("estimator", "side", "trim") if word in arguments}
    found = trim_and_fill(fit, **words)
    values = {**heterogeneity(found.filled), **coefficient(found.filled, 0)}
    return {**_printed_scale(fit, values, arguments), "k0": float(found.k0)}


def _run_fail_safe(dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    words = {word: arguments[word] for word in ("alpha", "target", "weighted") if word in arguments}
    found = fail_safe_n(_fit(dataset, arguments), arguments.get("method", "rosenthal"), **words)
    return {"fail_safe_n": float(found.n)}


def _run_prediction(dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    fit = _fit(dataset, arguments)
    if "formula" in arguments:
        _given("prediction", arguments, "at")
    found = predicted(fit, arguments.get("at", {}), arguments.get("interval", "default"))
    return _printed_scale(fit, found, arguments)


def _run_tau2_interval(dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    return tau2_limits(_fit(dataset, arguments), arguments.get("method", "QP"))


def _place(recipe: str, arguments: Mapping[str, Any], rows: Sequence[int]) -> int:
    """Return where the row that ``study`` numbers stands among those that take part."""
    study = _given(recipe, arguments, "study")
    found = [place for place, row in enumerate(rows) if row == study - 1]
    if not found:
        raise DatasetError(f"`study` must be the number of a row that takes part; got {study!r}.")
    return found[0]


def _run_blup(dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    fit = _fit(dataset, arguments)
    row = _place("blup", arguments, fit.study.rows)
    return _printed_scale(fit, shrunken(fit, row), arguments)


def _run_weight(dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    fit = _fit(dataset, arguments)
    return weight(fit, _place("weight", arguments, fit.study.rows))


def _run_effect(dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    studies = study_effects(dataset, arguments)
    row = _place("effect", arguments, range(len(studies)))
    yi, vi = (float(studies[name].iloc[row]) for name in ("yi", "vi"))
    measure = declared_effect(dataset, arguments)["measure"]
    values = {"estimate": yi, "se": math.sqrt(vi)}
    return on_scale(values, arguments.get("scale", "identity"), measure)


def _run_count(dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    rows = study_rows(dataset, arguments)
    if "distinct" in arguments:
        return {"k": float(column(rows, arguments["distinct"], "distinct").nunique())}
    return {"k": float(len(rows))}


def _run_sum(dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    rows = study_rows(dataset, arguments)
    name = _given("sum", arguments, "column")
    return {"n_total": float(column(rows, name, "column").sum())}


def _run_tables(dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    declared = declared_effect(dataset, arguments)
    if not set(EVENTS) <= set(declared):
        raise DatasetError(
            "The recipe 'mantel_haenszel' needs effects of events1, n1, events2, n2."
        )
    counts = {word: declared[word] for word in EVENTS}
    words = {word: arguments[word] for word in ("method", "add", "level") if word in arguments}
    found = pool_tables(study_rows(dataset, arguments), declared["measure"], **counts, **words)
    values = {name: float(getattr(found, name)) for name in TABLES[:6]}
    tests = {"Q": found.heterogeneity, "CMH": found.association, "Tarone": found.homogeneity}
    for name, test in tests.items():
        if test is not None:
            values |= {name: test.statistic, f"{name}_df": test.df1, f"{name}_p": test.p_value}
    values |= {"I2_Q": found.I2, "k": float(found.k)}
    return on_scale(values, arguments.get("scale", "identity"), found.measure)


def _run_freeman_tukey(dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    fit = _fit(dataset, arguments)
    declared = declared_effect(dataset, arguments)
    if declared["measure"] != "PFT":
        raise DatasetError(
            "The recipe 'freeman_tukey' needs effects of measure 'PFT'; these are "
            f"{declared['measure']!r}."
        )
    sizes = declared["n"]
    n = study_rows(dataset, arguments)[sizes].iloc[list(fit.study.rows)]
    row = fit.predict(transform="double_arcsine", n=n.to_numpy()).iloc[0]
    return {name: float(row[name]) for name in PREDICTION if name != "se"}


def _run_convert(_dataset: Dataset, arguments: Mapping[str, Any]) -> Mapping[str, float]:
    start, source, target = (_given("convert", arguments, word) for word in CONVERSION)
    words = {word: arguments[word] for word in ("rule", *NEEDS) if word in arguments}
    return {"estimate": explain(start, source, target, **words).result}


STUDIES = (*ROWS, *EFFECTS)

#: Every recipe by its name. Besides the words of effect_sizes, pool and meta_regression the
#: arguments are: ``derive`` (new columns by expression) and ``where`` (rows kept); ``effect``, a
#: variant of the dataset; ``scale``, that of print; ``term``, a coefficient; ``at``, moderators'
#: values; ``by`` and ``group``, a column and one of its levels; ``study``, a row counted from 1;
#: ``interval``, the kind of prediction interval; ``method``, that of the limits of tau2, or of
#: pooling tables or of a fail-safe number, and ``add``, what is added to empty cells then;
#: ``estimator``, ``side`` and ``trim``, those of trim and fill.
RECIPES: Register[Recipe] = Register(
    "recipe",
    [
        Recipe(
            "pool",
            "one pooled effect",
            (*STUDIES, *MODEL, *TEST, "interval"),
            (*COEFFICIENT, *HETEROGENEITY, "pi_low", "pi_high"),
            _run_fit,
        ),
        Recipe(
            "meta_regression",
            "effects regressed on moderators",
            (*STUDIES, *MODEL, *TEST, *MODERATORS),
            (*COEFFICIENT, *HETEROGENEITY, *OMNIBUS),
            _run_fit,
        ),
        Recipe(
            "subgroup",
            "the studies of one level, or the test between levels",
            (*STUDIES, *MODEL, *TEST, "by", "group", "common_tau2"),
            (*COEFFICIENT, *HETEROGENEITY, *BETWEEN),
            _run_subgroup,
        ),
        Recipe(
            "robust",
            "a model with Huber–White standard errors and normal tests",
            (*STUDIES, *MODEL, *MODERATORS),
            COEFFICIENT,
            _run_robust,
        ),
        Recipe(
            "trim_and_fill",
            "one pooled effect with missing studies filled in",
            (*STUDIES, *MODEL, *TEST, "estimator", "side", "trim"),
            (*COEFFICIENT, *HETEROGENEITY, "k0"),
            _run_trim_and_fill,
        ),
        Recipe(
            "fail_safe_n",
            "how many null results would undo a finding",
            (*STUDIES, *MODEL, "method", "alpha", "target", "weighted"),
            ("fail_safe_n",),
            _run_fail_safe,
        ),
        Recipe(
            "prediction",
            "the mean effect at given moderators, and where a new study would fall",
            (*STUDIES, *MODEL, *TEST, "formula", "at", "interval"),
            PREDICTION,
            _run_prediction,
        ),
        Recipe(
            "tau2_interval",
            "limits of tau2, and of what follows from it",
            (*STUDIES, "tau2", "level", "formula", "method"),
            LIMITS,
            _run_tau2_interval,
        ),
        Recipe(
            "blup",
            "one study's effect, shrunken towards the model",
            (*STUDIES, *MODEL, "formula", "study"),
            ("estimate", "se"),
            _run_blup,
        ),
        Recipe(
            "weight",
            "one study's share of the weights",
            (*STUDIES, "tau2", "formula", "study"),
            ("weight",),
            _run_weight,
        ),
        Recipe(
            "effect",
            "one study's effect",
            (*STUDIES, "scale", "study"),
            ("estimate", "se"),
            _run_effect,
        ),
        Recipe(
            "mantel_haenszel",
            "2 × 2 tables pooled by Mantel–Haenszel, or by Peto",
            (*STUDIES, "method", "add", "level", "scale"),
            TABLES,
            _run_tables,
        ),
        Recipe(
            "freeman_tukey",
            "double arcsines pooled, and carried back at the harmonic mean of the sizes",
            (*STUDIES, "tau2", "test", "level"),
            tuple(name for name in PREDICTION if name != "se"),
            _run_freeman_tukey,
        ),
        Recipe(
            "count", "how many rows, or distinct values", (*ROWS, "distinct"), ("k",), _run_count
        ),
        Recipe("sum", "the total of a column", (*ROWS, "column"), ("n_total",), _run_sum),
        Recipe(
            "convert",
            "one number on another scale",
            (*CONVERSION, "rule", *NEEDS),
            ("estimate",),
            _run_convert,
        ),
    ],
)
