"""The marks of a text stand where its numbers stand."""

from __future__ import annotations

import pytest

import metarel as mr
from metarel.app import _check as shown
from metarel.errors import InputError


def test_the_pieces_are_the_text_and_the_marks_its_findings() -> None:
    reading = shown.read(shown.EXAMPLE)
    pieces = shown.pieces(reading)
    assert "".join(piece.text for piece in pieces) == shown.EXAMPLE
    by_text = {piece.text: piece for piece in pieces if piece.state}
    assert by_text["p = .03"].state == shown.PROBLEM
    assert by_text["Q(15) = 38.2"].numbers == by_text["p = .03"].numbers == (1,)
    assert by_text["k = 16"].state == shown.READ
    assert reading.shown[0].code == mr.check(shown.EXAMPLE).problems[0].code == "p of Q"


def test_every_finding_that_is_listed_is_marked() -> None:
    reading = shown.read(shown.EXAMPLE)
    marked = {number for piece in shown.pieces(reading) for number in piece.numbers}
    assert marked == set(range(1, len(reading.shown) + 1))


def test_a_long_text_is_shortened_where_no_number_is() -> None:
    text = "words " * 3000 + shown.EXAMPLE + " words" * 3000
    pieces = shown.pieces(shown.read(text))
    together = "".join(piece.text for piece in pieces)
    assert len(together) < 2000
    assert "p = .03" in together
    assert "[…]" in together


@pytest.mark.parametrize(
    ("text", "said"), [(" \n", "Paste a paragraph"), ("r" * 600_001, "600,000 characters")]
)
def test_what_is_no_text_to_check_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        shown.read(text)


def test_markup_in_a_text_stays_text() -> None:
    text = "<script>alert(1)</script> r = .28, k = 3"
    assert "".join(p.text for p in shown.pieces(shown.read(text))) == text
