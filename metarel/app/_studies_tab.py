"""The tab on a table of studies, laid out: the table, what its columns are, the model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from metarel._format import count
from metarel.app import _guess as guess
from metarel.app import _studies as shown
from metarel.app import _studies_results as results
from metarel.app._attempt import Outcome, attempt
from metarel.app._lines import by_lines
from metarel.app._shiny import reactive, render, ui
from metarel.app._show import (
    Kept,
    area,
    chooser,
    message,
    picked,
    progress,
    section,
    spot,
    table,
    typed,
    uploaded,
    value_of,
)
from metarel.app._suspect import suspicions
from metarel.app._uploads import MOST_ROWS, TABLES, Table, read_pasted, read_table, too_large
from metarel.effects._columns import (
    UNKNOWN,
    guess_labels,
    guess_measure,
    guess_way,
    guess_words,
)
from metarel.effects.register import MEASURES
from metarel.errors import InputError
from metarel.models._inference import TESTS
from metarel.tau2.register import TAU2

NONE = {"": "– none –"}
LEVELS = {"0.95": "95 %", "0.9": "90 %", "0.99": "99 %"}
EXAMPLE = "study,r,n,year\nAda (1990),.31,40,1990\nBob (2001),.12,55,2001\nCy (2010),.24,80,2010"


def layout() -> Any:
    """Lay out the tab."""
    return ui.tags.div(
        ui.tags.form(
            ui.tags.h2("1. The table"),
            chooser("studies_file", "A file, one row a study", TABLES),
            ui.output_ui("studies_sheet_field"),
            ui.tags.details(
                ui.tags.summary("Or paste a table"),
                area("studies_text", "Table with a row of headers", EXAMPLE, rows=6),
                ui.input_action_button("studies_paste", "Use this table"),
            ),
            ui.tags.p(
                f"Up to {MOST_ROWS:,} rows. Nothing leaves this computer; a file is read and "
                "deleted at once.",
                class_="quiet",
            ),
            spot("studies_table_messages"),
            ui.tags.div(*_columns_layout(), class_="later"),
            class_="asking",
            onsubmit="return false",
        ),
        ui.tags.div(
            ui.output_ui("studies_preview"),
            spot("studies_messages"),
            results.layout(),
            class_="answering",
        ),
        class_="split",
    )


def _columns_layout() -> tuple[Any, ...]:
    """Lay out what comes once there is a table; each field keeps its place."""
    tests = {code: f"{code} – {TESTS[code].name}" for code in TESTS}
    estimators = {code: f"{code} – {TAU2[code].name}" for code in TAU2}
    return (
        ui.tags.h2("2. What its columns are"),
        ui.output_ui("studies_kind_field"),
        picked("studies_measure", "Measure", guess.measure_choices(), UNKNOWN),
        ui.output_ui("studies_way_field"),
        ui.output_ui("studies_columns"),
        picked("studies_labels", "Names of studies", NONE),
        ui.tags.h2("3. The model"),
        picked("studies_by", "Subgroups by", NONE),
        ui.input_checkbox_group("studies_moderators", "Moderators", [], width="100%"),
        ui.tags.details(
            ui.tags.summary("More: formula, estimator, test, level"),
            typed("studies_formula", "Further moderators, as a formula", hint="dose * C(rater)"),
            picked("studies_tau2", "Estimator of tau²", estimators, "REML"),
            picked("studies_test", "Test", tests, "z"),
            picked("studies_level", "Confidence level", LEVELS, "0.95"),
        ),
        ui.input_action_button("studies_go", "Analyse", class_="btn-primary"),
    )


def serve(input: Any, look: Any) -> Callable[[Table], None]:  # noqa: A002
    """Answer what is asked in the tab; return a function that puts a table into it."""
    held: Kept[Table] = Kept()
    kept: Kept[shown.Analysis] = Kept()

    def take(outcome: Outcome[Table]) -> None:
        if held.take(outcome) and outcome.value is not None:
            kept.clear()
            _offer(outcome.value)

    _take_tables(input, take)
    _follow_sheets(input, held, take)
    _show_fields(input, held)

    @reactive.effect
    @reactive.event(input.studies_go)
    async def _analyse() -> None:
        rows = len(held.value.studies) if held.value else 0
        with progress(f"Computing {rows:,} effects and fitting the model …"):
            await asyncio.sleep(0.05)  # so that the page can say so first
            outcome = attempt(lambda: shown.analyse(*asked(input, held.value)))
            lines = held.value.lines if held.value else ()
            kept.take(by_lines(outcome, lines, without=" left out"))  # of which the result tells

    @render.ui
    def studies_messages() -> Any:
        return kept.messages()

    results.serve(input, look, kept, lambda: asked(input, held.value))
    return lambda given: take(Outcome(given))


def _take_tables(input: Any, take: Callable[[Outcome[Table]], None]) -> None:  # noqa: A002
    """Take tables as they come: as a file, as text."""

    @reactive.effect
    @reactive.event(input.studies_file)
    def _file() -> None:
        raw, name = uploaded(input.studies_file())
        take(looked_over(attempt(lambda: read_table(raw, name))))

    @reactive.effect
    @reactive.event(input.studies_paste)
    def _text() -> None:
        take(looked_over(attempt(lambda: read_pasted(input.studies_text()))))

    @reactive.effect
    @reactive.event(input.studies_file_too_large)
    def _refuse() -> None:
        file = input.studies_file_too_large()
        take(Outcome(None, too_large(str(file["name"]), int(file["size"]))))


def _follow_sheets(
    input: Any,  # noqa: A002
    held: Kept[Table],
    take: Callable[[Outcome[Table]], None],
) -> None:
    """Offer the sheets of a workbook, and read the one that is chosen."""

    @render.ui
    def studies_sheet_field() -> Any:
        given = held.value
        if given is None or len(given.sheets) < 2:
            return None
        named = {s.name: f"{s.name} ({count(s.rows - 1, 'row')})" for s in given.sheets}
        return picked("studies_sheet", "Sheet", named, given.sheet)

    @reactive.effect
    @reactive.event(input.studies_sheet)
    def _sheet() -> None:
        given, sheet = held.value, str(input.studies_sheet())
        if given is not None and given.raw and sheet != given.sheet:
            take(looked_over(attempt(lambda: read_table(given.raw, given.name, sheet))))


def looked_over(outcome: Outcome[Table]) -> Outcome[Table]:
    """Add what is probably not meant in a table to what is said of it."""
    if outcome.value is None:
        return outcome
    return replace(outcome, notes=(*outcome.notes, *suspicions(outcome.value)))


def _offer(given: Table) -> None:
    """Offer the columns of a new table, those chosen that their names speak for."""
    names = [str(name) for name in given.studies.columns]
    columns = {**NONE, **{name: name for name in names}}
    measure = given.measure or guess_measure(names)
    labels = given.labels or guess_labels(names)
    way = _best_way(given, measure) if measure else ()
    taken = (labels, *map(str, _words(given, measure, way).values()))
    groups, moderators = shown.column_choices(given, taken)
    ui.update_select("studies_measure", selected=measure)
    ui.update_select("studies_labels", choices=columns, selected=labels)
    ui.update_select("studies_by", choices={**NONE, **{n: n for n in groups}}, selected="")
    ui.update_checkbox_group("studies_moderators", choices=moderators, selected=[])
    ui.update_text("studies_formula", value="")


def _show_fields(input: Any, held: Kept[Table]) -> None:  # noqa: A002
    """Show the table, and the fields for what its columns are."""

    @render.ui
    def studies_table_messages() -> Any:
        return held.messages()

    @render.ui
    def studies_preview() -> Any:
        if held.value is None:
            return message(
                "Choose a file or paste a table to begin; the Library has tables to try, too.",
                "good",
            )
        given = held.value
        rows, columns = given.studies.shape
        sheet = f", sheet {given.sheet!r}" if len(given.sheets) > 1 else ""
        said = f"{given.name}{sheet}: {count(rows, 'row')}, {count(columns, 'column')}"
        return section(
            "The table",
            ui.tags.details(
                ui.tags.summary(said),
                table(shown.preview(given), "The first rows"),
                open=True,
            ),
        )

    _show_questions(input, held)


def _show_questions(input: Any, held: Kept[Table]) -> None:  # noqa: A002
    """Ask what the columns are."""

    @render.ui
    def studies_kind_field() -> Any:
        if held.value is None or input.studies_measure() != UNKNOWN:
            return None
        return picked("studies_kind", "What does each study give?", guess.KINDS, UNKNOWN)

    @reactive.effect
    @reactive.event(input.studies_kind)
    def _kind() -> None:
        if input.studies_kind() != UNKNOWN:
            ui.update_select("studies_measure", selected=input.studies_kind())

    @render.ui
    def studies_way_field() -> Any:
        if held.value is None or input.studies_measure() == UNKNOWN:
            return None
        ways = MEASURES[input.studies_measure()].ways
        if len(ways) < 2:
            return None
        known = {str(place): ", ".join(way) for place, way in enumerate(ways)}
        best = _best_way(held.value, input.studies_measure())
        return picked("studies_way", "Computed from", known, str(ways.index(best)))

    # Fields that are made anew forget what was chosen: only where they are other fields.
    asked: Any = reactive.value(None)

    @reactive.effect
    def _asked() -> None:
        given, measure = held.value, str(input.studies_measure())
        way = _way(input, given, measure) if given is not None and measure != UNKNOWN else ()
        with reactive.isolate():
            before = asked.get()
        if before is None or before[0] is not given or before[1:] != (measure, way):
            asked.set((given, measure, way))

    @render.ui
    def studies_columns() -> Any:
        given, measure, way = asked.get() or (None, UNKNOWN, ())
        if given is None:
            return ui.tags.p("First choose a table.", class_="quiet")
        if measure == UNKNOWN:
            return message("The names of the columns do not tell what they hold.", "note")
        names = [str(name) for name in given.studies.columns]
        guessed = _words(given, measure, way)
        columns = {**NONE, **{name: name for name in names}}
        fields = [
            picked(f"studies_col_{word}", _asked_word(word), columns, guessed.get(word, ""))
            for word in way
        ]
        lacking = guess.missing(way, guessed)
        if lacking:
            fields.insert(0, message(lacking, "note"))
        if measure == "GEN":
            fields.append(picked("studies_scale", "Their scale", shown.SCALES, ""))
        options = _options(given, measure)
        if options:
            said = ", ".join(f"{word} = {value}" for word, value in options.items())
            fields.append(ui.tags.p(f"As this dataset says: {said}.", class_="quiet"))
        return ui.TagList(*fields)


def _asked_word(word: str) -> str:
    return f"{word} – {shown.meaning_of(word)}"


def _best_way(given: Table, measure: str) -> tuple[str, ...]:
    """Return the inputs that the table has: those that are known of it, or that names tell."""
    known = {word for word, _ in given.words}
    if measure == given.measure:
        for way in MEASURES[measure].ways:
            if set(way) <= known:
                return way
    return guess_way(measure, given.studies.columns)


def _way(input: Any, given: Table, measure: str) -> tuple[str, ...]:  # noqa: A002
    """Return the inputs that are chosen, where the field offers those of this measure."""
    ways = MEASURES[measure].ways
    if len(ways) < 2:
        return ways[0]
    place = value_of(input, "studies_way", "")
    return ways[int(place)] if place and int(place) < len(ways) else _best_way(given, measure)


def _words(given: Table, measure: str, way: tuple[str, ...]) -> dict[str, str]:
    """Return the columns of inputs: those that are known of the table, or that names tell."""
    known = dict(given.words) if measure == given.measure else {}
    if set(way) <= set(known):
        return {word: str(known[word]) for word in way}
    return guess_words(way, given.studies.columns, measure)


def _options(given: Table, measure: str) -> dict[str, Any]:
    """Return what a dataset asks for beside its columns."""
    if measure == UNKNOWN:
        return {}
    words = {word for way in MEASURES[measure].ways for word in way}
    known = dict(given.words) if measure == given.measure else {}
    return {word: value for word, value in known.items() if word not in words}


def asked(input: Any, given: Table | None) -> tuple[Table, shown.Choice]:  # noqa: A002
    """Return the table and what is to be done with it."""
    if given is None:
        raise InputError("Choose a file or paste a table first.")
    measure = input.studies_measure()
    way = _way(input, given, measure) if measure != UNKNOWN else ()
    words: Mapping[str, str] = {word: value_of(input, f"studies_col_{word}") for word in way}
    return given, shown.Choice(
        measure,
        words,
        labels=input.studies_labels(),
        by=input.studies_by(),
        moderators=tuple(input.studies_moderators()),
        formula=input.studies_formula(),
        tau2=input.studies_tau2(),
        test=input.studies_test(),
        level=float(input.studies_level()),
        scale=value_of(input, "studies_scale") if measure == "GEN" else "",
        options=_options(given, measure),
    )
