"""The QQ plot: residuals of the diagnosis, and an envelope that holds what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose
from scipy import stats

import metarel as mr
from metarel.errors import InputError


def artist(ax: Axes, gid: str) -> Any:
    """Return the one artist of a kind."""
    (found,) = [a for a in ax.get_children() if a.get_gid() == gid]
    return found


def test_residuals_in_order_at_normal_quantiles(pooled: Any) -> None:
    frame = mr.plot.qq_data(pooled)
    assert_allclose(frame["residual"], np.sort(mr.residuals(pooled)["statistic"]))
    assert_allclose(frame["normal"], stats.norm.ppf((np.arange(13) + 0.5) / 13))
    by_name = mr.residuals(pooled).set_index("study")["statistic"]
    assert_allclose(frame["residual"], by_name[frame["study"]])


def test_the_envelope_is_seeded_and_wider_at_a_higher_level(pooled: Any) -> None:
    first, again, other = (mr.plot.qq_data(pooled, seed=s) for s in (3, 3, 4))
    assert first.equals(again)
    assert not first["low"].equals(other["low"])
    wide = mr.plot.qq_data(pooled, seed=3, level=0.99)
    assert (wide["low"] < first["low"]).all()
    assert (wide["high"] > first["high"]).all()


def test_the_envelope_is_that_of_normal_order_statistics() -> None:
    """With many precise equal studies the residuals are all but independent standard normals."""
    k = 200
    fit = mr.pool(yi=np.random.default_rng(1).normal(0, 0.1, k), vi=np.full(k, 0.01), tau2="EE")
    frame = mr.plot.qq_data(fit, draws=4000)
    for rank in (1, 50, 100, 200):
        wanted = stats.norm.ppf(stats.beta.ppf([0.025, 0.975], rank, k + 1 - rank))
        assert_allclose(frame.loc[rank - 1, ["low", "high"]].to_numpy(float), wanted, atol=0.09)


def test_marks_stand_at_the_data(regression: Any) -> None:
    ax = mr.plot.qq(regression, theme="dark", title="Latitude")
    frame = mr.plot.qq_data(regression)
    assert_allclose(
        artist(ax, "study").get_offsets(), frame[["normal", "residual"]].to_numpy(float)
    )
    corners = artist(ax, "envelope").get_paths()[0].vertices
    for side in ("low", "high"):
        wanted = frame[["normal", side]].to_numpy(float)
        assert_allclose(abs(corners[:, None] - wanted).max(axis=2).min(axis=0), 0, atol=1e-12)
    x, y = artist(ax, "diagonal").get_data()
    assert_allclose(x, y)
    assert "Normal QQ plot of the deleted residuals of 13 studies" in mr.plot.alt_text(ax)


def test_a_study_alone_on_a_coefficient_is_left_out(trials: Any) -> None:
    data = trials.assign(first=[1.0] + [0.0] * 12)
    fit = mr.meta_regression(data, "first", labels="study")
    assert len(mr.plot.qq_data(fit)) == 12


def test_refusals(pooled: Any) -> None:
    with pytest.raises(InputError, match="`level` must be a fraction"):
        mr.plot.qq(pooled, level=95)
    with pytest.raises(InputError, match="`draws` must be a whole number of at least 20"):
        mr.plot.qq(pooled, draws=10)
    with pytest.raises(InputError, match="at least 3 studies with a residual; got 2"):
        mr.plot.qq(mr.pool(yi=[0.1, 0.2], vi=[0.1, 0.1]))
