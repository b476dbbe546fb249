"""Many meta-analyses from arrays to a frozen record of arrays; no frames."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_level
from metarel._register import one_of
from metarel.errors import InputError
from metarel.models._inference import TESTS, Setting, TestKind, check_kr
from metarel.models._kenward_roger import kenward_roger_means
from metarel.models._study import workable
from metarel.models.batch_likelihood import LOG_2PI, log_likelihood
from metarel.models.batch_result import (
    BAD,
    EMPTY,
    FINE,
    NO_RESIDUAL,
    ONE,
    ONE_FIXED,
    OVERFLOW,
    UNSOLVED,
    BatchFit,
)
from metarel.models.batch_sums import DOT, BatchMoments, Rows, arrange
from metarel.models.batch_tau2 import BATCH_TAU2, BatchTau2, fixed
from metarel.tau2.given_weights import given
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from metarel._checks import Array

#: Numbers in one array of a part of the rows; with six or so such arrays the cache is full.
PART = 32_768
#: Rows of one part are at least this fraction as long as its longest.
EVEN = 0.8


@dataclass(frozen=True, slots=True)
class Model:
    """The call as resolved."""

    code: str | None
    value: float
    kind: TestKind
    level: float

    @property
    def tau2(self) -> str | float:
        """How tau2 is found: the estimator's code, or the value."""
        return self.value if self.code is None else self.code

    @property
    def common(self) -> bool:
        """Whether tau2 is 0 by assumption."""
        return self.code == "EE"

    @property
    def takes_weights(self) -> bool:
        """Whether tau2 is estimated with the own weights too."""
        return self.code is not None and TAU2[self.code].takes == "weights"

    @property
    def restricted(self) -> bool:
        """Whether the likelihood reported is the restricted one."""
        return self.code is not None and TAU2[self.code].restricted


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of the rows as padded arrays: NaN where there is no study."""

    rows: Any
    y: Array
    v: Array
    times: Array | None
    weights: Array | None

    def take(self, chosen: Any) -> _Part:
        times = None if self.times is None else self.times[chosen]
        weights = None if self.weights is None else self.weights[chosen]
        return _Part(self.rows[chosen], self.y[chosen], self.v[chosen], times, weights)


def batch_fit(
    y: Array,
    v: Array,
    *,
    tau2: str | float = "REML",
    test: str = "z",
    level: float = 0.95,
    times: Array | None = None,
    weights: Array | None = None,
) -> BatchFit:
    """Fit a random-effects model to every row of two arrays.

    The entry for whatever refits the same studies many times: leave-one-out and subsets by a mask,
    bootstraps by counts, permutations and simulations by their own effects.

    Parameters
    ----------
    y, v : ndarray, shape (m, k) or (1, k)
        Effects and sampling variances; one row stands for all. NaN in either leaves a study out.
    tau2 : str or float
        Estimator, or the value at which tau2 is fixed.
    test : str
        Kind of test.
    level : float
        Confidence level, a fraction.
    times : ndarray, shape (m, k) or (1, k), optional
        How often each study takes part in each row: False or 0 leaves it out, a count repeats it.
    weights : ndarray, shape (m, k) or (1, k), optional
        Own weights for the mean, positive; "GENQ" and "GENQM" estimate tau2
        with the same.

    Returns
    -------
    BatchFit
        One number a row. A row that cannot be fitted has NaN and a note, and harms no other.

    Raises
    ------
    InputError
        On an unknown word, and on an estimator that takes weights where there are none.
    """
    model = resolve_model(tau2, test, level, weights)
    check_kr(model.kind, model.tau2, own_weights=weights is not None)
    passed = [a for a in (y, v, times, weights) if a is not None]
    m, k = np.broadcast_shapes(*(np.shape(a) for a in passed))
    size = max(PART // max(k, 1), 1)

    def parts() -> Iterator[_Part]:
        for begin in range(0, m, size):
            rows = np.arange(begin, min(begin + size, m))
            yield _Part(
                rows,
                rows_of(y, rows, k),
                rows_of(v, rows, k),
                None if times is None else rows_of(times, rows, k),
                None if weights is None else rows_of(weights, rows, k),
            )

    return _fit_parts(m, parts(), model)


def ragged_fit(
    y: Array,
    v: Array,
    sizes: Any,
    *,
    tau2: str | float = "REML",
    test: str = "z",
    level: float = 0.95,
    weights: Array | None = None,
) -> BatchFit:
    """Fit a random-effects model to each run of studies in long vectors.

    Rows are taken in order of their length, in parts of nearly equal ones, so that one long row
    among many short ones costs no memory.

    Parameters
    ----------
    y, v : ndarray, shape (n,)
        Effects and sampling variances, the studies of a meta-analysis next to each other.
    sizes : ndarray of int, shape (m,)
        Number of studies of each; they sum to n. May hold 0.
    tau2, test, level
        As for ``batch_fit``.
    weights : ndarray, shape (n,), optional
        Own weights for the mean, positive; "GENQ" and "GENQM" estimate tau2
        with the same.

    Returns
    -------
    BatchFit
        One number a meta-analysis.

    Raises
    ------
    InputError
        On an unknown word, and on an estimator that takes weights where there are none.
    """
    model = resolve_model(tau2, test, level, weights)
    check_kr(model.kind, model.tau2, own_weights=weights is not None)
    first = np.cumsum(sizes) - sizes
    order = np.argsort(sizes, kind="stable")[::-1]

    def parts() -> Iterator[_Part]:
        begin = 0
        while begin < len(order):
            longest = int(sizes[order[begin]])
            size = max(PART // max(longest, 1), 1)
            rows = order[begin : begin + size]
            rows = rows[sizes[rows] >= EVEN * longest - 1]
            begin += len(rows)
            column = np.arange(longest)
            there = column < sizes[rows][:, None]
            at = np.where(there, first[rows][:, None] + column, 0)
            padded = [None if a is None else np.where(there, a[at], np.nan) for a in (y, v)]
            own = None if weights is None else np.where(there, weights[at], 1.0)
            yield _Part(rows, padded[0], padded[1], None, own)

    return _fit_parts(len(order), parts(), model)


def rows_of(values: Array, rows: Any, k: int) -> Array:
    """Take rows of an array of which one row may stand for all, as floats.

    Parameters
    ----------
    values : ndarray, shape (m, k) or (1, k)
        The array.
    rows : ndarray of int
        Which rows.
    k : int
        Number of columns.

    Returns
    -------
    ndarray
        The rows, read-only where one stands for all.
    """
    chosen = values if len(values) == 1 else values[rows]
    return np.broadcast_to(np.asarray(chosen, dtype=float), (len(rows), k))


def resolve_model(
    tau2: str | float, test: str, level: float, weights: Array | None = None
) -> Model:
    """Resolve the words of a call, and refuse those unknown.

    Parameters
    ----------
    tau2 : str or float
        Estimator, or the value at which tau2 is fixed.
    test : str
        Kind of test.
    level : float
        Confidence level, a fraction.
    weights : ndarray, optional
        Own weights, without which some estimators are refused.

    Returns
    -------
    Model
        The call as resolved.
    """
    level, kind = check_level(level), TESTS[test]
    if isinstance(tau2, str):
        code = TAU2[tau2].code
        if code not in BATCH_TAU2:
            raise InputError(
                f"{one_of('tau2', BATCH_TAU2, code)} For {code!r} use pool(), fit by fit."
            )
        if TAU2[code].takes == "weights":
            given(weights, code)
        return Model(code, 0.0, kind, level)
    if (
        isinstance(tau2, bool)
        or not isinstance(tau2, (int, float, np.number))
        or not 0 <= tau2 < math.inf
    ):
        raise InputError(
            f"{one_of('tau2', BATCH_TAU2, tau2)} Or a number of at least 0, to fix it."
        )
    return Model(None, float(tau2), kind, level)


#: The arrays of a BatchFit that a part fills in, and what stands there before.
_COLUMNS = {
    "k": 0.0,
    "estimate": np.nan,
    "variance": np.nan,
    "df": np.inf,
    "tau2": np.nan,
    "tau2_se": np.nan,
    "Q": np.nan,
    "typical_variance": np.nan,
    "log_likelihood": np.nan,
    "knapp_hartung": np.nan,
    "factor": 1.0,
    "note": float(FINE),
}


def _fit_parts(m: int, parts: Iterator[_Part], model: Model) -> BatchFit:
    """Fit the parts one after the other and put the numbers in their places."""
    table = {name: np.full(m, start) for name, start in _COLUMNS.items()}
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        for part in parts:
            _fit_part(part, model, table)
    note = table.pop("note").astype(np.int8)
    return BatchFit(**table, note=note, common=model.common, level=model.level)


def _fit_part(part: _Part, model: Model, table: dict[str, Array]) -> None:
    """Tell rows that cannot be fitted, single studies and the rest apart, and fit them."""
    there = ~(np.isnan(part.y) | np.isnan(part.v))
    if part.times is not None:
        there &= part.times > 0
    count = (there if part.times is None else np.where(there, part.times, 0.0)).sum(axis=1)
    bad = (there & ~workable(part.y, part.v)).any(axis=1)
    table["k"][part.rows] = count
    table["note"][part.rows] = np.where(bad, BAD, np.where(count == 0, EMPTY, FINE))
    for chosen, fit in ((count == 1, _one_study), (count >= 2, _several)):
        rows = np.flatnonzero(chosen & ~bad)
        if rows.size:
            some = part if rows.size == len(count) else part.take(rows)
            if not there.all():
                gaps = ~there[rows]
                some = _Part(
                    some.rows,
                    np.where(gaps, np.nan, some.y),
                    np.where(gaps, np.nan, some.v),
                    some.times,
                    some.weights,
                )
            fit(some, model, table)


def _one_study(part: _Part, model: Model, table: dict[str, Array]) -> None:
    """Return the study's own estimate; tau2 is 0 or as given, and the test is z."""
    y, v = np.nansum(part.y, axis=1), np.nansum(part.v, axis=1)
    total = v + model.value
    # the restricted likelihood of no contrasts is 1
    height = 0.0 if model.restricted else -0.5 * (LOG_2PI + np.log(total))
    numbers = {
        "estimate": y,
        "variance": total,
        "tau2": model.value,
        "Q": 0.0,
        "typical_variance": v,
        "note": ONE if model.code is not None else ONE_FIXED,
        "log_likelihood": height,
    }
    _put(table, part.rows, numbers)


