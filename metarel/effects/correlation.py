"""Correlations: raw, unbiased, and Fisher's z."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import INSIDE, Domain
from metarel.effects._measure import ASSOCIATION, Design, Measure, VarianceRule
from metarel.effects._parts import (
    first_known,
    gauss_series,
    refuse_rows,
    t_from_p,
    weighted_mean,
)

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

WAYS = (("t", "n"), ("p", "n"))
MORE_THAN_ONE = Domain(1, open_low=True)
MORE_THAN_THREE = Domain(3, open_low=True)


@dataclass(frozen=True, slots=True)
class Correlation:
    """A correlation and the size of its sample."""

    r: Array
    n: Array


def _complete(given: Given, _options: Options) -> Correlation:
    n = given["n"]
    t = first_known(given["t"], t_from_p(given["p"], n - 2))
    return Correlation(first_known(given["r"], t / np.sqrt(t**2 + n - 2)), n)


def _check(given: Given, labels: list[str] | None) -> None:
    if "p" in given:
        refuse_rows(given["p"] == 0, "`p` must not be 0; give the bound that was printed", labels)


DESIGN = Design("correlation", _complete, _check)


def _unbiased(x: Correlation) -> Array:
    n = np.where(x.n > 4, x.n, np.nan)
    return x.r * gauss_series(0.5, (n - 2) / 2, 1 - x.r**2)


def _unbiased_square(x: Correlation) -> Array:
    """Return the unbiased estimate of rho squared."""
    n = np.where(x.n > 4, x.n, np.nan)
    rest = 1 - x.r**2
    return 1 - (n - 3) / (n - 2) * rest * gauss_series(1.0, n / 2, rest)


def _large_sample(x: Correlation, yi: Array) -> Array:
    return (1 - yi**2) ** 2 / (x.n - 1)


def _average(x: Correlation, yi: Array) -> Array:
    return (1 - weighted_mean(yi, x.n) ** 2) ** 2 / (x.n - 1)


BORENSTEIN = "borenstein2009"
LS = VarianceRule("LS", "(1 − yi²)² / (n − 1)", _large_sample, BORENSTEIN, "metafor, Stata")
UB = VarianceRule(
    "UB",
    "yi² − unbiased estimate of rho²",
    lambda x, yi: yi**2 - _unbiased_square(x),
    "hedges1989",
    "metafor",
)
AV = VarianceRule(
    "AV",
    "(1 − mean yi²)² / (n − 1), the mean of yi weighted by n",
    _average,
    BORENSTEIN,
    "metafor",
    across_rows=True,
)
H0 = VarianceRule(
    "H0",
    "(1 − r²) / (n − 2), whose t statistic is that of the test of rho = 0",
    lambda x, yi: (1 - yi**2) / (x.n - 2),
    "fisher1921",
    "metafor, PyMARE",
)

MEASURES = (
    Measure(
        code="COR",
        name="correlation",
        design=DESIGN,
        inputs=("r", "n"),
        alternatives=WAYS,
        estimate=lambda x: x.r,
        formula="r",
        rules=(LS, AV, H0),
        sources=(BORENSTEIN,),
        direction=ASSOCIATION,
        domains={"n": MORE_THAN_ONE},
        same_as="metafor COR; psychmeta and CMA pool the same r. metafor 5 has the rules H0a and "
        "H0b besides, metarel has not",
    ),
    Measure(
        code="UCOR",
        name="unbiased correlation",
        design=DESIGN,
        inputs=("r", "n"),
        alternatives=WAYS,
        estimate=_unbiased,
        formula="r · 2F1(1/2, 1/2; (n − 2)/2; 1 − r²), for n of 5 or more",
        rules=(LS, UB, AV),
        sources=("olkin1958",),
        direction=ASSOCIATION,
        domains={"n": MORE_THAN_ONE},
        same_as="metafor UCOR",
    ),
    Measure(
        code="ZCOR",
        name="Fisher's z of a correlation",
        design=DESIGN,
        inputs=("r", "n"),
        alternatives=WAYS,
        estimate=lambda x: np.arctanh(x.r),
        formula="atanh(r)",
        rules=(
            VarianceRule(
                "LS",
                "1 / (n − 3)",
                lambda x, _: 1 / (x.n - 3),
                "fisher1921",
                "metafor, CMA, Stata",
            ),
        ),
        sources=("fisher1921",),
        transform="tanh",
        direction=ASSOCIATION,
        domains={"r": INSIDE, "n": MORE_THAN_THREE},
        same_as="metafor ZCOR; CMA, Stata, JASP and jamovi use the same z",
    ),
)
