"""The edges between d and g, d and mean differences, r and z."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import Domain
from metarel.convert._edge import DEFINITION, OPEN_CORRELATION, Edge
from metarel.convert._factories import (
    BY_NEWTON,
    by_factor,
    logistic_mode,
    plain,
    there_and_back,
    unfilled,
)
from metarel.convert.hedges import approximate_factor, exact_factor

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Given


def _adjusted_z(r: Array, given: Given) -> Array:
    return np.arctanh(r) - r / (2 * (given["n"] - 1))


def _from_adjusted_z(z: Array, given: Given) -> Array:
    """Return the r of a bias-adjusted z; each step at least halves the error, as n is 2 or more."""
    part = 1 / (2 * (given["n"] - 1))
    u = np.array(z, dtype=float)
    for _ in range(60):
        u = z + part * np.tanh(u)
    return np.tanh(u)


def _adjusted_slope(r: Array, given: Given) -> Array:
    return 1 / ((1 - r) * (1 + r)) - 1 / (2 * (given["n"] - 1))


def _hedges(
    rule: str,
    formulas: tuple[str, str],
    factor: Callable[[Array], Array],
    used_by: str,
    *,
    exact: bool,
) -> tuple[Edge, Edge]:
    """Return the edges d → g and g → d under one factor."""
    edge = unfilled(
        "d",
        "g",
        rule,
        formulas[0],
        "Both groups are normal with one variance, and d divides by a standard deviation with "
        "`df` degrees of freedom.",
        "hedges1981",
        exactness="exact" if exact else "approximation",
        used_by=used_by,
        needs=("df",),
        need_domains={"df": Domain(1, open_low=True)},
        default=exact,
    )
    return by_factor(edge, formulas[1], lambda given: factor(given["df"]))


_HEDGES = (
    *_hedges(
        "exact",
        (
            "{x}·Γ(m/2)/(√(m/2)·Γ((m − 1)/2)), m = {df}",
            "{x}·√(m/2)·Γ((m − 1)/2)/Γ(m/2), m = {df}",
        ),
        exact_factor,
        "metafor",
        exact=True,
    ),
    *_hedges(
        "approximate",
        ("{x}·(1 − 3/(4·{df} − 1))", "{x}/(1 − 3/(4·{df} − 1))"),
        approximate_factor,
        "statsmodels, esc, Borenstein (2009)",
        exact=False,
    ),
)

_RAW = by_factor(
    unfilled(
        "d",
        "md",
        "definition",
        "{x}·{sd}",
        "`sd` is the standard deviation that d divides by.",
        "borenstein2009",
        exactness="identity",
        used_by="metafor (transf.dtomd)",
        needs=("sd",),
        default=True,
    ),
    "{x}/{sd}",
    lambda given: given["sd"],
)

_FISHER = Edge(
    "r",
    "z",
    "fisher",
    plain(np.arctanh),
    plain(np.tanh),
    plain(lambda r: 1 / ((1 - r) * (1 + r))),
    "½·ln((1 + {x})/(1 − {x}))",
    DEFINITION,
    "identity",
    "fisher1921",
    used_by="metafor, meta, Borenstein (2009)",
    default=True,
    domain=OPEN_CORRELATION,
)
_ADJUSTED = Edge(
    "r",
    "z",
    "bias-adjusted",
    _adjusted_z,
    _from_adjusted_z,
    _adjusted_slope,
    "½·ln((1 + {x})/(1 − {x})) − {x}/(2·({n} − 1))",
    "r comes from n people and both variables are normal; z is too large by r/(2(n − 1)).",
    "approximation",
    "fisher1921",
    needs=("n",),
    domain=OPEN_CORRELATION,
)
_Z_MODE = logistic_mode(1.0)
_OF_FISHER = replace(
    there_and_back(_FISHER, "tanh({x})", plain(lambda z: np.cosh(z) ** -2.0))[1],
    averages={"mode": lambda z, tau2, given: np.tanh(_Z_MODE(z, tau2, given))},
    averages_by=BY_NEWTON,
)
_CORRELATIONS = (
    _FISHER,
    _OF_FISHER,
    *there_and_back(_ADJUSTED, "the r at which atanh(r) − r/(2·({n} − 1)) = {x}"),
)

EDGES: tuple[Edge, ...] = (*_HEDGES, *_RAW, *_CORRELATIONS)
