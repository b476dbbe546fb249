"""The results of a table of studies, laid out: text, tables, pictures, files, printed figures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from metarel.app import _studies as shown
from metarel.app._attempt import Outcome, attempt
from metarel.app._shiny import reactive, render, ui
from metarel.app._show import (
    Kept,
    drawn,
    message,
    prose,
    section,
    spot,
    typed,
    value_of,
    written,
)
from metarel.app._uploads import Table
from metarel.search.result import AnalysisSearch

#: The files that are handed out: id, name, what stands on the button, and what makes it.
FILES: tuple[tuple[str, str, str, Callable[[shown.Analysis], str | bytes]], ...] = (
    ("studies_csv", "effects.csv", "Effects (CSV)", shown.effects_csv),
    ("studies_forest_svg", "forest.svg", "Forest plot (SVG)",
     lambda a: shown.picture_file(a, "forest", ".svg")),
    ("studies_forest_png", "forest.png", "Forest plot (PNG)",
     lambda a: shown.picture_file(a, "forest", ".png")),
    ("studies_funnel_svg", "funnel.svg", "Funnel plot (SVG)",
     lambda a: shown.picture_file(a, "funnel", ".svg")),
    ("studies_r", "analysis.R", "R code", shown.r_code),
    ("studies_report", "report.html", "Report (HTML)", shown.report_html),
)  # fmt: skip

#: Characters of R code beyond which only the file is offered.
LONGEST_SHOWN = 60_000


def layout() -> Any:
    """Lay out the results."""
    return ui.TagList(
        ui.output_ui("studies_told"),
        ui.output_ui("studies_forest"),
        ui.output_ui("studies_regression"),
        ui.output_ui("studies_funnel"),
        ui.output_ui("studies_files"),
        ui.output_ui("studies_find"),
        spot("studies_found"),
    )


def serve(
    input: Any,  # noqa: A002
    look: Any,
    kept: Kept[shown.Analysis],
    asked: Callable[[], tuple[Table, shown.Choice]],
) -> None:
    """Show the analysis that is kept, hand out its files, search for printed figures."""
    _show_numbers(kept)
    _show_pictures(kept, look)
    _hand_out(kept)
    _search(input, kept, asked)


def _show_numbers(kept: Kept[shown.Analysis]) -> None:
    @render.ui
    def studies_told() -> Any:
        if kept.value is None:
            return None
        parts = [written(str(kept.value.fit), "Pooled result")]
        if kept.value.groups is not None:
            parts += [ui.tags.h3("Subgroups"), written(str(kept.value.groups), "Subgroups")]
        return section("Result", *parts)

    @render.ui
    def studies_regression() -> Any:
        fit = kept.value.regression if kept.value else None
        if fit is None:
            return None
        return section("Moderators", written(str(fit), "Moderators"))


def _show_pictures(kept: Kept[shown.Analysis], look: Any) -> None:
    def place(draw: Callable[[shown.Analysis, str], Any], title: str) -> Any:
        analysis, theme = kept.value, look.theme()
        if analysis is None:
            return None
        outcome = attempt(lambda: draw(analysis, theme))
        if outcome.problem:
            return section(title, message(outcome.problem, "note"))
        return section(title, drawn(outcome.value, title)) if outcome.value else None

    @render.ui
    def studies_forest() -> Any:
        crowd = kept.value is not None and shown.is_crowd(kept.value)
        return place(shown.forest, "All studies, sorted" if crowd else "Forest plot")

    @render.ui
    def studies_funnel() -> Any:
        narrow = look.narrow()
        return ui.TagList(
            place(partial(shown.bubble, narrow=narrow), "Effects against the moderator"),
            place(partial(shown.funnel, narrow=narrow), "Funnel plot"),
        )


def _hand_out(kept: Kept[shown.Analysis]) -> None:
    def register(id: str, name: str, make: Callable[[shown.Analysis], Any]) -> None:  # noqa: A002
        def handed() -> Iterator[str | bytes]:
            analysis = kept.value
            if analysis is not None:
                outcome: Outcome[Any] = attempt(lambda: make(analysis))
                yield outcome.value if outcome.value is not None else outcome.problem

        handed.__name__ = id
        render.download_button(filename=name)(handed)

    for id_, name, _, make in FILES:
        register(id_, name, make)

    @render.ui
    def studies_files() -> Any:
        if kept.value is None:
            return None
        offered = [file for file in FILES if file[0] != "studies_report" or shown.has_report()]
        buttons = [ui.download_button(id_, label) for id_, _, label, _ in offered]
        code = attempt(partial(shown.r_code, kept.value))
        if code.value and len(code.value) > LONGEST_SHOWN:
            code = Outcome(None, "The code holds all the data and is long: take the file.")
        told = written(code.value, "R code") if code.value else message(code.problem, "note")
        return section(
            "To take along",
            ui.tags.div(*buttons, class_="files"),
            ui.tags.details(ui.tags.summary("The same analysis in R"), told),
        )


def _search(
    input: Any,  # noqa: A002
    kept: Kept[shown.Analysis],
    asked: Callable[[], tuple[Table, shown.Choice]],
) -> None:
    found: Kept[AnalysisSearch] = Kept()

    @ui.bind_task_button(button_id="studies_find_go")
    @reactive.extended_task
    async def search(
        given: tuple[Table, shown.Choice], figures: dict[str, str]
    ) -> Outcome[AnalysisSearch]:
        return await asyncio.to_thread(attempt, lambda: shown.find_printed(*given, figures))

    @reactive.effect
    @reactive.event(input.studies_find_go)
    def _go() -> None:
        figures = {name: value_of(input, f"studies_find_{name}") for name in shown.FIGURES}
        given = attempt(asked)
        if given.value is None:
            found.take(Outcome(None, given.problem))
        else:
            search.invoke(given.value, figures)

    @reactive.effect
    def _come() -> None:
        if search.status() == "success":
            found.take(search.result())

    @reactive.effect
    def _forget() -> None:
        if kept.value is None:
            found.clear()

    @render.ui
    def studies_find() -> Any:
        if kept.value is None:
            return None
        fields = [typed(f"studies_find_{name}", told) for name, told in shown.FIGURES.items()]
        return section(
            "Which analysis printed these figures?",
            ui.tags.p("Type figures of a report with the digits that were printed."),
            ui.tags.div(*fields, class_="fields"),
            ui.input_task_button("studies_find_go", "Search", label_busy="Searching …"),
        )

    @render.ui
    def studies_found() -> Any:
        shown_text = prose(str(found.value)) if found.value is not None else None
        return ui.TagList(found.messages(), shown_text)
