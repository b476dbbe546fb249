"""What a fit prints: its notes, names, widths, and what it does not claim."""

from __future__ import annotations

import itertools
import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel._format import WIDTH, adaptive, wrapped_equations
from metarel.models._inference import TESTS
from metarel.models._summary import degrees, shown_terms
from metarel.tau2.register import TAU2

ALIKE: dict[str, Any] = {"yi": [0.20, 0.22, 0.19, 0.21, 0.23], "vi": [0.04, 0.05, 0.03, 0.04, 0.06]}
VARIED: dict[str, Any] = {"yi": [0.1, 0.9, -0.4, 0.6, 0.2], "vi": [0.01, 0.02, 0.02, 0.03, 0.01]}


def one_line(value: object) -> str:
    return " ".join(str(value).split())


@pytest.fixture(scope="module")
def trials() -> pd.DataFrame:
    table = mr.load_dataset("bcg")
    return mr.effect_sizes(table.studies, **table.effect["default"])


@pytest.fixture(scope="module")
def regressed(trials: pd.DataFrame) -> mr.MetaFit:
    return mr.meta_regression(trials, "ablat")


def moderated(yi: list[float], vi: list[float]) -> mr.MetaFit:
    return mr.meta_regression(pd.DataFrame({"yi": yi, "vi": vi, "x": range(len(yi))}), "x")


def test_r2_is_printed_where_tau2_without_moderators_is_known(regressed: mr.MetaFit) -> None:
    assert regressed.R2_meaningful
    assert regressed.tau2_without == pytest.approx(0.3132433, abs=1e-6)  # the mean's own tau2
    assert "R2 = 75.63% of tau2 explained" in str(regressed)
    assert "75.6%" in mr.sentence(regressed)


def test_r2_of_nearly_nothing_is_not_claimed() -> None:
    fit = moderated([0.1, 0.42, 0.18, 0.44, 0.3, 0.62], [0.03] * 6)
    assert 0 < fit.tau2_without < fit.tau2_without_se
    assert pytest.approx(1.0) == fit.R2  # the number stays, as metafor has it
    assert not fit.R2_meaningful
    assert re.search(
        r"R2: not meaningful, for tau2 without moderators is [\d.e-]+ \(SE [\d.]+\)", one_line(fit)
    )
    for told in (mr.sentence(fit), str(mr.table(fit)), fit.summary()):
        assert "100.00%" not in told
        assert "100%" not in told


def test_r2_of_nothing_is_said_to_be_undefined() -> None:
    fit = moderated(ALIKE["yi"], ALIKE["vi"])
    assert fit.tau2_without == 0
    assert math.isnan(fit.R2)
    assert "R2: not defined, for tau2 without moderators is estimated as 0" in str(fit)


def test_where_r2_is_no_share_of_tau2_nothing_is_said_of_it(trials: pd.DataFrame) -> None:
    fixed = mr.meta_regression(trials, "ablat", tau2=0.1)
    assert "R2" not in str(fixed)
    common = mr.meta_regression(trials, "ablat", tau2="EE")
    assert "of weighted variance (adjusted) explained" in str(common)


def test_an_interval_narrower_than_z_is_said() -> None:
    fit, z = (mr.pool(**ALIKE, test=test) for test in ("knha", "z"))
    assert fit.ci_high[0] - fit.ci_low[0] < z.ci_high[0] - z.ci_low[0]
    assert "narrower than the z interval" in one_line(fit)
    assert f"by {fit.knapp_hartung:.2f}" in one_line(fit)
    for quiet in (
        z,
        mr.pool(**ALIKE, test="adhoc"),
        mr.pool(**VARIED, test="knha"),
        mr.robust(fit, cluster=list("aabcd")),
    ):
        assert "narrower" not in str(quiet)


