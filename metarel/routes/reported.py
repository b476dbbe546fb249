"""Routes to effects that a paper prints as such, with a standard error, limits or p."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.convert.recover_spread import se_from_ci, se_from_p
from metarel.convert.recover_survival import hazard_from_ci
from metarel.effects.generic import DESIGN
from metarel.routes._route import EFFECT, Conventions, routes_of

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.routes._route import Given

_route = routes_of(DESIGN.code)
WALD = "altman2011"


def _standard_error(given: Given, _conventions: Conventions) -> dict[str, Array]:
    return {"yi": given["estimate"], "vi": given["se"] ** 2}


def _limits(given: Given, conventions: Conventions) -> dict[str, Array]:
    se = se_from_ci(given["ci_low"], given["ci_high"], level=conventions.level)
    return {"yi": given["estimate"], "vi": se**2}


def _middle(given: Given, conventions: Conventions) -> dict[str, Array]:
    middle = (given["ci_low"] + given["ci_high"]) / 2
    return _limits({**given, "estimate": middle}, conventions)


def _hazard_middle(given: Given, conventions: Conventions) -> dict[str, Array]:
    middle = np.sqrt(given["hr_ci_low"] * given["hr_ci_high"])
    return _hazard_limits({**given, "hazard_ratio": middle}, conventions)


def _p(given: Given, _conventions: Conventions) -> dict[str, Array]:
    return {"yi": given["estimate"], "vi": se_from_p(given["estimate"], given["p"]) ** 2}


def _hazard_limits(given: Given, conventions: Conventions) -> dict[str, Array]:
    found = hazard_from_ci(
        given["hazard_ratio"], given["hr_ci_low"], given["hr_ci_high"], conventions.level
    )
    return {"yi": found.yi, "vi": found.vi}


def _hazard_p(given: Given, _conventions: Conventions) -> dict[str, Array]:
    yi = np.log(given["hazard_ratio"])
    return {"yi": yi, "vi": se_from_p(yi, given["p"]) ** 2}


_NORMAL_LIMITS = "The limits are normal and symmetric about the estimate."
_LOG_LIMITS = "The limits are normal and symmetric about the log of the ratio."

ROUTES = (
    _route(
        "estimate and SE",
        ("estimate", "se"),
        EFFECT,
        _standard_error,
        ("vi = se²", "The standard error is of the estimate.", WALD),
    ),
    _route(
        "estimate and confidence limits",
        ("estimate", "ci_low", "ci_high"),
        EFFECT,
        _limits,
        ("vi = ((ci_high − ci_low)/(2·z))²", _NORMAL_LIMITS, WALD),
    ),
    _route(
        "confidence limits",
        ("ci_low", "ci_high"),
        EFFECT,
        _middle,
        ("yi = (ci_low + ci_high)/2, vi as from estimate and limits", _NORMAL_LIMITS, WALD),
    ),
    _route(
        "estimate and p",
        ("estimate", "p"),
        EFFECT,
        _p,
        ("vi = (estimate/z)², z the quantile of p", "p is of a Wald test.", WALD),
    ),
    _route(
        "hazard ratio and confidence limits",
        ("hazard_ratio", "hr_ci_low", "hr_ci_high"),
        EFFECT,
        _hazard_limits,
        ("yi = ln HR, vi = ((ln hr_ci_high − ln hr_ci_low)/(2·z))²", _LOG_LIMITS, WALD),
        measures=("HR",),
    ),
    _route(
        "confidence limits of the hazard ratio",
        ("hr_ci_low", "hr_ci_high"),
        EFFECT,
        _hazard_middle,
        ("yi = (ln hr_ci_low + ln hr_ci_high)/2, vi as from ratio and limits", _LOG_LIMITS, WALD),
        measures=("HR",),
    ),
    _route(
        "hazard ratio and p",
        ("hazard_ratio", "p"),
        EFFECT,
        _hazard_p,
        ("yi = ln HR, vi = (yi/z)², z the quantile of p", "p is of a Wald test.", WALD),
        measures=("HR",),
    ),
)
