"""Hazard ratios from log-rank tests: events beyond those expected, and their variance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from metarel._vocabulary import Domain
from metarel.effects._measure import Design, Measure, VarianceRule
from metarel.effects._parts import first_known, refuse_rows, t_from_p

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.effects._measure import Given, Options

TIERNEY = "tierney2007"
BY_SIZE = ("events", "n1", "n2")


@dataclass(frozen=True, slots=True)
class LogRank:
    """Events of group 1 beyond those expected were hazards equal, and the variance of that."""

    excess: Array
    variance: Array


def _complete(given: Given, _options: Options) -> LogRank:
    n1, n2 = given["n1"], given["n2"]
    share = n1 / (n1 + n2)
    variance = first_known(given["logrank_variance"], given["events"] * share * (1 - share))
    z = t_from_p(given["p"], np.full_like(variance, np.inf))
    excess = first_known(given["observed_minus_expected"], z * np.sqrt(variance))
    return LogRank(excess, variance)


def _check(given: Given, labels: list[str] | None) -> None:
    if "p" in given:
        refuse_rows(given["p"] == 0, "`p` must not be 0; give the bound that was printed", labels)
    if {"events", "n1", "n2"} <= set(given):
        more = given["events"] > given["n1"] + given["n2"]
        refuse_rows(more, "`events` must not exceed `n1` + `n2`", labels)


DESIGN = Design("log-rank", _complete, _check)

MEASURES = (
    Measure(
        code="HRLR",
        name="log hazard ratio from a log-rank test (Peto)",
        design=DESIGN,
        inputs=("observed_minus_expected", "logrank_variance"),
        alternatives=(
            ("p", "logrank_variance"),
            ("observed_minus_expected", *BY_SIZE),
            ("p", *BY_SIZE),
        ),
        estimate=lambda x: x.excess / x.variance,
        formula="(O − E)/V; from the log-rank p, O − E = ±√V Φ⁻¹(1 − p/2); V is events n1 n2/"
        "(n1 + n2)² where it was not printed, events being those of both groups",
        rules=(
            VarianceRule(
                "LS",
                "1/V",
                lambda x, _: 1 / x.variance,
                "parmar1998",
                "RevMan (O − E and variance); meta's metagen on the same numbers",
            ),
        ),
        sources=("yusuf1985", "parmar1998", TIERNEY),
        transform="exp",
        direction="positive when the hazard is higher in group 1",
        domains={"events": Domain(0, open_low=True)},
        same_as="no code in metafor, which takes the log hazard ratio as HR",
    ),
)
