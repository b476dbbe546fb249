"""Routes to effects of two independent groups: means, spreads, medians, differences, tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.convert.recover_medians import Quantiles
from metarel.convert.recover_quantiles import QUANTILE_METHODS, recover_moments
from metarel.convert.recover_spread import sd_from_ci, sd_from_se, se_from_ci, se_from_p
from metarel.convert.register import EDGES
from metarel.effects._means import DESIGN, MEANS
from metarel.effects._measure import compute_effect
from metarel.effects._parts import hedges_factor
from metarel.effects.register import MEASURES
from metarel.routes._route import EFFECT, Conventions, given_words, routes_of
from metarel.routes._signless import root, t_from_f

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.routes._route import Given, Recovery

_route = routes_of(DESIGN.code, "normal dominance", "clustered means")
SIZES = ("n1", "n2")
TEST = ("t", *SIZES)
COCHRANE = "higgins2019"
NORMAL_GROUPS = "Both groups are normal with one standard deviation."
POOLED = "The test compares two independent groups with one pooled variance."


def both(*words: str) -> tuple[str, ...]:
    """Return the words of group 1, then those of group 2.

    Parameters
    ----------
    *words : str
        Words without the digit of the group.

    Returns
    -------
    tuple of str
        Words with it.
    """
    return tuple(f"{word}{group}" for group in "12" for word in words)


def _sizes(given: Given) -> dict[str, Array]:
    return {word: given[word] for word in SIZES}


def _from_ses(given: Given, _conventions: Conventions) -> dict[str, Array]:
    spreads = {f"sd{i}": sd_from_se(given[f"se{i}"], given[f"n{i}"]) for i in "12"}
    return {**spreads, **{word: given[word] for word in both("m", "n")}}


def _limits_sd(given: Given, group: str, conventions: Conventions) -> Array:
    return sd_from_ci(
        given[f"ci_low{group}"],
        given[f"ci_high{group}"],
        given[f"n{group}"],
        level=conventions.level,
        normal=conventions.normal_limits,
    )


def _from_limits(given: Given, conventions: Conventions) -> dict[str, Array]:
    spreads = {f"sd{i}": _limits_sd(given, i, conventions) for i in "12"}
    return {**spreads, **{word: given[word] for word in both("m", "n")}}


def _from_mixed(given: Given, conventions: Conventions) -> dict[str, Array]:
    """Take, group by group, the first spread that was printed."""
    found = {word: given[word] for word in both("m", "n")}
    for i in "12":
        by_se = sd_from_se(given[f"se{i}"], given[f"n{i}"])
        by_limits = _limits_sd(given, i, conventions)
        spread = np.where(np.isnan(given[f"sd{i}"]), by_se, given[f"sd{i}"])
        found[f"sd{i}"] = np.where(np.isnan(spread), by_limits, spread)
    return found


#: Our words of a group's quantiles, and the places they take.
_PLACES = {"min": "minimum", "q25_": "q1", "median": "median", "q75_": "q3", "max": "maximum"}


def _medians(*words: str) -> Recovery:
    """Return the recovery of means and SDs from each group's quantiles."""

    def recovered(given: Given, conventions: Conventions) -> dict[str, Array]:
        found = _sizes(given)
        for i in "12":
            n = given[f"n{i}"]
            places = dict.fromkeys(_PLACES.values(), np.full_like(n, np.nan))
            places |= {_PLACES[word]: given[f"{word}{i}"] for word in words}
            moments = recover_moments(
                Quantiles(**places, n=n), QUANTILE_METHODS[conventions.quantiles]
            )
            found[f"m{i}"], found[f"sd{i}"] = moments.mean, moments.sd
        return found

    return recovered


def _df(given: Given) -> Array:
    return given["n1"] + given["n2"] - 2


def _limits_se(given: Given, conventions: Conventions) -> Array:
    df = np.full_like(_df(given), np.inf) if conventions.normal_limits else _df(given)
    return se_from_ci(given["md_ci_low"], given["md_ci_high"], level=conventions.level, df=df)


def _direct(md: Array, se: Array) -> dict[str, Array]:
    return {"yi": md, "vi": se**2}


def _g(given: Given, conventions: Conventions) -> dict[str, Array]:
    form = "exact" if conventions.correct == "none" else conventions.correct
    return {"d": given["g"] / hedges_factor(_df(given), form), **_sizes(given)}


def _pooled(given: Given, _conventions: Conventions) -> dict[str, Array]:
    return {"d": (given["m1"] - given["m2"]) / given["sd_pooled"], **_sizes(given)}


