"""Pooled tables: metafor's and statsmodels' numbers, identities, and bad input."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

import metarel as mr
from metarel.models._pooled_tables import POOLINGS

GOLDEN = Path(__file__).parents[1] / "golden" / "mh_peto.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))
COLUMNS = {word: word for word in ("events1", "n1", "events2", "n2")}
BOTH = [(code, measure) for code in POOLINGS for measure in POOLINGS[code].measures]


def drawn(seed: int, k: int = 9) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n1, n2 = rng.integers(8, 60, (2, k))
    return pd.DataFrame({"events1": rng.binomial(n1, 0.3), "n1": n1,
                         "events2": rng.binomial(n2, 0.15), "n2": n2})  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_agrees_with_metafor(case: dict) -> None:
    words = {name: case[name] for name in ("method", "level", "correct")}
    found = mr.pool_tables(pd.DataFrame(case["data"]), case["measure"], **COLUMNS, **words)
    q, mh, tarone = found.heterogeneity, found.association, found.homogeneity
    numbers = {
        **{name: getattr(found, name) for name in
           ("estimate", "se", "statistic", "p_value", "ci_low", "ci_high", "Q", "H2", "k")},
        "I2": 100 * found.I2, "Q_p": q.p_value, "k_yi": q.df1 + 1, "weights": found.weights,
    }  # fmt: skip
    if case["measure"] == "OR":
        numbers |= {"MH": mh.statistic, "MH_p": mh.p_value}
    if tarone is not None:
        numbers |= {"Tarone": tarone.statistic, "Tarone_p": tarone.p_value}
    assert set(case["expect"]) <= set(numbers)
    for name, number in case["expect"].items():
        np.testing.assert_allclose(numbers[name], number, rtol=1e-10, atol=1e-13, err_msg=name)


def test_agrees_with_statsmodels() -> None:
    for seed in range(4):
        data = drawn(seed)
        a, n1, c, n2 = (data[name].to_numpy(float) for name in COLUMNS)
        theirs = StratifiedTable([np.array([[a[i], n1[i] - a[i]], [c[i], n2[i] - c[i]]])
                                  for i in range(len(a))])  # fmt: skip
        found = mr.pool_tables(data, **COLUMNS)
        assert found.estimate == pytest.approx(theirs.logodds_pooled, rel=1e-12)
        assert found.se == pytest.approx(theirs.logodds_pooled_se, rel=1e-12)
        null = theirs.test_null_odds(correction=True)
        assert found.association.statistic == pytest.approx(null.statistic, rel=1e-11)
        equal = theirs.test_equal_odds(adjust=True)
        assert found.homogeneity.statistic == pytest.approx(equal.statistic, rel=1e-9)
        ratio = mr.pool_tables(data, "RR", **COLUMNS)
        assert np.exp(ratio.estimate) == pytest.approx(theirs.riskratio_pooled, rel=1e-12)


@pytest.mark.parametrize(("method", "measure"), BOTH)
def test_swapping_groups_flips_the_sign_alone(method: str, measure: str) -> None:
    swapped = {"events1": "events2", "n1": "n2", "events2": "events1", "n2": "n1"}
    for seed in range(3):
        data = drawn(seed)
        one = mr.pool_tables(data, measure, **COLUMNS, method=method)
        other = mr.pool_tables(data, measure, **swapped, method=method)
        assert other.estimate == pytest.approx(-one.estimate, rel=1e-12)
        assert other.ci_low == pytest.approx(-one.ci_high, rel=1e-12)
        assert (other.se, other.Q) == pytest.approx((one.se, one.Q), rel=1e-10)
        none = data.assign(events1=data.n1 - data.events1, events2=data.n2 - data.events2)
        if measure != "RR":  # a risk ratio of not having the event is another one
            without = mr.pool_tables(none, measure, **COLUMNS, method=method)
            assert without.estimate == pytest.approx(-one.estimate, rel=1e-12)
            assert without.se == pytest.approx(one.se, rel=1e-12)
        shuffled = mr.pool_tables(data.sample(frac=1, random_state=1), measure, **COLUMNS,
                                  method=method)  # fmt: skip
        assert shuffled.to_frame().estimate[0] == pytest.approx(one.estimate, rel=1e-12)


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_one_table_is_its_own_effect(measure: str) -> None:
    """The variances are then Woolf's, and the usual ones of a log risk ratio and a difference."""
    data = pd.DataFrame({"events1": [7], "n1": [20], "events2": [3], "n2": [25]})
    found = mr.pool_tables(data, measure, **COLUMNS)
    own = mr.effect_sizes(data, measure, **COLUMNS)
    assert found.estimate == pytest.approx(own.yi.iloc[0], rel=1e-12)
    assert found.se**2 == pytest.approx(own.vi.iloc[0], rel=1e-12)
    assert abs(found.Q) < 1e-20
    assert (found.heterogeneity.p_value, found.I2, found.H2) == (1.0, 0.0, 1.0)
    if measure == "OR":
        assert math.isnan(found.homogeneity.statistic)


def test_tables_without_events_change_nothing_but_their_number() -> None:
    data = drawn(5)
    empty = pd.concat([data, pd.DataFrame({"events1": [0], "n1": [30], "events2": [0], "n2": [9]})])
    for method, measure in BOTH:
        one, more = (mr.pool_tables(d, measure, **COLUMNS, method=method) for d in (data, empty))
        assert more.k == one.k + 1
        assert more.heterogeneity.df1 == one.heterogeneity.df1
        if measure != "RD":
            assert (more.estimate, more.se) == pytest.approx((one.estimate, one.se), rel=1e-12)
    lower = mr.pool_tables(empty, "RD", **COLUMNS).estimate
    assert abs(lower) < abs(mr.pool_tables(data, "RD", **COLUMNS).estimate)


