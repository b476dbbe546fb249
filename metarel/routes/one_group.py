"""Routes to means and proportions of one group: spreads from errors and limits, percentages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.convert.recover_spread import sd_from_ci, sd_from_se
from metarel.effects.one_group import DESIGN as ONE_MEAN
from metarel.effects.one_proportion import DESIGN as ONE_PROPORTION
from metarel.routes._route import Conventions, routes_of

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.routes._route import Given

COCHRANE = "higgins2019"
MEAN = ("mean", "sd", "n")

_mean = routes_of(ONE_MEAN.code)
_proportion = routes_of(ONE_PROPORTION.code)


def _from_se(given: Given, _conventions: Conventions) -> dict[str, Array]:
    spread = sd_from_se(given["se"], given["n"])
    return {"mean": given["mean"], "sd": spread, "n": given["n"]}


def _from_limits(given: Given, conventions: Conventions) -> dict[str, Array]:
    spread = sd_from_ci(
        given["ci_low"],
        given["ci_high"],
        given["n"],
        level=conventions.level,
        normal=conventions.normal_limits,
    )
    return {"mean": given["mean"], "sd": spread, "n": given["n"]}


def _percentage(given: Given, _conventions: Conventions) -> dict[str, Array]:
    """Return the whole count nearest to the percentage."""
    return {"events": np.round(given["percent"] / 100 * given["n"]), "n": given["n"]}


ROUTES = (
    _mean(
        "mean and SE",
        ("mean", "se", "n"),
        MEAN,
        _from_se,
        ("sd = se·√n", "The standard error is of the mean.", COCHRANE),
    ),
    _mean(
        "mean and confidence limits",
        ("mean", "ci_low", "ci_high", "n"),
        MEAN,
        _from_limits,
        (
            "sd = √n·(ci_high − ci_low)/(2·t), t with n − 1 degrees of freedom",
            "The limits are of the mean, by t (or by the normal quantile, where that is said).",
            COCHRANE,
        ),
    ),
    _proportion(
        "percentage",
        ("percent", "n"),
        ("events", "n"),
        _percentage,
        (
            "events = percent/100·n, to the nearest whole number",
            "The percentage is of n people.",
            COCHRANE,
        ),
    ),
)
