"""Many meta-regressions on one design: the sums of all rows by a few matrix products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._products import product
from metarel.models.batch_form import BatchForm, to_mean_1
from metarel.models.batch_sums import DOT, BatchMoments, Unweighted

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class DesignMoments(BatchMoments):
    """The sums of regressions; ``beta`` is of shape (m, p), in an orthonormal basis.

    Parameters
    ----------
    bread : ndarray, shape (m, p, p)
        Inverses of X'WX, in that basis.
    """

    bread: Array

    @property
    def log_det(self) -> Array:
        """The log determinant of X'WX, in the basis."""
        return np.asarray(-np.linalg.slogdet(self.bread)[1], dtype=float)


@dataclass(frozen=True, slots=True)
class DesignRows:
    """Meta-regressions on one design, ready for sums at any tau2; answers as ``Rows`` does.

    X'WX is inverted in an orthonormal basis of X, so that the units of moderators and their
    correlation cost no digits. Weights that differ by a factor of 1e8 in a row cost half of them:
    ``meta_regression``, which solves by QR, is the better program for such a row.

    Parameters
    ----------
    y : ndarray, shape (m, k)
        Effects less their plain regression on the design; 0 where there is no study.
    v : ndarray, shape (m, k)
        Variances; infinite where there is no study.
    times : ndarray, shape (m, k)
        How often each study takes part; 0 where there is none.
    basis : ndarray, shape (k, p)
        Orthonormal columns that span the design.
    plain : ndarray, shape (m, p)
        Coefficients of the plain regression, in the basis.
    total : ndarray, shape (m,)
        Sums of squares about the plain means.
    own : ndarray, shape (k,), or None
        Own weights, for estimators that take them.
    """

    y: Array
    v: Array
    times: Array
    basis: Array
    plain: Array
    total: Array
    own: Array | None = None

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return int(self.basis.shape[1])

    @property
    def count(self) -> Array:
        """Number of studies, each as often as it takes part."""
        return self.times.sum(axis=1)

    @property
    def df(self) -> Array:
        """Residual degrees of freedom."""
        return self.count - self.p

    @property
    def top_v(self) -> Array:
        """The smallest variance of each row."""
        return self.v.min(axis=1)

    @property
    def log_det_design(self) -> Array:
        """The log determinant of X'X, in the basis."""
        return np.asarray(np.linalg.slogdet(self.cross(self.times))[1], dtype=float)

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: Any) -> DesignRows:
        """Return some of the rows, by their numbers, which may repeat."""
        arrays = (self.y[rows], self.v[rows], self.times[rows])
        return DesignRows(*arrays, self.basis, self.plain[rows], self.total[rows], self.own)

    def cross(self, weights: Array) -> Array:
        """Return X'WX of each row, shape (m, p, p), in the basis."""
        p = self.p
        products = (self.basis[:, :, None] * self.basis[:, None, :]).reshape(-1, p * p)
        return product(weights, products).reshape(-1, p, p)

    def moments(self, tau2: Array) -> DesignMoments:
        """Compute all sums at one tau2 a row.

        With M = (X'WX)^-1 and S2, S3 the cross-products at w^2 and w^3, tr(P) is sum w - tr(M S2)
        and tr(PP) is sum w^2 - 2 tr(M S3) + tr(M S2 M S2); with u = Py, y'PPPy is
        u'Wu - (X'Wu)'M(X'Wu).
        """
        w = 1 / (self.v + tau2[:, None])
        cw = self.times * w
        cw2 = cw * w
        bread = inverses(self.cross(cw))
        beta = np.einsum("mij,mj->mi", bread, product(cw * self.y, self.basis))
        r = self.y - product(beta, self.basis.T)
        u = w * r
        cwu = cw * u
        hat = bread @ self.cross(cw2)
        w_sum, w2_sum = cw.sum(axis=1), cw2.sum(axis=1)
        trace = w_sum - np.trace(hat, axis1=1, axis2=2)
        third = np.einsum("mij,mij->m", bread, self.cross(cw2 * w))
        squares = w2_sum - 2 * third + np.einsum("mij,mji->m", hat, hat)
        again = product(cwu, self.basis)
        return DesignMoments(
            beta=beta,
            rss=np.einsum(DOT, cw * r, r),
            trace=trace,
            # one huge weight costs the difference its digits; it is never below its mean
            trace_squared=np.maximum(squares, trace**2 / np.maximum(self.df, 1.0)),
            quad2=np.einsum("mk,mk,mk->m", self.times, u, u),
            quad3=np.einsum(DOT, cwu, u) - np.einsum("mi,mij,mj->m", again, bread, again),
            w_sum=w_sum,
            w2_sum=w2_sum,
            bread=bread,
        )

    def unweighted(self) -> Unweighted:
        """Compute the sums of the plain regression."""
        v = np.where(self.times > 0, self.v, 0.0)
        bread = inverses(self.cross(self.times))
        leverage = np.einsum("ki,mij,kj->mk", self.basis, bread, self.basis)
        once = bread @ self.cross(self.times * v)
        twice = bread @ self.cross(self.times * v**2)
        squares = np.einsum("mk,mk,mk->m", self.times, v, v)
        trace = np.trace(twice, axis1=1, axis2=2)
        return Unweighted(
            rss=np.einsum("mk,mk,mk->m", self.times, self.y, self.y),
            trace_v=np.einsum("mk,mk,mk->m", self.times, v, 1 - leverage),
            trace_mvmv=squares - 2 * trace + np.einsum("mij,mji->m", once, once),
            total=self.total,
        )

    def form(self, weights: Array) -> BatchForm:
        """Compute the quadratic form at given weights, shape (k,).

        With M = (X'AX)^-1 and S = V + tau2, the diagonal of P is a (1 - a x'Mx), and tr(PSPS) is
        tr(ASAS) - 2 tr(M X'ASASAX) + tr(M X'ASAX M X'ASAX).
        """
        a = to_mean_1(self.times, weights)
        times, v = self.times, np.where(self.times > 0, self.v, 0.0)
        bread = inverses(self.cross(times * a))
        beta = np.einsum("mij,mj->mi", bread, product(times * a * self.y, self.basis))
        r = self.y - product(beta, self.basis.T)
        leverage = a * np.einsum("ki,mij,kj->mk", self.basis, bread, self.basis)
        diagonal = times * a * (1 - leverage)
        trace, trace_v = diagonal.sum(axis=1), np.einsum(DOT, diagonal, v)

        def squared(tau2: Array) -> Array:
            s = a * (v + tau2[:, None])
            once = bread @ self.cross(times * a * s)
            thrice = np.einsum("mij,mij->m", bread, self.cross(times * a * s**2))
            found = np.einsum("mk,mk,mk->m", times, s, s) - 2 * thrice
            found += np.einsum("mij,mji->m", once, once)
            # one huge weight costs the difference its digits; it is never below its mean
            return np.maximum(found, (trace_v + tau2 * trace) ** 2 / self.df)

        products = (self.basis[:, :, None] * self.basis[:, None, :]).reshape(-1, self.p**2)

        def inner(diagonals: Array) -> Array:
            return (diagonals @ products).reshape(*diagonals.shape[:-1], self.p, self.p)

        value = np.einsum("mk,mk,mk->m", times * a, r, r)
        return BatchForm(value, trace, trace_v, squared, a, v, times, inner)

    def log_determinant(self, tau2: Array) -> Array:
        """Return the sum of log(v + tau2) over the studies of each row."""
        total = self.v + tau2[:, None]
        return np.einsum(DOT, self.times, np.log(np.where(np.isfinite(total), total, 1.0)))


