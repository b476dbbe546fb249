"""Predictions against metafor and pimeta's printed figures; every kind of interval by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import metarel as mr
from metarel.models._prediction import PREDICTION_INTERVALS
from metarel.models._predictive import calibrated_effects, confidence_quantiles
from metarel.tau2.given_weights import Form, solve_cdf
from metarel.tau2.likelihood import restricted_maximum_likelihood

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = {c["id"]: c for c in json.loads((GOLDEN / "predict.json").read_text(encoding="utf-8"))}
WORDS = {"pred": "estimate", "se": "se", "ci_lb": "ci_low", "ci_ub": "ci_high",
         "pi_lb": "pi_low", "pi_ub": "pi_high"}  # fmt: skip
NAMES = {"transf.ipft.hm": "double_arcsine"}


def fit_of(case: dict) -> mr.MetaFit:
    model, frame = case["call"]["model"], pd.DataFrame(case["data"])
    options = {"tau2": model["method"], "test": model.get("test", "z")}
    if "mods" in model:
        return mr.meta_regression(frame, model["mods"], **options)
    return mr.pool(frame, **options)


@pytest.mark.parametrize("name", list(CASES))
def test_agrees_with_metafor(name: str) -> None:
    case, args = CASES[name], CASES[name]["call"]["args"]
    fit = fit_of(case)
    X = None
    if "newmods" in args:
        X = np.array(args["newmods"], dtype=float).reshape(len(args["newmods"]), -1)
        if X.shape[1] == fit.p - 1:
            X = np.column_stack([np.ones(len(X)), X])
    found = fit.predict(
        X=X,
        level=args["level"] / 100 if "level" in args else None,
        interval=args.get("predtype", "default"),
        transform=NAMES[args["transf"]] if "transf" in args else None,
        n=args["targs"]["ni"] if "targs" in args else None,
        tau2=args.get("hetvar"),
        adjust=args.get("adjust", False),
        covariance=args.get("vcov", False),
    )
    expect = case["expect"]
    for key in WORDS.keys() & expect.keys():
        np.testing.assert_allclose(found[WORDS[key]], expect[key], rtol=1e-8, err_msg=key)
    if "pi_ddf" in expect:
        rows = np.ones((1, 1)) if X is None else X
        df = PREDICTION_INTERVALS[args.get("predtype", "default")].df(fit, rows)
        np.testing.assert_allclose(df, expect["pi_ddf"])
    if "vcov" in expect:
        np.testing.assert_allclose(found.attrs["covariance"], expect["vcov"], rtol=1e-8)
    if "prob" in expect:
        below = mr.effect_probability(fit, float(args["prob"].removeprefix("< ")))
        assert below.probability[0] == pytest.approx(expect["prob"][0], rel=1e-8)


@pytest.fixture
def data() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    v = rng.gamma(1.5, 0.05, 9) + 5e-3
    return pd.DataFrame(
        {"yi": rng.normal(0.2, np.sqrt(v + 0.06)), "vi": v, "x": rng.normal(size=9)}
    )


def test_each_kind_is_its_definition(data: pd.DataFrame) -> None:
    """Kinds with the model's or another standard error give the same whatever the fit's test."""
    z, k = mr.pool(data), 9
    kr = mr.pool(data, test="kr")
    model, hk = z.se[0] ** 2, z.se[0] ** 2 * z.knapp_hartung
    by_hand = {
        "skipka": (model, math.inf),
        "veroniki": (model, k - 1),
        "higgins": (model, k - 2),
        "hk": (hk, k - 1),
        "hk-pr": (hk, k - 2),
        "kr": (kr.se[0] ** 2, kr.df[0]),
        "kr-pr": (kr.se[0] ** 2, kr.df[0] - 1),
    }
    for test in ("z", "t", "knha", "kr"):
        fit = mr.pool(data, test=test)
        own = {
            "default": (fit.se[0] ** 2, fit.df[0]),
            "z": (fit.se[0] ** 2, math.inf),
            "t": (fit.se[0] ** 2, k - 1),
            "hts": (fit.se[0] ** 2, k - 2),
        }
        for kind, (variance, df) in {**by_hand, **own}.items():
            row = fit.predict(interval=kind).iloc[0]
            quantile = stats.norm.ppf(0.975) if math.isinf(df) else stats.t.ppf(0.975, df)
            reach = quantile * math.sqrt(variance + fit.tau2)
            assert row.pi_high - row.estimate == pytest.approx(reach, rel=1e-10), kind
            assert row.estimate - row.pi_low == pytest.approx(reach, rel=1e-10), kind
            assert row.ci_high == pytest.approx(fit.ci_high[0])
    assert {*by_hand, "default", "z", "t", "hts", "nnf", "wang-lee"} == set(PREDICTION_INTERVALS)


def test_kinds_with_moderators(data: pd.DataFrame) -> None:
    fit = mr.meta_regression(data, "x", test="knha")
    z = mr.meta_regression(data, "x")
    for wide, same in (("t", "hk"), ("hts", "hk-pr")):
        pd.testing.assert_frame_equal(fit.predict(interval=wide), fit.predict(interval=same))
    np.testing.assert_allclose(
        fit.predict(interval="higgins").pi_low, z.predict(interval="hts").pi_low
    )


def test_used_up_degrees_of_freedom_leave_no_interval() -> None:
    fit = mr.pool(yi=[0.1, 0.4], vi=[0.02, 0.03])
    assert fit.predict(interval="hts").pi_low.isna().all()
    assert fit.predict(interval="t").pi_low.notna().all()


@pytest.fixture
def cisapride() -> pd.DataFrame:
    """13 trials of Hartung and Knapp (2001); half is added to every cell."""
    table = pd.DataFrame(
        {
            "events1": [15, 12, 29, 42, 14, 44, 14, 29, 10, 17, 38, 19, 21],
            "n1": [16, 16, 34, 56, 22, 54, 17, 58, 14, 26, 44, 29, 38],
            "events2": [9, 1, 18, 31, 6, 17, 7, 23, 3, 6, 12, 22, 19],
            "n2": [16, 16, 34, 56, 22, 55, 15, 58, 15, 27, 45, 30, 38],
        }
    )
    a, b = table.events1 + 0.5, table.n1 - table.events1 + 0.5
    c, d = table.events2 + 0.5, table.n2 - table.events2 + 0.5
    return pd.DataFrame({"yi": np.log(a * d / (b * c)), "vi": 1 / a + 1 / b + 1 / c + 1 / d})


def test_nagashima_against_the_figures_of_its_program(cisapride: pd.DataFrame) -> None:
    """pimeta prints, from 25 000 draws: 4.141 [0.533, 33.692], P(< 0) 0.075, tau2 0.718."""
    fit = mr.pool(cisapride, tau2="DL")
    for number, printed in (
        (math.exp(fit.estimate), "4.141"),
        (fit.tau2, "0.718"),
        (100 * fit.I2, "69.9"),
    ):
        assert mr.Printed(printed).contains(number)
    row = fit.predict(interval="nnf", draws=200_000).iloc[0]
    # the limits of 25 000 draws have a standard error of about 0.02 on the log scale
    assert row.pi_low == pytest.approx(math.log(0.533), abs=0.05)
    assert row.pi_high == pytest.approx(math.log(33.692), abs=0.05)
    below = mr.effect_probability(fit, 0.0, interval="nnf", draws=200_000)
    assert below.probability[0] == pytest.approx(0.075, abs=0.005)


def test_draws_of_tau2_are_roots_of_the_exact_distribution(data: pd.DataFrame) -> None:
    y, v = data.yi.to_numpy(), data.vi.to_numpy()
    form = Form(y, v, np.ones((9, 1)), 1 / v)
    u = np.array([1e-6, 1e-4, 0.01, 0.2, 0.5, 0.8, 0.95, 0.9999])
    found = confidence_quantiles(y, v, u)
    for value, p in zip(found, u, strict=True):
        exact = solve_cdf(form, p)[0] if p < form.cdf(0.0) else 0.0
        assert value == pytest.approx(exact, rel=1e-4, abs=1e-9)
    assert (confidence_quantiles(y * 1e-3, v, np.array([0.5])) == 0).all()


def test_draws_of_tau2_have_their_probabilities_in_hard_sets(sets: Any) -> None:
    u = np.array([1e-5, 0.025, 0.3, 0.7, 0.99])
    for seed in range(1, 90, 7):
        y, v = sets.draw(seed)
        form = Form(y, v, np.ones((len(y), 1)), 1 / v)
        found = confidence_quantiles(y, v, u)
        for tau2, p in zip(found, u, strict=True):
            if p < form.cdf(0.0):
                assert form.cdf(tau2) == pytest.approx(p, rel=1e-4), seed


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_seed_and_units_of_drawn_limits(data: pd.DataFrame, scale: float) -> None:
    fit = mr.pool(data)
    one, same = (fit.predict(interval="nnf", draws=2000) for _ in range(2))
    pd.testing.assert_frame_equal(one, same)
    other = fit.predict(interval="nnf", draws=2000, seed=2)
    assert other.pi_low.iloc[0] != one.pi_low.iloc[0]
    scaled = mr.pool(data.assign(yi=data.yi * scale, vi=data.vi * scale**2))
    row = scaled.predict(interval="nnf", draws=2000)
    np.testing.assert_allclose(row.pi_low / scale, one.pi_low, rtol=1e-6)


def test_wang_lee_by_hand(data: pd.DataFrame) -> None:
    fit = mr.pool(data)
    effects = [
        fit.estimate + math.sqrt(fit.tau2 / (fit.tau2 + v)) * (y - fit.estimate)
        for y, v in zip(data.yi, data.vi, strict=True)
    ]
    row = fit.predict(interval="wang-lee").iloc[0]
    assert (row.pi_low, row.pi_high) == pytest.approx(np.quantile(effects, [0.025, 0.975]))
    below = mr.effect_probability(fit, 0.1, interval="wang-lee")
    assert below.probability[0] == pytest.approx(np.mean(np.array(effects) <= 0.1))


def test_calibrated_effects_have_the_variance_of_true_ones() -> None:
    rng = np.random.default_rng(5)
    v = rng.uniform(0.01, 0.3, 200_000)
    y = rng.normal(0.4, np.sqrt(v + 0.1))
    assert calibrated_effects(y, v, 0.4, 0.1).var() == pytest.approx(0.1, rel=0.02)


@pytest.mark.parametrize("kind", list(PREDICTION_INTERVALS))
def test_probabilities_of_ranges(data: pd.DataFrame, kind: str) -> None:
    """They sum to 1, and the limits of the interval have the tails that they are named for."""
    fit = mr.pool(data)
    row = fit.predict(interval=kind).iloc[0]
    ranges = mr.effect_probability(fit, [row.pi_low, 0.1, row.pi_high], interval=kind)
    assert ranges.probability.sum() == pytest.approx(1)
    assert ranges.share.sum() == pytest.approx(1)
    rough = 0.12 if kind == "wang-lee" else 1e-4  # quantiles of nine effects
    assert ranges.probability[0] == pytest.approx(0.025, abs=rough)
    assert ranges.probability[3] == pytest.approx(0.025, abs=rough)


def test_the_share_of_true_effects_and_its_limits(data: pd.DataFrame) -> None:
    """One threshold: z = (c - m)/tau has the variance se2/tau2 + z2 Var(tau2)/(4 tau4)."""
    fit = mr.pool(data)
    found = mr.effect_probability(fit, 0.5).iloc[0]
    z = (0.5 - fit.estimate) / fit.tau
    se = math.sqrt(fit.se[0] ** 2 / fit.tau2 + z**2 * fit.tau2_se**2 / (4 * fit.tau2**2))
    limits = stats.norm.cdf([z, z - 1.959963984540054 * se, z + 1.959963984540054 * se])
    assert (found.share, found.ci_low, found.ci_high) == pytest.approx(limits, rel=1e-9)
    # the range between two thresholds: numerical derivatives

    def share(mean: float, tau2: float) -> float:
        return float(np.diff(stats.norm.cdf([0.0, 0.3], mean, math.sqrt(tau2)))[0])

    step = 1e-5
    by_mean = (share(fit.estimate + step, fit.tau2) - share(fit.estimate - step, fit.tau2)) / 2e-5
    by_tau2 = (share(fit.estimate, fit.tau2 + step) - share(fit.estimate, fit.tau2 - step)) / 2e-5
    between = mr.effect_probability(fit, [0.0, 0.3]).iloc[1]
    probit = stats.norm.ppf(between.share)
    se = math.hypot(by_mean * fit.se[0], by_tau2 * fit.tau2_se) / stats.norm.pdf(probit)
    assert between.ci_high == pytest.approx(
        stats.norm.cdf(probit + 1.959963984540054 * se), rel=1e-6
    )


def test_far_tails_keep_their_digits() -> None:
    fit = mr.pool(yi=[0.0, 0.0], vi=[1.0, 1.0], tau2=1.0)
    spread = math.sqrt(1.5)
    low, _, high = mr.effect_probability(fit, [-40.0, 40.0]).probability
    assert low == pytest.approx(stats.norm.cdf(-40 / spread), rel=1e-12)
    assert high == pytest.approx(low, rel=1e-12)


def test_probabilities_with_moderators_and_without_heterogeneity(data: pd.DataFrame) -> None:
    fit = mr.meta_regression(data, "x", test="kr")
    many = mr.effect_probability(fit, [0.0, 0.3], X=[[1, 0], [1, 1]])
    assert many.shape == (6, 6)
    one = mr.effect_probability(fit, [0.0, 0.3], X=[[1, 1]])
    np.testing.assert_allclose(many.iloc[3:].to_numpy(), one.to_numpy())
    same = mr.pool(yi=[0.25] * 4, vi=[0.1, 0.2, 0.05, 0.3])
    below = mr.effect_probability(same, [0.2, 0.4])
    assert below.share.tolist() == [0, 1, 0]
    assert below.ci_low.isna().all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"interval": "HTSS"}, r"`interval` must be one of .*Did you mean 'hts'"),
        ({"interval": "z", "seed": 3}, r'`draws` and `seed` are for interval="nnf"'),
        ({"draws": 500}, r'`draws` and `seed` are for interval="nnf"'),
        (
            {"interval": "nnf", "draws": 10},
            r"`draws` must be a whole number of at least 100; got 10",
        ),
        ({"interval": "nnf", "tau2": 0.1}, r'`tau2` plays no part in interval="nnf"'),
        ({"tau2": -1}, r"`tau2` must be a number of at least 0; got -1"),
        ({"n": [10, 20]}, r"`n` is for the transformations double_arcsine, ft_rate"),
        ({"transform": "double_arcsine"}, r"`n` must hold the sizes of the studies"),
        ({"transform": "ipft"}, r"`transform` must be one of|`n` must hold"),
    ],
)
def test_bad_options_are_named(data: pd.DataFrame, options: dict, says: str) -> None:
    with pytest.raises(mr.InputError, match=says):
        mr.pool(data).predict(**options)


def test_kinds_that_need_another_fit_say_so(data: pd.DataFrame) -> None:
    with pytest.raises(mr.InputError, match=r"by REML.*got tau2=\'DL\'"):
        mr.pool(data, tau2="DL").predict(interval="kr")
    with pytest.raises(mr.InputError, match=r'"nnf" is defined for a pooled mean'):
        mr.meta_regression(data, "x").predict(interval="nnf")
    with pytest.warns(mr.MetarelWarning, match="one study"):
        alone = mr.pool(yi=[0.2], vi=[0.1])
    with pytest.raises(mr.InputError, match="needs at least two studies"):
        alone.predict(interval="wang-lee")
    for bad in ([], [0.1, 0.1], [np.nan]):
        with pytest.raises(mr.InputError, match="`thresholds` must be numbers, each once"):
            mr.effect_probability(mr.pool(data), bad)


@pytest.mark.slow
def test_coverage_of_prediction_intervals() -> None:
    """With eight studies the normal interval misses most; Nagashima's comes near its level."""
    rng = np.random.default_rng(6)
    v = rng.gamma(1.5, 0.05, 8) + 0.01
    hits = {"z": 0, "higgins": 0, "hk-pr": 0, "nnf": 0}
    for seed in range(600):
        y = rng.normal(0.2, np.sqrt(v + 0.05))
        fit = mr.pool(yi=y, vi=v)
        new = rng.normal(0.2, math.sqrt(0.05))
        for kind in hits:
            options = {"draws": 2000, "seed": seed} if kind == "nnf" else {}
            row = fit.predict(interval=kind, **options).iloc[0]
            hits[kind] += row.pi_low < new < row.pi_high
    assert hits["z"] < hits["higgins"] < hits["nnf"]
    assert 0.925 < hits["nnf"] / 600 < 0.985
    assert restricted_maximum_likelihood(y, v, np.ones((8, 1))).value == fit.tau2


def test_flags_are_flags_and_weights_are_no_flags(data: pd.DataFrame) -> None:
    fit = mr.pool(data)
    for word in ("adjust", "covariance"):
        with pytest.raises(mr.InputError, match=rf"`{word}` must be True or False; got 'x'"):
            fit.predict(**{word: "x"})
    for call in (lambda: mr.pool(data, weights=True),
                 lambda: mr.pool_many(data.assign(g=1), "g", weights=True),
                 lambda: mr.subgroups(data.assign(g=1), "g", weights=False)):  # fmt: skip
        with pytest.raises(mr.InputError, match="`weights` must be a column name, an array or a n"):
            call()
    with pytest.raises(mr.InputError, match="`common_tau2` must be True or False; got 'yes'"):
        mr.subgroups(data.assign(g=1), "g", common_tau2="yes")
