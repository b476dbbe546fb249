"""Shiny, imported when the page is made; whoever does not open it does without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metarel._lazy import Deferred

if TYPE_CHECKING:
    import shiny
    import uvicorn
    from shiny import reactive, render, ui
else:
    reactive = Deferred("shiny.reactive")
    render = Deferred("shiny.render")
    shiny = Deferred("shiny")
    ui = Deferred("shiny.ui")
    uvicorn = Deferred("uvicorn")

__all__ = ["reactive", "render", "shiny", "ui", "uvicorn"]
