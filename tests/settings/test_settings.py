"""Presets: what they set, who wins, what they refuse, and whether programs print these digits."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats import meta_analysis

import metarel as mr
from metarel.effects.register import MEASURES
from metarel.models._inference import TESTS
from metarel.models._prediction import PREDICTION_INTERVALS
from metarel.settings._preset import ASPECTS, EVIDENCE
from metarel.settings.programs import PRESETS
from metarel.tau2.register import TAU2

CASES = json.loads(
    (Path(__file__).parents[1] / "golden" / "printed_by_programs.json").read_text(encoding="utf-8")
)
REVMAN = [case for case in CASES if case["settings"] == "revman5"]
EFFECTS = {"yi": [0.3, 0.1, 0.5, 0.9, 0.2], "vi": [0.02, 0.03, 0.01, 0.05, 0.04]}
MEANS = ("m1", "sd1", "n1", "m2", "sd2", "n2")
ALL = [(p, a) for p in PRESETS for a in PRESETS[p].choices]


def numbers(fit: mr.MetaFit) -> dict[str, float]:
    return {
        "estimate": fit.estimate, "ci_lower": fit.ci_low[0], "ci_upper": fit.ci_high[0],
        "Q": fit.Q, "I2": 100 * fit.I2, "z": abs(fit.statistic[0]), "tau2": fit.tau2,
    }  # fmt: skip


@pytest.mark.parametrize("case", REVMAN, ids=lambda c: c["id"])
def test_revman_prints_these_digits(case: dict) -> None:
    """Study data as the audit [lopeznicolas2023] has them; printed figures of the papers."""
    words = {word: word for word in MEANS}
    es = mr.effect_sizes(pd.DataFrame(case["data"]), case["measure"], settings="revman5", **words)
    tau2 = "EE" if case["model"] == "FE" else None
    fit = mr.pool(es, settings="revman5", tau2=tau2)
    got = numbers(fit)
    for quantity, printed in case["printed"].items():
        assert mr.Printed(printed).contains(got[quantity]), (quantity, printed, got[quantity])
    assert fit.spec.settings.contradictions == ()


def test_metafor_formulas_would_not_print_them() -> None:
    case = next(c for c in REVMAN if c["id"].startswith("Hind2014"))
    es = mr.effect_sizes(pd.DataFrame(case["data"]), "SMD", **{word: word for word in MEANS})
    got = numbers(mr.pool(es))
    assert not any(mr.Printed(p).contains(got[q]) for q, p in case["printed"].items())


def test_stata_prints_these_digits() -> None:
    """From limits with three decimals: estimate and limits exactly, the rest within rounding."""
    case = next(c for c in CASES if c["settings"] == "stata")
    data = {name: np.array(values) for name, values in case["data"].items()}
    sei = (data["high"] - data["low"]) / (2 * 1.959963984540054)
    got = numbers(mr.pool(yi=data["yi"], sei=sei, settings="stata"))
    for quantity in ("estimate", "ci_lower", "ci_upper"):
        assert mr.Printed(case["printed"][quantity]).contains(got[quantity])
    for quantity, within in {"tau2": 2e-4, "I2": 0.06, "Q": 0.01, "z": 0.01}.items():
        assert got[quantity] == pytest.approx(float(case["printed"][quantity]), abs=within)
    assert mr.pool(yi=data["yi"], sei=sei, settings="meta").I2 == 0  # from Q


def test_statsmodels_gives_the_same_numbers() -> None:
    y, v = (np.array(EFFECTS[name]) for name in ("yi", "vi"))
    theirs = meta_analysis.combine_effects(y, v, method_re="iterated")
    fit = mr.pool(**EFFECTS, settings="statsmodels")
    row = theirs.summary_frame().loc["random effect"]
    assert fit.tau2 == pytest.approx(theirs.tau2, abs=1e-5)  # it stops at 1e-5
    assert fit.estimate == pytest.approx(row["eff"], rel=1e-4)
    assert fit.ci_low[0] == pytest.approx(row["ci_low"], rel=1e-3)
    assert theirs.i2 == pytest.approx(fit.I2, rel=1e-12)
    given = (10.0, 3.0, 25, 8.0, 4.0, 30)
    es = mr.effect_sizes(None, "SMD", settings="statsmodels",
                         **{w: [x] for w, x in zip(MEANS, given, strict=True)})  # fmt: skip
    d, var = meta_analysis.effectsize_smd(*given)
    assert es.yi[0] == pytest.approx(d, rel=1e-12)
    assert es.vi[0] == pytest.approx(var, rel=1e-12)


def test_metafor_is_metarel_s_default() -> None:
    plain, fit = mr.pool(**EFFECTS), mr.pool(**EFFECTS, settings="metafor")
    assert numbers(fit) == numbers(plain)
    pd.testing.assert_frame_equal(fit.predict(), plain.predict())
    with_test = mr.pool(**EFFECTS, settings="metafor", test="knha")
    pd.testing.assert_frame_equal(with_test.predict(), mr.pool(**EFFECTS, test="knha").predict())


@pytest.mark.parametrize(("code", "aspect"), ALL)
def test_choices_are_metarel_s_words(code: str, aspect: str) -> None:
    choice = PRESETS[code].choices[aspect]
    known = {
        "tau2": TAU2, "test": TESTS, "regression_test": TESTS,
        "prediction": PREDICTION_INTERVALS, "I2": ("tau2", "Q"), "correlations": MEASURES,
        "SMD correct": ("exact", "approximate", False),
        "SMD variance": MEASURES["SMD"].variance_rules,
        "COR variance": MEASURES["COR"].variance_rules,
        "table add": (0.5,), "table to": ("only0", "all", "if0all", "none"),
        "table drop00": (True, False), "tables": ("inverse variance", "Mantel–Haenszel"),
    }  # fmt: skip
    assert set(known) == set(ASPECTS)
    assert choice.evidence in EVIDENCE
    assert choice.value is None or choice.value == "none" or choice.value in known[aspect]


def full(code: str) -> dict:
    """The arguments without which a preset refuses."""
    choices = PRESETS[code].choices
    lacking = {"tau2": "ML", "test": "t"}
    given: dict = {word: value for word, value in lacking.items() if not choices[word].evidence}
    return given | ({"weights": 1.0} if PRESETS[code].weights else {})


@pytest.mark.parametrize("code", list(PRESETS))
def test_only_what_is_verified_is_set(code: str) -> None:
    fit = mr.pool(**EFFECTS, **full(code), settings=code)
    applied = fit.spec.settings
    assert applied is not None
    choices = PRESETS[code].choices
    for argument, value in applied.chosen:
        assert choices[argument].evidence
        assert choices[argument].value == value
        where = fit.spec.prediction if argument == "prediction" else getattr(fit.spec, argument)
        assert where == value
    text = str(fit)
    assert f"Settings of {PRESETS[code].name}" in text
    assert all(f"{name} = {value}" in text for name, value in applied.chosen)
    told = json.loads(json.dumps(fit.to_dict()))["settings"]
    assert told["code"] == code
    table = mr.settings_table().query("settings == @code and sets != ''")
    assert set(dict(applied.chosen)) <= set(table.sets)


def test_saying_the_same_is_no_contradiction() -> None:
    words = {word: [x] for word, x in zip(MEANS, (10, 3, 25, 8, 4, 30), strict=True)}
    for correct in (True, "exact"):
        es = mr.effect_sizes(None, "SMD", settings="metafor", correct=correct, **words)
        assert es.attrs["effect_sizes"]["preset"]["overruled"] == {}
    es = mr.effect_sizes(None, "SMD", settings="metafor", correct=False, **words)
    assert es.attrs["effect_sizes"]["preset"]["overruled"] == {"correct": False}
    assert es.yi[0] == mr.effect_sizes(None, "SMD", correct=False, **words).yi[0]


def test_what_was_given_wins_and_is_said() -> None:
    fit = mr.pool(**EFFECTS, settings="jasp", tau2="DL", test="z")
    assert (fit.spec.tau2, fit.spec.test) == ("DL", "z")
    assert "Given otherwise: tau2 = DL (there REML), test = z (there knha)." in str(fit)
    same = mr.pool(**EFFECTS, settings="jasp", test="knha")
    assert same.spec.settings.overruled == ()


def test_definitions_reach_i2_and_the_prediction_interval() -> None:
    fit = mr.pool(**EFFECTS, settings="meta4", tau2="REML")
    assert fit.I2 == fit.heterogeneity.I2_Q != fit.heterogeneity.I2
    assert fit.H2 == fit.heterogeneity.H2_Q
    pd.testing.assert_frame_equal(fit.predict(), mr.pool(**EFFECTS).predict(interval="hts"))
    assert mr.pool(**EFFECTS, settings="jasp").I2 == fit.heterogeneity.I2


def test_i2_is_the_fits_own_wherever_it_is_told() -> None:
    fit = mr.pool(**EFFECTS, settings="meta", tau2="REML")
    lines = str(fit).splitlines()
    line = next(line for line in lines if line.startswith("I2 = "))
    assert line.index("(from Q)") < line.index("(from tau2)")
    assert fit.to_dict()["I2"] == fit.heterogeneity.I2_Q != fit.heterogeneity.I2
    assert fit.to_dict()["I2_from"] == "Q"
    for kind in ("parametric", "cases"):
        draws = mr.bootstrap(fit, kind=kind, draws=200)
        plain = mr.bootstrap(mr.pool(**EFFECTS), kind=kind, draws=200)
        assert draws.observed[2] == fit.I2
        assert (draws.values[:, :2] == plain.values[:, :2]).all()
        assert (draws.values[:, 2] != plain.values[:, 2]).mean() > 0.5  # both are 0 in some
    table = pd.DataFrame({**EFFECTS, "x": [1.0, 3.0, 2.0, 5.0, 4.0]})
    fit = mr.meta_regression(table, "x", settings="meta", tau2="DL")
    draws = mr.bootstrap(fit, draws=200)
    # under DL the two definitions are one number, whichever way it is reached
    plain = mr.bootstrap(mr.meta_regression(table, "x", tau2="DL"), draws=200)
    np.testing.assert_allclose(draws.values, plain.values, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("code", list(PRESETS))
def test_many_and_subgroups_take_the_settings_of_pool(code: str) -> None:
    """Whatever a preset sets, each group of the batch and each level is the fit of pool."""
    rng = np.random.default_rng(8)
    table = pd.DataFrame({"yi": rng.normal(0.3, 0.4, 15), "vi": rng.uniform(0.01, 0.1, 15),
                          "g": list("aaaaaabbbbbcccd")})  # fmt: skip
    given = full(code) | {"settings": code}
    many = mr.pool_many(table, "g", **given).set_index("g")
    assert many.attrs["settings"]["code"] == code
    groups = mr.subgroups(table[table.g != "d"], "g", **given)
    shown = " ".join(str(groups).split())
    assert all(line in shown for line in groups.overall.spec.settings.lines())
    for name, part in table.groupby("g"):
        if name == "d":
            continue
        fit = mr.pool(part, **given)
        pi = fit.predict().iloc[0]
        want = [fit.estimate, fit.ci_low[0], pi.pi_low, pi.pi_high, fit.tau2, fit.I2, fit.H2]
        columns = ["estimate", "ci_low", "pi_low", "pi_high", "tau2", "I2", "H2"]
        np.testing.assert_allclose(many.loc[name, columns].to_numpy(float), want, rtol=1e-9)
        assert groups.fits[name].spec == fit.spec
        row = groups.table.set_index("level").loc[name]
        shown = ["estimate", "ci_low", "pi_low", "pi_high", "tau2", "I2"]
        wanted = want[:6] if fit.spec.tau2 != "EE" else want[:2] + [np.nan] * 2 + want[4:6]
        np.testing.assert_allclose(row[shown].to_numpy(float), wanted, rtol=1e-12)
    given = {word: value for word, value in given.items() if word != "weights"}
    if PRESETS[code].weights:
        for call in (mr.pool_many, mr.subgroups):
            with pytest.raises(mr.InputError, match="weights studies by their sample"):
                call(table, "g", **given)


def test_contradictions_are_said_once_for_all_groups() -> None:
    table = pd.DataFrame({**EFFECTS, "g": list("aabbb")})
    for call in (mr.pool_many, mr.subgroups):
        with pytest.warns(mr.MetarelWarning, match="pools correlations as ZCOR") as told:
            call(table, "g", settings="meta", measure="COR")
        assert len(told) == 1
        assert told[0].filename == __file__


def test_unverified_main_choices_are_refused() -> None:
    with pytest.raises(mr.InputError, match=r"'cma' does not set `tau2` \('DL', not verified\)"):
        mr.pool(**EFFECTS, settings="cma")
    fit = mr.pool(**EFFECTS, settings="cma", tau2="DL", test="z")
    assert "Not set by the preset: prediction (hts, not verified" in str(fit)
    words = {word: [x] for word, x in zip(MEANS, (10, 3, 25, 8, 4, 30), strict=True)}
    with pytest.raises(mr.InputError, match=r"'stata' does not set `correct` \(not known: Hedges"):
        mr.effect_sizes(None, "SMD", settings="stata", **words)
    with pytest.raises(mr.InputError, match=r"'spss' does not set `variance` \(not known\)"):
        mr.effect_sizes(None, "SMD", settings="spss", **words)
    es = mr.effect_sizes(None, "SMD", settings="spss", variance="LS", **words)
    assert es.attrs["effect_sizes"]["correct"] == "none"


def test_presets_that_do_not_fit_the_call_are_refused() -> None:
    with pytest.raises(mr.InputError, match="'hunter-schmidt' weights studies by their sample"):
        mr.pool(**EFFECTS, settings="hunter-schmidt")
    table = pd.DataFrame({**EFFECTS, "x": range(5)})
    with pytest.raises(mr.InputError, match="'revman5' is no preset for a regression"):
        mr.meta_regression(table, "x", settings="revman5")
    with pytest.raises(mr.InputError, match=r"got 'revmn'. Did you mean 'revman5'\?"):
        mr.pool(**EFFECTS, settings="revmn")
    assert mr.meta_regression(table, "x", settings="spss").spec.test == "t"
    assert mr.pool(**EFFECTS, settings="spss").spec.test == "z"


def test_effects_made_otherwise_are_said() -> None:
    words = {word: word for word in MEANS}
    es = mr.effect_sizes(pd.DataFrame(REVMAN[0]["data"]), "SMD", **words)
    with pytest.warns(mr.MetarelWarning, match="The effects were made with") as told:
        fit = mr.pool(es, settings="revman5")
    assert len(told) == 2
    assert "made with correct = exact; RevMan 5 has approximate" in str(fit)
    assert "made with variance = LS; RevMan 5 has REVMAN" in str(fit)


@pytest.mark.parametrize("code", list(PRESETS))
def test_effects_of_the_program_contradict_nothing(code: str) -> None:
    """Effects made with whatever a preset sets, and what it lacks given, are pooled in peace."""
    words = {word: word for word in MEANS}
    choices = PRESETS[code].choices
    lacks = [a for a in ("SMD correct", "SMD variance") if a in choices and not choices[a].evidence]
    given = {"SMD correct": {"correct": "exact"}, "SMD variance": {"variance": "LS"}}
    options = {word: value for aspect in lacks for word, value in given[aspect].items()}
    frame = pd.DataFrame(REVMAN[0]["data"])
    es = mr.effect_sizes(frame, "SMD", settings=code, **options, **words)
    fit = mr.pool(es, **full(code), settings=code)
    assert fit.spec.settings.contradictions == ()


def test_defaults_of_empty_cells_count_as_made_so() -> None:
    cells = {"events1": [3, 1], "n1": [20, 30], "events2": [6, 2], "n2": [20, 30]}
    es = mr.effect_sizes(None, "OR", **cells)
    assert mr.pool(es, settings="metafor").spec.settings.contradictions == ()
    with pytest.warns(mr.MetarelWarning) as told:
        mr.pool(es, settings="meta")
    assert any("drop00 = False; meta (R) has True" in str(w.message) for w in told)


def test_another_metric_and_another_pooling_are_said() -> None:
    r = mr.effect_sizes(None, "COR", r=[0.1, 0.3, 0.5], n=[40, 50, 60])
    with pytest.warns(mr.MetarelWarning, match="pools correlations as ZCOR; these are COR"):
        mr.pool(r, settings="meta")
    cells = {"events1": [3, 0, 5], "n1": [20, 30, 40], "events2": [6, 4, 9], "n2": [20, 30, 40]}
    es = mr.effect_sizes(None, "OR", settings="revman5", **cells)
    with pytest.warns(mr.MetarelWarning, match="by Mantel–Haenszel unless told otherwise"):
        fit = mr.pool(es, settings="revman5")
    assert "inverse-variance method" in str(fit)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mr.pool(es.drop(index=[]), settings="jasp")


def test_empty_cells_follow_the_program() -> None:
    cells = {"events1": [3, 0], "n1": [20, 30], "events2": [6, 0], "n2": [20, 30]}
    metafor = mr.effect_sizes(None, "OR", settings="metafor", **cells)
    revman = mr.effect_sizes(None, "OR", settings="revman5", **cells)
    assert np.isfinite(metafor.yi).all()
    assert np.isnan(revman.yi[1])
    own = mr.effect_sizes(None, "OR", settings="revman5", drop00=False, **cells)
    pd.testing.assert_frame_equal(own, metafor)
    made = own.attrs["effect_sizes"]["preset"]
    assert made["overruled"] == {"drop00": False}


def test_the_table_has_every_choice() -> None:
    table = mr.settings_table()
    assert len(table) == len(ALL)
    assert set(table.evidence) == set(EVIDENCE.values())
    assert (table[table.evidence == "not verified"].sets == "").all()
    assert table.map(lambda cell: isinstance(cell, str)).all().all()


@pytest.mark.parametrize("code", list(PRESETS))
def test_sources_stand_in_the_bibliography(code: str) -> None:
    root = Path(__file__).parents[2]
    bibliography = (root / "docs" / "references.bib").read_text(encoding="utf-8")
    for source in PRESETS[code].sources:
        if source.isalnum():
            assert f"{{{source}," in bibliography


def test_a_preset_that_sets_nothing_says_so() -> None:
    fit = mr.pool(**EFFECTS, settings="cma", tau2="DL", test="z")
    assert "none set; the choices are your own or metarel's." in " ".join(str(fit).split())
