"""Trim and fill, PET-PEESE and fail-safe numbers: identities, printed figures, errors."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

import metarel as mr
from metarel.bias.trim_and_fill import ESTIMATORS


@pytest.fixture(scope="module")
def third() -> mr.MetaFit:
    return mr.pool(mr.load_dataset("thirdwave_harrer2021").studies, test="knha")


def test_the_book_of_harrer_and_others_trims_about_common_effect_means(third: mr.MetaFit) -> None:
    """Section 9.2.1.3 prints meta's numbers; trimming about random-effects means finds none."""
    found = mr.trim_and_fill(third, trim="EE")
    filled = found.filled
    assert found.k0 == 8
    printed = {"0.3428": filled.estimate, "0.1015": filled.ci_low[0], "0.5841": filled.ci_high[0]}
    assert all(mr.Printed(text).contains(float(value)) for text, value in printed.items())
    assert mr.Printed("0.2557").contains(filled.tau2)
    assert mr.trim_and_fill(third).k0 == 0
    assert mr.trim_and_fill(third).filled is third


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_turned_effects_give_turned_results(estimator: str) -> None:
    rng = np.random.default_rng(3)
    vi = 4 / np.exp(rng.normal(4, 0.8, 30))
    yi = 0.1 + np.sqrt(vi) + rng.normal(0, np.sqrt(vi))
    one = mr.trim_and_fill(mr.pool(yi=yi, vi=vi, tau2="DL"), estimator=estimator)
    two = mr.trim_and_fill(mr.pool(yi=-10 * yi, vi=100 * vi, tau2="DL"), estimator=estimator)
    assert one.k0 == two.k0
    assert one.k0 == {"L0": 9, "R0": 0, "Q0": 13}[estimator]
    assert {one.side, two.side} == {"left", "right"}
    assert two.filled.estimate == pytest.approx(-10 * one.filled.estimate, rel=1e-9)
    assert two.filled.tau2 == pytest.approx(100 * one.filled.tau2, rel=1e-9)


def test_companions_mirror_the_trimmed_studies() -> None:
    rng = np.random.default_rng(4)
    vi = 4 / np.exp(rng.normal(4, 0.8, 30))
    fit = mr.pool(yi=0.1 + np.sqrt(vi) + rng.normal(0, np.sqrt(vi)), vi=vi, tau2="EE")
    found = mr.trim_and_fill(fit)
    study, k0 = found.filled.study, found.k0
    extreme = np.argsort(fit.study.yi)[-k0:]
    middles = (study.yi[-k0:] + fit.study.yi[extreme]) / 2
    assert np.ptp(middles) < 1e-12
    assert np.array_equal(study.vi[-k0:], fit.study.vi[extreme])
    assert study.labels[-1] == f"Filled {k0}"


def test_a_symmetric_funnel_lacks_nothing() -> None:
    half = np.array([0.05, 0.11, 0.22, 0.31, 0.47])
    yi, vi = np.concatenate([0.3 + half, 0.3 - half]), np.tile(half**2, 2) + 0.01
    for estimator in ESTIMATORS:
        assert mr.trim_and_fill(mr.pool(yi=yi, vi=vi), estimator=estimator, side="left").k0 == 0


def test_pet_peese_takes_peese_where_pet_finds_something() -> None:
    rng = np.random.default_rng(5)
    vi = 4 / np.exp(rng.normal(4.5, 0.8, 40))
    clear = mr.pet_peese(mr.pool(yi=0.5 + rng.normal(0, np.sqrt(vi)), vi=vi))
    assert clear.takes == "PEESE"
    assert clear.estimate == clear.peese.limit
    nothing = mr.pet_peese(mr.pool(yi=1.2 * np.sqrt(vi) + rng.normal(0, np.sqrt(vi)), vi=vi))
    assert nothing.takes == "PET"
    assert nothing.estimate == nothing.pet.limit
    assert "takes PET)" in str(nothing)
    assert nothing.to_dict()["takes"] == "PET"


