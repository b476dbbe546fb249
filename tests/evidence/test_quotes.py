"""What secondary sources print, held against the primary figures."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import metarel as mr
from metarel.evidence._compare import (
    QUOTE_VERDICTS,
    compare,
    compare_numbers,
    control_rate,
    inner_conversion,
)
from metarel.evidence._readings import read_number
from metarel.evidence._records import EvidenceFigure, base
from metarel.evidence.quotes import COMPARABLE, Quote

QUOTES = mr.evidence().quotes


def quote(element: str, quantity: str, source: str = "odonovan", part: str = "") -> Quote:
    return next(
        q
        for q in QUOTES.of(element, quantity)
        if (q.figure.source, q.figure.part) == (source, part)
    )


def figure(quantity: str, printed: str) -> EvidenceFigure:
    return replace(base().figures[0], quantity=quantity, printed=printed)


def said(quoted: tuple[str, str], primary: tuple[str, str]) -> tuple[str, str]:
    outcome = compare(figure(*quoted), figure(*primary))
    return outcome.verdict, outcome.remark


def test_every_quoted_figure_is_there_once() -> None:
    secondary = [f.id for f in base().figures if f.kind == "secondary"]
    assert sorted(q.figure.id for q in QUOTES.items) == sorted(secondary)
    assert sum(QUOTES.counts.values()) == len(secondary) == 253


def test_whatever_has_a_primary_row_is_compared() -> None:
    """Looked for here row by row, without the index of the package."""
    primary = [f for f in base().figures if f.kind == "primary"]
    for q in QUOTES.items:
        f = q.figure
        quantities = COMPARABLE.get(f.quantity, (f.quantity,))
        found = [
            p
            for p in primary
            if (p.element, p.part) == (f.element, f.part)
            if p.quantity in quantities
            if (p.review == f.review if f.review else p.edition == f.edition)
        ]
        assert (q.primary is not None) or not found, q
        assert (q.reason == "") == (q.primary is not None)


def test_alliance() -> None:
    r, d, k = (quote("alliance", quantity) for quantity in ("r", "d", "k"))
    assert (r.verdict, r.primary.printed if r.primary else "") == ("agrees after rounding", ".275")
    assert ".275 is printed .28 (half-up)" in r.remark
    assert "(50 %)" in r.remark
    assert d.verdict == "agrees by conversion"
    assert "d of .275 is 0.572" in d.remark
    assert "d of .28, the r that the source itself prints, is 0.583 and is printed .58" in d.remark
    assert "[0.275, 0.27631) (13 %)" in d.remark
    assert (k.verdict, k.gap) == ("differs", 11)
    assert "over 200 reports, which 201 fits" in k.remark
    assert quote("alliance", "N").verdict == "agrees after rounding"


def test_religion() -> None:
    k = quote("religion", "k")
    assert (k.figure.printed, k.verdict, k.gap) == ("29", "differs", -17)
    assert "51 samples" in k.remark
    assert "quoted beside N 3,290, which the review prints" in k.remark
    assert quote("religion", "N").verdict == "agrees"
    for part in ("psychological, vs alternate", "spiritual, vs alternate"):
        assert quote("religion", "d", part=part).verdict == "agrees"


def test_a_third_less_likely() -> None:
    ratio = quote("preferences", "ratio", part="dropout")
    assert ratio.primary is not None
    assert ratio.primary.printed == ".59"
    assert ratio.verdict == "only in a corner"
    assert "41 % lower odds" in ratio.remark
    assert "1/1.79 = 0.559" in ratio.remark


@pytest.mark.parametrize("odds_ratio", [0.585, 0.59, 0.595])
def test_the_control_rate_is_that_of_the_conversion(odds_ratio: float) -> None:
    rate = control_rate(odds_ratio, 2 / 3)
    assert mr.convert(odds_ratio, "or", "rr", control_rate=rate) == pytest.approx(2 / 3, rel=1e-12)


def test_kolden_and_farber() -> None:
    for element, printed in (("congruence", "0.24"), ("positive-regard", "0.27")):
        found = quote(element, "r", "maassen2020")
        assert (found.figure.printed, found.verdict) == (printed, "agrees")
    assert quote("culture", "k", "table2013").verdict == "agrees"
    benish = next(q for q in QUOTES.of("culture", "k") if q.figure.printed == "59")
    assert (benish.verdict, benish.remark) == ("no primary figure", "Maassen et al. 2020 has 21")


def test_signs_and_copies() -> None:
    anxiety = quote("attachment", "d", part="anxiety")
    assert (anxiety.verdict, anxiety.remark) == ("agrees", "also printed: -.46")
    assert quote("attachment", "d", part="avoidance").verdict == "no primary figure"


def test_verdicts_and_their_counts() -> None:
    for source in ("findings2011", "norcross2014"):
        for element in ("alliance", "empathy", "collaboration"):
            assert quote(element, "verdict", source).verdict == "agrees"
        assert quote("reactance", "verdict", source).verdict == "no primary figure"
        counted = quote("task-force", "n_demonstrably_effective", source, "relationship")
        assert (counted.verdict, counted.primary.printed if counted.primary else "") == (
            *("agrees", "6"),
        )
    nine = quote("task-force", "n_demonstrably_effective", "mcinnes2018", "relationship")
    assert (nine.figure.printed, nine.verdict) == ("nine", "agrees")


@pytest.mark.parametrize(
    ("quoted", "primary", "verdict"),
    [
        (("r", "0.24"), ("r", ".24"), "agrees"),
        (("r", ".240"), ("r", ".24"), "agrees"),
        (("r", ".28"), ("r", ".275"), "agrees after rounding"),
        (("r", ".27"), ("r", ".275"), "agrees after rounding"),
        (("r", ".2751"), ("r", ".275"), "agrees after rounding"),
        (("r", ".29"), ("r", ".275"), "differs"),
        (("r", "-.24"), ("r", ".24"), "differs"),
        (("d", ".57"), ("r", ".275"), "agrees by conversion"),
        (("d", ".57"), ("r", ".28"), "only in a corner"),
        (("d", ".46"), ("r", ".28"), "agrees by conversion"),
        (("d", ".90"), ("r", ".28"), "differs"),
        (("r", ".12"), ("d", ".24"), "agrees by conversion"),
        (("g", "0.32"), ("d", ".32"), "agrees"),
        (("N", "15,000"), ("N", "more than 14,000"), "agrees"),
        (("N", "13,000"), ("N", "more than 14,000"), "differs"),
        (("ci", ".25, .30"), ("ci", ".25–.30"), "agrees"),
        (("ci", ".25, .31"), ("ci", ".25–.30"), "differs"),
        (("words", "no difference"), ("words", "not superior"), "words beside words"),
        (("size_label", "medium"), ("size_label", "medium-size"), "agrees"),
        (("verdict", "probably effective"), ("verdict", "demonstrably effective"), "differs"),
        (("verdict", "it seems"), ("verdict", "demonstrably effective"), "words beside words"),
        (("ratio", "much"), ("or", ".59"), "words beside words"),
        (("ratio", "about half as likely"), ("or", ".59"), "differs"),
    ],
)
def test_pairs(quoted: tuple[str, str], primary: tuple[str, str], verdict: str) -> None:
    assert said(quoted, primary)[0] == verdict


def test_remarks() -> None:
    assert "only truncated" in said(("r", ".27"), ("r", ".275"))[1]
    assert "dichotomised" in said(("d", ".46"), ("r", ".28"))[1]
    assert said(("r", "-.24"), ("r", ".24"))[1] == "the same but for the sign"
    assert said(("r", ".29"), ("r", ".275"))[1] == "by 0.015 more"
    assert "a g here, a d in the review" in said(("g", "0.32"), ("d", ".32"))[1]
    assert inner_conversion(figure("d", ".58"), figure("r", ".28")) == ""
    assert "needs" not in inner_conversion(figure("d", ".90"), figure("r", ".28"))


@pytest.mark.parametrize("text", [".28", ".275", "190", ">14,000", "<.001"])
def test_a_number_agrees_with_itself(text: str) -> None:
    read = read_number(text)
    assert read is not None
    assert compare_numbers(read, read).verdict == "agrees"


def test_text_frame_and_json() -> None:
    text = str(QUOTES)
    assert max(len(line) for line in text.splitlines() if "http" not in line) <= 80
    for q in QUOTES.compared:
        assert q.figure.printed in " ".join(text.split())
    assert " ".join(text.split()).startswith(QUOTES.summary())
    frame = QUOTES.to_frame()
    assert len(frame) == 253
    assert set(frame["verdict"]) <= set(QUOTE_VERDICTS)
    plain = json.loads(json.dumps(QUOTES.to_dict()))
    assert plain["counts"] == QUOTES.counts
    assert "253 quoted figures: 70 agree, " in repr(QUOTES)


def test_the_short_text_has_the_counts_and_what_does_not_go_together() -> None:
    text = QUOTES.to_text(every=False)
    assert " ".join(text.split()).startswith(QUOTES.summary())
    assert [q.verdict for q in QUOTES.notable].count("differs") == 2
    assert text.count(": differs;") == 2
    assert len(text.splitlines()) < 25


def test_quotes_of_a_part_of_the_map() -> None:
    some = mr.evidence(["religion", "culture"]).quotes
    assert {q.figure.element for q in some.items} == {"religion", "culture"}
    with pytest.raises(mr.InputError, match=r"`quantity` must be one of"):
        some.of("religion", "t")
    with pytest.raises(mr.InputError, match=r"Did you mean 'religion'"):
        some.of("religon")
