"""Risks are the tables', and the curve is the pooled effect on every measure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose

import metarel as mr
from metarel.errors import InputError

WORDS = {"events1": "events1", "n1": "n1", "events2": "events2", "n2": "n2"}


def artists(ax: Axes, gid: str) -> list[Any]:
    """Return the artists of a kind."""
    return [a for a in ax.get_children() if a.get_gid() == gid]


def test_points_are_the_risks(trials: pd.DataFrame, pooled: Any) -> None:
    frame = mr.plot.labbe_data(trials, pooled)
    studies = frame[frame["kind"] == "study"]
    assert_allclose(studies["risk1"], trials["events1"] / trials["n1"])
    assert_allclose(studies["risk2"], trials["events2"] / trials["n2"])
    assert studies["label"].tolist() == list(pooled.study.labels)
    (circles,) = artists(mr.plot.labbe(trials), "study")
    order = np.argsort(-studies["n"].to_numpy())
    wanted = studies[["risk2", "risk1"]].to_numpy(float)[order]
    assert_allclose(np.sort(circles.get_offsets(), axis=0), np.sort(wanted, axis=0))
    assert_allclose(
        circles.get_sizes()[1] / circles.get_sizes()[0],
        sorted(studies["n"])[-2] / studies["n"].max(),
    )


def test_non_events_serve_as_well(trials: pd.DataFrame) -> None:
    data = trials.drop(columns=["yi", "vi"]).assign(
        no1=trials["n1"] - trials["events1"], no2=trials["n2"] - trials["events2"]
    )
    words = {"events1": "events1", "non_events1": "no1", "events2": "events2", "non_events2": "no2"}
    other = mr.effect_sizes(data, "OR", **words)
    assert mr.plot.labbe_data(other).equals(mr.plot.labbe_data(trials))


@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
def test_the_curve_has_the_pooled_effect_everywhere(trials: pd.DataFrame, measure: str) -> None:
    es = mr.effect_sizes(trials.drop(columns=["yi", "vi"]), measure, **WORDS)
    fit = mr.pool(es)
    frame = mr.plot.labbe_data(es, fit)
    curve = frame[(frame["kind"] == "curve") & frame["risk1"].notna()]
    n = 1e6
    table = pd.DataFrame(
        {"events1": curve["risk1"] * n, "n1": n, "events2": curve["risk2"] * n, "n2": n}
    )
    inside = (table["events1"] > 0) & (table["events1"] < n)
    effects = mr.effect_sizes(table[inside], measure, **WORDS)["yi"]
    assert_allclose(effects, fit.estimate, atol=1e-6)


def test_marks_and_words(trials: pd.DataFrame, pooled: Any) -> None:
    ax = mr.plot.labbe(
        trials, pooled, groups=("vaccinated", "controls"), names=2, title="BCG", theme="dark"
    )
    frame = mr.plot.labbe_data(trials, pooled)
    (curve,) = artists(ax, "curve")
    wanted = frame.loc[frame["kind"] == "curve", ["risk2", "risk1"]].to_numpy(float)
    assert_allclose(curve.get_xydata(), wanted)
    assert len(artists(ax, "prediction")) == 2
    assert len(artists(ax, "name")) == 2
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Risk, controls", "Risk, vaccinated")
    assert "L'Abbé plot of 13 studies" in mr.plot.alt_text(ax)


def test_refusals(trials: pd.DataFrame, regression: Any, pooled: Any) -> None:
    with pytest.raises(InputError, match="`data` must be a frame that effect_sizes"):
        mr.plot.labbe(pd.DataFrame({"yi": [1.0], "vi": [1.0]}))
    with pytest.raises(InputError, match="`fit` must be a pooled mean; with moderators"):
        mr.plot.labbe(trials, regression)
    with pytest.raises(InputError, match="`fit` must be of one of 'RR', 'OR', 'RD'"):
        mr.plot.labbe(trials, mr.pool(yi=[0.1, 0.2], vi=[0.1, 0.1], measure="SMD"))
    with pytest.raises(InputError, match="`groups` must be two names"):
        mr.plot.labbe(trials, groups="ab")  # type: ignore[arg-type]