def _difference(given: Given, _conventions: Conventions) -> dict[str, Array]:
    return {"d": given["md"] / given["sd_pooled"], **_sizes(given)}


def _logistic(log_or: Array, variance: Array, given: Given, correct: str) -> dict[str, Array]:
    """Return the effect that a log odds ratio stands for, and its variance."""
    edge = EDGES["log_or->d:logistic"]
    factor = hedges_factor(_df(given), correct)
    slope = edge.slope(log_or, given)
    return {"yi": factor * edge.forward(log_or, given), "vi": factor**2 * slope**2 * variance}


def _counts(given: Given, conventions: Conventions) -> dict[str, Array]:
    words = {word: given[word] for word in both("events", "n")}
    effect = compute_effect(MEASURES["OR"], words)
    return _logistic(effect.yi, effect.vi, given, conventions.correct)


def _odds_ratio(given: Given, conventions: Conventions) -> dict[str, Array]:
    log_or = np.log(given["odds_ratio"])
    low, high = np.log(given["or_ci_low"]), np.log(given["or_ci_high"])
    se = se_from_ci(low, high, level=conventions.level)
    return _logistic(log_or, se**2, given, conventions.correct)


_MEAN_ROUTES = (
    _route(
        "means and SDs",
        MEANS,
        MEANS,
        given_words(*MEANS),
        ("the measure's own inputs", NORMAL_GROUPS, "borenstein2009"),
    ),
    _route(
        "means and SEs",
        both("m", "se", "n"),
        MEANS,
        _from_ses,
        ("sd = se·√n", "The standard errors are of the means.", COCHRANE),
    ),
    _route(
        "means and confidence limits",
        both("m", "ci_low", "ci_high", "n"),
        MEANS,
        _from_limits,
        (
            "sd = √n·(ci_high − ci_low)/(2·t), t with n − 1 degrees of freedom",
            "The limits are of each mean, by t (or by the normal quantile, where that is said).",
            COCHRANE,
        ),
    ),
    _route(
        "means and mixed spreads",
        both("m", "n"),
        MEANS,
        _from_mixed,
        (
            "each group's sd from its SD, else its SE, else its limits",
            "Each spread is what its column says.",
            COCHRANE,
        ),
        optional=both("sd", "se", "ci_low", "ci_high"),
        fallback=True,
    ),
    _route(
        "means and pooled SD",
        ("m1", "m2", "sd_pooled", *SIZES),
        ("d", *SIZES),
        _pooled,
        ("(m1 − m2)/sd_pooled", "The SD is pooled over the two groups.", "borenstein2009"),
    ),
    _route(
        "mean difference and pooled SD",
        ("md", "sd_pooled", *SIZES),
        ("d", *SIZES),
        _difference,
        ("md/sd_pooled", "The SD is pooled over the two groups.", "borenstein2009"),
    ),
)

_DIFFERENCE_ROUTES = (
    _route(
        "mean difference and SE",
        ("md", "md_se", *SIZES),
        TEST,
        lambda given, _: {"t": given["md"] / given["md_se"], **_sizes(given)},
        ("t = md/md_se", POOLED, COCHRANE),
    ),
    _route(
        "mean difference and confidence limits",
        ("md", "md_ci_low", "md_ci_high", *SIZES),
        TEST,
        lambda given, c: {"t": given["md"] / _limits_se(given, c), **_sizes(given)},
        ("t = 2·q·md/(md_ci_high − md_ci_low), q the quantile of t", POOLED, COCHRANE),
    ),
    _route(
        "mean difference, SE as printed",
        ("md", "md_se"),
        EFFECT,
        lambda given, _: _direct(given["md"], given["md_se"]),
        ("yi = md, vi = md_se²", "The standard error is of the difference.", COCHRANE),
        measures=("MD",),
    ),
    _route(
        "mean difference, limits as printed",
        ("md", "md_ci_low", "md_ci_high", *SIZES),
        EFFECT,
        lambda given, c: _direct(given["md"], _limits_se(given, c)),
        ("vi = ((md_ci_high − md_ci_low)/(2·q))², q the quantile of t", POOLED, COCHRANE),
        measures=("MD",),
    ),
    _route(
        "confidence limits of the difference",
        ("md_ci_low", "md_ci_high", *SIZES),
        EFFECT,
        lambda given, c: _direct(
            (given["md_ci_low"] + given["md_ci_high"]) / 2, _limits_se(given, c)
        ),
        ("yi = (md_ci_low + md_ci_high)/2, vi as from difference and limits", POOLED, COCHRANE),
        measures=("MD",),
    ),
    _route(
        "mean difference and p",
        ("md", "p", *SIZES),
        EFFECT,
        lambda given, _: _direct(given["md"], se_from_p(given["md"], given["p"], _df(given))),
        ("vi = (md/t)², t the quantile of p", POOLED, COCHRANE),
        measures=("MD",),
    ),
    _route(
        "change from baseline, SDs of change",
        both("m_change", "sd_change", "n"),
        MEANS,
        lambda given, _: {
            **{f"{w}{i}": given[f"{w}_change{i}"] for w in ("m", "sd") for i in "12"},
            **_sizes(given),
        },
        (
            "m = m_change, sd = sd_change",
            "The effect is in units of the SD of change, not of the SD of scores.",
            COCHRANE,
        ),
        exactness="approximation",
    ),
)