@pytest.mark.parametrize("tau2", ["REML", "DL", "PM", "EB"])
def test_a_tau2_of_0_does_not_show_equal_effects(tau2: str) -> None:
    text = one_line(mr.pool(**ALIKE, tau2=tau2))
    assert (
        "Note: tau2 is estimated as 0, so the prediction interval equals the confidence interval; "
        "with 5 studies this does not show that effects are equal."
    ) in text
    assert "boundary" not in text
    other = one_line(mr.pool(**ALIKE, tau2=tau2, settings="revman5"))
    assert "tau2 is estimated as 0" in other
    for quiet in (mr.pool(**ALIKE, tau2="EE"), mr.pool(**ALIKE, tau2=0), mr.pool(**VARIED)):
        assert "estimated as 0" not in str(quiet)
    assert "residual tau2 is estimated as 0" in str(moderated(ALIKE["yi"], ALIKE["vi"]))


def test_labels_that_repeat_are_said() -> None:
    twice = mr.pool(**VARIED, labels=["a", "a", "b", "c", "d"])
    assert "5 effects of 4 names, treated as independent; if they are not, see robust()" in (
        one_line(twice)
    )
    assert "names" not in str(mr.pool(**VARIED))
    assert "names" not in str(mr.robust(twice, cluster=list("aabcd"), kind="CR2"))


def test_a_common_effect_has_no_spread_of_effects() -> None:
    fit = mr.pool(**VARIED, tau2="EE")
    assert math.isnan(fit.tau2_se)
    assert fit.predict()[["pi_low", "pi_high"]].isna().all(axis=None)
    assert fit.predict(transform="exp")[["pi_low", "pi_high"]].isna().all(axis=None)
    assert fit.predict(tau2=0.1).pi_high.iloc[0] > fit.predict().ci_high.iloc[0]
    many = mr.pool_many(pd.DataFrame({**VARIED, "g": 1}), "g", tau2="EE")
    assert many[["pi_low", "pi_high", "tau2_se"]].isna().all(axis=None)
    assert mr.pool(**VARIED).predict().notna().all(axis=None)


def test_the_summary_has_the_likelihood_that_print_leaves_out(trials: pd.DataFrame) -> None:
    fit = mr.pool(trials)
    line = "Log-likelihood -12.2024, deviance 24.4047, AIC 28.40, BIC 29.37, AICc 29.74"
    assert line in fit.summary()
    assert "Log-likelihood" not in str(fit)
    assert fit.summary().replace(f"{line}\n", "") == f"{fit}"
    assert line in mr.robust(fit, cluster=list(range(13))).summary()


def test_q_has_a_name_and_one_i2_is_enough(trials: pd.DataFrame, regressed: mr.MetaFit) -> None:
    text = str(mr.pool(trials))
    assert "\nHeterogeneity: Q(12) = 152.2330, p < 0.0001\n" in text
    assert "from Q" not in text  # 92.22 and 92.12 %
    assert "\nResidual heterogeneity: Q(11) = " in str(regressed)
    apart = mr.pool(trials, tau2="SJ")
    assert abs(apart.I2 - apart.heterogeneity.I2_Q) < 0.01 or "(from Q)" in str(apart)
    assert "I2 = 0.00%, H2 = 1.00 (from Q)" in str(mr.pool(**ALIKE, tau2="EE"))


def test_degrees_of_freedom_are_short(trials: pd.DataFrame) -> None:
    assert (degrees(math.inf), degrees(12.0), degrees(9.62771)) == ("z", "t(12)", "t(9.6)")
    clustered = mr.robust(mr.pool(trials), cluster=list("aabbccddeeffg"), kind="CR2")
    assert re.search(r"t\(\d\.\d\)", str(clustered))


def test_terms_are_shown_without_their_coding(trials: pd.DataFrame) -> None:
    formula = "ablat * C(alloc, contr.treatment('random'))"
    fit = mr.meta_regression(trials, formula)
    text = str(fit)
    assert "ablat:alloc[T.systematic]" in text
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "C(alloc, contr.treatment('random'))[T.systematic]" in fit.to_frame().term.tolist()
    clash = ["C(a)[T.x]", "a[T.x]"]
    assert shown_terms(clash) == clash


