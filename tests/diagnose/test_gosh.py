"""Subsets: all of them, draws by seed, each a fit of its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import metarel as mr


def test_all_subsets_stand_once(studies: pd.DataFrame) -> None:
    few = studies.head(6)
    fit = mr.pool(few, tau2="DL")
    found = mr.gosh(fit)
    assert found.complete
    assert len(found.table) == len(found.members) == 63
    assert len(np.unique(found.members, axis=0)) == 63
    assert list(found.table.k) == list(found.members.sum(axis=1))
    for row in range(0, 63, 7):
        if found.table.k[row] > 1:
            again = mr.pool(few[found.members[row]], tau2="DL")
            line = found.table.iloc[row]
            for name in ("estimate", "tau2", "Q", "I2", "H2"):
                expected = getattr(again, name)
                assert line[name] == pytest.approx(expected, rel=1e-9, abs=1e-12)
            assert line.se == pytest.approx(again.se[0], rel=1e-9)
    alone = found.table[found.table.k == 1]
    assert sorted(alone.estimate) == sorted(few.yi)
    assert alone.note.str.startswith("one study").all()


def test_moderators_have_a_column_each_and_need_enough_studies(studies: pd.DataFrame) -> None:
    few = studies.head(7)
    found = mr.gosh(mr.meta_regression(few, "year"))
    assert found.table.k.min() == 3
    assert len(found.table) == 2**7 - 1 - 7 - 21
    row = int(np.flatnonzero(found.table.k == 6)[0])
    again = mr.meta_regression(few[found.members[row]], "year")
    columns = ["estimate_intercept", "estimate_year", "se_intercept", "se_year"]
    expected = [*again.beta, *again.se]
    np.testing.assert_allclose(found.table.loc[row, columns].astype(float), expected, rtol=1e-7)


def test_draws_repeat_by_seed_and_every_subset_is_as_likely(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies, tau2="EE")
    one, two = (mr.gosh(fit, subsets=3000, seed=4) for _ in range(2))
    assert not one.complete
    assert one.table.equals(two.table)
    assert not np.array_equal(one.members, mr.gosh(fit, subsets=3000, seed=5).members)
    assert one.table.k.min() >= 1
    # each study is in half of the subsets: a mean of 3000 has SE 0.0091
    assert np.abs(one.members.mean(axis=0) - 0.5).max() < 0.045
    assert one.table.k.var() == pytest.approx(12 / 4, rel=0.12)


def test_all_are_taken_where_there_are_no_more(studies: pd.DataFrame) -> None:
    fit = mr.pool(studies.head(4))
    assert mr.gosh(fit, subsets=15).complete
    assert len(mr.gosh(fit, subsets=99).table) == 15
    assert len(mr.gosh(fit, subsets="all").table) == 15
    drawn = mr.gosh(fit, subsets=14, seed=1)
    assert not drawn.complete
    assert len(drawn.table) == 14


def test_long_runs_report_progress_and_do_not_depend_on_blocks(many: pd.DataFrame) -> None:
    seen: list[tuple[int, int]] = []
    fit = mr.pool(many.head(30), tau2="EE")
    found = mr.gosh(fit, subsets=40_000, seed=1, progress=lambda *at: seen.append(at))
    assert len(found.table) == 40_000
    assert [total for _, total in seen] == [40_000] * len(seen)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == 40_000
    assert len(seen) >= 3
    assert len(mr.gosh(fit, seed=1).table) == 10_000


def test_subsets_are_split_by_a_study(studies: pd.DataFrame) -> None:
    found = mr.gosh(mr.pool(studies.head(5)))
    assert found.holding("S3").sum() == 16
    assert "31 all subsets of S0, S1, S2, S3 and 1 more" in str(found)
    assert found.to_frame().equals(found.table)
    with pytest.raises(mr.InputError, match=r"no study is called 's3'\. Did you mean 'S3'"):
        found.holding("s3")
    twice = mr.gosh(mr.pool(studies.head(3).assign(study=["A", "A", "B"])))
    with pytest.raises(mr.InputError, match="more than one study is called 'A'"):
        twice.holding("A")


def test_refusals(studies: pd.DataFrame, many: pd.DataFrame) -> None:
    fit = mr.pool(studies)
    for wrong in (0, -3, 2.5, True):
        with pytest.raises(mr.InputError, match="`subsets` must be a whole number of at least 1"):
            mr.gosh(fit, subsets=wrong)
    with pytest.raises(mr.InputError, match=r'at least 1, or "all"; got \'every\''):
        mr.gosh(fit, subsets="every")
    with pytest.raises(mr.InputError, match=r"8388607 subsets of 23 studies.*Give a number"):
        mr.gosh(mr.pool(many.head(23)), subsets="all")
