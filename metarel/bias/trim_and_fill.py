"""Duval and Tweedie's trim and fill: what the mean would be if missing studies mirrored others."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_choice
from metarel._format import adaptive, count, fixed, interval, plain
from metarel._lazy import stats
from metarel._register import Register
from metarel.bias.regression import regression_test
from metarel.errors import ConvergenceError, InputError
from metarel.models._design import intercept_only
from metarel.models._mean_interval import check_fit
from metarel.models._study import StudyData
from metarel.models.meta import estimate_tau2, fit_model
from metarel.models.results import MetaFit
from metarel.tau2.register import TAU2

if TYPE_CHECKING:
    from metarel._checks import Array

SIDES = ("left", "right")
#: Relative differences below this are rounding, and the digits that are left of a distance.
SAME, DIGITS = 1e-12, 12


@dataclass(frozen=True, slots=True)
class MissingEstimator:
    """How the number of missing studies is estimated from signed ranks.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What it counts.
    estimate : callable
        From the signed ranks of all k centred effects to the number, not yet rounded, and its
        standard error.
    """

    code: str
    name: str
    estimate: Callable[[Array], tuple[float, float]]


def _rank_sum_variance(k: int, k0: float) -> float:
    """Return the variance of the sum of the positive ranks with k0 studies missing."""
    terms = 10 * k0**3 + 27 * k0**2 + 17 * k0 - 18 * k * k0**2 - 18 * k * k0 + 6 * k**2 * k0
    return (k * (k + 1) * (2 * k + 1) + terms) / 24


def _linear(ranks: Array) -> tuple[float, float]:
    k, total = len(ranks), float(ranks[ranks > 0].sum())
    k0 = (4 * total - k * (k + 1)) / (2 * k - 1)
    return k0, 4 * math.sqrt(max(_rank_sum_variance(k, k0), 0.0)) / (2 * k - 1)


def _run(ranks: Array) -> tuple[float, float]:
    below = -ranks[ranks < 0]
    k0 = len(ranks) - float(below.max()) - 1
    return k0, math.sqrt(2 * max(0.0, k0) + 2)


def _quadratic(ranks: Array) -> tuple[float, float]:
    k, total = len(ranks), float(ranks[ranks > 0].sum())
    inside = 2 * k**2 - 4 * total + 0.25
    if inside < 0:
        raise ConvergenceError(
            "`estimator` 'Q0' has no value for these studies (a root of a negative number): nearly "
            "all effects lie on one side. Use 'L0' or 'R0'."
        )
    k0 = k - 0.5 - math.sqrt(inside)
    below = (k - 0.5) ** 2 - k0 * (2 * k - k0 - 1)
    variance = max(_rank_sum_variance(k, k0), 0.0)
    return k0, 2 * math.sqrt(variance / below) if below > 0 else math.nan


ESTIMATORS: Register[MissingEstimator] = Register(
    "estimator",
    [
        MissingEstimator("L0", "from the sum of ranks, linear", _linear),
        MissingEstimator("R0", "from the longest run", _run),
        MissingEstimator("Q0", "from the sum of ranks, quadratic", _quadratic),
    ],
)


@dataclass(frozen=True, slots=True)
class TrimAndFill:
    """The outcome of trim and fill.

    Parameters
    ----------
    k0 : int
        Estimated number of missing studies.
    k0_se : float
        Its standard error.
    k0_p : float
        With "R0", the p-value of the hypothesis that none is missing; else NaN.
    side : str
        The side on which studies are missing.
    estimator : str
        How they were counted.
    trim : str or float
        Estimator of tau2 of the means that the studies were mirrored about.
    filled : MetaFit
        The fit of the studies and their mirrored companions, which come last.
    fit : MetaFit
        The fit of the studies.
    """

    k0: int
    k0_se: float
    k0_p: float
    side: str
    estimator: str
    trim: str | float
    filled: MetaFit
    fit: MetaFit

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome in plain types.

        Returns
        -------
        dict
            Ready for JSON; NaN becomes None.
        """
        names = ("k0", "k0_se", "k0_p", "side", "estimator", "trim")
        record = {name: getattr(self, name) for name in names}
        fits = {"filled": self.filled.to_dict(), "fit": self.fit.to_dict()}
        return {**dict(plain(record)), **fits}

    def __str__(self) -> str:
        found = count(self.k0, "study", "studies")
        lines = [
            f"Trim and fill ({self.estimator}): {found} missing on the {self.side} "
            f"(SE {fixed(self.k0_se, 2)})",
        ]
        if not math.isnan(self.k0_p):
            lines.append(f"  p = {fixed(self.k0_p)} (H0: none is missing)")
        for told, fit in (("as found", self.fit), ("filled", self.filled)):
            low, high = float(fit.ci_low[0]), float(fit.ci_high[0])
            tau2 = "" if fit.spec.tau2 == "EE" else f", tau2 = {adaptive(fit.tau2)}"
            lines.append(
                f"  {told:9} k = {fit.k:<4} {adaptive(fit.estimate)}, {100 * fit.spec.level:g}% CI "
                f"{interval(low, high)}{tau2}"
            )
        lines.append(
            "The filled mean is a sensitivity analysis: it supposes that asymmetry comes from\n"
            "missing studies only, and it is biased where effects are heterogeneous."
        )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)


