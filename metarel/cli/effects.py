"""``metarel effects``: effect sizes and their variances, computed for every row of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from metarel.cli._app import OUT, app
from metarel.cli._studies import Labels, Question, Sheet, read_effects
from metarel.cli._words import WORDS, AsJson, examples, print_json, write_table


@app.command(
    "effects",
    context_settings=WORDS,
    epilog=examples(
        "metarel effects studies.csv --measure ZCOR --r r --n n",
        "metarel effects trials.xlsx --measure SMD --m1 mt --sd1 st --n1 nt --m2 mc --sd2 sc "
        "--n2 nc --out effects.csv",
    ),
)
def _effects(
    question: Question,
    measure: Annotated[str, typer.Option(help="Such as SMD, ZCOR or OR; its words are options.")],
    labels: Labels = None,
    sheet: Sheet = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the table to this file (.csv, .tsv, .xlsx).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compute an effect and its variance for every row of a table.

    The table is given back with the columns `yi` and `vi` added.
    """
    table, _ = read_effects(question, measure, {}, labels=labels, sheet=sheet)
    if out is not None:
        write_table(table, out)
    if as_json:
        print_json(table.to_dict(orient="records"))
    elif out is None:
        OUT.print(table.to_string(index=False, na_rep="–"), markup=False)
    else:
        OUT.print(f"Wrote {len(table)} rows to {out}.", markup=False)
