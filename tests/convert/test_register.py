"""The whole register: every rule goes forth and back, has its slope, and is complete."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from metarel.convert._edge import METRICS, NEEDS
from metarel.convert.path import convert, needs_of
from metarel.convert.register import EDGES, convert_table, route, rules_between
from metarel.errors import InputError

STATISTICS = {"t", "F", "p", "chi2"}
BIBLIOGRAPHY = Path(__file__).parents[2] / "docs" / "references.bib"

#: Starts of each metric that every rule can convert with the needs below.
STARTS = {
    "d": [0.05, 0.5, 1.3],
    "g": [0.05, 0.5, 1.3],
    "r": [0.02, 0.28, 0.7],
    "z": [0.02, 0.3, 1.1],
    "log_or": [0.1, 0.9, 2.5],
    "or": [0.3, 1.4, 4.5],
    "eta2": [0.01, 0.2, 0.6],
    "f": [0.1, 0.4, 1.5],
    "f2": [0.02, 0.35, 1.5],
    "r2": [0.01, 0.2, 0.6],
    "t": [0.1, 2.5, 4.0],
    "F": [0.1, 4.0, 12.0],
    "p": [0.9, 0.04, 0.0002],
    "chi2": [0.1, 3.8, 20.0],
}
UNSIGNED = {"or", "eta2", "f", "f2", "r2", "F", "chi2"}
GIVEN = {"n1": 15.0, "n2": 45.0, "n": 60.0, "df": 58.0, "base_rate": 0.2, "delta": 2.0, "sd_x": 1.7}

edges = pytest.mark.parametrize("edge", EDGES.values(), ids=lambda edge: edge.code)
signs = pytest.mark.parametrize("sign", [1.0, -1.0])


def given_of(sign: float) -> dict[str, np.ndarray]:
    return {word: np.full(3, number) for word, number in {**GIVEN, "sign": sign}.items()}


def starts(edge, sign: float) -> np.ndarray:
    return np.array(STARTS[edge.source]) * (1.0 if edge.source in UNSIGNED else sign)


@edges
@signs
def test_back_again_at_unequal_sizes(edge, sign):
    x, given = starts(edge, sign), given_of(sign)
    y = edge.forward(x, given)
    assert np.isfinite(y).all()
    np.testing.assert_allclose(edge.inverse(y, given), x, rtol=1e-12)


@edges
@signs
def test_slope_is_the_derivative(edge, sign):
    x, given = starts(edge, sign), given_of(sign)
    h = 1e-5 * np.abs(x)
    numeric = (edge.forward(x + h, given) - edge.forward(x - h, given)) / (2 * h)
    np.testing.assert_allclose(edge.slope(x, given), numeric, rtol=1e-7)


@edges
def test_the_way_back_is_registered_and_agrees(edge):
    if edge.source in STATISTICS:
        assert not [e for e in EDGES.values() if e.target == edge.source and e.source != "F"][1:]
        return
    back = EDGES[f"{edge.target}->{edge.source}:{edge.rule}"]
    x, given = starts(edge, 1.0), given_of(1.0)
    y = edge.forward(x, given)
    np.testing.assert_allclose(back.forward(y, given), x, rtol=1e-12)
    np.testing.assert_allclose(back.slope(y, given), 1 / edge.slope(x, given), rtol=1e-11)


@edges
def test_array_is_scalar_row_by_row(edge):
    words = {word: GIVEN[word] for word in edge.words if word in GIVEN}
    x = starts(edge, 1.0)
    whole = convert(x, edge.source, edge.target, rule=edge.rule, **words)
    rows = [convert(float(v), edge.source, edge.target, rule=edge.rule, **words) for v in x]
    assert all(type(row) is float for row in rows)
    np.testing.assert_array_equal(whole, rows)


@edges
def test_declaration_is_complete(edge):
    assert edge.source in METRICS
    assert edge.target in METRICS
    assert set(edge.words) <= set(NEEDS)
    assert edge.assumption.endswith(".")
    assert edge.exactness in ("identity", "exact", "approximation")
    assert f"{{{edge.reference}," in BIBLIOGRAPHY.read_text(encoding="utf-8")
    fields = set(re.findall(r"{(\w+)}", edge.formula))
    assert fields == {"x", *edge.words}
    if edge.needs:
        with pytest.raises(InputError, match=f"`{edge.needs[0]}`.*must be given: rule"):
            needs_of(edge, {}, 1)


@edges
def test_one_default_a_step(edge):
    rules = rules_between(edge.source, edge.target)
    assert [rule.default for rule in rules] == [True] + [False] * (len(rules) - 1)


@edges
def test_missing_stays_missing(edge):
    words = {word: [GIVEN[word], GIVEN[word], np.nan] for word in edge.words if word in GIVEN}
    x = [np.nan, STARTS[edge.source][1], STARTS[edge.source][1]]
    result = convert(x, edge.source, edge.target, rule=edge.rule, **words)
    assert np.isnan(result).tolist() == [True, False, bool(words)]


@pytest.mark.parametrize("source", METRICS)
@pytest.mark.parametrize("target", [code for code in METRICS if code not in STATISTICS])
def test_every_metric_is_reached_and_variance_follows_the_slope(source, target):
    words = {"n1": 15.0, "n2": 45.0}
    x = STARTS[source][1]
    if target == source:
        assert convert(x, source, target) == x
        return
    found = convert(x, source, target, variance=0.04, **words)
    assert found.value == convert(x, source, target, **words)
    assert found.rule == "delta method"
    assert found.path == tuple(edge.code for edge in route(source, target))
    h = 1e-5 * x
    up, down = (convert(x + step, source, target, **words) for step in (h, -h))
    assert found.variance == pytest.approx(0.04 * ((up - down) / (2 * h)) ** 2, rel=1e-6)


def test_route_prefers_identities_to_approximations():
    assert [edge.code for edge in route("t", "f")] == ["t->r:definition", "r->f:definition"]


def test_the_table_lists_every_edge():
    table = convert_table()
    assert len(table) == len(EDGES)
    assert set(table["target"]).isdisjoint({"F", "p", "chi2"})
    row = table[(table.source == "r") & (table.target == "d") & table.default]
    assert row["formula"].tolist() == ["2·r/√(1 − r²)"]
