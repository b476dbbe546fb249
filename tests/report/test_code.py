"""R text is run where R with metafor is, over a grid of fits; Stata text is held to its form."""

from __future__ import annotations

import json
import shutil
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.report._formula import r_formula
from metarel.report._r import TESTS
from metarel.robust._sandwich import ROBUST_KINDS
from metarel.tau2.register import TAU2

RSCRIPT = shutil.which("Rscript")
#: Runs every text in an environment of its own, and writes down what it left there.
RUNNER = """\
suppressMessages({library(metafor); library(jsonlite)})
folder <- commandArgs(TRUE)[1]
setwd(folder)
out <- list()
for (f in list.files(pattern = "[.]R$")) {
  if (f == "run.R") next
  e <- new.env()
  invisible(capture.output(suppressWarnings(source(f, local = e, encoding = "UTF-8"))))
  one <- function(x) list(b = c(x$b), alpha = c(x$alpha), se = c(x$se), tau2 = x$tau2,
                          Q = x$QE, k = x$k, zval = c(x$zval), ci_lb = c(x$ci.lb))
  found <- if (exists("fits", e)) list(fits = lapply(e$fits, one)) else one(e$fit)
  if (exists("between", e)) found$between <- c(e$between$QM)
  out[[f]] <- found
}
write(toJSON(out, digits = NA, auto_unbox = FALSE, na = "null"), "out.json")
"""


def has_package(*names: str) -> bool:
    if RSCRIPT is None:
        return False
    listed = ", ".join(map(repr, names))
    asked = f"quit(status = !all(sapply(c({listed}), requireNamespace, quietly = TRUE)))"
    done = subprocess.run([RSCRIPT, "-e", asked], capture_output=True, check=False)
    return done.returncode == 0


needs_r = pytest.mark.skipif(
    not has_package("metafor", "jsonlite"), reason="R with metafor and jsonlite is not here"
)


def table() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    k = 24
    n = rng.integers(15, 90, k)
    year = rng.integers(1980, 2020, k) * 1.0
    rater = np.array(["client", "therapist", "observer"])[np.arange(k) % 3]
    r = np.tanh(0.3 + 0.01 * (year - 2000) + 0.25 * rng.standard_normal(k))
    frame = pd.DataFrame(
        {
            "study": [f'Müller & Söhne "{i}" \\ {i}' for i in range(k)],
            "r": r.round(2),
            "n": n,
            "year": year,
            "rater": rater,
            "blind": np.arange(k) % 2 == 0,
            "my weeks": np.arange(k) % 7 + 1.0,
        }
    )
    frame["order"] = pd.Categorical(
        np.array(["low", "high"])[np.arange(k) // 2 % 2], ["low", "high"]
    )
    return mr.effect_sizes(frame, "ZCOR", r="r", n="n")


FORMULAS = (
    "1",
    "year",
    "C(rater)",
    "rater + order",
    "0 + rater",
    "year * rater",
    "rater + order + rater:order + blind",
    "year + rater + rater:year",
    "np.log(year) + I(`my weeks`**2)",
    "(rater + order)**2 - 1",
    "year + C(`my weeks`)",
    "C(rater, Treatment('observer')) * year",
    "C(`my weeks`, Treatment(3)) + C(order, contr.treatment('high'))",
    "C(rater, Sum) + poly(year, 2)",
    "poly(`my weeks`, degree=2, raw=True) + center(year) + C(order, contr.treatment)",
    "scale(year) * C(rater, contr.sum)",
)
#: Not in metafor, or only with weights of its own.
APART = {"HM", "HE2", "DLMH", "GENQ", "GENQM"}
METHODS = [code for code in TAU2 if code not in APART]


def grid(*, whole: bool) -> dict[str, tuple[mr.MetaFit, str]]:
    """Every estimator, test and formula; the whole grid has them in every combination."""
    data = table()
    fits = {}
    for i, code in enumerate(METHODS):
        for j, test in enumerate(TESTS):
            if whole or i % len(TESTS) == j:
                fits[f"pool-{code}-{test}"] = mr.pool(data, tau2=code, test=test)
        for j, formula in enumerate(FORMULAS):
            test = list(TESTS)[(i + j) % len(TESTS)]
            if whole or j % len(METHODS) == i:
                fit = mr.meta_regression(data, formula, tau2=code, test=test)
                fits[f"formula{j}-{code}"] = fit
    fits["fixed"] = mr.pool(data, tau2=0.03, level=0.9)
    fits["weights"] = mr.pool(data, weights="n", test="knha")
    fits["weights-mods"] = mr.meta_regression(data, "year", weights="n", tau2="DL", test="adhoc")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mr.MetarelWarning)
        gap = data.assign(year=data.year.where(data.year > 1985))
        fits["gap"] = mr.meta_regression(gap, "year + rater", level=0.99)
    return {name: (fit, mr.code(fit, "R")) for name, fit in fits.items()}


