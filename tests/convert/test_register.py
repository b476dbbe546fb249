"""The whole register: every rule goes forth and back, has its slope, and is complete."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from metarel.convert._edge import METRICS, NEEDS
from metarel.convert._walk import needs_of, unread
from metarel.convert.explain import explain
from metarel.convert.path import convert
from metarel.convert.register import EDGES, FAMILIES, convert_table, route, rules_between
from metarel.errors import InputError

BIBLIOGRAPHY = Path(__file__).parents[2] / "docs" / "references.bib"

#: Starts of each metric that every rule can convert with the needs below.
STARTS = {
    "d": [0.05, 0.5, 1.3],
    "g": [0.05, 0.5, 1.3],
    "md": [0.2, 2.0, 5.0],
    "r": [0.02, 0.28, 0.7],
    "z": [0.02, 0.3, 1.1],
    "r_pb": [0.02, 0.28, 0.6],
    "r_bis": [0.02, 0.28, 0.7],
    "r_tet": [0.02, 0.28, 0.7],
    "spearman": [0.02, 0.28, 0.7],
    "kendall": [0.02, 0.28, 0.7],
    "cohen_q": [0.05, 0.3, 0.9],
    "U1": [0.05, 0.3, 0.7],
    "U2": [0.3, 0.55, 0.8],
    "U3": [0.3, 0.55, 0.9],
    "overlap": [0.95, 0.8, 0.4],
    "cles": [0.3, 0.55, 0.8],
    "cliff": [0.05, 0.3, 0.7],
    "besd": [0.3, 0.55, 0.8],
    "log_or": [0.1, 0.9, 2.5],
    "or": [0.3, 1.4, 4.5],
    "log_rr": [0.1, 0.3, 0.7],
    "rr": [0.5, 1.2, 2.0],
    "rd": [0.05, 0.2, 0.4],
    "nnt": [20.0, 5.0, 2.6],
    "log_hr": [0.1, 0.9, 2.5],
    "hr": [0.3, 1.4, 4.5],
    "yule_q": [0.05, 0.3, 0.8],
    "yule_y": [0.05, 0.2, 0.5],
    "eta2": [0.01, 0.2, 0.6],
    "epsilon2": [0.01, 0.2, 0.6],
    "omega2": [0.01, 0.2, 0.6],
    "f": [0.1, 0.4, 1.5],
    "f2": [0.02, 0.35, 1.5],
    "r2": [0.01, 0.2, 0.6],
    "z_r2": [0.1, 0.5, 1.2],
    "cohen_w": [0.05, 0.3, 0.9],
    "cramer_v": [0.05, 0.3, 0.6],
    "tschuprow_t": [0.05, 0.3, 0.6],
    "pearson_c": [0.05, 0.3, 0.6],
    "fei": [0.05, 0.3, 0.6],
    "proportion": [0.04, 0.3, 0.9],
    "log_proportion": [-3.0, -1.2, -0.1],
    "logit": [0.1, 0.9, 2.5],
    "probit": [0.1, 0.5, 1.3],
    "arcsine": [0.2, 0.6, 1.2],
    "double_arcsine": [0.2, 0.6, 1.2],
    "cohen_h": [0.05, 0.4, 0.9],
    "rate": [0.04, 0.3, 2.0],
    "log_rate": [0.1, 0.9, 2.5],
    "sqrt_rate": [0.2, 0.6, 1.4],
    "ft_rate": [0.2, 0.6, 1.4],
    "alpha": [0.05, 0.6, 0.9],
    "ahw": [0.05, 0.3, 0.6],
    "abt": [0.05, 0.6, 2.3],
    "t": [0.1, 2.5, 4.0],
    "F": [0.1, 4.0, 12.0],
    "p": [0.9, 0.04, 0.0002],
    "p_one": [0.9, 0.04, 0.0002],
    "z_stat": [0.1, 2.0, 3.5],
    "chi2": [0.1, 3.8, 20.0],
    "U": [200.0, 400.0, 600.0],
    "H": [2.5, 3.8, 20.0],
    "beta": [0.02, 0.28, 0.45],
}
#: Rules that no program is known to use in one of their directions.
UNNAMED = {
    *("base-rate", "base-rate-n", "per-delta", "bias-adjusted"),
    *("z_stat->d:exact", "f->d:exact", "d->f:exact"),
}
#: Scales on which a number below 0 means nothing, besides those whose domain says so.
UNSIGNED = {"log_proportion", "arcsine", "double_arcsine", "sqrt_rate", "ft_rate", "z_r2"}
GIVEN = {
    "n1": 15.0,
    "n2": 45.0,
    "n": 60.0,
    "df": 58.0,
    "df1": 3.0,
    "groups": 3.0,
    "rows": 3.0,
    "columns": 4.0,
    "expected": 0.2,
    "base_rate": 0.2,
    "control_rate": 0.45,
    "delta": 2.0,
    "sd_x": 1.7,
    "sd": 4.2,
    "time": 40.0,
    "other": 0.3,
}

edges = pytest.mark.parametrize("edge", EDGES.values(), ids=lambda edge: edge.code)
signs = pytest.mark.parametrize("sign", [1.0, -1.0])


def words_of(edge) -> dict[str, float]:
    """Return the needs of a rule; one that can take a single number takes that."""
    return {
        word: edge.need_domains[word].low
        if word in edge.need_domains and edge.need_domains[word].low == edge.need_domains[word].high
        else GIVEN[word]
        for word in edge.words
        if word in GIVEN
    }


def given_of(edge, sign: float) -> dict[str, np.ndarray]:
    return {word: np.full(3, number) for word, number in {**words_of(edge), "sign": sign}.items()}


def has_sign(edge) -> bool:
    domain = edge.support or edge.values
    return domain.low < 0 and edge.source not in UNSIGNED


def starts(edge, sign: float) -> np.ndarray:
    return np.array(STARTS[edge.source]) * (sign if has_sign(edge) else 1.0)


@edges
@signs
def test_back_again_at_unequal_sizes(edge, sign):
    x, given = starts(edge, sign), given_of(edge, sign)
    y = edge.forward(x, given)
    assert np.isfinite(y).all()
    np.testing.assert_allclose(edge.inverse(y, given), x, rtol=1e-12)


@edges
@signs
def test_slope_is_the_derivative(edge, sign):
    x, given = starts(edge, sign), given_of(edge, sign)
    h = 1e-5 * np.abs(x)
    numeric = (edge.forward(x + h, given) - edge.forward(x - h, given)) / (2 * h)
    np.testing.assert_allclose(edge.slope(x, given), numeric, rtol=1e-7)


@edges
def test_the_way_back_is_registered_and_agrees(edge):
    backward = f"{edge.target}->{edge.source}:{edge.rule}"
    if edge.one_way or METRICS[edge.source].statistic:
        assert backward not in EDGES
        return
    back = EDGES[backward]
    assert back.alone == edge.alone or METRICS[edge.source].typed or METRICS[edge.target].typed
    x, given = starts(edge, 1.0), given_of(edge, 1.0)
    y = edge.forward(x, given)
    np.testing.assert_allclose(back.forward(y, given), x, rtol=1e-12)
    np.testing.assert_allclose(back.slope(y, given), 1 / edge.slope(x, given), rtol=1e-11)


def test_statistics_lead_away_only():
    inwards = {edge.code for edge in EDGES.values() if METRICS[edge.target].statistic}
    assert inwards == {"F->t:definition", "p->t:quantile", "p_one->t:quantile"}


@edges
def test_every_rule_falls_or_rises_over_its_starts(edge):
    """So that printed digits have a range of results, and a mode can be had."""
    y = edge.forward(starts(edge, 1.0), given_of(edge, 1.0))
    x = starts(edge, 1.0)
    same = np.sign(np.diff(y)) * np.sign(np.diff(x))
    assert abs(same.sum()) == len(same)


@edges
def test_array_is_scalar_row_by_row(edge):
    words = words_of(edge)
    x = starts(edge, 1.0)
    whole = convert(x, edge.source, edge.target, rule=edge.rule, **words)
    rows = [convert(float(v), edge.source, edge.target, rule=edge.rule, **words) for v in x]
    assert all(type(row) is float for row in rows)
    np.testing.assert_array_equal(whole, rows)


@edges
def test_what_is_not_refused_stays_in_range_and_has_a_way_back(edge):
    """Over the whole domain and its ends, row by row: a refused row refuses alone."""
    low, high = max(edge.values.low, -8.0), min(edge.values.high, 8.0)
    code = f"{edge.target}->{edge.source}:{edge.rule}"
    backward = next((back for back in EDGES.values() if back.code == code), None)
    words = words_of(edge)
    kept = 0
    for x in np.r_[low, high, np.linspace(low, high, 22)[1:-1], 1e-9]:
        try:
            y = convert(x, edge.source, edge.target, rule=edge.rule, **words)
        except InputError:
            continue
        kept += 1
        domain = METRICS[edge.target].domain
        assert domain.low <= y <= domain.high
        # Ends to which what lies beyond was cut may have no way back.
        if backward is not None and edge.support is None and abs(x) < 5:
            back_words = words_of(backward)
            if "sign" in backward.words:
                back_words["sign"] = 1.0 if x >= 0 else -1.0
            again = convert(y, edge.target, edge.source, rule=edge.rule, **back_words)
            assert again == pytest.approx(x, rel=1e-7, abs=1e-7)
    assert kept > 1


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
    assert edge.used_by or edge.exactness == "identity" or {edge.rule, edge.code} & UNNAMED
    assert set(edge.averages) <= {"mean", "mode"}
    if edge.needs:
        with pytest.raises(InputError, match=f"`{edge.needs[0]}`.*must be given: rule"):
            needs_of(edge, {}, 1)


def test_conditions_are_words_with_a_way_out():
    asked = [edge for edge in EDGES.values() if edge.conditions]
    assert {(edge.source, edge.target) for edge in asked} == {
        *(("eta2", "r"), ("f", "r"), ("f", "d")),
    }
    for edge in asked:
        assert set(edge.conditions) <= set(NEEDS)
        assert not set(edge.conditions) & set(edge.words)
        assert set(edge.conditions) <= set(edge.need_hints)


@edges
def test_one_default_a_step(edge):
    rules = rules_between(edge.source, edge.target)
    assert [rule.default for rule in rules] == [True] + [False] * (len(rules) - 1)


@edges
def test_missing_stays_missing(edge):
    words = {word: [number, number, np.nan] for word, number in words_of(edge).items()}
    x = [np.nan, STARTS[edge.source][1], STARTS[edge.source][1]]
    result = convert(x, edge.source, edge.target, rule=edge.rule, **words)
    assert np.isnan(result).tolist() == [True, False, bool(words)]


def reached(source: str) -> list[str]:
    found = []
    for target in METRICS:
        try:
            way = route(source, target)
        except InputError:
            continue
        if way and not METRICS[target].statistic:
            found.append(target)
    return found


@pytest.mark.parametrize("source", STARTS)
def test_variance_follows_the_slope_to_every_metric_in_reach(source):
    x = STARTS[source][1]
    assert convert(x, source, source) == x
    for target in reached(source):
        way = route(source, target)
        words = {**GIVEN, **{word: n for edge in way for word, n in words_of(edge).items()}}
        words |= {word: only.low for edge in way for word, only in edge.conditions.items()}
        for word in unread(way, words):
            del words[word]
        found = convert(x, source, target, variance=0.04, **words)
        assert found.value == convert(x, source, target, **words)
        assert found.rule == "delta method"
        assert found.path == tuple(edge.code for edge in way)
        h = 1e-5 * abs(x)
        up, down = (convert(x + step, source, target, **words) for step in (h, -h))
        numeric = 0.04 * ((up - down) / (2 * h)) ** 2
        assert found.variance == pytest.approx(numeric, rel=1e-6), target


def test_every_start_is_a_metric_and_every_metric_that_leads_somewhere_has_starts():
    assert set(STARTS) <= set(METRICS)
    assert {edge.source for edge in EDGES.values()} == set(STARTS)
    assert {edge.target for edge in EDGES.values()} | set(STARTS) == set(METRICS)


SINGLE = {
    "proportion": {"log_proportion", "logit", "probit", "arcsine", "double_arcsine", "cohen_h"},
    "rate": {"log_rate", "sqrt_rate", "ft_rate"},
    "alpha": {"ahw", "abt"},
    "cohen_w": {"cramer_v", "tschuprow_t", "pearson_c", "fei"},
    "H": {"eta2_rank", "epsilon2_rank"},
}


@pytest.mark.parametrize("source", SINGLE)
def test_unrelated_scales_have_no_way_to_each_other(source):
    assert set(reached(source)) == SINGLE[source]
    for target in SINGLE[source] - {"eta2_rank", "epsilon2_rank"}:
        assert set(reached(target)) <= SINGLE[source] | {source}
    assert not set(reached("d")) & (SINGLE[source] | {source})


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("r", "r_bis"),
        ("d", "spearman"),
        ("z", "r_pb"),
        ("d", "cohen_q"),
        ("r_tet", "d"),
        ("cohen_q", "z"),
        ("r", "r_tet"),
        ("cohen_h", "logit"),
    ],
)
def test_routes_do_not_lose_which_correlation_they_carry(source, target):
    with pytest.raises(InputError, match=r"`target` (must|cannot) be"):
        route(source, target)


def test_typed_correlations_lead_on():
    assert [edge.target for edge in route("spearman", "z")] == ["r", "z"]
    assert [edge.target for edge in route("r_pb", "z")] == ["d", "r", "z"]
    assert [edge.target for edge in route("t", "r_bis")] == ["d", "r_bis"]
    assert [edge.target for edge in route("or", "r_tet")] == ["log_or", "r_tet"]


def test_route_prefers_identities_to_approximations():
    assert [edge.code for edge in route("t", "f")] == ["t->r:definition", "r->f:definition"]


@edges
def test_every_rule_is_explained(edge):
    words = words_of(edge)
    value = STARTS[edge.source][1]
    found = explain(value, edge.source, edge.target, rule=edge.rule, **words)
    assert found.result == convert(value, edge.source, edge.target, rule=edge.rule, **words)
    assert found.rule == edge.rule
    assert max(map(len, str(found).splitlines())) <= 80
    text = " ".join(str(found).split())
    assert f"Rule {edge.rule}, {edge.source} → {edge.target}" in text
    assert f"assumes: {edge.assumption}" in text
    assert "{" not in found.steps[0].numbers


def test_the_table_lists_every_edge():
    table = convert_table()
    assert len(table) == len(EDGES)
    assert set(table["family"]) == set(FAMILIES)
    row = table[(table.source == "r") & (table.target == "d") & table.default]
    assert row["formula"].tolist() == ["2·r/√(1 − r²)"]
