"""Which figures of a text are held together, by what the words about them say."""

from __future__ import annotations

import pytest

import metarel as mr
from metarel.coherence.check import Checked


def figures(found: Checked) -> list[dict[str, str]]:
    """Return the figures of each group as printed, without copies of the effect and the level."""
    shown = []
    for group in found.groups:
        own = {f.name: f.printed.text for f in group}
        own.pop("level", None)
        shown.append(own)
    return shown


def codes(text: str) -> set[str]:
    return {finding.code for finding in mr.check(text).problems}


#: A mistake that stands in the words of one result, and the check that finds it.
WRONG = {
    "a conversion behind the interval": (
        "d from r",
        "The overall correlation was r = .28, 95% CI [.22, .34], equivalent to d = 0.85.",
    ),
    "a conversion behind a p": (
        "d from r",
        "r = .28 (95% CI .22 to .34), p < .001, which corresponds to a Cohen's d of 0.85.",
    ),
    "limits behind the converted effect": (
        "estimate in CI",
        "r = .28, 95% CI [.22, .34], equivalent to d = 0.58, 95% CI [0.25, 0.32].",
    ),
    "Egger's t": ("t from SE", "Egger's test: b = 1.20, SE = 0.50, t(16) = 3.40, p = .004."),
    "an intercept": (
        "t from SE",
        "Egger's test was significant (intercept = 1.20, SE = 0.50, t(16) = 3.40, p = .004).",
    ),
    "a bias": ("p from SE", "Egger's test (bias = 1.20, SE = 0.50, p = .60)"),
    "a log odds ratio": (
        "estimate in CI",
        "The log odds ratio was 0.87 (SE 0.13, CI 0.12 to 0.62).",
    ),
    "a Z of the sentence after": (
        "z from CI",
        "Pooled odds ratio 1.45 (95% CI 1.12–1.88). Test for overall effect: Z = 4.81 "
        "(P < 0.00001).",
    ),
    "the p of that Z": (
        "p from z",
        "OR 1.45 (95% CI 1.12–1.88, p = .005). Test for overall effect: Z = 2.81 (P = 0.05).",
    ),
    "a percentage": (
        "estimate in CI",
        "The pooled dropout rate was 19.7% (95% CI 20.7% to 22.7%).",
    ),
    "p of an omnibus F": ("p from F", "g = 0.4, 95% CI [0.2, 0.6]; dose, F(3, 36) = 1.2, p = .03"),
    "p of Q behind its bracket": (
        "p of Q",
        "r = .28, 95% CI [.22, .34], p < .001. Effects varied (Q = 38.2, df = 15), p = .30.",
    ),
    "I2 within the next sentence": (
        "p of Q",
        "r = .28, 95% CI [.22, .34], p < .001. There was heterogeneity, Q(17) = 42.50, p = .50, "
        "I² = 10.0%.",
    ),
}
#: Texts in which nothing is wrong.
RIGHT = {
    "Egger's test before another effect": (
        "Egger's test indicated asymmetry (intercept = 1.20, SE = 0.50, t(16) = 2.40, p = .029); "
        "trim-and-fill imputed 4 studies and reduced the effect to g = 0.33, 95% CI [0.15, 0.51]."
    ),
    "an omnibus F beside an interval": (
        "Dose: g = 0.40, 95% CI [0.20, 0.60], F(3, 36) = 1.20, p = .324."
    ),
    "I2 of two levels": "Q(91) = 240.3, p < .001; I²(2) = 20.1%, I²(3) = 41.5%.",
    "I2 of two levels by name": (
        "g = 0.4, 95% CI [0.2, 0.6]. Q(91) = 240.3, p < .001, I²_Level 2 = 20.1%, "
        "I²_Level 3 = 41.5%."
    ),
    "I2 within and between": "Q(91) = 240.3, p < .001, I²within = 20.1%, I²between = 41.5%.",
    "limits of I2": "r = .28, 95% CI [.22, .34]; I² = 61% (95% CI 30% to 78%), Q(15) = 38.5.",
    "limits of tau2": "g = 0.40, τ² = 0.04, 95% CI [0.01, 0.09].",
    "limits of the effect behind I2": "g = 0.40 (I² = 61%, 95% CI 0.20 to 0.60).",
    "a mean and a corrected correlation": (
        "(k = 30, mean r = .25, corrected ρ = .31, 95% CI [.27, .35])"
    ),
    "Hunter and Schmidt's SD": (
        "The mean was .25 (k = 30, ρ = .31, SDρ = .12, 95% CI [.27, .35], 80% CV [.16, .46])."
    ),
    "a log odds ratio behind the interval of the ratio": (
        "OR = 1.45 (95% CI 1.12–1.88), log OR = 0.37"
    ),
    "a log odds ratio": "The log odds ratio was 0.37 (SE 0.13, CI 0.12 to 0.62).",
    "Q without outliers": (
        "In 34 studies, g = 0.33, 95% CI [0.25, 0.41]. After removal of two outliers heterogeneity "
        "was lower, Q(31) = 60.45, p = .001, I² = 48.7%."
    ),
    "Q of one subgroup": (
        "In 34 studies, g = 0.33, 95% CI [0.25, 0.41]. For CBT, heterogeneity was lower, "
        "Q(11) = 12.1, p = .356."
    ),
    "studies that were left out": (
        "After excluding 2 studies, r = .25, 95% CI [.20, .30], Q(21) = 40.2, p = .007, I² = 47.8%."
    ),
    "levels before their I2": (
        "The share at level 2 was I² = 30.1% and within studies I² = 45.2%, Q(120) = 480.2, "
        "p < .001."
    ),
    "an exact interval of a percentage": "Dropout was 2.0% (95% CI 0.2% to 7.0%).",
}  # fmt: skip


