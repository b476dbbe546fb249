"""The edges from d to shares and chances, were both groups normal with one variance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special
from metarel._vocabulary import OPEN_PROPORTION, Domain
from metarel.convert._edge import OPEN_CORRELATION, SIGN, SIGN_LOST, Edge
from metarel.convert._factories import defined, plain, there_and_back

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.convert._edge import Closed, Given

TWO_NORMALS = "Both groups are normal with one variance."
COHEN = "cohen1988"

#: Shares in which both signs of d are one; a share of 1 (or an overlap of 0) is of no finite d.
_BELOW = Domain(0, 1, open_high=True)
_ABOVE = Domain(0, 1, open_low=True)


def density(z: Array) -> Array:
    """Return the standard normal density.

    Parameters
    ----------
    z : ndarray
        Any shape.

    Returns
    -------
    ndarray
        φ(z).
    """
    return np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def quantile(p: Array) -> Array:
    """Return the standard normal quantile, exact to the last digits also near a half.

    Parameters
    ----------
    p : ndarray
        Shares.

    Returns
    -------
    ndarray
        Φ⁻¹(p).
    """
    near = np.abs(p - 0.5) < 0.25
    middle = math.sqrt(2) * special.erfinv(2 * np.where(near, p, 0.5) - 1)
    return np.where(near, middle, special.ndtri(p))


def normal_averages(scale: float) -> dict[str, Closed]:
    """Return mean and mode of Φ(X/scale) over normal X.

    Parameters
    ----------
    scale : float
        What X is divided by.

    Returns
    -------
    dict
        Closed forms; there is no mode where the variance is scale² or more.
    """

    def mean(x: Array, tau2: Array, _given: Given) -> Array:
        return special.ndtr(x / np.sqrt(scale**2 + tau2))

    def mode(x: Array, tau2: Array, _given: Given) -> Array:
        room = 1 - tau2 / scale**2
        return special.ndtr(x / np.where(room > 0, room, np.nan) / scale)

    return {"mean": mean, "mode": mode}


def _share(
    target: str, scale: float, formulas: tuple[str, str], reference: str, used_by: str
) -> tuple[Edge, Edge]:
    """Return both ways between d and Φ(d/scale)."""
    edge = Edge(
        "d",
        target,
        "normal",
        plain(lambda d: special.ndtr(d / scale)),
        plain(lambda p: scale * quantile(p)),
        plain(lambda d: density(d / scale) / scale),
        formulas[0],
        TWO_NORMALS,
        "exact",
        reference,
        used_by=used_by,
        default=True,
        averages=normal_averages(scale),
    )
    return there_and_back(edge, formulas[1], domain=OPEN_PROPORTION)


def _unsigned(
    target: str,
    functions: tuple[Callable[[Array], Array], Callable[[Array], Array], Callable[[Array], Array]],
    formulas: tuple[str, str],
    domain: Domain,
    sources: tuple[str, str],
) -> tuple[Edge, Edge]:
    """Return both ways between d and a function of |d|: its value, its inverse, its slope."""
    value, magnitude, slope = functions
    there = Edge(
        "d",
        target,
        "normal",
        plain(lambda d: value(np.abs(d))),
        lambda y, given: given["sign"] * magnitude(y),
        plain(lambda d: np.sign(d) * slope(np.abs(d))),
        formulas[0],
        TWO_NORMALS,
        "exact",
        sources[0],
        used_by=sources[1],
        default=True,
    )
    return there, replace(
        there,
        source=target,
        target="d",
        forward=there.inverse,
        inverse=there.forward,
        slope=lambda y, given: given["sign"] / slope(magnitude(y)),
        formula=formulas[1],
        assumption=f"{TWO_NORMALS} {SIGN_LOST}",
        optional=SIGN,
        domain=domain,
    )


def _u1(d: Array) -> Array:
    return special.erf(d / math.sqrt(8)) / special.ndtr(d / 2)


def _of_u1(u1: Array) -> Array:
    """Return |d|: 2·Φ⁻¹(1/(2 − U1)), from the nearer of both ends."""
    small = math.sqrt(8) * special.erfinv(u1 / (2 - u1))
    return np.where(u1 < 0.5, small, -2 * special.ndtri((1 - u1) / (2 - u1)))


def _of_overlap(overlap: Array) -> Array:
    """Return |d|: −2·Φ⁻¹(overlap/2), from the nearer of both ends."""
    return np.abs(2 * quantile(overlap / 2))


_SHARES = (
    *_share("U2", 2.0, ("Φ({x}/2)", "2·Φ⁻¹({x})"), COHEN, "metafor (transf.dtou2), effectsize"),
    *_share("U3", 1.0, ("Φ({x})", "Φ⁻¹({x})"), COHEN, "metafor (transf.dtou3), effectsize"),
    *_share(
        "cles",
        math.sqrt(2),
        ("Φ({x}/√2)", "√2·Φ⁻¹({x})"),
        "mcgraw1992",
        "metafor (transf.dtocles), effectsize",
    ),
    *_unsigned(
        "U1",
        (_u1, _of_u1, lambda d: density(d / 2) / (2 * special.ndtr(d / 2) ** 2)),
        ("(2·Φ(|{x}|/2) − 1)/Φ(|{x}|/2)", "{sign}·2·Φ⁻¹(1/(2 − {x}))"),
        _BELOW,
        (COHEN, "metafor (transf.dtou1), effectsize"),
    ),
    *_unsigned(
        "overlap",
        (lambda d: 2 * special.ndtr(-d / 2), _of_overlap, lambda d: -density(d / 2)),
        ("2·Φ(−|{x}|/2)", "−{sign}·2·Φ⁻¹({x}/2)"),
        _ABOVE,
        ("inman1989", "metafor (transf.dtoovl), effectsize"),
    ),
)


def _mean_cliff(d: Array, tau2: Array, _given: Given) -> Array:
    return special.erf(d / np.sqrt(2 * (2 + tau2)))


def _mode_cliff(d: Array, tau2: Array, _given: Given) -> Array:
    room = 1 - tau2 / 2
    return special.erf(d / np.where(room > 0, room, np.nan) / 2)


_CLIFF = there_and_back(
    Edge(
        "d",
        "cliff",
        "normal",
        # 2·Φ(d/√2) − 1, without the loss of digits near no effect.
        plain(lambda d: special.erf(d / 2)),
        plain(lambda y: 2 * special.erfinv(y)),
        plain(lambda d: np.exp(-(d**2) / 4) / math.sqrt(math.pi)),
        "2·Φ({x}/√2) − 1",
        TWO_NORMALS,
        "exact",
        "cliff1993",
        used_by="metafor (transf.dtocliffd), effectsize",
        default=True,
        averages={"mean": _mean_cliff, "mode": _mode_cliff},
    ),
    "√2·Φ⁻¹(({x} + 1)/2)",
    domain=OPEN_CORRELATION,
)
_TWICE = plain(lambda x: 2 * x - 1), plain(lambda y: (y + 1) / 2)
_TWO, _HALF = plain(lambda x: np.full_like(x, 2.0)), plain(lambda x: np.full_like(x, 0.5))
_SAME = (
    defined("cles", "cliff", "2·{x} − 1", (*_TWICE, _TWO), reference="kerby2014"),
    defined("cliff", "cles", "({x} + 1)/2", (*_TWICE[::-1], _HALF), reference="kerby2014"),
    defined("r", "besd", "½ + {x}/2", (*_TWICE[::-1], _HALF), reference="rosenthal1982"),
    defined("besd", "r", "2·{x} − 1", (*_TWICE, _TWO), reference="rosenthal1982"),
)

EDGES: tuple[Edge, ...] = (*_SHARES, *_CLIFF, *_SAME)
