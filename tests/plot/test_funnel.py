"""The points of a funnel plot are the studies; its sides and areas are those of the formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose
from scipy import stats

import metarel as mr
from metarel.errors import InputError


def artists(ax: Axes, gid: str) -> list[Any]:
    """Return the artists of a kind."""
    return [a for a in ax.get_children() if a.get_gid() == gid]


def test_data_equal_the_fit(pooled: Any) -> None:
    frame = mr.plot.funnel_data(pooled)
    assert_allclose(frame["estimate"], np.exp(pooled.study.yi), rtol=1e-14)
    assert_allclose(frame["se"] ** 2, pooled.study.vi, rtol=1e-14)
    z = pooled.study.yi / np.sqrt(pooled.study.vi)
    assert_allclose(frame["p_value"], 2 * stats.norm.sf(abs(z)), rtol=1e-10)
    assert frame["label"].iloc[0] == "Aronson, 1948"


def test_data_of_a_regression_are_residuals(regression: Any) -> None:
    frame = mr.plot.funnel_data(regression)
    fitted = regression.study.X @ regression.beta
    assert_allclose(frame["estimate"], regression.study.yi - fitted, rtol=1e-12)


def test_points_stand_at_the_data(pooled: Any) -> None:
    (points,) = artists(mr.plot.funnel(pooled), "study")
    frame = mr.plot.funnel_data(pooled)
    assert_allclose(points.get_offsets(), frame[["estimate", "se"]].to_numpy(), rtol=1e-14)


def test_sides_are_the_interval_around_the_pooled_effect(pooled: Any) -> None:
    ax = mr.plot.funnel(pooled)
    low, high = artists(ax, "side")
    x, se = low.get_data()
    assert_allclose(np.log(x), pooled.beta[0] - stats.norm.ppf(0.975) * se, rtol=1e-10)
    x, se = high.get_data()
    assert_allclose(np.log(x), pooled.beta[0] + stats.norm.ppf(0.975) * se, rtol=1e-10)
    (centre,) = artists(ax, "centre")
    assert_allclose(centre.get_paths()[0].vertices[:, 0], np.exp(pooled.beta[0]))


def test_a_study_lies_in_the_area_of_its_p_value(pooled: Any) -> None:
    """The shade under a point is the one of its p-value in the key."""
    ax = mr.plot.funnel(pooled)
    inner = artists(ax, "contour")[1:]  # from the outmost inwards: .99, .95, .90
    frame = mr.plot.funnel_data(pooled)
    for level, area in zip((0.99, 0.95, 0.90), inner, strict=True):
        path = area.get_paths()[0]
        inside = path.contains_points(frame[["estimate", "se"]].to_numpy())
        assert (inside == (frame["p_value"] > 1 - level)).all()


def test_the_key_names_every_area(pooled: Any) -> None:
    legend = mr.plot.funnel(pooled).get_legend()
    assert legend is not None
    texts = [t.get_text() for t in legend.get_texts()]
    lines = ["95% by sampling error alone", "Pooled effect"]
    assert texts == ["p ≥ 0.1", "0.05 ≤ p < 0.1", "0.01 ≤ p < 0.05", "p < 0.01", *lines]
    one = mr.plot.funnel(pooled, contours=[0.95]).get_legend()
    assert one is not None
    assert [t.get_text() for t in one.get_texts()] == ["p ≥ 0.05", "p < 0.05", *lines]
    none = mr.plot.funnel(pooled, contours=[]).get_legend()
    assert none is not None
    assert [t.get_text() for t in none.get_texts()] == lines


@pytest.mark.parametrize("k", [3, 13, 45])
def test_the_key_hides_no_study(k: int, simulated: Callable[[int], Any]) -> None:
    """Also where precise studies lie on both sides, so that both upper corners are taken."""
    fit = simulated(k)
    crowd = mr.pool(yi=[-1.0, 1.0, -0.9, 0.9, 0.0], vi=[0.01, 0.01, 0.02, 0.02, 0.3])
    for found in (fit, crowd):
        ax = mr.plot.funnel(found, title="A title")
        ax.figure.canvas.draw()
        legend = ax.get_legend()
        assert legend is not None
        (points,) = artists(ax, "study")
        at = ax.transData.transform(np.asarray(points.get_offsets()))
        box = legend.get_window_extent()
        assert not any(box.contains(x, y) for x, y in at)
    title = ax._left_title.get_window_extent()  # type: ignore[attr-defined]
    assert title.y0 > box.y1


def test_every_point_is_within_the_axes(simulated: Callable[[int], Any]) -> None:
    for k in (1, 3, 45):
        ax = mr.plot.funnel(simulated(k), theme="dark", title="Alliance")
        ax.figure.canvas.draw()
        (points,) = artists(ax, "study")
        x, y = points.get_offsets().T
        assert ax.get_xlim()[0] < min(x) <= max(x) < ax.get_xlim()[1]
        assert max(y) < ax.get_ylim()[0]
        assert ax.get_ylim()[1] == 0
        assert ax.get_xlabel() == "Correlation"


def test_residuals_have_no_areas(regression: Any) -> None:
    ax = mr.plot.funnel(regression)
    assert artists(ax, "contour") == []
    assert ax.get_xlabel() == "Residual"


def test_subgroups_are_drawn_together(levels: Any, pooled: Any) -> None:
    assert mr.plot.funnel_data(levels).equals(mr.plot.funnel_data(pooled))


def test_axes_in_axes_out(pooled: Any) -> None:
    figure, (mine, other) = plt.subplots(1, 2)
    children = len(other.get_children())
    assert mr.plot.funnel(pooled, ax=mine) is mine
    assert len(figure.axes) == 2
    assert len(other.get_children()) == children


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"contours": [0.95, 0.9]}, "`contours` must be up to three increasing levels"),
        ({"contours": [0.5, 0.6, 0.7, 0.8]}, "`contours` must be up to three increasing levels"),
        ({"contours": [95]}, "`contours` must be a fraction between 0 and 1"),
        ({"theme": "blue"}, "`theme` must be one of 'light', 'dark'"),
        ({"transform": "log"}, "`transform` must be one of"),
        ({"font_size": -1}, "`font_size` must be positive"),
    ],
)
def test_refusals(pooled: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        mr.plot.funnel(pooled, **options)


def test_refusals_of_a_regression(regression: Any) -> None:
    with pytest.raises(InputError, match="`contours` must be empty for a meta-regression"):
        mr.plot.funnel(regression, contours=[0.95])
    with pytest.raises(InputError, match="`transform` must be None for a meta-regression"):
        mr.plot.funnel(regression, transform="exp")


@pytest.mark.parametrize(
    ("y", "height", "name"),
    [
        ("variance", lambda se: se**2, "Sampling variance"),
        ("precision", lambda se: 1 / se, "Precision (1 / standard error)"),
        ("inverse_variance", lambda se: 1 / se**2, "Inverse variance"),
    ],
)
def test_other_heights(pooled: Any, y: str, height: Callable[[Any], Any], name: str) -> None:
    """Points stand at the function of the standard error, and the sides are those of it."""
    ax = mr.plot.funnel(pooled, y=y)
    frame = mr.plot.funnel_data(pooled, y=y)
    assert_allclose(frame["height"], height(frame["se"]))
    (points,) = artists(ax, "study")
    assert_allclose(points.get_offsets(), frame[["estimate", "height"]].to_numpy(float))
    se = np.linspace(0.2, 0.6, 5)
    for side, sign in zip(artists(ax, "side"), (-1, 1), strict=True):
        x, at = side.get_data()
        order = np.argsort(at)
        drawn = np.interp(height(se), at[order], np.log(x[order]))
        assert_allclose(drawn, pooled.beta[0] + sign * stats.norm.ppf(0.975) * se, atol=0.03)
    assert ax.get_ylabel() == name
    bottom, top = ax.get_ylim()
    most = frame["height"][frame["se"].idxmin()]
    assert abs(most - top) < abs(most - bottom)


def test_heights_are_sizes(trials: pd.DataFrame, pooled: Any) -> None:
    n = trials["n1"] + trials["n2"]
    ax = mr.plot.funnel(pooled, y="sqrt_n", n=n.to_numpy(), names="all")
    (points,) = artists(ax, "study")
    assert_allclose(points.get_offsets()[:, 1], np.sqrt(n))
    assert artists(ax, "side") == artists(ax, "contour") == []
    assert ax.get_legend() is None
    by_column = mr.plot.funnel_data(pooled, y="n", n="n1", data=trials)
    assert_allclose(by_column["height"], trials["n1"])


def test_extra_points_and_names(pooled: Any) -> None:
    yi, vi = [0.2, 0.5], [0.1, 0.04]
    options: dict[str, Any] = {"extra": pd.DataFrame({"yi": yi, "vi": vi})}
    ax = mr.plot.funnel(pooled, names="outside", extra_name="Trim and fill", **options)
    (more,) = artists(ax, "extra")
    assert_allclose(more.get_offsets(), np.column_stack([np.exp(yi), np.sqrt(vi)]))
    frame = mr.plot.funnel_data(pooled, extra=(yi, vi))
    assert frame["extra"].tolist() == [False] * 13 + [True] * 2
    assert_allclose(frame["p_value"].tail(2), 2 * stats.norm.sf(np.array(yi) / np.sqrt(vi)))
    studies = frame[~frame["extra"]]
    z = abs(np.log(studies["estimate"]) - pooled.estimate) / studies["se"]
    outside = set(studies["label"][z > stats.norm.ppf(0.975)])
    named = {a.get_text() for a in artists(ax, "name")}
    assert named <= outside
    assert len(named) >= 4
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_texts()[-1].get_text() == "Trim and fill"
    assert "2 more points: Trim and fill" in mr.plot.alt_text(ax)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y": "SEs"}, "`y` must be one of 'se'"),
        ({"y": "n"}, "`n` must be given for y='n'"),
        ({"n": [1] * 13}, "`n` must be None for y='se'"),
        ({"y": "n", "n": [0] * 13}, "`n` must be positive"),
        ({"y": "n", "n": [1] * 12}, "`n` must have one value a study"),
        ({"y": "n", "n": [9] * 13, "contours": [0.95]}, "`contours` must be empty for y='n'"),
        ({"y": "n", "n": [9] * 13, "names": "outside"}, "`names` must be 'all' or None"),
        ({"y": "n", "n": [9] * 13, "extra": ([1], [1])}, "`extra` must be None for y='n'"),
        ({"names": "some"}, "`names` must be one of 'outside', 'all'"),
        ({"extra": [1, 2, 3]}, "`extra` must be a frame with columns yi and vi"),
        ({"extra": ([1.0], [0.0])}, "`extra` must hold effects and positive variances"),
        ({"extra": ([1.0, 2.0], [0.1])}, "`extra` must hold as many yi as vi; got 2 and 1"),
    ],
)
def test_refusals_of_heights(pooled: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        mr.plot.funnel(pooled, **options)


def test_residuals_take_no_extra_points(regression: Any) -> None:
    with pytest.raises(InputError, match="`extra` must be None for a meta-regression"):
        mr.plot.funnel(regression, extra=([0.1], [0.1]))
