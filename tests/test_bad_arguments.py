"""Arguments of the wrong kind are refused in words, wherever they come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import metarel as mr

STUDIES = {"yi": [0.1, 0.4, 0.2, 0.5, 0.9], "vi": [0.04, 0.02, 0.05, 0.03, 0.06]}
FIT = mr.pool(**STUDIES)
SEEDED: dict[str, Callable[[Any], object]] = {
    "bootstrap": lambda seed: mr.bootstrap(FIT, draws=100, seed=seed),
    "permutation_test": lambda seed: mr.permutation_test(FIT, permutations=20, seed=seed),
    "gosh": lambda seed: mr.gosh(FIT, subsets=10, seed=seed),
    "simulate_from": lambda seed: mr.simulate_from(FIT, 3, seed=seed),
    "predict": lambda seed: FIT.predict(interval="nnf", draws=200, seed=seed),
    "correlation": lambda seed: mr.plot.correlation(0.3, seed=seed),
}


@pytest.mark.parametrize("seed", ["x", -1, 1.5, True])
@pytest.mark.parametrize("name", SEEDED)
def test_seeds(name: str, seed: Any) -> None:
    with pytest.raises(mr.InputError, match=r"`seed` must be a whole number of at least 0"):
        SEEDED[name](seed)


@pytest.mark.parametrize("by", [5, None, ["g", 5]])
def test_columns_of_subgroups(by: Any) -> None:
    with pytest.raises(mr.InputError, match=r"`by` must be the name of a column"):
        mr.subgroups(pd.DataFrame(STUDIES), by)


def test_other_words() -> None:
    with pytest.raises(mr.InputError, match=r"`X` must hold numbers"):
        FIT.predict(X="a")
    with pytest.raises(mr.InputError, match=r"`X` must hold finite numbers"):
        FIT.predict(X=[[float("nan")]])
    with pytest.raises(mr.InputError, match=r"`tau2` must be a number of at least 0"):
        FIT.predict(tau2="x")
    with pytest.raises(mr.InputError, match=r"`progress` must be a function"):
        mr.gosh(FIT, progress=True)
    with pytest.raises(mr.InputError, match=r"`credibility` must be a list of fractions"):
        mr.psychometric(r=[0.3, 0.2], n=[40, 50], credibility=80)
