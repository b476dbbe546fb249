"""The map's marks are its cells: effect, limits and verdict by edition."""

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
def field() -> Any:
    """The whole map."""
    return mr.evidence()


def test_cells_keep_their_printed_numbers(field: Any) -> None:
    frame = mr.plot.evidence_map_data(field)
    cells = field.to_frame()
    assert len(frame) == len(cells)
    printed = cells[cells["metric"] == "r"].set_index(["name", "edition"])
    drawn = frame.set_index(["name", "edition"]).loc[printed.index]
    assert_allclose(drawn["estimate"], printed["estimate"])
    limits = printed["ci_low"].notna()
    assert_allclose(drawn.loc[limits, "ci_low"], printed.loc[limits, "ci_low"])
    youth = drawn.loc[("alliance, youth", "2011")]
    assert_allclose([youth["ci_low"], youth["ci_high"]], [0.16, 0.28])


def test_other_metrics_are_converted(field: Any) -> None:
    cells = field.to_frame()
    as_r, as_d = (
        mr.plot.evidence_map_data(field, scale=s).set_index(["name", "edition"]) for s in "rd"
    )
    reactance = as_r.loc[("reactance", "2011")]
    assert reactance["converted"]
    assert_allclose(reactance["estimate"], 0.82 / np.sqrt(0.82**2 + 4))
    computed = cells[cells["d_computed"].notna()].set_index(["name", "edition"])
    assert_allclose(as_d.loc[computed.index, "estimate"], computed["d_computed"])
    g = cells[cells["metric"] == "g"].set_index(["name", "edition"])
    assert_allclose(as_d.loc[g.index, "estimate"], g["estimate"])


def test_marks_stand_at_the_data(field: Any) -> None:
    ax = mr.plot.evidence_map(field, theme="dark", title="The field")
    frame = mr.plot.evidence_map_data(field)
    for edition in ("2002", "2011", "2018"):
        own = frame[frame["edition"] == edition]
        drawn = np.concatenate([a.get_offsets() for a in artists(ax, f"cell-{edition}")])
        assert len(drawn) == len(own)
        known = own["estimate"].notna().to_numpy()
        places = {(round(x, 9), round(y, 9)) for x, y in drawn}
        wanted = own.loc[known, ["estimate", "y"]].to_numpy(float)
        assert {(round(x, 9), round(y, 9)) for x, y in wanted} <= places
        apart = drawn[np.isin(drawn[:, 1].round(9), own.loc[~known, "y"].round(9))]
        assert (apart[:, 0] < frame["ci_low"].min()).all()
    assert (np.diff(frame["y"]) > 1).all()
    assert ax.get_yticklabels()[0].get_text() == "alliance, adults"
    assert [a.get_text() for a in artists(ax, "heading")] == [
        "Elements of the relationship",
        "Ways of adapting therapy",
    ]
    text = mr.plot.alt_text(ax)
    elements = frame["name"].nunique()
    assert text.startswith(f"The field. Map of {elements} elements in 3 editions")
    assert "demonstrably effective" in text


def test_refusals(field: Any) -> None:
    with pytest.raises(InputError, match="`scale` must be one of 'r', 'd'"):
        mr.plot.evidence_map(field, scale="g")
    with pytest.raises(InputError, match="`found` must be what evidence"):
        mr.plot.evidence_map("alliance")