def run_r(texts: dict[str, str], folder: Path) -> dict:
    """Run all texts in one R, and return what each left."""
    for name, text in texts.items():
        (folder / f"{name}.R").write_text(text, encoding="utf-8")
    (folder / "run.R").write_text(RUNNER, encoding="utf-8")
    done = subprocess.run(
        [str(RSCRIPT), str(folder / "run.R"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "out.json").read_text(encoding="utf-8"))


def assert_same(name: str, fit: mr.MetaFit, theirs: dict) -> None:
    """Compare what every analysis has; coefficients in the order of their size."""
    order, other = np.argsort(fit.beta), np.argsort(theirs["b"])
    for ours, key in ((fit.beta, "b"), (fit.se, "se"), (fit.ci_low, "ci_lb")):
        got = np.array(theirs[key], dtype=float)[other]
        np.testing.assert_allclose(got, ours[order], rtol=1e-6, atol=1e-9, err_msg=f"{name}: {key}")
    for ours, key in ((fit.tau2, "tau2"), (fit.Q, "Q"), (fit.k, "k")):
        np.testing.assert_allclose(
            theirs[key][0], ours, rtol=1e-6, atol=1e-9, err_msg=f"{name}: {key}"
        )


@needs_r
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_r_gives_the_same_numbers_over_the_grid(whole: bool, tmp_path: Path) -> None:
    fits = grid(whole=whole)
    found = run_r({name: text for name, (_, text) in fits.items()}, tmp_path)
    for name, (fit, _) in fits.items():
        assert_same(name, fit, found[f"{name}.R"])
    assert len(found) == len(fits) >= (13 * 15 if whole else 30)


RAW = {
    "SMD": ({}, ("m1", "sd1", "n1", "m2", "sd2", "n2")),
    "SMD-UB": ({"variance": "UB"}, ("m1", "sd1", "n1", "m2", "sd2", "n2")),
    "MD": ({"variance": "HO"}, ("m1", "sd1", "n1", "m2", "sd2", "n2")),
    "OR": ({"add": 1.0, "to": "all"}, ("events1", "n1", "events2", "n2")),
    "RR": ({"add_to": "yi", "to": "all"}, ("events1", "n1", "events2", "n2")),
    "ZCOR": ({}, ("r", "n1")),
    "COR-AV": ({"variance": "AV"}, ("r", "n1")),
    "PLO": ({}, ("events1", "n1")),
}  # fmt: skip


def raw_frame() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    k = 9
    return pd.DataFrame(
        {
            "m1": 10 + rng.standard_normal(k), "sd1": rng.uniform(2, 3, k),
            "m2": 9 + rng.standard_normal(k), "sd2": rng.uniform(2, 3, k),
            "n1": rng.integers(20, 60, k), "n2": rng.integers(20, 60, k),
            "events1": rng.integers(1, 9, k), "events2": rng.integers(1, 15, k),
            "r": rng.uniform(-0.2, 0.6, k).round(2),
        }
    )  # fmt: skip


def raw_effects(name: str) -> pd.DataFrame:
    options, words = RAW[name]
    given = {("n" if word == "n1" and len(words) == 2 else word): word for word in words}
    if name == "PLO":
        given = {"events": "events1", "n": "n1"}
    return mr.effect_sizes(raw_frame(), name.split("-")[0], **options, **given)


def test_cells_of_a_table_are_metafors_standard_form() -> None:
    words = ("events1", "non_events1", "events2", "non_events2")
    bcg = mr.load_dataset("bcg").studies
    es = mr.effect_sizes(bcg, "RR", **{word: word for word in words})
    text = mr.code(mr.pool(es), "R", data=es)
    assert "ai = events1, bi = non_events1, ci = events2, di = non_events2, data = dat" in text


def test_a_study_without_an_input_is_written_with_its_effect() -> None:
    # an effect that the first set does not give, and a table of two kinds of inputs
    frame = raw_frame().assign(t=2.5)
    frame.loc[0, ["m1", "sd1", "m2", "sd2"]] = np.nan
    words = {w: w for w in ("m1", "sd1", "n1", "m2", "sd2", "n2", "t")}
    es = mr.effect_sizes(frame, "SMD", **words)
    text = mr.code(mr.pool(es), "R", data=es)
    assert "inputs were of several kinds" in text
    assert "escalc" not in text


def test_raw_data_are_written_with_escalc() -> None:
    es = raw_effects("SMD-UB")
    text = mr.code(mr.pool(es), "R", data=es)
    assert (
        'dat <- escalc(measure = "SMD", m1i = m1, sd1i = sd1, n1i = n1, m2i = m2, sd2i = sd2, '
        'n2i = n2, vtype = "UB", data = dat)'
    ) in text
    assert "yi = c(" not in text


@needs_r
def test_r_computes_the_effects_too(tmp_path: Path) -> None:
    frames = {name: raw_effects(name) for name in RAW}
    fits = {name: mr.pool(es) for name, es in frames.items()}
    texts = {name: mr.code(fit, "R", data=frames[name]) for name, fit in fits.items()}
    assert all("escalc(" in text for text in texts.values())
    found = run_r(texts, tmp_path)
    for name, fit in fits.items():
        assert_same(name, fit, found[f"{name}.R"])


@needs_r
def test_r_reads_a_file(tmp_path: Path) -> None:
    data = table()
    fit = mr.meta_regression(data, "year + order")
    data.to_csv(tmp_path / "studies.csv", index=False)
    found = run_r({"file": mr.code(fit, "R", file="studies.csv")}, tmp_path)
    assert_same("file", fit, found["file.R"])


@needs_r
def test_r_reads_a_file_by_the_names_that_it_has(tmp_path: Path) -> None:
    data = table().drop(columns="study").assign(paper=[f"Paper {i}" for i in range(24)])
    data.to_csv(tmp_path / "es.csv", index=False)
    unnamed = mr.meta_regression(data, "year")
    named = mr.meta_regression(data, "year", labels="paper")
    texts = {
        "unnamed": mr.code(unnamed, "R", file="es.csv"),
        "named": mr.code(named, "R", file="es.csv"),
    }
    assert "slab" not in texts["unnamed"]
    assert "the columns yi, vi, year." in texts["unnamed"]
    assert "slab = paper," in texts["named"]
    assert "the columns paper, yi, vi, year." in texts["named"]
    found = run_r(texts, tmp_path)
    assert_same("unnamed", unnamed, found["unnamed.R"])
    assert_same("named", named, found["named.R"])
    stata = mr.code(named, "stata", file="es.csv")
    assert "studylabel(paper)" in stata
    assert "studylabel" not in mr.code(unnamed, "stata", file="es.csv")
    groups = mr.subgroups(data, "rater", labels="paper")
    assert "columns paper, yi, vi, rater." in mr.code(groups, "R", file="es.csv")


@needs_r
def test_r_takes_the_design_matrix(tmp_path: Path) -> None:
    fit = mr.meta_regression(table(), "np.maximum(year, 2000) + rater")
    with pytest.raises(
        mr.InputError, match=r"'np.maximum\(year, 2000\)' has no translation into R.*design=True"
    ):
        mr.code(fit, "R")
    found = run_r({"design": mr.code(fit, "R", design=True)}, tmp_path)
    assert_same("design", fit, found["design.R"])


@needs_r
@pytest.mark.parametrize("common", [False, True])
def test_r_gives_the_same_subgroups(common: bool, tmp_path: Path) -> None:
    data = table()
    results = {
        f"{code}-{test}": mr.subgroups(data, "rater", tau2=code, test=test, common_tau2=common)
        for code in ("REML", "DL", "PM", "EE")
        for test in ("z", "knha")
    }
    results["one"] = mr.subgroups(
        data.assign(rater=["alone", *data["rater"][1:]]), "rater", common_tau2=common
    )
    results["own weights"] = mr.subgroups(
        data.assign(w=np.arange(1.0, len(data) + 1)), "rater", weights="w", common_tau2=common
    )
    found = run_r({name: mr.code(result, "R") for name, result in results.items()}, tmp_path)
    for name, result in results.items():
        got = found[f"{name}.R"]
        levels = {level: [fit.estimate, fit.se[0], fit.tau2] for level, fit in result.fits.items()}
        if common:
            pairs = zip(got["b"], got["se"], strict=True)
            theirs = [[b, se, got["tau2"][0]] for b, se in pairs]
        else:
            theirs = [[got["fits"][g][word][0] for word in ("b", "se", "tau2")] for g in levels]
        np.testing.assert_allclose(
            theirs, list(levels.values()), rtol=1e-6, atol=1e-9, err_msg=name
        )
        assert got["between"][0] == pytest.approx(result.between.statistic, rel=1e-6), name


@needs_r
def test_r_has_the_robust_covariance(tmp_path: Path) -> None:
    data = table().assign(paper=[f"paper {i // 2}" for i in range(24)])
    models = {"mean": mr.pool(data), "regression": mr.meta_regression(data, "year + C(rater)")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mr.MetarelWarning)
        fits = {
            f"{name}-{kind}": mr.robust(fit, "paper", kind=kind, data=data)
            for name, fit in models.items()
            for kind in ROBUST_KINDS
        }
    if not has_package("clubSandwich"):
        fits = {name: fit for name, fit in fits.items() if "CR2" not in name}
    found = run_r({name: mr.code(fit, "R") for name, fit in fits.items()}, tmp_path)
    for name, fit in fits.items():
        assert_same(name, fit, found[f"{name}.R"])
    with pytest.raises(mr.InputError, match="cluster-robust covariance, which Stata's"):
        mr.code(fits["mean-CR1"], "stata")


@needs_r
def test_r_has_a_model_of_tau2(tmp_path: Path) -> None:
    data = table()
    fits = {
        "both": mr.location_scale(data, "C(rater)", "I(year - 2000)"),
        "scale": mr.location_scale(data, "1", "C(order)", tau2="ML", test="t"),
    }
    found = run_r({name: mr.code(fit, "R") for name, fit in fits.items()}, tmp_path)
    for name, fit in fits.items():
        theirs = found[f"{name}.R"]
        np.testing.assert_allclose(sorted(theirs["b"]), np.sort(fit.beta), rtol=1e-4)
        np.testing.assert_allclose(sorted(theirs["alpha"]), np.sort(fit.scale.beta), rtol=1e-3)
    for refused, words in (("stata", "has a model of tau2"),):
        with pytest.raises(mr.InputError, match=words):
            mr.code(fits["both"], refused)
    with pytest.raises(mr.InputError, match="`design` is for the mean"):
        mr.code(fits["both"], "R", design=True)


def test_pooled_tables_are_said_in_metafors_words() -> None:
    words = {"events1": "events1", "n1": "n1", "events2": "events2", "n2": "n2"}
    fit = mr.pool_tables(raw_frame(), "OR", **words)
    with pytest.raises(mr.InputError, match=r"keeps no tables to write. In metafor it is rma\.mh"):
        mr.code(fit, "R")  # type: ignore[arg-type]


def test_formulas_in_r() -> None:
    written = {
        "year + C(rater)": "year + factor(rater)",
        "year*rater - 1": "year * rater - 1",
        "a + b + a:b + np.sqrt(x)": "a + b + a:b + sqrt(x)",
        "(a + b)**2": "(a + b)^2",
        "C(a, Treatment('x')) * b": 'relevel(factor(a), ref = "x") * b',
        'C(a, contr.treatment(base="x (1) : y"))': 'relevel(factor(a), ref = "x (1) : y")',
        "C(a, Treatment(1990))": 'relevel(factor(a), ref = "1990")',
        "C(a, Sum) + C(a, contr.sum())": "C(factor(a), contr.sum) + C(factor(a), contr.sum)",
        "poly(a, 2) + poly(b, degree=3, raw=True)": "poly(a, 2) + poly(b, 3, raw = TRUE)",
        "center(a) + scale(b)": "scale(a, scale = FALSE) + scale(b)",
        "`a (x) : y` + b": "a (x) : y + b",
    }
    for ours, theirs in written.items():
        assert r_formula(ours, str) == theirs
    bad_parts = (
        ("absent + bs(x, df=3) + z", "'bs(x, df=3)'"),
        ("y + {x + 1}", "'{x + 1}'"),
        ("y + C(x, contr.helmert) * z", "'C(x, contr.helmert) * z'"),
        ("C(x - 1)", "'C(x - 1)'"),
        ("C(x, levels=['b', 'a'])", "levels=['b', 'a'])"),
        ("scale(x, ddof=0)", "'scale(x, ddof=0)'"),
        ("C(x, Treatment('a')):z", "C(x, Treatment('a')):z"),
        ("a:b", "'a:b'"),  # other columns of the same space
        ("a + a:b", "'a:b'"),
        ("c + a / b", "'a / b'"),
        ("np.pi", "np.pi"),
    )
    for bad, part in bad_parts:
        with pytest.raises(mr.InputError, match="has no translation into R") as told:
            r_formula(bad, str)
        assert part in str(told.value)


def test_what_metafor_does_not_have_is_said() -> None:
    data = table()
    with pytest.raises(mr.InputError, match="by 'HM', which metafor does not have"):
        mr.code(mr.pool(data, tau2="HM"), "R")
    with pytest.raises(mr.InputError, match="leaves no constant in the model"):
        mr.code(mr.meta_regression(data, "0 + year"), "R")
    with pytest.raises(mr.InputError, match="must be one of 'R', 'stata', 'python'; got 'sas'"):
        mr.code(mr.pool(data), "sas")
    with pytest.raises(mr.InputError, match="must be what pool"):
        mr.code(data, "R")  # type: ignore[arg-type]
    with pytest.raises(mr.InputError, match="must be the frame that effect_sizes"):
        mr.code(mr.pool(data), "R", data=pd.DataFrame({"yi": data.yi}))
    with pytest.raises(mr.InputError, match="holds other effects than `fit`"):
        mr.code(mr.pool(data), "R", data=table().assign(yi=0.1))
    with pytest.raises(mr.InputError, match="uses a column named 'vi'"):
        mr.code(mr.meta_regression(data, "vi"), "R")
    with pytest.raises(mr.InputError, match="`file` must be the name"):
        mr.code(mr.pool(data), "R", file=" ")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"variance": "REVMAN", "correct": "approximate"}, "has no rule REVMAN of SMD"),
        ({"correct": "approximate"}, "has no approximate correction"),
        ({"correct": False}, "only metafor 4 and later leave out the correction"),
        ({"flip": -1}, "were turned by `flip`"),
    ],
)
def test_effects_that_metafor_cannot_make_are_embedded(options: dict, why: str) -> None:
    words = {w: w for w in ("m1", "sd1", "n1", "m2", "sd2", "n2")}
    es = mr.effect_sizes(raw_frame(), "SMD", **options, **words)
    text = mr.code(mr.pool(es), "R", data=es)
    assert why in text
    assert "yi = c(" in text
    assert "escalc" not in text