@pytest.mark.parametrize(("code", "text"), WRONG.values(), ids=WRONG)
def test_a_mistake_within_one_result_is_found(code: str, text: str) -> None:
    assert code in codes(text)


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_what_is_about_something_else_is_not_held_against_it(text: str) -> None:
    found = mr.check(text)
    assert [str(finding) for finding in (*found.problems, *found.remarks)] == []


def test_a_mean_and_a_corrected_correlation_are_two_results() -> None:
    found = mr.check("(mean r̄ = .25, corrected ρ̂ = .31, 95% CI [.24, .38])")
    assert figures(found) == [{"r": ".25"}, {"r": ".31", "ci_low": ".24", "ci_high": ".38"}]


def test_converted_effects_stand_in_one_group_as_they_are_read() -> None:
    text = "The overall correlation was r = .28, 95% CI [.22, .34], equivalent to d = 0.58."
    found = mr.check(text)
    assert len(found.groups) == len(mr.read_statistics(text).groups) == 1
    assert "d from r" in {finding.code for finding in found.findings}
    assert found.groups[0].label == "overall correlation"


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("A random-effects model gave g = 0.4, 95% CI [0.2, 0.6].", ["random-effects model"]),
        ("With 80% power to detect d = 0.25, 95% CI [0.1, 0.4].", [""]),
        ("By the DerSimonian–Laird estimator, τ² = 0.04.", [""]),
        ("It yielded 25, g = 0.33 [0.20, 0.46]. Heterogeneity: Q(5) = 8.1.", [""]),
        ("Trials with waiting lists (k = 13) gave g = 0.51.", ["Trials with waiting lists"]),
        ("Between-study variance was τ² = 0.05.", ["Between-study variance"]),
        ("The effect was g = 0.4 for men and larger for women, g = 0.6.", ["effect", "women"]),
        ("We found that it was 0.40 (95% CI 0.20 to 0.60).", [""]),
    ],
)
def test_a_label_is_a_noun_phrase_or_nothing(text: str, labels: list[str]) -> None:
    assert [group.label for group in mr.check(text).groups] == labels


