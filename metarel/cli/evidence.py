"""``metarel evidence``: the map of the field, and what is quoted of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._lazy import Deferred
from metarel.cli._app import OUT, app
from metarel.cli._words import AsJson, examples, print_json
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel.evidence import map as field
else:  # the other verbs must not wait for it
    field = Deferred("metarel.evidence.map")


@app.command(
    "evidence",
    epilog=examples(
        "metarel evidence",
        "metarel evidence alliance --edition 2018",
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
    everything: Annotated[
        bool, typer.Option("--all", help="With --quotes: every one, source by source.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print what the field's reviews report of each element of the relationship, by edition.

    Figures are as printed; what is computed from them is marked.
    """
    if everything and not quotes:
        raise InputError("`--all` must stand with --quotes.")
    found = field.evidence(element, edition=edition, family=family)
    if quotes:
        shown: Any = found.quotes
    elif element is None:
        shown = found
    else:
        shown = found.element(element)
        if (edition or family) and not found.cells:
            limits = " and ".join(word for word in (edition, family) if word)
            raise InputError(
                f"`element` must be one that the map has for {limits}; {shown.element.name} is "
                "not. Leave the limit out."
            )
    if as_json:
        print_json(shown.to_dict())
        return
    text = shown.to_text(OUT.width, every=everything) if quotes else shown.to_text(OUT.width)
    OUT.print(text, markup=False)
    if quotes and not everything:
        OUT.print("\nEvery quotation: metarel evidence --quotes --all", markup=False)
