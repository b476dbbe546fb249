"""Figures printed in papers, judged by the digits they were printed with."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import metarel as mr

CASES = json.loads(
    (Path(__file__).parents[1] / "golden" / "published.json").read_text(encoding="utf-8")
)


def values_of(fit: mr.MetaFit, quantity: str, case: dict) -> list[float]:
    """Return what a figure is about, in the paper's order of coefficients."""
    if quantity == "se_knha":
        frame = pd.DataFrame(case["data"])
        return list(mr.pool(frame, tau2=case["call"]["method"], test="knha").se)
    if quantity == "ci":
        return [float(fit.ci_low[0]), float(fit.ci_high[0])]
    known = {
        "b": fit.beta,
        "se": fit.se,
        "zval": fit.statistic,
        "tau2": [fit.tau2],
        "tau": [fit.tau],
    }
    return [float(x) for x in known[quantity]]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_prints_the_published_digits(case: dict) -> None:
    frame, call = pd.DataFrame(case["data"]), case["call"]
    if "mods" in call:
        fit = mr.meta_regression(frame, call["mods"], tau2=call["method"])
    else:
        fit = mr.pool(frame, tau2=call["method"])
    for quantity, printed in case["printed"].items():
        texts = printed if isinstance(printed, list) else [printed]
        for text, value in zip(texts, values_of(fit, quantity, case), strict=True):
            reading = mr.Printed(text).reading(value)
            assert reading is not None, f"{quantity}: {value} would not print as {text}"