def inverses(matrices: Array) -> Array:
    """Invert a stack of matrices; a singular one becomes NaN and spoils no other.

    Parameters
    ----------
    matrices : ndarray, shape (m, p, p)
        Symmetric matrices.

    Returns
    -------
    ndarray, shape (m, p, p)
        Their inverses.
    """
    try:
        return np.asarray(np.linalg.inv(matrices), dtype=float)
    except np.linalg.LinAlgError:
        singular = np.linalg.slogdet(matrices)[0] == 0
        safe = np.where(singular[:, None, None], np.eye(matrices.shape[1]), matrices)
        return np.where(singular[:, None, None], np.nan, np.linalg.inv(safe))


def arrange_on_design(
    y: Array, v: Array, times: Array, basis: Array, own: Array | None = None
) -> DesignRows:
    """Take the plain regression out of the effects of each row.

    Parameters
    ----------
    y, v : ndarray, shape (m, k)
        Effects and variances; NaN in both where there is no study.
    times : ndarray, shape (m, k)
        How often each study takes part.
    basis : ndarray, shape (k, p)
        Orthonormal columns that span the design.
    own : ndarray, shape (k,), or None
        Own weights, where the estimator takes them.

    Returns
    -------
    DesignRows
        The same numbers, ready for sums.
    """
    absent = np.isnan(v) | (times == 0)
    times = np.where(absent, 0.0, times)
    mean = np.einsum(DOT, times, np.where(absent, 0.0, y)) / times.sum(axis=1)
    centred = np.where(absent, 0.0, y - mean[:, None])
    total = np.einsum("mk,mk,mk->m", times, centred, centred)
    rows = DesignRows(centred, np.where(absent, np.inf, v), times, basis, centred[:, :0], total)
    bread = inverses(rows.cross(times))
    filled = np.where(absent, 0.0, y)
    plain = np.einsum("mij,mj->mi", bread, product(times * filled, basis))
    residual = np.where(absent, 0.0, y - product(plain, basis.T))
    return DesignRows(residual, rows.v, times, basis, plain, total, own)
