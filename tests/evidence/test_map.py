"""The map: what stands in it, what is computed, how it reads, what it refuses."""

from __future__ import annotations

import csv
import json
import math
import re
from pathlib import Path

import pytest

import metarel as mr
from metarel.evidence._cells import Cell
from metarel.evidence._readings import read_pair
from metarel.evidence._records import Element, base
from metarel.evidence._text import HEAD

ROOT = Path(__file__).resolve().parents[2]
MAP = mr.evidence()
CELLS = {(cell.element.code, cell.edition): cell for cell in MAP.cells}


def test_no_figure_is_left_out() -> None:
    assert len(MAP.figures) == len(base().figures) == 841


@pytest.mark.parametrize(
    ("element", "edition", "printed"),
    [
        ("alliance", "2011", {"r": ".275", "k": "190", "N": "more than 14,000"}),
        ("alliance", "2018", {"r": ".278", "d": ".579", "k": "295"}),
        ("congruence", "2011", {"r": ".24", "k": "16", "N": "863", "p": ".003"}),
        ("positive-regard", "2011", {"r": ".27", "k": "18"}),
        ("positive-regard", "2018", {"g": ".28", "k": "64"}),
        ("culture", "2011", {"d": ".46", "k": "65", "N": "8,620"}),
        ("preferences", "2018", {"d": "0.28", "or": "1.79"}),
        ("attachment", "2011", {"d": "-.46", "k": "Fourteen"}),
        ("expectations", "2011", {"d": ".24", "k": "46"}),
    ],
)
def test_cells_hold_what_is_printed(element: str, edition: str, printed: dict[str, str]) -> None:
    cell = CELLS[element, edition]
    assert {quantity: cell.text(quantity) for quantity in printed} == printed


def test_the_map_chooses_the_figures_of_the_benchmarks() -> None:
    """One choice of the pooled effect of an element stands in both places."""
    with (ROOT / "docs" / "benchmarks" / "pooled_effects.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    mapped = {
        (cell.edition, cell.metric, cell.text(cell.metric), cell.text(count)): cell
        for cell in MAP.cells
        for count in ("k", "k_samples")
        if cell.element.family == "relationship"
    }
    for row in rows:
        cell = mapped[row["edition"], row["metric"], row["printed"], row["k"]]
        if row["d_printed"]:
            assert float(cell.text("d")) == float(row["d_printed"])


def test_a_d_is_computed_only_from_a_printed_r_and_is_marked() -> None:
    for cell in MAP.cells:
        assert (cell.d_computed is not None) == bool(cell.text("r") and not cell.text("d"))
    d = CELLS["alliance", "2011"].d_computed
    assert d is not None
    assert (d.value, d.low, d.high) == pytest.approx(
        tuple(2 * r / math.sqrt(1 - r * r) for r in (0.275, 0.2745, 0.2755))
    )
    assert "(0.572)" in str(MAP)
    assert "computed from its r" in str(MAP)
    assert "computed from its r" not in str(mr.evidence("reactance"))


def test_verdicts() -> None:
    verdicts = {key: cell.to_dict()["verdict"] for key, cell in CELLS.items()}
    assert verdicts["alliance", "2011"] == "demonstrably effective"
    assert verdicts["collaboration", "2011"] == "probably effective"
    assert verdicts["countertransference", "2011"] == "promising"
    assert verdicts["goal-consensus-and-collaboration", "2002"] == "demonstrably effective"
    assert verdicts["alliance", "2018"] is None
    assert verdicts["attachment", "2011"] is None  # a talk's words are no verdict
    reactance = CELLS["reactance", "2011"]
    assert reactance.verdict is not None
    assert (reactance.verdict.kind, reactance.verdict.source) == ("secondary", "norcross2014")
    assert "probably†" in str(mr.evidence("coping style"))


@pytest.mark.parametrize("width", [40, 72, 99, 100])
def test_text_keeps_to_its_width(width: int) -> None:
    text = MAP.to_text(width)
    assert max(map(len, text.splitlines())) <= width
    assert "Elements of the relationship" in text
    assert ("verdict" in text.splitlines()[1]) == (width >= 100)


def test_a_table_has_every_cell() -> None:
    lines = str(MAP).splitlines()
    assert len(HEAD) == 9
    starts = [line for line in lines if any(f"  {e}  " in line for e in ("2002", "2011", "2018"))]
    assert len(starts) == len(MAP.cells)
    assert str(mr.evidence("gender identity", edition=2018)).count("–") >= 8


def test_counts_of_the_whole_review_have_a_star() -> None:
    assert "46*" in str(mr.evidence("religion", edition=2011))
    assert "*" not in str(mr.evidence("empathy"))


def test_choosing() -> None:
    adapting = mr.evidence(family="adapting", edition=2018)
    assert {cell.edition for cell in adapting.cells} == {"2018"}
    assert {cell.element.family for cell in adapting.cells} == {"adapting"}
    older = mr.evidence(family="adapting", edition=2011)
    assert "expectations" in {cell.element.code for cell in older.cells}
    assert [e.code for e in mr.evidence(["empathy", "cohesion (group)"]).elements] == [
        "empathy",
        "cohesion",
    ]
    assert not mr.evidence("rigidity").cells


