"""``screen_effects``: each suspicion is raised by its fault, and by nothing honest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.errors import InputError
from metarel.routes._suspicions import SUSPICIONS


@pytest.fixture
def trials() -> pd.DataFrame:
    """Ten honest trials of one outcome, with their t."""
    rng = np.random.default_rng(11)
    k = 10
    n1, n2 = rng.integers(18, 60, k), rng.integers(18, 60, k)
    frame = pd.DataFrame({"study": [f"Trial {i}" for i in range(k)], "n1": n1, "n2": n2})
    frame["m1"] = (rng.normal(24.5, 0.4, k)).round(1)
    frame["m2"] = (rng.normal(20.0, 0.4, k)).round(1)
    frame["sd1"] = rng.uniform(6.4, 8.1, k).round(1)
    frame["sd2"] = rng.uniform(6.4, 8.1, k).round(1)
    frame["t"] = _t(frame).round(2)
    frame["scale"] = "BDI"
    return frame


def _t(x: pd.DataFrame) -> pd.Series:
    pooled = ((x.n1 - 1) * x.sd1**2 + (x.n2 - 1) * x.sd2**2) / (x.n1 + x.n2 - 2)
    return (x.m1 - x.m2) / np.sqrt(pooled * (1 / x.n1 + 1 / x.n2))


def screened(frame: pd.DataFrame, **options: object) -> dict[str, list[int]]:
    """Return the rows of each finding."""
    odd = mr.screen_effects(frame, "SMD", outcome="scale", **options)
    return {name: list(rows["row"]) for name, rows in odd.groupby("finding")}


def test_an_honest_table_raises_no_suspicion(trials):
    assert screened(trials) == {}


def test_a_standard_error_in_place_of_an_sd_is_seen_by_the_test_and_by_the_others(trials):
    for i in "12":
        trials.loc[3, f"sd{i}"] = (trials[f"sd{i}"] / np.sqrt(trials[f"n{i}"]))[3].round(2)
    found = screened(trials)
    assert found["SE given as SD, by the test"] == [3]
    assert found["SE given as SD, by the other rows"] == [3, 3]
    assert found["routes contradict each other"] == [3]
    assert found["large effect"] == [3]
    assert screened(trials.drop(columns="t"))["SE given as SD, by the other rows"] == [3, 3]


def test_sds_are_compared_within_an_outcome_only(trials):
    trials["scale"] = [f"scale {i}" for i in range(len(trials))]
    trials.loc[3, ["sd1", "sd2"]] = [1.1, 1.2]
    assert "SE given as SD, by the other rows" not in screened(trials.drop(columns="t"))


def test_swapped_arms_are_seen(trials):
    trials.loc[5, ["m1", "m2"]] = trials.loc[5, ["m2", "m1"]].to_numpy()
    found = screened(trials)
    assert found["swapped arms"] == [5]
    assert found["routes contradict each other"] == [5]
    assert found["sign against the rest"] == [5]


def test_a_turned_scale_is_seen_against_the_rest_only(trials):
    trials.loc[7, ["m1", "m2"]] = trials.loc[7, ["m2", "m1"]].to_numpy()
    assert screened(trials.drop(columns="t")) == {"sign against the rest": [7]}


@pytest.mark.parametrize(
    ("column", "value", "finding"),
    [
        ("sd1", -6.0, "value outside its range"),
        ("n1", 30.5, "no whole number of people"),
        ("m1", 90.0, "large effect"),
    ],
)
def test_impossible_and_rare_numbers(trials, column, value, finding):
    trials[column] = trials[column].astype(float)
    trials.loc[2, column] = value
    assert screened(trials.drop(columns="t"))[finding] == [2]


def test_a_row_entered_twice(trials):
    twice = pd.concat([trials, trials.loc[[4]]], ignore_index=True)
    assert screened(twice) == {"same numbers twice": [10]}


def test_a_row_of_correlations_entered_twice():
    table = pd.DataFrame({"study": ["A", "B", "C"], "r": [0.3, 0.3, 0.1], "n": [40, 40, 60]})
    assert mr.screen_effects(table, "COR").empty  # two studies may print the same r and n
    twice = pd.concat([table, table.loc[[2]]], ignore_index=True)
    odd = mr.screen_effects(twice, "COR")
    assert odd[["row", "finding"]].to_numpy().tolist() == [[3, "same numbers twice"]]
    assert odd["message"].item() == "every number is that of row 2"
    more = table.assign(year=[2001, 2001, 2005], women=[45, 45, 50], study=["A", "A 2001", "C"])
    assert mr.screen_effects(more, "COR")["row"].tolist() == [1]


def test_a_bare_t_against_negative_effects():
    table = pd.DataFrame(
        {
            "m1": [8.0, 9.0, 7.0, 8.5, np.nan],
            "m2": [10.0, 12.0, 10.0, 9.0, np.nan],
            "sd1": [5.0, 5.0, 5.0, 5.0, np.nan],
            "sd2": [5.0, 5.0, 5.0, 5.0, np.nan],
            "t": [np.nan] * 4 + [2.31],
            "n1": 30,
            "n2": 30,
        }
    )
    odd = mr.screen_effects(table, "SMD")
    found = odd[odd["finding"] == "sign of a bare t"]
    assert found["row"].tolist() == [4]
    assert "t = 2.31, as printed; 4 of the other 4 effects are negative" in found["message"].item()
    turned = table.assign(t=-table["t"])
    assert "sign of a bare t" not in set(mr.screen_effects(turned, "SMD")["finding"])


def test_limits_on_the_wrong_side():
    odd = mr.screen_effects(None, "OR", odds_ratio=[2.0], or_ci_low=[3.0], or_ci_high=[1.1])
    assert odd["finding"].unique().tolist() == ["limits out of order"]
    assert odd["severity"].unique().tolist() == ["impossible"]


def test_counts_that_cannot_be():
    odd = mr.screen_effects(None, "OR", events1=[25], n1=[20], events2=[3], n2=[20])
    assert odd["finding"].tolist() == ["more events than people"]
    odd = mr.screen_effects(
        None, "OR", percent1=["33", "34"], n1=[15, 15], percent2=["20", "20"], n2=[20, 20]
    )
    assert odd[["row", "finding"]].to_numpy().tolist() == [[1, "percentage of no count"]]


def test_sizes_that_do_not_add_up():
    odd = mr.screen_effects(None, "SMD", d=[0.3], n1=[20], n2=[20], n=[45])
    assert odd["finding"].tolist() == ["sizes that do not add up"]


def test_nothing_is_changed_and_rows_are_named(trials):
    before = trials.copy()
    trials.loc[2, "sd1"] = -6.0
    odd = mr.screen_effects(trials.set_index("study"), "SMD", labels=list(trials["study"]))
    assert odd["row"].tolist() == odd["label"].tolist() == ["Trial 2"]
    assert odd["columns"].tolist() == ["sd1"]
    pd.testing.assert_frame_equal(trials.drop(index=2), before.drop(index=2))


def test_columns_go_by_the_names_of_the_table(trials):
    renamed = trials.rename(columns={"sd1": "spread"})
    renamed.loc[0, "spread"] = -1.0
    words = {w: w for w in ("m1", "m2", "sd2", "n1", "n2")}
    odd = mr.screen_effects(renamed, "SMD", sd1="spread", **words)
    assert odd["columns"].tolist() == ["spread"]


def test_numbers_that_give_no_effect_are_named():
    words = {"m1": [10.0], "sd1": [4.0], "m2": [12.0], "sd2": [4.0], "n": [10]}
    for wrong in ({"t": [2.0]}, {"sd_change": [11.0]}):  # the other sign; beyond r = -1
        odd = mr.screen_effects(None, "DAV", **words, **wrong)
        assert "numbers that give no effect" in set(odd["finding"])
        found = mr.effects_from_reports(None, "DAV", **words, **wrong)
        assert "its numbers give no effect by 'means, SDs and" in found["note"].item()


def test_an_empty_table_has_no_suspicions():
    odd = mr.screen_effects(pd.DataFrame({"r": [], "n": []}), "COR")
    assert odd.empty
    assert not odd["finding"].str.contains("SE").any()


def test_names_of_suspicions_are_unique():
    assert len({s.code for s in SUSPICIONS}) == len(SUSPICIONS)


def test_refusals(trials):
    with pytest.raises(InputError, match=r"`bound` must be a positive number; got -1"):
        mr.screen_effects(trials, "SMD", bound=-1)
    with pytest.raises(InputError, match=r"`outcome` names the column 'bdi'"):
        mr.screen_effects(trials, "SMD", outcome="bdi")
    with pytest.raises(InputError, match=r"`outcome` has 2 values; there are 10 rows"):
        mr.screen_effects(trials, "SMD", outcome=["a", "b"])


@pytest.mark.parametrize("seed", range(40))
def test_noise_never_breaks_it(seed):
    """Whatever stands in the cells, there is a table of suspicions."""
    rng = np.random.default_rng(seed)
    words = ("m1", "sd1", "n1", "m2", "sd2", "n2", "t", "p", "f", "r", "d", "g", "eta2")
    words += ("md", "md_se", "md_ci_low", "md_ci_high", "q25_1", "median1", "q75_1", "min1", "max1")
    wild = [0, -1, 1, 1e300, -1e300, 1e-300, np.nan, 0.05, 3, 17]
    frame = pd.DataFrame({w: rng.choice(wild, size=12) for w in words})
    odd = mr.screen_effects(frame, "SMD")
    assert list(odd.columns)[:3] == ["row", "finding", "severity"]
