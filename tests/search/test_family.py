"""The family: every analysis once, nothing that makes no sense, programs as their presets say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from metarel.errors import InputError
from metarel.search.evaluate import evaluate
from metarel.search.family import COMMON_TAU2, family, family_of
from metarel.search.kinds import KINDS
from metarel.search.programs import PROGRAMS, program_of
from metarel.search.specification import PREDICTIONS, Specification, known_estimators
from metarel.search.table import StudyTable
from metarel.settings._preset import NONE
from metarel.settings.programs import PRESETS

Drawn = Callable[[str], StudyTable]


@pytest.mark.parametrize("kind", KINDS)
def test_every_analysis_stands_once(kind: str, drawn_table: Drawn) -> None:
    """And can be run on ordinary studies, has words of its own, and arguments."""
    table = drawn_table(kind)
    whole = family(table)
    assert len(set(whole.specifications)) == len(whole)
    assert len({s.words for s in whole.specifications}) == len(whole)
    ran = np.isfinite(evaluate(whole.specifications, table)["estimate"])
    assert ran.mean() > 0.95
    assert whole.differs.min() == 0
    assert whole.specifications[whole.order[0]] == whole.reference


def test_choices_without_a_figure_are_made_once(drawn_table: Drawn) -> None:
    """Definitions of I2 and kinds of prediction interval matter where they are printed."""
    table = drawn_table("r_n")
    assert {s.I2 for s in family(table).specifications} == {"tau2"}
    assert {s.I2 for s in family(table, figures=["I2"]).specifications} == {"tau2", "Q"}
    kinds = {s.prediction for s in family(table, figures=["pi_low"]).specifications}
    assert kinds > {"default", "hts"}
    assert kinds <= set(PREDICTIONS)


def test_combinations_that_make_no_sense_are_left_out(drawn_table: Drawn) -> None:
    """No guards under a common effect, no weights by unknown sizes, no integral without tau2."""
    for s in family(drawn_table("r_n")).specifications:
        assert not (s.tau2 == "EE" and s.test in ("adhoc", "hybrid", "iqwig", "kr"))
        assert not (s.tau2 == "EE" and s.back == "integral")
        assert not (s.test == "kr" and (s.tau2, s.weights) != ("REML", "iv"))
    table = drawn_table("effect_se")
    bare = {word: table.columns[word] for word in ("yi", "sei")}
    without = family(type(table)("effect_se", bare, {}, table.labels))
    assert {s.weights for s in without.specifications} == {"iv", "unweighted"}


def test_limits_hold(drawn_table: Drawn) -> None:
    """Every dimension can be limited, by one word or several."""
    table = drawn_table("means")
    limits = {"tau2": ["DL", "EE"], "test": "z", "metric": ["SMD", "MD"], "correct": "exact"}
    some = family(table, limits=limits)
    assert {s.metric for s in some.specifications} == {"SMD"}
    assert {s.tau2 for s in some.specifications} == {"DL", "EE"}
    assert {s.test for s in some.specifications} == {"z"}
    with pytest.raises(InputError, match="leave no analysis"):
        family(table, limits={"metric": "ZCOR"})


def test_closeness_to_what_is_declared(drawn_table: Drawn) -> None:
    """Fewest changes first; of two single changes the commoner choice."""
    table = drawn_table("means")
    near = family(table, declared={"metric": "SMD", "variance": "REVMAN", "tau2": "DL"})
    first, second = (near.specifications[i] for i in near.order[:2])
    assert (first.metric, first.variance, first.tau2) == ("SMD", "REVMAN", "DL")
    assert near.differs[near.order[0]] == 0
    assert near.differs[near.order[1]] == 1
    assert second.metric == "SMD"
    given = family_of([Specification("SMD", "LS", "exact"), Specification("SMD", "LS2", "exact")])
    assert len(given) == 2


def test_common_estimators_are_known() -> None:
    """The order of estimators names each that is known, and each estimator once."""
    assert set(COMMON_TAU2) <= set(known_estimators())
    assert "EB" not in known_estimators()  # PM under another name


@pytest.mark.parametrize("code", PROGRAMS)
def test_programs_begin_with_their_presets(code: str) -> None:
    """What a program can do starts with what its preset says it does, verified or not."""
    program, preset = PROGRAMS[code], PRESETS[code]
    firsts = {
        "tau2": program.tau2[0],
        "test": program.tests[0],
        "I2": program.I2[0],
        "prediction": program.prediction[0],
        "SMD variance": program.rules.get("SMD", ("LS",))[0],
        "COR variance": program.rules.get("COR", ("LS",))[0],
        "SMD correct": False if program.corrections[0] == "none" else program.corrections[0],
    }
    for aspect, first in firsts.items():
        choice = preset.choices.get(aspect)
        if choice is not None and choice.value not in (None, NONE):
            assert first == choice.value, (aspect, first, choice.value)


def test_every_preset_is_a_program() -> None:
    """And any spelling of it will do."""
    assert set(PROGRAMS) == set(PRESETS)
    assert program_of("RevMan 5") is PROGRAMS["revman5"]
    assert program_of("CMA") is PROGRAMS["cma"]
    assert program_of("Comprehensive Meta-Analysis 2.2.021") is PROGRAMS["cma"]
    assert program_of("Review Manager 5.3") is PROGRAMS["revman5"]
    assert program_of("RevMan Web") is PROGRAMS["revman-web"]
    assert program_of("R (meta)") is PROGRAMS["meta"]
    assert program_of("R (metafor)") is PROGRAMS["metafor"]
    with pytest.raises(InputError, match="`software` must be one of"):
        program_of("D-STAT")
