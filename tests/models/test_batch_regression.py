"""Regressions on one design: the numbers of the single fit, masks, counts, rows that fail alone."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.models.batch_design import inverses
from metarel.models.batch_fit import batch_fit
from metarel.models.batch_regression import BATCH_TESTS, BatchRegression, batch_regression
from metarel.models.batch_result import NOTES
from metarel.models.batch_tau2 import BATCH_TAU2
from metarel.tau2.register import TAU2

CODES = [code for code in TAU2 if code in BATCH_TAU2]
K, ROWS = 14, 60
WEIGHTS = np.random.default_rng(10).uniform(1, 30, K)


def own(code: str | float) -> dict[str, np.ndarray]:
    """Return own weights for estimators that cannot do without."""
    asks = isinstance(code, str) and TAU2[code].takes == "weights"
    return {"weights": WEIGHTS} if asks else {}


@pytest.fixture
def design() -> np.ndarray:
    rng = np.random.default_rng(6)
    return np.column_stack([np.ones(K), rng.normal(0, 8, K), rng.integers(0, 2, K)])


@pytest.fixture
def studies(design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    v = rng.gamma(1.5, 0.1, (ROWS, K)) + 5e-3
    v[::3, 2] *= 0.05
    y = rng.normal(design @ [0.3, 0.0, 0.2], np.sqrt(v + rng.choice([0, 0.1, 1], (ROWS, 1))))
    return y, v


def single(y: np.ndarray, v: np.ndarray, X: np.ndarray, **options: Any) -> mr.MetaFit:
    frame = pd.DataFrame({"yi": y, "vi": v, "year": X[:, 1], "group": X[:, 2]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mr.MetarelWarning)
        return mr.meta_regression(frame, "year + group", **options)


def assert_row(many: BatchRegression, row: int, fit: mr.MetaFit) -> None:
    unit = 1 / float(np.mean(1 / fit.study.vi))
    assert many.tau2[row] == pytest.approx(fit.tau2, rel=1e-8, abs=1e-9 * unit)
    assert many.tau2_se[row] == pytest.approx(fit.tau2_se, rel=1e-8, nan_ok=True)
    assert many.Q[row] == pytest.approx(fit.Q, rel=1e-9)
    assert many.k[row] == fit.k
    np.testing.assert_allclose(many.df[row], fit.df, rtol=1e-8)
    np.testing.assert_allclose(many.beta[row], fit.beta, rtol=1e-9)
    np.testing.assert_allclose(many.vcov[row], fit.vcov, rtol=1e-9)
    np.testing.assert_allclose(many.p_value[row], fit.p_value, rtol=1e-8)
    assert many.omnibus([1, 2])[row] == pytest.approx(fit.omnibus.statistic, rel=1e-9)


@pytest.mark.parametrize("code", [*CODES, 0.2])
def test_each_row_is_the_single_fit(
    studies: tuple[np.ndarray, np.ndarray], design: np.ndarray, code: str | float
) -> None:
    y, v = studies
    tests = [test for test in BATCH_TESTS if test != "kr"] + ["kr"] * (code == "REML")
    test = tests[len(str(code)) % len(tests)]
    many = batch_regression(y, v, design, tau2=code, test=test, **own(code))
    for row in range(0, ROWS, 2):
        assert_row(many, row, single(y[row], v[row], design, tau2=code, test=test, **own(code)))


def test_masks_gaps_and_counts(studies: tuple[np.ndarray, np.ndarray], design: np.ndarray) -> None:
    y, v = studies[0][:1], studies[1][:1]
    without = batch_regression(y, v, design, times=~np.eye(K, dtype=bool), test="knha")
    for j in range(K):
        rest = np.delete(np.arange(K), j)
        assert_row(without, j, single(y[0, rest], v[0, rest], design[rest], test="knha"))
    gaps = np.where(np.eye(K, dtype=bool), np.nan, np.repeat(y, K, axis=0))
    np.testing.assert_allclose(
        batch_regression(gaps, v, design, test="knha").vcov, without.vcov, rtol=1e-12
    )
    drawn = np.random.default_rng(2).integers(0, K, (20, K))
    counts = np.array([np.bincount(row, minlength=K) for row in drawn])
    many = batch_regression(y, v, design, times=counts)
    for row in range(20):
        assert_row(many, row, single(y[0][drawn[row]], v[0][drawn[row]], design[drawn[row]]))


@pytest.mark.parametrize("code", CODES)
def test_an_intercept_alone_is_the_pooled_mean(
    studies: tuple[np.ndarray, np.ndarray], code: str
) -> None:
    y, v = studies
    shared = {name: w[None] for name, w in own(code).items()}
    mean = batch_fit(y, v, tau2=code, test="knha", **shared)
    many = batch_regression(y, v, np.ones((K, 1)), tau2=code, test="knha", **own(code))
    np.testing.assert_allclose(many.beta[:, 0], mean.estimate, rtol=1e-9)
    np.testing.assert_allclose(many.vcov[:, 0, 0], mean.variance, rtol=1e-9)
    np.testing.assert_allclose(many.tau2, mean.tau2, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(many.tau2_se, mean.tau2_se, rtol=1e-8)


def test_given_weights_under_masks_and_counts(
    studies: tuple[np.ndarray, np.ndarray], design: np.ndarray
) -> None:
    y, v = studies[0][0], studies[1][0]
    drawn = np.random.default_rng(2).integers(0, K, (20, K))
    counts = np.array([np.bincount(row, minlength=K) for row in drawn])
    many = batch_regression(y[None], v[None], design, times=counts, tau2="GENQ", weights=WEIGHTS)
    for row, some in enumerate(drawn):
        assert_row(
            many, row, single(y[some], v[some], design[some], tau2="GENQ", weights=WEIGHTS[some])
        )
    with pytest.raises(mr.InputError, match=r'`weights` must be given with tau2="GENQ"'):
        batch_regression(y[None], v[None], design, tau2="GENQ")


def test_units_of_moderators_and_the_order_of_studies_do_not_matter(
    studies: tuple[np.ndarray, np.ndarray], design: np.ndarray
) -> None:
    y, v = studies
    plain = batch_regression(y, v, design)
    scaled = batch_regression(y, v, design * [1, 1e6, 1e-6])
    np.testing.assert_allclose(scaled.tau2, plain.tau2, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(scaled.beta * [1, 1e6, 1e-6], plain.beta, rtol=1e-8)
    np.testing.assert_allclose(scaled.omnibus([1, 2]), plain.omnibus([1, 2]), rtol=1e-8)
    order = np.random.default_rng(3).permutation(K)
    turned = batch_regression(y[:, order], v[:, order], design[order])
    np.testing.assert_allclose(turned.beta, plain.beta, rtol=1e-8)
    moved = batch_regression(y[:, order], v[:, order], design)  # permuted against the design
    assert not np.allclose(moved.beta, plain.beta)


def test_a_moderator_far_from_0_costs_no_digits(
    studies: tuple[np.ndarray, np.ndarray], design: np.ndarray
) -> None:
    y, v = studies
    near, far = batch_regression(y, v, design), batch_regression(y, v, np.add(design, [0, 2000, 0]))
    for name in ("tau2", "tau2_se", "Q"):
        np.testing.assert_allclose(getattr(far, name), getattr(near, name), rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(far.beta[:, 1:], near.beta[:, 1:], rtol=1e-7)
    np.testing.assert_allclose(far.se[:, 1:], near.se[:, 1:], rtol=1e-8)


def test_one_huge_weight_leaves_half_the_digits(
    studies: tuple[np.ndarray, np.ndarray], design: np.ndarray
) -> None:
    """What the docstring says of weights that differ by 1e8, which a QR would not lose."""
    y, v = studies[0], studies[1].copy()
    v[:, 3] = v.max() * 1e-8
    many = batch_regression(y, v, design)
    for row in range(0, ROWS, 4):
        fit = single(y[row], v[row], design)
        assert many.tau2[row] == pytest.approx(fit.tau2, rel=1e-6, abs=1e-6 * v.min())
        np.testing.assert_allclose(many.beta[row], fit.beta, rtol=1e-6)
        np.testing.assert_allclose(many.se[row], fit.se, rtol=1e-6)


def test_rows_that_fail_alone(studies: tuple[np.ndarray, np.ndarray], design: np.ndarray) -> None:
    y, v = studies[0][:6].copy(), studies[1][:6].copy()
    whole = batch_regression(y, v, design)
    y[0, design[:, 2] == 1] = np.nan  # the group has one level left
    y[1, 3:] = np.nan
    v[2, 4] = -1.0
    y[3] *= 1e200
    many = batch_regression(y, v, design)
    assert [NOTES[n].split(" ")[0] for n in many.note] == ["moderators", "no", "a", "a", "", ""]
    for numbers in (many.beta, many.vcov, many.tau2, many.Q):
        assert np.isnan(numbers[:4]).all()
    np.testing.assert_array_equal(many.beta[4:], whole.beta[4:])


def test_a_singular_matrix_spoils_no_other() -> None:
    stack = np.array([[[2.0, 0.0], [0.0, 4.0]], [[1.0, 1.0], [1.0, 1.0]]])
    found = inverses(stack)
    np.testing.assert_array_equal(found[0], [[0.5, 0.0], [0.0, 0.25]])
    assert np.isnan(found[1]).all()
