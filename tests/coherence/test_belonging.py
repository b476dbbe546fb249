"""In a text, figures of one test or effect are not held against those of another."""

from __future__ import annotations

import pytest

import metarel as mr

#: Sentences in which nothing is wrong, though a reader in a hurry would pair their figures.
HONEST = {
    "p of a chi-square between an interval and I2": (
        "Exercise reduced pain (SMD −0.30, 95% CI −0.50 to −0.10; Chi² = 14.1, df = 12, "
        "P = 0.29; I² = 15%)."
    ),
    "p of heterogeneity behind an interval": (
        "RR 0.79 (95% CI 0.66 to 0.95); heterogeneity χ² = 14.1 (d.f. = 12) P = 0.29"
    ),
    "p of Egger's test": "d = 0.45 (95% CI 0.31-0.59), Egger's test p = .21.",
    "t of Egger's test": "d = 0.40 (95% CI 0.30 to 0.50; p < .001; Egger's t = 0.91, p = .37)",
    "p of subgroups": (
        "d = 0.45 (95% CI 0.31–0.59), with no significant difference between subgroups (p = .44)."
    ),
    "p of a moderator": (
        "r = .24 (95% CI .19 to .29); the correlation was not moderated by age (p = .61)."
    ),
    "a moderator's F": "g = 0.40, 95% CI [0.30, 0.50], p < .001; F(2, 30) = 1.31, p = .28.",
    "a moderator's chi-square": (
        "g = 0.40, 95% CI [0.30, 0.50], p < .001, and did not differ by sex, χ²(1) = 0.31, p = .58."
    ),
    "a chi-square behind a Z": (
        "Test for overall effect: Z = 5.06 (P < 0.00001); Heterogeneity: Chi² = 48.2, df = 20 "
        "(P = 0.0004); I² = 58%"
    ),
    "a score test beside a Wald interval": (
        "Remission: χ²(1, N = 120) = 5.41, p = .020, OR = 2.41, 95% CI [1.14, 5.10]."
    ),
    "Kendall's tau": "g = 0.42, 95% CI [0.20, 0.64], τ² = 0.09; Kendall's τ = 0.12, p = .31",
    "Stouffer's Z": "the weighted mean r was .22 (95% CI .17–.27), Stouffer Z = 9.84, p < .0001.",
    "a combined z before the mean": (
        "combined z = 12.4, p < .0001, mean r = .22 (95% CI .17–.27)"
    ),
    "an interval of a percentage before an odds ratio": (
        "45 trials (k = 45; n = 5,678) met criteria. Attrition was 22.3% (95% CI 19.8%–25.0%), "
        "and did not differ between arms (OR = 1.04; 95% CI: 0.92, 1.18; P = .54)."
    ),
    "two effects and their intervals, respectively": (
        "CBT and IPT had effects of g = 0.50 and 0.40 (95% CI 0.30-0.70 and 0.20-0.60, "
        "respectively)."
    ),
    "Q of subgroups that are listed": (
        "The subgroup effects were 0.31 (k = 9), 0.55 (k = 12) and 0.48 (k = 4), Q = 4.06, "
        "df = 2, p = .131."
    ),
    "an interval of a median before a hazard ratio": (
        "Median survival 12.1 months (95% CI 10.2 to 15.7), HR 0.81 (95% CI 0.70–0.94), p = .005."
    ),
    "Q of subgroups whose k are listed": (
        "The correlations were .28, .31, and .22 in the 3 subgroups (k = 10, 12 and 8; Q = 2.1, "
        "p = .35)."
    ),
    "p of Kendall's rank test behind Egger's": (
        "g = 0.33 [0.18, 0.48]. Egger's test (z = 1.31, p = .190) and Kendall's rank test "
        "(τ = 0.10, p = .52) gave no sign of bias."
    ),
    "p of Begg's tau": "The effect was g = 0.33 [0.18, 0.48]. Begg's test: tau = .21, p = .19.",
    "p of a rank correlation test": (
        "g = 0.41 [0.27, 0.55], k = 20; the rank correlation test gave p = .19."
    ),
    "p of Begg and Mazumdar's test": "g = 0.41 [0.27, 0.55]; Mazumdar's method gave p = .19.",
    "p of two effects that are compared": (
        "CBT (g = 0.62, 95% CI 0.40–0.84, k = 9) was not superior to IPT (g = 0.51, "
        "95% CI 0.30–0.72, k = 7; p = .39)."
    ),
    "p of one effect versus another": (
        "The effects were g = 0.33 [0.18, 0.48] vs. g = 0.30 [0.15, 0.45], p = .81."
    ),
}  # fmt: skip
#: Sentences with a mistake that the same care must not hide.
WRONG = {
    "I2 from Q": "Tau² = 0.04; Chi² = 21.87, df = 12 (P = 0.04); I² = 85%.",
    "p of Q": "Heterogeneity: Chi² = 21.87, df = 12 (P = 0.40); I² = 45%.",
    "p from CI": "SMD = 0.30 (95% CI −0.05 to 0.65), which was highly significant (P = .002).",
    "p from F": "g = 0.40, 95% CI [0.30, 0.50], p < .001; F(2, 30) = 1.31, p = .03.",
    "p from t": "d = 0.40 (p < .001); Egger's t(20) = 0.91, p = .03",
    "p from z": "Egger's z = 1.31, p = .52, and Kendall's τ = 0.10, p = .30.",
    "CI and p": (
        "CBT (g = 0.62, 95% CI 0.40–0.84, p < .001) was better than IPT (g = 0.51, 95% CI "
        "0.30–0.72, p = .39)."
    ),
    "df of Q": "In k = 14 studies, r = .28, Q(11) = 14.3, p = .22.",
}


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST)
def test_figures_of_different_things_are_no_problem(text: str) -> None:
    assert [str(finding) for finding in mr.check(text).problems] == []


@pytest.mark.parametrize(("code", "text"), WRONG.items(), ids=WRONG)
def test_figures_of_one_thing_are_still_held_together(code: str, text: str) -> None:
    assert code in {finding.code for finding in mr.check(text).problems}


def test_a_chi_square_of_subgroups_is_not_q_of_the_studies() -> None:
    found = mr.check("k = 12; test for subgroup differences: Chi² = 5.73, df = 2 (P = 0.06)")
    assert found.ok
    assert "df of Q" not in {finding.code for finding in found.findings}


def test_a_p_that_may_be_of_a_comparison_is_said_to_be_held_against_nothing() -> None:
    found = mr.check("g = 0.33 [0.18, 0.48] vs. g = 0.30 [0.15, 0.45], p = .81.")
    assert [figure.name for figure in found.lone] == ["p"]
    assert "p = .81 may be that of the effects compared" in found.notes[0]


def test_a_size_of_z_is_no_sign() -> None:
    found = mr.check("SMD -0.45; 95% CI -0.60 to -0.30; Z = 5.88, p < 0.00001")
    assert found.ok
    assert not found.remarks
    (asked,) = mr.check("SMD 0.45; 95% CI 0.30 to 0.60; Z = -5.88, p < 0.00001").problems
    assert "Z = -5.88 stands beside" in asked.what
    assert "would make it" not in asked.what
