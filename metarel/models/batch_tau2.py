"""Every estimator of tau2 for many meta-analyses at once, by its code.

Each is the equation of its namesake in ``tau2``, on arrays of rows; the docstrings there say what
they estimate and by whom. Equations are solved for all rows together, and rows that are done drop
out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import elementwise, special
from metarel._register import Register
from metarel.models.batch_likelihood import maximise
from metarel.models.batch_sums import AnyRows, BatchMoments
from metarel.tau2.given_weights import given

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.models.batch_form import BatchForm
    from metarel.models.batch_sums import Flags

#: Steps of Newton's method before a row counts as failed; none of the tested takes 30.
MOST_STEPS = 200
#: Studies times rows of one block of the inversions of GENQM, whose arrays are larger by nodes.
BLOCK = 4096


@dataclass(frozen=True, slots=True)
class BatchTau2:
    """Estimates of tau2, one a row.

    Parameters
    ----------
    value, se : ndarray, shape (m,)
        Estimates, never below 0, and their standard errors.
    at : BatchMoments
        The sums at the estimates.
    converged : ndarray of bool, shape (m,)
        Whether the equation was solved; closed forms always are.
    """

    value: Array
    se: Array
    at: BatchMoments
    converged: Flags


@dataclass(frozen=True, slots=True)
class BatchEstimator:
    """The declaration of an estimator.

    Parameters
    ----------
    code : str
        The word users type, that of the same estimator in ``tau2.register``.
    estimate : callable
        ``estimate(rows, zero)``: the rows, with own weights on them where the estimator takes
        such, and their sums at tau2 = 0.
    """

    code: str
    estimate: Callable[[AnyRows, BatchMoments], BatchTau2]


def fixed(rows: AnyRows, value: Array) -> BatchTau2:
    """Take tau2 as given.

    Parameters
    ----------
    rows : AnyRows
        The meta-analyses.
    value : ndarray, shape (m,)
        The value for each.

    Returns
    -------
    BatchTau2
        The value, with a standard error of NaN.
    """
    return _closed(rows, value, np.full(len(value), np.nan))


def _closed(rows: AnyRows, value: Array, se: Array, at: BatchMoments | None = None) -> BatchTau2:
    at = rows.moments(value) if at is None else at
    return BatchTau2(value, se, at, np.ones(len(value), dtype=bool))


def _q_spread(df: Array, excess: Array, sums: BatchMoments) -> Array:
    """Return the root of var(y'Py) when effects vary by ``excess`` beyond what P's weights say."""
    spread = 2 * df + 4 * excess * sums.trace + 2 * excess**2 * sums.trace_squared
    return np.sqrt(np.maximum(spread, 0.0))


def _common_effect(rows: AnyRows, zero: BatchMoments) -> BatchTau2:
    return _closed(rows, np.zeros(len(rows)), np.full(len(rows), np.nan), zero)


def _from_q(
    offset: Callable[[AnyRows], Array], scale: Callable[[AnyRows, BatchMoments], Array]
) -> Callable[[AnyRows, BatchMoments], BatchTau2]:
    """Return the estimator (Q - offset) / scale, cut at 0."""

    def estimate(rows: AnyRows, zero: BatchMoments) -> BatchTau2:
        divisor = scale(rows, zero)
        value = np.maximum((zero.rss - offset(rows)) / divisor, 0.0)
        return _closed(rows, value, _q_spread(rows.df, value, zero) / divisor)

    return estimate


def _hartung_makambi(rows: AnyRows, zero: BatchMoments) -> BatchTau2:
    df, Q = rows.df, zero.rss
    value = Q**2 / ((2 * df + Q) * zero.trace)
    slope = Q * (Q + 4 * df) / ((2 * df + Q) ** 2 * zero.trace)
    return _closed(rows, value, slope * _q_spread(df, value, zero))


def _two_step_dersimonian_laird(rows: AnyRows, zero: BatchMoments) -> BatchTau2:
    return _second_step(rows, np.maximum((zero.rss - rows.df) / zero.trace, 0.0))


def _two_step_hedges(rows: AnyRows, zero: BatchMoments) -> BatchTau2:
    return _second_step(rows, _hedges(rows, zero).value)


def _second_step(rows: AnyRows, first: Array) -> BatchTau2:
    df, sums = rows.df, rows.moments(first)
    value = np.maximum(first + (sums.rss - df) / sums.trace, 0.0)
    return _closed(rows, value, _q_spread(df, value - first, sums) / sums.trace)


def _hedges(rows: AnyRows, zero: BatchMoments) -> BatchTau2:  # noqa: ARG001
    df, plain = rows.df, rows.unweighted()
    value = np.maximum((plain.rss - plain.trace_v) / df, 0.0)
    spread = 2 * (plain.trace_mvmv + 2 * value * plain.trace_v + value**2 * df)
    return _closed(rows, value, np.sqrt(spread) / df)


def _general_moments(rows: AnyRows, zero: BatchMoments) -> BatchTau2:  # noqa: ARG001
    form = rows.form(given(rows.own, "GENQ"))
    value = np.maximum((form.value - form.trace_v) / form.trace, 0.0)
    return _closed(rows, value, np.sqrt(2 * form.squared(value)) / form.trace)


def _median_unbiased_general_moments(rows: AnyRows, zero: BatchMoments) -> BatchTau2:
    own = given(rows.own, "GENQM")
    size = max(BLOCK // own.shape[-1], 1)
    m, unit = len(rows), rows.count / zero.w_sum
    value, se, converged = np.zeros(m), np.zeros(m), np.ones(m, dtype=bool)
    for begin in range(0, m, size):
        part = np.arange(begin, min(begin + size, m))
        some = rows.take(part)
        form = some.form(given(some.own, "GENQM"))
        value[part], converged[part] = solve_median(form, unit[part])
        se[part] = np.sqrt(2 * form.squared(value[part])) / form.trace
    return replace(_closed(rows, value, se), converged=converged)


def solve_median(form: BatchForm, unit: Array) -> tuple[Array, Flags]:
    """Find the tau2 at which each form is at its median; 0 where it is below even at 0.

    Parameters
    ----------
    form : BatchForm
        The quadratic forms.
    unit : ndarray, shape (m,)
        A size of tau2 to start from, above 0.

    Returns
    -------
    tuple of ndarray, shape (m,)
        The roots, and whether each was reached.
    """
    m = len(unit)
    below = form.cdf(np.zeros(m), np.arange(m))
    value, converged = np.zeros(m), below <= 0.5
    left = np.flatnonzero(below > 0.5)
    upper = np.maximum((form.value - form.trace_v) / form.trace, unit)[left]
    for _ in range(MOST_STEPS):
        short = np.flatnonzero(form.cdf(upper, left) >= 0.5)
        if not short.size:
            break
        upper[short] *= 2
    if left.size:

        def excess(share: Array, row: Array, scale: Array) -> Array:
            return form.cdf(share * scale, row.astype(int)) - 0.5

        ends = (np.zeros(left.size), np.ones(left.size))
        near = {"xatol": 1e-14, "xrtol": 1e-13}
        found = elementwise.find_root(excess, ends, args=(left, upper), tolerances=near)
        value[left], converged[left] = found.x * upper, found.success
    return value, converged


def _sidik_jonkman(rows: AnyRows, zero: BatchMoments) -> BatchTau2:  # noqa: ARG001
    df = rows.df
    crude = rows.unweighted().total / rows.count
    sums = rows.moments(crude)
    value = crude * sums.rss / df
    se = crude * _q_spread(df, value - crude, sums) / df
    return _closed(rows, value, se)


def _where_q_is(target: Callable[[Array], Array]) -> Callable[[AnyRows, BatchMoments], BatchTau2]:
    """Return the estimator at which Q equals a target, a function of the degrees of freedom."""

    def estimate(rows: AnyRows, zero: BatchMoments) -> BatchTau2:
        value, converged = solve_generalised_q(rows, zero, target(rows.df))
        at = rows.moments(value)
        se = np.sqrt(2 * rows.count**2 / rows.df) / at.w_sum
        return BatchTau2(value, se, at, converged)

    return estimate


def _median_of_chi_square(df: Array) -> Array:
    return 2 * special.gammaincinv(df / 2, 0.5)


_paule_mandel = _where_q_is(lambda df: df)


def solve_generalised_q(rows: AnyRows, zero: BatchMoments, target: Array) -> tuple[Array, Flags]:
    """Find the tau2 at which Q(tau2) equals a target; 0 where Q(0) is already below it.

    1/Q is increasing and concave in tau2, as a power mean of order -1 of lines: Newton's method
    on it comes from the left and never overshoots, so no bracket is needed.

    Parameters
    ----------
    rows : AnyRows
        The meta-analyses.
    zero : BatchMoments
        Their sums at tau2 = 0.
    target : ndarray, shape (m,)
        The value that Q shall take, above 0.

    Returns
    -------
    tuple of ndarray, shape (m,)
        The roots, and whether each was reached.
    """
    value, converged = np.zeros(len(rows)), zero.rss <= target
    left = np.flatnonzero(~converged)
    active, sums = rows.take(left), zero.take(left)
    for _ in range(MOST_STEPS):
        if not left.size:
            break
        excess = sums.rss - target[left]
        step = excess * sums.rss / (target[left] * sums.quad2)
        value[left] = np.maximum(value[left] + step, 0.0)
        # rounding of Q itself moves the root by its relative error in Q/quad2
        noise = 1e-14 * sums.rss / sums.quad2
        done = np.abs(step) <= 1e-9 * value[left] + noise
        converged[left[done]] = True
        going = np.flatnonzero(~done)
        left, active = left[going], active.take(going)
        sums = active.moments(value[left])
    return value, converged


def _maximum_likelihood(rows: AnyRows, zero: BatchMoments) -> BatchTau2:
    value, at, converged = maximise(rows, zero, restricted=False)
    return BatchTau2(value, np.sqrt(2 / at.w2_sum), at, converged)


def _restricted_maximum_likelihood(rows: AnyRows, zero: BatchMoments) -> BatchTau2:
    value, at, converged = maximise(rows, zero, restricted=True)
    return BatchTau2(value, np.sqrt(2 / at.trace_squared), at, converged)


BATCH_TAU2: Register[BatchEstimator] = Register(
    "tau2",
    [
        BatchEstimator("REML", _restricted_maximum_likelihood),
        BatchEstimator("ML", _maximum_likelihood),
        BatchEstimator("DL", _from_q(lambda rows: rows.df, lambda _, zero: zero.trace)),
        BatchEstimator("HE", _hedges),
        BatchEstimator("HS", _from_q(lambda rows: rows.count, lambda _, zero: zero.w_sum)),
        BatchEstimator("SJ", _sidik_jonkman),
        BatchEstimator("PM", _paule_mandel),
        BatchEstimator("PMM", _where_q_is(_median_of_chi_square)),
        BatchEstimator("EB", _paule_mandel),
        BatchEstimator(
            "HSk",
            _from_q(lambda rows: rows.df, lambda rows, zero: zero.w_sum * rows.df / rows.count),
        ),
        BatchEstimator("HM", _hartung_makambi),
        BatchEstimator("DL2", _two_step_dersimonian_laird),
        BatchEstimator("HE2", _two_step_hedges),
        BatchEstimator("GENQ", _general_moments),
        BatchEstimator("GENQM", _median_unbiased_general_moments),
        BatchEstimator("DLIT", _paule_mandel),
        BatchEstimator("SJIT", _paule_mandel),
        BatchEstimator("EE", _common_effect),
    ],
)
