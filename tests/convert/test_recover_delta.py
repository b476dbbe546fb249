"""The delta method: metafor's numbers, closed forms of both orders, simulation, refusals."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import special

import metarel as mr
from metarel.convert.recover_delta import hessians, jacobian, richardson
from metarel.errors import InputError

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "recover.json").read_text("utf-8"))
SIGMA = np.array([[0.3, 0.05], [0.05, 0.4]])


def golden(name: str) -> dict:
    return next(case for case in GOLDEN if case["id"] == name)


def test_log_of_means_as_metafor() -> None:
    """metafor's derivative is numerical: its variances are right to about 1e-11."""
    case = golden("delta-exp")
    yi, vi = np.array(case["data"]["yi"]), np.array(case["data"]["vi"])
    found = mr.delta_method(np.log, yi, vi)
    np.testing.assert_allclose(found.estimate, case["expect"]["yi"], rtol=1e-14)
    np.testing.assert_allclose(np.diag(found.covariance), case["expect"]["vi"], rtol=1e-10)
    np.testing.assert_allclose(found.covariance, np.diag(vi / yi**2), rtol=1e-15, atol=1e-18)


def test_ratio_and_product_as_metafor() -> None:
    case = golden("deltamethod-ratio")
    vcov = case["matrices"]["vcov"]["values"]
    found = mr.delta_method(lambda b: [b[0] / b[1], b[0] * b[1]], case["data"]["b"], vcov)
    np.testing.assert_allclose(found.estimate, case["expect"]["est"], rtol=1e-15)
    np.testing.assert_allclose(found.se, case["expect"]["se"], rtol=1e-10)
    np.testing.assert_allclose(found.covariance, case["expect"]["vcov"], rtol=1e-10)
    exact = [[0.01296, 0.236], [0.236, 10.1]]
    np.testing.assert_allclose(found.covariance, exact, rtol=1e-14)


def test_exponential_as_metafor() -> None:
    case = golden("deltamethod-uni")
    row = mr.delta_method(np.exp, case["data"]["b"], [[0.04]]).to_frame().iloc[0]
    for ours, theirs in (
        ("estimate", "est"),
        ("se", "se"),
        ("ci_low", "ci_lb"),
        ("ci_high", "ci_ub"),
    ):
        assert row[ours] == pytest.approx(case["expect"][theirs][0], rel=1e-10)


#: A function, an estimate, and its first and second derivative.
CURVES = [
    (np.exp, 0.5, math.exp(0.5), math.exp(0.5)),
    (np.log, 1e-6, 1e6, -1e12),
    (np.tanh, 0.3, 1 - math.tanh(0.3) ** 2, -2 * math.tanh(0.3) * (1 - math.tanh(0.3) ** 2)),
    (np.sqrt, 4e8, 0.5 / 2e4, -0.25 / 8e12),
    (lambda b: 1 / b, 0.02, -2500.0, 250000.0),
    (np.sin, 0.0, 1.0, 0.0),
]


@pytest.mark.parametrize("real", [False, True])
@pytest.mark.parametrize(("function", "x", "first", "second"), CURVES)
def test_variance_of_both_orders(function, x, first, second, real) -> None:
    """f'²v, and f'²v + f''²v²/2 with the bias f''v/2; for functions of real numbers alone too."""
    v = (0.03 * (abs(x) or 1)) ** 2
    used = (lambda b: [float(function(float(b[0])))]) if real else function
    tolerance = 1e-10 if real else 1e-14
    one = mr.delta_method(used, x, v)
    assert one.covariance[0, 0] == pytest.approx(first**2 * v, rel=tolerance)
    assert one.bias[0] == 0
    two = mr.delta_method(used, x, v, order=2)
    expected = first**2 * v + second**2 * v**2 / 2
    assert two.covariance[0, 0] == pytest.approx(expected, rel=1e-8)
    assert two.bias[0] == pytest.approx(second * v / 2, rel=1e-7, abs=1e-12)


def test_second_order_of_a_product_is_exact() -> None:
    """Var(XY) of normal X, Y: m1²s22 + m2²s11 + 2m1m2s12 + s11s22 + s12²; E(XY) − m1m2 = s12."""
    m1, m2 = 2.0, 5.0
    found = mr.delta_method(lambda b: b[0] * b[1], [m1, m2], SIGMA, order=2)
    exact = m1**2 * 0.4 + m2**2 * 0.3 + 2 * m1 * m2 * 0.05 + 0.3 * 0.4 + 0.05**2
    assert found.covariance[0, 0] == pytest.approx(exact, rel=1e-12)
    assert found.bias[0] == pytest.approx(0.05, rel=1e-12)


