"""The radial plot: points of the diagnosis, and an arc on which effects are read rightly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose

import metarel as mr
from metarel.errors import InputError


def artists(ax: Axes, gid: str) -> list[Any]:
    """Return the artists of a kind."""
    return [a for a in ax.get_children() if a.get_gid() == gid]


def test_points_are_the_diagnosis(pooled: Any) -> None:
    (points,) = artists(mr.plot.radial(pooled), "study")
    frame = mr.radial(pooled)
    assert mr.plot.radial_data(pooled).equals(frame)
    assert_allclose(points.get_offsets(), frame[["precision", "standardised"]].to_numpy())


def test_the_line_has_the_slope_of_the_pooled_effect(pooled: Any) -> None:
    (line,) = artists(mr.plot.radial(pooled), "slope")
    x, y = line.get_data()
    assert (x[0], y[0]) == (0, 0)
    assert_allclose(y[1] / x[1], pooled.estimate)


def test_a_line_through_a_study_meets_the_arc_at_its_effect(pooled: Any) -> None:
    """Every point of the arc is an effect times its abscissa, and each tick stands at its label."""
    ax = mr.plot.radial(pooled)
    for gid in ("arc", "arc-interval"):
        (arc,) = artists(ax, gid)
        x, y = arc.get_data()
        effects = y / x
        ends = (pooled.study.yi.min(), pooled.study.yi.max())
        if gid == "arc-interval":
            ends = (pooled.ci_low[0], pooled.ci_high[0])
            assert_allclose(effects[[0, -1]], ends)
        assert effects.min() >= ends[0] - 1e-9
        assert effects.max() <= ends[1] + 1e-9
    labels = [float(t.get_text()) for t in artists(ax, "arc-label")]
    starts = np.array(
        [[line.get_data()[0][0], line.get_data()[1][0]] for line in artists(ax, "arc-tick")]
    )
    assert_allclose(starts[:, 1] / starts[:, 0], np.log(labels), atol=2e-3)


@pytest.mark.parametrize(("k", "shape"), [(3, (5, 4)), (45, (3, 7))])
def test_the_arc_is_round_and_passes_all_points(
    simulated: Callable[[int], Any], k: int, shape: tuple[float, float]
) -> None:
    _, ax = plt.subplots(figsize=shape)
    mr.plot.radial(simulated(k), ax=ax)
    origin = ax.transData.transform((0.0, 0.0))
    (arc,), (points,) = artists(ax, "arc"), artists(ax, "study")
    radii = np.hypot(*(ax.transData.transform(arc.get_xydata()) - origin).T)
    assert_allclose(radii, radii[0], rtol=1e-6)
    away = np.hypot(*(ax.transData.transform(points.get_offsets()) - origin).T)
    assert away.max() < radii[0]


def test_words_and_names(simulated: Callable[[int], Any]) -> None:
    fit = simulated(45)
    frame = mr.radial(fit)
    ax = mr.plot.radial(fit, title="Simulated", theme="dark")
    assert f"{int(frame['outside'].sum())} lie outside of the band" in mr.plot.alt_text(ax)
    assert ax.get_title(loc="left") == "Simulated"
    assert len(artists(ax, "name")) <= int(frame["outside"].sum())


def test_refusals(pooled: Any, regression: Any) -> None:
    with pytest.raises(InputError, match="`fit` must be a pooled mean for a radial plot"):
        mr.plot.radial(regression)
    with pytest.raises(InputError, match="`transform` must be one of"):
        mr.plot.radial(pooled, transform="log")
    with pytest.raises(InputError, match="`names` must be a whole number"):
        mr.plot.radial(pooled, names=1.5)  # type: ignore[arg-type]
