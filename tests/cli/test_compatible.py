"""``metarel compatible``: two printed numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import metarel as mr


def test_compatible_judges_two_printed_numbers_by_every_rule(
    run: Callable[..., str], refusal: Callable[..., str], data: Callable[..., Any]
) -> None:
    found = mr.compatible(".28", "r", ".57", "d")
    assert run("compatible", "r=.28", "d=.57", "--all") == f"{found}\n"
    short = run("compatible", "r=.28", "d=.57")
    assert short.startswith(found.answer[:40])
    assert len(short.splitlines()) <= 15
    assert short.endswith("--all shows what every rule says.\n")
    assert set(short.split()) <= set(f"{found} --all shows what every rule says.".split())
    assert data("compatible", "r=.28", "d=.57")["rules"] == found.to_dict()["rules"]
    assert "Exactly one pair of numbers" in refusal("compatible", "r=.28")
    assert "METRIC=NUMBER" in refusal("compatible", "r=.28", ".57")
