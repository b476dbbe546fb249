"""The edges from d to a difference of risks and a number needed to treat, given the controls'."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special
from metarel.convert._edge import Edge
from metarel.convert._factories import there_and_back
from metarel.convert.normal_model import density
from metarel.convert.odds import EDGES as ODDS

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Formula, Given

#: Points of the quadrature of the normal density over at most one standard deviation.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)
FURUKAWA = "furukawa2011"


def share_rise(d: Array, share: Array) -> Array:
    """Return how much the share above a cut rises when a normal distribution moves by d.

    Up to one standard deviation the density is integrated, so that the difference of two nearly
    equal shares loses no digits; beyond, the shares are taken from the nearer tail.

    Parameters
    ----------
    d : ndarray
        Standardised mean differences.
    share : ndarray
        Shares above the cut without the shift.

    Returns
    -------
    ndarray
        Φ(d + Φ⁻¹(share)) − share.
    """
    start = special.ndtri(share)
    between = np.expand_dims(start, -1) + np.expand_dims(d, -1) * (_NODES + 1) / 2
    near = d * (np.exp(-(between**2) / 2) * _WEIGHTS).sum(axis=-1) / math.sqrt(8 * math.pi)
    side = np.where(start + d / 2 > 0, -1.0, 1.0)
    far = side * (special.ndtr(side * (start + d)) - special.ndtr(side * start))
    return np.where(np.abs(d) <= 1, near, far)


def _shift(rise: Array, share: Array) -> Array:
    """Return the d that makes a share rise so; Newton's steps give back the digits near 0."""
    start, after = special.ndtri(share), share + rise
    d = np.where(after > 0.5, -special.ndtri(1 - share - rise), special.ndtri(after)) - start
    for _ in range(2):
        step = (share_rise(d, share) - rise) / density(start + d)
        d = d - np.where(np.abs(step) < 1e-3, step, 0.0)
    return d


def _rise_slope(d: Array, share: Array) -> Array:
    return density(special.ndtri(share) + d)


def _probit() -> tuple[Formula, Formula, Formula]:
    return (
        lambda d, given: share_rise(d, given["control_rate"]),
        lambda y, given: _shift(y, given["control_rate"]),
        lambda d, given: _rise_slope(d, given["control_rate"]),
    )


def _over_odds(rule: str) -> tuple[Formula, Formula, Formula]:
    """Return the way from d over the log odds ratio by a rule that needs nothing."""
    by_code = {edge.code: edge for edge in ODDS}
    first, second = by_code[f"d->log_or:{rule}"], by_code["log_or->rd:control-rate"]

    def slope(d: Array, given: Given) -> Array:
        return first.slope(d, given) * second.slope(first.forward(d, given), given)

    return (
        lambda d, given: second.forward(first.forward(d, given), given),
        lambda y, given: first.inverse(second.inverse(y, given), given),
        slope,
    )


def _reciprocal(functions: tuple[Formula, Formula, Formula]) -> tuple[Formula, Formula, Formula]:
    """Return functions that lead to one over what these lead to."""
    forward, inverse, slope = functions
    return (
        lambda d, given: 1 / forward(d, given),
        lambda y, given: inverse(1 / y, given),
        lambda d, given: -slope(d, given) / forward(d, given) ** 2,
    )


def _both(
    rule: str,
    functions: tuple[Formula, Formula, Formula],
    formulas: tuple[Callable[[str], str], Callable[[str], str]],
    assumption: str,
    sources: tuple[str, str],
) -> tuple[Edge, ...]:
    """Return the edges between d and the risk difference, and between d and its reciprocal."""
    edges: tuple[Edge, ...] = ()
    for target, ways in (("rd", functions), ("nnt", _reciprocal(functions))):
        there, back = formulas[0]("{x}"), formulas[1]("{x}" if target == "rd" else "1/{x}")
        edge = Edge(
            "d",
            target,
            rule,
            *ways,
            f"{there if target == 'rd' else f'1/({there})'}, p = {{control_rate}}",
            assumption,
            "exact" if rule == "probit" else "approximation",
            sources[0],
            needs=("control_rate",),
            used_by=sources[1],
            default=rule == "probit",
        )
        edges += there_and_back(edge, f"{back}, p = {{control_rate}}")
    return edges


def _over(factor: str, back: str) -> tuple[Callable[[str], str], Callable[[str], str]]:
    return (
        lambda x: f"p·(1 − p)·(o − 1)/(1 + p·(o − 1)), o = exp({x}·{factor})",
        lambda x: f"ln((1 + {x}/p)/(1 − ({x})/(1 − p))){back}",
    )


_OTHERWISE = (
    "group 2 have the event; rule 'probit', which takes scores to be normal, is the default."
)
EDGES: tuple[Edge, ...] = (
    *_both(
        "probit",
        _probit(),
        (lambda x: f"Φ({x} + Φ⁻¹(p)) − p", lambda x: f"Φ⁻¹(p + {x}) − Φ⁻¹(p)"),
        "The event is a score above some cut, scores are normal with the same variance in both "
        "groups, and `control_rate` of group 2 have the event (Furukawa and Leucht); rule "
        "'logistic', over the odds ratio, gives other numbers.",
        (FURUKAWA, "dmetar (NNT), interpret"),
    ),
    *_both(
        "logistic",
        _over_odds("logistic"),
        _over("π/√3", "·√3/π"),
        "The event is a score above some cut, scores are logistic with the same variance in both "
        f"groups, and `control_rate` of {_OTHERWISE}",
        ("chinn2000", "metafor (dtolnor.logis with lnortord)"),
    ),
    *_both(
        "cox",
        _over_odds("cox"),
        _over("1.65", "/1.65"),
        "The event is a score above some cut, an odds ratio by the factor of Cox says how its "
        f"odds differ, and `control_rate` of {_OTHERWISE}",
        ("sanchezmeca2003", "metafor (dtolnor.norm with lnortord)"),
    ),
)
