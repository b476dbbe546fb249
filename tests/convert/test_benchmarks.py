"""Effects of the field: the tables, the constants made from them, and where an effect stands."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import pytest

from metarel import InputError, convert, explain, interpret
from metarel._printed_interval import decimal_interval
from metarel.convert._benchmarks import DISTRIBUTIONS, POOLED

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "benchmarks"
SPEC = importlib.util.spec_from_file_location("make_benchmarks", FOLDER / "make_benchmarks.py")
assert SPEC is not None
assert SPEC.loader is not None
make_benchmarks = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(make_benchmarks)

with (FOLDER / "pooled_effects.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))

#: Reviews that print an r and, beside it, the d of a neighbouring r.
MISMATCHED = {(2018, "cohesion in groups"), (2018, "real relationship")}


def test_constants_are_not_stale():
    assert make_benchmarks.TARGET.read_text(encoding="utf-8") == make_benchmarks.module(), (
        "run python docs/benchmarks/make_benchmarks.py"
    )


def test_one_effect_an_element_and_edition():
    elements = [(row["edition"], row["element"]) for row in ROWS]
    assert len(elements) == len(set(elements))
    assert [(p.edition, len(p.effects)) for p in POOLED] == [(2011, 12), (2018, 15)]
    assert all(0 < effect.on("r") < 1 for pooled in POOLED for effect in pooled.effects)


def test_effects_that_are_no_correlations_are_converted():
    (latest,) = [pooled for pooled in POOLED if pooled.edition == 2018]
    others = {e.element: e for e in latest.effects if e.metric != "r"}
    assert {name: e.metric for name, e in others.items()} == {
        "positive regard": "g",
        "emotional expression": "d",
    }
    assert others["positive regard"].on("d") == 0.28
    assert others["positive regard"].on("r") == convert(0.28, "d", "r")
    assert others["emotional expression"].on("r") == convert(0.85, "d", "r")


@pytest.mark.parametrize("row", [r for r in ROWS if r["d_printed"]], ids=lambda r: r["element"])
def test_printed_d_is_that_of_the_printed_r(row):
    # An r that is a d in truth, or the other way round, would show here.
    found = explain(row["printed"], "r", "d", against=row["d_printed"]).against
    assert found is not None
    assert (found.part is None) == ((int(row["edition"]), row["element"]) in MISMATCHED)


@pytest.mark.parametrize("pooled", POOLED, ids=lambda p: str(p.edition))
@pytest.mark.parametrize("metric", ["d", "r"])
def test_ranks(pooled, metric):
    sizes = pooled.sizes[metric]
    assert list(sizes) == sorted(e.on(metric) for e in pooled.effects)
    for size in (0.0, sizes[0], sizes[4] + 1e-6, sizes[-1], 0.95):
        said = interpret(**{metric: size}).statement(pooled.code)
        reach = 0.005 if size in (0.0, 0.95) else 0.5 * 10.0 ** -len(repr(size).partition(".")[2])
        reach = 0.005 if reach > 0.005 else reach if reach >= 5e-7 else 0.0
        ends = [
            [convert(float(end), e.own, metric) for end in decimal_interval(e.printed)[:2]]
            for e in pooled.effects
        ]
        smaller = sum(high <= size - reach + 1e-9 for _, high in ends)
        larger = sum(low >= size + reach - 1e-9 for low, _ in ends)
        assert said.value == pytest.approx(size, rel=1e-14)
        assert f"larger than {smaller} of the {len(sizes)} pooled effects" in said.meaning
        assert f"smaller than {larger}" in said.meaning
        untold = len(sizes) - smaller - larger
        assert (f"{untold} cannot be told from it" in said.meaning) == (untold > 0)
        assert interpret(**{metric: -size}).value(pooled.code) == said.value


def test_an_effect_is_not_larger_than_itself():
    one = interpret(r=0.28).statement("relationship elements 2018").meaning
    through_d = interpret(d=convert(0.28, "r", "d")).statement("relationship elements 2018").meaning
    assert "is larger than 7 of the 15" in one
    assert "and smaller than 6; 2 cannot be told from it by the digits printed" in one
    assert "is larger than 8 of the 15" in through_d  # where it has the digits of a computation
    assert "and smaller than 6; 1 cannot be told" in through_d


def test_the_median_has_its_own_digits():
    two = [interpret(r=0.28).statement(p.code).meaning for p in POOLED]
    assert "(from 0.22 to 0.56, median 0.265)" in two[0]
    assert "(from 0.12 to 0.39, median 0.278)" in two[1]


@pytest.mark.parametrize(
    ("words", "code", "place"),
    [
        (
            {"r": 0.28},
            "process and outcome in psychotherapy",
            "at or above the 50th percentile (0.26) and below",
        ),
        (
            {"r": -0.12},
            "process and outcome in psychotherapy",
            "is at or above the 25th percentile (0.12) and below",
        ),
        ({"r": 0.05}, "individual differences", "is below the 25th percentile (0.11) of 708"),
        ({"d": 0.57}, "psychotherapy of depression", "above the 50th percentile (0.53) and below"),
        ({"g": 0.9}, "social psychology", "is at or above the 75th percentile (0.65) of 6,447"),
    ],
)
def test_percentiles(words, code, place):
    assert place in interpret(**words).statement(f"percentiles of {code}").meaning


def test_percentiles_stand_on_one_scale_only():
    with pytest.raises(InputError, match="`quantity` must be one of"):
        interpret(d=0.3).value("percentiles of process and outcome in psychotherapy")
    for spread in DISTRIBUTIONS:
        assert list(spread.marks) == sorted(spread.marks)
        assert spread.metric in ("d", "r")


@pytest.mark.parametrize("words", [{"d": -0.57}, {"r": 0.28}])
def test_the_value_of_what_an_effect_is_held_against_is_its_size(words):
    """In one table one column says one thing: |d| or |r|, never a share beside them."""
    found = interpret(**words)
    frame = found.to_frame().set_index("quantity")["value"]
    held = [name for name in frame.index if name.startswith(("|", "relationship", "percentiles"))]
    assert len(held) > 6
    for name in held:
        on_r = "|r|" in name or ("r" in words and not name.startswith("|"))
        assert frame[name] == abs(found.r if on_r else found.d)
