"""Cluster-robust covariances: the kinds in one register, their sums cluster by cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._register import Register
from metarel.robust._reference import Satterthwaite

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class RobustKind:
    """A cluster-robust covariance.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What to call it in text.
    source : str
        Key in the bibliography.
    bias_reduced : bool
        Whether the residuals of each cluster are adjusted so that the covariance is unbiased
        under the fitted model, with Satterthwaite's degrees of freedom; else they are m − p.
    scaled : bool
        Whether the covariance is multiplied by m/(m − p).
    """

    code: str
    name: str
    source: str
    bias_reduced: bool = False
    scaled: bool = False


ROBUST_KINDS: Register[RobustKind] = Register(
    "kind",
    [
        RobustKind("CR0", "CR0, t with m − p df", "hedges2010"),
        RobustKind("CR1", "CR1, t with m − p df", "hedges2010", scaled=True),
        RobustKind("CR2", "CR2, t with Satterthwaite df", "tipton2015", bias_reduced=True),
    ],
)


@dataclass(frozen=True, slots=True)
class Working:
    """A weighted fit in the basis X = Z r, Z'WZ = I, in which nothing is badly scaled.

    Parameters
    ----------
    Z : ndarray, shape (k, p)
        The design.
    r_inverse : ndarray, shape (p, p)
        Inverse of r: coefficients are r^-1 times those on Z.
    w : ndarray, shape (k,)
        Weights.
    phi : ndarray, shape (k,)
        Variances of the effects under the fitted model, vi + tau2.
    residuals : ndarray, shape (k,)
        Effects minus fitted means.
    codes : ndarray of int, shape (k,)
        The cluster of each effect, 0 to m − 1.
    """

    Z: Array
    r_inverse: Array
    w: Array
    phi: Array
    residuals: Array
    codes: Any

    @property
    def m(self) -> int:
        """Number of clusters."""
        return int(self.codes.max()) + 1

    @property
    def omega(self) -> Array:
        """Z'W Phi W Z, the covariance of the coefficients on Z under the fitted model."""
        return np.asarray(self.Z.T @ (self.Z * (self.w**2 * self.phi)[:, None]))


def working_model(X: Array, w: Array, phi: Array, residuals: Array, codes: Any) -> Working:
    """Change to the basis in which the weighted columns of the design are orthonormal."""
    r = np.linalg.qr(X * np.sqrt(w)[:, None], mode="r")
    r_inverse = np.linalg.inv(r)
    return Working(X @ r_inverse, r_inverse, w, phi, residuals, codes)


def by_cluster(values: Array, codes: Any, m: int) -> Array:
    """Return the sums of rows over each cluster, shape (m, ...)."""
    out = np.zeros((m, *values.shape[1:]))
    np.add.at(out, codes, values)
    return out


def rests_on_one(working: Working) -> tuple[int, Any] | None:
    """Return a cluster without which some coefficients have no value, and which those are.

    Its share Z_j'WZ_j of the information has the eigenvalue 1 where no other cluster adds to a
    direction; a covariance between clusters then misses that cluster's part.
    """
    weighted = working.Z * working.w[:, None]
    shares = by_cluster(weighted[:, :, None] * working.Z[:, None, :], working.codes, working.m)
    values, vectors = np.linalg.eigh(shares)
    alone = values > 1 - 1e-9
    if not alone.any():
        return None
    j = int(np.flatnonzero(alone.any(axis=1))[0])
    directions = working.r_inverse @ vectors[j][:, alone[j]]
    size = np.abs(directions).max(axis=1) / np.sqrt((working.r_inverse**2).sum(axis=1))
    return j, np.flatnonzero(size > 1e-6)


def plain_scores(working: Working) -> Array:
    """Return Z_j'W_j e_j of each cluster, shape (m, p)."""
    rows = working.Z * (working.w * working.residuals)[:, None]
    return by_cluster(rows, working.codes, working.m)


def bias_reduced_scores(working: Working) -> tuple[Array, Satterthwaite]:
    """Return Z_j'W_j A_j e_j of each cluster, shape (m, p), and what their df follow from.

    With S_j = ((I − H) Phi (I − H)')_jj the covariance of the residuals of cluster j under the
    fitted model, A_j = Phi_j^1/2 (Phi_j^1/2 S_j Phi_j^1/2)^-1/2 Phi_j^1/2, so that A_j S_j A_j is
    Phi_j: the sandwich is then unbiased under that model. Clusters of one size are done together.
    """
    Z, omega = working.Z, working.omega
    m, p = working.m, Z.shape[1]
    sizes = np.bincount(working.codes, minlength=m)
    order, starts = np.argsort(working.codes, kind="stable"), np.cumsum(sizes) - sizes
    scores, own = np.empty((m, p)), np.empty((m, p, p))
    cross = np.empty((m, 2 * p, p))
    for size in np.unique(sizes):
        chosen = np.flatnonzero(sizes == size)
        rows = order[starts[chosen][:, None] + np.arange(size)]
        z, phi, wz = Z[rows], working.phi[rows], Z[rows] * working.w[rows][:, :, None]
        back = np.swapaxes(z, 1, 2)
        pull = z @ np.swapaxes(wz * phi[:, :, None], 1, 2)
        spread = z @ omega @ back - pull - np.swapaxes(pull, 1, 2)
        diagonal = np.arange(size)
        spread[:, diagonal, diagonal] += phi
        root = np.sqrt(phi)
        adjust = _inverse_root(root[:, :, None] * np.linalg.cholesky(spread))
        adjust *= root[:, :, None] * root[:, None, :]
        s = adjust @ wz
        scores[chosen] = np.einsum("gnp,gn->gp", s, working.residuals[rows])
        own[chosen] = np.swapaxes(s, 1, 2) @ (s * phi[:, :, None])
        cross[chosen, :p] = back @ s
        cross[chosen, p:] = np.swapaxes(wz * phi[:, :, None], 1, 2) @ s
    return scores, Satterthwaite(own, cross, omega, working.r_inverse)


def _inverse_root(factors: Array) -> Array:
    """Return (CC')^-1/2, symmetric, for each C of (g, n, n).

    Singular values of C keep twice the digits that eigenvalues of CC' would.
    """
    vectors, values, _ = np.linalg.svd(factors)
    return np.asarray((vectors / values[:, None, :]) @ np.swapaxes(vectors, 1, 2))
