"""Routes to effects of two proportions: percentages, ratios with limits, margins, chi-squares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.convert.recover_spread import se_from_ci, se_from_p
from metarel.convert.recover_tables import (
    Margins,
    events_from_odds_ratio,
    events_from_phi,
    phi_from_chi2,
)
from metarel.effects._measure import compute_effect
from metarel.effects._tables import CELLS, DESIGN, EVENTS
from metarel.effects.register import MEASURES
from metarel.routes._route import EFFECT, Conventions, Route, given_words, routes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from metarel._checks import Array
    from metarel.routes._route import Given, Recovery

_route = routes_of(DESIGN.code, "crossed proportions")
MARGINS = ("n1", "n2", "events")
CENTRED = "The limits are symmetric on the log scale."
WALD = "altman2011"


def _percentages(given: Given, _conventions: Conventions) -> dict[str, Array]:
    """Return the whole counts nearest to the percentages."""
    counts = {f"events{i}": np.round(given[f"percent{i}"] / 100 * given[f"n{i}"]) for i in "12"}
    return {**counts, "n1": given["n1"], "n2": given["n2"]}


def _log_limits(ratio: str, low: str, high: str) -> Recovery:
    """Return the recovery of a log ratio and its variance from the ratio and its limits."""

    def recovered(given: Given, conventions: Conventions) -> dict[str, Array]:
        se = se_from_ci(np.log(given[low]), np.log(given[high]), level=conventions.level)
        return {"yi": np.log(given[ratio]), "vi": se**2}

    return recovered


def _middle(low: str, high: str) -> Recovery:
    """Return the recovery of a log ratio from its limits alone, as the middle between them."""

    def recovered(given: Given, conventions: Conventions) -> dict[str, Array]:
        log_low, log_high = np.log(given[low]), np.log(given[high])
        se = se_from_ci(log_low, log_high, level=conventions.level)
        return {"yi": (log_low + log_high) / 2, "vi": se**2}

    return recovered


def _log_p(ratio: str) -> Recovery:
    """Return the recovery of a log ratio and its variance from the ratio and its Wald p-value."""

    def recovered(given: Given, _conventions: Conventions) -> dict[str, Array]:
        yi = np.log(given[ratio])
        return {"yi": yi, "vi": se_from_p(yi, given["p"]) ** 2}

    return recovered


def _difference_limits(given: Given, conventions: Conventions) -> dict[str, Array]:
    se = se_from_ci(given["rd_ci_low"], given["rd_ci_high"], level=conventions.level)
    return {"yi": given["risk_difference"], "vi": se**2}


def _by_chi2(chi2: Array, margins: Margins) -> Array:
    return events_from_phi(phi_from_chi2(chi2, margins, yates=False), margins)


def _table(find: Callable[[Array, Margins], Array], word: str) -> Recovery:
    """Return the recovery of the four cells from one number and the margins."""

    def recovered(given: Given, _conventions: Conventions) -> dict[str, Array]:
        statistic = given[word] * (given["sign"] if word == "chi2" else 1.0)
        margins = Margins(given["n1"] + given["n2"], given["n1"], given["events"])
        cells = margins.cells(np.round(find(statistic, margins)))
        return dict(zip(CELLS, cells, strict=True))

    return recovered


def _from_d(given: Given, _conventions: Conventions) -> dict[str, Array]:
    effect = compute_effect(MEASURES["D2ORL"], {word: given[word] for word in ("d", "n1", "n2")})
    return {"yi": effect.yi, "vi": effect.vi}


def _ratio_routes(name: str, measure: str, word: str, limits: tuple[str, str]) -> tuple[Route, ...]:
    return (
        _route(
            f"{name} and confidence limits",
            (word, *limits),
            EFFECT,
            _log_limits(word, *limits),
            (
                f"yi = ln {word}, vi = ((ln {limits[1]} − ln {limits[0]})/(2·z))²",
                CENTRED,
                WALD,
            ),
            measures=(measure,),
        ),
        _route(
            f"confidence limits of the {name}",
            limits,
            EFFECT,
            _middle(*limits),
            (
                f"yi = (ln {limits[0]} + ln {limits[1]})/2, vi as from ratio and limits",
                CENTRED,
                WALD,
            ),
            measures=(measure,),
        ),
        _route(
            f"{name} and p",
            (word, "p"),
            EFFECT,
            _log_p(word),
            (f"yi = ln {word}, vi = (yi/z)², z the quantile of p", "p is of a Wald test.", WALD),
            measures=(measure,),
        ),
    )


ROUTES = (
    _route(
        "counts",
        EVENTS,
        EVENTS,
        given_words(*EVENTS),
        ("the measure's own inputs", "Each person counts once.", "fleiss2009"),
    ),
    _route(
        "cells",
        CELLS,
        CELLS,
        given_words(*CELLS),
        ("the measure's own inputs", "Each person counts once.", "fleiss2009"),
    ),
    _route(
        "percentages",
        ("percent1", "n1", "percent2", "n2"),
        EVENTS,
        _percentages,
        (
            "events = percent/100·n, to the nearest whole number",
            "The percentages are of n1 and n2.",
            "higgins2019",
        ),
    ),
    *_ratio_routes("odds ratio", "OR", "odds_ratio", ("or_ci_low", "or_ci_high")),
    *_ratio_routes("risk ratio", "RR", "risk_ratio", ("rr_ci_low", "rr_ci_high")),
    _route(
        "risk difference and confidence limits",
        ("risk_difference", "rd_ci_low", "rd_ci_high"),
        EFFECT,
        _difference_limits,
        ("vi = ((rd_ci_high − rd_ci_low)/(2·z))²", "The limits are symmetric.", WALD),
        measures=("RD",),
    ),
    _route(
        "odds ratio and margins",
        ("odds_ratio", *MARGINS),
        CELLS,
        _table(events_from_odds_ratio, "odds_ratio"),
        ("the table of whole counts with these margins", "The ratio is unadjusted.", "bonett2007"),
        exactness="approximation",
    ),
    _route(
        "phi and margins",
        ("phi", *MARGINS),
        CELLS,
        _table(events_from_phi, "phi"),
        ("the table of whole counts with these margins", "phi is of this table.", "bonett2007"),
        exactness="approximation",
    ),
    _route(
        "chi-square and margins",
        ("chi2", *MARGINS),
        CELLS,
        _table(_by_chi2, "chi2"),
        (
            "phi = ±√(chi2/n), then the table",
            "The chi-square is of this table, without continuity correction.",
            "bonett2007",
        ),
        exactness="approximation",
        unsigned=True,
    ),
    _route(
        "d",
        ("d", "n1", "n2"),
        EFFECT,
        _from_d,
        ("ln OR = d·π/√3", "The outcome behind the odds is logistic.", "chinn2000"),
        measures=("OR",),
        exactness="approximation",
    ),
)
