"""RevMan's estimator: the Mantel-Haenszel centre against metafor, the formula, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.tau2.tables import mantel_haenszel

BCG = pd.DataFrame(
    {
        "events1": [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
        "n1": [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913],
        "events2": [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
        "n2": [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854],
    }
)
WORDS = {name: name for name in BCG}

#: rma.mh of metafor 3.8-1 on dat.bcg.
CENTRES = {"OR": -0.4734109883885855, "RR": -0.4537096046837539, "RD": -0.003288181832613}


def cells_of(frame: pd.DataFrame) -> np.ndarray:
    a, c = frame.events1, frame.events2
    return np.array([a, frame.n1 - a, c, frame.n2 - c], dtype=float)


@pytest.mark.parametrize("measure", list(CENTRES))
def test_the_centre_is_that_of_metafor(measure: str) -> None:
    assert mantel_haenszel(cells_of(BCG), measure, 0.5) == pytest.approx(
        CENTRES[measure], rel=1e-12
    )


@pytest.mark.parametrize("measure", list(CENTRES))
def test_q_about_the_centre_by_hand(measure: str) -> None:
    effects = mr.effect_sizes(BCG, measure, **WORDS)
    fit = mr.pool(effects, tau2=mr.tau2_from_tables(BCG, measure, **WORDS))
    w = 1 / effects.vi
    Q = float((w * (effects.yi - CENTRES[measure]) ** 2).sum())
    expected = (Q - 12) / float(w.sum() - (w**2).sum() / w.sum())
    plain = mr.pool(effects, tau2="DL")
    assert fit.tau2 == pytest.approx(expected, rel=1e-10)
    assert fit.tau2 > plain.tau2  # the weighted mean has the smallest Q
    assert fit.spec.tau2 == "DLMH"
    assert "Mantel-Haenszel" in str(fit)
    assert fit.heterogeneity.Q == plain.heterogeneity.Q


def test_empty_cells_and_empty_tables() -> None:
    frame = pd.DataFrame(
        {"events1": [0, 3, 0], "n1": [10, 20, 9], "events2": [2, 4, 0], "n2": [12, 21, 8]}
    )
    cells = cells_of(frame)
    one = (0.5 * 10.5 / 24, 10.5 * 2.5 / 24)
    other = (3 * 17 / 41, 17 * 4 / 41)
    expected = np.log((one[0] + other[0]) / (one[1] + other[1]))
    assert mantel_haenszel(cells, "OR", 0.5) == pytest.approx(expected, rel=1e-12)
    assert mantel_haenszel(cells[:, :2], "OR", 0.5) == pytest.approx(expected, rel=1e-12)
    raw = np.log(other[0] / (10 * 2 / 22 + other[1]))
    assert mantel_haenszel(cells, "OR", 0.0) == pytest.approx(raw, rel=1e-12)


def test_refusals_name_the_way_out() -> None:
    effects = mr.effect_sizes(BCG, "RR", **WORDS)
    with pytest.raises(mr.InputError, match=r"`tau2` \"DLMH\" needs the 2 x 2 tables.*tau2_from"):
        mr.pool(effects, tau2="DLMH")
    revman = mr.tau2_from_tables(BCG, "RR", **WORDS)
    with pytest.raises(mr.InputError, match="pooled mean only"):
        mr.meta_regression(effects.assign(x=range(13)), "x", tau2=revman)
    with pytest.raises(mr.InputError, match=r"from 13 tables .* 12 studies are pooled"):
        mr.pool(effects.head(12), tau2=revman)
    with pytest.raises(mr.InputError, match=r"from 13 tables .* 6 studies"):
        mr.subgroups(effects.assign(half=[0] * 6 + [1] * 7), "half", tau2=revman)
    with pytest.raises(mr.InputError, match="`measure` must be one of 'OR', 'RR', 'RD'"):
        mr.tau2_from_tables(BCG, "SMD", **WORDS)
    with pytest.raises(mr.InputError, match=r"`events1` must not be above `n1`.*row 2"):
        mr.tau2_from_tables(BCG.assign(n1=BCG.n1.where(BCG.index != 2, 1)), "RR", **WORDS)
    with pytest.raises(mr.InputError, match=r"`n2` must be .*row 0"):
        mr.tau2_from_tables(BCG.assign(n2=BCG.n2.where(BCG.index != 0, -1)), "RR", **WORDS)
    with pytest.raises(mr.InputError, match="no events in any table"):
        mr.tau2_from_tables(BCG.assign(events1=0), "RR", **WORDS, add=0)
    with pytest.raises(mr.InputError, match="has no rows that are complete"):
        mr.tau2_from_tables(BCG.assign(events1=np.nan), "RR", **WORDS)
