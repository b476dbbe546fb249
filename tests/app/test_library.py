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
    assert len(shown.map_table("")) == len(mr.evidence().to_frame())
    assert set(shown.map_table("2018")["edition"]) == {"2018"}
    assert "empathy" in shown.element_text("empathy")
    assert "empathy" in shown.elements()
