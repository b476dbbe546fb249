"""``metarel convert``: one number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import metarel as mr


def test_convert_says_rule_steps_and_what_the_digits_leave_open(run: Callable[..., str]) -> None:
    text = run("convert", "r=.28", "--to", "d")
    assert "d = 0.5833" in text
    assert "Rule equal-groups, r → d: d = 2·r/√(1 − r²)" in text
    assert "d = .57 is possible only for r in [0.2750, 0.2763): 13 % of that interval." in text
    assert "d = .58 is possible only for r in [0.2763, 0.2807): 44 % of that interval." in text


def test_convert_holds_a_reported_result_against_the_number(run: Callable[..., str]) -> None:
    assert "Held against .57: d = .57 is possible only for r in" in run(
        "convert", "r=.28", "--to", "d", "--reported", ".57"
    )
    assert "d = .61 is not possible" in run("convert", "r=.28", "--to", "d", "--reported", ".61")


def test_convert_takes_needs_as_options_in_any_order(data: Callable[..., Any]) -> None:
    expected = mr.convert(2.31, "t", "g", n1=20, n2=25)
    for words in (
        ("t=2.31", "--n1", "20", "--n2", "25", "--to", "g"),
        ("--n1=20", "--n2=25", "t=2.31", "--to", "g"),
        ("--to", "g", "--n1", "20", "t=2.31", "--n2", "25"),
    ):
        assert data("convert", *words)["result"] == expected
    share = data("convert", "r=.28", "--to", "d", "--rule", "base-rate", "--base-rate", ".3")
    assert share["result"] == mr.convert(0.28, "r", "d", rule="base-rate", base_rate=0.3)


def test_convert_averages_over_true_effects(
    run: Callable[..., str], data: Callable[..., Any]
) -> None:
    found = data("convert", "z=.32", "--to", "r", "--tau2", ".04", "--average", "mode")
    assert found["result"] == mr.convert(0.32, "z", "r", tau2=0.04, average="mode")
    assert "the mean of r is" in run("convert", "z=.32", "--to", "r", "--tau2", ".04")


def test_convert_as_json(data: Callable[..., Any]) -> None:
    found = data("convert", "r=.28", "--to", "d", "--reported", ".57")
    assert found["result"] == mr.convert(0.28, "r", "d")
    assert [result["text"] for result in found["possible"]] == [".57", ".58", ".59"]
    assert found["against"]["share"] == pytest.approx(0.1307, abs=1e-4)


def test_blanks_and_names_that_people_write(run: Callable[..., str]) -> None:
    expected = run("convert", "d=.57", "--to", "r")
    assert run("convert", "d", "=", ".57", "--to", "r") == expected
    assert run("convert", "Cohen's d = .57", "--to", "R") == expected
    assert run("convert", "d=", ".57", "--to", "r") == expected


def test_letters_that_mean_two_things_are_said(run: Callable[..., str]) -> None:
    assert "f = 6.25 (Cohen's f; an F statistic is F) gives" in run(
        "convert", "f=6.25", "--to", "d"
    )
    assert "z = .3 (Fisher's z of a correlation; the z of a test is z_stat)" in run(
        "convert", "z=.3", "--to", "r"
    )


def test_thousands_stand_in_sizes(data: Callable[..., Any]) -> None:
    words = ("convert", "t=2.31", "--to", "d")
    assert data(*words, "--n1", "1,250", "--n2", "1250") == data(
        *words, "--n1", "1250", "--n2", "1250"
    )


def test_what_a_number_prints_fits_a_terminal(run: Callable[..., str]) -> None:
    for words in (("convert", "r=.28", "--to", "d"), ("explain", "OR", "d")):
        assert max(map(len, run(*words).splitlines())) <= 80
