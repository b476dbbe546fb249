"""Limits of tau2 of a fit against metafor's, and what is refused or warned of."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr

GOLDEN = Path(__file__).parents[1] / "golden" / "confint.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))
EMPTY = "ci-qp-null"
DATA = pd.DataFrame({"yi": [0.3, 0.1, 1.2, 0.6, -0.2], "vi": [0.02, 0.04, 0.03, 0.05, 0.02]})


def fitted(case: dict) -> mr.MetaFit:
    model, frame = case["call"]["model"], pd.DataFrame(case["data"])
    options = {"tau2": model["method"], "weights": model.get("weights")}
    if "mods" in model:
        return mr.meta_regression(frame, model["mods"], **options)
    return mr.pool(frame, **options)


def numbers_of(table: pd.DataFrame, row: str) -> np.ndarray:
    return table.loc[row, ["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)


#: metafor takes the words in any case; here they are those of the literature.
WORDS = {"genq": "GENQ", "wald": "Wald"}


@pytest.mark.parametrize("case", [c for c in CASES if c["id"] != EMPTY], ids=lambda c: c["id"])
def test_agrees_with_metafor(case: dict) -> None:
    args = case["call"]["args"]
    word = args.get("type", "QP")
    table = mr.tau2_interval(
        fitted(case), method=WORDS.get(word, word), level=args.get("level", 95) / 100
    )
    for row, numbers in case["expect"].items():
        ours = numbers_of(table, row) * (100 if row == "I2" else 1)
        assert list(ours) == pytest.approx(numbers, rel=1e-8, abs=1e-12), row
    assert table.attrs["converged"]


def test_an_empty_set_warns_and_gives_no_limits() -> None:
    case = next(c for c in CASES if c["id"] == EMPTY)
    with pytest.warns(mr.MetarelWarning, match="set is empty"):
        table = mr.tau2_interval(fitted(case))
    assert list(table["estimate"]) == [0, 0, 0, 1]
    assert table[["ci_low", "ci_high"]].isna().all(axis=None)
    assert table.attrs["empty"]
    assert (
        table.attrs["message"] == "no tau2 is compatible with so little variation: the set is empty"
    )
    assert case["expect"]["tau2"] == [0, 0, 0]  # metafor's convention for the same set


def test_the_level_is_the_fits_unless_given() -> None:
    narrow = mr.tau2_interval(mr.pool(DATA, level=0.8))
    wide = mr.tau2_interval(mr.pool(DATA), level=0.95)
    assert narrow.attrs["level"] == 0.8
    assert narrow.loc["tau2", "ci_high"] < wide.loc["tau2", "ci_high"]
    again = mr.tau2_interval(mr.pool(DATA), level=0.8)
    assert again.loc["tau2", "ci_high"] == narrow.loc["tau2", "ci_high"]


def test_rows_are_one_number_in_four_scales() -> None:
    table = mr.tau2_interval(mr.pool(DATA))
    assert numbers_of(table, "tau") == pytest.approx(np.sqrt(numbers_of(table, "tau2")))
    assert numbers_of(table, "I2") == pytest.approx(1 - 1 / numbers_of(table, "H2"))
    assert table.method.tolist() == ["QP"] * 4


@pytest.mark.parametrize("method", ["QP", "PL", "GENQ", "HT", "Wald"])
@pytest.mark.parametrize("moderated", [False, True])
def test_where_i2_is_from_q_its_limits_are_those_of_q(method: str, moderated: bool) -> None:
    """Recomputed from the source; Q is so large that its first standard error holds."""
    table = DATA.assign(x=[1.0, 0.0, 2.0, 4.0, 3.0])
    words = {"settings": "meta"}
    fit = mr.meta_regression(table, "x", **words) if moderated else mr.pool(table, **words)
    found = mr.tau2_interval(fit, method=method)
    plain = mr.tau2_interval(mr.meta_regression(table, "x") if moderated else mr.pool(table),
                             method=method)  # fmt: skip
    pd.testing.assert_frame_equal(found.head(2), plain.head(2))
    Q, df = fit.Q, fit.heterogeneity.Q_df
    assert df + 1 < Q
    se = 0.5 * (math.log(Q) - math.log(df)) / (math.sqrt(2 * Q) - math.sqrt(2 * df - 1))
    H = [math.exp(0.5 * math.log(Q / df) + s * 1.959963984540054 * se) for s in (0, -1, 1)]
    H2 = np.maximum(np.square(H), 1)
    assert numbers_of(found, "H2") == pytest.approx(H2, rel=1e-12)
    assert numbers_of(found, "I2") == pytest.approx(1 - 1 / H2, rel=1e-12)
    assert found.loc["I2", "estimate"] == fit.I2
    assert found.method.tolist() == [method, method, "HT", "HT"]


def test_with_one_degree_of_freedom_i2_from_q_has_no_limits() -> None:
    fit = mr.pool(DATA.tail(2), settings="meta")
    with pytest.warns(mr.MetarelWarning, match="with one degree of freedom they have no limits"):
        found = mr.tau2_interval(fit)
    assert found.loc[["I2", "H2"], ["ci_low", "ci_high"]].isna().all(axis=None)
    assert found.loc["tau2", "ci_high"] > 0


@pytest.mark.parametrize("tau2", [0.1, "EE", "CE"])
def test_a_fixed_tau2_has_no_limits(tau2: str | float) -> None:
    told = "must have estimated tau2" if tau2 == 0.1 else "common-effect model, which has no tau2"
    with pytest.raises(mr.InputError, match=told):
        mr.tau2_interval(mr.pool(DATA, tau2=tau2), level=0.9)


def test_refusals_name_the_way_out() -> None:
    with pytest.raises(mr.InputError, match='by "ML" or "REML"; got a fit by "DL"'):
        mr.tau2_interval(mr.pool(DATA, tau2="DL"), method="PL")
    with pytest.raises(mr.InputError, match=r"`method` must be one of 'QP', 'PL'.*mean 'GENQ'"):
        mr.tau2_interval(mr.pool(DATA), method="genq")
    with pytest.raises(mr.InputError, match=r"`level`.*Write 0\.9"):
        mr.tau2_interval(mr.pool(DATA), level=90)
    with pytest.raises(mr.InputError, match="`fit` must be what pool"):
        mr.tau2_interval(DATA)
    with pytest.warns(mr.MetarelWarning, match="one study"):
        single = mr.pool(DATA.head(1))
    with pytest.raises(mr.InputError, match="more studies than coefficients"):
        mr.tau2_interval(single)
    two = mr.pool(DATA.head(2))
    with pytest.raises(mr.InputError, match=r"needs at least 2 degrees.*QP"):
        mr.tau2_interval(two, method="HT")
