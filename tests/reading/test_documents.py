"""Text out of files: what is read, where it stands, and what is refused in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import metarel as mr
from metarel.reading import documents
from metarel.reading.documents import read_document
from metarel.reading.statistics import read_statistics

pypdf = pytest.importorskip("pypdf")
docx = pytest.importorskip("docx")


def pdf_of(path: Path, pages: list[list[str]]) -> Path:
    """Write lines on pages with matplotlib; an empty page has a picture's frame only."""
    import matplotlib as mpl
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    with mpl.rc_context({"pdf.fonttype": 42}), PdfPages(path) as pdf:
        for lines in pages:
            figure = Figure(figsize=(6, 4))
            for row, line in enumerate(lines):
                figure.text(0.05, 0.9 - 0.1 * row, line)
            pdf.savefig(figure)
    return path


def docx_of(path: Path) -> Path:
    """Write a heading, a paragraph, a table with merged cells, and a paragraph."""
    document = docx.Document()
    document.add_heading("Results", 1)
    document.add_paragraph("The alliance (r = .28, k = 295) matters.")
    table = document.add_table(rows=2, cols=3)
    for column, text in enumerate(("Therapist", "k = 13", "d = 0.56")):
        table.cell(0, column).text = text
    table.cell(1, 0).merge(table.cell(1, 1)).text = "Client"
    table.cell(1, 2).text = "d = 0.85"
    document.add_paragraph("Heterogeneity: I² = 62%.")
    document.save(str(path))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Über alles.\n\n r = .28\nand d = .57\n", encoding=encoding)
    document = read_document(path)
    assert document.text == "Über alles.\n\n r = .28\nand d = .57"
    assert document.notes == (("not UTF-8: read as Windows-1252",) if encoding == "cp1252" else ())
    readings = read_statistics(document)
    assert [(one.kind, one.page, one.paragraph) for one in readings] == [
        ("r", None, 2),
        ("d", None, 2),
    ]
    assert list(readings.to_frame()["paragraph"]) == [2, 2]


def test_docx(tmp_path: Path) -> None:
    document = read_document(docx_of(tmp_path / "a.docx"))
    assert document.text.split("\n\n") == [
        "Results",
        "The alliance (r = .28, k = 295) matters.",
        "Therapist | k = 13 | d = 0.56",
        "Client | d = 0.85",
        "Heterogeneity: I² = 62%.",
    ]
    found = [(str(one), one.paragraph) for one in read_statistics(document)]
    assert found[2:] == [("k = 13", 3), ("d = 0.56", 3), ("d = 0.85", 4), ("I2 = 62%", 5)]
    assert repr(document) == "<Document a.docx: 5 paragraphs>"


def test_pdf(tmp_path: Path) -> None:
    pages = [["The alliance (r = .28, p < .001)"], [], ["95% CI [.26, .30], I² = 62%"]]
    document = read_document(pdf_of(tmp_path / "a.PDF", pages))
    assert document.notes == ("no text on page 2",)
    found = [(str(one), one.page) for one in read_statistics(document)]
    assert found == [("r = .28", 1), ("p <.001", 1), ("95% ci = .26 to .30", 3), ("I2 = 62%", 3)]


def test_html(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    page = "<html><head><title>k = 1</title></head><body><script>n = 5</script><p>We found <i>r</i>"
    page += "&nbsp;=\n.28</p><table><tr><td>I<sup>2</sup></td><td>= 62%</td></tr></table><p <"
    path.write_text(page)
    found = [(str(one), one.paragraph) for one in read_statistics(read_document(path))]
    assert found == [("r = .28", 1), ("I2 = 62%", 2)]


def test_empty_files_have_no_statistics(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("")
    document = read_document(str(path))
    assert document.place(0) == (None, None)
    assert len(read_statistics(document)) == 0


def write(name: str, content: bytes) -> Any:
    """Return a maker of a file with some bytes."""
    return lambda folder: (folder / name).write_bytes(content) and folder / name


def encrypted(folder: Path) -> Path:
    """Write a PDF that needs a password."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(72, 72)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(folder / "a.pdf")
    return folder / "a.pdf"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "none.txt", r"`path` must be a file that exists"),
        (lambda folder: folder, r"`path` must end in \.txt, \.md, .*; got"),
        (write("a.xlsx", b"PK"), r"`path` must end in .*; got 'a.xlsx'"),
        (
            write("a.txt", b"a\0b"),
            r"`path` must be a text file by its suffix; 'a.txt' holds binary",
        ),
        (write("a.pdf", b"plain text"), r"`path` must be a PDF by its suffix; 'a.pdf' is none"),
        (write("a.pdf", b"%PDF-1.7\nrubbish"), r"'a.pdf' is broken"),
        (write("a.docx", b"plain"), r"`path` must be a DOCX file .*; 'a.docx' is none"),
        (write("a.docx", b"PK\x03\x04rubbish"), r"'a.docx' is broken"),
        (
            lambda folder: pdf_of(folder / "a.pdf", [[], []]),
            r"the 2 pages of 'a.pdf' have none: a sc",
        ),
        (encrypted, r"opens without a password; 'a.pdf' is encrypted"),
        (lambda _: 5, r"`path` must be the name of a file; got int"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_what_cannot_be_read(tmp_path: Path, make: Any, words: str) -> None:
    with pytest.raises(mr.InputError, match=words):
        read_document(make(tmp_path))


def test_large_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_BYTES", 1_000_000)
    path = tmp_path / "a.txt"
    path.write_bytes(b" " * 2_000_000)
    with pytest.raises(mr.InputError, match=r"at most 1 MB; 'a.txt' has 2 MB"):
        read_document(path)


@pytest.mark.parametrize("name", ["a.pdf", "a.docx"])
def test_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def absent(module: str) -> None:
        raise ImportError(module)

    (tmp_path / name).write_bytes(b"")
    monkeypatch.setattr(documents.importlib, "import_module", absent)
    with pytest.raises(mr.InputError, match=r"reading these needs .*: `python -m pip install "):
        read_document(tmp_path / name)
