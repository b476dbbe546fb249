"""Tests of several groups and tables: the shares that the raw data themselves give."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.stats.contingency import association

from metarel.convert.path import convert
from metarel.errors import InputError

RNG = np.random.default_rng(23)
GROUPS = [RNG.normal(mean, 1.5, size) for mean, size in ((0.0, 9), (0.6, 14), (1.5, 22))]
ALL = np.concatenate(GROUPS)
BETWEEN = sum(len(g) * (g.mean() - ALL.mean()) ** 2 for g in GROUPS)
WITHIN = sum(((g - g.mean()) ** 2).sum() for g in GROUPS)
F = stats.f_oneway(*GROUPS).statistic
DF = {"df1": 2, "df": 42}


def test_shares_of_variance_of_raw_groups():
    mean_square = WITHIN / 42
    expect = {
        "eta2": BETWEEN / (BETWEEN + WITHIN),
        "r2": BETWEEN / (BETWEEN + WITHIN),
        "f": np.sqrt(BETWEEN / WITHIN),
        "epsilon2": (BETWEEN - 2 * mean_square) / (BETWEEN + WITHIN),
        "omega2": (BETWEEN - 2 * mean_square) / (BETWEEN + WITHIN + mean_square),
    }
    for target, value in expect.items():
        assert convert(F, "F", target, **DF) == pytest.approx(value, rel=1e-12)


def test_one_numerator_degree_of_freedom_is_a_squared_t():
    way = {"n1": 20, "n2": 25}
    r = convert(2.5, "t", "r", **way)
    assert convert(6.25, "F", "eta2", df1=1, **way) == pytest.approx(r**2, rel=1e-14)
    assert convert(6.25, "F", "d", df1=1, **way) == pytest.approx(convert(2.5, "t", "d", **way))
    assert convert(6.25, "F", "r", **way) == pytest.approx(r)
    with pytest.raises(InputError, match=r"`df1` must be 1; got 3\. An F .* to 'eta2'"):
        convert(6.25, "F", "d", df1=3, **way)
    with pytest.raises(InputError, match="`df1` must be given: rule 'degrees'"):
        convert(6.25, "F", "eta2", df=42)


def test_shares_of_variance_follow_from_each_other():
    found = {code: convert(F, "F", code, **DF) for code in ("eta2", "epsilon2", "omega2", "f")}
    for source in ("epsilon2", "omega2"):
        for target in ("eta2", "f"):
            there = convert(found[source], source, target, **DF)
            assert there == pytest.approx(found[target], rel=1e-13)
        assert convert(found["f"], "f", source, **DF) == pytest.approx(found[source], rel=1e-13)
    with pytest.raises(InputError, match="`df1`, `df` must be given: rule 'degrees' from omega2"):
        convert(0.5, "omega2", "f")
    with pytest.raises(InputError, match="This is eta2 by rule 'degrees'"):
        convert(-0.5, "epsilon2", "f", **DF)


def test_a_metric_that_leads_nowhere_says_what_to_convert():
    with pytest.raises(InputError, match=r"`target` cannot be 'f': no rule .* from: 'H'\."):
        convert(0.5, "eta2_rank", "f")


def test_adjusted_shares_are_not_cut_at_0():
    assert convert(0.4, "F", "omega2", **DF) < 0
    assert convert(0.4, "F", "epsilon2", **DF) < 0


def test_ranks_of_raw_groups():
    h = stats.kruskal(*GROUPS).statistic
    ranks = stats.rankdata(ALL)
    total = ((ranks - ranks.mean()) ** 2).sum()
    parts = np.split(ranks, np.cumsum([len(g) for g in GROUPS])[:-1])
    between = sum(len(p) * (p.mean() - ranks.mean()) ** 2 for p in parts)
    assert convert(h, "H", "epsilon2_rank", n=45) == pytest.approx(between / total, rel=1e-12)
    adjusted = convert(h, "H", "eta2_rank", n=45, groups=3)
    assert adjusted == pytest.approx((h - 2) / 42, rel=1e-14)


def test_pairs_of_two_groups():
    a, b = GROUPS[2], GROUPS[0]
    u = stats.mannwhitneyu(a, b).statistic
    higher = np.sign(a[:, None] - b).mean()
    sizes = {"n1": len(a), "n2": len(b)}
    assert convert(u, "U", "cles", **sizes) == pytest.approx((higher + 1) / 2, rel=1e-14)
    assert convert(u, "U", "cliff", **sizes) == pytest.approx(higher, rel=1e-13)
    other = convert(len(a) * len(b) - u, "U", "cliff", **sizes)
    assert other == pytest.approx(-higher, rel=1e-13)
    with pytest.raises(InputError, match="This is cles by rule 'pairs'"):
        convert(1000.0, "U", "cles", **sizes)


def test_tables_of_counts():
    table = np.array([[12, 5, 9], [7, 20, 4], [3, 8, 15], [6, 6, 6]])
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    n = table.sum()
    v = convert(chi2, "chi2", "cramer_v", n=n, rows=4, columns=3)
    assert v == pytest.approx(association(table, method="cramer"), rel=1e-13)
    assert convert(chi2, "chi2", "cohen_w", n=n) == pytest.approx(np.sqrt(chi2 / n))
    assert convert(v, "cramer_v", "cohen_w", rows=3, columns=4) == pytest.approx(
        np.sqrt(chi2 / n), rel=1e-13
    )


def test_a_table_of_two_by_two_has_one_size_of_effect():
    words = {"n": 44, "rows": 2, "columns": 2}
    assert convert(5.0, "chi2", "cramer_v", **words) == pytest.approx(
        convert(5.0, "chi2", "r", n=44), rel=1e-14
    )


def test_tables_of_counts_by_every_coefficient():
    table = np.array([[12, 5, 9], [7, 20, 4], [3, 8, 15], [6, 6, 6]])
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    n = table.sum()
    t = convert(chi2, "chi2", "tschuprow_t", n=n, rows=4, columns=3)
    assert t == pytest.approx(association(table, method="tschuprow"), rel=1e-13)
    c = convert(chi2, "chi2", "pearson_c", n=n)
    assert c == pytest.approx(association(table, method="pearson"), rel=1e-13)
    assert convert(t, "tschuprow_t", "pearson_c", rows=4, columns=3) == pytest.approx(c, rel=1e-13)


def test_fei_is_1_where_all_people_are_in_the_rarest_category():
    shares = np.array([0.5, 0.3, 0.2])
    for counts, expected in (([0, 0, 60], 1.0), ([30, 18, 12], 0.0)):
        chi2 = stats.chisquare(counts, 60 * shares).statistic
        found = convert(chi2, "chi2", "fei", n=60, expected=0.2)
        assert found == pytest.approx(expected, abs=1e-14)
    with pytest.raises(InputError, match=r"`expected` must be a number in \(0, 0.5\]"):
        convert(3.0, "chi2", "fei", n=60, expected=0.6)
