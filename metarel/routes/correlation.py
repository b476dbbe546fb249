"""Routes to correlations: other coefficients, limits, tests, differences between two groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metarel.convert.register import EDGES
from metarel.effects._measure import compute_effect
from metarel.effects.correlation import DESIGN
from metarel.effects.register import MEASURES
from metarel.routes._route import Conventions, given_words, routes_of
from metarel.routes._signless import root, t_from_f
from metarel.routes.two_means import both

if TYPE_CHECKING:
    from metarel._checks import Array
    from metarel.routes._route import Given, Recovery

_route = routes_of(DESIGN.code)
PAIR = ("r", "n")
TWO_GROUPS = "The correlation wanted is the point-biserial one."


def _by_edge(edge: str, word: str, **constants: float) -> Recovery:
    """Return the recovery of r by one declared conversion."""

    def recovered(given: Given, _conventions: Conventions) -> dict[str, Array]:
        fixed = {name: np.full_like(given["n"], value) for name, value in constants.items()}
        r = EDGES[edge].forward(given[word], {**given, **fixed})
        return {"r": r, "n": given["n"]}

    return recovered


def _slope(given: Given, _conventions: Conventions) -> dict[str, Array]:
    edge = EDGES["beta->r:peterson-brown"]
    beta = given["beta"]
    r = np.where(np.abs(beta) <= edge.values.high, edge.forward(beta, {}), np.nan)
    return {"r": r, "n": given["n"]}


def _limits(given: Given, _conventions: Conventions) -> dict[str, Array]:
    middle = (np.arctanh(given["r_ci_low"]) + np.arctanh(given["r_ci_high"])) / 2
    return {"r": np.tanh(middle), "n": given["n"]}


def _point_biserial(*words: str) -> Recovery:
    """Return the recovery of r from what compares two groups."""

    def recovered(given: Given, _conventions: Conventions) -> dict[str, Array]:
        effect = compute_effect(MEASURES["RPB"], {word: given[word] for word in words})
        return {"r": effect.yi, "n": given["n1"] + given["n2"]}

    return recovered


def _g(given: Given, conventions: Conventions) -> dict[str, Array]:
    df = {"df": given["n1"] + given["n2"] - 2}
    rule = "approximate" if conventions.correct == "approximate" else "exact"
    d = EDGES[f"g->d:{rule}"].forward(given["g"], df)
    return _point_biserial("d", "n1", "n2")({**given, "d": d}, conventions)


_NORMAL = "Both variables are normal."
_MEANS = both("m", "sd", "n")

ROUTES = (
    _route(
        "r", PAIR, PAIR, given_words(*PAIR), ("r as printed", "r is of n people.", "fisher1921")
    ),
    _route(
        "Fisher's z",
        ("z", "n"),
        PAIR,
        _by_edge("z->r:fisher", "z"),
        ("r = tanh(z)", "z is Fisher's, without adjustment.", "fisher1921"),
    ),
    _route(
        "t",
        ("t", "n"),
        ("t", "n"),
        given_words("t", "n"),
        ("r = t/√(t² + n − 2)", "t tests the correlation of n people.", "rosenthal1994"),
    ),
    _route(
        "F",
        ("f", "n"),
        ("t", "n"),
        lambda given, _: {"t": t_from_f(given), "n": given["n"]},
        ("t = ±√F", "F has 1 and n − 2 degrees of freedom.", "rosenthal1994"),
        optional=("df1",),
        unsigned=True,
    ),
    _route(
        "chi-square",
        ("chi2", "n"),
        PAIR,
        _by_edge("chi2->r:phi", "chi2"),
        (
            "r = ±√(chi2/n)",
            "The chi-square is of a 2 × 2 table, without continuity correction; r is then phi.",
            "rosenthal1994",
        ),
        unsigned=True,
    ),
    _route(
        "variance explained",
        ("r2", "n"),
        PAIR,
        lambda given, _: {"r": root("r2", given), "n": given["n"]},
        ("r = ±√r2", "There is one predictor.", "cohen1988"),
        unsigned=True,
    ),
    _route(
        "eta2",
        ("eta2", "n"),
        PAIR,
        lambda given, _: {"r": root("eta2", given), "n": given["n"]},
        ("r = ±√eta2", "There are two groups.", "cohen1988"),
        unsigned=True,
    ),
    _route(
        "means and SDs of two groups",
        _MEANS,
        PAIR,
        _point_biserial(*_MEANS),
        ("r = d/√(d² + h), h = m/n1 + m/n2, m = n1 + n2 − 2", TWO_GROUPS, "jacobs2017"),
    ),
    _route(
        "t of two groups",
        ("t", "n1", "n2"),
        PAIR,
        _point_biserial("t", "n1", "n2"),
        ("r = t/√(t² + n1 + n2 − 2)", TWO_GROUPS, "rosenthal1994"),
    ),
    _route(
        "d",
        ("d", "n1", "n2"),
        PAIR,
        _point_biserial("d", "n1", "n2"),
        ("r = d/√(d² + h), h = m/n1 + m/n2, m = n1 + n2 − 2", TWO_GROUPS, "jacobs2017"),
    ),
    _route(
        "g",
        ("g", "n1", "n2"),
        PAIR,
        _g,
        ("d = g/J, then r = d/√(d² + h)", TWO_GROUPS, "jacobs2017"),
    ),
    _route(
        "confidence limits of r",
        ("r_ci_low", "r_ci_high", "n"),
        PAIR,
        _limits,
        (
            "r = tanh((atanh(r_ci_low) + atanh(r_ci_high))/2)",
            "The limits were computed on Fisher's z.",
            "fisher1921",
        ),
    ),
    _route(
        "p",
        ("p", "n"),
        ("p", "n"),
        lambda given, _: {"p": np.abs(given["p"]) * given["sign"], "n": given["n"]},
        ("t = the quantile of p", "p is two-sided and tests the correlation.", "rosenthal1994"),
        unsigned=True,
    ),
    _route(
        "Spearman's rho",
        ("rho", "n"),
        PAIR,
        _by_edge("spearman->r:normal", "rho"),
        ("r = 2·sin(π·rho/6)", _NORMAL, "rupinski1996"),
        exactness="approximation",
    ),
    _route(
        "Kendall's tau",
        ("tau", "n"),
        PAIR,
        _by_edge("kendall->r:normal", "tau"),
        ("r = sin(π·tau/2)", _NORMAL, "rupinski1996"),
        exactness="approximation",
    ),
    _route(
        "normal deviate",
        ("z_value", "n"),
        PAIR,
        _by_edge("z_stat->r:z/sqrt(N)", "z_value"),
        ("r = z/√n", "z tests the association of n people.", "rosenthal1994"),
        exactness="approximation",
    ),
    _route(
        "standardised slope",
        ("beta", "n"),
        PAIR,
        _slope,
        (
            "r = beta + 0.05 where beta is not negative, beta elsewhere",
            "|beta| is at most .5, and other predictors matter little.",
            "peterson2005",
        ),
        exactness="approximation",
    ),
)
