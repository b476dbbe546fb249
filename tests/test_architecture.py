"""The house stands as docs/ARCHITECTURE.md draws it: rooms, imports, sizes, words."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "metarel"
PAGE = ROOT / "docs" / "ARCHITECTURE.md"
FILES = sorted(PACKAGE.rglob("*.py"))
MAX_LINES = 500
#: Functions whose keywords are input words, each checked against those that are known.
CHECKED_WORDS = (
    "check", "effect_sizes", "effects_from_reports", "effect_routes", "screen_effects",
    "find_analysis", "explain_gap", "rounding_range",
)  # fmt: skip


def module_name(path: Path) -> str:
    """Return ``tau2.moment`` for metarel/tau2/moment.py and ``tau2`` for its __init__."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {module_name(path): path for path in FILES}


def read_table() -> tuple[dict[str, int], set[str]]:
    """Return each listed module's layer, and the modules marked as planned."""
    layers: dict[str, int] = {}
    planned: set[str] = set()
    layer = -1
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        heading = re.match(r"\| \*\*(\d) ", line)
        if heading:
            layer = int(heading.group(1))
        elif layer >= 0 and line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            for name in re.findall(r"`([^`]+)`", cells[0]):
                layers[name] = layer
                if cells[1].startswith("(planned)"):
                    planned.add(name)
    return layers, planned


LAYERS, PLANNED = read_table()


def layer_of(name: str) -> int:
    """Return the layer of a module, by its own row or its folder's."""
    if name in LAYERS:
        return LAYERS[name]
    folder = name.split(".")[0]
    if f"{folder}.*" in LAYERS:
        return LAYERS[f"{folder}.*"]
    inside = {layer for listed, layer in LAYERS.items() if listed.split(".")[0] == folder}
    if name == folder and len(inside) == 1:
        return inside.pop()
    raise AssertionError(f"metarel.{name} has no row in docs/ARCHITECTURE.md")


def imports_of(path: Path) -> list[tuple[str, int]]:
    """Return every metarel module that a file imports, with the line."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            module = node.module or ""
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                known = whole.removeprefix("metarel.") in NAMES and whole.startswith("metarel.")
                found.append((whole if known else module, node.lineno))
    return [(n, line) for n, line in found if n == "metarel" or n.startswith("metarel.")]


@pytest.mark.parametrize("name", [n for n in NAMES if n])
def test_imports_go_down(name: str) -> None:
    """No upward, sideways or root import."""
    here, folder = layer_of(name), name.split(".")[0]
    for imported, line in imports_of(NAMES[name]):
        where = f"metarel.{name}:{line} imports {imported}"
        assert imported != "metarel", f"{where}: the package root"
        there = imported.removeprefix("metarel.")
        if there.split(".")[0] == folder:
            continue
        below = layer_of(there) < here or (layer_of(there) == here == 0)
        assert below, f"{where}: upward or sideways"


def test_no_circles() -> None:
    """No module reaches itself through imports."""
    edges = {
        name: {i.removeprefix("metarel.") for i, _ in imports_of(path)}
        for name, path in NAMES.items()
        if name
    }

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"circle: {' -> '.join((*trail, name))}"
        if name not in done:
            for target in edges.get(name, ()):
                visit(target, (*trail, name))
            done.add(name)

    done: set[str] = set()
    for name in edges:
        visit(name, ())


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_stand_at_the_top(path: Path) -> None:
    """Inside functions only matplotlib (in plot) and optional extras may be imported."""
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for node in ast.walk(function):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    text = ast.unparse(node)
                    assert "matplotlib" in text, f"{path}: {text}"
                    assert "plot" in path.parts, f"{path}: {text}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_are_short(path: Path) -> None:
    """A file that is long only because nobody cut it is a fault."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_table_and_tree_agree() -> None:
    """Rows without (planned) exist; rows with it do not."""
    for name in LAYERS:
        folder = name.removesuffix(".*")
        exists = folder in NAMES
        assert exists != (name in PLANNED), f"{name}: row and tree differ"


def public_functions() -> list[tuple[str, ast.FunctionDef]]:
    """Return every function without a leading underscore in modules without one."""
    return [
        (f"{name}.{node.name}", node)
        for name, path in NAMES.items()
        if not any(part.startswith("_") for part in name.split("."))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


@pytest.mark.parametrize(
    ("name", "node"), public_functions(), ids=lambda v: v if isinstance(v, str) else ""
)
def test_public_functions_have_numpydoc(name: str, node: ast.FunctionDef) -> None:
    """A summary, every parameter by name, and what comes back."""
    doc = ast.get_docstring(node) or ""
    assert doc, f"{name} has no docstring"
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    if arguments:
        assert "Parameters\n----------" in doc, f"{name} has no Parameters section"
        section = doc.split("Parameters\n----------")[1]
        for argument in arguments:
            assert re.search(rf"^[\w, *]*\b{argument.arg}\b", section, re.M), (
                f"{name}: {argument.arg}"
            )
    returns = ast.unparse(node.returns) if node.returns else "None"
    if returns not in ("None", "NoReturn"):
        assert re.search(r"^(Returns|Yields)\n-+", doc, re.M), f"{name} has no Returns section"


def root_names() -> list[str]:
    """Return the names that metarel exports."""
    return [n for n in importlib.import_module("metarel").__all__ if not n.startswith("_")]


@pytest.mark.parametrize("name", root_names())
def test_root_functions_have_examples(name: str) -> None:
    """Whatever the root exports as a function shows an example that runs."""
    thing = getattr(importlib.import_module("metarel"), name)
    if inspect.isfunction(thing):
        assert ">>> " in (inspect.getdoc(thing) or ""), f"metarel.{name} has no example"
        assert not any(
            p.kind is inspect.Parameter.VAR_KEYWORD
            for p in inspect.signature(thing).parameters.values()
            if name not in CHECKED_WORDS
        ), f"metarel.{name} swallows keywords"


def test_each_source_stands_once() -> None:
    """No key of the bibliography is taken twice."""
    text = (ROOT / "docs" / "references.bib").read_text(encoding="utf-8")
    keys = re.findall(r"@\w+\{(\w+),", text)
    assert sorted(keys) == sorted(set(keys))


def test_sources_stand_in_the_bibliography() -> None:
    """Every source key in a register or a References section is in docs/references.bib."""
    known = set(
        re.findall(r"@\w+\{(\w+),", (ROOT / "docs" / "references.bib").read_text(encoding="utf-8"))
    )
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        cited = set(re.findall(r"\[([a-z]+\d{4}[a-z]?)\]", text))
        cited |= set(re.findall(r"source=\"([a-z]+\d{4}[a-z]?)\"", text))
        assert cited <= known, f"{path.name} cites {sorted(cited - known)}"


def test_no_assert_in_the_package() -> None:
    """Checks of input survive ``python -O``."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not isinstance(node, ast.Assert), f"{path}:{node.lineno}"
