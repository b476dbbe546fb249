"""The tab on a paragraph, laid out."""

from __future__ import annotations

from typing import Any

from metarel.app import _check as shown
from metarel.app._attempt import Outcome, attempt
from metarel.app._shiny import reactive, render, ui
from metarel.app._show import Kept, area, chooser, message, section, spot, uploaded
from metarel.app._uploads import DOCUMENTS, read_paper, too_large

WORDS = {
    shown.PROBLEM: "needs an answer",
    shown.REMARK: "worth knowing",
    shown.READ: "read",
}


def layout() -> Any:
    """Lay out the tab."""
    return ui.tags.div(
        ui.tags.form(
            ui.tags.h2("Printed results"),
            area("check_text", "A paragraph with printed results", shown.EXAMPLE, rows=9),
            ui.input_action_button("check_go", "Check", class_="btn-primary"),
            chooser("check_file", "Or a file", DOCUMENTS),
            ui.tags.p(
                "Nothing leaves this computer; a file is read and deleted at once.", class_="quiet"
            ),
            class_="asking",
            onsubmit="return false",
        ),
        ui.tags.div(
            spot("check_messages"),
            ui.tags.div(ui.output_ui("check_headline"), aria_live="polite"),
            ui.output_ui("check_marked"),
            ui.output_ui("check_findings"),
            ui.output_ui("check_letter"),
            class_="answering",
        ),
        class_="split",
    )


def serve(input: Any) -> None:  # noqa: A002
    """Answer what is asked in the tab."""
    kept: Kept[shown.Reading] = Kept()

    @reactive.effect
    @reactive.event(input.check_go)
    def _check_text() -> None:
        kept.take(attempt(lambda: shown.read(input.check_text())))

    @reactive.effect
    @reactive.event(input.check_file)
    def _check_file() -> None:
        raw, name = uploaded(input.check_file())
        kept.take(attempt(lambda: shown.read(read_paper(raw, name).text, name)))

    @reactive.effect
    @reactive.event(input.check_file_too_large)
    def _refuse_file() -> None:
        file = input.check_file_too_large()
        kept.take(Outcome(None, too_large(str(file["name"]), int(file["size"]))))

    _show_reading(kept)


def _show_reading(kept: Kept[shown.Reading]) -> None:
    """Show the reading that is kept."""

    @render.ui
    def check_messages() -> Any:
        return kept.messages()

    @render.ui
    def check_headline() -> Any:
        if kept.value is None:
            said = "Paste a paragraph and press Check. The example has a fault in it."
            return ui.tags.p(said, class_="quiet")
        name = f"{kept.value.name}: " if kept.value.name else ""
        return ui.tags.p(f"{name}{kept.value.headline}", class_="headline")

    @render.ui
    def check_marked() -> Any:
        if kept.value is None:
            return None
        marked = [_mark(piece) for piece in shown.pieces(kept.value)]
        key = [ui.tags.mark(words, class_=state) for state, words in WORDS.items()]
        return section(
            "The text, its numbers marked",
            ui.tags.p("Marks: ", *(part for one in key for part in (one, " ")), class_="quiet"),
            ui.tags.div(*marked, class_="marked", _add_ws=False, tabindex="0", role="region",
                        aria_label="The text, its numbers marked"),
        )  # fmt: skip

    @render.ui
    def check_findings() -> Any:
        if kept.value is None:
            return None
        found = kept.value.shown
        if not found and not kept.value.checked.findings:
            return None  # nothing was checked, as the headline says
        if not found:
            said = "No contradiction among these numbers. That does not prove them right."
            return message(said, "good")
        items = [_finding(number, finding) for number, finding in enumerate(found, 1)]
        return section("Findings", *items)

    @render.ui
    def check_letter() -> Any:
        if kept.value is None or not kept.value.checked.problems:
            return None
        return section(
            "A paragraph for a review letter",
            ui.tags.textarea(
                kept.value.checked.letter(),
                id="letter",
                rows="8",
                readonly=True,
                aria_label="A paragraph for a review letter",
            ),
            ui.tags.button(
                "Copy", type="button", class_="btn btn-default copy", data_copies="letter"
            ),
        )


def _mark(piece: shown.Piece) -> Any:
    """Mark a number, with the findings it belongs to."""
    if not piece.state:
        return piece.text
    inline = {"_add_ws": False}
    links = [
        ui.tags.a(str(n), href=f"#finding-{n}", aria_label=f"Finding {n}", **inline)
        for n in piece.numbers
    ]
    raised = [ui.tags.sup(link, **inline) for link in links]
    told = WORDS[piece.state]
    return ui.tags.mark(piece.text, *raised, class_=piece.state, title=told, **inline)


def _finding(number: int, finding: Any) -> Any:
    """Show a finding: what is wrong, how sure, what to ask."""
    state = shown.PROBLEM if finding.needs_answer else shown.REMARK
    return ui.tags.article(
        ui.tags.h3(f"{number}. {finding.code}: {finding.verdict} ({finding.sure})"),
        ui.tags.p(finding.what),
        ui.tags.p(ui.tags.strong("Ask: "), finding.ask) if finding.needs_answer else None,
        id=f"finding-{number}",
        class_=f"finding {state}",
        tabindex="-1",
    )
