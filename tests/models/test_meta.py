"""Pooling and meta-regression against metafor, against identities, and on bad input."""

from __future__ import annotations

import json
import math
import re
import warnings
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel._checks import FILE_LINE
from metarel.models._inference import wald_test
from metarel.tau2.moment import sidik_jonkman
from metarel.tau2.register import TAU2

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = {c["id"]: c for c in json.loads((GOLDEN / "rma_uni.json").read_text(encoding="utf-8"))}

#: Cases that metarel refuses on purpose. A study without sampling error has no weight in Q, so
#: that Q, I2, H2 and every estimator but the likelihoods are without value (NA in metafor, too).
REFUSED = {"uni-vi0": "`vi` must be positive"}
BUILT = [name for name in CASES if name not in REFUSED]


def frame_of(case: dict) -> pd.DataFrame:
    return pd.DataFrame(case["data"])


def fit_case(call: dict, frame: pd.DataFrame) -> mr.MetaFit:
    tau2 = call.get("tau2", call["method"])
    if "control" in call:
        start = call["control"]["tau2.init"]
        tau2 = replace(TAU2["SJ"], estimate=partial(sidik_jonkman, start=start))
    options = {
        "tau2": tau2,
        "test": call.get("test", "z"),
        "level": call.get("level", 95) / 100,
    }
    if call.get("weighted") is False:
        options["weights"] = 1.0
    elif "weights" in call:
        options["weights"] = call["weights"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mr.MetarelWarning)
        if "mods" in call:
            return mr.meta_regression(frame, call["mods"], **options)
        return mr.pool(frame, **options)


def numbers_of(fit: mr.MetaFit) -> dict:
    h, s, q = fit.heterogeneity, fit.statistics, fit.omnibus
    out = {
        "b": fit.beta, "se": fit.se, "stat": fit.statistic, "pval": fit.p_value,
        "ci_lb": fit.ci_low, "ci_ub": fit.ci_high, "vcov": fit.vcov, "tau2": fit.tau2,
        "se_tau2": fit.tau2_se, "I2": 100 * h.I2, "H2": h.H2, "R2": 100 * fit.R2, "QE": h.Q,
        "QE_df": h.Q_df, "QEp": h.Q_p, "k": fit.k, "ddf": fit.df[0], "s2w": fit.knapp_hartung,
        "ll": s.log_likelihood, "deviance": s.deviance, "AIC": s.AIC, "BIC": s.BIC,
        "AICc": s.AICc,
    }  # fmt: skip
    if fit.spec.test == "adhoc":
        out["s2w"] = max(fit.knapp_hartung, 1.0)
    return out if q is None else out | numbers_of_test(q)


def numbers_of_test(test: Any) -> dict:
    return {
        "QM": test.statistic,
        "QM_df1": test.df1,
        "QM_df2": test.df2,
        "QMp": test.p_value,
    }


def order_of_terms(fit: mr.MetaFit, case: dict) -> list[int]:
    """Match coefficients by their design columns: the programs name and order them apart."""
    X = np.array(case["design"]["X"], dtype=float)
    return [
        next(j for j in range(X.shape[1]) if np.allclose(fit.study.X[:, j], X[:, i]))
        for i in range(X.shape[1])
    ]


@pytest.mark.parametrize("name", BUILT)
def test_agrees_with_metafor(name: str) -> None:
    case = CASES[name]
    call = case["call"]
    fit = fit_case(call, frame_of(case))
    ours = numbers_of(fit)
    order = order_of_terms(fit, case) if "design" in case else [0]
    # tau2 fixed: metafor still reports R2 and SE(tau2) of the method it did not use
    skip = {"R2", "se_tau2"} if "tau2" in call else set()
    if "btt" in call:  # the joint test of other coefficients than all moderators
        chosen = [order[number - 1] for number in call["btt"]]
        ours |= numbers_of_test(wald_test(fit.beta, fit.vcov, chosen, float(fit.df[0]), "chosen"))
    for key, golden in case["expect"].items():
        if key in skip or golden is None:
            continue
        got = np.asarray(ours[key], dtype=float)
        if key in ("b", "se", "stat", "pval", "ci_lb", "ci_ub"):
            got = got[order]
        if key == "vcov":
            got = got[np.ix_(order, order)]
        small = {"pval", "QEp", "QMp"}
        tolerance = 1e-7 if key in small else 1e-8
        np.testing.assert_allclose(
            got, np.array(golden, dtype=float), rtol=tolerance, atol=1e-10, err_msg=f"{name}: {key}"
        )


