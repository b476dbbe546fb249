"""``metarel datasets``: what ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from metarel._lazy import Deferred
from metarel.cli._app import OUT, app
from metarel.cli._words import AsJson, examples, print_json

if TYPE_CHECKING:
    from metarel.data import catalog
else:  # the other verbs must not wait for it
    catalog = Deferred("metarel.data.catalog")

#: What the list of datasets shows; the rest is in its JSON.
LISTED = ("slug", "title", "measure", "rows", "figures")


@app.command(
    "datasets",
    epilog=examples(
        "metarel datasets",
        "metarel datasets --json",
    ),
)
def _datasets(as_json: AsJson = False) -> None:
    """List the datasets that ship with metarel."""
    listed = catalog.list_datasets()
    if as_json:
        print_json(listed.to_dict(orient="records"))
        return
    table = Table(box=SIMPLE)
    for name in LISTED:
        table.add_column(name, no_wrap=name == "slug")
    for row in listed[list(LISTED)].itertuples(index=False):
        table.add_row(*(Text(str(cell)) for cell in row))
    OUT.print(table)