def test_pet_is_weighted_least_squares(third: mr.MetaFit) -> None:
    found = mr.pet_peese(third)
    sei, root = np.sqrt(third.study.vi), 1 / np.sqrt(third.study.vi)
    for one, x in ((found.pet, sei), (found.peese, sei**2)):
        X = np.column_stack([np.ones_like(x), x])
        beta = np.linalg.lstsq(X * root[:, None], third.study.yi * root, rcond=None)[0]
        assert one.limit == pytest.approx(beta[0], rel=1e-9)


def test_with_so_many_null_studies_the_finding_is_gone() -> None:
    """The definition of each number, at the number: the test or the mean is at its bound."""
    rng = np.random.default_rng(6)
    yi, vi = rng.normal(0.4, 0.3, 20), rng.uniform(0.01, 0.1, 20)
    fit = mr.pool(yi=yi, vi=vi)
    rosenthal = mr.fail_safe_n(fit)
    z = (yi / np.sqrt(vi)).sum() / np.sqrt(20 + rosenthal.exact)
    assert z == pytest.approx(1.6448536269514722, rel=1e-12)
    rosenberg = mr.fail_safe_n(fit, "rosenberg")
    w = 1 / vi
    total = w.sum() + rosenberg.exact * w.mean()
    assert w @ yi / np.sqrt(total) == pytest.approx(1.959963984540054, rel=1e-12)
    orwin = mr.fail_safe_n(fit, "orwin", target=0.1, missing_effect=0.02, weighted=False)
    mean = (yi.sum() + orwin.exact * 0.02) / (20 + orwin.exact)
    assert mean == pytest.approx(0.1, rel=1e-12)


@pytest.mark.parametrize("k", [5, 12, 13, 30])
def test_half_the_mean_takes_as_many_null_studies_as_there_are(k: int) -> None:
    rng = np.random.default_rng(k)
    fit = mr.pool(yi=rng.normal(0.4, 0.1, k), vi=rng.uniform(0.01, 0.1, k))
    assert mr.fail_safe_n(fit, "orwin").n == k


def test_becker_counts_with_p_values_of_t_tests() -> None:
    """Her 23 is from t tests; z = yi/sei gives metafor's 26."""
    fit = mr.pool(mr.load_dataset("raudenbush1985").studies)
    assert mr.fail_safe_n(fit).n == 26


def test_bad_input_is_named(third: mr.MetaFit) -> None:
    with pytest.raises(mr.InputError, match="`estimator` must be one of"):
        mr.trim_and_fill(third, estimator="L1")
    with pytest.raises(mr.InputError, match="`side`"):
        mr.trim_and_fill(third, side="up")
    with pytest.raises(mr.InputError, match="`trim` must be an estimator of tau2"):
        mr.trim_and_fill(third, trim="fixed")
    with pytest.raises(mr.InputError, match="at least three studies to trim"):
        mr.trim_and_fill(mr.pool(yi=[0.1, 0.2], vi=[0.1, 0.1]))
    with pytest.raises(mr.InputError, match="weights"):
        mr.trim_and_fill(mr.pool(yi=[0.1, 0.2, 0.4], vi=[0.1, 0.1, 0.2], weights=[1, 2, 3]))
    with pytest.raises(mr.InputError, match="effects are all the same"):
        mr.trim_and_fill(mr.pool(yi=[0.1] * 4, vi=[0.1, 0.2, 0.3, 0.4]))
    with pytest.raises(mr.InputError, match="`side` must be given"):
        mr.trim_and_fill(mr.pool(yi=[0.1, 0.2, 0.4], vi=[0.1] * 3))
    with pytest.raises(mr.InputError, match=r"`alpha` must be below 0\.5"):
        mr.fail_safe_n(third, alpha=0.7)
    with pytest.raises(mr.InputError, match="`target` must be a finite number"):
        mr.fail_safe_n(third, "orwin", target=np.nan)
    with pytest.raises(mr.InputError, match="without residual"):
        mr.pet_peese(mr.pool(yi=[0.1, 0.2, 0.3], vi=[0.01, 0.04, 0.09]))
    with pytest.raises(mr.ConvergenceError, match="'Q0' has no value"):
        mr.trim_and_fill(mr.pool(yi=third.study.yi, vi=third.study.vi, tau2="EE"), estimator="Q0")
    with pytest.raises(mr.InputError, match="Orwin's number has none"):
        mr.fail_safe_n(third, "orwin", alpha=0.05)
    with pytest.raises(mr.InputError, match="belong to method 'orwin'"):
        mr.fail_safe_n(third, target=0.1)
    with pytest.raises(mr.InputError, match="`target` must lie between"):
        mr.fail_safe_n(third, "orwin", target=-0.1)
    with pytest.raises(mr.InputError, match="one and the same standard error"):
        mr.pet_peese(mr.pool(yi=[0.1, 0.2, 0.4], vi=[0.1, 0.1, 0.1]))


