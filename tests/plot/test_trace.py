"""Effects over tau are those of fits with that tau, and the panel below supports the interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose
from scipy import stats

import metarel as mr
from metarel.errors import InputError
from metarel.plot.trace import _apart


def artists(ax: Axes, gid: str) -> list[Any]:
    """Return the artists of a kind."""
    return [a for a in ax.get_children() if a.get_gid() == gid]


def test_lines_are_fits_at_their_tau(trials: Any, pooled: Any) -> None:
    frame = mr.plot.trace_data(pooled, transform="identity")
    tau = frame["tau"].unique()[30]
    fit = mr.pool(trials, tau2=float(tau) ** 2)
    here = frame[frame["tau"] == tau]
    assert_allclose(here.loc[here["kind"] == "study", "estimate"], mr.blup(fit)["estimate"])
    mean = here[here["kind"] == "mean"].iloc[0]
    assert_allclose(mean["estimate"], fit.estimate)
    assert_allclose([mean["ci_low"], mean["ci_high"]], [fit.ci_low[0], fit.ci_high[0]])


def test_the_support_is_the_interval(pooled: Any) -> None:
    for below, method in (("likelihood", "PL"), ("Q", "QP")):
        frame = mr.plot.trace_data(pooled, below=below)
        limits = mr.tau2_interval(pooled, method=method).loc["tau"]
        assert_allclose(
            [frame.attrs["ci_low"], frame.attrs["ci_high"]],
            limits[["ci_low", "ci_high"]].to_numpy(float),
        )
        line = frame[frame["kind"] == "tau"]
        at = np.interp(limits[["ci_low", "ci_high"]].to_numpy(float), line["tau"], line["estimate"])
        wanted = np.exp(-stats.chi2.ppf(0.95, 1) / 2) if below == "likelihood" else 0.05
        assert_allclose(at, wanted, atol=0.02)


def test_marks_and_names(pooled: Any) -> None:
    ax = mr.plot.trace(pooled, title="BCG", theme="dark")
    upper, lower = ax.child_axes
    frame = mr.plot.trace_data(pooled)
    lines = artists(upper, "study")
    assert len(lines) == 13
    first = frame[frame["label"] == "Aronson, 1948"]
    assert_allclose(lines[0].get_xydata(), first[["tau", "estimate"]].to_numpy(float))
    assert {a.get_text() for a in artists(upper, "name")} == set(pooled.study.labels)
    (support,) = artists(lower, "support")
    assert_allclose(support.get_ydata(), frame.loc[frame["kind"] == "tau", "estimate"])
    assert artists(lower, "estimate")[0].get_xdata()[0] == pooled.tau
    assert "Predicted effects of 13 studies and their mean" in mr.plot.alt_text(ax)


def test_names_move_apart_as_little_as_needed() -> None:
    found = _apart(np.array([0.0, 0.2, 5.0, 9.0, 9.0, 9.5]), 1.0)
    assert_allclose(found[:3], [-0.4, 0.6, 5.0])
    assert np.diff(found).min() >= 1 - 1e-12
    assert_allclose(found[3:].mean(), np.mean([9.0, 9.0, 9.5]))


def test_refusals(pooled: Any, regression: Any, trials: Any) -> None:
    with pytest.raises(InputError, match="`fit` must be a pooled mean for a trace plot"):
        mr.plot.trace(regression)
    with pytest.raises(InputError, match="`below` must be one of 'likelihood', 'Q'"):
        mr.plot.trace(pooled, below="p")
    with pytest.raises(InputError, match="`fit` must not have own weights"):
        mr.plot.trace(mr.pool(trials, weights=np.ones(13)))
    with pytest.raises(InputError, match="common-effect model, which has no tau2"):
        mr.plot.trace(mr.pool(trials, tau2="EE"))
