"""Two proportions: published figures, standard tests, empty cells."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metarel.effects.compute import effect_sizes

# Colditz et al. (1994): tuberculosis in vaccinated and unvaccinated people, thirteen trials.
BCG = {
    "events1": [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    "non_events1": [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
    "events2": [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    "non_events2": [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
}
ONE = {"events1": 12, "n1": 40, "events2": 5, "n2": 44}


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def test_berkey_1995_random_effects() -> None:
    """Berkey et al. (1995), p. 408: tau2 0.2682, mean −0.5429, SE 0.1842, empirical Bayes."""
    frame = effect_sizes(None, "RR", **BCG, variance="BERKEY")
    yi, vi = frame["yi"].to_numpy(), frame["vi"].to_numpy()
    tau2 = 0.26815  # empirical Bayes solves Σ w (y − mean)² = k − 1
    w = 1 / (vi + tau2)
    mean = (w * yi).sum() / w.sum()
    assert (w * (yi - mean) ** 2).sum() == pytest.approx(12, abs=1e-3)
    assert f"{mean:.4f}" == "-0.5429"
    assert f"{w.sum() ** -0.5:.4f}" == "0.1842"


def test_berkey_variance_by_hand() -> None:
    frame = effect_sizes(None, "RR", **BCG, variance="BERKEY")
    a, b, c, d = (np.array(BCG[w], dtype=float) for w in BCG)
    expected = np.mean(b / a) / (a + b) + np.mean(d / c) / (c + d)
    np.testing.assert_allclose(frame["vi"], expected, rtol=1e-14)


def test_odds_ratio_of_fisher_table() -> None:
    table = [[12, 28], [5, 39]]
    found = stats.contingency.odds_ratio(table, kind="sample")
    assert effect("OR", **ONE)[0] == pytest.approx(np.log(found.statistic), rel=1e-13)


def test_risk_ratio_interval_is_scipys() -> None:
    """scipy's Katz interval for a risk ratio is exp(yi ± z √vi)."""
    low, high = stats.contingency.relative_risk(12, 40, 5, 44).confidence_interval(0.95)
    yi, vi = effect("RR", **ONE)
    limits = np.exp(yi + np.array([-1, 1]) * stats.norm.ppf(0.975) * vi**0.5)
    np.testing.assert_allclose(limits, [low, high], rtol=1e-12)


def test_null_variance_gives_the_pooled_z_test() -> None:
    """RD over its null standard error, squared, is Pearson's chi-square."""
    yi, vi = effect("RD", **ONE, variance="H0")
    chi2 = stats.chi2_contingency([[12, 28], [5, 39]], correction=False).statistic
    assert yi**2 / vi == pytest.approx(chi2, rel=1e-12)


def test_unbiased_risk_difference_variance() -> None:
    """Averaged over all outcomes of two binomials, UB is the variance of RD exactly."""
    n1, n2, p1, p2 = 5, 7, 0.3, 0.6
    a, c = (grid.ravel() for grid in np.meshgrid(np.arange(n1 + 1), np.arange(n2 + 1)))
    weight = stats.binom.pmf(a, n1, p1) * stats.binom.pmf(c, n2, p2)
    frame = effect_sizes(None, "RD", events1=a, n1=n1, events2=c, n2=n2, variance="UB", to="none")
    exact = p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2
    assert (weight * frame["vi"]).sum() == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
def test_non_events_say_the_same_as_sizes(measure: str) -> None:
    cells = {"events1": 12, "non_events1": 28, "events2": 5, "non_events2": 39}
    assert effect(measure, **cells) == effect(measure, **ONE)


def test_events_and_non_events_exchange_the_odds_ratio() -> None:
    other = {"events1": 28, "n1": 40, "events2": 39, "n2": 44}
    assert effect("OR", **other)[0] == pytest.approx(-effect("OR", **ONE)[0], rel=1e-13)
    assert effect("RD", **other)[0] == pytest.approx(-effect("RD", **ONE)[0], rel=1e-13)


