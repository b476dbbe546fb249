"""The record of a fit with a cluster-robust covariance, its predictions and its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_choice, check_level
from metarel._format import count
from metarel._lazy import pd
from metarel.models._heterogeneity import Heterogeneity
from metarel.models._inference import TestResult
from metarel.models._prediction import (
    Transform,
    check_asked,
    new_rows,
    predict,
    resolve_transform,
)
from metarel.models._summary import as_dict, as_html, as_text
from metarel.models.results import Fit, FitStatistics, MetaFit
from metarel.robust._reference import Satterthwaite
from metarel.robust._sandwich import ROBUST_KINDS

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, eq=False)
class RobustFit(Fit):
    """A univariate fit whose covariance allows for dependence within clusters.

    Coefficients, tau2 and heterogeneity are those of the model; covariance, degrees of freedom
    and tests are not.

    Parameters
    ----------
    model : MetaFit
        The fit as it was.
    kind : str
        Code of the covariance: "CR0", "CR1", "CR2".
    clusters : tuple
        The clusters, in order of appearance.
    codes : ndarray of int, shape (k,)
        Position in ``clusters`` of each study's.
    reference : Satterthwaite or None
        What the degrees of freedom of combinations follow from; None where all are m − p.
    omnibus : TestResult or None
        Joint test of the moderators; None without moderators.
    """

    model: MetaFit
    kind: str
    clusters: tuple[Any, ...]
    codes: Any
    reference: Satterthwaite | None
    omnibus: TestResult | None

    @property
    def m(self) -> int:
        """Number of clusters."""
        return len(self.clusters)

    @property
    def tau2(self) -> float:
        """Between-study variance of the model."""
        return self.model.tau2

    @property
    def tau2_se(self) -> float:
        """Standard error of tau2, which does not allow for the clusters."""
        return self.model.tau2_se

    @property
    def tau(self) -> float:
        """Between-study standard deviation."""
        return self.model.tau

    @property
    def heterogeneity(self) -> Heterogeneity:
        """Q, I2 and H2 of the model."""
        return self.model.heterogeneity

    @property
    def Q(self) -> float:
        """Cochran's Q of the model."""
        return self.model.Q

    @property
    def I2(self) -> float:
        """I2 of the model, a fraction."""
        return self.model.I2

    @property
    def H2(self) -> float:
        """H2 of the model."""
        return self.model.H2

    @property
    def R2(self) -> float:
        """Share of tau2 that the moderators explain."""
        return self.model.R2

    @property
    def R2_meaningful(self) -> bool:
        """Whether R2 is worth printing, as for the model."""
        return self.model.R2_meaningful

    @property
    def tau2_without(self) -> float:
        """tau2 without the moderators."""
        return self.model.tau2_without

    @property
    def tau2_without_se(self) -> float:
        """Its standard error."""
        return self.model.tau2_without_se

    @property
    def statistics(self) -> FitStatistics:
        """Likelihood and information criteria of the model."""
        return self.model.statistics

    def combination_df(self, rows: Any) -> Array:
        """Return the degrees of freedom of linear combinations of coefficients.

        Parameters
        ----------
        rows : array, shape (n, p)
            The combinations.

        Returns
        -------
        ndarray, shape (n,)
            m − p, or Satterthwaite's for "CR2".
        """
        rows = np.atleast_2d(np.asarray(rows, dtype=float))
        if self.reference is None:
            return np.full(len(rows), float(self.m - self.p))
        return self.reference.df(rows)

    def joint_reference(self, rows: Array) -> tuple[float, float]:
        """Return the second df of the joint F test of combinations, and the factor of Wald's F.

        Parameters
        ----------
        rows : ndarray, shape (q, p)
            The combinations, none of which follows from others.

        Returns
        -------
        tuple of float
            m − p and 1, or those of Hotelling's T2 for "CR2".
        """
        if self.reference is None:
            return float(self.m - self.p), 1.0
        return self.reference.joint(rows)

    @says_what_it_takes
    def predict(
        self,
        newdata: pd.DataFrame | Mapping[str, Any] | None = None,
        *,
        X: Any = None,
        level: float | None = None,
        interval: str = "default",
        transform: Transform = None,
    ) -> pd.DataFrame:
        """Predict mean effects, with confidence and prediction limits.

        Parameters
        ----------
        newdata : DataFrame or mapping, optional
            Rows with the moderators' columns, such as ``{"year": [1990, 2000]}``. By default the
            pooled mean, or the fitted value of each study where there are moderators.
        X : array, shape (rows, p), optional
            Design rows instead of ``newdata``.
        level : float, optional
            Level of both intervals; by default the fit's.
        interval : {"default", "z"}
            Reference of the prediction interval: that of the predicted mean, or normal.
        transform : str, callable, True or None
            Back-transformation, as for ``MetaFit.predict``.

        Returns
        -------
        DataFrame
            Columns estimate, se, ci_low, ci_high, pi_low, pi_high. With "CR2" each row has its
            own degrees of freedom.

        Raises
        ------
        InputError
            On unknown levels and words, and missing columns.
        """
        check_choice("interval", interval, ("default", "z"))
        rows, index = new_rows(self, newdata, X)
        level = self.spec.level if level is None else check_level(level)
        asked = check_asked(self, interval, level, None, None, None)
        back = resolve_transform(transform, self.study.measure)
        return predict(self, rows, index, asked, None if transform in (None, False) else back)

    def weights(self) -> pd.Series:
        """Return each study's weight in percent, by label.

        Returns
        -------
        Series
            The weights of the model.
        """
        return self.model.weights()

    def summary(self) -> str:
        """Return the fit in words and a table.

        Returns
        -------
        str
            The text that printing the fit shows, and the likelihood with its criteria.
        """
        return as_text(self, self._test(), likelihood=True)

    def _test(self) -> str:
        """Return what the coefficients are tested by, in words."""
        sizes = np.bincount(self.codes)
        low, high = int(sizes.min()), int(sizes.max())
        each = count(low, "study", "studies") if low == high else f"{low} to {high} studies"
        test = f"cluster-robust {ROBUST_KINDS[self.kind].name}"
        return f"{test}; {count(self.m, 'cluster')} of {each}"

    def to_dict(self) -> dict[str, Any]:
        """Return everything a machine needs, in plain types.

        Returns
        -------
        dict
            As ``MetaFit.to_dict``, with the number of clusters.
        """
        return {**as_dict(self), "clusters": self.m}

    def __str__(self) -> str:
        return as_text(self, self._test())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return as_html(self, self._test())
