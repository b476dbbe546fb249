"""Write the reference pages that registers generate: ``python docs/reference/make_pages.py``.

Each file in ``make/`` has a function ``page()`` that returns the text of the page of its name, or
``pages()`` that returns several by their file below ``docs``.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

HERE = Path(__file__).resolve().parent


def pages() -> dict[Path, str]:
    """Return the text of every generated page, by its file."""
    found = {}
    for maker in sorted((HERE / "make").glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"make_{maker.stem}", maker)
        if spec is None or spec.loader is None:
            raise ImportError(f"{maker} cannot be loaded")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if hasattr(module, "pages"):
            found |= {HERE.parent / name: text for name, text in module.pages().items()}
        else:
            found[HERE / f"{maker.stem}.md"] = module.page()
    return found


def main() -> None:
    """Write every page."""
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
