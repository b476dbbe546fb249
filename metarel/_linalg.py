"""Weighted least squares in vectors of length k and matrices of p × p, never k × k."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._products import dot, product, qr

if TYPE_CHECKING:
    from metarel._checks import Array


#: What every row of an intercept holds; bytes, so that nobody can write to it.
ONE = np.float64(1.0).tobytes()


def intercept(k: int) -> Array:
    """Return a read-only column of ones, shape (k, 1), that is one number in memory."""
    return np.ndarray((k, 1), float, ONE, 0, (0, 0))


def is_mean(X: Array) -> bool:
    """Tell whether a design is an intercept and nothing else; at a glance where it is ours."""
    if X.shape[1] != 1 or not len(X):
        return False
    return bool(X[0, 0] == 1.0 if X.strides == (0, 0) else (X == 1.0).all())


@dataclass(frozen=True, slots=True)
class Wls:
    """A weighted least-squares solution.

    Parameters
    ----------
    beta : ndarray, shape (p,)
        Coefficients.
    bread : ndarray, shape (p, p)
        Inverse of X'WX.
    residuals : ndarray, shape (k,)
        y - X beta.
    rss : float
        Weighted sum of squared residuals.
    log_det : float
        Log determinant of X'WX.
    """

    beta: Array
    bread: Array
    residuals: Array
    rss: float
    log_det: float


def weighted_least_squares(y: Array, X: Array, w: Array) -> Wls:
    """Solve min sum w (y - X beta)^2 by QR, which keeps digits where X'WX would lose them.

    An intercept-only X takes the closed form.
    """
    if is_mean(X):
        total = float(w.sum())
        mean = dot(w, y) / total
        mean += dot(w, y - mean) / total  # one refinement step: exact for equal effects
        residuals = y - mean
        return Wls(
            np.array([mean]),
            np.array([[1.0 / total]]),
            residuals,
            dot(w, residuals * residuals),
            math.log(total),
        )
    root = np.sqrt(w)
    q, r = qr(X * root[:, None])
    r_inverse = np.linalg.inv(r)
    beta = r_inverse @ product(q.T, root * y)
    residuals = y - product(X, beta)
    beta = beta + r_inverse @ product(q.T, root * residuals)
    residuals = y - product(X, beta)
    return Wls(
        beta,
        r_inverse @ r_inverse.T,
        residuals,
        dot(w, residuals**2),
        float(2 * np.log(np.abs(np.diag(r))).sum()),
    )


def projection_diagonal(X: Array, w: Array, bread: Array) -> Array:
    """Return the diagonal of P = W - WX (X'WX)^-1 X'W, which is w (1 - leverage).

    The leverage of a study with a huge weight is so near 1 that the difference would lose its
    digits; that entry is computed from the fit without the study, 1/(1/w + x'(X'WX)^-1 x).
    """
    leverage = w * (product(X, bread) * X).sum(axis=1)
    top = int(np.argmax(leverage))
    diagonal = w * (1 - leverage)
    if leverage[top] > 0.99:
        rest = np.delete(X, top, axis=0)
        information = rest.T @ (rest * np.delete(w, top)[:, None])
        if np.linalg.cond(information) < 1e12:
            diagonal[top] = 1 / (1 / w[top] + X[top] @ np.linalg.solve(information, X[top]))
    return diagonal


def weighted_residual(wu: Array, Xw: Array, bread: Array, u: Array) -> Array:
    """Return Pu = Wu - WX (X'WX)^-1 X'Wu, given Wu and WX."""
    return wu - Xw @ (bread @ (Xw.T @ u))


def column_rank_problem(X: Array, names: list[str]) -> list[str]:
    """Return the names of columns that are linear combinations of those before them."""
    scale = np.linalg.norm(X, axis=0)
    scaled = X / np.where(scale > 0, scale, 1.0)
    if len(X) > X.shape[1]:  # the triangle has the singular values of any choice of columns
        scaled = qr(scaled)[1]
    redundant: list[str] = []
    kept: list[int] = []
    for j, name in enumerate(names):
        trial = scaled[:, [*kept, j]]
        if scale[j] == 0 or np.linalg.matrix_rank(trial, tol=1e-9) < trial.shape[1]:
            redundant.append(name)
        else:
            kept.append(j)
    return redundant
