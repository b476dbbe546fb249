"""Cases in the words of the search room: the same analysis gives the same numbers there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from metarel.repro.case_fit import case_values, study_columns
from metarel.repro.case_read import read_case
from metarel.repro.case_run import run_case
from metarel.repro.case_schema import KINDS
from metarel.repro.case_table import declared_specification, search_figures, search_table
from metarel.repro.case_verdict import BY_SLIP, LEVELS
from metarel.repro.programs import METAFOR, PROGRAMS
from metarel.search.evaluate import evaluate

FORMULAS = {
    formulas.code: formulas
    for formulas in (METAFOR, *(f for program in PROGRAMS.values() for f in program.formulas))
}
SAME = {"estimate": "estimate", "ci_low": "ci_low", "ci_high": "ci_high", "z": "statistic"}
VALUES: dict[str, tuple[float, ...]] = {
    **dict.fromkeys(("y", "g", "d", "md", "z", "r"), (0.21, 0.45, 0.33, -0.2)),
    **dict.fromkeys(("or", "rr", "hr"), (1.2, 1.6, 2.1, 0.9)),
    "lo": (0.05, 0.15, 0.11, 0.3),
    "hi": (2.4, 2.5, 2.6, 2.2),
    "se": (0.1, 0.2, 0.15, 0.1),
    "v": (0.01, 0.04, 0.02, 0.03),
    "n": (40, 33.5, 58, 90),
    "n1": (20, 16.5, 30, 50),
    "n2": (20, 17, 28, 40),
    "m1": (10, 11, 12, 8),
    "m2": (9, 9, 9, 9.5),
    "sd1": (3, 4, 3, 3),
    "sd2": (3, 3, 4, 3),
}


def case_of(code: str, *more: str, **given: Any) -> Any:
    columns = (*KINDS[code].columns, *more)
    studies = [{c: VALUES[c][row] for c in columns} for row in range(4)]
    whole = {"data_kind": code, "studies": studies, "reported": {"estimate": "0.30"}} | given
    return read_case(whole, "made.json")


@pytest.mark.parametrize(
    ("code", "tau2"),
    [*((code, "DL") for code in KINDS), ("g_n1_n2", "REML"), ("r_n", "REML"), ("smd_ci", "EE")],
)
def test_the_search_gives_the_numbers_of_the_case(code: str, tau2: str) -> None:
    sized = ("n1", "n2") if KINDS[code].spread in ("ci", "se") else ()
    model = {"model": "FE"} if tau2 == "EE" else {"tau2_estimator": tau2}
    case = case_of(code, *sized, **model)
    table = search_table(case)
    found = {}
    for formulas in FORMULAS.values():
        specification = declared_specification(case, formulas, table)
        if specification is not None:
            found.setdefault(specification, formulas)
    assert found
    for specification, formulas in found.items():
        there = evaluate([specification], table, level=0.95)
        here = case_values(case, formulas, study_columns(case))
        for ours, theirs in SAME.items():
            np.testing.assert_allclose(there[theirs], here[ours][0].value, rtol=1e-9)
        share = next(one.value for one in here["I2"] if one.definition == "from Q")
        np.testing.assert_allclose(there["I2_Q"], share / 100, atol=1e-12)


def test_hunter_and_schmidts_numbers_are_those_of_the_search() -> None:
    case = case_of("r_n", model="HS")
    table = search_table(case)
    specification = declared_specification(case, METAFOR, table)
    assert specification is not None
    there = evaluate([specification], table, level=0.95)
    here = case_values(case, METAFOR, study_columns(case))
    for ours, theirs in {**SAME, "tau2": "tau2"}.items():
        np.testing.assert_allclose(there[theirs], here[ours][0].value, rtol=1e-12)


def test_figures_are_written_as_the_search_reads_them() -> None:
    reported = {"estimate": "-0.31", "z": "1.96", "I2": "88", "Q": "9.0", "estimate_fe": "0.1"}
    case = case_of("y_se", reported=reported)
    judged = run_case(case, depth="declared").figures
    found = search_figures(case, judged)
    assert found == {"estimate": "-0.31", "statistic": "-1.96", "I2": "88%", "Q": "9.0"}


@pytest.mark.slow
@pytest.mark.parametrize("code", KINDS)
def test_every_kind_of_study_data_is_searched(code: str) -> None:
    reported = {"estimate": "0.30", "ci_lower": "0.13", "ci_upper": "0.47", "Q": "3.21"}
    found = run_case(case_of(code, reported=reported), depth="full")
    assert found.level in LEVELS
    assert not any("not tried" in one.text for one in found.evidence)
    assert any(one.step == BY_SLIP for one in found.evidence) or found.level != "unexplained"
