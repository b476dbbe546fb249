"""The record of an interval for one coefficient that is found otherwise than by its test."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from metarel._format import adaptive, interval, p_value, plain
from metarel._shown import Shown
from metarel.errors import InputError
from metarel.models.results import MetaFit


@dataclass(frozen=True, repr=False, slots=True)
class MeanInterval(Shown):
    """An estimate with confidence limits.

    Parameters
    ----------
    method : str
        What gave the limits, in words.
    term : str
        The coefficient; "intercept" is the pooled mean.
    estimate, se : float
        The method's own estimate and standard error (NaN where it has none).
    ci_low, ci_high : float
        Confidence limits.
    p_value : float
        Two-sided, of the hypothesis that the coefficient is 0.
    tau2 : float
        Between-study variance at the estimate.
    level : float
        Confidence level, a fraction.
    """

    method: str
    term: str
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p_value: float
    tau2: float
    level: float

    def to_dict(self) -> dict[str, Any]:
        """Return the record in plain types.

        Returns
        -------
        dict
            Ready for JSON; NaN and infinities become None.
        """
        return dict(plain(asdict(self)))

    def __str__(self) -> str:
        limits = interval(self.ci_low, self.ci_high)
        return (
            f"{self.method}: {self.term} {adaptive(self.estimate)}, {100 * self.level:g}% CI "
            f"{limits}, p {p_value(self.p_value)}, tau2 = {adaptive(self.tau2)}"
        )


def check_fit(fit: object, *, mean_only: str = "", own_weights: bool = False) -> MetaFit:
    """Refuse what is no univariate fit, has moderators where a mean is meant, or own weights.

    Parameters
    ----------
    fit : object
        What was passed.
    mean_only : str
        What is defined for a pooled mean only, in words; empty where moderators are fine.
    own_weights : bool
        Whether own weights are fine.

    Returns
    -------
    MetaFit
        The fit.
    """
    if not isinstance(fit, MetaFit):
        raise InputError(
            f"`fit` must be what pool() or meta_regression() returned; got {type(fit).__name__}."
        )
    if fit.k < 2 or fit.k <= fit.p:
        raise InputError(
            f"`fit` must have at least two studies, and more than coefficients; "
            f"got {fit.k} and {fit.p}."
        )
    if mean_only and fit.study.design.formula != "1":
        raise InputError(
            f"`fit` must be a pooled mean for {mean_only}; it has the coefficients "
            f"{', '.join(fit.study.terms)}. Fit the mean with pool()."
        )
    if not own_weights and fit.study.weights is not None:
        raise InputError(
            "`fit` must have inverse-variance weights here; it has own weights. "
            "Fit again without `weights`."
        )
    return fit
