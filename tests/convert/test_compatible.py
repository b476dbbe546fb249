"""Two printed numbers as one effect: the worked pair, every rule of the register, solved sizes."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import metarel as mr
from metarel._printed_consistency import CORNER
from metarel.convert._edge import METRICS
from metarel.convert._unknowns import UNKNOWNS
from metarel.convert._ways import Way
from metarel.convert.compatible import compatible
from metarel.convert.path import convert
from metarel.convert.register import EDGES
from metarel.errors import InputError
from metarel.printed import Printed

GIVEN = {
    "n1": 25.0,
    "n2": 35.0,
    "n": 60.0,
    "df": 58.0,
    "df1": 3.0,
    "groups": 3.0,
    "rows": 3.0,
    "columns": 4.0,
    "expected": 0.2,
    "base_rate": 0.3,
    "control_rate": 0.45,
    "delta": 2.0,
    "sd_x": 1.7,
    "sd": 4.2,
    "time": 40.0,
    "other": 0.3,
}
POSSIBLE = ("compatible", "only in a corner")
#: Starts of which at least one is far inside of what every rule converts.
STARTS = (0.28, 0.1, 0.05, 2.8, 12.0, 500.0, -0.7)


def words_of(edge) -> dict[str, float]:
    """Return the needs of a rule; one that can take a single number takes that."""
    found = {}
    for word in edge.words:
        only = edge.need_domains.get(word)
        if word in GIVEN:
            found[word] = only.low if only and only.low == only.high else GIVEN[word]
    return found


def true_pair(edge) -> tuple[float, float]:
    """Return a number and what the rule makes of it."""
    way = Way(edge.source, edge.target, (edge,))
    needs = {word: np.array([number]) for word, number in words_of(edge).items()}
    for start in STARTS:
        x = start + 0.00123
        y = float(way.function(needs)(np.array([x]))[0])
        if np.isfinite(y) and abs(y) > 1e-3:
            return x, y
    raise AssertionError(edge.code)


# The worked pair


def test_the_worked_pair() -> None:
    found = mr.compatible(".28", "r", ".57", "d")
    approximate = found["equal-groups"]
    assert approximate.verdict == "only in a corner"
    assert approximate.part.text(4) == "[0.2750, 0.2763)"
    assert f"{approximate.share:.0%}" == "13%"
    assert found["exact"].at_value == ((33, 70),)
    assert found["exact"].verdict == "compatible"
    assert found["r → d → g, equal-groups, exact"].at_value == ((27, 54),)
    cut = found["dichotomised"]
    assert (cut.verdict, cut.prints, round(cut.value, 3)) == ("impossible", ".46", 0.458)
    assert found["dichotomised-n"].verdict == "impossible"
    assert found["per-delta"].lacking == ("delta", "sd_x")
    assert found.verdict == "compatible"


def test_sizes_by_trying_them_all() -> None:
    found = compatible(".28", "r", ".57", "d")
    printed = Printed(".57")

    def totals(target: str, rule: str, x: float) -> set[int]:
        sizes = np.arange(4.0, 400)
        needs = {"n1": sizes / 2, "n2": sizes / 2}
        if rule == "equal-groups":
            needs = {"df": sizes - 2}
        y = convert(np.full(len(sizes), x), "r", target, rule=rule, **needs)
        return {int(n) for n in sizes[printed.contains(y)]}

    assert totals("d", "exact", 0.28) == set(range(33, 71))
    assert totals("g", "equal-groups", 0.28) == set(range(27, 55))
    some = set().union(*(totals("d", "exact", x) for x in np.linspace(0.275, 0.2849999, 300)))
    assert min(some) == found["exact"].anywhere[0][0]
    assert found["exact"].anywhere[0][1] == math.inf


# Every rule of the register


@pytest.mark.parametrize("edge", EDGES.values(), ids=lambda edge: edge.code)
def test_what_a_rule_gives_is_possible_by_it(edge) -> None:
    x, y = true_pair(edge)
    ask = {"rules": edge.rule, **words_of(edge)}
    found = compatible(f"{x:.2f}", edge.source, f"{y:.2f}", edge.target, **ask)
    said = found[edge.rule]
    assert said.verdict in POSSIBLE, str(found)
    assert said.references[-1] == edge.reference
    assert edge.rule in str(found)


@pytest.mark.parametrize("edge", EDGES.values(), ids=lambda edge: edge.code)
def test_what_it_does_not_give_is_impossible(edge) -> None:
    x, y = true_pair(edge)
    inside = METRICS[edge.target].domain
    away = next(far for far in (y + 0.2, y - 0.2, y / 2) if inside.low < far < inside.high)
    ask = {"rules": edge.rule, **words_of(edge)}
    said = compatible(f"{x:.5f}", edge.source, f"{away:.5f}", edge.target, **ask)[edge.rule]
    assert said.verdict == "impossible"
    assert said.units > 50
    assert float(said.prints) == pytest.approx(said.value, abs=6e-6)


@pytest.mark.parametrize(
    "edge",
    [
        pytest.param(
            edge, marks=[] if METRICS[edge.source].statistic or edge.one_way else pytest.mark.slow
        )
        for edge in EDGES.values()
    ],
    ids=lambda edge: edge.code,
)
def test_a_rule_turned_round_says_the_same(edge) -> None:
    """What is printed on the other side may come first, whether or not a rule leads that way."""
    x, y = true_pair(edge)
    ask = {"rules": edge.rule, **words_of(edge)}
    found = compatible(f"{y:.3f}", edge.target, f"{x:.3f}", edge.source, **ask)
    assert found[edge.rule].verdict in POSSIBLE, str(found)


# Parts, shares, solved numbers


@settings(max_examples=60, deadline=None)
@given(i=st.integers(1, 95), off=st.integers(-2, 2))
def test_numbers_of_the_part_and_no_others_are_printed_so(i: int, off: int) -> None:
    a = f"{i / 100:.2f}"
    b = f"{convert(i / 100, 'r', 'd') + off / 100:.2f}"
    said = compatible(a, "r", b, "d", rules="equal-groups")["equal-groups"]
    grid = np.linspace(i / 100 - 0.005, i / 100 + 0.005, 2001)[1:-1]
    fits = Printed(b).contains(convert(grid, "r", "d"))
    if said.rounding not in ("", "half-up"):
        assert not fits.any()
        return
    assert said.part is not None or not fits.any()
    if said.part is not None:
        assert (fits == ((grid >= said.part.low) & (grid < said.part.high))).all()
        assert said.share == pytest.approx(fits.mean(), abs=2e-3)
        corner = max(said.share, said.filled) < CORNER
        assert (said.verdict == "only in a corner") == corner


@settings(max_examples=40, deadline=None)
@given(r=st.floats(0.05, 0.8), half=st.integers(4, 500), digits=st.integers(1, 3))
def test_the_true_total_is_among_the_solved(r: float, half: int, digits: int) -> None:
    d = convert(r, "r", "d", rule="exact", n1=half, n2=half)
    found = compatible(f"{r:.{digits}f}", "r", f"{d:.2f}", "d", rules="exact")["exact"]
    assert any(low <= 2 * half <= high for low, high in found.anywhere)


@pytest.mark.parametrize("rate", [0.02, 0.11, 0.3, 0.5, 0.81])
def test_the_true_rate_is_among_the_solved(rate: float) -> None:
    d = convert(1.1, "log_or", "d", rule="probit", control_rate=rate)
    found = compatible("1.10", "log_or", f"{d:.3f}", "d", rules="probit")["probit"]
    assert found.unknown == "control_rate"
    assert any(low <= rate <= high for low, high in found.anywhere)
    d = convert(0.3, "r", "d", rule="base-rate", base_rate=rate)
    found = compatible("0.300", "r", f"{d:.3f}", "d", rules="base-rate")["base-rate"]
    assert any(low <= rate <= high for low, high in found.at_value)


def test_ends_of_solved_stretches_are_where_the_digits_change() -> None:
    said = compatible("2.1", "t", ".04", "p")["quantile"]
    assert said.at_value == ((30, math.inf),)
    p = [2 * mr.convert(2.1, "t", "r", n=n) for n in (29, 30)]  # any rule of t reads n
    assert len(p) == 2
    share = compatible("2.50", "t", ".70", "d", n=60, rules="exact")["exact"]
    (low, high), (low2, high2) = share.at_value
    for edge in (low, high, low2, high2):
        d = convert(2.5, "t", "d", rule="exact", n1=60 * edge, n2=60 * (1 - edge))
        assert min(abs(d - 0.695), abs(d - 0.705)) < 1e-5
    assert low == pytest.approx(1 - high2, abs=1e-6)


def test_one_group_given() -> None:
    said = compatible(".28", "r", ".60", "d", n1=20, rules="exact")["exact"]
    (low, high), *_ = said.at_value
    for total in (int(low), int(high)):
        assert Printed(".60").contains(convert(0.28, "r", "d", rule="exact", n1=20, n2=total - 20))
    assert said.supposed == "one group of the size given"


# Metrics, bounds, signs, roundings


@pytest.mark.parametrize(
    ("a", "source", "b", "target", "needs"),
    [
        ("2.00", "or", ".38", "d", {}),
        ("0.69", "logOR", ".38", "d", {}),
        (".06", "eta2", ".25", "f", {}),
        (".28", "r", ".29", "z", {}),
        ("0.29", "z", ".28", "r", {}),
        ("2.45", "t", ".71", "d", {"n1": 20, "n2": 30}),
        ("2.45", "t", ".018", "p", {"df": 48}),
        (".018", "p", "2.45", "t", {"df": 48}),
        ("6.0", "F", ".71", "d", {"n1": 20, "n2": 30}),
        ("-2.45", "t", "-.71", "d", {"n1": 20, "n2": 30}),
        ("6.0", "F", "-.71", "d", {"n1": 20, "n2": 30}),
        ("<.05", "p", ".71", "d", {"n1": 20, "n2": 30}),
        ("n.s.", "p", ".41", "d", {"n1": 20, "n2": 30}),
        (".71", "d", "<.05", "p", {"n1": 20, "n2": 30}),
        (".000", "p", "1.71", "d", {"n1": 20, "n2": 30}),
        ("62%", "cles", ".43", "d", {}),
        (".28", "r", ".28", "r", {}),
        ("4.9", "chi2", "2.21", "z_stat", {"n": 60}),
    ],
)
def test_pairs_that_agree(a: str, source: str, b: str, target: str, needs) -> None:
    found = compatible(a, source, b, target, **needs)
    assert found.rules[0].verdict == "compatible", str(found)
    assert found.rules[0].rounding == "half-up"


@pytest.mark.parametrize(
    ("a", "source", "b", "target", "needs"),
    [
        ("<.05", "p", ".41", "d", {"n1": 20, "n2": 30}),
        ("n.s.", "p", ".71", "d", {"n1": 20, "n2": 30}),
        ("2.45", "t", ".04", "p", {"df": 48}),
        (".28", "r", "-.28", "r", {}),
        (".28", "r", "-.58", "d", {"n1": 20, "n2": 30, "delta": 1, "sd_x": 1}),
    ],
)
def test_pairs_that_do_not(a: str, source: str, b: str, target: str, needs) -> None:
    found = compatible(a, source, b, target, **needs)
    assert {said.verdict for said in found.rules} <= {"impossible", "not judged"}, str(found)


def test_roundings_are_told() -> None:
    assert compatible(".50", "r", "1.15", "d")["equal-groups"].rounding == "half-up"
    assert compatible(".50", "r", "1.13", "d")["equal-groups"].rounding == "truncated"
    assert compatible(".28", "r", ".60", "d")["equal-groups"].rounding == "truncated throughout"
    cut = compatible("0.3000", "r", ".628", "d", rules="equal-groups")["equal-groups"]
    assert (cut.verdict, cut.rounding) == ("compatible", "truncated")
    assert convert(0.3, "r", "d") == pytest.approx(0.62897, abs=5e-6)
    text = str(compatible("0.3000", "r", ".628", "d", rules="equal-groups"))
    assert "(.628 cut off, not rounded)" in text
    given = compatible(Printed("0.3000", "truncate"), "r", Printed(".628", "truncate"), "d")
    assert given["equal-groups"].rounding == "truncate"


def test_a_number_with_few_digits_holds_all_of_the_other() -> None:
    said = compatible(".3", "r", ".629", "d")["equal-groups"]
    assert said.share < CORNER
    assert (said.filled, said.verdict) == (1, "compatible")


def test_ways_are_ranked() -> None:
    for needs in ({}, {"n1": 20, "n2": 26}):
        verdicts = [said.verdict for said in compatible(".28", "r", ".57", "d", **needs).rules]
        order = ["compatible", "only in a corner", "impossible", "not judged"]
        assert verdicts == sorted(verdicts, key=order.index)


# How it reads, what is refused


def test_records() -> None:
    found = compatible(".28", "r", ".57", "d")
    frame = found.to_frame()
    assert len(frame) == len(found.rules)
    assert (
        frame.set_index(["metrics", "rule"]).loc[("r → d", "exact"), "at_value"] == "from 33 to 70"
    )
    again = json.loads(json.dumps(found.to_dict()))
    assert again["rules"][0]["at_value"] == [[33, 70]]
    assert again["rules"][0]["anywhere"] == [[21, None]]
    assert [said.verdict for said in found.by_verdict("impossible")] == ["impossible"] * 4
    text = str(compatible("<.05", "p", ".71", "d"))
    assert text.startswith("Yes, possible: ")
    assert "p <.05 and d = .71 as one effect" in text
    assert "exactly" not in text
    share = " ".join(str(compatible("62%", "cles", ".42", "d")).split())
    assert "for cles in [0.6154, 0.6181), 27 % of its interval" in share
    assert set(UNKNOWNS) == {"N", "share of group 1", "base_rate", "control_rate"}


def test_the_answer_comes_first() -> None:
    found = compatible(".28", "r", ".57", "d")
    assert found.answer == (
        "Yes, possible: (1) the rule equal-groups, and a true r from 0.2750 to 0.2763; (2) the "
        "rule exact, and from 33 to 70 people; (3) d is really a g, by the rules equal-groups and "
        "exact, and from 27 to 54 people."
    )
    assert " ".join(str(found).split()).startswith(found.answer)
    assert compatible(".28", "r", ".90", "d", rules="equal-groups", n1=20, n2=20).answer == (
        "No, r = .28 and d = .90 cannot be one effect by any rule. Nearest: r → d, equal-groups."
    )
    share = compatible(".28", "r", ".75", "d").answer
    assert "base_rate (the share of people in group 1) from 0.183 to 0.189" in share
    corner = compatible(".28", "r", ".57", "d", rules="equal-groups", n1=20000, n2=20000).answer
    assert compatible(".28", "r", ".57", "d").to_dict()["answer"] == found.answer
    assert corner.startswith("Yes, just possible: ")
    assert "cannot be judged" in compatible(".28", "r", ".57", "d", rules="per-delta").answer


def test_it_fits_a_terminal_and_says_nothing_twice() -> None:
    for a, source, b, target in (
        (".28", "r", ".57", "d"),
        (".28", "r", ".75", "d"),
        ("<.05", "p", ".71", "d"),
        ("2.31", "t", ".66", "g"),
    ):
        found = compatible(a, source, b, target)
        lines = str(found).splitlines()
        assert max(map(len, lines)) <= 80
        assert repr(found) == str(found)
    text = " ".join(str(compatible(".28", "r", ".57", "d")).split())
    assert "r → d equal-groups, d → g exact; or r → d base-rate-n, d → g exact: if N is" in text
    assert "exact, exact" not in text


def test_distances_of_one_gap_are_the_same_with_sizes_and_without() -> None:
    found = compatible(".28", "r", ".57", "d")
    assert found["dichotomised-n"].units == pytest.approx(found["dichotomised"].units, rel=1e-3)
    assert (found["dichotomised-n"].low, found["dichotomised-n"].high) == pytest.approx(
        (found["dichotomised"].low, found["dichotomised"].high), abs=1e-4
    )


@pytest.mark.parametrize(
    ("arguments", "needs", "said"),
    [
        ((0.28, "r", ".57", "d"), {}, "`a` must be the number as printed"),
        ((".28", "r", None, "d"), {}, "`b` must be the number as printed"),
        (("x", "r", ".57", "d"), {}, "must be a number as printed"),
        (("1.28", "r", ".57", "d"), {}, r"`a` must be a number in \[-1, 1\]"),
        ((".28", "r", "-.5", "eta2"), {}, r"`b` must be a number in \[0, 1\]"),
        ((".28", "rr", ".57", "dd"), {}, "`target` must be a metric.*Did you mean 'd'"),
        (("1,250", "or", ".12", "d"), {}, "`a` must be .*1,250 can be 1.25 or 1250"),
        ((".28", "r", "0,570", "d"), {}, "`b` must be .* write 0.570 for 0,570"),
        ((Printed("1,250"), "t", ".12", "d"), {}, "`a` must be .*1,250 can be 1.25 or 1250"),
        ((".28", "r", ".57", "d"), {"rules": "exakt"}, "`rules` must be one of .*'exact'"),
        ((".28", "r", ".57", "d"), {"control_rate": 0.2}, "`control_rate` must be left out"),
        ((".28", "r", ".57", "d"), {"n1": [3, 4], "n2": 5}, "`n1` must be one number"),
        ((".28", "r", ".57", "d"), {"n1": -3, "n2": 5}, "`n1` must be positive"),
        ((".28", "r", ".57", "d"), {"n1": "3"}, "`n1` must be a number"),
        ((".28", "r", ".57", "d"), {"sign": 2}, "`sign` must be 1 or -1"),
        ((".28", "alpha", ".57", "d"), {}, "no rule of the register connects 'alpha' and 'd'"),
    ],
)
def test_what_is_refused(arguments, needs, said: str) -> None:
    with pytest.raises(InputError, match=said):
        compatible(*arguments, **needs)


def test_a_rule_that_was_not_asked() -> None:
    with pytest.raises(InputError, match="`rule` must be one of"):
        compatible(".28", "r", ".57", "d")["exakt"]


@pytest.mark.parametrize("total", [60, 9_998, 123_456])
def test_narrow_stretches_of_large_totals_are_found(total: int) -> None:
    d = convert(2.1, "t", "d", rule="2t/sqrt(N)", n=total)
    said = compatible("2.1000", "t", f"{d:.6f}", "d", rules="2t/sqrt(N)")["2t/sqrt(N)"]
    ((low, high),) = said.at_value
    assert low <= total <= high
    printed = Printed(f"{d:.6f}")
    sizes = np.arange(low - 2, high + 3)
    fits = printed.contains(convert(np.full(len(sizes), 2.1), "t", "d", rule="2t/sqrt(N)", n=sizes))
    assert (sizes[fits].min(), sizes[fits].max()) == (low, high)


def test_z_is_said_to_be_fishers() -> None:
    """An honest z test beside its p is no Fisher's z; whoever types z must learn which it is."""
    assert "the z of a test is z_stat" in str(compatible(".05", "p", "1.96", "z"))
    assert "z_stat" not in str(compatible(".28", "r", ".57", "d"))
