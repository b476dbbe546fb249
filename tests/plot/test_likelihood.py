"""The likelihood pictures: the profile of the mean, and regions that hold what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose
from scipy import stats

import metarel as mr
from metarel.errors import InputError


def artists(ax: Axes, gid: str) -> list[Any]:
    """Return the artists of a kind."""
    return [a for a in ax.get_children() if a.get_gid() == gid]


def log_likelihood(fit: Any, mean: Any, tau2: Any) -> Any:
    """Sum the normal log densities of the effects."""
    sd = np.sqrt(fit.study.vi + np.asarray(tau2)[..., None])
    return stats.norm.logpdf(fit.study.yi, np.asarray(mean)[..., None], sd).sum(axis=-1)


def test_the_curve_of_the_mean_is_its_profile(pooled: Any) -> None:
    frame = mr.plot.likelihood_data(pooled)
    curve = mr.profile_likelihood(pooled, "intercept", points=len(frame))
    assert_allclose(frame["mean"], curve["intercept"])
    assert_allclose(frame["relative"], np.exp(-curve["drop"]))
    tau2 = frame.attrs["tau2"]
    heights = log_likelihood(pooled, frame["mean"], np.full(len(frame), tau2))
    top = log_likelihood(pooled, frame.attrs["estimate"], tau2)
    assert_allclose(frame["relative_fixed"], np.exp(heights - top), rtol=1e-6)
    assert (frame["relative_fixed"] <= frame["relative"] * (1 + 1e-9)).all()


def test_the_joint_surface_is_the_log_likelihood(pooled: Any) -> None:
    frame = mr.plot.likelihood_data(pooled, joint=True)
    some = frame.iloc[:: len(frame) // 50]
    top = log_likelihood(pooled, frame.attrs["estimate"], frame.attrs["tau2"])
    heights = log_likelihood(pooled, some["mean"], some["tau2"])
    assert_allclose(some["drop"], top - heights, atol=1e-7)
    assert frame["drop"].min() >= -1e-9


def test_regions_end_where_the_chi_square_says(pooled: Any) -> None:
    ax = mr.plot.likelihood(pooled, joint=True, transform="identity")
    (edges,) = artists(ax, "edge")
    top = mr.plot.likelihood_data(pooled).attrs
    highest = log_likelihood(pooled, top["estimate"], top["tau2"])
    for path, level in zip(edges.get_paths(), (0.5, 0.8, 0.95), strict=True):
        x, y = path.vertices.T
        drop = highest - log_likelihood(pooled, x, y)
        assert_allclose(drop, stats.chi2.ppf(level, 2) / 2, atol=0.05)
    (best,) = artists(ax, "estimate")
    assert_allclose(best.get_xydata(), [[top["estimate"], top["tau2"]]])
    (fit,) = artists(ax, "fit")
    assert_allclose(fit.get_xydata(), [[pooled.estimate, pooled.tau2]])
    assert ax.get_ylabel() == "Between-study variance τ²"


def test_marks_of_the_mean(pooled: Any) -> None:
    ax = mr.plot.likelihood(pooled, theme="dark", title="BCG")
    frame = mr.plot.likelihood_data(pooled)
    (curve,) = artists(ax, "profile")
    assert_allclose(curve.get_xydata(), np.column_stack([np.exp(frame["mean"]), frame["relative"]]))
    (interval,) = artists(ax, "interval")
    wanted = [frame.attrs["ci_low"], frame.attrs["ci_high"]]
    assert_allclose(np.log(interval.get_xdata()), wanted)
    assert_allclose(interval.get_ydata(), np.exp(-stats.chi2.ppf(0.95, 1) / 2), atol=2e-3)
    assert mr.plot.alt_text(ax).startswith("BCG. Likelihood of the pooled mean, from 13 studies")


def test_refusals(regression: Any, trials: Any) -> None:
    with pytest.raises(InputError, match="`fit` must be a pooled mean for the likelihood"):
        mr.plot.likelihood(regression)
    with pytest.raises(InputError, match='`fit` must be by "ML" or "REML"'):
        mr.plot.likelihood(mr.pool(trials, tau2="DL"), joint=True)
    own = mr.pool(trials, weights=np.ones(13))
    with pytest.raises(InputError, match="must not have own weights"):
        mr.plot.likelihood(own, joint=True)
