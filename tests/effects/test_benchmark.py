"""The script that times the measures knows rows for each of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from metarel.effects.compute import effect_sizes
from metarel.effects.register import MEASURES

PATH = Path(__file__).resolve().parents[2] / "benchmarks" / "effects.py"
SPEC = importlib.util.spec_from_file_location("benchmark_effects", PATH)
assert SPEC is not None
assert SPEC.loader is not None
benchmark = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(benchmark)


@pytest.mark.parametrize("code", MEASURES)
def test_rows_give_effects(code: str) -> None:
    data = benchmark.rows(MEASURES[code], 20)
    found = effect_sizes(data, code, replace=True, **{word: word for word in data.columns})
    assert np.isfinite(found[["yi", "vi"]]).all(axis=None) or code == "CRAMERVB"
    assert benchmark.best_time(MEASURES[code], 5) > 0
