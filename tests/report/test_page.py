"""Reports hold the fit's numbers in every format, and the same fit gives the same file."""

from __future__ import annotations

import base64
import hashlib
import importlib
import itertools
import math
import re
import shutil
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from lxml import etree, html

import metarel as mr
from metarel.effects.register import MEASURES
from metarel.report._bands import PAGE, page_bands, text_lines
from metarel.report._checklist import JARS, PRISMA
from metarel.report._methods import keys_of
from metarel.report._reference_data import REFERENCES
from metarel.report._style import STYLES
from metarel.report.page import PARTS, WRITERS
from metarel.robust._sandwich import ROBUST_KINDS
from metarel.tau2.register import TAU2

docx = pytest.importorskip("docx")
PDFLATEX = shutil.which("pdflatex")
DAY = "2026-01-02"
TEXT_ONLY = [code for code in PARTS if code not in ("results", "small-studies", "moderators")]


@pytest.fixture(autouse=True)
def _no_figure_is_left_open() -> Iterator[None]:
    yield
    assert not plt.get_fignums()


def frame(k: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    names = [f'Ä & <i>b</i> "{i}" | $x_{i}$ #{i}' for i in range(k)]
    return pd.DataFrame(
        {
            "study": names,
            "yi": rng.normal(0.3, 0.3, k).round(3),
            "vi": rng.uniform(0.01, 0.05, k).round(4),
            "year": 1990.0 + np.arange(k),
            "rater": np.array(["client", "therapist"])[np.arange(k) % 2],
            "paper": np.arange(k) // 2,
            "n": rng.integers(20, 90, k),
        }
    )


FITS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "mean": lambda t: mr.pool(t, measure="ZCOR"),
    "common": lambda t: mr.pool(t, tau2="EE"),
    "fixed": lambda t: mr.pool(t, tau2=0.02, test="knha"),
    "regression": lambda t: mr.meta_regression(t, "year + C(rater)", test="knha"),
    "no intercept": lambda t: mr.meta_regression(t, "0 + year", measure="OR"),
    "subgroups": lambda t: mr.subgroups(t, "rater", measure="ZCOR"),
    "robust": lambda t: mr.robust(mr.pool(t), "paper", kind="CR1", data=t),
    "settings": lambda t: mr.pool(t, settings="meta"),
}
QUICK = ("regression", "robust")
REST = [name for name in FITS if name not in QUICK]


def write(fit: Any, path: Path, **more: Any) -> Any:
    """Write a report; few clusters and the like are none of its faults."""
    mr.report(fit, path, date=DAY, **more)
    return html.fromstring(path.read_text(encoding="utf-8")) if path.suffix == ".html" else None


def fitted(name: str, k: int = 8) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return FITS[name](frame(k))


@pytest.mark.parametrize("name", FITS)
def test_every_kind_of_fit_in_words(name: str, tmp_path: Path) -> None:
    page = write(fitted(name), tmp_path / "r.html", data=frame(), sections=TEXT_ONLY)
    assert page.xpath("//section/@aria-labelledby") == TEXT_ONLY
    text = page.text_content()
    assert text.count("no program") == (name == "no intercept")
    assert ("is 0 by assumption" in text) == (name == "common")
    assert ("not estimated but given" in text) == (name == "fixed")


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(n, marks=pytest.mark.slow) for n in REST)])
def test_every_kind_of_fit(name: str, tmp_path: Path) -> None:
    fit = fitted(name)
    page = write(fit, tmp_path / "r.html", data=frame())
    whole = getattr(fit, "overall", fit)
    text = " ".join(page.text_content().split())
    assert mr.sentence(fit, data=frame()) in text
    assert f"Q({whole.heterogeneity.Q_df}) = {whole.Q:.2f}" in text
    assert f"N = {frame()['n'].sum()}" in text
    ids = page.xpath("//section/@aria-labelledby")
    moderated = name in ("regression", "no intercept", "subgroups")
    assert ids == [code for code in PARTS if code != "moderators" or moderated]
    assert 'Ä & <i>b</i> "3"' in text
    assert len(page.xpath("//figure")) == {"regression": 3, "no intercept": 3}.get(name, 2)
    assert "not drawn" not in text


