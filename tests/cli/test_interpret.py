"""``metarel interpret``: what an effect means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import metarel as mr


def test_interpret_says_what_an_effect_means(run: Callable[..., str]) -> None:
    assert run("interpret", "d=0.57") == f"{mr.interpret(d=0.57)}\n"
    assert run("interpret", "logOR=-.4") == f"{mr.interpret(log_or=-0.4)}\n"
    assert run("interpret", "or=2", "--base-rate", ".3") == (
        f"{mr.interpret(odds_ratio=2, base_rate=0.3)}\n"
    )
    said = mr.interpret(
        g=0.4, ci=(-0.1, 0.9), groups=("CBT", "waiting list"), control_event_rate=0.2
    )
    words = ("--ci", "-.1,.9", "--groups", "CBT, waiting list", "--control-event-rate", "0.2")
    assert run("interpret", "g=.4", *words) == f"{said}\n"
    assert run("interpret", "g=.4", *words, "--all") == f"{said.full_text()}\n"
    assert run("interpret", "d", "=", ".57") == f"{mr.interpret(d=0.57)}\n"


def test_interpret_as_json(data: Callable[..., Any]) -> None:
    found = data("interpret", "r=.28")
    assert (found["r"], found["given"]) == (0.28, "r")
    by_name = {said["quantity"]: said for said in found["statements"]}
    among = by_name["relationship elements 2018"]
    assert among["value"] == 0.28
    assert "is larger than 7 of the 15 pooled effects" in among["meaning"]
    assert by_name["U3"]["ci_low"] is None


@pytest.mark.parametrize("effect", ["r=.28", "d=-.5"])
def test_interpret_draws_the_picture(run: Callable[..., str], tmp_path: Path, effect: str) -> None:
    file = tmp_path / "meaning.png"
    assert run("interpret", effect, "--plot", str(file)).endswith(f"Wrote {file}.\n")
    assert file.read_bytes().startswith(b"\x89PNG")
