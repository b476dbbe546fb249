"""What the tests of the verbs share: a command that is run, and what it prints where."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
from typer.testing import CliRunner

from metarel.cli import app

TRIALS = """Author,m1,sd1,n1,m2,sd2,n2,t
Ando,8,5.5,30,10,5.1,30,
Bauer,9,5.5,30,12,5.2,30,
Cho,7,5.5,30,10,5.3,30,
Cho,7.5,4.5,31,10,5.4,30,
Mueller,7,5.5,30,,,30,
Furukawa,,,30,,,30,2.31
"""


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def run() -> Callable[..., str]:
    """Return what a command prints, after checking its exit status."""

    def printed(*words: str, status: int = 0) -> str:
        done = CliRunner().invoke(app, list(words), env={"COLUMNS": "120"}, catch_exceptions=False)
        assert done.exit_code == status, done.output
        return done.stdout

    return printed


@pytest.fixture(scope="session")
def refusal() -> Callable[..., str]:
    """Return the one paragraph that a refused command prints, on standard error only."""

    def refused(*words: str) -> str:
        done = CliRunner().invoke(app, list(words), catch_exceptions=False)
        assert done.exit_code == 2
        assert done.stdout == ""
        assert done.stderr.startswith("Error:")
        assert "Traceback" not in done.stderr
        *lines, last = done.stderr.split("\n")
        assert last == ""
        assert all(lines)
        return " ".join(line.strip() for line in lines)

    return refused


@pytest.fixture(scope="session")
def data(run: Callable[..., str]) -> Callable[..., Any]:
    """Return the plain data that a command prints."""

    def plain(*words: str, status: int = 0) -> Any:
        return json.loads(run(*words, "--json", status=status), parse_constant=pytest.fail)

    return plain


@pytest.fixture(scope="session")
def notes() -> Callable[..., str]:
    """Return what a command says on standard error, beside its result."""

    def said(*words: str) -> str:
        done = CliRunner().invoke(app, list(words), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return " ".join(done.stderr.split())

    return said


@pytest.fixture
def trials(tmp_path: Path) -> str:
    """A file of trials, with a bare t, an incomplete row and a name that repeats."""
    file = tmp_path / "trials.csv"
    file.write_text(TRIALS, encoding="utf-8")
    return str(file)
