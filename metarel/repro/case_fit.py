"""The analysis that a case declares, with one set of formulas: from study data to figures.

Everything takes many versions of the study data at once (arrays of shape (m, k)), so that what
their rounding allows costs little more than the analysis itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._distributions import critical_value
from metarel._lazy import special
from metarel.effects._parts import hedges_factor
from metarel.effects.compute import effect_sizes
from metarel.models.batch_fit import batch_fit
from metarel.repro.case_schema import Case
from metarel.repro.programs import Formulas
from metarel.search.bare_bones import METRIC, RULES, bare_bones_numbers
from metarel.search.specification import BARE_BONES, BARE_BONES_TESTS, Specification

if TYPE_CHECKING:
    from metarel._checks import Array

Columns = Mapping[str, "Array"]
LEVEL = 0.95
#: The bare-bones analysis with the variance of sampling error at the average size.
HUNTER_SCHMIDT = Specification(
    METRIC, RULES[0], tau2=BARE_BONES, weights="n", test=next(iter(BARE_BONES_TESTS))
)
OF_BARE_BONES = (
    *("estimate", "se", "statistic", "p_value", "ci_low", "ci_high"),
    *("tau2", "tau", "I2"),
)
#: Effects between groups, whose variance follows from the effect and the groups' sizes.
BETWEEN = ("smd_between", "smd_g", "smd_d", "")


@dataclass(frozen=True, slots=True)
class Computed:
    """What an analysis gives for one figure.

    Parameters
    ----------
    value : ndarray, shape (m,)
        The number, on the scale of print.
    definition : str
        Which definition it is, where a figure has several.
    """

    value: Array
    definition: str = ""


def study_columns(case: Case) -> dict[str, Array]:
    """Return the study data as they stand, as one version.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    dict
        Column to an array of shape (1, k).
    """
    return {name: values[None, :] for name, values in case.columns.items()}


def case_effects(case: Case, formulas: Formulas, columns: Columns) -> tuple[Array, Array]:
    """Return effects and variances by one set of formulas.

    Parameters
    ----------
    case : Case
        The case.
    formulas : Formulas
        How standardised mean differences and their variances are computed.
    columns : mapping
        The study data, each of shape (m, k).

    Returns
    -------
    tuple of ndarray
        yi and vi, shape (m, k), on the scale on which they are pooled.

    Raises
    ------
    InputError
        If a row cannot be such an effect.
    """
    if case.model == "HS" and case.kind.scale == "r":
        return _pooled_as_is(columns)
    flat = {name: np.ravel(values) for name, values in columns.items()}
    if _from_sizes(case, formulas, flat):
        yi, vi = _difference(flat[case.kind.columns[0]], flat, formulas, corrected=True)
    else:
        yi, vi = _BY_SPREAD[case.kind.spread](case, flat, formulas)
    shape = columns[case.kind.columns[0]].shape
    return yi.reshape(shape), vi.reshape(shape)


def _pooled_as_is(columns: Columns) -> tuple[Array, Array]:
    """Return correlations with Hunter and Schmidt's variance at their mean [hunter2004]."""
    r, n = columns["r"], columns["n"]
    mean = np.sum(n * r, axis=1, keepdims=True) / np.sum(n, axis=1, keepdims=True)
    return r, (1 - mean**2) ** 2 / (n - 1)


def _from_sizes(case: Case, formulas: Formulas, flat: Columns) -> bool:
    """Tell whether the variance comes from groups' sizes though limits stand beside the effect."""
    return (
        formulas.from_sizes
        and case.kind.spread in ("ci", "se")
        and case.kind.scale in ("smd", "g", "d")
        and case.effect_type in BETWEEN
        and all(name in flat and bool(np.isfinite(flat[name]).all()) for name in ("n1", "n2"))
    )


