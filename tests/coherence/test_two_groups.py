"""One study of two groups: honest paragraphs raise no question, mistakes are found."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import metarel as mr

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "two_groups.py"
SPEC = importlib.util.spec_from_file_location("benchmark_of_two_groups", SCRIPT)
assert SPEC is not None
assert SPEC.loader is not None
benchmark = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = benchmark
SPEC.loader.exec_module(benchmark)


def test_honest_studies_raise_no_question() -> None:
    made, asked = benchmark.false_alarms(20, 2026)
    assert asked == []
    assert made > 30


@pytest.mark.slow
def test_a_thousand_honest_studies_raise_hardly_a_question() -> None:
    """Left is a d divided by one group's SD, far from the other's, where neither is said."""
    _, asked = benchmark.false_alarms(1000, 3)
    assert len(asked) <= 4


@pytest.mark.slow
def test_mistakes_in_studies_are_told() -> None:
    """Floors below what was measured: without sizes, a t three times too large can be one."""
    for mistake, found in benchmark.detection(150, 5).items():
        assert found["told"] >= (90 if mistake == "eta2" else 105), mistake
        assert found["asked"] >= (45 if mistake == "t" else 65), mistake


def codes(text: str) -> set[str]:
    return {finding.code for finding in mr.check(text).problems}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("t(38) = 1.81, d = 2.71, n1 = 20, n2 = 20", "d from t"),
        ("t(38) = 1,81; p = ,078; d = 2,71 (n₁ = 20, n₂ = 20)", "d from t"),
        ("The groups differed, t(38) = 1.81, p = .078, d = 2.71, n1 = 20, n2 = 20.", "d from t"),
        ("Means differed, t(38) = 1.81, p = .078, d = 2.71, with 20 persons in each group.",
         "d from t"),
        ("With n = 20 per group, they differed, t(38) = 1.81, p = .078, d = 2.71.", "d from t"),
        ("With 20 patients in each group, F(1, 38) = 3.28, p = .078, d = 2.71.", "d from F"),
        ("CBT (n = 20) and control (n = 20) differed, t(38) = 1.81, d = 2.71.", "d from t"),
        ("CBT (M = 5.2, SD = 1.1, n = 20) versus control (M = 4.1, SD = 1.3, n = 20), d = 2.50.",
         "d from means"),
        ("Means were 5.2 (SD = 1.1, n = 20) and 4.1 (SD = 1.3, n = 20), g = 2.50.",
         "g from means"),
        ("MCBT = 5.2, SDCBT = 1.1, nCBT = 20 and MTAU = 4.1, SDTAU = 1.3, nTAU = 20, "
         "t(38) = 7.10.", "t from means"),
        ("CBT (n = 20) and control (n = 20) differed, t(58) = 1.81, p = .075.", "df from sizes"),
        ("F(1, 58) = 4.20, p = .045, ηp² = .27", "eta2 from F"),
        ("CBT (n = 20) or TAU (n = 20) was given. They differed, t(38) = 1.81, d = 2.71.",
         "d from t"),
    ],
)  # fmt: skip
def test_mistakes_in_prose_are_asked_about(text: str, code: str) -> None:
    assert code in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "t(38) = 1.81, d = 0.57, n1 = 20, n2 = 20",
        "t(38) = 1.81, g = 0.56, n1 = 20, n2 = 20",
        "t(38) = 1.81, d = 0.59, n1 = 20, n2 = 20",  # 2t/√df
        "Symptoms fell, t(19) = 4.47, p < .001, d = 1.00 (n = 20).",  # t/√n
        "CBT (n = 45) or TAU (n = 44) was given; t(79) = 2.02, p = .047, d = 0.45.",  # missing
        "An ANCOVA gave t(37) = 1.81, p = .078, d = 0.95 (n1 = 20, n2 = 20).",  # adjusted
        "Ages were M = 35.2 (SD = 8.1) and M = 36.0 (SD = 9.3); t(38) = 1.81, d = 0.57.",
        "The pooled effect was g = 0.45, t(19) = 4.20, p < .001, of 20 studies.",
        "Studies of CBT (n = 14) and of IPT (n = 9) differed, t(21) = 2.10, p = .048, d = 0.45.",
        "Of n = 45 randomised, n = 40 completed; t(38) = 1.81, p = .078, d = 0.57.",
    ],
)
def test_honest_conventions_pass(text: str) -> None:
    assert mr.check(text).ok, str(mr.check(text))


@pytest.mark.parametrize(("n1", "n2"), [(12, 12), (15, 40), (60, 25)])
def test_figures_of_drawn_scores_agree(n1: int, n2: int) -> None:
    """Student's t, its d and Hedges' g from scores, against scipy's test."""
    rng = np.random.default_rng([n1, n2])
    one, two = rng.normal(1, 1, n1), rng.normal(0, 1, n2)
    t = float(stats.ttest_ind(one, two).statistic)
    pooled = np.sqrt(((n1 - 1) * one.var(ddof=1) + (n2 - 1) * two.var(ddof=1)) / (n1 + n2 - 2))
    d = float((one.mean() - two.mean()) / pooled)
    sizes: dict[str, Any] = {"n1": n1, "n2": n2, "df": n1 + n2 - 2, "t": f"{t:.4f}"}
    means = {"m1": one.mean(), "sd1": one.std(ddof=1), "m2": two.mean(), "sd2": two.std(ddof=1)}
    printed = {name: f"{value:.4f}" for name, value in means.items()}
    found = mr.check(**sizes, **printed, d=f"{d:.4f}")
    verdicts = {f.code: f.verdict for f in found.findings}
    for code in ("d from t", "d from means", "t from means", "df from sizes"):
        assert verdicts[code] == "consistent", code
    far = mr.check(**sizes, **printed, d=f"{1.6 * d:.4f}")
    assert {"d from t", "d from means"} <= {f.code for f in far.problems}


def test_an_interval_of_d_is_not_that_of_its_t() -> None:
    """t has no error of the SD in it: d = 1.11 ± 1.96 · .342, while t = 1.11/√(2/20) = 3.51."""
    assert mr.check("They differed, t(38) = 3.51, p = .001, d = 1.11, 95% CI [0.44, 1.78].").ok


def test_a_size_of_a_group_is_shown_once() -> None:
    found = mr.check("CBT (n = 20) and TAU (n = 22) differed, t(40) = 2.03, p = .049, d = 0.63.")
    (group,) = found.groups
    assert (group["n1"].printed.text, group["n2"].printed.text) == ("20", "22")
    assert "n" not in group
