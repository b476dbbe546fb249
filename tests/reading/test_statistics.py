"""Statistics out of prose: styles, places, traps, and how many are right on labelled sentences."""

from __future__ import annotations

import importlib.util
import json
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import metarel as mr
from metarel._format import plain
from metarel.reading._kind import ROLES
from metarel.reading.register import NOUNS, STATISTICS
from metarel.reading.statistics import read_statistics

ROOT = Path(__file__).resolve().parents[2]
#: What numbers of a kind look like, for round trips; the others are decimals of either sign.
NUMBERS = {
    # A bare number from 1800 to 2100 is taken for a year.
    "whole": st.integers(2, 99_999).map(
        lambda n: f"{n:,}" if n % 2 or 1800 <= n <= 2100 else str(n)
    ),
    "share": st.decimals("0", "1", places=2).map(lambda x: f"{x}".replace("0.", ".", x < 1)),
    "positive": st.decimals("0.01", "40", places=2).map(str),
    "any": st.decimals("-0.99", "0.99", places=2).map(str),
}


def benchmark() -> ModuleType:
    """Return the script that scores the corpus."""
    path = ROOT / "benchmarks" / "reading.py"
    spec = importlib.util.spec_from_file_location("benchmark_reading", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCORER = benchmark()


def read(text: str) -> list[str]:
    """Return the readings of a text as labels."""
    return [SCORER.label(one) for one in read_statistics(text)]


@pytest.mark.parametrize(("part", "least"), [("development", 0.99), ("held-out", 0.97)])
def test_corpus(part: str, least: float) -> None:
    precision, recall = SCORER.rates(SCORER.total(SCORER.score(part)[0]))
    assert precision >= least
    assert recall >= least


def test_corpus_labels_are_kinds_and_many() -> None:
    labelled = [row for part in SCORER.PARTS for row in SCORER.sentences(part)]
    assert len(labelled) >= 200
    assert sum(not labels for _, labels in labelled) >= 20
    assert {label.split()[0] for _, labels in labelled for label in labels} <= set(STATISTICS)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("HR 0·28 (0·12–0·36)", ["HR 0.28", "ci 0.12 0.36"]),
        ("95% CI −0.30–−0.05", ["ci -0.30 -0.05 @95"]),
        ("95% CI –.30 – –.05", ["ci -.30 -.05 @95"]),
        ("d (95% CI) = 0.28 (0.12–0.36)", ["d 0.28", "ci 0.12 0.36"]),
        ("(95% confidence interval [CI], 0.12 to 0.36)", ["ci 0.12 0.36 @95"]),
        ("N=27 000 and n=1 200", ["N 27000", "n 1200"]),
        ("F(1, 1,058) = 6.2", ["F 6.2 (1,1,058)"]),
        ("χ2 (2, N=90) = 5.1", ["chi2 5.1 (2) N90"]),
        ("r2 = .08 and T2 = 0.04", ["R2 .08", "tau2 0.04"]),
        ("I2 = 62 (I² = .62)", ["I2 62%", "I2 .62"]),
        ("Effects were d=0.2-0.5; d's between .2 and .5", []),
        ("Version 3.2, pp. 12–18, Table 2, 90-day arm, 20 mg, 1.2.2018", []),
        ("r = 0,28 [0,12; 0,36]", ["r 0.28", "ci 0.12 0.36"]),
    ],
)
def test_styles(text: str, labels: list[str]) -> None:
    assert read(text) == labels


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "no numbers here", "12 apples", "(((", "\x00\ud800"]
)
def test_nothing_is_said_to_be_nothing(text: str) -> None:
    readings = read_statistics(text)
    assert len(readings) == 0
    assert readings.groups == ()
    assert str(readings).startswith("No statistic found in ")
    assert readings.to_frame().empty


@pytest.mark.parametrize("text", [None, 5, b"r = .28", ["r = .28"], float("nan")])
def test_other_things_than_text(text: Any) -> None:
    with pytest.raises(mr.InputError, match=r"`text` must be a str; got"):
        read_statistics(text)


def test_places_are_those_of_the_text_as_given() -> None:
    text = (
        "The e\ufb00ect&nbsp;was <i>r</i>\u2009=\u2009\u2212.31 "
        "(<i>p</i> &lt; .001; het-\nerog. I\u00b2 = 62 %)."
    )
    found = {one.kind: one for one in read_statistics(text)}
    assert all(text[one.start : one.end] == one.text for one in found.values())
    assert found["r"].text == "r</i>\u2009=\u2009\u2212.31"
    assert found["p"].text.endswith("&lt; .001")
    assert found["I2"].text == "I\u00b2 = 62 %"
    assert [number.text for one in found.values() for number in one.printed] == [
        "-.31",
        "<.001",
        "62%",
    ]


