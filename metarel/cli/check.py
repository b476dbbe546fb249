"""``metarel check``: whether printed numbers can be true together."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._lazy import Deferred, pd
from metarel._register import did_you_mean
from metarel.cli._app import OUT, app
from metarel.cli._studies import Header, Sheet, read_printed
from metarel.cli._words import WORDS, AsJson, examples, limits_of, print_json, split_any
from metarel.errors import InputError

if TYPE_CHECKING:
    from metarel.coherence import _read as read
    from metarel.coherence import check
    from metarel.data import io
    from metarel.reading import documents
else:  # the other verbs must not wait for them
    check = Deferred("metarel.coherence.check")
    read = Deferred("metarel.coherence._read")
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
        bool, typer.Option("--letter", help="Print the lines for a review letter.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="List all groups of figures, not only the first dozen.")
    ] = False,
    sheet: Sheet = None,
    header: Header = None,
    as_json: AsJson = False,
) -> None:
    """Tell whether printed numbers can be true together: of a sentence, a document, or a table.

    Instead of a text its figures may be options: `--estimate` with `--metric`, or `--r --d --g
    --OR --RR --HR --md --fisher_z`; `--ci LOW,HIGH`, `--level`, `--pi LOW,HIGH`; `--se --z --t
    --df --F --df1 --df2 --chi2 --p`; `--k --N --n --effects`; `--Q --Q_df --Q_p --I2 --H2 --tau2
    --tau`; `--Q_between --df_between --p_between`. Exit status 1 where numbers contradict each
    other.
    """
    for token in question or []:
        _refuse_mistyped(token)
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
        word: limits_of(value, word) if word in PAIRS else value for word, value in words.items()
    }
    found = (
        check.check(_what(positional[0], sheet, header)) if positional else check.check(**figures)
    )
    if as_json:
        print_json(found.to_dict())
    else:
        told = found.letter() if letter else found.to_text(all_groups=every)
        OUT.print(told, markup=False)
    if not found.ok:
        raise typer.Exit(1)


def _refuse_mistyped(token: str) -> None:
    """Refuse a word that is no figure and looks like an option of the verb."""
    name = token.removeprefix("--").partition("=")[0]
    if not token.startswith("--") or read.word_of(name.replace("-", "_"), lenient=True):
        return
    hint = did_you_mean(f"--{name}", OPTIONS)
    if hint:
        raise InputError(f"`check` has no option --{name}.{hint}")


def _what(word: str, sheet: str | None, header: int | None) -> Any:
    """Return what a word stands for: standard input, a table, a document, or itself."""
    if word == "-":
        return sys.stdin.read()
    file = Path(word)
    suffix, there = file.suffix.lower(), os.path.exists(word)  # noqa: PTH110 - of any length
    named = there or not set(word) & set(" \n")
    if suffix in documents.READERS and named:
        return documents.read_document(file)
    if suffix in io.KINDS and named:
        return _with_lines(read_printed(file, sheet, header, totals=True), file)
    if there:
        raise InputError(
            f"{word!r} is a {'folder' if file.is_dir() else 'file that cannot be read'}; save it "
            "as .docx, .pdf or .txt, a table as .csv or .xlsx."
        )
    if suffix in check.FILES and named:
        raise InputError(f"there is no {word!r}.")
    return word


def _with_lines(table: pd.DataFrame, file: Path) -> pd.DataFrame:
    """Name the rows of a table without names by their places, and by their lines in the file.

    A file whose rows are no single lines, such as a workbook, has no lines to name.
    """
    if any(read.word_of(name, lenient=True) in read.LABELS for name in table.columns):
        return table
    lines = [line.strip() for line in file.read_bytes().rstrip().splitlines()]
    plain = len(lines) == len(table) + 1 and all(lines)
    rows = range(1, len(table) + 1)
    names = [f"row {row}, line {row + 1} of the file" if plain else f"row {row}" for row in rows]
    return table.assign(label=names)


#: Options of the verb, which a mistyped one may have been meant as.
OPTIONS = ("--letter", "--all", "--json", "--sheet", "--header", "--help")
