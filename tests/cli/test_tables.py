"""What all verbs on study tables share: files, headers, names, notes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import metarel as mr

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
MOLLOY = str(DATASETS / "molloy2014" / "studies.csv")
POOL_MOLLOY = ("pool", MOLLOY, "--measure", "ZCOR", "--r", "r", "--n", "n")
TRIALS = """Author,m1,sd1,n1,m2,sd2,n2,t
Ando,8,5.5,30,10,5.1,30,
Bauer,9,5.5,30,12,5.2,30,
Cho,7,5.5,30,10,5.3,30,
Cho,7.5,4.5,31,10,5.4,30,
Mueller,7,5.5,30,,,30,
Furukawa,,,30,,,30,2.31
"""
MEANS = [part for word in ("m1", "sd1", "n1", "m2", "sd2", "n2") for part in (f"--{word}", word)]
REPORTS = """study,m1,m2,sd1,sd2,t,f,p,n1,n2
A,21.3,18.0,4.1,5.0,1.84,,,12,15
B,,,,,2.50,,.02,15,45
C,,,,,,,<.05,20,20
D,,,,,,4.2,,20,20
E,,,,,,,n.s.,20,20
"""
TITLED = "My thesis,,\nstudy,r,n\nA,.31,40\nB,.12,55\nC,.25,60\n"


@pytest.mark.parametrize(
    "more", [("pool",), ("regress", "--formula", "meanage"), ("subgroups", "--by", "controls")]
)
def test_verbs_on_studies_draw_a_forest_plot(
    run: Callable[..., str], refusal: Callable[..., str], tmp_path: Path, more: tuple[str, ...]
) -> None:
    file = tmp_path / "forest.png"
    verb, *options = more
    words = (verb, *POOL_MOLLOY[1:], "--labels", "study", *options)
    run(*words, "--plot", str(file))
    assert file.read_bytes().startswith(b"\x89PNG")
    assert "`--plot` must be one of" in refusal(*words, "--plot", str(tmp_path / "a.doc"))


def test_rows_left_out_are_said_once_by_their_line(
    run: Callable[..., str], notes: Callable[..., str], tmp_path: Path
) -> None:
    file = tmp_path / "studies.csv"
    file.write_text("study,yi,vi\nA,0.3,0.1\n\nB,,0.2\nC,0.2,0.15\n", encoding="utf-8")
    assert "Left out: 1 row: B, line 4 (no yi)." in run("pool", str(file))
    assert notes("pool", str(file)) == ""
    assert "line 4 ('B'): no yi" in notes("pool", str(file), "--json")


@pytest.mark.parametrize("verb", ["effects", "pool"])
def test_a_bare_t_is_named_where_effects_are_computed(
    notes: Callable[..., str], trials: str, verb: str
) -> None:
    words = (verb, trials, "--measure", "smd", *MEANS)
    assert "line 7 of the file ('Furukawa'): sign taken from t = 2.31" in notes(*words, "--t", "t")
    assert "Furukawa" not in notes(*words)


def test_effects_come_with_a_legend(
    run: Callable[..., str], data: Callable[..., Any], trials: str
) -> None:
    legend = run("effects", trials, "--measure", "SMD", *MEANS).replace("\n", " ")
    assert "yi: standardised mean difference (corrected: Hedges' g), positive when" in legend
    assert "Mueller, line 6 (m2, sd2 missing)" in legend
    plain = run("effects", trials, "--measure", "SMD", *MEANS, "--correct", "False")
    assert "Cohen's d" in plain
    found = data("effects", trials, "--measure", "SMD", *MEANS, "--correct", "no")
    assert found[0]["yi"] == pytest.approx(-2 / ((5.5**2 + 5.1**2) / 2) ** 0.5)


def test_labels_that_repeat_and_clusters(
    run: Callable[..., str],
    refusal: Callable[..., str],
    data: Callable[..., Any],
    notes: Callable[..., str],
    trials: str,
) -> None:
    words = ("pool", trials, "--measure", "SMD", *MEANS)
    said = notes(*words)
    assert "4 effects of 3 studies (labels repeat, such as 'Cho'): treated as independent" in said
    assert "--cluster Author" in said
    for verb in (words, ("regress", *words[1:], "--formula", "m1")):
        told = run(*verb)
        assert "robust()" not in told
        assert "treated as independent" not in told
        assert "treated as independent" in notes(*verb)
    table = mr.effect_sizes(
        pd.read_csv(trials), "SMD", **dict(zip(MEANS[1::2], MEANS[1::2], strict=True))
    )
    with pytest.warns(mr.MetarelWarning):
        fit = mr.robust(mr.pool(table, labels="Author"), "Author", kind="CR2", data=table)
    found = data(*words, "--cluster", "Author")
    assert found["coefficients"] == json.loads(json.dumps(fit.to_dict()["coefficients"]))
    assert "labels repeat" not in notes(*words, "--cluster", "Author")
    assert "m1" in run("regress", *words[1:], "--formula", "m1", "--cluster", "Author")
    assert "column 'Athor'" in refusal(*words, "--cluster", "Athor")


def test_studies_without_names_are_numbered_aloud(
    run: Callable[..., str], notes: Callable[..., str], tmp_path: Path
) -> None:
    file = tmp_path / "studies.csv"
    file.write_text("yi,vi\n0.3,0.1\n0.2,0.2\n,0.1\n", encoding="utf-8")
    assert "the studies are numbered. --labels names one" in notes("pool", str(file))
    assert "Study 3, line 4 (no yi)" in run("pool", str(file))


def test_raw_numbers_are_looked_over(notes: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "studies.csv"
    file.write_text("study,r,n\nA,.3,40\nB,.2,50\nC,.1,60\nC,.1,60\n", encoding="utf-8")
    said = notes("pool", str(file), "--measure", "ZCOR", "--r", "r", "--n", "n")
    assert "line 5 (C): every number is that of row 4" in said
    swapped = tmp_path / "swapped.csv"
    swapped.write_text(TRIALS, encoding="utf-8")
    turned = {"--sd1": "n1", "--n1": "sd1"}
    words = [turned.get(MEANS[at - 1], word) if at % 2 else word for at, word in enumerate(MEANS)]
    said = notes("effects", str(swapped), "--measure", "SMD", *words)
    assert "`n1` is no whole number in 5 of 5 rows" in said
    assert "are the two columns swapped?" in said


def test_what_effects_are_may_be_said_beside_them(
    refusal: Callable[..., str], data: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "effects.csv"
    file.write_text("study,g,v\nA,0.3,0.1\nB,0.2,0.2\n", encoding="utf-8")
    words = ("pool", str(file), "--yi", "g", "--vi", "v")
    assert data(*words)["measure"] is None
    assert data(*words, "--measure", "SMD")["measure"] == "SMD"
    assert "Pass `--vi v`" in refusal("pool", str(file), "--yi", "g", "--sei", "v")


def test_reports_are_read_as_printed(
    run: Callable[..., str],
    refusal: Callable[..., str],
    data: Callable[..., Any],
    notes: Callable[..., str],
    tmp_path: Path,
) -> None:
    file = tmp_path / "reports.csv"
    file.write_text(REPORTS, encoding="utf-8")
    words = (str(file), "--measure", "SMD", "--from-reports")
    table = mr.read_studies(file, as_printed=True)
    found = mr.effects_from_reports(table, "SMD")
    shown = data("effects", *words)
    assert [row["yi"] for row in shown] == found["yi"].astype(object).where(
        found["yi"].notna(), None
    ).tolist()
    assert shown[1]["route"] == "t"
    said = notes("effects", *words)
    assert "sign taken as positive: C, D." in said
    assert "no effect: C, E." in said
    bound = ("pool", *words, "--inequality", "bound", "--equal-groups", "no")
    assert run(*bound).startswith("Random-effects model, 4 studies")
    assert "reads bounds" in refusal("pool", *words[:3], "--p", "p", "--n1", "n1", "--n2", "n2")
    assert "true or false" in refusal("pool", *words, "--equal-groups", "perhaps")


def test_headers_below_a_title_and_sheets_by_number(
    run: Callable[..., str], refusal: Callable[..., str], data: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "thesis.xlsx"
    grid = pd.DataFrame([["My thesis", None], ["yi", "vi"], [0.3, 0.1], [0.2, 0.1]])
    with pd.ExcelWriter(file) as book:
        pd.DataFrame({"x": [1]}).to_excel(book, sheet_name="notes", index=False)
        grid.to_excel(book, sheet_name="data", index=False, header=False)
    assert "looks like a title" in refusal("pool", str(file), "--sheet", "2")
    words = (str(file), "--sheet", "2", "--header", "2")
    assert data("pool", *words)["k"] == 2
    assert "k = 2" in run("report", *words)


@pytest.mark.parametrize(
    "words",
    [
        ("find", "--r", "r", "--n", "n", "--estimate", ".23"),
        ("check",),
        ("pool", "--measure", "ZCOR", "--r", "r", "--n", "n"),
        ("bias", "--measure", "ZCOR", "--r", "r", "--n", "n"),
        ("report", "--measure", "ZCOR", "--r", "r", "--n", "n"),
        ("plot", "--measure", "ZCOR", "--r", "r", "--n", "n", "--out", "FOLDER/a.svg"),
    ],
)
def test_every_verb_on_a_table_takes_the_line_of_its_headers(
    run: Callable[..., str], refusal: Callable[..., str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    plain, titled = tmp_path / "plain.csv", tmp_path / "titled.csv"
    titled.write_text(TITLED, encoding="utf-8")
    plain.write_text(TITLED.partition("\n")[2], encoding="utf-8")
    verb, *rest = (word.replace("FOLDER", str(tmp_path)) for word in words)
    assert "Say so by `--header 2`" in refusal(verb, str(titled), *rest)
    shown = run(verb, str(titled), *rest, "--header", "2")
    if verb != "check":  # which names the lines of the file
        assert shown == run(verb, str(plain), *rest)


@pytest.mark.parametrize("verb", ["bias", "report", "plot"])
def test_reports_are_read_by_the_verbs_that_pool_them(
    notes: Callable[..., str], tmp_path: Path, verb: str
) -> None:
    file = tmp_path / "reports.csv"
    file.write_text(REPORTS, encoding="utf-8")
    out = ("--out", str(tmp_path / "a.svg")) if verb == "plot" else ()
    words = (verb, str(file), "--measure", "SMD", "--from-reports", *out)
    assert "sign taken as positive: C, D." in notes(*words, "--inequality", "bound")


@pytest.mark.parametrize("verb", ["pool", "effects", "find", "check"])
def test_a_sheet_of_a_file_that_has_none_is_refused(
    refusal: Callable[..., str], tmp_path: Path, verb: str
) -> None:
    file = tmp_path / "plain.csv"
    file.write_text("study,r,n\nA,.31,40\nB,.12,55\n", encoding="utf-8")
    words = ("--r", "r", "--n", "n")
    more = {"find": (*words, "--estimate", ".2"), "check": ()}.get(
        verb, (*words, "--measure", "ZCOR")
    )
    assert "`--sheet` must stand with a workbook" in refusal(verb, str(file), "--sheet", "2", *more)