# Stata: the form of the text only; nobody has run it there.


def stata(fit: object, **options: object) -> list[str]:
    return mr.code(fit, "stata", **options).splitlines()  # type: ignore[arg-type]


def plain_table() -> pd.DataFrame:
    return table().assign(study=[f"Study {i}" for i in range(24)])


def test_stata_pools() -> None:
    lines = stata(mr.pool(plain_table(), test="adhoc", level=0.9))
    assert lines[0].startswith("* Stata")
    assert "input str8 study double yi double vi" in lines
    assert len(lines[lines.index("end") - 24 : lines.index("end")]) == 24
    assert "generate double sei = sqrt(vi)" in lines
    assert "meta set yi sei, studylabel(study) random(reml)" in lines
    model = next(line for line in lines if line.startswith("meta summarize"))
    assert model.startswith("meta summarize, random(reml) se(khartung, truncated) level(90) tol")


def test_stata_has_every_test_and_says_what_it_lacks() -> None:
    data = plain_table()
    options = {"z": "", "t": "tdistribution", "knha": "se(khartung)",
               "adhoc": "se(khartung, truncated)"}  # fmt: skip
    assert set(options) == set(TESTS)
    for program in ("R", "stata"):
        with pytest.raises(mr.InputError, match=r"test='kr', which .* not have; fit again with"):
            mr.code(mr.pool(data, test="kr"), program)
    for code in TAU2:
        if TAU2[code].takes:
            continue
        if code in ("HSk", "HM", "DL2", "HE2", "PMM"):
            with pytest.raises(mr.InputError, match="which Stata does not have"):
                stata(mr.pool(data, tau2=code))
            continue
        for test, word in options.items():
            line = next(x for x in stata(mr.pool(data, tau2=code, test=test)) if "summ" in x)
            assert word in line
            assert ("random(" in line) == (code != "EE")
    assert "meta summarize, tau2(0.2) level(95)" in stata(mr.pool(data, tau2=0.2))
    with pytest.raises(mr.InputError, match="weights of its own"):
        stata(mr.pool(data, weights="n"))
    with pytest.raises(mr.InputError, match="`data` is for R's escalc"):
        stata(mr.pool(data), data=data)
    with pytest.raises(mr.InputError, match="backtick, a dollar sign"):
        stata(mr.pool(data.assign(study=["$a", *data["study"][1:]])))


