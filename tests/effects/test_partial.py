"""Partial and semi-partial correlations against a regression on raw data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metarel.effects.compute import effect_sizes


def effect(measure: str, **inputs: object) -> tuple[float, float]:
    """Return the effect and variance of one row."""
    row = effect_sizes(None, measure, **inputs).iloc[0]
    return row["yi"], row["vi"]


def regression() -> tuple[np.ndarray, np.ndarray, float, float]:
    """Return predictors, outcome, the t of the first predictor, and R²."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 3)) + 0.4 * rng.normal(size=(40, 1))
    y = x @ np.array([0.5, -0.2, 0.1]) + rng.normal(size=40)
    design = np.c_[np.ones(40), x]
    beta, residual, *_ = np.linalg.lstsq(design, y, rcond=None)
    se2 = residual[0] / 36 * np.linalg.inv(design.T @ design)[1, 1]
    return x, y, beta[1] / se2**0.5, 1 - residual[0] / ((y - y.mean()) ** 2).sum()


def without_others(x: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return what the other predictors leave unexplained."""
    design = np.c_[np.ones(len(x)), others]
    return x - design @ np.linalg.lstsq(design, x, rcond=None)[0]


def test_partial_correlation_is_that_of_residuals() -> None:
    x, y, t, _ = regression()
    rest = without_others(x[:, 0], x[:, 1:])
    expected = np.corrcoef(rest, without_others(y, x[:, 1:]))[0, 1]
    assert effect("PCOR", t=t, predictors=3, n=40)[0] == pytest.approx(expected, rel=1e-12)


def test_semi_partial_correlation_is_that_of_one_residual() -> None:
    x, y, t, r2 = regression()
    expected = np.corrcoef(without_others(x[:, 0], x[:, 1:]), y)[0, 1]
    found = effect("SPCOR", t=t, r2=r2, predictors=3, n=40)[0]
    assert found == pytest.approx(expected, rel=1e-12)
    fewer = np.corrcoef(y, y - without_others(y, x[:, 1:]))[0, 1] ** 2
    assert r2 - found**2 == pytest.approx(fewer, rel=1e-12)


def test_one_predictor_is_a_plain_correlation() -> None:
    z, v = effect("ZPCOR", t=2.2, predictors=1, n=40)
    assert (z, v) == pytest.approx(effect("ZCOR", t=2.2, n=40), rel=1e-13)
    assert effect("PCOR", t=2.2, predictors=1, n=40) == pytest.approx(
        effect("COR", t=2.2, n=40), rel=1e-13
    )
    r = effect("COR", t=2.2, n=40)[0]
    assert effect("SPCOR", t=2.2, r2=r**2, predictors=1, n=40)[0] == pytest.approx(r, rel=1e-13)


def test_semi_partial_variance_without_other_predictors() -> None:
    """With S² = 0 the formula of Aloe and Becker is that of a plain correlation."""
    r = 0.3
    v = effect("SPCOR", r=r, r2=r**2, predictors=1, n=50)[1]
    assert v == pytest.approx((1 - r**2) ** 2 / 50, rel=1e-13)


def test_p_stands_for_t() -> None:
    p = 2 * stats.t.sf(2.2, 36)
    assert effect("PCOR", p=-p, predictors=3, n=40)[0] == pytest.approx(
        -effect("PCOR", t=2.2, predictors=3, n=40)[0], rel=1e-12
    )


def test_degrees_of_freedom_must_be_left() -> None:
    with pytest.raises(ValueError, match=r"`n` must exceed `predictors` \+ 1, .*; see row 0"):
        effect("PCOR", t=2.2, predictors=3, n=4)
    with pytest.raises(ValueError, match=r"`p` must not be 0"):
        effect("PCOR", p=0.0, predictors=3, n=40)
    with pytest.raises(ValueError, match=r"SPCOR needs `t`, `predictors`, `n`, `r2`; or"):
        effect("SPCOR", t=2.2, predictors=3, n=40)


def test_a_predictor_cannot_add_more_than_the_model_explains() -> None:
    names = ["Ash", "Birch"]
    given = {"predictors": 3, "n": 20, "r2": [0.6, 0.1], "labels": names}
    for code in ("SPCOR", "ZSPCOR"):
        for words in ({"t": [2.0, 9.0]}, {"r": [0.3, -0.4]}, {"p": [0.05, 1e-6]}):
            with pytest.raises(
                ValueError, match=r"`r2` must be at least .*; see row 1 \('Birch'\)"
            ):
                effect_sizes(None, code, **words, **given)
    assert effect("PCOR", t=9.0, predictors=3, n=20)[0] < 1


def test_semi_partial_variances_are_positive() -> None:
    """The largest r² that a model has room for is its R², whatever R² is."""
    r2 = np.linspace(0.001, 0.999, 200)
    frame = effect_sizes(None, "SPCOR", r=np.sqrt(r2), r2=r2, predictors=2, n=20)
    assert (frame["vi"] > 0).all()


def test_an_average_that_a_row_has_no_room_for_is_refused() -> None:
    given = {"predictors": 2, "n": [900, 40], "r": [0.95, 0.1], "r2": [0.95, 0.05]}
    with pytest.raises(ValueError, match=r"`variance` must not be 'AV' where `r2` .*; see row 1"):
        effect_sizes(None, "SPCOR", **given, variance="AV")
    assert (effect_sizes(None, "SPCOR", **given)["vi"] > 0).all()
    # An R² that chance made smaller than the square of the average is no reason to refuse.
    like = {"predictors": 2, "n": 40, "r": [0.6, 0.3], "r2": [0.4, 0.15]}
    assert (effect_sizes(None, "SPCOR", **like, variance="AV")["vi"] > 0).all()
