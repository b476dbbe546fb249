"""The scale of an axis: the transformation people read, and whether its steps are ratios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metarel.effects.transforms import TRANSFORMS, Transform

if TYPE_CHECKING:
    from metarel._checks import Array

_LARGEST = 700.0  # exp of more leaves the range of a double; nothing beyond can be drawn


@dataclass(frozen=True, slots=True)
class Scale:
    """How values of the analysis become values of an axis.

    Parameters
    ----------
    transform : Transform
        The function from the analysis to the axis.
    """

    transform: Transform

    @property
    def code(self) -> str:
        """Return the word users type."""
        return self.transform.code

    @property
    def ratio(self) -> bool:
        """Tell whether the axis is logarithmic."""
        return self.code == "exp"

    def to_axis(self, values: Any) -> Array:
        """Return values on the axis."""
        values = np.asarray(values, dtype=float)
        if self.ratio:
            values = np.clip(values, -_LARGEST, _LARGEST)
        return np.asarray(self.transform.back(values), dtype=float)

    def straight(self, values: Any) -> Array:
        """Return axis values on which equal steps are equal distances on paper."""
        values = np.asarray(values, dtype=float)
        return np.log10(values) if self.ratio else values

    def bent(self, values: Any) -> Array:
        """Undo ``straight``."""
        values = np.asarray(values, dtype=float)
        return np.power(10.0, values) if self.ratio else values


def scale_of(code: str) -> Scale:
    """Return the scale of a transformation."""
    return Scale(TRANSFORMS[code])


PLAIN = scale_of("identity")
