"""The tab on one number, laid out."""

from __future__ import annotations

from typing import Any

from metarel.app import _convert as shown
from metarel.app._attempt import attempt
from metarel.app._shiny import reactive, render, ui
from metarel.app._show import (
    Kept,
    drawn,
    folded,
    message,
    picked,
    prose,
    section,
    spot,
    table,
    typed,
    value_of,
)

START = ("r", "d")
HOW = "Formulas and sources"


def layout() -> Any:
    """Lay out the tab."""
    source, target = START
    return ui.tags.div(
        ui.tags.form(
            ui.tags.h2("A printed number"),
            typed("convert_number", "Number, as printed", ".28"),
            picked("convert_source", "What it is", shown.metric_choices(), source),
            picked("convert_target", "Convert to", shown.target_choices(source), target),
            typed("convert_reported", "The result as printed elsewhere (optional)", hint=".57"),
            ui.tags.details(
                ui.tags.summary("Rule and sizes"),
                picked("convert_rule", "Rule", shown.rule_choices(source, target)),
                ui.output_ui("convert_needs"),
                *_need_fields(),
                id="convert_more",
            ),
            class_="asking",
            onsubmit="return false",
        ),
        ui.tags.div(
            spot("convert_messages"),
            ui.tags.div(ui.output_ui("convert_headline"), aria_live="polite"),
            ui.output_ui("convert_picture"),
            ui.output_ui("convert_second"),
            ui.output_ui("convert_meaning"),
            ui.output_ui("convert_steps"),
            class_="answering",
        ),
        class_="split",
    )


def serve(input: Any, look: Any) -> None:  # noqa: A002
    """Answer what is asked in the tab."""
    kept: Kept[shown.Answer] = Kept()
    _follow_choices(input)

    @reactive.effect
    def _ask() -> None:
        words = shown.need_choices(
            input.convert_source(), input.convert_target(), input.convert_rule()
        )
        typed_in = {word: value_of(input, f"convert_need_{word}").strip() for word in words}
        question = shown.Question(
            input.convert_number(),
            input.convert_source(),
            input.convert_target(),
            input.convert_rule(),
            input.convert_reported(),
            tuple((word, text) for word, text in typed_in.items() if text),
        )
        fits = question.target in shown.target_choices(question.source)
        if fits and question.rule in shown.rule_choices(question.source, question.target):
            kept.take(shown.asked(question))

    _show_answer(kept, look)


def _follow_choices(input: Any) -> None:  # noqa: A002
    """Offer the targets of a metric, and the rules and sizes of a conversion."""

    @reactive.effect
    @reactive.event(input.convert_source, ignore_init=True)
    def _targets() -> None:
        known = shown.target_choices(input.convert_source())
        now = input.convert_target()
        best = next((code for code in (now, "d", "r") if code in known), next(iter(known)))
        ui.update_select("convert_target", choices=known, selected=best)

    @reactive.effect
    @reactive.event(input.convert_source, input.convert_target, ignore_init=True)
    def _rules() -> None:
        known = shown.rule_choices(input.convert_source(), input.convert_target())
        ui.update_select("convert_rule", choices=known, selected=shown.USUAL)

    @render.ui
    def convert_needs() -> Any:
        words = shown.need_choices(
            input.convert_source(), input.convert_target(), input.convert_rule()
        )
        others = "".join(f":not([data-word={word}])" for word in words)
        hidden = ui.tags.style(f".need{others}{{display:none}}")
        return (
            hidden
            if words
            else ui.TagList(hidden, ui.tags.p("This rule reads no size.", class_="quiet"))
        )


def _need_fields() -> list[Any]:
    """Make a field for every size; those that a conversion does not read are hidden.

    They stay on the page, so that what was typed is there when it is read again.
    """
    return [
        ui.tags.div(typed(f"convert_need_{word}", label), class_="need", data_word=word)
        for word, label in shown.all_needs().items()
    ]


def _show_answer(kept: Kept[shown.Answer], look: Any) -> None:
    """Show the answer that is kept."""

    @render.ui
    def convert_messages() -> Any:
        return kept.messages()

    @render.ui
    def convert_headline() -> Any:
        return ui.tags.p(kept.value.headline, class_="headline") if kept.value else None

    @render.ui
    def convert_picture() -> Any:
        meaning = kept.value.meaning if kept.value else None
        if meaning is None:
            said = "There is no picture of these metrics: convert to d, g, r or an odds ratio."
            return message(said, "note") if kept.value else None
        narrow, theme = look.narrow(), look.theme()
        outcome = attempt(lambda: shown.picture(meaning, narrow=narrow, theme=theme))
        if outcome.value is None:
            return message(outcome.problem, "note")
        return drawn(outcome.value, "Picture of the effect")

    @render.ui
    def convert_second() -> Any:
        found = kept.value.compatibility if kept.value else None
        if found is None:
            return None
        first, rest = shown.answer_and_ways(found)
        return section(
            "Can both numbers be one effect?",
            ui.tags.p(first),
            folded("Way by way", prose(rest)) if rest.strip() else None,
        )

    @render.ui
    def convert_steps() -> Any:
        if kept.value is None:
            return None
        steps, rest = shown.steps_and_rest(kept.value.explanation)
        more = "What other rules give, and what the digits leave open"
        return section("Steps", prose(steps), folded(more, prose(rest)) if rest.strip() else None)

    @render.ui
    def convert_meaning() -> Any:
        meaning = kept.value.meaning if kept.value else None
        if meaning is None:
            return None
        first, rest = shown.said_first(meaning), shown.said_otherwise(meaning)
        columns = ["quantity", "value", "meaning"]
        how = table(meaning.to_frame()[["quantity", "formula", "source"]], HOW, fits=True)
        return section(
            "What it means",
            table(first[columns], "The effect, said in other ways", fits=True, digits=2),
            folded(
                f"{len(rest)} more ways to say it",
                table(rest[columns], "The effect, said in still other ways", fits=True, digits=2),
            ),
            folded(HOW, how),
        )
