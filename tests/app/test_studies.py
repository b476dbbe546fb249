"""The analysis on the page is that of the functions; columns are guessed from their names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.app import _guess as guess
from metarel.app import _library as library
from metarel.app import _studies as shown
from metarel.app._uploads import Table, read_table
from metarel.effects._columns import UNKNOWN, guess_measure, guess_words
from metarel.effects.register import MEASURES
from metarel.errors import InputError

BCG = {
    "events1": "events1",
    "non_events1": "non_events1",
    "events2": "events2",
    "non_events2": "non_events2",
}


@pytest.fixture(scope="module")
def bcg() -> Table:
    return library.as_table(library.load("bcg"))


@pytest.fixture(scope="module")
def analysis(bcg: Table) -> shown.Analysis:
    choice = shown.Choice(
        "RR", BCG, "study", by="alloc", moderators=("ablat",), tau2="DL", test="knha"
    )
    return shown.analyse(bcg, choice)


def test_the_analysis_is_that_of_the_functions(bcg: Table, analysis: shown.Analysis) -> None:
    effects = mr.effect_sizes(bcg.studies, "RR", labels="study", **BCG)
    model = {"tau2": "DL", "test": "knha", "labels": "study"}
    assert analysis.fit.estimate == mr.pool(effects, **model).estimate
    assert analysis.groups is not None
    assert str(analysis.groups) == str(mr.subgroups(effects, "alloc", **model))
    assert analysis.regression is not None
    expected = mr.meta_regression(effects, "ablat", **model)
    np.testing.assert_array_equal(analysis.regression.beta, expected.beta)


def test_pictures_come_of_it(analysis: shown.Analysis) -> None:
    for narrow in (True, False):
        assert "Funnel plot of 13 studies" in shown.funnel(analysis, "dark", narrow=narrow).alt
        bubble = shown.bubble(analysis, "light", narrow=narrow)
        assert bubble is not None
        assert "ablat" in bubble.alt
    wide, narrow = (shown.forest(analysis, "light", narrow=narrow) for narrow in (False, True))
    assert "13 studies" in wide.alt
    assert "13 studies" in narrow.alt
    assert narrow.width < 390 < wide.width


def test_effects_that_are_given_are_pooled_as_they_stand() -> None:
    table = read_table(b"study,g,se\nAda,.2,.1\nBob,.5,.2\nCy,.3,.1\n", "given.csv")
    words = guess_words(("yi", "sei"), table.studies.columns)
    assert words == {"yi": "g", "sei": "se"}
    found = shown.analyse(table, shown.Choice("GEN", words, "study"))
    assert found.fit.estimate == mr.pool(yi=[0.2, 0.5, 0.3], sei=[0.1, 0.2, 0.1]).estimate
    np.testing.assert_allclose(found.effects["vi"], [0.01, 0.04, 0.01])
    ratio = shown.analyse(table, shown.Choice("GEN", words, "study", scale="OR"))
    assert "Back-transformed, exp" in str(ratio.fit)


@pytest.mark.parametrize("slug", [shelf.slug for shelf in library.shelves()])
def test_the_columns_of_shipped_tables_are_guessed(slug: str) -> None:
    """Where the guess names columns for a known measure, it names those of the dataset."""
    table = library.as_table(library.load(slug))
    words = dict(table.words)
    for way in MEASURES[table.measure].ways:
        if set(way) <= set(words):
            guessed = guess_words(way, table.studies.columns, table.measure)
            assert {w: c for w, c in guessed.items() if c != words[w]} in ({}, {"d": "d"})
    assert guess_measure(table.studies.columns) in (*MEASURES, UNKNOWN)


def test_what_names_do_not_tell_is_asked() -> None:
    assert guess_measure(["foo", "bar"]) == UNKNOWN
    assert {*guess.KINDS} - {UNKNOWN} <= {*MEASURES}
    said = guess.missing(("r", "n"), {"r": "ri"})
    assert said == "Found: 'ri' (r). No column was found for n (sample size): choose it."
    assert guess.missing(("r", "n"), {}) == guess.missing(("r", "n"), {"r": "r", "n": "n"}) == ""


def test_moderators_are_columns_and_a_formula_together() -> None:
    choice = shown.Choice("ZCOR", {}, moderators=("year", "mean age"), formula=" dose*kind ")
    assert choice.model == "year + `mean age` + dose*kind"
    assert shown.Choice("ZCOR", {}).model == ""
    frame = pd.DataFrame(
        {
            "study": ["A", "B", "C", "D"],
            "r": [0.1, 0.2, 0.3, 0.4],
            "kind": ["x", "y", "x", "y"],
            "year": [1990, 1991, 1992, 1993],
            "same": 1,
            "words": ["a", "b", "c", "d"],
        }
    )
    found = shown.column_choices(Table("t", frame, frame), ("study", "r"))
    assert found == (["kind"], ["kind", "year"])
    assert list(shown.preview(Table("t", frame, frame)))[:3] == [
        "study (text, 4 different)",
        "r (number)",
        "kind (text, 2 different)",
    ]


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (shown.Choice("RR", {**BCG, "events1": ""}), "Nothing is chosen for events1"),
        (shown.Choice("RR", {**BCG, "events1": "study"}), "`events1` must hold numbers"),
        (shown.Choice("RR", BCG, formula="np.load(ablat)"), "calls 'np.load'.* may not"),
        (shown.Choice("RR", BCG, formula="I(ablat.real)"), "may not"),
        (shown.Choice("RR", BCG, formula="nosuch"), "nosuch"),
        (shown.Choice("RR", BCG, by="trial"), "must have several studies; in column 'trial' each"),
        (shown.Choice("", {}), "Choose first what each study gives"),
    ],
)
def test_choices_that_cannot_be_are_refused(bcg: Table, choice: shown.Choice, said: str) -> None:
    with pytest.raises(InputError, match=said):
        shown.analyse(bcg, choice)


def test_many_studies_are_drawn_as_a_crowd() -> None:
    frame = pd.DataFrame({"yi": np.linspace(0, 1, 600), "vi": 0.1})
    many = shown.analyse(Table("many", frame, frame), shown.Choice("GEN", {"yi": "yi", "vi": "vi"}))
    drawn = shown.forest(many, "light")
    assert drawn.alt.startswith("Caterpillar plot of 600 studies")
    assert drawn.kind == ".png"
    assert shown.funnel(many, "light").kind == ".png"
    frame["pair"] = np.arange(600) // 2
    with pytest.raises(InputError, match="at most 40; column 'pair' has 300"):
        shown.analyse(Table("many", frame, frame), replace(many.choice, by="pair"))


def test_printed_figures_are_searched_for() -> None:
    table = read_table(b"r,n\n.31,40\n.12,55\n.24,80\n", "mine.csv")
    choice = shown.Choice("ZCOR", {"r": "r", "n": "n"})
    found = shown.find_printed(table, choice, {"estimate": ".22", "p": ""})
    assert found.matching == mr.find_analysis(table.printed, estimate=".22", r="r", n="n").matching
    with pytest.raises(InputError, match="at least one printed figure"):
        shown.find_printed(table, choice, {"estimate": " "})
    with pytest.raises(InputError, match="Both limits"):
        shown.find_printed(table, choice, {"ci_low": ".1"})
