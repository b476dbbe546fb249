"""The profile picture is the curve of the diagnosis, with its maximum and limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose

import metarel as mr
from metarel.errors import InputError


def artist(ax: Axes, gid: str) -> Any:
    """Return the one artist of a kind."""
    (found,) = [a for a in ax.get_children() if a.get_gid() == gid]
    return found


@pytest.mark.parametrize("parameter", ["tau2", "latitude"])
def test_the_curve_is_the_profile(regression: Any, parameter: str) -> None:
    frame = mr.plot.profile_data(regression, parameter)
    wanted = mr.profile_likelihood(regression, parameter, points=len(frame))
    assert frame.equals(wanted)
    ax = mr.plot.profile(regression, parameter, theme="dark", title="Profile")
    curve = np.column_stack(artist(ax, "curve").get_data())
    assert_allclose(curve, frame[[parameter, "log_likelihood"]].to_numpy())
    told = frame.attrs
    assert_allclose(artist(ax, "interval").get_xdata(), [told["ci_low"], told["ci_high"]])
    assert_allclose(artist(ax, "interval").get_ydata(), told["threshold"])
    (x,), (y,) = artist(ax, "estimate").get_data()
    assert x == told["estimate"]
    assert y - told["threshold"] == pytest.approx(1.9207, abs=1e-4)
    assert (frame["log_likelihood"] <= y + 1e-9).all()


def test_the_interval_meets_the_curve(pooled: Any) -> None:
    frame = mr.plot.profile_data(pooled)
    at = np.interp(
        [frame.attrs["ci_low"], frame.attrs["ci_high"]], frame["tau2"], frame["log_likelihood"]
    )
    assert_allclose(at, frame.attrs["threshold"], atol=5e-3)
    wanted = mr.tau2_interval(pooled, method="PL").loc["tau2"]
    assert_allclose(frame.attrs["ci_high"], wanted["ci_high"])


def test_names(pooled: Any, trials: Any) -> None:
    ax = mr.plot.profile(pooled)
    assert ax.get_xlabel() == "Between-study variance τ²"
    assert ax.get_ylabel() == "Restricted log-likelihood"
    ml = mr.plot.profile(mr.pool(trials, tau2="ML"), "intercept")
    assert ml.get_xlabel() == "Log risk ratio"
    assert ml.get_ylabel() == "Log-likelihood"
    assert "over tau2, highest at 0.313 (95% interval" in mr.plot.alt_text(ax)


def test_refusals(pooled: Any, trials: Any) -> None:
    with pytest.raises(InputError, match='`fit` must be by "ML" or "REML"'):
        mr.plot.profile(mr.pool(trials, tau2="DL"))
    with pytest.raises(InputError, match="`parameter` must be one of"):
        mr.plot.profile(pooled, "mu")
