"""Shiny, imported when the page is made; whoever does not open it does without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metarel._lazy import Deferred


class Late(Deferred):
    """A module that may not be installed: only use of it asks for it, and no mere look."""

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return super().__getattr__(attribute)


if TYPE_CHECKING:
    import shiny
    import uvicorn
    from shiny import reactive, render, ui
else:
    reactive = Late("shiny.reactive")
    render = Late("shiny.render")
    shiny = Late("shiny")
    ui = Late("shiny.ui")
    uvicorn = Late("uvicorn")

__all__ = ["Late", "reactive", "render", "shiny", "ui", "uvicorn"]
