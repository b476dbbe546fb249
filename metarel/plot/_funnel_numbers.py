"""The numbers of a funnel plot: effects or residuals, heights, sides, and extra points."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._checks import as_floats, column, is_frame
from metarel._distributions import critical_value
from metarel.errors import InputError
from metarel.plot._blocks import whole_of
from metarel.plot._heights import HEIGHTS, Height
from metarel.plot._reading import Reading, fit_reading
from metarel.plot._rows import has_moderators
from metarel.plot._scale import PLAIN, Transformation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class Funnel:
    """The numbers of a funnel, on the scale of the analysis.

    Parameters
    ----------
    x : ndarray of shape (k,)
        Effects, or residuals of a meta-regression.
    se : ndarray of shape (k,)
        Standard errors of the effects.
    centre : float
        The pooled effect, or 0 for residuals.
    level : float
        Level of the funnel's sides.
    reading : Reading
        Scale and name of the axis.
    residual : bool
        Whether ``x`` holds residuals.
    height : Height
        What stands on the vertical axis.
    y : ndarray of shape (k,)
        Where each study stands on it.
    extra : ndarray of shape (any, 2)
        Effects and standard errors of points that are no studies of the fit.
    """

    x: Array
    se: Array
    centre: float
    level: float
    reading: Reading
    residual: bool
    height: Height
    y: Array
    extra: Array

    @property
    def extra_y(self) -> Array:
        """Where the extra points stand on the vertical axis."""
        of_se = self.height.of_se
        return self.extra[:, 1] if of_se is None else of_se(self.extra[:, 1])

    def sides(self, se: Array, level: float, centre: float) -> tuple[Array, Array]:
        """Return both sides of a funnel on the axis, at given standard errors."""
        half = float(critical_value(level, math.inf)) * se
        scale = self.reading.scale
        return scale.to_axis(centre - half), scale.to_axis(centre + half)

    def inside(self) -> NDArray[np.bool_]:
        """Tell which studies lie within the sides."""
        half = float(critical_value(self.level, math.inf)) * self.se
        return abs(self.x - self.centre) <= half


def funnel_of(
    fit: Any, transform: Transformation, y: str, sizes: tuple[Any, Any], extra: Any
) -> Funnel:
    """Return the numbers of a funnel plot."""
    fit = whole_of(fit)
    height = HEIGHTS[y]
    se = np.sqrt(fit.study.vi)
    yi, more = fit.study.yi, _extra(extra, height)
    at = height.values(fit, *sizes)
    if not has_moderators(fit):
        reading = fit_reading(fit, transform)
        return Funnel(yi, se, fit.estimate, fit.spec.level, reading, False, height, at, more)
    if transform not in (None, "identity"):
        raise InputError(
            f"`transform` must be None for a meta-regression, whose residuals are drawn; got "
            f"{transform!r}. A residual is a difference on the scale of the analysis."
        )
    if len(more):
        raise InputError(
            "`extra` must be None for a meta-regression, whose residuals are drawn: an effect by "
            "itself has none."
        )
    reading = Reading(PLAIN, "Residual", "Residual", None)
    residuals = yi - fit.study.X @ fit.beta
    return Funnel(residuals, se, 0.0, fit.spec.level, reading, True, height, at, more)


def _extra(extra: Any, height: Height) -> Array:
    """Return effects and standard errors of extra points."""
    if extra is None:
        return np.empty((0, 2))
    if height.of_se is None:
        raise InputError(f"`extra` must be None for y={height.code!r}: such points have no size.")
    if is_frame(extra):
        columns = [column(extra, name, "extra") for name in ("yi", "vi")]
    else:
        columns = list(extra) if np.iterable(extra) and not isinstance(extra, str) else []
    if len(columns) != 2:
        raise InputError(
            f"`extra` must be a frame with columns yi and vi, or a pair of arrays; got {extra!r}."
        )
    yi, vi = (as_floats(values, "extra") for values in columns)
    if yi.shape != vi.shape or yi.ndim != 1:
        raise InputError(f"`extra` must hold as many yi as vi; got {yi.size} and {vi.size}.")
    if not (np.isfinite(yi).all() and (vi > 0).all()):
        raise InputError("`extra` must hold effects and positive variances, none missing.")
    return np.column_stack([yi, np.sqrt(vi)])
