"""Hooks of the site: navigation by folder, and the reference of every public function.

Pages are plain Markdown that reads the same in a repository's browser. What only the site has is
made here: the order of pages, words for links that leave them, and ``reference/functions.md`` from
the docstrings, which would go stale as a file.
"""

from __future__ import annotations

import inspect
import posixpath
import re
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import metarel as mr

DOCS = Path(__file__).parent
SHIM = "https://unpkg.com/iframe-worker/shim"
FUNCTIONS = "reference/functions.md"

#: What a search shows first, by page or folder: answers before tables of figures.
BOOST = {
    "conversions": 3.0,
    "what-an-effect-size-is": 3.0,
    "reproductions": 0.1,
    "evidence": 0.1,
}

#: What people type who want a page, where its title has other words. Results show them as tags.
ASKED = {
    "index": ("how to cite", "citation"),
    "how-to/analyse-moderators": ("moderator", "subgroup", "meta-regression", "covariate"),
    "how-to/ask-whether-small-studies-differ": (
        "publication bias",
        "egger",
        "trim and fill",
        "funnel",
        "selection model",
    ),
    "how-to/compute-effects-from-what-papers-print": ("excel", "csv", "german decimal comma"),
    "how-to/draw-a-forest-plot": ("forest plot",),
    "how-to/install": ("install", "pip", "how to install"),
    "how-to/medians-only": ("medians", "quartiles", "range", "IQR"),
    "how-to/my-software-says-58-and-the-paper-57": ("r to d", ".58", ".57"),
    "how-to/names-in-other-programs": ("metafor", "RevMan", "CMA", "Stata", "SPSS", "JASP"),
    "how-to/report-a-pooled-mean": ("prediction interval", "Knapp-Hartung", "Hartung-Knapp"),
    "how-to/review-a-manuscripts-numbers": ("check a paper", "check a manuscript"),
    "how-to/several-effects-per-study": ("three-level", "multilevel", "dependent effects"),
    "how-to/use-the-workbench": ("without programming", "excel", "browser"),
    "explanation/fixed-and-random-effects": ("heterogeneity", "tau2", "prediction interval"),
    "explanation/glossary": ("heterogeneity", "Hedges' g", "hedges g", "Knapp-Hartung"),
    "explanation/i2-and-its-two-definitions": ("I2", "I squared", "heterogeneity"),
    "explanation/what-an-effect-size-is": ("hedges g", "cohen's d"),
    "reference/conversions": (
        "r to d",
        "convert r to d",
        "odds ratio to d",
        "d to g",
        "convert odds ratio",
    ),
    "reference/measures": ("hedges g", "odds ratio", "risk ratio"),
    "reference/settings": ("RevMan", "metafor", "settings"),
    "tutorials/do-these-numbers-agree": ("check a paper", "review a manuscript"),
}

INTRODUCTION = """\
# Functions and classes

Every public name, from its docstring. In a session `help(mr.pool)` shows the same.

"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page of functions, and spell out the folders that the navigation names."""
    files.append(File.generated(config, FUNCTIONS, content=functions_page()))
    pages = sorted(file.src_uri for file in files.documentation_pages())
    named = _named(config.nav or [])
    config.nav = _spelled_out(config.nav or [], [page for page in pages if page not in named])
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Rank the page for the search, and say where files outside the pages lie.

    A site cannot link to those.
    """
    folder = PurePosixPath("docs", page.file.src_uri).parent
    stem = PurePosixPath(page.file.src_uri).stem
    page.meta["search"] = {"boost": BOOST.get(stem, BOOST.get(folder.name, 1.0))}
    page.meta["tags"] = list(ASKED.get(page.file.src_uri.removesuffix(".md"), ()))

    def outside(link: re.Match[str]) -> str:
        words, target = link.groups()
        file = posixpath.normpath(folder / target)
        return link[0] if file.startswith("docs/") else f"{words} (`{file}`)"

    return re.sub(r"\[([^]]+)\]\((\.\./[^)#]+)\)", outside, markdown)


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Take the script for search in files from here and not from the network."""
    return output.replace(SHIM, "../" * page.url.count("/") + "javascripts/worker.js")


def on_post_template(output_content: str, **_: Any) -> str:
    """Do the same for the page that says that there is none."""
    return output_content.replace(SHIM, "/javascripts/worker.js")


