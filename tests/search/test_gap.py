"""Slips planted in tables are found again, honest tables have no gap, and chance is told."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from metarel.data.catalog import load_dataset
from metarel.errors import InputError
from metarel.search.changes import ALL, CHANGES
from metarel.search.evaluate import evaluate
from metarel.search.figures import read_figures
from metarel.search.gap import explain_gap
from metarel.search.gap_result import (
    BETTER,
    NO_GAP,
    NOT_EXPLAINED,
    OTHER_ANALYSIS,
    ROUNDING,
    WEAK,
)
from metarel.search.gap_search import leading, sheet_of, try_all
from metarel.search.kinds import KINDS
from metarel.search.table import StudyTable, study_table

K = 7
QUANTITIES = ("estimate", "ci_low", "ci_high", "Q", "k")


def printed_table(kind, seed=2, k=K, above=0.0):
    """Return studies of any kind, with the digits of a printed table."""
    rng = np.random.default_rng(seed)
    n1, n2 = (rng.choice(np.arange(21, 98), k, replace=False).astype(float) for _ in range(2))
    y = rng.uniform(0.12, 0.58, k).round(2) + above
    se = rng.uniform(0.11, 0.24, k).round(2)
    columns = {
        "r": y, "z": y, "d": y, "g": y, "t": (3 * y).round(2), "n": n1 + n2, "n1": n1, "n2": n2,
        "m1": (12 + 3 * y).round(1), "m2": rng.uniform(11, 12, k).round(1),
        "sd1": rng.uniform(2, 3, k).round(1), "sd2": rng.uniform(3.1, 4, k).round(1),
        "yi": y, "sei": se, "vi": (se**2).round(3), "ci_low": (y - 2 * se).round(2),
        "ci_high": (y + 2 * se).round(2), "events1": rng.integers(11, 19, k).astype(float),
        "events2": rng.integers(2, 10, k).astype(float), "non_events1": n1, "non_events2": n2,
    }  # fmt: skip
    if kind == "change":
        columns |= {"r": rng.uniform(0.4, 0.7, k).round(2), "n": n1}
    declared = KINDS[kind]
    optional = ("n1", "n2") if "n1" in declared.optional else ()
    words = {word: columns[word] for word in (*declared.columns, *optional)}
    return study_table(None, kind=kind, **words)


def mistaken(table, edits, variant):
    """Return the table after a slip, rows dropped and repeated by hand."""
    columns = {name: values.copy() for name, values in table.columns.items()}
    for column, row, _, after in edits.differences(variant, table.columns):
        columns[column][row] = after
    times = np.ones(table.k) if edits.times is None else edits.times[variant]
    rows = [row for row in range(table.k) for _ in range(int(times[row]))]
    return StudyTable(
        kind=table.kind,
        columns={name: values[rows] for name, values in columns.items()},
        digits={name: values[rows] for name, values in table.digits.items()},
        labels=tuple(table.labels[row] for row in rows),
        measure=table.measure,
        scale=table.scale,
    )


def figures_of(table, specification, digits=4):
    """Return what an article prints of a table."""
    numbers = evaluate([specification], table)
    given = {name: float(numbers[name][0]) for name in QUANTITIES}
    texts = {name: f"{x:.{0 if name == 'k' else digits}f}" for name, x in given.items()}
    printed = {
        "estimate": texts["estimate"], "ci": (texts["ci_low"], texts["ci_high"]),
        "Q": texts["Q"], "k": texts["k"],
    }  # fmt: skip
    return printed, given


QUICK = ("r_n", "effect_ci")
KINDS_QUICK_FIRST = [
    kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS
]
CODES_QUICK_FIRST = [
    code if code == "n digit lost" else pytest.param(code, marks=pytest.mark.slow)
    for code in CHANGES
    if code != "two left out"
]


@pytest.mark.parametrize("kind", KINDS_QUICK_FIRST)
def test_every_slip_planted_in_any_kind_of_data_is_found_again(kind):
    table = printed_table(kind)
    analyses = leading(table, {}, None, {"tau2": "DL"})
    tried = try_all(table, analyses[:1], QUANTITIES)
    rng = np.random.default_rng(3)
    planted = 0
    for lot in tried.lots:
        for variant in rng.permutation(lot.edits.count)[:2]:
            place = lot.begin + int(variant)
            if not np.isfinite(tried.values["estimate"][0, place]):
                continue  # the slip leaves a study that no analysis can use
            printed, given = figures_of(mistaken(table, lot.edits, int(variant)), analyses[0])
            for name in QUANTITIES:
                expected = tried.values[name][0, place]
                assert given[name] == pytest.approx(expected, rel=1e-9, abs=1e-10)
            figures = {f.quantity: f for f in read_figures(printed)}
            found, strict, _ = tried.readings(figures)
            assert place in found[strict], (kind, lot.change.code)
            planted += 1
    assert planted >= 10


@pytest.mark.parametrize("code", CODES_QUICK_FIRST)
def test_a_planted_slip_is_among_the_explanations(code):
    for kind in ("r_n", "means", "effect_ci", "effect_se", "d_n1_n2", "z_n", "counts"):
        ratios = "log" in code and kind.startswith("effect")
        table = printed_table(kind, above=1.6 if ratios else 0.0)
        edits = CHANGES[code].make(sheet_of(table))
        if edits.count:
            break
    declared = leading(table, {}, None, {"tau2": "DL"})[0]
    usable = [
        variant
        for variant in range(min(edits.count, 40))
        if np.isfinite(evaluate([declared], mistaken(table, edits, variant))["estimate"][0])
        and evaluate([declared], mistaken(table, edits, variant))["k"][0] >= K - 1
    ]
    variant = usable[len(usable) // 2]
    printed, _ = figures_of(mistaken(table, edits, variant), declared)
    found = explain_gap(table, declared=declared, placebos=0, **printed)
    if found.verdict in (NO_GAP, OTHER_ANALYSIS):
        pytest.fail(f"{code} changes nothing")
    row = int(edits.rows[variant, 0])
    cells = edits.differences(variant, table.columns)
    hit = [
        e
        for e in found.explanations
        if (CHANGES[e.change].scope == ALL or table.labels[row] in e.studies)
        and {(c.column, c.after) for c in e.cells}
        <= {(column, after) for column, _, _, after in cells}
    ]
    assert hit
    assert found.explanations[0].plausibility <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_honest_tables_have_no_gap(kind):
    table = printed_table(kind, seed=4)
    declared = leading(table, {}, None, None)[0]
    printed, given = figures_of(table, declared, digits=2)
    found = explain_gap(table, declared=declared, **printed)
    assert found.verdict == NO_GAP
    assert found.explanations == ()
    assert found.given == pytest.approx(given)
    assert "No gap" in str(found)
    assert math.isnan(found.placebo_rate)


def test_another_analysis_is_named_before_any_slip():
    table = printed_table("r_n")
    common = leading(table, {}, None, {"tau2": "EE"})[0]
    printed, _ = figures_of(table, common)
    found = explain_gap(table, declared={"tau2": "DL"}, **printed)
    assert found.verdict == OTHER_ANALYSIS
    assert "common effect" in found.others[0]
    assert found.others[0] in str(found)


SMALL = {"r": [".31", ".12", ".45", ".28"], "n": [60, 35, 48, 120], "declared": {"tau2": "DL"}}


def test_rounding_comes_before_any_slip():
    found = explain_gap(estimate=".304", **SMALL)
    assert found.verdict == ROUNDING
    assert found.rounding
    assert "the rounding of the study data allows these figures" in str(found)
    exact = {**SMALL, "r": [0.3123457, 0.1212345, 0.4512345, 0.2812345]}
    assert not explain_gap(estimate=".304", **exact).rounding


def test_a_program_names_the_analysis():
    means = {name: printed_table("means").columns[name] for name in KINDS["means"].columns}
    for tau2 in ("DL", "EE"):
        found = explain_gap(
            estimate="0.5", kind="means", software="revman5", declared={"tau2": tau2}, **means
        )
        assert "approximate J" in found.analysis
        assert ("common effect" in found.analysis) == (tau2 == "EE")


FARBER = {"r": "r", "n": "n", "declared": {"tau2": "DL"}}


def farber(**figures):
    return explain_gap(load_dataset("farber2011").studies, **FARBER, **figures)


def test_farber_a_lost_digit_is_found_and_called_weak():
    found = farber(estimate=".27")
    rank = found.rank("Litter (2004)", "n", 48)
    best = found.explanations[rank - 1]
    assert best.change == "n digit lost"
    assert (best.cells[0].before, best.cells[0].after) == (8, 48)
    assert f"{best.gives['estimate']:.3f}" == "0.271"
    assert best.strict
    # many other changes print .27 as well, and nearly any other figure has some too
    assert found.verdict == WEAK
    assert found.competing > 100
    assert found.placebo_any > 0.9
    text = str(found)
    assert "Could be explained, but" in text
    assert "none to call it wrong" in text
    assert rank > 1
    assert found.rank("Litter (2004)", "n", 49) is None
    assert found.rank("Nobody (1999)") is None


def test_farber_with_its_number_of_studies_leaves_none_out():
    found = farber(estimate=".27", k="18")
    assert not {"left out", "two left out", "twice"} & {e.change for e in found.explanations}
    assert found.rank("Litter (2004)", "n", 48) < farber(estimate=".27").rank(
        "Litter (2004)", "n", 48
    )


def test_more_digits_leave_fewer_explanations_and_make_them_stronger():
    table = printed_table("r_n")
    edits = CHANGES["n digit lost"].make(sheet_of(table))
    declared = leading(table, {}, None, {"tau2": "DL"})[0]
    wrong = mistaken(table, edits, 5)
    counts, rates = [], []
    for digits in (2, 3, 4):
        printed, _ = figures_of(wrong, declared, digits)
        found = explain_gap(table, declared=declared, placebos=60, **printed)
        counts.append(len(found.explanations))
        rates.append(found.placebo_any)
    assert counts[0] > counts[-1] >= 1
    assert rates[0] > rates[-1]
    assert found.verdict == BETTER
    assert "Explained better than chance would" in str(found)


def test_that_most_random_figures_are_explained_somehow_is_said():
    found = explain_gap(
        r=[".31", ".12", ".45", ".28"], n=[60, 35, 8, 120], estimate=".30", declared={"tau2": "EE"}
    )
    rare = replace(found, placebos=73, as_well=2, at_all=67)
    assert rare.verdict == BETTER
    assert (
        "Explained better than chance would: of 73 random sets of figures, 2 can be explained as "
        "well (p = 0.04); but 67 have some explanation too." in str(rare)
    )
    assert ", 5 at all." in str(replace(rare, at_all=5))
    assert len(str(found)) < len(found.to_text(every=True))
    assert "  and 30 more (--all)" in found.to_text(rest="--all")
    assert "  and " not in found.to_text(every=True)


def test_a_contradiction_in_the_own_row_speaks_for_a_slip():
    table = printed_table("effect_ci")
    columns = {name: values.copy() for name, values in table.columns.items()}
    columns["yi"][3] = -columns["yi"][3]  # its limits stay
    wrong = StudyTable(table.kind, columns, table.digits, table.labels)
    declared = leading(table, {}, None, {"tau2": "DL"})[0]
    printed, _ = figures_of(table, declared)
    found = explain_gap(wrong, declared=declared, **printed)
    best = found.explanations[0]
    assert best.change == "sign beside limits"
    assert best.studies == ("study 4",)
    assert "limits are uneven" in best.evidence
    assert "its own row speaks for it" in str(found)
    assert "none to call it wrong" not in str(found)


def test_figures_out_of_reach_are_not_explained():
    found = farber(estimate="5.27", ci=("5.11", "5.43"))
    assert found.verdict == NOT_EXPLAINED
    assert found.explanations == ()
    assert "Not explained" in str(found)
    assert found.to_frame().empty


def test_results_in_plain_types_say_the_same():
    found = farber(estimate=".27", k="18")
    told = json.loads(json.dumps(found.to_dict()))
    assert told["verdict"] == found.verdict
    assert len(told["explanations"]) == len(found.to_frame()) == len(found.explanations)
    frame = found.to_frame()
    assert frame["plausibility"].sum() == pytest.approx(1)
    assert frame["rounded"].is_monotonic_decreasing
    assert all(part["plausibility"].is_monotonic_decreasing for _, part in frame.groupby("rounded"))
    assert frame["rank"].tolist() == list(range(1, len(frame) + 1))


def test_the_same_seed_gives_the_same_placebos():
    first, second = (
        farber(estimate=".271", ci=(".16", ".38"), placebos=40, seed=5) for _ in range(2)
    )
    assert (first.placebo_any, first.placebos) == (second.placebo_any, second.placebos)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, "`estimate`, or another printed figure, must be given"),
        ({"estimate": 0.27}, "must be text"),
        ({"estimate": ".27", "declared": {"tau3": "DL"}}, "`declared` must be one of"),
        ({"estimate": ".27", "declared": {"metric": "SMD"}}, "`declared` has metric = 'SMD'"),
        ({"estimate": ".27", "placebos": -1}, "`placebos` must be a whole number"),
        ({"estimate": ".27", "seed": "one"}, "`seed` must be"),
        ({"estimate": ".27", "level": 95}, "`level` must be a fraction"),
        ({"estimate": ".27", "q": "r"}, "`q` is not a word"),
    ],
)
def test_errors(wrong, message):
    with pytest.raises(InputError, match=message):
        explain_gap(load_dataset("farber2011").studies, **{**FARBER, **wrong})


def test_words_beside_a_table_are_refused():
    with pytest.raises(InputError, match="cannot be given beside a StudyTable"):
        explain_gap(printed_table("r_n"), estimate=".27", r="r")


@pytest.mark.slow
def test_random_figures_are_explained_as_often_as_the_placebos_say():
    """The rate stands for figures that nobody made: shift honest figures by a unit or two."""
    explained, told = [], []
    for seed in range(12):
        table = printed_table("r_n", seed=seed, k=15)
        declared = leading(table, {}, None, {"tau2": "DL"})[0]
        value = float(evaluate([declared], table)["estimate"][0])
        shift = np.random.default_rng(seed).choice([-0.004, -0.003, 0.003, 0.004])
        found = explain_gap(table, declared=declared, estimate=f"{value + shift:.3f}", placebos=400)
        explained.append(bool(found.explanations))
        if found.explanations:
            told.append(found.placebo_any)
    assert abs(np.mean(explained) - np.mean(told)) < 0.25
