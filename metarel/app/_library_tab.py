"""The tab on the library, laid out: datasets, reproductions, the map of the field."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from metarel.app import _library as shown
from metarel.app._attempt import Outcome, attempt
from metarel.app._shiny import reactive, render, ui
from metarel.app._show import Kept, message, picked, prose, section, sentences, spot, table
from metarel.app._uploads import Table
from metarel.repro.reproduce import Reproduction

FIRST = "kolden2011"


def layout() -> Any:
    """Lay out the tab, which is filled when it is first looked at."""
    return ui.output_ui("library_body")


def _body() -> Any:
    """Lay out what the tab holds."""
    shelves = shown.shelves()
    names = {s.slug: f"{s.title} ({s.rows} studies, {s.figures} figures)" for s in shelves}
    editions = {"": "all editions", **{edition: edition for edition in shown.EDITIONS}}
    return ui.TagList(
        section(
            "Study tables",
            picked("library_slug", "Table", names, FIRST),
            ui.tags.div(
                ui.input_action_button("library_open", "Open in Studies"),
                ui.input_task_button(
                    "library_go", "Reproduce its published figures", label_busy="Re-computing …"
                ),
                class_="files",
            ),
            spot("library_messages"),
            ui.output_ui("library_verdicts"),
            ui.output_ui("library_facts"),
        ),
        section(
            "Map of the field: what the psychotherapy relationship reviews print",
            ui.tags.div(
                picked("library_edition", "Edition", editions),
                picked("library_element", "One element, with every figure and where it stands",
                       {"": "– none –", **shown.elements()}),
                class_="fields",
            ),
            ui.output_ui("library_element_text"),
            ui.output_ui("library_map"),
        ),
    )  # fmt: skip


def serve(input: Any, open_table: Callable[[Table], None]) -> None:  # noqa: A002
    """Answer what is asked in the tab."""
    _serve_datasets(input, open_table)
    _serve_reproductions(input)

    @render.ui
    def library_body() -> Any:
        return _body()

    @render.ui
    def library_map() -> Any:
        frame, notes = shown.map_table(input.library_edition())
        said = ui.tags.div(sentences(notes), class_="footnotes")
        return ui.TagList(table(frame, "Elements and editions"), said)

    @render.ui
    def library_element_text() -> Any:
        code = input.library_element()
        return prose(shown.element_text(code)) if code else None


def _serve_datasets(input: Any, open_table: Callable[[Table], None]) -> None:  # noqa: A002
    @render.ui
    def library_facts() -> Any:
        dataset = shown.load(input.library_slug())
        facts = [
            part
            for heading, text in shown.facts(dataset).items()
            for part in (ui.tags.dt(heading), ui.tags.dd(text))
        ]
        first = table(shown.columns(dataset), f"First rows of {dataset.slug}")
        return ui.TagList(ui.tags.dl(*facts), first)

    @reactive.effect
    @reactive.event(input.library_open)
    def _open() -> None:
        open_table(shown.as_table(shown.load(input.library_slug())))
        ui.update_navset("tab", selected="studies")


def _serve_reproductions(input: Any) -> None:  # noqa: A002
    found: Kept[Reproduction] = Kept()

    @ui.bind_task_button(button_id="library_go")
    @reactive.extended_task
    async def run(slug: str) -> Outcome[Reproduction]:
        return await asyncio.to_thread(attempt, lambda: shown.reproduce(slug))

    @reactive.effect
    @reactive.event(input.library_go)
    def _go() -> None:
        run.invoke(input.library_slug())

    @reactive.effect
    def _come() -> None:
        if run.status() == "success":
            found.take(run.result())

    @reactive.effect
    @reactive.event(input.library_slug)
    def _forget() -> None:
        found.clear()

    @render.ui
    def library_messages() -> Any:
        return found.messages()

    @render.ui
    def library_verdicts() -> Any:
        if found.value is None:
            return None
        frame = shown.verdicts(found.value)
        if frame.empty:
            return message("No figure published from this table is on file.", "good")
        reasons = shown.reasons(found.value)
        return section(
            "Published figures, re-computed",
            ui.tags.p(shown.summary(found.value), class_="headline"),
            table(frame, "Each figure with its verdict", fits=True),
            prose(reasons) if reasons else None,
        )
