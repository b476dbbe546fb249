"""Mean and mode of converted true effects: quadrature, grids, limits, refusals."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from metarel.convert.averages import averaged
from metarel.convert.explain import explain
from metarel.convert.path import convert
from metarel.convert.register import EDGES
from metarel.errors import InputError

#: Ways of one and more steps: smooth, kinked where the sign is lost, growing without bound.
WAYS = [
    (("z", "r"), {}),
    (("z", "d"), {}),
    (("z", "d"), {"rule": "exact", "n1": 20, "n2": 80}),
    (("z", "eta2"), {}),
    (("d", "r"), {}),
    (("d", "cliff"), {}),
    (("d", "U1"), {}),
    (("d", "overlap"), {}),
    (("d", "or"), {}),
    (("g", "besd"), {"df": 30}),
    (("log_or", "rr"), {"control_rate": 0.2}),
    (("log_or", "rd"), {"control_rate": 0.2}),
    (("log_or", "r_tet"), {}),
    (("logit", "proportion"), {}),
    (("d", "md"), {"sd": 4.0}),
]


def quadrature(mean: float, tau2: float, way, words) -> float:
    tau = np.sqrt(tau2)

    def weighed(x: float) -> float:
        return convert(x, *way, **words) * stats.norm.pdf(x, mean, tau)

    low, high = mean - 10 * tau, mean + 10 * tau
    cuts = np.unique(np.clip([low, mean - 3 * tau, 0.0, mean, mean + 3 * tau, high], low, high))
    parts = [
        integrate.quad(weighed, a, b, epsabs=1e-14, epsrel=1e-12)[0] for a, b in pairwise(cuts)
    ]
    return sum(parts)


@pytest.mark.parametrize(("way", "words"), WAYS, ids=lambda item: str(item))
def test_mean_against_quad(way, words):
    for mean, tau2 in ((-0.3, 0.02), (0.4, 0.002), (0.25, 0.04)):
        found = convert(mean, *way, tau2=tau2, **words)
        assert found == pytest.approx(quadrature(mean, tau2, way, words), rel=1e-10)


@pytest.mark.parametrize("tau2", [1e-8, 0.01, 1.0, 25.0])
def test_closed_forms_are_what_quadrature_gives(tau2):
    """A step to a metric and back is the same way, and has no closed form."""
    mu = np.array([-1.3, 0.2, 2.0])
    ratio = convert(mu, "log_or", "or", tau2=tau2)
    np.testing.assert_allclose(ratio, np.exp(mu + tau2 / 2), rtol=1e-14)
    chance = convert(mu, "d", "cles", tau2=tau2)
    np.testing.assert_allclose((convert(mu, "d", "cliff", tau2=tau2) + 1) / 2, chance, rtol=1e-13)
    by_d = convert(mu * np.pi / np.sqrt(3), "log_or", "cles", tau2=tau2 * np.pi**2 / 3)
    np.testing.assert_allclose(by_d, chance, rtol=1e-11)


def test_mean_under_much_heterogeneity_has_the_right_limits():
    assert convert(0.0, "z", "r", tau2=50.0) == pytest.approx(0, abs=1e-14)
    assert convert(1.0, "logit", "proportion", tau2=1e4) == pytest.approx(0.5, abs=5e-3)
    assert convert(0.3, "z", "r", tau2=1e-14) == pytest.approx(np.tanh(0.3), rel=1e-13)


def test_a_shift_of_scale_is_no_average():
    for average in ("mean", "mode"):
        found = convert([0.2, -1.0], "log_or", "d", tau2=[0.3, 2.0], average=average)
        np.testing.assert_allclose(found, convert([0.2, -1.0], "log_or", "d"), rtol=1e-10)


@pytest.mark.parametrize("tau2", [0.5, 1.9, 4.0, 9.0, 14.0])
@pytest.mark.parametrize("mu", [-2.0, 0.3, 1.0])
def test_mode_is_the_global_one(mu, tau2):
    """Beyond tau2 = 2 a logit-normal density has two modes; a grid of it finds the higher."""
    x = np.linspace(mu - 6 * np.sqrt(tau2) - tau2, mu + 6 * np.sqrt(tau2) + tau2, 400001)
    heights = -((x - mu) ** 2) / (2 * tau2) + 2 * np.log(np.cosh(x / 2))
    best = x[heights.argmax()]
    assert np.sign(best) == np.sign(mu)
    found = convert(mu, "logit", "proportion", tau2=tau2, average="mode")
    low, high = convert(best + np.array([-1, 1]) * 2 * (x[1] - x[0]), "logit", "proportion")
    assert low < found < high
    root = convert(found, "proportion", "logit")
    if abs(root) < 15:  # beyond, 1 - found has too few digits to lead back
        assert (mu - root) / tau2 + np.tanh(root / 2) == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize(("way", "steepness"), [(("logit", "proportion"), 0.5), (("z", "r"), 1.0)])
def test_newton_finds_what_the_grid_does(way, steepness):
    """Each row against the search that other ways take; near 0 and 1/(2c²) it is hardest."""
    edge = EDGES[f"{way[0]}->{way[1]}:{'definition' if way[1] == 'proportion' else 'fisher'}"]
    at_tie = 1 / (2 * steepness**2)
    shares = np.array([0.001, 0.3, 0.9, 1.0, 1.1, 3.0, 8.0])
    tau2, value = (g.ravel() for g in np.meshgrid(at_tie * shares, [-2.0, -0.05, 0.2, 1.0]))
    found = convert(value, *way, tau2=tau2, average="mode")
    plain = replace(edge, averages={})
    by_grid, how = averaged((plain,), value, tau2, {}, "mode")
    assert "grid" in how
    np.testing.assert_allclose(found, by_grid, rtol=1e-9)
    assert convert(0.0, *way, tau2=at_tie, average="mode") == edge.forward(np.zeros(1), {})[0]
    with pytest.raises(InputError, match="a single highest point"):
        convert(0.0, *way, tau2=1.01 * at_tie, average="mode")


def test_mode_and_mean_lie_where_the_median_says():
    mode, mean = (convert(0.5, "log_or", "or", tau2=0.2, average=a) for a in ("mode", "mean"))
    assert mode < convert(0.5, "log_or", "or") < mean


def test_mirrored_effects_have_mirrored_averages():
    z = np.array([0.1, 0.7, 1.5])
    for average in ("mean", "mode"):
        up, down = (convert(s * z, "z", "r", tau2=0.2, average=average) for s in (1, -1))
        np.testing.assert_allclose(up, -down, rtol=1e-12)


def test_rows_shapes_and_missing_values():
    z, tau2 = [0.1, np.nan, 0.9, 0.3], [0.1, 0.1, np.nan, 0.0]
    for average in ("mean", "mode"):
        found = convert(z, "z", "r", tau2=tau2, average=average)
        assert np.isnan(found).tolist() == [False, True, True, False]
        assert found[3] == np.tanh(0.3)
        one = convert(0.1, "z", "r", tau2=0.1, average=average)
        assert type(one) is float
        assert found[0] == pytest.approx(one, rel=1e-14)
    assert convert(0.3, "z", "r", tau2=[0.1, 0.2]).shape == (2,)
    assert convert(0.3, "z", "z", tau2=0.1) == 0.3
    many = convert(np.linspace(-1, 1, 1001), "z", "r", tau2=0.1, average="mode")
    assert (np.diff(many) > 0).all()


@pytest.mark.parametrize(
    ("args", "words", "message"),
    [
        ((0.3, "z", "r"), {"tau2": -0.1}, "`tau2` must be zero or positive; row 0 is -0.1"),
        ((0.3, "z", "r"), {"average": "mean"}, "`tau2` must be given with `average`"),
        ((0.3, "z", "r"), {"tau2": 0.1, "average": "median"}, "`average` must be one of 'mean'"),
        ((0.3, "z", "r"), {"tau2": 0.1, "variance": 0.1}, "`variance` must be None with `tau2`"),
        ((0.0, "logit", "proportion"), {"tau2": 4, "average": "mode"}, "a single highest point"),
        ((0.1, "probit", "proportion"), {"tau2": 1, "average": "mode"}, "a single highest point"),
        ((0.7, "ahw", "alpha"), {"tau2": 0.03, "average": "mode"}, "a single highest point"),
        ((0.1, "d", "U1"), {"tau2": 0.1, "average": "mode"}, "a single highest point"),
        ((0.1, "rd", "nnt"), {"tau2": 0.1}, "the mean to exist"),
        (([0.1, 0.5], "r", "z"), {"tau2": [0.001, 0.2]}, "the mean to exist.*row 1"),
        ((0.3, "z", "d"), {"tau2": 9}, "the mean to exist"),
        ((0.3, "z", "r"), {"tau2": "0.1"}, "`tau2` must be a number or an array; got the text"),
    ],
)
def test_refusals(args, words, message):
    with pytest.raises(InputError, match=message):
        convert(*args, **words)


def test_explain_says_which_average_and_how():
    mean = explain(0.549306, "z", "r", tau2=0.1)
    assert mean.result == convert(0.549306, "z", "r", tau2=0.1)
    said = " ".join(str(mean).split())
    assert "the mean of r is 0.4666 (Gauss–Legendre quadrature" in said
    assert "0.5000, which the mean z gives, is their median." in said
    assert "(closed form)" in str(explain(0.5, "log_or", "or", tau2=0.1))
    mode = explain(0.5, "logit", "proportion", tau2=0.5, average="mode")
    assert mode.average.kind == "mode"
    assert "highest stationary point" in mode.average.how
    printed = explain(".55", "z", "r", tau2=0.1, against=".47")
    assert printed.against.part is not None
    with pytest.raises(InputError, match="`tau2` must be given with `average`"):
        explain(0.5, "z", "r", average="mode")
