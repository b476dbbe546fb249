"""The page in a browser: no errors, no faults for those who hear it, at a desk, a phone, on paper.

Skipped where there is no Chromium. The check of accessibility needs axe-core besides, whose file
``AXE_CORE`` names.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import metarel as mr

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
AXE = Path(os.environ.get("AXE_CORE", "axe.min.js"))
DESK, PHONE = 1280, 390
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="there is no Chromium here"),
]
needs_axe = pytest.mark.skipif(not AXE.exists(), reason="AXE_CORE does not name a file")

FITS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "mean": lambda t: mr.pool(t, measure="ZCOR"),
    "regression": lambda t: mr.meta_regression(t, "year + rater"),
    "subgroups": lambda t: mr.subgroups(t, "rater", measure="OR"),
}
#: A page that shows the report in a frame as wide as a device, and says what happens in it.
FRAME = """<!DOCTYPE html><html><head><script>
async function look() {{
  const w = document.getElementById("page").contentWindow, d = w.document;
  const found = {{
    width: d.documentElement.scrollWidth,
    broken: [...d.images].filter((i) => !i.complete || !i.naturalWidth).length,
    outside: [...d.querySelectorAll("p, h1, h2, li")]
      .filter((e) => e.getBoundingClientRect().right > {width} + 1).length,
    violations: [],
  }};
  if ({axe}) {{
    w.eval(document.getElementById("axe").textContent);
    const result = await w.axe.run(d);
    found.violations = result.violations.map((v) => `${{v.impact}} ${{v.id}} ${{v.nodes[0].html}}`);
  }}
  const pre = document.createElement("pre");
  pre.id = "found";
  pre.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(found))));
  document.body.append(pre);
}}
</script><script type="text/plain" id="axe">{script}</script></head>
<body><iframe id="page" src="report.html" width="{width}" height="900" style="border:0"
onload="look()"></iframe></body></html>
"""


def report(name: str, folder: Path, theme: str = "light") -> Path:
    rng = np.random.default_rng(4)
    k = 12
    data = pd.DataFrame(
        {
            "study": [f"Author <{i}> & others, {1990 + i}" for i in range(k)],
            "yi": rng.normal(0.3, 0.3, k),
            "vi": rng.uniform(0.01, 0.06, k),
            "year": 1990.0 + np.arange(k),
            "rater": np.array(["client", "therapist"])[np.arange(k) % 2],
            "n": 40,
        }
    )
    return mr.report(
        FITS[name](data), folder / "report.html", data=data, theme=theme, date="2026-01-02"
    )


def chromium(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu",
        "--allow-file-access-from-files", f"--user-data-dir={folder / 'profile'}",
        "--virtual-time-budget=20000", *words,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=180)


def looked_at(folder: Path, width: int, *, axe: bool) -> dict[str, Any]:
    script = AXE.read_text(encoding="utf-8").replace("</script", "<\\/script") if axe else ""
    page = folder / "frame.html"
    text = FRAME.format(width=width, axe=str(axe).lower(), script=script)
    page.write_text(text, encoding="utf-8")
    window = f"--window-size={DESK},1000"
    done = chromium(folder, window, "--enable-logging=stderr", "--dump-dom", page.as_uri())
    found = re.search(r'<pre id="found">([\w+/=]+)</pre>', done.stdout)
    assert found, done.stderr[-500:]
    told: dict[str, Any] = json.loads(base64.b64decode(found[1]))
    told["said"] = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return told


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("name", FITS)
def test_the_page_fits_and_says_no_error(name: str, width: int, tmp_path: Path) -> None:
    report(name, tmp_path)
    found = looked_at(tmp_path, width, axe=False)
    assert found["said"] == []
    assert found["broken"] == 0
    assert found["width"] <= width
    assert found["outside"] == 0


@needs_axe
@pytest.mark.parametrize(("width", "theme"), [(DESK, "light"), (PHONE, "light"), (DESK, "dark")])
@pytest.mark.parametrize("name", FITS)
def test_the_page_can_be_used_by_all(name: str, width: int, theme: str, tmp_path: Path) -> None:
    report(name, tmp_path, theme)
    assert looked_at(tmp_path, width, axe=True)["violations"] == []


def test_the_looking_sees_faults(tmp_path: Path) -> None:
    """A page with faults of every kind fails in every way that the tests above ask about."""
    page = report("mean", tmp_path)
    text = page.read_text(encoding="utf-8").replace('<html lang="en"', "<html")
    faults = (
        '<p style="width: 900px">wide</p><img src="data:image/png;base64,AA"><script>x()</script>'
    )
    page.write_text(text.replace("<main", f"{faults}<main"), encoding="utf-8")
    found = looked_at(tmp_path, PHONE, axe=AXE.exists())
    assert found["said"]
    assert found["broken"] == 1
    assert found["width"] > PHONE
    assert found["outside"] == 1
    assert bool(found["violations"]) == AXE.exists()


def test_on_paper_all_sections_are_there(tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    page = report("regression", tmp_path)
    chromium(
        tmp_path, f"--print-to-pdf={tmp_path / 'r.pdf'}", "--no-pdf-header-footer", page.as_uri()
    )
    read = pypdf.PdfReader(tmp_path / "r.pdf")
    text = "\n".join(sheet.extract_text() for sheet in read.pages)
    assert 4 <= len(read.pages) <= 14
    for heading in ("Data", "Results", "Heterogeneity", "Moderators", "References", "Versions"):
        assert heading in text
    assert "Skip to the report" not in text
