"""Numbers as people type them: read with a word, or asked back."""

from __future__ import annotations

import warnings

import pytest

from metarel.app import _convert as convert
from metarel.app._numbers import plain_number, refuse_bound
from metarel.errors import InputError, MetarelWarning


@pytest.mark.parametrize(
    ("typed", "read"),
    [("0,28", "0.28"), (",283", ".283"), ("0,283", "0.283"), ("-0,5", "-0.5"), ("12,34", "12.34"),
     ("1,2345", "1.2345"), ("r = .28", ".28"), ("t=2,31", "2.31")],
)  # fmt: skip
def test_what_is_read_otherwise_than_typed_is_said(typed: str, read: str) -> None:
    with pytest.warns(MetarelWarning, match="was read as"):
        assert plain_number(typed) == read


@pytest.mark.parametrize("typed", [".28", "-.10", "2.310", " .5 "])
def test_plain_numbers_stay_as_they_are(typed: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert plain_number(typed) == typed.strip()


@pytest.mark.parametrize("typed", ["1,234", "12,500", "-1,234"])
def test_a_comma_that_may_mean_thousands_is_asked_back(typed: str) -> None:
    with pytest.raises(InputError, match="can be read in two ways: type"):
        plain_number(typed)


@pytest.mark.parametrize(
    ("typed", "source", "said"),
    [
        ("p < .05", "p", r"type \.05 to see the smallest d that p < \.05 allows"),
        ("<.001", "p", r"type \.001 to see the smallest d"),
        ("> .05", "p", r"type \.05 to see the largest d"),
        ("t > 2.0", "t", r"type 2\.0 to see the smallest d"),
    ],
)
def test_a_bound_gives_a_bound(typed: str, source: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        refuse_bound(typed, source, "d")
    refuse_bound(".05", source, "d")


def test_the_smallest_d_that_a_bound_allows_is_what_the_number_gives() -> None:
    """A smaller p is a larger d, as the words on bounds of p say."""
    sizes = (("n1", "20"), ("n2", "20"))
    at = [
        convert.answer(convert.Question(p, "p", "d", needs=sizes)).explanation.result
        for p in (".05", ".01", ".001")
    ]
    assert at == sorted(at)
