"""Two groups that were measured in clusters, or compared with a covariate held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import Domain
from metarel.effects._means import DESIGN as GROUPS
from metarel.effects._means import INSTEAD, MEANS, TwoMeans
from metarel.effects._measure import Design, Measure, VarianceRule
from metarel.effects._parts import first_known, hedges_factor, refuse_rows, t_from_p
from metarel.effects.two_means import TWO_OR_MORE

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

HEDGES = "hedges2007"
BORENSTEIN = "borenstein2009"
CLUSTER = ("icc", "cluster_size")
SIZES = ("n1", "n2", "r_cov")


@dataclass(frozen=True, slots=True)
class Clustered:
    """Two groups of clusters; ``d`` is their difference over the total SD, as if independent."""

    d: Array
    n1: Array
    n2: Array
    icc: Array
    size: Array

    @property
    def df(self) -> Array:
        """Return the degrees of freedom were people independent."""
        return self.n1 + self.n2 - 2


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Two groups compared with covariates held; ``d`` is in units of the unadjusted SD."""

    d: Array
    n1: Array
    n2: Array
    r_cov: Array
    n_cov: Array
    correct: str

    @property
    def df(self) -> Array:
        """Return the residual degrees of freedom."""
        return self.n1 + self.n2 - 2 - self.n_cov

    def factor(self) -> Array:
        """Return Hedges' factor of the form that was chosen."""
        return hedges_factor(self.df, self.correct)


def _complete_clustered(given: Given, options: Options) -> Clustered:
    x: TwoMeans = GROUPS.complete(given, options)
    return Clustered(x.d, x.n1, x.n2, given["icc"], given["cluster_size"])


def _complete_adjusted(given: Given, options: Options) -> Adjusted:
    n1, n2, r_cov = given["n1"], given["n2"], given["r_cov"]
    n_cov = np.where(np.isnan(given["n_cov"]), 1.0, given["n_cov"])
    of_means = {word: given[word] for word in MEANS}
    t = first_known(given["t"], t_from_p(given["p"], n1 + n2 - 2 - n_cov), np.sqrt(given["f"]))
    from_t = t * np.sqrt((1 / n1 + 1 / n2) * (1 - r_cov) * (1 + r_cov))
    d = first_known(GROUPS.complete(of_means, options).d, from_t)
    return Adjusted(d, n1, n2, r_cov, n_cov, options["correct"])


def _check_clustered(given: Given, labels: list[str] | None) -> None:
    if GROUPS.check is not None:
        GROUPS.check(given, labels)
    smaller = np.minimum(given["n1"], given["n2"])
    refuse_rows(
        given["cluster_size"] > smaller, "`cluster_size` must not exceed `n1` or `n2`", labels
    )


def _check_adjusted(given: Given, labels: list[str] | None) -> None:
    if GROUPS.check is not None:
        GROUPS.check(given, labels)
    refuse_rows(
        given["n1"] + given["n2"] - 2 <= given.get("n_cov", np.ones_like(given["n1"])),
        "`n1` + `n2` must exceed `n_cov` + 2, or no degrees of freedom are left",
        labels,
    )


CLUSTERED = Design("clustered means", _complete_clustered, _check_clustered)
ADJUSTED = Design("adjusted means", _complete_adjusted, _check_adjusted)


def _shrink(x: Clustered) -> Array:
    """Return what clustering takes from the degrees of freedom, as a share of them."""
    return 1 - 2 * (x.size - 1) * x.icc / x.df


def _clustered_variance(x: Clustered, yi: Array) -> Array:
    rest = x.n1 + x.n2 - 2 * x.size
    spread = x.df * (1 - x.icc) ** 2 + x.size * rest * x.icc**2 + 2 * rest * x.icc * (1 - x.icc)
    means = (1 / x.n1 + 1 / x.n2) * (1 + (x.size - 1) * x.icc)
    return means + yi**2 * spread / (2 * x.df**2 * _shrink(x))


def _unexplained(x: Adjusted) -> Array:
    """Return the variance of the adjusted difference in units of the unadjusted variance."""
    return (1 - x.r_cov) * (1 + x.r_cov) * (1 / x.n1 + 1 / x.n2)


def _adjusted_variance(x: Adjusted, effect: Array) -> Array:
    return _unexplained(x) + effect**2 / (2 * (x.n1 + x.n2))


MEASURES = (
    Measure(
        code="SMDCL",
        name="standardised mean difference of clusters over the total SD (d_T)",
        design=CLUSTERED,
        inputs=(*MEANS, *CLUSTER),
        alternatives=tuple((*way, *CLUSTER) for way in INSTEAD),
        estimate=lambda x: x.d * np.sqrt(_shrink(x)),
        formula="d √(1 − 2 (n − 1) icc/(N − 2)), d = (m1 − m2)/pooled sd as if people were "
        "independent, N = n1 + n2, n = cluster_size",
        rules=(
            VarianceRule(
                "LS",
                "(1/n1 + 1/n2)(1 + (n − 1) icc) + yi² ((N − 2)(1 − icc)² + n (N − 2n) icc² + "
                "2 (N − 2n) icc (1 − icc))/(2 (N − 2)((N − 2) − 2 (n − 1) icc))",
                _clustered_variance,
                HEDGES,
                "Hedges (2007), equations 15 and 16",
            ),
        ),
        sources=(HEDGES,),
        domains=TWO_OR_MORE,
        same_as="no code in metafor, RevMan or CMA",
    ),
    Measure(
        code="SMDA",
        name="standardised mean difference adjusted for covariates, over the unadjusted SD",
        design=ADJUSTED,
        inputs=(*MEANS, "r_cov"),
        alternatives=(("t", *SIZES), ("p", *SIZES), ("f", *SIZES)),
        optional=("n_cov",),
        estimate=lambda x: x.factor() * x.d,
        formula="J(n1 + n2 − 2 − n_cov) · (m1 − m2)/pooled sd, means adjusted and SDs not; from "
        "the t of the adjusted difference t √((1/n1 + 1/n2)(1 − r_cov²)), from F with √F for t, "
        "its sign lost; r_cov is multiple where covariates are several, n_cov 1 where not given",
        rules=(
            VarianceRule(
                "LS",
                "(1/n1 + 1/n2)(1 − r_cov²) + yi²/(2 (n1 + n2))",
                _adjusted_variance,
                BORENSTEIN,
                "Borenstein (2009) where yi is not corrected",
            ),
            VarianceRule(
                "LS2",
                "J² ((1/n1 + 1/n2)(1 − r_cov²) + d²/(2 (n1 + n2)))",
                lambda x, _: x.factor() ** 2 * _adjusted_variance(x, x.d),
                BORENSTEIN,
                "CMA and compute.es, up to the degrees of freedom of their approximate J",
            ),
        ),
        sources=(BORENSTEIN,),
        direction="positive when group 1 is higher; from F always positive, see flip",
        correction="J",
        domains={**TWO_OR_MORE, "n_cov": Domain(1, whole=True)},
        same_as="no code in metafor or RevMan; CMA's adjusted means",
    ),
)
