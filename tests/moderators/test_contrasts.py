"""Linear hypotheses against metafor, against the tests they contain, and on bad input."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import metarel as mr
from metarel.moderators._adjust import ADJUSTMENTS, adjust_p, studentised_range_p

GOLDEN = Path(__file__).parents[1] / "golden" / "moderators.json"
CASES = {case["id"]: case for case in json.loads(GOLDEN.read_text(encoding="utf-8"))}
LINEAR = [name for name in CASES if name.startswith("anova-X")]
TRIALS = pd.DataFrame(CASES["anova-btt"]["data"])


def fitted(model: dict, data: dict) -> mr.MetaFit:
    return mr.meta_regression(
        pd.DataFrame(data), model["mods"], tau2=model["method"], test=model.get("test", "z")
    )


@pytest.mark.parametrize("name", LINEAR)
def test_agrees_with_metafor(name: str) -> None:
    case = CASES[name]
    args, expect = case["call"]["args"], case["expect"]
    fit = fitted(case["call"]["model"], case["data"])
    found = mr.contrast(fit, args["X"], rhs=args.get("rhs", 0.0), adjust=args.get("adjust", "none"))
    columns = {"estimate": "estimate", "se": "se", "statistic": "stat", "p_adjusted": "pval"}
    for ours, key in columns.items():
        np.testing.assert_allclose(found.table[ours], expect[key], rtol=1e-9, atol=1e-12)
    if expect.get("QM") is not None:
        joint = found.joint
        assert [joint.statistic, joint.df1, joint.p_value] == pytest.approx(
            [expect["QM"], expect["QM_df1"], expect["QMp"]], rel=1e-9
        )
        if "QM_df2" in expect:
            assert joint.df2 == expect["QM_df2"]


@pytest.mark.parametrize("terms", ["alloc", ["alloc[T.random]", "alloc[T.systematic]"]])
def test_chosen_coefficients_agree_with_metafor(terms: str | list[str]) -> None:
    expect = CASES["anova-btt"]["expect"]
    joint = mr.contrast(mr.meta_regression(TRIALS, "ablat + alloc"), terms=terms).joint
    assert joint.statistic == pytest.approx(expect["QM"], rel=1e-9)
    assert joint.df1 == expect["QM_df1"]
    assert joint.p_value == pytest.approx(expect["QMp"], rel=1e-9)


@pytest.mark.parametrize("test", ["z", "t", "knha"])
def test_all_moderators_are_the_omnibus_test(test: str) -> None:
    fit = mr.meta_regression(TRIALS, "ablat + C(alloc)", test=test)
    joint = mr.contrast(fit, terms=["ablat", "C(alloc)"]).joint
    assert joint.statistic == pytest.approx(fit.omnibus.statistic, rel=1e-12)
    assert joint.p_value == pytest.approx(fit.omnibus.p_value, rel=1e-12)
    table = mr.contrast(fit, terms=list(fit.study.terms)).table
    pd.testing.assert_frame_equal(table.drop(columns="p_adjusted"), fit.to_frame())


@pytest.mark.parametrize(
    "formula", ["alloc + ablat", "0 + alloc + ablat", "C(alloc, contr.sum) + ablat"]
)
def test_pairs_do_not_depend_on_the_coding(formula: str) -> None:
    fit = mr.meta_regression(TRIALS, formula, test="t")
    found = mr.contrast(fit, pairwise="alloc", adjust="tukey")
    plain = mr.meta_regression(TRIALS, "alloc + ablat", test="t")
    first, second = plain.beta[1:3]
    assert list(found.table["estimate"]) == pytest.approx([first, second, second - first], abs=1e-9)
    assert list(found.table["se"][:2]) == pytest.approx(list(plain.se[1:3]), rel=1e-8)
    joint = mr.contrast(plain, terms="alloc").joint  # three pairs, two degrees of freedom
    assert found.joint.df1 == 2
    assert found.joint.statistic == pytest.approx(joint.statistic, rel=1e-8)
    assert found.table["term"][0] == "random − alternate"


def test_a_combination_is_a_prediction() -> None:
    fit = mr.meta_regression(TRIALS, "ablat * alloc", test="knha")
    L = fit.study.X[:4]
    table = mr.contrast(fit, L, level=0.8).table
    predicted = fit.predict(X=L, level=0.8)
    for name in ("estimate", "se", "ci_low", "ci_high"):
        assert list(table[name]) == pytest.approx(list(predicted[name]), rel=1e-12)


def test_rows_may_be_named_in_three_ways() -> None:
    fit = mr.meta_regression(TRIALS, "ablat")
    array = mr.contrast(fit, [[1, 30]]).table
    named = mr.contrast(fit, {"at 30": [1, 30]}).table
    weighed = mr.contrast(fit, {"at 30": {"ablat": 30, "intercept": 1}}).table
    assert array["term"][0] == "intercept + 30 ablat"
    assert mr.contrast(fit, [-1, 2.5]).table["term"][0] == "−intercept + 2.5 ablat"
    assert named.equals(weighed)
    assert array["statistic"][0] == named["statistic"][0]


def test_dependent_rows_add_nothing_and_contradictions_have_no_test() -> None:
    fit = mr.meta_regression(TRIALS, "ablat + year")
    two, three = [[0, 1, 0], [0, 0, 1]], [[0, 1, 0], [0, 0, 1], [0, 1, 1]]
    assert mr.contrast(fit, three).joint.statistic == pytest.approx(
        mr.contrast(fit, two).joint.statistic, rel=1e-10
    )
    consistent = mr.contrast(fit, three, rhs=[0.1, 0.2, 0.3]).joint
    assert consistent.statistic == pytest.approx(
        mr.contrast(fit, two, rhs=[0.1, 0.2]).joint.statistic, rel=1e-10
    )
    impossible = mr.contrast(fit, three, rhs=[0.1, 0.2, 0.4])
    assert impossible.joint is None
    assert "no coefficients satisfy all of these H0" in str(impossible)


def test_a_pooled_mean_can_be_held_against_a_value() -> None:
    fit = mr.pool(TRIALS, test="knha")
    found = mr.contrast(fit, terms="intercept", rhs=-0.5).table
    assert found["statistic"][0] == pytest.approx((fit.estimate + 0.5) / fit.se[0], rel=1e-14)
    assert found["df"][0] == 12


def test_bad_input_is_named() -> None:
    fit = mr.meta_regression(TRIALS, "ablat + alloc")
    with pytest.raises(mr.InputError, match="`fit` must be what pool"):
        mr.contrast(TRIALS, terms="ablat")
    with pytest.raises(mr.InputError, match="give exactly one of them"):
        mr.contrast(fit)
    with pytest.raises(mr.InputError, match="give exactly one of them"):
        mr.contrast(fit, [[0, 1, 0, 0]], terms="ablat")
    with pytest.raises(mr.InputError, match=r"`terms` must be one of .*Did you mean 'alloc'"):
        mr.contrast(fit, terms="aloc")
    with pytest.raises(mr.InputError, match="`pairwise` must be one of 'alloc'"):
        mr.contrast(fit, pairwise="ablat")
    with pytest.raises(mr.InputError, match="`L` must have one column a coefficient"):
        mr.contrast(fit, [[0, 1]])
    with pytest.raises(mr.InputError, match=r"`L\['slope'\]` must be one of"):
        mr.contrast(fit, {"slope": {"latitude": 1}})
    with pytest.raises(mr.InputError, match="a weight other than 0 in every row"):
        mr.contrast(fit, [[0, 0, 0, 0]])
    with pytest.raises(mr.InputError, match="`rhs` must be one finite number"):
        mr.contrast(fit, terms="alloc", rhs=[1, 2, 3])
    with pytest.raises(mr.InputError, match="`adjust` may be 'tukey' only for all pairs"):
        mr.contrast(fit, terms=["alloc", "ablat"], adjust="tukey")
    with pytest.raises(mr.InputError, match="`adjust` must be one of"):
        mr.contrast(fit, terms="alloc", adjust="holms")
    uneven = replace(fit, df=np.array([3.0, 4.0, 5.0, 6.0]))
    assert list(mr.contrast(uneven, terms="alloc").table["df"]) == [5, 6]
    with pytest.raises(mr.InputError, match="other degrees of freedom for each coefficient"):
        mr.contrast(uneven, pairwise="alloc")


def test_what_is_printed_and_ready_for_json() -> None:
    found = mr.contrast(
        mr.meta_regression(TRIALS, "ablat + alloc"), pairwise="alloc", adjust="holm"
    )
    text = str(found)
    assert "p (Holm)" in text
    assert "Together: Q(2) = 1.2850" in text
    assert "H0: all levels of alloc have the same mean effect" in text
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["contrasts"][0]["df"] is None
    assert plain["joint"]["df1"] == 2


# --- corrections for multiple tests ------------------------------------------------------------


@pytest.mark.parametrize("code", [c for c in ADJUSTMENTS if c != "tukey"])
def test_corrections_only_raise_and_keep_the_order(code: str) -> None:
    p = np.array([0.2, 1e-30, 0.04, 0.9, 0.04])
    found = adjust_p(p, code)
    assert (found >= p * (1 - 1e-12)).all()
    assert (found <= 1).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(found[order]) >= -1e-15).all()
    assert found[1] > 0
    gap = adjust_p(np.append(p, np.nan), code)  # a test without a value is no test
    np.testing.assert_allclose(gap[:-1], found, rtol=1e-14)
    assert np.isnan(gap[-1])


def test_the_studentised_range_agrees_with_r() -> None:
    """ptukey; R itself is good to about 1e-9 here."""
    case = CASES["tukey"]
    for q, means, df, golden in zip(
        case["call"]["q"],
        case["call"]["means"],
        case["call"]["df"],
        case["expect"]["p"],
        strict=True,
    ):
        ours = studentised_range_p(q, means, np.inf if df is None else df)
        assert ours == pytest.approx(golden, rel=2e-9)


@pytest.mark.parametrize("df", [1, 2, 5, 30, 400, np.inf])
@pytest.mark.parametrize("t", [0.1, 1.0, 3.0, 6.0])
def test_the_studentised_range_of_two_means_is_a_t_test(df: float, t: float) -> None:
    from metarel._distributions import two_sided_p

    assert studentised_range_p(t * np.sqrt(2), 2, df) == pytest.approx(
        float(two_sided_p(t, df)), rel=1e-11
    )


def kenward_roger_fit(seed: int = 3) -> tuple[pd.DataFrame, mr.MetaFit]:
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({
        "yi": rng.normal(0.2, 0.5, 18), "vi": rng.uniform(0.01, 0.3, 18),
        "g": list("abc" * 6), "x": rng.normal(size=18),
    })  # fmt: skip
    return data, mr.meta_regression(data, "g + x", test="kr")


def test_kenward_roger_of_combinations() -> None:
    """Each row is the fit's own test after a change of the coding; together the omnibus test."""
    data, fit = kenward_roger_fit()
    found = mr.contrast(fit, pairwise="g")
    for base, row in (("b", 2), ("a", 0)):
        order = [base, *(level for level in "abc" if level != base)]
        again = mr.meta_regression(
            data.assign(g=pd.Categorical(data.g, categories=order)), "g + x", test="kr"
        )
        last = again.to_frame().set_index("term").loc[f"g[T.{'c' if base == 'b' else 'b'}]"]
        ours = found.table.loc[row]
        for name in ("estimate", "se", "df", "p_value", "ci_low"):
            assert ours[name] == pytest.approx(last[name], rel=1e-8), (base, name)
    every = mr.contrast(fit, terms=["g", "x"]).joint
    assert (every.statistic, every.df2) == pytest.approx(
        (fit.omnibus.statistic, fit.omnibus.df2), rel=1e-9
    )
    # three pairs span two dimensions, and any two rows of that plane are the same test
    pairs, terms = found.joint, mr.contrast(fit, terms="g").joint
    turned = mr.contrast(fit, [[0, 1, -3, 0], [0, 100, 7, 0]]).joint
    for test in (pairs, turned):
        assert (test.statistic, test.df1, test.df2, test.p_value) == pytest.approx(
            (terms.statistic, terms.df1, terms.df2, terms.p_value), rel=1e-8
        )
    assert terms.df2 != pytest.approx(14, abs=0.01)


