"""Sets of studies that try diagnostics: with and without moderators, own weights, every test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr

#: Options of a fit, and whether it has moderators.
MODELS: dict[str, tuple[bool, dict[str, Any]]] = {
    "REML": (False, {}),
    "REML, moderators": (True, {}),
    "ML, t, moderators": (True, {"tau2": "ML", "test": "t"}),
    "DL, knha": (False, {"tau2": "DL", "test": "knha"}),
    "PM, knha, moderators": (True, {"tau2": "PM", "test": "knha"}),
    "EE, adhoc": (False, {"tau2": "EE", "test": "adhoc"}),
    "fixed tau2, moderators": (True, {"tau2": 0.05, "level": 0.9}),
    "own weights": (False, {"weights": "w"}),
    "own weights, knha, moderators": (True, {"weights": "w", "test": "knha"}),
    "GENQ": (False, {"tau2": "GENQ", "weights": "w"}),
    "HE2, moderators": (True, {"tau2": "HE2"}),
}
K = 12


def draw(seed: int, k: int = K) -> pd.DataFrame:
    """Return a table of studies with a moderator, a factor, weights and a year."""
    rng = np.random.default_rng(seed)
    v = rng.gamma(1.5, 0.05, k) + 5e-3
    frame = pd.DataFrame({"vi": v, "year": rng.integers(1980, 2020, k), "w": rng.uniform(1, 9, k)})
    frame["rater"] = np.array(list("abc") * k)[:k]
    frame["yi"] = rng.normal(0.3, np.sqrt(v + 0.08))
    frame["study"] = [f"S{i}" for i in range(k)]
    return frame


def fit_to(frame: pd.DataFrame, name: str) -> mr.MetaFit:
    """Return one of the models, fitted to a table."""
    moderated, options = MODELS[name]
    if moderated:
        return mr.meta_regression(frame, "year + C(rater)", **options)
    return mr.pool(frame, **options)


@pytest.fixture(params=list(MODELS))
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def studies() -> pd.DataFrame:
    return draw(11)


@pytest.fixture
def fit(studies: pd.DataFrame, model: str) -> mr.MetaFit:
    return fit_to(studies, model)


@pytest.fixture
def refitted(studies: pd.DataFrame, model: str) -> Callable[[Any], mr.MetaFit]:
    """Fit the model again to some rows, the plain way."""
    return lambda keep: fit_to(studies[keep], model)


@pytest.fixture
def many() -> pd.DataFrame:
    return draw(3, 999)
