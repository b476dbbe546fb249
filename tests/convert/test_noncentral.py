"""Limits by noncentral distributions: R's functions, printed figures, reductions, extremes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from metarel.convert._noncentrality import F, ncp_limits
from metarel.convert.noncentral import TARGETS, NoncentralLimits, noncentral_limits
from metarel.effects.compute import effect_sizes

ROOT = Path(__file__).resolve().parents[2]
CASES = json.loads((ROOT / "tests" / "golden" / "noncentral.json").read_text(encoding="utf-8"))
BY_NAME = {t.distribution.name: t.distribution for t in TARGETS.values()}
NAMES = {"t": "t", "F": "F", "chi2": "chi-square"}
SIZES: dict[str, dict[str, float]] = {
    "d": {"n1": 20, "n2": 45},
    "d_z": {"n": 30},
    "eta2": {"df1": 3, "df2": 60},
    "omega2": {"df1": 3, "df2": 60},
    "epsilon2": {"df1": 3, "df2": 60},
    "f": {"df1": 3, "df2": 60},
    "f2": {"df1": 3, "df2": 60},
    "w": {"n": 200, "df1": 4},
    "V": {"n": 200, "rows": 3, "columns": 4},
}


def limits(found: NoncentralLimits) -> tuple[float, float]:
    """Return both limits of the effect."""
    return float(found.ci_low), float(found.ci_high)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_golden(case: dict[str, Any]) -> None:
    """R's own distribution functions, inverted by its root finder."""
    df = np.array([float(case["df1"])]), np.array([float(case["df2"])])
    distribution = BY_NAME[NAMES[case["distribution"]]]
    low, high = ncp_limits(distribution, np.array([case["value"]]), df, case["level"])
    np.testing.assert_allclose([low[0], high[0]], case["ncp"], rtol=case["tol"])


def test_kelley_2007() -> None:
    """His worked t of 2.83 on 126 df: limits of the noncentrality 0.8338 and 4.8154."""
    found = noncentral_limits(2.83, "d", n1=64, n2=64)
    assert (f"{found.ncp_low:.4f}", f"{found.ncp_high:.4f}") == ("0.8338", "4.8154")


@pytest.mark.parametrize("effect", TARGETS)
def test_limits_solve_their_equations(effect: str) -> None:
    target, sizes = TARGETS[effect], SIZES[effect]
    found = noncentral_limits(9.0, effect, **sizes, level=0.8)
    df1, df2 = target.df({word: np.array([float(v)]) for word, v in sizes.items()})
    law = {
        "t": lambda ncp: stats.nct(df2[0], ncp),
        "F": lambda ncp: stats.ncf(df1[0], df2[0], ncp),
        "chi-square": lambda ncp: stats.ncx2(df1[0], ncp),
    }[target.distribution.name]
    if found.ncp_low != 0:
        assert law(found.ncp_low).sf(9.0) == pytest.approx(0.1, rel=1e-8)
    assert law(found.ncp_high).cdf(9.0) == pytest.approx(0.1, rel=1e-8)


def test_large_df_is_normal_or_chi_square() -> None:
    low, high = limits(noncentral_limits(3.0, "d_z", n=1e12))
    assert (low * 1e6, high * 1e6) == pytest.approx((3 - 1.959964, 3 + 1.959964), rel=1e-6)
    f = noncentral_limits(2.5, "f2", df1=4, df2=1e11)
    chi2 = noncentral_limits(10.0, "w", n=1e11, df1=4)
    assert (f.ncp_low, f.ncp_high) == pytest.approx((chi2.ncp_low, chi2.ncp_high), rel=1e-6)


def test_effects_of_one_f_are_functions_of_each_other() -> None:
    found = {e: limits(noncentral_limits(9.0, e, df1=3, df2=60)) for e in ("eta2", "f", "f2")}
    eta2, f, f2 = (np.array(found[e]) for e in ("eta2", "f", "f2"))
    np.testing.assert_allclose(f**2, f2, rtol=1e-13)
    np.testing.assert_allclose(eta2, f2 / (1 + f2), rtol=1e-13)
    for adjusted in ("omega2", "epsilon2"):
        assert limits(noncentral_limits(9.0, adjusted, df1=3, df2=60)) == found["eta2"]


def test_a_two_way_table_shares_v_and_w() -> None:
    v = noncentral_limits(7.1, "V", n=90, rows=2, columns=4)
    w = noncentral_limits(7.1, "w", n=90, df1=3)
    assert limits(v) == limits(w)
    assert v.estimate == w.estimate


def test_estimates_are_the_measures() -> None:
    assert noncentral_limits(2.5, "d", n1=15, n2=45).estimate == pytest.approx(
        effect_sizes(None, "SMD", t=2.5, n1=15, n2=45, correct=False)["yi"][0], rel=1e-14
    )
    for effect, code in (("eta2", "ETA2"), ("omega2", "OMEGA2"), ("epsilon2", "EPSILON2")):
        assert noncentral_limits(5.0, effect, df1=3, df2=60).estimate == pytest.approx(
            effect_sizes(None, code, f=5.0, df1=3, df2=60)["yi"][0], rel=1e-14
        )
    assert noncentral_limits(12.0, "V", n=90, rows=3, columns=4).estimate == pytest.approx(
        effect_sizes(None, "CRAMERV", chi2=12.0, n=90, rows=3, columns=4)["yi"][0], rel=1e-14
    )


