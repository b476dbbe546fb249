"""Cumulative meta-analysis: steps are fits, ties, directions, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr


def test_each_step_is_the_fit_so_far(fit: mr.MetaFit, refitted: Any) -> None:
    table = mr.cumulative(fit)
    assert list(table.k[:: fit.p]) == list(range(1, fit.k + 1))
    for step in range(fit.p + 4, fit.k):
        so_far = refitted(np.arange(fit.k) <= step)
        rows = table.iloc[step * fit.p : (step + 1) * fit.p]
        np.testing.assert_allclose(rows.estimate, so_far.beta, rtol=1e-7)
        np.testing.assert_allclose(rows.ci_high, so_far.ci_high, rtol=1e-7)
    last = table.iloc[-fit.p :]
    np.testing.assert_allclose(last.estimate, fit.beta, rtol=1e-8)
    assert last.tau2.iloc[0] == pytest.approx(fit.tau2, rel=1e-8, abs=1e-11)


def test_studies_join_in_order_and_ties_as_they_stand(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies)
    year = [3, 1, 2, 1, 2, 3, 9, 8, 7, 6, 5, 4]
    table = mr.cumulative(fit, year)
    joined = ["S1", "S3", "S2", "S4", "S0", "S5", "S11", "S10", "S9", "S8", "S7", "S6"]
    assert list(table.added) == joined
    assert list(table.order) == [1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9]
    sub = studies.iloc[[1, 2, 3]]
    assert table.estimate[2] == pytest.approx(mr.pool(sub).estimate, rel=1e-9)
    back = mr.cumulative(fit, year, descending=True)
    assert list(back.added[:6]) == ["S6", "S7", "S8", "S9", "S10", "S11"]
    assert list(back.added[6:]) == ["S0", "S5", "S2", "S4", "S1", "S3"]


def test_ties_join_together_on_request(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies)
    whole = mr.cumulative(fit, "rater", data=studies)
    table = mr.cumulative(fit, "rater", data=studies, collapse=True)
    assert list(table.order) == ["a", "b", "c"]
    assert table.added[0] == "S0, S3, S6, S9"
    assert list(table.k) == [4, 8, 12]
    names = ["k", "estimate", "se", "tau2", "Q", "I2"]
    np.testing.assert_allclose(table[names], whole[names].iloc[[3, 7, 11]], rtol=1e-12)
    back = mr.cumulative(fit, "rater", data=studies, collapse=True, descending=True)
    assert list(back.order) == ["c", "b", "a"]
    ranked = studies.rater.astype(pd.CategoricalDtype(["b", "c", "a"], ordered=True))
    assert list(mr.cumulative(fit, ranked, collapse=True).order) == ["b", "c", "a"]


def test_the_first_step_says_what_it_is(studies: pd.DataFrame) -> None:
    table = mr.cumulative(mr.pool(studies, test="knha"))
    assert table.note[0] == "one study: its own estimate, tau2 taken as 0"
    assert table.df[0] == np.inf
    assert table.note[1:].eq("").all()
    moderated = mr.cumulative(mr.meta_regression(studies, "year"))
    assert moderated.estimate[:4].isna().all()
    assert moderated.note[0] == "no more complete studies than coefficients"


def test_refusals(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies)
    with pytest.raises(mr.InputError, match="`collapse` needs `order`"):
        mr.cumulative(fit, collapse=True)
    with pytest.raises(mr.InputError, match="`descending` needs `order`"):
        mr.cumulative(fit, descending=True)
    with pytest.raises(mr.InputError, match="values that can be sorted"):
        mr.cumulative(fit, [*range(11), "last"])
    with pytest.raises(mr.InputError, match="`order` must be given for every study"):
        mr.cumulative(fit, [*range(11), None])


def test_another_frame_than_the_fits_is_refused() -> None:
    data = pd.DataFrame(
        {"yi": [0.1, 0.3, 0.2, 0.6], "vi": [0.04, 0.02, 0.03, 0.05], "year": [4, 3, 2, 1]}
    )
    fit = mr.pool(data)
    assert len(mr.cumulative(fit, "year", data=data)) == 4
    for other in (data.iloc[::-1], pd.concat([data, data])):
        with pytest.raises(mr.InputError, match="`data` must be the frame the fit was made from"):
            mr.cumulative(fit, "year", data=other)
