"""Subgroups: by hand, against metafor, against the regression on the factor, and bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr

TABLE = pd.DataFrame(
    {
        "yi": [0.1, 0.3, 0.2, 0.6, 0.7, 0.5],
        "vi": [0.02, 0.03, 0.02, 0.03, 0.02, 0.04],
        "rater": ["client"] * 3 + ["therapist"] * 3,
    }
)
WIDE = pd.DataFrame(
    {
        "yi": [0.1, 0.9, 0.2, 0.6, 1.4, 0.5, -0.3, 0.4],
        "vi": [0.02, 0.03, 0.02, 0.03, 0.02, 0.04, 0.05, 0.01],
        "g": list("aaabbbcc"),
    }
)

GOLDEN = Path(__file__).parents[1] / "golden" / "moderators.json"
CASES = {case["id"]: case for case in json.loads(GOLDEN.read_text(encoding="utf-8"))}
TRIALS = pd.DataFrame(CASES["sub-shared-reml"]["data"])


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("sub-")])
def test_the_whole_table_agrees_with_metafor(name: str) -> None:
    call, expect = CASES[name]["call"], CASES[name]["expect"]
    found = mr.subgroups(TRIALS, call["by"], tau2=call["method"], common_tau2=call["shared"])
    columns = {
        "estimate": "estimate", "se": "se", "ci_lb": "ci_low", "ci_ub": "ci_high",
        "pi_lb": "pi_low", "pi_ub": "pi_high", "tau2": "tau2", "I2": "I2", "Q": "Q", "Qp": "Q_p",
    }  # fmt: skip
    for key, ours in columns.items():
        if call["method"] == "EE" and key in ("pi_lb", "pi_ub", "tau2"):
            continue  # a common effect has no prediction interval
        factor = 100 if key == "I2" else 1
        np.testing.assert_allclose(
            factor * found.table[ours], expect[key], rtol=1e-8, atol=1e-12, err_msg=key
        )
    numbers = {
        "QB": found.between.statistic, "QBp": found.between.p_value,
        "QW": found.within.statistic, "QWp": found.within.p_value, "QT": found.total.statistic,
    }  # fmt: skip
    for key, ours in numbers.items():
        assert ours == pytest.approx(expect[key], rel=1e-8), key


def test_agrees_with_metafor() -> None:
    """Numbers of metafor 3.8.1: rma() in each level, then rma() of the two means."""
    result = mr.subgroups(TABLE, "rater", tau2="DL")
    assert result.between.statistic == pytest.approx(11.34002, rel=1e-6)
    assert result.between.p_value == pytest.approx(7.585451e-04, rel=1e-6)
    shared = mr.subgroups(TABLE, "rater", tau2="DL", common_tau2=True, test="knha")
    assert list(shared.table["estimate"]) == pytest.approx([0.1875, 0.6230769], rel=1e-6)
    assert list(shared.table["se"]) == pytest.approx([0.05311793, 0.05892905], rel=1e-6)
    assert shared.between.statistic == pytest.approx(30.143439462, rel=1e-9)
    assert shared.between.p_value == pytest.approx(0.005362157, rel=1e-6)


def test_each_level_is_its_own_meta_analysis() -> None:
    result = mr.subgroups(WIDE, "g")
    for level, part in WIDE.groupby("g"):
        alone = mr.pool(part.reset_index(drop=True))
        assert result.fits[level].tau2 == alone.tau2
        assert result.fits[level].estimate == alone.estimate
    assert result.overall.tau2 == mr.pool(WIDE).tau2


@pytest.mark.parametrize("test", ["z", "knha"])
def test_a_shared_tau2_is_the_regression_on_the_factor(test: str) -> None:
    result = mr.subgroups(WIDE, "g", common_tau2=True, test=test)
    regression = mr.meta_regression(WIDE, "g", test=test)
    assert result.between.statistic == pytest.approx(regression.omnibus.statistic, rel=1e-10)
    assert result.between.p_value == pytest.approx(regression.omnibus.p_value, rel=1e-9)
    assert [f.tau2 for f in result.fits.values()] == pytest.approx([regression.tau2] * 3, rel=1e-9)
    assert result.fits["a"].estimate == pytest.approx(regression.estimate, rel=1e-10)


def test_common_effect_q_adds_up() -> None:
    """Q between + Q within = Q total under a common effect."""
    result = mr.subgroups(WIDE, "g", tau2="EE")
    total = mr.pool(WIDE, tau2="EE").Q
    assert result.between.statistic + result.within.statistic == pytest.approx(total, rel=1e-12)
    assert result.total.statistic == total
    assert result.between.df1 + result.within.df1 == result.total.df1


def test_order_and_names_of_levels_do_not_matter() -> None:
    turned = WIDE.iloc[::-1].reset_index(drop=True).replace({"g": {"a": "z"}})
    one, other = mr.subgroups(WIDE, "g").between, mr.subgroups(turned, "g").between
    assert one.statistic == pytest.approx(other.statistic, rel=1e-10)


def test_what_is_printed() -> None:
    text = str(mr.subgroups(TABLE, "rater", tau2="DL"))
    assert "Subgroups by rater, a tau2 of its own in each level" in text
    assert "Between levels: Q(1) = 11.3400" in text
    assert "overall" in text


def test_a_level_of_one_study_stands() -> None:
    single = pd.concat([TABLE, pd.DataFrame({"yi": [0.4], "vi": [0.1], "rater": ["observer"]})])
    result = mr.subgroups(single.reset_index(drop=True), "rater")
    assert result.fits["observer"].k == 1
    assert result.fits["observer"].se[0] == pytest.approx(np.sqrt(0.1))
    row = result.table.set_index("level").loc["observer"]
    assert row[["tau2", "I2", "pi_low", "pi_high"]].isna().all()
    assert "One study only: observer: its own estimate" in str(result)
    shared = mr.subgroups(single.reset_index(drop=True), "rater", common_tau2=True, tau2=0.02)
    assert (
        shared.table.set_index("level").loc["observer", "pi_low"] < shared.fits["observer"].ci_low
    )


def test_any_column_name_and_numeric_levels_will_do() -> None:
    odd = {"rated by": TABLE["rater"], "wave": [1, 1, 1, 2, 2, 2], "class": TABLE["rater"]}
    table = TABLE.assign(**odd, **{"2nd": TABLE["rater"]})
    for name in ("class", "2nd"):
        assert mr.subgroups(table, name).between == mr.subgroups(TABLE, "rater").between
    plain = mr.subgroups(TABLE, "rater").between.statistic
    assert mr.subgroups(table, "rated by").between.statistic == pytest.approx(plain, rel=1e-12)
    assert mr.subgroups(table, "wave").between.statistic == pytest.approx(plain, rel=1e-12)


def test_bad_input_is_named() -> None:
    with pytest.raises(mr.InputError, match="`by` must name a column with at least two levels"):
        mr.subgroups(TABLE.assign(rater="client"), "rater")
    with pytest.raises(
        mr.InputError, match=r"`by` names the column 'raters'.*Did you mean 'rater'"
    ):
        mr.subgroups(TABLE, "raters")
    with (
        pytest.warns(mr.MetarelWarning, match="no rater"),
    ):
        assert (
            mr.subgroups(TABLE.assign(rater=["a", None, "a", "b", "b", "b"]), "rater").dropped == 1
        )


def test_plain_data_is_ready_for_json() -> None:
    result = mr.subgroups(TABLE, "rater", tau2="DL")
    found = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert found["levels"]["client"] == result.fits["client"].to_dict()
    assert found["between"]["p_value"] == result.between.p_value
    assert found["between"]["df2"] is None
    assert found["by"] == "rater"


def test_sizes_are_summed_by_level() -> None:
    sized = TABLE.assign(n=[10, 20, 30, 40, 50, 60], people=[1, 2, 3, 4, 5, None])
    assert list(mr.subgroups(sized, "rater").table["N"]) == [60, 150]
    assert "210" in str(mr.subgroups(sized, "rater"))
    found = mr.subgroups(sized, "rater", n="people")
    assert found.table["N"][0] == 6
    assert np.isnan(found.table["N"][1])  # a sum with a gap is none
    assert "N" not in mr.subgroups(TABLE, "rater").table


def test_pairs_are_differences_of_the_levels() -> None:
    result = mr.subgroups(WIDE, "g", adjust="bonferroni")
    means = result.table.set_index("level")
    pairs = result.pairwise.table.set_index("term")
    row = pairs.loc["b − a"]
    assert row["estimate"] == pytest.approx(means.loc["b", "estimate"] - means.loc["a", "estimate"])
    assert row["se"] == pytest.approx(np.hypot(means.loc["a", "se"], means.loc["b", "se"]))
    assert list(pairs["p_adjusted"]) == pytest.approx(list((3 * pairs["p_value"]).clip(upper=1)))
    assert result.pairwise.joint.statistic == pytest.approx(result.between.statistic, rel=1e-12)
    two = mr.subgroups(TABLE, "rater")
    assert two.pairwise.table["p_value"][0] == pytest.approx(two.between.p_value, rel=1e-10)


def test_two_columns_are_crossed_or_nested() -> None:
    rng = np.random.default_rng(4)
    k = 48
    data = pd.DataFrame(
        {
            "yi": rng.normal(0.3, 0.3, k),
            "vi": rng.uniform(0.02, 0.1, k),
            "rater": np.tile(["a", "b", "c"], 16),
            "setting": np.repeat(["in", "out"], 24),
        }
    )
    found = mr.subgroups(data, ["setting", "rater"], common_tau2=True, test="knha")
    assert list(found.fits) == ["in / a", "in / b", "in / c", "out / a", "out / b", "out / c"]
    assert found.by == "setting × rater"
    crossed = mr.meta_regression(data, "setting * rater", test="knha")
    test = mr.contrast(crossed, terms="setting:rater").joint
    assert found.interaction.statistic == pytest.approx(test.statistic, rel=1e-8)
    assert [found.interaction.df1, found.interaction.df2] == [2, 42]
    apart = mr.subgroups(data, ["setting", "rater"])
    inside = mr.subgroups(data[data["setting"] == "in"].reset_index(drop=True), "rater")
    assert apart.nested["in"].statistic == pytest.approx(inside.between.statistic, rel=1e-10)
    nested = data.assign(rater=data["setting"] + data["rater"])
    below = mr.subgroups(nested, ["setting", "rater"])
    assert below.interaction is None
    assert below.nested["out"].statistic == pytest.approx(apart.nested["out"].statistic, rel=1e-12)


def test_studies_without_a_level_are_counted() -> None:
    lacking = TABLE.assign(rater=["client", None, "client", *["therapist"] * 3])
    lacking.loc[5, "yi"] = np.nan
    with pytest.warns(mr.MetarelWarning, match="2 of 6 rows left out"):
        result = mr.subgroups(lacking, "rater")
    assert (result.dropped, result.without_level) == (2, 1)
    assert "1 study with an effect but no level left out." in str(result)
    assert result.overall.k == 4
    named = {row.label: row.reason for row in result.overall.study.dropped}
    assert named == {"Study 2": "no rater", "Study 6": "no yi"}
    told = result.to_dict()
    assert [row["reason"] for row in told["overall"]["dropped"]] == ["no rater", "no yi"]
    by_level = {
        name: [row["row"] for row in fit["dropped"]] for name, fit in told["levels"].items()
    }
    assert by_level == {"client": [], "therapist": [5]}
    # a level knows its own rows only, so that values for it are one a study
    therapists = result.fits["therapist"]
    assert mr.cumulative(therapists, [2, 1])["added"].tolist() == ["Study 5", "Study 4"]
    with pytest.raises(mr.InputError, match="must have one value a study, 2; got 3"):
        mr.cumulative(therapists, [3, 2, 1])


def test_more_bad_input_is_named() -> None:
    with pytest.raises(mr.InputError, match="`by` must name one column, or two different ones"):
        mr.subgroups(TABLE, ["rater", "rater"])
    with pytest.raises(mr.InputError, match="`adjust` must be one of"):
        mr.subgroups(TABLE, "rater", adjust="scheffe")
    with pytest.raises(mr.InputError, match="`n` names the column 'N'"):
        mr.subgroups(TABLE, "rater", n="N")
    mixed = TABLE.assign(a=["x / y", "x", "x", "x", "x", "x"], b=["z", "y / z", *["z"] * 4])
    with pytest.raises(mr.InputError, match="cannot be told apart"):
        mr.subgroups(mixed, ["a", "b"])


def test_kenward_roger_has_no_shared_tau2() -> None:
    data = pd.DataFrame(
        {"yi": [0.1, 0.3, 0.2, 0.6, 0.5, 0.9], "vi": 0.04, "g": ["a", "a", "a", "b", "b", "b"]}
    )
    assert mr.subgroups(data, "g", test="kr").between is not None
    with pytest.raises(mr.InputError, match="`test` cannot be 'kr' with a shared tau2"):
        mr.subgroups(data, "g", test="kr", common_tau2=True)


def test_levels_that_share_tau2_hold_it_fixed() -> None:
    data = pd.DataFrame(
        {"yi": [0.1, 0.3, 0.2, 0.6, 0.5, 0.9], "vi": 0.01, "g": ["a", "a", "a", "b", "b", "b"]}
    )
    level = mr.subgroups(data, "g", common_tau2=True).fits["a"]
    assert level.spec.tau2 == level.tau2
    assert mr.cumulative(level)["tau2"].iloc[-1] == level.tau2


def test_after_kenward_roger_levels_of_their_own_are_compared_by_chi_square() -> None:
    data = pd.DataFrame(
        {"yi": [0.1, 0.3, 0.2, 0.6, 0.5, 0.9], "vi": 0.04, "g": ["a", "a", "b", "b", "c", "c"]}
    )
    found = mr.subgroups(data, "g", test="kr")
    assert found.pairwise.joint.df2 == np.inf
    assert found.pairwise.joint.statistic == pytest.approx(found.between.statistic, rel=1e-10)


@pytest.mark.parametrize("common", [False, True])
def test_own_weights_are_those_of_each_level(common: bool) -> None:
    table = WIDE.assign(n=[10, 40, 25, 30, 12, 50, 18, 22])
    found = mr.subgroups(table, "g", weights="n", common_tau2=common)
    assert "Weights as given by the user" in str(found)
    joint = mr.meta_regression(table, "0 + g", weights="n")
    for j, (level, part) in enumerate(table.groupby("g")):
        alone = mr.pool(part, weights="n", tau2=joint.tau2 if common else "REML")
        fit = found.fits[level]
        assert fit.estimate == pytest.approx(np.average(part.yi, weights=part.n), rel=1e-12)
        assert fit.se[0] == pytest.approx(alone.se[0], rel=1e-12)
        if common:
            assert fit.se[0] == pytest.approx(joint.se[j], rel=1e-12)
    equal = mr.subgroups(WIDE, "g", weights=7.0)
    assert equal.fits["a"].estimate == pytest.approx(WIDE.yi[:3].mean(), rel=1e-12)
    with pytest.raises(mr.InputError, match="`weights` must be positive"):
        mr.subgroups(table.assign(n=0), "g", weights="n")
