"""``metarel report``: a whole report of a table of studies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._lazy import Deferred
from metarel.cli import _notes as notes
from metarel.cli._app import OUT, app
from metarel.cli._studies import (
    FromReports,
    Header,
    Labels,
    Level,
    Measure,
    Question,
    Sei,
    Sheet,
    Tau2,
    Test,
    Vi,
    Yi,
    read_effects,
)
from metarel.cli._words import WORDS, AsJson, examples, print_json
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel.models import meta
    from metarel.moderators import subgroups
    from metarel.report import page, sentence
else:  # the other verbs must not wait for them
    meta = Deferred("metarel.models.meta")
    page = Deferred("metarel.report.page")
    sentence = Deferred("metarel.report.sentence")
    subgroups = Deferred("metarel.moderators.subgroups")


@app.command(
    "report",
    context_settings=WORDS,
    epilog=examples(
        "metarel report studies.csv --out report.html --measure ZCOR --r r --n n --labels study",
        "metarel report studies.csv --out report.docx --formula year --yi g --vi v",
        "metarel report studies.csv --out report.md --yi g --vi v --sections results,sensitivity",
        "metarel report studies.csv --yi g --vi v",
    ),
)
def _report(
    question: Question,
    out: Annotated[Path | None, typer.Option(help="The report: .html, .md, .tex or .docx.")] = None,
    formula: Annotated[str | None, typer.Option(help="Moderators, if it is a regression.")] = None,
    by: Annotated[
        str | None, typer.Option(help="Column of subgroups, if it compares some.")
    ] = None,
    measure: Measure = None,
    yi: Yi = None,
    vi: Vi = None,
    sei: Sei = None,
    labels: Labels = None,
    sheet: Sheet = None,
    header: Header = None,
    from_reports: FromReports = False,
    tau2: Tau2 = "REML",
    test: Test = "z",
    level: Level = 0.95,
    title: Annotated[str | None, typer.Option(help="Title of the report.")] = None,
    style: Annotated[str, typer.Option(help="apa, jama or vancouver.")] = "apa",
    theme: Annotated[str, typer.Option(help="light or dark.")] = "light",
    sections: Annotated[
        str | None,
        typer.Option(help="Sections with commas between them, such as results,sensitivity."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a report of an analysis; without `--out` print the sentences that an article prints.

    Data, model, results, pictures, sensitivity, checklists, code and references in one file.
    """
    if formula is not None and by is not None:
        raise InputError("`--formula` and `--by` cannot be given together; choose one.")
    columns = {"yi": yi, "vi": vi, "sei": sei}
    given = {**({"formula": formula} if formula else {}), **({"by": by} if by else {})}
    place: dict[str, Any] = {"sheet": sheet, "header": header, "from_reports": from_reports}
    studies, words = read_effects(question, measure, columns, labels=labels, **place)
    model: dict[str, Any] = {**words, "tau2": tau2, "test": test, "level": level, "labels": labels}
    notes.say(notes.of_names(studies, labels))
    fit: Any
    if formula is not None:
        fit = meta.meta_regression(studies, formula, **model)
    elif by is not None:
        fit = subgroups.subgroups(studies, by, **model)
    else:
        fit = meta.pool(studies, **model)
    if sections is not None and out is None:
        raise InputError("`--sections` are those of a report: write one with `--out FILE`.")
    said = sentence.sentence(fit, style=style, data=studies)
    if out is not None:
        named: dict[str, Any] = {} if title is None else {"title": title}
        if sections is not None:
            named["sections"] = [word.strip() for word in sections.split(",") if word.strip()]
        page.report(fit, out, data=studies, style=style, theme=theme, **named)
    if as_json:
        print_json({"sentence": said, "file": None if out is None else str(out), **given})
    else:
        OUT.print(said if out is None else f"Wrote {out}.", markup=False)
