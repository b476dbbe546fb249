"""Two groups measured before and after: standardised differences between their changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import Domain
from metarel.effects._measure import Design, Measure, VarianceRule
from metarel.effects._parts import hedges_factor, pooled_sd, refuse_rows

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

MORRIS = "morris2008"
BECKER = "becker1988"
BEFORE = ("m_pre1", "sd_pre1", "m_post1", "n1", "m_pre2", "sd_pre2", "m_post2", "n2", "r")
WHOLE = (*BEFORE[:3], "sd_post1", "n1", *BEFORE[4:7], "sd_post2", "n2", "r")
AFTER = ("sd_post1", "sd_post2")
TWO_OR_MORE = {"n1": Domain(2), "n2": Domain(2)}
DIRECTION = "positive when group 1 gained more, later minus earlier"


@dataclass(frozen=True, slots=True)
class PrePost:
    """Changes of two groups, later minus earlier, and the spreads that may set their unit."""

    change1: Array
    sd_pre1: Array
    sd_post1: Array
    n1: Array
    change2: Array
    sd_pre2: Array
    sd_post2: Array
    n2: Array
    r: Array
    correct: str

    @property
    def df(self) -> Array:
        """Return the degrees of freedom of a standard deviation pooled over the groups."""
        return self.n1 + self.n2 - 2

    @property
    def unrelated(self) -> Array:
        """Return the variance of a change when each measurement has variance 1."""
        return 2 * (1 - self.r)

    def factor(self, df: Array) -> Array:
        """Return Hedges' factor of the form that was chosen."""
        return hedges_factor(df, self.correct)


def _complete(given: Given, options: Options) -> PrePost:
    nothing = np.full_like(given["n1"], np.nan)
    return PrePost(
        given["m_post1"] - given["m_pre1"],
        given["sd_pre1"],
        given.get("sd_post1", nothing),
        given["n1"],
        given["m_post2"] - given["m_pre2"],
        given["sd_pre2"],
        given.get("sd_post2", nothing),
        given["n2"],
        given["r"],
        options["correct"],
    )


def _check(given: Given, labels: list[str] | None) -> None:
    if "sd_pre1" in given and "sd_pre2" in given:
        no_spread = (given["sd_pre1"] == 0) & (given["sd_pre2"] == 0)
        refuse_rows(no_spread, "`sd_pre1` and `sd_pre2` must not both be 0", labels)


DESIGN = Design("pre-post-control", _complete, _check)


def _own(x: PrePost) -> tuple[Array, Array]:
    """Return each group's change over its own first standard deviation, uncorrected."""
    return x.change1 / x.sd_pre1, x.change2 / x.sd_pre2


def _own_difference(x: PrePost) -> Array:
    first, second = _own(x)
    return x.factor(x.n1 - 1) * first - x.factor(x.n2 - 1) * second


def _exact(x: PrePost, means: Array, d: Array, m: Array) -> Array:
    """Return the variance of a standardised change, noncentral t, its own estimate put in.

    ``means`` is the variance of the changes' means in units of one measurement's variance, ``m``
    the degrees of freedom of the standard deviation.
    """
    # The variance of g with the factor that was chosen; of d, which has none, that of g over J².
    factor = hedges_factor(m, "exact") if x.correct == "none" else x.factor(m)
    g = factor * d
    of_g = factor**2 * m / (m - 2) * (means + g**2) - g**2
    return (x.factor(m) / factor) ** 2 * of_g


def _own_large_sample(x: PrePost, _yi: Array) -> Array:
    first, second = _own(x)
    g1, g2 = x.factor(x.n1 - 1) * first, x.factor(x.n2 - 1) * second
    means = x.unrelated * (1 / x.n1 + 1 / x.n2)
    return means + g1**2 / (2 * x.n1) + g2**2 / (2 * x.n2)


def _own_exact(x: PrePost, _yi: Array) -> Array:
    first, second = _own(x)
    in_first = _exact(x, x.unrelated / x.n1, first, x.n1 - 1)
    return in_first + _exact(x, x.unrelated / x.n2, second, x.n2 - 1)


def _pooled(x: PrePost) -> Array:
    return (x.change1 - x.change2) / pooled_sd(x.sd_pre1, x.n1, x.sd_pre2, x.n2)


