"""The delta method: functions of estimates, with their covariance, by numerical derivatives."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import check_level
from metarel._distributions import critical_value, two_sided_p
from metarel._lazy import pd
from metarel.errors import InputError

if TYPE_CHECKING:
    import pandas
    from numpy.typing import ArrayLike

    from metarel._checks import Array

#: Ridders' tableau: by how much the step shrinks, and how often at most.
_SHRINK, _STEPS = 1.4, 18
_TINY = 1e-30
#: How near a complex step must come to differences in real numbers to be believed.
_AGREE = 1e-6


def richardson(function: Callable[[float], Array], step: float) -> tuple[Array, Array]:
    """Return the derivative of a function at 0 by central differences taken to the limit.

    Parameters
    ----------
    function : callable
        From a number to an array.
    step : float
        The first step; smaller ones follow.

    Returns
    -------
    tuple of ndarray
        The derivative and an estimate of its error, each component from where its own error is
        least [ridders1982].
    """
    best = error = np.array(np.nan)
    last: list[Array] = []
    for turn in range(_STEPS):
        width = step / _SHRINK**turn
        row = [(function(width) - function(-width)) / (2 * width)]
        for order, earlier in enumerate(last):
            factor = _SHRINK ** (2 * (order + 1))
            row.append((factor * row[-1] - earlier) / (factor - 1))
            change = np.maximum(np.abs(row[-1] - row[-2]), np.abs(row[-1] - earlier))
            known = np.where(np.isnan(change), np.inf, change)
            better = (known < error) | np.isnan(error)
            best = np.where(better, row[-1], best)
            error = np.where(better, known, error)
        last = row
    return best, error


def _complex_slope(function: Callable[[Any], Array], x: Array, place: int) -> Array | None:
    """Return the derivative by a complex step [squire1998]; None where the function takes none."""
    point = x.astype(complex)
    point[place] += 1j * _TINY * max(abs(x[place]), 1.0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            value = np.asarray(function(point))
    except (TypeError, ValueError, AttributeError, np.exceptions.ComplexWarning):
        return None
    if value.dtype.kind != "c":
        return None
    return value.imag / (_TINY * max(abs(x[place]), 1.0))


def jacobian(function: Callable[[Any], Array], x: Array, scale: Array) -> Array:
    """Return the derivatives of a vector-valued function.

    Parameters
    ----------
    function : callable
        From a vector of length p to a vector of length q.
    x : ndarray of shape (p,)
        Where.
    scale : ndarray of shape (p,)
        A distance over which the function changes smoothly, for each place; the first step.

    Returns
    -------
    ndarray of shape (q, p)
        Exact to rounding by a complex step where differences in real numbers confirm it (the
        function is then analytic), else those differences, refined by Richardson's extrapolation.
    """
    columns = []
    for place in range(len(x)):

        def moved(by: float, place: int = place) -> Array:
            point = x.copy()
            point[place] += by
            return function(point)

        with np.errstate(all="ignore"):
            slope, error = richardson(moved, float(scale[place]))
            exact = _complex_slope(function, x, place)
        if exact is not None:
            near = (
                np.abs(exact - slope) <= _AGREE * np.maximum(np.abs(exact), np.abs(slope)) + error
            )
            slope = np.where(near & np.isfinite(exact), exact, slope)
        columns.append(slope)
    return np.column_stack(columns)


def hessians(function: Callable[[Any], Array], x: Array, scale: Array) -> Array:
    """Return the second derivatives of a vector-valued function.

    Parameters
    ----------
    function : callable
        From a vector of length p to a vector of length q.
    x : ndarray of shape (p,)
        Where.
    scale : ndarray of shape (p,)
        The first step at each place.

    Returns
    -------
    ndarray of shape (q, p, p)
        Differences of first derivatives, made symmetric.
    """
    columns = []
    for place in range(len(x)):

        def moved(by: float, place: int = place) -> Array:
            point = x.copy()
            point[place] += by
            return jacobian(function, point, scale)

        with np.errstate(all="ignore"):
            columns.append(richardson(moved, float(scale[place]))[0])
    found = np.stack(columns, axis=-1)
    return (found + np.swapaxes(found, -1, -2)) / 2


@dataclass(frozen=True, slots=True)
class DeltaEstimates:
    """Functions of estimates, with their covariance by the delta method.

    Parameters
    ----------
    estimate : ndarray of shape (q,)
        The functions at the estimates.
    covariance : ndarray of shape (q, q)
        Their covariance.
    bias : ndarray of shape (q,)
        ½ tr(HΣ), by how much each is too large to the second order; 0 for the first order. It is
        not taken off the estimate.
    order : int
        Order of the expansion.
    terms : tuple of str
        Their names.
    """

    estimate: Array
    covariance: Array
    bias: Array
    order: int
    terms: tuple[str, ...]

    @property
    def se(self) -> Array:
        """Return the standard errors."""
        return np.sqrt(np.diag(self.covariance))

    def to_frame(self, level: float = 0.95) -> pandas.DataFrame:
        """Return one row a function, with a z test of 0 and limits.

        Parameters
        ----------
        level : float
            Confidence level as a fraction.

        Returns
        -------
        DataFrame
            ``term estimate se statistic p_value ci_low ci_high``.
        """
        se, half = self.se, float(critical_value(check_level(level), np.inf))
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = self.estimate / se
        return pd.DataFrame(
            {
                "term": self.terms,
                "estimate": self.estimate,
                "se": se,
                "statistic": statistic,
                "p_value": two_sided_p(statistic, np.inf),
                "ci_low": self.estimate - half * se,
                "ci_high": self.estimate + half * se,
            }
        )


def delta_method(
    function: Callable[[Any], ArrayLike],
    estimates: ArrayLike,
    covariance: ArrayLike,
    *,
    order: int = 1,
    terms: Sequence[str] | None = None,
) -> DeltaEstimates:
    """Carry the covariance of estimates over to functions of them, by the delta method.

    Parameters
    ----------
    function : callable
        From the vector of the p estimates to a number, or to a sequence of q numbers, such as
        ``lambda b: b[0] / b[1]`` or ``np.log``.
    estimates : array of shape (p,) or float
        The estimates.
    covariance : array of shape (p, p) or (p,), or float
        Their covariance; a vector holds the variances of independent estimates.
    order : {1, 2}
        Order of the expansion: 2 adds what curvature adds to the variance of normal estimates.
    terms : sequence of str, optional
        Names of the q functions.

    Returns
    -------
    DeltaEstimates
        ``.estimate``, ``.covariance``, ``.se``, ``.bias``; ``.to_frame()`` adds tests and limits.

    Raises
    ------
    InputError
        If shapes disagree, the covariance is not symmetric or has a negative variance, or the
        function or its derivatives are not finite at the estimates.

    Notes
    -----
    With gradients g and Hessians H of the functions: gᵢ'Σgⱼ, and for order 2 besides
    ½ tr(HᵢΣHⱼΣ) [vandervaart1998]. Derivatives are by complex steps where the function takes
    complex numbers [squire1998], else by Ridders' extrapolated differences [ridders1982].
    metafor's ``deltamethod`` and ``conv.delta`` (variances as a vector) give the same at order 1;
    at order 2 metafor documents ½ tr(HΣΣH), which is the same for one estimate alone.

    References
    ----------
    [vandervaart1998], [squire1998], [ridders1982]

    Examples
    --------
    >>> ratio = delta_method(lambda b: b[0] / b[1], [2, 5], [[0.3, 0.05], [0.05, 0.4]])
    >>> ratio.to_frame().round(4)
       term  estimate      se  statistic  p_value  ci_low  ci_high
    0     0       0.4  0.1138     3.5136   0.0004  0.1769   0.6231
    >>> import numpy as np
    >>> delta_method(np.log, [10, 22], [0.4, 1.2]).se.round(4)
    array([0.0632, 0.0498])
    """
    if isinstance(order, bool) or order not in (1, 2):
        raise InputError(f"`order` must be 1 or 2; got {order!r}.")
    if not callable(function):
        raise InputError(
            "`function` must be callable, such as `lambda b: b[0] / b[1]` or `np.log`; "
            f"got {function!r}."
        )
    x, sigma = _checked(estimates, covariance)

    def flat(b: Any) -> Array:
        return np.atleast_1d(np.asarray(function(b))).ravel()

    with np.errstate(all="ignore"):
        value = flat(x.copy())
    if value.dtype.kind not in "iuf" or not np.isfinite(value).all():
        raise InputError(
            f"`function` must give finite numbers at the estimates; it gives {value.tolist()}."
        )
    scale = _first_steps(x, sigma)
    slopes = jacobian(flat, x, scale)
    _refuse_no_slope(slopes)
    found = slopes @ sigma @ slopes.T
    bias = np.zeros(len(value))
    if order == 2:
        curved = hessians(flat, x, scale) @ sigma
        _refuse_no_slope(curved)
        found = found + np.einsum("iab,jba->ij", curved, curved) / 2
        bias = np.trace(curved, axis1=-2, axis2=-1) / 2
    return DeltaEstimates(value.astype(float), found, bias, order, _terms(terms, len(value)))


def _refuse_no_slope(slopes: Array) -> None:
    if not np.isfinite(slopes).all():
        raise InputError("`function` must have finite derivatives at the estimates.")


def _terms(terms: Sequence[str] | None, size: int) -> tuple[str, ...]:
    """Return the names of the functions; their places where none were given."""
    if terms is None:
        return tuple(str(place) for place in range(size))
    if isinstance(terms, str) or len(terms) != size:
        raise InputError(f"`terms` must name the {size} numbers of `function`; got {terms!r}.")
    return tuple(str(term) for term in terms)


def _first_steps(x: Array, sigma: Array) -> Array:
    """Return first steps short against the estimate, or against its SE where that is 0."""
    se = np.sqrt(np.diag(sigma))
    away = np.where(x == 0, np.where(se == 0, 1.0, se), np.abs(x))
    return 0.05 * away


def _checked(estimates: ArrayLike, covariance: ArrayLike) -> tuple[Array, Array]:
    """Return the estimates as a vector and their covariance as a matrix."""
    try:
        x = np.atleast_1d(np.array(estimates, dtype=float))
        sigma = np.array(covariance, dtype=float)
    except (TypeError, ValueError):
        raise InputError("`estimates` and `covariance` must hold numbers.") from None
    if x.ndim != 1 or not x.size:
        raise InputError(f"`estimates` must be a vector; got shape {x.shape}.")
    if sigma.ndim <= 1:
        sigma = np.diag(np.atleast_1d(sigma))
    if sigma.shape != (len(x), len(x)):
        raise InputError(
            f"`covariance` must be {len(x)} × {len(x)}, as there are {len(x)} estimates (or a "
            f"vector of their variances); got shape {sigma.shape}."
        )
    if not (np.isfinite(x).all() and np.isfinite(sigma).all()):
        raise InputError("`estimates` and `covariance` must be finite; drop missing ones first.")
    if (np.diag(sigma) < 0).any():
        raise InputError("`covariance` must have no negative variance on its diagonal.")
    if not np.allclose(sigma, sigma.T, rtol=1e-8, atol=0):
        raise InputError("`covariance` must be symmetric.")
    return x, (sigma + sigma.T) / 2
