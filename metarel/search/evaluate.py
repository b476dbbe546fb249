"""Many analyses of one table, or one analysis of many versions of it, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._distributions import critical_value, two_sided_p
from metarel.convert.averages import averaged
from metarel.convert.register import EDGES
from metarel.effects.transforms import TRANSFORMS
from metarel.models._inference import TESTS, Setting
from metarel.models.batch_fit import batch_fit
from metarel.models.batch_result import BatchFit
from metarel.search.bare_bones import bare_bones_numbers
from metarel.search.kinds import KINDS
from metarel.search.specification import BACKS, BARE_BONES, effect_pair, own_weights

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.search.kinds import Columns
    from metarel.search.specification import Specification
    from metarel.search.table import StudyTable

#: The numbers that come of every analysis, by the names that articles' figures have.
QUANTITIES = (
    *("estimate", "se", "statistic", "df", "p_value", "ci_low", "ci_high", "pi_low", "pi_high"),
    *("k", "N", "tau2", "tau", "Q", "Q_df", "Q_p", "I2", "H2", "I2_Q", "H2_Q"),
)
POINTS = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")
#: Degrees of freedom of prediction intervals: less than k by so many, or None for a normal one.
PREDICTION_DF = {
    "z": None, "t": 1, "hts": 2,
    "skipka": None, "veroniki": 1, "higgins": 2,
    "hk": 1, "hk-pr": 2,
}  # fmt: skip
OF_MODEL = ("skipka", "veroniki", "higgins")
OF_KNAPP_HARTUNG = ("hk", "hk-pr")


@dataclass(frozen=True, slots=True)
class Fits:
    """Fits by z tests, a row each, from which every other test follows.

    Parameters
    ----------
    fit : BatchFit
        The fits.
    again : callable
        ``again(tau2, test)`` fits the same rows otherwise, for tests that follow from other fits.
    N : ndarray, shape (m,)
        People over the studies that took part; NaN where not known.
    plain : bool
        Whether tau2 is by REML and studies are weighted by 1/(v + tau2), as one test asks for.
    """

    fit: BatchFit
    again: Callable[[str, str], BatchFit]
    N: Array
    plain: bool


def evaluate(
    specifications: Sequence[Specification], table: StudyTable, *, level: float = 0.95
) -> dict[str, Array]:
    """Run many analyses of one table.

    Parameters
    ----------
    specifications : sequence of Specification
        The analyses.
    table : StudyTable
        The studies.
    level : float
        Level of confidence and prediction intervals, a fraction.

    Returns
    -------
    dict of str to ndarray, shape (n_spec,)
        By the names of ``QUANTITIES``; estimates and limits on the scale that the analysis prints,
        standard errors and tests on that of the analysis; I2 and I2_Q fractions. NaN where an
        analysis cannot run. ``I2`` and ``H2`` are what the analysis defines them as.
    """
    count = len(specifications)
    out = {name: np.full(count, np.nan) for name in QUANTITIES}
    made = _Effects(table.kind, table.columns)
    for (tau2, weights), rows in _grouped(specifications, lambda s: (s.tau2, s.weights)).items():
        chosen = [specifications[i] for i in rows]
        if tau2 == BARE_BONES:
            for i, one in zip(rows, chosen, strict=True):
                numbers = _bare_bones(one, table.kind, table.columns, None, level)
                for name, values in numbers.items():
                    out[name][i] = values[0]
            continue
        which, inverse = made.of(chosen)
        y, v, own = made.stacked(which, weights)
        fits = _fits(y, v, own, tau2, None, level, made.people(y, v, None))
        _finish(fits, inverse, chosen, rows, out, level)
    _print(out, specifications)
    return out


def evaluate_variants(
    specification: Specification,
    kind: str,
    columns: Columns,
    times: Array | None = None,
    *,
    level: float = 0.95,
) -> dict[str, Array]:
    """Run one analysis on many versions of a study table.

    Parameters
    ----------
    specification : Specification
        The analysis.
    kind : str
        What the columns are.
    columns : mapping of str to ndarray, shape (k,) or (m, k)
        The versions; a column of shape (k,) is the same in all.
    times : ndarray, shape (m, k), optional
        How often each study takes part in each version: 0 leaves it out.
    level : float
        Level of confidence and prediction intervals, a fraction.

    Returns
    -------
    dict of str to ndarray, shape (m,)
        As ``evaluate``.
    """
    if times is not None:
        # Left out for good, so that rules which borrow from other rows do not see the study.
        first = next(iter(KINDS[kind].columns))
        columns = {**columns, first: np.where(np.asarray(times) > 0, columns[first], np.nan)}
    if specification.tau2 == BARE_BONES:
        found = _bare_bones(specification, kind, columns, times, level)
        nothing = np.full(len(next(iter(found.values()))), np.nan)
        return {name: found.get(name, nothing) for name in QUANTITIES}
    made = _Effects(kind, columns)
    y, v = (np.atleast_2d(x) for x in effect_pair(specification, kind, columns))
    m = max(len(y), 1 if times is None else len(times))
    own = own_weights(specification.weights, kind, columns, y.shape)
    fits = _fits(y, v, own, specification.tau2, times, level, made.people(y, v, times))
    out = {name: np.full(m, np.nan) for name in QUANTITIES}
    _finish(fits, np.arange(m), [specification] * m, np.arange(m), out, level)
    _print(out, [specification] * m)
    return out


def _bare_bones(
    specification: Specification,
    kind: str,
    columns: Columns,
    times: Array | None,
    level: float,
) -> dict[str, Array]:
    """Return the numbers of Hunter and Schmidt's analysis, one a version of the table."""
    r, _ = effect_pair(specification, kind, columns)
    n = KINDS[kind].size(columns)
    sizes = np.full(r.shape, np.nan) if n is None else np.broadcast_to(n, r.shape)
    found = bare_bones_numbers(specification, np.atleast_2d(r), np.atleast_2d(sizes), times, level)
    return found or {"estimate": np.full(len(np.atleast_2d(r)), np.nan)}


