"""Coefficients and their covariance for given weights and tau2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._linalg import weighted_least_squares

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class Gls:
    """A weighted fit.

    Parameters
    ----------
    beta : ndarray, shape (p,)
        Coefficients.
    vcov : ndarray, shape (p, p)
        Their covariance, were the variances known.
    residuals : ndarray, shape (k,)
        yi - X beta.
    rss : float
        Sum of the weights times the squared residuals.
    scale : float
        The Knapp-Hartung factor: the mean square of the residuals in units of their variance.
    total : ndarray, shape (k,)
        Variances of the effects, v + tau2.
    log_det : float
        log|X'WX| with the inverse variances as weights, whatever the user's own.
    """

    beta: Array
    vcov: Array
    residuals: Array
    rss: float
    scale: float
    total: Array
    log_det: float


def generalised_least_squares(
    y: Array, v: Array, X: Array, tau2: float, weights: Array | None
) -> Gls:
    """Fit with weights 1/(v + tau2), or with the user's own and a sandwich covariance.

    With own weights a the covariance is (X'AX)^-1 X'A(V + tau2)AX (X'AX)^-1. The Knapp-Hartung
    factor is that of the inverse-variance fit whatever the weights, as in metafor: it estimates
    how far the variances themselves are off.
    """
    total = v + tau2
    k, p = X.shape
    solution = weighted_least_squares(y, X, 1 / total)
    scale = solution.rss / (k - p) if k > p else np.nan
    if weights is None:
        found = solution.beta, solution.bread, solution.residuals, solution.rss
        return Gls(*found, scale, total, solution.log_det)
    own = weighted_least_squares(y, X, weights)
    meat = X.T @ (X * (weights**2 * total)[:, None])
    found = own.beta, own.bread @ meat @ own.bread, own.residuals, own.rss
    return Gls(*found, scale, total, solution.log_det)
