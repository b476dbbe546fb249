"""Leaving out studies and clusters: rows are fits, names and order, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr

COLUMNS = ["estimate", "se", "statistic", "p_value", "ci_low", "ci_high"]


def test_each_row_is_the_fit_without_it(fit: mr.MetaFit, refitted: Any) -> None:
    table = mr.leave_one_out(fit)
    assert len(table) == fit.k * fit.p
    for i in range(fit.k):
        without = refitted(np.arange(fit.k) != i)
        rows = table.iloc[i * fit.p : (i + 1) * fit.p]
        assert set(rows.left_out) == {fit.study.labels[i]}
        np.testing.assert_allclose(rows[COLUMNS], without.to_frame()[COLUMNS], rtol=1e-7)
        assert rows.Q.iloc[0] == pytest.approx(without.Q, rel=1e-8)
        assert rows.I2.iloc[0] == pytest.approx(without.I2, rel=1e-8, abs=1e-9)
    if fit.p > 1:
        assert list(table.term[: fit.p]) == list(fit.study.terms)
    else:
        assert "term" not in table


def test_clusters_leave_together(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies, test="knha")
    table = mr.leave_one_out(fit, "rater", data=studies)
    assert list(table.left_out) == ["a", "b", "c"]
    assert list(table.k) == [8, 8, 8]
    without = mr.pool(studies[studies.rater != "b"], test="knha")
    assert table.estimate[1] == pytest.approx(without.estimate, rel=1e-10)
    assert table.ci_low[1] == pytest.approx(without.ci_low[0], rel=1e-9)
    assert table.equals(mr.leave_one_out(fit, studies.rater))
    assert table.equals(mr.leave_one_out(fit, list(studies.rater)))
    each = mr.leave_one_out(fit, "study", data=studies)
    assert each.equals(mr.leave_one_out(fit))


def test_clusters_may_cover_rows_left_out(studies: pd.DataFrame) -> None:
    gaps = studies.assign(yi=studies.yi.where(~studies.index.isin([1, 6])))
    with pytest.warns(mr.MetarelWarning, match="2 of 12 rows left out"):
        fit = mr.pool(gaps)
    by_row = mr.leave_one_out(fit, gaps.rater)
    by_study = mr.leave_one_out(fit, gaps.rater.drop(index=[1, 6]))
    assert by_row.equals(by_study)
    assert by_row.equals(mr.leave_one_out(fit, "rater", data=gaps))
    assert dict(zip(by_row.left_out, by_row.k, strict=True)) == {"a": 7, "b": 7, "c": 6}


def test_a_level_that_only_one_cluster_has(studies: pd.DataFrame) -> None:
    fit = mr.meta_regression(studies, "C(rater)")
    table = mr.leave_one_out(fit, "rater", data=studies)
    assert table[COLUMNS].isna().all(axis=None)
    assert table.note.eq("moderators repeat each other in these studies").all()


def test_limits_can_be_read_on_another_scale(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies)
    plain, ratio = mr.leave_one_out(fit), mr.leave_one_out(fit, transform="exp")
    np.testing.assert_allclose(ratio.ci_high, np.exp(plain.ci_high))
    assert ratio.se.isna().all()
    assert ratio.p_value.equals(plain.p_value)


def test_refusals(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies)
    with pytest.warns(mr.MetarelWarning, match="one study"):
        single = mr.pool(studies.head(1))
    with pytest.raises(mr.InputError, match="at least two studies to leave one out"):
        mr.leave_one_out(single)
    with pytest.raises(mr.InputError, match=r"at least two values.*all are 'x'"):
        mr.leave_one_out(fit, ["x"] * 12)
    with pytest.raises(mr.InputError, match="one value a study, 12; got 3"):
        mr.leave_one_out(fit, ["x", "y", "z"])
    with pytest.raises(mr.InputError, match="`cluster` must be one value a study; got 5"):
        mr.leave_one_out(fit, 5)
    with pytest.raises(mr.InputError, match="every study of the fit; 'S2' has none"):
        mr.leave_one_out(fit, studies.rater.where(studies.index != 2))
    with pytest.raises(mr.InputError, match="as `data`, or an array"):
        mr.leave_one_out(fit, "rater")
    with pytest.raises(mr.InputError, match=r"does not have.*mean 'rater'"):
        mr.leave_one_out(fit, "ratr", data=studies)
    with pytest.raises(
        mr.InputError, match=r"`data` is the frame that has the column of `cluster`"
    ):
        mr.leave_one_out(fit, data=studies)
    with pytest.raises(mr.InputError, match="it has 5 rows, and the fit has a study in row 11"):
        mr.leave_one_out(fit, "rater", data=studies.head())
