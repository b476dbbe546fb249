"""Normal order statistics: printed tables, sums that are known, unbiased weights."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.convert import recover_medians as medians
from metarel.convert.recover_medians import SCENARIOS
from metarel.convert.recover_order import blue_weights, order_mean, order_moment
from metarel.printed import Printed


def test_expected_ranges_of_wan_table_1() -> None:
    """ξ(n) as printed, and equation (9) within 2 % of it."""
    printed = {2: "1.128", 5: "2.326", 10: "3.078", 20: "3.735", 25: "3.931", 41: "4.341"}
    printed |= {30: "4.086", 50: "4.498"}
    for n, text in printed.items():
        exact = 2 * order_mean(n, n)
        assert Printed(text).contains(exact)
        if n >= medians.SMALLEST_N:
            near = pytest.approx(exact, rel=0.02)
            assert medians.range_in_sds(np.array(float(n))) == near


def test_moments_of_five_normal_numbers() -> None:
    """Expectations and covariances as the tables of order statistics print them."""
    for place, text in ((5, "1.16296"), (4, "0.49502")):
        assert Printed(text).contains(order_mean(place, 5))
    assert order_mean(3, 5) == pytest.approx(0, abs=1e-15)
    for place, text in (
        (1, "0.44753"),
        (2, "0.22433"),
        (3, "0.14815"),
        (4, "0.10577"),
        (5, "0.07422"),
    ):
        covariance = order_moment(1, place, 5) - order_mean(1, 5) * order_mean(place, 5)
        assert Printed(text).contains(covariance)


def test_order_moments_add_up() -> None:
    """The sum of all n is the sum of the sample: its variance is n, whatever the place."""
    n = 9
    table = [
        [order_moment(min(r, s), max(r, s), n) for s in range(1, n + 1)] for r in range(1, n + 1)
    ]
    np.testing.assert_allclose(np.sum(table, axis=0), 1, rtol=1e-10)


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("n", [5.0, 14.0, 101.0, 1e5])
def test_blue_weights_are_unbiased(scenario: str, n: float) -> None:
    places = {"minimum": 1, "q1": (n + 3) / 4, "median": (n + 1) / 2, "q3": (3 * n + 1) / 4}
    expected = [order_mean({**places, "maximum": n}[word], n) for word in SCENARIOS[scenario]]
    for_mean, for_sd = (np.array(weights) for weights in blue_weights(scenario, n))
    assert [for_mean.sum(), for_sd.sum()] == pytest.approx([1, 0], abs=1e-9)
    assert [for_mean @ expected, for_sd @ expected] == pytest.approx([0, 1], abs=1e-9)
