"""What an effect means: numbers of metafor, published examples, identities, limits, refusals."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from metarel import InputError, convert, interpret
from metarel.convert._meanings import EVENTS, QUANTITIES, SCALES, event_rate_rise

CASES = json.loads((Path(__file__).parents[1] / "golden" / "interpret.json").read_text())
PLAIN = json.loads((Path(__file__).parents[1] / "golden" / "interpret_plain.json").read_text())
KRAEMER = "NNT (Kraemer-Kupfer)"
FURUKAWA = "NNT (Furukawa-Leucht)"
EFFECTS = [-2.5, -0.8, -0.1, 0.0, 0.3, 1.0, 4.0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_metafor(case):
    found = [interpret(d=d).value(case["id"]) for d in case["value"]]
    np.testing.assert_allclose(found, case["expect"], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("case", PLAIN["cases"], ids=lambda case: case["id"])
def test_the_distribution_functions_of_r(case):
    for d, expect in zip(PLAIN["d"], case["expect"], strict=True):
        found = interpret(d=d, control_event_rate=case["cer"], base_rate=case["base_rate"])
        assert found.value(case["id"]) == pytest.approx(expect, rel=1e-10)


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


@pytest.mark.parametrize(
    ("d", "u3", "control", "treated", "nnt"),
    [
        (0.1, 0.540, 0.475, 0.525, 17.7),
        (0.2, 0.579, 0.450, 0.550, 8.9),
        (0.3, 0.618, 0.426, 0.574, 6.0),
        (0.4, 0.655, 0.402, 0.598, 4.5),
        (0.5, 0.691, 0.379, 0.621, 3.6),
        (0.6, 0.726, 0.356, 0.644, 3.0),
        (0.7, 0.758, 0.335, 0.665, 2.6),
        (0.8, 0.788, 0.314, 0.686, 2.3),
    ],
)
def test_printed_table_of_shares_and_numbers_needed(d, u3, control, treated, nnt):
    # Table 3 of Clinical Epidemiology 14 (2022) 851-870, after Cohen and Kraemer & Kupfer.
    found = interpret(d=d)
    assert round(found.value("BESD control"), 3) == control
    assert round(found.value("BESD treated"), 3) == treated
    assert round(found.value("U3"), 3) == pytest.approx(u3, abs=1e-12)
    assert round(found.value(KRAEMER), 1) == nnt


@pytest.mark.parametrize(
    ("d", "percent"), [(0.19, 55), (0.62, 67), (0.91, 74), (1.07, 78), (2, 92)]
)
def test_printed_chances_of_mcgraw_and_wong(d, percent):
    assert round(100 * interpret(d=d).value("CLES")) == percent


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
    said = " ".join(found.full_text().split())
    assert f"however many {found.groups[0]}, no more of them have the event than" in said


def test_harm_is_negative_and_says_so():
    found = interpret(d=-0.5, control_event_rate=0.8)
    assert found.value(FURUKAWA) == pytest.approx(
        -interpret(d=0.5, control_event_rate=0.2).value(FURUKAWA), rel=1e-12
    )
    assert round(found.value(KRAEMER), 1) == -3.6
    said = " ".join(found.full_text().split())
    assert said.count("number needed to harm") == 2
    assert "one of the treated scores below one of the controls" in said


def test_needed_by_kraemer_and_kupfer_counts_pairs():
    said = {d: interpret(d=d).statement(KRAEMER).meaning for d in (0.5, -0.5, 0.0)}
    assert said[0.5] == (
        "in every 3.62 random pairs of one of the treated and one of the controls, the treated "
        "score higher in one pair more than the controls"
    )
    assert said[-0.5].endswith(
        "the controls score higher in one pair more than the treated: a number needed to harm"
    )
    assert said[0.0].endswith("neither score higher more often, however many the pairs")


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
        ({"d": 0.1}, "0.10 is below 'small' (0.2) by convention of Cohen"),
        ({"d": -0.5}, "0.50 is at or above 'medium' (0.5) and below 'large' (0.8)"),
        ({"d": 3}, "3.00 is at or above 'large' (0.8) by convention of Cohen"),
        ({"r": 0.3}, "below 'very large' (0.4) by convention of Funder and Ozer"),
        ({"r": 0.3}, "0.30 is at or above 'medium' (0.3) and below 'large' (0.5)"),
    ],
)
def test_conventions(words, place):
    said = " ".join(interpret(**words).full_text().split())
    assert place in said
    assert "not a verdict" in said


def test_table():
    frame = interpret(r=-0.2, control_event_rate=0.1).to_frame()
    columns = ["quantity", "value", "ci_low", "ci_high", "meaning", "formula", "source"]
    assert list(frame) == columns
    assert frame.ci_low.isna().all()
    assert frame.quantity.is_unique
    row = frame.set_index("quantity").loc
    assert (row["r", "formula"], row["d", "source"]) == ("given", "mcgrath2006")
    assert FURUKAWA not in set(interpret(d=1).to_frame().quantity)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "Exactly one of `d`, `r`, `g`, `log_or` and `odds_ratio` must be given; none came"),
        ({"d": 0.2, "r": 0.1}, "given; `d` and `r` came"),
        ({"odds_ratio": 0}, "`odds_ratio` must be positive; got 0"),
        ({"odds_ratio": 1e300}, "`odds_ratio` must not be so far from no effect that d exceeds"),
        ({"g": 0.2, "ci": 0.1}, "`ci` must be two numbers, the lower limit first; got 0.1"),
        ({"g": 0.2, "ci": "ab"}, "`ci` must be two numbers"),
        ({"g": 0.2, "ci": (0.1, 0.2, 0.3)}, "`ci` must be two numbers"),
        ({"g": 0.2, "ci": (0.1, math.nan)}, "`ci` must be one number; got nan"),
        ({"g": 0.2, "ci": (0.3, 0.1)}, "`ci` must enclose the effect.*got 0.3 and 0.1 around 0.2"),
        ({"g": 0.2, "ci": (0.3, 0.4)}, "`ci` must enclose the effect"),
        ({"r": 0.2, "ci": (0.1, 1.4)}, r"`ci` must be a number in \(-1, 1\); got 1.4"),
        ({"r": 0.2, "ci": (0.1, 1 - 1e-9)}, "`ci` must not be so near to 1 or -1"),
        ({"d": 1, "groups": "men"}, "`groups` must be two different names.*got 'men'"),
        ({"d": 1, "groups": ("men", "men")}, "`groups` must be two different names"),
        ({"d": 1, "groups": ("men", " ")}, "`groups` must be two different names"),
        ({"d": 1, "groups": ("men", "women", "children")}, "`groups` must be two different"),
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
        ({"value": 0.57}, r"`metric` must say what 0.57 is: interpret\(0.57, 'd'\)"),
        ({"value": 0.06, "metric": "eta2"}, "one of 'd', 'r'.*Convert 'eta2' to 'd' first"),
        ({"value": 0.5, "metric": "alpha"}, "got 'alpha'.$"),
        ({"value": 0.5, "metric": "d", "d": 0.5}, "`value` must be the effect once"),
        ({"metric": "d"}, "`value` must be the effect once"),
        ({"value": 0.5, "metric": "d", "r": 0.2}, "given; `d` and `r` came"),
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


@pytest.mark.parametrize("rule", ["logistic", "cox"])
@pytest.mark.parametrize("d", EFFECTS)
def test_odds_ratios_by_both_rules(d, rule):
    mark = "" if rule == "logistic" else " (normal)"
    found = interpret(d=d)
    assert found.value(f"odds ratio{mark}") == convert(d, "d", "or", rule=rule)
    assert found.value(f"log odds ratio{mark}") == convert(d, "d", "log_or", rule=rule)


def test_an_odds_ratio_is_read_as_the_d_of_logistic_scores():
    found = interpret(odds_ratio=3.0, base_rate=0.3)
    assert found.d == convert(3.0, "or", "d")
    assert found.value("odds ratio") == pytest.approx(3, rel=1e-14)
    assert interpret(log_or=math.log(3), base_rate=0.3).r == pytest.approx(found.r, rel=1e-14)
    row = found.to_frame().set_index("quantity").loc
    assert row["d", "formula"] == "ln(or); log_or·√3/π"
    assert row["r", "source"] == "mcgrath2006"


def test_g_is_read_as_d():
    one, other = interpret(g=0.4, ci=(0.1, 0.7)), interpret(d=0.4, ci=(0.1, 0.7))
    assert one.statements[1:] == other.statements[1:]
    assert (one.given, one.statements[0].formula, one.statements[0].source) == (
        "g",
        "g",
        "hedges1981",
    )


LIMITS = [(-1.2, -0.3), (-0.5, 0.0), (-0.4, 0.9), (0.0, 0.7), (0.0, 0.0), (0.2, 2.0)]


@pytest.mark.parametrize("quantity", [*SCALES, *QUANTITIES, *EVENTS], ids=lambda q: q.code)
@pytest.mark.parametrize("ci", LIMITS)
def test_limits_are_what_a_quantity_takes_in_between(quantity, ci):
    low, high = ci
    words = {"control_event_rate": 0.3, "base_rate": 0.4}
    said = interpret(d=(low + high) / 2, ci=ci, **words).statement(quantity.code)
    within = np.unique([*np.linspace(low, high, 41), 0.0 if low <= 0 <= high else low])
    values = [interpret(d=float(d), **words).value(quantity.code) for d in within]
    limits = said.meaning.split(", limits ")[1]
    if quantity.shape == "reciprocal" and low < 0 < high:
        assert math.isnan(said.ci_low)
        assert math.isnan(said.ci_high)
        assert re.fullmatch(r"[\d.]+, over infinitely many \(.*\), to .* other direction", limits)
        return
    if quantity.shape == "reciprocal" and low < 0 == high:
        values = [-x if math.isinf(x) else x for x in values]  # reached from the side of harm
    assert said.ci_low == pytest.approx(min(values), rel=1e-14, abs=1e-300)
    assert said.ci_high == pytest.approx(max(values), rel=1e-14, abs=1e-300)
    if not quantity.facing:
        assert limits == f"{quantity.form(said.ci_low)} to {quantity.form(said.ci_high)}"
    assert "-" not in limits or not quantity.facing


@pytest.mark.parametrize("quantity", [*SCALES, *QUANTITIES, *EVENTS], ids=lambda q: q.code)
def test_limits_are_said_as_the_value_is(quantity):
    """Turned round, an effect has the same words for its limits wherever a direction is named."""
    if not quantity.facing or quantity in EVENTS:
        return
    one, other = interpret(d=0.57, ci=(0.2, 0.9)), interpret(d=-0.57, ci=(-0.9, -0.2))
    said = [x.statement(quantity.code).meaning.split(", limits ")[1] for x in (one, other)]
    assert said[0] == said[1]
    number, *_ = said[0].split(" to ")
    assert number in str(one.statement(quantity.code).meaning)


def test_worked_limits():
    found = interpret(d=0.57, ci=(0.2, 0.9))
    assert found.statement("Cliff's delta").meaning.endswith(
        "by 31.31% of all, limits 11.25% to 47.55%"
    )
    harm = interpret(d=-0.57, ci=(-0.9, -0.2)).statement("NNT (Kraemer-Kupfer)").meaning
    assert harm.endswith("a number needed to harm, limits 2.10 to 8.89")
    both = interpret(d=-0.57, ci=(-0.9, 0.2))
    assert both.statement("NNT (Kraemer-Kupfer)").meaning.endswith(
        "limits 2.10, over infinitely many (no difference), to 8.89 in the other direction"
    )
    assert both.statement("Cliff's delta").meaning.endswith(
        "limits 11.25% in the other direction to 47.55%"
    )


def test_limits_come_on_the_scale_of_the_effect():
    found = interpret(r=0.275, ci=(0.25, 0.30))
    d = found.statement("d")
    assert (d.ci_low, d.ci_high) == (convert(0.25, "r", "d"), convert(0.30, "r", "d"))
    assert str(found).startswith("d = 0.5721 [0.5164, 0.629], r = 0.275 [0.25, 0.30]; 50%")
    ratio = interpret(odds_ratio=2, ci=(1, 4)).statement("odds ratio")
    assert (ratio.ci_low, ratio.ci_high) == pytest.approx((1, 4), rel=1e-14)


def test_groups_have_names():
    said = interpret(
        d=-0.4, groups=("CBT patients", "people who wait"), control_event_rate=0.5
    ).full_text()
    said = " ".join(said.split())
    assert "34.46% of the people who wait score below the average of the CBT patients" in said
    assert "one of the CBT patients scores above one of the people who wait" in said
    assert "treated" not in said.replace("BESD treated", "").replace("treated event rate", "")


def test_groups_of_a_correlation():
    found = interpret(r=0.28)
    assert found.groups == ("people high on x", "people low on x")
    assert "treated" not in str(found)
    assert "x is one of the two things that correlate" in found.reading
    assert f"gives d = {convert(0.28, 'r', 'd', rule='dichotomised'):.4f}" in found.reading
    named = interpret(r=0.28, groups=("treated", "controls"), base_rate=0.3)
    assert "two groups of these shares" in named.reading
    assert "correlate" not in named.reading


def test_how_an_effect_was_read_is_said():
    assert interpret(d=0.5).reading == ""
    assert "read as one" in interpret(g=0.5).reading
    assert "An odds ratio of 2.5," in interpret(odds_ratio=2.5).reading
    assert "A log odds ratio of -0.4," in interpret(log_or=-0.4).reading


def test_the_short_form_answers_first():
    found = interpret(d=0.57, ci=(0.3, 0.84))
    said = " ".join(str(found).split())
    assert (
        "In short: 72 (62 to 80) of 100 controls score below the average of the treated (U3). "
        "Picked at random, one of the treated scores above one of the controls 66 (58 to 72) times "
        "in 100 (CLES). The two groups overlap by 78 (67 to 88) %. Cohen's convention calls the "
        "effect medium." in said
    )
    assert repr(found) == str(found)
    assert len(str(found)) < 1200
    assert "less than small" in str(interpret(d=0.1))
    assert "more than 99 of 100 controls" in " ".join(str(interpret(d=4.0)).split())
    everything = " ".join(found.full_text().split())
    for said_of in found.statements[2:]:
        assert said_of.meaning in everything
    for text in (str(found), found.full_text(), interpret(r=0.3).full_text()):
        assert max(map(len, text.splitlines())) <= 80


def test_what_was_asked_for_is_in_the_short_form():
    assert "NNT (Furukawa-Leucht)" in str(interpret(d=0.57, control_event_rate=0.2))
    assert "NNT" not in str(interpret(d=0.57))


def test_slips_of_the_pen():
    assert interpret(d=57).caution == "|d| above 5 is rare: did you mean 0.57?"
    assert interpret(g=-5.7).caution == "|d| above 5 is rare: did you mean -0.57?"
    assert interpret(r=0.99).caution == "|d| above 5 is rare."
    assert interpret(d=4.9).caution == ""
    assert "0.57?" in str(interpret(d=57))


def test_no_share_of_people_is_all_of_them():
    text = interpret(d=57).full_text()
    assert "100.00%" not in text
    assert "more than 99.99%" in text
    assert "7.95e+44 times" in " ".join(text.split())
    assert interpret(d=0).statement("overlap").meaning.startswith("the two distributions have 100")


def test_metrics_by_name():
    assert interpret(0.57, "d") == interpret(d=0.57)
    assert interpret(2.5, "OR") == interpret(odds_ratio=2.5)


def test_plain_data():
    found = interpret(r=0.3).to_dict()
    assert (found["r"], found["given"], found["number"]) == (0.3, "r", 0.3)
    assert found["statements"][0]["quantity"] == "d"
    assert found["in_short"].startswith("In short: ")
