"""A finding is excused only by what the other figures allow."""

from __future__ import annotations

from typing import Any

import pytest

import metarel as mr
from metarel._distributions import critical_value
from metarel.coherence._figures import FIGURES, HUGE


def one(found: Any, code: str) -> Any:
    return next(finding for finding in found.findings if finding.code == code)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("QB(1) = 4.38, p = .036", "consistent"),
        ("QB(1) = 4.38, p = .05", "only under a convention"),  # F(1, 17)
        ("QB(1) = 4.38, p = .284", "only under a convention"),  # F(1, 1)
        ("QB(1) = 4.38, p = .36", "impossible"),
        ("QB(1) = 4.38, p = .01", "impossible"),
        ("QB(3) = 9.00, p = .12", "only under a convention"),  # F = 3 on 3 and 6
    ],
)
def test_an_f_test_excuses_only_what_some_denominator_gives(text: str, verdict: str) -> None:
    assert one(mr.check(text), "p between").verdict == verdict


@pytest.mark.parametrize("k", ["", "k = 18, "])
def test_a_standard_error_of_half_the_size_is_asked_about(k: str) -> None:
    found = mr.check(f"{k}g = 0.42, SE = 0.04, 95% CI [0.26, 0.58], p < .001")
    finding = one(found, "CI and SE")
    assert finding.needs_answer
    assert not any("t distribution" in way or "correlation" in way for way in finding.passes_under)


def test_a_standard_error_is_excused_by_a_t_interval_of_some_df() -> None:
    for df, asked in ((30, False), (10, False), (3, True)):
        half = 0.10 * float(critical_value(0.95, df))
        ci = (f"{0.40 - half:.3f}", f"{0.40 + half:.3f}")
        assert one(mr.check(g=".400", se=".100", ci=ci), "CI and SE").needs_answer == asked
        with_k = mr.check(g=".400", se=".100", ci=ci, k=df + 1)
        assert not one(with_k, "CI and SE").needs_answer
        with_df = mr.check(g=".400", se=".100", ci=ci, Q_df=df)
        assert not one(with_df, "CI and SE").needs_answer


def test_a_standard_error_of_another_metric_than_its_effect_is_asked_about() -> None:
    """r = .50 with 100 persons: d is 1.15, and .10 is the standard error of Fisher's z."""
    given = {"d": "1.15", "ci": ("0.69", "1.68")}
    found = one(mr.check(se="0.10", **given), "CI and SE")
    assert found.verdict == "only under a convention"
    assert found.needs_answer


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("I2 = 0%; Chi2 = 18.2, df = 9, P = .03", True),
        ("I2 = 10%, Q(17) = 42.5", True),
        ("I2 = 0%, Q(9) = 10.1", False),  # 11 % from Q, not significant
        ("I2 = 62%, Q(15) = 38.2", False),
        ("I2 = 45%, Q(15) = 38.2", False),
        ("I2 = 20%, Q(15) = 38.2", True),
        ("H2 = 1.08, Q(9) = 18.2", True),
    ],
)
def test_i2_far_from_that_of_q_is_asked_about(text: str, asked: bool) -> None:
    assert (not mr.check(text).ok) == asked


@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        ({"se": "-0.05", "d": ".3"}, "impossible"),
        ({"k": 0, "r": ".2"}, "impossible"),
        ({"tau2": "-0.03", "k": 12}, "only under a convention"),
        ({"I2": "-5%", "k": 12}, "only under a convention"),
        ({"tau": "-0.2"}, "impossible"),
        ({"H": "-1"}, "impossible"),
        ({"H2": "-1"}, "impossible"),
        ({"df": "-3", "t": "2.1"}, "impossible"),
    ],
)
def test_figures_beyond_their_bounds_need_an_answer(figures: Any, verdict: str) -> None:
    finding = mr.check(**figures).problems[0]
    assert (finding.code, finding.verdict) == ("possible values", verdict)
    assert "never below" in finding.what or "lies between" in finding.what


@pytest.mark.parametrize("kind", FIGURES.values(), ids=list(FIGURES))
def test_every_bound_is_held(kind: Any) -> None:
    """A unit beyond a bound is found, at a bound it is not."""
    step = 1 if kind.whole else 0.05
    ends = [(b, b + s) for b, s in ((kind.low, -step), (kind.high, step)) if abs(b) < HUGE]
    for bound, beyond in ends:
        at, out = (
            f"{x:.0f}" if kind.whole else f"{100 * x:.2f}%" if kind.share else f"{x:.4f}"
            for x in (bound, beyond)
        )
        assert mr.check({kind.code: at}).ok
        assert not mr.check({kind.code: out}).ok


SUBGROUPS = (
    "The effect was larger in adults (g = 0.55, 95% CI [0.40, 0.70]) than in children "
    "(g = 0.30, 95% CI [0.12, 0.48]), QB(1) = {Q}, p < .05."
)


@pytest.mark.parametrize(
    ("Q", "asked"), [("4.38", False), ("4.9", False), ("8.1", False), ("12.10", True)]
)
def test_the_test_between_subgroups_in_prose(Q: str, asked: bool) -> None:
    finding = one(mr.check(SUBGROUPS.format(Q=Q)), "Q between from rows")
    assert finding.needs_answer == asked
    assert finding.verdict != "impossible"


@pytest.mark.parametrize(("k", "asked"), [("(k = 4) ", False), ("", True)])
def test_few_studies_make_wide_intervals_of_subgroups(k: str, asked: bool) -> None:
    """Knapp–Hartung: both standard errors are .10, and Q is .25²/.02 = 3.1."""
    text = (
        f"In adults {k}g = 0.55, 95% CI [0.23, 0.87] and in children {k}g = 0.30, "
        "95% CI [-0.02, 0.62], QB(1) = 3.13."
    )
    assert one(mr.check(text), "Q between from rows").needs_answer == asked