@pytest.mark.parametrize("name", REFUSED)
def test_refused_on_purpose(name: str) -> None:
    with pytest.raises(mr.InputError, match=REFUSED[name]):
        fit_case(CASES[name]["call"], frame_of(CASES[name]))


@pytest.fixture
def bcg() -> pd.DataFrame:
    data = CASES["uni-bcg-reml"]["data"]
    return pd.DataFrame(data)


def test_bcg_prints_the_known_numbers(bcg: pd.DataFrame) -> None:
    text = str(mr.pool(bcg))
    for words in ("tau2 = 0.3132 (SE 0.1664)", "I2 = 92.22%", "Q(12) = 152.2330", "-0.7145"):
        assert words in text


def test_balanced_case_by_hand() -> None:
    """With equal variances every unbiased estimator gives s2 - v and the plain mean."""
    y, v = np.array([0.1, 0.5, 0.4, 0.9, 0.3]), 0.02
    for code in ("DL", "HE", "PM", "EB", "REML"):
        fit = mr.pool(yi=y, vi=np.full(5, v), tau2=code)
        assert fit.tau2 == pytest.approx(y.var(ddof=1) - v, rel=1e-10)
        assert fit.estimate == pytest.approx(y.mean(), rel=1e-12)
        assert fit.se[0] == pytest.approx(math.sqrt(y.var(ddof=1) / 5), rel=1e-10)


@pytest.mark.parametrize("code", [c for c in TAU2 if c != "DLMH"])  # which has no moderators
def test_units_of_moderators_and_effects_do_not_matter(bcg: pd.DataFrame, code: str) -> None:
    weights = 1 / np.sqrt(bcg.vi) if TAU2[code].takes else None
    plain = mr.meta_regression(bcg.assign(x=bcg.index * 1.0), "x", tau2=code, weights=weights)
    scaled = bcg.assign(x=bcg.index * 1e6 + 3e6, yi=bcg.yi * 1e-6, vi=bcg.vi * 1e-12)
    other = mr.meta_regression(scaled, "x", tau2=code, weights=weights)
    assert other.tau2 == pytest.approx(plain.tau2 * 1e-12, rel=1e-7, abs=1e-30)
    assert other.beta[1] == pytest.approx(plain.beta[1] * 1e-12, rel=1e-6)
    assert other.omnibus.statistic == pytest.approx(plain.omnibus.statistic, rel=1e-6)


def test_an_intercept_only_regression_is_the_pooled_mean(bcg: pd.DataFrame) -> None:
    pooled, regressed = mr.pool(bcg), mr.meta_regression(bcg, "1")
    assert regressed.estimate == pooled.estimate
    assert regressed.tau2 == pooled.tau2
    assert regressed.predict(pd.DataFrame({"any": [1, 2]})).shape == (2, 6)


def test_back_transformation_follows_the_measure() -> None:
    frame = mr.effect_sizes(
        pd.DataFrame({"r": [0.2, 0.3, 0.5], "n": [40, 50, 60]}), "ZCOR", r="r", n="n"
    )
    fit = mr.pool(frame)
    row = fit.predict(transform=True).iloc[0]
    assert row.estimate == pytest.approx(math.tanh(fit.estimate))
    assert math.isnan(row.se)
    assert "tanh" in str(fit)
    with pytest.raises(mr.InputError, match="measure is not known"):
        mr.pool(yi=[0.1, 0.2], vi=[0.1, 0.1]).predict(transform=True)