def _pooled_exact(x: PrePost, _yi: Array) -> Array:
    return _exact(x, x.unrelated * (1 / x.n1 + 1 / x.n2), _pooled(x), x.df)


def _pooled_large_sample(x: PrePost, yi: Array) -> Array:
    return x.unrelated * (1 / x.n1 + 1 / x.n2) + yi**2 / (2 * (x.n1 + x.n2))


def _over_all(x: PrePost) -> Array:
    before = pooled_sd(x.sd_pre1, x.n1, x.sd_pre2, x.n2)
    after = pooled_sd(x.sd_post1, x.n1, x.sd_post2, x.n2)
    d = (x.change1 - x.change2) / np.sqrt((before**2 + after**2) / 2)
    return x.factor(2 * x.df) * d


def _over_all_large_sample(x: PrePost, yi: Array) -> Array:
    n = x.n1 + x.n2
    return x.unrelated * (1 / x.n1 + 1 / x.n2) + (1 + x.r**2) * yi**2 / (4 * n)


MEASURES = (
    Measure(
        code="DPPC1",
        name="difference between standardised mean changes, each over its own first SD",
        design=DESIGN,
        inputs=BEFORE,
        optional=AFTER,
        estimate=_own_difference,
        formula="J(n1 − 1) (m_post1 − m_pre1)/sd_pre1 − J(n2 − 1) (m_post2 − m_pre2)/sd_pre2",
        rules=(
            VarianceRule(
                "LS",
                "2 (1 − r)(1/n1 + 1/n2) + g1²/(2 n1) + g2²/(2 n2), g the change of each group",
                _own_large_sample,
                BECKER,
                "the difference of two of metafor's SMCR, their variances added",
            ),
            VarianceRule(
                "EXACT",
                "sum over groups of J² m/(m − 2) (2 (1 − r)/n + g²) − g², m = n − 1",
                _own_exact,
                "morris2000",
                "Morris and DeShon (2002), the own estimate put in for the effect",
            ),
        ),
        sources=(MORRIS, BECKER),
        direction=DIRECTION,
        correction="J",
        domains=TWO_OR_MORE,
        same_as="metafor: SMCR of group 1 minus SMCR of group 2; Morris uses the approximate J",
    ),
    Measure(
        code="DPPC2",
        name="difference between mean changes over the pooled first SD",
        design=DESIGN,
        inputs=BEFORE,
        optional=AFTER,
        estimate=lambda x: x.factor(x.df) * _pooled(x),
        formula="J(m) · ((m_post1 − m_pre1) − (m_post2 − m_pre2))/pooled sd_pre, m = n1 + n2 − 2",
        rules=(
            VarianceRule(
                "EXACT",
                "J² m/(m − 2) (2 (1 − r)(1/n1 + 1/n2) + g²) − g², m = n1 + n2 − 2",
                _pooled_exact,
                MORRIS,
                "Morris (2008), equation for the variance of d_ppc2, with the approximate J",
            ),
            VarianceRule(
                "LS",
                "2 (1 − r)(1/n1 + 1/n2) + yi²/(2 (n1 + n2))",
                _pooled_large_sample,
                BECKER,
                "the recipe of metafor's documentation for Morris (2008)",
            ),
        ),
        sources=(MORRIS,),
        direction=DIRECTION,
        correction="J",
        domains=TWO_OR_MORE,
        same_as="no code in metafor; Morris uses the approximate J",
    ),
    Measure(
        code="DPPC3",
        name="difference between mean changes over the SD pooled over groups and time",
        design=DESIGN,
        inputs=WHOLE,
        estimate=_over_all,
        formula="J(2 m) · ((m_post1 − m_pre1) − (m_post2 − m_pre2))/s, s² the mean of the pooled "
        "variances before and after, m = n1 + n2 − 2",
        rules=(
            VarianceRule(
                "LS",
                "2 (1 − r)(1/n1 + 1/n2) + (1 + r²) yi²/(4 (n1 + n2))",
                _over_all_large_sample,
                "cousineau2020",
                "no program known; the delta method, as in metafor's SMCRP for one group",
            ),
        ),
        sources=(MORRIS,),
        direction=DIRECTION,
        correction="J",
        domains=TWO_OR_MORE,
        same_as="no code in metafor; Morris (2008) gives d_ppc3 without a variance",
    ),
)
