"""What an effect means: numbers of metafor, published examples, identities, limits, refusals."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from metarel import InputError, convert, interpret
from metarel.convert._meanings import event_rate_rise

CASES = json.loads((Path(__file__).parents[1] / "golden" / "interpret.json").read_text())
KRAEMER = "NNT (Kraemer-Kupfer)"
FURUKAWA = "NNT (Furukawa-Leucht)"
EFFECTS = [-2.5, -0.8, -0.1, 0.0, 0.3, 1.0, 4.0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_metafor(case):
    found = [interpret(d=d).value(case["id"]) for d in case["value"]]
    np.testing.assert_allclose(found, case["expect"], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("quantity", "expect", "digits"),
    [
        ("U1", 0.330, 3),
        ("U2", 0.599, 3),
        ("U3", 0.6915, 4),
        ("overlap", 0.8026, 4),
        ("CLES", 0.6382, 4),
        ("percentile", 69.15, 2),
        (KRAEMER, 3.6, 1),
        (FURUKAWA, 6.0, 1),
    ],
)
def test_printed_values_of_a_half(quantity, expect, digits):
    found = interpret(d=0.5, control_event_rate=0.2).value(quantity)
    assert round(found, digits) == expect


def test_display_of_rosenthal_and_rubin():
    found = interpret(r=0.32)
    assert round(found.value("BESD treated"), 2) == 0.66
    assert round(found.value("BESD control"), 2) == 0.34
    assert found.value("variance explained") == pytest.approx(0.1024, rel=1e-14)


@pytest.mark.parametrize("d", EFFECTS)
def test_mirror(d):
    one, other = (interpret(d=x, control_event_rate=0.5) for x in (d, -d))
    for quantity in ("U2", "U3", "CLES", "BESD treated", "treated event rate"):
        assert one.value(quantity) + other.value(quantity) == pytest.approx(1, rel=1e-14)
    for quantity in ("U1", "overlap", "variance explained"):
        assert one.value(quantity) == other.value(quantity)
    for quantity in ("Cliff's delta", "log odds ratio", "r"):
        assert one.value(quantity) == pytest.approx(-other.value(quantity), rel=1e-14)


@pytest.mark.parametrize("d", EFFECTS)
def test_identities(d):
    found = interpret(d=d)
    assert found.value("Cliff's delta") == pytest.approx(2 * found.value("CLES") - 1, abs=1e-15)
    shared = found.value("overlap")
    assert found.value("U1") == pytest.approx((2 - 2 * shared) / (2 - shared), abs=1e-14)
    assert found.value("BESD treated") - found.value("BESD control") == pytest.approx(found.r)
    assert found.value("odds ratio") == pytest.approx(math.exp(found.value("log odds ratio")))
    assert found.value("log odds ratio") == convert(d, "d", "log_or")


def test_overlap_is_the_area_under_both_curves():
    area, _ = integrate.quad(
        lambda x: min(stats.norm.pdf(x), stats.norm.pdf(x, 0.7)), -10, 10, points=[0.35]
    )
    assert interpret(d=0.7).value("overlap") == pytest.approx(area, rel=1e-9)


def test_chances_are_those_of_people():
    rng = np.random.default_rng(8)
    treated, control = rng.normal(0.6, 1, 200_000), rng.normal(0, 1, 200_000)
    found = interpret(d=0.6, control_event_rate=0.3)
    assert np.mean(treated > control) == pytest.approx(found.value("CLES"), abs=0.005)
    assert np.mean(control < 0.6) == pytest.approx(found.value("U3"), abs=0.005)
    cut = np.quantile(control, 0.7)
    assert np.mean(treated > cut) == pytest.approx(found.value("treated event rate"), abs=0.006)


@pytest.mark.parametrize("way", [{"d": 0}, {"r": 0.0}])
def test_no_effect(way):
    found = interpret(**way, control_event_rate=0.37)
    for quantity in ("U2", "U3", "CLES", "BESD treated"):
        assert found.value(quantity) == 0.5
    assert (found.value("U1"), found.value("overlap"), found.value("odds ratio")) == (0, 1, 1)
    assert found.value(KRAEMER) == found.value(FURUKAWA) == math.inf
    assert "however many are treated" in str(found)


def test_harm_is_negative_and_says_so():
    found = interpret(d=-0.5, control_event_rate=0.8)
    assert found.value(FURUKAWA) == pytest.approx(
        -interpret(d=0.5, control_event_rate=0.2).value(FURUKAWA), rel=1e-12
    )
    assert round(found.value(KRAEMER), 1) == -3.6
    assert str(found).count("number needed to harm") == 2
    assert "treated person is lower" in str(found)


@pytest.mark.parametrize("rate", [0.001, 0.2, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("d", [-3.0, -1.0, -0.4, 0.7, 1.0, 1.0000001, 2.5])
def test_rise_is_the_difference_of_two_shares(d, rate):
    plain = stats.norm.cdf(d + stats.norm.ppf(rate)) - rate
    assert event_rate_rise(d, rate) == pytest.approx(plain, rel=1e-12)


def test_small_effects_keep_their_digits():
    found = interpret(d=1e-12, control_event_rate=0.2)
    density = stats.norm.pdf(stats.norm.ppf(0.2))
    assert found.value(FURUKAWA) == pytest.approx(1e12 / density, rel=1e-10)
    assert found.value(KRAEMER) == pytest.approx(1e12 * math.sqrt(math.pi), rel=1e-12)


@pytest.mark.parametrize("base_rate", [0.05, 0.5, 0.8])
def test_d_and_r_are_one_effect(base_rate):
    one = interpret(d=0.6, base_rate=base_rate)
    other = interpret(r=one.r, base_rate=base_rate)
    assert other.d == pytest.approx(0.6, rel=1e-14)
    for quantity in ("U3", "CLES", KRAEMER):
        assert one.value(quantity) == pytest.approx(other.value(quantity), rel=1e-13)


def test_half_treated_is_the_default_conversion():
    assert interpret(r=0.28).d == pytest.approx(convert(0.28, "r", "d"), rel=1e-15)
    assert interpret(d=0.57).r == pytest.approx(convert(0.57, "d", "r"), rel=1e-15)


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ({"d": 0.1}, "0.1000 is below 'small' (0.2) by convention of Cohen"),
        ({"d": -0.5}, "0.5000 is at or above 'medium' (0.5) and below 'large' (0.8)"),
        ({"d": 3}, "3.0000 is at or above 'large' (0.8) by convention of Cohen"),
        ({"r": 0.3}, "below 'very large' (0.4) by convention of Funder and Ozer"),
        ({"r": 0.3}, "0.3000 is at or above 'medium' (0.3) and below 'large' (0.5)"),
    ],
)
def test_conventions(words, place):
    said = str(interpret(**words))
    assert place in said
    assert "not a verdict" in said


def test_table():
    frame = interpret(r=-0.2, control_event_rate=0.1).to_frame()
    assert list(frame) == ["quantity", "value", "meaning", "formula", "source"]
    assert frame.quantity.is_unique
    row = frame.set_index("quantity").loc
    assert (row["r", "formula"], row["d", "source"]) == ("given", "mcgrath2006")
    assert FURUKAWA not in set(interpret(d=1).to_frame().quantity)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "Exactly one of `d` and `r` must be given; neither came"),
        ({"d": 0.2, "r": 0.1}, "both came"),
        ({"d": [0.2, 0.3]}, "`d` must be one number"),
        ({"d": np.array([0.2])}, "`d` must be one number"),
        ({"d": [[1], [1, 2]]}, "`d` must be one number"),
        ({"d": True}, "`d` must be one number; got True"),
        ({"d": 1, "base_rate": None}, "`base_rate` must be one number; got None"),
        ({"d": "0.2"}, "`d` must be one number; got '0.2'"),
        ({"d": math.nan}, "`d` must be one number; got nan"),
        ({"d": math.inf}, r"`d` must be a number in .*; got inf"),
        ({"r": 0.9999999}, "`r` must not be so near to 1 or -1"),
        ({"d": 1e4}, r"`d` must be a number in \[-300, 300\]; got 10000"),
        ({"r": 1}, r"`r` must be a number in \(-1, 1\); got 1"),
        ({"r": -1.2}, "`r` must be a number in .*; got -1.2"),
        ({"d": 1, "base_rate": 0}, "`base_rate` must be a number in .*; got 0"),
        ({"d": 1, "control_event_rate": 1}, "`control_event_rate` must be .*; got 1"),
        ({"d": 1, "control_event_rate": 20}, "`control_event_rate` must be .*; got 20"),
    ],
)
def test_refusals(words, message):
    with pytest.raises(InputError, match=message):
        interpret(**words)


def test_unknown_quantity():
    with pytest.raises(InputError, match=r"`quantity` must be one of 'd', 'r', 'U1'.*got 'U9'"):
        interpret(d=1).value("U9")


def test_extreme_effects_stay_numbers():
    for d in (-300, -40, 40, 300):
        for rate in (1e-12, 0.5, 1 - 1e-12):
            frame = interpret(d=d, control_event_rate=rate).to_frame()
            assert not frame.value.isna().any()
