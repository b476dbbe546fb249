"""From the scale of the analysis back to the one people read: ratios, correlations, proportions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special
from metarel._register import Register

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


TRANSFORMS: Register[Transform] = Register(
    "transform",
    [
        Transform("identity", "y", lambda y: np.asarray(y, dtype=float)),
        Transform("exp", "exp(y)", lambda y: np.exp(y)),
        Transform("tanh", "tanh(y)", lambda y: np.tanh(y)),
        Transform("expit", "1/(1 + exp(−y))", lambda y: special.expit(y)),
        Transform("ndtr", "Φ(y)", lambda y: special.ndtr(y)),
        Transform("sin2", "sin²(y)", lambda y: np.sin(np.clip(y, 0, np.pi / 2)) ** 2),
        Transform("square", "y²", lambda y: np.maximum(y, 0) ** 2),
        Transform("tanh2", "tanh²(y)", lambda y: np.tanh(np.maximum(y, 0)) ** 2),
        Transform("ahw", "1 − (1 − y)³", lambda y: 1 - (1 - np.asarray(y, dtype=float)) ** 3),
        Transform("abt", "1 − exp(−y)", lambda y: -np.expm1(-np.asarray(y, dtype=float))),
    ],
)
