"""The record of a location-scale model, its predictions and its text."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_choice, check_level
from metarel._distributions import critical_value
from metarel._format import adaptive, count, fixed, listing, p_value, plain, wrapped_equations
from metarel._lazy import pd
from metarel._shown import Shown
from metarel.errors import InputError
from metarel.models._design import rebuild
from metarel.models._heterogeneity import Heterogeneity
from metarel.models._inference import TESTS, TestResult
from metarel.models._prediction import (
    Transform,
    check_asked,
    frame_of_new,
    new_rows,
    predict,
    resolve_transform,
)
from metarel.models.results import Fit, FitStatistics
from metarel.moderators._scale_likelihood import LINKS
from metarel.moderators._text import frame_text, limits

if TYPE_CHECKING:
    from metarel._checks import Array

COLUMNS = {
    "term": "",
    "estimate": "estimate",
    "se": "se",
    "statistic": "statistic",
    "df": "test",
    "p_value": "p",
}


@dataclass(frozen=True, eq=False, repr=False)
class LocationScaleFit(Shown, Fit):
    """A model of the mean effect and of the between-study variance.

    The coefficients of the mean are those of the fit itself; those of the variance are those of
    ``scale``, a fit of its own.

    Parameters
    ----------
    scale : Fit
        The coefficients of the scale, with the scale design as its design.
    link : str
        "log": the scale predicts log tau2; "identity": tau2 itself.
    tau2 : ndarray, shape (k,)
        Between-study variance at each study's moderators.
    heterogeneity : Heterogeneity
        Cochran's Q of the residuals; I2 and H2 from Q, for there is not one tau2.
    omnibus : TestResult or None
        Joint test of the moderators of the mean; None without any.
    scale_omnibus : TestResult or None
        Joint Wald test of the moderators of the scale; None without any.
    scale_lrt : TestResult or None
        Likelihood ratio test against one tau2 for all studies; None where that is not nested.
    statistics : FitStatistics
        Likelihood and information criteria; restricted for "REML".
    """

    scale: Fit
    link: str
    tau2: Array
    heterogeneity: Heterogeneity
    omnibus: TestResult | None
    scale_omnibus: TestResult | None
    scale_lrt: TestResult | None
    statistics: FitStatistics

    @says_what_it_takes
    def predict(
        self,
        newdata: pd.DataFrame | None = None,
        *,
        X: Any = None,
        Z: Any = None,
        level: float | None = None,
        interval: str = "default",
        transform: Transform = None,
    ) -> pd.DataFrame:
        """Predict mean effects, with the tau2 of the same rows in their prediction intervals.

        Parameters
        ----------
        newdata : DataFrame, optional
            Rows with the moderators of mean and scale; by default the studies' own.
        X, Z : array, shape (rows, p) and (rows, q), optional
            Design rows of mean and scale instead of ``newdata``.
        level : float, optional
            Level of both intervals; by default the fit's.
        interval : {"default", "z", "t", "hts"}
            Reference of the prediction interval.
        transform : str, callable, True or None
            Back-transformation, as for ``MetaFit.predict``.

        Returns
        -------
        DataFrame
            Columns estimate, se, ci_low, ci_high, pi_low, pi_high, tau2.

        Raises
        ------
        InputError
            On unknown levels and missing columns, and where only one of X and Z is given.
        """
        if (X is None) != (Z is None):
            raise InputError("`X` and `Z` are the design rows of mean and scale; give both.")
        newdata = None if newdata is None else frame_of_new(newdata)
        if X is None and newdata is None:
            rows, index = self.study.X, pd.Index(self.study.labels)
        else:
            rows, index = new_rows(self, newdata, X)
        tau2 = LINKS[self.link].inverse(self._scale_rows(newdata, Z) @ self.scale.beta)
        if len(tau2) != len(rows):
            raise InputError(f"`Z` must have as many rows as `X`; got {len(tau2)} and {len(rows)}.")
        check_choice("interval", interval, ("default", "z", "t", "hts"))
        level = self.spec.level if level is None else check_level(level)
        one = check_asked(self, interval, level, 0.0, None, None)
        asked = replace(one, tau2=tau2)  # type: ignore[arg-type]  # one a row
        back = resolve_transform(transform, self.study.measure)
        table = predict(self, rows, index, asked, None if transform in (None, False) else back)
        return table.assign(tau2=tau2)

    def predict_scale(
        self, newdata: pd.DataFrame | None = None, *, Z: Any = None, level: float | None = None
    ) -> pd.DataFrame:
        """Predict the between-study variance.

        Parameters
        ----------
        newdata : DataFrame, optional
            Rows with the moderators of the scale; by default the studies' own.
        Z : array, shape (rows, q), optional
            Design rows of the scale instead.
        level : float, optional
            Confidence level; by default the fit's.

        Returns
        -------
        DataFrame
            Columns estimate, se, ci_low, ci_high of the linear predictor (log tau2 under the log
            link), and tau2, tau2_low, tau2_high. Limits of tau2 below 0 are cut at 0.
        """
        newdata = None if newdata is None else frame_of_new(newdata)
        rows = self._scale_rows(newdata, Z)
        index = newdata.index if newdata is not None else pd.RangeIndex(len(rows))
        if newdata is None and Z is None:
            index = pd.Index(self.study.labels)
        level = self.spec.level if level is None else check_level(level)
        estimate = rows @ self.scale.beta
        se = np.sqrt(np.einsum("ij,jk,ik->i", rows, self.scale.vcov, rows))
        half = critical_value(level, self.scale.df[0]) * se
        back = LINKS[self.link].inverse
        columns = {
            "estimate": estimate,
            "se": se,
            "ci_low": estimate - half,
            "ci_high": estimate + half,
            "tau2": back(estimate),
            "tau2_low": np.maximum(back(estimate - half), 0),
            "tau2_high": np.maximum(back(estimate + half), 0),
        }
        return pd.DataFrame(columns, index=index)

    def _scale_rows(self, newdata: pd.DataFrame | None, Z: Any) -> Array:
        """Return the design rows of the scale."""
        design = self.scale.study.design
        if Z is not None:
            rows = np.atleast_2d(np.asarray(Z, dtype=float))
            if rows.shape[1] != len(design.terms):
                raise InputError(
                    f"`Z` must have one column a scale coefficient ({', '.join(design.terms)}); "
                    f"got shape {rows.shape}."
                )
            return rows
        if newdata is None:
            return design.X
        return rebuild(design, newdata)

    def summary(self) -> str:
        """Return the fit in words and two tables.

        Returns
        -------
        str
            The text that printing the fit shows.
        """
        h, s = self.heterogeneity, self.statistics
        low, high = float(self.tau2.min()), float(self.tau2.max())
        heading = limits(self.spec.level)
        parts = [
            f"Location-scale model, {count(self.k, 'study', 'studies')}, "
            f"{self.spec.tau2}, test: {TESTS[self.spec.test].name}",
            f"tau2 from {adaptive(low)} to {adaptive(high)} over the studies\n"
            f"Residual heterogeneity: Q({h.Q_df}) = {fixed(h.Q)}, p {p_value(h.Q_p)}\n"
            f"Log-likelihood {fixed(s.log_likelihood)}, AIC {fixed(s.AIC, 2)}, "
            f"AICc {fixed(s.AICc, 2)}, BIC {fixed(s.BIC, 2)}",
            "Location, the mean effect"
            + (
                ""
                if self.omnibus is None
                else f"\n{wrapped_equations(f'Moderators: {self.omnibus}')}"
            ),
            frame_text(self.to_frame(), COLUMNS | heading),
            f"Scale, {LINKS[self.link].name}"
            + (
                ""
                if self.scale_omnibus is None
                else f"\n{wrapped_equations(f'Moderators: {self.scale_omnibus}')}"
            ),
            frame_text(self.scale.to_frame(), COLUMNS | heading),
        ]
        test = self.scale_lrt
        if test is not None:
            parts.append(
                wrapped_equations(
                    f"Likelihood ratio: chi2({test.df1:g}) = {fixed(test.statistic)}, "
                    f"p {p_value(test.p_value)} (H0: {test.null})"
                )
            )
        if self.trace.message:
            told = f"Note: {self.trace.message}; standard errors of the scale have no value."
            parts.append(wrapped_equations(told))
        if self.study.dropped:
            told = listing([f"{d.label} ({d.reason})" for d in self.study.dropped])
            parts.append(
                wrapped_equations(f"Left out: {count(len(self.study.dropped), 'row')}: {told}.")
            )
        return "\n\n".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return everything a machine needs, in plain types.

        Returns
        -------
        dict
            NaN and infinities become None.
        """
        tests = {
            name: None if test is None else asdict(test)
            for name, test in (
                ("omnibus", self.omnibus),
                ("scale_omnibus", self.scale_omnibus),
                ("scale_lrt", self.scale_lrt),
            )
        }
        found = {
            "model": "Location-scale model",
            "k": self.k,
            "measure": self.study.measure,
            "likelihood": self.spec.tau2,
            "link": self.link,
            "test": self.spec.test,
            "level": self.spec.level,
            "formula": self.spec.formula,
            "scale_formula": self.scale.spec.formula,
            "coefficients": self.to_frame().to_dict("records"),
            "scale_coefficients": self.scale.to_frame().to_dict("records"),
            "tau2": self.tau2,
            **tests,
            **asdict(self.heterogeneity),
            **asdict(self.statistics),
            "converged": self.trace.converged,
            "message": self.trace.message,
        }
        return plain(found)

    def __str__(self) -> str:
        return self.summary()
