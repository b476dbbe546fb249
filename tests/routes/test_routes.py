"""The register of routes, by the same questions: each agrees with the data behind the paper."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import metarel as mr
from metarel._vocabulary import SYMBOLS
from metarel.effects.register import MEASURES
from metarel.routes.register import ROUTES, served_by, steps_to, undeclared_words

BIBLIOGRAPHY = Path(__file__).parents[2] / "docs" / "references.bib"
#: The measure that all routes of a design are held against, and the words of its own data.
TRUTH = {
    "two means": ("SMD", ("m1", "sd1", "n1", "m2", "sd2", "n2")),
    "change": ("SMCC", ("m1", "sd1", "m2", "sd2", "r", "n")),
    "correlation": ("COR", ("r", "n")),
    "two proportions": ("OR", ("events1", "n1", "events2", "n2")),
}
#: Words that the papers of ``conftest`` do not print; their routes are held in ``test_compute``.
ELSEWHERE = {"rho", "tau", "beta", "z_value"}
IN_PAPERS = [
    route
    for route in ROUTES
    if route.design in TRUTH
    and not ELSEWHERE & set(route.needs)
    and not (route.design == "two proportions" and {"p", "d"} & set(route.needs))
    and not (route.design == "two means" and {"events1", "odds_ratio"} & set(route.needs))
]
SEEDS = range(6)

routes = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.design}: {route.code}")


def words_for(route, paper):
    """Return what a paper prints of the words that a route reads; the sign where it needs one."""
    words = {word: paper[word] for word in (*route.needs, *route.optional) if word in paper}
    if route.fallback:
        words = {w: v for w, v in words.items() if w not in ("sd2", "se1", "ci_low1", "ci_high1")}
    return words


def sign_of(paper):
    for word in ("md", "m_change", "r", "phi"):
        if word in paper:
            return 1.0 if paper[word] >= 0 else -1.0
    raise AssertionError("no sign in this paper")


def walk(route, paper, measure, **options):
    """Return the row of one route among all routes of a paper that prints no more than it needs."""
    words = words_for(route, paper)
    signed = {"sign": sign_of(paper)} if route.unsigned else {}
    table = mr.effect_routes(None, measure, **words, **signed, **options)
    found = table[table["route"] == route.code]
    assert len(found) == 1
    return found.iloc[0]


def measure_for(route):
    """Return the measure that the route is tried on: the design's own, or the first it serves."""
    own = TRUTH[route.design][0]
    return own if own in served_by(route) else served_by(route)[0]


def truth_of(design, measure, paper):
    inputs = TRUTH[design][1]
    if MEASURES[measure].design.code != design:
        raise AssertionError(measure)
    return mr.effect_sizes(None, measure, **{word: paper[word] for word in inputs}).iloc[0]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "route",
    [r for r in IN_PAPERS if r.exactness == "exact"],
    ids=lambda route: f"{route.design}: {route.code}",
)
def test_exact_routes_give_the_effect_of_the_data(route, seed, paper):
    printed = paper(route.design, seed)
    measure = measure_for(route)
    found = walk(route, printed, measure, digits="exact")
    true = truth_of(route.design, measure, printed)
    assert found["yi"] == pytest.approx(true["yi"], rel=1e-9)
    if not route.direct or route.design == "change":
        assert found["vi"] == pytest.approx(true["vi"], rel=1e-9)
    assert found["yi_low"] == found["yi_high"] == found["yi"]
    assert found["chosen"]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "route",
    [r for r in IN_PAPERS if r.exactness == "exact"],
    ids=lambda route: f"{route.design}: {route.code}",
)
def test_rounding_never_hides_the_effect(route, seed, paper):
    """The true effect lies within what the printed digits allow."""
    printed = paper(route.design, seed)
    rounded = {
        word: value if SYMBOLS[word].unit == "people" else f"{value:.2f}"
        for word, value in printed.items()
    }
    if "p" in rounded:
        rounded["p"] = f"{printed['p']:.3g}"
    measure = measure_for(route)
    words = words_for(route, rounded)
    signed = {"sign": sign_of(printed)} if route.unsigned else {}
    table = mr.effect_routes(None, measure, **words, **signed)
    found = table[table["route"] == route.code].iloc[0]
    true = truth_of(route.design, measure, printed)
    slack = 1e-9
    assert found["yi_low"] - slack <= true["yi"] <= found["yi_high"] + slack


