"""Figures printed in papers, judged by the digits they were printed with."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
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


def assert_printed(printed: dict, values: dict) -> None:
    for quantity, texts in printed.items():
        each = texts if isinstance(texts, list) else [texts]
        for text, value in zip(each, values[quantity], strict=True):
            reading = mr.Printed(text).reading(float(value))
            assert reading is not None, f"{quantity}: {value} would not print as {text}"


def of_kind(kind: str) -> list:
    chosen = [case for case in CASES if KINDS.get(case["id"], "fit") == kind]
    return [pytest.param(case, id=case["id"]) for case in chosen]


#: The cases that are no fits of effects and variances alone.
KINDS = {
    "pub-viecht2007-qp": "limits", "pub-jackson-pm": "limits", "pub-jackson-genq": "limits",
    "pub-miller-w": "arcsine", "pub-miller-u": "arcsine",
    "pub-yusuf-peto": "tables", "pub-rothman-rd": "tables",
}  # fmt: skip


@pytest.mark.parametrize("case", of_kind("limits"))
def test_limits_of_tau2_print_the_published_digits(case: dict) -> None:
    frame, model = pd.DataFrame(case["data"]), case["call"]["model"]
    options = {"tau2": model["method"], "weights": model.get("weights")}
    if "mods" in model:
        fit = mr.meta_regression(frame, "xi", **options)
    else:
        fit = mr.pool(frame, **options)
    method = "GENQ" if model["method"] == "GENQ" else "QP"
    found = mr.tau2_interval(fit, method=method).loc["tau2"]
    assert_printed(case["printed"], {"ci": [found.ci_low, found.ci_high]})


@pytest.mark.parametrize("case", of_kind("arcsine"))
def test_double_arcsines_print_the_published_digits(case: dict) -> None:
    frame = pd.DataFrame(case["data"])
    weights = None if case["call"]["weighted"] else 1.0
    fit = mr.pool(frame, tau2="EE", weights=weights)
    share = fit.predict(transform="double_arcsine", n=frame.ni).estimate
    assert_printed(case["printed"], {"two_b": [2 * fit.estimate], "p": share})


@pytest.mark.parametrize("case", of_kind("tables"))
def test_pooled_tables_print_the_published_digits(case: dict) -> None:
    data = {name: np.array(values, dtype=float) for name, values in case["data"].items()}
    n1 = data.get("n1i", data["ai"] + data.get("bi", 0))
    n2 = data.get("n2i", data["ci"] + data.get("di", 0))
    peto = case["call"]["fn"] == "rma.peto"
    found = mr.pool_tables(
        None,
        "OR" if peto else "RD",
        events1=data["ai"],
        n1=n1,
        events2=data["ci"],
        n2=n2,
        method="Peto" if peto else "MH",
        level=case["call"].get("options", {}).get("level", 95) / 100,
    )
    row = found.to_frame().iloc[-1]
    key = next(iter(case["printed"]))
    assert_printed(case["printed"], {key: [row.estimate, row.ci_low, row.ci_high]})


@pytest.mark.parametrize("case", of_kind("fit"))
def test_prints_the_published_digits(case: dict) -> None:
    frame, call = pd.DataFrame(case["data"]), case["call"]
    if "mods" in call:
        fit = mr.meta_regression(frame, call["mods"], tau2=call["method"])
    else:
        fit = mr.pool(frame, tau2=call["method"])
    values = {quantity: values_of(fit, quantity, case) for quantity in case["printed"]}
    assert_printed(case["printed"], values)
