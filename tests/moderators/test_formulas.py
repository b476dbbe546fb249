"""Formulas of moderators: splines, polynomials, factors, interactions, and new values."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metarel as mr


@pytest.fixture(scope="module")
def studies() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    k = 40
    return pd.DataFrame(
        {
            "yi": rng.normal(0.3, 0.3, k),
            "vi": rng.uniform(0.02, 0.1, k),
            "year": rng.integers(1980, 2020, k),
            "grade": rng.integers(1, 5, k),
            "rater": rng.choice(list("abc"), k),
            "setting": rng.choice(["in", "out"], k),
            "mean age": rng.uniform(20, 60, k),
        }
    )


TERMS = {
    "bs(year, df=4)": ["intercept", *(f"bs(year, df=4)[{i}]" for i in range(1, 5))],
    "cr(year, df=3, constraints='center')": [
        "intercept",
        *(f"cr(year, df=3, constraints='center')[{i}]" for i in range(1, 4)),
    ],
    "0 + cr(year, df=3)": [f"cr(year, df=3)[{i}]" for i in range(1, 4)],
    "poly(year, 2)": ["intercept", "poly(year, 2)[1]", "poly(year, 2)[2]"],
    "center(year) + I(center(year)**2)": None,
    "scale(year)": ["intercept", "scale(year)"],
    "np.log(year)": ["intercept", "np.log(year)"],
    "sqrt(year)": ["intercept", "sqrt(year)"],
    "I(year**2)": ["intercept", "I(year ** 2)"],
    "`mean age`": ["intercept", "mean age"],
    "C(grade)": ["intercept", "C(grade)[T.2]", "C(grade)[T.3]", "C(grade)[T.4]"],
    "C(grade, contr.sum)": ["intercept", *(f"C(grade, contr.sum)[S.{i}]" for i in (1, 2, 3))],
    "C(rater, Treatment('b'))": [
        "intercept",
        "C(rater, Treatment('b'))[T.a]",
        "C(rater, Treatment('b'))[T.c]",
    ],
    "0 + rater": ["rater[a]", "rater[b]", "rater[c]"],
    "year * rater": [
        "intercept", "year", "rater[T.b]", "rater[T.c]", "year:rater[T.b]", "year:rater[T.c]",
    ],
    "rater:setting": None,
    "bs(year, df=3) * setting": None,
    "(rater + setting + grade)**2": None,
}  # fmt: skip


@pytest.mark.parametrize("formula", TERMS)
def test_terms_are_named_and_new_rows_make_the_same_columns(
    studies: pd.DataFrame, formula: str
) -> None:
    fit = mr.meta_regression(studies, formula)
    if TERMS[formula] is not None:
        assert list(fit.study.terms) == TERMS[formula]
    few = studies.iloc[[3, 17, 29]]  # three rows must not move knots, means or levels
    again = fit.predict(few)
    known = fit.predict().iloc[[3, 17, 29]]
    for name in ("estimate", "se", "pi_low"):
        np.testing.assert_allclose(again[name], known[name], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("poly(year, 2)", "center(year) + I(center(year)**2)"),
        ("bs(year, df=3)", "poly(year, 3)"),  # a cubic spline without inner knots is a cubic
        ("rater", "0 + rater"),
        ("rater * setting", "0 + rater:setting"),
        ("cr(year, df=3, constraints='center')", "0 + cr(year, df=4)"),
        ("C(grade)", "C(grade, contr.helmert)"),
    ],
)
def test_two_ways_to_write_a_model(studies: pd.DataFrame, one: str, other: str) -> None:
    first, second = (mr.meta_regression(studies, formula) for formula in (one, other))
    if "cr(" not in one:  # knots differ there, the space of straight lines does not
        np.testing.assert_allclose(
            first.predict()["estimate"], second.predict()["estimate"], rtol=1e-7, atol=1e-9
        )
        assert first.tau2 == pytest.approx(second.tau2, rel=1e-7)
    assert first.p == second.p


def test_factors_are_given_by_label(studies: pd.DataFrame) -> None:
    fit = mr.meta_regression(studies, "year * rater + C(grade)")
    new = pd.DataFrame({"year": [2000, 2000], "rater": ["b", "c"], "grade": [3, 3]})
    beta = dict(zip(fit.study.terms, fit.beta, strict=True))
    base = beta["intercept"] + 2000 * beta["year"] + beta["C(grade)[T.3]"]
    hand = [base + beta[f"rater[T.{x}]"] + 2000 * beta[f"year:rater[T.{x}]"] for x in "bc"]
    assert list(fit.predict(new)["estimate"]) == pytest.approx(hand, abs=1e-9)
    with pytest.raises(mr.InputError, match="levels of rater that the model has not seen: z"):
        fit.predict(new.assign(rater="z"))
    with pytest.raises(mr.InputError, match=r"levels of grade .* not seen: 9; it knows 1, 2, 3, 4"):
        fit.predict(new.assign(grade=9))


def test_splines_do_not_reach_beyond_their_ends(studies: pd.DataFrame) -> None:
    fit = mr.meta_regression(studies, "bs(year, df=4)")
    with pytest.raises(mr.InputError, match="`newdata` cannot be put into 'bs"):
        fit.predict(pd.DataFrame({"year": [1950]}))


def test_a_missing_value_inside_of_a_transform_is_seen(studies: pd.DataFrame) -> None:
    lacking = studies.assign(year=studies["year"].where(studies.index != 5))
    with pytest.warns(mr.MetarelWarning, match=r"1 of 40 rows left out.*no year"):
        assert mr.meta_regression(lacking, "bs(year, df=4) + rater").k == 39


def test_traps_of_formulas_are_named(studies: pd.DataFrame) -> None:
    with pytest.raises(mr.InputError, match=r"'year\*\*2', which in a formula is year itself"):
        mr.meta_regression(studies, "rater + year**2")
    with pytest.raises(mr.InputError, match="add up to a constant: write constraints='center'"):
        mr.meta_regression(studies, "cr(year, df=3)")
    with pytest.raises(mr.InputError, match=r"`formula` names the column 'yaer'.*Did you mean"):
        mr.meta_regression(studies, "bs(yaer, df=4)")
    with pytest.raises(
        mr.InputError, match=r"'year\|rater' has '\|', which parts a formula in two"
    ):
        mr.meta_regression(studies, "year|rater")
    with pytest.raises(
        mr.InputError, match=r"`formula` 'year \+' ends in '\+'; write the moderator"
    ):
        mr.meta_regression(studies, "year +")
    with pytest.raises(mr.InputError, match="cannot be evaluated"):
        mr.meta_regression(studies, "log(rater)")


@pytest.mark.parametrize(
    ("formula", "what"),
    [
        ("f(year)", "calls 'f'"),
        ('__import__("os")', "calls '__import__'"),
        ('year + I(eval("1"))', "calls 'eval'"),
        ('{open("x")}', "calls 'open'"),
        ('np.load("x")', r"calls 'np\.load'"),
        ("I(year - np.mean(year))", r"calls 'np\.mean'"),
        ("np.lib.format.open_memmap('x')", r"calls 'np\.lib\.format\.open_memmap'"),
        ("{np.lib}", r"has 'np\.lib'"),
        ("contr.__init__()", r"calls 'contr\.__init__'"),
        ("I(year.max())", r"calls 'year\.max'"),
        ("I(year.values)", r"has 'year\.values'"),
        ("I((lambda q: q)(year))", "calls 'lambda q: q'"),
        ("I([y for y in year])", r"has '\[y for y in year\]'"),
        ("{year[0]}", r"has 'year\[0\]'"),
        ("I(f'{year}')", "has \"f'{year}'\""),
    ],
)
def test_a_formula_calls_nothing_that_is_not_listed(
    studies: pd.DataFrame, formula: str, what: str
) -> None:
    """Formulas are evaluated: what they may call must be a list."""
    with pytest.raises(mr.InputError, match=rf"{what}, which formulas may not: they take columns"):
        mr.meta_regression(studies, formula)
    with pytest.raises(mr.InputError, match="which formulas may not"):
        mr.location_scale(studies, "year", scale=formula)


@pytest.mark.parametrize(
    "formula",
    [
        "np.log(year)", "log10(year)", "sqrt(`mean age`)", "np.where(year > 2000, 1, 0)",
        "I(year**2 - 3)", "{year / 10}", "C(grade, levels=[2, 1, 3, 4])", "C(rater, contr.sum)",
        "C(rater, contr.treatment(base='b'))", "C(rater, Treatment('c'))", "poly(year, 2)",
        "C(rater, {'x': [1, 0, -1]})", "np.clip(year, 1990, 2010)", "I(1 * (grade == 1))",
        "np.cos(2 * np.pi * year / 7)", "center(year):scale(grade)", 'Q("mean age")',
    ],
)  # fmt: skip
def test_what_formulas_may_call_still_runs(studies: pd.DataFrame, formula: str) -> None:
    fit = mr.meta_regression(studies, formula)
    assert fit.p > 1
    np.testing.assert_allclose(fit.predict(studies).estimate, fit.predict().estimate, rtol=1e-10)


def test_splines_agree_with_r() -> None:
    """The basis differs, the space does not: fitted values of bs() in R."""
    path = Path(__file__).parents[1] / "golden" / "moderators.json"
    case = next(c for c in json.loads(path.read_text(encoding="utf-8")) if c["id"] == "spline")
    fit = mr.meta_regression(pd.DataFrame(case["data"]), "bs(year, df=4)")
    assert fit.tau2 == pytest.approx(case["expect"]["tau2"], rel=1e-8)
    assert fit.omnibus.statistic == pytest.approx(case["expect"]["QM"], rel=1e-8)
    np.testing.assert_allclose(fit.predict()["estimate"], case["expect"]["pred"], rtol=1e-8)


def test_a_formula_that_was_read_before_keeps_nothing_of_other_data() -> None:
    rng = np.random.default_rng(8)
    tables = [
        pd.DataFrame({"yi": rng.normal(size=12), "vi": 0.1, "x": shift + rng.normal(size=12),
                      "g": list(levels) * 6})
        for shift, levels in ((0, "ab"), (50, "cd"), (0, "ab"))
    ]  # fmt: skip
    for text in ("scale(x) + g", "bs(x, df=4) + g"):
        first = [mr.meta_regression(table, text) for table in tables]
        again = [mr.meta_regression(table, text) for table in reversed(tables)][::-1]
        for one, other in zip(first, again, strict=True):
            np.testing.assert_array_equal(one.study.X, other.study.X)
            assert one.study.terms == other.study.terms
        at = tables[1].head(3)
        np.testing.assert_allclose(first[1].predict(at).estimate,
                                   (first[1].study.X @ first[1].beta)[:3])  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("year > 2000", r"write it inside of I\(\), as in 'I\(ablat > 30\)'"),
        ("grade == 2 + year", r"has a comparison between terms"),
        ("factor(rater)", r"calls 'factor': write C\(rater\), or the column alone"),
        ("year + as.factor(rater)", r"calls 'as\.factor': write C\(rater\)"),
    ],
)
def test_words_of_other_formulas_are_answered(
    studies: pd.DataFrame, formula: str, says: str
) -> None:
    with pytest.raises(mr.InputError, match=says):
        mr.meta_regression(studies, formula)
    assert mr.meta_regression(studies, "I(year > 2000)").study.terms[1] == "I(year > 2000)"


def test_new_rows_may_be_a_mapping(studies: pd.DataFrame) -> None:
    fit = mr.meta_regression(studies, "year + rater")
    new = {"year": [1990, 2000], "rater": ["a", "b"]}
    want = fit.predict(pd.DataFrame(new))
    pd.testing.assert_frame_equal(fit.predict(new), want)
    one = fit.predict({"year": 1990, "rater": "a"})
    pd.testing.assert_frame_equal(one, want.head(1))
    clustered = mr.robust(fit, cluster=list(range(40)))
    assert len(clustered.predict(new)) == 2
    expectancy = mr.load_dataset("raudenbush1985").studies
    scale = mr.location_scale(expectancy, "weeks", "weeks")
    weeks = {"weeks": [1, 2]}
    assert scale.predict(weeks).tau2.tolist() == scale.predict_scale(weeks).tau2.tolist()
    with pytest.raises(mr.InputError, match=r"`newdata` must have as many values in each column"):
        fit.predict({"year": [1990, 2000], "rater": ["a"]})
    with pytest.raises(mr.InputError, match=r"`newdata` lacks the column 'year'.*mean 'Year'"):
        fit.predict({"Year": 1990, "rater": "a"})
    with pytest.raises(mr.InputError, match="`newdata` must be a pandas DataFrame"):
        fit.predict(3)


@pytest.mark.parametrize("terms", [[3, 4], 1, ("year", 2)])
def test_terms_are_named_and_not_numbered(studies: pd.DataFrame, terms: object) -> None:
    with pytest.raises(mr.InputError, match=r"`terms` must be names, not numbers.*'intercept'"):
        mr.contrast(mr.meta_regression(studies, "year"), terms=terms)
