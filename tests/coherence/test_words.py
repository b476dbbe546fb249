"""What is printed: sections that mean what they say, whole letters, lines of 80 columns."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import metarel as mr

TWO = (
    "Overall effect: the pooled risk ratio was 0.75 (95% CI [0.62, 0.91]), P = 0.4, k = 17; "
    "Q(15) = 38.2, P = .03, I2 = 62%; 64% (13/21) answered."
)
LONG = [f"g = 0.{i}0, 95% CI [0.{i}0, 0.{i}5], Q({i}) = 3{i}.2, p = .03, I2 = 4%" for i in (1, 2)]
LONE = "I2 = 61%, Q(15) = 38.2; tau2 = .04"


def test_sections_say_what_their_findings_are() -> None:
    text = str(mr.check(TWO))
    never, rest = text.split("\nCannot be true:\n")[1].split("\nTrue only if")
    assert "- p of Q" in never
    assert "- df of Q" in rest.split("Worth knowing")[0]
    assert "I2 from Q" in rest.split("Worth knowing")[1]
    for word in ("certain", "likely", "possible)", "1 units of"):
        assert word not in text
    assert "further checks need figures that are not given." in text


@pytest.mark.parametrize(
    ("figures", "far"),
    [
        ({"z": "1.96", "p": ".50"}, "(44 units of the last digit beyond rounding)"),
        ({"k": 17, "Q": "20.1", "Q_df": 50}, "(differs by 34)"),
        (
            {"I2": "16%", "Q": "38.2", "k": 16, "estimator": "DL"},
            "(44 units of the last digit beyond rounding)",
        ),
        ({"d": ".40", "se": ".10", "z": "12.0"}, "(77 units of the last digit beyond rounding)"),
    ],
)
def test_how_far_a_figure_is_beyond_rounding_is_said_in_units_of_its_last_digit(
    figures: Any, far: str
) -> None:
    assert far in mr.check(**figures).problems[0].what


def test_how_sure_an_impossibility_is() -> None:
    by_custom = mr.check("The effect was RR 0.75 (95% CI [0.62, 0.91]), P = 0.4.").problems[0]
    assert by_custom.doubt == "by any method known to be in use"
    assert mr.check(z="1.96", p=".50").problems[0].doubt == ""


@pytest.mark.parametrize("text", [TWO, *LONG, LONE, "no figures"])
def test_lines_are_short(text: str) -> None:
    found = mr.check(text)
    assert max(map(len, str(found).splitlines())) < 80
    assert max(map(len, found.letter().splitlines())) <= 78


def test_a_long_text_says_where() -> None:
    words = "Of all the studies that we found some were large and others were not. " * 12
    found = mr.check(f"{words}\n\nThe p-value was wrong, z = 1.96, p = .50.")
    assert "“The p-value was wrong, z = 1.96, p = .50”" in str(found)
    assert "“" not in str(mr.check("The p-value was wrong, z = 1.96, p = .50."))
    assert found.to_frame().loc[0, "quote"].endswith("p = .50")


def test_figures_that_stand_alone_are_named() -> None:
    found = mr.check("The mean was d = .40 (95% CI [.20, .60]), I2 = 61%, k = 12.")
    assert [figure.printed.text for figure in found.lone] == ["61%", "12"]
    said = "Read, but held against nothing: I2 = 61%, k = 12."
    assert said in str(found)
    assert said in " ".join(found.letter().split())
    assert found.to_dict()["lone"][0] == {"name": "I2", "printed": "61%"}
    assert "held against nothing" not in str(mr.check(z="1.96", p=".05"))


def test_q_whose_df_alone_were_held_is_named_without_them() -> None:
    assert "held against nothing: Q = 30.1." in str(mr.check("Q(12) = 30.1, k = 14"))


def test_the_letter_numbers_its_points_each_with_its_question() -> None:
    letter = mr.check(TWO).letter()
    points = letter.split("\n\n")
    assert [point[:2] for point in points[1:]] == [f"{i}." for i in range(1, len(points))]
    assert all(point.rstrip().endswith("?") for point in points[1:])
    assert letter.count("RR = 0.75 [0.62, 0.91]") == 1
    assert "as well" not in letter  # limits alone say no more than the estimate with its limits
    assert "0.0500 to 1.0000" not in letter


def test_the_letter_names_a_result_once() -> None:
    table = [
        {"group": "adults", "k": 10, "Q": "12.1", "Q_df": 19, "Q_p": ".90", "I2": "80%"},
        {"group": "children", "k": 6, "Q": "5.0"},
    ]
    letter = mr.check(table).letter()
    assert letter.count("adults:") == 1
    assert "Also there: " in letter


def test_a_bound_of_all_that_a_figure_can_be_is_a_bound() -> None:
    found = mr.check(ci=("0.20", "0.60"), p=".40", d=".40")
    said = next(f for f in found.problems if f.code == "CI and p").what
    assert said.startswith(
        "p = .40 is printed, but CI [0.20, 0.60] leaves out 0, so that p is below"
    )


def test_the_frame_has_places() -> None:
    frame = mr.check(TWO).to_frame()
    assert list(frame.columns[-2:]) == ["where", "quote"]
    assert isinstance(frame, pd.DataFrame)


def test_all_groups_may_be_asked_for() -> None:
    found = mr.check(". ".join(f"Outcome {i}: z = 1.9{i % 10}, p = .05" for i in range(15)) + ".")
    assert "… and 3 more groups." in str(found)
    assert "\n15. " in found.to_text(all_groups=True)


def test_the_letter_says_where(tmp_path: Any) -> None:
    file = tmp_path / "paper.txt"
    file.write_text(
        "Aims.\n\nThe overall effect was g = .40, z = 1.96, p = .50.\n\nz = 1.96, p = .50."
    )
    letter = mr.check(mr.read_document(file)).letter()
    assert "overall effect (paragraph 2): p = .50" in letter
    assert "\n2. paragraph 3: p = .50" in letter


def test_rows_of_a_document_are_not_said_to_stand_alone(tmp_path: Any) -> None:
    file = tmp_path / "paper.html"
    cells = (
        "Group k g CI",
        "A 12 0.55 [0.40;0.70]",
        "B 8 0.30 [0.12;0.48]",
        "Total 20 0.45 [.3;.6]",
    )
    rows = "".join(f"<tr><td>{'</td><td>'.join(row.split())}</td></tr>" for row in cells)
    file.write_text(f"<p>Table 1. Results</p><table>{rows}</table>")
    found = mr.check(mr.read_document(file))
    assert found.groups[0].label.startswith("Table 1")
    assert not found.lone
