"""Every docstring example and every fenced block of the pages runs."""

from __future__ import annotations

import doctest
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import pytest
from typer.testing import CliRunner

import metarel as mr
from metarel.cli import app
from metarel.coherence.register import CHECKS
from metarel.convert._edge import METRICS
from metarel.convert.register import EDGES
from metarel.effects.register import MEASURES

matplotlib.use("Agg")

ROOT = Path(__file__).resolve().parents[1]
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted((ROOT / "metarel").rglob("*.py"))
]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name: str) -> None:
    """Each example in the module prints what it says."""
    outcome = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert outcome.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_fenced_blocks(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each ``python`` block runs, in one namespace per page; then each line of the terminal."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    if page.name == "ARCHITECTURE.md":
        blocks = []  # its blocks are a plan and a type, not a program
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    for block in blocks:
        if ">>> " in block:
            test = doctest.DocTestParser().get_doctest(block, namespace, page.name, str(page), 0)
            runner = doctest.DocTestRunner(optionflags=FLAGS)
            runner.run(test, clear_globs=False)
            namespace = test.globs
            assert runner.summarize(verbose=False).failed == 0
        else:
            exec(compile(block, str(page), "exec"), namespace)
    for line in re.findall(r"(?m)^(?: {4})?(metarel [a-z]+ .*)$", "\n".join(terminal(text))):
        done = CliRunner().invoke(app, shlex.split(line)[1:], catch_exceptions=False)
        # check and reproduce say by status 1 that something differs
        assert done.exit_code in (0, 1), f"{line}: {done.output}"


def terminal(text: str) -> list[str]:
    """Return what of a page is typed into a terminal."""
    return re.findall(r"(?s)```sh\n(.*?)```", text) + re.findall(r"(?m)^ {4}metarel .*$", text)


def test_the_readme_counts_what_is_there() -> None:
    """Its numbers of measures, rules, scales, tables and figures are those of the registers."""
    listed = mr.list_datasets()
    text = PAGES[0].read_text(encoding="utf-8")
    for said in (
        f"{len(MEASURES)} measures",
        f"{len(CHECKS)} checks]",
        f"{len(EDGES)} rules](docs/reference/conversions.md) between {len(METRICS)} scales",
        f"{len(listed)} study tables",
        f"{listed['figures'].sum()} published figures",
    ):
        assert said in text, said
