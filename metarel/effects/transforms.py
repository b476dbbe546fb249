"""From the scale of the analysis back to the one people read: ratios, correlations, proportions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._register import Register
from metarel.convert.register import EDGES

if TYPE_CHECKING:
    from metarel._checks import Array


@dataclass(frozen=True, slots=True)
class Transform:
    """An increasing function from a measure's scale to the one people read.

    Parameters
    ----------
    code : str
        The word that measures and users name it by.
    formula : str
        What it does to y.
    back : callable
        ``back(y)``. A limit that leaves the range of a bounded scale (an arcsine beyond 0 or π/2, a
        root below 0) goes to that scale's end.
    """

    code: str
    formula: str
    back: Callable[[Array], Array]


@dataclass(frozen=True, slots=True)
class SizedTransform:
    """A back-transformation that depends on the size of a study.

    Parameters
    ----------
    code : str
        The word that users name it by.
    formula : str
        What it does to y.
    edge : str
        The conversion.
    size : str
        The conversion's word for the size.
    """

    code: str
    formula: str
    edge: str
    size: str

    def at(self, size: float) -> Callable[[Array], Array]:
        """Return the function for one size."""
        forward = EDGES[self.edge].forward
        return lambda y: forward(np.asarray(y, dtype=float), {self.size: np.asarray(size)})


def _through(code: str, edge: str) -> Transform:
    """Return a conversion as a back-transformation."""
    step = EDGES[edge]
    formula = step.formula.format(x="y")
    return Transform(code, formula, lambda y: step.forward(np.asarray(y, dtype=float), {}))


TRANSFORMS: Register[Transform] = Register(
    "transform",
    [
        Transform("identity", "y", lambda y: np.asarray(y, dtype=float)),
        _through("exp", "log_or->or:definition"),
        _through("tanh", "z->r:fisher"),
        _through("expit", "logit->proportion:definition"),
        _through("ndtr", "probit->proportion:definition"),
        _through("sin2", "arcsine->proportion:definition"),
        _through("square", "sqrt_rate->rate:definition"),
        _through("tanh2", "z_r2->r2:definition"),
        _through("ahw", "ahw->alpha:definition"),
        _through("abt", "abt->alpha:definition"),
    ],
)

SIZED_TRANSFORMS: Register[SizedTransform] = Register(
    "transform",
    [
        SizedTransform(
            "double_arcsine",
            "Miller's inverse of the double arcsine",
            "double_arcsine->proportion:definition",
            "n",
        ),
        SizedTransform(
            "ft_rate", "inverse of Freeman and Tukey's rate", "ft_rate->rate:definition", "time"
        ),
    ],
    aliases={"ipft": "double_arcsine"},
)
