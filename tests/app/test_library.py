"""The library shows the datasets, their verdicts and the map as the functions have them."""

from __future__ import annotations

import metarel as mr
from metarel.app import _library as shown


def test_every_dataset_has_a_shelf_and_facts() -> None:
    assert [shelf.slug for shelf in shown.shelves()] == list(mr.list_datasets()["slug"])
    facts = shown.facts(shown.load("kolden2011"))
    assert "Kolden" in facts["Publication"]
    assert all(facts.values())


def test_a_dataset_is_opened_with_its_measure_and_columns() -> None:
    table = shown.as_table(shown.load("benish2011"))
    assert table.measure == "SMD"
    assert dict(table.words)["correct"] is False
    assert dict(table.words)["d"] == "g"


def test_verdicts_are_those_of_the_reproduction() -> None:
    found = shown.reproduce("farber2011")
    frame = shown.verdicts(found)
    assert list(frame["verdict"]) == list(mr.reproduce("farber2011").to_frame()["verdict"])
    assert shown.summary(found) in " ".join(str(found).split())
    assert len(shown.reasons(shown.reproduce("kolden2011")).splitlines()) == 1


def test_the_map_has_every_element_and_its_text() -> None:
    assert len(shown.map_table("")[0]) == len(mr.evidence().to_frame())
    assert set(shown.map_table("2018")[0]["edition"]) == {"2018"}
    assert "empathy" in shown.element_text("empathy")
    assert "empathy" in shown.elements()


def test_the_map_keeps_the_printed_digits_and_explains_its_marks() -> None:
    frame, notes = shown.map_table("")
    rows = {(row["element"], row["edition"]): row for row in frame.to_dict("records")}
    assert rows["real relationship", "2018"]["95% CI"] == "[.30, .44]"
    assert rows["alliance, youth", "2011"]["95% CI"] == "± .06"
    assert rows["alliance, adults", "2018"]["k"] == "295*"
    assert rows["congruence/genuineness", "2011"]["d"] == "(0.494)"
    assert rows["real relationship", "2018"]["N"] == "1.502‡"
    assert rows["reactance", "2011"]["verdict of the task force"] == "demonstrably effective†"
    for mark, said in (("*", "of the whole"), ("†", "as quoted by"), ("‡", "1,502"), ("A d", "r²")):
        assert any(note.startswith(mark) and said in note for note in notes)
    assert "OR" not in shown.map_table("2002")[0]
