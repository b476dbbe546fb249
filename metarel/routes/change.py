"""Routes to effects of one group measured twice: paired tests, SDs of change, correlations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.convert.recover_prepost import r_from_paired_t, r_from_sd_change
from metarel.convert.recover_spread import sd_from_ci, sd_from_se
from metarel.convert.recover_tests import statistic_from_p
from metarel.effects._changes import DESIGN, PAIRS
from metarel.routes._route import EFFECT, Conventions, given_words, routes_of
from metarel.routes._signless import t_from_f

if TYPE_CHECKING:
    from collections.abc import Callable

    from metarel._checks import Array
    from metarel.routes._route import Given, Recovery

_route = routes_of(DESIGN.code)
SCORES = ("m1", "sd1", "m2", "sd2")
COCHRANE = "higgins2019"
PAIRED = "The test is of the change in one group."


def _change_sd_from_se(given: Given, _conventions: Conventions) -> Array:
    return sd_from_se(given["se_change"], given["n"])


def _change_sd_from_limits(given: Given, conventions: Conventions) -> Array:
    return sd_from_ci(
        given["ci_low_change"],
        given["ci_high_change"],
        given["n"],
        level=conventions.level,
        normal=conventions.normal_limits,
    )


def _paired_t(given: Given, _conventions: Conventions) -> Array:
    return given["t"]


def _paired_f(given: Given, _conventions: Conventions) -> Array:
    return t_from_f(given)


def _paired_p(given: Given, _conventions: Conventions) -> Array:
    return statistic_from_p(np.abs(given["p"]), given["n"] - 1) * given["sign"]


def _with_r(find: Callable[[Given, Conventions], Array], by_t: bool) -> Recovery:
    """Return the recovery of the correlation from what says how much changes vary."""

    def recovered(given: Given, conventions: Conventions) -> dict[str, Array]:
        found = find(given, conventions)
        if by_t:
            change = given["m1"] - given["m2"]
            r = r_from_paired_t(given["sd1"], given["sd2"], change, found, given["n"])
            # A test with the other sign is not of this change; one of 0 leaves changes any spread.
            r = np.where(found * change < 0, np.nan, r)
            r = np.where((found == 0) & (change != 0), -np.inf, r)
        else:
            r = r_from_sd_change(given["sd1"], given["sd2"], found)
        # Beyond ±1 the printed numbers contradict each other; rounding explains a hair.
        r = np.clip(r, -1, 1) if conventions.bounding else np.where(np.abs(r) <= 1, r, np.nan)
        return {**{word: given[word] for word in (*SCORES, "n")}, "r": r}

    return recovered


def _change_sd(given: Given, _conventions: Conventions) -> Array:
    return given["sd_change"]


def _standardised(find: Callable[[Given, Conventions], Array]) -> Recovery:
    """Return the recovery of the change in units of its own SD."""
    return lambda given, c: {"d": given["m_change"] / find(given, c), "n": given["n"]}


def _raw(find: Callable[[Given, Conventions], Array]) -> Recovery:
    """Return the recovery of the raw change and its variance."""
    return lambda given, c: {"yi": given["m_change"], "vi": find(given, c) ** 2 / given["n"]}


def _from_ses(given: Given, _conventions: Conventions) -> dict[str, Array]:
    spreads = {f"sd{i}": sd_from_se(given[f"se{i}"], given["n"]) for i in "12"}
    return {**spreads, **{word: given[word] for word in ("m1", "m2", "r", "n")}}


_R_FORMULA = "r = (sd1² + sd2² − sd_change²)/(2·sd1·sd2)"
_OF_CHANGE = "The spread is that of the changes."
_CHANGE = ("m_change", "n")
_LIMITS = ("ci_low_change", "ci_high_change")

_SCORE_ROUTES = (
    _route(
        "means, SDs and r",
        PAIRS,
        PAIRS,
        given_words(*PAIRS),
        (
            "the measure's own inputs",
            "r correlates the two measurements of the same people.",
            "gibbons1993",
        ),
    ),
    _route(
        "means, SEs and r",
        ("m1", "se1", "m2", "se2", "r", "n"),
        PAIRS,
        _from_ses,
        ("sd = se·√n", "The standard errors are of the means.", COCHRANE),
    ),
    _route(
        "means, SDs and SD of change",
        (*SCORES, "sd_change", "n"),
        PAIRS,
        _with_r(_change_sd, by_t=False),
        (_R_FORMULA, _OF_CHANGE, COCHRANE),
    ),
    _route(
        "means, SDs and SE of change",
        (*SCORES, "se_change", "n"),
        PAIRS,
        _with_r(_change_sd_from_se, by_t=False),
        (f"{_R_FORMULA}, sd_change = se_change·√n", _OF_CHANGE, COCHRANE),
    ),
    _route(
        "means, SDs and confidence limits of change",
        (*SCORES, *_LIMITS, "n"),
        PAIRS,
        _with_r(_change_sd_from_limits, by_t=False),
        (f"{_R_FORMULA}, sd_change from the limits by t", _OF_CHANGE, COCHRANE),
    ),
    _route(
        "means, SDs and paired t",
        (*SCORES, "t", "n"),
        PAIRS,
        _with_r(_paired_t, by_t=True),
        ("r = (sd1² + sd2² − n·(m1 − m2)²/t²)/(2·sd1·sd2)", PAIRED, "morris2002"),
    ),
    _route(
        "means, SDs and paired F",
        (*SCORES, "f", "n"),
        PAIRS,
        _with_r(_paired_f, by_t=True),
        ("r as from the paired t, t = √F", PAIRED, "morris2002"),
        optional=("df1",),
        unsigned=True,
    ),
    _route(
        "means, SDs and paired p",
        (*SCORES, "p", "n"),
        PAIRS,
        _with_r(_paired_p, by_t=True),
        ("r as from the paired t, t the quantile of p", PAIRED, "morris2002"),
        unsigned=True,
    ),
)

_CHANGE_ROUTES = tuple(
    route
    for name, words, find in (
        ("SD", ("sd_change",), _change_sd),
        ("SE", ("se_change",), _change_sd_from_se),
        ("confidence limits", _LIMITS, _change_sd_from_limits),
    )
    for route in (
        _route(
            f"mean change and its {name}",
            (*_CHANGE, *words),
            ("d", "n"),
            _standardised(find),
            ("d = m_change/sd_change", _OF_CHANGE, "gibbons1993"),
        ),
        _route(
            f"raw mean change and its {name}",
            (*_CHANGE, *words),
            EFFECT,
            _raw(find),
            ("yi = m_change, vi = sd_change²/n", _OF_CHANGE, "gibbons1993"),
            measures=("MC",),
        ),
    )
)

_BASELINE_ROUTES = (
    _route(
        "mean change, first SD and r",
        ("m_change", "sd1", "r", "n"),
        ("m1", "sd1", "m2", "r", "n"),
        lambda given, _: {
            **{word: given[word] for word in ("sd1", "r", "n")},
            "m1": given["m_change"],
            "m2": np.zeros_like(given["m_change"]),
        },
        (
            "d = m_change/sd1",
            "sd1 is of the first scores, r correlates first and second.",
            "morris2002",
        ),
        measures=("SMCR",),
    ),
)

_TEST_ROUTES = (
    _route(
        "d of change",
        ("d", "n"),
        ("d", "n"),
        given_words("d", "n"),
        ("d as printed", "d divides by the SD of changes.", "gibbons1993"),
    ),
    _route(
        "paired t",
        ("t", "n"),
        ("t", "n"),
        given_words("t", "n"),
        ("d = t/√n", PAIRED, "gibbons1993"),
    ),
    _route(
        "paired F",
        ("f", "n"),
        ("t", "n"),
        lambda given, c: {"t": _paired_f(given, c), "n": given["n"]},
        ("t = ±√F", PAIRED, "rosenthal1994"),
        optional=("df1",),
        unsigned=True,
    ),
    _route(
        "paired p",
        ("p", "n"),
        ("p", "n"),
        lambda given, _: {"p": np.abs(given["p"]) * given["sign"], "n": given["n"]},
        ("t = the quantile of p", f"{PAIRED} p is two-sided.", "rosenthal1994"),
        unsigned=True,
    ),
)

ROUTES = (*_SCORE_ROUTES, *_CHANGE_ROUTES, *_BASELINE_ROUTES, *_TEST_ROUTES)
