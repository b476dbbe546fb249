"""Degrees of freedom of cluster-robust tests: Satterthwaite's, and Hotelling's for joint tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class Satterthwaite:
    """Moments of a bias-reduced covariance under the fitted model, one matrix a cluster.

    A contrast t of the coefficients on Z takes s_j = A_j W_j Z_j t from cluster j, and the robust
    variance is the sum of (s_j'e_j)^2. Cov(s_i'e_i, s_j'e_j) is P_ij = [i = j] t'D_i t + l_i'K l_j,
    with l_j = E_j t and K = [[Omega, −I], [−I, 0]]: a diagonal and a term of rank 2p, so that
    sums over all pairs of clusters cost no more than one pass.

    Parameters
    ----------
    own : ndarray, shape (m, p, p)
        D_j = Z_j'W_jA_j Phi_j A_jW_jZ_j.
    cross : ndarray, shape (m, 2p, p)
        E_j: Z_j'A_jW_jZ_j above Z_j'W_jPhi_jA_jW_jZ_j.
    omega : ndarray, shape (p, p)
        Z'W Phi W Z.
    r_inverse : ndarray, shape (p, p)
        From coefficients on Z to those on X.
    """

    own: Array
    cross: Array
    omega: Array
    r_inverse: Array

    @property
    def kernel(self) -> Array:
        """K, shape (2p, 2p)."""
        p = len(self.omega)
        return np.block([[self.omega, -np.eye(p)], [-np.eye(p), np.zeros((p, p))]])

    def df(self, rows: Array) -> Array:
        """Return the degrees of freedom of linear combinations of coefficients.

        Parameters
        ----------
        rows : ndarray, shape (n, p)
            The combinations.

        Returns
        -------
        ndarray, shape (n,)
            2 E(v)^2 / Var(v) = (sum_i P_ii)^2 / sum_ij P_ij^2 of the robust variance v.
        """
        m, p = self.own.shape[:2]
        t = rows @ self.r_inverse
        squares = (t[:, :, None] * t[:, None, :]).reshape(len(t), p * p)
        kernel = self.kernel
        shared = (np.swapaxes(self.cross, 1, 2) @ kernel @ self.cross).reshape(m, p * p)
        own = self.own.reshape(m, p * p)
        mean = squares @ (own + shared).sum(axis=0)
        flat = self.cross.reshape(m, 2 * p * p)
        pairs = (flat.T @ flat).reshape(2 * p, p, 2 * p, p).transpose(1, 3, 0, 2)
        total = kernel @ np.einsum("nab,abcd->ncd", squares.reshape(-1, p, p), pairs)
        spread = np.einsum("ni,ij,nj->n", squares, own.T @ (own + 2 * shared), squares)
        spread += np.einsum("nab,nba->n", total, total)
        return np.asarray(mean**2 / spread)

    def joint(self, rows: Array) -> tuple[float, float]:
        """Return the second df of the joint F test of combinations, and the factor of F.

        Parameters
        ----------
        rows : ndarray, shape (q, p)
            The combinations, none of which follows from others.

        Returns
        -------
        tuple of float
            eta − q + 1 and (eta − q + 1)/eta. The robust covariance, scaled to mean I, is taken as
            a Wishart matrix over its eta degrees of freedom, q(q + 1) over the sum of the
            variances of its entries; df at or below 0 mean that there is no test.
        """
        q = len(rows)
        t = rows @ self.r_inverse
        kernel = self.kernel
        lifted = self.cross @ t.T
        mean = t @ self.own @ t.T + np.swapaxes(lifted, 1, 2) @ kernel @ lifted
        root = np.linalg.inv(np.linalg.cholesky(mean.sum(axis=0)))
        mean, lifted = root @ mean @ root.T, lifted @ root.T
        shared = np.swapaxes(lifted, 1, 2) @ kernel @ lifted
        pairs = kernel @ np.einsum("mas,mbt->stab", lifted, lifted)
        spread = _both_traces(mean) - _both_traces(shared)
        spread += float(np.einsum("stab,tsba->", pairs, pairs))
        spread += float(np.einsum("stab,stba->", pairs, pairs))
        eta = q * (q + 1) / spread
        return eta - q + 1, (eta - q + 1) / eta


def _both_traces(matrices: Array) -> float:
    """Return the sum of tr(M)^2 + tr(MM) over matrices (m, q, q)."""
    squared = np.einsum("mss->m", matrices) ** 2
    return float(squared.sum() + np.einsum("mst,mts->", matrices, matrices))
