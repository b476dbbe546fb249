"""Documents: prose and tables held together, places of figures, and what is left unchecked."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import metarel as mr
from metarel.coherence.check import Checked
from metarel.reading.documents import Document, read_document

HEAD = ("Rater", "k", "r", "95% CI")
CLIENT = ("Client", "12", ".30", "[.24, .36]")
THERAPIST = ("Therapist", "13", ".22", "[.14, .20]")
TOTAL = ("Overall", "24", ".27", "[.22, .32]")


def docx_of(path: Path, rows: list[tuple[str, ...]], before: str = "Table 2. By rater") -> Path:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_paragraph("Overall, r = .28, 95% CI [.22, .34].")
    document.add_paragraph(before)
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    document.add_paragraph("Heterogeneity was large, Q(15) = 38.2, p = .30.")
    document.save(str(path))
    return path


def html_of(path: Path, rows: list[tuple[str, ...]]) -> Path:
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    path.write_text(f"<p>We found r = .28.</p><p>Table 2</p><table>{cells}</table><p>End.</p>")
    return path


def codes(found: Checked) -> set[str]:
    return {finding.code for finding in found.problems}


def test_a_table_in_a_word_document_is_held_together(tmp_path: Path) -> None:
    document = read_document(docx_of(tmp_path / "a.docx", [HEAD, CLIENT, THERAPIST, TOTAL]))
    assert [(table.name, len(table.rows)) for table in document.tables] == [("Table 2", 4)]
    table = document.tables[0]
    assert document.text[table.start : table.end].startswith("Rater | k | r")
    assert document.text[table.start : table.end].endswith("[.22, .32]")
    found = mr.check(document)
    assert codes(found) == {"estimate in CI", "CI symmetric", "sum of k", "p of Q"}
    outside = next(f for f in found.problems if f.code == "estimate in CI")
    assert outside.label == "Table 2, Therapist"
    assert outside.figures[0].where == "Table 2, Therapist"
    behind = next(f for f in found.problems if f.code == "p of Q").figures[0]
    assert behind.where == "paragraph 7"
    assert behind.quote == "Heterogeneity was large, Q(15) = 38.2, p = .30"


def test_the_same_table_as_a_frame_says_the_same(tmp_path: Path) -> None:
    document = read_document(docx_of(tmp_path / "a.docx", [HEAD, CLIENT, THERAPIST, TOTAL]))
    frame = document.tables[0].to_frame()
    assert list(frame.columns) == list(HEAD)
    assert codes(mr.check(frame)) == {"estimate in CI", "CI symmetric", "sum of k"}


def test_a_table_of_a_web_page(tmp_path: Path) -> None:
    rows = [("By rater", "", "", ""), HEAD, CLIENT, THERAPIST, TOTAL]
    document = read_document(html_of(tmp_path / "a.html", rows))
    assert document.tables[0].name == "Table 2"
    assert codes(mr.check(document)) == {"estimate in CI", "CI symmetric", "sum of k"}


def test_what_cannot_be_held_together_is_said(tmp_path: Path) -> None:
    rows = [("Database", "Hits"), ("PubMed", "1,204"), ("PsycINFO", "877")]
    found = mr.check(read_document(docx_of(tmp_path / "a.docx", rows, "Databases")))
    assert "Table 1 (1 table was not checked, for too few headings are known" in found.unread[0]
    assert "save as CSV" in str(found).replace("\n", " ")
    pdf = Document("Table 3\nr = .28", (0,), (1,), "a.PDF")
    assert mr.check(pdf).unread == ("tables of a PDF (Table 3): save each as CSV and check that",)


def test_figures_of_a_pdf_know_their_page() -> None:
    text = "We found\n\nr = .28, 95% CI [.30, .34]."
    (group,) = mr.check(Document(text, (0, 10), (1, 2), "a.pdf")).groups
    assert {figure.where for figure in group} == {"p. 2"}
    assert {figure.where for figure in mr.check(text).groups[0]} == {""}


@pytest.mark.parametrize(
    ("head", "rows", "wrong"),
    [
        (
            ("Studie", "r", "95%-KI", "p"),
            [("A", ",30", "[,24; ,36]", "p <,001"), ("B", "0,22", "0,24 bis 0,34", "<,001")],
            {"estimate in CI"},
        ),
        (
            ("Merkmal", "Anzahl Studien", "Effektstärke", "95 %-KI", "I² (%)"),
            [
                ("Klient", "12", "0,30", "[0,24; 0,36]", "0,4"),
                ("Therapeut", "13", "0,22", "[0,14; 0,30]", "61"),
                ("Gesamt", "24", "0,27", "[0,22; 0,32]", "55"),
            ],
            {"sum of k"},
        ),
        (("", "OR [95% CI]"), [("A", "1.45 [1.12, 1.88]"), ("B", "1.45 [1.52, 1.88]")],
         {"estimate in CI"}),
        (("Study", "Hedges’ g (95% CI)", "p value"), [("A", "0.40 (0.50 to 0.60)", "= .03")],
         {"estimate in CI"}),
    ],
)  # fmt: skip
def test_headings_and_cells_as_papers_print_them(
    head: tuple[str, ...], rows: list[tuple[str, ...]], wrong: set[str]
) -> None:
    found = mr.check(pd.DataFrame(rows, columns=list(head)))
    assert wrong <= codes(found)
    assert found.unread == ()


def test_a_heading_in_percent_is_one() -> None:
    found = mr.check(pd.DataFrame([("A", "0.4")], columns=["Study", "I² (%)"]))
    assert found.groups[0]["I2"].printed.text == "0.4%"


def test_the_first_column_of_words_is_the_label() -> None:
    found = mr.check(pd.DataFrame([("A 2001", ".3"), ("B", ".2")], columns=["Trial arm", "r"]))
    assert [group.label for group in found.groups] == ["A 2001", "B"]
    kept = mr.check(pd.DataFrame([("1", ".3"), ("2", ".2")], columns=["Nr", "r"]))
    assert [group.label for group in kept.groups] == ["row 1", "row 2"]
    assert kept.unread == ("column 'Nr'",)