def _several(part: _Part, model: Model, table: dict[str, Array]) -> None:
    """Fit rows of two or more studies; the order of the steps is the model."""
    own = part.weights if model.takes_weights else None
    rows = arrange(part.y, part.v, part.times, own)
    zero = rows.moments(np.zeros(len(rows)))
    if model.code is None:
        between = fixed(rows, np.full(len(rows), model.value))
    else:
        between = BATCH_TAU2[model.code].estimate(rows, zero)
    scale = between.at.rss / rows.df
    mean, variance, rss = _mean(rows, part, between.value, between.at)
    factor, df = _reference(rows, part, zero, between, np.sqrt(variance), model)
    variance = variance * factor
    numbers = {
        "estimate": rows.shift + mean,
        "variance": variance,
        "df": df,
        "tau2": between.value,
        "tau2_se": between.se,
        "Q": zero.rss,
        "typical_variance": rows.df / zero.trace,
        "log_likelihood": log_likelihood(
            rows, between.value, restricted=model.restricted, at=between.at, rss=rss
        ),
        "knapp_hartung": scale,
        "factor": np.ones_like(factor) if model.kind.rule is None else factor,
    }
    finite = np.isfinite(numbers["estimate"]) & np.isfinite(variance) & np.isfinite(zero.rss)
    note = np.where(factor < 1e-12, NO_RESIDUAL, FINE)
    note = np.where(finite, np.where(between.converged, note, UNSOLVED), OVERFLOW)
    failed = (note == UNSOLVED) | (note == OVERFLOW)
    numbers = {name: np.where(failed, np.nan, value) for name, value in numbers.items()}
    _put(table, part.rows, numbers | {"note": note})


