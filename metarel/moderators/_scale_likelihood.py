"""Likelihood of a location-scale model in its scale coefficients, with two derivatives.

With tau2_i = g(z_i'a) the location coefficients have a closed form, so the likelihood is one of
a alone. Nothing larger than (k, p) and (k, q) is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._linalg import weighted_least_squares, weighted_residual
from metarel._register import Register
from metarel.tau2.likelihood import log_likelihood

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class Link:
    """How the linear predictor of the scale gives tau2.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What the scale coefficients act on.
    inverse : callable
        Linear predictor to tau2.
    slope : callable
        tau2 to d tau2 / d predictor.
    curve : callable
        tau2 to the second derivative.
    start : callable
        tau2 to the predictor.
    """

    code: str
    name: str
    inverse: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    curve: Callable[[Array], Array]
    start: Callable[[Array], Array]


LINKS: Register[Link] = Register(
    "link",
    [
        Link("log", "log tau2", np.exp, lambda t: t, lambda t: t, np.log),
        Link("identity", "tau2", lambda x: x, np.ones_like, np.zeros_like, lambda t: t),
    ],
)


@dataclass(frozen=True, slots=True)
class ScaleProblem:
    """What is maximised: data, both designs, and which likelihood.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Location design.
    Z : ndarray, shape (k, q)
        Scale design.
    link : Link
        From predictor to tau2.
    restricted : bool
        Whether the likelihood is the restricted one.
    """

    y: Array
    v: Array
    X: Array
    Z: Array
    link: Link
    restricted: bool

    def tau2(self, alpha: Array) -> Array:
        """Return tau2 of each study; a log so high that it overflows is cut."""
        predictor = self.Z @ alpha
        if self.link.code == "log":
            predictor = np.minimum(predictor, 600.0)
        return self.link.inverse(predictor)

    def value(self, alpha: Array) -> float:
        """Return the log-likelihood with all constants; none where a variance is not positive."""
        tau2 = self.tau2(alpha)
        if (self.v + tau2).min() <= 0:
            return -np.inf
        return log_likelihood(self.y, self.v, self.X, tau2, restricted=self.restricted)  # type: ignore[arg-type]

    def gradient(self, alpha: Array) -> Array:
        """Return the first derivatives: Z' [g' (u^2 - d)] / 2, with u = Py and d from tr(P)."""
        parts = _Parts.at(self, self.tau2(alpha))
        return np.asarray(parts.Zt.T @ (parts.u**2 - parts.diagonal) / 2)

    def hessian(self, alpha: Array) -> Array:
        """Return the second derivatives.

        With D_j = diag(dtau2/da_j): tr(P D_j P D_l)/2 - u'D_j P D_l u, and the curvature of the
        link; for the unrestricted likelihood W stands for P in the trace.
        """
        tau2 = self.tau2(alpha)
        parts = _Parts.at(self, tau2)
        X, w, Zt = self.X, parts.w, parts.Zt
        B = parts.bread
        weighted = w[:, None] * Zt * parts.u[:, None]
        cross = X.T @ weighted
        quad = weighted.T @ (Zt * parts.u[:, None]) - cross.T @ B @ cross
        trace = Zt.T @ (Zt * (w**2)[:, None])
        if self.restricted:
            trace -= 2 * Zt.T @ (Zt * (w**3 * parts.leverage)[:, None])
            inner = np.einsum("ia,ij,ib->jab", X, Zt * (w**2)[:, None], X)
            half = np.einsum("ab,jbc->jac", B, inner)
            trace += np.einsum("jac,lca->jl", half, half)
        bend = self.link.curve(tau2) * (parts.u**2 - parts.diagonal) / 2
        return np.asarray(trace / 2 - quad + self.Z.T @ (self.Z * bend[:, None]))


@dataclass(frozen=True, slots=True)
class _Parts:
    """Sums at one tau2: weights, residual u = Py, the trace's diagonal, and slopes times Z."""

    w: Array
    u: Array
    diagonal: Array
    leverage: Array
    bread: Array
    Zt: Array

    @classmethod
    def at(cls, problem: ScaleProblem, tau2: Array) -> _Parts:
        w = 1 / (problem.v + tau2)
        fit = weighted_least_squares(problem.y, problem.X, w)
        u = weighted_residual(w * fit.residuals, problem.X * w[:, None], fit.bread, fit.residuals)
        leverage = np.einsum("ij,jk,ik->i", problem.X, fit.bread, problem.X)
        diagonal = w * (1 - w * leverage) if problem.restricted else w
        Zt = problem.Z * problem.link.slope(tau2)[:, None]
        return cls(w, u, diagonal, leverage, fit.bread, Zt)
