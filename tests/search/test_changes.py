"""Slips as arrays: against slips made on strings, one by one; the register; checks of rows."""

from __future__ import annotations

import numpy as np
import pytest

from metarel.search._changes_digits import (
    digit_changed,
    digit_left_out,
    digit_put_in,
    digits_turned,
    on_decimals,
)
from metarel.search._changes_edits import nothing, one_after_the_other
from metarel.search._changes_make import Sheet
from metarel.search.changes import ALL, CHANGES, FEW, ONE, TWO
from metarel.search.changes_evidence import ROW_CHECKS, evidence_of

DIGITS = "0123456789"


def put_in(text):
    return {text[:i] + d + text[i:] for i in range(len(text) + 1) for d in DIGITS}


def left_out(text):
    return {text[:i] + text[i + 1 :] for i in range(len(text))} if len(text) > 1 else set()


def changed(text):
    return {text[:i] + d + text[i + 1 :] for i in range(len(text)) for d in DIGITS}


def turned_round(text):
    return {text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in range(len(text) - 1)}


SLIPS = {
    digit_put_in: put_in,
    digit_left_out: left_out,
    digit_changed: changed,
    digits_turned: turned_round,
}


@pytest.mark.parametrize("slip", SLIPS, ids=lambda f: f.__name__)
def test_slips_are_those_made_on_strings(slip):
    numbers = np.array([1, 7, 8, 10, 11, 48, 100, 113, 505, 990, 1192, 20_000, 77_777])
    found = slip(numbers.astype(float))
    for place, number in enumerate(numbers):
        column = found[np.isfinite(found[:, place]), place]
        expected = {int(text) for text in SLIPS[slip](str(number))} - {int(number)}
        assert set(column.astype(int)) == expected
        if slip in (digit_put_in, digit_left_out):
            assert len(column) == len(expected)  # each once


@pytest.mark.parametrize("slip", SLIPS, ids=lambda f: f.__name__)
def test_slips_keep_the_sign_and_leave_out_what_is_no_number(slip):
    numbers = np.array([-48.0, np.nan, np.inf, 1e15])
    found = slip(numbers)
    np.testing.assert_array_equal(
        found[:, 0], -slip(np.array([48.0, 1.0, 1.0, 1.0]))[: len(found), 0]
    )
    assert np.isnan(found[:, 1:]).all()


def test_a_digit_put_in_and_left_out_again_gives_the_number_back():
    numbers = np.array([8.0, 48.0, 1192.0])
    for place, number in enumerate(numbers):
        longer = digit_put_in(numbers)[:, place]
        longer = longer[np.isfinite(longer)]
        assert (digit_left_out(longer) == number).any(axis=0).all()


def test_decimals_are_whole_numbers_of_their_last_unit():
    values, decimals = np.array([-0.15, 0.5, 0.123456]), np.array([2.0, 1.0, np.nan])
    found = on_decimals(digit_changed, values, decimals)
    first = {round(x, 2) for x in found[:, 0] if np.isfinite(x)}
    assert first == {-0.01 * n for n in ()} | {
        -round(int(text) / 100, 2) for text in changed("15")
    } - {-0.15}
    assert np.isnan(found[:, 2]).all()


WORDS = {
    "r": [0.31, -0.12, 0.45, 0.28, 0.05],
    "z": [0.31, -0.12, 0.45, 0.28, 0.05],
    "d": [0.31, -0.12, 0.45, 0.28, 0.05],
    "g": [0.31, -0.12, 0.45, 0.28, 0.05],
    "t": [1.31, -0.12, 2.45, 1.28, 0.55],
    "n": [60.0, 35.0, 48.0, 120.0, 83.0],
    "n1": [30.0, 20.0, 25.0, 63.0, 41.0],
    "n2": [32.0, 14.0, 24.0, 51.0, 40.0],
    "m1": [10.1, 12.3, 9.8, 11.0, 14.2],
    "m2": [9.0, 11.9, 9.1, 9.4, 13.8],
    "sd1": [2.1, 3.2, 2.8, 3.9, 2.4],
    "sd2": [2.4, 3.0, 2.2, 3.5, 2.7],
    "yi": [1.31, 0.92, 1.45, 1.28, 1.05],
    "ci_low": [1.01, 0.52, 1.15, 0.98, 0.75],
    "ci_high": [1.61, 1.32, 1.75, 1.58, 1.35],
    "sei": [0.15, 0.2, 0.16, 0.14, 0.17],
    "vi": [0.023, 0.04, 0.026, 0.02, 0.029],
    "events1": [12.0, 14.0, 8.0, 30.0, 15.0],
    "events2": [9.0, 10.0, 6.0, 24.0, 11.0],
}
SETS = [
    ("r", "n"),
    ("z", "n"),
    ("d", "n1", "n2"),
    ("g", "n"),
    ("t", "n1", "n2"),
    ("m1", "sd1", "n1", "m2", "sd2", "n2"),
    ("yi", "ci_low", "ci_high"),
    ("yi", "sei", "n1", "n2"),
    ("yi", "vi"),
    ("events1", "n1", "events2", "n2"),
]


def sheet(words):
    columns = {word: np.array(WORDS[word]) for word in words}
    decimals = {w: np.full(5, 0.0 if w.startswith(("n", "events")) else 2.0) for w in words}
    return Sheet(columns, decimals)


def test_every_change_applies_to_some_data():
    idle = {
        code
        for code, change in CHANGES.items()
        if not any(change.make(sheet(words)).count for words in SETS)
    }
    assert not idle


