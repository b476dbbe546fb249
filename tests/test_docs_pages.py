"""Pages name only what exists: public functions, their arguments, presets; links lead somewhere."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import metarel as mr
from metarel.effects.register import MEASURES
from metarel.models._inference import TESTS
from metarel.settings.programs import PRESETS
from metarel.tau2.register import TAU2

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MAP = (ROOT / "docs" / "how-to" / "names-in-other-programs.md").read_text(encoding="utf-8")
OURS = [row.split("|")[-2] for row in MAP.splitlines() if row.startswith("|")]


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings, by GitHub's rule."""
    text = re.sub(r"(?ms)^(```|~~~).*?^\1", "", page.read_text(encoding="utf-8"))
    found = set(re.findall(r'<a id="([^"]+)"', text))
    for title in re.findall(r"(?m)^#+ (.+)$", text):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title).replace("`", "").strip().lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file here and, behind the hash, one of its headings."""
    text = re.sub(r"(?ms)^(```|~~~).*?^\1", "", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), target
        if anchor and file.suffix == ".md":
            assert anchor in headings(file), target


def test_files_that_pages_name_exist() -> None:
    """Scripts, tables and tests are named by where they lie in the project."""
    named = re.compile(r"\b(?:benchmarks|docs|notebooks|tests)/[\w/-]+\.(?:csv|ipynb|json|py|R)\b")
    found = {name for page in PAGES for name in named.findall(page.read_text(encoding="utf-8"))}
    assert len(found) > 10
    assert not [name for name in sorted(found) if not (ROOT / name).exists()]


def test_every_public_name_in_the_map_exists() -> None:
    """The map from other programs names functions of metarel, with words that they take."""
    calls = re.findall(r"mr\.((?:plot\.)?\w+)(?:\(([^`]*)\))?", "\n".join(OURS))
    assert len(calls) > 60
    for name, arguments in calls:
        thing: object = mr
        for part in name.split("."):
            thing = getattr(thing, part)
        assert callable(thing)
        words = set(inspect.signature(thing).parameters)
        if name == "effect_sizes":
            words |= {word for one in MEASURES.values() for word in one.words}
        assert set(re.findall(r"(\w+)=", re.sub(r"mr\..*", "", arguments))) <= words, name


def test_every_choice_in_the_map_is_in_its_register() -> None:
    text = "\n".join(OURS)
    for word, register in (("settings", PRESETS), ("test", TESTS), ("tau2", TAU2)):
        found = re.findall(rf'{word}="([^"]+)"', text)
        assert found
        assert set(found) <= set(register), word
