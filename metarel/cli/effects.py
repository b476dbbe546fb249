"""``metarel effects``: effect sizes and their variances, computed for every row of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from metarel._format import count
from metarel.cli import _notes as notes
from metarel.cli._app import OUT, app
from metarel.cli._studies import FromReports, Header, Labels, Question, Sheet, read_effects
from metarel.cli._words import WORDS, AsJson, examples, print_json, write_table
from metarel.errors import InputError


@app.command(
    "effects",
    context_settings=WORDS,
    epilog=examples(
        "metarel effects studies.csv --measure ZCOR --r r --n n",
        "metarel effects trials.xlsx --measure SMD --m1 mt --sd1 st --n1 nt --m2 mc --sd2 sc "
        "--n2 nc --out effects.csv",
        "metarel effects trials.csv --measure SMD --d d --n1 n1 --n2 n2 --correct false",
        "metarel effects reports.csv --measure SMD --from-reports",
    ),
)
def _effects(
    question: Question,
    measure: Annotated[str, typer.Option(help="Such as SMD, ZCOR or OR; its words are options.")],
    labels: Labels = None,
    sheet: Sheet = None,
    header: Header = None,
    from_reports: FromReports = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the table to this file (.csv, .tsv, .xlsx).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compute an effect and its variance for every row of a table.

    The table is given back with the columns `yi` and `vi` added.
    """
    place: dict[str, Any] = {"sheet": sheet, "header": header}
    table, words = read_effects(
        question, measure, {}, labels=labels, from_reports=from_reports, **place
    )
    if words:
        raise InputError(
            f"{measure} needs the columns of its raw numbers as options; the table has effects "
            "already (`metarel pool` pools them)."
        )
    notes.say(notes.of_names(table, labels))
    if out is not None:
        write_table(table, out)
    if as_json:
        print_json(table.to_dict(orient="records"))
        return
    if out is None:
        OUT.print(table.to_string(index=False, na_rep="–"), markup=False)
        OUT.print()
    else:
        OUT.print(f"Wrote {count(len(table), 'row')} to {out}.", markup=False)
    OUT.print(notes.legend(table, labels), markup=False)
    if out is not None:
        code = table.attrs["measure"]
        OUT.print(f"To pool them: metarel pool {out} --measure {code}", markup=False)