def _of_means(case: Case, flat: Columns, formulas: Formulas) -> tuple[Array, Array]:
    """Return differences of means, raw or standardised."""
    groups = {name: flat[name] for name in ("m1", "sd1", "n1", "m2", "sd2", "n2")}
    if case.kind.scale == "md":
        return _made("MD", **groups)
    if formulas.variance == "COHEN":
        d, _ = _made("SMD", correct=False, **groups)
        return d, cohen_variance(d, flat["n1"], flat["n2"])
    return _made("SMD", correct=formulas.correct, variance=formulas.variance, **groups)


def _with_limits(case: Case, flat: Columns, _formulas: Formulas) -> tuple[Array, Array]:
    """Return effects with the standard error of their 95 % limits, of ratios on the log scale."""
    scale: Callable[[Array], Array] = np.log if case.kind.log else np.asarray
    y, low, high = (scale(flat[name]) for name in case.kind.columns)
    reach = float(critical_value(LEVEL, np.inf))
    return y, ((high - low) / (2 * reach)) ** 2


def _with_se(case: Case, flat: Columns, _formulas: Formulas) -> tuple[Array, Array]:
    return flat[case.kind.columns[0]], flat["se"] ** 2


def _with_variance(case: Case, flat: Columns, _formulas: Formulas) -> tuple[Array, Array]:
    return flat[case.kind.columns[0]], flat["v"]


def _with_sizes(case: Case, flat: Columns, formulas: Formulas) -> tuple[Array, Array]:
    """Return effects whose variance follows from sample sizes."""
    effect = flat[case.kind.columns[0]]
    if case.kind.scale == "r":
        return _made("ZCOR", r=effect, n=flat["n"])
    if case.kind.scale == "z":
        return effect, 1 / (flat["n"] - 3)
    return _difference(effect, flat, formulas, corrected=case.kind.scale != "d")


def _difference(
    effect: Array, flat: Columns, formulas: Formulas, *, corrected: bool
) -> tuple[Array, Array]:
    """Return a standardised difference as it stands, with its variance from groups' sizes.

    One that is corrected already is brought back to d first, so that the same rule applies; one
    that is not is corrected only by programs that do so by themselves.
    """
    n1, n2 = flat["n1"], flat["n2"]
    if formulas.variance == "COHEN":
        return effect, cohen_variance(effect, n1, n2)
    if not corrected:
        return _made("SMD", d=effect, n1=n1, n2=n2, correct=False, variance="LS")
    word = formulas.correct if isinstance(formulas.correct, str) else "none"
    d = effect / hedges_factor(n1 + n2 - 2, word)
    return _made("SMD", d=d, n1=n1, n2=n2, correct=formulas.correct, variance=formulas.variance)


def cohen_variance(d: Array, n1: Array, n2: Array) -> Array:
    """Return the variance that metan gives Cohen's d: N/(n1 n2) + d²/(2 (N − 2)) [deeks2010].

    Parameters
    ----------
    d : ndarray
        Standardised mean differences, not corrected.
    n1, n2 : ndarray
        Sizes of the groups.

    Returns
    -------
    ndarray
        Sampling variances.
    """
    return 1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2 - 2))


def _made(measure: str, **words: Any) -> tuple[Array, Array]:
    frame = effect_sizes(None, measure, **words)
    return frame["yi"].to_numpy(), frame["vi"].to_numpy()


_BY_SPREAD: dict[str, Callable[[Case, Columns, Formulas], tuple[Array, Array]]] = {
    "means": _of_means,
    "ci": _with_limits,
    "se": _with_se,
    "v": _with_variance,
    "n1_n2": _with_sizes,
    "n": _with_sizes,
}


def total_sizes(columns: Columns) -> Array | None:
    """Return the sample sizes of the studies; None where they are not known for all.

    Parameters
    ----------
    columns : mapping
        The study data.

    Returns
    -------
    ndarray or None
        Sizes, shaped as the columns.
    """
    if "n" in columns and np.isfinite(columns["n"]).all():
        return columns["n"]
    if "n1" not in columns or "n2" not in columns:
        return None
    total = columns["n1"] + columns["n2"]
    return total if np.isfinite(total).all() else None