def on_post_build(config: MkDocsConfig) -> None:
    """Refuse a site whose pages would load anything from the network."""
    remote = re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"?https?:[^\"> ]+")
    for page in Path(config.site_dir).rglob("*.html"):
        if found := remote.search(page.read_text(encoding="utf-8")):
            raise PluginError(f"{page.name} loads from the network: {found[0]}")


def functions_page() -> str:
    """Return every public name with its signature and its docstring."""
    names = sorted(name for name in mr.__all__ if name not in {"__version__", "plot"})
    objects = {f"mr.{name}": getattr(mr, name) for name in names}
    objects |= {f"mr.plot.{name}": getattr(mr.plot, name) for name in sorted(mr.plot.__all__)}
    return INTRODUCTION + "\n".join(_entry(name, thing) for name, thing in objects.items())


def _entry(name: str, thing: Any) -> str:
    """Return one name's section, its docstring as Markdown."""
    lines = [f"## {name}", ""]
    if inspect.isfunction(thing):
        lines += ["```python", _call(name, thing), "```", ""]
    parts = re.split(r"(?m)^(\w[\w ]+)\n-{3,}\n", inspect.getdoc(thing) or "")
    lines += [_prose(parts[0]), ""]
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        lines += [f"**{title}**", ""]
        if title == "Examples":
            lines += ["```python", body.strip(), "```", ""]
        elif title in ("Parameters", "Attributes", "Returns", "Raises", "Warns"):
            lines += [*_listed(body), ""]
        else:
            lines += [_prose(body), ""]
    return "\n".join(lines)


def _listed(body: str) -> list[str]:
    """Return the entries of a numpydoc section as a list."""
    entries = re.split(r"(?m)^(?=\S)", body.strip("\n"))[1:]
    found = []
    for entry in entries:
        head, _, text = entry.partition("\n")
        name, _, kind = head.partition(" : ")
        words = " ".join(text.split())
        found.append(
            f"- `{name}`{f' ({_prose(kind)})' if kind else ''}: {_prose(words)}".rstrip(": ")
        )
    return found


def _prose(text: str) -> str:
    """Return plain docstring text as Markdown: its code, and no accidental emphasis."""
    plain = re.sub(r"``(.+?)``", r"`\1`", text.strip(), flags=re.S)
    return re.sub(r"(`[^`]*`)|([*_<\[])", lambda m: m[1] or "\\" + m[2], plain)


def _call(name: str, function: Any) -> str:
    """Return how a function is called, a line an argument where one line is too long."""
    signature = inspect.signature(function)
    bare = [one.replace(annotation=one.empty) for one in signature.parameters.values()]
    line = name + str(signature.replace(parameters=bare, return_annotation=signature.empty))
    if len(line) <= 88:
        return line
    kinds = [str(inspect.Signature([one]))[1:-1] for one in bare]
    starred = next((i for i, one in enumerate(bare) if one.kind is one.KEYWORD_ONLY), None)
    kinds = [kind.removeprefix("*, ") for kind in kinds]
    if starred is not None and not any(one.kind is one.VAR_POSITIONAL for one in bare):
        kinds.insert(starred, "*")
    return f"{name}(\n" + "".join(f"    {kind},\n" for kind in kinds) + ")"


def _named(nav: Any) -> set[str]:
    """Return the pages that have an entry of their own."""
    if isinstance(nav, str):
        return {nav}
    entries = nav.values() if isinstance(nav, dict) else nav
    return set().union(*(_named(entry) for entry in entries))


def _spelled_out(nav: Any, rest: list[str]) -> Any:
    """Return the navigation with each ``folder/`` replaced by its remaining pages."""
    if isinstance(nav, dict):
        return {title: _spelled_out(entry, rest) for title, entry in nav.items()}
    if isinstance(nav, str):
        return _inside(nav, rest) if nav.endswith("/") else nav
    found = []
    for entry in nav:
        new = _spelled_out(entry, rest)
        found += new if isinstance(entry, str) and isinstance(new, list) else [new]
    return found


def _inside(folder: str, pages: list[str]) -> list[str]:
    """Return the pages of a folder: its front page, those that it names in order, the others."""
    mine = [page for page in pages if page.startswith(folder)]
    front = next((page for page in mine if PurePosixPath(page).stem in ("README", "index")), None)
    text = (DOCS / front).read_text(encoding="utf-8") if front else ""

    def place(page: str) -> tuple[bool, float, str]:
        found = text.find(f"]({page.removeprefix(folder)})")
        return page != front, found if found >= 0 else len(text), page

    return sorted(mine, key=place)
