"""``metarel datasets``: what ships, and a table of it as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._format import count
from metarel._lazy import Deferred
from metarel.cli._app import OUT, app
from metarel.cli._words import AsJson, examples, print_json, print_text, write_table, write_text
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel.data import catalog
    from metarel.data.model import Dataset
else:  # the other verbs must not wait for it
    catalog = Deferred("metarel.data.catalog")

#: What the list of datasets shows; the rest is in its JSON.
LISTED = ("slug", "measure", "rows", "figures", "title")
COUNTS = ("rows", "figures")


@app.command(
    "datasets",
    epilog=examples(
        "metarel datasets",
        "metarel datasets molloy2014",
        "metarel datasets molloy2014 --out studies.csv",
        "metarel datasets --json",
    ),
)
def _datasets(
    slug: Annotated[
        str | None, typer.Argument(help="One dataset: its columns, source and licence.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write its study table here: *.csv, *.tsv or *.xlsx.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the datasets that ship with metarel, describe one, or write its study table to a file.

    A CSV keeps the digits as they stand in the dataset.
    """
    if slug is None:
        if out is not None:
            raise InputError("`--out` must stand with a dataset, as in molloy2014 --out FILE.")
        _list(as_json)
        return
    data = catalog.load_dataset(slug)
    if out is not None:
        _write(data, slug, out)
    if as_json:
        print_json(_described(data))
    elif out is None:
        print_text(str(data))
    else:
        print_text(_written(data, out))
        if command := _pooling(data, out):
            OUT.print(f"To pool it:\n  {command}", markup=False)  # whole, to be copied


def _list(as_json: bool) -> None:
    """Print one line a dataset; a title that is longer than what is left is cut."""
    listed = catalog.list_datasets()
    if as_json:
        print_json(listed.to_dict(orient="records"))
        return
    rows = [LISTED, *listed[list(LISTED)].astype(str).itertuples(index=False)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths).rstrip() for row in rows]
    most = OUT.width
    shown = [x if len(x) <= most else f"{x[: most - 1].rstrip()}…" for x in lines]
    OUT.print("\n".join([shown[0], "─" * max(map(len, shown)), *shown[1:], ""]), markup=False)
    print_text("All that is known of one: metarel datasets SLUG")
    print_text("To try one: metarel datasets SLUG --out studies.csv")


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    """Return a row with counts at the right of their columns, words at the left."""
    cells = zip(LISTED, row, widths, strict=True)
    placed = [text.rjust(n) if name in COUNTS else text.ljust(n) for name, text, n in cells]
    return " ".join(placed)


def _write(data: Dataset, slug: str, out: Path) -> None:
    """Write a study table; as CSV with the very digits of the dataset's own file."""
    if out.suffix.lower() == ".csv":
        write_text(catalog.study_text(slug), out, "--out")
    else:
        write_table(data.studies, out)


def _written(data: Dataset, out: Path) -> str:
    """Return what was written, and whose it is."""
    rows, columns = data.studies.shape
    return (
        f"Wrote {out}: {count(rows, 'row')}, {count(columns, 'column')} "
        f"({', '.join(data.studies.columns)}).\nCite: {data.citation}"
    )


def _pooling(data: Dataset, out: Path) -> str:
    """Return the command that pools the table; empty where a choice is no word of the terminal."""
    measure, words = data.effect["default"]["measure"], dict(data.effect["default"])
    del words["measure"]
    if not all(isinstance(value, str) for value in words.values()):
        return ""
    given = {} if measure == "GEN" else {"measure": measure}
    options = " ".join(f"--{word} {value}" for word, value in {**given, **words}.items())
    file = f"'{out}'" if " " in str(out) else str(out)
    return f"metarel pool {file} {options}"


def _described(data: Dataset) -> dict[str, Any]:
    """Return what is known of a dataset, in plain types."""
    return {
        **data.to_dict(),
        "notes": list(data.notes),
        "effects": {name: dict(effect) for name, effect in data.effect.items()},
        "columns": [
            {
                "name": column.name,
                "role": column.role,
                "unit": column.unit,
                "meaning": column.meaning,
            }
            for column in data.columns
        ],
    }
