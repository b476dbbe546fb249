"""2 × 2 tables from margins: metafor's cells, random tables and back, chi-squares of scipy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import metarel as mr
from metarel.convert.recover_tables import CELLS, Margins, events_from_odds_ratio, phi_from_chi2
from metarel.errors import InputError

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "recover.json").read_text("utf-8"))


def random_tables(count: int, most: int = 60) -> np.ndarray:
    """Return tables without empty cells, as rows of a, b, c, d."""
    return np.random.default_rng(3).integers(1, most, (count, 4)).astype(float)


def margins_of(tables: np.ndarray) -> dict[str, np.ndarray]:
    a, b, c, d = tables.T
    return {"n": a + b + c + d, "n1": a + b, "events": a + c}


def test_cells_as_metafor() -> None:
    case = next(c for c in GOLDEN if c["id"] == "conv2x2")
    data = pd.DataFrame(case["data"], dtype=float)
    table = mr.table_from_margins(
        data, n="ni", n1="n1i", events="n2i", odds_ratio="or", phi="ri", chi2="x2i", yates=False
    )
    for ours, theirs in zip(CELLS, ("ai", "bi", "ci", "di"), strict=True):
        assert table[ours].tolist() == case["expect"][theirs]
    assert table["statistic"].tolist() == ["odds_ratio", "phi", "chi2", "odds_ratio"]


@pytest.mark.parametrize("word", ["odds_ratio", "phi", "chi2", "chi2-yates", "p", "p-yates"])
def test_random_tables_and_back(word: str) -> None:
    """Each statistic of a table, unrounded, leads back to its cells; so does `implied`."""
    tables = random_tables(400)
    a, b, c, d = tables.T
    margins = margins_of(tables)
    sign, yates = np.sign(a * d - b * c), word.endswith("yates")
    tests = [stats.chi2_contingency(t.reshape(2, 2), correction=yates) for t in tables]
    value = {
        "odds_ratio": a * d / (b * c),
        "phi": Margins(**margins).phi(a),
        "chi2": sign * np.array([t.statistic for t in tests]),
        "p": sign * np.array([t.pvalue for t in tests]),
    }[name := word.removesuffix("-yates")]
    # A corrected chi-square of 0, or its p of 1, says that |ad − bc| is at most n/2.
    said = (np.abs(a * d - b * c) > margins["n"] / 2) if yates else np.ones(len(a), dtype=bool)
    given = {**margins, name: value}
    extra = {"yates": yates} if name in ("chi2", "p") else {}
    found = mr.table_from_margins(**{k: v[said] for k, v in given.items()}, **extra)
    np.testing.assert_allclose(found["unrounded"], a[said], rtol=0, atol=1e-7)
    np.testing.assert_array_equal(found[list(CELLS)], tables[said])
    np.testing.assert_allclose(found["implied"], value[said], rtol=1e-9, atol=1e-13)


def test_help_page_of_metafor() -> None:
    """36, 86, 20, 98 from its rounded odds ratio, phi, and corrected chi-square."""
    chi2 = round(stats.chi2_contingency([[36, 86], [20, 98]]).statistic, 2)
    nothing = np.full(3, np.nan)
    value = {w: nothing.copy() for w in ("odds_ratio", "phi", "chi2")}
    value["odds_ratio"][0], value["phi"][1], value["chi2"][2] = 2.05, 0.15, chi2
    table = mr.table_from_margins(n=[240] * 3, n1=122, events=56, yates=True, **value)
    assert table[list(CELLS)].to_numpy().tolist() == [[36, 86, 20, 98]] * 3


def test_guessed_margins_of_the_help_page() -> None:
    """phi .54 of 400 with 200 in group 1: true events 248; with 50 there is no table."""
    assert mr.table_from_margins(n=400, n1=200, events=248, phi=0.54)["events1"][0] == 176
    with pytest.raises(InputError, match=r"No table with the margins of row 0 .*phi 0.54"):
        mr.table_from_margins(n=400, n1=200, events=50, phi=0.54)


def test_the_sign_turns_the_table() -> None:
    chi2 = stats.chi2_contingency([[40, 60], [60, 40]]).statistic
    found = mr.table_from_margins(n=200, n1=100, events=100, chi2=[-chi2, chi2], yates=True)
    assert found["events1"].tolist() == [40, 60]
    by_p = mr.table_from_margins(n=200, n1=100, events=100, p=-stats.chi2.sf(chi2, 1), yates=True)
    assert by_p["events1"][0] == 40


def test_odds_ratios_over_many_orders_stay_exact() -> None:
    """Both forms of the root, at ratios where one of them would lose its digits."""
    tables = np.array(
        [[1e6, 1.0, 1.0, 1e6], [1.0, 1e6, 1e6, 1.0], [1e6, 1e7, 1e7, 1.0], [5.0, 7.0, 10.0, 14.0]]
    )
    a, b, c, d = tables.T
    found = events_from_odds_ratio(a * d / (b * c), Margins(**margins_of(tables)))
    np.testing.assert_allclose(found, a, rtol=1e-12)


def test_correction_undone() -> None:
    table = np.array([[28.0, 14.0], [12.0, 18.0]])
    margins = Margins(np.array([72.0]), np.array([42.0]), np.array([40.0]))
    for yates in (True, False):
        chi2 = stats.chi2_contingency(table, correction=yates).statistic
        phi = phi_from_chi2(np.array([chi2]), margins, yates=yates)
        np.testing.assert_allclose(phi, margins.phi(np.array([28.0])), rtol=1e-13)


def test_rows_without_inputs_are_missing_and_the_index_is_kept() -> None:
    data = pd.DataFrame(
        {"n": [72, 72, None], "n1": [42, 42, 42], "e": [40, 40, 40], "or": [3.0, None, 3.0]},
        index=["x", "y", "z"],
    )
    found = mr.table_from_margins(data, n="n", n1="n1", events="e", odds_ratio="or")
    assert found.index.tolist() == ["x", "y", "z"]
    assert found["events1"].notna().tolist() == [True, False, False]
    assert found["implied"]["x"] == pytest.approx(28 * 18 / (14 * 12))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"odds_ratio": None}, "One of `odds_ratio`, `phi`, `chi2` and `p` must be given"),
        ({"odds_ratio": 0}, "`odds_ratio` must be positive"),
        ({"phi": 1.2}, r"`phi` must be a number in \[-1, 1\]"),
        ({"chi2": 4.0}, "`yates` must be True or False with `chi2` or `p`"),
        ({"yates": True}, "`yates` says how `chi2` or `p` was computed; neither"),
        ({"yates": "no"}, "`yates` must be True or False; got 'no'"),
        ({"n1": 80}, "`n1` must not exceed `n`, all people; see row 0"),
        ({"events": 80}, "`events` must not exceed `n`"),
        ({"n1": 41.5}, "`n1` must be zero or positive and whole; row 0 is 41.5"),
        ({"odds_ratio": None, "chi2": 0, "yates": True}, "chi-square of 0 fits several tables"),
        ({"odds_ratio": None, "chi2": 70, "yates": False}, "Check the sign, which of the totals"),
    ],
)
def test_refusals(change: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        mr.table_from_margins(**({"n": 72, "n1": 42, "events": 40, "odds_ratio": 3.0} | change))
