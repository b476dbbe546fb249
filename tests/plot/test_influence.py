"""Each panel holds its column of the diagnosis, with the lines of the rules."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose

import metarel as mr
from metarel.errors import InputError
from metarel.plot.influence import PANELS


def artists(ax: Axes, gid: str) -> list[Any]:
    """Return the artists of a kind."""
    return [a for a in ax.get_children() if a.get_gid() == gid]


@pytest.fixture(scope="module")
def odd() -> Any:
    """A fit with one study far from the others."""
    rng = np.random.default_rng(5)
    yi = np.append(rng.normal(0.3, 0.1, 11), 2.5)
    return mr.pool(yi=yi, vi=np.full(12, 0.01), labels=[f"Study {chr(65 + i)}" for i in range(12)])


@pytest.fixture(scope="module")
def drawn(odd: Any) -> Axes:
    """Its picture, which several tests look at."""
    return mr.plot.influence(odd, title="One apart", theme="dark", font_size=6.0)


def test_every_panel_holds_its_measure(odd: Any, drawn: Axes) -> None:
    frame = mr.plot.influence_data(odd)
    pd.testing.assert_frame_equal(frame, mr.influence(odd))
    assert frame["influential"].any()
    assert len(drawn.child_axes) == 8
    for panel, measure in zip(drawn.child_axes, PANELS, strict=True):
        values = np.full(12, np.nan)
        for gid in ("study", "influential"):
            for points in artists(panel, gid):
                at = np.asarray(points.get_offsets())
                values[at[:, 0].astype(int) - 1] = at[:, 1]
        assert_allclose(values, frame[measure.code])
        assert panel.get_title(loc="left") == measure.name


def test_lines_are_the_rules(odd: Any, drawn: Axes) -> None:
    frame = mr.influence(odd)
    panels = dict(zip([m.code for m in PANELS], drawn.child_axes, strict=True))
    limits = frame.attrs["thresholds"]
    for code in ("dffits", "cooks_distance"):
        ends = [line.get_ydata()[0] for line in artists(panels[code], "limit")]
        assert ends[-1] == limits[code]
    usual = {c: artists(p, "usual")[0].get_ydata()[0] for c, p in panels.items()}
    assert usual["tau2_deleted"] == odd.tau2
    assert usual["Q_deleted"] == odd.Q
    assert usual["cov_ratio"] == 1
    assert_allclose(usual["weight"], 100 / 12)
    assert_allclose(usual["hat"], 1 / 12)


def test_no_study_is_flagged(pooled: Any) -> None:
    figure, (mine, _) = plt.subplots(1, 2, figsize=(14, 7))
    assert mr.plot.influence(pooled, ax=mine) is mine
    assert len(figure.axes) == 2
    assert "No study meets a rule" in mr.plot.alt_text(mine)


def test_flagged_studies_are_named(odd: Any, drawn: Axes) -> None:
    frame = mr.influence(odd)
    (row,) = np.flatnonzero(frame["influential"])
    ax = drawn
    said = " ".join(t.get_text() for t in artists(ax, "said"))
    assert said == f"Influential: {row + 1} {frame['study'][row]}"
    assert said in mr.plot.alt_text(ax)
    assert {a.get_text() for p in ax.child_axes for a in artists(p, "name")} == {str(row + 1)}


def test_panels_do_not_overlap(drawn: Axes) -> None:
    ax = drawn
    ax.figure.canvas.draw()
    boxes = [panel.get_tightbbox() for panel in ax.child_axes]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
        assert ax.figure.bbox.x0 <= box.x0 < box.x1 <= ax.figure.bbox.x1 + 1


def test_refusals(pooled: Any) -> None:
    with pytest.raises(InputError, match="`font_size` must be positive"):
        mr.plot.influence(pooled, font_size=0)
    with pytest.raises(InputError, match="`fit` must be a result of pool"):
        mr.plot.influence(pooled.study)
