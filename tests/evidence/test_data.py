"""The evidence base: nothing of the notes is lost, one vocabulary, every name one element."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path

import pytest

import metarel as mr
from metarel.evidence._readings import RATIOS, read_number, read_pair
from metarel.evidence._records import EDITIONS, MAPPED, base

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "datasets" / "evidence"
BASE = base()
#: Rows and SHA-256 of the notes that the figures were taken from, field by field.
NOTES = {
    "p": (
        640,
        "fc23efde102055d91daeb70e44e40dd2dcedd759d5fd752337355bc621632c7e",
        "publication_printed year_printed element_printed quantity_printed printed where seen_at",
    ),
    "q": (
        201,
        "ae6009141d1a1e70790623890589a7beac2757201743d23420f8cbe0dbd864de",
        "publication_printed element_printed year_printed quantity_printed printed where",
    ),
}
#: Quantities that are numbers, and the few texts among them that are words.
NUMERIC = ("effect", "limits", "test", "heterogeneity", "count", "share")
IN_WORDS = {"no relevant studies", "Only a couple", "first two", *RATIOS}


@pytest.mark.parametrize("letter", NOTES)
def test_nothing_of_the_notes_is_lost(letter: str) -> None:
    rows, digest, names = NOTES[letter]
    figures = [figure for figure in BASE.figures if figure.id.startswith(letter)]
    lines = ["\x1f".join(getattr(f, name) for name in names.split()) for f in figures]
    assert len(figures) == rows
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == digest


def test_the_count_of_rows_is_that_of_the_file() -> None:
    with (FOLDER / "figures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(BASE.figures) == 841
    assert [row["id"] for row in rows] == [figure.id for figure in BASE.figures]
    assert len({row["id"] for row in rows}) == 841
    kinds = Counter(row["kind"] for row in rows)
    text = (FOLDER / "README.md").read_text("utf-8")
    assert all(f"{kinds[kind]} " in text for kind in ("primary", "secondary"))


def test_each_quantity_is_used_and_has_a_meaning() -> None:
    used = {figure.quantity for figure in BASE.figures}
    assert used == set(BASE.quantities)
    assert all(quantity.meaning and quantity.unit for quantity in BASE.quantities.values())
    assert {quantity.group for quantity in BASE.quantities.values()} == {
        *NUMERIC,
        *("verdict", "words", "bibliographic"),
    }
    assert all(f.unit == BASE.quantities[f.quantity].unit for f in BASE.figures)


def test_texts_are_numbers_or_words_that_are_known() -> None:
    for figure in BASE.figures:
        if BASE.quantities[figure.quantity].group in NUMERIC and figure.quantity != "stars":
            read = read_number(figure.printed) or read_pair(figure.printed)
            assert read or figure.printed in IN_WORDS, figure


def test_each_name_is_one_element() -> None:
    for element in BASE.elements.values():
        for name in (element.code, element.name, *element.aliases):
            assert BASE.elements[name.lower()] is element
    for figure in BASE.figures:
        assert BASE.elements[figure.element_printed.lower()].code == figure.element


def test_each_primary_review_prints_a_figure_of_its_element() -> None:
    for element in BASE.elements.values():
        for edition, review in element.reviews.items():
            assert edition in EDITIONS
            assert BASE.publications[review].edition == edition
            found = [f for f in BASE.figures if (f.element, f.review) == (element.code, review)]
            assert found
            assert {part for part in element.parts_in(edition) if part} <= {f.part for f in found}


def test_sources_are_who_they_are_said_to_be() -> None:
    for figure in BASE.figures:
        assert (figure.kind == "primary") == (figure.source == figure.review)
    assert {p.code for p in BASE.publications.values() if p.secondary} <= {
        f.source for f in BASE.figures if f.kind == "secondary"
    }


def test_study_tables_that_are_named_ship() -> None:
    named = {p.dataset for p in BASE.publications.values() if p.dataset}
    assert named == {"kolden2011", "farber2011", "benish2011"}
    for publication in BASE.publications.values():
        if publication.dataset:
            assert mr.load_dataset(publication.dataset).doi == publication.doi


def test_the_evidence_base_is_no_dataset() -> None:
    with pytest.raises(mr.DatasetError, match=r"evidence has no dataset.toml"):
        mr.load_dataset(FOLDER)


def test_families_of_the_map() -> None:
    families = Counter(element.family for element in BASE.elements.values())
    assert families["relationship"] == 21
    assert families["adapting"] == 10
    assert set(MAPPED) <= set(families)


@pytest.mark.parametrize(
    ("text", "low", "about"),
    [
        ("more than 14,000", 14000, False),
        ("over 200", 200, False),
        ("≈ 14,000", 13999.5, True),
        ("8% (around)", 0.075, True),
        ("approximately 50%", 0.495, True),
        ("Fourteen", 13.5, False),
        ("47 cross-sectional", 46.5, False),
        ("1.502", 1.5015, False),
    ],
)
def test_texts_as_numbers(text: str, low: float, about: bool) -> None:
    read = read_number(text)
    assert read is not None
    assert read.number.low == pytest.approx(low)
    assert read.about is about


@pytest.mark.parametrize("text", ["uncorrelated", "", "none in abstract", ".25–.30", "yes"])
def test_words_are_no_numbers(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        (".33, .20", (".20", ".33")),
        ("-0.61, -0.25", ("-0.61", "-0.25")),
        ("-0.320 to -0.608", ("-0.608", "-0.320")),
        (".25–.30", (".25", ".30")),
        (".70 – .80", (".70", ".80")),
    ],
)
def test_limits_in_one_text(text: str, limits: tuple[str, str]) -> None:
    read = read_pair(text)
    assert read is not None
    assert (read[0].text, read[1].text) == limits


def test_one_number_is_no_pair() -> None:
    assert read_pair(".25") is None
    assert read_pair("low to high") is None
