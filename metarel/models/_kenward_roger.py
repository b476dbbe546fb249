"""Kenward and Roger's covariance and degrees of freedom for one variance component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._linalg import is_mean
from metarel.models.batch_design import inverses
from metarel.tau2._base import traces, traces_of_a_mean

if TYPE_CHECKING:
    from metarel._checks import Array


#: A leverage beyond which sums over all studies lose digits.
OUTWEIGHS = 0.9


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
        df, factor = joint_reference(self.r_inverse, self.turned, self.information, rows)
        return float(df), float(factor)


def joint_reference(
    r_inverse: Array, turned: Array, information: float | Array, rows: Array
) -> tuple[Array, Array]:
    """Return second df and factor of the F tests of one fit or of a stack of fits.

    Parameters
    ----------
    r_inverse, turned : ndarray, shape (p, p) or (n, p, p)
        As ``KenwardRoger`` holds them.
    information : float or ndarray, shape (n,)
        Expected restricted information of tau2.
    rows : ndarray, shape (m, p)
        The combinations.

    Returns
    -------
    df, factor : ndarray, shape () or (n,)
        As ``KenwardRoger.joint_reference``, which has the formula.
    """
    m = len(rows)
    basis = np.linalg.qr((rows @ r_inverse).swapaxes(-1, -2))[0]
    inner = basis.swapaxes(-1, -2) @ turned @ basis
    a1 = np.trace(inner, axis1=-2, axis2=-1) ** 2 / information
    a2 = (inner * inner).sum(axis=(-2, -1)) / information
    if m == 1:
        return np.asarray(2 / a1), np.ones_like(a1)
    with np.errstate(divide="ignore", invalid="ignore"):
        b = (a1 + 6 * a2) / (2 * m)
        g = ((m + 1) * a1 - (m + 4) * a2) / ((m + 2) * a2)
        below = 3 * m + 2 * (1 - g)
        c1, c2, c3 = g / below, (m - g) / below, (m + 2 - g) / below
        mean = 1 / (1 - a2 / m)
        variance = 2 / m * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
        df = 4 + (m + 2) / (m * variance / (2 * mean**2) - 1)
        stands = (a2 < m) & (c2 * b < 1) & (c3 * b < 1) & (df > 2)
        factor = df / (mean * (df - 2))
    return np.where(stands, df, np.nan), np.where(stands, factor, np.nan)


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


@dataclass(frozen=True, slots=True)
class KenwardRogerRows:
    """``KenwardRoger`` of many regressions on one design: the same arrays, stacked.

    ``vcov``, ``r_inverse`` and ``turned`` are of shape (m, p, p), ``information`` and the F tests'
    numbers of shape (m,), ``df``, of the coefficients, of shape (m, p).
    """

    vcov: Array
    r_inverse: Array
    turned: Array
    information: Array

    @classmethod
    def empty(cls, m: int, p: int) -> KenwardRogerRows:
        """Return NaN throughout, for ``put`` to fill."""
        vcov, r_inverse, turned = np.full((3, m, p, p), np.nan)
        return cls(vcov, r_inverse, turned, np.full(m, np.nan))

    def put(self, rows: Array, found: KenwardRogerRows) -> None:
        """Fill in some of the rows."""
        self.vcov[rows], self.r_inverse[rows] = found.vcov, found.r_inverse
        self.turned[rows], self.information[rows] = found.turned, found.information

    @property
    def df(self) -> Array:
        """Degrees of freedom of each coefficient, shape (m, p)."""
        u = self.r_inverse
        change = np.einsum("mpi,mij,mpj->mp", u, self.turned, u) / np.einsum("mpi,mpi->mp", u, u)
        return np.asarray(2 * self.information[:, None] / change**2)

    def joint_factor(self, columns: list[int]) -> Array:
        """Return the factor of Wald's F of some coefficients, shape (m,)."""
        rows = np.eye(self.vcov.shape[1])[columns]
        return joint_reference(self.r_inverse, self.turned, self.information, rows)[1]


def kenward_roger_rows(
    w: Array, times: Array, basis: Array, to_units: Array, trace_squared: Array
) -> KenwardRogerRows:
    """Adjust the covariances of many regressions on one design, as ``kenward_roger`` each alone.

    Parameters
    ----------
    w, times : ndarray, shape (m, k)
        Weights 1/(v + tau2), 0 where there is no study, and how often each study takes part.
    basis : ndarray, shape (k, p)
        Orthonormal columns that span the design.
    to_units : ndarray, shape (p, p)
        From coefficients in that basis to those of the design.
    trace_squared : ndarray, shape (m,)
        tr(PP).

    Returns
    -------
    KenwardRogerRows
        The covariances, and what the degrees of freedom follow from.

    References
    ----------
    [kenward1997], [partlett2017]
    """
    q, r = np.linalg.qr(np.sqrt(times * w)[:, :, None] * basis)
    r_inverse = to_units @ inverses(r)
    lifted = w[:, :, None] * q
    turned = q.swapaxes(1, 2) @ lifted
    beyond = lifted - q @ turned
    information = trace_squared / 2
    # where one study outweighs the others tr(PP) is no difference of sums: row by row
    for row in np.flatnonzero((q**2).sum(axis=2).max(axis=1) > OUTWEIGHS):
        chosen = np.repeat(np.arange(len(basis)), times[row].astype(int))
        information[row] = traces(basis[chosen], w[row, chosen])[1] / 2
    middle = beyond.swapaxes(1, 2) @ beyond * (2 / information)[:, None, None]
    middle += np.eye(basis.shape[1])
    vcov = r_inverse @ middle @ r_inverse.swapaxes(1, 2)
    return KenwardRogerRows(vcov, r_inverse, turned, information)


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
