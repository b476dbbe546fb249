"""Study tables and choices that cannot be meant: refused by name, never read as something else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.errors import InputError
from metarel.printed import Printed
from metarel.search.evaluate import evaluate
from metarel.search.family import family, programs_that_print
from metarel.search.rounding_box import box_of
from metarel.search.specification import Specification, effect_words
from metarel.search.table import study_table

STUDIES = {"r": [".31", ".12", ".45", ".28"], "n": [60, 35, 18, 120]}


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"yi": ["1.5", "-.3"]}, "`yi` must be positive; row 1 is -0.3"),
        ({"ci_low": ["1.1", "1.5"]}, "`ci_low` must not be above `ci_high`; see row 1"),
        ({"ci_low": ["-1.1", "0.1"]}, "`ci_low` must be .*; row 0 is -1.1"),
        ({"scale": "r"}, r"`yi` must be a number in \(-1, 1\); row 0 is 1.5"),
    ],
)
def test_effects_must_fit_their_scale(changed: dict[str, object], match: str) -> None:
    """The logarithm of a negative ratio is not a study to be left out without a word."""
    given = {"yi": ["1.5", ".8"], "ci_low": ["1.1", ".5"], "ci_high": ["2.0", "1.3"]}
    with pytest.raises(InputError, match=match):
        mr.find_analysis(None, **{**given, "scale": "ratio", **changed}, estimate="1.2")


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"measure": "OR"}, "`measure` must be left out"),
        ({"scale": "ratio"}, "`scale` must be left out"),
        ({"labels": ["a", "b"]}, "`labels` has 2 names; there are 4 studies"),
        ({"n": ["60", "35", "n/a", "9"]}, "`n` must hold numbers as printed; row 2 is 'n/a'"),
        ({"declared": {"variance": "lss"}}, "`variance` must be one of"),
        ({"declared": {"metric": "ZZCOR"}}, "Did you mean 'ZCOR'"),
        ({"declared": {"tau2": ["DL", "EE"]}}, "`declared` must name one tau2"),
        ({"declared": "DL"}, "`declared` must be a mapping"),
        ({"among": [Specification("ZCOR", "lss")]}, "`variance` must be one of 'LS'"),
        ({"among": [Specification("ZCOR", "LS", "exact")]}, "`correct` must be one of"),
        ({"p": "p < .05"}, "`p` must be a number as printed"),
        ({"k": True}, "`k` must be text"),
    ],
)
def test_nothing_is_ignored(given: dict[str, object], match: str) -> None:
    """What cannot be used is refused by its name."""
    with pytest.raises(InputError, match=match):
        mr.find_analysis(None, **{**STUDIES, "estimate": ".28", **given})


def test_the_rule_of_a_printed_figure_counts() -> None:
    """REML on Fisher's z gives .2778: cut off it is .27, rounded .28."""
    given = {**STUDIES, "among": [Specification("ZCOR", "LS", back="tanh")]}
    assert len(mr.find_analysis(None, **given, estimate=Printed(".27", "truncate")).classes) == 1
    assert len(mr.find_analysis(None, **given, estimate=Printed(".28", "truncate")).classes) == 0
    assert len(mr.find_analysis(None, **given, estimate=".28").classes) == 1


def test_effects_changed_since_they_were_made_are_read_as_they_are() -> None:
    """A sign turned in the frame must not be lost by going back to its inputs."""
    frame = mr.effect_sizes(pd.DataFrame(STUDIES).astype(float), "ZCOR", r="r", n="n")
    assert study_table(frame).kind == "r_n"
    assert study_table(frame.iloc[:3]).kind == "r_n"
    frame.loc[0, "yi"] *= -1
    table = study_table(frame)
    assert (table.kind, table.measure, table.columns["yi"][0]) == (
        "effect_var",
        "ZCOR",
        -np.arctanh(0.31),
    )


def test_arguments_of_correlations_with_limits_run() -> None:
    """Effects that came with their spread are GEN, whatever the scale they go to."""
    table = study_table(
        None, yi=[".3", ".4"], ci_low=[".1", ".2"], ci_high=[".48", ".57"], scale="r"
    )
    (specification,) = family(
        table, limits={"tau2": "DL", "weights": "iv", "test": "z", "back": "tanh", "variance": "CI"}
    ).specifications
    said = specification.arguments()
    words = effect_words(specification, table.kind, table.columns)
    fit = mr.pool(mr.effect_sizes(None, **said["effect_sizes"], **words), **said["pool"])
    shown = fit.predict(**said["predict"]).iloc[0]
    assert shown["estimate"] == pytest.approx(evaluate([specification], table)["estimate"][0])


def test_programs_print_the_i2_that_was_printed() -> None:
    """A program with one definition of I2 is not named for a figure of the other."""
    of_q = Specification("ZCOR", "LS", tau2="DL", test="z", back="tanh", I2="Q")
    assert "metafor" in programs_that_print(of_q)
    assert "metafor" not in programs_that_print(of_q, ["I2"])
    assert "meta" in programs_that_print(of_q, ["I2"])


def test_limits_of_ratios_stay_above_zero_when_unrounded() -> None:
    """A limit printed 0.00 is not a negative ratio, which would leave the study out."""
    table = study_table(
        None, yi=["0.20", "0.50"], ci_low=["0.00", "0.20"], ci_high=["9.00", "1.25"], scale="ratio"
    )
    box = box_of(table, Specification("log", "CI high"), ("estimate",), table.digits, 0.95)
    assert box.low[box.cells.index(("ci_low", 0))] == 0.0


def test_studies_left_out_are_told() -> None:
    """A row without a correlation is no study of any analysis."""
    text = str(mr.find_analysis(None, r=[".2", None, ".4"], n=[20, 30, 40], estimate=".3"))
    assert "3 studies, 1 of them without an effect: correlation" in text


def test_without_an_analysis_nothing_is_said_of_chance() -> None:
    """No analysis ran, so that none can have printed anything by chance."""
    text = str(mr.find_analysis(None, r=[None, None], n=[20, 30], estimate=".3"))
    assert "No analysis can be run" in text
    assert "By chance" not in text


def test_powers_of_ten_say_where_a_number_was_rounded() -> None:
    """1.2e3 was rounded to hundreds."""
    table = study_table(
        None,
        m1=["1.2e3", "5.0"],
        **{word: ["1.0", "1.0"] for word in ("m2", "sd1", "sd2")},
        n1=[9, 9],
        n2=[9, 9],
    )
    assert table.digits["m1"].tolist() == [-2.0, 1.0]
