"""Journal tables hold the fits' numbers, and every format holds the table."""

from __future__ import annotations

import csv
import io
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lxml import html

import metarel as mr
from metarel.effects.register import MEASURES

docx = pytest.importorskip("docx")


def frame(k: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "study": [f"S{i}" for i in range(k)],
            "yi": rng.normal(0.3, 0.3, k),
            "vi": rng.uniform(0.01, 0.05, k),
            "year": 1990.0 + np.arange(k),
            "rater": np.array(["client", "therapist", "<b>&"])[np.arange(k) % 3],
            "paper": np.arange(k) // 2,
            "n": rng.integers(20, 90, k),
        }
    )


def brackets(text: str) -> list[float]:
    return [float(x.replace("−", "-")) for x in re.findall(r"−?\d*\.\d+", text)]


@pytest.mark.parametrize("measure", MEASURES)
def test_means_are_the_fits(measure: str) -> None:
    data = frame().assign(yi=lambda d: d["yi"].abs())
    fit = mr.pool(data, measure=measure)
    row = mr.table(fit, n="n", data=data).to_frame().iloc[0]
    back = fit.predict(transform=True).iloc[0]
    assert row["k"] == "12"
    assert row["N"] == f"{data['n'].sum():,}"
    assert brackets(row["95% CI"]) == [round(back.ci_low, 2), round(back.ci_high, 2)]
    assert brackets(row["95% PI"]) == [round(back.pi_low, 2), round(back.pi_high, 2)]
    assert float(row["τ²"]) == round(fit.tau2, 3)
    assert row["I²"] == f"{100 * fit.I2:.1f}%"


def test_coefficients_are_the_fits() -> None:
    data = frame()
    fit = mr.meta_regression(data, "year + rater", test="knha")
    table = mr.table(fit)
    shown = table.to_frame()
    assert list(shown["Term"]) == ["intercept", "year", "rater = client", "rater = therapist"]
    for printed, row in zip(
        shown.itertuples(index=False), fit.to_frame().itertuples(), strict=True
    ):
        assert float(printed.b.replace("−", "-")) == pytest.approx(row.estimate, abs=0.006)
        assert printed.p == ("< .001" if row.p_value < 0.001 else f"{row.p_value:.3f}"[1:])
        assert f"t(8) = {row.statistic:.2f}".replace("-", "−") == printed.Test
    assert f"F(3, 8) = {fit.omnibus.statistic:.2f}" in table.notes[0]


def test_narrow_coefficients_show_two_figures() -> None:
    data = frame().assign(year=lambda d: d["year"] * 1000)
    row = mr.table(mr.meta_regression(data, "year")).to_frame().iloc[1]
    fit = mr.meta_regression(data, "year")
    low, high = brackets(row["95% CI"])
    assert low == pytest.approx(fit.ci_low[1], rel=0.06)
    assert high == pytest.approx(fit.ci_high[1], rel=0.06)


def test_levels_and_the_test_between() -> None:
    data = frame()
    result = mr.subgroups(data, "rater")
    shown = mr.table([result, mr.subgroups(data, "paper")]).to_frame()
    assert list(shown["Moderator"].iloc[:4]) == ["rater", "", "", "paper"]
    assert shown["Between levels"].iloc[0].startswith(f"Q(2) = {result.between.statistic:.2f}")
    assert list(shown["N"].iloc[:3]) == [f"{n:,.0f}" for n in result.table["N"]]


def test_side_by_side() -> None:
    data = frame()
    one, two = mr.meta_regression(data, "year"), mr.meta_regression(data, "year + rater")
    shown = mr.table({"A": one, "B": two}, layout="columns").to_frame().set_index("Term")
    assert shown.loc["rater = client", "A"] == ""
    assert shown.loc["k", "B"] == "12"
    assert shown.loc["τ²", "A"] == f"{one.tau2:.3f}"
    means = mr.table([mr.pool(data), mr.pool(data, tau2="EE")], layout="columns").to_frame()
    assert list(means["Model"]) == ["k", "Estimate", "95% CI", "p", "τ²", "I²", "95% PI"]


