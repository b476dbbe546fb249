"""Studies of any kind, drawn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from metarel.search.kinds import KINDS
from metarel.search.table import StudyTable, study_table


def draw(kind: str, k: int = 8, seed: int = 1) -> StudyTable:
    """Return studies of any kind, drawn."""
    rng = np.random.default_rng(seed)
    y = rng.normal(0.3, 0.25, k)
    n1, n2 = rng.integers(12, 90, k).astype(float), rng.integers(12, 90, k).astype(float)
    columns = {
        "r": np.tanh(y), "z": y, "n": n1 + n2, "n1": n1, "n2": n2,
        "m1": 10 + 2 * y, "m2": np.full(k, 10.0), "sd1": rng.uniform(2, 3, k),
        "sd2": rng.uniform(2, 3, k), "d": y, "g": y, "t": 3 * y,
        "yi": y, "sei": rng.uniform(0.1, 0.4, k),
        "events1": rng.integers(1, 9, k).astype(float), "events2": np.r_[0.0, np.full(k - 1, 4.0)],
        "non_events1": np.full(k, 20.0), "non_events2": rng.integers(9, 40, k).astype(float),
    }  # fmt: skip
    columns["vi"] = columns["sei"] ** 2
    columns["ci_low"], columns["ci_high"] = y - 1.9 * columns["sei"], y + 2.1 * columns["sei"]
    declared = KINDS[kind]
    optional = ("n1", "n2") if "n1" in declared.optional else ()
    words = {word: columns[word] for word in (*declared.columns, *optional)}
    return study_table(None, kind=kind, **words)


@pytest.fixture(scope="session")
def drawn_table() -> Callable[[str], StudyTable]:
    """Return the function that draws studies of a kind."""
    return draw
