"""Studies whose interval does not touch the pooled one, and the model without them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._distributions import critical_value
from metarel._format import adaptive, count, listing
from metarel._lazy import pd
from metarel._shown import Shown
from metarel.diagnose._refits import fit_part, mean_only
from metarel.diagnose._tables import label_array
from metarel.errors import InputError
from metarel.models.results import MetaFit


@dataclass(frozen=True, eq=False, repr=False)
class Outliers(Shown):
    """Studies beyond the pooled interval.

    Parameters
    ----------
    table : DataFrame
        A row a study: study, estimate, ci_low, ci_high, outlier.
    names : tuple of str
        The outliers.
    fit : MetaFit
        The fit of all studies.
    without : MetaFit
        The fit without the outliers; ``fit`` itself where there are none.
    """

    table: pd.DataFrame
    names: tuple[str, ...]
    fit: MetaFit
    without: MetaFit

    def to_frame(self) -> pd.DataFrame:
        """Return the pooled means with and without the outliers.

        Returns
        -------
        DataFrame
            Rows "all studies" and "without outliers"; columns k, estimate, se, ci_low, ci_high,
            tau2, I2.
        """
        rows = {
            name: {
                "k": fit.k,
                "estimate": fit.estimate,
                "se": float(fit.se[0]),
                "ci_low": float(fit.ci_low[0]),
                "ci_high": float(fit.ci_high[0]),
                "tau2": fit.tau2,
                "I2": fit.I2,
            }
            for name, fit in (("all studies", self.fit), ("without outliers", self.without))
        }
        return pd.DataFrame.from_dict(rows, orient="index")

    def __str__(self) -> str:
        if not self.names:
            return "No study has an interval beyond the pooled one."
        before, after = self.fit, self.without
        told = [
            f"{adaptive(f.estimate)} [{adaptive(f.ci_low[0])}, {adaptive(f.ci_high[0])}]"
            for f in (before, after)
        ]
        found = count(len(self.names), "study", "studies")
        names = listing([repr(name) for name in self.names], 12)
        return (
            f"{found} beyond the pooled interval: {names}.\n"
            f"All studies: {told[0]}; without: {told[1]}."
        )


@says_what_it_takes
def outliers(fit: MetaFit) -> Outliers:
    """Find the studies whose confidence interval lies beyond the pooled one, and pool without them.

    A study is an outlier where yi + z sqrt(vi) is below the lower limit of the pooled mean, or
    yi - z sqrt(vi) above the upper, with z the normal quantile at the level of the fit.

    Parameters
    ----------
    fit : MetaFit
        What `pool` returned.

    Returns
    -------
    Outliers
        The studies, and the fits with and without them; print it.

    Raises
    ------
    InputError
        When the fit is of another kind, has moderators, or when every study is an outlier.

    Notes
    -----
    The rule of dmetar's ``find.outliers``. It is crude: the more studies, the narrower the pooled
    interval, and the more of them lie beyond it. ``residuals`` allows for tau2 and for the
    study's own part in the mean; ``influence`` says what a study does to the result.

    References
    ----------
    [harrer2021]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 1.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015], tau2="EE")
    >>> mr.outliers(fit)
    1 study beyond the pooled interval: 'Study 3'.
    All studies: 0.3803 [0.2543, 0.5064]; without: 0.2108 [0.0776, 0.3439].
    """
    fit = mean_only(fit, "this rule")
    half = critical_value(fit.spec.level, np.inf) * np.sqrt(fit.study.vi)
    low, high = fit.study.yi - half, fit.study.yi + half
    beyond = (high < fit.ci_low[0]) | (low > fit.ci_high[0])
    if beyond.all():
        raise InputError(
            f"`fit` has no study whose interval touches the pooled one, so none of the {fit.k} "
            "would be left. Use residuals(), which allows for tau2."
        )
    names = label_array(fit)
    table = pd.DataFrame(
        {
            "study": names,
            "estimate": fit.study.yi,
            "ci_low": low,
            "ci_high": high,
            "outlier": beyond,
        }
    )
    without = fit_part(fit, ~beyond) if beyond.any() else fit
    return Outliers(table, tuple(names[beyond]), fit, without)
