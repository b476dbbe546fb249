"""What a newcomer types into the site's search finds its page among the first three.

The site is built, and asked by the script that its readers' browsers run; where mkdocs or node is
not installed, that cannot be tested.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: Queries, and the pages of which one must be among the first three.
ASKED = {
    "r to d": ("reference/conversions",),
    "convert r to d": ("reference/conversions",),
    "odds ratio to d": ("reference/conversions",),
    "convert odds ratio": ("reference/conversions",),
    "I2": ("explanation/i2-and-its-two-definitions",),
    "I²": ("explanation/i2-and-its-two-definitions",),
    "I squared": ("explanation/i2-and-its-two-definitions",),
    "prediction interval": ("explanation/fixed-and-random-effects", "how-to/report-a-pooled-mean"),
    "forest plot": ("how-to/draw-a-forest-plot",),
    "check a paper": ("tutorials/do-these-numbers-agree", "how-to/review-a-manuscripts-numbers"),
    "excel": ("how-to/compute-effects-from-what-papers-print",),
    "german decimal comma": ("how-to/compute-effects-from-what-papers-print",),
    "heterogeneity": ("explanation/i2-and-its-two-definitions",),
    "publication bias": ("how-to/ask-whether-small-studies-differ",),
    "egger": ("how-to/ask-whether-small-studies-differ",),
    "trim and fill": ("how-to/ask-whether-small-studies-differ",),
    "funnel": ("how-to/ask-whether-small-studies-differ",),
    "install": ("how-to/install",),
    "how to cite": ("index",),
    "metafor": ("how-to/names-in-other-programs",),
    "revman": ("how-to/names-in-other-programs",),
    "several effects per study": ("how-to/several-effects-per-study",),
    "subgroup": ("how-to/analyse-moderators",),
    "moderator": ("how-to/analyse-moderators",),
    "knapp hartung": ("how-to/report-a-pooled-mean",),
    "medians": ("how-to/medians-only",),
    "hedges g": ("explanation/what-an-effect-size-is", "explanation/glossary"),
    ".57": ("how-to/my-software-says-58-and-the-paper-57",),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return the pages that the built site's search finds for each query, best first."""
    for module in ("mkdocs", "material"):
        pytest.importorskip(module)
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    site = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(site)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    ask = [node, str(ROOT / "tests" / "site_search.js"), str(site), json.dumps(list(ASKED))]
    answer = subprocess.run(ask, check=True, capture_output=True, encoding="utf-8")
    return json.loads(answer.stdout)


@pytest.mark.parametrize("query", ASKED)
def test_the_page_is_among_the_first_three(found: dict[str, list[str]], query: str) -> None:
    """Whoever types the query sees the page that answers it."""
    assert set(ASKED[query]) & set(found[query][:3]), found[query][:5]


def test_pages_with_words_of_their_own_exist() -> None:
    """The words by which the site's hooks let a page be found belong to pages that there are."""
    hooks = (ROOT / "docs" / "site_hooks.py").read_text(encoding="utf-8")
    table = hooks.partition("\nASKED = {")[2].partition("\n}")[0]
    pages = re.findall(r'(?m)^    "([^"]+)": \(', table)
    assert len(pages) > 15
    assert not [page for page in pages if not (ROOT / "docs" / f"{page}.md").exists()]
