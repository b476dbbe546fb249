"""The family of other analyses: what it tries, and what it finds."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from metarel.data.model import Dataset
from metarel.printed import Printed
from metarel.repro.nearby import nearby_analyses
from metarel.repro.recipes import RECIPES, compute
from metarel.repro.verdict import Nearby

DATASET = Dataset(
    slug="made2020",
    title="Made up",
    citation="Nobody (2020)",
    effect={"default": {"measure": "ZCOR", "r": "r", "n": "n"}},
    studies=pd.DataFrame(
        {"r": [0.10, 0.35, 0.22, 0.48, 0.05, 0.31], "n": [40, 65, 120, 33, 210, 58]}
    ),
    figures=(),
)
REML = {"tau2": "REML", "scale": "r"}


def search(recipe: str, quantity: str, value: float, arguments: dict[str, Any]) -> Nearby:
    printed = Printed(f"{value:.6f}")
    return nearby_analyses(DATASET, RECIPES[recipe], quantity, arguments, printed)


def value(recipe: str, quantity: str, arguments: dict[str, Any]) -> float:
    return compute(DATASET, RECIPES[recipe], quantity, arguments)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"tau2": "DL"}, "tau2 by DL"),
        ({"tau2": "EE"}, "a common effect"),
        ({"tau2": "EB"}, "tau2 by PM"),  # one estimator under two names
        ({"measure": "COR", "variance": "AV"}, "effects as correlation (variance AV)"),
    ],
)
def test_one_choice_made_otherwise_is_named(changed: dict[str, Any], words: str) -> None:
    found = search("pool", "estimate", value("pool", "estimate", {**REML, **changed}), REML)
    assert found.agree == (words,)


def test_the_test_is_tried_where_it_matters() -> None:
    found = search("pool", "ci_low", value("pool", "ci_low", {**REML, "test": "knha"}), REML)
    assert found.agree == ("Knapp–Hartung tests",)
    assert search("pool", "estimate", 9.0, REML).tried < search("pool", "ci_low", 9.0, REML).tried


def test_two_choices_are_tried_only_when_one_does_not_do() -> None:
    both = {**REML, "tau2": "HE", "test": "knha"}
    found = search("pool", "ci_high", value("pool", "ci_high", both), REML)
    assert found.agree == ("tau2 by HE + Knapp–Hartung tests",)
    one = search("pool", "ci_high", value("pool", "ci_high", {**REML, "test": "t"}), REML)
    assert one.tried < found.tried


def test_what_no_analysis_prints_is_said_with_the_count_tried() -> None:
    found = search("pool", "estimate", 9.0, REML)
    assert found.agree == ()
    assert found.tried > 20
    assert str(found) == f"none of {found.tried} nearby analyses prints it"


def test_quantities_that_no_choice_moves_are_not_searched() -> None:
    found = search("sum", "n_total", 1.0, {"column": "n"})
    assert found == Nearby((), 0)
    assert str(found) == ""


def test_conversions_are_tried_by_their_other_rules() -> None:
    """r = .28 as d: 2r/√(1 − r²) gives .583, the exact rule for 46 people .570."""
    asked = {"value": ".28", "source": "r", "target": "d", "n1": 23, "n2": 23}
    found = nearby_analyses(DATASET, RECIPES["convert"], "estimate", asked, Printed(".57"))
    assert found.agree == ("rule exact",)
    steps = {"value": "2.31", "source": "t", "target": "r", "n1": 20, "n2": 25}
    assert (
        nearby_analyses(DATASET, RECIPES["convert"], "estimate", steps, Printed("9.99")).agree == ()
    )


@pytest.mark.parametrize("tau2", ["REML", "EB", "EE"])
def test_the_declared_analysis_is_not_among_those_tried(tau2: str) -> None:
    arguments = {"tau2": tau2, "scale": "r"}
    here = value("pool", "estimate", arguments)
    assert search("pool", "estimate", here, arguments).agree == ()
