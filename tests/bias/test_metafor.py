"""Tests of asymmetry, trim and fill and fail-safe numbers against metafor's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import metarel as mr

GOLDEN = Path(__file__).parents[1] / "golden" / "bias.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))


def fitted(case: dict) -> mr.MetaFit:
    model = case["call"].get("model", {"method": "REML"})
    yi, vi = (np.array(case["data"][name], dtype=float) for name in ("yi", "vi"))
    return mr.pool(yi=yi, vi=vi, tau2=model["method"], test=model.get("test", "z"))


def regtest(case: dict) -> dict[str, Any]:
    args = case["call"]["args"]
    found = mr.regression_test(
        fitted(case),
        predictor=args.get("predictor", "sei"),
        model="lm" if args.get("model") == "lm" else "mixed",
        n=case["data"]["ni"] if "n" in args.get("predictor", "sei") else None,
    )
    limit = [found.limit, found.limit_low, found.limit_high]
    return {"stat": found.statistic, "pval": found.p_value, "limit": limit}


def ranktest(case: dict) -> dict[str, Any]:
    found = mr.rank_test(fitted(case))
    return {"tau": found.tau, "pval": found.p_value}


def trimfill(case: dict) -> dict[str, Any]:
    args = case["call"]["args"]
    found = mr.trim_and_fill(
        fitted(case), estimator=args.get("estimator", "L0"), side=args.get("side")
    )
    filled = found.filled
    numbers = {"k0": found.k0, "se_k0": found.k0_se, "p_k0": found.k0_p, "k": filled.k}
    mean = {"b": filled.estimate, "se": float(filled.se[0]), "tau2": filled.tau2}
    return {**numbers, **mean, "side": found.side}


def fsn(case: dict) -> dict[str, Any]:
    args = case["call"]["args"]
    method = args.get("type", "Rosenthal").lower()
    words = {name: args[name] for name in ("alpha", "target") if name in args}
    found = mr.fail_safe_n(fitted(case), method, **words)
    return {"fsnum": found.n, "pval": found.p_value, "est": found.estimate}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_numbers_are_metafors(case: dict) -> None:
    ours = globals()[case["call"]["fn"]](case)
    for name, golden in case["expect"].items():
        if isinstance(golden, str):
            assert ours[name] == golden
        else:
            expected = np.ravel(golden).astype(float)
            np.testing.assert_allclose(np.ravel(ours[name]), expected, rtol=1e-8, err_msg=name)
