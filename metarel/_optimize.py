"""Bracketed roots with relative tolerances, and the trace that every iterative result carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from metarel._lazy import optimize
from metarel.errors import ConvergenceError


@dataclass(frozen=True, slots=True)
class Trace:
    """How a result was reached.

    Parameters
    ----------
    converged : bool
        Whether the solver reached its tolerance; closed forms always do.
    iterations : int
        Steps taken; 0 for a closed form.
    message : str
        What a reader should know, such as an estimate at the boundary; may be empty.
    """

    converged: bool = True
    iterations: int = 0
    message: str = ""


CLOSED_FORM = Trace()

#: The finest relative tolerance that brentq takes: four units of the last place.
SMALLEST_RTOL = 4 * float(np.finfo(float).eps)


def root_in(
    function: Callable[[float], float], low: float, high: float, *, what: str
) -> tuple[float, Trace]:
    """Find the root of a function that changes sign on [low, high], to full relative precision.

    Raises ConvergenceError, naming ``what``, where the bracket holds no sign change.
    """
    f_low, f_high = function(low), function(high)
    if f_low == 0:
        return low, Trace(True, 0)
    if f_high == 0:
        return high, Trace(True, 0)
    if (f_low > 0) == (f_high > 0):
        raise ConvergenceError(
            f"No {what} between {low:g} and {high:g}: the equation has the same sign at both ends."
        )
    root, info = optimize.brentq(
        function,
        low,
        high,
        xtol=max(1e-18 * abs(high), 1e-300),
        rtol=SMALLEST_RTOL,
        maxiter=1000,
        full_output=True,
    )
    return float(root), Trace(bool(info.converged), int(info.iterations))


def grow_until(
    condition: Callable[[float], bool], start: float, *, what: str, most: int = 1100
) -> float:
    """Double a positive start until a condition holds; the double range bounds the steps."""
    point = start
    for _ in range(most):
        if condition(point):
            return point
        point *= 2
    raise ConvergenceError(f"No upper bound for {what} up to {point:g}.")