def test_the_page_is_whole_and_can_be_heard(tmp_path: Path) -> None:
    """One file without scripts and links to files, with landmarks, scopes and words for figures."""
    page = write(fitted("mean"), tmp_path / "r.html", title="A <b> & c")
    assert list(tmp_path.iterdir()) == [tmp_path / "r.html"]
    assert page.get("lang") == "en"
    assert page.xpath("string(//title)") == page.xpath("string(//h1)") == "A <b> & c"
    assert not page.xpath("//script | //link[not(starts-with(@href, 'data:'))]")
    assert not [s for s in page.xpath("//@src") if not s.startswith("data:")]
    assert page.xpath("//a[@class='skip']/@href") == ["#main"]
    assert [len(page.xpath(f"//{tag}")) for tag in ("main", "nav", "header", "h1")] == [1] * 4
    assert all(image.get("alt") for image in page.xpath("//img"))
    assert all(head.get("scope") for head in page.xpath("//th"))
    assert len(page.xpath("//table/caption")) == len(page.xpath("//table"))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(page.xpath("//@aria-labelledby")) <= set(ids)
    assert {a[1:] for a in page.xpath("//nav//a/@href")} <= set(ids)
    for source in page.xpath("//img/@src"):
        etree.fromstring(base64.b64decode(source.split(",")[1]))


def rows_of(page: Any, caption: str) -> list[list[str]]:
    table = page.xpath(f"//table[contains(caption, '{caption}')]")[0]
    return [[c.text_content() for c in row] for row in table.xpath(".//tbody/tr")]


def test_tables_hold_the_numbers_of_the_fit(tmp_path: Path) -> None:
    fit = fitted("mean")
    page = write(fit, tmp_path / "r.html", sections=TEXT_ONLY)
    first = rows_of(page, "Studies")[0]
    assert first[1] == f"{np.tanh(fit.study.yi[0]):.2f}".replace("0.", ".").replace("-", "−")
    assert float(first[4]) == pytest.approx(np.sqrt(fit.study.vi[0]), rel=0.01)
    limits = mr.tau2_interval(fit)
    printed = rows_of(page, "Heterogeneity with")
    assert float(printed[0][1]) == pytest.approx(limits.loc["tau2", "estimate"], abs=6e-4)
    low, high = limits.loc["I2", ["ci_low", "ci_high"]]
    assert printed[2][2] == f"[{100 * low:.1f}%, {100 * high:.1f}%]"
    left = mr.leave_one_out(fit, transform=True)
    shown = rows_of(page, "The mean without each")
    assert [row[1] for row in shown] == [
        f"{x:.2f}".replace("0.", ".").replace("-", "−") for x in left["estimate"]
    ]
    others = {row[0]: row for row in rows_of(page, "other estimators")}
    for code in ("DL", "PM", "EE"):
        other = mr.pool(frame(), tau2=code, test="knha")
        back = np.tanh([other.estimate, other.ci_low[0], other.ci_high[0]])
        text = "{:.2f} [{:.2f}, {:.2f}]".format(*back)
        assert others[code][4] == text.replace("0.", ".").replace("-", "−")


def test_every_format_says_the_same(tmp_path: Path) -> None:
    fit = fitted("subgroups")
    said = mr.sentence(fit)
    sections = [code for code in PARTS if code != "small-studies"]
    for suffix in (".docx", ".md", ".tex"):
        mr.report(fit, tmp_path / f"r{suffix}", date=DAY, sections=sections)
    made = docx.Document(str(tmp_path / "r.docx"))
    assert said in [p.text for p in made.paragraphs]
    assert [p.text for p in made.paragraphs if p.style.name == "Heading 1"] == [
        PARTS[code].title for code in sections
    ]
    pictures = made.inline_shapes
    assert len(pictures) == 1
    assert all(shape._inline.docPr.get("descr") for shape in pictures)
    markdown = (tmp_path / "r.md").read_text(encoding="utf-8")
    assert mr.sentence(fit, markup="markdown") in markdown
    for source in re.findall(r"!\[.*?\]\(<(.*?)>\)\n", markdown):
        assert (tmp_path / source).read_bytes().startswith(b"\x89PNG")
    latex = (tmp_path / "r.tex").read_text(encoding="utf-8")
    assert mr.sentence(fit, markup="latex") in latex
    for source in re.findall(r'\{"(.*?)"\}', latex):
        assert (tmp_path / source).read_bytes().startswith(b"%PDF")


def test_latex_is_balanced(tmp_path: Path) -> None:
    """Braces and environments close, and what LaTeX reads as a command is escaped."""
    mr.report(fitted("regression"), tmp_path / "r.tex", date=DAY, sections=TEXT_ONLY)
    text = (tmp_path / "r.tex").read_text(encoding="utf-8")
    bare = re.sub(r"\\[\\{}%&#$_]", "", text)
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    opened = re.findall(r"\\begin\{(\w+)\}", text)
    assert sorted(opened) == sorted(re.findall(r"\\end\{(\w+)\}", text))
    assert not re.search(r"[ᵢ²μτβ]", text.split(r"\begin{document}")[1])