def test_results() -> None:
    text = (
        "Across 24 studies the mean was r = .26, 95% CI [.20, .33], p < .005; for families r = .24 "
        "(k = 17, N = 1,081). Heterogeneity was large, Q(16) = 45.3, p < .001, I2 = 64.7%. "
        "Alliance: r = .278 (equivalent to d = .579), k = 295; "
        "dropout (OR = 0.6) and mood (d = 0.3)."
    )
    kinds = [[one.kind for one in group] for group in read_statistics(text).groups]
    assert kinds == [
        ["k", "r", "ci", "p"],
        ["r", "k", "N", "Q", "p", "I2"],
        ["r", "d", "k"],
        ["OR"],
        ["d"],
    ]


def test_tests_between_subgroups_belong_to_none_of_them() -> None:
    text = "Subgroups differed, QB(1) = 6.1, p = .01: "
    text += "CBT (k = 12, g = 0.45) and IPT (k = 8, g = 0.21)."
    kinds = [[one.kind for one in group] for group in read_statistics(text).groups]
    assert kinds == [["Q_between", "p"], ["k", "g"], ["k", "g"]]


def test_heterogeneity_of_the_next_sentence_is_less_sure() -> None:
    alone, after = "Q(12) = 45.3 was found.", "We found r = .28. Then Q(12) = 45.3 was found."
    assert read_statistics(alone)[0].confidence == 1
    joined = read_statistics(after)[1]
    assert (joined.confidence, joined.why) == (0.8, "joined to the result of the sentence before")


def test_impossible_numbers_are_read_with_doubt() -> None:
    one = read_statistics("r = 1.28, p = .03")[0]
    assert (one.confidence, one.why) == (0.5, "1.28 is not a number in [-1, 1]")


def test_results_as_frames_and_plain_data() -> None:
    readings = read_statistics("r(45) = .28, 95% CI [.12, .36], p = .03; 62% (13/21)")
    rows = readings.to_dict()
    assert json.loads(json.dumps(rows)) == rows == plain(rows)
    frame = readings.to_frame()
    assert list(frame["printed"]) == [".28", ".12 to .36", ".03", "13 of 21 (62%)"]
    assert frame["level"].iloc[1] == 0.95
    assert readings[1] in readings
    assert readings[:2] == readings.statistics[:2]
    assert repr(readings) == "<Readings: 4 statistics in 1 result>"


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_a_result(text: str) -> None:
    check_whole(text)


@given(
    st.lists(
        st.sampled_from(
            [
                "r",
                "p",
                "d",
                "g",
                "z",
                "t",
                "F",
                "Q",
                "χ2",
                "I2",
                "τ²",
                "N",
                "n",
                "k",
                "CI",
                "95%",
                "OR",
                "(",
                ")",
                "[",
                "]",
                "=",
                "<",
                ">",
                ",",
                ";",
                ":",
                ".",
                "-",
                "–",
                "−",
                "+",
                "0",
                "1",
                ".28",
                "2.31",
                "1,204",
                "45",
                "%",
                "/",
                "of",
                "to",
                "and",
                "was",
                "studies",
                "patients",
                "df",
                "±",
                "",
                "1e-5",
                "x10",
                "fifty",
                "one",
                "hundred",
                "&lt;",
                "<i>",
                "\n",
                "\xad",
                "·",
                "ns",
            ]
        ),
        max_size=40,
    )
)
@settings(max_examples=200, deadline=None)
def test_noise_that_looks_like_statistics_gives_a_result(pieces: list[str]) -> None:
    check_whole("".join(pieces))
    check_whole(" ".join(pieces))


def check_whole(text: str) -> None:
    """Hold what is true of every result."""
    readings = read_statistics(text)
    members = [one for group in readings.groups for one in group]
    assert sorted(members, key=lambda one: (one.start, one.end)) == list(readings)
    for one in readings:
        assert text[one.start : one.end] == one.text != ""
        assert 0 < one.confidence <= 1
        assert (one.confidence < 1) == bool(one.why)
        assert one.kind in STATISTICS
    assert str(readings)
    json.dumps(readings.to_dict())


def numbers_of(kind: str) -> st.SearchStrategy[str]:
    """Return numbers that a kind can have."""
    domain = STATISTICS[kind].domain
    if domain.whole:
        return NUMBERS["whole"]
    if kind == "percent":
        return st.integers(0, 100).map(lambda n: f"{n}%")
    if domain.high == 1 and domain.low == 0:
        return NUMBERS["share"]
    return NUMBERS["positive" if domain.low == 0 else "any"]


WRITTEN = [(kind.code, style) for kind in STATISTICS.values() for style in kind.written]


