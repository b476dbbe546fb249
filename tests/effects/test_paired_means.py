"""Change: the paired t test, what correlation does, reductions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metarel.effects.compute import effect_sizes

PAIRS = {"m1": 12.1, "sd1": 3.1, "m2": 10.2, "sd2": 2.8, "r": 0.6, "n": 27}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def measured_twice() -> tuple[np.ndarray, np.ndarray]:
    """Return two measurements of 19 people."""
    rng = np.random.default_rng(5)
    first = rng.normal(10, 2, 19)
    return first + 1, 10 + 0.6 * (first - 10) + rng.normal(0, 1.4, 19)


def summary(x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Return means, standard deviations, correlation and size."""
    return {
        "m1": x.mean(),
        "sd1": x.std(ddof=1),
        "m2": y.mean(),
        "sd2": y.std(ddof=1),
        "r": np.corrcoef(x, y)[0, 1],
        "n": len(x),
    }


def test_paired_t_test() -> None:
    x, y = measured_twice()
    t, p = stats.ttest_rel(x, y)
    change, v = effect("MC", **summary(x, y))
    assert change / v**0.5 == pytest.approx(t, rel=1e-12)
    whole = effect("SMCC", **summary(x, y))
    assert effect("SMCC", t=t, n=19) == pytest.approx(whole, rel=1e-12)
    assert effect("SMCC", p=np.sign(t) * p, n=19) == pytest.approx(whole, rel=1e-10)
    d = effect("SMCC", **summary(x, y), correct=False)[0]
    assert d == pytest.approx(t / 19**0.5, rel=1e-12)
    assert effect("SMCC", d=d, n=19) == pytest.approx(whole, rel=1e-12)


def test_morris_2008_pre_post_effects() -> None:
    """The first treated group in the example of Morris (2008): change over the pretest SD."""
    g, _ = effect("SMCR", m1=38.5, sd1=15.0, m2=30.6, r=0.47, n=20, correct="approximate")
    assert g == pytest.approx((38.5 - 30.6) / 15 * (1 - 3 / (4 * 19 - 1)), rel=1e-14)


def test_uncorrelated_equal_spreads_unite_the_measures() -> None:
    same = {**PAIRS, "sd1": 2.8, "r": 0.5}
    # With r = 1/2 and equal spreads the SD of changes is that of each measurement.
    assert effect("SMCC", **same) == pytest.approx(effect("SMCR", **same), rel=1e-13)
    assert effect("SMCR", **same, variance="LS2") == pytest.approx(
        effect("SMCC", **same, variance="LS2"), rel=1e-13
    )
    raw = {"correct": False}
    assert effect("SMCRP", **same, **raw)[0] == pytest.approx(effect("SMCR", **same, **raw)[0])
    assert effect("SMCRPH", **same)[0] == effect("SMCRP", **same)[0]
    assert effect("SMCRH", **same)[0] == effect("SMCR", **same)[0]


def test_unequal_spread_rules_meet_the_plain_ones_in_large_samples() -> None:
    large = {**PAIRS, "sd1": 2.8, "n": 5e6}
    for plain, free in (("SMCR", "SMCRH"), ("SMCRP", "SMCRPH")):
        assert effect(free, **large) == pytest.approx(effect(plain, **large), rel=1e-5)


def test_null_and_unbiased_rules() -> None:
    m = 26
    factor = effect("SMCC", **PAIRS)[0] / effect("SMCC", **PAIRS, correct=False)[0]
    null = effect("SMCC", **PAIRS, variance="H0")[1]
    assert null == pytest.approx(factor**2 * stats.t(m).var() / 27, rel=1e-12)
    still = {**PAIRS, "m1": 10.2}
    assert effect("SMCC", **still, variance="UB")[1] == pytest.approx(1 / 27, rel=1e-13)
    ratio = effect("SMCR", **still, variance="H0")[1] / effect("SMCR", **still, variance="UB")[1]
    assert ratio == pytest.approx(factor**2 * stats.t(m).var(), rel=1e-12)


def test_first_measurement_alone_sets_the_unit() -> None:
    without = {word: value for word, value in PAIRS.items() if word != "sd2"}
    assert effect("SMCR", **without) == effect("SMCR", **PAIRS)
    mirrored = {**PAIRS, "m1": -12.1, "m2": -10.2}
    for code in ("SMCR", "SMCRH"):
        yi, vi = effect(code, **PAIRS)
        assert effect(code, **mirrored) == pytest.approx((-yi, vi), rel=1e-14)


def test_a_p_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match=r"`p` must not be 0; give the bound"):
        effect("SMCC", p=0.0, n=9)
