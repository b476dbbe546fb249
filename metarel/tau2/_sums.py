"""The moments of one data set at many values of tau2, as cheaply as safety allows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from metarel._linalg import is_mean, weighted_least_squares
from metarel._products import MATRICES, dot, product, qr
from metarel.tau2._base import (
    Moments,
    at_least_its_mean,
    moments,
    traces_of_a_mean,
    unit,
)

if TYPE_CHECKING:
    from metarel._checks import Array

#: Ratio of the largest to the smallest weight beyond which X'WX is not formed: QR instead.
WIDEST = 1e4
#: Studies up to which sums over three powers of the weights stay on one thread.
SHORT = MATRICES // 6


class Sums:
    """Quadratic forms and traces of one data set, for equations that are solved for tau2.

    P annihilates X, so that an orthonormal basis of X and the residuals of any fit serve in
    place of X and y and keep digits. With an intercept only, effects are counted from the most
    precise study: its residual, multiplied by what may be a huge weight, is then exact.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.
    """

    def __init__(self, y: Array, v: Array, X: Array) -> None:
        self.v, self.k, self.rank = v, len(y), len(y) - X.shape[1]
        self.top, self.mean = int(v.argmin()), is_mean(X)
        self.low = float(v[self.top])
        if self.mean:
            self._ones_y = np.ones((2, self.k))
            self.y = np.subtract(y, y[self.top], out=self._ones_y[1])
            centred = self.y - self.y.sum() / self.k
        else:
            self.high = float(v.max())
            self.X = qr(X)[0]
            self.y = centred = self._free_of_x(self._free_of_x(y))
            self.columns = np.ascontiguousarray(self.X.T)
            self._Xw, self._Xww = np.empty_like(self.columns), np.empty_like(self.columns)
        self.plain_rss = dot(centred, centred)
        # what every evaluation fills anew, powers of the weights and of residuals: their memory is
        # asked for once
        self._powers, self._errors = np.empty((3, self.k)), np.empty((2, self.k))
        self._w, self._e, self._u = self._powers[0], self._errors[0], self._errors[1]
        self._product = np.dot if self.k <= SHORT else product  # few studies: the call is the cost

    @cached_property
    def unit(self) -> float:
        """A scale for tau2 that moves with the data."""
        return unit(self.v)

    def __call__(self, tau2: float) -> Moments:
        """Return all sums at one tau2."""
        if self.mean:
            return self._of_a_mean(tau2)
        if self._wide(tau2):
            return moments(self.y, self.v, self.X, tau2)
        return self._of_a_regression(tau2)

    def q(self, tau2: float) -> tuple[float, float]:
        """Return y'Py, the generalised Q, and y'PPy, minus its derivative by tau2."""
        w = self._weights(tau2)
        if self.mean:
            residuals = np.subtract(self.y, dot(w, self.y) / float(w.sum()), out=self._e)
        elif self._wide(tau2):
            residuals = weighted_least_squares(self.y, self.X, w).residuals
        else:
            Xw = np.multiply(self.columns, w, out=self._Xw)
            beta = np.linalg.solve(product(Xw, self.X), product(Xw, self.y))
            residuals = self.y - product(self.X, np.asarray(beta, dtype=float))
        u = np.multiply(w, residuals, out=self._u)
        return dot(u, residuals), dot(u, u)

    def _free_of_x(self, y: Array) -> Array:
        return y - product(self.X, product(self.X.T, y))

    def _wide(self, tau2: float) -> bool:
        return self.high + tau2 > WIDEST * (self.low + tau2)

    def _weights(self, tau2: float) -> Array:
        return np.divide(1.0, np.add(self.v, tau2, out=self._w), out=self._w)

    def _of_a_mean(self, tau2: float) -> Moments:
        w, squared, cubed = powers = self._powers
        self._weights(tau2)
        np.multiply(w, w, out=squared)
        np.multiply(squared, w, out=cubed)
        (total, squares, cubes), (weighted, _, _) = self._product(self._ones_y, powers.T).tolist()
        e = np.subtract(self.y, weighted / total, out=self._e)
        np.multiply(e, e, out=self._u)
        (_, rss), (across, quad2), (_, quad3) = self._product(powers, self._errors.T).tolist()
        share = squares / total**2
        if share < 0.5:
            quad3 -= across**2 / total
            trace = total * (1 - share)
            trace_squared = squares - 2 * cubes / total + (total * share) ** 2
        else:  # one study outweighs the others: nothing that is huge may cancel
            trace, trace_squared = traces_of_a_mean(w)
            u = w * e
            u -= u[self.top]
            quad3 = dot(w, (u - dot(w, u) / total) ** 2)
        return self._checked(rss, trace, trace_squared, quad2, quad3, total, squares)

    def _of_a_regression(self, tau2: float) -> Moments:
        w = self._weights(tau2)
        Xw = np.multiply(self.columns, w, out=self._Xw)
        bread = np.linalg.inv(product(Xw, self.X))
        residuals = np.subtract(self.y, product(self.X, bread @ product(Xw, self.y)), out=self._e)
        u = np.multiply(w, residuals, out=self._u)
        rss, quad2, across = dot(u, residuals), dot(u, u), product(Xw, u)
        wu = np.multiply(w, u, out=self._e)
        quad3 = dot(u, wu) - float(across @ bread @ across)
        once = bread @ product(Xw, Xw.T)
        thrice = product(Xw, np.multiply(Xw, w, out=self._Xww).T)
        total, squares = float(w.sum()), dot(w, w)
        trace = total - float(np.trace(once))
        trace_squared = squares - 2 * float(np.vdot(bread, thrice)) + float(np.vdot(once, once.T))
        return self._checked(rss, trace, trace_squared, quad2, quad3, total, squares)

    def _checked(
        self,
        rss: float,
        trace: float,
        trace_squared: float,
        quad2: float,
        quad3: float,
        total: float,
        squares: float,
    ) -> Moments:
        """Hold what is a difference above the bounds of Cauchy and Schwarz."""
        trace_squared = at_least_its_mean(trace_squared, trace, self.rank)
        quad3 = max(quad3, quad2**2 / rss) if rss > 0 else 0.0
        return Moments(rss, trace, trace_squared, quad2, quad3, total, squares)
