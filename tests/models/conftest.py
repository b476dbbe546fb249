"""Random sets of studies that try a model: sizes, scales, extreme variances, equal effects."""

from __future__ import annotations

import numpy as np
import pytest


class Sets:
    """Sets of 2 to 60 studies by seed, on scales between 1e-6 and 1e6."""

    @staticmethod
    def draw(seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the effects and variances of one set."""
        rng = np.random.default_rng(seed)
        k = int(rng.integers(2, 61))
        scale = 10.0 ** rng.uniform(-6, 6)
        v = rng.gamma(1.5, 0.1, k) + 1e-3
        if seed % 3 == 0:
            v[rng.integers(k)] *= 10.0 ** rng.choice([-6, 6])
        if seed % 4 == 0:
            v *= 10.0 ** rng.uniform(-3, 3, k)
        y = rng.normal(0, np.sqrt(v + rng.choice([0, 0.05, 1.0]))) + rng.choice([0, 1])
        if seed % 7 == 0:
            y[:] = 0.25
        return y * scale, v * scale**2

    def long(self, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return many sets one after the other, and their sizes."""
        sets = [self.draw(seed) for seed in range(count)]
        y, v = (np.concatenate(parts) for parts in zip(*sets, strict=True))
        return y, v, np.array([len(y) for y, _ in sets])

    def padded(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the same sets as arrays with NaN in the empty cells."""
        sets = [self.draw(seed) for seed in range(count)]
        out = np.full((2, count, 60), np.nan)
        for row, (y, v) in enumerate(sets):
            out[:, row, : len(y)] = y, v
        return out[0], out[1]


@pytest.fixture(scope="session")
def sets() -> Sets:
    return Sets()
