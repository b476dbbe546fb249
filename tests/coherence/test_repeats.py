"""A result that is printed twice has the same figures; two results may differ."""

from __future__ import annotations

import pytest

import metarel as mr

ABSTRACT = "We found g = 0.45, 95% CI [0.30, 0.60], k = 20, I2 = 54%."
DIFFERENT = {
    "I2": ("In all of them g = 0.45, 95% CI [0.30, 0.60], k = 20, I2 = 74%.", "I2 = 74%"),
    "k": ("The mean was g = 0.45, 95% CI [0.30, 0.60], k = 21, I2 = 54%.", "k = 21"),
    "estimate": ("The mean was g = 0.54, 95% CI [0.30, 0.60], k = 20, I2 = 54%.", "g = 0.54"),
    "a limit": ("The mean was g = 0.45, 95% CI [0.30, 0.66], k = 20, I2 = 54%.", "CI"),
}
#: A second sentence that says nothing against the first.
ALIKE = {
    "fewer digits": "The mean was g = 0.450, 95% CI [0.302, 0.598], k = 20, I2 = 54.3%.",
    "a study left out": "Without Smith (2001), g = 0.45, 95% CI [0.30, 0.60], k = 19, I2 = 50%.",
    "a sensitivity analysis": (
        "In a sensitivity analysis g = 0.45, 95% CI [0.30, 0.60], k = 15, I2 = 41%."
    ),
    "another outcome": "For anxiety g = 0.31, 95% CI [0.12, 0.50], k = 14, I2 = 62%.",
    "another metric": "The mean was d = 0.45, 95% CI [0.30, 0.60], k = 21, I2 = 71%.",
    "a later time": "At follow-up the mean was g = 0.45, 95% CI [0.30, 0.60], k = 12, I2 = 61%.",
    "effects": "The mean was g = 0.45, 95% CI [0.30, 0.60], 35 effects, I2 = 54%.",
}


def asked(text: str) -> list[str]:
    return [f.what for f in mr.check(text).problems if f.code == "same figure twice"]


@pytest.mark.parametrize(("second", "figure"), DIFFERENT.values(), ids=DIFFERENT)
def test_a_figure_that_differs_is_asked_about(second: str, figure: str) -> None:
    told = asked(f"{ABSTRACT} {second}")
    assert len(told) == 1
    assert "printed twice" in told[0]
    assert figure in told[0] or figure == "CI"


@pytest.mark.parametrize("second", ALIKE.values(), ids=ALIKE)
def test_two_results_may_differ(second: str) -> None:
    assert asked(f"{ABSTRACT} {second}") == []


def test_the_same_figures_are_consistent() -> None:
    found = mr.check(f"{ABSTRACT} {ABSTRACT}")
    made = [f.verdict for f in found.findings if f.code == "same figure twice"]
    assert made == ["consistent"] * 5


def test_among_many_effects_more_must_agree() -> None:
    """Of many outcomes two have one mean and interval by chance."""
    others = [
        f"For outcome {i}, g = 0.{i}1, 95% CI [0.{i}0, 0.{i}2], k = {i}." for i in range(3, 9)
    ]
    twin = "For anxiety g = 0.45, 95% CI [0.30, 0.60], k = 14, I2 = 12%."
    assert asked(" ".join([ABSTRACT, twin, *others]))
    others += [f"For scale {i}, g = 0.{i}, 95% CI [0.{i - 9}, 0.{i + 9}]." for i in range(20, 29)]
    assert not asked(" ".join([ABSTRACT, twin, *others]))
    again = "The mean was g = 0.45, 95% CI [0.30, 0.60], k = 20, I2 = 74%."
    assert len(asked(" ".join([ABSTRACT, again, *others]))) == 1


def test_two_results_of_a_sentence_are_two() -> None:
    twins = (
        "g = 0.50 (95% CI 0.30 to 0.70, k = 20) and later g = 0.50 (95% CI 0.30 to 0.70, k = 12)."
    )
    assert not asked(f"The effect was {twins}")
    assert not asked(
        "The effect on anxiety was g = 0.50 (95% CI 0.30 to 0.70, k = 20). "
        "The effect on depression was g = 0.50 (95% CI 0.30 to 0.70, k = 12)."
    )


def test_a_subgroup_with_the_mean_of_all_is_no_repeat() -> None:
    text = (
        "Across 28 studies, the effect was g = 0.34, 95% CI [0.22, 0.46], I² = 64.1%. Effects were "
        "g = 0.34 for CBT (95% CI [0.22, 0.46], k = 11, I² = 29.6%) and g = 0.58 for IPT "
        "(95% CI [0.34, 0.82], k = 13, I² = 83.0%), QB(1) = 3.05, p = .081."
    )
    assert mr.check(text).ok
