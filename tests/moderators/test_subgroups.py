"""Subgroups: by hand, against metafor, against the regression on the factor, and bad input."""

from __future__ import annotations

import json

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


def test_any_column_name_and_numeric_levels_will_do() -> None:
    table = TABLE.assign(**{"rated by": TABLE["rater"], "wave": [1, 1, 1, 2, 2, 2]})
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
