"""Kenward and Roger's covariance and degrees of freedom for one variance component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel.tau2._base import is_mean, traces, traces_of_a_mean

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class KenwardRoger:
    """What tests that allow for an estimated tau2 need, in the basis X W^1/2 = q r.

    Parameters
    ----------
    vcov : ndarray, shape (p, p)
        The adjusted covariance of the coefficients.
    r_inverse : ndarray, shape (p, p)
        Inverse of r: (X'WX)^-1 is r^-1 r^-T.
    turned : ndarray, shape (p, p)
        q'Wq: minus the derivative of (X'WX)^-1 by tau2 is r^-1 q'Wq r^-T with the sign turned.
    information : float
        Expected restricted information of tau2, tr(PP)/2.
    """

    vcov: Array
    r_inverse: Array
    turned: Array
    information: float

    def combination_df(self, rows: Array) -> Array:
        """Return the degrees of freedom of each linear combination of coefficients.

        Parameters
        ----------
        rows : ndarray, shape (m, p)
            The combinations.

        Returns
        -------
        ndarray, shape (m,)
            2 / (Var(tau2) (d log Var(row beta) / d tau2)^2); at least where weights hardly move.
        """
        u = rows @ self.r_inverse
        change = np.einsum("mi,ij,mj->m", u, self.turned, u) / np.einsum("mi,mi->m", u, u)
        return np.asarray(2 * self.information / change**2)

    def joint_reference(self, rows: Array) -> tuple[float, float]:
        """Return the second df of the F test of combinations, and the factor of Wald's F.

        With m rows L, Theta = L'(L Phi L')^-1 L and T = Theta Phi X'WWX Phi, A1 is tr(T)^2/I and
        A2 tr(TT)/I. From them follow E = 1/(1 - A2/m) and V, approximate mean and variance of
        Wald's F. The df and the factor are those at which the scaled statistic has the mean and
        variance of F(m, df): df = 4 + (m + 2)/(m rho - 1) with rho = V/(2 E^2), and
        df / (E (df - 2)). A single row has the factor 1 and the df of its t.

        Parameters
        ----------
        rows : ndarray, shape (m, p)
            The combinations, none of which follows from others.

        Returns
        -------
        tuple of float
            Degrees of freedom, and the factor; NaN twice where the approximation breaks down
            (E or V not positive, or a df of 2 or less, where F has no mean).

        References
        ----------
        [kenward1997]
        """
        m = len(rows)
        if m == 1:
            return float(self.combination_df(rows)[0]), 1.0
        basis = np.linalg.qr((rows @ self.r_inverse).T)[0]
        inner = basis.T @ self.turned @ basis
        a1 = float(np.trace(inner)) ** 2 / self.information
        a2 = float(np.vdot(inner, inner)) / self.information
        b = (a1 + 6 * a2) / (2 * m)
        g = ((m + 1) * a1 - (m + 4) * a2) / ((m + 2) * a2)
        below = 3 * m + 2 * (1 - g)
        c1, c2, c3 = g / below, (m - g) / below, (m + 2 - g) / below
        if not (a2 < m and c2 * b < 1 and c3 * b < 1):
            return np.nan, np.nan
        mean = 1 / (1 - a2 / m)
        variance = 2 / m * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
        df = 4 + (m + 2) / (m * variance / (2 * mean**2) - 1)
        return (df, df / (mean * (df - 2))) if df > 2 else (np.nan, np.nan)


def kenward_roger(v: Array, X: Array, tau2: float) -> KenwardRoger:
    """Adjust the covariance of coefficients for the estimation of tau2 by REML.

    With Phi = (X'WX)^-1 it is Phi + 2 Phi (X'WWWX - X'WWX Phi X'WWX) Phi / I, I = tr(PP)/2 being
    the expected information of tau2. The middle is a sum of squares, of Wq less its projection on
    q. For a mean, with S_j the sum of w^j, it is 1/S1 + 2 (S3 - S2^2/S1)/(S1^2 I), and its degrees
    of freedom are 2 I (S1/S2)^2.

    Parameters
    ----------
    v : ndarray, shape (k,)
        Sampling variances.
    X : ndarray, shape (k, p)
        Design of full rank, with k > p.
    tau2 : float
        The REML estimate.

    Returns
    -------
    KenwardRoger
        The covariance, and what the degrees of freedom follow from.

    References
    ----------
    [kenward1997], [partlett2017]
    """
    w = 1 / (v + tau2)
    q, r = np.linalg.qr(X * np.sqrt(w)[:, None])
    r_inverse = np.linalg.inv(r)
    times = q * w[:, None]
    turned = q.T @ times
    beyond = times - q @ turned
    information = (traces_of_a_mean(w) if is_mean(X) else traces(X, w))[1] / 2
    middle = np.eye(X.shape[1]) + 2 * (beyond.T @ beyond) / information
    return KenwardRoger(r_inverse @ middle @ r_inverse.T, r_inverse, turned, information)


def kenward_roger_means(w: Array, times: Array, trace_squared: Array) -> tuple[Array, Array]:
    """Return the variance of many means at once, as a factor of 1/sum(w), and its df.

    Parameters
    ----------
    w, times : ndarray, shape (m, k)
        Weights 1/(v + tau2), 0 where there is no study, and how often each study takes part.
    trace_squared : ndarray, shape (m,)
        tr(PP).

    Returns
    -------
    factor, df : ndarray, shape (m,)
        As ``kenward_roger`` of each row alone.

    References
    ----------
    [kenward1997], [partlett2017]
    """
    cw, information = times * w, trace_squared / 2
    total = cw.sum(axis=1)
    mean = (cw * w).sum(axis=1) / total
    spread = (cw * (w - mean[:, None]) ** 2).sum(axis=1) / total
    return 1 + 2 * spread / information, 2 * information / mean**2
