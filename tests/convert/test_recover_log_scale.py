"""Means and SDs of logarithms, there and back, and as scipy has them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metarel.convert.recover_log_scale import (
    log_moments,
    log_moments_from_geometric,
    raw_moments,
)


def test_log_scale_and_back() -> None:
    mean, sd = np.array([0.2, 5.0, 400.0]), np.array([0.1, 9.0, 1e-4])
    logs = log_moments(mean, sd)
    back = raw_moments(logs.mean, logs.sd)
    np.testing.assert_allclose([back.mean, back.sd], [mean, sd], rtol=1e-13)
    exact = stats.lognorm(0.6, scale=np.exp(1.1))
    made = log_moments(np.array(exact.mean()), np.array(exact.std()))
    assert [float(made.mean), float(made.sd)] == pytest.approx([1.1, 0.6], rel=1e-12)
    geometric = log_moments_from_geometric(np.exp(1.1), np.exp(0.6))
    assert [float(geometric.mean), float(geometric.sd)] == pytest.approx([1.1, 0.6])
    assert np.isnan(log_moments(np.array([-1.0, 0.0]), np.array([1.0, 1.0])).mean).all()
