"""What the verbs share: words that are options, tables in, pictures and plain data out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metarel._format import plain
from metarel._lazy import pd
from metarel.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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


def split_words(tokens: list[str], what: str) -> tuple[str, dict[str, str]]:
    """Take the one positional word out of a command line; the rest are ``--word value`` pairs."""
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
    if len(positional) != 1:
        came = ", ".join(map(repr, positional)) or "none"
        raise InputError(f"Exactly one {what} must be given; got {came}.")
    return positional[0], words


def read_table(file: Path) -> pd.DataFrame:
    """Read a table of studies, comma- or tab-separated by the file's name."""
    separator = "," if file.suffix.lower() == ".csv" else "\t"
    try:
        return pd.read_csv(file, sep=separator)
    except (OSError, ValueError) as error:  # pandas' parser errors are ValueErrors
        raise InputError(
            f"FILE must be a table of studies; {file} cannot be read: {error}"
        ) from error


def save(ax: Axes, file: Path) -> None:
    """Write a picture in the format that the file's name says."""
    figure: Any = ax.figure
    try:
        figure.savefig(file, bbox_inches="tight")
    except (OSError, ValueError) as error:
        raise InputError(f"`--plot` must be a picture that can be written: {error}") from error


def print_json(value: Any) -> None:
    """Print plain data as JSON; a number that is missing or infinite is null."""
    typer.echo(json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False))
