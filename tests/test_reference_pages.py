"""Generated pages of the reference are as their registers say today."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

MAKER = Path(__file__).resolve().parents[1] / "docs" / "reference" / "make_pages.py"
SPEC = importlib.util.spec_from_file_location("make_pages", MAKER)
assert SPEC is not None
assert SPEC.loader is not None
make_pages = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(make_pages)
PAGES = make_pages.pages()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_page_is_not_stale(path: Path) -> None:
    fresh = PAGES[path]
    assert path.exists(), "run python docs/reference/make_pages.py"
    assert path.read_text(encoding="utf-8") == fresh, "run python docs/reference/make_pages.py"


def test_no_page_of_reproductions_is_left_over() -> None:
    folder = MAKER.parents[1] / "reproductions"
    assert set(folder.iterdir()) == {path for path in PAGES if path.parent == folder}
