"""A question tried: the answer with its notes, or one paragraph."""

from __future__ import annotations

import warnings

import pytest

from metarel.app._attempt import attempt
from metarel.errors import InputError, MetarelWarning


def test_an_answer_comes_with_its_notes_once() -> None:
    def question() -> int:
        for _ in range(2):
            warnings.warn("2 of 5 rows left out", MetarelWarning, stacklevel=1)
        warnings.warn("of no interest here", FutureWarning, stacklevel=1)
        return 3

    outcome = attempt(question)
    assert (outcome.value, outcome.problem) == (3, "")
    assert outcome.notes == ("2 of 5 rows left out",)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (InputError("`r` must be\n  a correlation"), "`r` must be a correlation"),
        (ZeroDivisionError("by zero"), "metarel itself failed here (ZeroDivisionError: by zero)"),
    ],
)
def test_what_fails_is_one_paragraph(error: Exception, said: str) -> None:
    def question() -> None:
        raise error

    outcome = attempt(question)
    assert outcome.value is None
    assert said in outcome.problem
    assert "\n" not in outcome.problem
    assert "Traceback" not in outcome.problem