@pytest.mark.parametrize(
    ("formula", "terms"),
    [
        ("year + C(rater)", "c.year i.rater, random(reml) level(95)"),
        ("year * order", "c.year##i.order, random(reml) level(95)"),
        ("0 + rater + year", "ibn.rater c.year, random(reml) noconstant level(95)"),
        ("rater - 1", "ibn.rater, random(reml) noconstant level(95)"),
        ("C(`my weeks`) + rater:order", "i.my_weeks i.rater#i.order, random(reml) level(95)"),
    ],
)
def test_stata_regresses(formula: str, terms: str) -> None:
    lines = stata(mr.meta_regression(plain_table(), formula))
    assert any(line.startswith(f"meta regress {terms}") for line in lines)


def test_stata_names_levels_in_their_order() -> None:
    lines = stata(mr.meta_regression(plain_table(), "order"))
    assert 'label define order 1 `"low"\' 2 `"high"\'' in lines
    assert "input str8 study double yi double vi int order" in lines
    read = stata(mr.meta_regression(plain_table(), "order"), file="studies.csv")
    assert "encode order_text, generate(order) label(order) noextend" in read
    for bad in ("np.log(year)", "(year + order)**2"):
        with pytest.raises(mr.InputError, match="no translation into Stata"):
            stata(mr.meta_regression(plain_table(), bad))