def test_predicting_levels_and_new_rows(bcg: pd.DataFrame) -> None:
    table = bcg.assign(g=["a", "b", "c"] * 4 + ["a"], x=np.arange(13.0))
    fit = mr.meta_regression(table, "x + g", tau2="DL")
    same = fit.predict(table[["x", "g"]])
    np.testing.assert_allclose(same["estimate"], fit.predict()["estimate"], rtol=1e-12)
    with pytest.raises(
        mr.InputError, match=r"levels of g that the model has not seen: d; it knows a, b, c"
    ):
        fit.predict(pd.DataFrame({"x": [1.0], "g": ["d"]}))
    with pytest.raises(mr.InputError, match=r"`newdata` lacks the column 'x'"):
        fit.predict(pd.DataFrame({"g": ["a"]}))


def test_everything_is_json(bcg: pd.DataFrame) -> None:
    told = json.loads(json.dumps(mr.meta_regression(bcg.assign(x=bcg.index), "x").to_dict()))
    assert told["coefficients"][1]["term"] == "x"
    assert "<table>" in mr.pool(bcg)._repr_html_()


def test_one_study_is_its_own_estimate() -> None:
    with pytest.warns(mr.MetarelWarning, match="With one study tau2 cannot be estimated"):
        fit = mr.pool(yi=[0.3], vi=[0.04], test="knha")
    assert (fit.estimate, fit.se[0], fit.tau2, fit.spec.test) == (0.3, 0.2, 0.0, "z")


def test_effects_that_are_all_equal() -> None:
    """Knapp–Hartung then has no residual to scale by: said, and without a p-value from 0/0."""
    y, v = [0.25] * 4, [0.1, 0.2, 0.05, 0.3]
    bare = mr.pool(yi=y, vi=v, test="knha")
    assert bare.se[0] == 0
    assert math.isnan(bare.p_value[0])
    assert "use test='adhoc'" in str(bare)
    guarded, plain = mr.pool(yi=y, vi=v, test="adhoc"), mr.pool(yi=y, vi=v)
    assert guarded.se[0] == pytest.approx(plain.se[0])
    assert "0.0000" in str(plain)
    line = pd.DataFrame({"yi": [1.0, 2.0, 3.0, 4.0], "vi": [1.0] * 4, "x": [1.0, 2.0, 3.0, 4.0]})
    assert mr.meta_regression(line, "x", test="adhoc").omnibus.p_value == pytest.approx(
        0.15, abs=0.2
    )


def test_incomplete_rows_are_counted_and_named() -> None:
    frame = pd.DataFrame(
        {"study": list("abcd"), "yi": [0.1, None, 0.3, 0.2], "vi": [0.1, 0.1, None, 0.2]}
    )
    with pytest.warns(
        mr.MetarelWarning, match=r"2 of 4 rows left out, row 1 \('b'\): no yi, 2 \('c'\): no vi"
    ):
        fit = mr.pool(frame)
    assert fit.k == 2
    assert "Left out: 2 rows: b (no yi), c (no vi)." in str(fit)


GOOD = pd.DataFrame(
    {
        "study": ["Lee", "Kim", "Roe", "Diaz"],
        "yi": [0.1, 0.2, 0.3, 0.5],
        "vi": [0.01, 0.02, 0.03, 0.02],
        "x": [1.0, 2.0, 3.0, 5.0],
        "x2": [2.0, 4.0, 6.0, 10.0],
    }
)


