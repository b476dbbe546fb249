"""Odds ratios: from tables of counts, from the bivariate normal, printed factors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from metarel.convert.explain import explain
from metarel.convert.interpret import interpret
from metarel.convert.path import convert
from metarel.errors import InputError

A, B, C, E = 30.0, 10.0, 18.0, 42.0
LOG_OR = math.log(A * E / (B * C))
CONTROL = C / (C + E)


def test_a_table_of_counts_gives_every_measure_of_itself():
    treated = A / (A + B)
    words = {"control_rate": CONTROL}
    assert convert(LOG_OR, "log_or", "rr", **words) == pytest.approx(treated / CONTROL, rel=1e-14)
    assert convert(LOG_OR, "log_or", "rd", **words) == pytest.approx(treated - CONTROL, rel=1e-14)
    assert convert(LOG_OR, "log_or", "nnt", **words) == pytest.approx(1 / (treated - CONTROL))
    assert convert(math.exp(LOG_OR), "or", "log_rr", **words) == pytest.approx(
        math.log(treated / CONTROL), rel=1e-14
    )
    q = (A * E - B * C) / (A * E + B * C)
    y = (math.sqrt(A * E) - math.sqrt(B * C)) / (math.sqrt(A * E) + math.sqrt(B * C))
    assert convert(LOG_OR, "log_or", "yule_q") == pytest.approx(q, rel=1e-14)
    assert convert(LOG_OR, "log_or", "yule_y") == pytest.approx(y, rel=1e-14)
    d = stats.norm.ppf(treated) - stats.norm.ppf(CONTROL)
    assert convert(LOG_OR, "log_or", "d", rule="probit", **words) == pytest.approx(d, rel=1e-13)


def test_risk_of_events_and_of_non_events_are_one_difference():
    other = convert(-LOG_OR, "log_or", "rd", control_rate=1 - CONTROL)
    assert other == pytest.approx(-convert(LOG_OR, "log_or", "rd", control_rate=CONTROL))


@pytest.mark.parametrize("r", [-0.9, -0.3, 0.1, 0.6])
def test_pearson_is_exact_at_the_medians(r):
    both = stats.multivariate_normal([0, 0], [[1, r], [r, 1]]).cdf([0, 0])
    log_or = 2 * math.log(both / (0.5 - both))
    assert convert(log_or, "log_or", "r_tet") == pytest.approx(r, abs=1e-7)
    digby = convert(log_or, "log_or", "r_tet", rule="digby")
    assert 0.95 < digby / r < 1


def test_probit_and_logistic_agree_where_the_curves_do():
    """Near a half, a logistic curve of slope 1/4 is a normal one of slope 1/√(2π)."""
    small = convert(1e-5, "log_or", "d", rule="probit", control_rate=0.5)
    assert small == pytest.approx(1e-5 * math.sqrt(2 * math.pi) / 4, rel=1e-9)


def test_extreme_odds_keep_their_digits():
    for rule, words in (("probit", {"control_rate": 1e-6}), ("logistic", {}), ("cox", {})):
        d = np.array([-3.0, 1e-6, 4.0])
        log_or = convert(d, "d", "log_or", rule=rule, **words)
        back = convert(log_or, "log_or", "d", rule=rule, **words)
        np.testing.assert_allclose(back, d, rtol=1e-8)
    assert convert(1e-12, "log_or", "rd", control_rate=0.2) == pytest.approx(0.16e-12, rel=1e-10)


def test_variance_of_a_log_risk_ratio_is_that_of_the_log_odds_ratio_scaled():
    found = convert(LOG_OR, "log_or", "log_rr", variance=0.1, control_rate=CONTROL)
    treated = A / (A + B)
    assert found.variance == pytest.approx(0.1 * (1 - treated) ** 2, rel=1e-12)


@pytest.mark.parametrize(("d", "rate"), [(0.5, 0.2), (-0.4, 0.7), (1.6, 0.03), (1e-9, 0.5)])
def test_needed_from_d_is_that_of_interpret(d, rate):
    said = interpret(d=d, control_event_rate=rate)
    found = convert(d, "d", "nnt", control_rate=rate)
    assert found == pytest.approx(said.value("NNT (Furukawa-Leucht)"), rel=1e-14)
    assert convert(d, "d", "rd", control_rate=rate) == pytest.approx(1 / found, rel=1e-14)
    assert convert(found, "nnt", "d", control_rate=rate) == pytest.approx(d, rel=1e-13)


def test_needed_from_d_by_the_odds_ratio_too():
    words = {"control_rate": 0.2}
    assert convert(0.5, "d", "nnt", **words) == pytest.approx(6.0126, abs=1e-4)
    for rule, expected in (("probit", 6.01), ("logistic", 5.48), ("cox", 6.13)):
        found = convert(0.5, "d", "nnt", rule=rule, **words)
        assert found == pytest.approx(expected, abs=0.005)
        log_or = convert(0.5, "d", "log_or", rule=rule, **(words if rule == "probit" else {}))
        assert found == pytest.approx(convert(log_or, "log_or", "nnt", **words), rel=1e-12)
    assert "rule 'logistic'" in str(explain(0.5, "d", "nnt", **words))
    with pytest.raises(InputError, match="must be a number; check the value"):
        convert(0.9, "rd", "d", control_rate=0.2)


@pytest.mark.parametrize(
    ("args", "words", "message"),
    [
        ((0.5, "log_or", "rr"), {}, "`control_rate` must be given: rule 'control-rate'"),
        ((3.0, "rr", "log_or"), {"control_rate": 0.4}, "must be a number; check"),
        ((0.7, "rd", "log_or"), {"control_rate": 0.4}, "must be a number; check"),
        ((0.0, "log_or", "nnt"), {"control_rate": 0.4}, "1/rd must be a number"),
        ((0.5, "log_or", "rd"), {"control_rate": 1.0}, r"`control_rate` must be .* \(0, 1\)"),
        ((0.5, "log_or", "d"), {"control_rate": 0.4}, "`control_rate` would not be.*'probit'"),
    ],
)
def test_refusals(args, words, message):
    with pytest.raises(InputError, match=message):
        convert(*args, **words)
