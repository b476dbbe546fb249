"""The GOSH picture: every subset a point, margins that count them all, one study coloured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose

import metarel as mr
from metarel.errors import InputError


def artists(ax: Axes, gid: str) -> list[Any]:
    """Return the artists of a kind."""
    return [a for a in ax.get_children() if a.get_gid() == gid]


@pytest.fixture(scope="module")
def found() -> Any:
    """All subsets of eight trials."""
    rng = np.random.default_rng(2)
    fit = mr.pool(yi=rng.normal(0.3, 0.3, 8), vi=rng.uniform(0.01, 0.05, 8), measure="ZCOR")
    return mr.gosh(fit)


@pytest.mark.parametrize("y", ["I2", "tau2"])
def test_points_are_the_subsets(found: Any, y: str) -> None:
    frame = mr.plot.gosh_data(found, y=y)
    assert_allclose(frame["estimate"], np.tanh(found.table["estimate"]))
    assert_allclose(frame[y], found.table[y] * (100 if y == "I2" else 1))
    cloud = mr.plot.gosh(found, y=y).child_axes[2]
    points = artists(cloud, "subsets")[0]
    assert_allclose(points.get_offsets(), frame.to_numpy(float))


def test_one_study_is_coloured_and_the_margins_count(found: Any) -> None:
    ax = mr.plot.gosh(found, study="Study 3", theme="dark", title="Subsets")
    top, _, cloud, side = ax.child_axes
    frame = mr.plot.gosh_data(found, study="Study 3")
    held = frame["holding"].to_numpy()
    assert held.sum() == 128
    (with_it,) = artists(cloud, "holding")
    assert_allclose(with_it.get_offsets(), frame.loc[held, ["estimate", "I2"]].to_numpy(float))
    for margin in (top, side):
        for gid, count in (("margin", 127), ("margin-holding", 128)):
            (stairs,) = artists(margin, gid)
            assert stairs.get_data().values.sum() == count
    (line,) = artists(cloud, "pooled")
    assert line.get_xdata()[0] == pytest.approx(np.tanh(found.fit.estimate))
    text = mr.plot.alt_text(ax)
    assert text.startswith("Subsets. Pooled effects of 255 all subsets of 8 studies")
    assert "holds Study 3" in text


def test_refusals(found: Any, regression: Any) -> None:
    with pytest.raises(InputError, match="`found` must be what gosh"):
        mr.plot.gosh(regression)
    with pytest.raises(InputError, match="`found` must be of a pooled mean"):
        mr.plot.gosh(mr.gosh(regression, subsets=20, seed=1))
    with pytest.raises(InputError, match="`study` must be the name of one study"):
        mr.plot.gosh(found, study="Study 33")
    with pytest.raises(InputError, match="`y` must be one of 'I2'"):
        mr.plot.gosh(found, y="tau")
