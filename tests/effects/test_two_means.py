"""Mean differences: alternatives agree, corrections and variance rules relate as they must."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from metarel.effects.compute import effect_sizes

GROUPS = {"m1": 12.1, "sd1": 3.1, "n1": 20, "m2": 10.2, "sd2": 2.8, "n2": 27}


def effect(measure: str = "SMD", **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def raw_groups() -> tuple[np.ndarray, np.ndarray]:
    """Return two samples of different sizes."""
    rng = np.random.default_rng(4)
    return rng.normal(1.0, 2.0, 17), rng.normal(0.2, 2.0, 29)


def test_every_alternative_gives_the_same_effect() -> None:
    """Means, d, t, p and the point-biserial r of one pair of samples, by scipy."""
    x, y = raw_groups()
    sizes = {"n1": len(x), "n2": len(y)}
    t, p = stats.ttest_ind(x, y)
    r, _ = stats.pointbiserialr(np.r_[np.ones(len(x)), np.zeros(len(y))], np.r_[x, y])
    means = {"m1": x.mean(), "sd1": x.std(ddof=1), "m2": y.mean(), "sd2": y.std(ddof=1)}
    whole = effect(**means, **sizes)
    d = effect(**means, **sizes, correct=False)[0]
    for instead in ({"d": d}, {"t": t}, {"p": np.sign(t) * p}, {"r": r}):
        assert effect(**instead, **sizes) == pytest.approx(whole, rel=1e-11)


def test_a_row_uses_the_first_complete_set() -> None:
    data = pd.DataFrame({"d": [0.5, np.nan], "t": [9.0, 1.5], "n1": [20, 20], "n2": [25, 25]})
    both = effect_sizes(data, "SMD", d="d", t="t", n1="n1", n2="n2")
    assert both["yi"][0] == effect(d=0.5, n1=20, n2=25)[0]
    assert both["yi"][1] == effect(t=1.5, n1=20, n2=25)[0]


def test_hand_computed_example() -> None:
    """n = 20 and 27: s² = (19·9.61 + 26·7.84)/45, every step by hand."""
    s2 = (19 * 9.61 + 26 * 7.84) / 45
    d, _ = effect(**GROUPS, correct=False)
    assert d == pytest.approx(1.9 / s2**0.5, rel=1e-14)
    g, v = effect(**GROUPS, correct="approximate")
    assert g == pytest.approx(d * (1 - 3 / (4 * 45 - 1)), rel=1e-14)
    assert v == pytest.approx(1 / 20 + 1 / 27 + g**2 / 94, rel=1e-14)


def test_revman_by_its_published_algorithm() -> None:
    """Deeks and Higgins (2010): g = d (1 − 3/(4N − 9)), SE² = N/(n1 n2) + g²/(2 (N − 3.94))."""
    d, _ = effect(**GROUPS, correct=False)
    g, v = effect(**GROUPS, correct="approximate", variance="REVMAN")
    assert g == pytest.approx(d * (1 - 3 / (4 * 47 - 9)), rel=1e-14)
    assert v == pytest.approx(47 / (20 * 27) + g**2 / (2 * 43.06), rel=1e-14)


def test_variance_rules_of_the_smd_relate() -> None:
    rules = {rule: effect(**GROUPS, variance=rule)[1] for rule in ("LS", "LS2", "UB", "EXACT")}
    assert rules["EXACT"] == rules["UB"]  # White and Thomas (14) is Hedges (1983) eq. 9
    assert rules["LS2"] < rules["LS"]
    # The unbiased rule of d is that of g over the square of the factor between them.
    g, d = effect(**GROUPS)[0], effect(**GROUPS, correct=False)[0]
    assert effect(**GROUPS, variance="UB", correct=False)[1] == pytest.approx(
        rules["UB"] * (d / g) ** 2, rel=1e-13
    )


def test_null_variance_is_that_of_a_scaled_t() -> None:
    """With equal means t is Student's, whose variance is m/(m − 2)."""
    m = 45
    factor = effect(**GROUPS)[0] / effect(**GROUPS, correct=False)[0]
    expected = factor**2 * (1 / 20 + 1 / 27) * stats.t(m).var()
    assert effect(**GROUPS, variance="H0")[1] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("rule", ["LS", "LS2", "UB", "AV", "REVMAN", "EXACT"])
def test_rules_meet_in_large_samples(rule: str) -> None:
    large = {**GROUPS, "n1": 2e6, "n2": 2.7e6}
    assert effect(**large, variance=rule)[1] == pytest.approx(effect(**large)[1], rel=1e-5)


def test_equal_spread_and_size_unite_the_measures() -> None:
    same = {"m1": 5.0, "sd1": 2.0, "n1": 30, "m2": 4.0, "sd2": 2.0, "n2": 30}
    assert effect("SMDH", **same)[0] == pytest.approx(effect("SMD", **same)[0], rel=1e-14)
    ls, ho = effect("MD", **same), effect("MD", **same, variance="HO")
    assert ls == pytest.approx(ho, rel=1e-14)


def test_welch_and_student_standard_errors() -> None:
    """The two variances of MD are those behind Welch's and Student's t."""
    x, y = raw_groups()
    means = {"m1": x.mean(), "sd1": x.std(ddof=1), "m2": y.mean(), "sd2": y.std(ddof=1)}
    for rule, equal in (("LS", False), ("HO", True)):
        yi, vi = effect("MD", **means, n1=len(x), n2=len(y), variance=rule)
        t = stats.ttest_ind(x, y, equal_var=equal).statistic
        assert yi / vi**0.5 == pytest.approx(t, rel=1e-12)
