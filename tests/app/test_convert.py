"""What the tab on one number shows is what the functions say."""

from __future__ import annotations

import pytest

import metarel as mr
from metarel.app import _convert as shown
from metarel.app._attempt import attempt
from metarel.convert.register import EDGES


def test_an_answer_is_what_explain_interpret_and_compatible_say() -> None:
    question = shown.Question(".28", "r", "d", reported=".57", needs=(("n1", "20"), ("n2", "30")))
    found = shown.answer(question)
    words = {"n1": 20.0, "n2": 30.0}
    assert str(found.explanation) == str(mr.explain(".28", "r", "d", against=".57", **words))
    assert found.headline == "r = .28 gives d = 0.5833."
    assert found.meaning is not None
    assert found.meaning.d == mr.convert(0.28, "r", "d")
    assert str(found.compatibility) == str(mr.compatible(".28", "r", ".57", "d", **words))


@pytest.mark.parametrize("source", shown.metric_choices())
def test_every_metric_that_is_offered_leads_to_one_that_is_offered(source: str) -> None:
    assert {e.target for e in EDGES.values() if e.source == source} & set(
        shown.target_choices(source)
    )


def test_rules_and_sizes_are_those_of_the_conversion() -> None:
    assert {"", "equal-groups", "exact"} <= set(shown.rule_choices("r", "d"))
    assert list(shown.need_choices("f", "f2")) == []
    assert {"n1", "n2"} <= set(shown.need_choices("t", "d"))
    assert set(shown.need_choices("r", "d", "exact")) == {"n1", "n2"}
    assert list(shown.need_choices("r", "d", "equal-groups")) == []
    sizes = (("n1", "9"), ("n2", "9"))
    by_rule = shown.answer(shown.Question(".28", "r", "d", rule="exact", needs=sizes))
    assert by_rule.explanation.rule == "exact"


def test_what_has_no_meaning_for_people_has_none() -> None:
    assert shown.meaning_of(mr.explain(".1", "eta2", "f2")) is None
    odds = shown.answer(shown.Question("2.0", "or", "log_or")).meaning
    assert odds is not None
    assert odds.d == pytest.approx(mr.convert(2.0, "or", "d"), rel=1e-12)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (shown.Question("", "r", "d"), "Type a number as it is printed"),
        (shown.Question("abc", "r", "d"), "abc"),
        (shown.Question("1.4", "r", "d"), "1.4"),
        (shown.Question(".28", "r", "d", needs=(("n1", "many"),)), "many"),
        (shown.Question(".28", "r", "d", rule="none"), "none"),
    ],
)
def test_bad_questions_are_told_in_a_paragraph(question: shown.Question, said: str) -> None:
    outcome = attempt(lambda: shown.answer(question))
    assert said in outcome.problem
    assert "itself failed" not in outcome.problem


@pytest.mark.parametrize(("narrow", "theme"), [(True, "dark"), (False, "light")])
def test_the_picture_comes_with_its_words(narrow: bool, theme: str) -> None:
    meaning = mr.interpret(d=0.57)
    picture = shown.picture(meaning, narrow=narrow, theme=theme)
    assert picture.raw.startswith(b"<?xml")
    assert "0.57" in picture.alt
    assert picture.address.startswith("data:image/svg+xml;base64,")
    assert (picture.width < 390) == narrow


def test_code_words_are_told_in_words() -> None:
    problem = shown.asked(shown.Question("2.3", "t", "d")).problem
    assert problem.startswith("The size of group 1, the size of group 2 must be given")
    question = shown.Question(".28", "r", "d", reported=".57")
    explanation = shown.answer(question).explanation
    steps, rest = shown.steps_and_rest(explanation)
    assert "with the numbers" in steps
    assert "needs contrast in units of x, standard deviation of x" in rest
    assert "needs n1" not in rest
    assert shown.in_words("at no base_rate for") == "at no share of people in group 1 for"
    formula = "d = r/√(base_rate·(1 − base_rate)·(1 − r²))"
    assert shown.in_words(formula) == formula


def test_one_number_out_of_its_domain_is_no_row() -> None:
    problem = shown.asked(shown.Question("1.4", "r", "d")).problem
    assert "1.4" in problem
    assert "row" not in problem
    assert "`value`" not in problem


def test_few_ways_to_say_an_effect_stand_first() -> None:
    meaning = mr.interpret(d=0.57)
    first, rest = shown.said_first(meaning), shown.said_otherwise(meaning)
    assert first["quantity"].tolist() == list(shown.FIRST[: shown.MOST_FIRST])
    assert len(first) + len(rest) == len(meaning.to_frame())
    assert not {*first["quantity"]} & {*rest["quantity"]}


def test_the_whole_answer_stands_first_and_nobody_was_treated() -> None:
    answer = shown.asked(shown.Question(".28", "r", "d", reported=".57")).value
    assert answer is not None
    assert answer.compatibility is not None
    first, ways = shown.answer_and_ways(answer.compatibility)
    assert "(3) d is really a g" in first
    assert "\n" not in first
    assert ways.startswith("r = .28 and d = .57")
    assert answer.meaning is not None
    assert "people high on x" in str(answer.meaning)
    assert "treated" not in str(answer.meaning)
