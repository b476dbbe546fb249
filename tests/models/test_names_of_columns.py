"""Columns whose names mean something in formulas or results: the same numbers, or a refusal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import metarel as mr

RNG = np.random.default_rng(1)
TABLE = pd.DataFrame({"yi": RNG.normal(0, 1, 12), "vi": RNG.uniform(0.1, 0.3, 12)})
NUMBERS = RNG.normal(0, 1, 12)
LEVELS = list("aabbcc" * 2)
FREE = ("group", "estimate", "k", "tau2", "weights", "term", "level", "study", "(Intercept)", "X")


@pytest.mark.parametrize("name", FREE)
def test_names_of_results_are_free(name: str) -> None:
    plain = mr.meta_regression(TABLE.assign(x=NUMBERS), "x")
    assert mr.meta_regression(TABLE.assign(**{name: NUMBERS}), name).beta == pytest.approx(
        plain.beta, rel=1e-12
    )
    groups = mr.subgroups(TABLE.assign(g=LEVELS), "g").between.statistic
    found = mr.subgroups(TABLE.assign(**{name: LEVELS}), name)
    assert found.between.statistic == pytest.approx(groups, rel=1e-12)


@pytest.mark.parametrize("name", ["Q", "C", "I", "np", "center"])
def test_names_of_functions_are_free_alone_and_refused_where_functions_can_be_meant(
    name: str,
) -> None:
    plain = mr.meta_regression(TABLE.assign(x=NUMBERS), "x")
    assert mr.meta_regression(TABLE.assign(**{name: NUMBERS}), name).beta == pytest.approx(
        plain.beta, rel=1e-12
    )
    table = TABLE.assign(**{name: LEVELS})
    with pytest.raises(mr.InputError, match=f"names the column '{name}'.*rename the column"):
        mr.subgroups(table, name)
    with pytest.raises(mr.InputError, match=f"names the column '{name}'.*rename the column"):
        mr.meta_regression(table, f"C({name})")


@pytest.mark.parametrize("name", ["intercept", "Intercept"])
def test_no_second_coefficient_is_called_as_the_constant_is(name: str) -> None:
    for formula in (name, f"`{name}`"):
        with pytest.raises(mr.InputError, match=f"names the column '{name}'"):
            mr.meta_regression(TABLE.assign(**{name: NUMBERS}), formula)
    found = mr.meta_regression(TABLE.assign(**{name: LEVELS}), name)
    assert found.to_frame()["term"].nunique() == 3


def test_one_is_the_constant_and_no_column() -> None:
    table = TABLE.assign(**{"1": NUMBERS})
    assert mr.meta_regression(table, "1").beta == pytest.approx(mr.pool(TABLE).beta, rel=1e-12)
    with pytest.raises(mr.InputError, match="names the column '1'"):
        mr.meta_regression(table, "`1`")