def test_what_is_printed_fits_a_terminal(trials: pd.DataFrame, regressed: mr.MetaFit) -> None:
    fits = [
        mr.pool(trials, test=test, tau2=tau2)
        for test, tau2 in itertools.product(("z", "knha", "iqwig"), ("REML", "EE"))
    ]
    fits += [regressed, mr.meta_regression(trials, "ablat * alloc", test="knha")]
    for text in (*map(str, fits), *(fit.summary() for fit in fits)):
        assert max(map(len, text.splitlines())) <= WIDTH, text


def test_small_numbers_are_decimals_until_they_are_tiny() -> None:
    assert adaptive(0.0002239) == "0.000224"
    assert adaptive(-0.00012) == "-0.000120"
    assert adaptive(3.7e-6) == "3.700e-06"
    assert adaptive(0.0005) == "0.0005"
    assert adaptive(0.0) == "0.0000"
    assert wrapped_equations("x" * 79 + " tau2 = 1") == "x" * 79 + "\n  tau2 = 1"


def test_html_says_what_text_says(trials: pd.DataFrame) -> None:
    fit = mr.pool(trials, test="knha")
    page = fit._repr_html_()
    assert "test: Knapp–Hartung" in page
    assert "Measure: RR, log risk ratio" in page
    assert "R2 = 75.63%" in mr.meta_regression(trials, "ablat")._repr_html_()
    assert page.count("<td>") == 8
    clustered = mr.robust(fit, cluster=list(range(13)))
    assert "cluster-robust CR1" in clustered._repr_html_()


def test_equality_and_hash_are_identity(trials: pd.DataFrame, regressed: mr.MetaFit) -> None:
    one, other = mr.pool(trials), mr.pool(trials)
    for a, b in (
        (one, other),
        (one.study, other.study),
        (regressed.study.design, regressed.study),
        (mr.contrast(regressed, terms="ablat"), mr.contrast(regressed, terms="ablat")),
        (mr.subgroups(trials, "alloc"), mr.subgroups(trials, "alloc")),
        (mr.location_scale(trials, "1", "ablat"), one),
    ):
        assert a == a
        assert a != b
        assert len({a, b}) == 2


@pytest.mark.parametrize("register", [TAU2, TESTS], ids=["tau2", "test"])
def test_registers_find_words_in_any_case_and_by_printed_names(register: Any) -> None:
    for code, entry in register.items():
        assert register[code.lower()] is entry
        assert register[code.upper()] is entry
        assert register[entry.name.replace("–", "-")] is entry


def test_the_code_stays_whatever_was_typed(trials: pd.DataFrame) -> None:
    typed = mr.pool(trials, tau2="reml", test="Knapp-Hartung")
    assert (typed.spec.tau2, typed.spec.test) == ("REML", "knha")
    preset = mr.pool(trials, tau2="reml", settings="metafor").spec.settings
    assert preset is not None
    assert preset.overruled == ()
    assert mr.pool(trials, test="KNHA").spec.test == "knha"
    assert mr.robust(typed, cluster=list(range(13)), kind="cr2").kind == "CR2"
    assert mr.location_scale(trials, "1", "ablat", tau2="ml").spec.tau2 == "ML"
    many = [mr.pool_many(trials.assign(g=1), "g", tau2=tau2) for tau2 in ("dl", "DL")]
    pd.testing.assert_frame_equal(*many)
    np.testing.assert_equal(
        typed.predict(interval="HTS").to_numpy(), typed.predict(interval="hts").to_numpy()
    )
    with pytest.raises(mr.InputError, match="Did you mean 'knha'"):
        mr.pool(trials, test="knhaa")
