"""Rank correlations: Spearman's rho and Kendall's tau, and their Fisher's z."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import INSIDE, Domain
from metarel.effects._measure import ASSOCIATION, Design, Measure, VarianceRule

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

BONETT = "bonett2000"
FIELLER = "fieller1957"
SPEARMAN = "spearman1904"
KENDALL = "kendall1938"


@dataclass(frozen=True, slots=True)
class Ranks:
    """A rank correlation and the size of its sample."""

    r: Array
    n: Array


def _complete_spearman(given: Given, _options: Options) -> Ranks:
    return Ranks(given["rho"], given["n"])


def _complete_kendall(given: Given, _options: Options) -> Ranks:
    return Ranks(given["tau"], given["n"])


SPEARMANS = Design("spearman", _complete_spearman)
KENDALLS = Design("kendall", _complete_kendall)


def _slope2(x: Ranks) -> Array:
    """Return the squared slope of tanh, which carries a variance from z to r."""
    return ((1 - x.r) * (1 + x.r)) ** 2


def _bonett(x: Ranks) -> Array:
    return (1 + x.r**2 / 2) / (x.n - 3)


def _fieller_spearman(x: Ranks) -> Array:
    return 1.06 / (x.n - 3)


def _fieller_kendall(x: Ranks) -> Array:
    return 0.437 / (x.n - 4)


def _caruso(x: Ranks, z: Array) -> Array:
    return 1 / (x.n - 2) + np.abs(z) / (6 * x.n + 4 * np.sqrt(x.n))


MEASURES = (
    Measure(
        code="RHO",
        name="Spearman's rank correlation",
        design=SPEARMANS,
        inputs=("rho", "n"),
        estimate=lambda x: x.r,
        formula="rho",
        rules=(
            VarianceRule(
                "BW",
                "(1 − rho²)² (1 + rho²/2)/(n − 3)",
                lambda x, _: _slope2(x) * _bonett(x),
                BONETT,
                "vcmeta",
            ),
            VarianceRule(
                "FIELLER",
                "(1 − rho²)² 1.06/(n − 3)",
                lambda x, _: _slope2(x) * _fieller_spearman(x),
                FIELLER,
                "no program known",
            ),
            VarianceRule(
                "H0",
                "1/(n − 1): exact without dependence and without ties",
                lambda x, _: 1 / (x.n - 1),
                SPEARMAN,
                "the normal test of rho in most programs",
            ),
        ),
        sources=(SPEARMAN,),
        direction=ASSOCIATION,
        domains={"n": Domain(3, open_low=True)},
        same_as="no code in metafor, which would take rho as r in COR",
    ),
    Measure(
        code="ZRHO",
        name="Fisher's z of Spearman's rank correlation",
        design=SPEARMANS,
        inputs=("rho", "n"),
        estimate=lambda x: np.arctanh(x.r),
        formula="atanh(rho)",
        rules=(
            VarianceRule(
                "BW",
                "(1 + rho²/2)/(n − 3)",
                lambda x, _: _bonett(x),
                BONETT,
                "easystats' correlation with bw",
            ),
            VarianceRule(
                "FIELLER",
                "1.06/(n − 3)",
                lambda x, _: _fieller_spearman(x),
                FIELLER,
                "easystats' correlation for the interval of rho",
            ),
            VarianceRule(
                "CARUSO",
                "1/(n − 2) + |z|/(6 n + 4 √n)",
                _caruso,
                "caruso1997",
                "no program known",
            ),
        ),
        sources=(SPEARMAN, FIELLER),
        transform="tanh",
        direction=ASSOCIATION,
        domains={"rho": INSIDE, "n": Domain(3, open_low=True)},
        same_as="no code in metafor, whose ZCOR has the variance 1/(n − 3), too small for ranks",
    ),
    Measure(
        code="TAU",
        name="Kendall's rank correlation",
        design=KENDALLS,
        inputs=("tau", "n"),
        estimate=lambda x: x.r,
        formula="tau",
        rules=(
            VarianceRule(
                "FIELLER",
                "(1 − tau²)² 0.437/(n − 4)",
                lambda x, _: _slope2(x) * _fieller_kendall(x),
                FIELLER,
                "no program known",
            ),
            VarianceRule(
                "H0",
                "2 (2 n + 5)/(9 n (n − 1)): exact without dependence and without ties",
                lambda x, _: 2 * (2 * x.n + 5) / (9 * x.n * (x.n - 1)),
                KENDALL,
                "the normal test of tau in most programs",
            ),
        ),
        sources=(KENDALL,),
        direction=ASSOCIATION,
        domains={"n": Domain(4, open_low=True)},
        same_as="no code in metafor",
    ),
    Measure(
        code="ZTAU",
        name="Fisher's z of Kendall's rank correlation",
        design=KENDALLS,
        inputs=("tau", "n"),
        estimate=lambda x: np.arctanh(x.r),
        formula="atanh(tau)",
        rules=(
            VarianceRule(
                "FIELLER",
                "0.437/(n − 4)",
                lambda x, _: _fieller_kendall(x),
                FIELLER,
                "easystats' correlation for the interval of tau",
            ),
        ),
        sources=(KENDALL, FIELLER),
        transform="tanh",
        direction=ASSOCIATION,
        domains={"tau": INSIDE, "n": Domain(4, open_low=True)},
        same_as="no code in metafor",
    ),
)
