"""Points are the search's distinct results; diamonds those that print every figure."""

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
    """A search among correlations."""
    studies = mr.load_dataset("kolden2011").studies
    among = {"tau2": ["DL", "REML", "ML", "PM", "EE"]}
    return mr.find_analysis(studies, estimate=".24", ci=(".12", ".36"), r="r", n="n", among=among)


def test_every_result_is_a_point(found: Any) -> None:
    frame = mr.plot.analyses_data(found)
    assert frame["analyses"].sum() == found.tried
    numbers = found.to_frame()
    pairs = {
        (round(e, 9), round(w, 9))
        for e, w in zip(numbers["estimate"], numbers["ci_high"] - numbers["ci_low"], strict=True)
        if np.isfinite(e)
    }
    assert len(frame) == len(pairs)
    matching = frame[frame["prints_all"]]
    assert len(matching) > 0
    assert matching["analysis"].iloc[0] == str(found.best)
    assert {str(s) for s in found.matching} >= set(matching["analysis"])
    low, high, narrow, wide = frame.attrs["printed"]
    assert matching["estimate"].between(low, high).all()
    assert matching["ci_width"].between(narrow, wide).all()
    assert_allclose([low, high, narrow, wide], [0.235, 0.245, 0.23, 0.25])


def test_marks_stand_at_the_data(found: Any) -> None:
    ax = mr.plot.analyses(found, theme="dark", title="Kolden")
    frame = mr.plot.analyses_data(found)
    for gid, chosen in (("result", ~frame["prints_all"]), ("match", frame["prints_all"])):
        (points,) = artists(ax, gid)
        assert_allclose(
            points.get_offsets(), frame.loc[chosen, ["estimate", "ci_width"]].to_numpy(float)
        )
    (box,) = artists(ax, "printed")
    assert_allclose(box.get_bbox().extents, [0.235, 0.23, 0.245, 0.25])
    said = " ".join(a.get_text() for a in artists(ax, "said"))
    assert f"{len(found.matching)} analyses print all of" in said
    names = {a.get_text() for a in artists(ax, "name")}
    assert names <= {"1", "2", "3", "4", "5"}
    assert "1" in names
    assert str(found.best) in mr.plot.alt_text(ax)


def test_other_heights_and_near(found: Any) -> None:
    ax = mr.plot.analyses(found, y="I2")
    assert ax.get_ylabel() == "I²"
    frame = mr.plot.analyses_data(found, y="I2")
    assert np.isinf(frame.attrs["printed"][2:]).all()
    near = mr.plot.analyses(found, near=True)
    assert np.ptp(near.get_xlim()) < 0.0601
    studies = mr.load_dataset("kolden2011").studies
    other = mr.find_analysis(
        studies, estimate=".24", I2="60%", r="r", n="n", among={"tau2": ["DL", "REML"]}
    )
    assert mr.plot.analyses_data(other).columns[1] == "I2"


def test_refusals(found: Any, pooled: Any) -> None:
    with pytest.raises(InputError, match="`found` must be what find_analysis"):
        mr.plot.analyses(pooled)
    with pytest.raises(InputError, match="`y` must be one of 'ci_width'"):
        mr.plot.analyses(found, y="width")
