"""The sentences and tables of the page are the numbers of the fits."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

import metarel as mr
from metarel.app import _studies as shown
from metarel.app import _studies_files as files
from metarel.app import _told as told
from metarel.app._attempt import attempt
from metarel.app._uploads import Table

WORDS = {"r": "r", "n": "n"}


def kolden() -> pd.DataFrame:
    frame = mr.load_dataset("kolden2011").studies
    year = frame["study"].str.extract(r"(\d{4})")[0].astype(float)
    return frame.assign(year=year, kind=["a", "b"] * 8)


def analysed(frame: pd.DataFrame, **choice: object) -> shown.Analysis:
    table = Table("kolden 2011.csv", frame, frame, lines=tuple(range(2, len(frame) + 2)))
    asked = shown.Choice("ZCOR", WORDS, "study", **choice)  # type: ignore[arg-type]
    found = attempt(lambda: shown.analyse(table, asked))
    assert found.value is not None, found.problem
    return found.value


@pytest.fixture(scope="module")
def analysis() -> shown.Analysis:
    return analysed(kolden(), by="kind", moderators=("year",))


def test_the_first_sentence_is_the_pooled_effect_on_the_scale_people_read(
    analysis: shown.Analysis,
) -> None:
    back = analysis.fit.predict(transform=True).iloc[0]
    line = told.headline(analysis)
    assert line.startswith("16 studies. The pooled correlation")
    assert f"r = {back['estimate']:.2f}".replace("0.", ".") in line
    whole = mr.sentence(analysis.fit, data=analysis.effects)
    assert line.removeprefix("16 studies. ") in whole
    assert told.headline(analysis).removeprefix("16 studies. ") not in told.further(analysis)
    assert "Heterogeneity" in told.further(analysis)


def test_subgroups_are_shown_as_the_plot_shows_them(analysis: shown.Analysis) -> None:
    assert analysis.groups is not None
    frame, caption = told.subgroup_table(analysis)
    assert caption == "Correlation by kind, analysed as Fisher’s z"
    fits = [*analysis.groups.fits.values(), analysis.groups.overall]
    expected = [f"{np.tanh(fit.estimate):.2f}".replace("0.", ".") for fit in fits]
    assert frame["r"].tolist() == expected
    assert frame["kind"].tolist() == ["a", "b", "all levels"]
    assert frame["k"].tolist() == [fit.k for fit in fits]
    between, why = told.subgroup_tests(analysis)
    assert f"Q(1) = {analysis.groups.between.statistic:.2f}" in between
    assert "need not add up" in why


def test_a_common_effect_has_no_excuse_for_its_sums() -> None:
    assert len(told.subgroup_tests(analysed(kolden(), by="kind", tau2="EE"))) == 1


def test_the_model_is_told_at_the_mean_of_its_moderator(analysis: shown.Analysis) -> None:
    fit = analysis.regression
    assert fit is not None
    test, mean, slope = told.moderator_tests(analysis)
    at = float(f"{analysis.effects['year'].mean():.4g}")
    back = fit.predict(pd.DataFrame({"year": [at]}), transform=True).iloc[0]
    assert f"year = {at:g}" in mean
    assert f"r = {back['estimate']:.2f}".replace("0.", ".") in mean
    assert f"changes by {10 * fit.beta[1]:.2f}" in slope
    assert slope.startswith("For 10 more in year")
    assert f"QM(1) = {fit.omnibus.statistic:.2f}" in test  # type: ignore[union-attr]
    assert len(told.moderator_tests(analysed(kolden(), moderators=("kind",)))) == 1


def test_who_was_left_out_is_told_with_line_and_cell() -> None:
    frame = kolden()
    frame.loc[3, "r"] = np.nan
    frame.loc[5, "year"] = np.nan
    frame.loc[6, "kind"] = None
    lines = told.left_out(analysed(frame, by="kind", moderators=("year",)))
    assert lines == (
        "Fuertes et al. (2007) (line 5 of the file) was left out: its r is empty.",
        "Jones & Zoppel (1982) (line 8 of the file) is in no subgroup: its kind is empty.",
        "Hansen et al. (1968) (line 7 of the file) is not in the regression: its year is empty.",
    )


def test_a_search_is_told_in_a_sentence(analysis: shown.Analysis) -> None:
    found = shown.find_printed(analysis.table, analysis.choice, {"estimate": ".24"})
    line = told.search_lead(found)
    assert line.startswith(f"{len(found.matching):,} of {found.tried:,} usual analyses print")
    assert line.endswith("the printed figures do not decide between them.")
    assert "to_frame" not in told.search_text(found)
    none = shown.find_printed(analysis.table, analysis.choice, {"estimate": ".94"})
    assert told.search_lead(none).startswith("None of the")
    assert "explain_gap" not in told.search_text(none)


def test_the_files_hold_what_is_on_the_page(analysis: shown.Analysis) -> None:
    text = files.effects_csv(analysis)
    assert text.startswith("\ufeffstudy,")
    point = pd.read_csv(io.StringIO(text.removeprefix("\ufeff")))
    comma = files.effects_csv(analysis, comma=True).removeprefix("\ufeff")
    frames = [
        point,
        pd.read_csv(io.StringIO(comma), sep=";", decimal=","),
        pd.read_excel(io.BytesIO(files.effects_workbook(analysis))),
    ]
    for frame in frames:
        np.testing.assert_allclose(frame["yi"], analysis.effects["yi"], rtol=1e-12)
    assert "mods" in files.r_code(analysis)
    assert files.picture_file(analysis, "funnel", ".png").startswith(b"\x89PNG")


def test_each_part_that_is_shown_has_a_report(analysis: shown.Analysis) -> None:
    offered = {file.label: file for file in files.FILES if file.there(analysis)}
    reports = [label for label in offered if label.endswith(("(web page)", "(Word)"))]
    assert len(reports) == 2 * len(files.PARTS)
    bare = analysed(kolden())
    left = [f.label for f in files.FILES if f.group == "Reports" and f.there(bare)]
    assert left == ["Pooled result (web page)", "Pooled result (Word)"]
    file = offered["Moderators (web page)"]
    assert file.name(analysis) == "kolden-2011-moderators.html"
    text = bytes(file.make(analysis)).decode("utf-8")  # type: ignore[arg-type]
    assert "<h1>Meta-analysis of kolden 2011: moderators</h1>" in text
    assert "QM" in text


@pytest.mark.slow
def test_reports_for_word(analysis: shown.Analysis) -> None:
    for part in files.PARTS:
        assert files.report(analysis, part, ".docx").startswith(b"PK")
