"""The scale of an axis: the transformation people read, and whether its steps are ratios."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from metarel.effects.transforms import TRANSFORMS, Transform
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel._checks import Array

#: A scale by its name, or by the function that has one: np.exp, np.tanh.
Transformation: TypeAlias = str | Callable[[Any], Any] | None
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


#: Functions that are the same as a transformation with a name.
FUNCTIONS = {np.exp: "exp", np.tanh: "tanh", np.square: "square"}


def scale_of(code: str) -> Scale:
    """Return the scale of a transformation."""
    return Scale(TRANSFORMS[code])


def code_of(transform: Any) -> str | None:
    """Return the name of a transformation; None, and True, are the measure's own.

    An axis needs to know its scale, and so takes functions only that have a name.
    """
    if transform is None or transform is True:
        return None
    if isinstance(transform, str):
        return transform
    known = [name for function, name in FUNCTIONS.items() if transform is function]
    if known:
        return known[0]
    told = getattr(transform, "__name__", repr(transform))
    raise InputError(
        f"`transform` must be the name of a scale, for the axis is made for it: one of "
        f"{', '.join(map(repr, TRANSFORMS))}, or np.exp or np.tanh; got {told}. "
        "fit.predict(transform=) takes any function."
    )


PLAIN = scale_of("identity")