@pytest.mark.parametrize(("kind", "style"), WRITTEN)
@given(data=st.data())
@settings(max_examples=4, deadline=None)
def test_what_is_written_is_read_back(kind: str, style: str, data: st.DataObject) -> None:
    count = style.count("{}")
    low_to_high = st.lists(numbers_of(kind), min_size=count, max_size=count)
    numbers = data.draw(low_to_high.map(lambda drawn: sorted(drawn, key=number)))
    signs = data.draw(st.sampled_from(["-", "−"]))
    text = f"We found {style.format(*numbers)} in this."
    readings = read_statistics(text.replace("-0", f"{signs}0"))
    assert [one.kind for one in readings] == [kind], text
    assert [one.text.replace(",", "") for one in readings[0].printed] == [
        one.replace(",", "") for one in numbers
    ]


def number(text: str) -> float:
    """Return the value of a number as the strategies print it."""
    return float(text.replace(",", "").replace("%", ""))


def test_the_register_is_whole() -> None:
    assert {kind.role for kind in STATISTICS.values()} == set(ROLES)
    assert set(NOUNS) <= set(STATISTICS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "(",
        "1,",
        "p<",
        "1",
        " ",
        "\n",
        "-\n ",
        ".",
        ",",
        "r = .",
        "CI [",
        "CI .1 to ",
        "a ",
        "t(1,",
        "<i",
        "&lt;",
        "1 ",
        "1-",
        "one ",
        "one thousand ",
        "1 of 2 ",
        ". A",
        "0.1 (0.1-",
        "*",
        "_",
        "−",
        "correlation between a and b and ",
        "12 big large wide ",
        "weighted mean ",
    ],
)
def test_junk_takes_linear_time(piece: str) -> None:
    """Four times as much takes about four times as long, and a megabyte some seconds."""

    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.process_time()
        assert len(read_statistics(text)) == 0
        return time.process_time() - start

    quarter, whole = seconds(250_000), seconds(1_000_000)
    assert whole < 8 * quarter + 0.5
    assert whole < 15


def test_counts_by_their_nouns_with_a_sign_as_in_cochrane_reviews() -> None:
    text = "RR 2.31, 95% CI 1.87 to 2.85; participants = 1,204; studies = 9; I2 = 34%"
    found = {one.kind: one.numbers for one in read_statistics(text)}
    assert (found["N"], found["k"]) == ("1,204", "9")


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("r̄ = .25, ρ̂ = .31, SDρ = .12", ["r .25", "r .31", "SD .12"]),
        ("the log odds ratio was 0.37; lnRR = 0.20", ["log_ratio 0.37", "log_ratio 0.20"]),
        ("ln(OR) = 0.37 and the natural log of the hazard ratio was −0.20",
         ["log_ratio 0.37", "log_ratio -0.20"]),
        ("an intercept of 1.20; b0 = 0.8; β0 = 0.7",
         ["intercept 1.20", "intercept 0.8", "intercept 0.7"]),
        ("a risk of bias = 3", []),
        ("I²_Level 2 = 20%, I²(3) = 40%", ["I2 20%", "I2 40%"]),
    ],
)  # fmt: skip
def test_kinds_beside_the_usual(text: str, labels: list[str]) -> None:
    assert read(text) == labels


def test_levels_of_a_model_are_labels() -> None:
    text = (
        "I²(2) = 20%, I²_Level 3 = 40%, I²within = 10%; at level 3, τ² = .02; τ² = .03 at level 2"
    )
    found = [(one.kind, one.label, one.confidence) for one in read_statistics(text)]
    assert found == [
        ("I2", "level 2", 1.0),
        ("I2", "level 3", 1.0),
        ("I2", "within", 1.0),
        ("tau2", "level 3", 1.0),
        ("tau2", "level 2", 1.0),
    ]


def test_q_and_what_stands_behind_it_are_one() -> None:
    text = (
        "We found r = .28, p < .001, I² = 60%. Effects varied, Q(15) = 38.2, p = .001, τ² = .01. "
        "Without outliers, Q(13) = 14.1, p = .367, I² = 7.8% (95% CI 0% to 40%)."
    )
    kinds = [[one.kind for one in group] for group in read_statistics(text).groups]
    assert kinds == [["r", "p", "I2", "Q", "p", "tau2"], ["Q", "p", "I2", "ci"]]


def test_heterogeneity_far_away_is_not_of_the_result() -> None:
    near = "We found r = .28. It is small. Q(12) = 45.3."
    far = "We found r = .28. It is small. It is a mean. Others found less. Q(12) = 45.3."
    assert len(read_statistics(near).groups) == 1
    assert len(read_statistics(far).groups) == 2