@pytest.mark.parametrize(
    "text",
    [
        # three levels, two of them shown
        "Adults (g = 0.55, 95% CI [0.40, 0.70]) and children (g = 0.30, 95% CI [0.12, 0.48]) "
        "differed, QB(2) = 12.10, p = .002.",
        # the mean of all stands beside one level
        "The overall effect was g = 0.55, 95% CI [0.40, 0.70], in children g = 0.30, "
        "95% CI [0.12, 0.48], QB(1) = 12.10, p < .001.",
    ],
)
def test_results_that_are_not_the_levels_are_not_held_against_their_test(text: str) -> None:
    codes = {finding.code for finding in mr.check(text).findings}
    assert "Q between from rows" not in codes


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("20 studies: k = 12 and k = 9", True),
        ("20 studies: k = 12 and k = 8", False),
        ("We found 20 studies (k = 12 in adults, k = 9 in children).", True),
        ("We found 20 studies (k = 12 in adults, k = 9 in children; some had both).", None),
        ("20 studies reported outcomes for depression (k = 12) and for anxiety (k = 15).", None),
        ("In 20 studies, k = 12 effects were from adults. Children had k = 9.", None),
    ],
)
def test_counts_that_a_text_divides_add_up(text: str, asked: bool | None) -> None:
    made = [finding for finding in mr.check(text).findings if finding.code == "sum of k"]
    assert [finding.needs_answer for finding in made] == ([] if asked is None else [asked])


def test_a_t_with_its_own_df_is_not_judged_by_the_number_of_studies() -> None:
    """2T(-2.10; 38) is .042; .074 would be that of 7 df, which are not printed."""
    wrong = mr.check("t(38) = 2.10, p = .074, k = 8")
    assert [f.code for f in wrong.problems] == ["p from t"]
    assert "0.0420 to 0.0429" in str(wrong)
    assert "df = 38" not in str(wrong).partition("held against nothing")[2]
    assert not mr.check("t(38) = 2.10, p = .042, k = 8").problems
    assert not mr.check("t = 2.10, p = .074, k = 8").problems


RATIO = "RR 1.33; 95% CI 1.18–1.72"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (f"The adjusted, standardised risk on the log scale was {RATIO}.", True),
        (f"The risk was {RATIO}; a bootstrap was run for another outcome.", True),
        (f"In the Bayesian model, more was found. The risk was {RATIO}.", True),
        (f"By bootstrap, the risk was {RATIO}.", False),
        (f"The risk was {RATIO} (bootstrapped).", False),
        (f"Profile likelihood intervals were computed. The risk was {RATIO}.", False),
        (f"OR 1.20 (95% CI 1.00–1.44, bootstrapped), {RATIO}.", True),
    ],
)
def test_an_excuse_reaches_only_the_figures_that_it_is_said_of(text: str, asked: bool) -> None:
    assert ("CI symmetric" in {f.code for f in mr.check(text).problems}) == asked


def test_an_estimator_excuses_nothing_where_a_text_names_two() -> None:
    text = "Q(20) = 39.2, I2 = 69%. We used {}."
    alone = one(mr.check(text.format("DerSimonian–Laird")), "I2 from Q")
    both = one(mr.check(text.format("REML, not DerSimonian–Laird")), "I2 from Q")
    assert (alone.verdict, both.verdict) == ("impossible", "only under a convention")


def test_i2_that_is_not_of_q_says_what_it_takes() -> None:
    """tau2/s² is .69/.31 = 2.23 by I2 and (39.2 − 20)/20 = .96 by Q."""
    told = one(mr.check("Q(20) = 39.2, I2 = 69%"), "I2 from Q")
    assert "tau2/(tau2 + typical variance)" in told.what
    assert told.what.endswith("a tau2 2.3 times that of DerSimonian–Laird.")
    zero = one(mr.check("Q(20) = 18.2, I2 = 30%"), "I2 from Q")
    assert "above zero where DerSimonian–Laird's is zero" in zero.what


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Studies fell into randomised (k = 14) and non-randomised (k = 9) of 25 studies.", True),
        ("Studies fell into randomised (k = 14) and non-randomised (k = 11) of 25 studies.", False),
        ("The 25 studies were divided into randomised (k = 14) and other ones (k = 9).", True),
        ("The 25 studies were grouped into CBT (k = 14) and IPT (k = 13), some in both.", None),
        ("Effects (k = 14) and means (k = 9) of 25 studies were read.", None),
    ],
)
def test_parts_that_a_text_says_to_be_of_a_whole_add_up(text: str, asked: bool | None) -> None:
    made = [finding for finding in mr.check(text).findings if finding.code == "sum of k"]
    assert [finding.needs_answer for finding in made] == ([] if asked is None else [asked])


@pytest.mark.parametrize(
    ("text", "code", "verdict"),
    [
        ("b = 0.40, 95% CI [0.10, 0.70], F(1, 8) = 9.45", "F from CI", "consistent"),
        ("b = 0.40, 95% CI [0.10, 0.70], F(1, 8) = 6.83", "F from CI", "only under a convention"),
        ("b = 0.40, SE = 0.130, 95% CI [0.10, 0.70], t(8) = 3.08", "CI and SE", "consistent"),
        ("b = 0.40, SE = 0.130, 95% CI [0.15, 0.65], t(8) = 3.08", "CI and SE",
         "only under a convention"),
    ],
)  # fmt: skip
def test_an_interval_is_that_of_the_df_printed_beside_it(
    text: str, code: str, verdict: str
) -> None:
    assert one(mr.check(text), code).verdict == verdict
