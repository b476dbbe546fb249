"""What the map from other programs says is run: every cell that is code, and its claims."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import metarel as mr

ROOT = Path(__file__).resolve().parents[1]
MAP = (ROOT / "docs" / "how-to" / "names-in-other-programs.md").read_text(encoding="utf-8")
CELLS = [row.split("|")[-2] for row in MAP.splitlines() if row.startswith("|")]


def whole(code: str) -> bool:
    """Tell whether a cell is a call or an attribute with nothing left to fill in."""
    if "…" in code or not re.match(r"mr\.[\w.]+\(|fit\.|100 \* fit|print\(fit", code):
        return False
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


CODE = sorted({code for cell in CELLS for code in re.findall(r"`([^`]+)`", cell) if whole(code)})


@pytest.fixture(scope="module")
def rooms() -> list[dict[str, Any]]:
    """Names that the cells use; ``fit`` is a mean, one with moderators, or one of tables."""
    bcg = mr.load_dataset("bcg").studies
    words = ("events1", "non_events1", "events2", "non_events2")
    data = mr.effect_sizes(bcg, "RR", **{word: word for word in words})
    rng = np.random.default_rng(3)
    k = len(data)
    groups = np.array(["x", "y"])[np.arange(k) % 2]
    data = data.assign(
        n1=data["events1"] + data["non_events1"], n2=data["events2"] + data["non_events2"],
        sei=np.sqrt(data["vi"]), a=rng.standard_normal(k), b=rng.standard_normal(k), g=groups,
        factor=groups, group=groups, x=rng.standard_normal(k), w=np.arange(k) + 1.0,
        author=[f"A {i}" for i in range(k)], cluster=np.arange(k) // 2, order=np.arange(k),
        TE=data["yi"], seTE=np.sqrt(data["vi"]), cor=0.3, r=rng.uniform(0.1, 0.5, k), n=50,
        rxx=0.8, ryy=0.7,
    )  # fmt: skip
    mean, few = mr.pool(data), mr.pool(data.head(8))
    regression = mr.meta_regression(data, "a + C(factor)")
    ml = [mr.meta_regression(data, right, tau2="ML") for right in ("a + b", "a")]
    shared = {"mr": mr, "data": data, "new": data.head(2), "fit1": ml[0], "fit2": ml[1],
              "L": [0, 1, 0], "kind": "standardized", "terms": "a", "few": few}  # fmt: skip
    raw = {**shared, "fit": mean, "data": data.drop(columns=["yi", "vi", "sei"])}
    return [*({**shared, "fit": fit} for fit in (mean, few, regression, ml[1])), raw]


def test_cells_are_code() -> None:
    assert len(CODE) >= 55
    assert 'mr.regression_test(fit, model="lm")' in CODE


@pytest.mark.parametrize("code", CODE)
def test_the_cell_runs(code: str, rooms: list[dict[str, Any]]) -> None:
    """With a mean or a fit with moderators, whichever the function takes."""
    errors = []
    for names in rooms:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", mr.MetarelWarning)
                eval(code, dict(names))
        except (mr.InputError, AttributeError) as error:
            errors.append(str(error))
        else:
            break
        finally:
            plt.close("all")
    assert len(errors) < len(rooms), errors


def test_eggers_test_is_regtests() -> None:
    """metafor 3.8-1 on the trials of BCG: regtest(fit), and regtest(fit, model="lm")."""
    words = ("events1", "non_events1", "events2", "non_events2")
    data = mr.effect_sizes(mr.load_dataset("bcg").studies, "RR", **{word: word for word in words})
    fit = mr.meta_regression(data, "sqrt(vi)")
    assert (round(fit.statistic[1], 4), round(fit.p_value[1], 4)) == (-0.8033, 0.4218)
    limit = [fit.beta[0], fit.ci_low[0], fit.ci_high[0]]
    assert np.round(limit, 4).tolist() == [-0.5104, -1.1182, 0.0974]
    lm = mr.meta_regression(data, "sqrt(vi)", tau2="EE", test="knha")
    assert (round(lm.statistic[1], 4), round(lm.p_value[1], 4), lm.df[1]) == (-1.4013, 0.1887, 11)
    assert np.round([lm.beta[0], lm.ci_low[0], lm.ci_high[0]], 4).tolist() == [
        -0.1909, -0.6753, 0.2935,
    ]  # fmt: skip


def test_the_last_digit_is_that_of_a_tight_search() -> None:
    """metafor's default prints 11.0605 here, and 11.0606 with a threshold of 1e-12."""
    words = ("events1", "non_events1", "events2", "non_events2")
    data = mr.effect_sizes(mr.load_dataset("bcg").studies, "RR", **{word: word for word in words})
    omnibus = mr.meta_regression(data, "ablat + alloc").omnibus
    assert omnibus is not None
    assert f"{omnibus.statistic:.4f}" == "11.0606"


def test_one_weight_is_the_plain_mean() -> None:
    data = pd.DataFrame({"yi": [0.1, 0.4, 0.7], "vi": [0.01, 0.02, 0.09]})
    assert mr.pool(data, weights=1).estimate == pytest.approx(0.4, rel=1e-14)
