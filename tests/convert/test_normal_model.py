"""Shares and chances: from the two normal curves themselves, at both ends, and against metafor."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from metarel.convert.path import convert
from metarel.errors import InputError

CASES = json.loads((Path(__file__).parents[1] / "golden" / "interpret.json").read_text())
CODES = {
    "U1": "U1",
    "U2": "U2",
    "U3": "U3",
    "overlap": "overlap",
    "CLES": "cles",
    "Cliff's delta": "cliff",
    "BESD treated": "besd",
}
EFFECTS = [-2.0, -0.4, 0.7, 3.0]


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["id"] in CODES], ids=lambda case: case["id"]
)
def test_metafor(case):
    found = convert(case["value"], "d", CODES[case["id"]])
    np.testing.assert_allclose(found, case["expect"], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("d", EFFECTS)
def test_overlap_is_the_area_under_both_curves(d):
    under = [
        integrate.quad(lambda x: min(stats.norm.pdf(x), stats.norm.pdf(x, d)), a, b)[0]
        for a, b in ((-12, d / 2), (d / 2, 12))
    ]
    overlap = convert(d, "d", "overlap")
    assert overlap == pytest.approx(sum(under), rel=1e-8)
    # U1 is the part of the joint area that only one of both covers.
    assert convert(d, "d", "U1") == pytest.approx((2 - 2 * overlap) / (2 - overlap), rel=1e-12)


@pytest.mark.parametrize("d", EFFECTS)
def test_cles_is_the_chance_to_be_higher(d):
    chance = integrate.quad(lambda x: stats.norm.pdf(x, d) * stats.norm.cdf(x), -12, 15)[0]
    assert convert(d, "d", "cles") == pytest.approx(chance, rel=1e-8)
    assert convert(d, "d", "cliff") == pytest.approx(2 * chance - 1, rel=1e-7)
    assert convert(chance, "cles", "cliff") == pytest.approx(2 * chance - 1, rel=1e-12)


def test_the_sign_is_asked_for_where_it_is_lost():
    for target in ("U1", "overlap"):
        share = convert(-0.8, "d", target)
        assert share == convert(0.8, "d", target)
        assert convert(share, target, "d") == pytest.approx(0.8, rel=1e-13)
        assert convert(share, target, "d", sign=-1) == pytest.approx(-0.8, rel=1e-13)


@pytest.mark.parametrize("target", ["U1", "U2", "U3", "overlap", "cles", "cliff"])
@pytest.mark.parametrize("d", [1e-9, 1e-4, 0.3, 2.0, 5.0])
def test_small_and_large_effects_come_back(target, d):
    """As well as the digits of the share allow: half of them stand for nothing at 0.5 + d."""
    back = convert(convert(d, "d", target), target, "d")
    absolute = 2e-16 if target in ("U1", "cliff") else 1e-15
    assert back == pytest.approx(d, rel=1e-9, abs=absolute)


def test_ends_that_no_effect_has():
    for target, end in (("U1", 1.0), ("overlap", 0.0), ("U3", 1.0), ("cles", 0.0), ("cliff", 1.0)):
        with pytest.raises(InputError, match="`value` must be"):
            convert(end, target, "d")


def test_display_of_rosenthal_and_rubin():
    assert convert(0.32, "r", "besd") == pytest.approx(0.66)
    assert convert(0.5, "d", "besd", rule="exact", n1=10, n2=10) == pytest.approx(
        0.5 + convert(0.5, "d", "r", rule="exact", n1=10, n2=10) / 2
    )