def _reference(
    rows: Rows,
    part: _Part,
    zero: BatchMoments,
    between: BatchTau2,
    se: Array,
    model: Model,
) -> tuple[Array, Array]:
    """Return the factor of the variance and the degrees of freedom, as the test has them."""
    if model.kind.rule is None:
        absent = np.isnan(part.v)
        w = np.where(absent, 0.0, 1 / (np.where(absent, 1.0, part.v) + between.value[:, None]))
        times = np.ones_like(w) if part.times is None else part.times
        return kenward_roger_means(w, times, between.at.trace_squared)

    def classic() -> Array:
        tau2 = BATCH_TAU2["DL"].estimate(rows, zero)
        return np.asarray(1 / np.sqrt(tau2.at.w_sum) / se)

    scale = between.at.rss / rows.df
    return model.kind.rule(Setting(scale, rows.df, model.level, classic))


def _mean(
    rows: Rows, part: _Part, tau2: Array, at: BatchMoments
) -> tuple[Array, Array, Array | None]:
    """Return the mean less the shift, its variance, and the sum of squares if weights are own."""
    if part.weights is None:
        return at.beta, 1 / at.w_sum, None
    absent = np.isnan(part.v)
    own = np.where(absent, 0.0, part.weights)
    times = own if part.times is None else own * part.times
    z = np.where(absent, 0.0, part.y - rows.shift[:, None])
    total = np.where(absent, 1.0, part.v) + tau2[:, None]
    sum_of_weights = times.sum(axis=1)
    mean = np.einsum(DOT, times, z) / sum_of_weights
    variance = np.einsum("mk,mk,mk->m", times, own, total) / sum_of_weights**2
    count = ~absent if part.times is None else np.where(absent, 0.0, part.times)
    rss = ((z - mean[:, None]) ** 2 / total * count).sum(axis=1)
    return mean, variance, rss


def _put(table: dict[str, Array], rows: Any, numbers: dict[str, Any]) -> None:
    for name, values in numbers.items():
        table[name][rows] = values
