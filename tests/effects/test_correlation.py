"""Correlations: unbiasedness by quadrature, the t test, the normal limit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, special, stats

from metarel.effects.compute import effect_sizes


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def density(r: np.ndarray, rho: float, n: int) -> np.ndarray:
    """Return the density of r in bivariate normal samples (Hotelling's form)."""
    log_front = (
        np.log(n - 2)
        + special.gammaln(n - 1)
        - special.gammaln(n - 0.5)
        - np.log(2 * np.pi) / 2
        + (n - 1) / 2 * np.log1p(-(rho**2))
        + (n - 4) / 2 * np.log1p(-(r**2))
        - (n - 1.5) * np.log1p(-rho * r)
    )
    return np.exp(log_front) * special.hyp2f1(0.5, 0.5, n - 0.5, (1 + rho * r) / 2)


@pytest.mark.parametrize(("rho", "n"), [(0.5, 8), (0.0, 6), (-0.8, 15)])
def test_unbiased_correlation_and_its_variance(rho: float, n: int) -> None:
    """Over the exact distribution of r, UCOR averages rho, and UB its own variance."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    weights = weights * density(nodes, rho, n)
    frame = effect_sizes(None, "UCOR", r=nodes, n=n, variance="UB")
    mean = weights @ frame["yi"]
    assert mean == pytest.approx(rho, abs=1e-6)
    assert weights @ frame["vi"] == pytest.approx(weights @ (frame["yi"] - mean) ** 2, rel=1e-4)


@pytest.mark.parametrize("n", [219, 220, 221, 222, 1000, 10**6])
def test_large_samples_have_an_unbiased_correlation_however_small(n: int) -> None:
    """Olkin and Pratt's approximation r (1 + (1 − r²)/(2 (n − 4))) is right to 1/n²."""
    r = np.linspace(-1, 1, 41)
    frame = effect_sizes(None, "UCOR", r=r, n=n)
    near = r * (1 + (1 - r**2) / (2 * (n - 4)))
    np.testing.assert_allclose(frame["yi"], near, atol=2 / n**2)
    unbiased = effect_sizes(None, "UCOR", r=r, n=n, variance="UB")["vi"]
    np.testing.assert_allclose(unbiased, frame["vi"], rtol=5 / n**0.5, atol=3 / n**2)


def test_density_used_here_is_one() -> None:
    total, _ = integrate.quad(density, -1, 1, args=(0.5, 8))
    assert total == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("measure", ["COR", "UCOR", "ZCOR"])
def test_t_and_p_stand_for_r(measure: str) -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 24))
    y = y - 0.6 * x
    fit = stats.pearsonr(x, y)
    t = fit.statistic * np.sqrt(22 / (1 - fit.statistic**2))
    whole = effect(measure, r=fit.statistic, n=24)
    assert effect(measure, t=t, n=24) == pytest.approx(whole, rel=1e-12)
    assert effect(measure, p=-fit.pvalue, n=24) == pytest.approx(whole, rel=1e-10)


def test_null_variance_is_behind_the_t_test() -> None:
    yi, vi = effect("COR", r=0.3, n=20, variance="H0")
    assert yi / vi**0.5 == pytest.approx(0.3 * np.sqrt(18 / (1 - 0.09)), rel=1e-14)


def test_too_small_samples_have_no_unbiased_correlation() -> None:
    assert np.isnan(effect("UCOR", r=0.5, n=4)).all()


def test_perfect_correlation_has_no_z() -> None:
    assert effect("UCOR", r=1.0, n=9)[0] == 1
    with pytest.raises(ValueError, match=r"`r` must be a number in \(-1, 1\)"):
        effect("ZCOR", r=1.0, n=9)


def test_the_z_of_a_known_table() -> None:
    """Fisher's table: r = .5 is z = .549306."""
    assert f"{effect('ZCOR', r=0.5, n=28)[0]:.6f}" == "0.549306"
    assert effect("ZCOR", r=0.5, n=28)[1] == 0.04