def trim_and_fill(
    fit: MetaFit,
    *,
    estimator: str = "L0",
    side: str | None = None,
    trim: str | float | None = None,
) -> TrimAndFill:
    """Estimate how many studies are missing on one side, fill them in, and pool again.

    The k0 most extreme studies of the other side are trimmed, the rest is pooled, all effects are
    ranked by their distance from that mean, k0 is estimated from the ranks, and so on until it
    stays; then the trimmed studies get companions mirrored about the last mean.

    Parameters
    ----------
    fit : MetaFit
        A pooled mean.
    estimator : {"L0", "R0", "Q0"}
        How k0 is estimated: from the sum of the ranks (linear or quadratic), or the longest run.
    side : {"left", "right"}, optional
        Where studies are missing; by default the side to which a meta-regression on the standard
        error points (by the fit's tau2, as metafor does).
    trim : str or float, optional
        Estimator of tau2 while trimming. By default the fit's own, as metafor does; ``"EE"``
        trims about common-effect means, which is the default of meta.

    Returns
    -------
    TrimAndFill
        k0, and the fits before and after; the filled studies are named "Filled 1", …

    Raises
    ------
    InputError
        On moderators, own weights, fewer than three studies or an unknown word.
    ConvergenceError
        Where "Q0" has no value, or the rounds run in a circle.

    Notes
    -----
    Same numbers as metafor's ``trimfill`` (which refits with z tests at 95 % whatever the fit
    has; here test and level stay), and with ``trim="EE"`` as meta's. Where both programs differ it
    is the trimming. Effects equally far from the mean share their ranks here; there rounding
    decides their order, and may move k0 by one. Of equal effects the least precise is trimmed.

    References
    ----------
    [duval2000a], [duval2000b], [peters2007]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(mr.load_dataset("thirdwave_harrer2021").studies, test="knha")
    >>> found = mr.trim_and_fill(fit, trim="EE", side="left")
    >>> found.k0, round(found.filled.estimate, 4)
    (8, 0.3428)
    >>> mr.trim_and_fill(fit).k0  # trimmed about random-effects means
    0
    """
    fit = check_fit(fit, mean_only="trim and fill")
    entry = ESTIMATORS[estimator]
    if fit.k < 3:
        raise InputError(f"`fit` must have at least three studies to trim; it has {fit.k}.")
    by: str | float = fit.spec.tau2 if trim is None else trim
    if isinstance(by, str):
        try:
            by = TAU2[by].code
        except InputError:
            raise InputError(
                f"`trim` must be an estimator of tau2, such as 'EE' or 'DL', or a number; got "
                f"{by!r}."
            ) from None
    if np.ptp(fit.study.yi) <= SAME * np.abs(fit.study.yi).max():
        raise InputError("`fit` has studies whose effects are all the same: none is missing.")
    if side is None:
        if np.ptp(fit.study.vi) <= SAME * fit.study.vi.max():
            raise InputError(
                "`side` must be given, 'left' or 'right': the studies have one standard error, so "
                "none of them is small."
            )
        side = "right" if regression_test(fit).slope < 0 else "left"
    check_choice("side", side, SIDES)
    study = fit.study
    sign = -1.0 if side == "right" else 1.0
    order = np.lexsort((study.vi, sign * study.yi))  # of equal effects the most precise stays
    k0, k0_se, mean = _count_missing(study, order, sign, entry, by)
    filled = _fill(study, order[fit.k - k0 :], sign * mean)
    return TrimAndFill(
        k0=k0,
        k0_se=k0_se,
        k0_p=0.5 ** (k0 + 1) if entry.code == "R0" else math.nan,
        side=side,
        estimator=entry.code,
        trim=by,
        filled=_refit(fit, filled) if k0 else fit,
        fit=fit,
    )


def _refit(fit: MetaFit, study: StudyData) -> MetaFit:
    """Return the model of the fit on other studies, with the choices of its settings."""
    found = fit_model(study, fit.spec.tau2, fit.spec.test, fit.spec.level)
    kept = {name: getattr(fit.spec, name) for name in ("prediction", "I2", "settings", "model")}
    return replace(found, spec=replace(found.spec, **kept))


def _count_missing(
    study: StudyData, order: Any, sign: float, entry: MissingEstimator, by: str | float
) -> tuple[int, float, float]:
    """Return k0, its standard error and the last mean, of effects sorted and turned by the sign."""
    k = study.k
    y, v = sign * study.yi[order], study.vi[order]
    k0, seen = 0, set[int]()
    while k0 not in seen:
        if k - k0 < 1:
            break
        seen.add(k0)
        kept = k - k0
        mean = _mean(y[:kept], v[:kept], by)
        # distances that differ by rounding only are equal, and share their ranks
        centred = np.round((y - mean) / float(np.abs(y).max()), DIGITS)
        raw, se = entry.estimate(np.sign(centred) * stats.rankdata(np.abs(centred)))
        again = max(0, round(raw))
        if again == k0:
            return k0, max(se, 0.0), mean
        k0 = again
    raise ConvergenceError(
        f"Trim and fill ran in a circle ({', '.join(map(str, sorted(seen)))} missing studies); "
        "choose another `estimator` or `trim`."
    )


def _mean(y: Array, v: Array, by: str | float) -> float:
    """Return the mean of the studies that are left."""
    part = StudyData(y, v, intercept_only(len(y)), (), np.arange(len(y)), (), None, None)
    w = 1 / (v + (0.0 if len(y) == 1 else estimate_tau2(part, by)[0].value))
    return float(w @ y) / float(w.sum())


def _fill(study: StudyData, mirrored: Any, mean: float) -> StudyData:
    """Return the studies and companions of some of them, mirrored about the mean."""
    k0 = len(mirrored)
    names = tuple(f"Filled {i}" for i in range(1, k0 + 1))
    last = int(np.max(study.rows)) + 1
    return replace(
        study,
        yi=np.concatenate([study.yi, 2 * mean - study.yi[mirrored]]),
        vi=np.concatenate([study.vi, study.vi[mirrored]]),
        design=intercept_only(study.k + k0),
        labels=(*study.labels, *names),
        rows=np.concatenate([study.rows, last + np.arange(k0)]),
    )
