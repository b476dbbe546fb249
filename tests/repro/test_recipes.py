"""Each recipe gives what the library gives when it is asked directly."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.data.model import Dataset
from metarel.errors import DatasetError, InputError
from metarel.repro.recipes import RECIPES, compute

GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "recipes.json").read_text(encoding="utf-8")
)
STUDIES = pd.DataFrame(
    {
        "study": ["A", "B", "C", "D", "E", "F"],
        "r": [0.10, 0.35, 0.22, 0.48, 0.05, 0.31],
        "n": [40, 65, 120, 33, 210, 58],
        "year": [1990, 1995, 1999, 2004, 2008, 2011],
        "rater": ["client", "therapist", "client", "therapist", "client", "therapist"],
    }
)
DATASET = Dataset(
    slug="made2020",
    title="Made up",
    citation="Nobody (2020)",
    effect={
        "default": {"measure": "ZCOR", "r": "r", "n": "n"},
        "raw": {"measure": "COR", "variance": "AV", "r": "r", "n": "n"},
    },
    studies=STUDIES,
    figures=(),
)


def value(recipe: str, quantity: str, **arguments: Any) -> float:
    return compute(DATASET, RECIPES[recipe], quantity, arguments)


@pytest.fixture(scope="module")
def effects() -> pd.DataFrame:
    return mr.effect_sizes(STUDIES, "ZCOR", r="r", n="n")


def test_pool_gives_the_fit(effects: pd.DataFrame) -> None:
    fit = mr.pool(effects, tau2="DL", test="knha", level=0.9)
    asked = {"tau2": "DL", "test": "knha", "level": 0.9}
    expected = {
        "estimate": fit.estimate,
        "se": fit.se[0],
        "ci_low": fit.ci_low[0],
        "ci_high": fit.ci_high[0],
        "statistic": fit.statistic[0],
        "p_value": fit.p_value[0],
        "df": 5,
        "k": 6,
        "tau2": fit.tau2,
        "tau": math.sqrt(fit.tau2),
        "Q": fit.Q,
        "Q_df": 5,
        "I2": fit.I2,
        "I2_Q": fit.heterogeneity.I2_Q,
        "pi_high": fit.predict()["pi_high"].iloc[0],
    }
    for quantity, number in expected.items():
        assert value("pool", quantity, **asked) == number, quantity


def test_scales_move_points_and_limits_only(effects: pd.DataFrame) -> None:
    fit = mr.pool(effects)
    for quantity in ("estimate", "ci_low", "pi_high"):
        assert value("pool", quantity, scale="r") == pytest.approx(
            math.tanh(value("pool", quantity)), rel=1e-15
        )
        assert value("pool", quantity, scale="z") == value("pool", quantity)
        assert value("pool", quantity, scale="exp") == pytest.approx(
            math.exp(value("pool", quantity)), rel=1e-15
        )
    assert value("pool", "se", scale="r") == fit.se[0]
    assert value("pool", "statistic", scale="r") == fit.statistic[0]


def test_a_raw_correlation_is_on_the_scale_of_print_already() -> None:
    assert value("pool", "estimate", effect="raw", scale="r") == value(
        "pool", "estimate", effect="raw"
    )


def test_effects_follow_the_variant_or_the_figure() -> None:
    raw = mr.pool(mr.effect_sizes(STUDIES, "COR", variance="AV", r="r", n="n"))
    assert value("pool", "estimate", effect="raw") == raw.estimate
    assert value("pool", "estimate", measure="COR", variance="AV") == raw.estimate


def test_rows_are_derived_then_kept(effects: pd.DataFrame) -> None:
    late = mr.pool(effects[effects["year"] > 1999])
    asked = {"derive": {"age": "2020 - year"}, "where": "age < 21"}
    assert value("pool", "estimate", **asked) == late.estimate
    assert value("count", "k", **asked) == 3
    assert value("sum", "n_total", column="n", **asked) == 33 + 210 + 58
    assert value("count", "k", distinct="rater") == 2


def test_meta_regression_names_its_terms(effects: pd.DataFrame) -> None:
    fit = mr.meta_regression(effects, "year", tau2="DL")
    asked = {"formula": "year", "tau2": "DL"}
    assert value("meta_regression", "estimate", term="year", **asked) == fit.beta[1]
    assert value("meta_regression", "se", term="intercept", **asked) == fit.se[0]
    assert value("meta_regression", "QM", **asked) == fit.omnibus.statistic  # type: ignore[union-attr]
    assert value("meta_regression", "R2", **asked) == fit.R2
    with pytest.raises(DatasetError, match="Did you mean 'year'"):
        value("meta_regression", "se", term="yaer", **asked)
    with pytest.raises(DatasetError, match="gives no 'estimate' with these arguments"):
        value("meta_regression", "estimate", **asked)


def test_prediction_at_given_moderators(effects: pd.DataFrame) -> None:
    fit = mr.meta_regression(effects, "year")
    expected = fit.predict(pd.DataFrame([{"year": 2000}])).iloc[0]
    for quantity in ("estimate", "se", "pi_low"):
        found = value("prediction", quantity, formula="year", at={"year": 2000})
        assert found == expected[quantity]
    assert value("prediction", "estimate") == mr.pool(effects).estimate
    with pytest.raises(DatasetError, match="needs the argument `at`"):
        value("prediction", "estimate", formula="year")


def test_subgroups_give_levels_and_tests(effects: pd.DataFrame) -> None:
    found = mr.subgroups(effects, "rater", tau2="DL", common_tau2=True)
    asked = {"by": "rater", "tau2": "DL", "common_tau2": True}
    assert value("subgroup", "Q_between", **asked) == found.between.statistic
    assert value("subgroup", "Q_within_df", **asked) == 4
    assert value("subgroup", "estimate", group="client", **asked) == found.fits["client"].estimate
    assert value("subgroup", "k", group="client", **asked) == 3
    with pytest.raises(DatasetError, match="`group` must be one of 'client', 'therapist'"):
        value("subgroup", "estimate", group="nurse", **asked)


def test_huber_white_is_the_sandwich_of_weighted_residuals(effects: pd.DataFrame) -> None:
    fit = mr.pool(effects, tau2="DL")
    y = effects["yi"].to_numpy()
    w = 1 / (effects["vi"].to_numpy() + fit.tau2)
    expected = math.sqrt(np.sum(w**2 * (y - fit.estimate) ** 2)) / w.sum()
    assert value("robust", "se", tau2="DL") == pytest.approx(expected, rel=1e-13)
    reach = 1.959963984540054 * expected
    assert value("robust", "ci_high", tau2="DL") == pytest.approx(fit.estimate + reach, rel=1e-12)
    sandwich = {"formula": "year", "term": "year", "tau2": 0.01}
    X = np.column_stack([np.ones(6), effects["year"]])
    w = 1 / (effects["vi"].to_numpy() + 0.01)
    bread = np.linalg.inv(X.T @ (X * w[:, None]))
    e = y - X @ (bread @ X.T @ (w * y))
    meat = X.T @ (X * (w**2 * e**2)[:, None])
    assert value("robust", "se", **sandwich) == pytest.approx(
        math.sqrt((bread @ meat @ bread)[1, 1]), rel=1e-8
    )


def test_huber_white_of_equal_weights_is_the_plain_standard_error() -> None:
    """With one variance for all it is the root of the mean square over k."""
    table = STUDIES.assign(n=100)
    dataset = Dataset("even", "t", "c", DATASET.effect, table, ())
    z = np.arctanh(table["r"].to_numpy())
    found = compute(dataset, RECIPES["robust"], "se", {"tau2": "EE"})
    assert found == pytest.approx(math.sqrt(z.var() / 6), rel=1e-13)


def test_blups_lie_between_the_study_and_the_mean(effects: pd.DataFrame) -> None:
    fit = mr.pool(effects)
    for study in range(1, 7):
        blup = value("blup", "estimate", study=study)
        low, high = sorted((effects["yi"].iloc[study - 1], fit.estimate))
        assert low <= blup <= high
    assert value("blup", "estimate", study=1, tau2="EE") == pytest.approx(
        value("pool", "estimate", tau2="EE")
    )
    far = value("blup", "estimate", study=1, tau2=1e9)
    assert far == pytest.approx(effects["yi"].iloc[0], rel=1e-9)
    assert value("blup", "se", study=1, tau2=1e9) == pytest.approx(math.sqrt(1 / 37), rel=1e-6)
    with pytest.raises(DatasetError, match="`study` must be the number of a row"):
        value("blup", "estimate", study=7)


def test_kinds_of_prediction_interval(effects: pd.DataFrame) -> None:
    fit = mr.pool(effects)
    wide = fit.predict(interval="hts").iloc[0]
    for recipe in ("pool", "prediction"):
        assert value(recipe, "pi_low", interval="hts") == wide["pi_low"]
        assert value(recipe, "pi_low") == fit.predict()["pi_low"].iloc[0] > wide["pi_low"]
        assert value(recipe, "ci_low", interval="hts") == fit.ci_low[0]
    with pytest.raises(InputError, match="`interval` must be one of"):
        value("pool", "pi_low", interval="htss")


def test_limits_of_tau2_are_those_of_the_library(effects: pd.DataFrame) -> None:
    for method in ("QP", "PL"):
        limits = mr.tau2_interval(mr.pool(effects, level=0.9), method=method)
        for share in ("tau2", "tau", "I2", "H2"):
            for end in ("low", "high"):
                found = value("tau2_interval", f"{share}_{end}", method=method, level=0.9)
                assert found == limits.loc[share, f"ci_{end}"]
    regressed = mr.tau2_interval(mr.meta_regression(effects, "year", tau2="PM"))
    found = value("tau2_interval", "tau2_high", formula="year", tau2="PM")
    assert found == regressed.loc["tau2", "ci_high"]


def test_weights_are_shares(effects: pd.DataFrame) -> None:
    shares = [value("weight", "weight", study=study) for study in range(1, 7)]
    assert shares == pytest.approx((mr.pool(effects).weights() / 100).tolist(), rel=1e-15)
    assert sum(shares) == pytest.approx(1, rel=1e-14)
    sizes = STUDIES["n"] - 3
    equal = value("weight", "weight", study=5, tau2="EE")
    assert equal == pytest.approx(sizes[4] / sizes.sum(), rel=1e-13)


def test_one_effect_is_a_row_of_effect_sizes(effects: pd.DataFrame) -> None:
    assert value("effect", "estimate", study=2) == effects["yi"].iloc[1]
    assert value("effect", "estimate", study=2, scale="r") == pytest.approx(0.35, rel=1e-15)
    assert value("effect", "se", study=2) == pytest.approx(1 / math.sqrt(62), rel=1e-15)
    assert value("effect", "estimate", study=1, where="n > 50") == effects["yi"].iloc[1]
    for recipe in ("effect", "weight"):
        with pytest.raises(DatasetError, match="`study` must be the number of a row"):
            value(recipe, RECIPES[recipe].quantities[0], study=7)
        with pytest.raises(DatasetError, match="needs the argument `study`"):
            value(recipe, RECIPES[recipe].quantities[0])


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["formula"])
def test_metafor_gives_the_same_blups_and_sandwich(case: dict[str, Any]) -> None:
    expectancy = mr.load_dataset("raudenbush1985")
    model = {"formula": case["formula"], "tau2": case["tau2"]}

    def computed(recipe: str, quantity: str, **more: Any) -> float:
        return compute(expectancy, RECIPES[recipe], quantity, {**model, **more})

    places = range(1, len(case["blup"]) + 1)
    estimates = [computed("blup", "estimate", study=place) for place in places]
    assert estimates == pytest.approx(case["blup"], rel=1e-11, abs=1e-13)
    errors = [computed("blup", "se", study=place) for place in places]
    assert errors == pytest.approx(case["blup_se"], rel=1e-11)
    terms = mr.meta_regression(expectancy.studies, case["formula"], tau2=case["tau2"]).study.terms
    errors = [computed("robust", "se", term=term) for term in terms]
    assert errors == pytest.approx(np.atleast_1d(case["robust_se"]).tolist(), rel=1e-10)


def test_conversions_are_recipes_too() -> None:
    asked = {"value": ".28", "source": "r", "target": "d"}
    assert value("convert", "estimate", **asked) == mr.convert(0.28, "r", "d")
    exact = {**asked, "rule": "exact", "n1": 20, "n2": 40}
    assert value("convert", "estimate", **exact) == mr.convert(
        0.28, "r", "d", rule="exact", n1=20, n2=40
    )
    with pytest.raises(DatasetError, match="needs the argument `target`"):
        value("convert", "estimate", value=".28", source="r")
    with pytest.raises(InputError, match="`n1`, `n2` must be given"):
        value("convert", "estimate", rule="exact", **asked)


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_quantity_declared_can_be_given(recipe: str) -> None:
    needed: Mapping[str, dict[str, Any]] = {
        "meta_regression": {"formula": "year", "term": "year"},
        "subgroup": {"by": "rater", "group": "client"},
        "blup": {"study": 1},
        "weight": {"study": 1},
        "effect": {"study": 1},
        "sum": {"column": "n"},
        "convert": {"value": ".28", "source": "r", "target": "d"},
    }
    others = {"mantel_haenszel": "depressionmortality_cuijpers2002", "freeman_tukey": "feng2019"}
    for quantity in RECIPES[recipe].quantities:
        given = needed.get(recipe, {})
        if recipe in others:
            given = {"measure": "OR"} if recipe == "mantel_haenszel" else {}
            dataset = mr.load_dataset(others[recipe])
            assert isinstance(compute(dataset, RECIPES[recipe], quantity, given), float)
        else:
            assert isinstance(value(recipe, quantity, **given), float)


def test_recipes_of_counts_refuse_other_effects() -> None:
    with pytest.raises(DatasetError, match="needs effects of events1, n1, events2, n2"):
        value("mantel_haenszel", "estimate")
    with pytest.raises(DatasetError, match="needs effects of measure 'PFT'; these are"):
        value("freeman_tukey", "estimate")


def test_tables_and_double_arcsines_by_recipe() -> None:
    tables = mr.load_dataset("depressionmortality_cuijpers2002")
    words = {word: tables.effect["default"][word] for word in ("events1", "n1", "events2", "n2")}
    for measure, method in (("OR", "MH"), ("RD", "MH"), ("OR", "Peto")):
        fit = mr.pool_tables(tables.studies, measure, **words, method=method)
        given = {"measure": measure, "method": method}
        recipe = RECIPES["mantel_haenszel"]
        assert compute(tables, recipe, "se", given) == fit.se
        assert compute(tables, recipe, "Q_p", given) == fit.heterogeneity.p_value
    shares = mr.load_dataset("feng2019")
    es = mr.effect_sizes(shares.studies, **shares.effect["default"])
    fit = mr.pool(es, tau2="DL")
    row = fit.predict(transform="double_arcsine", n=shares.studies.n).iloc[0]
    found = compute(shares, RECIPES["freeman_tukey"], "pi_high", {"tau2": "DL"})
    assert found == pytest.approx(row.pi_high, rel=1e-14)


def test_unknown_words_are_refused_by_name() -> None:
    with pytest.raises(DatasetError, match=r"`tua2` is not an argument of .*Did you mean 'tau2'"):
        value("pool", "estimate", tua2="DL")
    with pytest.raises(DatasetError, match=r"gives no 'estimte'.*Did you mean 'estimate'"):
        value("pool", "estimte")
    with pytest.raises(DatasetError, match="`effect` must be one of 'default', 'raw'"):
        value("pool", "estimate", effect="rwa")
    with pytest.raises(DatasetError, match="`scale` must be one of"):
        value("pool", "estimate", scale="logg")
    with pytest.raises(DatasetError, match="needs the argument `column`"):
        value("sum", "n_total")
    with pytest.raises(DatasetError, match="needs the argument `by`"):
        value("subgroup", "Q_between")
    with pytest.raises(DatasetError, match="needs the argument `study`"):
        value("blup", "estimate")
    with pytest.raises(InputError, match="`column` names the column 'N'"):
        value("sum", "n_total", column="N")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"where": "yaer > 2000"}, "`where` cannot be evaluated: 'yaer > 2000'"),
        ({"where": "year >"}, "`where` cannot be evaluated"),
        ({"derive": {"a": "yaer - 1"}}, "`derive` cannot be evaluated: 'yaer - 1'"),
        ({"where": "year > 3000"}, "`where` leaves no study: 'year > 3000'"),
    ],
)
def test_mistakes_in_expressions_name_them(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        value("count", "k", **arguments)
