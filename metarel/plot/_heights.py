"""What can stand on the vertical axis of a funnel plot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel._register import Register
from metarel.errors import InputError
from metarel.models._beside import beside_studies

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel._lazy import pd


@dataclass(frozen=True, slots=True)
class Height:
    """A measure of how much a study tells.

    Parameters
    ----------
    code : str
        The word users type.
    name : str
        What the axis is called.
    of_se : callable or None
        From standard errors to heights; None where that is not known, as of sample sizes.
    to_se : callable or None
        Back again.
    rising : bool
        Whether precise studies have high values; precise ones stand on top either way.
    of_n : callable or None
        From sample sizes to heights.
    """

    code: str
    name: str
    of_se: Callable[[Array], Array] | None
    to_se: Callable[[Array], Array] | None
    rising: bool
    of_n: Callable[[Array], Array] | None = None

    def values(self, fit: Any, n: Any, data: pd.DataFrame | None) -> Array:
        """Return the height of each study of a fit."""
        if self.of_se is not None:
            if n is not None:
                raise InputError(
                    f'`n` must be None for y={self.code!r}; sizes are for y="n" or "sqrt_n".'
                )
            return self.of_se(np.sqrt(fit.study.vi))
        if n is None:
            raise InputError(
                f"`n` must be given for y={self.code!r}: a column of `data`, or an array with one "
                "size a study."
            )
        given = beside_studies(fit, n, "n", data)
        try:
            sizes = given.to_numpy(dtype=float)
        except (TypeError, ValueError) as error:
            raise InputError(f"`n` must hold numbers; got {given.tolist()[:5]!r}.") from error
        if not (sizes > 0).all():
            raise InputError(f"`n` must be positive; the smallest is {sizes.min():g}.")
        return np.asarray(self.of_n(sizes)) if self.of_n is not None else sizes

    def ends(self, values: Array) -> tuple[float, float]:
        """Return the limits of the axis, from its foot to its top."""
        low, high = float(values.min()), float(values.max())
        if not self.rising:
            return 1.06 * high, 0.0
        free = 0.05 * (high - low) or 0.1 * high
        return max(low - free, 0.5 * low), high + free


def _same(x: Array) -> Array:
    return x


HEIGHTS: Register[Height] = Register(
    "y",
    [
        Height("se", "Standard error", _same, _same, False),
        Height("variance", "Sampling variance", np.square, np.sqrt, False),
        Height("precision", "Precision (1 / standard error)", np.reciprocal, np.reciprocal, True),
        Height(
            "inverse_variance",
            "Inverse variance",
            lambda se: se**-2,
            lambda height: height**-0.5,
            True,
        ),
        Height("n", "Sample size", None, None, True, _same),
        Height("sqrt_n", "√ sample size", None, None, True, np.sqrt),
    ],
)
