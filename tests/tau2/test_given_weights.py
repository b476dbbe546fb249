"""The general method of moments: dense matrices, reductions, medians, refusals."""

from __future__ import annotations

import numpy as np
import pytest

import metarel as mr
from metarel._distributions_quadratic import weighted_chi_square_cdf
from metarel.errors import InputError
from metarel.tau2.given_weights import (
    Form,
    general_moments,
    median_unbiased_general_moments,
    solve_cdf,
)
from metarel.tau2.register import TAU2


def draw(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    k, p = int(rng.integers(4, 40)), int(rng.integers(1, 4))
    v = 10.0 ** rng.uniform(-3 if seed % 2 else -1, 1, k)
    X = np.column_stack([np.ones(k), rng.normal(size=(k, 2))])[:, :p]
    return rng.normal(0, np.sqrt(v + 0.5)), v, X, rng.uniform(0.1, 1, k) + (seed % 3) / v


def dense_form(X: np.ndarray, a: np.ndarray) -> np.ndarray:
    A = np.diag(a)
    return A - A @ X @ np.linalg.solve(X.T @ A @ X, X.T @ A)


def test_sums_are_those_of_dense_matrices() -> None:
    for seed in range(60):
        y, v, X, a = draw(seed)
        form, tau2 = Form(y, v, X, a), 0.4
        P, S = dense_form(X, form.a), np.diag(v + tau2)
        assert form.value == pytest.approx(y @ P @ y, rel=1e-8)
        assert form.trace == pytest.approx(np.trace(P), rel=1e-9)
        assert form.trace_v == pytest.approx(np.trace(P @ np.diag(v)), rel=1e-9)
        assert form.spread(tau2) ** 2 == pytest.approx(2 * np.trace(P @ S @ P @ S), rel=1e-8)


def test_the_distribution_is_that_of_the_eigenvalues() -> None:
    for seed in range(60):
        y, v, X, a = draw(seed)
        form = Form(y, v, X, a)
        for tau2 in (0.0, 0.7):
            root = np.sqrt(v + tau2)
            eigenvalues = np.linalg.eigvalsh(dense_form(X, form.a) * np.outer(root, root))
            expected = weighted_chi_square_cdf(form.value, eigenvalues[X.shape[1] :])
            assert form.cdf(tau2) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("code", "power"), [("DL", -1), ("HE", 0)])
def test_known_estimators_are_special_weights(code: str, power: int) -> None:
    for seed in range(30):
        y, v, X, _ = draw(seed)
        general, known = general_moments(y, v, X, 7 * v**power), TAU2[code].estimate(y, v, X)
        assert general.value == pytest.approx(known.value, rel=1e-10, abs=1e-12)
        assert general.se == pytest.approx(known.se, rel=1e-10)


def test_one_huge_weight_costs_no_digits() -> None:
    """A study a million times as precise: sums that subtract it would leave 4 digits of the se."""
    for seed in range(30):
        y, v, _, _ = draw(seed)
        v[1] *= 1e-6
        X = np.ones((len(y), 1))
        general, known = general_moments(y, v, X, 1 / v), TAU2["DL"].estimate(y, v, X)
        assert general.se == pytest.approx(known.se, rel=1e-12)


@pytest.mark.parametrize(("code", "first"), [("DL2", "DL"), ("HE2", "HE")])
def test_two_steps_are_given_weights(code: str, first: str) -> None:
    for seed in range(30):
        y, v, X, _ = draw(seed)
        weights = 1 / (v + TAU2[first].estimate(y, v, X).value)
        general, known = general_moments(y, v, X, weights), TAU2[code].estimate(y, v, X)
        assert general.value == pytest.approx(known.value, rel=1e-9, abs=1e-12)
        assert general.se == pytest.approx(known.se, rel=1e-9)


def test_at_the_median_unbiased_estimate_the_form_is_at_its_median() -> None:
    inner = 0
    for seed in range(40):
        y, v, X, a = draw(seed)
        found = median_unbiased_general_moments(y, v, X, a)
        probability = Form(y, v, X, a).cdf(found.value)
        if found.value > 0:
            inner += 1
            assert probability == pytest.approx(0.5, rel=1e-9)
        else:
            assert probability <= 0.5
            assert "boundary" in found.trace.message
    assert inner > 15


def test_equal_variances_make_one_median_of_all() -> None:
    """With one variance the form is a multiple of chi-square: "GENQM" is "PMM"."""
    y, v, one = np.array([0.1, 1.5, 0.4, -0.9, 2.3]), np.full(5, 0.02), np.ones((5, 1))
    other = TAU2["PMM"].estimate(y, v, one).value
    assert median_unbiased_general_moments(y, v, one, v).value == pytest.approx(other, rel=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("code", ["PMM", "GENQM"])
def test_median_unbiased_means_as_often_above_as_below(code: str) -> None:
    rng = np.random.default_rng(4)
    v, one, tau2, draws = rng.uniform(0.02, 0.3, 7), np.ones((7, 1)), 0.15, 4000
    more = {"weights": 1 / np.sqrt(v)} if code == "GENQM" else {}
    above = sum(
        TAU2[code].estimate(rng.normal(0, np.sqrt(v + tau2)), v, one, **more).value > tau2
        for _ in range(draws)
    )
    assert above / draws == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(draws))


def test_many_studies_need_no_matrix_of_their_number() -> None:
    rng = np.random.default_rng(2)
    k = 5000
    v = rng.uniform(0.01, 0.3, k)
    y = rng.normal(0.2, np.sqrt(v + 0.05))
    form = Form(y, v, np.ones((k, 1)), 1 / np.sqrt(v))
    value, trace = solve_cdf(form, 0.5)
    assert trace.converged
    assert value == pytest.approx(0.05, rel=0.2)


@pytest.mark.parametrize("code", ["GENQ", "GENQM"])
def test_weights_must_be_given(code: str) -> None:
    with pytest.raises(InputError, match=rf'`weights` must be given with tau2="{code}"'):
        TAU2[code].estimate(np.array([0.1, 0.5]), np.ones(2), np.ones((2, 1)))
    with pytest.raises(InputError, match=r"`weights` must be given.*compromise"):
        mr.pool(yi=[0.1, 0.5, 0.9], vi=[0.1, 0.1, 0.2], tau2=code)
