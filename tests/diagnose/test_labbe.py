"""L'Abbé's plot: rates by hand, a curve along which the measure is the pooled effect."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.diagnose.labbe import CURVES

CELLS = {word: word for word in ("events1", "n1", "events2", "n2")}
TABLE = pd.DataFrame({"events1": [4, 6, 3, 62, 0], "n1": [123, 306, 231, 300, 40],
                      "events2": [11, 29, 11, 48, 6], "n2": [139, 303, 220, 280, 44]})  # fmt: skip


@pytest.mark.parametrize("measure", CURVES)
def test_along_the_curve_the_measure_is_the_pooled_effect(measure: str) -> None:
    es = mr.effect_sizes(TABLE, measure, **CELLS)
    fit = mr.pool(es)
    line = mr.labbe(fit, es, points=41).line.iloc[1:-1]
    n = 10**9
    for name, effect in (("rate1", fit.estimate), ("ci_low", fit.ci_low[0])):
        inside = line[line[name].notna()]
        assert len(inside) > 20
        along = mr.effect_sizes(
            None, measure, events1=inside[name] * n, n1=n, events2=inside.rate2 * n, n2=n, add=0
        )
        np.testing.assert_allclose(along.yi, effect, rtol=1e-9)
    known = line[["rate1", "ci_low", "ci_high"]]
    assert ((known >= 0) & (known <= 1) | known.isna()).all(axis=None)


def test_points_are_the_plain_rates() -> None:
    es = mr.effect_sizes(TABLE, "RR", **CELLS)
    fit = mr.pool(es)
    found = mr.labbe(fit, es)
    np.testing.assert_allclose(found.points.rate1, TABLE.events1 / TABLE.n1)
    np.testing.assert_allclose(found.points.rate2, TABLE.events2 / TABLE.n2)
    assert found.points.rate1.iloc[-1] == 0
    assert found.points.weight.sum() == pytest.approx(100)
    assert "higher in group 1 in 1, lower in 4" in str(found)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["line"][-1]["rate1"] < 1
    cells = TABLE.assign(b=TABLE.n1 - TABLE.events1, d=TABLE.n2 - TABLE.events2)
    other = mr.effect_sizes(cells, "RR", events1="events1", non_events1="b", events2="events2",
                            non_events2="d")  # fmt: skip
    pd.testing.assert_frame_equal(mr.labbe(mr.pool(other), other).points, found.points)


def test_studies_that_were_left_out_have_no_point() -> None:
    es = mr.effect_sizes(TABLE.assign(n1=[123, None, 231, 300, 40]), "OR", **CELLS)
    with pytest.warns(mr.MetarelWarning, match="left out"):
        fit = mr.pool(es)
    points = mr.labbe(fit, es).points
    assert len(points) == 4
    assert points.n.tolist() == [262, 451, 580, 84]


def test_refusals() -> None:
    es = mr.effect_sizes(TABLE, "RR", **CELLS)
    fit = mr.pool(es)
    with pytest.raises(mr.InputError, match="`data` must be the frame that effect_sizes"):
        mr.labbe(fit, TABLE)
    with pytest.raises(mr.InputError, match="`data` must be the frame the fit was made from"):
        mr.labbe(fit, mr.effect_sizes(TABLE.iloc[::-1], "RR", **CELLS))
    with pytest.raises(mr.InputError, match="of a measure of two event rates, 'RR', 'OR'"):
        mr.labbe(mr.pool(es, measure="SMD"), es)
    with pytest.raises(mr.InputError, match="must be a pooled mean for a L'Abbé plot"):
        mr.labbe(mr.meta_regression(es.assign(x=range(5)), "x"), es)
    with pytest.raises(mr.InputError, match="`points` must be a whole number of at least 2"):
        mr.labbe(fit, es, points=1)
