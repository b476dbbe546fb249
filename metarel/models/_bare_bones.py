"""Hunter and Schmidt's sums: a weighted mean, and the variance that sampling error leaves over."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._distributions import critical_value
from metarel._register import Register

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """A convention for the sampling variance of a correlation.

    Parameters
    ----------
    code : str
        The word users type.
    formula : str
        The average over the studies of a bare-bones analysis.
    same_as : str
        Where it is used.
    average : callable
        ``average(r, n, mean)``: that average.
    each : callable
        ``each(r, n, mean)``: one study's variance, which corrections scale.
    """

    code: str
    formula: str
    same_as: str
    average: Callable[[Array, Array, float], float]
    each: Callable[[Array, Array, float], Array]


def _with_mean_r(_r: Array, n: Array, mean: float) -> Array:
    return (1 - mean**2) ** 2 / (n - 1)


def _with_own_r(r: Array, n: Array, _mean: float) -> Array:
    return (1 - r**2) ** 2 / (n - 1)


ERROR_RULES: Register[ErrorRule] = Register(
    "error",
    [
        ErrorRule(
            "average_n",
            "(1 − r̄²)² / (N/k − 1)",
            "Hunter and Schmidt since 1990",
            lambda _r, n, mean: (1 - mean**2) ** 2 / (float(n.mean()) - 1),
            _with_mean_r,
        ),
        ErrorRule(
            "study_n",
            "Σ n (1 − r̄²)² / (n − 1) / N",
            "psychmeta; R's psychometric",
            lambda r, n, mean: float(np.average(_with_mean_r(r, n, mean), weights=n)),
            _with_mean_r,
        ),
        ErrorRule(
            "total_n",
            "(1 − r̄²)² k / N",
            "Hunter, Schmidt and Jackson 1982",
            lambda _r, n, mean: (1 - mean**2) ** 2 / float(n.mean()),
            lambda _r, n, mean: (1 - mean**2) ** 2 / n,
        ),
        ErrorRule(
            "own_r",
            "Σ n (1 − r²)² / (n − 1) / N",
            "each study's own r in place of the mean: less accurate",
            lambda r, n, mean: float(np.average(_with_own_r(r, n, mean), weights=n)),
            _with_own_r,
        ),
    ],
)


@dataclass(frozen=True, slots=True)
class Summary:
    """One analysis of correlations.

    Parameters
    ----------
    analysis : str
        What was corrected.
    k : int
        Number of studies.
    n : float
        People in them.
    mean : float
        Weighted mean correlation.
    variance : float
        Variance of the correlations around it, weighted alike.
    error : float
        Variance that sampling error accounts for.
    sampling_se : float
        Standard error of the mean if all studies had one correlation.
    weight_share : float
        Σ w² / (Σ w)²: 1/k under equal weights.
    """

    analysis: str
    k: int
    n: float
    mean: float
    variance: float
    error: float
    sampling_se: float
    weight_share: float

    @property
    def variance_rho(self) -> float:
        """Variance of true correlations: observed less sampling error, cut at 0."""
        return max(self.variance - self.error, 0.0)

    @property
    def sd(self) -> float:
        """Standard deviation of the correlations."""
        return math.sqrt(self.variance)

    @property
    def sd_error(self) -> float:
        """Standard deviation that sampling error alone would give."""
        return math.sqrt(self.error)

    @property
    def sd_rho(self) -> float:
        """Standard deviation of true correlations."""
        return math.sqrt(self.variance_rho)

    @property
    def error_share(self) -> float:
        """Share of the variance that sampling error accounts for; above 1 where it is more."""
        return self.error / self.variance if self.variance > 0 else math.inf

    def credibility(self, level: float, df: float = math.inf) -> tuple[float, float]:
        """Return the limits between which true correlations lie at this level."""
        half = float(critical_value(level, df)) * self.sd_rho
        return self.mean - half, self.mean + half


@dataclass(frozen=True, slots=True)
class MeanInterval:
    """A standard error of the mean correlation.

    Parameters
    ----------
    code : str
        The word users type.
    formula : str
        In words for a bare-bones analysis.
    se : callable
        ``se(summary)``.
    """

    code: str
    formula: str
    se: Callable[[Summary], float]


MEAN_INTERVALS: Register[MeanInterval] = Register(
    "interval",
    [
        MeanInterval("observed", "SD of r / √k", lambda s: s.sd / math.sqrt(s.k)),
        MeanInterval("homogeneous", "(1 − r̄²) / √(N − k)", lambda s: s.sampling_se),
        MeanInterval(
            "heterogeneous",
            "√((1 − r̄²)² / (N − k) + SD of rho² / k)",
            lambda s: math.sqrt(s.sampling_se**2 + s.variance_rho * s.weight_share),
        ),
    ],
)


def bare_bones(r: Array, n: Array, rule: ErrorRule, *, unbiased: bool) -> Summary:
    """Weight by n, and take the sampling error of the mean correlation from the variance."""
    k, total = len(r), float(n.sum())
    mean = float(np.average(r, weights=n))
    return Summary(
        "bare-bones",
        k,
        total,
        mean,
        _variance(r, n, mean, unbiased=unbiased),
        rule.average(r, n, mean),
        (1 - mean**2) / math.sqrt(total - k),
        1 / k,
    )


def corrected(r: Array, weights: Array, error: Array, n: Array, *, unbiased: bool) -> Summary:
    """Weight corrected correlations by n A², and take their own sampling errors out."""
    mean = float(np.average(r, weights=weights))
    total = float(weights.sum())
    return Summary(
        "corrected",
        len(r),
        float(n.sum()),
        mean,
        _variance(r, weights, mean, unbiased=unbiased),
        float(np.average(error, weights=weights)),
        math.sqrt(float(weights**2 @ error)) / total,
        float((weights**2).sum()) / total**2,
    )


def _variance(r: Array, weights: Array, mean: float, *, unbiased: bool) -> float:
    k = len(r)
    plain = float(np.average((r - mean) ** 2, weights=weights))
    return plain * k / (k - 1) if unbiased else plain