def test_frame_and_json() -> None:
    frame = MAP.to_frame()
    assert len(frame) == len(MAP.cells)
    row = frame.set_index(["element", "edition"]).loc[("congruence", "2011")]
    assert (row["estimate"], row["ci_low"], row["ci_high"]) == (0.24, 0.12, 0.36)
    assert row["dataset"] == "kolden2011"
    assert json.loads(json.dumps(MAP.to_dict()))["figures"] == 841
    assert list(mr.evidence("rigidity").to_frame().columns) == list(frame.columns)


def test_detail_names_every_figure_and_its_place() -> None:
    detail = MAP.element("alliance")
    text = " ".join(str(detail).split())
    assert len(detail.figures) == sum(f.element == "alliance" for f in base().figures)
    assert len(detail.to_frame()) == len(detail.figures)
    pair = re.compile(r"CI (\S+) to (\S+);")
    limits = {end for both in pair.findall(text) for end in both}
    for figure in detail.figures:
        if figure.kind == "primary":
            if figure.quantity == "ci":
                assert {end.text for end in read_pair(figure.printed) or ()} <= limits
            else:
                assert figure.printed in text
            assert figure.seen_at.split()[0] in text
    assert "201" in text
    assert json.loads(json.dumps(detail.to_dict()))["editions"][1]["r"] == ".275"
    assert MAP.element("culture").datasets == ("benish2011",)
    assert MAP.element("congruence/genuineness").element.code == "congruence"
    assert "ElementDetail(empathy: 20 figures)" in repr(MAP.element("Empathy"))


def test_a_figure_that_two_copies_print_alike_stands_once() -> None:
    text = str(MAP.element("alliance"))
    (line,) = (line for line in text.splitlines() if line.startswith("  r .275; k 190"))
    assert line.startswith("  r .275; k 190; CI .25 to .30; p <.0001")
    assert text.count("[.25, .30]") == 1
    assert text.count("CI .25 to") == 1


@pytest.mark.parametrize("code", ["alliance", "religion", "feedback"])
def test_an_element_keeps_to_the_width_but_for_addresses(code: str) -> None:
    lines = MAP.element(code).to_text(60).splitlines()
    assert all(len(line) <= 60 or "http" in line for line in lines)


def test_an_edition_holds_for_what_is_asked_of_its_map() -> None:
    later = mr.evidence("alliance", edition=2018)
    assert {figure.edition for figure in later.figures} == {"2018"}
    detail = later.element("alliance")
    assert {cell.edition for cell in detail.cells} == {"2018"}
    assert "2011" not in str(detail)
    earlier = mr.evidence("alliance", edition=2011)
    assert {q.figure.edition for q in earlier.quotes.items} == {"2011"}
    assert {claim["edition"] for claim in earlier.claims()} == {"2011"}


def test_a_count_that_is_no_whole_number_is_printed_with_a_question() -> None:
    found = mr.evidence("real relationship")
    assert "N 1.502 (printed so; 1,502?)" in " ".join(found.to_text(70).split())
    assert "1.502?" in found.to_text()
    assert "1,502 may have been meant" in " ".join(found.to_text().split())
    assert "(printed so" not in mr.evidence("empathy").to_text(70)
    assert found.to_frame()["N"].tolist() == ["1.502"]


def test_claims_are_what_stands_together() -> None:
    claims = MAP.claims()
    json.dumps(claims)
    kolden = next(c for c in claims if c["review"] == "kolden2011")
    assert kolden["printed"] == {
        **{"r": ".24", "k": "16", "N": "863", "p": ".003"},
        **{"ci_low": ".12", "ci_high": ".36"},
    }
    family = [c for c in claims if c["review"] == "friedlander2011"]
    assert {c["part"]: c["printed"]["ci_low"] for c in family} == {
        **{"": ".20", "family": ".16", "couple": ".25"}
    }
    horvath = [c for c in claims if c["review"] == "horvath2011"]
    assert len(horvath) == 1  # noted from two copies that agree
    primary = {f.printed for f in base().figures if f.kind == "primary"}
    spread = " ".join(primary)
    for claim in claims:
        for text in claim["printed"].values():
            mr.Printed(text)
            assert text.strip(">") in spread or text in ("12", "14")  # counts in words


def test_unknown_words_are_refused() -> None:
    with pytest.raises(mr.InputError, match=r"`element` must be one of .* Did you mean 'alliance'"):
        mr.evidence("aliance")
    with pytest.raises(mr.InputError, match=r"Did you mean 'congruence"):
        MAP.element("congruenc")
    with pytest.raises(mr.InputError, match=r"`element` must be one of"):
        mr.evidence(7)  # type: ignore[arg-type]
    with pytest.raises(mr.InputError, match=r"`edition` must be one of '2002', '2011', '2018'"):
        mr.evidence(edition=2012)
    with pytest.raises(mr.InputError, match=r"`family` must be one of 'relationship', 'adapting'"):
        mr.evidence(family="adaptation")


def test_an_empty_cell_is_empty() -> None:
    cell = Cell(Element("x", "x", "adapting", ()), "2018", "", "")
    assert cell.metric == cell.part == ""
    assert cell.limits is None
    assert cell.d_computed is None
