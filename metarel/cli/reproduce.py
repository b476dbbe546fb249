"""``metarel reproduce``: published figures re-computed, and judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from metarel._lazy import Deferred
from metarel.cli._app import OUT, app
from metarel.cli._words import AsJson, examples, print_json

if TYPE_CHECKING:
    from metarel.repro import reproduce
    from metarel.repro.verdict import Verdict
else:  # the other verbs must not wait for it
    reproduce = Deferred("metarel.repro.reproduce")

#: What agrees is green and what differs as expected yellow; the unexpected is red.
COLOURS = {"agrees": "green", "agrees truncated": "green"}


@app.command(
    "reproduce",
    epilog=examples(
        "metarel reproduce",
        "metarel reproduce molloy2014 kolden2011 --json",
    ),
)
def _reproduce(
    slugs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SLUG]...", help="Datasets, or folders that hold one."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Re-compute published figures and judge each by its printed digits.

    Exit status 1 where a verdict is not the one that the dataset's own file expects.
    """
    found = reproduce.Reproduction(
        tuple(v for slug in slugs or (None,) for v in reproduce.reproduce(slug).verdicts)
    )
    if as_json:
        print_json(found.to_dict())
    else:
        for (dataset, where), verdicts in found.by_place().items():
            OUT.print(_verdict_table(f"{dataset}: {where}", verdicts))
            for line in reproduce.reasons(verdicts):
                OUT.print(f"  {line}\n", markup=False)
        OUT.print(found.summary(), markup=False)
    if not found.ok:
        raise typer.Exit(1)


def _verdict_table(title: str, verdicts: tuple[Verdict, ...]) -> Table:
    """Lay out verdicts: agreement green, known differences yellow, the unexpected red."""
    table = Table(title=Text(title), title_justify="left", box=SIMPLE)
    for column in reproduce.COLUMNS:
        justify: Any = "right" if column in ("printed", "value") else "left"
        table.add_column(column, justify=justify, no_wrap=column != "verdict")
    for verdict in verdicts:
        colour = COLOURS.get(verdict.verdict, "yellow") if verdict.as_expected else "red"
        *cells, last = reproduce.cells_of(verdict)
        table.add_row(*map(Text, cells), Text(last, style=colour))
    return table