@pytest.mark.parametrize("suffix", WRITERS)
def test_the_same_fit_gives_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    digests = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        sections = ["data", "small-studies", "versions"]
        mr.report(fitted("mean"), tmp_path / folder / f"r{suffix}", date=DAY, sections=sections)
        files = sorted(p for p in (tmp_path / folder).rglob("*") if p.is_file())
        digests.append([hashlib.sha256(p.read_bytes()).hexdigest() for p in files])
    assert digests[0] == digests[1]


@pytest.mark.parametrize("k", [1, 2, 3, 45])
def test_any_number_of_studies(k: int, tmp_path: Path) -> None:
    page = write(fitted("mean", k), tmp_path / "r.html", sections=TEXT_ONLY)
    assert len(rows_of(page, "Studies")) == k
    text = page.text_content()
    assert ("too few to leave one out" in text) == (k < 3)
    assert ("that move the mean most" in text) == (k == 45)


@pytest.mark.parametrize("measure", [m for m in MEASURES if m != "GEN"])
def test_every_measure(measure: str, tmp_path: Path) -> None:
    fit = mr.pool(yi=[0.2, 0.5, 0.4], vi=[0.01, 0.02, 0.01], measure=measure)
    page = write(fit, tmp_path / "r.html", sections=["data", "model", "references"])
    text = " ".join(page.text_content().split())
    assert MEASURES[measure].name in text
    assert page.xpath("//section[@aria-labelledby='references']//li")


def test_dropped_rows_and_long_names(tmp_path: Path) -> None:
    data = frame()
    data.loc[2, "vi"] = np.nan
    data.loc[3, "study"] = "A very long name of a study " * 6
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = mr.pool(data)
    text = write(fit, tmp_path / "r.html", sections=["data"]).text_content()
    assert "1 row was left out:" in text
    assert "no vi" in text
    assert "A very long name of a study A very" in text


def test_people_are_those_of_the_studies_that_took_part(tmp_path: Path) -> None:
    data = frame()
    people = data["n"].sum() - data["n"][2]
    data["n"] = data["n"].astype(float)
    data.loc[2, ["yi", "n"]] = np.nan
    with pytest.warns(mr.MetarelWarning, match="1 of"):
        fit = mr.pool(data)
    text = write(fit, tmp_path / "r.html", data=data, sections=["data"]).text_content()
    assert f"{people:,.0f}) took part" in " ".join(text.split())
    data.loc[4, "n"] = np.nan
    text = write(fit, tmp_path / "r.html", data=data, sections=["data"]).text_content()
    assert "The number of people is not known" in text


