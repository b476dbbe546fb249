"""The share of between-study variance that moderators explain, with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import check_level, generator
from metarel._format import percent, plain
from metarel._shown import Shown
from metarel.errors import InputError
from metarel.models._heterogeneity import explained_variance
from metarel.models.results import MetaFit
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, repr=False)
class R2Interval(Shown):
    """R2 with limits.

    Parameters
    ----------
    estimate, ci_low, ci_high : float
        R2 of the fit, and percentiles of the samples; fractions.
    level : float
        Confidence level.
    samples : int
        Samples drawn.
    undefined : int
        Samples without any between-study variance to explain, which were left out.
    """

    estimate: float
    ci_low: float
    ci_high: float
    level: float
    samples: int
    undefined: int

    def to_dict(self) -> dict[str, Any]:
        """Return everything a machine needs, in plain types.

        Returns
        -------
        dict
            The fields by name.
        """
        return plain({name: getattr(self, name) for name in self.__dataclass_fields__})

    def __str__(self) -> str:
        left = f"; {self.undefined} without variance to explain" if self.undefined else ""
        return (
            f"R2 = {percent(self.estimate)}, {100 * self.level:g}% limits {percent(self.ci_low)} "
            f"to {percent(self.ci_high)} ({self.samples} bootstrap samples{left})"
        )


@says_what_it_takes
def r2_interval(
    fit: MetaFit, *, samples: int = 1000, seed: int | None = None, level: float | None = None
) -> R2Interval:
    """Give bootstrap limits of the share of tau2 that the moderators explain.

    Effects are drawn anew from the fitted model, y* ~ N(Xb, vi + tau2); tau2 with and without
    the moderators is estimated from each sample, and the limits are percentiles of R2*.

    Parameters
    ----------
    fit : MetaFit
        What `meta_regression` returned, with tau2 estimated.
    samples : int
        Bootstrap samples, at least 100.
    seed : int, optional
        Seed of the samples; the same seed gives the same limits.
    level : float, optional
        Confidence level; by default the fit's.

    Returns
    -------
    R2Interval
        Estimate and limits, fractions.

    Raises
    ------
    InputError
        When the fit has no R2: without moderators, with tau2 fixed, under a common effect.

    Notes
    -----
    R2 from few studies is a guess: it is cut at 0 and biased, and these percentile limits carry
    both, so that they are wide below some forty studies. They are no test of the moderators;
    that is the omnibus test of the fit.

    References
    ----------
    [lopezlopez2014], [raudenbush2009]

    Examples
    --------
    >>> import metarel as mr
    >>> table = mr.load_dataset("bcg")
    >>> trials = mr.effect_sizes(table.studies, **table.effect["default"])
    >>> fit = mr.meta_regression(trials, "ablat")
    >>> print(mr.r2_interval(fit, samples=200, seed=1))
    R2 = 75.63%, 95% limits ...% to ...% (200 bootstrap samples)
    """
    if not isinstance(fit, MetaFit):
        raise InputError(
            f"`fit` must be what meta_regression() returned; got {type(fit).__name__}."
        )
    code = fit.spec.tau2
    if not isinstance(code, str) or code == "EE" or np.isnan(fit.R2):
        raise InputError(
            "`fit` must have an R2: moderators beside an intercept, and a tau2 that was estimated "
            "and is not 0 without them."
        )
    if isinstance(samples, bool) or not isinstance(samples, int) or samples < 100:
        raise InputError(f"`samples` must be a whole number of at least 100; got {samples!r}.")
    level = fit.spec.level if level is None else check_level(level)
    drawn = _draws(fit, TAU2[code].estimate, samples, generator(seed))
    known = drawn[~np.isnan(drawn)]
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return R2Interval(fit.R2, float(low), float(high), level, samples, int(samples - len(known)))


def _draws(fit: MetaFit, estimate: Any, samples: int, rng: np.random.Generator) -> Array:
    """Return R2 of effects drawn from the fitted model; NaN where no variance is to explain."""
    v, X = fit.study.vi, fit.study.X
    ones = np.ones((fit.k, 1))
    mean, sd = X @ fit.beta, np.sqrt(v + fit.tau2)
    out = np.empty(samples)
    for i in range(samples):
        y = mean + sd * rng.standard_normal(fit.k)
        out[i] = explained_variance(estimate(y, v, ones).value, estimate(y, v, X).value)
    return out
