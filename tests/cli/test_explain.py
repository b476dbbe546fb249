"""``metarel explain``: rules between metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_explain_tells_every_rule(
    run: Callable[..., str], refusal: Callable[..., str], data: Callable[..., Any]
) -> None:
    text = run("explain", "r", "d")
    assert text.startswith("From correlation to standardised mean difference:")
    assert "2·r/√(1 − r²)" in text
    rules = data("explain", "r", "d")
    assert rules[0]["rule"] == "equal-groups"
    said = " ".join(text.split())
    assert all(rule["rule"] in said and rule["assumption"] in said for rule in rules)
    assert "equal-groups (default: approximation)" in text
    assert "`TARGET` must be a metric" in refusal("explain", "r", "dd")


def test_explain_tells_every_step_where_there_are_several(
    run: Callable[..., str], data: Callable[..., Any]
) -> None:
    text = run("explain", "OR", "d")
    assert text.startswith("No rule leads from 'or' to 'd' in one step; the way is or → log_or → d")
    assert "logistic (default: approximation)" in text
    steps = [(rule["from"], rule["to"], rule["rule"]) for rule in data("explain", "OR", "d")]
    assert steps[:2] == [("or", "log_or", "definition"), ("log_or", "d", "logistic")]


def test_explain_with_a_number_is_convert(
    run: Callable[..., str], data: Callable[..., Any]
) -> None:
    words = ("r=.28", "--to", "d", "--reported", ".57", "--n1", "20", "--n2", "26")
    assert run("explain", *words) == run("convert", *words)
    assert data("explain", *words) == data("convert", *words)
