"""Orchards: means and intervals of the result, studies where their levels are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose

import metarel as mr
from metarel.errors import InputError
from metarel.plot._swarm import offsets


def artists(ax: Axes, gid: str) -> list[Any]:
    """Return the artists of a kind."""
    return [a for a in ax.get_children() if a.get_gid() == gid]


@pytest.fixture(scope="module")
def marginal(trials: pd.DataFrame) -> tuple[Any, Any]:
    """Marginal means of two kinds of trials, and their fit."""
    data = trials.assign(where=np.where(trials["latitude"] < 35, "near", "far"))
    data.attrs = trials.attrs
    fit = mr.meta_regression(data, "year + where", labels="study")
    return mr.marginal_means(fit, "where"), fit


def test_means_are_those_of_the_subgroups(levels: Any) -> None:
    frame = mr.plot.orchard_data(levels)
    means = frame[frame["kind"] == "mean"]
    for name in ("estimate", "ci_low", "ci_high", "pi_low", "pi_high"):
        assert_allclose(np.log(means[name].to_numpy(float)), levels.table[name])
    assert means["k"].tolist() == levels.table["k"].tolist()
    fruit = frame[frame["kind"] == "study"]
    for row, (level, fit) in enumerate(levels.fits.items()):
        own = fruit[fruit["level"] == level]
        assert_allclose(np.log(own["estimate"]), fit.study.yi)
        assert_allclose(own["precision"], fit.study.vi**-0.5)
        assert own["label"].tolist() == list(fit.study.labels)
        assert (abs(own["row"] - row) < 0.5).all()
        assert (abs(own["row"] - row) > 0.1).all()  # never on the trunk


def test_marginal_means_have_their_studies(marginal: tuple[Any, Any], trials: Any) -> None:
    means, fit = marginal
    frame = mr.plot.orchard_data(means, fit=fit)
    trunks = frame[frame["kind"] == "mean"]
    assert_allclose(np.log(trunks["estimate"].to_numpy(float)), means.table["estimate"])
    assert trunks["k"].tolist() == means.table["k"].tolist()
    near = frame[(frame["kind"] == "study") & (frame["level"] == "near")]
    assert set(near["label"]) == set(trials.loc[trials["latitude"] < 35, "study"])


def test_marks_stand_at_the_data(levels: Any) -> None:
    ax = mr.plot.orchard(levels, theme="dark", title="Where")
    frame = mr.plot.orchard_data(levels)
    means, fruit = (frame[frame["kind"] == kind] for kind in ("mean", "study"))
    (drawn,) = artists(ax, "mean")
    assert_allclose(drawn.get_offsets(), means[["estimate", "row"]].to_numpy(float))
    (circles,) = artists(ax, "study")
    order = np.argsort(-fruit["precision"].to_numpy())
    assert_allclose(circles.get_offsets(), fruit[["estimate", "row"]].to_numpy(float)[order])
    share = fruit["precision"].to_numpy()[order] / fruit["precision"].max()
    assert_allclose((circles.get_sizes() / circles.get_sizes()[0])[:5], share[:5])
    for gid, name in (("confidence", "ci"), ("prediction", "pi")):
        (lines,) = artists(ax, gid)
        ends = np.array([segment[:, 0] for segment in lines.get_segments()])
        assert_allclose(ends, means[[f"{name}_low", f"{name}_high"]].to_numpy(float), rtol=1e-9)
    wanted = [f"k = {k}" for k in levels.table["k"]]
    assert [a.get_text() for a in artists(ax, "k")] == wanted
    assert "Orchard plot: means with 95% intervals. " in mr.plot.alt_text(ax)


def test_one_mean(pooled: Any) -> None:
    frame = mr.plot.orchard_data(pooled)
    assert frame["level"].unique().tolist() == ["All studies"]
    assert frame.loc[0, "k"] == 13


def test_offsets_are_the_same_every_time_and_within() -> None:
    values = np.random.default_rng(1).normal(size=80)
    found = offsets(values, 0.3)
    assert_allclose(found, offsets(values, 0.3))
    assert abs(found).max() <= 0.3
    assert offsets(np.array([1.0]), 0.3).tolist() == [0.0]
    alone = np.append(np.zeros(20), 50.0)
    assert abs(offsets(alone, 0.3)[-1]) < 1e-6


def test_refusals(regression: Any, marginal: tuple[Any, Any], pooled: Any) -> None:
    means, fit = marginal
    with pytest.raises(InputError, match="`fit` must be given with marginal means"):
        mr.plot.orchard(means)
    with pytest.raises(InputError, match="`result` must be of subgroups, marginal means"):
        mr.plot.orchard(regression)
    with pytest.raises(InputError, match="`fit` must be None unless"):
        mr.plot.orchard(pooled, fit=fit)
    with pytest.raises(InputError, match="these were transformed"):
        mr.plot.orchard(mr.marginal_means(fit, "where", transform=True), fit=fit)
