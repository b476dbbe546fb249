"""Proportions, rates and reliabilities: both ends, beyond them, printed values, limits."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.convert.path import convert
from metarel.errors import InputError


@pytest.mark.parametrize("n", [1, 3, 20, 500])
def test_every_count_comes_back_from_its_double_arcsine(n):
    p = np.arange(n + 1) / n
    y = convert(p, "proportion", "double_arcsine", n=n)
    assert (np.diff(y) > 0).all()
    np.testing.assert_allclose(convert(y, "double_arcsine", "proportion", n=n), p, atol=1e-14)


def test_beyond_what_can_be_goes_to_the_end():
    low, high = convert([0.0, 1.0], "proportion", "double_arcsine", n=8)
    found = convert([low - 0.01, high + 0.01, -3.0, 3.0], "double_arcsine", "proportion", n=8)
    assert found.tolist() == [0, 1, 0, 1]
    assert convert([-0.1, 1.7], "arcsine", "proportion").tolist() == [0, 1]
    assert convert([-0.1], "sqrt_rate", "rate").tolist() == [0]
    assert convert([0.01], "ft_rate", "rate", time=20).tolist() == [0]
    assert convert([1.2], "ahw", "alpha").tolist() == [1]
    assert convert([-0.3], "z_r2", "r2").tolist() == [0]


def test_the_delta_method_says_nothing_there():
    for source, target, words in (
        ("arcsine", "proportion", {}),
        ("double_arcsine", "proportion", {"n": 8}),
        ("ft_rate", "rate", {"time": 20}),
    ):
        with pytest.raises(InputError, match="slope is finite and not 0"):
            convert(-0.1, source, target, variance=0.01, **words)


def test_variances_that_the_scales_are_chosen_for():
    """On its scale a proportion or a rate has a variance free of its size, in large samples."""
    for p in (0.2, 0.5, 0.9):
        raw = p * (1 - p) / 1e6
        found = convert(p, "proportion", "arcsine", variance=raw).variance
        assert found == pytest.approx(1 / 4e6, rel=1e-12)
        double = convert(p, "proportion", "double_arcsine", n=1e6, variance=raw).variance
        assert double == pytest.approx(1 / 4e6, rel=1e-4)
        found = convert(p, "rate", "sqrt_rate", variance=p / 1e6).variance
        assert found == pytest.approx(1 / 4e6, rel=1e-12)


def test_alphas_below_0_are_kept_unless_asked():
    for code in ("ahw", "abt"):
        y = convert(-0.5, "alpha", code)
        assert convert(y, code, "alpha") == pytest.approx(-0.5, rel=1e-14)
        assert convert(y, code, "alpha", rule="not-negative") == 0


def test_cohen_prints_h():
    """Table 6.2.2 of Cohen (1988): the arcsines of .50 and .25 are 1.571 and 1.047."""
    assert round(convert(0.5, "proportion", "cohen_h", other=0.0), 3) == 1.571
    assert round(convert(0.25, "proportion", "cohen_h", other=0.0), 3) == 1.047
    h = convert(0.5, "proportion", "cohen_h", other=0.25)
    assert convert(h, "cohen_h", "proportion", other=0.25) == pytest.approx(0.5)
    with pytest.raises(InputError, match="must be a number; check"):
        convert(3.0, "cohen_h", "proportion", other=0.9)


@pytest.mark.parametrize(
    ("args", "words", "message"),
    [
        ((0.0, "proportion", "logit"), {}, r"`value` must be a number in \(0, 1\); got 0"),
        ((1.0, "proportion", "probit"), {}, r"`value` must be a number in \(0, 1\); got 1"),
        ((0.0, "rate", "log_rate"), {}, "`value` must be positive; got 0"),
        ((0.3, "proportion", "double_arcsine"), {}, "`n` must be given"),
        ((0.3, "rate", "ft_rate"), {"time": 0}, "`time` must be positive"),
        ((1.2, "alpha", "ahw"), {}, "`value` must be a number of at most 1; got 1.2"),
        ((1.0, "alpha", "abt"), {}, "`value` must be a number below 1; got 1"),
        ((0.3, "proportion", "rate"), {}, "`target` must be one of 'log_proportion', 'logit'"),
        ((0.2, "log_proportion", "proportion"), {}, "`value` must be a number of at most 0"),
    ],
)
def test_refusals(args, words, message):
    with pytest.raises(InputError, match=message):
        convert(*args, **words)
