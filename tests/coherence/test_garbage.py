"""Nothing that comes in crashes `check`; what it cannot use it says."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import metarel as mr
from metarel.coherence._figures import FIGURES
from metarel.coherence.check import Checked

SOME = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),  # the first case found is small enough
)
MANY = settings(SOME, max_examples=3000)
PIECES = (
    *("r = .24", "95% CI [.12, .36]", "k = 16", "Q(15) = 38.2", "p < .001", "p = n.s.", "I2 = 61%"),
    *("I² = −5 %", "d = 1e999", "z = -", "tau2 = .00", "62% (13/21)", "OR 0.0", "CI [1, -1]"),
    *("n = 0", "k = 0", "N = 1,192", "F(0, 0) = 3", "t(-3) = 2", "p = .000", "PI: 9 to 8", "r = 1"),
    *("= .5", "( [", "·28", "٣", "\u2212", "=" * 50, "95%", "95% CI", "g =", "\x00", "QB(2)"),
)
texts = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(PIECES), max_size=14).map(", ".join),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=9)), max_size=14).map(" ".join),
)
digits = st.one_of(
    st.from_regex(r"[-−<>≤≥= ]{0,2}[0-9]{0,3}\.?[0-9]{0,4}%?", fullmatch=True),
    st.sampled_from(["n.s.", "", "0", "1", "-1", "100%", ".000", "1e400", "nan", "inf", "9" * 400,
                     "0." + "0" * 330 + "1", "-0.00", "<0", ">1", "<.05", "1,192", ".5 [.1, .9]"]),
    st.text(max_size=8),
)  # fmt: skip
words = st.sampled_from([*FIGURES])
intervals = st.one_of(st.tuples(digits, digits), digits)
mappings = st.tuples(
    st.dictionaries(words, digits, max_size=12),
    st.dictionaries(st.sampled_from(["ci", "pi"]), intervals, max_size=2),
).map(lambda pair: {**pair[0], **pair[1]})
labels = st.one_of(st.sampled_from(["total", "between", "Overall", "a", "b"]), st.text(max_size=5))
rows = st.tuples(mappings, labels).map(lambda pair: {**pair[0], "label": pair[1]})
tables = st.lists(rows, max_size=6)


def answers(found: Checked) -> None:
    """Every result prints, is plain data, and keeps its promises."""
    assert str(found)
    assert found.letter()
    plain = found.to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert len(found.to_frame()) == len(found.findings)
    assert found.ok == (not any(finding.needs_answer for finding in found.findings))
    for finding in found.findings:
        assert finding.needs_answer or finding.verdict != "impossible"
        assert finding.units >= 0


def noise(what: Any) -> None:
    answers(mr.check(what))


@SOME
@given(texts)
def test_texts(text: str) -> None:
    noise(text)


@SOME
@given(mappings)
def test_mappings(row: dict[str, Any]) -> None:
    noise(row)


@SOME
@given(tables)
def test_tables(table: list[dict[str, Any]]) -> None:
    noise(table)
    noise(pd.DataFrame(table, dtype=object))


@pytest.mark.slow
@MANY
@given(texts, mappings, tables)
def test_all_of_them_at_length(text: str, row: dict[str, Any], table: list[dict[str, Any]]) -> None:
    noise(text)
    noise(row)
    noise(table)