def test_double_zero_rows_can_be_dropped() -> None:
    rows = {"events1": [0, 20, 3], "n1": 20, "events2": [0, 20, 5], "n2": 20}
    kept = effect_sizes(None, "OR", **rows)
    assert kept["yi"].tolist()[:2] == [0, 0]
    assert effect_sizes(None, "OR", **rows, drop00=True)["yi"].isna().tolist() == [
        True,
        True,
        False,
    ]


def test_constant_may_serve_only_the_variance() -> None:
    rows = {"events1": [0, 3], "n1": 20, "events2": [4, 5], "n2": 20}
    frame = effect_sizes(None, "RD", **rows, add_to="vi")
    plain, added = (
        effect_sizes(None, "RD", **rows, to="none"),
        effect_sizes(None, "RD", **rows),
    )
    assert frame["yi"].tolist() == plain["yi"].tolist()
    assert frame["vi"][0] != added["yi"][0]
    assert frame["vi"][0] == added["vi"][0]


def test_rare_events_bring_the_ratios_together() -> None:
    rare = {"events1": 12, "n1": 4e7, "events2": 5, "n2": 4.4e7}
    assert effect("OR", **rare) == pytest.approx(effect("RR", **rare), rel=1e-6)


ARMS = {"events1": [0, 4], "n1": [50, 50], "events2": [6, 9], "n2": [150, 150]}


def test_treatment_arm_correction_by_hand() -> None:
    """Arms of 50 and 150: a quarter to each cell of the first, three quarters of the second."""
    a, b, c, d = 0.25, 50.25, 6.75, 144.75
    log_or = effect_sizes(None, "OR", **ARMS, continuity="TACC").iloc[0]
    assert log_or["yi"] == pytest.approx(np.log(a * d / (b * c)), rel=1e-14)
    assert log_or["vi"] == pytest.approx(1 / a + 1 / b + 1 / c + 1 / d, rel=1e-14)
    log_rr = effect_sizes(None, "RR", **ARMS, continuity="TACC").iloc[0]
    assert log_rr["yi"] == pytest.approx(np.log(0.25 / 50.5 / (6.75 / 151.5)), rel=1e-14)
    rd = effect_sizes(None, "RD", **ARMS, continuity="TACC").iloc[0]
    assert rd["yi"] == pytest.approx(0.25 / 50.5 - 6.75 / 151.5, rel=1e-14)
    whole = effect_sizes(None, "OR", **ARMS)
    arms = effect_sizes(None, "OR", **ARMS, continuity="TACC")
    assert arms["yi"][1] == whole["yi"][1]


@pytest.mark.parametrize("measure", ["OR", "RR", "RD", "PETO", "PBIT", "OR2DL", "OR2DN"])
@pytest.mark.parametrize("to", ["only0", "all", "if0all"])
def test_equal_arms_make_it_the_constant(measure: str, to: str) -> None:
    rows = {"events1": [0, 3, 20], "n1": 20, "events2": [4, 5, 1], "n2": 20, "to": to}
    arms = effect_sizes(None, measure, **rows, continuity="TACC")
    np.testing.assert_allclose(
        arms[["yi", "vi"]], effect_sizes(None, measure, **rows)[["yi", "vi"]]
    )


def test_arms_share_twice_the_amount() -> None:
    """No events anywhere: the odds of both arms are then equal, which a constant does not give."""
    empty = {"events1": 0, "n1": 50, "events2": 0, "n2": 150}
    assert effect("OR", **empty, continuity="TACC")[0] == pytest.approx(0, abs=1e-14)
    assert effect("OR", **empty)[0] > 1
    assert effect("OR", **ARMS, continuity="TACC", add=1.0) == pytest.approx(
        effect("OR", events1=0.5, n1=51, events2=7.5, n2=153, to="none"), rel=1e-13
    )


def test_tables_without_arms_have_no_arm_correction() -> None:
    with pytest.raises(ValueError, match="`continuity` is not a word that PHI takes"):
        effect("PHI", **ONE, continuity="TACC")
    with pytest.raises(ValueError, match="`continuity` must be one of 'constant', 'TACC'"):
        effect("OR", **ONE, continuity="tacc")
