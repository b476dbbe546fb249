"""The likelihood as a function of tau2, or of one coefficient, and the limits that it gives."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._calls import says_what_it_takes
from metarel._checks import as_floats, check_level, check_whole
from metarel._lazy import pd, special
from metarel._linalg import is_mean
from metarel._register import one_of
from metarel.diagnose._refits import readable
from metarel.errors import InputError
from metarel.models.batch_design import DesignMoments, arrange_on_design
from metarel.models.batch_fit import PART
from metarel.models.batch_likelihood import log_likelihood
from metarel.models.batch_sums import AnyRows, arrange
from metarel.models.results import MetaFit
from metarel.tau2._base import unit
from metarel.tau2.interval import profile_likelihood as limits_of_tau2
from metarel.tau2.likelihood import maximum_likelihood, restricted_maximum_likelihood

if TYPE_CHECKING:
    from metarel._checks import Array

#: Points in tau2 among which a maximum is first looked for, and those of each closer look.
COARSE, FINE_POINTS = 200, 21
#: Closer looks; each narrows the interval tenfold, and the error of a maximum is of its square.
LOOKS = 9


@says_what_it_takes
def profile_likelihood(
    fit: MetaFit,
    parameter: str = "tau2",
    *,
    level: float | None = None,
    points: int = 100,
    values: Any = None,
) -> pd.DataFrame:
    """Trace the log-likelihood over tau2 or a coefficient, all else at its best.

    Limits are where it lies half a chi-square quantile (1 df) below its maximum.

    Parameters
    ----------
    fit : MetaFit
        What `pool` or `meta_regression` returned, by "ML" or "REML", with more studies than
        coefficients.
    parameter : str
        "tau2", or a coefficient by its term: "intercept" for the pooled mean.
    level : float, optional
        Level of the limits; by default the fit's.
    points : int
        Number of points of the curve, at least 2; they reach a third beyond the limits.
    values : array, optional
        Where to compute the curve instead.

    Returns
    -------
    DataFrame
        A row a point: the parameter under its own name, log_likelihood, and drop, how far that
        lies below the maximum; for a coefficient also tau2, the best there. ``attrs`` hold
        parameter, estimate (where the maximum is), ci_low, ci_high, level, threshold (the
        log-likelihood at the limits) and restricted.

    Raises
    ------
    InputError
        When the fit is of another kind or by another estimator, no term has the name, no degrees
        of freedom are left, and, for a coefficient, under own weights.

    Notes
    -----
    tau2 of a fit by "REML" is profiled in the restricted likelihood; limits are those of
    `tau2_interval(fit, method="PL")`. A coefficient has no place in the restricted likelihood:
    the full one is profiled, whose maximum is the estimate by "ML". Its limits allow for the
    uncertainty of tau2, which those of the fit do not. They are found from
    l(b) = max over tau2 of l(tau2) - (b - b(tau2))^2 / (2 s(tau2)^2), so that only tau2 has to be
    searched. metafor's ``profile`` gives the curve of tau2; the limits of the mean are those of
    Hardy and Thompson.

    References
    ----------
    [hardy1996]

    Examples
    --------
    >>> import metarel as mr
    >>> fit = mr.pool(yi=[0.32, 0.11, 0.85, 0.28], vi=[0.02, 0.01, 0.04, 0.015], tau2="ML")
    >>> curve = mr.profile_likelihood(fit, "intercept")
    >>> [round(curve.attrs[name], 3) for name in ("estimate", "ci_low", "ci_high")]
    [0.342, 0.056, 0.689]
    """
    fit = _readable(fit)
    level = fit.spec.level if level is None else check_level(level)
    if check_whole("points", points) < 2:
        raise InputError("`points` must be at least 2 for a curve; got 1.")
    names = ("tau2", *fit.study.terms)
    if parameter not in names:
        raise InputError(one_of("parameter", names, parameter))
    if parameter == "tau2":
        return _over_tau2(fit, level, points, values)
    if fit.study.weights is not None:
        raise InputError(
            "`fit` must not have own weights: its coefficients are not where the likelihood is "
            "highest. Fit without `weights`."
        )
    return _over_coefficient(fit, fit.study.terms.index(parameter), level, points, values)


def _readable(fit: object) -> MetaFit:
    """Refuse fits that are not by likelihood."""
    fit = readable(fit)
    if fit.spec.tau2 not in ("ML", "REML"):
        raise InputError(
            f'`fit` must be by "ML" or "REML" for its likelihood to have a meaning; got one by '
            f"{fit.spec.tau2!r}. Fit again with one of these."
        )
    if fit.k <= fit.p:
        raise InputError(
            f"`fit` must have more studies than coefficients to profile the likelihood; "
            f"got {fit.k} and {fit.p}."
        )
    return fit


@dataclass(frozen=True, slots=True)
class _Path:
    """The fit of all coefficients as a function of tau2.

    Parameters
    ----------
    rows : AnyRows
        The studies, as one row.
    shift : ndarray, shape (p,)
        What is added to the coefficients of the sums.
    to_units : ndarray, shape (p, p)
        From the basis of the sums to the units of the moderators.
    """

    rows: AnyRows
    shift: Array
    to_units: Array

    @classmethod
    def of(cls, fit: MetaFit) -> _Path:
        """Arrange the studies of a fit."""
        study = fit.study
        y, v = study.yi[None], study.vi[None]
        if is_mean(study.X):
            some = arrange(y, v, None)
            return cls(some, some.shift, np.ones((1, 1)))
        scale = np.linalg.norm(study.X, axis=0)
        basis, triangle = np.linalg.qr(study.X / scale)
        designed = arrange_on_design(y, v, np.ones_like(y), basis)
        return cls(designed, designed.plain[0], np.linalg.inv(triangle) / scale[:, None])

    def at(self, tau2: Array, j: int, *, restricted: bool) -> tuple[Array, Array, Array]:
        """Return log-likelihood, coefficient j and its variance at each tau2, shape (n,)."""
        size = max(PART // max(int(self.rows.count[0]), 1), 1)
        parts = [
            self._part(tau2[begin : begin + size], j, restricted)
            for begin in range(0, len(tau2), size)
        ]
        return tuple(np.concatenate(p) for p in zip(*parts, strict=True))  # type: ignore[return-value]

    def _part(self, tau2: Array, j: int, restricted: bool) -> tuple[Array, Array, Array]:
        rows = self.rows.take(np.zeros(len(tau2), dtype=int))
        at = rows.moments(tau2)
        height = log_likelihood(rows, tau2, restricted=restricted, at=at)
        if isinstance(at, DesignMoments):
            beta, bread = at.beta, at.bread
        else:
            beta, bread = at.beta[:, None], (1 / at.w_sum)[:, None, None]
        row = self.to_units[j]
        return height, (self.shift + beta) @ row, np.einsum("i,mij,j->m", row, bread, row)


def _drop(level: float) -> float:
    """Return half the chi-square quantile with 1 df, a squared normal."""
    return 0.5 * float(special.ndtri((1 - level) / 2)) ** 2


def _over_tau2(fit: MetaFit, level: float, points: int, values: Any) -> pd.DataFrame:
    study, restricted = fit.study, fit.spec.tau2 == "REML"
    limits = limits_of_tau2(study.yi, study.vi, study.X, level, restricted=restricted)
    estimate = restricted_maximum_likelihood if restricted else maximum_likelihood
    peak = estimate(study.yi, study.vi, study.X).value
    grid = _grid(limits.low, limits.high, points, values, 0.0)
    if (grid < 0).any():
        raise InputError(f"`values` must be 0 or more for tau2; got {grid.min():g}.")
    path = _Path.of(fit)
    height = path.at(grid, 0, restricted=restricted)[0]
    top = float(path.at(np.array([peak]), 0, restricted=restricted)[0][0])
    frame = pd.DataFrame({"tau2": grid, "log_likelihood": height, "drop": top - height})
    found = {"estimate": peak, "ci_low": limits.low, "ci_high": limits.high}
    return _with_attrs(frame, "tau2", found, level, top, restricted=restricted)


def _over_coefficient(fit: MetaFit, j: int, level: float, points: int, values: Any) -> pd.DataFrame:
    study, path = fit.study, _Path.of(fit)
    peak = maximum_likelihood(study.yi, study.vi, study.X).value
    top, beta, _ = (float(a[0]) for a in path.at(np.array([peak]), j, restricted=False))
    target = top - _drop(level)
    inside = limits_of_tau2(study.yi, study.vi, study.X, level, restricted=False)

    def edge(sign: float) -> Callable[[Array], Array]:
        def reach(tau2: Array) -> Array:
            height, b, variance = path.at(tau2, j, restricted=False)
            # tau2 beyond the limits, where no value is inside, reaches nowhere
            far = sign * b + np.sqrt(2 * np.maximum(height - target, 0.0) * variance)
            return np.where(height >= target, far, -np.inf)

        return reach

    coarse = np.unique(np.append(_spaced(inside.low, inside.high, unit(study.vi)), peak))
    low, high = (sign * float(_highest(edge(sign), coarse, 1)[0][0]) for sign in (-1.0, 1.0))
    term = study.terms[j]
    grid = _grid(low, high, points, values)
    height, tau2 = _ridge(path, j, grid, unit(study.vi))
    frame = pd.DataFrame({term: grid, "log_likelihood": height, "drop": top - height, "tau2": tau2})
    found = {"estimate": beta, "ci_low": low, "ci_high": high}
    return _with_attrs(frame, term, found, level, top, restricted=False)


def _ridge(path: _Path, j: int, grid: Array, scale: float) -> tuple[Array, Array]:
    """Return the highest likelihood at each value of a coefficient, and the tau2 where it is."""

    def height(tau2: Array) -> Array:
        level, b, variance = path.at(tau2, j, restricted=False)
        each = np.repeat(grid, len(tau2) // len(grid))
        return level - 0.5 * (each - b) ** 2 / variance

    end = scale
    while True:
        coarse = _spaced(0.0, end, scale)
        level, b, variance = path.at(coarse, j, restricted=False)
        first = level - 0.5 * (grid[:, None] - b) ** 2 / variance
        if (first.argmax(axis=1) < COARSE - 1).all():
            return _highest(height, coarse, len(grid), first)
        end *= 4


def _spaced(low: float, high: float, scale: float) -> Array:
    """Return points that are evenly spaced in log(tau2 - low + scale)."""
    return low + scale * np.expm1(np.linspace(0.0, math.log1p((high - low) / scale), COARSE))


def _highest(
    value: Callable[[Array], Array], coarse: Array, m: int, first: Array | None = None
) -> tuple[Array, Array]:
    """Return the maxima of m functions of tau2 and where they are, by ever closer looks.

    ``value`` takes a flat array, n points a function, and returns as many values.
    """
    points = np.broadcast_to(coarse, (m, len(coarse)))
    found = value(points.ravel()).reshape(points.shape) if first is None else first
    each, steps = np.arange(m), np.linspace(0.0, 1.0, FINE_POINTS)
    for _ in range(LOOKS):
        best = found.argmax(axis=1)
        low = points[each, np.maximum(best - 1, 0)]
        high = points[each, np.minimum(best + 1, points.shape[1] - 1)]
        points = low[:, None] + (high - low)[:, None] * steps
        found = value(points.ravel()).reshape(points.shape)
    best = found.argmax(axis=1)
    return found[each, best], points[each, best]


def _grid(low: float, high: float, points: int, values: Any, least: float = -math.inf) -> Array:
    """Return the points of the curve: as given, or a third beyond the limits."""
    if values is not None:
        given = as_floats(values, "values")
        if np.isnan(given).any() or not given.size:
            raise InputError("`values` must hold numbers, and none missing.")
        return given
    beyond = (high - low) / 3
    return np.linspace(max(low - beyond, least), high + beyond, points)


def _with_attrs(
    frame: pd.DataFrame,
    parameter: str,
    found: dict[str, float],
    level: float,
    top: float,
    *,
    restricted: bool,
) -> pd.DataFrame:
    frame.attrs.update(
        parameter=parameter,
        **found,
        level=level,
        threshold=top - _drop(level),
        restricted=restricted,
    )
    return frame
