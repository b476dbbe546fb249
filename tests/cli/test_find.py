"""``metarel find``: the analyses behind printed digits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import metarel as mr
from metarel.cli._studies import as_long_as_the_longest
from metarel.cli._words import parts_of

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
MOLLOY = str(DATASETS / "molloy2014" / "studies.csv")
FIND = ("find", MOLLOY, "--r", "r", "--n", "n")


def test_find_prints_the_search_and_the_slips(
    run: Callable[..., str], data: Callable[..., Any]
) -> None:
    table = as_long_as_the_longest(mr.read_studies(MOLLOY, as_printed=True))
    printed: dict[str, Any] = {"estimate": ".15", "ci": (".09", ".21"), "I2": "62%"}
    found = mr.find_analysis(table, r="r", n="n", **printed)
    words = ("find", *("--r", "r", "--n", "n", "--estimate", ".15", "--ci", ".09,.21"))
    words = (*words, MOLLOY, "--I2", "62%")
    assert run(*words).split() == str(found).split()
    assert data(*words)["classes"] == json.loads(json.dumps(found.to_dict()))["classes"]
    gap = mr.explain_gap(table, r="r", n="n", declared={"tau2": "DL"}, **printed)
    text = run(*words, "--gap", "--declared", "tau2=DL")
    assert text.split()[-40:] == str(gap).split()[-40:]
    assert data(*words, "--gap")["gap"]["verdict"]


def test_find_gives_cells_the_decimals_of_the_longest_in_their_column(tmp_path: Path) -> None:
    file = tmp_path / "studies.csv"
    file.write_text("study,r,n\nA,.3,40\nB,.28,55\nC,−0.1,60\nD,,70\n", encoding="utf-8")
    padded = as_long_as_the_longest(mr.read_studies(file, as_printed=True))
    assert padded["r"].fillna("").tolist() == [".30", ".28", "−0.10", ""]
    assert padded["n"].tolist() == ["40", "55", "60", "70"]
    assert padded["study"].tolist() == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--ci", ".12"), "`--ci` must be two limits in one word, LOW,HIGH"),
        (("--ci", "0,12,0,36"), "Between decimal commas stands a semicolon."),
        (("--Q", "1,192"), "1,192 can be 1.192 or 1192. Write 1.192 or 1192."),
        (("--declared", "DL"), "`--declared` must be CHOICE=VALUE"),
        (("--rr", "r"), "find has no option --rr. Did you mean '--r'?"),
    ],
)
def test_find_refuses_in_words(
    refusal: Callable[..., str], more: tuple[str, ...], message: str
) -> None:
    words = ("find", MOLLOY, "--r", "r", "--n", "n", "--estimate", ".15", *more)
    assert message in refusal(*words)


@pytest.mark.parametrize(
    "limits", ["[.09, .21]", ".09;.21", "(.09 to .21)", ".09–.21", "0,09; 0,21"]
)
def test_limits_are_taken_as_papers_print_them(run: Callable[..., str], limits: str) -> None:
    asked = (*FIND, "--estimate", ".15", "--ci", limits)
    assert run(*asked) == run(*FIND, "--estimate", ".15", "--ci", ".09,.21").replace(
        "= .09", "= 0.09" if "0," in limits else "= .09"
    ).replace("= .21", "= 0.21" if "0," in limits else "= .21")


def test_a_decimal_comma_is_read_where_it_can_be_nothing_else(
    run: Callable[..., str], notes: Callable[..., str]
) -> None:
    for limits in (("--ci", "0,09 to 0,21", "--I2", "61,8%"), ("--ci", "0,09–0,21", "--I2", "62%")):
        point = [word.replace(",", ".") for word in limits]
        assert run(*FIND, "--estimate", "0,15", *limits) == run(*FIND, "--estimate", "0.15", *point)
    said = notes(*FIND, "--estimate", "0,15", "--p", "<,001")
    assert "--estimate: 0,15 is read as 0.15." in said
    assert "--p: <,001 is read as <.001." in said


@pytest.mark.parametrize(
    ("limits", "parts"),
    [
        ("[–.12, –.02]", ["–.12", "–.02"]),
        ("–0,12; 0,02", ["–0,12", "0,02"]),
        ("–.12––.02", ["–.12", "–.02"]),
        ("-.12 – .02", ["-.12", ".02"]),
        ("-.12 –.02", ["-.12 –.02"]),
        ("−.12 to .02", ["−.12", ".02"]),
    ],
)
def test_a_dash_between_limits_is_no_minus_and_a_minus_is_kept(
    limits: str, parts: list[str]
) -> None:
    assert parts_of(limits) == parts


@pytest.mark.parametrize("limits", [(".09", ".21"), (".09,", ".21"), ("[.09,", ".21]")])
def test_limits_in_two_words_are_refused_with_the_one_word(
    refusal: Callable[..., str], limits: tuple[str, str]
) -> None:
    said = refusal(*FIND, "--estimate", ".15", "--ci", *limits)
    assert "write --ci .09,.21." in said


def test_a_mistyped_option_is_named_before_anything_else(refusal: Callable[..., str]) -> None:
    assert "no option --estimat. Did you mean '--estimate'?" in refusal(*FIND, "--estimat", ".15")
    assert "no option --gapp. Did you mean '--gap'?" in refusal(*FIND, "--gapp")


def test_find_says_how_to_go_on_in_options(run: Callable[..., str]) -> None:
    few = run(*FIND, "--estimate", ".15")
    assert "more (--all shows them)" in few
    every = run(*FIND, "--estimate", ".15", "--all")
    assert "more" not in every.replace("more with the same result", "")
    assert len(every) > 5 * len(few)
    none = run(*FIND, "--estimate", ".40")
    assert "Add --gap to look for a slip" in none
    assert "()" not in none
    gap = run(*FIND, "--estimate", ".40", "--ci", ".38,.42", "--gap")
    assert "Add --gap" not in gap


def test_the_terminal_speaks_of_the_table(refusal: Callable[..., str]) -> None:
    said = refusal("find", MOLLOY, "--r", "rr", "--n", "n", "--estimate", ".15")
    assert "which the table does not have" in said
    assert "`data`" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--estimate", ".15"), "name the columns of the studies, such as --r r --n n."),
        (("--r", "r", "--n", "n"), "must be given: --estimate .24 --ci .12,.36 --I2 62%."),
    ],
)
def test_find_asks_for_options(
    refusal: Callable[..., str], words: tuple[str, ...], said: str
) -> None:
    assert said in refusal("find", MOLLOY, *words)


def test_a_total_is_no_study_of_a_search_but_is_one_figure_of_a_check(
    run: Callable[..., str], tmp_path: Path
) -> None:
    rows = "Ada,109,.19\nBob,749,.16\nCyd,55,.34\nDee,65,-.09\n"
    file = tmp_path / "word.csv"
    file.write_text(f"Author,N,r\n{rows}Total,978,.15\n", encoding="utf-8")
    assert "4 studies" in run("find", str(file), "--r", "r", "--n", "N", "--estimate", ".15")
    assert "4 studies" in run("pool", str(file), "--measure", "ZCOR", "--r", "r", "--n", "N")
    levels = tmp_path / "levels.csv"
    levels.write_text("label,k\nold,9\nnew,8\nTotal,16\n", encoding="utf-8")
    assert "16" in run("check", str(levels), status=1)