def _grouped(items: Sequence[Any], key: Any) -> dict[Any, list[int]]:
    """Return the positions of items by key, in order of appearance."""
    groups: dict[Any, list[int]] = {}
    for i, item in enumerate(items):
        groups.setdefault(key(item), []).append(i)
    return groups


class _Effects:
    """The distinct sets of effects of one table, each made once."""

    def __init__(self, kind: str, columns: Columns) -> None:
        self.kind = kind
        self.columns = columns
        self._known: dict[Any, tuple[Array, Array]] = {}

    def of(self, specifications: Sequence[Specification]) -> tuple[list[Any], Any]:
        """Return the distinct sets of effects that analyses pool, and which each pools."""
        keys = [(s.metric, s.variance, s.correct, s.settings) for s in specifications]
        place = {key: i for i, key in enumerate(dict.fromkeys(keys))}
        for key, specification in zip(keys, specifications, strict=True):
            if key not in self._known:
                self._known[key] = effect_pair(specification, self.kind, self.columns)
        return list(place), np.array([place[key] for key in keys])

    def stacked(self, keys: Sequence[Any], weights: str) -> tuple[Array, Array, Array | None]:
        """Return the sets as rows, with own weights where studies are weighted otherwise."""
        y, v = (np.stack([self._known[key][side] for key in keys]) for side in (0, 1))
        return y, v, own_weights(weights, self.kind, self.columns, y.shape)

    def people(self, y: Array, v: Array, times: Array | None) -> Array:
        """Return the people over the studies of each row; NaN where not known."""
        n = KINDS[self.kind].size(self.columns)
        if n is None:
            return np.full(len(y), np.nan)
        there = ~(np.isnan(y) | np.isnan(v))
        count = there if times is None else there * np.asarray(times, dtype=float)
        return np.asarray(np.where(count > 0, count * n, 0.0).sum(axis=1))


def _fits(
    y: Array,
    v: Array,
    own: Array | None,
    tau2: str,
    times: Array | None,
    level: float,
    people: Array,
) -> Fits:
    """Fit every row by z tests; a study without its own weight makes its row unfit."""
    if own is not None:
        lost = np.isnan(own) & ~(np.isnan(y) | np.isnan(v))
        y = np.where(lost.any(axis=1, keepdims=True), np.nan, y)
        own = np.where(np.isnan(own), 1.0, own)
    given: dict[str, Any] = {"times": times, "level": level}
    fit = batch_fit(y, v, tau2=tau2, weights=own, **given)

    def again(tau2: str, test: str) -> BatchFit:
        return batch_fit(y, v, tau2=tau2, test=test, **given)

    return Fits(fit, again, people, own is None and tau2 == "REML")


def _finish(
    fits: Fits,
    inverse: Any,
    specifications: Sequence[Specification],
    rows: Any,
    out: dict[str, Array],
    level: float,
) -> None:
    """Put the numbers of analyses into their places, test by test and interval by interval."""
    places = np.asarray(rows)
    keys = _grouped(specifications, lambda s: (s.test, s.prediction, s.I2))
    shared = _shared(fits)
    tested: dict[str, dict[str, Array]] = {}
    for (test, prediction, share), chosen in keys.items():
        if test not in tested:
            tested[test] = _tested(fits, test, level)
        numbers = {**shared, **tested[test]}
        low, high = _prediction(fits, prediction, numbers, level)
        if fits.fit.common:  # one effect has no distribution to predict from
            low, high = np.full_like(low, np.nan), np.full_like(high, np.nan)
        numbers |= {"pi_low": low, "pi_high": high}
        if share == "Q":
            numbers |= {"I2": numbers["I2_Q"], "H2": numbers["H2_Q"]}
        which = inverse[chosen]
        for name in QUANTITIES:
            out[name][places[chosen]] = numbers[name][which]


