"""Permutation tests: metafor's exact p-values, brute force, and the interval turned into tests."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.models._permutations import all_orders, all_signs, count_orders, row_kinds

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = {c["id"]: c for c in json.loads((GOLDEN / "inference.json").read_text(encoding="utf-8"))}


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("perm-")])
def test_agrees_with_metafor(name: str) -> None:
    case = CASES[name]
    model, control = case["call"]["model"], case["call"]["args"].get("control", {})
    frame = pd.DataFrame(case["data"])
    two_sided = "doubled" if control.get("p2defn") == "px2" else "absolute"
    statistic = "estimate" if control.get("stat") == "coef" else "statistic"
    if "mods" in model:
        fit = mr.meta_regression(frame, model["mods"], tau2=model["method"])
    else:
        fit = mr.pool(frame, tau2=model["method"])
    found = mr.permutation_test(fit, statistic=statistic, two_sided=two_sided)
    assert found.exact
    assert found.permutations == case["expect"]["exact_iter"]
    np.testing.assert_allclose(found.table.p_value, case["expect"]["pval"], rtol=1e-12)
    # metafor's joint test of a mean is that of its squared statistic
    joint = found.omnibus_p if "mods" in model else mr.permutation_test(fit).table.p_value[0]
    assert joint == pytest.approx(case["expect"]["QMp"], rel=1e-12)


@pytest.fixture
def data() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    v = rng.uniform(0.02, 0.2, 6)
    return pd.DataFrame(
        {
            "yi": rng.normal(0.3, np.sqrt(v)),
            "vi": v,
            "x": [1.0, 2, 2, 3, 1, 2],
            "z": [0.0, 1, 1, 0, 0, 1],
        }
    )


@pytest.mark.parametrize("test", ["z", "knha", "adhoc", "kr"])
def test_signs_by_brute_force(data: pd.DataFrame, test: str) -> None:
    fit = mr.pool(data, test=test)
    statistics = np.array(
        [
            mr.pool(yi=data.yi * np.array(signs), vi=data.vi, test=test).statistic[0]
            for signs in itertools.product([1, -1], repeat=6)
        ]
    )
    share = (np.abs(statistics) >= abs(fit.statistic[0]) - 1e-9).mean()
    found = mr.permutation_test(fit)
    assert found.table.p_value[0] == pytest.approx(share)
    doubled = 2 * (statistics >= fit.statistic[0] - 1e-9).mean()
    assert mr.permutation_test(fit, two_sided="doubled").table.p_value[0] == pytest.approx(doubled)


def test_orders_by_brute_force(data: pd.DataFrame) -> None:
    """All 120 orders, in which rows that are equal only repeat each way as often as the others."""
    data = data.iloc[:5]
    fit = mr.meta_regression(data, "x + z", tau2="DL")
    fits = [
        mr.meta_regression(
            pd.DataFrame(
                {"yi": data.yi, "vi": data.vi}
                | {name: data[name].to_numpy()[list(order)] for name in "xz"}
            ),
            "x + z",
            tau2="DL",
        )
        for order in itertools.permutations(range(5))
    ]
    found = mr.permutation_test(fit)
    assert found.permutations == 120 / 4  # two pairs of rows are equal
    for j in range(3):
        every = np.abs([f.statistic[j] for f in fits])
        assert found.table.p_value[j] == pytest.approx(
            (every >= abs(fit.statistic[j]) - 1e-9).mean()
        )
    joint = np.array([f.omnibus.statistic for f in fits])
    assert found.omnibus_p == pytest.approx((joint >= fit.omnibus.statistic - 1e-9).mean())


@pytest.mark.parametrize("rows", [[1, 2, 3, 4], [1, 1, 2, 2, 2], [5, 5, 5], [3, 1, 2, 1, 3, 1]])
def test_all_orders_are_all_and_each_once(rows: list[int]) -> None:
    X = np.array(rows, dtype=float)[:, None]
    kinds = row_kinds(X)
    orders = all_orders(kinds)
    given = np.empty_like(orders)
    np.put_along_axis(given, orders, np.broadcast_to(rows, orders.shape), axis=1)
    assert {tuple(g) for g in given.tolist()} == set(itertools.permutations(rows))
    assert len(given) == len(set(itertools.permutations(rows))) == count_orders(kinds, 10**6)
    assert count_orders(kinds, 2) == min(len(given), 3)
    assert (np.sort(orders, axis=1) == np.arange(len(rows))).all()


def test_all_signs_are_all() -> None:
    signs = all_signs(4)
    assert {tuple(row) for row in signs.tolist()} == set(itertools.product([1.0, -1.0], repeat=4))
    assert (signs[0] == 1).all()


def test_random_permutations_come_near_the_exact_ones(data: pd.DataFrame) -> None:
    rng = np.random.default_rng(4)
    v = rng.uniform(0.02, 0.2, 12)
    fit = mr.pool(yi=rng.normal(0.15, np.sqrt(v)), vi=v)
    exact = mr.permutation_test(fit)
    drawn = mr.permutation_test(fit, permutations=4000)
    assert (exact.exact, drawn.exact, drawn.permutations) == (True, False, 4000)
    p = exact.table.p_value[0]
    assert drawn.table.p_value[0] == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / 4000))
    again, other = (mr.permutation_test(fit, permutations=4000, seed=s) for s in (1, 2))
    assert again.table.p_value[0] == drawn.table.p_value[0] != other.table.p_value[0]


def test_random_p_values_are_never_0() -> None:
    fit = mr.pool(yi=[5.0 + 0.01 * i for i in range(30)], vi=[0.01] * 30)
    assert mr.permutation_test(fit, permutations=99).table.p_value[0] == pytest.approx(0.01)


@pytest.mark.parametrize("statistic", ["statistic", "estimate"])
def test_the_interval_holds_the_means_that_are_not_rejected(statistic: str) -> None:
    rng = np.random.default_rng(6)
    v = rng.uniform(0.02, 0.2, 9)
    y = rng.normal(0.4, np.sqrt(v + 0.02))
    fit = mr.pool(yi=y, vi=v)
    found = mr.permutation_test(fit, interval=True, statistic=statistic).table.iloc[0]
    fine = 2e-5 * float(fit.se[0])  # to which limits are found
    for end, inwards in ((found.ci_low, fine), (found.ci_high, -fine)):
        for step, kept in ((inwards, True), (0.0, False)):
            moved = mr.pool(yi=y - (end + step), vi=v)
            p = mr.permutation_test(moved, statistic=statistic).table.p_value[0]
            assert bool(p > 0.05) is kept
    assert found.ci_low < fit.estimate < found.ci_high


def test_too_few_studies_for_a_small_p_value() -> None:
    """The smallest of five studies is 2/32, above 0.05: nothing can be rejected."""
    fit = mr.pool(yi=[1.0, 1.1, 1.2, 0.9, 1.05], vi=[0.01] * 5)
    found = mr.permutation_test(fit, interval=True).table.iloc[0]
    assert found.p_value == pytest.approx(2 / 32)
    assert (found.ci_low, found.ci_high) == (-math.inf, math.inf)
    narrow = mr.permutation_test(fit, interval=True, level=0.9).table.iloc[0]
    assert math.isfinite(narrow.ci_low)


def test_own_weights_are_kept() -> None:
    y, v, w = (
        np.array([0.3, 0.1, 0.6, 0.4]),
        np.array([0.1, 0.02, 0.2, 0.1]),
        np.array([3.0, 1, 2, 1]),
    )
    fit = mr.pool(yi=y, vi=v, weights=w)
    every = [
        mr.pool(yi=y * np.array(s), vi=v, weights=w).statistic[0]
        for s in itertools.product([1, -1], repeat=4)
    ]
    share = (np.abs(every) >= abs(fit.statistic[0]) - 1e-9).mean()
    assert mr.permutation_test(fit).table.p_value[0] == pytest.approx(share)


def test_ten_thousand_orders_show_their_progress(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    v = rng.uniform(0.02, 0.2, 30)
    data = pd.DataFrame({"yi": rng.normal(0.3, np.sqrt(0.05 + v)), "vi": v})
    data[["a", "b"]] = rng.normal(size=(30, 2))
    fit = mr.meta_regression(data, "a + b")
    found = mr.permutation_test(fit, progress=True)
    assert "Permutations" in capsys.readouterr().err
    assert "10000 orders of the studies (random)" in str(found)
    assert "moderators together: p" in str(found)


def test_what_cannot_be_answered_is_refused(data: pd.DataFrame) -> None:
    line = mr.meta_regression(data, "x", weights=1.0)
    with pytest.raises(mr.InputError, match="own weights"):
        mr.permutation_test(line)
    with pytest.raises(mr.InputError, match=r"`interval` is for a pooled mean"):
        mr.permutation_test(mr.meta_regression(data, "x"), interval=True)
    with pytest.raises(mr.InputError, match=r"`permutations` must be a positive whole number"):
        mr.permutation_test(mr.pool(data), permutations=0)
    with pytest.raises(mr.InputError, match=r"`two_sided` must be one of"):
        mr.permutation_test(mr.pool(data), two_sided="px2")
    with pytest.raises(mr.InputError, match=r"`statistic` must be one of"):
        mr.permutation_test(mr.pool(data), statistic="coef")


@pytest.mark.slow
def test_level_of_the_test_of_moderators() -> None:
    """At a true null the test keeps its level, whatever the test inside."""
    rng = np.random.default_rng(7)
    rejected = 0
    for _ in range(400):
        v = rng.gamma(1.5, 0.05, 9) + 0.01
        frame = pd.DataFrame({"yi": rng.normal(0.2, np.sqrt(v + 0.1)), "vi": v})
        frame["x"] = rng.normal(size=9)
        fit = mr.meta_regression(frame, "x")
        rejected += mr.permutation_test(fit, permutations=999).table.p_value[1] <= 0.05
    assert rejected / 400 == pytest.approx(0.05, abs=0.035)