def test_the_filled_fit_keeps_the_choices_of_the_settings() -> None:
    table = mr.load_dataset("thirdwave_harrer2021").studies
    fit = mr.pool(table, settings="meta")
    filled = mr.trim_and_fill(fit, trim="EE").filled
    assert filled.spec.prediction == fit.spec.prediction
    assert filled.spec.I2 == fit.spec.I2
    assert filled.spec.settings is fit.spec.settings


def test_equal_distances_share_their_ranks_whatever_the_order_of_rows() -> None:
    yi = np.array([0.5, 0.8, 0.4, 1.5, 0.7, 0.8, 0.8, 1.3])
    vi = np.array([0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.1, 0.3])
    one = mr.trim_and_fill(mr.pool(yi=yi, vi=vi, tau2="EE"))
    two = mr.trim_and_fill(mr.pool(yi=yi[::-1] + 0, vi=vi[::-1], tau2="EE"))
    assert one.k0 == two.k0
    assert one.filled.estimate == pytest.approx(two.filled.estimate, rel=1e-12)


def test_a_pet_against_the_mean_is_named(third: mr.MetaFit) -> None:
    assert "other sign than the pooled mean" in str(mr.pet_peese(third))


def test_results_print_and_are_plain(third: mr.MetaFit) -> None:
    found = mr.trim_and_fill(third, trim="EE")
    assert "8 studies missing on the left" in str(found)
    assert found.to_dict()["filled"]["k"] == 26
    none = mr.fail_safe_n(mr.pool(yi=[0.1, -0.1, 0.02], vi=[0.1, 0.1, 0.2]))
    assert none.n == 0
    assert "nothing to undo" in str(none)
    assert mr.fail_safe_n(third, "orwin").to_dict()["p_value"] is None


@pytest.mark.slow
def test_estimators_count_what_was_suppressed_about_a_known_mean() -> None:
    """The estimators' own theory: the 10 lowest of 50 are gone and the true mean is known."""
    rng = np.random.default_rng(12)
    counted: dict[str, list[float]] = {code: [] for code in ESTIMATORS}
    for _ in range(4000):
        kept = np.sort(rng.normal(0.0, 1.0, 50))[10:]
        ranks = np.empty(40)
        ranks[np.argsort(np.abs(kept))] = np.arange(1, 41)
        for code, entry in ESTIMATORS.items():
            with contextlib.suppress(mr.ConvergenceError):
                counted[code].append(entry.estimate(np.sign(kept) * ranks)[0])
    means = {code: np.mean(found) for code, found in counted.items()}
    assert means["L0"] == pytest.approx(10, abs=1.5)
    assert means["R0"] == pytest.approx(10, abs=1.5)