@pytest.mark.parametrize("words", SETS, ids="-".join)
def test_changed_tables_are_what_their_edits_say(words):
    given = sheet(words)
    for change in CHANGES.values():
        edits = change.make(given)
        columns = edits.apply(given.columns)
        for variant in range(0, edits.count, max(edits.count // 7, 1)):
            table = {name: v[variant] if v.ndim == 2 else v for name, v in columns.items()}
            said = edits.differences(variant, given.columns)
            expected = {name: v.copy() for name, v in given.columns.items()}
            for column, row, before, after in said:
                assert before == given.columns[column][row]
                expected[column][row] = after
            for name in table:
                np.testing.assert_array_equal(table[name], expected[name])
            touched = {row for _, row, before, after in said if before != after}
            rows = set(edits.rows[variant][edits.rows[variant] >= 0].tolist())
            assert touched <= rows or change.scope == ALL
            assert len(rows) == {ONE: 1, TWO: 2, ALL: 0}[change.scope]
            assert said or edits.times is not None
            if edits.times is not None:
                assert {int(row) for row in np.flatnonzero(edits.times[variant] != 1)} == rows


@pytest.mark.parametrize("words", SETS, ids="-".join)
def test_parts_of_edits_are_the_edits(words):
    given = sheet(words)
    for change in CHANGES.values():
        edits = change.make(given)
        if edits.count < 3:
            continue
        whole, part = edits.apply(given.columns), edits.part(1, edits.count + 5)
        assert part.count == edits.count - 1
        for name, values in part.apply(given.columns).items():
            np.testing.assert_array_equal(values, whole[name][1:] if values.ndim == 2 else values)


def test_signs_and_arms_are_undone_by_the_same_slip():
    for words, code in ((("r", "n"), "sign"), (SETS[5], "arms"), (SETS[6], "sign")):
        given = sheet(words)
        edits = CHANGES[code].make(given)
        once = {n: v[2] if v.ndim == 2 else v for n, v in edits.apply(given.columns).items()}
        again = CHANGES[code].make(Sheet(once, given.decimals)).apply(once)
        for name, values in again.items():
            np.testing.assert_allclose(
                values[2] if values.ndim == 2 else values, given.columns[name]
            )


def test_a_correlation_beside_means_is_no_effect():
    columns = {**sheet(SETS[5]).columns, "r": np.full(5, 0.5), "n": np.full(5, 30.0)}
    given = Sheet(columns, dict.fromkeys(columns, np.full(5, 1.0)))
    assert CHANGES["sign"].make(given).count == 0
    assert CHANGES["r and z"].make(given).count == 0


def test_nothing_comes_of_nothing():
    assert one_after_the_other([nothing(), nothing()]).count == 0
    assert CHANGES["two left out"].most == FEW


@pytest.mark.parametrize("code", CHANGES)
def test_changes_say_what_they_are(code):
    change = CHANGES[code]
    assert change.prior > 0
    assert change.reason
    assert change.words
    assert change.scope in (ONE, TWO, ALL)


ODD = {
    "limits are uneven": {"ci_high": 1.4},
    "effect is outside its limits": {"yi": 2.0},
    "limits do not go with its sizes": {"n1": 300.0, "n2": 320.0},
    "standard error does not go with its sizes": {"sei": 0.9},
    "variance does not go with its sizes": {"vi": 0.9},
    "standard deviations are far apart": {"sd1": 21.0},
    "effect is huge": {"m1": 90.0},
    "d is huge": {"d": 4.5},
    "g is huge": {"g": -4.5},
    "sizes do not add up": {"n": 600.0},
    "events1 is more than its people": {"events1": 95.0},
    "events2 is more than its people": {"events2": 95.0},
}


@pytest.mark.parametrize("code", ROW_CHECKS)
def test_a_row_check_finds_the_row_made_odd_and_no_other(code):
    check = ROW_CHECKS[code]
    rng = np.random.default_rng(1)
    n1, n2 = (rng.integers(20, 90, 8).astype(float) for _ in range(2))
    effect = rng.uniform(0.2, 0.6, 8)
    error = np.sqrt(1 / n1 + 1 / n2 + effect**2 / (2 * (n1 + n2)))
    columns = {
        "yi": effect, "d": effect, "g": effect, "n1": n1, "n2": n2, "n": n1 + n2,
        "ci_low": effect - 1.96 * error, "ci_high": effect + 1.96 * error, "sei": error,
        "vi": error**2, "m1": effect * 3 + 9, "m2": np.full(8, 9.0), "sd1": np.full(8, 3.0),
        "sd2": np.full(8, 2.8), "events1": n1 / 4, "events2": n2 / 4,
    }  # fmt: skip
    columns = {name: columns[name] for name in check.needs}
    before = evidence_of(columns)
    assert not before.before.any()
    odd = {name: values.copy() for name, values in columns.items()}
    for name, value in ODD[code].items():
        if name in odd:
            odd[name][3] = value
    after = evidence_of(odd)
    row = after.before[[c.code for c in after.checks].index(code)]
    assert row.tolist() == [i == 3 for i in range(8)]
    # and the way back is seen as the contradiction that goes
    tables = {name: values[None, :] for name, values in columns.items()}
    gone, come = after.changed(tables, 1)
    assert gone.any()
    assert not come.any()


def test_a_check_that_most_rows_fail_says_nothing():
    columns = {name: np.array(WORDS[name]) for name in ("yi", "sei", "n1", "n2")}
    assert "standard error does not go with its sizes" not in [
        check.code for check in evidence_of({**columns, "sei": columns["sei"] * 9}).checks
    ]
