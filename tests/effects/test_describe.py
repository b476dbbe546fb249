"""What a measure says of itself: the table, the page of one measure, and that nothing is empty."""

from __future__ import annotations

import pytest

from metarel._vocabulary import SYMBOLS
from metarel.effects.describe import measure_table
from metarel.effects.register import MEASURES

TABLE = measure_table().set_index("code")
MAY_BE_EMPTY = {"alternatives", "optional", "correction", "sources"}


def test_a_row_each() -> None:
    assert list(TABLE.index) == list(MEASURES)
    assert TABLE.map(lambda cell: isinstance(cell, str)).all(axis=None)


@pytest.mark.parametrize("code", MEASURES)
def test_text_is_complete(code: str) -> None:
    row = TABLE.loc[code]
    assert all(row[name] for name in TABLE.columns if name not in MAY_BE_EMPTY)
    assert row["sources"] or MEASURES[code].design.code == "reported"


@pytest.mark.parametrize("code", MEASURES)
def test_a_measure_prints_as_a_page(code: str) -> None:
    measure, text = MEASURES[code], str(MEASURES[code])
    said = [measure.name, measure.formula, measure.direction, measure.same_as, *measure.sources]
    said += [SYMBOLS[word].meaning for word in measure.words]
    said += [part for rule in measure.rules for part in (rule.code, rule.formula, rule.same_as)]
    said += [setting.meaning for setting in measure.design.settings]
    assert all(part in text for part in said)
    assert f'effect_sizes(data, "{code}"' in text
    assert max(len(line) - len(line.lstrip()) for line in text.splitlines()) <= 18


def test_the_page_of_the_mean_difference() -> None:
    assert (
        str(MEASURES["MD"])
        == """\
MD: mean difference

  formula     m1 − m2
  unit        the unit of the outcome
  direction   positive when group 1 is higher
  read as     yi
  correction  none
  inputs      m1, sd1, n1, m2, sd2, n2
  same as     metafor MD
  sources     borenstein2009

  each input
    m1            mean of group 1 (of the outcome); a number
    sd1           standard deviation of group 1 (of the outcome); zero or positive
    n1            size of group 1 (people); positive
    m2            mean of group 2 (of the outcome); a number
    sd2           standard deviation of group 2 (of the outcome); zero or positive
    n2            size of group 2 (people); positive

  variance rules, the default first
    LS            sd1²/n1 + sd2²/n2
                  borenstein2009; metafor, RevMan, Stata, CMA (unequal variances)
    HO            pooled variance · (1/n1 + 1/n2)
                  borenstein2009; metafor; meta with pooledvar = TRUE

  effect_sizes(data, "MD", m1="m1", sd1="sd1", n1="n1", m2="m2", sd2="sd2", n2="n2")"""
    )


def test_measures_without_a_correction_say_so() -> None:
    assert "correction  none" in str(MEASURES["OR"])
    assert "Hedges' factor" in str(MEASURES["SMD"])
    assert "a series term" in str(MEASURES["ROM"])
