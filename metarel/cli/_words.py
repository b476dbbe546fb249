"""What the verbs share: words that are options, tables in, pictures and plain data out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._format import folded, plain
from metarel._lazy import Deferred, pd
from metarel._printed_interval import printed_decimal
from metarel._register import one_of
from metarel.cli._app import OUT
from metarel.convert._edge import NEEDS
from metarel.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metarel.plot import picture
else:  # most words never draw
    picture = Deferred("metarel.plot.picture")

#: Unknown options are words of a measure or a conversion; each command says which it takes.
WORDS = {"ignore_unknown_options": True}

AsJson = Annotated[bool, typer.Option("--json", help="Print plain data instead of text.")]


def examples(*lines: str) -> str:
    """Return example commands as the paragraphs that stand below a command's help."""
    return "\n\n".join(["Examples:", *lines])


def split_number(first: str) -> tuple[str, str]:
    """Return the metric and the digits of ``METRIC=NUMBER``."""
    metric, equals, text = first.partition("=")
    if not equals:
        raise InputError(f"The number must be written METRIC=NUMBER, as in r=.28; got {first!r}.")
    return metric, text


def split_any(tokens: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return the positional words of a command line, and the ``--word value`` pairs."""
    words: dict[str, str] = {}
    positional: list[str] = []
    rest = iter(tokens)
    for token in rest:
        if not token.startswith("--"):
            positional.append(token)
            continue
        name, equals, value = token[2:].partition("=")
        following = value if equals else next(rest, None)
        if following is None or following.startswith("--"):
            raise InputError(f"`--{name}` must be followed by a value, such as --{name} VALUE.")
        words[name.replace("-", "_")] = following
    return positional, words


def split_words(
    tokens: list[str], what: str, many: int = 1
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return as many positional words as a verb takes, and the ``--word value`` pairs."""
    positional, words = split_any(tokens)
    if len(positional) != many:
        came = ", ".join(map(repr, positional)) or "none"
        raise InputError(f"Exactly one {what} must be given; got {came}.")
    return tuple(positional), words


def needs_of(words: dict[str, str]) -> dict[str, Any]:
    """Return what a conversion needs as numbers, by name."""
    for word in words:
        if word not in NEEDS:
            raise InputError(one_of("option", [f"--{need}" for need in NEEDS], f"--{word}"))
    return {word: float(printed_decimal(value, word)) for word, value in words.items()}


def save(ax: Axes, file: Path, option: str = "--plot") -> None:
    """Write a picture in the format that the file's name says."""
    try:
        picture.save(ax, file)
    except InputError as error:
        raise InputError(str(error).replace("`path`", f"`{option}`")) from error


def write_table(table: pd.DataFrame, file: Path) -> None:
    """Write a table in the format that the file's name says."""
    kind = file.suffix.lower()
    if kind not in WRITERS:
        raise InputError(one_of("--out", [f"*{suffix}" for suffix in WRITERS], str(file)))
    try:
        WRITERS[kind](table, file)
    except ImportError as error:
        raise InputError(
            f"{file.name} needs openpyxl, which is not installed; "
            "`pip install metarel[io]` brings it."
        ) from error
    except OSError as error:
        raise InputError(f"`--out` must be a file that can be written: {error}") from error


def write_text(text: str, file: Path, option: str) -> None:
    """Write a text to a file."""
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"`{option}` must be a file that can be written: {error}") from error


#: How a table is written, by the suffix of the file.
WRITERS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    ".csv": lambda table, file: table.to_csv(file, index=False),
    ".tsv": lambda table, file: table.to_csv(file, index=False, sep="\t"),
    ".xlsx": lambda table, file: table.to_excel(file, index=False),
}


def print_text(text: str) -> None:
    """Print text for people, with lines that the terminal would break wrapped at words."""
    OUT.print(folded(text, OUT.width), markup=False)


def print_json(value: Any) -> None:
    """Print plain data as JSON; a number that is missing or infinite is null."""
    typer.echo(json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False))
