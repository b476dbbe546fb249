"""Many meta-analyses side by side, and the sums that every estimator needs of each.

A row is a meta-analysis and a column a study. Many short rows are laid out study by study in
memory, so that a sum over studies adds whole columns; few long ones row by row.

Estimators ask of rows what ``AnyRows`` lists and no more: regressions on a shared design answer
the same and are estimated alike.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeAlias

import numpy as np

from metarel.models.batch_form import BatchForm, form_of_means

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array

    Flags: TypeAlias = NDArray[np.bool_]

#: A sum of products over the studies of each row.
DOT = "mk,mk->m"


@dataclass(frozen=True, slots=True)
class BatchMoments:
    """What quadratic forms at weights w = 1/(v + tau2) need: one number a row, shape (m,).

    With P = W - W1 (1'W1)^-1 1'W: ``rss`` is y'Py, ``trace`` tr(P), ``trace_squared`` tr(PP),
    ``quad2`` y'PPy and ``quad3`` y'PPPy; ``w_sum`` and ``w2_sum`` are the sums of the weights and
    of their squares. ``beta`` is the weighted mean less the shift of the row.
    """

    beta: Array
    rss: Array
    trace: Array
    trace_squared: Array
    quad2: Array
    quad3: Array
    w_sum: Array
    w2_sum: Array

    @property
    def log_det(self) -> Array:
        """The log determinant of X'WX."""
        return np.log(self.w_sum)

    def take(self, rows: Any) -> BatchMoments:
        """Return the sums of some of the rows."""
        return replace(self, **{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def replaced(self, rows: Any, other: BatchMoments) -> BatchMoments:
        """Return the sums with those of some rows taken from another record."""
        columns = {f.name: getattr(self, f.name).copy() for f in fields(self)}
        for name, column in columns.items():
            column[rows] = getattr(other, name)
        return replace(self, **columns)


@dataclass(frozen=True, slots=True)
class Unweighted:
    """The sums of ordinary least squares, with M the projection off the mean; shape (m,).

    ``rss`` is y'My, ``trace_v`` tr(MV), ``trace_mvmv`` tr(MVMV), and ``total`` the sum of squares
    about the plain mean, which looks past moderators.
    """

    rss: Array
    trace_v: Array
    trace_mvmv: Array
    total: Array


class AnyRows(Protocol):
    """What estimators ask of meta-analyses side by side, with or without moderators."""

    @property
    def count(self) -> Array:
        """Number of studies, each as often as it takes part, shape (m,)."""
        ...

    @property
    def p(self) -> int:
        """Number of coefficients."""
        ...

    @property
    def df(self) -> Array:
        """Residual degrees of freedom, shape (m,)."""
        ...

    @property
    def own(self) -> Array | None:
        """Own weights, where the estimator takes them."""
        ...

    @property
    def top_v(self) -> Array:
        """The smallest variance of each row, shape (m,)."""
        ...

    @property
    def log_det_design(self) -> Array:
        """The log determinant of X'X, shape (m,)."""
        ...

    def __len__(self) -> int: ...

    def take(self, rows: Any) -> Self:
        """Return some of the rows, by their numbers, which may repeat."""
        ...

    def moments(self, tau2: Array) -> BatchMoments:
        """Compute all sums at one tau2 a row."""
        ...

    def unweighted(self) -> Unweighted:
        """Compute the sums of ordinary least squares."""
        ...

    def form(self, weights: Array) -> BatchForm:
        """Compute the quadratic form at given weights, laid out as ``own``."""
        ...

    def log_determinant(self, tau2: Array) -> Array:
        """Return the sum of log(v + tau2) over the studies of each row."""
        ...


@dataclass(frozen=True, slots=True)
class Rows:
    """Meta-analyses without moderators, ready for sums at any tau2.

    The most precise study of each row stands apart: effects are counted from its own, and no sum
    that its weight may dominate is taken as a difference. So nothing loses digits, however far
    the variances lie apart.

    Parameters
    ----------
    z : ndarray, shape (m, k)
        Effects less that of the most precise study; 0 where there is no study.
    v : ndarray, shape (m, k)
        Variances; infinite where there is no study and where the study stands apart.
    times : ndarray, shape (m, k), or None
        How often each study takes part, beside the one apart; None where each does once.
    top_v, shift : ndarray, shape (m,)
        Variance and effect of the study that stands apart.
    count : ndarray, shape (m,)
        Number of studies, each as often as it takes part; at least 2.
    own : ndarray, shape (m, k), or None
        Own weights, for estimators that take them; 0 where there is no study.
    """

    z: Array
    v: Array
    times: Array | None
    top_v: Array
    shift: Array
    count: Array
    own: Array | None = None

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return 1

    @property
    def df(self) -> Array:
        """Residual degrees of freedom, shape (m,)."""
        return self.count - 1.0

    @property
    def log_det_design(self) -> Array:
        """The log determinant of X'X, shape (m,)."""
        return np.log(self.count)

    def __len__(self) -> int:
        return len(self.count)

    def take(self, rows: Any) -> Rows:
        """Return some of the rows, by their numbers, which may repeat."""
        return Rows(
            take_rows(self.z, rows),
            take_rows(self.v, rows),
            None if self.times is None else take_rows(self.times, rows),
            self.top_v[rows],
            self.shift[rows],
            self.count[rows],
            None if self.own is None else take_rows(self.own, rows),
        )

    def moments(self, tau2: Array) -> BatchMoments:
        """Compute all sums at one tau2 a row, in time linear in the size of the arrays.

        With w0 the weight apart and R, R2, R3 the sums of w, w^2, w^3 of the others,
        tr(P) = (2 R w0 + R^2 - R2) / (w0 + R); with u = w r the weighted residuals and A, B the
        sums of wu and wu^2 of the others, y'PPPy = B + (w0 R u0^2 - 2 w0 u0 A - A^2) / (w0 + R).
        """
        w = self.v + tau2[:, None]
        np.divide(1.0, w, out=w)
        w0 = 1 / (self.top_v + tau2)
        cw = w if self.times is None else self.times * w
        R = cw.sum(axis=1)
        total = w0 + R
        mean = np.einsum(DOT, cw, self.z) / total
        r = self.z - mean[:, None]
        cu = cw * r
        u = cu if self.times is None else w * r
        u0 = -w0 * mean
        cw2 = cw * w
        R2, R3 = cw2.sum(axis=1), np.einsum(DOT, cw2, w)
        rss = w0 * mean**2 + np.einsum(DOT, cu, r)
        quad2 = u0**2 + np.einsum(DOT, cu, u)
        np.multiply(cu, w, out=r)
        A, B = r.sum(axis=1), np.einsum(DOT, r, u)
        cross = w0**2 * (R**2 + 2 * R2) + R2**2 + total * (w0 * R2 + R * R2 - 2 * R3)
        return BatchMoments(
            beta=mean,
            rss=rss,
            trace=(2 * R * w0 + R**2 - R2) / total,
            trace_squared=cross / total**2,
            quad2=quad2,
            quad3=B + (w0 * R * u0**2 - 2 * w0 * u0 * A - A**2) / total,
            w_sum=total,
            w2_sum=w0**2 + R2,
        )

    def unweighted(self) -> Unweighted:
        """Compute the sums of the plain mean; the study apart has z = 0."""
        k = self.count
        times = np.isfinite(self.v) * 1.0 if self.times is None else self.times
        v = np.where(times > 0, self.v, 0.0)
        mean = np.einsum(DOT, times, self.z) / k
        r = self.z - mean[:, None]
        v_sum = self.top_v + np.einsum(DOT, times, v)
        v2_sum = self.top_v**2 + np.einsum("mk,mk,mk->m", times, v, v)
        rss = mean**2 + np.einsum("mk,mk,mk->m", times, r, r)
        return Unweighted(
            rss=rss,
            trace_v=v_sum * (1 - 1 / k),
            trace_mvmv=v2_sum * (1 - 2 / k) + (v_sum / k) ** 2,
            total=rss,
        )

    def form(self, weights: Array) -> BatchForm:
        """Compute the quadratic form at given weights, with the study apart put back.

        Weights are 0 where there is no study: this tells the study apart from a gap.
        """
        there = weights > 0
        if self.times is None:
            v = np.where(np.isinf(self.v) & there, self.top_v[:, None], self.v)
            times = there.astype(float)
        else:
            v, times = self.v, self.times.copy()
            times[np.arange(len(v)), v.argmin(axis=1)] += 1
        return form_of_means(self.z, np.where(there, v, 0.0), times, weights)

    def log_determinant(self, tau2: Array) -> Array:
        """Return the sum of log(v + tau2) over the studies of each row."""
        total = self.v + tau2[:, None]
        logs = np.log(np.where(np.isfinite(total), total, 1.0))
        rest = logs.sum(axis=1) if self.times is None else np.einsum(DOT, self.times, logs)
        return np.log(self.top_v + tau2) + rest


def take_rows(values: Array, rows: Any) -> Array:
    """Take rows in the layout that the array has.

    Parameters
    ----------
    values : ndarray, shape (m, k)
        The array.
    rows : ndarray of int
        Which rows; they may repeat.

    Returns
    -------
    ndarray
        The rows; column by column in memory if the array is.
    """
    if values.flags.f_contiguous:
        return np.take(values.T, rows, axis=1).T
    return np.take(values, rows, axis=0)


def arrange(y: Array, v: Array, times: Array | None, own: Array | None = None) -> Rows:
    """Set the most precise study of each row apart.

    Parameters
    ----------
    y, v : ndarray, shape (m, k)
        Effects and variances; NaN in both where there is no study.
    times : ndarray, shape (m, k), or None
        How often each study takes part; 0 leaves it out.
    own : ndarray, shape (m, k), or None
        Own weights, where the estimator takes them.

    Returns
    -------
    Rows
        The same numbers, laid out for speed.
    """
    absent = np.isnan(v) if times is None else np.isnan(v) | (times == 0)
    variance = np.where(absent, np.inf, v)
    row, top = np.arange(len(v)), variance.argmin(axis=1)
    top_v, shift = variance[row, top], y[row, top]
    z = np.where(absent, 0.0, y - shift[:, None])
    order: Literal["F", "C"] = "F" if v.shape[1] < 8 * v.shape[0] else "C"
    if times is None:
        count = v.shape[1] - absent.sum(axis=1)
        variance[row, top] = np.inf
        rest = None
    else:
        rest = np.where(absent, 0.0, times)
        count = rest.sum(axis=1)
        rest[row, top] -= 1
        rest = np.asarray(rest, order=order)
    return Rows(
        np.asarray(z, order=order),
        np.asarray(variance, order=order),
        rest,
        top_v,
        shift,
        np.asarray(count, dtype=float),
        None if own is None else np.asarray(np.where(absent, 0.0, own), order=order),
    )
