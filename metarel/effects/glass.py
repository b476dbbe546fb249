"""Mean differences in units of the standard deviation of group 2 (Glass)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metarel.effects._means import DESIGN, MEANS, TwoMeans
from metarel.effects._measure import Measure, VarianceRule
from metarel.effects._parts import hedges_factor, weighted_mean
from metarel.effects.two_means import AT_LEAST_TWO, TWO_OR_MORE

if TYPE_CHECKING:
    from metarel._checks import Array

DIRECTION = "positive when group 1 is higher; group 2 sets the unit"


def _delta(x: TwoMeans) -> Array:
    """Return the uncorrected difference."""
    return (x.m1 - x.m2) / x.sd2


def _glass(x: TwoMeans) -> Array:
    return x.factor(x.n2 - 1) * _delta(x)


def _large_sample(x: TwoMeans, yi: Array) -> Array:
    return x.inverse_n + yi**2 / (2 * x.n2)


def _scaled(x: TwoMeans, _yi: Array) -> Array:
    return x.factor(x.n2 - 1) ** 2 * _large_sample(x, _delta(x))


def _unbiased(x: TwoMeans, _yi: Array) -> Array:
    m = x.n2 - 1
    exact = hedges_factor(m)
    of_g = x.inverse_n + (1 - (m - 2) / (m * exact**2)) * (exact * _delta(x)) ** 2
    return (x.factor(m) / exact) ** 2 * of_g


def _average(x: TwoMeans, yi: Array) -> Array:
    return x.inverse_n + weighted_mean(yi, x.n) ** 2 / (2 * x.n2)


def _null(x: TwoMeans, _yi: Array) -> Array:
    m = x.n2 - 1
    return x.factor(m) ** 2 * x.inverse_n * m / (m - 2)


def _unequal_spread(x: TwoMeans, yi: Array) -> Array:
    ratio = (x.sd1 / x.sd2) ** 2
    return ratio / (x.n1 - 1) + 1 / (x.n2 - 1) + yi**2 / (2 * (x.n2 - 1))


MEASURES = (
    Measure(
        code="SMD1",
        name="mean difference over the standard deviation of group 2",
        design=DESIGN,
        inputs=("m1", "n1", "m2", "sd2", "n2"),
        optional=("sd1",),
        estimate=_glass,
        formula="J(n2 − 1) · (m1 − m2)/sd2",
        rules=(
            VarianceRule("LS", "1/n1 + 1/n2 + yi²/(2 n2)", _large_sample, "hedges1981", "metafor"),
            VarianceRule(
                "LS2", "J² (1/n1 + 1/n2 + d²/(2 n2))", _scaled, "borenstein2009", "metafor"
            ),
            VarianceRule(
                "UB",
                "1/n1 + 1/n2 + (1 − (m − 2)/(m J²)) yi², m = n2 − 1",
                _unbiased,
                "hedges1983",
                "metafor",
            ),
            VarianceRule(
                "AV",
                "1/n1 + 1/n2 + mean yi²/(2 n2), the mean of yi weighted by n1 + n2",
                _average,
                "hedges1982",
                "metafor",
                across_rows=True,
            ),
            VarianceRule(
                "H0",
                "J² (1/n1 + 1/n2) m/(m − 2), m = n2 − 1: exact where the means are equal",
                _null,
                "hedges1981",
                "metafor",
            ),
        ),
        sources=("hedges1981", "glass1976"),
        direction=DIRECTION,
        correction="J",
        domains={"n2": AT_LEAST_TWO},
        same_as='metafor SMD1; Stata\'s glassdelta2; meta with method.smd = "Glass"',
    ),
    Measure(
        code="SMD1H",
        name="mean difference over the standard deviation of group 2, spreads unequal",
        design=DESIGN,
        inputs=MEANS,
        estimate=_glass,
        formula="J(n2 − 1) · (m1 − m2)/sd2",
        rules=(
            VarianceRule(
                "LS",
                "sd1²/(sd2² (n1 − 1)) + 1/(n2 − 1) + yi²/(2 (n2 − 1))",
                _unequal_spread,
                "bonett2008",
                "metafor since 4.6; before, with n1 and n2",
            ),
        ),
        sources=("bonett2008",),
        direction=DIRECTION,
        correction="J",
        domains=TWO_OR_MORE,
        same_as="metafor SMD1H; before 4.6 it took a smaller variance",
    ),
)
