"""Every number of a cluster-robust fit against metafor's robust() and clubSandwich."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.robust._sandwich import ROBUST_KINDS

GOLDEN = Path(__file__).parents[1] / "golden" / "robust.json"
STORED = json.loads(GOLDEN.read_text(encoding="utf-8"))
CASES = {case["id"]: case for case in STORED["cases"]}
#: Tau2 is iterated in both programs; everything after it is closed form.
EXACT = {"rel": 1e-8, "abs": 1e-12}


def fitted(case: dict) -> tuple[mr.MetaFit, pd.DataFrame]:
    frame = pd.DataFrame(STORED["data"][case["data"]])
    options = {"tau2": case["tau2"], "weights": case["weights"] or None}
    if case["mods"]:
        return mr.meta_regression(frame, case["mods"], **options), frame
    return mr.pool(frame, **options), frame


@pytest.mark.parametrize("kind", ROBUST_KINDS)
@pytest.mark.parametrize("name", CASES)
def test_the_numbers_are_those_of_metafor(name: str, kind: str) -> None:
    case = CASES[name]
    expect = case["expect"][kind]
    fit, frame = fitted(case)
    found = mr.robust(fit, case["cluster"], kind=kind, data=frame)
    assert found.m == expect["m"]
    for quantity in ("beta", "se", "statistic", "p_value", "ci_low", "ci_high", "df"):
        wanted = np.atleast_1d(expect[quantity])
        np.testing.assert_allclose(getattr(found, quantity), wanted, rtol=1e-8, err_msg=quantity)
    np.testing.assert_allclose(found.vcov, np.atleast_2d(expect["vcov"]), rtol=1e-8)


@pytest.mark.parametrize("kind", ROBUST_KINDS)
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["mods"]])
def test_joint_tests_are_those_of_metafor(name: str, kind: str) -> None:
    case = CASES[name]
    fit, frame = fitted(case)
    found = mr.robust(fit, case["cluster"], kind=kind, data=frame).omnibus
    assert found is not None
    for quantity, wanted in case["expect"][kind]["omnibus"].items():
        assert getattr(found, quantity) == pytest.approx(wanted, **EXACT), quantity


@pytest.mark.parametrize("kind", ROBUST_KINDS)
@pytest.mark.parametrize("name", CASES)
def test_predictions_are_those_of_metafor(name: str, kind: str) -> None:
    case = CASES[name]
    fit, frame = fitted(case)
    table = mr.robust(fit, case["cluster"], kind=kind, data=frame).predict()
    for quantity, wanted in case["expect"][kind]["predict"].items():
        if wanted:  # none for CR2 with own weights
            np.testing.assert_allclose(
                table[quantity], np.atleast_1d(wanted), rtol=1e-8, err_msg=quantity
            )
