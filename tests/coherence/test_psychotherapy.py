"""Paragraphs as articles on psychotherapy print them: right ones pass, wrong ones are found."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import metarel as mr

FOUND = tomllib.loads(Path(__file__).with_name("paragraphs.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", [row["text"] for row in FOUND["right"]])
def test_right_paragraphs_raise_no_question(text: str) -> None:
    found = mr.check(text)
    assert found.ok, str(found)


@pytest.mark.parametrize(("code", "text"), [(row["code"], row["text"]) for row in FOUND["wrong"]])
def test_wrong_paragraphs_are_asked_about(code: str, text: str) -> None:
    assert code in {finding.code for finding in mr.check(text).problems}