_TEST_ROUTES = (
    _route("t", TEST, TEST, given_words(*TEST), ("d = t·√(1/n1 + 1/n2)", POOLED, "borenstein2009")),
    _route(
        "F",
        ("f", *SIZES),
        TEST,
        lambda given, _: {"t": t_from_f(given), **_sizes(given)},
        ("t = ±√F", f"{POOLED} F has one numerator degree of freedom.", "rosenthal1994"),
        optional=("df1",),
        unsigned=True,
    ),
    _route(
        "eta2",
        ("eta2", *SIZES),
        ("r", *SIZES),
        lambda given, _: {"r": root("eta2", given), **_sizes(given)},
        ("r = ±√eta2", "There are just these two groups.", "cohen1988"),
        unsigned=True,
    ),
    _route(
        "point-biserial r",
        ("r", *SIZES),
        ("r", *SIZES),
        given_words("r", *SIZES),
        (
            "t = r·√(m/(1 − r²)), m = n1 + n2 − 2",
            "r is the point-biserial correlation of group and outcome in the same sample.",
            "jacobs2017",
        ),
    ),
    _route(
        "d",
        ("d", *SIZES),
        ("d", *SIZES),
        given_words("d", *SIZES),
        ("d as printed", "d divides by the pooled SD and is not corrected.", "borenstein2009"),
    ),
    _route(
        "g",
        ("g", *SIZES),
        ("d", *SIZES),
        _g,
        ("d = g/J", "g is d times Hedges' factor.", "hedges1981"),
    ),
    _route(
        "p",
        ("p", *SIZES),
        ("p", *SIZES),
        lambda given, _: {"p": np.abs(given["p"]) * given["sign"], **_sizes(given)},
        ("t = the quantile of p", f"{POOLED} p is two-sided.", "rosenthal1994"),
        unsigned=True,
    ),
)

_BY_METHOD = "means and SDs by `quantiles`: unless said, means by Luo et al., SDs by Wan or Shi"
_SHAPE = "The outcome has the shape that the method supposes: normal, unless said."
_APPROXIMATE_ROUTES = (
    _route(
        "medians, quartiles and range",
        both("min", "q25_", "median", "q75_", "max", "n"),
        MEANS,
        _medians("min", "q25_", "median", "q75_", "max"),
        (_BY_METHOD, _SHAPE, "shi2020"),
        exactness="approximation",
        used_by="metafor (conv.fivenum), meta",
    ),
    _route(
        "medians and quartiles",
        both("q25_", "median", "q75_", "n"),
        MEANS,
        _medians("q25_", "median", "q75_"),
        (_BY_METHOD, _SHAPE, "wan2014"),
        exactness="approximation",
        used_by="metafor (conv.fivenum), meta",
    ),
    _route(
        "medians and range",
        both("min", "median", "max", "n"),
        MEANS,
        _medians("min", "median", "max"),
        (_BY_METHOD, _SHAPE, "wan2014"),
        exactness="approximation",
        used_by="metafor (conv.fivenum), meta",
    ),
    _route(
        "events",
        both("events", "n"),
        EFFECT,
        _counts,
        (
            "d = ln OR·√3/π, J for a corrected measure",
            "The outcome behind the events is logistic with one spread.",
            "chinn2000",
        ),
        measures=("SMD",),
        exactness="approximation",
    ),
    _route(
        "odds ratio and confidence limits",
        ("odds_ratio", "or_ci_low", "or_ci_high", *SIZES),
        EFFECT,
        _odds_ratio,
        (
            "d = ln OR·√3/π, J for a corrected measure",
            "The outcome behind the odds is logistic with one spread.",
            "chinn2000",
        ),
        measures=("SMD",),
        exactness="approximation",
    ),
)

ROUTES = (*_MEAN_ROUTES, *_DIFFERENCE_ROUTES, *_TEST_ROUTES, *_APPROXIMATE_ROUTES)
