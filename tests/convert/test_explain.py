"""A conversion in words, and what printed digits leave open."""

from __future__ import annotations

import json

import numpy as np
import pytest

from metarel.convert.explain import explain
from metarel.convert.path import convert
from metarel.errors import InputError


def test_it_reads_aloud():
    text = str(explain(0.28, "r", "g", n1=23, n2=23))
    assert "r = 0.28 gives g = 0.5733." in text
    assert "Rule equal-groups, r → d: d = 2·r/√(1 − r²) (approximation)" in text
    assert "2·0.28/√(1 − 0.28²) gives 0.5833" in text
    assert "assumes: r is a point-biserial correlation" in text
    assert "source: borenstein2009; used by" in text
    assert "r → d base-rate: needs base_rate" in text
    assert "d → g approximate: g = 0.5733" in text
    assert "stands for" not in text


def test_numbers_are_those_of_convert():
    found = explain(".28", "r", "d", rule="exact", n1=20, n2=80)
    assert found.result == convert(0.28, "r", "d", rule="exact", n1=20, n2=80)
    assert found.rule == "exact"
    others = {other.rule: other.result for other in found.others}
    assert others["equal-groups"] == convert(0.28, "r", "d")
    assert others["base-rate"] is None


def test_what_the_digits_leave_open():
    found = explain(".28", "r", "d")
    assert (found.interval.low, found.interval.high) == (0.275, 0.285)
    assert [p.text for p in found.possible] == [".57", ".58", ".59"]
    assert sum(p.share for p in found.possible) == pytest.approx(1)
    first = found.possible[0]
    assert first.part.text(4) == "[0.2750, 0.2763)"
    assert round(first.share, 2) == 0.13
    assert convert(first.part.high, "r", "d") == pytest.approx(0.575, rel=1e-14)
    neighbours = zip(found.possible, found.possible[1:], strict=False)
    assert all(a.part.high == b.part.low for a, b in neighbours)


def test_every_number_of_a_part_is_printed_so():
    for start in (".28", "-.28", ".05", "0.280"):
        for result in explain(start, "r", "d").possible:
            inside = np.linspace(result.part.low, result.part.high, 9)[1:-1]
            digits = len(result.text.partition(".")[2])
            printed = {f"{value:.{digits}f}" for value in convert(inside, "r", "d")}
            assert printed == {f"{float(result.text):.{digits}f}"}


def test_falling_conversion_swaps_the_ends():
    found = explain(".03", "p", "d", n1=23, n2=23)
    assert found.image.low < found.result < found.image.high
    assert not found.image.low_closed
    assert found.image.high_closed
    assert sum(p.share for p in found.possible) == pytest.approx(1)


def test_held_against_a_printed_result():
    text = str(explain(".28", "r", "d", against=".57", n1=23, n2=23))
    assert "Held against .57: d = .57 is possible only for r in [0.2750, 0.2763): 13 %" in text
    assert "r → d exact: d = 0.5705, printed as .57" in text
    assert explain(".28", "r", "d", against=".5").against.part is None
    assert "d = .61 is not possible." in str(explain(".28", "r", "d", against=".61"))
    assert "d = .6 is what every such r gives." in str(explain(".28", "r", "d", against=".6"))


def test_wide_ranges_are_given_by_their_ends():
    found = explain("4", "or", "log_or")
    assert found.possible == ()
    assert "so log_or lies between 1.2528 and 1.5041." in str(found)


def test_printed_interval_stays_within_the_metric():
    found = explain(".00", "r2", "f2")
    assert (found.interval.low, found.interval.low_closed) == (0.0, True)


def test_a_rule_that_refuses_says_why():
    found = explain(0.28, "r", "d", n1=1, n2=1)
    assert "must be a number; check the value" in next(
        o.reason for o in found.others if o.rule == "exact"
    )


def test_what_only_other_rules_read_is_welcome_and_said():
    found = explain(0.28, "r", "d", n1=20, n2=80)
    assert found.unread == ("n1", "n2")
    assert "Read by other rules only: n1, n2." in str(found)
    assert found.to_dict()["unread"] == ("n1", "n2")
    assert explain(0.28, "r", "d", rule="exact", n1=20, n2=80).unread == ()
    assert explain(2.5, "t", "d", n1=15, n2=45, df=58).unread == ("df",)


def test_narrow_parts_keep_ends_apart():
    text = str(explain(".5", "d", "r"))
    assert "r = .27 is possible only for d in [0.5497, 0.5500): 0.3 % of that interval." in text


def test_lines_fit_a_terminal_and_the_repr_is_the_text():
    found = explain(".28", "r", "d", against=".57")
    assert max(map(len, str(found).splitlines())) <= 80
    assert repr(found) == str(found)


def test_differences_that_are_rare_are_said():
    assert "|d| above 5 is rare: check the number, and whether it is a Cohen's f." in str(
        explain("6.25", "f", "d")
    )
    assert "rare" not in str(explain(".25", "f", "d"))


def test_same_metric():
    found = explain(".28", "r", "r")
    assert found.steps == ()
    assert found.result == 0.28


def test_plain_types():
    plain = json.loads(json.dumps(explain(".28", "r", "d", against=".57").to_dict()))
    assert plain["rule"] == "equal-groups"
    assert plain["steps"][0]["reference"] == "borenstein2009"
    assert plain["against"]["part"]["low"] == 0.275


@pytest.mark.parametrize(
    ("args", "words", "message"),
    [
        (("about .3", "r", "d"), {}, "`value` must be a number as printed"),
        ((0.3, "r", "d"), {"time": 3}, "`time` would not be read.*No rule of this way reads it"),
        ((None, "r", "d"), {}, "`value` must be a number or an array; got None"),
        (([0.1, 0.2], "r", "d"), {}, "`value` must be one number to be explained"),
        ((0.1, "d", "g"), {"df": [3, 4]}, "`df` must be one number to be explained"),
        ((0.28, "r", "d"), {"against": ".57"}, "`against` must come with `value` as printed"),
        ((".28", "r", "d"), {"against": "half"}, "`against` must be a number as printed"),
        (("1,250", "or", "d"), {}, "1,250 can be 1.25 or 1250. Write 1.250 or 1250"),
        (("0,575", "d", "r"), {}, "write 0.575 for 0,575"),
        ((",57", "d", "r"), {}, "write 0.57 for ,57"),
        (("6%", "eta2", "r"), {}, "not a percentage: write .06"),
        (("<.001", "p", "t"), {"df": 20}, "'<.001' is a bound. Convert .001"),
        ((".28", "r", "d"), {"against": "0,57"}, "`against` must be.*write 0.57"),
        ((".28", "r", "d"), {"n1": 0, "n2": 4}, "`n1` must be positive; got 0"),
        ((".00", "r", "eta2"), {}, "only rises or only falls"),
        ((".28", "r", "d"), {"rule": "exakt"}, "Did you mean 'exact'"),
        ((1.5, "r", "d"), {}, r"`value` must be a number in \(-1, 1\)"),
    ],
)
def test_refusals(args, words, message):
    with pytest.raises(InputError, match=message):
        explain(*args, **words)
