"""What a fit is: a frozen record that every later function asks the same few questions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_flag, check_level
from metarel._distributions import critical_value, two_sided_p
from metarel._lazy import pd
from metarel._optimize import Trace
from metarel.models._heterogeneity import Heterogeneity, r2_is_meaningful
from metarel.models._inference import TestResult
from metarel.models._prediction import (
    Transform,
    check_asked,
    new_rows,
    predict,
    resolve_transform,
)
from metarel.models._study import StudyData
from metarel.models._summary import as_dict, as_html, as_text

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.settings.resolve import Applied


@dataclass(frozen=True, slots=True)
class Spec:
    """The call as resolved.

    Parameters
    ----------
    tau2 : str or float
        Code of the estimator, or the value at which tau2 was fixed.
    test : str
        Code of the test.
    level : float
        Confidence level, a fraction.
    formula : str
        The moderators; ``"1"`` for none.
    prediction : str
        Kind of prediction interval that ``predict`` takes for its default.
    I2 : {"tau2", "Q"}
        What the fit's I2 and H2 are computed from.
    settings : Applied or None
        What a preset set; None without one.
    model : str
        What the model is called, where its name does not follow from the rest.
    """

    tau2: str | float
    test: str
    level: float
    formula: str
    prediction: str = "default"
    I2: str = "tau2"
    settings: Applied | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class FitStatistics:
    """Likelihood and information criteria; restricted where tau2 is "REML".

    Parameters
    ----------
    log_likelihood, deviance, AIC, BIC, AICc : float
        The likelihood with all constants; the deviance against the saturated model for ML and
        minus twice the likelihood for REML.
    """

    log_likelihood: float
    deviance: float
    AIC: float
    BIC: float
    AICc: float

    @classmethod
    def of(
        cls, log_likelihood: float, v: Array, p: int, *, parameters: int, restricted: bool
    ) -> FitStatistics:
        """Return the criteria of a maximised likelihood.

        With l the log-likelihood, q the parameters and n the observations (k, or k - p where it
        is restricted): AIC = -2 l + 2 q, BIC = -2 l + q log n, and AICc = -2 l + 2 q m/(m - q - 1)
        with m = max(n, q + 2); the saturated model has every effect for its own mean.

        Parameters
        ----------
        log_likelihood : float
            The maximum, with all constants.
        v : ndarray, shape (k,)
            Sampling variances.
        p : int
            Coefficients of the mean.
        parameters : int
            All parameters that were estimated.
        restricted : bool
            Whether the likelihood is the restricted one.

        Returns
        -------
        FitStatistics
            The criteria; BIC is NaN without observations. The same numbers as metafor's
            ``fitstats``.

        References
        ----------
        [hurvich1989], [viechtbauer2010]
        """
        k, deviance = len(v), -2 * log_likelihood
        n = k - p if restricted else k
        saturated = -0.5 * (k * math.log(2 * math.pi) + float(np.log(v).sum()))
        effective = max(n, parameters + 2)
        return cls(
            log_likelihood,
            deviance if restricted else deviance + 2 * saturated,
            deviance + 2 * parameters,
            deviance + parameters * math.log(n) if n > 0 else math.nan,
            deviance + 2 * parameters * effective / (effective - parameters - 1),
        )


@dataclass(frozen=True, eq=False)
class Fit:
    """What every model answers.

    Parameters
    ----------
    study : StudyData
        Effects, variances, design, labels, rows dropped and why.
    beta : ndarray, shape (p,)
        Coefficients on the measure's scale.
    vcov : ndarray, shape (p, p)
        Their covariance.
    df : ndarray, shape (p,)
        Degrees of freedom of each test; inf means a normal reference.
    spec : Spec
        The call as resolved.
    trace : Trace
        Convergence, iterations, message.
    """

    study: StudyData
    beta: Array
    vcov: Array
    df: Array
    spec: Spec
    trace: Trace

    @property
    def k(self) -> int:
        """Number of studies."""
        return self.study.k

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return len(self.beta)

    @property
    def estimate(self) -> float:
        """The pooled mean, or the first coefficient."""
        return float(self.beta[0])

    @property
    def se(self) -> Array:
        """Standard errors, shape (p,)."""
        return np.sqrt(np.diag(self.vcov))

    @property
    def statistic(self) -> Array:
        """Test statistics, z or t, shape (p,); NaN where the standard error is 0."""
        return self.beta / np.where(self.se > 0, self.se, np.nan)

    @property
    def p_value(self) -> Array:
        """Two-sided p-values, shape (p,)."""
        return two_sided_p(self.statistic, self.df)

    @property
    def ci_low(self) -> Array:
        """Lower confidence limits, shape (p,)."""
        return self.beta - critical_value(self.spec.level, self.df) * self.se

    @property
    def ci_high(self) -> Array:
        """Upper confidence limits, shape (p,)."""
        return self.beta + critical_value(self.spec.level, self.df) * self.se

    def to_frame(self) -> pd.DataFrame:
        """Return the coefficients as a tidy frame.

        Returns
        -------
        DataFrame
            Columns term, estimate, se, statistic, df, p_value, ci_low, ci_high.
        """
        return pd.DataFrame(
            {
                "term": list(self.study.terms),
                "estimate": self.beta,
                "se": self.se,
                "statistic": self.statistic,
                "df": self.df,
                "p_value": self.p_value,
                "ci_low": self.ci_low,
                "ci_high": self.ci_high,
            }
        )


@dataclass(frozen=True, eq=False)
class MetaFit(Fit):
    """A univariate meta-analysis or meta-regression.

    Parameters
    ----------
    tau2, tau2_se : float
        Between-study variance and its standard error (NaN where it was fixed).
    heterogeneity : Heterogeneity
        Q, I2 and H2.
    omnibus : TestResult or None
        Joint test of the moderators; None without moderators.
    R2 : float
        Share of tau2 that the moderators explain; NaN where it is not defined, as where tau2
        without moderators is 0 (metafor prints 0% there).
    statistics : FitStatistics
        Likelihood and information criteria.
    knapp_hartung : float
        The factor by which Knapp-Hartung rescales the covariance, before any guard.
    tau2_without, tau2_without_se : float
        tau2 without the moderators, of which R2 is a share, and its standard error; NaN where R2
        is not such a share.
    """

    tau2: float
    tau2_se: float
    heterogeneity: Heterogeneity
    omnibus: TestResult | None
    R2: float
    statistics: FitStatistics
    knapp_hartung: float
    tau2_without: float = math.nan
    tau2_without_se: float = math.nan

    @property
    def R2_meaningful(self) -> bool:
        """Whether R2 is worth printing: tau2 without moderators is at least its standard error."""
        return r2_is_meaningful(self.R2, self.tau2_without, self.tau2_without_se)

    @property
    def tau(self) -> float:
        """Between-study standard deviation."""
        return float(np.sqrt(self.tau2))

    @property
    def Q(self) -> float:
        """Cochran's Q, of the residuals where there are moderators."""
        return self.heterogeneity.Q

    @property
    def I2(self) -> float:
        """I2 as a fraction, from tau2 (from Q under a common effect, or where settings say so)."""
        return self.heterogeneity.I2_Q if self.spec.I2 == "Q" else self.heterogeneity.I2

    @property
    def H2(self) -> float:
        """H2, from tau2 (from Q under a common effect, or where settings say so)."""
        return self.heterogeneity.H2_Q if self.spec.I2 == "Q" else self.heterogeneity.H2

    @says_what_it_takes
    def predict(
        self,
        newdata: pd.DataFrame | Mapping[str, Any] | None = None,
        *,
        X: Any = None,
        level: float | None = None,
        interval: str = "default",
        transform: Transform = None,
        n: Any = None,
        tau2: float | None = None,
        adjust: bool = False,
        covariance: bool = False,
        draws: int | None = None,
        seed: int | None = None,
    ) -> pd.DataFrame:
        """Predict mean effects, with confidence and prediction limits.

        Parameters
        ----------
        newdata : DataFrame or mapping, optional
            Rows with the moderators' columns, such as ``{"year": [1990, 2000]}``. By default the
            pooled mean, or the fitted value of each study where there are moderators.
        X : array, shape (rows, p), optional
            Design rows instead of ``newdata``, in the order of the coefficients.
        level : float, optional
            Level of both intervals; by default the fit's.
        interval : str
            Kind of prediction interval. With the standard error of the fit's own test:
            "default" (reference of the test, or what
            the settings say), "z", "t" (k − p df), "hts" (k − p − 1 df). With
            that of the model: "skipka" (normal), "veroniki" (k − p), "higgins" (k − p − 1). With
            Knapp and Hartung's: "hk" (k − p), "hk-pr" (k − p − 1). Kenward–Roger's, for REML:
            "kr", "kr-pr" (one df less). For a pooled mean also "nnf", the bootstrap of Nagashima
            (around DerSimonian and Laird's Q, whatever the fit's estimator), and "wang-lee",
            quantiles of calibrated effects, which need many studies.
        transform : str, callable, True or None
            Back-transformation of estimate and limits: a name such as "tanh" or "exp", a
            function, or True for the measure's own. Standard errors are then NaN.
        n : array or number, optional
            Sizes of the studies, whose harmonic mean "double_arcsine" is inverted at, or the
            person-times for "ft_rate".
        tau2 : float, optional
            Between-study variance to use in the prediction interval instead of the estimate.
        adjust : bool
            Whether the level holds for all rows at once (Bonferroni).
        covariance : bool
            Whether to put the covariance of the predicted means in ``attrs["covariance"]``.
        draws, seed : int, optional
            Number of draws (25 000) and seed (1) of "nnf".

        Returns
        -------
        DataFrame
            Columns estimate, se, ci_low, ci_high, pi_low, pi_high; limits are NaN where the
            degrees of freedom are used up, and those of a prediction interval under a common
            effect ("EE"), which has none, unless ``tau2`` is given.

        Raises
        ------
        InputError
            On unknown levels, missing columns, an unknown word, or an option that means nothing
            for the kind of interval.

        References
        ----------
        [skipka2006], [higgins2009], [riley2011], [partlett2017], [veroniki2019],
        [nagashima2019], [wang2019]
        """
        rows, index = new_rows(self, newdata, X)
        level = self.spec.level if level is None else check_level(level)
        if check_flag("adjust", adjust):
            level = 1 - (1 - level) / len(rows)
        back = resolve_transform(transform, self.study.measure, n)
        kind = self.spec.prediction if interval == "default" else interval
        asked = check_asked(self, kind, level, tau2, draws, seed)
        frame = predict(self, rows, index, asked, None if transform in (None, False) else back)
        if check_flag("covariance", covariance):
            frame.attrs["covariance"] = rows @ self.vcov @ rows.T
        return frame

    def weights(self) -> pd.Series:
        """Return each study's weight in percent, by label.

        Returns
        -------
        Series
            The weights that gave the coefficients; they sum to 100.
        """
        own = self.study.weights
        raw = 1 / (self.study.vi + self.tau2) if own is None else own
        return pd.Series(100 * raw / raw.sum(), index=list(self.study.labels), name="weight")

    def summary(self) -> str:
        """Return the fit in words and a table.

        Returns
        -------
        str
            The text that printing the fit shows, and the likelihood with its criteria.
        """
        return as_text(self, likelihood=True)

    def to_dict(self) -> dict[str, Any]:
        """Return everything a machine needs, in plain types.

        Returns
        -------
        dict
            Ready for JSON; NaN and infinities become None.
        """
        return as_dict(self)

    def __str__(self) -> str:
        return as_text(self)

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)
