"""Pooled rates: metafor's and printed numbers, identities, simulation, and bad input."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr

GOLDEN = Path(__file__).parents[1] / "golden" / "rates.json"
CASES = {case["id"]: case for case in json.loads(GOLDEN.read_text(encoding="utf-8"))}
COLUMNS = {word: word for word in ("events1", "time1", "events2", "time2")}


def drawn(seed: int, k: int = 7, ratio: float = 0.5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    time1, time2 = rng.uniform(5, 80, (2, k))
    rate = rng.gamma(3, 0.05, k)
    return pd.DataFrame({"events1": rng.poisson(ratio * rate * time1), "time1": time1,
                         "events2": rng.poisson(rate * time2), "time2": time2})  # fmt: skip


@pytest.mark.parametrize("name", list(CASES))
def test_agrees_with_metafor(name: str) -> None:
    case = CASES[name]
    words = {word: case[word] for word in ("level", "correct")}
    found = mr.pool_rates(pd.DataFrame(case["data"]), case["measure"], **COLUMNS, **words)
    q, mh = found.heterogeneity, found.association
    numbers = {
        word: getattr(found, word)
        for word in ("estimate", "se", "statistic", "p_value", "ci_low", "ci_high", "Q", "H2", "k")
    }
    numbers |= {"I2": 100 * found.I2, "Q_p": q.p_value, "k_yi": q.df1 + 1,
                "weights": found.weights}  # fmt: skip
    if mh is not None:
        numbers |= {"MH": mh.statistic, "MH_p": mh.p_value}
    assert set(case["expect"]) <= set(numbers)
    for word, number in case["expect"].items():
        np.testing.assert_allclose(numbers[word], number, rtol=1e-10, atol=1e-13, err_msg=word)


def test_the_textbook_prints_these_digits() -> None:
    """Rothman, Greenland and Lash (2008), chapter 15: ratio and difference with 90% limits."""
    data = pd.DataFrame(CASES["rothman-irr-90-FALSE"]["data"])
    ratio = mr.pool_rates(data, **COLUMNS, level=0.9).to_frame().iloc[1]
    assert [f"{x:.2f}" for x in ratio[["estimate", "ci_low", "ci_high"]]] == [
        "1.42",
        "1.19",
        "1.70",
    ]
    rate = mr.pool_rates(data, "IRD", **COLUMNS, level=0.9)
    printed = [f"{x:.2f}" for x in (rate.estimate, rate.ci_low, rate.ci_high)]
    assert printed == ["11.44", "6.35", "16.53"]


@pytest.mark.parametrize("measure", ["IRR", "IRD"])
def test_swapping_groups_flips_the_sign_and_units_of_time_scale(measure: str) -> None:
    swapped = {"events1": "events2", "time1": "time2", "events2": "events1", "time2": "time1"}
    for seed in range(3):
        data = drawn(seed)
        one = mr.pool_rates(data, measure, **COLUMNS)
        other = mr.pool_rates(data, measure, **swapped)
        assert other.estimate == pytest.approx(-one.estimate, rel=1e-12)
        assert (other.se, other.Q) == pytest.approx((one.se, one.Q), rel=1e-10)
        days = data.assign(time1=365 * data.time1, time2=365 * data.time2)
        scaled = mr.pool_rates(days, measure, **COLUMNS)
        unit = 365 if measure == "IRD" else 1
        assert scaled.estimate * unit == pytest.approx(one.estimate, rel=1e-11)
        assert pytest.approx(one.Q, rel=1e-10) == scaled.Q


def test_one_study_is_its_own_effect() -> None:
    one = {"events1": [4], "time1": [70], "events2": [9], "time2": [61]}
    found = mr.pool_rates(None, **one)
    assert found.estimate == pytest.approx(math.log((4 / 70) / (9 / 61)), rel=1e-12)
    assert found.se == pytest.approx(math.sqrt(1 / 4 + 1 / 9), rel=1e-12)
    assert (found.Q, found.heterogeneity.df1) == (0.0, 0)
    rate = mr.pool_rates(None, "IRD", **one)
    assert rate.se == pytest.approx(math.sqrt(4 / 70**2 + 9 / 61**2), rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("measure", ["IRR", "IRD"])
def test_limits_cover_and_the_variance_is_that_of_the_estimates(measure: str) -> None:
    rng = np.random.default_rng(11)
    time1, time2 = rng.uniform(20, 120, (2, 8))
    rate = rng.gamma(3, 0.04, 8)
    first = 0.6 * rate if measure == "IRR" else rate + 0.03
    truth = math.log(0.6) if measure == "IRR" else 0.03
    fits = [
        mr.pool_rates(None, measure, events1=rng.poisson(first * time1), time1=time1,
                      events2=rng.poisson(rate * time2), time2=time2)
        for _ in range(3000)
    ]  # fmt: skip
    estimates, variances = np.array([(f.estimate, f.se**2) for f in fits]).T
    assert estimates.mean() == pytest.approx(truth, abs=4 * estimates.std() / math.sqrt(3000))
    assert variances.mean() == pytest.approx(estimates.var(), rel=0.08)
    covered = np.mean([f.ci_low < truth < f.ci_high for f in fits])
    assert covered == pytest.approx(0.95, abs=0.015)


def test_bad_input_is_named() -> None:
    data = drawn(1)
    for change, options, says in (
        ({}, {"measure": "OR"}, "`measure` must be one of 'IRR', 'IRD'"),
        ({"events1": -1}, {}, "`events1` must be zero or positive"),
        ({"time2": 0}, {}, "`time2` must be positive"),
        ({"events1": 0}, {}, "`events1` and `events2` must leave an estimate of IRR"),
        ({}, {"correct": 1}, "`correct` must be True or False"),
        ({}, {"level": 90}, "`level` must be a fraction"),
        ({"time1": np.nan}, {}, "no rows that are complete"),
    ):
        with pytest.raises(mr.InputError, match=says):
            mr.pool_rates(data.assign(**change), **COLUMNS, **options)
    with pytest.raises(mr.InputError, match=r"For rates use pool_rates\(\)"):
        mr.pool_tables(None, "IRR", events1=[1], n1=[9], events2=[2], n2=[9])
    text = str(mr.pool_rates(pd.concat([data, data.head(1).assign(time1=np.nan)]), **COLUMNS))
    assert text.startswith("Mantel–Haenszel, IRR, 7 studies; 1 row left out")