def test_cells_may_be_added_to() -> None:
    data = pd.DataFrame({"events1": [3, 0], "n1": [20, 30], "events2": [0, 0], "n2": [20, 30]})
    with pytest.raises(mr.InputError, match=r"one group has no events in any table. Use add=0\.5"):
        mr.pool_tables(data, **COLUMNS)
    added = mr.pool_tables(data, **COLUMNS, add=0.5)
    by_hand = mr.pool_tables(data.assign(events1=data.events1 + 0.5, events2=data.events2 + 0.5,
                                         n1=data.n1 + 1, n2=data.n2 + 1), **COLUMNS)  # fmt: skip
    assert (added.estimate, added.se) == pytest.approx((by_hand.estimate, by_hand.se), rel=1e-12)


def test_peto_is_mantel_and_haenszels_test() -> None:
    """Its z squared is the statistic of their test, without the correction."""
    data = drawn(7)
    found = mr.pool_tables(data, **COLUMNS, method="Peto", correct=False)
    assert found.statistic**2 == pytest.approx(found.association.statistic, rel=1e-12)


@pytest.mark.slow
def test_variances_are_those_of_the_estimates() -> None:
    """Sparse tables, many of them: the regime that the variances are made for."""
    rng = np.random.default_rng(4)
    n1, n2 = np.full(60, 8), np.full(60, 12)
    found: dict = {(m, e): [] for m, e in BOTH}
    for _ in range(3000):
        data = pd.DataFrame({"events1": rng.binomial(n1, 0.3), "n1": n1,
                             "events2": rng.binomial(n2, 0.25), "n2": n2})  # fmt: skip
        for method, measure in BOTH:
            fit = mr.pool_tables(data, measure, **COLUMNS, method=method)
            found[method, measure].append((fit.estimate, fit.se**2))
    for key, pairs in found.items():
        estimates, variances = np.array(pairs).T
        assert variances.mean() == pytest.approx(estimates.var(), rel=0.1), key


def test_what_is_printed_and_ready_for_json() -> None:
    data = drawn(2)
    found = mr.pool_tables(pd.concat([data, data.head(1).assign(n1=np.nan)]), **COLUMNS)
    text = str(found)
    assert text.startswith("Mantel–Haenszel, OR, 9 tables; 1 row left out")
    assert "Association: Q(1) = " in text
    assert "(H0: all tables have the same odds ratio)" in text
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["estimates"][1]["estimate"] == pytest.approx(math.exp(found.estimate))
    assert told["homogeneity"]["df1"] == 8
    assert len(mr.pool_tables(data, "RD", **COLUMNS).to_frame()) == 1


def test_bad_input_is_named() -> None:
    data = drawn(1)
    for change, options, says in (
        ({}, {"measure": "IRR"}, "`measure` must be one of 'OR', 'RR', 'RD'; got 'IRR'"),
        ({}, {"measure": "RR", "method": "Peto"}, "must be one of 'OR'.*`method` is 'Peto'"),
        ({}, {"method": "mhh"}, "`method` must be one of 'MH', 'Peto'"),
        ({"events1": -1}, {}, "`events1` must"),
        ({"events1": 99}, {}, "`events1` must not be above `n1`"),
        ({"n2": 0, "events2": 0}, {}, "`n2` must be positive"),
        ({}, {"correct": "yes"}, "`correct` must be True or False"),
        ({}, {"level": 95}, "`level` must be a fraction"),
        ({}, {"add": -1}, "`add` must be"),
        ({"n1": np.nan}, {}, "no rows that are complete"),
    ):
        with pytest.raises(mr.InputError, match=says):
            mr.pool_tables(data.assign(**change), **COLUMNS, **options)


def test_an_only_table_has_no_heterogeneity() -> None:
    """Its effect with 1/2 added is not the pooled one, and that is no spread of effects."""
    for measure in ("OR", "RR", "RD"):
        one = {"events1": [0, 0], "n1": [4, 9], "events2": [1, 0], "n2": [39, 8]}
        add = 0.0 if measure == "RD" else 0.5
        found = mr.pool_tables(None, measure, **one, add=add)
        assert (found.Q, found.heterogeneity.df1, found.heterogeneity.p_value) == (0.0, 0, 1.0)


def test_what_peto_does_not_take_is_refused() -> None:
    with pytest.raises(mr.InputError, match="`add` is for method 'MH'; Peto's takes tables"):
        mr.pool_tables(drawn(1), **COLUMNS, method="Peto", add=0.5)


def test_the_others_of_a_group_stand_for_its_size() -> None:
    data = drawn(1)
    others = data.assign(c1=data["n1"] - data["events1"], c2=data["n2"] - data["events2"])
    words = {"events1": "events1", "events2": "events2"}
    found = mr.pool_tables(others, non_events1="c1", non_events2="c2", **words)
    assert found.estimate == mr.pool_tables(data, **COLUMNS).estimate
    for wrong in ({"n1": "n1"}, {"n1": "n1", "non_events1": "c1", "n2": "n2"}):
        with pytest.raises(mr.InputError, match=r"Either `n.` or `non_events.` must be given"):
            mr.pool_tables(others, **words, **wrong)
    with pytest.raises(mr.InputError, match="`non_events1` must"):
        mr.pool_tables(others.assign(c1=-1), non_events1="c1", non_events2="c2", **words)
