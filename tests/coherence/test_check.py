"""What comes in, what is said of it, and how it reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import metarel as mr
from metarel.coherence._judge import SURE, VERDICTS

#: Figures of published reviews as printed: what is said of one check.
PUBLISHED: list[tuple[dict[str, Any], str, str]] = [
    ({"r": ".28", "d": ".57", "k": 201}, "d from r", "only in a corner"),
    ({"r": ".278", "ci": (".256", ".299"), "p": "<.0001", "d": ".579"}, "d from r", "consistent"),
    ({"r": ".19", "k": "28", "N": "2419", "ci": (".13", ".25"), "d": "0.39", "I2": "64.19%",
      "p": "<.01"}, "CI symmetric", "consistent"),
    ({"r": ".26", "k": "55", "z": "6.54", "Q": "260.84", "Q_df": "54", "Q_p": "<.001",
      "I2": "79.3%"}, "I2 from Q", "consistent"),
    ({"r": ".24", "z": "3.06", "ci": (".09", ".39"), "p": ".002", "k": "3", "N": "148"},
     "p from z", "consistent"),
    ({"r": ".24", "ci": (".12", ".36"), "p": ".003", "k": 16, "N": 863}, "p from CI",
     "only under a convention"),
    ({"r": ".106", "se": "0.109", "ci": ("-.124", ".327"), "k": 5, "effects": 17}, "CI and SE",
     "only under a convention"),
    ({"r": ".26", "k": "24", "N": "1,416", "z": "8.13", "p": "<.005", "ci": ".33, .20"},
     "limits in order", "only under a convention"),
]  # fmt: skip


def one(found: Any, code: str) -> Any:
    return next(finding for finding in found.findings if finding.code == code)


@pytest.mark.parametrize(("row", "code", "verdict"), PUBLISHED)
def test_published_figures(row: dict[str, Any], code: str, verdict: str) -> None:
    found = mr.check(row)
    assert one(found, code).verdict == verdict
    assert not [f for f in found.findings if f.verdict == "impossible"]


def test_the_corner_of_the_often_quoted_pair() -> None:
    finding = one(mr.check(r=".28", d=".57"), "d from r")
    assert finding.share == pytest.approx(0.13, abs=0.005)
    assert not finding.needs_answer


def test_i2_by_both_definitions() -> None:
    """REML on the data of Molloy 2014: I2 is 60.7 % from Q and 61.7 % from tau2."""
    given = {"Q": "38.16", "k": 16}
    assert one(mr.check(I2="60.7%", **given), "I2 from Q").verdict == "consistent"
    other = one(mr.check(I2="61.7%", **given), "I2 from Q")
    assert other.verdict == "only under a convention"
    assert not other.needs_answer
    assert "tau2" in other.passes_under[0]
    assert one(mr.check(I2="61.7%", estimator="DL", **given), "I2 from Q").verdict == "impossible"


def test_a_standard_error_on_the_scale_of_the_ratio() -> None:
    """ln 2 = .693 with SE .25 is printed as OR = 2.00, SE 0.50 by programs that carry it over."""
    row = {"OR": "2.00", "ci": ("1.23", "3.26"), "z": "2.77", "p": ".006"}
    assert mr.check(se="0.25", **row).findings[0].verdict == "consistent"
    carried = mr.check(se="0.50", **row)
    assert carried.ok
    assert {finding.code for finding in carried.remarks} == {"z from SE", "CI and SE"}
    assert one(mr.check(se="0.90", **row), "z from SE").verdict == "impossible"


TEXT = (
    "The weighted mean r was .24 (95% CI [.12, .36]), k = 16, z = 3.9, p < .001; Q(15) = 38.2, "
    "p = .03, I2 = 61%. Of the 21 authors, 64% (13/21) answered."
)


def test_a_text_with_two_mistakes() -> None:
    found = mr.check(TEXT)
    assert {finding.code for finding in found.problems} == {"p of Q", "percent of count"}
    for finding in found.problems:
        lead = finding.figures[0]
        assert lead.printed.text.strip("% ") in TEXT[lead.start : lead.end]
    letter = found.letter()
    assert "2 points" in " ".join(letter.split())
    assert "64%" in letter
    assert letter.endswith("?")


def test_two_effects_of_different_things_are_not_conversions() -> None:
    found = mr.check("We found r = .31 for alliance, whereas feedback had d = .22 (k = 12).")
    assert "d from r" not in {finding.code for finding in found.findings}


def test_words_of_the_text_set_conventions() -> None:
    apart = "d = .40, 95% CI [.31, .60]"
    assert not mr.check(apart).ok
    assert mr.check(f"{apart} (bootstrap interval)").ok


def test_nothing_to_check() -> None:
    for what in ("", "no figures here", {}, [], pd.DataFrame(), "k = 201 studies"):
        found = mr.check(what)
        assert found.ok
        assert all(finding.alone for finding in found.findings)
        assert "Nothing to check" in str(found)
        assert "none" in found.letter()


def test_a_less_sure_reading_makes_a_less_sure_finding() -> None:
    sure = one(mr.check(z="1.96", p=".50"), "p from z")
    assert sure.sure == "certain"
    doubtful = one(mr.check("I2 = 61%, p = .50, Q(15) = 38.2"), "p of Q")
    assert SURE.index(doubtful.sure) > SURE.index("certain")


def test_all_ways_in_say_the_same() -> None:
    row = {"r": ".24", "ci_low": ".12", "ci_high": ".36", "k": "16", "z": "5.9"}
    ways: list[Any] = [row, [row], pd.DataFrame([row]), {**row, "ci": "[.12, .36]"}]
    told = [{(f.code, f.verdict, f.what) for f in mr.check(way).findings} for way in ways]
    told.append({(f.code, f.verdict, f.what) for f in mr.check(**row).findings})
    assert all(each == told[0] for each in told)
    named = mr.check(estimate=".24", metric="r", ci=(".12", ".36"), k=16, z="5.9")
    assert {(f.code, f.verdict) for f in named.findings} == {(c, v) for c, v, _ in told[0]}


def test_a_table_with_headings_of_its_own() -> None:
    table = pd.DataFrame({
        "Study": ["A 2001", "B 2002", "Total"],
        "Effect": ["0.50", "0.20", "0.38"],
        "95% CI": ["[0.30, 0.70]", "0.00 to 0.40", "[0.20, 0.55]"],
        "I2": [None, None, "77.3"],
        "Comment": ["x", "y", "z"],
    })  # fmt: skip
    found = mr.check(table)
    assert found.groups[-1]["I2"].printed.text == "77.3%"
    assert found.unread == ("column 'Comment'",)
    assert found.ok


def test_verdicts_and_frames() -> None:
    found = mr.check(TEXT)
    frame = found.to_frame()
    assert set(frame.verdict) <= set(VERDICTS)
    assert list(frame.needs_answer) == sorted(frame.needs_answer, reverse=True)
    assert set(found.not_made).isdisjoint(frame.code)
    assert repr(found).startswith("<Checked")


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"taux2": ".02"}, "Did you mean 'tau2'"),
        ({"r": 0.24}, r"in quotes, so that its digits are kept; got 0\.24"),
        ({"r": [1]}, "`r` must be a figure as printed"),
        ({"metric": "rr2", "estimate": ".2"}, "`metric` must be one of"),
        ({"tails": "three", "p": ".2"}, "`tails` must be one of 'one', 'two'"),
        ({"estimator": 3, "p": ".2"}, "`estimator` must be a word"),
    ],
)
def test_what_is_refused(given: dict[str, Any], match: str) -> None:
    with pytest.raises(mr.InputError, match=match):
        mr.check(**given)


def test_wrong_things_are_refused() -> None:
    with pytest.raises(mr.InputError, match="`what` must be a text, a mapping"):
        mr.check(3)
    with pytest.raises(mr.InputError, match="either one thing"):
        mr.check("r = .2", r=".2")
    with pytest.raises(mr.InputError, match=r"got 0\.24"):
        mr.check(pd.DataFrame({"r": [0.24]}))


def test_samples_of_the_rows_add_up_to_the_total() -> None:
    rows: list[dict[str, Any]] = [{"study": "a", "n": 40}, {"study": "b", "n": 60}]
    assert mr.check([*rows, {"study": "total", "N": 100}]).ok
    assert one(mr.check([*rows, {"study": "total", "N": 120}]), "sum of N").needs_answer


def test_counts_may_be_numbers() -> None:
    assert mr.check(k=16, Q_df=15, Q="38.2").ok
    assert mr.check(pd.DataFrame({"k": [16.0, None], "Q": ["38.2", None]})).ok


@pytest.mark.parametrize(
    ("r", "d"), [(".28", ".57"), (".28", ".58"), (".28", ".20"), (".28", ".85"), ("-.31", "-.65")]
)
def test_conversions_agree_with_compatible(r: str, d: str) -> None:
    """Two engines over one register of rules: what is impossible to one is so to the other."""
    by_rule = mr.compatible(r, "r", d, "d").verdict
    assert (one(mr.check(r=r, d=d), "d from r").verdict == "impossible") == (
        by_rule == "impossible"
    )


def test_cut_digits_and_another_convention_are_a_question_not_an_impossibility() -> None:
    """An honest Knapp–Hartung interval of two raw correlations, all of its digits cut off."""
    found = mr.check(r="-0.14", ci=("-2.53", "2.23"), k=2, p="0.572")
    finding = one(found, "p from CI")
    assert finding.verdict == "only under a convention"
    assert finding.needs_answer


def test_two_departures_together_need_an_answer() -> None:
    """t is 2.4 here: p = .30 needs one degree of freedom and digits that were not rounded."""
    found = mr.check("b = −0.12, SE = 0.05, p = .30")
    assert one(found, "p from SE").needs_answer


def test_columns_that_are_there_twice_are_refused() -> None:
    frame = pd.DataFrame([[".28", ".31"]], columns=["r", "r"])
    with pytest.raises(mr.InputError, match=r"`what` must have each column once; it has 'r'"):
        mr.check(frame)


@pytest.mark.parametrize(
    "text",
    [
        "Sensitivity was 0.26 (95% CI 0.12 to 0.47).",
        "The proportion was 0.62 (95% CI 0.41 to 0.79).",
    ],
)
def test_intervals_of_proportions_are_symmetric_on_the_logit_scale(text: str) -> None:
    assert one(mr.check(text), "CI symmetric").verdict == "consistent"


def test_a_corner_of_one_usual_scale_is_none_where_another_fits() -> None:
    found = one(mr.check("pooled sensitivity 0.85 (95% CI 0.78-0.90)"), "CI symmetric")
    assert found.verdict == "consistent"
    assert found.share > 0.2


@pytest.mark.parametrize(
    ("figures", "codes"),
    [
        ({"Q": "38.2", "df": 15, "I2": "10%", "p": ".40"}, {"p of Q", "I2 from Q"}),
        ({"Q_between": "4.3", "df": 1, "p": ".004"}, {"p between"}),
        ({"Q": "38.2", "df": "15", "p_value": ".40"}, {"p of Q"}),
    ],
)
def test_df_and_p_beside_q_alone_are_its_own(figures: dict[str, Any], codes: set[str]) -> None:
    found = mr.check(**figures)
    assert {finding.code for finding in found.problems} == codes
    assert "is taken for" in found.notes[0]
    assert found.notes[0] in " ".join(str(found).split())


def test_df_and_p_beside_q_and_an_effect_are_the_effects_which_is_said() -> None:
    found = mr.check(r=".24", ci=(".12", ".36"), Q="38.2", p="<.001")
    assert "p of Q" not in {finding.code for finding in found.findings}
    assert found.notes == ("p is taken for that of the effect; if it is Q's, name it Q_p.",)
    assert not mr.check(r=".24", ci=(".12", ".36"), p="<.001").notes


@pytest.mark.parametrize("name", ["manuscript.docx", "paper.pdf", "old.doc", "rows.csv"])
def test_the_name_of_a_file_is_not_taken_for_a_text(name: str) -> None:
    with pytest.raises(mr.InputError, match=f"not the name of a file; got '{name}'"):
        mr.check(name)
    with pytest.raises(mr.InputError, match="not the name of a file"):
        mr.check(Path(name))


def test_a_correlation_may_be_called_so() -> None:
    assert mr.check(corr=".24", ci=(".12", ".36")).groups[0].metric == "r"