def test_one_combination_by_kenward_roger_is_the_square_of_its_t() -> None:
    _, fit = kenward_roger_fit(5)
    found = mr.contrast(fit, {"far": {"intercept": 1, "x": 3, "g[T.b]": 0.5}})
    row = found.table.loc[0]
    assert found.joint.statistic == pytest.approx(row.statistic**2, rel=1e-10)
    assert found.joint.df2 == pytest.approx(row.df, rel=1e-12)
    assert found.joint.p_value == pytest.approx(row.p_value, rel=1e-8)


def test_of_a_balanced_layout_kenward_roger_is_the_exact_f_test() -> None:
    """Equal variances, and tau2 above 0: the analysis of variance of the effects."""
    data, _ = kenward_roger_fit(8)
    fit = mr.meta_regression(data.assign(vi=0.01), "g", test="kr")
    assert fit.tau2 > 0
    exact = stats.f_oneway(*(part.yi for _, part in data.groupby("g")))
    for test in (mr.contrast(fit, terms="g").joint, mr.contrast(fit, pairwise="g").joint):
        assert (test.df1, test.df2) == pytest.approx((2, 15), rel=1e-9)
        assert test.statistic == pytest.approx(exact.statistic, rel=1e-9)
        assert test.p_value == pytest.approx(exact.pvalue, rel=1e-8)


def test_marginal_means_and_tukey_after_kenward_roger() -> None:
    _, fit = kenward_roger_fit()
    means = mr.marginal_means(fit, "g")
    assert means.contrasts[""].joint.p_value == pytest.approx(
        mr.contrast(fit, terms="g").joint.p_value, rel=1e-8
    )
    with pytest.raises(mr.InputError, match="needs one df for all pairs"):
        mr.contrast(fit, pairwise="g", adjust="tukey")