@pytest.mark.parametrize(
    ("change", "options", "says"),
    [
        ({"vi": [0.01, 0.0, 0.02, -1.0]}, {}, r"positive; rows 1, 3 \('Kim', 'Diaz'\) are 0, -1"),
        ({"yi": [0.1, np.inf, 0.2, 0.3]}, {}, r"`yi` must be finite; row 1 \('Kim'\) is infinite"),
        ({"yi": ["a", "0.1", "0.2", "0.3"]}, {}, r"`yi` must hold numbers; row 0 \('Lee'\) is 'a'"),
        ({}, {"yi": "y"}, r"names the column 'y', which `data` does not have.*Did you mean 'yi'"),
        ({}, {"tau2": "REMM"}, r"`tau2` must be one of 'REML'.*got 'REMM'. Did you mean 'REML'\?"),
        ({}, {"tau2": -1.0}, r"Or a number of at least 0"),
        ({}, {"tau2": True}, r"`tau2` must be one of"),
        ({}, {"test": "hartung"}, r"`test` must be one of 'z', 't', 'knha', 'adhoc'"),
        ({}, {"level": 95}, r"`level` must be a fraction.*Write 0.95"),
        ({}, {"yi": [0.1, 0.2]}, r"same length: `yi` has 2.*`data` has 4 rows"),
        ({"se": [0.1, 0.2, 0.3, 0.2]}, {"vi": "se"}, r"like a standard error. Pass `sei='se'`"),
        ({"se": [0.01, 0.02, 0.03, 0.02]}, {}, r"`vi` holds the same numbers as the column 'se'"),
        ({"v": [0.01, 0.02, 0.03, 0.02]}, {"sei": "v"}, r"looks like a variance. Pass `vi='v'`"),
        ({"N": [40, 50, 60, 70]}, {"vi": "N"}, r"'N' looks like the size of the samples"),
        ({"x3": [40, 50, 60, 70]}, {"vi": "x3"}, r"whole numbers \(40, 50, …\).*sizes of s"),
        ({}, {"sei": "x"}, r"`vi` and `sei` contradict|`vi` must"),
        ({"yi": [None] * 4}, {}, r"No row of the 4 is complete: no yi"),
        ({}, {"labels": ["a"]}, r"`labels` must have one name a row: 4; got 1"),
        ({}, {"measure": "ZCORR"}, r"`measure` must be one of.*Did you mean 'ZCOR'"),
    ],
)  # fmt: skip
def test_bad_input_is_named(change: dict, options: dict, says: str) -> None:
    if options.get("sei") == "x":
        options = {"sei": "x", "vi": "vi"}
    with pytest.raises(mr.InputError, match=says):
        mr.pool(GOOD.assign(**change), **options)


def test_no_rows() -> None:
    with pytest.raises(mr.InputError, match="`data` has no rows"):
        mr.pool(GOOD.iloc[:0])
    with pytest.raises(mr.InputError, match="must be given when there is no `data`"):
        mr.pool()
    with pytest.raises(mr.InputError, match=r"Pass arrays by name"):
        mr.pool([0.1, 0.2])


