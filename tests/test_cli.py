"""The terminal: what it prints, its exit status, and its JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from typer.testing import CliRunner

import metarel as mr
from metarel.cli import app
from metarel.cli._app import OUT, VERBS, of_the_terminal
from metarel.cli._studies import as_long_as_the_longest
from metarel.cli._words import parts_of
from metarel.cli.plot import OF_A_FIT
from metarel.data import catalog

DATASETS = Path(__file__).resolve().parents[1] / "datasets"
MOLLOY = str(DATASETS / "molloy2014" / "studies.csv")
#: What a fit says of names that repeat; the terminal says it below, in its own options.
REPEATED = (
    "\nNote: 16 effects of 15 names, treated as independent; if they are not, see\n  robust()."
)
POOL_MOLLOY = ("pool", MOLLOY, "--measure", "ZCOR", "--r", "r", "--n", "n")


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def run(*words: str, status: int = 0) -> str:
    """Return what a command prints, after checking its exit status."""
    done = CliRunner().invoke(app, list(words), env={"COLUMNS": "120"}, catch_exceptions=False)
    assert done.exit_code == status, done.output
    return done.stdout


def refusal(*words: str) -> str:
    """Return the one paragraph that a refused command prints, on standard error only."""
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Error:")
    assert "Traceback" not in done.stderr
    *lines, last = done.stderr.split("\n")
    assert last == ""
    assert all(lines)
    return " ".join(line.strip() for line in lines)


def data(*words: str, status: int = 0) -> Any:
    """Return the plain data that a command prints."""
    return json.loads(run(*words, "--json", status=status), parse_constant=pytest.fail)


def test_convert_says_rule_steps_and_what_the_digits_leave_open() -> None:
    text = run("convert", "r=.28", "--to", "d")
    assert "d = 0.5833" in text
    assert "Rule equal-groups, r → d: d = 2·r/√(1 − r²)" in text
    assert "d = .57 is possible only for r in [0.2750, 0.2763): 13 % of that interval." in text
    assert "d = .58 is possible only for r in [0.2763, 0.2807): 44 % of that interval." in text


def test_convert_holds_a_reported_result_against_the_number() -> None:
    assert "Held against .57: d = .57 is possible only for r in" in run(
        "convert", "r=.28", "--to", "d", "--reported", ".57"
    )
    assert "d = .61 is not possible" in run("convert", "r=.28", "--to", "d", "--reported", ".61")


def test_convert_takes_needs_as_options_in_any_order() -> None:
    expected = mr.convert(2.31, "t", "g", n1=20, n2=25)
    for words in (
        ("t=2.31", "--n1", "20", "--n2", "25", "--to", "g"),
        ("--n1=20", "--n2=25", "t=2.31", "--to", "g"),
        ("--to", "g", "--n1", "20", "t=2.31", "--n2", "25"),
    ):
        assert data("convert", *words)["result"] == expected
    share = data("convert", "r=.28", "--to", "d", "--rule", "base-rate", "--base-rate", ".3")
    assert share["result"] == mr.convert(0.28, "r", "d", rule="base-rate", base_rate=0.3)


def test_convert_averages_over_true_effects() -> None:
    found = data("convert", "z=.32", "--to", "r", "--tau2", ".04", "--average", "mode")
    assert found["result"] == mr.convert(0.32, "z", "r", tau2=0.04, average="mode")
    assert "the mean of r is" in run("convert", "z=.32", "--to", "r", "--tau2", ".04")


def test_convert_as_json() -> None:
    found = data("convert", "r=.28", "--to", "d", "--reported", ".57")
    assert found["result"] == mr.convert(0.28, "r", "d")
    assert [result["text"] for result in found["possible"]] == [".57", ".58", ".59"]
    assert found["against"]["share"] == pytest.approx(0.1307, abs=1e-4)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("convert", ".28", "--to", "d"), "must be written METRIC=NUMBER, as in r=.28; got '.28'"),
        (("convert", "r=x", "--to", "d"), "must be a number as printed"),
        (("convert", "r=1.2", "--to", "d"), "`value` must be"),
        (("convert", "rrr=.28", "--to", "d"), "`source` must be a metric"),
        (("convert", "r=.28", "--to", "dd"), "got 'dd'. Did you mean 'd'"),
        (("convert", "r=.28"), "`--to` must be given"),
        (("convert", "r=.28", "-to", "d"), "Options have two dashes: write --to and not -to"),
        (("convert", "t=2,310", "--to", "d"), "2,310 can be 2.31 or 2310. Write 2.310 or 2310"),
        (("convert", "d=0,575", "--to", "r"), "write 0.575 for 0,575"),
        (("convert", "p", "--to", "d"), "A bound stands in quotes, as in 'p<.001'"),
        (("convert", "p<.001", "--to", "d"), "'<.001' is a bound"),
        (("convert", "r=6%", "--to", "d"), "write .06"),
        (("convert", "t=2", "--to", "d", "--n1", "2.5", "--n2", "3"), "`n1` must be a whole"),
        (("convert", "t=2", "--to", "d", "--n1", "0", "--n2", "3"), "`n1` must be positive; got 0"),
        (("convert", "r=.28", "--to", "d", "--n", "46"), "'exact' and 'base-rate-n' and"),
        (("explain", "r", "d", "--rule", "exact"), "`--rule` must stand with a number"),
        (("explain", "r", "d", "--n1", "4"), "`--n1` must stand with a number"),
        (("explain", "r", "r"), "`TARGET` must be another metric"),
        (("interpret", "d=0,575"), "write 0.575 for 0,575"),
        (("interpret", "OR=1,250"), "1,250 can be 1.25 or 1250"),
        (("compatible", "OR=1,250", "d=.12"), "1,250 can be 1.25 or 1250"),
        (("convert", "r=.28", "--to", "d", "--rule", "exct"), "Did you mean 'exact'"),
        (("convert", "r=.28", "--to", "d", "--rule", "exact"), "`n1`, `n2` must be given"),
        (("convert", "r=.28", "--to", "d", "--time", "4"), "`time` would not be read"),
        (("convert", "p=-.03", "--to", "t", "--df", "9", "--sign", "-1"), "has its sign already"),
        (("convert", "r=.28", "--to", "d", "--n3", "4"), "one of '--n1', '--n2'"),
        (("convert", "r=.28", "--to", "d", "--n1", "many"), "`n1` must be a number as printed"),
        (("convert", "r=.28", "--to", "d", "--n1"), "`--n1` must be followed by a value"),
        (("convert", "r=.28", "r=.3", "--to", "d"), "Exactly one METRIC=NUMBER"),
        (("interpret", "d"), "must be written METRIC=NUMBER"),
        (("interpret", "x=3"), "`METRIC` must be a metric"),
        (("interpret", "eta2=.3"), "'log_or', 'or'; got 'eta2'. Convert 'eta2' to 'd' first"),
        (("interpret", "d=.2", "--cii", ".1,.3"), "Did you mean '--ci'"),
        (("interpret", "d=.2", "--plot", "no/d.png"), "in a folder that exists; there is no no"),
        (("interpret", "d=much"), "`d` must be a number as printed"),
        (("interpret", "r=1"), "`r` must be a number in (-1, 1)"),
        (("interpret", "d=.2", "--ci", ".1"), "`ci` must be two numbers"),
        (("interpret", "d=.2", "--ci", ".3,.4"), "`ci` must enclose the effect"),
        (("interpret", "d=.2", "--groups", "all"), "`groups` must be two different names"),
        (("interpret", "d=.2", "--base-rate", "2"), "`base_rate` must be"),
        (("interpret", "d=.2", "--plot", "d.doc"), "`--plot` must be one of"),
        (("pool", "no.csv"), "there is no no.csv"),
        (("pool", MOLLOY), "the table has no column 'yi'"),
        (("pool", MOLLOY, "--r", "r"), "`--r` is not an option without `--measure`"),
        (("pool", MOLLOY, "--tua2", "DL"), "Did you mean '--tau2'"),
        (("pool", MOLLOY, "--measure", "ZCORR"), "Did you mean 'ZCOR'"),
        (("pool", MOLLOY, "--measure", "ZCOR", "--ri", "r", "--n", "n"), "Did you mean '--r'"),
        ((*POOL_MOLLOY, "--tau", "PM"), "no option `--tau`. Did you mean '--tau2'? ZCOR takes --r"),
        ((*POOL_MOLLOY, "--width", "3"), "no option `--width`. ZCOR takes --r, --n"),
        ((*POOL_MOLLOY, "--F", "n"), "`--from-reports --f` reads it"),
        ((*POOL_MOLLOY, "--correct", "perhaps"), "`correct` must be True, False"),
        (("pool", MOLLOY, "--from-reports"), "`--from-reports` needs `--measure`"),
        (("effects", MOLLOY, "--measure", "ZCOR"), "ZCOR needs `r`, `n`"),
        (("pool", MOLLOY, "--measure", "ZCOR", "--r", "rr", "--n", "n"), "column 'rr'"),
        (
            (*POOL_MOLLOY, "--tau2", "DLL"),
            "`tau2` must be one of",
        ),
        ((*POOL_MOLLOY, "--by", "design"), "`--by` belongs to `metarel subgroups`"),
        (("reproduce", "moloy2014"), "Did you mean 'molloy2014'"),
        (("reproduce", "molloy2014", "--strict"), "`--strict` must stand with one folder of"),
        (("reproduce", "--jobs", "2", "--depth", "declared"), "`--depth`, `--jobs` must stand"),
    ],
)
def test_errors_are_one_paragraph_and_status_2(words: Sequence[str], message: str) -> None:
    assert message in refusal(*words)


@pytest.mark.parametrize("words", [("poool",), ("reproduce", "--jsn")])
def test_an_unknown_command_or_option_is_status_2(words: Sequence[str]) -> None:
    assert run(*words, status=2) == ""


def test_interpret_says_what_an_effect_means() -> None:
    assert run("interpret", "d=0.57") == f"{mr.interpret(d=0.57)}\n"
    assert run("interpret", "logOR=-.4") == f"{mr.interpret(log_or=-0.4)}\n"
    assert run("interpret", "or=2", "--base-rate", ".3") == (
        f"{mr.interpret(odds_ratio=2, base_rate=0.3)}\n"
    )
    said = mr.interpret(
        g=0.4, ci=(-0.1, 0.9), groups=("CBT", "waiting list"), control_event_rate=0.2
    )
    words = ("--ci", "-.1,.9", "--groups", "CBT, waiting list", "--control-event-rate", "0.2")
    assert run("interpret", "g=.4", *words) == f"{said}\n"
    assert run("interpret", "g=.4", *words, "--all") == f"{said.full_text()}\n"
    assert run("interpret", "d", "=", ".57") == f"{mr.interpret(d=0.57)}\n"


def test_interpret_as_json() -> None:
    found = data("interpret", "r=.28")
    assert (found["r"], found["given"]) == (0.28, "r")
    by_name = {said["quantity"]: said for said in found["statements"]}
    among = by_name["relationship elements 2018"]
    assert among["value"] == 0.28
    assert "is larger than 7 of the 15 pooled effects" in among["meaning"]
    assert by_name["U3"]["ci_low"] is None


@pytest.mark.parametrize("effect", ["r=.28", "d=-.5"])
def test_interpret_draws_the_picture(tmp_path: Path, effect: str) -> None:
    file = tmp_path / "meaning.png"
    assert run("interpret", effect, "--plot", str(file)).endswith(f"Wrote {file}.\n")
    assert file.read_bytes().startswith(b"\x89PNG")


def test_pool_prints_the_fit_and_its_json() -> None:
    words = (*POOL_MOLLOY, "--labels", "study")
    table = mr.effect_sizes(pd.read_csv(MOLLOY), "ZCOR", r="r", n="n")
    fit = mr.pool(table, labels="study", tau2="DL", test="knha", level=0.9)
    choices = ("--tau2", "DL", "--test", "knha", "--level", "0.9")
    assert REPEATED in str(fit)
    assert run(*words, *choices) == f"{fit}\n".replace(REPEATED, "")
    assert data(*words, *choices) == fit.to_dict()


def test_pool_takes_effects_that_are_there(tmp_path: Path) -> None:
    file = tmp_path / "studies.tsv"
    file.write_text("g\tse\n0.3\t0.1\n0.5\t0.2\n0.2\t0.15\n", encoding="utf-8")
    fit = mr.pool(yi=[0.3, 0.5, 0.2], sei=[0.1, 0.2, 0.15])
    assert data("pool", str(file), "--yi", "g", "--sei", "se") == fit.to_dict()


def test_regress_and_subgroups_print_what_the_functions_give() -> None:
    table = mr.effect_sizes(pd.read_csv(MOLLOY), "ZCOR", r="r", n="n")
    regression = mr.meta_regression(table, "meanage + C(design)")
    words = ("regress", *POOL_MOLLOY[1:], "--formula", "meanage + C(design)")
    assert run(*words).rstrip() == str(regression).replace(REPEATED, "").rstrip()
    assert data(*words) == regression.to_dict()
    groups = mr.subgroups(table, "controls")
    words = ("subgroups", *POOL_MOLLOY[1:], "--by", "controls")
    assert run(*words) == f"{groups}\n"
    found = data(*words)
    assert set(found["levels"]) == {"none", "multiple"}
    assert found["between"]["statistic"] == groups.between.statistic
    assert found["between"]["df2"] is None
    crossed = mr.subgroups(table, ["controls", "design"], common_tau2=True)
    words = ("subgroups", *POOL_MOLLOY[1:], "--by", "controls, design", "--common-tau2")
    assert run(*words) == f"{crossed}\n"


@pytest.mark.parametrize(
    "more", [("pool",), ("regress", "--formula", "meanage"), ("subgroups", "--by", "controls")]
)
def test_verbs_on_studies_draw_a_forest_plot(tmp_path: Path, more: tuple[str, ...]) -> None:
    file = tmp_path / "forest.png"
    verb, *options = more
    words = (verb, *POOL_MOLLOY[1:], "--labels", "study", *options)
    run(*words, "--plot", str(file))
    assert file.read_bytes().startswith(b"\x89PNG")
    assert "`--plot` must be one of" in refusal(*words, "--plot", str(tmp_path / "a.doc"))


@pytest.mark.parametrize(
    ("more", "columns"),
    [
        ((), {"kind", "label", "estimate"}),
        (("--by", "controls"), {"kind", "group", "weight"}),
        (("--layout", "jama"), {"kind", "label", "estimate"}),
        (("--kind", "funnel"), {"label", "estimate", "se"}),
        (("--kind", "orchard", "--by", "controls"), {"kind"}),
        (("--kind", "gosh"), {"estimate"}),
        *(
            (("--kind", kind), set())
            for kind in OF_A_FIT
            if kind not in ("forest", "funnel", "orchard", "influence")
        ),
        (("--kind", "bubble", "--moderator", "meanage"), {"label", "estimate"}),
    ],
)
def test_plot_writes_the_picture_and_gives_its_numbers(
    tmp_path: Path, more: tuple[str, ...], columns: set[str]
) -> None:
    file = tmp_path / "picture.svg"
    words = ("plot", *POOL_MOLLOY[1:], "--labels", "study", "--out", str(file), *more)
    assert run(*words) == f"Wrote {file}.\n"
    assert "<svg" in file.read_text(encoding="utf-8")
    assert columns <= set(data(*words)[0])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--kind", "pie"), "`--kind` must be one of"),
        (("--kind", "bubble"), "`--moderator` must be given for a bubble plot"),
        (("--moderator", "meanage"), "`--moderator` must be given for a bubble plot"),
        (("--kind", "qq", "--by", "controls"), "`--by` must be left out"),
        (("--kind", "qq", "--layout", "jama"), "`--layout` must be left out"),
    ],
)
def test_plot_refuses_what_does_not_fit(
    tmp_path: Path, more: tuple[str, ...], message: str
) -> None:
    file = tmp_path / "picture.svg"
    assert message in refusal("plot", *POOL_MOLLOY[1:], "--out", str(file), *more)
    assert not file.exists()


def test_plot_has_a_width_in_millimetres(tmp_path: Path) -> None:
    file = tmp_path / "picture.svg"
    words = ("plot", *POOL_MOLLOY[1:], "--labels", "study", "--out", str(file))
    run(*words, "--width", "170")
    assert 'width="170mm"' in file.read_text(encoding="utf-8")
    done = CliRunner().invoke(app, [*words, "--width", "60"], catch_exceptions=False)
    assert "pt at 60 mm; most journals ask for 6 or more" in " ".join(done.stderr.split())
    assert "`--width` must be a positive number of millimetres" in refusal(*words, "--width", "-3")
    small = tmp_path / "small.png"
    run(*words[:-1], str(small), "--dpi", "50")
    large = tmp_path / "large.png"
    run(*words[:-1], str(large))
    assert small.stat().st_size < large.stat().st_size


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx"])
def test_effects_are_computed_for_every_row(tmp_path: Path, suffix: str) -> None:
    table = mr.effect_sizes(pd.read_csv(MOLLOY), "ZCOR", r="r", n="n")
    words = ("effects", *POOL_MOLLOY[1:])
    assert data(*words)[3]["yi"] == table["yi"][3]
    text = run(*words).splitlines()
    assert len(text) == len(table) + 4
    assert "Fisher's z of a correlation, positive" in text[-2]
    assert max(map(len, text[-2:])) <= 80
    file = tmp_path / f"effects{suffix}"
    told = run(*words, "--out", str(file))
    assert told.startswith(f"Wrote 16 rows to {file}.\n")
    assert told.endswith(f"metarel pool {file} --measure ZCOR\n")
    assert data("pool", str(file), "--measure", "ZCOR")["measure"] == "ZCOR"
    assert mr.read_studies(file)["vi"].tolist() == pytest.approx(table["vi"].tolist(), rel=1e-15)
    assert "`--out` must be one of" in refusal(*words, "--out", str(tmp_path / "effects.doc"))
    assert "can be written" in refusal(*words, "--out", str(tmp_path / "no" / f"a{suffix}"))


@pytest.mark.parametrize("more", [(), ("--formula", "meanage"), ("--by", "controls")])
def test_report_prints_the_sentence_or_writes_the_page(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    words = ("report", *POOL_MOLLOY[1:], "--labels", "study", *more)
    said = run(*words)
    assert "k = 16" in said
    assert data(*words)["sentence"] == said.strip()
    file = tmp_path / "report.md"
    assert run(*words, "--out", str(file), "--title", "Adherence") == f"Wrote {file}.\n"
    assert file.read_text(encoding="utf-8").startswith("# Adherence")
    assert "cannot be given together" in refusal(*words, "--formula", "n", "--by", "controls")
    assert "`path`" in refusal(*words, "--out", str(tmp_path / "report.pdf"))
    run(*words, "--out", str(file), "--sections", "model, versions")
    heads = [x for x in file.read_text(encoding="utf-8").splitlines() if x.startswith("## ")]
    assert heads == ["## Model", "## Versions"]
    assert "'modle'" in refusal(*words, "--out", str(file), "--sections", "modle")
    assert "write one with `--out FILE`" in refusal(*words, "--sections", "model")


def test_explain_tells_every_rule() -> None:
    text = run("explain", "r", "d")
    assert text.startswith("From correlation to standardised mean difference:")
    assert "2·r/√(1 − r²)" in text
    rules = data("explain", "r", "d")
    assert rules[0]["rule"] == "equal-groups"
    said = " ".join(text.split())
    assert all(rule["rule"] in said and rule["assumption"] in said for rule in rules)
    assert "equal-groups (default: approximation)" in text
    assert "`TARGET` must be a metric" in refusal("explain", "r", "dd")


def test_explain_tells_every_step_where_there_are_several() -> None:
    text = run("explain", "OR", "d")
    assert text.startswith("No rule leads from 'or' to 'd' in one step; the way is or → log_or → d")
    assert "logistic (default: approximation)" in text
    steps = [(rule["from"], rule["to"], rule["rule"]) for rule in data("explain", "OR", "d")]
    assert steps[:2] == [("or", "log_or", "definition"), ("log_or", "d", "logistic")]


def test_explain_with_a_number_is_convert() -> None:
    words = ("r=.28", "--to", "d", "--reported", ".57", "--n1", "20", "--n2", "26")
    assert run("explain", *words) == run("convert", *words)
    assert data("explain", *words) == data("convert", *words)


def test_blanks_and_names_that_people_write() -> None:
    expected = run("convert", "d=.57", "--to", "r")
    assert run("convert", "d", "=", ".57", "--to", "r") == expected
    assert run("convert", "Cohen's d = .57", "--to", "R") == expected
    assert run("convert", "d=", ".57", "--to", "r") == expected


def test_letters_that_mean_two_things_are_said() -> None:
    assert "f = 6.25 (Cohen's f; an F statistic is F) gives" in run(
        "convert", "f=6.25", "--to", "d"
    )
    assert "z = .3 (Fisher's z of a correlation; the z of a test is z_stat)" in run(
        "convert", "z=.3", "--to", "r"
    )


def test_thousands_stand_in_sizes() -> None:
    words = ("convert", "t=2.31", "--to", "d")
    assert data(*words, "--n1", "1,250", "--n2", "1250") == data(
        *words, "--n1", "1250", "--n2", "1250"
    )


def test_what_a_number_prints_fits_a_terminal() -> None:
    for words in (("convert", "r=.28", "--to", "d"), ("explain", "OR", "d")):
        assert max(map(len, run(*words).splitlines())) <= 80


def notes(*words: str) -> str:
    """Return what a command says on standard error, beside its result."""
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return one_line(done.stderr)


def one_line(text: str) -> str:
    """Return a text whose lines were folded as one line."""
    return " ".join(text.split())


def test_rows_left_out_are_said_once_by_their_line(tmp_path: Path) -> None:
    file = tmp_path / "studies.csv"
    file.write_text("study,yi,vi\nA,0.3,0.1\n\nB,,0.2\nC,0.2,0.15\n", encoding="utf-8")
    assert "Left out: 1 row: B, line 4 (no yi)." in run("pool", str(file))
    assert notes("pool", str(file)) == ""
    assert "line 4 ('B'): no yi" in notes("pool", str(file), "--json")


TRIALS = """Author,m1,sd1,n1,m2,sd2,n2,t
Ando,8,5.5,30,10,5.1,30,
Bauer,9,5.5,30,12,5.2,30,
Cho,7,5.5,30,10,5.3,30,
Cho,7.5,4.5,31,10,5.4,30,
Mueller,7,5.5,30,,,30,
Furukawa,,,30,,,30,2.31
"""
MEANS = [part for word in ("m1", "sd1", "n1", "m2", "sd2", "n2") for part in (f"--{word}", word)]


@pytest.fixture
def trials(tmp_path: Path) -> str:
    """A file of trials, with a bare t, an incomplete row and a name that repeats."""
    file = tmp_path / "trials.csv"
    file.write_text(TRIALS, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize("verb", ["effects", "pool"])
def test_a_bare_t_is_named_where_effects_are_computed(trials: str, verb: str) -> None:
    words = (verb, trials, "--measure", "smd", *MEANS)
    assert "line 7 of the file ('Furukawa'): sign taken from t = 2.31" in notes(*words, "--t", "t")
    assert "Furukawa" not in notes(*words)


def test_effects_come_with_a_legend(trials: str) -> None:
    legend = run("effects", trials, "--measure", "SMD", *MEANS).replace("\n", " ")
    assert "yi: standardised mean difference (corrected: Hedges' g), positive when" in legend
    assert "Mueller, line 6 (m2, sd2 missing)" in legend
    plain = run("effects", trials, "--measure", "SMD", *MEANS, "--correct", "False")
    assert "Cohen's d" in plain
    found = data("effects", trials, "--measure", "SMD", *MEANS, "--correct", "no")
    assert found[0]["yi"] == pytest.approx(-2 / ((5.5**2 + 5.1**2) / 2) ** 0.5)


def test_a_legend_says_what_was_added_to_empty_cells(tmp_path: Path) -> None:
    file = tmp_path / "tables.csv"
    file.write_text("study,a,n,c,m\nA,4,10,5,12\nB,0,10,3,10\nC,9,9,3,10\n", encoding="utf-8")
    words = ("effects", str(file), "--measure", "OR")
    columns = ("--events1", "a", "--n1", "n", "--events2", "c", "--n2", "m")
    assert "0.5 was added to the cells of B, C (a cell is 0)." in run(*words, *columns)
    tenth = run(*words, *columns, "--add", ".1", "--drop00", "yes")
    assert "0.1 was added to the cells of B, C" in tenth
    assert "was added" not in run(*words, *columns, "--to", "none")
    assert "`--add` must be followed by a number" in refusal(*words, *columns, "--add", "much")


def test_labels_that_repeat_and_clusters(trials: str) -> None:
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


def test_studies_without_names_are_numbered_aloud(tmp_path: Path) -> None:
    file = tmp_path / "studies.csv"
    file.write_text("yi,vi\n0.3,0.1\n0.2,0.2\n,0.1\n", encoding="utf-8")
    assert "the studies are numbered. --labels names one" in notes("pool", str(file))
    assert "Study 3, line 4 (no yi)" in run("pool", str(file))


def test_raw_numbers_are_looked_over(tmp_path: Path) -> None:
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


def test_what_effects_are_may_be_said_beside_them(tmp_path: Path) -> None:
    file = tmp_path / "effects.csv"
    file.write_text("study,g,v\nA,0.3,0.1\nB,0.2,0.2\n", encoding="utf-8")
    words = ("pool", str(file), "--yi", "g", "--vi", "v")
    assert data(*words)["measure"] is None
    assert data(*words, "--measure", "SMD")["measure"] == "SMD"
    assert "Pass `--vi v`" in refusal("pool", str(file), "--yi", "g", "--sei", "v")


REPORTS = """study,m1,m2,sd1,sd2,t,f,p,n1,n2
A,21.3,18.0,4.1,5.0,1.84,,,12,15
B,,,,,2.50,,.02,15,45
C,,,,,,,<.05,20,20
D,,,,,,4.2,,20,20
E,,,,,,,n.s.,20,20
"""


def test_reports_are_read_as_printed(tmp_path: Path) -> None:
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


def test_headers_below_a_title_and_sheets_by_number(tmp_path: Path) -> None:
    file = tmp_path / "thesis.xlsx"
    grid = pd.DataFrame([["My thesis", None], ["yi", "vi"], [0.3, 0.1], [0.2, 0.1]])
    with pd.ExcelWriter(file) as book:
        pd.DataFrame({"x": [1]}).to_excel(book, sheet_name="notes", index=False)
        grid.to_excel(book, sheet_name="data", index=False, header=False)
    assert "looks like a title" in refusal("pool", str(file), "--sheet", "2")
    words = (str(file), "--sheet", "2", "--header", "2")
    assert data("pool", *words)["k"] == 2
    assert "k = 2" in run("report", *words)


def test_reproduce_prints_verdicts() -> None:
    text = run("reproduce", "molloy2014")
    assert "molloy2014: Molloy, O'Carroll & Ferguson 2014, abstract" in text
    assert "8 published figures: 4 of 8 agree; 4 differ, each with a note on it." in text
    assert "younger_ci_high" in text
    found = data("reproduce", "molloy2014", "bcg")
    expected = [mr.reproduce(slug).to_dict()["figures"] for slug in ("molloy2014", "bcg")]
    assert found["figures"] == [*expected[0], *expected[1]]
    assert found["ok"] is True


def test_reproduce_has_status_1_where_a_verdict_is_unexpected(tmp_path: Path) -> None:
    folder = tmp_path / "molloy2014"
    folder.mkdir()
    for file in (DATASETS / "molloy2014").iterdir():
        text = file.read_text(encoding="utf-8").replace('printed = "0.15"', 'printed = "0.16"')
        (folder / file.name).write_text(text, encoding="utf-8")
    text = run("reproduce", str(folder), status=1)
    assert "1 verdict is not the one recorded: molloy2014 r." in " ".join(text.split())
    assert data("reproduce", str(folder), status=1)["ok"] is False


def test_reproduce_counts_by_dataset_and_shows_all_figures_only_where_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalog, "slugs", lambda: ["cohen1981", "molloy2014"])
    text = run("reproduce")
    assert text.splitlines()[3].split() == ["cohen1981", "8", "8"]
    assert text.splitlines()[4].split() == ["molloy2014", "8", "4", "4"]
    assert "younger_r" not in text
    assert "16 published figures: 4 of the 8 that can run agree" in text
    assert "younger_r" in run("reproduce", "--all")
    assert len(data("reproduce")["figures"]) == 16
    assert "`--all` must stand alone" in refusal("reproduce", "molloy2014", "--all")


def test_compatible_judges_two_printed_numbers_by_every_rule() -> None:
    found = mr.compatible(".28", "r", ".57", "d")
    assert run("compatible", "r=.28", "d=.57") == f"{found}\n"
    assert data("compatible", "r=.28", "d=.57")["rules"] == found.to_dict()["rules"]
    assert "Exactly one pair of numbers" in refusal("compatible", "r=.28")
    assert "METRIC=NUMBER" in refusal("compatible", "r=.28", ".57")


def test_find_prints_the_search_and_the_slips() -> None:
    table = as_long_as_the_longest(mr.read_studies(MOLLOY, as_printed=True))
    printed: dict[str, Any] = {"estimate": ".15", "ci": (".09", ".21"), "I2": "62%"}
    found = mr.find_analysis(table, r="r", n="n", **printed)
    words = ("find", *("--r", "r", "--n", "n", "--estimate", ".15", "--ci", ".09,.21"))
    words = (*words, MOLLOY, "--I2", "62%")
    assert run(*words).split() == str(found).split()
    assert data(*words)["classes"] == json.loads(json.dumps(found.to_dict()))["classes"]
    gap = mr.explain_gap(table, r="r", n="n", declared={"tau2": "DL"}, **printed)
    text = run(*words, "--gap", "--declared", "tau2=DL")
    assert text.split()[-40:] == str(gap).split()[-40:]
    assert data(*words, "--gap")["gap"]["verdict"]


def test_find_gives_cells_the_decimals_of_the_longest_in_their_column(tmp_path: Path) -> None:
    file = tmp_path / "studies.csv"
    file.write_text("study,r,n\nA,.3,40\nB,.28,55\nC,−0.1,60\nD,,70\n", encoding="utf-8")
    padded = as_long_as_the_longest(mr.read_studies(file, as_printed=True))
    assert padded["r"].fillna("").tolist() == [".30", ".28", "−0.10", ""]
    assert padded["n"].tolist() == ["40", "55", "60", "70"]
    assert padded["study"].tolist() == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--ci", ".12"), "`--ci` must be two limits in one word, LOW,HIGH"),
        (("--ci", "0,12,0,36"), "Between decimal commas stands a semicolon."),
        (("--Q", "1,192"), "1,192 can be 1.192 or 1192. Write 1.192 or 1192."),
        (("--declared", "DL"), "`--declared` must be CHOICE=VALUE"),
        (("--rr", "r"), "find has no option --rr. Did you mean '--r'?"),
    ],
)
def test_find_refuses_in_words(more: tuple[str, ...], message: str) -> None:
    words = ("find", MOLLOY, "--r", "r", "--n", "n", "--estimate", ".15", *more)
    assert message in refusal(*words)


SENTENCE = "Alliance predicted outcome, r = .28, 95% CI [.25, .30], k = 201, d = .57."
WRONG = "The effect was g = 0.45, 95% CI [0.20, 0.60], p = .03."


def test_check_reads_a_sentence_figures_a_file_and_standard_input(tmp_path: Path) -> None:
    found = mr.check(SENTENCE)
    assert run("check", SENTENCE) == f"{found}\n"
    assert data("check", SENTENCE) == json.loads(json.dumps(found.to_dict()))
    figures = ("check", "--r", ".24", "--ci", ".12,.36", "--k", "16")
    assert run(*figures) == f"{mr.check(r='.24', ci=('.12', '.36'), k='16')}\n"
    file = tmp_path / "abstract.txt"
    file.write_text(SENTENCE, encoding="utf-8")
    assert "r = .28" in run("check", str(file))
    piped = CliRunner().invoke(app, ["check", "-"], input=SENTENCE, env={"COLUMNS": "120"})
    assert piped.stdout == f"{found}\n"
    table = tmp_path / "subgroups.csv"
    table.write_text("group,k,r\nA,3,.20\nB,4,.30\nTotal,8,.25\n", encoding="utf-8")
    assert "8" in run("check", str(table), status=1)


def test_check_has_status_1_where_figures_contradict_each_other() -> None:
    found = mr.check(WRONG)
    assert not found.ok
    assert run("check", WRONG, status=1) == f"{found}\n"
    assert run("check", WRONG, "--letter", status=1) == f"{found.letter()}\n"
    assert run("check", "no figures at all").startswith("Nothing to check")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("check",), "A text, a file, or figures"),
        (("check", "a", "b"), "One text or file must be given"),
        (("check", "r = .2", "--k", "3"), "not both"),
        (("check", "none.pdf"), "there is no 'none.pdf'"),
        (("check", "--x", "3"), "`check` knows no figure 'x'"),
        (("check", "none.doc"), "there is no 'none.doc'"),
        (("check", "r = .2", "--lettr"), "no option --lettr. Did you mean '--letter'?"),
        (("check", "r = .2", "--jsn"), "Did you mean '--json'?"),
    ],
)
def test_check_refuses_in_words(words: tuple[str, ...], message: str) -> None:
    assert message in refusal(*words)


@pytest.mark.parametrize("name", ["old.doc", "old.rtf", "old.odt", "abstract"])
def test_check_refuses_files_that_it_cannot_read(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("r = .28, d = .99", encoding="utf-8")
    assert "cannot be read; save it as .docx, .pdf or .txt" in refusal("check", str(file))
    assert "a folder" in refusal("check", str(tmp_path))


def test_check_takes_df_and_p_beside_q_for_its_own() -> None:
    told = run("check", "--Q", "38.2", "--df", "15", "--I2", "10%", "--p", ".40", status=1)
    assert "p of Q" in told
    assert "df is taken for Q_df, p is taken for Q_p" in told


def test_check_names_rows_by_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("r,z,p\n.20,1.96,.05\n.30,1.96,.50\n", encoding="utf-8")
    assert "p from z [row 2, line 3 of the file]" in run("check", str(file), status=1)


def test_check_lists_all_groups_on_demand() -> None:
    text = ". ".join(f"Outcome {i}: z = 1.96, p = .05" for i in range(15)) + "."
    assert "… and 3 more groups" in run("check", text)
    assert "15. " in run("check", text, "--all")


def test_check_says_where_in_a_document(tmp_path: Path) -> None:
    file = tmp_path / "paper.txt"
    file.write_text("Aims.\n\nThe effect was large, z = 1.96, p = .50.", encoding="utf-8")
    told = run("check", str(file), status=1)
    assert "paragraph 2: “The effect was large, z = 1.96, p = .50”" in told


def test_the_help_of_check_lists_its_figures() -> None:
    told = run("check", "--help")
    for figure in ("Q_df", "Q_p", "tau2", "p_between", "ci LOW,HIGH"):
        assert f"--{figure}" in told


def test_evidence_prints_the_map_an_element_and_the_quotes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(OUT, "_width", 120)
    field = mr.evidence()
    assert run("evidence") == f"{field.to_text(120)}\n"
    alliance = field.element("alliance, adults").to_text(120)
    assert run("evidence", "alliance, adults") == f"{alliance}\n"
    adapting = mr.evidence(edition=2011, family="adapting")
    assert (
        run("evidence", "--edition", "2011", "--family", "adapting") == f"{adapting.to_text(120)}\n"
    )
    assert run("evidence", "--quotes", "--all") == f"{field.quotes.to_text(120)}\n"
    assert run("evidence", "--quotes").startswith("253 quoted figures: ")
    assert len(data("evidence", "--quotes")["quotes"]) == len(field.quotes.items)
    assert "Did you mean" in refusal("evidence", "aliance, adults")


def test_evidence_on_one_element_keeps_to_the_edition_and_the_family() -> None:
    assert "2011" not in run("evidence", "alliance", "--edition", "2018")
    assert "alliance, adults is not" in refusal("evidence", "alliance", "--family", "adapting")
    assert "`--all` must stand with --quotes" in refusal("evidence", "--all")


def test_reproduce_runs_a_folder_of_cases(tmp_path: Path) -> None:
    table = mr.effect_sizes(pd.read_csv(MOLLOY), "ZCOR", r="r", n="n")
    estimate = mr.pool(table, tau2="DL").predict(transform=True).iloc[0]["estimate"]
    studies = pd.read_csv(MOLLOY)[["study", "r", "n"]].rename(columns={"study": "label"})
    case = {
        "id": "one",
        "effect_type": "r",
        "data_kind": "r_n",
        "studies": studies.to_dict("records"),
        "reported": {"estimate": f"{estimate:.2f}", "k": "16"},
        "model": "RE",
        "tau2_estimator": "DL",
    }
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "one.json").write_text(json.dumps(case), encoding="utf-8")
    report, done = tmp_path / "report.md", tmp_path / "done.jsonl"
    words = ("reproduce", str(folder), "--depth", "declared", "--strict")
    text = run(*words, "--report", str(report), "--resume", str(done))
    assert "1 case: 1 all figures agree" in text
    assert report.read_text(encoding="utf-8").startswith("#")
    assert len(done.read_text(encoding="utf-8").splitlines()) >= 1
    case["reported"] = {"estimate": ".99"}
    (folder / "two.json").write_text(json.dumps(case | {"id": "two"}), encoding="utf-8")
    assert data(*words, status=1)["ok"] is False


FIND = ("find", MOLLOY, "--r", "r", "--n", "n")


@pytest.mark.parametrize(
    "limits", ["[.09, .21]", ".09;.21", "(.09 to .21)", ".09–.21", "0,09; 0,21"]
)
def test_limits_are_taken_as_papers_print_them(limits: str) -> None:
    asked = (*FIND, "--estimate", ".15", "--ci", limits)
    assert run(*asked) == run(*FIND, "--estimate", ".15", "--ci", ".09,.21").replace(
        "= .09", "= 0.09" if "0," in limits else "= .09"
    ).replace("= .21", "= 0.21" if "0," in limits else "= .21")


def test_a_decimal_comma_is_read_where_it_can_be_nothing_else() -> None:
    for limits in (("--ci", "0,09 to 0,21", "--I2", "61,8%"), ("--ci", "0,09–0,21", "--I2", "62%")):
        point = [word.replace(",", ".") for word in limits]
        assert run(*FIND, "--estimate", "0,15", *limits) == run(*FIND, "--estimate", "0.15", *point)
    said = notes(*FIND, "--estimate", "0,15", "--p", "<,001")
    assert "--estimate: 0,15 is read as 0.15." in said
    assert "--p: <,001 is read as <.001." in said


@pytest.mark.parametrize(
    ("limits", "parts"),
    [
        ("[–.12, –.02]", ["–.12", "–.02"]),
        ("–0,12; 0,02", ["–0,12", "0,02"]),
        ("–.12––.02", ["–.12", "–.02"]),
        ("-.12 – .02", ["-.12", ".02"]),
        ("-.12 –.02", ["-.12 –.02"]),
        ("−.12 to .02", ["−.12", ".02"]),
    ],
)
def test_a_dash_between_limits_is_no_minus_and_a_minus_is_kept(
    limits: str, parts: list[str]
) -> None:
    assert parts_of(limits) == parts


@pytest.mark.parametrize("limits", [(".09", ".21"), (".09,", ".21"), ("[.09,", ".21]")])
def test_limits_in_two_words_are_refused_with_the_one_word(limits: tuple[str, str]) -> None:
    said = refusal(*FIND, "--estimate", ".15", "--ci", *limits)
    assert "write --ci .09,.21." in said


def test_a_mistyped_option_is_named_before_anything_else() -> None:
    assert "no option --estimat. Did you mean '--estimate'?" in refusal(*FIND, "--estimat", ".15")
    assert "no option --gapp. Did you mean '--gap'?" in refusal(*FIND, "--gapp")


def test_find_says_how_to_go_on_in_options() -> None:
    few = run(*FIND, "--estimate", ".15")
    assert "more (--all shows them)" in few
    every = run(*FIND, "--estimate", ".15", "--all")
    assert "more" not in every.replace("more with the same result", "")
    assert len(every) > 5 * len(few)
    none = run(*FIND, "--estimate", ".40")
    assert "Add --gap to look for a slip" in none
    assert "()" not in none
    gap = run(*FIND, "--estimate", ".40", "--ci", ".38,.42", "--gap")
    assert "Add --gap" not in gap


def test_the_terminal_speaks_of_the_table() -> None:
    said = refusal("find", MOLLOY, "--r", "rr", "--n", "n", "--estimate", ".15")
    assert "which the table does not have" in said
    assert "`data`" not in said


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "give estimate='.24', ci=('.12', '.36'), I2='62%'.",
            "give --estimate .24 --ci .12,.36 --",
        ),
        ("Pass `base_rate='<.05'`.", "Pass `--base-rate '<.05'`."),
        ("such as ('.12', '.36'); got ('.09',).", "such as .12,.36; got .09."),
        ("Say so by `header=3`, or", "Say so by `--header 3`, or"),
        ("`data` lacks a. `data` is", "The table lacks a. The table is"),
    ],
)
def test_messages_speak_in_options(message: str, said: str) -> None:
    assert said in of_the_terminal(message)


def test_calls_of_python_and_numbers_stay_as_they_are() -> None:
    for message in ("meta_regression(data, 'C(group)', test='kr') tests", "as in r=.28; tau2=DL"):
        assert of_the_terminal(message) == message


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--estimate", ".15"), "name the columns of the studies, such as --r r --n n."),
        (("--r", "r", "--n", "n"), "must be given: --estimate .24 --ci .12,.36 --I2 62%."),
    ],
)
def test_find_asks_for_options(words: tuple[str, ...], said: str) -> None:
    assert said in refusal("find", MOLLOY, *words)


def test_errors_and_notes_fit_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "studies.csv"
    file.write_text("study,yi,vi\nA,.3,.1\nA,.2,.2\nB,.1,.1\nTotal,.2,.1\n", encoding="utf-8")
    for words in (("pool", str(file)), ("find", MOLLOY, "--r", "r", "--n", "n"), ("pool", MOLLOY)):
        done = CliRunner().invoke(app, list(words), env={"COLUMNS": "80"})
        lines = [line for line in done.stderr.splitlines() if str(file) not in line]
        assert len(lines) > 1
        assert max(map(len, lines)) <= 80


TITLED = "My thesis,,\nstudy,r,n\nA,.31,40\nB,.12,55\nC,.25,60\n"


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
    tmp_path: Path, words: tuple[str, ...]
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
def test_reports_are_read_by_the_verbs_that_pool_them(tmp_path: Path, verb: str) -> None:
    file = tmp_path / "reports.csv"
    file.write_text(REPORTS, encoding="utf-8")
    out = ("--out", str(tmp_path / "a.svg")) if verb == "plot" else ()
    words = (verb, str(file), "--measure", "SMD", "--from-reports", *out)
    assert "sign taken as positive: C, D." in notes(*words, "--inequality", "bound")


def test_datasets_are_listed() -> None:
    lines = run("datasets").splitlines()
    assert [line.split()[0] for line in lines[2:-3]] == mr.list_datasets()["slug"].tolist()
    found = data("datasets")
    assert [row["slug"] for row in found] == list(mr.list_datasets()["slug"])
    assert all(row["citation"] for row in found)


def test_a_total_is_no_study_of_a_search_but_is_one_figure_of_a_check(tmp_path: Path) -> None:
    rows = "Ada,109,.19\nBob,749,.16\nCyd,55,.34\nDee,65,-.09\n"
    file = tmp_path / "word.csv"
    file.write_text(f"Author,N,r\n{rows}Total,978,.15\n", encoding="utf-8")
    assert "4 studies" in run("find", str(file), "--r", "r", "--n", "N", "--estimate", ".15")
    assert "4 studies" in run("pool", str(file), "--measure", "ZCOR", "--r", "r", "--n", "N")
    levels = tmp_path / "levels.csv"
    levels.write_text("label,k\nold,9\nnew,8\nTotal,16\n", encoding="utf-8")
    assert "16" in run("check", str(levels), status=1)


def test_a_dataset_is_described_and_written_with_its_digits(tmp_path: Path) -> None:
    assert "Licence: " in run("datasets", "molloy2014")
    assert data("datasets", "bcg")["effects"]["default"]["measure"] == "RR"
    file = tmp_path / "studies.csv"
    text = run("datasets", "molloy2014", "--out", str(file))
    assert "16 rows, 10 columns" in text
    assert file.read_text(encoding="utf-8") == Path(MOLLOY).read_text(encoding="utf-8")
    command = text.splitlines()[-1].split()
    assert command[0] == "metarel"
    assert "16 studies" in run(*command[1:])
    run("datasets", "bcg", "--out", str(tmp_path / "bcg.xlsx"))
    assert len(mr.read_studies(tmp_path / "bcg.xlsx")) == 13


def test_a_dataset_that_does_not_exist_and_a_file_of_no_kind_are_refused(tmp_path: Path) -> None:
    for verb in ("datasets", "reproduce"):
        said = refusal(verb, "bgc")  # with no progress before or below it
        assert "got 'bgc'. Did you mean 'bcg'?" in said
        assert "molloy2014" not in said
    assert "must stand with a dataset" in refusal("datasets", "--out", str(tmp_path / "x.csv"))
    assert "'*.xlsx'" in refusal("datasets", "bcg", "--out", str(tmp_path / "x.pdf"))


@pytest.mark.parametrize(
    "words",
    [
        ("datasets",),
        ("datasets", "bcg"),
        ("evidence",),
        ("evidence", "--quotes"),
        ("evidence", "--quotes", "--all"),
        ("evidence", "real relationship"),
        ("reproduce", "konstantopoulos2011"),
        (*FIND, "--estimate", ".15", "--ci", ".09,.21", "--I2", "62%"),
        (*FIND, "--estimate", ".24", "--ci", ".12,.36", "--gap"),
    ],
)
def test_what_verbs_print_fits_a_terminal(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, list(words), env={"COLUMNS": "80"}, catch_exceptions=False)
    assert max(len(x) for x in done.stdout.splitlines() if "http" not in x) <= 80


@pytest.mark.parametrize("command", VERBS)
def test_every_command_helps_with_examples_and_takes_json(command: str) -> None:
    text = run(command, "--help")
    assert "Examples:" in text
    assert f"metarel {command}" in text
    assert "--json" in text


def test_version() -> None:
    assert run("--version") == f"metarel {mr.__version__}\n"


def test_converting_one_number_loads_nothing_heavy() -> None:
    code = (
        "import sys; from metarel.cli import app\n"
        "app(['convert', 'r=.28', '--to', 'd'], standalone_mode=False)\n"
        "print(sorted({'scipy', 'pandas', 'matplotlib', 'formulaic', 'metarel.effects',"
        " 'metarel.models', 'metarel.repro'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
