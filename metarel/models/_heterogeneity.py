"""How much effects differ beyond sampling error: Q, and I2 and H2 under both definitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._distributions import chi_square_p
from metarel._linalg import weighted_least_squares
from metarel.tau2._sums import Sums

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.tau2._base import Moments


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Measures of (residual) heterogeneity.

    Parameters
    ----------
    Q, Q_df, Q_p : float
        Cochran's Q of the common-effect fit, its degrees of freedom and p-value.
    I2, H2 : float
        From tau2 and the typical sampling variance; I2 is a fraction. Where tau2 was not
        estimated (common effect), from Q.
    I2_Q, H2_Q : float
        From Q: max(0, (Q - df)/Q) and Q/df.
    typical_variance : float
        The typical sampling variance, df / tr(P).
    """

    Q: float
    Q_df: int
    Q_p: float
    I2: float
    H2: float
    I2_Q: float
    H2_Q: float
    typical_variance: float


def heterogeneity(
    y: Array, v: Array, X: Array, tau2: float, *, common: bool, at_zero: Moments | None = None
) -> Heterogeneity:
    """Compute Q and the shares of variance; both definitions of Higgins & Thompson (2002).

    ``common`` says that tau2 is 0 by assumption: I2 and H2 then come from Q. Sums at tau2 = 0 are
    not made twice where an estimator has met them.
    """
    k, p = X.shape
    df = k - p
    sums = Sums(y, v, X)(0.0) if at_zero is None else at_zero
    Q = sums.rss
    if df == 0:
        return Heterogeneity(Q, 0, 1.0, 0.0, 1.0, 0.0, 1.0, float(v.mean()))
    typical = df / sums.trace
    H2_Q = Q / df
    I2_Q = max(0.0, (Q - df) / Q) if Q > 0 else 0.0
    I2, H2 = (I2_Q, H2_Q) if common else (tau2 / (tau2 + typical), tau2 / typical + 1)
    return Heterogeneity(Q, df, chi_square_p(Q, df), I2, H2, I2_Q, H2_Q, typical)


def explained_variance(tau2_without: float, tau2_with: float) -> float:
    """Return R2: the share of tau2 that the moderators explain, cut at 0; NaN if there was none."""
    return max(0.0, 1 - tau2_with / tau2_without) if tau2_without > 0 else np.nan


def r2_is_meaningful(R2: float, tau2_without: float, se_without: float) -> bool:
    """Tell whether R2 is a share of something that is known to be there.

    Parameters
    ----------
    R2 : float
        The share; NaN where there is none.
    tau2_without, se_without : float
        tau2 without the moderators and its standard error; NaN where R2 is not a share of it.

    Returns
    -------
    bool
        False where tau2 without the moderators is smaller than its own standard error: what it is
        divided by may then as well be 0, and R2 can be anything between 0 and 1 by chance.
    """
    return not np.isnan(R2) and not tau2_without < se_without


def explained_variance_common(y: Array, v: Array, X: Array) -> float:
    """Return the adjusted R2 of the weighted regression, which serves where tau2 is not in play."""
    w, (k, p) = 1 / v, X.shape
    null = weighted_least_squares(y, np.ones((k, 1)), w).rss / (k - 1)
    full = weighted_least_squares(y, X, w).rss / (k - p)
    return max(0.0, 1 - full / null) if null > 0 else np.nan
