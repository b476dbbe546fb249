"""``metarel evidence``: the map of the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import metarel as mr
from metarel.cli._app import OUT


def test_evidence_prints_the_map_an_element_and_the_quotes(
    run: Callable[..., str],
    refusal: Callable[..., str],
    data: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(OUT, "_width", 120)
    field = mr.evidence()
    assert run("evidence") == f"{field.to_text(120)}\n"
    alliance = field.element("alliance, adults").to_text(120)
    assert run("evidence", "alliance, adults") == f"{alliance}\n"
    adapting = mr.evidence(edition=2011, family="adapting")
    assert (
        run("evidence", "--edition", "2011", "--family", "adapting") == f"{adapting.to_text(120)}\n"
    )
    assert run("evidence", "--quotes", "--all") == f"{field.quotes.to_text(120)}\n"
    assert run("evidence", "--quotes").startswith("253 quoted figures: ")
    assert len(data("evidence", "--quotes")["quotes"]) == len(field.quotes.items)
    assert "Did you mean" in refusal("evidence", "aliance, adults")


def test_evidence_on_one_element_keeps_to_the_edition_and_the_family(
    run: Callable[..., str], refusal: Callable[..., str]
) -> None:
    assert "2011" not in run("evidence", "alliance", "--edition", "2018")
    assert "alliance, adults is not" in refusal("evidence", "alliance", "--family", "adapting")
    assert "`--all` must stand with --quotes" in refusal("evidence", "--all")