def _shared(fits: Fits) -> dict[str, Array]:
    """Return the numbers that no choice of test touches; NaN in rows without a fit."""
    fit = fits.fit
    numbers = {
        "k": fit.k, "N": fits.N, "tau2": fit.tau2, "tau": np.sqrt(fit.tau2), "Q": fit.Q,
        "Q_df": fit.Q_df, "Q_p": fit.Q_p, "I2": fit.I2, "H2": fit.H2, "I2_Q": fit.I2_Q,
        "H2_Q": fit.H2_Q, "estimate": fit.estimate,
    }  # fmt: skip
    return {name: np.where(fit.ok, values, np.nan) for name, values in numbers.items()}


def _tested(fits: Fits, test: str, level: float) -> dict[str, Array]:
    """Return standard errors, tests and limits under one kind of test."""
    fit = fits.fit
    several = fit.k > 1
    df = np.where(several, np.maximum(fit.k - 1, 1.0), np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        setting = Setting(
            fit.knapp_hartung,
            np.where(several, df, 1.0),
            level,
            lambda: fits.again("DL", "z").se / np.sqrt(fit.variance),
        )
        rule = TESTS[test].rule
        if rule is None:
            factor, reference = _kenward_roger(fits, test)
        else:
            factor, reference = rule(setting)
    reference = np.where(several, reference, np.inf)
    se = np.sqrt(fit.variance * np.where(several, factor, 1.0))
    statistic = fit.estimate / np.where(se > 0, se, np.nan)
    half = _critical(level, reference) * se
    return {
        "se": se,
        "df": np.where(fit.ok, reference, np.nan),
        "statistic": statistic,
        "p_value": two_sided_p(statistic, reference),
        "ci_low": fit.estimate - half,
        "ci_high": fit.estimate + half,
    }


def _kenward_roger(fits: Fits, test: str) -> tuple[Array, Array]:
    """Return factor and degrees of freedom of the test that allows for REML's estimation."""
    if not fits.plain:
        nothing = np.full_like(fits.fit.k, np.nan)
        return nothing, nothing
    fit = fits.again("REML", test)
    return fit.variance / fits.fit.variance, fit.df


def _prediction(
    fits: Fits, kind: str, numbers: dict[str, Array], level: float
) -> tuple[Array, Array]:
    """Return prediction limits of one kind; NaN where the degrees of freedom are used up."""
    fit = fits.fit
    variance = numbers["se"] ** 2
    if kind in OF_MODEL:
        variance = fit.variance
    elif kind in OF_KNAPP_HARTUNG:
        variance = fit.variance * fit.knapp_hartung
    if kind == "default":
        df = numbers["df"]
    else:
        used = PREDICTION_DF[kind]
        df = np.full_like(fit.k, np.inf) if used is None else fit.k - used
    with np.errstate(invalid="ignore"):
        fine = df > 0
    reach = np.where(fine, _critical(level, np.where(fine, df, 1.0)), np.nan)
    half = reach * np.sqrt(variance + fit.tau2)
    return fit.estimate - half, fit.estimate + half


def _critical(level: float, df: Array) -> Array:
    """Return critical values, each distinct df once."""
    values, which = np.unique(df, return_inverse=True)
    return np.asarray(critical_value(level, values)[which])


def _print(out: dict[str, Array], specifications: Sequence[Specification]) -> None:
    """Take estimates and limits to the scale that each analysis prints, each scale at once."""
    for back, rows in _grouped(specifications, lambda s: BACKS[s.back].code).items():
        if back == "identity":
            continue
        for name in POINTS:
            x = out[name][rows]
            go = _mean_tanh if back == "integral" else _transformed(back)
            out[name][rows] = go(x, out["tau2"][rows])


def _transformed(back: str) -> Callable[[Array, Array], Array]:
    return lambda x, _tau2: TRANSFORMS[back].back(x)


def _mean_tanh(z: Array, tau2: Array) -> Array:
    """Return the mean of tanh over N(z, tau2), each distinct pair once."""
    pairs, which = np.unique(np.stack([z, tau2], axis=1), axis=0, return_inverse=True)
    known = np.isfinite(pairs).all(axis=1)
    means = np.full(len(pairs), np.nan)
    some = pairs[known]
    if len(some):
        means[known] = averaged((EDGES["z->r:fisher"],), some[:, 0], some[:, 1], {}, "mean")[0]
    return means[which.ravel()]
