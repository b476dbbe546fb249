"""Ratios are recognised by their limits, and not taken for logarithms without a word."""

from __future__ import annotations

import pytest

from metarel.errors import InputError
from metarel.search.table import study_table

ODDS = {
    "yi": ["1.50", "2.10", "0.80"],
    "ci_low": ["0.92", "1.20", "0.45"],
    "ci_high": ["2.45", "3.68", "1.42"],
}
EVEN = {"yi": ["0.50", "0.30"], "ci_low": ["0.10", "0.05"], "ci_high": ["0.90", "0.55"]}


@pytest.mark.parametrize("measure", ["OR", None])
def test_limits_of_ratios_ask_for_the_scale(measure: str | None) -> None:
    with pytest.raises(InputError, match="scale='ratio' takes logarithms"):
        study_table(None, **ODDS, measure=measure)


@pytest.mark.parametrize("scale", ["ratio", "identity"])
def test_a_scale_that_is_given_is_taken(scale: str) -> None:
    assert study_table(None, **ODDS, scale=scale).scale == scale


def test_limits_that_are_even_as_they_stand_ask_for_nothing() -> None:
    assert study_table(None, **EVEN).scale == "identity"
