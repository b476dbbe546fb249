"""Effects and variances at the ends of what can be computed: a right number, or a clear refusal."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

import metarel as mr

WITHIN = (1e-40, 1e-20, 1e-9, 1e9, 1e20, 1e40)
BEYOND = (5e-324, 1e-300, 1e-100, 1e100, 1e155, 1e300)


@pytest.mark.parametrize(("at", "code"), [*itertools.product(WITHIN, ("REML", "DL", "PM", "EE"))])
def test_numbers_within_the_range_give_numbers(at: float, code: str) -> None:
    """One study that counts for all leaves its own effect; units cancel."""
    same = mr.pool(yi=[10.1, 10.2, 10.3], sei=3 * [at**0.5], tau2="EE")
    assert same.estimate == pytest.approx(10.2, rel=1e-12)
    assert np.sqrt(same.vcov[0, 0]) == pytest.approx(np.sqrt(at / 3), rel=1e-12)
    for vi in ([at, 1, 1], [at, at, 1]):
        fit = mr.pool(yi=[10.1, 10.2, 10.3], sei=np.sqrt(vi), tau2=code)
        assert 10.1 - 1e-9 <= fit.estimate <= 10.3 + 1e-9
        assert np.isfinite([fit.vcov[0, 0], fit.tau2]).all()
    one = mr.pool(yi=[10.1, 10.2, 10.3], vi=[1e-40, 1, 1], tau2="EE")
    assert one.estimate == pytest.approx(10.1, rel=1e-12)


@pytest.mark.parametrize("at", BEYOND)
def test_numbers_beyond_it_are_refused_by_name_and_row(at: float) -> None:
    table = pd.DataFrame({"x": [1.0, 2, 4, 3], "yi": [0.1, 0.2, 0.3, 0.4], "vi": 4 * [1.0]})
    spread = table.assign(vi=[1, at, 1, 1])
    with pytest.raises(mr.InputError, match=r"`vi` must be .* row 1 .*other units"):
        mr.pool(spread)
    with pytest.raises(mr.InputError, match=r"`vi` must be"):
        mr.meta_regression(spread, "x")
    many = pd.concat([spread.assign(g="a"), table.assign(g="b")])
    found = mr.pool_many(many, by="g")
    assert found.note[0].startswith("`vi` must be between 1e-40 and 1e+40; row 1 is ")
    assert np.isnan(found.estimate[0])
    assert found.estimate[1] == pytest.approx(0.25)
    if at > 1:
        with pytest.raises(mr.InputError, match="`yi` must be a number"):
            mr.pool(table.assign(yi=[at, 1, 1, 1]))
        far = pd.concat([table.assign(yi=[at, 1, 1, 1], g="a"), table.assign(g="b")])
        assert mr.pool_many(far, by="g").note[0].startswith("`yi` must be between")


def test_standard_errors_are_named_as_they_were_given() -> None:
    with pytest.raises(mr.InputError, match=r"`sei` must be a number"):
        mr.pool(yi=[0.1, 0.2], sei=[1e90, 1.0])


def test_rows_that_count_for_nothing_beside_others_are_refused() -> None:
    table = pd.DataFrame({"x": [1.0, 2, 4, 3], "yi": 4 * [0.1], "vi": [1e39, 1e39, 1, 1]})
    table["yi"] += table["x"] / 10
    with pytest.raises(mr.InputError, match="`vi` must not differ so much"):
        mr.meta_regression(table, "x")
