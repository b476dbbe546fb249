"""Every diagnostic against metafor's, number by number."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.diagnose._refits import refit

GOLDEN = Path(__file__).parents[1] / "golden" / "diagnostics.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))
#: metafor's names of what refits give.
REFIT = {
    "estimate": "estimate", "se": "se", "zval": "statistic", "pval": "p_value", "ci_lb": "ci_low",
    "ci_ub": "ci_high", "Q": "Q", "Qp": "Q_p", "tau2": "tau2", "I2": "I2", "H2": "H2",
}  # fmt: skip
INFLUENCE = {
    "rstudent": "rstudent", "dffits": "dffits", "cook_d": "cooks_distance", "cov_r": "cov_ratio",
    "tau2_del": "tau2_deleted", "QE_del": "Q_deleted", "hat": "hat", "weight": "weight",
    "is_infl": "influential",
}  # fmt: skip


def fitted(case: dict) -> mr.MetaFit:
    model, frame = case["call"]["model"], pd.DataFrame(case["data"])
    options = {
        "tau2": model["method"],
        "test": model.get("test", "z"),
        "level": model.get("level", 95) / 100,
        "weights": 1.0 if model.get("weighted") is False else model.get("weights"),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mr.MetarelWarning)
        if "mods" in model:
            return mr.meta_regression(frame, model["mods"], **options)
        return mr.pool(frame, **options)


def of_refits(table: pd.DataFrame, expect: dict) -> dict[str, Any]:
    """Return a table of refits by metafor's names; heterogeneity once a refit."""
    length = {name: len(values) for name, values in expect.items()}
    terms = len(table) // length.get("tau2", len(table))
    out = {}
    for theirs, ours in REFIT.items():
        if theirs in expect:
            step = terms if length[theirs] < len(table) else 1
            out[theirs] = table[ours].to_numpy()[::step] * (100 if theirs == "I2" else 1)
    return out


def influences(fit: mr.MetaFit, case: dict) -> dict[str, Any]:
    table = mr.influence(fit)
    dfbetas = [table[f"dfbetas_{term}"].to_numpy() for term in fit.study.terms]
    return {theirs: table[ours] for theirs, ours in INFLUENCE.items()} | {
        "dfbs": np.concatenate(dfbetas)
    }


def all_residuals(fit: mr.MetaFit, case: dict) -> dict[str, Any]:
    inner, outer = mr.residuals(fit, "standardised"), mr.residuals(fit)
    pearson, conditional = mr.residuals(fit, "pearson"), mr.residuals(fit, "conditional")
    return {
        "resid": mr.residuals(fit, "raw").residual,
        "pearson": pearson.statistic,
        "cholesky": mr.residuals(fit, "cholesky").statistic,
        "rstandard_se": inner.se,
        "rstandard_z": inner.statistic,
        "rstudent_resid": outer.residual,
        "rstudent_se": outer.se,
        "rstudent_z": outer.statistic,
        "hat": inner.hat,
        "fitted": inner.fitted,
        "weights": fit.weights(),
        "conditional_resid": conditional.residual,
        "conditional_se": conditional.se,
    }


def predictions(fit: mr.MetaFit, case: dict) -> dict[str, Any]:
    out = {}
    for name, table in (("blup", mr.blup(fit)), ("ranef", mr.blup(fit, deviations=True))):
        out |= {f"{name}_pred": table.estimate, f"{name}_se": table.se}
        out |= {f"{name}_pi_lb": table.pi_low, f"{name}_pi_ub": table.pi_high}
    return out


def left_out(fit: mr.MetaFit, case: dict) -> dict[str, Any]:
    cluster = case["call"]["args"].get("cluster")
    data = None if cluster is None else pd.DataFrame(case["data"])
    table = mr.leave_one_out(fit, cluster, data=data)
    return of_refits(table, case["expect"])


def accumulated(fit: mr.MetaFit, case: dict) -> dict[str, Any]:
    order, collapse = case["call"]["args"]["order"], case["call"]["fn"] == "collapsed"
    data = pd.DataFrame(case["data"])
    table = mr.cumulative(fit, order, data=data, collapse=collapse)
    return of_refits(table, case["expect"])


def baujat(fit: mr.MetaFit, case: dict) -> dict[str, Any]:
    table = mr.baujat(fit)
    return {"x": table.heterogeneity, "y": table.influence}


def radial(fit: mr.MetaFit, case: dict) -> dict[str, Any]:
    table = mr.radial(fit)
    return {"x": table.precision, "y": table.standardised}


def subsets(fit: mr.MetaFit, case: dict) -> dict[str, Any]:
    chosen = case["call"]["args"]["subsets"]
    keep = np.zeros((len(chosen), fit.k), dtype=bool)
    for row, members in enumerate(chosen):
        keep[row, np.array(members) - 1] = True
    found = refit(fit, keep)
    return {
        "estimate": found.beta.ravel(),
        "Q": found.Q,
        "tau2": found.tau2,
        "I2": 100 * found.I2,
        "H2": found.H2,
    }


def profile(fit: mr.MetaFit, case: dict) -> dict[str, Any]:
    curve = mr.profile_likelihood(fit, values=case["call"]["args"]["tau2"])
    return {"ll": curve.log_likelihood}


WAYS = {
    "influence": influences, "residuals": all_residuals, "blup": predictions,
    "leave1out": left_out, "cumul": accumulated, "collapsed": accumulated, "baujat": baujat,
    "radial": radial, "subsets": subsets, "profile": profile,
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_agrees_with_metafor(case: dict) -> None:
    ours = WAYS[case["call"]["fn"]](fitted(case), case)
    for name, golden in case["expect"].items():
        expected = np.array([np.nan if x is None else x for x in golden], dtype=float)
        got = np.asarray(ours[name], dtype=float)
        tolerance = 1e-7 if name in ("pval", "Qp") else 1e-8
        np.testing.assert_allclose(
            got, expected, rtol=tolerance, atol=1e-10, err_msg=f"{case['id']}: {name}"
        )
