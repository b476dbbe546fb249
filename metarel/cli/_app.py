"""The command line itself: one grammar, plain errors, exit statuses."""

from __future__ import annotations

import re
import warnings
from contextvars import ContextVar
from importlib import metadata
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from metarel.errors import MetarelError, MetarelWarning

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)

#: What is to be said below a result.
_NOTES: ContextVar[list[str]] = ContextVar("notes")

#: The verbs, from one number to whole collections.
VERBS = (
    *("convert", "explain", "interpret", "compatible"),
    *("effects", "pool", "regress", "subgroups", "bias", "plot", "report"),
    *("check", "find", "reproduce", "evidence", "datasets", "app"),
)


class PlainErrors(TyperGroup):
    """Commands whose errors and warnings are plain paragraphs on standard error."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the verbs in the order in which a newcomer meets them."""
        return sorted(super().list_commands(ctx), key=VERBS.index)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what metarel refuses becomes a message and exit status 2.

        Notes that the command left are printed below its result, and never above a refusal.
        """
        _NOTES.set([])
        with warnings.catch_warnings():
            warnings.simplefilter("always", MetarelWarning)
            warnings.showwarning = _note
            try:
                result = super().invoke(ctx)
            except MetarelError as error:
                ERR.print(f"Error: {_of_the_terminal(str(error))}", markup=False)
                raise typer.Exit(2) from None
        for note in _NOTES.get():
            _note(note)
        return result


def note_below(text: str) -> None:
    """Keep a note until the result stands, and print it below."""
    _NOTES.get().append(text)


def _of_the_terminal(message: str) -> str:
    """Return a message without Python's word for the table, which a command line does not have."""
    start = re.sub(r"(^|\. )`data`", r"\1The table", message)
    return start.replace("`data`", "the table")


def _note(message: Warning | str, *_where: Any, **_stream: Any) -> None:
    """Print a warning as a note, without the line of code that gave it."""
    ERR.print(f"Note: {message}", markup=False)


app = typer.Typer(
    cls=PlainErrors,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def _print_version(asked: bool) -> None:
    """Print the version and stop."""
    if asked:
        typer.echo(f"metarel {metadata.version('metarel')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Meta-analysis, and whether reported numbers can be right."""
