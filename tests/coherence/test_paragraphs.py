"""Paragraphs with several results: no question about honest ones, mistakes found."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "paragraphs.py"
SPEC = importlib.util.spec_from_file_location("benchmark_of_paragraphs", SCRIPT)
assert SPEC is not None
assert SPEC.loader is not None
benchmark = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = benchmark
SPEC.loader.exec_module(benchmark)


def test_figures_of_several_results_are_not_mixed() -> None:
    made, asked = benchmark.false_alarms(16, 2026)
    assert asked == []
    assert made > 400


@pytest.mark.slow
def test_figures_of_thousands_of_results_are_not_mixed() -> None:
    _, asked = benchmark.false_alarms(1500, 3)
    assert asked == []


@pytest.mark.slow
def test_mistakes_among_several_results_are_found() -> None:
    """Floors below what was measured: an I2 or a z is not printed in every layout."""
    found = benchmark.detection(100, 5)
    assert found["p of Q"] >= 97
    assert found["estimate"] >= 97
    assert found["I2"] >= 90
    assert found["z"] >= 60