def test_second_order_covariance_of_two_functions() -> None:
    """Cov(X², Y²) = 4 m1 m2 s12 + 2 s12², Cov(X², X²) = 4 m1² s11 + 2 s11² for normal X, Y."""
    found = mr.delta_method(lambda b: b**2, [2.0, 5.0], SIGMA, order=2).covariance
    assert found[0, 1] == pytest.approx(4 * 2 * 5 * 0.05 + 2 * 0.05**2, rel=1e-10)
    assert found[0, 0] == pytest.approx(4 * 4 * 0.3 + 2 * 0.3**2, rel=1e-10)


def test_linear_functions_are_exact() -> None:
    matrix = np.array([[1.0, -2.0], [0.5, 3.0], [4.0, 0.0]])
    for order in (1, 2):
        found = mr.delta_method(lambda b: matrix @ b, [0.0, 7.0], SIGMA, order=order)
        np.testing.assert_allclose(found.covariance, matrix @ SIGMA @ matrix.T, rtol=1e-12)


def test_functions_that_complex_steps_would_get_wrong() -> None:
    """abs, real parts and conjugates are not analytic: differences in real numbers decide."""
    for function in (
        lambda b: abs(b[0]) * b[1],
        lambda b: np.real(b[0]) * -b[1],
        lambda b: np.conj(b[0]) * b[1],
        lambda b: math.fabs(float(np.real(b[0]))) * float(np.real(b[1])),
    ):
        found = mr.delta_method(function, [-2.0, 5.0], np.diag([0.1, 0.2]))
        assert found.covariance[0, 0] == pytest.approx(25 * 0.1 + 4 * 0.2, rel=1e-9)


def test_derivatives_of_special_functions() -> None:
    x = np.array([0.7, 2.2])
    found = jacobian(lambda b: special.gammaln(np.real(b)), x, 0.05 * x)
    np.testing.assert_allclose(np.diag(found), special.digamma(x), rtol=1e-10)
    second = hessians(special.gamma, x, 0.05 * x)
    expected = special.gamma(x) * (special.digamma(x) ** 2 + special.polygamma(1, x))
    np.testing.assert_allclose(np.array([second[0, 0, 0], second[1, 1, 1]]), expected, rtol=1e-7)


def test_the_error_of_differences_is_stated() -> None:
    slope, error = richardson(lambda h: np.array([math.exp(1 + h)]), 0.1)
    assert abs(slope[0] - math.e) <= 10 * error[0] + 1e-15
    assert error[0] < 1e-10


def test_names_and_units() -> None:
    found = mr.delta_method(lambda b: [b[0], b[0] / 10], [3.0], 0.5, terms=["cm", "mm"])
    frame = found.to_frame(level=0.9)
    assert frame["term"].tolist() == ["cm", "mm"]
    np.testing.assert_allclose(frame["estimate"][0], 10 * frame["estimate"][1])
    np.testing.assert_allclose(frame["ci_low"][0], 3 - special.ndtri(0.95) * math.sqrt(0.5))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("log", [1, 2], [1, 1]), "`function` must be callable, .*; got 'log'"),
        ((np.log, [1, 2], [[1]]), "`covariance` must be 2 × 2"),
        ((np.log, [1, 2], [[1, 0.3], [0.2, 1]]), "`covariance` must be symmetric"),
        ((np.log, [1, 2], [1, -1]), "no negative variance"),
        ((np.log, [1, np.nan], [1, 1]), "must be finite; drop missing ones"),
        (
            (np.log, [-1.0], 1),
            r"must give finite numbers at the estimates; it gives \[nan\]",
        ),
        ((np.log, "a", 1), "must hold numbers"),
        ((np.log, [[1.0]], 1), "`estimates` must be a vector"),
        ((lambda b: b + 1j, [1.0], 1), "`function` must give finite numbers"),
    ],
)
def test_refusals(arguments: tuple, message: str) -> None:
    with pytest.raises(InputError, match=message):
        mr.delta_method(*arguments)


def test_refused_settings() -> None:
    with pytest.raises(InputError, match="`order` must be 1 or 2; got 3"):
        mr.delta_method(np.log, 1, 1, order=3)
    with pytest.raises(InputError, match="`terms` must name the 1 numbers"):
        mr.delta_method(np.log, 1, 1, terms=["a", "b"])
    with pytest.raises(InputError, match="`level` must be a fraction"):
        mr.delta_method(np.log, 1, 1).to_frame(level=95)


@pytest.mark.slow
def test_simulated_variances() -> None:
    """Of quadratic functions of normal estimates the second order is exact, the first not."""
    rng = np.random.default_rng(6)
    x = rng.multivariate_normal([0.3, 0.5], SIGMA, 1_000_000)

    def quadratic(b):
        return b[0] ** 2 + b[0] * b[1]

    values = quadratic(x.T)
    one, two = (mr.delta_method(quadratic, [0.3, 0.5], SIGMA, order=order) for order in (1, 2))
    assert two.covariance[0, 0] == pytest.approx(np.var(values), rel=0.01)
    assert one.covariance[0, 0] < 0.8 * np.var(values)
    assert two.bias[0] == pytest.approx(np.mean(values) - one.estimate[0], rel=0.01)
