"""Pooling many groups: metafor's numbers, frames in every form, groups that fail alone."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import metarel as mr
from metarel.models.batch_tau2 import BATCH_TAU2
from metarel.tau2.register import TAU2

GOLDEN = Path(__file__).parents[1] / "golden" / "rma_uni.json"
CASES = [
    c
    for c in json.loads(GOLDEN.read_text(encoding="utf-8"))
    if "mods" not in c["call"]
    and c["call"]["method"] in TAU2
    and c["call"]["method"] in BATCH_TAU2
    and "control" not in c["call"]
]
NAMES = {
    "b": "estimate", "se": "se", "stat": "statistic", "pval": "p_value", "ci_lb": "ci_low",
    "ci_ub": "ci_high", "tau2": "tau2", "se_tau2": "tau2_se", "H2": "H2", "QE": "Q",
    "QE_df": "Q_df", "QEp": "Q_p", "k": "k", "ddf": "df", "ll": "log_likelihood",
}  # fmt: skip


@pytest.fixture(scope="module")
def everything() -> pd.DataFrame:
    """All golden data sets in one frame, in turns, so that each is a group among others."""
    parts = [pd.DataFrame(c["data"]).assign(case=c["id"]) for c in CASES]
    table = pd.concat(parts).filter(["yi", "vi", "w", "case"]).fillna({"w": 1.0})
    return table.sort_index(kind="stable").reset_index(drop=True)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_agrees_with_metafor(case: dict, everything: pd.DataFrame) -> None:
    call = case["call"]
    options: dict[str, Any] = {"tau2": call["method"], "test": call.get("test", "z")}
    options["level"] = call.get("level", 95) / 100
    if call.get("weighted") is False:
        options["weights"] = 1.0
    if "weights" in call:
        options["weights"] = call["weights"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mr.MetarelWarning)
        many = mr.pool_many(everything, "case", **options)
    row = many.set_index("case").loc[case["id"]]
    if case["id"] == "uni-vi0":
        assert row.note.startswith("`vi` must be positive")
        return
    for key, ours in NAMES.items():
        golden = np.ravel(case["expect"].get(key, np.nan))[0]
        if golden is not None and not np.isnan(float(golden)):
            tolerance = 1e-7 if key in ("pval", "QEp") else 1e-8
            assert row[ours] == pytest.approx(golden, rel=tolerance, abs=1e-10), key
    if case["expect"].get("I2") is not None:
        assert pytest.approx(case["expect"]["I2"], rel=1e-8, abs=1e-8) == 100 * row.I2


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"group": rng.choice(list("dbca"), 60), "arm": rng.integers(0, 3, 60)})
    frame["vi"] = rng.uniform(0.01, 0.2, 60)
    frame["yi"] = rng.normal(0.3, np.sqrt(frame.vi + 0.05))
    return frame


def test_each_row_is_what_pool_says(table: pd.DataFrame) -> None:
    many = mr.pool_many(table, "group", test="knha", measure="SMD")
    assert list(many.group) == list(dict.fromkeys(table.group))
    assert many.attrs == {"tau2": "REML", "test": "knha", "level": 0.95, "measure": "SMD"}
    for row in many.itertuples():
        fit = mr.pool(table[table.group == row.group], test="knha")
        limits = fit.predict().iloc[0]
        assert (row.k, row.Q_df, row.note) == (fit.k, fit.k - 1, "")
        told = (row.estimate, row.se, row.tau, row.I2, row.I2_Q, row.H2_Q, row.pi_low, row.pi_high)
        h = fit.heterogeneity
        want = (
            fit.estimate,
            fit.se[0],
            fit.tau,
            h.I2,
            h.I2_Q,
            h.H2_Q,
            *limits[["pi_low", "pi_high"]],
        )
        assert told == pytest.approx(want, rel=1e-10)


def test_groups_by_several_columns_and_by_arrays(table: pd.DataFrame) -> None:
    both = mr.pool_many(table, ["group", "arm"])
    assert list(both.columns[:2]) == ["group", "arm"]
    assert len(both) == len(table.groupby(["group", "arm"]))
    joined = mr.pool_many(table, table.group + "/" + table.arm.astype(str))
    assert list(joined.columns[:2]) == ["group", "k"]
    pd.testing.assert_frame_equal(both.iloc[:, 2:], joined.iloc[:, 1:])
    assert list(joined.group) == [f"{g}/{a}" for g, a in zip(both.group, both.arm, strict=True)]
    bare = mr.pool_many(yi=table.yi, vi=table.vi, by=table.group)
    named = mr.pool_many(yi=table.yi.tolist(), sei=table.vi**0.5, by=table.group.rename("what"))
    pd.testing.assert_frame_equal(bare, mr.pool_many(table, "group"))
    np.testing.assert_allclose(named.estimate, bare.estimate, rtol=1e-12)
    assert named.columns[0] == "what"
    factor = mr.pool_many(table.assign(group=table.group.astype("category")), "group")
    assert isinstance(factor.group.dtype, pd.CategoricalDtype)


def test_padded_arrays_are_the_same_groups(sets: Any) -> None:
    y, v = sets.padded(50)
    padded = mr.pool_many(yi=y, vi=v, by=np.arange(50), test="t")
    yi, vi, sizes = sets.long(50)
    long = mr.pool_many(yi=yi, vi=vi, by=np.repeat(np.arange(50), sizes), test="t")
    pd.testing.assert_frame_equal(padded, long, rtol=1e-9)
    assert list(mr.pool_many(yi=y, vi=v).group) == list(range(50))
    shared = mr.pool_many(yi=y[:, :2], sei=[0.1, 0.2])
    pd.testing.assert_frame_equal(
        shared, mr.pool_many(yi=y[:, :2], vi=np.full((50, 2), [0.01, 0.04]))
    )
    own = mr.pool_many(yi=y[:, :2], vi=v[:, :2], weights=1.0)
    np.testing.assert_allclose(own.estimate, y[:, :2].mean(axis=1))


def test_a_bad_group_is_a_row_with_a_reason(table: pd.DataFrame) -> None:
    whole = mr.pool_many(table, "arm").set_index("arm")
    table.loc[table.index[table.arm == 1][2], "vi"] = -0.2
    row = int(table.index[table.arm == 1][2])
    spoilt = mr.pool_many(table, "arm").set_index("arm")
    assert spoilt.note[1] == f"`vi` must be positive and finite; row {row} is -0.2"
    assert spoilt.loc[1].drop(["k", "Q_df", "note"]).isna().all()
    pd.testing.assert_frame_equal(spoilt.loc[[0, 2]], whole.loc[[0, 2]])
    endless = mr.pool_many(
        table.assign(vi=abs(table.vi), yi=table.yi.where(table.index != 0, np.inf)), "arm"
    )
    assert "`yi` must be finite; row 0 is inf" in list(endless.note)
    by_se = mr.pool_many(yi=[[0.1, 0.2]], sei=[[0.1, -0.3]])
    assert by_se.note[0] == "`sei` must be positive and finite; study 1 is -0.3"


def test_incomplete_rows_are_told_once(table: pd.DataFrame) -> None:
    table.loc[3, "yi"], table.loc[5, "vi"] = np.nan, np.nan
    table["group"] = table.group.where(table.index != 7)
    with pytest.warns(
        mr.MetarelWarning, match=r"3 of 60 rows left out.*no yi.*no vi.*no group"
    ) as told:
        many = mr.pool_many(table, "group")
    assert len(told) == 1
    assert told[0].filename == __file__
    assert many.k.sum() == 57
    with pytest.warns(mr.MetarelWarning, match="left out"):
        empty = mr.pool_many(table.assign(yi=table.yi.where(table.group != "a")), "group")
    note = empty.set_index("group").note["a"]
    assert note == "no complete study"


frames = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", None]),
        st.one_of(st.none(), st.floats(-5, 5)),
        st.one_of(st.none(), st.floats(1e-3, 10)),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(
    frames, st.sampled_from(sorted(set(BATCH_TAU2) & set(TAU2))), st.sampled_from(["z", "adhoc"])
)
def test_any_frame_is_pooled_group_by_group(
    rows: list[tuple[str | None, float | None, float | None]], code: str, test: str
) -> None:
    frame = pd.DataFrame(rows, columns=["g", "yi", "vi"]).astype({"yi": float, "vi": float})
    options: dict[str, Any] = {"tau2": code, "test": test}
    if TAU2[code].takes == "weights":
        frame["w"] = frame.vi.fillna(1.0) ** -0.5
        options["weights"] = "w"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mr.MetarelWarning)
        many = mr.pool_many(frame, "g", **options)
        assert list(many.g) == list(frame.g.dropna().unique())
        for row in many.itertuples():
            part = frame[frame.g == row.g]
            if part.dropna().empty:
                assert row.note == "no complete study"
                continue
            fit = mr.pool(part, **options)
            unit = 1 / np.mean(1 / fit.study.vi)
            assert row.k == fit.k
            assert row.tau2 == pytest.approx(fit.tau2, rel=1e-9, abs=1e-9 * unit)
            assert row.estimate == pytest.approx(fit.estimate, rel=1e-9, abs=1e-9)
            assert row.se == pytest.approx(fit.se[0], rel=1e-8)


GOOD = pd.DataFrame({"g": list("aabb"), "yi": [0.1, 0.2, 0.3, 0.5], "vi": [0.01, 0.02, 0.03, 0.02]})


@pytest.mark.parametrize(
    ("change", "options", "says"),
    [
        ({}, {"by": None}, r"`by` must name the column"),
        ({}, {"by": []}, r"`by` must name at least one column|`by` must have one name"),
        ({}, {"by": "gg"}, r"`by` names the column 'gg', which `data` does not have.*Did you mean"),
        ({}, {"by": ["g", "gg"]}, r"`by` must have one name a row of `data`: 4"),
        ({"k": 1}, {"by": "k"}, r"`by` must not be called as a column of the result is: 'k'"),
        ({"yi": ["a", "0.1", "0.2", "0.3"]}, {}, r"`yi` must hold numbers; row 0 is 'a'"),
        ({}, {"yi": "y"}, r"names the column 'y', which `data` does not have"),
        ({"se": [0.1, 0.2, 0.3, 0.2]}, {"vi": "se"}, r"like a standard error. Pass `sei='se'`"),
        ({"se": [0.01, 0.02, 0.03, 0.02]}, {}, r"`vi` holds the same numbers as the column 'se'"),
        ({"s": 1.0}, {"vi": "vi", "sei": "s"}, r"`vi` and `sei` contradict each other in rows 0"),
        ({}, {"weights": [1, 2, 0, 1]}, r"`weights` must be positive; row 2 is 0"),
        ({}, {"weights": [1, 2, None, 1]}, r"`weights` must be given for every study"),
        ({}, {"weights": [1, 2, np.inf, 1]}, r"`weights` must be finite"),
        ({}, {"tau2": "REMM"}, r"`tau2` must be one of.*Did you mean 'REML'"),
        ({}, {"tau2": "GENQ"}, r'`weights` must be given with tau2="GENQ".*1/sqrt\(vi\)'),
        ({}, {"tau2": "GENQM"}, r'`weights` must be given with tau2="GENQM"'),
        ({}, {"test": "q"}, r"`test` must be one of"),
        ({}, {"level": 95}, r"`level` must be a fraction"),
        ({}, {"measure": "ZCORR"}, r"`measure` must be one of.*Did you mean 'ZCOR'"),
    ],
)
def test_bad_input_is_named(change: dict, options: dict, says: str) -> None:
    with pytest.raises(mr.InputError, match=says):
        mr.pool_many(GOOD.assign(**change), options.pop("by", "g"), **options)


def test_bad_arrays_are_named() -> None:
    y = np.ones((3, 4))
    with pytest.raises(mr.InputError, match=r"`vi` must have the shape of `yi`, \(3, 4\)"):
        mr.pool_many(yi=y, vi=np.ones((4, 3)))
    with pytest.raises(mr.InputError, match=r"`vi` \(or `sei`\) must be given"):
        mr.pool_many(yi=y)
    with pytest.raises(mr.InputError, match=r"`data` must be None when `yi` is two-dimensional"):
        mr.pool_many(GOOD, yi=y, vi=y)
    with pytest.raises(mr.InputError, match=r"`by` must have one name a row: 3; got shape \(4,\)"):
        mr.pool_many(yi=y, vi=y, by=list("abcd"))
    with pytest.raises(mr.InputError, match=r"`weights` must be given for every study"):
        mr.pool_many(yi=y, vi=y, weights=np.full((3, 4), np.nan))
    with pytest.raises(mr.InputError, match=r"`by` names the column 'g', but no `data`"):
        mr.pool_many(yi=[0.1, 0.2], vi=[0.1, 0.2], by="g")
    with pytest.raises(mr.InputError, match=r"rows of one length; got rows that differ"):
        mr.pool_many(yi=[[0.1, 0.2], [0.1]], vi=[0.1, 0.2])
    with pytest.raises(mr.InputError, match=r"`data` must be a pandas DataFrame"):
        mr.pool_many([0.1, 0.2], "g")


def test_a_frame_without_rows_has_no_groups() -> None:
    empty = mr.pool_many(GOOD.iloc[:0], "g")
    assert len(empty) == 0
    assert list(empty.columns[:3]) == ["g", "k", "estimate"]
