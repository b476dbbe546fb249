"""How far each study pulls its own fitted value, and what that leaves of its residual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._linalg import is_mean, projection_diagonal
from metarel.models._gls import generalised_least_squares
from metarel.models.batch_design import inverses
from metarel.models.batch_fit import PART

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.models._study import StudyData
    from metarel.models.batch_sums import Flags

#: Leverages nearer to 1 than this count as 1.
ALONE = 1e-10


def alone(X: Array) -> Flags:
    """Tell which studies alone bear on some coefficient, so that nothing is left of their residual.

    Weights do not matter: a study whose plain leverage is 1 has that leverage under any.
    """
    basis, _ = np.linalg.qr(X / np.linalg.norm(X, axis=0))
    return np.asarray((basis**2).sum(axis=1) > 1 - ALONE)


def _orthonormal(X: Array, w: Array) -> Array:
    """Return columns that span those of W^(1/2) X; its rows of leverage lose no digits."""
    root = np.sqrt(w)[:, None]
    return np.asarray(np.linalg.qr(X / np.linalg.norm(X, axis=0) * root)[0])


def hat_values(study: StudyData, tau2: float) -> Array:
    """Return the diagonal of H = X (X'WX)^-1 X'W, under own weights where there are some."""
    w = 1 / (study.vi + tau2) if study.weights is None else study.weights
    leverage = (_orthonormal(study.X, w) ** 2).sum(axis=1)
    return np.where(alone(study.X), 1.0, leverage)


def residual_variances(study: StudyData, tau2: float) -> Array:
    """Return the variances of y - Xb: the diagonal of (I - H) M (I - H)' with M = V + tau2.

    Under inverse variances that is M P M, and P's diagonal loses no digits under one huge weight;
    under own weights it is m - 2 h m + x'Sx with S the sandwich covariance.
    """
    total, X = study.vi + tau2, study.X
    if study.weights is None:
        w = 1 / total
        basis = _orthonormal(X, w) / np.sqrt(w)[:, None]  # of X, with X'WX the identity
        variances = total**2 * projection_diagonal(basis, w, np.eye(X.shape[1]))
    else:
        S = generalised_least_squares(study.yi, study.vi, X, tau2, study.weights).vcov
        about = ((X @ S) * X).sum(axis=1)
        variances = total * (1 - 2 * hat_values(study, tau2)) + about
    return np.where(alone(X), 0.0, np.maximum(variances, 0.0))


def covariances_at(study: StudyData, tau2: Array) -> Array:
    """Return the covariance of the coefficients of all studies at many tau2, unscaled.

    Parameters
    ----------
    study : StudyData
        The studies.
    tau2 : ndarray, shape (m,)
        Between-study variances.

    Returns
    -------
    ndarray, shape (m, p, p)
        (X'WX)^-1, or the sandwich of own weights.
    """
    X, own = study.X, study.weights
    scale = np.ones(1) if is_mean(X) else np.linalg.norm(X, axis=0)
    basis, triangle = np.linalg.qr(X / scale)
    to_units = np.linalg.inv(triangle) / scale[:, None]
    p = X.shape[1]
    products = (basis[:, :, None] * basis[:, None, :]).reshape(-1, p * p)

    def inner(some: Array) -> Array:
        total = study.vi + some[:, None]
        if own is None:
            return inverses(((1 / total) @ products).reshape(-1, p, p))
        bread = np.linalg.inv((own @ products).reshape(p, p))
        return np.asarray(bread @ ((own**2 * total) @ products).reshape(-1, p, p) @ bread)

    size = max(PART // study.k, 1)  # k x k numbers at once would not fit for many studies
    parts = [inner(tau2[begin : begin + size]) for begin in range(0, len(tau2), size)]
    return np.asarray(to_units @ np.concatenate(parts) @ to_units.T)
