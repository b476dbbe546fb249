"""Each curve's width at p is the interval at level 1 - p."""

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


def test_curves_are_the_tests(trials: Any) -> None:
    fit = mr.pool(trials, labels="study", test="knha")
    frame = mr.plot.drapery_data(fit, transform="identity")
    pooled = frame[frame["kind"] == "pooled"]
    for side in ("low", "high"):
        t = abs(pooled[side] - fit.estimate) / fit.se[0]
        assert_allclose(2 * stats.t.sf(t, 12), pooled["p_value"], rtol=1e-9)
    one = frame[frame["label"] == fit.study.labels[4]]
    z = abs(one["high"] - fit.study.yi[4]) / np.sqrt(fit.study.vi[4])
    assert_allclose(2 * stats.norm.sf(z), one["p_value"], rtol=1e-9)
    new = frame[frame["kind"] == "prediction"]
    p = float(new["p_value"].iloc[20])
    wanted = fit.predict(level=1 - p).iloc[0]
    assert_allclose(new.iloc[20][["low", "high"]].to_numpy(float), wanted[["pi_low", "pi_high"]])


def test_a_common_effect_predicts_no_other(trials: Any) -> None:
    frame = mr.plot.drapery_data(mr.pool(trials, tau2="EE"))
    assert set(frame["kind"]) == {"study", "pooled"}


def test_marks_stand_at_the_data(pooled: Any) -> None:
    ax = mr.plot.drapery(pooled, theme="dark", title="BCG")
    frame = mr.plot.drapery_data(pooled)
    (curves,) = artists(ax, "study")
    assert len(curves.get_segments()) == 13
    first = frame[frame["label"] == "Aronson, 1948"]
    corners = curves.get_segments()[0]
    for side in ("low", "high"):
        wanted = first[[side, "p_value"]].to_numpy(float)
        assert_allclose(abs(corners[:, None] - wanted).max(axis=2).min(axis=0), 0, atol=1e-12)
    (interval,) = artists(ax, "interval")
    assert_allclose(np.log(interval.get_xdata()), [pooled.ci_low[0], pooled.ci_high[0]])
    assert_allclose(interval.get_ydata(), 0.05)
    assert artists(ax, "prediction")
    assert artists(mr.plot.drapery(pooled, prediction=False), "prediction") == []
    assert "P-value functions of 13 studies" in mr.plot.alt_text(ax)


def test_refusals(pooled: Any, regression: Any) -> None:
    with pytest.raises(InputError, match="`fit` must be a pooled mean for a drapery plot"):
        mr.plot.drapery(regression)
    with pytest.raises(InputError, match="`level` must be a fraction"):
        mr.plot.drapery(pooled, level=95)
