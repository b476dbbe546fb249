"""One case: figures judged, programs' formulas, contradictions, and each level of explanation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import metarel as mr
from metarel._format import fixed
from metarel.repro.case_fit import case_values, cohen_variance, random_q, study_columns
from metarel.repro.case_judge import AGREES_WIDER
from metarel.repro.case_misprint import misprint, slips
from metarel.repro.case_prints import contradictions
from metarel.repro.case_read import read_case
from metarel.repro.case_run import run_given
from metarel.repro.case_verdict import (
    ALL_AGREE,
    BY_ANALYSIS,
    BY_PROGRAM,
    BY_ROUNDING,
    BY_SLIP,
    CONTRADICT,
    ESTIMATE_ONLY,
    LEVELS,
    UNEXPLAINED,
    CaseVerdict,
    verdict_from,
)
from metarel.repro.programs import METAFOR, PROGRAMS
from metarel.repro.verdict import AGREES, AGREES_TRUNCATED, CANNOT_RUN, DIFFERS

Given = dict[str, Any]
GOLDEN = Path(__file__).parents[1] / "golden" / "cases"


def run(given: Mapping[str, Any], depth: str = "full") -> CaseVerdict:
    return run_given(given, "made.json", depth, 0)


def verdict_on(found: CaseVerdict, name: str) -> str:
    return next(figure.verdict for figure in found.figures if figure.quantity == name)


def test_the_declared_analysis_is_that_of_pool(plain_case: Given) -> None:
    case = read_case(plain_case, "made.json")
    values = case_values(case, METAFOR, study_columns(case))
    fit = mr.pool(yi=case.columns["y"], sei=case.columns["se"], tau2="DL")
    one = {name: float(found[0].value[0]) for name, found in values.items()}
    assert one["estimate"] == pytest.approx(fit.estimate, rel=1e-12)
    assert one["ci_low"] == pytest.approx(float(fit.ci_low[0]), rel=1e-12)
    assert one["p"] == pytest.approx(float(fit.p_value[0]), rel=1e-9)
    assert one["tau2"] == pytest.approx(fit.tau2, rel=1e-12)
    assert one["I2"] == pytest.approx(100 * fit.heterogeneity.I2_Q, rel=1e-12)
    assert one["Q_p"] == pytest.approx(fit.heterogeneity.Q_p, rel=1e-9)


def test_q_with_random_weights_is_cochrans_without_tau2(make: SimpleNamespace) -> None:
    y, se = make.drawn(7, 5)
    fixed_q = mr.pool(yi=y, sei=se, tau2="EE").heterogeneity.Q
    assert random_q(y[None], se[None] ** 2, np.zeros(1))[0] == pytest.approx(fixed_q, rel=1e-12)
    weights = 1 / (se**2 + 0.3)
    mean = np.average(y, weights=weights)
    expected = np.sum(weights * (y - mean) ** 2)
    assert random_q(y[None], se[None] ** 2, np.array([0.3]))[0] == pytest.approx(
        expected, rel=1e-12
    )


def test_metans_variance_of_d_is_that_of_its_manual() -> None:
    # N/(n1 n2) + d²/(2 (N − 2)): 50/600 + 0.25/96
    assert cohen_variance(np.array(0.5), np.array(30.0), np.array(20.0)) == pytest.approx(
        0.0833333333333 + 0.0026041666667, abs=1e-12
    )


@pytest.mark.parametrize("shift", [1, 7.5])
def test_correlations_are_pooled_as_z_and_printed_as_r(shift: float, make: SimpleNamespace) -> None:
    r, n = np.array([0.1, 0.35, 0.22]), np.array([40.0, 65, 120]) + shift
    given = {"studies": make.rows(r=r.tolist(), n=n.tolist()), "reported": {"estimate": "0.2"}}
    case = read_case(given, "made.json")
    value = case_values(case, METAFOR, study_columns(case))["estimate"][0].value[0]
    es = mr.effect_sizes(None, "ZCOR", r=r, n=n)
    assert value == pytest.approx(np.tanh(mr.pool(es, tau2="DL").estimate), rel=1e-12)


def test_hunter_and_schmidts_mean_is_weighted_by_size(make: SimpleNamespace) -> None:
    r, n = [0.1, 0.35, 0.22], [40, 65, 120]
    given = {
        "studies": make.rows(r=r, n=n),
        "reported": {"estimate": fixed(float(np.average(r, weights=n)), 4)},
        "model": "HS",
    }
    assert run(given, "declared").level == ALL_AGREE
    case = read_case(given, "made.json")
    values = case_values(case, METAFOR, study_columns(case))
    mean = np.average(r, weights=n)
    spread = np.sqrt(np.average((np.array(r) - mean) ** 2, weights=n) / 3)
    expected = mean - 1.959963984540054 * spread
    assert values["ci_low"][0].value[0] == pytest.approx(expected, rel=1e-12)


def test_level_all_agree(plain_case: Given) -> None:
    found = run(plain_case)
    assert found.level == ALL_AGREE
    assert found.evidence == ()
    assert len(found.with_metafor) == len(plain_case["reported"])


@pytest.mark.parametrize(
    ("software", "words"),
    [
        ("Review Manager 5.2", {"correct": "approximate", "variance": "REVMAN"}),
        ("Comprehensive Meta-Analysis", {"correct": "approximate", "variance": "LS2"}),
        ("R (meta)", {"correct": "exact", "variance": "EXACT"}),
    ],
)
def test_level_by_program(
    software: str, words: dict[str, str], group_means: dict[str, Any], make: SimpleNamespace
) -> None:
    es = mr.effect_sizes(None, "SMD", **words, **group_means)
    given = {
        "data_kind": "means_sds_ns",
        "studies": make.rows(**{name: x.tolist() for name, x in group_means.items()}),
        "reported": make.printed_from(es["yi"], es["vi"], 4, tau2="DL"),
        "software": software,
    }
    assert run(given, "declared").level == BY_PROGRAM
    assert run(given | {"software": ""}, "declared").level != BY_PROGRAM


def test_level_contradiction(plain_case: Given) -> None:
    printed = plain_case["reported"]
    plain_case["reported"] = printed | {"estimate": f"-{printed['estimate']}"}
    found = run(plain_case, "declared")
    assert found.level == CONTRADICT
    assert "outside its own interval" in found.evidence[0].text


def test_level_by_rounding(make: SimpleNamespace) -> None:
    y, se = make.drawn(6, 2)
    given = {
        "studies": make.rows(y=make.rounded(y, 1), se=make.rounded(se, 2)),
        "reported": make.printed_from(y, se**2, 2, tau2="DL"),
    }
    found = run(given)
    assert found.level == BY_ROUNDING
    assert run(given, "declared").level in (ESTIMATE_ONLY, UNEXPLAINED)


def test_level_by_analysis(plain_case: Given, make: SimpleNamespace) -> None:
    case = read_case(plain_case, "made.json")
    y, se = case.columns["y"], case.columns["se"]
    plain_case["reported"] = make.printed_from(y, se**2, 3, tau2="SJ")
    found = run(plain_case)
    step = next(e for e in found.evidence if e.step == BY_ANALYSIS)
    assert found.level == BY_ANALYSIS
    assert step.explains
    assert step.found >= 1
    assert step.tried > step.found
    assert step.placebo is not None
    assert step.placebo < 0.05
    assert "SJ" in step.text


def test_level_by_slip(plain_case: Given, make: SimpleNamespace) -> None:
    case = read_case(plain_case, "made.json")
    y, se = case.columns["y"].copy(), case.columns["se"]
    y[2] = -y[2]
    plain_case["reported"] = make.printed_from(y, se**2, 3, tau2="DL")
    found = run(plain_case)
    step = next(e for e in found.evidence if e.step == BY_SLIP)
    assert found.level == BY_SLIP
    assert "Study 3" in step.text
    assert step.placebo is not None
    assert step.placebo <= 0.05


def test_level_estimate_only_and_unexplained(plain_case: Given) -> None:
    printed = plain_case["reported"]
    far = {"estimate": printed["estimate"], "tau2": "7.310", "k": printed["k"]}
    assert run(plain_case | {"reported": far}, "declared").level == ESTIMATE_ONLY
    far = {"estimate": "9.417", "tau2": "7.310", "k": printed["k"]}
    assert run(plain_case | {"reported": far}).level == UNEXPLAINED


def test_level_cannot_run(plain_case: Given) -> None:
    plain_case["studies"][2]["se"] = "0"
    found = run(plain_case)
    assert found.level == CANNOT_RUN
    assert "row 3 ('Study 3'): `se` must be positive" in found.obstacle
    assert found.surprises


#: Two studies of equal precision, whose mean is 0.2469.
EVEN: Given = {
    "studies": [{"y": "0.2000", "se": "0.1000"}, {"y": "0.2938", "se": "0.1000"}],
    "tau2_estimator": "DL",
}


@pytest.mark.parametrize(
    ("text", "doubt", "verdict"),
    [
        ("0.25", "", AGREES),
        ("0.24", "", AGREES_TRUNCATED),
        ("0.26", "", DIFFERS),
        ("0.20", "", DIFFERS),
        ("0.20", "stored 0.2; printed as 0.20 by analogy", AGREES_WIDER),
        ("0.30", "stored 0.3; printed as 0.30 by analogy", DIFFERS),
        ("0.20", "no interval to compare with", DIFFERS),
    ],
)
def test_truncation_and_doubtful_zeros_are_told_apart(text: str, doubt: str, verdict: str) -> None:
    given = EVEN | {"reported": {"estimate": text}, "reported_doubt": {"estimate": doubt}}
    found = run(given, "declared")
    assert verdict_on(found, "estimate") == verdict
    assert found.wider == (verdict == AGREES_WIDER)


def test_z_without_a_sign_is_a_magnitude() -> None:
    studies = [{"y": f"-{study['y']}", "se": study["se"]} for study in EVEN["studies"]]
    value = -0.2469 / np.sqrt(0.01 / 2)
    unsigned, signed = f"{-value:.2f}", f"{value:.2f}"
    found = run({"studies": studies, "reported": {"z": unsigned}}, "declared").figures[0]
    assert (found.verdict, found.note) == (AGREES, "printed without its sign")
    found = run({"studies": studies, "reported": {"z": signed}}, "declared").figures[0]
    assert (found.verdict, found.note) == (AGREES, "")
    found = run(EVEN | {"reported": {"z": signed}}, "declared").figures[0]
    assert found.verdict == DIFFERS


@pytest.mark.parametrize(
    ("reported", "message"),
    [
        ({"estimate": "0.50", "ci_lower": "0.10", "ci_upper": "0.60"}, "need not be symmetric"),
        ({"estimate": "0.9", "ci_lower": "0.1", "ci_upper": "0.6"}, "outside its own interval"),
        (
            {"estimate": "0.30", "ci_lower": "0.10", "ci_upper": "0.50", "z": "4.1"},
            "z = 4.1 is printed",
        ),
        ({"k": "3", "Q": "14.7", "I2": "0"}, "I2 = 0% is printed"),
        ({"z": "2.50", "p": "0.3"}, "p = 0.3 is printed"),
        ({"k": "3", "Q": "14.7", "Q_p": "0.40"}, "p = 0.40 is printed"),
    ],
)
def test_contradictions_are_seen(
    reported: dict[str, str], message: str, make: SimpleNamespace
) -> None:
    given = {"studies": make.rows(y=[0.1, 0.4, 0.3], se=[0.1, 0.2, 0.1]), "reported": reported}
    found = contradictions(read_case(given, "made.json"))
    assert any(message in sentence for sentence in found)


def test_either_number_of_effects_will_do(make: SimpleNamespace) -> None:
    rows = make.rows(y=[0.1, 0.4, 0.3], se=[0.1, 0.2, 0.1])
    fits_three = {"k": "5", "Q": "8.00", "I2": "75.0"}
    assert contradictions(read_case({"studies": rows, "reported": fits_three}, "a.json")) == ()
    fits_none = {"k": "5", "Q": "8.00", "I2": "10.0"}
    assert contradictions(read_case({"studies": rows, "reported": fits_none}, "a.json"))


def test_limits_that_may_be_bootstrapped_need_no_middle(make: SimpleNamespace) -> None:
    given = {
        "studies": make.rows(y=[0.1, 0.4, 0.3], se=[0.1, 0.2, 0.1]),
        "reported": {"estimate": "0.50", "ci_lower": "0.10", "ci_upper": "0.60"},
    }
    assert contradictions(read_case(given, "made.json"))
    assert contradictions(read_case(given | {"software": "MetaWin 2"}, "made.json")) == ()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("digits", [1, 2, 3])
def test_true_figures_never_contradict_each_other(
    seed: int, digits: int, make: SimpleNamespace
) -> None:
    y, se = make.drawn(5, seed, tau2=0.2)
    given = {
        "studies": make.rows(y=make.rounded(y, 3), se=make.rounded(se, 3)),
        "reported": make.printed_from(y, se**2, digits, tau2="DL"),
    }
    assert contradictions(read_case(given, "made.json")) == ()


def test_slips_of_the_pen() -> None:
    made = set(slips("14.7"))
    assert {"41.7", "1.47", "147", "-14.7", "17.7", "144.7", "4.7"} <= made
    assert "14.7" not in made


def test_a_misprint_counts_only_where_it_is_rare(plain_case: Given) -> None:
    q = plain_case["reported"]["Q"]
    digit = str((int(q[0]) + 4) % 10)
    plain_case["reported"]["Q"] = f"{digit}{q[1:]}"
    del plain_case["reported"]["I2"]
    step = misprint(run(plain_case, "declared").figures)
    assert step is not None
    assert step.explains
    plain_case["reported"]["Q"] = fixed(float(q) + 0.003, 3)
    near = misprint(run(plain_case, "declared").figures)
    assert near is None or not near.explains


def test_amendments_are_told_and_do_not_count(plain_case: Given) -> None:
    printed = plain_case["reported"]
    wrong = printed | {"estimate": f"-{printed['estimate']}"}
    found = run(plain_case | {"reported": wrong, "reported_amended": printed}, "declared")
    assert found.level == CONTRADICT
    assert f"with reported as amended by its source: {ALL_AGREE}" in found.remarks


def test_a_verdict_survives_json(plain_case: Given) -> None:
    plain_case["reported"]["Q"] = "99.123"
    found = run(plain_case | {"expect": {"Q": "differs"}}, "declared")
    assert verdict_from(json.loads(json.dumps(found.to_dict()))).to_dict() == found.to_dict()


def test_expectations_by_figure_and_level(plain_case: Given) -> None:
    assert run(plain_case | {"expect": ALL_AGREE}).surprises == ()
    assert run(plain_case | {"expect": {"estimate": "agrees"}}).surprises == ()
    wrong = run(plain_case | {"expect": {"estimate": "differs", "level": UNEXPLAINED}})
    assert len(wrong.surprises) == 2


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.json")), ids=lambda file: file.stem)
def test_published_cases_are_reproduced(file: Path) -> None:
    """Figures printed by RevMan, Wilson's macros and metan, and a mean of correlations."""
    found = run_given(json.loads(file.read_text()), file.name, "declared", 0)
    assert found.level in (ALL_AGREE, BY_PROGRAM)


def test_formulas_of_programs_differ_from_each_other() -> None:
    for program in PROGRAMS.values():
        codes = [formulas.code for formulas in program.formulas]
        assert len(set(codes)) == len(codes)
    assert set(LEVELS) > {ALL_AGREE, BY_PROGRAM, CANNOT_RUN}
