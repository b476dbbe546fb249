"""A served workbench and a browser on it; skipped where either is not installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

#: Where Debian puts it; another one may be named by CHROMIUM.
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the served workbench puts temporary files."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="session")
def address(scratch: Path) -> Iterator[str]:
    """Serve the workbench as the terminal does, and return where."""
    pytest.importorskip("shiny")
    command = "from metarel.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", command, "app", "--port", "0", "--no-browser"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": str(scratch)},
    ) as served:
        try:
            line = served.stdout.readline() if served.stdout else ""
            found = ADDRESS.search(line)
            assert found, line
            yield found.group()
        finally:
            served.terminate()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Start Debian's chromium."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM:
        pytest.skip("no chromium")
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["desktop", "phone"])
def sized(request: pytest.FixtureRequest) -> tuple[int, str]:
    """A width and the colours that are asked for."""
    return request.param


@pytest.fixture
def page(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Open the page; at the end nothing may have failed in it or been fetched from elsewhere."""
    width, scheme = (
        request.getfixturevalue("sized") if "sized" in request.fixturenames else (1280, "light")
    )
    opened = browser.new_page(viewport={"width": width, "height": 850}, color_scheme=scheme)
    opened.set_default_timeout(60_000)
    faults: list[str] = []
    own = (address, address.replace("http", "ws", 1), "data:", "blob:")
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    opened.on("request", lambda r: None if r.url.startswith(own) else faults.append(r.url))
    opened.goto(address)
    opened.wait_for_selector("#convert_headline .headline")
    yield opened
    opened.close()
    assert faults == []