def test_figures_know_the_words_that_end_with_them() -> None:
    (group,) = mr.check("Aims. The mean was g = 0.40, 95% CI [0.20, 0.60].").groups
    assert group["g"].quote == "The mean was g = 0.40"
    assert group["ci_low"].quote == "The mean was g = 0.40, 95% CI [0.20, 0.60]"
    long = mr.check(f"The {'very ' * 40}mean was g = 0.40.").groups[0]["g"].quote
    assert long.startswith("…very")
    assert len(long) <= 80


@pytest.mark.parametrize(
    "text",
    [
        "Within groups, Q_W(29) = 60.2, p = .201.",
        "Q_B(2) = 3.10, p = .212; within groups, Q_W(29) = 60.2, p = .201.",
        "Q_W(29) = 60.2, p = .201; Q_B(2) = 3.10, p = .212.",
    ],
)
def test_the_p_of_q_within_is_held_against_it(text: str) -> None:
    (wrong,) = mr.check(text).problems
    assert (wrong.code, wrong.verdict) == ("p within", "impossible")
    assert mr.check(text.replace("p = .201", "p < .001")).ok


def test_q_in_all_is_the_sum_of_its_parts_in_prose() -> None:
    text = "Q_W(29) = 60.2, p < .001; Q_B(2) = 3.10, p = .212; Q_T(31) = {}, p < .001."
    found = {f.code: f.verdict for f in mr.check(text.format("83.3")).findings}
    assert found["sum of Q"] == "only under a convention"
    found = {f.code: f.verdict for f in mr.check(text.format("63.3")).findings}
    assert found["sum of Q"] == "consistent"


def test_q_of_other_studies_is_no_sum() -> None:
    text = "Q_W(29) = 60.2, p < .001; Q_B(2) = 3.10, p = .212; Q(40) = 83.3, p < .001."
    assert "sum of Q" not in {f.code for f in mr.check(text).findings}


@pytest.mark.parametrize(
    "text",
    [
        "lnOR = 0.42, SE = 0.15, OR = {}",
        "OR = {} (log odds ratio = 0.42)",
        "The log odds ratio was 0.42 (OR = {}).",
    ],
)
def test_a_ratio_is_held_against_its_logarithm(text: str) -> None:
    (wrong,) = mr.check(text.format("1.72")).problems
    assert (wrong.code, wrong.verdict) == ("ratio from log ratio", "impossible")
    assert mr.check(text.format("1.52")).ok


@pytest.mark.parametrize(
    "text",
    [
        "lnOR = 0.42, SE = 0.15, RR = 1.72",
        "lnOR = 0.42 for men and OR = 1.72 for women",
        "OR = 1.72, while in boys lnOR = 0.42",
    ],
)
def test_a_ratio_of_something_else_is_not(text: str) -> None:
    assert "ratio from log ratio" not in {finding.code for finding in mr.check(text).findings}


def test_egger_has_k_minus_2_degrees_of_freedom() -> None:
    found = mr.check("Egger's test was significant, t = 2.54, p = .025, k = 15.")
    assert found.ok
    assert not found.remarks


def test_i2_of_a_revman_block_is_that_of_q() -> None:
    text = "Heterogeneity: Tau² = 0.05; Chi² = 9.13, df = 6 (P = 0.17); I² = {}"
    (asked,) = mr.check(text.format("54%")).problems
    assert (asked.code, asked.verdict) == ("I2 from Q", "only under a convention")
    assert mr.check(text.format("34%")).ok
    assert mr.check(text.format("54%").replace("Tau²", "Tau² (REML)")).ok
    assert mr.check(text.format("54%").replace("Chi² = 9.13, df = 6", "χ²(6) = 9.13")).ok


def test_it_is_said_why_a_p_behind_i2_is_not_held() -> None:
    found = mr.check("g = 0.33, 95% CI [0.18, 0.48]; I² = 45%, p = .02")
    assert found.notes == (
        "p = .02 is taken for that of Q, which is not printed with it, so nothing is held "
        "against it.",
    )
    assert not mr.check("Q(11) = 20.0, p = .045, I² = 45%").notes
