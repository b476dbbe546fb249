"""What every verb says alike: errors, help, widths, and what is loaded for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

import metarel as mr
from metarel.cli import app
from metarel.cli._app import VERBS, of_the_terminal

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
MOLLOY = str(DATASETS / "molloy2014" / "studies.csv")
POOL_MOLLOY = ("pool", MOLLOY, "--measure", "ZCOR", "--r", "r", "--n", "n")
FIND = ("find", MOLLOY, "--r", "r", "--n", "n")


def test_the_package_runs_as_a_program() -> None:
    """Where the command is not found, the page on installing says ``python -m metarel``."""
    run = [sys.executable, "-m", "metarel", "--version"]
    done = subprocess.run(run, check=True, capture_output=True, encoding="utf-8")
    assert done.stdout == f"metarel {mr.__version__}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("convert", ".28", "--to", "d"), "must be written METRIC=NUMBER, as in r=.28; got '.28'"),
        (("convert", "r=x", "--to", "d"), "must be a number as printed"),
        (("convert", "r=1.2", "--to", "d"), "The number must be a number in (-1, 1); got 1.2"),
        (("convert", "rrr=.28", "--to", "d"), "The metric before = must be a metric, such as 'd'"),
        (("convert", "r=.28", "--to", "dd"), "got 'dd'. Did you mean 'd'"),
        (("convert", "r=.28"), "`--to` must be given"),
        (("convert", "r=.28", "-to", "d"), "Options have two dashes: write --to and not -to"),
        (("convert", "t=2,310", "--to", "d"), "2,310 can be 2.31 or 2310. Write 2.310 or 2310"),
        (("convert", "d=0,575", "--to", "r"), "write 0.575 for 0,575"),
        (("convert", "p", "--to", "d"), "A bound stands in quotes, as in 'p<.001'"),
        (("convert", "p<.001", "--to", "d"), "'<.001' is a bound"),
        (("convert", "r=6%", "--to", "d"), "write .06"),
        (("convert", "t=2", "--to", "d", "--n1", "2.5", "--n2", "3"), "`--n1` must be a whole"),
        (
            ("convert", "t=2", "--to", "d", "--n1", "0", "--n2", "3"),
            "`--n1` must be positive; got 0",
        ),
        (("convert", "r=.28", "--to", "d", "--n", "46"), "'exact' and 'base-rate-n' and"),
        (("explain", "r", "d", "--rule", "exact"), "`--rule` must stand with a number"),
        (("explain", "r", "d", "--n1", "4"), "`--n1` must stand with a number"),
        (("explain", "r", "r"), "`TARGET` must be another metric"),
        (("interpret", "d=0,575"), "write 0.575 for 0,575"),
        (("interpret", "OR=1,250"), "1,250 can be 1.25 or 1250"),
        (("compatible", "OR=1,250", "d=.12"), "1,250 can be 1.25 or 1250"),
        (("convert", "r=.28", "--to", "d", "--rule", "exct"), "Did you mean 'exact'"),
        (("convert", "r=.28", "--to", "d", "--rule", "exact"), "`n1`, `n2` must be given"),
        (("convert", "r=.28", "--to", "d", "--time", "4"), "`--time` would not be read"),
        (("convert", "p=-.03", "--to", "t", "--df", "9", "--sign", "-1"), "has its sign already"),
        (("convert", "r=.28", "--to", "d", "--n3", "4"), "one of '--n1', '--n2'"),
        (("convert", "r=.28", "--to", "d", "--n1", "many"), "`--n1` must be a number as printed"),
        (("convert", "r=.28", "--to", "d", "--n1"), "`--n1` must be followed by a value"),
        (("convert", "r=.28", "r=.3", "--to", "d"), "Exactly one METRIC=NUMBER"),
        (("interpret", "d"), "must be written METRIC=NUMBER"),
        (("interpret", "x=3"), "`METRIC` must be a metric"),
        (("interpret", "eta2=.3"), "'log_or', 'or'; got 'eta2'. Convert 'eta2' to 'd' first"),
        (("interpret", "d=.2", "--cii", ".1,.3"), "Did you mean '--ci'"),
        (("interpret", "d=.2", "--plot", "no/d.png"), "in a folder that exists; there is no no"),
        (("interpret", "d=much"), "`d` must be a number as printed"),
        (("interpret", "r=1"), "`r` must be a number in (-1, 1)"),
        (("interpret", "d=.2", "--ci", ".1"), "`--ci` must be two numbers"),
        (("interpret", "d=.2", "--ci", ".3,.4"), "`--ci` must enclose the effect"),
        (("interpret", "d=.2", "--groups", "all"), "`--groups` must be two different names"),
        (("interpret", "d=.2", "--base-rate", "2"), "`--base-rate` must be"),
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
        ((*POOL_MOLLOY, "--correct", "perhaps"), "`--correct` must be True, False"),
        (("pool", MOLLOY, "--from-reports"), "`--from-reports` needs `--measure`"),
        (("effects", MOLLOY, "--measure", "ZCOR"), "columns of these names: `--r r --n n`"),
        (("pool", MOLLOY, "--measure", "ZCOR"), "ZCOR is computed from --r, --n; or --t, --n"),
        (("pool", MOLLOY, "--measure", "MD"), "the table has 'study', 'year', 'n', 'r'"),
        (("pool",), "`FILE [--WORD COLUMN]...` must be given. Examples: `metarel pool --help`"),
        (("pool", MOLLOY, "--header", "two"), "Invalid value for '--header'"),
        (("regress", MOLLOY, "year"), "`--formula` must be given. Moderators, such as 'year"),
        (("plot", MOLLOY), "`--out` must be given. The picture: .png, .svg or .pdf."),
        (
            ("plot", "funnel", MOLLOY, "--out", "f.png"),
            "The kind of a picture is an option: write `--kind funnel`.",
        ),
        *(
            (
                (verb, MOLLOY.replace("studies.csv", "studis.csv")),
                "studis.csv. Did you mean 'studies.csv'",
            )
            for verb in ("pool", "report", "find")
        ),
        (("pool", MOLLOY, "--measure", "ZCOR", "--r", "rr", "--n", "n"), "column 'rr'"),
        (
            (*POOL_MOLLOY, "--tau2", "DLL"),
            "`--tau2` must be one of",
        ),
        ((*POOL_MOLLOY, "--by", "design"), "`--by` belongs to `metarel subgroups`"),
        (("compatible", "r=1.2", "d=.3"), "The first number must be"),
        (("compatible", "r=.2", "dd=.3"), "The second metric must be a metric"),
        (("compatible", "r=.28", "d=.57", "--rule", "foo"), "`--rule` must be one of"),
        (("convert", "rrr=.28", "--to", "d"), "`metarel convert --help` names more."),
        ((*POOL_MOLLOY, "--labels", "nope"), "`--labels` names the column 'nope'"),
        (("datasets", "nope"), "`SLUG` must be a dataset's slug"),
        (("reproduce", "moloy2014"), "Did you mean 'molloy2014'"),
        (("reproduce", "molloy2014", "--strict"), "`--strict` must stand with one folder of"),
        (("reproduce", "--jobs", "2", "--depth", "declared"), "`--depth`, `--jobs` must stand"),
    ],
)
def test_errors_are_one_paragraph_and_status_2(
    refusal: Callable[..., str], words: Sequence[str], message: str
) -> None:
    assert message in refusal(*words)


@pytest.mark.parametrize("words", [("poool",), ("reproduce", "--jsn")])
def test_an_unknown_command_or_option_is_status_2(
    run: Callable[..., str], words: Sequence[str]
) -> None:
    assert run(*words, status=2) == ""


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


def test_errors_and_notes_fit_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "studies.csv"
    file.write_text("study,yi,vi\nA,.3,.1\nA,.2,.2\nB,.1,.1\nTotal,.2,.1\n", encoding="utf-8")
    for words in (("pool", str(file)), ("find", MOLLOY, "--r", "r", "--n", "n"), ("pool", MOLLOY)):
        done = CliRunner().invoke(app, list(words), env={"COLUMNS": "80"})
        lines = [line for line in done.stderr.splitlines() if str(file) not in line]
        assert len(lines) > 1
        assert max(map(len, lines)) <= 80


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
def test_every_command_helps_with_examples_and_takes_json(
    run: Callable[..., str], command: str
) -> None:
    text = run(command, "--help")
    assert "Examples:" in text
    assert f"metarel {command}" in text
    assert "--json" in text


def test_version(run: Callable[..., str]) -> None:
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
