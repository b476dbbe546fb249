"""How far each study pulls its own fitted value, and what that leaves of its residual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._linalg import projection_diagonal, weighted_least_squares
from metarel.models._gls import generalised_least_squares
from metarel.models.batch_design import inverses
from metarel.tau2._base import is_mean

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


def hat_values(study: StudyData, tau2: float) -> Array:
    """Return the diagonal of H = X (X'WX)^-1 X'W, under own weights where there are some."""
    w = 1 / (study.vi + tau2) if study.weights is None else study.weights
    bread = weighted_least_squares(study.yi, study.X, w).bread
    leverage = w * ((study.X @ bread) * study.X).sum(axis=1)
    return np.where(alone(study.X), 1.0, leverage)


def residual_variances(study: StudyData, tau2: float) -> Array:
    """Return the variances of y - Xb: the diagonal of (I - H) M (I - H)' with M = V + tau2.

    Under inverse variances that is M P M, and P's diagonal loses no digits under one huge weight;
    under own weights it is m - 2 h m + x'Sx with S the sandwich covariance.
    """
    total, X = study.vi + tau2, study.X
    if study.weights is None:
        bread = weighted_least_squares(study.yi, X, 1 / total).bread
        variances = total**2 * projection_diagonal(X, 1 / total, bread)
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
    total = study.vi + tau2[:, None]
    if own is None:
        inner = inverses(((1 / total) @ products).reshape(-1, p, p))
    else:
        bread = np.linalg.inv((own @ products).reshape(p, p))
        inner = bread @ ((own**2 * total) @ products).reshape(-1, p, p) @ bread
    return np.asarray(to_units @ inner @ to_units.T)