def case_values(
    case: Case, formulas: Formulas, columns: Columns
) -> dict[str, tuple[Computed, ...]]:
    """Run the declared analysis and return every figure that it gives.

    Parameters
    ----------
    case : Case
        The case.
    formulas : Formulas
        The formulas to use.
    columns : mapping
        The study data, each of shape (m, k).

    Returns
    -------
    dict
        By figure, the values under each of its definitions, the analysis's own first.

    Raises
    ------
    InputError
        If a row cannot be such an effect.
    """
    yi, vi = case_effects(case, formulas, columns)
    weights = total_sizes(columns) if case.weighting == "n" else None
    test = formulas.test if formulas.test and case.test == "z" else case.test
    fit = batch_fit(yi, vi, tau2=case.tau2, test=test, level=LEVEL, weights=weights)
    back = _back(case)
    low, high = fit.ci
    Q = random_q(yi, vi, fit.tau2) if formulas.random_q else fit.Q
    fraction = [Computed(share_of(Q, case.k), "from Q"), Computed(100 * fit.I2, "from tau2")]
    if case.tau2 not in ("DL", "EE"):
        fraction.reverse()
    common = batch_fit(yi, vi, tau2="EE", weights=weights)
    single = {
        "k": np.full(len(fit), float(case.k)),
        "estimate": back(fit.estimate),
        "ci_low": back(low),
        "ci_high": back(high),
        "estimate_fe": back(common.estimate),
        "se": fit.se,
        "z": fit.statistic,
        "p": fit.p_value,
        "Q": Q,
        "Q_p": special.chdtrc(case.k - 1, Q),
        "tau2": fit.tau2,
        "tau": np.sqrt(fit.tau2),
    }
    found = {**{name: (Computed(value),) for name, value in single.items()}, "I2": tuple(fraction)}
    return found | _bare_bones(case, columns)


def _bare_bones(case: Case, columns: Columns) -> dict[str, tuple[Computed, ...]]:
    """Return what Hunter and Schmidt's bare-bones analysis of correlations defines its own way."""
    if case.model != "HS" or case.kind.scale != "r":
        return {}
    numbers = bare_bones_numbers(HUNTER_SCHMIDT, columns["r"], columns["n"], None, LEVEL)
    words = {"statistic": "z", "p_value": "p"}
    scaled = {**numbers, "I2": 100 * numbers["I2"]} if "I2" in numbers else numbers
    return {
        words.get(name, name): (Computed(value),)
        for name, value in scaled.items()
        if name in OF_BARE_BONES
    }


def random_q(yi: Array, vi: Array, tau2: Array) -> Array:
    """Return Q with the weights of random effects, Σ w (y − ȳ)² with w = 1/(v + tau2).

    Parameters
    ----------
    yi, vi : ndarray, shape (m, k)
        Effects and sampling variances.
    tau2 : ndarray, shape (m,)
        Between-study variances.

    Returns
    -------
    ndarray, shape (m,)
        What some programs print in place of Cochran's Q; equal to it where tau2 is 0.
    """
    w = 1 / (vi + tau2[:, None])
    mean = np.sum(w * yi, axis=1, keepdims=True) / np.sum(w, axis=1, keepdims=True)
    return np.sum(w * (yi - mean) ** 2, axis=1)


def share_of(Q: Array, k: int) -> Array:
    """Return I2 from Q in percent, 100 max(0, 1 − (k − 1)/Q) [higgins2002].

    Parameters
    ----------
    Q : ndarray
        Heterogeneity statistics.
    k : int
        Number of effects.

    Returns
    -------
    ndarray
        Percentages; 0 where Q is 0.
    """
    positive = np.where(Q > 0, Q, np.inf)
    return np.where(Q > 0, 100 * np.maximum(0.0, 1 - (k - 1) / positive), 0.0)


def _back(case: Case) -> Callable[[Array], Array]:
    """Return the way from the scale of pooling to that of print."""
    if case.kind.scale == "r" and case.model != "HS":
        return np.tanh
    return np.exp if case.kind.log else np.asarray