def test_psychometric_and_robust() -> None:
    fit = mr.psychometric(r=[0.1, 0.3, 0.45, 0.5], n=[60, 100, 80, 90], rxx=0.8)
    shown = mr.table(fit).to_frame()
    assert list(shown["Analysis"]) == ["bare-bones", "corrected"]
    assert shown["SDρ"].iloc[1] == f"{fit.sd_rho:.2f}"[1:]
    data = frame()
    robust = mr.robust(mr.pool(data), "paper", kind="CR2", data=data)
    row = mr.table([mr.pool(data), robust]).to_frame().iloc[1]
    assert "cluster-robust CR2" in row["Model"]
    assert brackets(row["95% CI"]) == [round(robust.ci_low[0], 2), round(robust.ci_high[0], 2)]


@pytest.mark.parametrize("k", [1, 2, 160])
def test_any_number_of_studies(k: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shown = mr.table(mr.pool(frame(k))).to_frame()
    assert shown["k"].iloc[0] == str(k)
    assert ("95% PI" in shown) == (k > 1)


def test_every_format_holds_every_cell(tmp_path: Path) -> None:
    """Read back by a parser of its kind, each format gives the same cells."""
    table = mr.table(mr.subgroups(frame(), "rater"), caption="Levels & <tests>")
    cells = [list(row) for row in table.to_frame().itertuples(index=False)]
    tree = html.fromstring(f"<div>{table.to_html()}</div>")
    assert [[c.text_content() for c in row] for row in tree.xpath("//tbody/tr")] == cells
    assert tree.xpath("string(//caption)") == "Levels & <tests>"
    assert all(head.get("scope") for head in tree.xpath("//th"))
    assert list(csv.reader(io.StringIO(table.to_csv(tmp_path / "t.csv"))))[1:] == cells
    assert (tmp_path / "t.csv").read_text("utf-8-sig") == table.to_csv()
    made = docx.Document(str(table.to_docx(tmp_path / "t.docx"))).tables[0]
    parts = [part.tag.split("}")[1] for part in made._tbl.tblPr]
    order = ["tblStyle", "tblW", "tblBorders", "tblLayout", "tblLook"]  # as the format wants them
    assert parts == sorted(parts, key=order.index)
    assert "tblBorders" in parts
    assert [[c.text for c in row.cells] for row in made.rows][1:] == cells
    lines = [line for line in table.to_markdown().splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in lines} == {len(cells[0]) + 1}
    latex = table.to_latex()
    assert latex.count(r"\\") == len(cells) + 1
    assert latex.count("{") == latex.count("}")
    assert r"<b>\&" not in latex
    assert r"$<$b$>$\&" in latex
    assert table.to_dict()["rows"] == cells
    assert "Levels" in str(table)


def test_names() -> None:
    fits = [mr.pool(frame()), mr.pool(frame())]
    assert list(mr.table(fits).to_frame()["Model"])[1].endswith("(2)")
    assert list(mr.table(fits, names=["a", "b"]).to_frame()["Model"]) == ["a", "b"]


def test_errors(tmp_path: Path) -> None:
    fit = mr.pool(frame())
    sub = mr.subgroups(frame(), "rater")
    for call, match in (
        (lambda: mr.table([]), r"`fits` must hold at least one fit"),
        (lambda: mr.table(5), r"`fits` must be a fit, or a list"),  # type: ignore[arg-type]
        (lambda: mr.table([5]), r"`fits` must hold what pool\(\)"),  # type: ignore[list-item]
        (lambda: mr.table([fit, sub]), r"`fits` must be of one kind.*MetaFit, SubgroupsResult"),
        (lambda: mr.table(sub, layout="columns"), r'`layout` "columns" is for means'),
        (lambda: mr.table(fit, layout="sideways"), r"`layout` must be one of"),
        (lambda: mr.table([fit, fit], names=["a"]), r"`names` must be a list of 2"),
        (lambda: mr.table([fit, fit], names=["a", "a"]), r"`names` must be text, all different"),
        (lambda: mr.table({"a": fit}, names=["b"]), r"`names` and the keys of `fits`"),
        (lambda: mr.table(fit).to_docx(tmp_path / "no" / "t.docx"), r"`path` must be a file"),
        (lambda: mr.table(fit).to_csv(tmp_path / "no" / "t.csv"), r"`path` must be a file"),
    ):
        with pytest.raises(mr.InputError, match=match):
            call()
