"""The edges between d and g, d and odds ratios, r and z."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import Domain
from metarel.convert._edge import DEFINITION, OPEN_CORRELATION, Edge, defined, plain
from metarel.convert.hedges import approximate_factor, exact_factor

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Given

LOGISTIC = math.sqrt(3) / math.pi
COX = 1 / 1.65

_ABOVE_ONE = {"df": Domain(1, open_low=True)}


def _scaled(edge: Edge, back: str, factor: Callable[[Given], Array | float]) -> tuple[Edge, Edge]:
    """Return an edge that multiplies by a factor, and its way back."""
    forth = replace(
        edge,
        forward=lambda x, given: x * factor(given),
        inverse=lambda x, given: x / factor(given),
        slope=lambda x, given: np.broadcast_to(factor(given), x.shape),
    )
    return forth, replace(
        forth,
        source=edge.target,
        target=edge.source,
        formula=back,
        forward=forth.inverse,
        inverse=forth.forward,
        slope=lambda x, given: np.broadcast_to(1 / factor(given), x.shape),
    )


def _factor_edge(
    source: str,
    target: str,
    rule: str,
    formulas: tuple[str, str],
    factor: Callable[[Given], Array | float],
    assumption: str,
    reference: str,
    used_by: str,
    *,
    needs: tuple[str, ...] = (),
    exact: bool = False,
    default: bool = False,
) -> tuple[Edge, Edge]:
    """Return both ways of a rule that multiplies by a factor."""
    nothing = plain(np.asarray)
    edge = Edge(
        source,
        target,
        rule,
        nothing,
        nothing,
        nothing,
        formulas[0],
        assumption,
        "exact" if exact else "approximation",
        reference,
        needs=needs,
        used_by=used_by,
        default=default,
        need_domains=_ABOVE_ONE if needs else {},
    )
    return _scaled(edge, formulas[1], factor)


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


_HEDGES = (
    *_factor_edge(
        "d",
        "g",
        "exact",
        (
            "{x}·Γ(m/2)/(√(m/2)·Γ((m − 1)/2)), m = {df}",
            "{x}·√(m/2)·Γ((m − 1)/2)/Γ(m/2), m = {df}",
        ),
        lambda given: exact_factor(given["df"]),
        "Both groups are normal with one variance, and d divides by a standard deviation with "
        "`df` degrees of freedom.",
        "hedges1981",
        "metafor",
        needs=("df",),
        exact=True,
        default=True,
    ),
    *_factor_edge(
        "d",
        "g",
        "approximate",
        ("{x}·(1 − 3/(4·{df} − 1))", "{x}/(1 − 3/(4·{df} − 1))"),
        lambda given: approximate_factor(given["df"]),
        "Both groups are normal with one variance, and d divides by a standard deviation with "
        "`df` degrees of freedom.",
        "hedges1981",
        "statsmodels, esc, Borenstein (2009)",
        needs=("df",),
    ),
)

_ODDS_RATIOS = (
    *_factor_edge(
        "log_or",
        "d",
        "logistic",
        ("{x}·√3/π", "{x}·π/√3"),
        lambda _given: LOGISTIC,
        "The outcome behind the dichotomy is logistic with the same variance in both groups.",
        "chinn2000",
        "metafor (transf.lnortod.logis), Borenstein (2009), esc",
        default=True,
    ),
    *_factor_edge(
        "log_or",
        "d",
        "cox",
        ("{x}/1.65", "{x}·1.65"),
        lambda _given: COX,
        "The outcome behind the dichotomy is normal with the same variance in both groups.",
        "sanchezmeca2003",
        "metafor (transf.lnortod.norm), esc",
    ),
    defined(
        "or",
        "log_or",
        "ln({x})",
        (plain(np.log), plain(np.exp), plain(lambda x: 1 / x)),
        reference="sanchezmeca2003",
    ),
    defined(
        "log_or",
        "or",
        "exp({x})",
        (plain(np.exp), plain(np.log), plain(np.exp)),
        reference="sanchezmeca2003",
    ),
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
_CORRELATIONS = (
    _FISHER,
    _ADJUSTED,
    replace(
        _FISHER,
        source="z",
        target="r",
        forward=_FISHER.inverse,
        inverse=_FISHER.forward,
        slope=plain(lambda z: np.cosh(z) ** -2.0),
        formula="tanh({x})",
        domain=None,
    ),
    replace(
        _ADJUSTED,
        source="z",
        target="r",
        forward=_from_adjusted_z,
        inverse=_adjusted_z,
        slope=lambda z, given: 1 / _adjusted_slope(_from_adjusted_z(z, given), given),
        formula="the r at which atanh(r) − r/(2·({n} − 1)) = {x}",
        domain=None,
    ),
)

EDGES: tuple[Edge, ...] = (
    *_HEDGES,
    *_ODDS_RATIOS,
    *_CORRELATIONS,
)
