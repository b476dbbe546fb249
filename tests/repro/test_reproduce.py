"""Verdicts on datasets made here, and on those that ship."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import metarel as mr
from metarel.data.model import Dataset, Figure
from metarel.errors import DatasetError
from metarel.repro.reproduce import Reproduction

STUDIES = """study,r,n
A,.10,40
B,.35,65
C,.22,120
D,.48,33
E,.05,210
F,.31,58
"""
DESCRIPTION = """
title = "Made up"
citation = "Nobody (2020)"
licence = "CC0"
source = "Invented"

[effect]
measure = "ZCOR"
r = "r"
n = "n"

[[columns]]
name = "study"
role = "label"
unit = "text"
meaning = "Study."

[[columns]]
name = "r"
role = "input"
unit = "correlation"
meaning = "Correlation."
range = [-1, 1]

[[columns]]
name = "n"
role = "input"
unit = "persons"
meaning = "Size."
range = [4, inf]
"""


def figure(text: str, quantity: str = "estimate", recipe: str = "pool", **more: Any) -> Figure:
    arguments = more.pop("arguments", {"tau2": "DL", "scale": "r"})
    return Figure(more.pop("id", "f"), "p. 1", quantity, text, recipe, arguments, **more)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset's folder with one figure of each verdict."""
    place = tmp_path_factory.mktemp("data") / "made2020"
    place.mkdir()
    (place / "studies.csv").write_text(STUDIES, encoding="utf-8")
    (place / "dataset.toml").write_text(DESCRIPTION, encoding="utf-8")
    entries = [
        ("r", "estimate", ".23", "pool", '{ tau2 = "DL", scale = "r" }', "agrees"),
        ("N", "n_total", "525", "sum", '{ column = "n" }', "differs"),
        ("B", "fail_safe_n", "12", "fail_safe", "{}", "cannot run"),
    ]
    blocks = [
        f'[[figures]]\nid = "{name}"\nwhere = "p. 1"\nquantity = "{quantity}"\n'
        f'printed = "{printed}"\nrecipe = "{recipe}"\narguments = {arguments}\n'
        f'expect = "{expect}"\nreason = "as said"\n'
        for name, quantity, printed, recipe, arguments, expect in entries
    ]
    (place / "reported.toml").write_text("\n".join(blocks), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def dataset(folder: Path) -> Dataset:
    return mr.load_dataset(folder)


def verdict_on(dataset: Dataset, *figures: Figure) -> Reproduction:
    return mr.reproduce(replace(dataset, figures=figures))


def test_a_folder_is_reproduced(folder: Path) -> None:
    found = mr.reproduce(folder)
    assert [v.verdict for v in found.verdicts] == ["agrees", "differs", "cannot run"]
    assert found.ok
    assert found.counts == {"agrees": 1, "agrees truncated": 0, "differs": 1, "cannot run": 1}
    by_id = {v.figure: v for v in found.verdicts}
    assert by_id["N"].value == 526
    assert by_id["N"].units == 0.5
    assert by_id["B"].obstacle == "reproduce does not run the analysis 'fail_safe' yet"
    assert mr.reproduce(str(folder)).to_dict() == found.to_dict()


def test_agreement_goes_by_the_printed_digits(dataset: Dataset) -> None:
    value = verdict_on(dataset, figure("0")).verdicts[0].value
    for digits in range(1, 7):
        (found,) = verdict_on(dataset, figure(f"{value:.{digits}f}")).verdicts
        assert (found.verdict, found.reading) == ("agrees", "half-up")
    (bare,) = verdict_on(dataset, figure(f"{value:.2f}".removeprefix("0"))).verdicts
    assert bare.verdict == "agrees"


def test_truncated_figures_are_told_from_rounded_ones(dataset: Dataset) -> None:
    value = verdict_on(dataset, figure("0")).verdicts[0].value
    down = f"{int(value * 1000) / 1000:.3f}"
    up = f"{(int(value * 1000) + 1) / 1000:.3f}"
    rounded = f"{value:.3f}"
    loose = up if rounded == down else down
    (found,) = verdict_on(dataset, figure(loose)).verdicts
    assert found.verdict == "agrees truncated"
    assert found.reading == ("ceiling" if loose == up else "truncated")
    assert not found.as_expected


def test_a_known_difference_that_is_gone_is_unexpected(dataset: Dataset) -> None:
    found = verdict_on(
        dataset, figure("526", "n_total", "sum", arguments={"column": "n"}, expect="differs")
    )
    assert not found.ok
    assert found.unexpected == found.verdicts
    assert "its file expects: differs" in str(found)


def test_a_figure_expected_to_agree_that_does_not_is_unexpected(dataset: Dataset) -> None:
    found = verdict_on(dataset, figure("525", "n_total", "sum", arguments={"column": "n"}))
    assert not found.ok
    assert found.summary() == (
        "1 published figure: 0 of 1 agree; 1 differs, none with a note on it. 1 verdict is not the "
        "one recorded: made2020 f."
    )


def test_what_an_analysis_cannot_do_is_said(dataset: Dataset) -> None:
    (found,) = verdict_on(dataset, figure(".2", arguments={"tau2": "XX"})).verdicts
    assert found.verdict == "cannot run"
    assert "`tau2` must be one of" in found.obstacle
    (nothing,) = verdict_on(dataset, figure(".2", "QM", "meta_regression", arguments={})).verdicts
    assert nothing.obstacle == "the analysis gives no number"


def test_other_analyses_are_searched_only_where_asked(dataset: Dataset) -> None:
    other = replace(dataset, figures=(figure("9.99", expect="differs", reason="as said"),))
    (searched,) = mr.reproduce(other).verdicts
    (bare,) = mr.reproduce(other, nearby=False).verdicts
    assert searched.nearby is not None
    assert searched.nearby.tried > 0
    assert bare == replace(searched, nearby=None)


def test_an_analysis_that_prints_one_end_of_an_interval_explains_neither(dataset: Dataset) -> None:
    """The upper limit is that of another test, the lower one that of no analysis."""
    low, high = (
        figure(text, f"ci_{end}", id=end, expect="differs", arguments={"tau2": "REML"})
        for end, text in _limits(dataset)
    )
    alone = mr.reproduce(replace(dataset, figures=(high,))).verdicts[0].nearby
    assert alone is not None
    assert alone.agree
    both = mr.reproduce(replace(dataset, figures=(low, high))).verdicts
    for verdict in both:
        assert verdict.nearby is not None
        assert (verdict.nearby.agree, verdict.nearby.beside) == ((), 1)


def _limits(dataset: Dataset) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return a lower limit that nothing prints, and the upper one of Knapp and Hartung's test."""
    effect = dict(dataset.effect["default"])
    studies = mr.effect_sizes(dataset.studies, effect.pop("measure"), **effect)
    fit = mr.pool(studies, test="knha")
    return ("low", "-9.87654"), ("high", f"{fit.predict()['ci_high'].iloc[0]:.6f}")


def test_mistakes_in_a_figure_name_dataset_and_figure(dataset: Dataset) -> None:
    with pytest.raises(DatasetError, match="made2020, figure 'f': `tua2` is not an argument"):
        verdict_on(dataset, figure(".2", arguments={"tua2": "DL"}))
    with pytest.raises(
        DatasetError, match="made2020, figure 'f': The recipe 'pool' gives no 'mean'"
    ):
        verdict_on(dataset, figure(".2", "mean"))


def test_unknown_datasets_are_refused() -> None:
    with pytest.raises(DatasetError, match="Did you mean 'molloy2014'"):
        mr.reproduce("moloy2014")


def test_results_as_frame_dict_and_text(folder: Path) -> None:
    found = mr.reproduce(folder)
    frame = found.to_frame()
    assert list(frame["figure"]) == ["r", "N", "B"]
    assert frame["value"].isna().tolist() == [False, False, True]
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["ok"] is True
    lines = str(found).splitlines()
    assert lines[0] == "made2020: p. 1"
    assert lines[1].split() == ["figure", "quantity", "printed", "value", "verdict"]
    assert " ".join(lines[-2:]).replace("   ", " ") == (
        "3 published figures: 1 of the 2 that can run agrees; 1 differs, with a note on it; 1 "
        "cannot run. No verdict has changed since it was recorded."
    )
    assert repr(found).startswith("Reproduction(3 published figures")
    assert list(found.by_dataset()) == ["made2020"]


def test_nothing_published_is_nothing_wrong(dataset: Dataset) -> None:
    found = verdict_on(dataset)
    assert found.ok
    assert list(found.to_frame().columns)[:3] == ["dataset", "figure", "where"]


SHIPPED = mr.reproduce(nearby=False)
BY_ID = {(v.dataset, v.figure): v for v in SHIPPED.verdicts}


def test_all_shipped_figures_come_out_as_their_files_expect() -> None:
    assert SHIPPED.ok, SHIPPED.summary()


def test_none_is_every_shipped_dataset() -> None:
    listed = mr.list_datasets()
    assert {v.dataset for v in SHIPPED.verdicts} == set(listed["slug"][listed["figures"] > 0])
    assert len(SHIPPED.verdicts) == listed["figures"].sum()


@pytest.mark.parametrize("name", ["r", "ci_low", "ci_high", "k"])
def test_molloy_2014_agrees(name: str) -> None:
    """r = .15 [.09, .21], k = 16, as the abstract prints them."""
    assert BY_ID["molloy2014", name].verdict == "agrees"


def test_molloy_2014_does_not_give_the_sample_size_printed() -> None:
    found = BY_ID["molloy2014", "N"]
    assert (found.value, found.printed.text, found.verdict) == (3509, "3476", "differs")


def test_berkey_1995_agrees_but_for_three_figures_not_rounded_half_up() -> None:
    found = {v.figure: v.verdict for v in SHIPPED.verdicts if v.dataset == "bcg"}
    loose = {name for name, verdict in found.items() if verdict != "agrees"}
    assert loose == {"eb_latitude_b0", "ee_latitude_b0", "ee_latitude_se1"}
    assert {found[name] for name in loose} == {"agrees truncated"}
    assert BY_ID["bcg", "ee_latitude_se1"].reading == "truncated"


def test_the_tables_of_raudenbush_come_out() -> None:
    """Table 16.3 of 2009: five models by three kinds of test, 48 figures."""
    table = [v for v in SHIPPED.verdicts if "Table 16.3" in v.where]
    assert len(table) >= 40
    assert {v.verdict for v in table} <= {"agrees", "agrees truncated"}
    assert sum(v.verdict == "agrees" for v in table) >= len(table) - 3
    robust = [v for v in table if "_hw_" in v.figure]
    assert len(robust) == 8


def test_the_book_of_harrer_comes_out_where_metarel_has_the_method() -> None:
    """Chapters 4 to 9: nothing differs but what hangs on how far R iterates."""
    book = [v for v in SHIPPED.verdicts if v.dataset == "thirdwave_harrer2021"]
    computed = {v.figure: v.verdict for v in book if v.verdict != "cannot run"}
    assert len(computed) == 60
    loose = {name for name, verdict in computed.items() if verdict != "agrees"}
    assert loose == {"year_b1", "year_F", "year_R2"}


def test_printed_counts_are_the_tables() -> None:
    """N 12,315 and 3,818 cases, N 2,961 men and 2,739 women, k = 58, 29 and 27."""
    counts = [
        *(("feng2019", name) for name in ("N", "cases")),
        *(("lehmann2018", name) for name in ("men_N", "women_N")),
        *(("landenberger2005", "k"), ("healthwellbeing_ngamaba2017", "article_k")),
        ("curry2018", "studies"),
    ]
    assert {BY_ID[place].verdict for place in counts} == {"agrees"}


def test_what_needs_another_model_cannot_run() -> None:
    """Tables with dependent effects ship; their multilevel figures wait for the model."""
    waiting = {v.dataset for v in SHIPPED.verdicts if "multilevel model" in v.reason}
    assert {"konstantopoulos2011", "curry2018"} <= waiting
    assert all(v.verdict == "cannot run" for v in SHIPPED.verdicts if "'multilevel'" in v.obstacle)