def test_turning_t_turns_the_limits() -> None:
    low, high = limits(noncentral_limits(2.2, "d", n1=15, n2=45))
    assert limits(noncentral_limits(-2.2, "d", n1=15, n2=45)) == pytest.approx((-high, -low))


def test_ninety_percent_limits_of_eta2_go_with_the_f_test() -> None:
    """The lower limit leaves 0 where F is significant at 5 percent."""
    f = stats.f(2, 57).isf(0.05)
    below = noncentral_limits(f * (1 - 1e-9), "eta2", df1=2, df2=57, level=0.9)
    above = noncentral_limits(f * (1 + 1e-6), "eta2", df1=2, df2=57, level=0.9)
    assert below.ci_low == 0
    assert str(below.note).startswith("the lower limit is cut at 0")
    assert 0 < above.ci_low < 1e-5
    assert above.note == ""


def test_a_statistic_smaller_than_chance_cuts_both_limits() -> None:
    found = noncentral_limits(0.001, "V", n=90, rows=3, columns=4)
    assert limits(found) == (0, 0)
    assert "both limits are cut at 0" in str(found)


def test_arrays_go_row_by_row() -> None:
    t = np.array([2.5, np.nan, -1.0, 0.0])
    found = noncentral_limits(t, "d", n1=[15, 20, 30, 5], n2=45)
    assert np.isnan(found.ci_low).tolist() == [False, True, False, False]
    one = noncentral_limits(2.5, "d", n1=15, n2=45)
    assert isinstance(one.ci_low, float)
    assert (found.ci_low[0], found.ci_high[0]) == pytest.approx(limits(one), rel=1e-13)
    frame = found.to_frame()
    assert list(frame) == ["estimate", "ci_low", "ci_high", "ncp_low", "ncp_high", "note"]
    assert frame["note"].tolist() == ["", "", "", ""]


@pytest.mark.parametrize("f", [0.0, 1e-300, 1e-8, 1e4, 1e6])
@pytest.mark.parametrize(("df1", "df2"), [(1, 1), (3, 50), (100, 1e6)])
def test_extremes_of_f_stay_in_order(f: float, df1: float, df2: float) -> None:
    found = noncentral_limits(f, "eta2", df1=df1, df2=df2)
    assert 0 <= found.ci_low <= found.ci_high < 1


@pytest.mark.parametrize("t", [-1e4, -500, -1e-9, 0.0, 500])
def test_extremes_of_t_stay_around_the_estimate(t: float) -> None:
    found = noncentral_limits(t, "d", n1=50, n2=1e6)
    assert found.ci_low < found.estimate < found.ci_high


def test_beyond_floating_point_is_refused() -> None:
    with pytest.raises(ValueError, match=r"`value` is too large for its distribution .*: 1e\+12"):
        noncentral_limits(1e12, "w", n=1e12, df1=4)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"value": 2.0, "effect": "g"}, "`effect` must be one of 'd', 'd_z'"),
        ({"value": 2.0, "effect": "d", "n1": 20}, "`n2` must be given: limits of d need t"),
        ({"value": 2.0, "effect": "d_z", "n": 9, "n1": 4}, "`n1` cannot be used for d_z"),
        ({"value": -2.0, "effect": "f", "df1": 2, "df2": 9}, "`value` must be zero or positive"),
        ({"value": 2.0, "effect": "d_z", "n": 1}, "`n` must leave degrees of freedom"),
        ({"value": 2.0, "effect": "f", "df1": 0, "df2": 9}, "`df1` must be positive"),
        ({"value": 2.0, "effect": "d_z", "n": 9, "level": 95}, "`level` must be a fraction"),
    ],
)
def test_refusals(arguments: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        noncentral_limits(**arguments)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3])
def test_limits_of_eta2_cover_as_often_as_they_say(share: float) -> None:
    ncp, k = 64 * share / (1 - share), 4000
    rng = np.random.default_rng(11)
    f = rng.noncentral_chisquare(3, ncp, k) / 3 / (rng.chisquare(60, k) / 60)
    low, high = ncp_limits(F, f, (np.array([3.0]), np.array([60.0])), 0.9)
    covered = np.mean((low <= ncp) & (ncp <= high))
    # Where nothing is explained no lower limit is too high but 5 times in 100.
    assert covered == pytest.approx(0.95 if share == 0 else 0.9, abs=0.02)


def test_the_statistic_must_be_given() -> None:
    with pytest.raises(ValueError, match="`value` must be given; got None"):
        noncentral_limits(None, "d", n1=20, n2=20)
