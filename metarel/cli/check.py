"""``metarel check``: whether printed numbers can be true together."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._lazy import Deferred
from metarel.cli._app import OUT, app
from metarel.cli._studies import Sheet, read_printed
from metarel.cli._words import WORDS, AsJson, examples, print_json, split_any
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel.coherence import check
    from metarel.data import io
    from metarel.reading import documents
else:  # the other verbs must not wait for them
    check = Deferred("metarel.coherence.check")
    documents = Deferred("metarel.reading.documents")
    io = Deferred("metarel.data.io")

#: Figures that are pairs, and so are written LOW,HIGH.
PAIRS = ("ci", "pi")


@app.command(
    "check",
    context_settings=WORDS,
    epilog=examples(
        "metarel check 'r = .28, 95% CI [.25, .30], k = 201, d = .57'",
        "metarel check --r .24 --ci .12,.36 --k 16 --Q 38.2 --I2 61%",
        "metarel check manuscript.docx --letter",
        "metarel check subgroups.csv --json",
        "pbpaste | metarel check -",
    ),
)
def _check(
    question: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT or FILE] [--FIGURE NUMBER]...", show_default=False),
    ] = None,
    letter: Annotated[
        bool, typer.Option("--letter", help="Print a paragraph for a review letter.")
    ] = False,
    sheet: Sheet = None,
    as_json: AsJson = False,
) -> None:
    """Tell whether printed numbers can be true together: of a sentence, a document, or a table.

    Instead of a text its figures may be options. Exit status 1 where numbers contradict each other.
    """
    positional, words = split_any(question or [])
    if len(positional) > 1:
        raise InputError(
            "One text or file must be given, in quotes; got "
            f"{len(positional)}: {', '.join(map(repr, positional))}."
        )
    if positional and words:
        raise InputError("Give either a text or file, or figures as options; not both.")
    if not positional and not words:
        raise InputError("A text, a file, or figures such as `--r .24 --ci .12,.36` must be given.")
    figures: dict[str, Any] = {
        word: tuple(value.split(",")) if word in PAIRS and "," in value else value
        for word, value in words.items()
    }
    found = check.check(_what(positional[0], sheet)) if positional else check.check(**figures)
    if as_json:
        print_json(found.to_dict())
    else:
        OUT.print(found.letter() if letter else str(found), markup=False)
    if not found.ok:
        raise typer.Exit(1)


def _what(word: str, sheet: str | None) -> Any:
    """Return what a word stands for: standard input, a table, a document, or itself."""
    if word == "-":
        return sys.stdin.read()
    suffix = Path(word).suffix.lower() if len(word) < LONGEST_PATH and "\n" not in word else ""
    if suffix not in (*io.KINDS, *documents.READERS):
        return word
    file = Path(word)
    if suffix in documents.READERS and (file.is_file() or " " not in word):
        return documents.read_document(file)
    return read_printed(file, sheet, totals=True) if file.is_file() or " " not in word else word


LONGEST_PATH = 1000
