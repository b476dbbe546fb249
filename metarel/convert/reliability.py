"""The edges between Cronbach's alpha and the scales on which it is pooled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import NOT_NEGATIVE, PROPORTION, Domain
from metarel.convert._edge import DEFINITION, Edge
from metarel.convert._factories import plain, there_and_back

if TYPE_CHECKING:
    from metarel._checks import Array

AT_MOST_ONE = Domain(high=1)
#: Alphas below 0, which samples can have, are cut where they are taken for impossible.
NO_NEGATIVE = "An alpha below 0 is taken for 0."


def hakstian_whalen(alpha: Array) -> Array:
    """Return the cube-root transform of alpha.

    Parameters
    ----------
    alpha : ndarray
        Coefficients of 1 or less.

    Returns
    -------
    ndarray
        1 − (1 − alpha)^⅓ [hakstian1976], with the sign turned so that it rises.
    """
    return -np.expm1(np.log1p(-alpha) / 3)


def _cube(y: Array) -> Array:
    """Return 1 − (1 − y)³; beyond y = 1, where alpha is greatest, 1."""
    y = np.minimum(y, 1)
    return y * (3 - y * (3 - y))


def bonett(alpha: Array) -> Array:
    """Return the log transform of alpha.

    Parameters
    ----------
    alpha : ndarray
        Coefficients below 1.

    Returns
    -------
    ndarray
        −ln(1 − alpha) [bonett2002], with the sign turned so that it rises.
    """
    return -np.log1p(-alpha)


def _not_negative(edge: Edge, support: Domain) -> Edge:
    """Return a way back on which no alpha is below 0."""
    forward, slope = edge.forward, edge.slope
    return replace(
        edge,
        rule="not-negative",
        forward=lambda y, given: np.maximum(forward(y, given), 0),
        slope=lambda y, given: np.where(y < 0, 0.0, slope(y, given)),
        formula=f"max(0, {edge.formula})",
        assumption=NO_NEGATIVE,
        exactness="approximation",
        used_by="metafor (iahw, iabt)",
        default=False,
        support=support,
        averages={},
        one_way=True,
    )


_CUBE_ROOT, _OF_CUBE_ROOT = there_and_back(
    Edge(
        "alpha",
        "ahw",
        "definition",
        plain(hakstian_whalen),
        plain(_cube),
        plain(lambda a: np.cbrt(1 - a) ** -2.0 / 3),
        "1 − (1 − {x})^⅓",
        DEFINITION,
        "identity",
        "hakstian1976",
        used_by="metafor (ahw)",
        default=True,
    ),
    "1 − (1 − {x})³",
    plain(lambda y: 3 * np.maximum(1 - y, 0) ** 2),
)
_LOG, _OF_LOG = there_and_back(
    Edge(
        "alpha",
        "abt",
        "definition",
        plain(bonett),
        plain(lambda y: -np.expm1(-y)),
        plain(lambda a: 1 / (1 - a)),
        "−ln(1 − {x})",
        DEFINITION,
        "identity",
        "bonett2002",
        used_by="metafor (abt)",
        default=True,
        domain=Domain(high=1, open_high=True),
    ),
    "1 − exp(−{x})",
    plain(lambda y: np.exp(-y)),
)

EDGES: tuple[Edge, ...] = (
    _CUBE_ROOT,
    replace(_OF_CUBE_ROOT, support=AT_MOST_ONE),
    _not_negative(_OF_CUBE_ROOT, PROPORTION),
    _LOG,
    replace(
        _OF_LOG,
        averages={
            "mean": lambda y, tau2, _given: -np.expm1(tau2 / 2 - y),
            "mode": lambda y, tau2, _given: -np.expm1(-y - tau2),
        },
    ),
    _not_negative(_OF_LOG, NOT_NEGATIVE),
)
