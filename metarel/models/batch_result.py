"""Many meta-analyses as one frozen record of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._distributions import critical_value, two_sided_p
from metarel._lazy import special
from metarel.errors import InputError
from metarel.models._prediction import PREDICTION_INTERVALS, own_df, own_variance

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.models.batch_sums import Flags

#: What is said of a row, by its number in ``note``.
NOTES = (
    "",
    "no complete study",
    "a variance is not positive and finite, an effect not finite, or one beyond 1e±40",
    "the estimate of tau2 did not converge",
    "the numbers overflow; change the unit of the effects",
    "one study: its own estimate, tau2 taken as 0",
    "one study: its own estimate, tau2 as given",
    "no more complete studies than coefficients",
    "moderators repeat each other in these studies",
    "effects without residual: the Knapp–Hartung interval has no width; use test='adhoc'",
)
FINE, EMPTY, BAD, UNSOLVED, OVERFLOW, ONE, ONE_FIXED, FEW, REPEATED, NO_RESIDUAL = range(len(NOTES))
FAILED = (EMPTY, BAD, UNSOLVED, OVERFLOW, FEW, REPEATED)


class Shares:
    """How much effects differ beyond sampling error, row by row, of any record that has the sums.

    The record holds ``k``, ``p``, ``tau2``, ``Q``, ``typical_variance`` and ``common``, as
    ``BatchFit`` describes them.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        k: Array
        tau2: Array
        Q: Array
        typical_variance: Array
        common: bool

        @property
        def p(self) -> int:
            """Number of coefficients."""
            ...

    @property
    def Q_df(self) -> Array:
        """Degrees of freedom of Q."""
        return np.maximum(self.k - float(self.p), 0.0)

    @property
    def Q_p(self) -> Array:
        """Upper tail of chi-square; 1 where there are no degrees of freedom."""
        df = self.Q_df
        tail = special.chdtrc(np.maximum(df, 1.0), self.Q)
        return np.where((df > 0) | np.isnan(self.Q), tail, 1.0)

    @property
    def H2_Q(self) -> Array:
        """Q/df; 1 where there are no degrees of freedom."""
        df = self.Q_df
        ratio = self.Q / np.maximum(df, 1.0)
        return np.where((df > 0) | np.isnan(self.Q), ratio, 1.0)

    @property
    def I2_Q(self) -> Array:
        """max(0, (Q - df)/Q), a fraction."""
        excess = np.maximum(self.Q - self.Q_df, 0.0)
        return np.where(self.Q > 0, excess / np.where(self.Q > 0, self.Q, 1.0), 0.0 * self.Q)

    @property
    def I2(self) -> Array:
        """From tau2 and the typical variance, a fraction; from Q under a common effect."""
        share = self.tau2 / (self.tau2 + self.typical_variance)
        return self.I2_Q if self.common else np.where(self.Q_df == 0, self.I2_Q, share)

    @property
    def H2(self) -> Array:
        """From tau2 and the typical variance; from Q under a common effect."""
        ratio = self.tau2 / self.typical_variance + 1
        return self.H2_Q if self.common else np.where(self.Q_df == 0, self.H2_Q, ratio)

    def shares(self, definition: str) -> tuple[Array, Array]:
        """Return I2 and H2 from "tau2" or from "Q"."""
        return (self.I2_Q, self.H2_Q) if definition == "Q" else (self.I2, self.H2)


@dataclass(frozen=True, slots=True)
class BatchFit(Shares):
    """Many univariate meta-analyses: every array has shape (m,), one number a row.

    Parameters
    ----------
    k : ndarray
        Number of studies, each as often as it takes part.
    estimate, variance : ndarray
        The pooled mean and its variance, as the test has it; NaN where a row failed.
    df : ndarray
        Degrees of freedom of the test; inf means a normal reference.
    tau2, tau2_se : ndarray
        Between-study variance and its standard error (NaN where it was not estimated).
    Q : ndarray
        Cochran's Q, with k - 1 degrees of freedom.
    typical_variance : ndarray
        The typical sampling variance, (k - 1) / tr(P).
    log_likelihood : ndarray
        Restricted where tau2 is "REML".
    knapp_hartung : ndarray
        The factor by which Knapp-Hartung rescales the variance, before any guard.
    factor : ndarray
        The factor by which the test does; 1 where it does not, as Kenward and Roger's.
    note : ndarray of int
        What is said of the row: an index into ``NOTES``.
    common : bool
        Whether tau2 is 0 by assumption, so that I2 and H2 come from Q.
    level : float
        Confidence level, a fraction.
    """

    k: Array
    estimate: Array
    variance: Array
    df: Array
    tau2: Array
    tau2_se: Array
    Q: Array
    typical_variance: Array
    log_likelihood: Array
    knapp_hartung: Array
    factor: Array
    note: Any
    common: bool
    level: float

    def __len__(self) -> int:
        return len(self.k)

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return 1

    @property
    def ok(self) -> Flags:
        """Whether each row has an estimate."""
        return ~np.isin(self.note, FAILED)

    @property
    def se(self) -> Array:
        """Standard errors."""
        return np.sqrt(self.variance)

    @property
    def statistic(self) -> Array:
        """Test statistics, z or t; NaN where the standard error is 0."""
        se = self.se
        return self.estimate / np.where(se > 0, se, np.nan)

    @property
    def p_value(self) -> Array:
        """Two-sided p-values."""
        return two_sided_p(self.statistic, self.df)

    @property
    def critical(self) -> Array:
        """Two-sided critical values at the level."""
        return _critical(self.level, self.df)

    @property
    def ci(self) -> tuple[Array, Array]:
        """Confidence limits."""
        half = self.critical * self.se
        return self.estimate - half, self.estimate + half

    @property
    def pi(self) -> tuple[Array, Array]:
        """Prediction limits, with the reference of the test."""
        return self.prediction_limits("default")

    def prediction_limits(self, kind: str) -> tuple[Array, Array]:
        """Return prediction limits of a kind; NaN where the degrees of freedom are used up.

        ``kind`` is a code of ``PREDICTION_INTERVALS`` that only chooses the reference.
        """
        interval, rows = PREDICTION_INTERVALS[kind], np.ones((len(self), 1))
        if interval.variance is not own_variance or interval.sample is not None:
            raise InputError(f"`interval` {kind!r} has no batched form; use predict(), fit by fit.")
        df = self.df if interval.df is own_df else interval.df(self, rows)
        tau2 = np.where(self.common, np.nan, self.tau2)  # a common effect has no such interval
        half = _critical(self.level, df) * np.sqrt(self.variance + tau2)
        return self.estimate - half, self.estimate + half


def _critical(level: float, df: Array) -> Array:
    """Return two-sided critical values, each computed once; NaN without degrees of freedom."""
    values, which = np.unique(df, return_inverse=True)
    quantiles = critical_value(level, np.where(values > 0, values, 1.0))
    return np.asarray(np.where(values > 0, quantiles, np.nan)[which])
