"""The page: head, tabs, colours, and what each session keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from metarel.app import _check_tab, _convert_tab, _library_tab, _studies_tab
from metarel.app._shiny import shiny, ui
from metarel.app._show import value_of
from metarel.plot._theme import THEMES, Theme

STATIC = Path(__file__).parent / "static"
#: Each tab: its name in addresses, what stands on it, and its layout.
TABS = (
    ("convert", "Convert", _convert_tab.layout),
    ("check", "Check", _check_tab.layout),
    ("studies", "Studies", _studies_tab.layout),
    ("library", "Library", _library_tab.layout),
)


class Look:
    """How the page is looked at: in which colours, and how wide it is."""

    def __init__(self, input: Any) -> None:  # noqa: A002
        self._input = input

    def theme(self) -> str:
        """The theme, ``"light"`` or ``"dark"``."""
        said = value_of(self._input, "look_theme", "light")
        return said if said in THEMES else "light"

    def narrow(self) -> bool:
        """Whether the page is as narrow as a phone."""
        return value_of(self._input, "look_width") == "narrow"


def layout() -> Any:
    """Lay out the page."""
    panels = [ui.nav_panel(title, make(), value=name) for name, title, make in TABS]
    return ui.page_fluid(
        ui.head_content(
            ui.tags.meta(name="viewport", content="width=device-width, initial-scale=1"),
            ui.tags.link(rel="icon", href="data:,"),
            ui.tags.style(colours()),
            ui.tags.style((STATIC / "workbench.css").read_text(encoding="utf-8")),
            ui.tags.script((STATIC / "workbench.js").read_text(encoding="utf-8")),
        ),
        ui.tags.a("Skip to the tabs", href="#main", class_="skip"),
        ui.tags.header(
            ui.tags.h1("metarel ", ui.tags.span("workbench")),
            ui.tags.button(
                "Dark colours", id="theme", type="button", class_="btn btn-default",
            ),
            class_="top",
        ),
        ui.tags.main(ui.navset_tab(*panels, id="tab"), id="main", tabindex="-1"),
        ui.tags.footer(
            ui.tags.p(
                "Runs on this computer alone: nothing is sent anywhere, nothing is kept. Reloading "
                "empties the page; take the report along first."
            ),
        ),
        title="metarel workbench",
        lang="en",
    )  # fmt: skip


def colours() -> str:
    """Return the themes of the pictures as the colours of the page."""
    return f":root{{{_colours(THEMES['light'])}}}[data-bs-theme=dark]{{{_colours(THEMES['dark'])}}}"


def _colours(theme: Theme) -> str:
    named = {
        "paper": theme.paper,
        "ink": theme.ink,
        "muted": theme.muted,
        "rule": theme.rule,
        "line": theme.interval,
        "summary": theme.summary,
        "soft": theme.shades[-1],
    }
    return "".join(f"--{name}:{colour};" for name, colour in named.items())


def serve(input: Any, output: Any, session: Any) -> None:  # noqa: A002, ARG001
    """Serve one session: one opened page, of which nothing outlives it."""
    look = Look(input)
    _convert_tab.serve(input, look)
    _check_tab.serve(input)
    open_table = _studies_tab.serve(input, look)
    _library_tab.serve(input, open_table)


def application() -> Any:
    """Return the page as an application."""
    made = shiny.App(layout(), serve)
    made.sanitize_errors = True
    return made
