"""The results of a table of studies, laid out: text, tables, pictures, files, printed figures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from metarel.app import _studies as shown
from metarel.app import _studies_files as files
from metarel.app import _told as told
from metarel.app._attempt import Outcome, attempt
from metarel.app._lines import by_lines
from metarel.app._shiny import reactive, render, ui
from metarel.app._show import (
    Kept,
    drawn,
    folded,
    message,
    prose,
    section,
    sentences,
    spot,
    table,
    typed,
    value_of,
    written,
)
from metarel.app._uploads import Table
from metarel.search.result import AnalysisSearch

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
        analysis = kept.value
        return section(
            "Result",
            ui.tags.p(told.headline(analysis), class_="headline"),
            *(message(said, "note") for said in told.left_out(analysis)),
            ui.tags.p(told.further(analysis)),
            folded("All numbers", written(str(analysis.fit), "Pooled result")),
            _subgroups(analysis) if analysis.groups is not None else None,
        )

    @render.ui
    def studies_regression() -> Any:
        analysis = kept.value
        fit = analysis.regression if analysis else None
        if analysis is None or fit is None:
            return None
        return section(
            "Moderators",
            sentences(told.moderator_tests(analysis)),
            folded("In the words of an article", ui.tags.p(told.paragraph(fit, analysis.effects))),
            folded("All numbers", written(str(fit), "Moderators")),
        )


def _subgroups(analysis: shown.Analysis) -> Any:
    """Show the levels on the scale people read, and the test between them."""
    frame, caption = told.subgroup_table(analysis)
    return ui.TagList(
        ui.tags.h3("Subgroups"),
        table(frame, caption, fits=True),
        sentences(told.subgroup_tests(analysis)),
        folded(
            "All numbers, on the scale of the analysis",
            written(str(analysis.groups), "Subgroups"),
        ),
    )


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
        draw = partial(shown.forest, narrow=look.narrow())
        return place(draw, "All studies, sorted" if crowd else "Forest plot")

    @render.ui
    def studies_funnel() -> Any:
        narrow = look.narrow()
        return ui.TagList(
            place(partial(shown.bubble, narrow=narrow), "Effects against the moderator"),
            place(partial(shown.funnel, narrow=narrow), "Funnel plot"),
        )


def _hand_out(kept: Kept[shown.Analysis]) -> None:
    def register(file: files.File) -> None:
        def handed() -> Iterator[str | bytes]:
            analysis = kept.value
            if analysis is not None:
                outcome: Outcome[Any] = attempt(lambda: file.make(analysis))
                yield outcome.value if outcome.value is not None else outcome.problem

        def named() -> str:
            return file.name(kept.value) if kept.value is not None else file.ending

        handed.__name__ = file.id
        render.download_button(filename=named)(handed)

    for file in files.FILES:
        register(file)

    @render.ui
    def studies_files() -> Any:
        if kept.value is None:
            return None
        analysis = kept.value
        code = attempt(partial(files.r_code, analysis))
        if code.value and len(code.value) > LONGEST_SHOWN:
            code = Outcome(None, "The code holds all the data and is long: take the file.")
        said = written(code.value, "R code") if code.value else message(code.problem, "note")
        groups = dict.fromkeys(file.group for file in files.FILES)
        return section(
            "To take along",
            *(_buttons(group, analysis) for group in groups),
            folded("The same analysis in R", said),
        )


def _buttons(group: str, analysis: shown.Analysis) -> Any:
    """Lay out the files of a group that the analysis has."""
    offered = [file for file in files.FILES if file.group == group and file.there(analysis)]
    buttons = [ui.download_button(file.id, file.label) for file in offered]
    return ui.TagList(ui.tags.h3(group), ui.tags.div(*buttons, class_="files"))


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
        outcome = await asyncio.to_thread(attempt, lambda: shown.find_printed(*given, figures))
        return by_lines(outcome, given[0].lines)

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
        if found.value is None:
            return found.messages()
        return ui.TagList(
            found.messages(),
            ui.tags.p(told.search_lead(found.value), class_="headline"),
            folded("Which they are, and what would decide", prose(told.search_text(found.value))),
        )
