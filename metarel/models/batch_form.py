"""The quadratic form at given weights, for many meta-analyses at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._distributions_quadratic import log_factor, quadratic_form_cdfs

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class BatchForm:
    """The form y'Py with P = A - AX (X'AX)^-1 X'A, A the given weights: one number a row.

    Parameters
    ----------
    value, trace, trace_v : ndarray, shape (m,)
        y'Py, tr(P) and tr(PV).
    squared : callable
        tr(PSPS) with S = V + tau2, at one tau2 a row; half the variance of the form.
    weights, v, times : ndarray, shape (m, k)
        A, the variances, and how often each study takes part; 0 where there is none.
    inner : callable
        X'DX for the diagonals D in the last axis, shape (..., p, p).
    """

    value: Array
    trace: Array
    trace_v: Array
    squared: Callable[[Array], Array]
    weights: Array
    v: Array
    times: Array
    inner: Callable[[Array], Array]

    def cdf(self, tau2: Array, which: Any) -> Array:
        """Return the probability that the form is at most what it is, in some of the rows.

        With E = 1 - 2 s A(V + tau2), diagonal, the determinant behind the cumulant generating
        function is det(E) det(X'AE^-1X) / det(X'AX), as in ``tau2.given_weights``.

        Parameters
        ----------
        tau2 : ndarray, shape (n,)
            A value for each of the rows.
        which : ndarray of int, shape (n,)
            The rows.

        Returns
        -------
        ndarray, shape (n,)
            The probabilities; NaN where the inversion does not converge.
        """
        times, a = self.times[which], self.weights[which]
        ad, ta = a * (self.v[which] + tau2[:, None]), times * a
        whole = self.inner(ta)
        log_det, rank = _log_det(whole), times.sum(axis=1) - whole.shape[-1]

        def cumulant(rows: Any, s: Array) -> Array:
            e = 1 - 2 * s[:, :, None] * ad[rows, None, :]
            # the imaginary parts of X'AE^-1X are definite: principal logarithms are continuous
            inner = _log_det(self.inner(ta[rows, None, :] / e))
            size, angle = log_factor(s[:, :, None], ad[rows, None, :])
            logs = np.einsum("mk,mnk->mn", times[rows], size)
            angles = np.einsum("mk,mnk->mn", times[rows], angle)
            return np.asarray(-0.5 * (logs + 1j * angles + inner - log_det[rows, None]))

        def slope(rows: Any, s: Array) -> Array:
            e = 1 - 2 * s[:, None] * ad[rows]
            inner, turned = self.inner(ta[rows] / e), self.inner(ta[rows] * ad[rows] / e**2)
            lost = np.trace(np.linalg.solve(inner, turned), axis1=-2, axis2=-1)
            return np.asarray((times[rows] * ad[rows] / e).sum(axis=1) - lost)

        return quadratic_form_cdfs(self.value[which], cumulant, slope, rank)


def _log_det(matrices: Array) -> Array:
    """Return log determinants as sums of the logarithms of eigenvalues, which may be complex."""
    if matrices.shape[-1] == 1:
        return np.asarray(np.log(matrices[..., 0, 0]))
    return np.asarray(np.log(np.linalg.eigvals(matrices)).sum(axis=-1))


def to_mean_1(times: Array, weights: Array) -> Array:
    """Return weights whose mean is 1 in each row: their unit does not matter.

    Parameters
    ----------
    times : ndarray, shape (m, k)
        How often each study takes part; 0 where there is none.
    weights : ndarray, shape (m, k) or (k,)
        Positive weights where there is a study.

    Returns
    -------
    ndarray, shape (m, k)
        The weights, 0 where there is no study.
    """
    there = np.where(times > 0, weights, 0.0)
    mean = (times * there).sum(axis=1) / times.sum(axis=1)
    return np.asarray(there / mean[:, None])


def form_of_means(z: Array, v: Array, times: Array, weights: Array) -> BatchForm:
    """Compute the form about a weighted mean, as sums of positive terms under any weights.

    With a the weights and A their sum, the diagonal of P is a (A - a) / A and the rest of it
    -a b / A, b being the weight of another study.

    Parameters
    ----------
    z, v : ndarray, shape (m, k)
        Effects, from any origin, and variances; finite where there is no study too.
    times : ndarray, shape (m, k)
        How often each study takes part; 0 where there is none.
    weights : ndarray, shape (m, k)
        Positive weights where there is a study.

    Returns
    -------
    BatchForm
        The form of each row.
    """
    a = to_mean_1(times, weights)
    total = (times * a).sum(axis=1)
    r = z - ((times * a * z).sum(axis=1) / total)[:, None]
    diagonal = a * _sum_of_others(a, times) / total[:, None]

    def squared(tau2: Array) -> Array:
        s = v + tau2[:, None]
        g = a**2 * s
        across = (times * g * _sum_of_others(g, times)).sum(axis=1) / total**2
        return np.asarray((times * (diagonal * s) ** 2).sum(axis=1) + across)

    return BatchForm(
        (times * a * r**2).sum(axis=1),
        (times * diagonal).sum(axis=1),
        (times * diagonal * v).sum(axis=1),
        squared,
        a,
        v,
        times,
        lambda weights: weights.sum(axis=-1)[..., None, None],
    )


def _sum_of_others(x: Array, times: Array) -> Array:
    """Return the sum of each row without each entry once; the largest loses no digits by it."""
    others = (times * x).sum(axis=1, keepdims=True) - x
    row, top = np.arange(len(x)), np.where(times > 0, x, -np.inf).argmax(axis=1)
    rest = times.copy()
    rest[row, top] -= 1
    others[row, top] = (rest * x).sum(axis=1)
    return others
