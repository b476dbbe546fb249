"""Slips of the pen in ratios: what a sign is to a difference, upside down is to them."""

from __future__ import annotations

import numpy as np
import pytest

import metarel as mr
from metarel.search._changes_make import Sheet, hedges, limits_by, turned
from metarel.search.changes_evidence import evidence_of
from metarel.search.evaluate import evaluate
from metarel.search.specification import Specification
from metarel.search.table import study_table

RATIOS = {
    "yi": ["1.50", "2.00", "1.20", "0.90"],
    "ci_low": ["1.10", "1.20", "0.80", "0.50"],
    "ci_high": ["2.05", "3.33", "1.80", "1.62"],
    "scale": "ratio",
}


def test_ratios_are_turned_upside_down() -> None:
    """Swapped arms make 1/OR, with limits that change places."""
    table = study_table(None, **RATIOS)
    sheet = Sheet(table.columns, table.digits, table.scale)
    new = turned(sheet)
    assert new["yi"] == pytest.approx(1 / table.columns["yi"])
    assert new["ci_low"] == pytest.approx(1 / table.columns["ci_high"])
    assert new["ci_high"] == pytest.approx(1 / table.columns["ci_low"])
    assert hedges(1)(Sheet({**table.columns, "n": np.full(4, 30.0)}, table.digits, "ratio")) == {}
    wide = limits_by(2.0)(sheet)
    low, high = np.log(table.columns["ci_low"]), np.log(table.columns["ci_high"])
    assert np.log(wide["ci_high"] / wide["ci_low"]) == pytest.approx(2 * (high - low))
    assert np.log(wide["ci_high"] * wide["ci_low"]) == pytest.approx(high + low)


def test_a_ratio_upside_down_is_found() -> None:
    """The slip that most often strikes ratios is among those tried."""
    upside = {**RATIOS, "yi": ["1.50", "0.50", "1.20", "0.90"]}
    upside["ci_low"], upside["ci_high"] = (
        ["1.10", "0.30", "0.80", "0.50"],
        ["2.05", "0.83", "1.80", "1.62"],
    )
    table = study_table(None, **RATIOS)
    whole = evaluate([Specification("log", "CI", tau2="DL", back="exp")], table)
    found = mr.explain_gap(
        estimate=f"{whole['estimate'][0]:.2f}", declared={"tau2": "DL"}, placebos=5, **upside
    )
    assert found.rank("study 2", "yi", 2.0) is not None


def test_errors_by_sizes_are_those_of_standardised_differences_alone() -> None:
    """The limits of an odds ratio contradict no sizes by the formula of d."""
    columns = {
        "yi": np.array([1.5, 2.0, 1.2, 8.0]), "ci_low": np.array([1.1, 1.2, 0.8, 1.0]),
        "ci_high": np.array([2.05, 3.33, 1.8, 64.0]), "n1": np.full(4, 30.0),
        "n2": np.full(4, 30.0),
    }  # fmt: skip
    codes = {check.code for check in evidence_of(columns, of_d=False).checks}
    assert "limits are uneven" in codes
    assert "limits do not go with its sizes" not in codes
    spread = {
        "yi": np.full(4, 0.3),
        "sei": np.full(4, 0.26),
        "n1": np.full(4, 30.0),
        "n2": np.full(4, 30.0),
    }
    assert evidence_of(spread).checks
    assert not evidence_of(spread, of_d=False).checks