def test_stata_subgroups() -> None:
    data = plain_table()
    lines = stata(mr.subgroups(data, "rater", tau2="DL"))
    assert "meta summarize, subgroup(rater) random(dlaird) level(95)" in lines
    shared = stata(mr.subgroups(data, "rater", tau2="EE", common_tau2=True))
    assert "meta regress ibn.rater, fixed noconstant level(95)" in shared
    assert "meta regress i.rater, fixed level(95)" in shared


def test_what_settings_changed_is_said_where_the_text_cannot_hold_it() -> None:
    text = mr.code(mr.pool(plain_table(), settings="meta"), "R")
    assert "is from Q here, which this text does not ask for" in text
    assert "prediction intervals of kind" in text
    assert "does not ask for" not in mr.code(mr.pool(plain_table()), "R")


def test_what_metafor_needs_besides_itself_is_said() -> None:
    text = mr.code(mr.pool(plain_table(), tau2="GENQM", weights=1.0), "R")
    assert "# metafor needs the package CompQuadForm" in text
    assert "CompQuadForm" not in mr.code(mr.pool(plain_table(), tau2="GENQ", weights=1.0), "R")


def test_what_settings_changed_is_said_of_subgroups_too() -> None:
    text = mr.code(mr.subgroups(plain_table(), "rater", settings="meta"), "R")
    assert "is from Q here, which this text does not ask for" in text
