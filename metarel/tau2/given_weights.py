"""The general method of moments: one quadratic form with weights that are given.

The form is y'Py with P = A - AX (X'AX)^-1 X'A and A the weights a. Its expectation is
tr(PV) + tau2 tr(P), and it is distributed as the sum of chi-squares weighted by the eigenvalues
of P(V + tau2).
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from metarel._distributions_quadratic import log_factor, quadratic_form_cdf
from metarel._linalg import is_mean, projection_diagonal, weighted_least_squares
from metarel._optimize import CLOSED_FORM, Trace, grow_until, root_in
from metarel._products import product
from metarel.errors import InputError
from metarel.tau2._base import AT_BOUNDARY, Tau2Estimate, at_least_its_mean, sum_of_others, unit
from metarel.tau2._sums import Sums
from metarel.tau2.moment import dersimonian_laird, q_spread

if TYPE_CHECKING:
    from metarel._checks import Array

#: Nodes of the inversion times studies in one block, so that its arrays stay small.
BLOCK = 20_000


class Form:
    """A quadratic form y'Py at given weights, and its distribution at any tau2.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.
    weights : ndarray, shape (k,)
        Positive weights; their unit does not matter.
    """

    def __init__(self, y: Array, v: Array, X: Array, weights: Array) -> None:
        self.v, self.rank = v, len(y) - X.shape[1]
        self.a = weights / weights.mean()
        self.X = X if is_mean(X) else np.linalg.qr(X)[0]
        fit = weighted_least_squares(y, self.X, self.a)
        self.bread, self.value = fit.bread, fit.rss
        self.diagonal = projection_diagonal(self.X, self.a, fit.bread)
        self.trace = float(self.diagonal.sum())
        self.trace_v = float(self.diagonal @ v)

    def spread(self, tau2: float) -> float:
        """Return the root of the form's variance 2 tr(PSPS), S = V + tau2."""
        d, a = self.v + tau2, self.a
        if is_mean(self.X):  # as sums of positive terms, which no huge weight can spoil
            part = a**2 * d
            across = float(part @ sum_of_others(part)) / float(a.sum()) ** 2
            return math.sqrt(2 * (float(((self.diagonal * d) ** 2).sum()) + across))
        once = self.bread @ (self.X.T @ (self.X * (a**2 * d)[:, None]))
        thrice = self.X.T @ (self.X * (a * (a * d) ** 2)[:, None])
        squared = float(((a * d) ** 2).sum() - 2 * np.sum(self.bread * thrice))
        squared += float(np.sum(once * once.T))
        trace = self.trace_v + tau2 * self.trace
        return math.sqrt(2 * at_least_its_mean(squared, trace, self.rank))

    def cdf(self, tau2: float) -> float:
        """Return the probability that the form is at most what it is, at a given tau2.

        No eigenvalue is needed: with E = 1 - 2 s A(V + tau2), diagonal, the determinant behind
        the cumulant generating function is det(E) det(X'AE^-1X) / det(X'AX), linear in k.
        """
        ad = self.a * (self.v + tau2)

        def cumulant(s: Array) -> Array:
            inner = np.linalg.eigvals(self._inner(s, ad))
            # the imaginary parts of X'AE^-1X are definite: principal logarithms are continuous
            return -0.5 * (self._log_e(s, ad) + np.log(inner).sum(axis=-1) - self._log_det)

        def slope(s: float) -> float:
            e = 1 - 2 * s * ad
            inner = self.X.T @ (self.X * (self.a / e)[:, None])
            turned = self.X.T @ (self.X * (self.a * ad / e**2)[:, None])
            return float((ad / e).sum() - np.trace(np.linalg.solve(inner, turned)))

        return quadratic_form_cdf(self.value, cumulant, slope, self.rank)

    @cached_property
    def _log_det(self) -> float:
        return float(np.linalg.slogdet(self.X.T @ (self.X * self.a[:, None]))[1])

    def _log_e(self, s: Array, ad: Array) -> Array:
        total = np.zeros(len(s), dtype=complex)
        for part in self._parts():
            size, angle = log_factor(s[:, None], ad[part])
            total += size.sum(axis=1) + 1j * angle.sum(axis=1)
        return total

    def _inner(self, s: Array, ad: Array) -> Array:
        p = self.X.shape[1]
        total = np.zeros((len(s), p * p), dtype=complex)
        for part in self._parts():
            products = (self.X[part, :, None] * self.X[part, None, :]).reshape(-1, p * p)
            real = 1 - 2 * np.multiply.outer(s.real, ad[part])
            imaginary = 2 * np.multiply.outer(s.imag, ad[part])
            share = self.a[part] / (real**2 + imaginary**2)
            total += product(share * real, products) + 1j * product(share * imaginary, products)
        return total.reshape(-1, p, p)

    def _parts(self) -> list[slice]:
        return [slice(start, start + BLOCK) for start in range(0, len(self.v), BLOCK)]