def printed_with(paper: dict[str, float], digits: int, p: str) -> dict[str, object]:
    """Return a paper's numbers as printed: with so many digits, and p as a number or a bound."""
    found: dict[str, object] = {
        word: value if SYMBOLS[word].unit == "people" else f"{value:.{digits}f}"
        for word, value in paper.items()
    }
    if "p" in paper and p == "bound":
        limits = [limit for limit in (0.001, 0.01, 0.05) if paper["p"] < limit]
        found["p"] = f"<{limits[0]}" if limits else "n.s."
    return found


WITH_PAPERS = [m.code for m in MEASURES.values() if m.design.code in TRUTH]
WAYS_TO_PRINT = [(digits, p) for digits in (1, 2, 3) for p in ("number", "bound")]


@pytest.mark.parametrize(
    ("measure", "way"),
    [(code, WAYS_TO_PRINT[place % 6]) for place, code in enumerate(WITH_PAPERS)],
)
def test_an_honest_paper_has_no_conflict(measure, way, paper):
    check_no_conflict(measure, *way, paper)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS_TO_PRINT)
@pytest.mark.parametrize("measure", WITH_PAPERS)
def test_an_honest_paper_has_no_conflict_however_it_prints(measure, way, paper):
    check_no_conflict(measure, *way, paper)


def check_no_conflict(measure, digits, p, paper):
    """Twelve papers in one table, each printed honestly, with so many digits."""
    design = MEASURES[measure].design.code
    known = {word for step in steps_to(MEASURES[measure]) for word in step.reads}
    rows = [printed_with(paper(design, seed), digits, p) for seed in range(12)]
    columns = {word: [row[word] for row in rows] for word in rows[0] if word in known}
    routes = mr.effect_routes(None, measure, **columns)
    exact = routes[routes["exactness"] == "exact"]
    assert routes["row"].nunique() == 12
    for row, own in exact.groupby("row"):
        meeting = own["yi_low"].max() <= own["yi_high"].min() + 1e-9
        assert meeting, f"row {row}: {own[['route', 'yi_low', 'yi_high']]}"
    inputs = next(way for way in MEASURES[measure].ways if set(way) <= set(paper(design, 0)))
    data = {word: [paper(design, seed)[word] for seed in range(12)] for word in inputs}
    at = mr.effect_sizes(None, measure, **data)["yi"].to_numpy()[exact["row"].to_numpy()]
    assert (exact["yi_low"] <= at + 1e-9).all()
    assert (at <= exact["yi_high"] + 1e-9).all()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "route",
    [r for r in IN_PAPERS if r.exactness == "approximation" and "margins" not in r.code],
    ids=lambda route: f"{route.design}: {route.code}",
)
def test_close_routes_come_close(route, seed, paper):
    printed = paper(route.design, seed)
    measure = measure_for(route)
    found = walk(route, printed, measure, digits="exact")
    true = truth_of(route.design, measure, printed)
    assert abs(found["yi"] - true["yi"]) < 3 * np.sqrt(true["vi"])
    assert found["exactness"] == "approximation"


@routes
def test_declaration_is_whole(route):
    assert route.needs
    assert route.gives
    assert route.formula
    assert route.assumption.endswith(".")
    assert route.exactness in ("exact", "approximation")
    assert f"{{{route.reference}," in BIBLIOGRAPHY.read_text(encoding="utf-8")
    assert served_by(route)
    assert set(route.measures) <= set(MEASURES)
    assert not set(route.needs) & set(route.optional)


def test_every_word_stands_in_the_vocabulary():
    assert undeclared_words() == []


def test_names_are_unique_within_a_design():
    names = [(route.design, route.code) for route in ROUTES]
    assert len(set(names)) == len(names)


def test_the_table_lists_the_routes_in_order_of_preference():
    table = mr.route_table("SMD")
    assert table["route"].iloc[0] == "means and SDs"
    assert list(mr.route_table()["route"]) == [route.code for route in ROUTES]
    exact = (table["exactness"] == "exact").to_numpy()
    assert re.search("approximation", table["exactness"].iloc[-1])
    assert exact[0]


def test_a_measure_without_declared_routes_reads_its_own_inputs():
    table = mr.route_table("IRR")
    assert table["needs"].tolist() == ["events1, time1, events2, time2"]
    words = {"events1": [4], "time1": [120.5], "events2": [9], "time2": [150.0]}
    found = mr.effects_from_reports(None, "IRR", digits="exact", **words)
    assert found["yi"].item() == mr.effect_sizes(None, "IRR", **words)["yi"].item()


@pytest.mark.parametrize("code", MEASURES)
def test_every_measure_can_be_reached(code):
    steps = steps_to(MEASURES[code])
    assert steps
    assert all(word in SYMBOLS for step in steps for word in step.route.words)
