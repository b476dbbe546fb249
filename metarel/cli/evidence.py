"""``metarel evidence``: the map of the field, and what is quoted of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from metarel._lazy import Deferred
from metarel.cli._app import OUT, app
from metarel.cli._words import AsJson, examples, print_json

if TYPE_CHECKING:
    from metarel.evidence import map as field
else:  # the other verbs must not wait for it
    field = Deferred("metarel.evidence.map")


@app.command(
    "evidence",
    epilog=examples(
        "metarel evidence",
        "metarel evidence alliance",
        "metarel evidence --edition 2011 --family adapting",
        "metarel evidence --quotes",
    ),
)
def _evidence(
    element: Annotated[
        str | None, typer.Argument(help="One element, with every figure and its place.")
    ] = None,
    edition: Annotated[str | None, typer.Option(help="2002, 2011 or 2018.")] = None,
    family: Annotated[str | None, typer.Option(help="relationship or adapting.")] = None,
    quotes: Annotated[
        bool, typer.Option("--quotes", help="What secondary sources quote, held against it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print what the field's reviews report of each element of the relationship, by edition.

    Figures are as printed; what is computed from them is marked.
    """
    found = field.evidence(element if quotes else None, edition=edition, family=family)
    shown = found.quotes if quotes else found if element is None else found.element(element)
    if as_json:
        print_json(shown.to_dict())
    else:
        OUT.print(str(shown), markup=False)
