"""Cases made here: studies drawn from a seed, pooled by metarel, printed and put away as text."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import metarel as mr
from metarel._format import fixed

Given = dict[str, Any]


def printed_from(yi: Any, vi: Any, digits: int, **model: Any) -> dict[str, str]:
    """Return the figures of a pooled analysis as a publication would print them."""
    fit = mr.pool(yi=yi, vi=vi, **model)
    numbers = {
        "estimate": fit.estimate,
        "ci_lower": float(fit.ci_low[0]),
        "ci_upper": float(fit.ci_high[0]),
        "z": float(fit.statistic[0]),
        "Q": fit.heterogeneity.Q,
    }
    share = 100 * fit.heterogeneity.I2_Q
    return {
        "k": str(fit.k),
        **{name: fixed(number, digits) for name, number in numbers.items()},
        "I2": fixed(share, 1),
    }


def drawn(k: int, seed: int, tau2: float = 0.05) -> tuple[Any, Any]:
    """Return effects and standard errors, unrounded."""
    rng = np.random.default_rng(seed)
    se = rng.uniform(0.1, 0.4, k)
    return rng.normal(0.4, np.sqrt(tau2 + se**2)), se


def rows(**columns: Any) -> list[dict[str, Any]]:
    """Return columns as studies with labels."""
    names = list(columns)
    return [
        {"label": f"Study {number}", **dict(zip(names, values, strict=True))}
        for number, values in enumerate(zip(*columns.values(), strict=True), 1)
    ]


def rounded(values: Any, digits: int) -> list[str]:
    """Return numbers as printed."""
    return [fixed(float(value), digits) for value in values]


@pytest.fixture
def make() -> SimpleNamespace:
    """The functions above, for tests that make their own cases."""
    return SimpleNamespace(printed_from=printed_from, drawn=drawn, rows=rows, rounded=rounded)


@pytest.fixture
def plain_case() -> Given:
    """A case whose figures are those of the declared analysis."""
    y, se = (np.round(x, 3) for x in drawn(8, 1))
    return {
        "id": "made-1",
        "data_kind": "smd_se",
        "studies": rows(y=rounded(y, 3), se=rounded(se, 3)),
        "reported": printed_from(y, se**2, 3, tau2="DL"),
        "model": "RE",
        "tau2_estimator": "DL",
    }


@pytest.fixture
def group_means() -> Mapping[str, Any]:
    """Means, standard deviations and sizes of two groups."""
    rng = np.random.default_rng(3)
    k = 6
    return {
        "m1": np.round(rng.normal(12, 2, k), 1),
        "sd1": np.round(rng.uniform(3, 5, k), 1),
        "n1": rng.integers(9, 25, k),
        "m2": np.round(rng.normal(10, 2, k), 1),
        "sd2": np.round(rng.uniform(3, 5, k), 1),
        "n2": rng.integers(9, 25, k),
    }