def test_rows_without_a_level_are_named(tmp_path: Path) -> None:
    data = frame()
    data["side"] = ["left", "right"] * (len(data) // 2) + ["left"] * (len(data) % 2)
    data.loc[1, "side"] = None
    data.loc[2, "yi"] = np.nan
    with pytest.warns(mr.MetarelWarning, match="2 of"):
        result = mr.subgroups(data, "side")
    page = write(result, tmp_path / "r.html", data=data, sections=["data"])
    assert "2 rows were left out:" in page.text_content()
    items = [" ".join(item.text_content().split()) for item in page.xpath("//section//li")]
    assert items == [f"{data['study'][1]}: no side", f"{data['study'][2]}: no yi"]


def test_studies_from_other_inputs_are_named(tmp_path: Path) -> None:
    table = pd.DataFrame({
        "study": ["Able", "Wettersten", "Cole", "Dow"],
        "r": [0.28, np.nan, 0.10, 0.35], "n": [60, 32, 103, 40], "t": [np.nan, 2.41, np.nan, 1.0],
    })  # fmt: skip
    data = mr.effect_sizes(table, "ZCOR", r="r", n="n", t="t")
    page = write(mr.pool(data), tmp_path / "r.html", data=data, sections=["data"])
    items = [" ".join(item.text_content().split()) for item in page.xpath("//section//li")]
    assert items == ["Wettersten: from t = 2.41, n = 32"]
    plain = mr.effect_sizes(table.dropna(subset="r"), "ZCOR", r="r", n="n")
    page = write(mr.pool(plain), tmp_path / "p.html", data=plain, sections=["data"])
    assert "Not from these inputs" not in page.text_content()
    many = pd.concat([table.assign(r=np.nan, t=2.0)] * 4, ignore_index=True)
    data = mr.effect_sizes(pd.concat([table, many]), "ZCOR", r="r", n="n", t="t")
    page = write(mr.pool(data), tmp_path / "m.html", data=data, sections=["data"])
    assert "17 studies from t, n" in " ".join(page.text_content().split())


def test_small_studies_point_to_eggers_test(tmp_path: Path) -> None:
    text = write(fitted("mean"), tmp_path / "r.html", sections=["small-studies"]).text_content()
    assert 'regtest(fit, model="lm")' in text
    assert "does not compute" not in text
    text = write(fitted("mean"), tmp_path / "h.html", sections=["heterogeneity"]).text_content()
    assert "QP = Q-profile." in text
    assert "HT" not in text


def test_the_hash_is_that_of_the_data(tmp_path: Path) -> None:
    data = frame(3)
    text = write(mr.pool(data), tmp_path / "r.html", sections=["versions"]).text_content()
    lines = "".join(
        f"{row.study}\t{row.yi!r}\t{row.vi!r}\n" for row in data.itertuples(index=False)
    )
    assert hashlib.sha256(lines.encode()).hexdigest() in text
    assert "2026-01-02" in text
    assert importlib.metadata.version("numpy") in text


def test_checklists_are_honest(tmp_path: Path) -> None:
    """What is not in the report is not said to be covered."""
    page = write(fitted("mean"), tmp_path / "r.html", sections=["model", "checklist"])
    said = {row[0]: row[2] for row in rows_of(page, "PRISMA")}
    assert len(said) == len(PRISMA)
    assert {said[item] for item in ("12", "13e", "13f", "15", "19", "20b", "20d")} == {"no"}
    sections = ["data", "moderators", "sensitivity", "checklist"]
    whole = write(fitted("subgroups"), tmp_path / "s.html", sections=sections)
    said = {row[0]: row[2] for row in rows_of(whole, "PRISMA")}
    assert (said["13e"], said["20c"], said["13f"]) == ("yes", "yes", "yes")
    assert (said["14"], said["15"], said["18"]) == ("no", "no", "no")
    mars = {row[0]: row[2] for row in rows_of(whole, "JARS")}
    assert len(mars) == len(JARS)
    assert mars["Dependence"] == "no"
    robust = write(fitted("robust"), tmp_path / "t.html", sections=["checklist"])
    assert {r[0]: r[2] for r in rows_of(robust, "JARS")}["Dependence"] == "yes"


def test_references_are_those_of_the_methods() -> None:
    """Every estimator, test, measure and style has its entry."""
    for code in [c for c in TAU2 if c not in ("GENQ", "GENQM", "DLMH")]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = mr.pool(frame(), tau2=code)
        keys = keys_of(fit, None, tuple(PARTS), STYLES["apa"])
        assert TAU2[code].source in keys
        assert set(keys) <= set(REFERENCES)
    robust = keys_of(fitted("robust"), None, (), STYLES["jama"])
    assert {ROBUST_KINDS["CR1"].source, "ama2020"} <= set(robust)
    assert "thompson2002" in keys_of(fitted("regression"), None, (), STYLES["apa"])


def test_the_code_in_the_report_runs(tmp_path: Path) -> None:
    fit = fitted("regression")
    page = write(fit, tmp_path / "r.html", sections=["code"])
    python, r = (pre.text_content() for pre in page.xpath("//pre"))
    space: dict[str, Any] = {"print": lambda *_: None}
    exec(compile(python, "python", "exec"), space)
    np.testing.assert_allclose(space["fit"].beta, fit.beta, rtol=1e-12)
    assert "library(metafor)" in r


def test_raw_data_give_formulas_and_escalc(tmp_path: Path) -> None:
    raw = pd.DataFrame({"r": [0.2, 0.4, 0.1, 0.35], "n": [40, 60, 80, 50]})
    es = mr.effect_sizes(raw, "ZCOR", r="r", n="n")
    page = write(mr.pool(es), tmp_path / "r.html", data=es, sections=["data", "code"])
    text = " ".join(page.text_content().split())
    assert "from the columns r, n" in text
    assert "(N = 230)" in text
    assert "escalc(" in text


def test_a_report_of_twenty_studies_is_quick(tmp_path: Path) -> None:
    fit = fitted("mean", 20)
    start = time.process_time()
    mr.report(fit, tmp_path / "r.html", date=DAY)
    assert time.process_time() - start < 5


def test_high_figures_are_cut_between_their_rows() -> None:
    """Pieces fit a page, follow each other without a gap, and split no line of text."""
    axes = mr.plot.forest(fitted("mean", 130))
    figure = axes.figure
    bands = page_bands(figure)
    assert len(bands) == math.ceil(figure.get_figheight() / (0.95 * PAGE * figure.get_figwidth()))
    assert bands[0][1] == figure.get_figheight()
    assert bands[-1][0] == 0
    assert all(upper[0] == lower[1] for upper, lower in itertools.pairwise(bands))
    assert all(high - low <= PAGE * figure.get_figwidth() for low, high in bands)
    lines = text_lines(figure)
    assert len(lines) > 130
    for cut in (low for low, _ in bands[:-1]):
        assert not [artist for artist, low, high in lines if low < cut < high]
    assert len(page_bands(mr.plot.funnel(fitted("mean")).figure)) == 1
    plt.close("all")


@pytest.mark.slow
def test_a_report_of_many_studies(tmp_path: Path) -> None:
    """Every study's name is in one of the pieces of the forest plot."""
    page = write(fitted("mean", 160), tmp_path / "r.html")
    images = page.xpath("(//figure)[1]//img")
    assert len(images) > 2
    assert [bool(image.get("alt")) for image in images] == [True, *([False] * (len(images) - 1))]
    for suffix in (".docx", ".md", ".tex"):
        mr.report(fitted("mean", 160), tmp_path / f"r{suffix}", date=DAY)
    assert len(docx.Document(str(tmp_path / "r.docx")).inline_shapes) == len(images) + 1
    assert len(list((tmp_path / "r_files").glob("forest-*.pdf"))) == len(images)


@pytest.mark.slow
@pytest.mark.skipif(PDFLATEX is None, reason="there is no pdflatex here")
@pytest.mark.parametrize("name", ["regression", "subgroups", "mean"])
def test_latex_sets_the_report(name: str, tmp_path: Path) -> None:
    """No error, nothing undefined, and no line that runs far over the margin."""
    mr.report(fitted(name, 40), tmp_path / "r.tex", date=DAY, data=frame(40))
    for _ in range(2):
        command = [str(PDFLATEX), "-interaction=nonstopmode", "r.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=120)
    told = done.stdout.decode("latin-1")
    assert done.returncode == 0, told[-2000:]
    assert "Output written on r.pdf" in told
    assert "ndefined" not in told
    wide = [float(x) for x in re.findall(r"Overfull \\hbox \(([\d.]+)pt", told)]
    assert max(wide, default=0) < 40


def test_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fitted("mean")
    path = tmp_path / "r.html"
    for call, match in (
        (lambda: mr.report(fit, "r.pdf"), r"`path` cannot end in .pdf: write .html and print"),
        (lambda: mr.report(fit, "r.doc"), r"`path` must be one of .*'\*.docx'"),
        (lambda: mr.report(5, path), r"`fit` must be what pool\(\)"),  # type: ignore[arg-type]
        (lambda: mr.report(fit, path, sections=["date"]), r"`sections` must be one of.*'data'"),
        (lambda: mr.report(fit, path, sections="data"), r"`sections` must be a list"),
        (lambda: mr.report(fit, path, sections=[]), r"`sections` must be a list"),
        (lambda: mr.report(fit, path, theme="pink"), r"`theme` must be one of"),
        (lambda: mr.report(fit, path, style="mla"), r"`style` must be one of"),
        (lambda: mr.report(fit, path, date="2026-02-30"), r"`date` must be a day"),
        (lambda: mr.report(fit, path, date="today"), r"`date` must be a day"),
        (lambda: mr.report(fit, path, title=5), r"`title` must be text"),  # type: ignore[arg-type]
        (lambda: mr.report(fit, path, source=5), r"`source` must be text"),  # type: ignore[arg-type]
        (
            lambda: mr.report(fit, tmp_path / "no" / "r.html", sections=["model"]),
            r"`path` must be a file that can be written",
        ),
    ):
        with pytest.raises(mr.InputError, match=match):
            call()
    real = importlib.import_module

    def lacking(name: str, package: str | None = None) -> Any:
        if name.startswith("docx"):
            raise ImportError(name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", lacking)
    with pytest.raises(mr.InputError, match=r"python-docx writes.*pip install python-docx"):
        mr.report(fit, tmp_path / "r.docx")
    assert not (tmp_path / "r.docx").exists()


def test_the_theme_reaches_page_and_figures(tmp_path: Path) -> None:
    light = write(fitted("mean"), tmp_path / "l.html", sections=["small-studies"])
    dark = write(fitted("mean"), tmp_path / "d.html", sections=["small-studies"], theme="dark")
    assert light.xpath("//img/@src") != dark.xpath("//img/@src")
    assert "prefers-color-scheme: dark" in light.xpath("string(//style)")
    assert "color-scheme: dark" in dark.xpath("string(//style)")
