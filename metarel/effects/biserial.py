"""Correlation of a dichotomy with a measured variable: point-biserial and biserial."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel._lazy import special
from metarel.effects._means import DESIGN, INSTEAD, MEANS, TwoMeans
from metarel.effects._measure import Measure, VarianceRule

if TYPE_CHECKING:
    from metarel._checks import Array

JACOBS = "jacobs2017"
TATE = "tate1954"
DIRECTION = "positive when group 1 is higher"


def _size(x: TwoMeans) -> Array:
    """Return h, for which d = r √(h/(1 − r²))."""
    return x.df * x.inverse_n


def _point_biserial(x: TwoMeans) -> Array:
    return x.d / np.sqrt(x.d**2 + _size(x))


def _stratified(x: TwoMeans, _r: Array) -> Array:
    """Return the variance with fixed group sizes: that of d, by the delta method."""
    h = _size(x)
    return h**2 / (x.d**2 + h) ** 3 * (x.inverse_n + x.d**2 / (2 * x.n))


def _cross_sectional(x: TwoMeans, r: Array) -> Array:
    """Return the variance when the sizes of the groups are random too."""
    p = x.n1 / x.n
    return (1 - r**2) ** 2 * (1 - 1.5 * r**2 + r**2 / (4 * p * (1 - p))) / x.n


def _cut(x: TwoMeans) -> tuple[Array, Array, Array]:
    """Return the share of group 1, the cut above which it lies, and the normal ordinate there."""
    p = x.n1 / x.n
    z = -special.ndtri(p)
    return p, z, np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def _biserial(x: TwoMeans) -> Array:
    p, _, ordinate = _cut(x)
    return np.sqrt(p * (1 - p)) / ordinate * _point_biserial(x)


def _soper(x: TwoMeans, r: Array) -> Array:
    # A biserial r beyond 1 estimates a correlation that is not.
    r = np.clip(r, -1, 1)
    p, z, ordinate = _cut(x)
    pq = p * (1 - p)
    bend = pq * z**2 / ordinate**2 + (2 * p - 1) * z / ordinate - 2.5
    return (r**4 + r**2 * bend + pq / ordinate**2) / (x.n - 1)


def _of_z(variance: Array, r: Array) -> Array:
    return variance / (1 - r**2) ** 2


ST_TEXT = "h²/(d² + h)³ (1/n1 + 1/n2 + d²/(2 (n1 + n2))), h = (n1 + n2 − 2)(1/n1 + 1/n2)"
CS_TEXT = "(1 − r²)² (1 − 3 r²/2 + r²/(4 p (1 − p)))/(n1 + n2), p = n1/(n1 + n2)"
SOPER_TEXT = (
    "(r⁴ + r² (pq z²/f² + (2p − 1) z/f − 5/2) + pq/f²)/(n1 + n2 − 1), z the normal cut at p, "
    "f its ordinate; an r beyond 1 counts as 1"
)

MEASURES = (
    Measure(
        code="RPB",
        name="point-biserial correlation",
        design=DESIGN,
        inputs=MEANS,
        alternatives=INSTEAD,
        estimate=_point_biserial,
        formula="d/√(d² + h), h = (n1 + n2 − 2)(1/n1 + 1/n2)",
        rules=(
            VarianceRule("ST", ST_TEXT, _stratified, JACOBS, "metafor"),
            VarianceRule("CS", CS_TEXT, _cross_sectional, TATE, "metafor"),
        ),
        sources=(TATE,),
        direction=DIRECTION,
        same_as="metafor RPB, whose default is ST too",
    ),
    Measure(
        code="ZPB",
        name="Fisher's z of the point-biserial correlation",
        design=DESIGN,
        inputs=MEANS,
        alternatives=INSTEAD,
        estimate=lambda x: np.arctanh(_point_biserial(x)),
        formula="atanh of the point-biserial r",
        rules=(
            VarianceRule(
                "ST",
                f"{ST_TEXT}; over (1 − r²)²",
                lambda x, z: _of_z(_stratified(x, np.tanh(z)), np.tanh(z)),
                JACOBS,
                "metafor",
            ),
            VarianceRule(
                "CS",
                f"{CS_TEXT}; over (1 − r²)²",
                lambda x, z: _of_z(_cross_sectional(x, np.tanh(z)), np.tanh(z)),
                TATE,
                "metafor",
            ),
        ),
        sources=(TATE,),
        transform="tanh",
        direction=DIRECTION,
        same_as="metafor ZPB",
    ),
    Measure(
        code="RBIS",
        name="biserial correlation",
        design=DESIGN,
        inputs=MEANS,
        alternatives=INSTEAD,
        estimate=_biserial,
        formula="√(p (1 − p))/f · point-biserial r, f the normal ordinate at the cut p",
        rules=(VarianceRule("LS", SOPER_TEXT, _soper, "soper1914", "metafor"),),
        sources=("soper1914", JACOBS),
        direction=DIRECTION,
        same_as="metafor RBIS",
    ),
    Measure(
        code="ZBIS",
        name="Fisher's z of the biserial correlation",
        design=DESIGN,
        inputs=MEANS,
        alternatives=INSTEAD,
        estimate=lambda x: np.arctanh(_biserial(x)),
        formula="atanh of the biserial r, where that is below 1",
        rules=(
            VarianceRule(
                "LS",
                f"{SOPER_TEXT}; over (1 − r²)²",
                lambda x, z: _of_z(_soper(x, np.tanh(z)), np.tanh(z)),
                "soper1914",
                "metafor",
            ),
        ),
        sources=("soper1914", JACOBS),
        transform="tanh",
        direction=DIRECTION,
        same_as="metafor ZBIS",
    ),
)
