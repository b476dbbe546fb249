"""UWLS, WAAP and IVhet against least squares of statsmodels and the formulas written out."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import metarel as mr


def table(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    k = int(rng.integers(4, 20))
    v = rng.gamma(1.2, 0.02, k) + 1e-3
    frame = pd.DataFrame({"yi": rng.normal(0.4, np.sqrt(v + 0.02)), "vi": v})
    return frame.assign(x=rng.normal(size=k), sei=np.sqrt(v))


@pytest.mark.parametrize("seed", range(6))
def test_uwls_is_weighted_least_squares(seed: int) -> None:
    data = table(seed)
    for formula, X in ((None, np.ones((len(data), 1))), ("x", sm.add_constant(data[["x"]]))):
        wls = sm.WLS(data.yi.to_numpy(), np.asarray(X), weights=1 / data.vi.to_numpy()).fit()
        fit = mr.uwls(data[["yi", "vi", "x"]], formula)
        np.testing.assert_allclose(fit.beta, wls.params, rtol=1e-10)
        np.testing.assert_allclose(fit.se, wls.bse, rtol=1e-10)
        np.testing.assert_allclose(fit.p_value, wls.pvalues, rtol=1e-8, atol=1e-300)
        np.testing.assert_allclose(np.c_[fit.ci_low, fit.ci_high], wls.conf_int(), rtol=1e-9)
    # the form in which it was proposed: t values on precision, through the origin
    ols = sm.OLS(data.yi / data.sei, 1 / data.sei).fit()
    fit = mr.uwls(data[["yi", "sei"]])
    assert (fit.estimate, fit.se[0]) == pytest.approx((ols.params.iloc[0], ols.bse.iloc[0]))
    assert "Unrestricted weighted least squares" in str(fit)


@pytest.mark.parametrize("seed", range(6))
def test_ivhet_by_hand(seed: int) -> None:
    data = table(seed)
    w = 1 / data.vi
    mean = (w * data.yi).sum() / w.sum()
    Q, k = (w * (data.yi - mean) ** 2).sum(), len(data)
    tau2 = max(0, (Q - (k - 1)) / (w.sum() - (w**2).sum() / w.sum()))
    se = math.sqrt((((w / w.sum()) ** 2) * (data.vi + tau2)).sum())
    fit = mr.ivhet(data[["yi", "vi"]])
    assert (fit.estimate, fit.se[0], fit.tau2) == pytest.approx((mean, se, tau2), rel=1e-10)
    assert fit.ci_high[0] == pytest.approx(mean + 1.959963984540054 * se)
    assert fit.estimate == pytest.approx(mr.uwls(data[["yi", "vi"]]).estimate)
    assert str(fit).startswith("Inverse-variance heterogeneity model")
    assert "given by the user" not in str(fit)


def test_waap_pools_the_powered() -> None:
    pooled = {True: 0, False: 0}
    for seed in range(20):
        data = table(seed)
        every = mr.uwls(data[["yi", "vi"]])
        powered = data.sei <= abs(every.estimate) / 2.8
        fit = mr.waap(data[["yi", "vi"]])
        enough = powered.sum() >= 2
        pooled[bool(enough and not powered.all())] += 1
        if enough:
            part = mr.uwls(data.loc[powered, ["yi", "vi"]])
            assert (fit.estimate, fit.se[0]) == pytest.approx((part.estimate, part.se[0]))
            assert fit.k == powered.sum()
            assert [d.row for d in fit.study.dropped] == np.flatnonzero(~powered).tolist()
        else:
            assert fit.estimate == every.estimate
            assert "so all were pooled" in str(fit)
    assert pooled[True] > 3


def test_who_lacks_power_is_told() -> None:
    data = pd.DataFrame(
        {"study": ["Lee", "Kim", "Roe"], "yi": [0.3, 0.31, 0.9], "vi": [0.001, 0.002, 0.2]}
    )
    fit = mr.waap(data)
    assert "Left out: 1 row: Roe (its power is below 80 %)" in str(fit)
    assert fit.to_dict()["model"] == "Weighted average of the adequately powered"
    assert fit.weights().index.tolist() == ["Lee", "Kim"]
    none = mr.waap(yi=[0.01, -0.02, 0.03], vi=[1.0, 1.0, 2.0])
    assert none.k == 3
    assert "fewer than two of 3 studies" in none.trace.message


def test_weights_of_sample_sizes() -> None:
    data = table(0).assign(n1=lambda d: np.arange(len(d)) + 10.0, n2=30.0)
    weights = mr.sample_size_weights(data, n1="n1", n2="n2")
    np.testing.assert_allclose(weights, data.n1 * data.n2 / (data.n1 + data.n2))
    fit = mr.pool(data[["yi", "vi"]], weights=weights, tau2=0.01)
    mean = (weights * data.yi).sum() / weights.sum()
    se = math.sqrt((weights**2 * (data.vi + 0.01)).sum()) / weights.sum()
    assert (fit.estimate, fit.se[0]) == pytest.approx((mean, se))
    one = mr.pool(data.drop(columns="sei"), weights="n1")
    same = mr.pool(data.drop(columns="sei"), weights=mr.sample_size_weights(data, n="n1"))
    assert one.estimate == same.estimate
    plain = mr.pool(data[["yi", "vi"]], weights=1)
    assert plain.estimate == pytest.approx(data.yi.mean())


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda d: mr.sample_size_weights(d), r"`n`, or both `n1` and `n2`, must be given"),
        (lambda d: mr.sample_size_weights(d, n1="x"), r"got `n1`"),
        (lambda _: mr.sample_size_weights(n=[3, 0]), r"`n` must be positive; row 1 is 0"),
        (lambda d: mr.uwls(d.iloc[:1]), r"more complete rows than coefficients.*got 1 for 1"),
        (lambda d: mr.uwls(d.iloc[:2], "x"), r"more complete rows than coefficients.*got 2 for 2"),
        (lambda d: mr.waap(d, yi="g"), r"`yi` names the column 'g'"),
        (lambda d: mr.ivhet(d, level=95), r"`level` must be a fraction"),
    ],
)
def test_bad_input_is_named(call: object, says: str) -> None:
    with pytest.raises(mr.InputError, match=says):
        call(table(0)[["yi", "vi", "x"]])
