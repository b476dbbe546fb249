"""Pre-post-control effects: Morris's example, his own and Becker's variances, reductions."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.effects.compute import effect_sizes

# Carlson and Schmidt's training studies, as Morris (2008) uses them.
TRAINING = {
    "m_pre1": [30.6, 23.5, 0.5, 53.4, 35.6],
    "sd_pre1": [15.0, 3.1, 0.1, 14.5, 4.7],
    "m_post1": [38.5, 26.8, 0.7, 75.9, 36.0],
    "sd_post1": [11.6, 4.1, 0.1, 4.4, 4.6],
    "n1": [20, 50, 9, 10, 14],
    "m_pre2": [23.1, 24.9, 0.6, 55.7, 34.8],
    "sd_pre2": [13.8, 4.1, 0.2, 17.3, 3.1],
    "m_post2": [19.7, 25.3, 0.6, 60.7, 33.4],
    "sd_post2": [14.8, 3.3, 0.2, 17.9, 6.9],
    "n2": [20, 42, 9, 11, 14],
    "r": [0.47, 0.64, 0.77, 0.89, 0.44],
}
GROUP1 = {"m1": "m_post1", "sd1": "sd_pre1", "m2": "m_pre1", "n": "n1", "r": "r"}
GROUP2 = {word: name.replace("1", "2") for word, name in GROUP1.items()}


def effects(measure: str, given: dict[str, list[float]], **options: object) -> np.ndarray:
    """Return yi and vi."""
    return effect_sizes(None, measure, **given, **options)[["yi", "vi"]].to_numpy().T


def test_morris_2008_table_5() -> None:
    yi, _ = effects("DPPC2", TRAINING, correct="approximate")
    assert [f"{y:.2f}" for y in yi] == ["0.77", "0.80", "1.20", "1.05", "0.44"]


def test_exact_variance_is_morris_equation_25() -> None:
    """Written as in the paper, with its approximate factor."""
    yi, vi = effects("DPPC2", TRAINING, correct="approximate")
    n1, n2, r = (np.array(TRAINING[word], dtype=float) for word in ("n1", "n2", "r"))
    size, m = n1 * n2 / (n1 + n2), n1 + n2 - 2
    c = 1 - 3 / (4 * m - 1)
    paper = 2 * c**2 * (1 - r) / size * m / (m - 2) * (1 + size * yi**2 / (2 * (1 - r))) - yi**2
    np.testing.assert_allclose(vi, paper, rtol=1e-12)


def test_uncorrected_variance_is_that_of_g_over_the_squared_factor() -> None:
    for code in ("DPPC1", "DPPC2"):
        g, of_g = effects(code, TRAINING, variance="EXACT")
        d, of_d = effects(code, TRAINING, variance="EXACT", correct=False)
        if code == "DPPC2":
            np.testing.assert_allclose(of_g, (g / d) ** 2 * of_d, rtol=1e-12)
        assert (of_d > of_g).all()


@pytest.mark.parametrize("correct", [True, False, "approximate"])
def test_own_units_are_two_standardised_mean_changes(correct: bool | str) -> None:
    yi, vi = effects("DPPC1", TRAINING, correct=correct)
    parts = [
        effects("SMCR", {word: TRAINING[name] for word, name in group.items()}, correct=correct)
        for group in (GROUP1, GROUP2)
    ]
    np.testing.assert_allclose(yi, parts[0][0] - parts[1][0], rtol=1e-12)
    np.testing.assert_allclose(vi, parts[0][1] + parts[1][1], rtol=1e-12)


def test_equal_spreads_unite_the_uncorrected_measures() -> None:
    same = {
        word: [4.0] * 5 if word.startswith("sd") else values for word, values in TRAINING.items()
    }
    yi = [effects(f"DPPC{i}", same, correct=False)[0] for i in (1, 2, 3)]
    np.testing.assert_allclose(yi[0], yi[1], rtol=1e-12)
    np.testing.assert_allclose(yi[2], yi[1], rtol=1e-12)


def test_a_group_that_does_not_change_leaves_the_other() -> None:
    still = {**TRAINING, "m_post2": TRAINING["m_pre2"], "n2": [10**9] * 5}
    change = effects("SMCR", {word: TRAINING[name] for word, name in GROUP1.items()})
    np.testing.assert_allclose(effects("DPPC1", still)[0], change[0], rtol=1e-12)
    np.testing.assert_allclose(effects("DPPC1", still)[1], change[1], rtol=1e-7)


def test_rules_meet_in_large_samples() -> None:
    large = {**TRAINING, "n1": [4e6] * 5, "n2": [6e6] * 5}
    for code in ("DPPC1", "DPPC2"):
        exact = effects(code, large, variance="EXACT")[1]
        np.testing.assert_allclose(effects(code, large, variance="LS")[1], exact, rtol=1e-5)


def test_later_spreads_serve_only_where_they_are_needed() -> None:
    before = {word: v for word, v in TRAINING.items() if not word.startswith("sd_post")}
    for code in ("DPPC1", "DPPC2"):
        np.testing.assert_array_equal(effects(code, before), effects(code, TRAINING))
    with pytest.raises(ValueError, match=r"DPPC3 needs .*`sd_post1`"):
        effects("DPPC3", before)


def test_no_spread_is_refused() -> None:
    flat = {**TRAINING, "sd_pre1": [0, 1, 1, 1, 1], "sd_pre2": [0, 1, 1, 1, 1]}
    with pytest.raises(ValueError, match=r"`sd_pre1` and `sd_pre2` must not both be 0; see row 0"):
        effects("DPPC2", flat)
