"""A verdict follows from the printed digits alone."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from metarel.printed import Printed
from metarel.repro.verdict import Nearby, Verdict, judge


@pytest.mark.parametrize(
    ("text", "value", "verdict", "reading"),
    [
        ("-0.5429", -0.542944604, "agrees", "half-up"),
        (".28", 0.285, "agrees", "half-even"),
        ("0.0039", 0.00398748468, "agrees truncated", "truncated"),
        ("-0.6304", -0.630323772, "agrees truncated", "floor"),
        ("0.6304", 0.630323772, "agrees truncated", "ceiling"),
        (".57", 0.5833, "differs", None),
        ("92.22%", 0.922214, "agrees", "half-up"),
        ("<.001", 0.00099, "agrees", "half-up"),
        ("n.s.", 0.04, "differs", None),
    ],
)
def test_verdicts(text: str, value: float, verdict: str, reading: str | None) -> None:
    judged = judge(Printed(text), value)
    assert (judged.verdict, judged.reading) == (verdict, reading)


def test_the_distance_is_counted_from_the_half_up_interval() -> None:
    judged = judge(Printed("35.85"), 35.8295363)
    assert judged.gap == pytest.approx(35.845 - 35.8295363)
    assert judged.units == pytest.approx(1.54637)
    assert math.isnan(judge(Printed("n.s."), 0.04).units)


def a_verdict(verdict: str, value: float = 0.5833, text: str = ".57", **more: object) -> Verdict:
    given = {"expected": verdict, "reading": None, **more}
    return Verdict("some2011", "d", "p. 3", "estimate", Printed(text), value, verdict, **given)  # type: ignore[arg-type]


def test_sentences_say_what_a_reader_needs() -> None:
    nearby = Nearby(("tau2 by DL", "tau2 by HE"), 9)
    assert a_verdict("agrees").sentence == "agrees"
    assert a_verdict("agrees truncated", reading="ceiling").sentence == "agrees if rounded up"
    known = a_verdict("differs", text=".57", value=0.5833, units=0.83, nearby=nearby)
    assert known.sentence == (
        "differs by 0.01; tau2 by DL or tau2 by HE would print it (of 9 tried)"
    )
    assert (
        "none of 9 nearby analyses prints it" in a_verdict("differs", nearby=Nearby((), 9)).sentence
    )
    beside = a_verdict("differs", nearby=replace(nearby, beside=2)).sentence
    assert "tau2 by DL or tau2 by HE would print it and the figures beside it" in beside
    assert replace(known, reason="Another table was used.").sentence == "differs by 0.01"
    assert a_verdict("differs", text="n.s.").sentence == "differs"
    assert a_verdict("cannot run", obstacle="no data").sentence == "cannot run"


@pytest.mark.parametrize(
    ("text", "value", "gap"),
    [
        (".26", 0.1761, "0.08"),
        ("1.90", 1.8864, "0.01"),
        ("3476", 3509.0, "33"),
        ("94.99%", 0.998284, "4.84 percentage points"),
        ("0.380982863271265", 0.36812114678831254, "0.0129"),
        ("691.51", 16320.8746, "15629"),
        ("-.19", -0.2036, "0.01"),
        ("<.001", 0.0034, "0.0024"),
    ],
)
def test_a_difference_is_said_in_the_figures_own_unit(text: str, value: float, gap: str) -> None:
    assert a_verdict("differs", text=text, value=value, units=1.0).sentence == f"differs by {gap}"


def test_what_is_not_expected_is_said() -> None:
    gone = a_verdict("agrees", expected="differs")
    assert not gone.as_expected
    assert gone.sentence == "agrees; its file expects: differs"


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        (".57", 0.58333, "0.5833"),
        ("62%", 0.61049, "61.05%"),
        ("863", 863.0, "863"),
        ("863", 862.5, "862.50"),
        (".57", math.nan, "–"),
    ],
)
def test_values_are_shown_with_two_digits_more(text: str, value: float, shown: str) -> None:
    assert a_verdict("differs", value, text).shown_value == shown


def test_plain_data_has_no_nan() -> None:
    plain = a_verdict("cannot run", math.nan).to_dict()
    assert plain["value"] is None
    assert plain["units"] is None
    assert plain["nearby"] == []
    assert plain["printed"] == ".57"
