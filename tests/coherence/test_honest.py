"""Honest results are never called impossible; seeded mistakes are found."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "coherence.py"
SPEC = importlib.util.spec_from_file_location("benchmark_of_coherence", SCRIPT)
assert SPEC is not None
assert SPEC.loader is not None
benchmark = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(benchmark)
#: Estimators whose tau2 may lie so far from that of Q that I2 needs a word of explanation.
EXCUSED = {"I2 from Q", "H2 from Q"}


def no_false_alarm(count: int, seed: int) -> None:
    number, verdicts, wrong = benchmark.honest(count, seed)
    assert verdicts["impossible"] == 0
    assert {finding.code for _, finding in wrong} <= EXCUSED
    assert len(wrong) <= max(0.01 * number, 2)


def test_honest_results_pass() -> None:
    no_false_alarm(48, 2026)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_thousands_of_honest_results_pass(seed: int) -> None:
    no_false_alarm(3000, seed)


@pytest.mark.slow
def test_mistakes_are_found() -> None:
    """Floors well below what was measured; the benchmark prints the numbers."""
    found = benchmark.detection(384, 5)
    for name, (made, impossible, asked) in found.items():
        floor = 0.5 if name == "I2 of another analysis" else 0.85
        assert asked >= floor * made, name
        assert asked >= impossible


def forest(rng: np.random.Generator, metric: str, tau2: str | float, k: int) -> pd.DataFrame:
    """Return the table of a forest plot as printed, its total last."""
    digits = int(rng.choice([2, 3]))
    yi, vi, _ = benchmark.effects(rng, k, metric)
    back = benchmark._BACK[metric]
    fit = mr.pool(yi=yi, vi=vi, tau2=tau2)

    def row(name: str, effect: float, se: float, **more: str) -> dict[str, Any]:
        limits = [benchmark.half_up(back(effect + s * 1.959964 * se), digits) for s in (-1, 1)]
        estimate = benchmark.half_up(back(effect), digits)
        ci = f"[{limits[0]}, {limits[1]}]"
        return {"study": name, "estimate": estimate, "metric": metric.lower(), "95% CI": ci, **more}

    weights = 100 / (vi + fit.tau2) / (1 / (vi + fit.tau2)).sum()
    rows = [
        row(f"S{i}", y, np.sqrt(v), weight=benchmark.half_up(w, 1))
        for i, (y, v, w) in enumerate(zip(yi, vi, weights, strict=True))
    ]
    more = {"tau2": benchmark.half_up(fit.tau2, 3), "Q": benchmark.half_up(fit.Q, 2), "k": str(k)}
    se = float(np.sqrt(fit.vcov[0, 0]))
    total = row("Total", float(fit.beta[0]), se, weight="100.0", **more)
    return pd.DataFrame([*rows, total])


@pytest.mark.parametrize("metric", ["r", "d", "OR"])
@pytest.mark.parametrize("tau2", ["DL", "REML", 0.0])
def test_honest_forest_plots_pass(metric: str, tau2: str | float) -> None:
    rng = np.random.default_rng([7, len(metric), int(tau2 == 0)])
    for k in (3, 8, 25):
        found = mr.check(forest(rng, metric, tau2, k))
        assert found.ok, str(found)
        made = {finding.code for finding in found.findings}
        assert {"one tau2 for all weights", "tau2 from weights", "Q from rows"} <= made


@pytest.mark.parametrize("tau2", [0.0, "DL"])
def test_honest_subgroups_pass(tau2: str | float) -> None:
    """Subgroups with separate tau2; Q adds up where all weights are of the common effect."""
    rng = np.random.default_rng(11)
    for _ in range(12):
        yi, vi, _ = benchmark.effects(rng, 24, "d")
        groups = np.repeat(["a", "b", "c"], 8)
        parts = [mr.pool(yi=yi[groups == g], vi=vi[groups == g], tau2=tau2) for g in "abc"]
        whole = mr.pool(yi=yi, vi=vi, tau2=tau2)
        w = np.array([1 / part.vcov[0, 0] for part in parts])
        means = np.array([part.beta[0] for part in parts])
        between = float((w * (means - (w * means).sum() / w.sum()) ** 2).sum())

        def row(name: str, fit: Any, **more: str) -> dict[str, str]:
            e, se = float(fit.beta[0]), float(np.sqrt(fit.vcov[0, 0]))
            d = benchmark.half_up
            ci = f"{d(e - 1.959964 * se, 2)} to {d(e + 1.959964 * se, 2)}"
            return {
                "group": name,
                "d": d(e, 2),
                "Q": d(fit.Q, 2),
                "k": str(fit.k),
                "ci": ci,
                **more,
            }

        more = {"Q_between": benchmark.half_up(between, 2), "df_between": "2"}
        rows = [row(g, part) for g, part in zip("abc", parts, strict=True)]
        found = mr.check([*rows, row("Total", whole, **more)])
        assert found.ok, str(found)
        summed = next(f for f in found.findings if f.code == "sum of Q")
        assert tau2 != 0.0 or summed.verdict == "consistent"
