"""Shares of variance from F: analysis of variance on raw data, identities, what no effect gives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metarel.effects.compute import effect_sizes


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_sums_of_squares_on_raw_data() -> None:
    rng = np.random.default_rng(4)
    groups = [rng.normal(mean, 1, n) for mean, n in ((0, 12), (0.6, 9), (1.1, 15))]
    f = stats.f_oneway(*groups).statistic
    pooled = np.concatenate(groups)
    within = sum(((g - g.mean()) ** 2).sum() for g in groups)
    total = ((pooled - pooled.mean()) ** 2).sum()
    error = within / 33
    given = {"f": f, "df1": 2, "df2": 33}
    between = total - within
    assert effect("ETA2", **given)[0] == pytest.approx(between / total, rel=1e-12)
    omega2 = (between - 2 * error) / (total + error)
    assert effect("OMEGA2", **given)[0] == pytest.approx(omega2, rel=1e-12)
    epsilon2 = (between - 2 * error) / total
    assert effect("EPSILON2", **given)[0] == pytest.approx(epsilon2, rel=1e-12)


def test_eta2_is_r2_of_as_many_predictors() -> None:
    given = {"f": 4.2, "df1": 3, "df2": 60}
    model = {"f": 4.2, "predictors": 3, "n": 64}
    assert effect("ETA2", **given, variance="RANDOM") == pytest.approx(effect("R2", **model))


def test_two_groups_share_the_t_test() -> None:
    """With df1 = 1, eta2 is the squared point-biserial correlation."""
    d = effect("SMD", t=2.5, n1=15, n2=45, correct=False)[0]
    r = effect("RPB", t=2.5, n1=15, n2=45)[0]
    assert effect("ETA2", f=2.5**2, df1=1, df2=58)[0] == pytest.approx(r**2, rel=1e-13)
    assert d > 0


def test_slopes_are_those_of_the_estimates() -> None:
    """Rules of omega2 and epsilon2 are those of eta2 times a slope, here by differences."""
    f, h = 5.0, 1e-6
    sizes = {"df1": 3, "df2": 40}
    for code in ("OMEGA2", "EPSILON2"):
        low, high = (effect(code, f=f + s * h, **sizes)[0] for s in (-1, 1))
        eta = [effect("ETA2", f=f + s * h, **sizes)[0] for s in (-1, 1)]
        slope = (high - low) / (eta[1] - eta[0])
        for rule in ("LS", "RANDOM", "BETA"):
            of_eta = effect("ETA2", f=f, **sizes, variance=rule)[1]
            assert effect(code, f=f, **sizes, variance=rule)[1] == pytest.approx(
                slope**2 * of_eta, rel=1e-7
            )


def test_without_an_effect_only_the_noncentral_beta_keeps_a_variance() -> None:
    """F = 0 estimates that nothing is explained; eta2 then is a central beta variable."""
    a, b = 3 / 2, 40 / 2
    given = {"f": 0.0, "df1": 3, "df2": 40}
    assert effect("ETA2", **given) == (0, 0)
    assert effect("ETA2", **given, variance="BETA")[1] == pytest.approx(
        stats.beta(a, b).var(), rel=1e-12
    )
    assert effect("OMEGA2", **given)[0] < 0


def test_noncentral_beta_against_the_noncentral_f() -> None:
    omega2 = effect("OMEGA2", f=6.0, df1=3, df2=40)[0]
    law = stats.ncf(3, 40, 44 * omega2 / (1 - omega2))

    def share(f: float) -> float:
        return 3 * f / (3 * f + 40)

    mean = law.expect(share, epsabs=1e-13)
    variance = law.expect(lambda f: (share(f) - mean) ** 2, epsabs=1e-14)
    assert effect("ETA2", f=6.0, df1=3, df2=40, variance="BETA")[1] == pytest.approx(
        variance, rel=1e-8
    )


def test_huge_samples_do_not_exhaust_the_mixture() -> None:
    rows = {"f": np.linspace(1e3, 1e5, 300), "df1": 3, "df2": 1e6}
    exact = effect_sizes(None, "ETA2", **rows, variance="BETA")["vi"]
    large = effect_sizes(None, "ETA2", **rows)["vi"]
    np.testing.assert_allclose(exact, large, rtol=1e-3)
