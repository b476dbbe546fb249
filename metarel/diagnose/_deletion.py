"""What deleting each study does to a fit: pure functions of the fit and its refits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel.diagnose._leverage import covariances_at, hat_values
from metarel.diagnose._refits import refit
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.models.batch_regression import BatchRegression
    from metarel.models.results import MetaFit

#: A Knapp-Hartung factor below this is rounding: the effects fit without residual.
NO_RESIDUAL = 1e-12


@dataclass(frozen=True, slots=True)
class Deletion:
    """A fit, and its refits without each study.

    Parameters
    ----------
    fit : MetaFit
        The fit.
    refits : BatchRegression
        Row i is the model without study i.
    """

    fit: MetaFit
    refits: BatchRegression

    @classmethod
    def of(cls, fit: MetaFit) -> Deletion:
        """Refit without each study."""
        if fit.k < 2:
            raise InputError("`fit` must have at least two studies to delete one; got 1.")
        return cls(fit, refit(fit, ~np.eye(fit.k, dtype=bool)))

    @property
    def change(self) -> Array:
        """Coefficients less those without each study, shape (k, p)."""
        return self.fit.beta - self.refits.beta

    @property
    def predicted(self) -> Array:
        """What the others predict for each study, shape (k,)."""
        return np.asarray((self.fit.study.X * self.refits.beta).sum(axis=1))

    @property
    def predicted_variance(self) -> Array:
        """Variances of these predictions, as the test has them, shape (k,)."""
        X = self.fit.study.X
        return np.einsum("ki,kij,kj->k", X, self.refits.vcov, X)

    @property
    def flat(self) -> bool:
        """Whether the test has no standard errors to count in: effects without residual."""
        plain = covariances_at(self.fit.study, np.array([self.fit.tau2]))[0, 0, 0]
        return bool(self.fit.vcov[0, 0] < NO_RESIDUAL * plain)

    @property
    def residual_se(self) -> Array:
        """Standard errors of the deleted residuals; Knapp-Hartung rescales the whole variance."""
        if self.flat:
            return np.full(self.fit.k, np.nan)
        total = self.fit.study.vi + self.refits.tau2
        return np.sqrt(self.refits.factor * total + self.predicted_variance)

    def standardised_change(self) -> tuple[Array, Array]:
        """Return DFFITS, shape (k,), and DFBETAS, shape (k, p).

        Changes of fitted values and coefficients, in standard errors of all studies at the tau2
        (and the factor of the test) without the study; Kenward and Roger's has none, and what it
        adds for the estimation of tau2 is left out here. That of a fitted value is
        sqrt(h (vi + tau2(-i))) with the leverage h of the fit itself, as the measure is defined;
        own weights have no such form and take x'Sx with S their covariance.
        """
        study, refits = self.fit.study, self.refits
        if self.flat:
            return np.full(study.k, np.nan), np.full(study.X.shape, np.nan)
        X, factor = study.X, refits.factor
        spread = covariances_at(study, refits.tau2) * factor[:, None, None]
        if study.weights is None:
            fitted = factor * hat_values(study, self.fit.tau2) * (study.vi + refits.tau2)
        else:
            fitted = np.einsum("ki,kij,kj->k", X, spread, X)
        with np.errstate(divide="ignore", invalid="ignore"):
            dffits = (X * self.change).sum(axis=1) / np.sqrt(fitted)
            dfbetas = self.change / np.sqrt(np.einsum("kii->ki", spread))
        return dffits, dfbetas

    def joint_change(self) -> tuple[Array, Array]:
        """Return Cook's distances and covariance ratios, shape (k,) each; NaN if there is no SE.

        Coefficients are counted in their standard errors, so that units of moderators do not
        matter.
        """
        se = self.fit.se
        if self.flat:
            nothing = np.full(self.fit.k, np.nan)
            return nothing, nothing
        correlation = self.fit.vcov / np.outer(se, se)
        change = self.change / se
        distance = (change * np.linalg.solve(correlation, change.T).T).sum(axis=1)
        without = self.refits.vcov / np.outer(se, se)
        known = np.isfinite(self.refits.tau2)
        ratio = np.full(self.fit.k, np.nan)
        ratio[known] = np.linalg.slogdet(without[known])[1] - np.linalg.slogdet(correlation)[1]
        return distance, np.exp(ratio)