def test_a_foreign_index_is_refused() -> None:
    shuffled = GOOD["vi"].iloc[::-1]
    with pytest.raises(
        mr.InputError, match="`vi` is a Series whose index differs from that of `data`"
    ):
        mr.pool(GOOD, vi=shuffled)
    assert mr.pool(GOOD, vi=shuffled.to_numpy()).k == 4


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("x + x2", r"moderators that repeat each other: 'x2' can be computed"),
        ("year", r"`formula` names the column 'year'"),
        ("yi ~ x", r"must hold moderators only"),
        ("x + (", r"cannot be read"),
        ("", r"`formula` must be text"),
        ("C(study)", r"4 coefficients for 4 complete rows"),
        ("np.log(x - 1)", r"not finite in row 0 \('Lee'\)|cannot be evaluated"),
    ],
)
def test_bad_formulas_are_named(formula: str, says: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        with pytest.raises(mr.InputError, match=says):
            mr.meta_regression(GOOD, formula)


def test_a_missing_moderator_drops_its_row() -> None:
    with pytest.warns(mr.MetarelWarning, match=r"row 2 \('Roe'\): no x"):
        fit = mr.meta_regression(GOOD.assign(x=[1, 3, None, 2]), "x")
    assert fit.k == 3


@pytest.mark.parametrize("formula", ["a", "a + b", "b+a", "~ a + c + b + a"])
def test_sums_of_numbers_are_what_formulaic_makes_of_them(formula: str) -> None:
    rng = np.random.default_rng(5)
    data = pd.DataFrame(rng.normal(size=(12, 2)), columns=["a", "b"])
    data["c"] = pd.array(rng.integers(0, 9, 12), dtype="Int64")
    data["yi"], data["vi"] = rng.normal(size=12), rng.uniform(0.1, 0.2, 12)
    text = formula.strip("~ ")
    fit = mr.meta_regression(data, formula)
    whole = mr.meta_regression(data, re.sub(r"\b([abc])\b", r"I(\1)", text))
    assert fit.study.terms == tuple(re.sub(r"I\((.)\)", r"\1", term) for term in whole.study.terms)
    np.testing.assert_array_equal(fit.study.X, whole.study.X)
    assert list(fit.study.design.groups) == [
        re.sub(r"I\((.)\)", r"\1", term) for term in whole.study.design.groups
    ]
    new = data.iloc[:3] + 1.0
    pd.testing.assert_frame_equal(fit.predict(new), whole.predict(new))


@pytest.mark.parametrize("name", ["Study", "Authors", "Autor", "Name ", "First author"])
def test_studies_are_named_by_the_column_that_looks_like_it(name: str) -> None:
    fit = mr.pool(GOOD.rename(columns={"study": name}))
    assert fit.study.labels == ("Lee", "Kim", "Roe", "Diaz")


def test_a_column_of_numbers_names_studies_only_where_it_is_called_so() -> None:
    numbers = GOOD.assign(study=[11, 12, 13, 14])
    assert mr.pool(numbers).study.labels == ("11", "12", "13", "14")
    assert mr.pool(numbers.rename(columns={"study": "trial"})).study.labels[0] == "Study 1"


def test_rows_of_a_file_are_left_out_by_their_place_there() -> None:
    table = GOOD.assign(yi=[0.1, None, 0.3, 0.5]).set_index(pd.Index([2, 3, 5, 6], name=FILE_LINE))
    with pytest.warns(mr.MetarelWarning, match=r"1 of 4 rows left out, line 3 \('Kim'\): no yi"):
        fit = mr.pool(table)
    assert "Left out: 1 row: Kim, line 3 (no yi)." in str(fit)
    assert mr.pool(GOOD.assign(vi=4 * [20.0], yi=[4, 9, 12, 8])).k == 4
    with pytest.raises(mr.InputError, match=r"line 5 of the file \('Roe'\) is 0"):
        mr.pool(table.assign(yi=0.1, vi=[0.1, 0.1, 0.0, 0.1]))


def test_a_column_whose_name_is_no_single_word() -> None:
    table = GOOD.rename(columns={"x": "Mean age"})
    plain = mr.meta_regression(GOOD, "x")
    named = mr.meta_regression(table, "Mean age")
    assert named.beta.tolist() == pytest.approx(plain.beta.tolist(), rel=1e-12)
    assert mr.meta_regression(table, "`Mean age`").spec.formula == named.spec.formula
    with pytest.raises(mr.InputError, match=r"'Mean age', which is no single word.*`Mean age`\."):
        mr.meta_regression(table, "Mean age + vi")
    hyphen = GOOD.rename(columns={"x": "x-z"})
    with pytest.raises(mr.InputError, match=r"backticks, `x-z`"):
        mr.meta_regression(hyphen, "x-z + vi")


def test_text_that_was_meant_as_numbers_is_named() -> None:
    table = GOOD.assign(pct=["50 %", "45", "ca. 41", "60"])
    says = r"`pct` is text with 4 different values, such as '50 %', 'ca\. 41': was a number meant"
    with pytest.raises(mr.InputError, match=says):
        mr.meta_regression(table, "pct")
    with pytest.raises(mr.InputError, match="Use fewer moderators"):
        mr.meta_regression(GOOD.assign(word=list("abcd")), "word")
