"""Association of two dichotomous variables: phi, Yule's Q and Y, and their Fisher's z."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.effects._measure import ASSOCIATION, Measure, VarianceRule
from metarel.effects._tables import CELLS, CROSSED, EVENTS, Table
from metarel.effects._tetrachoric import tetrachoric, tetrachoric_variance

if TYPE_CHECKING:
    from metarel._checks import Array

NO_CONSTANT = {"add": 0.0}
YULE = "yule1912"
KIRK = "kirk1973"


def _phi(x: Table) -> Array:
    events, others = x.a + x.c, x.b + x.d
    return (x.a * x.d - x.b * x.c) / np.sqrt(x.n1 * x.n2 * events * others)


def _phi_cross_sectional(x: Table) -> Array:
    """Return the variance when only the total is fixed: the delta method on a multinomial."""
    phi, n = _phi(x), x.n
    row, column = x.n1 / n, (x.a + x.c) / n
    lean_row = (1 - 2 * row) / np.sqrt(row * (1 - row))
    lean_column = (1 - 2 * column) / np.sqrt(column * (1 - column))
    skew = phi * (1 + phi**2 / 2) * lean_row * lean_column
    return (1 - phi**2 + skew - 0.75 * phi**2 * (lean_row**2 + lean_column**2)) / n


def _phi_stratified(x: Table) -> Array:
    """Return the variance when the group sizes are fixed: the delta method on two binomials."""
    share1, share2 = x.n1 / x.n, x.n2 / x.n
    p, difference = x.p, x.p1 - x.p2
    height = np.sqrt(share1 * share2 / (p * (1 - p)))
    bend = difference * (1 - 2 * p) / (2 * p * (1 - p))
    slope1, slope2 = height * (1 - share1 * bend), -height * (1 + share2 * bend)
    binomial1, binomial2 = x.p1 * (1 - x.p1) / x.n1, x.p2 * (1 - x.p2) / x.n2
    return slope1**2 * binomial1 + slope2**2 * binomial2


def _inverse_cells(x: Table) -> Array:
    return 1 / x.a + 1 / x.b + 1 / x.c + 1 / x.d


def _yule_q(x: Table) -> Array:
    return (x.a * x.d - x.b * x.c) / (x.a * x.d + x.b * x.c)


def _yule_y(x: Table) -> Array:
    even, odd = np.sqrt(x.a * x.d), np.sqrt(x.b * x.c)
    return (even - odd) / (even + odd)


def _of_z(variance: Array, r: Array) -> Array:
    """Return the variance of atanh(r) by the delta method."""
    return variance / (1 - r**2) ** 2


CROSS_SECTIONAL = (
    "(1 − φ² + φ (1 + φ²/2) g h − 3/4 φ² (g² + h²))/n, where g and h are (1 − 2p)/√(p (1 − p)) "
    "of the margins"
)
STRATIFIED = "delta method on two binomials with fixed group sizes"

MEASURES = (
    Measure(
        code="PHI",
        name="phi coefficient",
        design=CROSSED,
        inputs=EVENTS,
        alternatives=(CELLS,),
        estimate=_phi,
        formula="(ad − bc)/√(product of the margins)",
        rules=(
            VarianceRule(
                "CS", CROSS_SECTIONAL, lambda x, _: _phi_cross_sectional(x), YULE, "metafor"
            ),
            VarianceRule(
                "ST", STRATIFIED, lambda x, _: _phi_stratified(x), "bishop1975", "metafor"
            ),
        ),
        sources=(YULE,),
        direction=ASSOCIATION,
        settings=NO_CONSTANT,
        same_as="metafor PHI, whose default is CS too",
    ),
    Measure(
        code="ZPHI",
        name="Fisher's z of phi",
        design=CROSSED,
        inputs=EVENTS,
        alternatives=(CELLS,),
        estimate=lambda x: np.arctanh(_phi(x)),
        formula="atanh(φ)",
        rules=(
            VarianceRule(
                "CS",
                f"{CROSS_SECTIONAL}; over (1 − φ²)²",
                lambda x, _: _of_z(_phi_cross_sectional(x), _phi(x)),
                YULE,
                "metafor",
            ),
            VarianceRule(
                "ST",
                f"{STRATIFIED}; over (1 − φ²)²",
                lambda x, _: _of_z(_phi_stratified(x), _phi(x)),
                "bishop1975",
                "metafor",
            ),
        ),
        sources=(YULE,),
        transform="tanh",
        direction=ASSOCIATION,
        settings=NO_CONSTANT,
        same_as="metafor ZPHI",
    ),
    Measure(
        code="YUQ",
        name="Yule's Q",
        design=CROSSED,
        inputs=EVENTS,
        alternatives=(CELLS,),
        estimate=_yule_q,
        formula="(ad − bc)/(ad + bc)",
        rules=(
            VarianceRule(
                "LS",
                "(1 − Q²)²/4 · sum of 1/cell",
                lambda x, q: (1 - q**2) ** 2 / 4 * _inverse_cells(x),
                YULE,
                "metafor",
            ),
        ),
        sources=(YULE,),
        direction=ASSOCIATION,
        same_as="metafor YUQ",
    ),
    Measure(
        code="YUY",
        name="Yule's Y",
        design=CROSSED,
        inputs=EVENTS,
        alternatives=(CELLS,),
        estimate=_yule_y,
        formula="(√(ad) − √(bc))/(√(ad) + √(bc))",
        rules=(
            VarianceRule(
                "LS",
                "(1 − Y²)²/16 · sum of 1/cell",
                lambda x, y: (1 - y**2) ** 2 / 16 * _inverse_cells(x),
                YULE,
                "metafor",
            ),
        ),
        sources=(YULE,),
        direction=ASSOCIATION,
        same_as="metafor YUY",
    ),
    Measure(
        code="RTET",
        name="tetrachoric correlation",
        design=CROSSED,
        inputs=EVENTS,
        alternatives=(CELLS,),
        estimate=tetrachoric,
        formula="the correlation of two normal variables cut at the margins that gives the cells",
        rules=(
            VarianceRule(
                "LS",
                "delta method on a multinomial",
                tetrachoric_variance,
                "brown1977",
                "metafor, up to where its search stops; this is the root itself",
            ),
        ),
        sources=("pearson1900", KIRK),
        direction=ASSOCIATION,
        settings=NO_CONSTANT,
        same_as="metafor RTET, up to where its search stops (yi 3e-4, vi 9e-5)",
    ),
    Measure(
        code="ZTET",
        name="Fisher's z of the tetrachoric correlation",
        design=CROSSED,
        inputs=EVENTS,
        alternatives=(CELLS,),
        estimate=lambda x: np.arctanh(tetrachoric(x)),
        formula="atanh(tetrachoric r)",
        rules=(
            VarianceRule(
                "LS",
                "delta method on a multinomial; over (1 − r²)²",
                lambda x, z: _of_z(tetrachoric_variance(x, np.tanh(z)), np.tanh(z)),
                "brown1977",
                "metafor, up to where its search stops; this is the root itself",
            ),
        ),
        sources=("pearson1900", KIRK),
        transform="tanh",
        direction=ASSOCIATION,
        settings=NO_CONSTANT,
        same_as="metafor ZTET, up to where its search stops (yi 3e-4, vi 9e-5)",
    ),
)
