"""Baujat's points are those of the diagnosis, and names hide nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text
from numpy.testing import assert_allclose

import metarel as mr
from metarel.errors import InputError


def artists(ax: Axes, gid: str) -> list[Any]:
    """Return the artists of a kind."""
    return [a for a in ax.get_children() if a.get_gid() == gid]


def test_points_are_the_diagnosis(pooled: Any) -> None:
    (points,) = artists(mr.plot.baujat(pooled), "study")
    frame = mr.baujat(pooled)
    assert mr.plot.baujat_data(pooled).equals(frame)
    assert_allclose(points.get_offsets(), frame[["heterogeneity", "influence"]].to_numpy())


def test_names_the_axes_by_the_model(trials: Any, regression: Any) -> None:
    common = mr.plot.baujat(mr.pool(trials, tau2="EE"))
    assert (common.get_xlabel(), common.get_ylabel()) == (
        "Contribution to Q",
        "Influence on the pooled effect",
    )
    own = mr.plot.baujat(regression, title="Latitude", theme="dark", xlabel="x")
    assert (own.get_xlabel(), own.get_ylabel()) == ("x", "Influence on the fitted value")
    assert own.get_title(loc="left") == "Latitude"


def test_names_the_farthest_first(pooled: Any) -> None:
    ax = mr.plot.baujat(pooled, names=2)
    frame = mr.baujat(pooled)
    away = np.hypot(*(frame[c] / frame[c].max() for c in ("heterogeneity", "influence")))
    wanted = frame["study"].iloc[np.argsort(-away)[:2]]
    assert {a.get_text() for a in artists(ax, "name")} == set(wanted)
    assert artists(mr.plot.baujat(pooled, names=0), "name") == []


@pytest.mark.parametrize("k", [3, 160])
def test_names_cover_no_point_and_no_other_name(simulated: Callable[[int], Any], k: int) -> None:
    ax = mr.plot.baujat(simulated(k))
    ax.figure.canvas.draw()
    boxes = [Text.get_window_extent(a) for a in artists(ax, "name")]
    (points,) = artists(ax, "study")
    at = ax.transData.transform(points.get_offsets())
    assert boxes
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
        assert not any(box.contains(*point) for point in at)
        assert ax.figure.bbox.x0 <= box.x0
        assert box.x1 <= ax.figure.bbox.x1


def test_words(pooled: Any) -> None:
    text = mr.plot.alt_text(mr.plot.baujat(pooled, title="BCG"))
    assert text.startswith("BCG. Baujat plot of 13 studies. Farthest from the corner")


def test_axes_in_axes_out(pooled: Any) -> None:
    figure, (mine, other) = plt.subplots(1, 2)
    children = len(other.get_children())
    assert mr.plot.baujat(pooled, ax=mine) is mine
    assert (len(figure.axes), len(other.get_children())) == (2, children)


def test_refusals(pooled: Any, simulated: Callable[[int], Any]) -> None:
    with pytest.raises(InputError, match="`names` must be a whole number of at least 0"):
        mr.plot.baujat(pooled, names=-1)
    with pytest.raises(InputError, match="`fit` must be a result of pool"):
        mr.plot.baujat("fit")
    with pytest.raises(InputError, match="`theme` must be one of"):
        mr.plot.baujat(pooled, theme="blue")
    with pytest.raises(InputError, match="`fit` must have at least two studies"):
        mr.plot.baujat(simulated(1))