def solve_cdf(form: Form, target: float) -> tuple[float, Trace]:
    """Find the tau2 at which the form is at most what it is with a given probability.

    The probability falls in tau2. Where it is below the target at 0 already, 0 is returned.

    Parameters
    ----------
    form : Form
        The quadratic form.
    target : float
        The probability, between 0 and 1.

    Returns
    -------
    tuple of float and Trace
        The root and how it was reached.
    """
    if form.cdf(0.0) <= target:
        return 0.0, Trace(True, 0, AT_BOUNDARY)

    def excess(tau2: float) -> float:
        return form.cdf(tau2) - target

    start = max((form.value - form.trace_v) / form.trace, unit(form.v))
    upper = grow_until(lambda tau2: excess(tau2) < 0, start, what="tau2")
    return root_in(excess, 0.0, upper, what="tau2")


def general_moments(y: Array, v: Array, X: Array, weights: Array | None = None) -> Tau2Estimate:
    """Estimate tau2 by the method of moments with given weights: (y'Py - tr(PV)) / tr(P), cut at 0.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.
    weights : ndarray, shape (k,)
        Positive weights. 1/v gives "DL" and a constant "HE".

    Returns
    -------
    Tau2Estimate
        The estimate; the same number as metafor's "GENQ". The standard error is the root of the
        form's variance at the estimate over tr(P).

    Raises
    ------
    InputError
        When there are no weights.

    References
    ----------
    [dersimonian2007], [jackson2014]
    """
    form = Form(y, v, X, given(weights, "GENQ"))
    value = max((form.value - form.trace_v) / form.trace, 0.0)
    return Tau2Estimate(value, form.spread(value) / form.trace, CLOSED_FORM)


def median_unbiased_general_moments(
    y: Array, v: Array, X: Array, weights: Array | None = None
) -> Tau2Estimate:
    """Estimate tau2 as the value at which the form is at its median, for given weights.

    The estimator is too high as often as it is too low, where "GENQ" (before it is cut at 0) is
    right on average.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.
    weights : ndarray, shape (k,)
        Positive weights.

    Returns
    -------
    Tau2Estimate
        The estimate, 0 where the form is below its median even there; the same number as
        metafor's "GENQM" at tight thresholds. The standard error is that of "GENQ" at the
        estimate.

    Raises
    ------
    InputError
        When there are no weights.

    References
    ----------
    [viechtbauer2021], [dersimonian2007]
    """
    form = Form(y, v, X, given(weights, "GENQM"))
    value, trace = solve_cdf(form, 0.5)
    return Tau2Estimate(value, form.spread(value) / form.trace, trace)


def hedges(y: Array, v: Array, X: Array) -> Tau2Estimate:
    """Estimate tau2 from the unweighted residual variance less the mean sampling variance.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.

    Returns
    -------
    Tau2Estimate
        The estimate, cut at 0; the same number as metafor's "HE" (also called CO or VC).

    References
    ----------
    [hedges1983], [hedges1985]
    """
    return general_moments(y, v, X, np.ones(len(y)))


def two_step_dersimonian_laird(y: Array, v: Array, X: Array) -> Tau2Estimate:
    """Estimate tau2 by the method of moments with the weights of a DerSimonian-Laird fit.

    With P at weights 1/(v + t), t the first estimate, the expectation of y'Py is
    k - p + (tau2 - t) tr(P), so the second is t + (y'Py - (k - p)) / tr(P), cut at 0.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.

    Returns
    -------
    Tau2Estimate
        The estimate; the same number as metafor's "GENQ" with weights 1/(v + t). The standard
        error takes these weights as given.

    References
    ----------
    [dersimonian2007]
    """
    return _second_step(y, v, X, dersimonian_laird(y, v, X).value)


def two_step_hedges(y: Array, v: Array, X: Array) -> Tau2Estimate:
    """Estimate tau2 by the method of moments with the weights of a fit by Hedges' estimator.

    As "DL2", with "HE" for the first step: a first step that leans less on precise studies.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    X : ndarray, shape (k, p)
        Design matrix of full rank.

    Returns
    -------
    Tau2Estimate
        The estimate, the same number as metafor's "GENQ" with weights
        1/(v + t), t metafor's "HE". The standard error takes these weights as given.

    References
    ----------
    [dersimonian2007]
    """
    return _second_step(y, v, X, hedges(y, v, X).value)


def _second_step(y: Array, v: Array, X: Array, first: float) -> Tau2Estimate:
    df = len(y) - X.shape[1]
    sums = Sums(y, v, X)(first)
    value = max(first + (sums.rss - df) / sums.trace, 0.0)
    return Tau2Estimate(value, q_spread(df, value - first, sums) / sums.trace, CLOSED_FORM)


def given(weights: Array | None, code: str) -> Array:
    """Return the weights of an estimator that takes them, or refuse that there are none.

    Parameters
    ----------
    weights : ndarray or None
        The weights.
    code : str
        The estimator, for the message.

    Returns
    -------
    ndarray
        The weights.

    Raises
    ------
    InputError
        When there are none.
    """
    if weights is None:
        raise InputError(
            f'`weights` must be given with tau2="{code}": the estimator sets one weighted sum of '
            'squares equal to its expectation. With weights 1/vi it is "DL", with equal weights '
            '"HE"; 1/sqrt(vi) is a compromise.'
        )
    return weights
