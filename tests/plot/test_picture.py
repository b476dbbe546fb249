"""Pictures as files: sizes, formats, and words for those who cannot see them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pypdf
import pytest
from PIL import Image

import metarel as mr


def draw(name: str, es: pd.DataFrame) -> Any:
    """Draw one of every kind of plot."""
    plots: dict[str, Any] = {
        "forest": lambda: mr.plot.forest(mr.pool(es)),
        "forest of subgroups": lambda: mr.plot.forest(mr.subgroups(es, "half")),
        "forest of a regression": lambda: mr.plot.forest(mr.meta_regression(es, "year")),
        "funnel": lambda: mr.plot.funnel(mr.pool(es)),
        "funnel of residuals": lambda: mr.plot.funnel(mr.meta_regression(es, "year")),
        "bubble": lambda: mr.plot.bubble(mr.meta_regression(es, "year"), "year"),
        "two normals": lambda: mr.plot.two_normals(0.57),
        "correlation": lambda: mr.plot.correlation(0.28),
        "binomial display": lambda: mr.plot.binomial_display(0.28),
        "benchmarks": lambda: mr.plot.benchmarks(mr.interpret(r=0.28)),
    }
    return plots[name]()


@pytest.fixture
def es() -> pd.DataFrame:
    """Six effects with a year and a grouping."""
    return pd.DataFrame(
        {
            "yi": [0.1, 0.5, 0.3, 0.6, 0.2, 0.4],
            "vi": [0.04, 0.02, 0.03, 0.02, 0.05, 0.03],
            "year": [1990, 1995, 2000, 2005, 2010, 2015],
            "half": ["early", "early", "early", "late", "late", "late"],
        }
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("forest", "Forest plot of 6 studies. The pooled effect is 0.39"),
        ("forest of subgroups", "in 2 subgroups: early, 3 studies: 0.33 (95% interval"),
        ("forest of a regression", "the mean that a meta-regression fits"),
        ("funnel", "6 of 6 lie within the 95% sides"),
        ("funnel of residuals", "residuals against standard errors from 0.14 to 0.22"),
        ("bubble", "against year. The fitted mean goes from"),
        ("two normals", "the treated 0.57 standard deviations above the controls. 77.6%"),
        ("correlation", "r = 0.28: the line explains 7.8% of the variance."),
        ("binomial display", "64.0% succeed; below the median"),
        ("benchmarks", "Therapy relationships 2018: larger than"),
    ],
)
def test_every_plot_says_itself_in_words(es: pd.DataFrame, name: str, words: str) -> None:
    text = mr.plot.alt_text(draw(name, es))
    assert words in text
    assert text.endswith(".")
    assert ".." not in text
    assert "nan" not in text


def test_a_title_comes_first(es: pd.DataFrame) -> None:
    ax = mr.plot.forest(mr.pool(es), title="Six studies")
    assert mr.plot.alt_text(ax).startswith("Six studies. Forest plot of 6")


def test_axes_that_metarel_did_not_draw_have_no_words() -> None:
    _, ax = plt.subplots()
    with pytest.raises(mr.InputError, match="`ax` must hold a plot that metarel drew"):
        mr.plot.alt_text(ax)


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_a_picture_has_the_width_asked_for_and_its_words(
    es: pd.DataFrame, tmp_path: Path, suffix: str
) -> None:
    ax = draw("funnel", es)
    file = mr.plot.save(ax, tmp_path / f"a{suffix}", width=125, dpi=200)
    words = mr.plot.alt_text(ax)
    if suffix == ".png":
        with Image.open(file) as picture:
            assert picture.size[0] == pytest.approx(125 / 25.4 * 200, abs=1)
            assert picture.info["dpi"][0] == pytest.approx(200, abs=0.1)
            assert picture.info["Description"] == words
    elif suffix == ".svg":
        text = file.read_text(encoding="utf-8")
        assert re.search(r'<svg[^>]* width="125mm" height="[\d.]+mm"', text)
        assert words.split(".")[0] in text
    else:
        pdf = pypdf.PdfReader(file)
        assert float(pdf.pages[0].mediabox.width) == pytest.approx(125 / 25.4 * 72)
        assert pdf.metadata is not None
        assert pdf.metadata["/Subject"] == words


def test_small_text_is_said(es: pd.DataFrame, tmp_path: Path) -> None:
    """The width at which it is 6 points is one at which nothing is said."""
    ax = draw("forest", es)
    with pytest.warns(
        mr.MetarelWarning, match=r"Text is [\d.]+ pt at 60 mm; most journals"
    ) as told:
        mr.plot.save(ax, tmp_path / "a.png", width=60)
    enough = re.search(r"or write it at (\d+) mm", str(told[0].message))
    assert enough is not None
    assert mr.plot.save(ax, tmp_path / "b.png", width=int(enough[1])).exists()


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".tiff", ".jpg"])
def test_a_picture_is_written_as_it_was_drawn(
    es: pd.DataFrame, tmp_path: Path, suffix: str
) -> None:
    assert mr.plot.save(draw("funnel", es), tmp_path / f"a{suffix}").stat().st_size > 1000


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.doc", {}, r"`path` must be one of '\*\.png'"),
        ("no/a.png", {}, "`path` must be a picture that can be written"),
        ("a.png", {"width": 0}, "`width` must be a positive number of millimetres"),
        ("a.png", {"width": "17cm"}, "millimetres, such as 170; got '17cm'"),
        ("a.png", {"dpi": float("nan")}, "`dpi` must be a positive number of dots per inch"),
    ],
)
def test_what_cannot_be_written_is_refused(
    es: pd.DataFrame, tmp_path: Path, name: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(mr.InputError, match=message):
        mr.plot.save(draw("funnel", es), tmp_path / name, **options)
