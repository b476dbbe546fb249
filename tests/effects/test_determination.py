"""Coefficients of determination: F and p, quadrature, exact moments."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from metarel.effects.compute import effect_sizes

GOLDEN = Path(__file__).parents[1] / "golden" / "high_precision.json"
MODEL = {"r2": 0.35, "predictors": 3, "n": 80}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_f_and_p_stand_for_r2() -> None:
    f = 0.35 / 3 / (0.65 / 76)
    p = stats.f.sf(f, 3, 76)
    for code in ("R2", "ZR2", "R2F", "ZR2F"):
        whole = effect(code, **MODEL)
        assert effect(code, f=f, predictors=3, n=80) == pytest.approx(whole, rel=1e-10)
        assert effect(code, p=p, predictors=3, n=80) == pytest.approx(whole, rel=1e-9)


def test_z_is_the_delta_method_on_r2() -> None:
    slope2 = 1 / (4 * 0.35 * 0.65**2)
    assert effect("ZR2", **MODEL)[1] == pytest.approx(effect("R2", **MODEL)[1] * slope2)
    for rule in ("LS", "BETA"):
        raw = effect("R2F", **MODEL, variance=rule)[1]
        assert effect("ZR2F", **MODEL, variance=rule)[1] == pytest.approx(raw * slope2, rel=1e-12)


@pytest.mark.parametrize(
    ("r2", "m", "n"), [(0.35, 3, 80), (0.1, 2, 50), (0.6, 5, 40), (0.02, 1, 9)]
)
def test_likelihood_variance_by_adaptive_quadrature(r2: float, m: int, n: int) -> None:
    df = n - m - 1
    f = r2 / m / ((1 - r2) / df)

    def moment(power: int) -> float:
        def integrand(rho2: float) -> float:
            return rho2**power * stats.ncf.pdf(f, m, df, n * rho2 / (1 - rho2))

        parts = (0, r2 / 2, r2, (1 + r2) / 2, 1)
        return sum(
            integrate.quad(integrand, a, b, epsabs=0, epsrel=1e-10, limit=200)[0]
            for a, b in pairwise(parts)
        )

    total, first, second = (moment(power) for power in range(3))
    expected = second / total - (first / total) ** 2
    found = effect("R2F", r2=r2, predictors=m, n=n)[1]
    assert found == pytest.approx(expected, rel=1e-7)


def test_likelihood_variance_in_forty_digits() -> None:
    """mpmath's integral to 1e-12; metafor's grid misses it by 4e-4 at R² of 0.1."""
    known = json.loads(GOLDEN.read_text())["fixed_r2"]
    r2, m, n = np.array(known["models"]).T
    exact = np.array(known["variance"])
    frame = effect_sizes(None, "R2F", r2=r2, predictors=m, n=n)
    np.testing.assert_allclose(frame["vi"], exact, rtol=1e-12)
    theirs = np.array(known["metafor"])
    np.testing.assert_allclose(theirs, exact[:3], rtol=5e-4)
    assert abs(theirs[0] / exact[0] - 1) > 3e-4


def test_beta_variance_by_quadrature_and_at_zero() -> None:
    m, df, noncentrality = 3, 76, 80 * 0.35 / 0.65

    def density(r2: float) -> float:
        f = r2 / m / ((1 - r2) / df)
        return stats.ncf.pdf(f, m, df, noncentrality) * df / m / (1 - r2) ** 2

    first, second = (integrate.quad(lambda x, p=p: x**p * density(x), 0, 1)[0] for p in (1, 2))
    found = effect("R2F", **MODEL, variance="BETA")[1]
    assert found == pytest.approx(second - first**2, rel=1e-8)
    null = effect("R2F", r2=0.0, predictors=3, n=80, variance="BETA")[1]
    assert null == pytest.approx(stats.beta(1.5, 38).var(), rel=1e-12)


def test_large_samples_meet() -> None:
    """Random and fixed predictors differ: 4 R²(1 − R²)² against 4 R²(1 − R²)² (1 − R²/2)."""
    large = {**MODEL, "n": 40_000}
    random, fixed = effect("R2", **large)[1], effect("R2F", **large)[1]
    assert fixed / random == pytest.approx(1 - 0.35 / 2, rel=2e-3)
    assert effect("R2F", **large, variance="BETA")[1] == pytest.approx(fixed, rel=2e-3)
    assert effect("R2", **large, variance="LS2")[1] == pytest.approx(random, rel=1e-3)


def test_unsigned_p() -> None:
    with pytest.raises(ValueError, match=r"`p` must be a number in \(0, 1\]"):
        effect("R2", p=-0.03, predictors=3, n=40)
    with pytest.raises(ValueError, match=r"`r2` must be a number in \[0, 1\)"):
        effect("R2", r2=1.0, predictors=3, n=40)
