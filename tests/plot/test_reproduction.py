"""Marks stand where recomputed values lie in units of the last printed digit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose

import metarel as mr
from metarel.errors import InputError

TABLE = pd.DataFrame(
    [
        ("a", "r", "Table 1", "estimate", ".24", 0.2371, "agrees"),
        ("a", "low", "Table 1", "ci_low", ".12", 0.129, "agrees truncated"),
        ("a", "high", "Table 2", "ci_high", ".36", 0.372, "differs"),
        ("a", "I2", "Table 2", "I2", "62%", 0.6204, "agrees"),
        ("a", "p", "Table 2", "p_value", "<.001", 0.0002, "agrees"),
        ("a", "Q", "Table 2", "Q", "31.5", 42.0, "differs"),
        ("a", "k", "Table 2", "k", "16", np.nan, "cannot run"),
    ],
    columns=["dataset", "figure", "where", "quantity", "printed", "value", "verdict"],
)


def artists(ax: Axes, gid: str) -> list[Any]:
    """Return the artists of a kind."""
    return [a for a in ax.get_children() if a.get_gid() == gid]


def test_offsets_in_units_of_the_last_digit() -> None:
    frame = mr.plot.reproduction_data(TABLE)
    wanted = [-0.29, 0.9, 1.2, 0.04, -0.8, 105, np.nan]
    assert_allclose(frame["offset"], wanted, atol=1e-9)
    assert_allclose(frame["low"], [-0.5] * 4 + [-np.inf] + [-0.5] * 2, atol=1e-9)
    assert_allclose(frame["high"], [0.5] * 4 + [0.0] + [0.5] * 2, atol=1e-9)
    assert frame["group"].tolist() == TABLE["where"].tolist()


def test_verdicts_are_what_the_picture_shows() -> None:
    """On real figures, the value lies in its interval exactly where the verdict says it agrees."""
    found = mr.reproduce("lipsey2001", nearby=False)
    frame = mr.plot.reproduction_data(found)
    known = frame["offset"].notna()
    inside = frame["offset"].between(frame["low"] - 1e-9, frame["high"] + 1e-9)
    assert known.sum() > 20
    assert (inside == (frame["verdict"] == "agrees"))[known].all()


def test_marks_stand_at_the_data() -> None:
    ax = mr.plot.reproduction(TABLE, theme="dark", title="A paper")
    frame = mr.plot.reproduction_data(TABLE)
    for verdict, shown in (("agrees", 3), ("agrees truncated", 1), ("differs", 1)):
        (marks,) = artists(ax, verdict)
        own = frame.loc[frame["verdict"] == verdict, "offset"]
        assert_allclose(marks.get_offsets()[:, 0], own[abs(own) <= 3])
        assert len(marks.get_offsets()) == shown
    (lost,) = artists(ax, "cannot run")
    assert lost.get_offsets()[0, 0] < -3
    (beyond,) = artists(ax, "beyond")
    assert_allclose(beyond.get_offsets()[0, 0], 3)
    assert [a.get_text() for a in artists(ax, "units")] == ["+105"]
    assert [a.get_text() for a in artists(ax, "heading")] == ["Table 1", "Table 2"]
    bars = artists(ax, "interval")[0].get_segments()
    assert_allclose(bars[0][:, 0], [-0.5, 0.5])
    rows = [t.get_text() for t in ax.get_yticklabels()]
    assert rows[0] == "r  .24"
    assert np.diff(ax.get_yticks()).min() > 1
    text = mr.plot.alt_text(ax)
    assert text.endswith("digits: agrees 3, agrees truncated 1, differs 2, cannot run 1.")


def test_many_figures_share_the_rows_of_their_groups() -> None:
    many = pd.concat([TABLE.assign(dataset=f"set {i}") for i in range(15)], ignore_index=True)
    ax = mr.plot.reproduction(many)
    assert [t.get_text() for t in ax.get_yticklabels()] == [f"set {i}" for i in range(15)]
    (marks,) = artists(ax, "agrees")
    assert len(marks.get_offsets()) == 45
    assert artists(ax, "units") == []


def test_refusals() -> None:
    with pytest.raises(InputError, match="`result` must be what reproduce"):
        mr.plot.reproduction("kolden2011")
    with pytest.raises(InputError, match="the columns 'verdict' are missing"):
        mr.plot.reproduction(TABLE.drop(columns="verdict"))
    with pytest.raises(InputError, match="`result` must have at least one row"):
        mr.plot.reproduction(TABLE.head(0))
    with pytest.raises(InputError, match="`group` must be one of 'dataset', 'where'"):
        mr.plot.reproduction(TABLE, group="figure")
