"""Tests of coefficients: every guard by its definition, Kenward-Roger by dense matrices."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import metarel as mr
from metarel.models._inference import TESTS, wald_test
from metarel.models._kenward_roger import kenward_roger

GOLDEN = Path(__file__).parents[1] / "golden"
PEOPLE = json.loads((GOLDEN / "kenward_roger.json").read_text(encoding="utf-8"))
K = 11


def table(seed: int, tau2: float = 0.05, k: int = K) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    v = rng.gamma(1.5, 0.05, k) + 2e-3
    x, z = rng.normal(5, 3, k), rng.integers(0, 2, k).astype(float)
    return pd.DataFrame({"yi": rng.normal(0.2, np.sqrt(v + tau2)), "vi": v, "x": x, "z": z})


def half(fit: mr.MetaFit) -> float:
    return float(fit.ci_high[0] - fit.ci_low[0]) / 2


# 100 sets of few and similar effects: the guards bite in some and not in others
SETS = [(seed, tau2) for seed in range(50) for tau2 in (0.0, 0.1)]


@pytest.fixture(scope="module")
def fits() -> list[dict[str, mr.MetaFit]]:
    out = []
    for seed, tau2 in SETS:
        data = table(seed, tau2, k=5)
        out.append({test: mr.pool(data, test=test) for test in TESTS})
        out[-1]["classic"] = mr.pool(data, tau2="DL")
    return out


def test_each_guard_is_its_definition(fits: list[dict[str, mr.MetaFit]]) -> None:
    bites = {"adhoc": 0, "hybrid": 0, "iqwig": 0}
    for fit in fits:
        factor = fit["knha"].knapp_hartung
        t = stats.t.ppf(0.975, 4)
        assert half(fit["knha"]) == pytest.approx(t * math.sqrt(factor) * fit["z"].se[0], rel=1e-12)
        adhoc = t * max(math.sqrt(factor), 1) * fit["z"].se[0]
        assert half(fit["adhoc"]) == pytest.approx(adhoc, rel=1e-12)
        assert half(fit["hybrid"]) == pytest.approx(max(half(fit["knha"]), half(fit["z"])))
        narrow = half(fit["knha"]) < half(fit["classic"])
        assert half(fit["iqwig"]) == pytest.approx(adhoc if narrow else half(fit["knha"]))
        bites["adhoc"] += half(fit["adhoc"]) > half(fit["knha"])
        bites["hybrid"] += half(fit["hybrid"]) > half(fit["knha"])
        bites["iqwig"] += narrow
    assert all(0 < times < len(fits) for times in bites.values()), bites


def test_p_values_go_with_the_intervals(fits: list[dict[str, mr.MetaFit]]) -> None:
    for fit in fits:
        for test in TESTS:
            excludes = fit[test].ci_low[0] > 0 or fit[test].ci_high[0] < 0
            assert excludes == (fit[test].p_value[0] < 0.05)


def test_hybrid_compares_at_the_level() -> None:
    """The quantiles of t and z draw apart as the level rises."""
    data = table(3, 0.0, k=5)
    for level in (0.5, 0.8, 0.99, 0.9999):
        fit = {test: mr.pool(data, test=test, level=level) for test in ("z", "knha", "hybrid")}
        assert half(fit["hybrid"]) == pytest.approx(max(half(fit["z"]), half(fit["knha"])))


def dense_kenward_roger(
    v: np.ndarray, X: np.ndarray, tau2: float, L: np.ndarray
) -> tuple[np.ndarray, float, float, bool]:
    """The general formulas with k x k matrices; derivatives of Phi by differences."""

    def phi(t: float) -> np.ndarray:
        return np.linalg.inv(X.T @ np.diag(1 / (v + t)) @ X)

    V_inverse = np.diag(1 / (v + tau2))
    P = -X.T @ V_inverse @ V_inverse @ X
    Q = X.T @ V_inverse @ V_inverse @ V_inverse @ X
    now, two = phi(tau2), V_inverse @ V_inverse
    information = 0.5 * np.trace(two) - np.trace(now @ Q) + 0.5 * np.trace(now @ P @ now @ P)
    W = 1 / information
    adjusted = now + 2 * now @ (W * (Q - P @ now @ P)) @ now
    step = 1e-5 * (tau2 + v.min())
    slope = (phi(tau2 + step) - phi(tau2 - step)) / (2 * step)
    np.testing.assert_allclose(slope, -now @ P @ now, rtol=1e-6)
    ell = L.shape[1]
    theta = L @ np.linalg.inv(L.T @ now @ L) @ L.T
    half_way = theta @ now @ P @ now
    A1, A2 = W * np.trace(half_way) ** 2, W * np.trace(half_way @ half_way)
    B = (A1 + 6 * A2) / (2 * ell)
    g = ((ell + 1) * A1 - (ell + 4) * A2) / ((ell + 2) * A2)
    below = 3 * ell + 2 * (1 - g)
    c1, c2, c3 = g / below, (ell - g) / below, (ell + 2 - g) / below
    E = 1 / (1 - A2 / ell)
    variance = 2 / ell * (1 + c1 * B) / ((1 - c2 * B) ** 2 * (1 - c3 * B))
    rho = variance / (2 * E**2)
    m = 4 + (ell + 2) / (ell * rho - 1)
    return adjusted, m, m / (E * (m - 2)), bool(min(E, variance) > 0 and m > 2)


@pytest.mark.parametrize("seed", range(6))
def test_kenward_roger_by_dense_matrices(seed: int) -> None:
    data = table(seed)
    v = data.vi.to_numpy()
    X = np.column_stack([np.ones(K), data.x, data.z])
    for tau2 in (0.0, 0.03, 2.0):
        ours = kenward_roger(v, X, tau2)
        for j in range(3):
            L = np.eye(3)[:, [j]]
            vcov, df, scale, _ = dense_kenward_roger(v, X, tau2, L)
            np.testing.assert_allclose(ours.vcov, vcov, rtol=1e-9)
            assert ours.combination_df(L.T)[0] == pytest.approx(df, rel=1e-7)
            assert scale == pytest.approx(1, rel=1e-7)
            assert ours.joint_reference(L.T) == pytest.approx((df, 1.0), rel=1e-7)
        for rows in (np.eye(3)[1:], np.eye(3), np.array([[1.0, 2.0, -1.0], [0.0, 3.0, 0.5]])):
            _, df, scale, sound = dense_kenward_roger(v, X, tau2, rows.T)
            # moments below 0, or an F without a mean to match: the approximation has broken down
            want = (df, scale) if sound else (np.nan, np.nan)
            assert sound or tau2 < 1
            assert ours.joint_reference(rows) == pytest.approx(want, rel=1e-8, nan_ok=True)


@pytest.mark.parametrize("case", PEOPLE, ids=[case["id"] for case in PEOPLE])
def test_kenward_roger_agrees_with_pbkrtest(case: dict) -> None:
    """From individual people, where 1014 df stand behind variances that are taken as known here."""
    data = pd.DataFrame({name: case[name] for name in ("yi", "vi", "x")})
    for fit, golden in (
        (mr.pool(data, test="kr"), case["mean"]),
        (mr.meta_regression(data, "x", test="kr"), case["line"]),
    ):
        np.testing.assert_allclose(fit.se, golden["se"], rtol=2e-3)
        np.testing.assert_allclose(fit.df, golden["df"], rtol=2e-3)


def test_kenward_roger_of_a_mean_is_the_closed_form() -> None:
    for seed in range(5):
        data = table(seed)
        fit = mr.pool(data, test="kr")
        w = 1 / (data.vi + fit.tau2)
        s1, s2, s3 = (float((w**j).sum()) for j in (1, 2, 3))
        information = s2 / 2 - s3 / s1 + (s2 / s1) ** 2 / 2
        variance = 1 / s1 + 2 * (s3 - s2**2 / s1) / (s1**2 * information)
        assert fit.se[0] ** 2 == pytest.approx(variance, rel=1e-10)
        assert fit.df[0] == pytest.approx(2 * information * (s1 / s2) ** 2, rel=1e-10)


def test_kenward_roger_with_equal_variances_is_t() -> None:
    """There the weights do not move with tau2, and nothing needs adjusting."""
    data = table(4).assign(vi=0.03)
    kr, t = mr.pool(data, test="kr"), mr.pool(data, test="t")
    assert (kr.se[0], kr.df[0]) == pytest.approx((t.se[0], t.df[0]), rel=1e-12)
    kr, t = (mr.meta_regression(data, "x + z", test=test) for test in ("kr", "t"))
    np.testing.assert_allclose(kr.vcov, t.vcov, rtol=1e-10)
    assert (kr.omnibus.statistic, kr.omnibus.df2) == pytest.approx(
        (t.omnibus.statistic, t.omnibus.df2), rel=1e-8
    )


def test_a_regression_has_its_own_df_for_each_coefficient_and_prediction() -> None:
    fit = mr.meta_regression(table(2), "x + z", test="kr")
    assert len(set(fit.df.round(6))) == 3
    at = fit.predict(X=[[1.0, 0.0, 0.0], [1.0, 5.0, 1.0]])
    assert at.ci_high[0] == pytest.approx(fit.ci_high[0], rel=1e-12)
    df = kenward_roger(fit.study.vi, fit.study.X, fit.tau2).combination_df(
        np.array([[1.0, 5.0, 1.0]])
    )[0]
    assert at.ci_high[1] - at.estimate[1] == pytest.approx(stats.t.ppf(0.975, df) * at.se[1])
    alone = mr.meta_regression(table(2), "x", test="kr")
    assert alone.omnibus.statistic == pytest.approx(float(alone.statistic[1] ** 2), rel=1e-9)
    assert alone.omnibus.p_value == pytest.approx(float(alone.p_value[1]), rel=1e-8)


def test_where_kenward_roger_breaks_down_there_is_no_joint_test() -> None:
    data = pd.DataFrame({"yi": [0.1, 0.2, 0.3, 0.9, 0.4], "vi": [1e-4, 1, 2, 1, 3.0],
                         "x": [0.0, 1, 2, 5, 3], "z": [1.0, 0, 0, 4, 1]})  # fmt: skip
    fit = mr.meta_regression(data, "x + z", test="kr")
    assert np.isnan([fit.omnibus.statistic, fit.omnibus.df2, fit.omnibus.p_value]).all()
    assert "Moderators: no test, for studies or clusters are too few (H0: no moder" in " ".join(
        str(fit).split()
    )
    assert np.isfinite(fit.p_value).all()


@pytest.mark.parametrize("test", [test for test in TESTS if test != "iqwig"])
def test_units_do_not_matter(test: str) -> None:
    data = table(1)
    plain = mr.meta_regression(data, "x + z", test=test)
    scaled = data.assign(yi=data.yi * 1e5, vi=data.vi * 1e10, x=data.x * 1e-4 + 7)
    other = mr.meta_regression(scaled, "x + z", test=test)
    assert other.statistic[1:] == pytest.approx(plain.statistic[1:], rel=1e-6)
    assert other.df[1:] == pytest.approx(plain.df[1:], rel=1e-6)
    assert other.omnibus.p_value == pytest.approx(plain.omnibus.p_value, rel=1e-5)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"test": "kr", "tau2": "DL"}, r'`test` "kr" .* by REML.*got tau2=\'DL\'.*tau2="REML"'),
        ({"test": "kr", "tau2": 0.1}, r"got tau2=0\.1"),
        ({"test": "kr", "weights": 1.0}, r"got own weights"),
        ({"test": "IQWiGs"}, r"Did you mean 'iqwig'"),
    ],
)
def test_what_a_test_cannot_do_is_refused(options: dict, says: str) -> None:
    with pytest.raises(mr.InputError, match=says):
        mr.pool(table(0), **options)
    if "IQWiG" not in options.values():
        given = table(0)
        many = {**options, "weights": np.ones(K)} if "weights" in options else options
        with pytest.raises(mr.InputError, match=says):
            mr.pool_many(given.assign(g=1), "g", **many)


def test_the_guard_of_a_mean_is_refused_with_moderators() -> None:
    with pytest.raises(mr.InputError, match=r'`test` "iqwig" is defined for a pooled mean'):
        mr.meta_regression(table(0), "x", test="iqwig")


def test_one_study_is_tested_by_z_whatever_the_test() -> None:
    for test in TESTS:
        with pytest.warns(mr.MetarelWarning, match="With one study"):
            assert mr.pool(yi=[0.3], vi=[0.04], test=test).spec.test == "z"


def test_a_joint_test_of_chosen_coefficients() -> None:
    fit = mr.meta_regression(table(1), "x + z")
    one = wald_test(fit.beta, fit.vcov, [2], math.inf, "z is 0")
    assert one.statistic == pytest.approx(float(fit.statistic[2] ** 2))
    assert one.p_value == pytest.approx(float(fit.p_value[2]))


def coverage(v: np.ndarray, tau2: float) -> dict[str, float]:
    y = np.random.default_rng(8).normal(0.3, np.sqrt(v + tau2), (20_000, len(v)))
    runs = {test: mr.pool_many(yi=y, vi=v, test=test) for test in TESTS}
    return {t: float(((r.ci_low < 0.3) & (r.ci_high > 0.3)).mean()) for t, r in runs.items()}


@pytest.mark.slow
def test_coverage_of_each_test() -> None:
    """20 000 sets: the standard error of a coverage of 95 % is 0.0015."""
    equal = coverage(np.full(5, 0.05), 0.05)
    assert equal["knha"] == pytest.approx(0.95, abs=0.0045)  # an exact pivot there
    assert equal["kr"] == equal["t"] >= equal["knha"]
    for guard in ("adhoc", "hybrid", "iqwig"):
        assert equal["knha"] <= equal[guard] <= equal["adhoc"]
    few = coverage(np.array([0.01, 0.02, 0.05, 0.1, 0.1, 0.2]), 0.05)
    assert few["z"] < few["knha"] < few["hybrid"] < few["iqwig"] < few["adhoc"] < 0.95 < few["kr"]
    many = coverage(np.random.default_rng(2).uniform(0.01, 0.2, 60), 0.05)
    assert all(0.94 < found < 0.965 for found in many.values()), many
