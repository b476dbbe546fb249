"""Statistics from p, bounds of them, and Wald limits: metafor's numbers, scipy's, round trips."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from metarel.convert.recover_tests import p_bounds, statistic_bounds, statistic_from_p, wald
from metarel.errors import InputError

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "recover.json").read_text("utf-8"))


def golden(name: str) -> dict:
    return next(case for case in GOLDEN if case["id"] == name)


@pytest.mark.parametrize("df", [1.0, 7.0, np.inf])
def test_statistic_of_p(df: float) -> None:
    p = np.array([1.0, 0.6, 0.04, 1e-12])
    expected = stats.t.isf(p / 2, df) if np.isfinite(df) else stats.norm.isf(p / 2)
    np.testing.assert_allclose(statistic_from_p(p, df), expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(statistic_from_p(-p, df), statistic_from_p(p, df))


def test_ends_of_p() -> None:
    assert statistic_from_p(0.0, 12.0) == np.inf
    assert not np.signbit(statistic_from_p(1.0))
    assert np.isnan(statistic_from_p(np.array([np.nan, 0.0]), np.array([3.0, np.nan]))).all()


def test_a_printed_bound_of_p_bounds_t() -> None:
    """p < .05 with 20 degrees of freedom: |t| above 2.086; n.s.: below it."""
    low, high = statistic_bounds(*p_bounds(0.05, "<"), 20.0)
    assert (round(float(low), 3), high) == (2.086, np.inf)
    low, high = statistic_bounds(*p_bounds(0.05, ">"), 20.0)
    assert (low, round(float(high), 3)) == (0.0, 2.086)
    low, high = statistic_bounds(*p_bounds(np.array([0.03]), "="), 20.0)
    assert low == high == stats.t.isf(0.015, 20)


def test_unknown_relation() -> None:
    with pytest.raises(InputError, match="`relation` must be one of '=', '<', '>'; got"):
        p_bounds(0.05, "n.s.")


def test_wald_as_metafor() -> None:
    case = golden("wald-level")
    found = wald(*(np.array(case["data"][word]) for word in ("est", "lb", "ub")), level=0.9)
    np.testing.assert_allclose(found.yi, case["expect"]["yi"], rtol=1e-14)
    np.testing.assert_allclose(found.vi, case["expect"]["vi"], rtol=1e-13)
    np.testing.assert_allclose(found.asymmetry, 0, atol=1e-15)


def test_wald_of_metafors_help_page() -> None:
    """OR 0.64 (0.33 to 1.22), or p = 0.17: vi 0.1113 or 0.1058, printed there."""
    limits = wald(0.64, 0.33, 1.22, transform="log")
    tested = wald(0.64, p=0.17, transform="log")
    assert round(float(limits.yi), 4) == -0.4463
    assert (round(float(limits.vi), 4), round(float(tested.vi), 4)) == (0.1113, 0.1058)
    assert abs(limits.asymmetry) < 0.02
    assert np.isnan(tested.asymmetry)


@pytest.mark.parametrize(
    ("transform", "back"), [("none", lambda x: x), ("log", np.exp), ("z", np.tanh)]
)
def test_wald_round_trip(transform: str, back) -> None:
    yi, vi, level = np.array([0.2, -0.5]), np.array([0.01, 0.04]), np.array([0.95, 0.8])
    half = stats.norm.ppf((1 + level) / 2) * np.sqrt(vi)
    found = wald(back(yi), back(yi - half), back(yi + half), level=level, transform=transform)
    np.testing.assert_allclose(found.yi, yi, rtol=1e-13)
    np.testing.assert_allclose(found.vi, vi, rtol=1e-12)
    z = yi / np.sqrt(vi)
    for instead in ({"z": z}, {"p": 2 * stats.norm.sf(np.abs(z))}):
        np.testing.assert_allclose(
            wald(back(yi), transform=transform, **instead).vi, vi, rtol=1e-11
        )


def test_limits_come_before_z_and_z_before_p() -> None:
    low = np.array([-1.0, np.nan, np.nan])
    found = wald(np.full(3, 0.5), low, np.full(3, 2.0), z=np.array([9.0, 2.0, np.nan]), p=0.04)
    expected = [(1.5 / stats.norm.ppf(0.975)) ** 2, 0.0625, (0.5 / stats.norm.isf(0.02)) ** 2]
    np.testing.assert_allclose(found.vi, expected, rtol=1e-13)


def test_asymmetry_says_where_the_estimate_lies() -> None:
    estimate = np.array([1.0, 0.0, 2.0])
    found = wald(estimate, 0.0, 2.0)
    np.testing.assert_array_equal(found.asymmetry, [0, -1, 1])
    ratio = wald(2.0, 1.0, 3.0)  # centred as printed: not limits of a log odds ratio
    assert ratio.asymmetry == 0
    assert wald(2.0, 1.0, 3.0, transform="log").asymmetry > 0.2


def test_wald_refuses_an_unknown_transform() -> None:
    with pytest.raises(InputError, match="`transform` must be one of 'none', 'log', 'z'"):
        wald(0.5, 0.1, 0.9, transform="logit")
