"""Test statistics to d and r: printed values, raw data, scipy's p."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metarel.convert.path import convert

RNG = np.random.default_rng(11)
A, B = RNG.normal(0.8, 2.0, 8), RNG.normal(0.0, 2.0, 19)


def raw_d() -> float:
    pooled = np.sqrt((7 * A.var(ddof=1) + 18 * B.var(ddof=1)) / 25)
    return (A.mean() - B.mean()) / pooled


def raw_r() -> float:
    return np.corrcoef(np.r_[A, B], np.r_[np.ones(8), np.zeros(19)])[0, 1]


def test_three_rules_of_one_t():
    values = [
        convert(2.5, "t", "d", rule=rule, n1=15, n2=45)
        for rule in ("exact", "2t/sqrt(N)", "2t/sqrt(df)")
    ]
    assert [round(value, 3) for value in values] == [0.745, 0.645, 0.657]


def test_t_p_and_f_of_raw_data_give_its_d_and_r():
    t, p = stats.ttest_ind(A, B)
    f, _ = stats.f_oneway(A, B)
    sizes = {"n1": 8, "n2": 19}
    side = float(np.sign(t))
    for value, source, sign in ((t, "t", None), (p, "p", side), (f, "F", side)):
        assert convert(value, source, "d", sign=sign, **sizes) == pytest.approx(raw_d())
        assert convert(value, source, "r", sign=sign, **sizes) == pytest.approx(raw_r())
    assert convert(-p, "p", "d", **sizes) == pytest.approx(-abs(raw_d()))


def test_r_of_t_is_r_of_the_exact_d():
    t = np.array([-3.0, 0.4, 2.5])
    sizes = {"n1": 15, "n2": 45}
    d = convert(t, "t", "d", **sizes)
    np.testing.assert_allclose(
        convert(t, "t", "r", **sizes), convert(d, "d", "r", rule="exact", **sizes), rtol=1e-14
    )


def test_p_far_in_the_tail():
    t = convert(1e-200, "p", "t", df=40)
    assert 2 * stats.t.sf(t, 40) == pytest.approx(1e-200, rel=1e-10)
    assert convert(1.0, "p", "d", n1=5, n2=6) == 0


def test_one_sided_p_is_the_tail_of_t():
    t = np.array([-1.2, 0.3, 2.5])
    np.testing.assert_allclose(convert(stats.t.sf(t, 25), "p_one", "t", df=25), t, rtol=1e-12)
    half = convert(0.02, "p_one", "d", n1=8, n2=19)
    assert half == pytest.approx(convert(0.04, "p", "d", n1=8, n2=19), rel=1e-14)
    assert convert(0.02, "p_one", "d", n1=8, n2=19, sign=-1) == -half
    one = stats.ttest_ind(A, B, alternative="greater").pvalue
    assert convert(one, "p_one", "d", n1=8, n2=19) == pytest.approx(raw_d())


def test_normal_deviates():
    assert convert(2.0, "z_stat", "r", n=100) == pytest.approx(0.2)
    t_like = convert(2.0, "z_stat", "r", rule="z/sqrt(z2+N)", n=100)
    assert t_like == pytest.approx(convert(2.0, "t", "r", df=100), rel=1e-14)
    assert convert(2.0, "z_stat", "d", n1=50, n2=50) == pytest.approx(0.4)
    assert convert(2.0, "z_stat", "d", rule="2z/sqrt(N)", n=100) == pytest.approx(0.4)
    assert convert(2.0, "z_stat", "d", n1=20, n2=80) == convert(2.0, "t", "d", n1=20, n2=80)


def test_z_of_phi_is_the_root_of_chi_square():
    assert convert(2.0, "z_stat", "r", n=60) == pytest.approx(convert(4.0, "chi2", "r", n=60))


def test_chi_square_of_a_table_gives_phi():
    table = np.array([[12, 5], [7, 20]])
    chi2 = stats.chi2_contingency(table, correction=False)[0]
    (a, b), (c, d) = table
    phi = (a * d - b * c) / np.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    assert convert(chi2, "chi2", "r", n=44) == pytest.approx(phi)
    assert convert(chi2, "chi2", "r", n=44, sign=-1) == pytest.approx(-phi)
